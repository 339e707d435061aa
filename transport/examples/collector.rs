//! A collector: `cargo run --example collector` prints its endpoint and serves until Ctrl-C.

use std::error::Error;

use eyelet_transport::codec::{DetectionTask, ProcessRecord, Repeated};
use eyelet_transport::endpoint::Endpoint;
use eyelet_transport::{Fault, Handler, Outcome, Sink, serve};

/// Knows one process: itself.
struct Mirror;

impl Handler for Mirror {
    async fn handle(
        &self,
        _task: DetectionTask<'_>,
        sink: &mut Sink<'_>,
    ) -> Result<Outcome, Fault> {
        let arguments: Vec<String> = std::env::args().collect();
        let command_line: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let record = ProcessRecord {
            pid: std::process::id(),
            name: "collector",
            command_line: Repeated::new(&command_line),
            accessible: true,
            ..Default::default()
        };
        // Waits while the agent is not ready for more; ends the work when the agent is gone.
        sink.send(&record).await?;
        Ok(Outcome::success())
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    // A socket of mode 0600 in a directory of mode 0700; both go with the listener.
    let listener = Endpoint::private().bind()?;
    println!("{}", listener.path().display());
    let interrupted = async {
        if let Err(error) = tokio::signal::ctrl_c().await {
            eprintln!("cannot wait for Ctrl-C: {error}");
        }
    };
    serve(listener, Mirror, interrupted).await?;
    Ok(())
}
