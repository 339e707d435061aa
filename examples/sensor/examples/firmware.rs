//! A node's main loop, with arrays in the place of a UART and of an analogue converter: bytes of the
//! host's command come in one by one, reports go out in frames.

use eyelet_codec::frame::{self, Decoded};
use eyelet_codec::{Message, Repeated};
use eyelet_sensor::messages::commands::{Command, CommandAction, Configure, Threshold};
use eyelet_sensor::messages::readings::{Reading, ReadingValue, Report};
use eyelet_sensor::{Inbox, MAX_REPORT, Node, NodeError};

fn main() -> Result<(), NodeError> {
    let (host, len) = host_says()?;
    let mut line = host[..len].iter().copied();

    // All the memory that the node needs.
    let mut node = Node::new("attic-3");
    let mut inbox = Inbox::new();
    let mut out = [0; MAX_REPORT];

    for tick in 0..4 {
        // Half a command may have come by now; the rest comes with a later tick.
        for byte in line.by_ref().take(20) {
            if let Some(command) = inbox.receive(byte)? {
                println!("tick {tick}: command {}: {:?}", command.id, command.action);
                node.obey(&command);
            }
        }
        let reading = measure(tick);
        if node.is_alarming(&reading) {
            let len = node.report(u64::from(tick) * 1000, &[reading], &mut out)?;
            send(&out[..len])?;
        }
    }
    Ok(())
}

/// What the host would send.
fn host_says() -> Result<([u8; 64], usize), NodeError> {
    let thresholds = [Threshold { channel: 2, low: Some(5.0), high: Some(30.0), hysteresis: 0.5 }];
    let configure = Configure {
        interval_ms: Some(1000),
        thresholds: Repeated::new(&thresholds),
        ..Configure::default()
    };
    let command = Command { id: 7, action: Some(CommandAction::Configure(configure)) };
    let (mut body, mut bytes) = ([0; 64], [0; 64]);
    let len = command.encode(&mut body)?;
    let len = frame::encode(&body[..len], &mut bytes)?;
    Ok((bytes, len))
}

/// It gets warmer.
fn measure(tick: u16) -> Reading<'static> {
    let celsius = 20.0 + 7.5 * f32::from(tick);
    Reading {
        channel: 2,
        value: Some(ReadingValue::Celsius(celsius)),
        samples: Repeated::new(&[0, -1, 1, 0]),
        ..Reading::default()
    }
}

/// Where a UART would be written to, what the host makes of it.
fn send(bytes: &[u8]) -> Result<(), NodeError> {
    if let Decoded::Frame { body, .. } = frame::decode(bytes, 65_536)? {
        let report = Report::decode(body)?;
        println!("{} bytes: report {} of {}", bytes.len(), report.sequence, report.node);
        for reading in report.readings {
            println!("  channel {}: {:?}", reading.channel, reading.value);
        }
    }
    Ok(())
}
