//! The sensor's schema over eyelet's transport: `cargo run`.
//!
//! A gateway, which may read the node's line, answers the commands of programs that may not. Tasks are
//! [`Command`]s and results [`Report`]s; endpoint, peers, streams and credit are eyelet's.

use std::error::Error;
use std::future::pending;

use eyelet_sensor::messages::commands::{Command, CommandAction};
use eyelet_sensor::messages::readings::{Reading, ReadingValue, Report, State};
use eyelet_transport::codec::Repeated;
use eyelet_transport::endpoint::Endpoint;
use eyelet_transport::server::{Options, raw};
use eyelet_transport::{Client, Fault};

/// Knows a node with one channel.
struct Gateway;

const NODE: &str = "cellar";

impl raw::Handler for Gateway {
    async fn handle(&self, task: raw::Task<'_>, sink: &mut raw::Sink) -> Result<(), Fault> {
        let command: Command<'_> = task.decode()?;
        for readings in measured().chunks(Report::READINGS.max_items as usize) {
            let readings = Repeated::new(readings);
            let report = Report { node: NODE, readings, ..Default::default() };
            // Waits while the program is not ready for more; ends the work when it is gone.
            sink.send_chunk(&report).await?;
        }
        // What a report says once goes last.
        sink.set_last(&Report { node: NODE, sequence: command.id, ..Default::default() })?;
        Ok(())
    }
}

/// What the node has measured lately.
fn measured() -> Vec<Reading<'static>> {
    let reading = |step: u8| {
        let value = Some(ReadingValue::Celsius(20.0 + f32::from(step) / 16.0));
        Reading { channel: 1, value, ..Default::default() }
    };
    (0..=99).cycle().take(1000).map(reading).collect()
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let listener = Endpoint::private().bind()?;
    let endpoint = listener.path().to_owned();
    tokio::spawn(raw::serve(listener, Gateway, Options::default(), pending()));

    let client = Client::connect(endpoint).await?;
    let action = Some(CommandAction::Enter(State::default()));
    let mut stream = client.stream(&Command { id: 7, action }).await?;
    let (mut readings, mut warmest) = (0, f32::MIN);
    while let Some(chunk) = stream.next().await? {
        let report: Report<'_> = chunk.decode()?;
        for reading in report.readings {
            if let Some(ReadingValue::Celsius(celsius)) = reading.value {
                (readings, warmest) = (readings + 1, warmest.max(celsius));
            }
        }
        if chunk.is_last() {
            let Report { node, sequence, .. } = report;
            println!("{node}, command {sequence}: {readings} readings, at most {warmest} °C");
        }
    }
    client.close().await;
    Ok(())
}
