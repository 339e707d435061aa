//! The messages by name: each as the borrowed codec has it, as prost has it, and as JSON.

use std::fmt::Debug;

use eyelet_codec::{ErrorKind, Limits, Message, MessageError, proto};
use eyelet_fuzz::agreement::owned_packet;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::view::View;

/// What a message says, in forms that can be compared whatever its type.
#[derive(Debug, PartialEq)]
pub(crate) struct Meaning {
    pub(crate) json: Value,
    /// Field by field; tells a zero from its negative, which JSON's numbers need not.
    fields: String,
}

/// What the borrowed codec has read.
pub(crate) struct Read {
    pub(crate) meaning: Meaning,
    /// As its own type shows them.
    pub(crate) fields: String,
}

/// What can be done with a message of some name.
pub(crate) struct Type {
    pub(crate) max_len: usize,
    pub(crate) from_json: fn(&Value) -> Meaning,
    /// By the borrowed codec.
    pub(crate) by_us: fn(&[u8], &Limits) -> Result<Read, MessageError>,
    /// As prost's type: by `proto::decode`, or by prost alone where that takes too much memory.
    pub(crate) by_prost: fn(&[u8]) -> Meaning,
    /// By the borrowed codec, from slices into a buffer of this size.
    pub(crate) encode: fn(&Value, usize) -> Result<Vec<u8>, MessageError>,
    /// What was decoded, encoded again: lists are checked wire bytes then.
    pub(crate) again: fn(&[u8]) -> Vec<u8>,
}

macro_rules! messages {
    (both: [$($both:ident),* $(,)?], session: [$($session:ident),* $(,)?]) => {
        pub(crate) fn message(name: &str) -> Type {
            match name {
                $(stringify!($both) => Type {
                    by_prost: |bytes| match proto::decode::<proto::$both>(bytes) {
                        Err(error) if error.kind() == ErrorKind::Heap => {
                            (message!($both).by_prost)(bytes)
                        }
                        decoded => meaning(&decoded.unwrap()),
                    },
                    ..message!($both)
                },)*
                $(stringify!($session) => message!($session),)*
                "Packet" => Type { by_us: packet, ..message!(Packet) },
                _ => panic!("the test has no message {name}"),
            }
        }
    };
}

macro_rules! message {
    ($name:ident) => {
        Type {
            max_len: eyelet_codec::$name::MAX_ENCODED_LEN,
            from_json: |json| meaning(&from_json::<proto::$name>(json)),
            by_us: by_us!($name),
            by_prost: |bytes| meaning(&<proto::$name as prost::Message>::decode(bytes).unwrap()),
            encode: |json, size| encode(&from_json::<proto::$name>(json).leaked(), size),
            again: |bytes| {
                let message = eyelet_codec::$name::decode(bytes).unwrap();
                encode(&message, eyelet_codec::$name::MAX_ENCODED_LEN).unwrap()
            },
        }
    };
}

macro_rules! by_us {
    (Packet) => {
        packet
    };
    ($name:ident) => {
        |bytes, limits| {
            let message = eyelet_codec::$name::decode_with(bytes, limits)?;
            let fields = format!("{message:?}");
            Ok(Read { meaning: meaning(&proto::$name::from(message)), fields })
        }
    };
}

messages! {
    both: [
        DetectionTask, DetectionResult, ProcessRecord, FieldNote, ProcessFilter, HashCheck,
        HashResult, ProcessEvent, Coverage, Finding,
    ],
    session: [Hello, Fault, Credit, Cancel, Ping, GoAway]
}

pub(crate) fn meaning(message: &(impl Serialize + Debug)) -> Meaning {
    Meaning { json: serde_json::to_value(message).unwrap(), fields: format!("{message:?}") }
}

fn from_json<O: DeserializeOwned>(json: &Value) -> O {
    serde_json::from_value(json.clone()).unwrap()
}

fn encode<'a>(message: &impl Message<'a>, size: usize) -> Result<Vec<u8>, MessageError> {
    let mut buf = vec![0xa5; size];
    let len = message.encode(&mut buf)?;
    buf.truncate(len);
    Ok(buf)
}

/// A packet leaves its task or result to the layer above.
fn packet(bytes: &[u8], limits: &Limits) -> Result<Read, MessageError> {
    let packet = eyelet_codec::Packet::decode_with(bytes, limits)?;
    let owned = owned_packet(packet, limits)?;
    Ok(Read { meaning: meaning(&owned), fields: format!("{owned:?}") })
}
