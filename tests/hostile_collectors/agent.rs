//! Both of our clients, which promise the same.

use std::path::Path;

use eyelet_codec::{DetectionTask, proto};
use eyelet_transport::client::{Backoff, ClientError, Options};
use eyelet_transport::{Client, blocking};
use tokio::runtime::{Builder, Runtime};

/// One of the clients.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Async,
    Blocking,
}

impl Kind {
    /// Connects, and hears the collector's `Hello`.
    pub(crate) fn connect(
        self,
        path: &Path,
        options: Options,
    ) -> Result<Box<dyn Agent>, ClientError> {
        // What goes wrong is told, and not tried again.
        let options = Options { backoff: Backoff::none(), ..options };
        match self {
            Self::Async => {
                // The connection goes on while the test waits for something else.
                let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build();
                let runtime = runtime.expect("a runtime");
                let client = runtime.block_on(async {
                    let client = Client::connect_with(path, options).await?;
                    client.greet().await.map(|()| client)
                })?;
                Ok(Box::new(Awaiting { client, runtime }))
            }
            Self::Blocking => {
                let mut client = blocking::Client::connect_with(path, options)?;
                client.greet()?;
                Ok(Box::new(client))
            }
        }
    }
}

/// A client, as these tests use it. All its tasks are blank.
pub(crate) trait Agent {
    /// Runs a task to its whole result.
    fn call(&mut self) -> Result<proto::DetectionResult, ClientError>;

    /// Reads a task's result to its end; the number of records.
    fn read(&mut self) -> Result<u64, ClientError>;

    /// Reads the first chunk of a task's result, and wants no more.
    fn leave(&mut self) -> Result<(), ClientError>;

    /// Ends the connection in order.
    fn close(self: Box<Self>);
}

struct Awaiting {
    client: Client,
    runtime: Runtime,
}

impl Agent for Awaiting {
    fn call(&mut self) -> Result<proto::DetectionResult, ClientError> {
        self.runtime.block_on(self.client.call(&DetectionTask::default()))
    }

    fn read(&mut self) -> Result<u64, ClientError> {
        self.runtime.block_on(async {
            let mut stream = self.client.stream(&DetectionTask::default()).await?;
            while let Some(mut chunk) = stream.next().await? {
                chunk.for_each(|_| {})?;
            }
            Ok(stream.records())
        })
    }

    fn leave(&mut self) -> Result<(), ClientError> {
        self.runtime.block_on(async {
            let mut stream = self.client.stream(&DetectionTask::default()).await?;
            stream.next().await?.expect("a chunk");
            Ok(())
        })
    }

    fn close(self: Box<Self>) {
        self.runtime.block_on(self.client.close());
    }
}

impl Agent for blocking::Client {
    fn call(&mut self) -> Result<proto::DetectionResult, ClientError> {
        blocking::Client::call(self, &DetectionTask::default())
    }

    fn read(&mut self) -> Result<u64, ClientError> {
        let mut stream = self.stream(&DetectionTask::default())?;
        while let Some(mut chunk) = stream.next()? {
            chunk.for_each(|_| {})?;
        }
        Ok(stream.records())
    }

    fn leave(&mut self) -> Result<(), ClientError> {
        let mut stream = self.stream(&DetectionTask::default())?;
        stream.next()?.expect("a chunk");
        Ok(())
    }

    fn close(self: Box<Self>) {
        blocking::Client::close(*self);
    }
}
