use std::sync::Arc;
use std::time::Duration;

use eyelet_codec::proto;
use tokio::time::Instant;

use super::chunk::Chunk;
use super::error::{ClientError, Failure};
use super::handle::Handle;
use super::link::Link;
use super::retry::{Retry, by};
use super::streams::Piece;
use super::whole::Whole;

/// A result as it comes. Dropping it cancels the task, if it is still under way.
///
/// A task whose connection is lost before anything of its result was given out is sent again, as
/// [`Options::repeat`](super::Options::repeat) and [`Options::backoff`](super::Options::backoff) say.
pub struct Stream {
    link: Arc<Link>,
    /// To send again.
    task: Vec<u8>,
    deadline: Option<Instant>,
    retry: Retry,
    sent: Sent,
    /// Held by the chunk that was given out last.
    piece: Option<Piece>,
    /// Something was given out.
    begun: bool,
    records: u64,
}

/// The stream that a task has now.
struct Sent {
    handle: Arc<Handle>,
    id: u32,
}

impl Stream {
    /// Sends an encoded task.
    pub(super) async fn begin(
        link: Arc<Link>,
        task: Vec<u8>,
        deadline: Option<Duration>,
    ) -> Result<Self, ClientError> {
        let deadline = deadline.map(|wait| Instant::now() + wait);
        let mut retry = Retry::new(&link.options);
        let sent = send(&link, &task, deadline, &mut retry).await;
        let sent = sent.map_err(|failure| link.error(failure))?;
        Ok(Self { link, task, deadline, retry, sent, piece: None, begun: false, records: 0 })
    }

    /// The next chunk, or `None` behind the last. The chunk before is let go, so that more may come.
    ///
    /// Cancel safe: no chunk is lost when the future is dropped.
    ///
    /// # Errors
    /// Why the result is not whole; it says how many records had come.
    pub async fn next(&mut self) -> Result<Option<Chunk<'_>>, ClientError> {
        if let Some(piece) = self.piece.take() {
            self.sent.handle.consume(self.sent.id, piece.cost);
        }
        self.piece = self.fetch().await.map_err(|failure| self.error(failure))?;
        self.begun |= self.piece.is_some();
        let Self { sent: Sent { handle, .. }, piece, records, .. } = self;
        Ok(piece.as_ref().map(|piece| Chunk::new(&**handle, &piece.bytes, piece.last, records)))
    }

    /// Records that were read so far.
    pub fn records(&self) -> u64 {
        self.records
    }

    /// The whole result, of about `max` bytes in memory at most. Nothing of it is given out before all has
    /// come.
    pub(super) async fn collect(
        mut self,
        max: usize,
    ) -> Result<proto::DetectionResult, ClientError> {
        let mut whole = Whole::new(max);
        loop {
            let error = match self.next().await {
                Ok(Some(chunk)) => {
                    whole.add(chunk)?;
                    continue;
                }
                Ok(None) => return Ok(whole.into_result()),
                Err(error) => error,
            };
            if !self.send_again(error.failure()).await {
                return Err(error);
            }
            (whole, self.begun, self.records) = (Whole::new(max), false, 0);
        }
    }

    async fn fetch(&mut self) -> Result<Option<Piece>, Failure> {
        loop {
            match self.sent.handle.next(self.sent.id).await {
                Err(failure) if !self.begun && self.send_again(&failure).await => {}
                fetched => return fetched,
            }
        }
    }

    /// False: that is not to be, or came to nothing.
    async fn send_again(&mut self, failure: &Failure) -> bool {
        let Self { link, task, deadline, retry, .. } = self;
        if link.is_fixed() || !retry.pause(failure, *deadline).await {
            return false;
        }
        let Ok(sent) = send(link, task, *deadline, retry).await else { return false };
        self.sent.handle.forget(self.sent.id);
        self.sent = sent;
        true
    }

    fn error(&self, failure: Failure) -> ClientError {
        self.link.error(failure).after(self.records)
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.sent.handle.forget(self.sent.id);
    }
}

/// Sends a task over the connection there is, or a new one, as often as may be.
async fn send(
    link: &Link,
    task: &[u8],
    deadline: Option<Instant>,
    retry: &mut Retry,
) -> Result<Sent, Failure> {
    loop {
        match send_once(link, task, deadline).await {
            Err(failure) if !link.is_fixed() && retry.pause(&failure, deadline).await => {}
            sent => return sent,
        }
    }
}

async fn send_once(link: &Link, task: &[u8], deadline: Option<Instant>) -> Result<Sent, Failure> {
    let handle = by(deadline, link.handle()).await?;
    let id = handle.submit(task, deadline).await?;
    Ok(Sent { handle, id })
}
