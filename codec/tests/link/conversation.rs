//! The conversation of `proto/WIRE.md`, which something else than this code computed, is what two links
//! say to each other.

use std::fs;
use std::num::NonZeroU64;
use std::time::Duration;

use eyelet_codec::cobs::{Accumulator, Fed};
use eyelet_codec::link::{Config, Event, Link};

use crate::wire::{self, Body};

#[derive(Debug)]
struct Step {
    who: String,
    meaning: String,
    body: Vec<u8>,
    frame: Vec<u8>,
    line: Vec<u8>,
}

struct Side<const W: usize> {
    link: Link<W, 64>,
    accumulator: Accumulator<80>,
    /// Everything that it has sent so far.
    said: Vec<u8>,
    packets: Vec<Vec<u8>>,
}

const AGENT: u64 = 1;
const COLLECTOR: u64 = 0x9a3c_71e5_d20b_4f68;

#[test]
fn two_links_say_what_the_page_says() {
    let (mut agent, mut collector) = (Side::<2>::new(AGENT), Side::<4>::new(COLLECTOR));
    let mut now = Duration::ZERO;
    let steps = steps();
    for step in &steps {
        assert_eq!(wire::frame(&step.body), step.frame, "{}", step.meaning);
        let is_lost = step.meaning.ends_with("lost");
        // What was said for the second time was due to a timer or a NAK.
        now += Duration::from_millis(1);
        if step.who == "agent" {
            let line = agent.say(&mut now, step);
            collector.hear(now, if is_lost { &[] } else { &line });
        } else {
            let line = collector.say(&mut now, step);
            agent.hear(now, if is_lost { &[] } else { &line });
        }
    }
    assert_eq!(steps.len(), 17);
    assert_eq!((agent.packets.len(), collector.packets.len()), (1, 3));
    assert_eq!((agent.link.unacknowledged(), collector.link.unacknowledged()), (0, 0));
    assert_eq!((agent.link.counters().repeats, collector.link.counters().repeats), (4, 0));
}

impl<const W: usize> Side<W> {
    fn new(epoch: u64) -> Self {
        let config = Config { max_frame: 48, repeat: Duration::from_secs(1) };
        Self {
            link: Link::new(config, NonZeroU64::new(epoch).unwrap()),
            accumulator: Accumulator::new(),
            said: Vec::new(),
            packets: Vec::new(),
        }
    }

    /// Says what is due, which must be that step.
    fn say(&mut self, now: &mut Duration, step: &Step) -> Vec<u8> {
        let mut buf = [0xa5; 80];
        if let Some(Body::Data { packet, .. }) = Body::read(&step.body)
            && !step.meaning.contains("again")
        {
            self.link.send(&packet).unwrap();
        }
        let len = self.link.poll_transmit(*now, &mut buf).unwrap().unwrap_or_else(|| {
            *now = self.link.poll_timeout().unwrap_or_else(|| panic!("nothing due: {step:?}"));
            assert_eq!(self.link.handle_timeout(*now), Event::Nothing);
            self.link.poll_transmit(*now, &mut buf).unwrap().expect("something due")
        });
        let (begins, line) = (self.said.is_empty(), &buf[..len]);
        self.said.extend(line);
        // A delimiter may stand before any frame; only the first of all must.
        let line = if begins { line } else { line.strip_prefix(&[0]).unwrap_or(line) };
        assert_eq!(line, step.line, "{}: {}", step.who, step.meaning);
        line.to_vec()
    }

    fn hear(&mut self, now: Duration, line: &[u8]) {
        let mut rest = line;
        while let Fed::Decoded { bytes, consumed } = self.accumulator.feed(rest) {
            rest = &rest[consumed..];
            if let Event::Packet(packet) = self.link.handle_frame(now, bytes) {
                self.packets.push(packet.to_vec());
            }
        }
        assert_eq!(self.link.counters().damaged, 0);
    }
}

fn steps() -> Vec<Step> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../proto/WIRE.md");
    let page = fs::read_to_string(path).unwrap();
    let (_, behind) = page.split_once("```serial\n").unwrap();
    let (block, _) = behind.split_once("```").unwrap();
    block.split("\n\n").map(step).collect()
}

fn step(text: &str) -> Step {
    let mut lines = text.trim().lines();
    let head = lines.next().unwrap().strip_prefix("# ").unwrap();
    let (who, meaning) = head.split_once(": ").unwrap();
    let mut parts: Vec<Vec<u8>> = Vec::new();
    for line in lines {
        let (name, digits) = line.split_at(8);
        if !name.trim().is_empty() {
            parts.push(Vec::new());
        }
        let pairs = digits.split_whitespace();
        let bytes = pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap());
        parts.last_mut().unwrap().extend(bytes);
    }
    let [body, frame, line] = parts.try_into().unwrap();
    Step { who: who.to_owned(), meaning: meaning.to_owned(), body, frame, line }
}
