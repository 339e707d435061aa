//! The two decoders side by side, whatever the message.

use std::fmt::Debug;

use eyelet_codec::runtime::MessageError;
use eyelet_codec::{ErrorKind, Limits, Message, PacketBody, proto};

use super::predict::{Refusal, Whole};
use super::rule::Rule;

/// An owned message, in forms that can be compared whatever its type.
#[derive(Debug, PartialEq)]
pub struct Owned {
    /// Field by field, to be read when two differ.
    fields: String,
    /// By prost, which keeps every bit of a NaN.
    pub encoded: Vec<u8>,
}

/// What the borrowed codec made of a message.
#[derive(Debug)]
pub struct Borrowed {
    /// Field by field, as its own type shows them.
    pub fields: String,
    pub owned: Owned,
    /// By itself.
    pub encoded: Vec<u8>,
    /// What `MAX_ENCODED_LEN` promises of both encodings.
    pub max_len: usize,
}

macro_rules! decoders {
    ($($name:ident),*) => {
        /// prost alone.
        pub fn by_prost(root: &str, bytes: &[u8]) -> Result<Owned, prost::DecodeError> {
            match root {
                $(stringify!($name) => decoded_by_prost::<proto::$name>(bytes),)*
                "Packet" => decoded_by_prost::<proto::Packet>(bytes),
                _ => panic!("the test has no message {root}"),
            }
        }

        /// The borrowed codec alone.
        pub fn by_us(
            root: &str,
            bytes: &[u8],
            limits: &Limits,
        ) -> Result<Borrowed, MessageError> {
            match root {
                $(stringify!($name) => {
                    decoded_by_us::<eyelet_codec::$name, proto::$name>(bytes, limits)
                })*
                "Packet" => packet(bytes, limits),
                _ => panic!("the test has no message {root}"),
            }
        }

        /// As owned after the borrowed pass, which a packet is not.
        pub fn by_both(root: &str, bytes: &[u8]) -> Option<Result<Owned, MessageError>> {
            match root {
                $(stringify!($name) => {
                    Some(proto::decode::<proto::$name>(bytes).map(|message| Owned::new(&message)))
                })*
                _ => None,
            }
        }
    };
}

crate::messages!(decoders);

impl Owned {
    pub fn new(message: &(impl prost::Message + Debug)) -> Self {
        Self { fields: format!("{message:?}"), encoded: message.encode_to_vec() }
    }
}

/// An error in the words of the prediction.
pub fn is_predicted(error: MessageError, refusal: &Refusal) -> bool {
    let numbers = refusal.numbers.unwrap_or((error.limit(), error.seen()));
    error.message() == refusal.message
        && u64::from(error.field()) == refusal.field
        && error.kind() == kind(refusal.rule)
        && (error.limit(), error.seen()) == numbers
}

pub fn limits(whole: Whole) -> Limits {
    let narrow = |number| u32::try_from(number).unwrap_or(u32::MAX);
    Limits {
        bytes: narrow(whole.bytes),
        elements: narrow(whole.elements),
        depth: narrow(whole.depth),
        ..Limits::SCHEMA
    }
}

fn kind(rule: Rule) -> ErrorKind {
    match rule {
        Rule::Truncated => ErrorKind::Truncated,
        Rule::Varint => ErrorKind::Varint,
        Rule::FieldZero | Rule::FieldOverRange => ErrorKind::FieldNumber,
        Rule::NoSuchWireType | Rule::OtherWireType => ErrorKind::WireType,
        Rule::Text => ErrorKind::Utf8,
        Rule::Group => ErrorKind::Group,
        Rule::Uint32 | Rule::Int32 | Rule::Enum | Rule::Bool => ErrorKind::Range,
        Rule::SecondMessage | Rule::SecondMember => ErrorKind::Twice,
        Rule::MaxBytes => ErrorKind::MaxBytes,
        Rule::MaxItems => ErrorKind::MaxItems,
        Rule::MaxTotalBytes => ErrorKind::MaxTotalBytes,
        Rule::NonEmpty => ErrorKind::Empty,
        Rule::MessageBytes => ErrorKind::MessageBytes,
        Rule::Elements => ErrorKind::Elements,
        Rule::Depth => ErrorKind::Depth,
    }
}

fn decoded_by_prost<M: prost::Message + Default + Debug>(
    bytes: &[u8],
) -> Result<Owned, prost::DecodeError> {
    M::decode(bytes).map(|message| Owned::new(&message))
}

fn decoded_by_us<'a, B: Message<'a> + Debug, O: prost::Message + From<B> + Debug>(
    bytes: &'a [u8],
    limits: &Limits,
) -> Result<Borrowed, MessageError> {
    let message = B::decode_with(bytes, limits)?;
    Ok(Borrowed {
        fields: format!("{message:?}"),
        encoded: encoded(&message, bytes.len()),
        owned: Owned::new(&O::from(message)),
        max_len: B::MAX_ENCODED_LEN,
    })
}

/// In no more room than the message came in, but that a number for itself is a byte longer as a list.
fn encoded<'a>(message: &impl Message<'a>, len: usize) -> Vec<u8> {
    let mut buf = vec![0xa5; len + 1];
    let len = message.encode(&mut buf).unwrap();
    buf.truncate(len);
    buf
}

fn packet(bytes: &[u8], limits: &Limits) -> Result<Borrowed, MessageError> {
    let packet = eyelet_codec::Packet::decode_with(bytes, limits)?;
    let owned = owned_packet(packet, limits)?;
    Ok(Borrowed {
        fields: format!("{packet:?}"),
        owned: Owned::new(&owned),
        encoded: encoded(&packet, bytes.len()),
        max_len: eyelet_codec::Packet::MAX_ENCODED_LEN,
    })
}

/// A packet leaves tasks and results to the layer above, which decodes them with the same bounds.
///
/// # Errors
/// What that finds wrong with them.
pub fn owned_packet(
    packet: eyelet_codec::Packet<'_>,
    limits: &Limits,
) -> Result<proto::Packet, MessageError> {
    use proto::packet::Body;
    let body = match packet.body {
        None => None,
        Some(PacketBody::Hello(hello)) => Some(Body::Hello(hello.into())),
        Some(PacketBody::Task(bytes)) => {
            Some(Body::Task(eyelet_codec::DetectionTask::decode_with(bytes, limits)?.into()))
        }
        Some(PacketBody::Result(bytes)) => {
            Some(Body::Result(eyelet_codec::DetectionResult::decode_with(bytes, limits)?.into()))
        }
        Some(PacketBody::Fault(fault)) => Some(Body::Fault(fault.into())),
        Some(PacketBody::Credit(credit)) => Some(Body::Credit(credit.into())),
        Some(PacketBody::Cancel(cancel)) => Some(Body::Cancel(cancel.into())),
        Some(PacketBody::Ping(ping)) => Some(Body::Ping(ping.into())),
        Some(PacketBody::Pong(ping)) => Some(Body::Pong(ping.into())),
        Some(PacketBody::GoAway(go_away)) => Some(Body::GoAway(go_away.into())),
    };
    Ok(proto::Packet { stream: packet.stream, more: packet.more, body })
}
