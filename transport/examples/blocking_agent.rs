//! An agent without a runtime: `cargo run --example blocking_agent ENDPOINT` lists what the collector
//! there knows, as the example `agent` does.

use std::error::Error;

use eyelet_transport::blocking::Client;
use eyelet_transport::codec::{DetectionTask, TaskType};

fn main() -> Result<(), Box<dyn Error>> {
    let endpoint = std::env::args_os().nth(1).ok_or("usage: blocking_agent ENDPOINT")?;
    // The server's user was checked; nothing has been said yet.
    let mut client = Client::connect(endpoint)?;
    let task = DetectionTask {
        task_id: "example",
        task_type: TaskType::ENUMERATE_PROCESSES,
        ..Default::default()
    };
    let mut stream = client.stream(&task)?;
    // A chunk lies where it was read to, until the next is asked for. Dropping the stream before the last
    // would cancel the task.
    while let Some(mut chunk) = stream.next()? {
        let rest = chunk.for_each(|process| {
            println!("{} {} {:?}", process.pid, process.name, process.command_line);
        })?;
        if chunk.is_last() && !rest.success {
            return Err(rest.error_message.unwrap_or("the task failed").into());
        }
    }
    drop(stream);

    // What is small needs no loop, and the connection is there already.
    let result = client.call(&task)?;
    println!("{} processes", result.processes.len());
    client.close();
    Ok(())
}
