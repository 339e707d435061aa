//! The worked examples of `proto/WIRE.md`, which something else than this code computed, hold in both
//! directions.

use std::fs;

use eyelet_codec::frame::{self, Decoded, MAX_BODY, MAX_OVERHEAD};
use eyelet_codec::{
    DetectionResult, DetectionTask, Message as _, Packet, PacketBody, ProcessRecord, proto, session,
};
use prost::Message as _;
use serde_json::Value;

struct Example {
    title: String,
    /// A `Packet` in JSON, with the fields that are on the wire and no others.
    packet: Value,
    /// The whole frame.
    frame: Vec<u8>,
}

#[test]
fn there_are_three() {
    let titles = examples().into_iter().map(|example| example.title).collect::<Vec<_>>();
    assert_eq!(titles, ["Example 1: Hello", "Example 2: Task", "Example 3: Result"]);
}

#[test]
fn the_version_is_one_number_in_the_page_the_schema_and_the_code() {
    let file = |name: &str| {
        fs::read_to_string(format!("{}/../proto/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
    };
    let row = format!("\n| protocol version | {} | |\n", session::VERSION);
    assert!(file("WIRE.md").contains(&row), "{row}");
    let option = format!("\noption (protocol_version) = {};\n", session::VERSION);
    assert!(file("eyelet/v1/session.proto").contains(&option), "{option}");
}

#[test]
fn the_bytes_say_what_the_json_says() {
    for Example { title, packet, frame } in examples() {
        let body = body(&frame);
        let owned = owned(Packet::decode(body).unwrap());
        assert_eq!(proto::Packet::decode(body).as_ref(), Ok(&owned), "{title}");
        assert_same_meaning(&packet, &serde_json::to_value(&owned).unwrap(), &title);
    }
}

#[test]
fn the_json_becomes_bytes_that_say_the_same() {
    for Example { title, packet, frame } in examples() {
        let read: proto::Packet = serde_json::from_value(packet).unwrap();
        let body = body(&frame);
        assert_eq!(owned(Packet::decode(body).unwrap()), read, "{title}");
        assert_eq!(owned(Packet::decode(&read.encode_to_vec()).unwrap()), read, "{title}");
    }
}

/// Fields in the order of their numbers and everything in its shortest form leave no choice.
#[test]
fn our_own_frames_of_the_examples_are_the_examples() {
    for Example { title, frame, .. } in examples() {
        let packet = Packet::decode(body(&frame)).unwrap();
        let (mut inner, mut outer) = (vec![0xa5; 512], vec![0xa5; 512]);
        let content = match packet.body {
            Some(PacketBody::Task(bytes)) => {
                let len = DetectionTask::decode(bytes).unwrap().encode(&mut inner).unwrap();
                Some(PacketBody::Task(&inner[..len]))
            }
            Some(PacketBody::Result(bytes)) => {
                let len = DetectionResult::decode(bytes).unwrap().encode(&mut inner).unwrap();
                Some(PacketBody::Result(&inner[..len]))
            }
            other => other,
        };
        let len = Packet { body: content, ..packet }.encode(&mut outer).unwrap();
        let mut ours = vec![0xa5; len + MAX_OVERHEAD];
        let len = frame::encode(&outer[..len], &mut ours).unwrap();
        assert_eq!(ours[..len], frame, "{title}");
    }
}

#[test]
fn what_an_example_leaves_out_is_default_and_nothing_else() {
    let packet = &examples()[2].packet;
    let full =
        serde_json::to_value(serde_json::from_value::<proto::Packet>(packet.clone()).unwrap());
    let full = full.unwrap();
    assert_eq!(full["more"], Value::Bool(false));
    assert_same_meaning(packet, &full, "as it is");
    for (case, path, value) in [
        ("another number", "/result/processes/0/pid", Value::from(4243)),
        ("another text", "/result/task_id", Value::from("t-2")),
        ("a value for a default", "/more", Value::from(true)),
        ("another byte", "/result/processes/0/command_line_raw/2", Value::from("Y2Fm6g==")),
        ("another note", "/result/processes/0/notes/0/kind", Value::from("NOTE_KIND_CUT")),
    ] {
        let mut changed = full.clone();
        *changed.pointer_mut(path).unwrap() = value;
        assert!(difference(packet, &changed).is_some(), "{case}");
    }
}

fn body(frame: &[u8]) -> &[u8] {
    let decoded = frame::decode(frame, MAX_BODY);
    let Ok(Decoded::Frame { body, consumed }) = decoded else { panic!("{decoded:?}") };
    assert_eq!(consumed, frame.len());
    body
}

fn owned(packet: Packet<'_>) -> proto::Packet {
    use proto::packet::Body;
    let body = packet.body.map(|body| match body {
        PacketBody::Hello(hello) => Body::Hello(hello.into()),
        PacketBody::Task(bytes) => Body::Task(proto::decode(bytes).unwrap()),
        PacketBody::Result(bytes) => Body::Result(in_one_walk(bytes)),
        other => panic!("no example has {other:?}"),
    });
    proto::Packet { stream: packet.stream, more: packet.more, body }
}

/// Into slots, so that the examples go through each way of reading.
fn in_one_walk(bytes: &[u8]) -> proto::DetectionResult {
    let mut slots = [ProcessRecord::default(); 4];
    let limits = eyelet_codec::Limits::SCHEMA;
    DetectionResult::decode_into(bytes, &limits, &mut slots).unwrap().into()
}

#[track_caller]
fn assert_same_meaning(said: &Value, full: &Value, case: &str) {
    if let Some(place) = difference(said, full) {
        panic!("{case}: {place}");
    }
}

/// Where `full` says something else than `said`; what `said` is silent about has to be a default.
fn difference(said: &Value, full: &Value) -> Option<String> {
    let (Value::Object(some), Value::Object(all)) = (said, full) else {
        return match (said, full) {
            (Value::Array(some), Value::Array(all)) if some.len() == all.len() => some
                .iter()
                .zip(all)
                .enumerate()
                .find_map(|(index, (said, full))| within(&index.to_string(), said, full)),
            _ => (said != full).then(|| format!(": {said} or {full}")),
        };
    };
    let unknown = some.keys().find(|name| !all.contains_key(*name));
    unknown.map(|name| format!(": no {name}")).or_else(|| {
        all.iter().find_map(|(name, full)| match some.get(name) {
            Some(said) => within(name, said, full),
            None => (!is_default(full)).then(|| format!("/{name}: nothing or {full}")),
        })
    })
}

fn within(name: &str, said: &Value, full: &Value) -> Option<String> {
    difference(said, full).map(|place| format!("/{name}{place}"))
}

/// What proto3 leaves out. A message is there or not, even with nothing in it.
fn is_default(value: &Value) -> bool {
    match value {
        Value::Bool(value) => !value,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => {
            text.is_empty() || text == "ENUMERATE_PROCESSES" || text.ends_with("_UNSPECIFIED")
        }
        Value::Array(elements) => elements.is_empty(),
        Value::Null | Value::Object(_) => false,
    }
}

fn examples() -> Vec<Example> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../proto/WIRE.md");
    let page = fs::read_to_string(path).unwrap();
    page.split("\n### ").filter(|section| section.starts_with("Example ")).map(example).collect()
}

fn example(section: &str) -> Example {
    let title = section.lines().next().unwrap_or_default().to_owned();
    let packet = serde_json::from_str(block(section, "json")).unwrap();
    let pairs = block(section, "hex").lines().flat_map(|line| {
        let digits = line.split('#').next().unwrap_or_default();
        digits.split_whitespace()
    });
    let frame = pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect();
    Example { title, packet, frame }
}

/// What stands between the fences of the section's only block of this language.
fn block<'a>(section: &'a str, language: &str) -> &'a str {
    let fence = format!("```{language}\n");
    let blocks = section.split(&fence[..]).skip(1).collect::<Vec<_>>();
    let [block] = blocks[..] else { panic!("{} blocks of {language}", blocks.len()) };
    block.split("```").next().unwrap_or_default()
}
