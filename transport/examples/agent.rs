//! An agent: `cargo run --example agent ENDPOINT` lists what the collector there knows.

use std::error::Error;

use eyelet_transport::Client;
use eyelet_transport::codec::{DetectionTask, TaskType};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let endpoint = std::env::args().nth(1).ok_or("usage: agent ENDPOINT")?;
    // The server's user was checked before this side said a word.
    let client = Client::connect(endpoint).await?;
    let task = DetectionTask {
        task_id: "example",
        task_type: TaskType::ENUMERATE_PROCESSES,
        ..Default::default()
    };
    let mut stream = client.stream(&task).await?;
    while let Some(mut chunk) = stream.next().await? {
        let rest = chunk.for_each(|process| {
            println!("{} {} {:?}", process.pid, process.name, process.command_line);
        })?;
        if chunk.is_last() && !rest.success {
            return Err(rest.error_message.unwrap_or("the task failed").into());
        }
    }
    client.close().await;
    Ok(())
}
