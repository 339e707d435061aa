use eyelet_codec::{DetectionTask, ProcessRecord, proto};
use eyelet_tests::random::Random;
use eyelet_tests::synthetic::Synthetic;
use eyelet_transport::client::ClientError;
use eyelet_transport::{Client, blocking};

use crate::scene::Scene;

/// How a task came out: so many records, or why not.
pub(crate) type Ending = Result<u64, ClientError>;

/// Mostly few records; now and then more than the credit covers at once.
pub(crate) fn some(random: &mut Random) -> u32 {
    let end = [30, 300, 4000][random.below(3)];
    u32::try_from(random.below(end)).expect("a small number")
}

/// Each asks for `count` records, and looks whether those that come are they.
pub(crate) async fn call(client: &Client, count: u32) -> Ending {
    let result = client.call(&task(&count.to_string())).await?;
    Ok(whole(&result, count))
}

pub(crate) async fn stream(client: &Client, count: u32, scene: &Scene) -> Ending {
    let count = count.to_string();
    let mut stream = client.stream(&task(&count)).await?;
    let mut seen = Seen::default();
    loop {
        match stream.next().await {
            Ok(Some(mut chunk)) => {
                let before = seen.0;
                chunk.for_each(|record| seen.see(record)).expect("an honest chunk");
                scene.saw(seen.0 - before);
            }
            Ok(None) => break,
            Err(error) => {
                assert_eq!((stream.records(), error.records()), (seen.0, seen.0), "{error}");
                return Err(error);
            }
        }
        // Others have their turn, so that most streams are killed in their midst.
        tokio::task::yield_now().await;
    }
    assert_eq!((stream.records(), seen.0.to_string()), (seen.0, count));
    Ok(seen.0)
}

pub(crate) fn call_blocking(client: &mut blocking::Client, count: u32) -> Ending {
    let result = client.call(&task(&count.to_string()))?;
    Ok(whole(&result, count))
}

pub(crate) fn stream_blocking(client: &mut blocking::Client, count: u32, scene: &Scene) -> Ending {
    let count = count.to_string();
    let mut stream = client.stream(&task(&count))?;
    let mut seen = Seen::default();
    loop {
        match stream.next() {
            Ok(Some(mut chunk)) => {
                let before = seen.0;
                chunk.for_each(|record| seen.see(record)).expect("an honest chunk");
                scene.saw(seen.0 - before);
            }
            Ok(None) => break,
            Err(error) => {
                assert_eq!(error.records(), seen.0, "{error}");
                assert_eq!(stream.records(), seen.0, "{error}");
                return Err(error);
            }
        }
    }
    assert_eq!((stream.records(), seen.0.to_string()), (seen.0, count));
    Ok(seen.0)
}

/// Records of one stream so far.
#[derive(Default)]
struct Seen(u64);

impl Seen {
    fn see(&mut self, record: &ProcessRecord<'_>) {
        let index = u32::try_from(self.0).expect("a small number");
        assert_eq!(*record, Synthetic::new(index).record());
        self.0 += 1;
    }
}

fn task(count: &str) -> DetectionTask<'_> {
    DetectionTask { metadata: Some(count), ..Default::default() }
}

fn whole(result: &proto::DetectionResult, count: u32) -> u64 {
    assert!(result.success, "{:?}", result.error_message);
    let came = result.processes.iter().map(|process| process.pid);
    assert!(came.eq((0..count).map(|index| 1000 + index)), "not the {count} records asked for");
    count.into()
}
