use std::fmt::{self, Display, Formatter};
use std::ops::RangeInclusive;

use thiserror::Error;

use crate::Place;

/// A change that peers of the released schema could not live with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Break {
    /// Of the field, value, message or enum.
    pub place: Place,
    /// What was, what is, and what to do.
    pub change: Change,
}

/// What was, what is, and what to do. Of two values the first one was, the second one is.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Change {
    /// `protocol_version` went down.
    #[error("protocol_version was {0}, is {1}; it goes up only")]
    Version(u32, u32),
    /// Another package.
    #[error("package was {0:?}, is {1:?}; keep it, since every type's name begins with it")]
    Package(String, String),
    /// A type that is sent as a whole is gone.
    #[error("was in the schema, is gone; keep it, since peers may send it")]
    Gone,
    /// A field or value that is gone, and what is not reserved of it.
    #[error("number was {number}, is gone; write `{reserve}` where it stood")]
    MemberGone {
        /// Its number.
        number: i64,
        /// The statements that are missing.
        reserve: String,
    },
    /// A field that is gone and that peers insist on.
    #[error("was non_empty, is gone; keep it, since peers refuse a message without it")]
    RequiredGone,
    /// A new field that peers do not know and this schema insists on.
    #[error("was not there, is non_empty; make it optional, since peers leave it out")]
    RequiredNew,
    /// The same name with another number.
    #[error("number was {0}, is {1}; give it {0} again")]
    Number(i64, i64),
    /// The same number with another name: what peers read in JSON and in faults.
    #[error("name of {number} was {was}, is {is}; keep it, or reserve both and number {is} anew")]
    Name {
        /// Of both.
        number: i64,
        /// The name it had.
        was: String,
        /// The name it has.
        is: String,
    },
    /// Another type.
    #[error("type was {0}, is {1}; keep it, and add a field with a number of its own")]
    Type(String, String),
    /// Another presence: optional, repeated, in a `oneof`, or none of these.
    #[error("was {0}, is {1}; keep it, and add a field with a number of its own")]
    Presence(String, String),
    /// Another name in protobuf's own JSON.
    #[error("json_name was {0:?}, is {1:?}; keep it")]
    JsonName(String, String),
    /// A limit that went up, or away.
    #[error("{limit} was {was}, is {}; keep it, since peers refuse more", or_none(*.is))]
    Raised {
        /// Which one.
        limit: &'static str,
        /// What it was.
        was: u32,
        /// What it is, if anything.
        is: Option<u32>,
    },
    /// A limit that went down, or came up.
    #[error("{limit} was {}, is {is}; keep it, since peers send more", or_none(*.was))]
    Lowered {
        /// Which one.
        limit: &'static str,
        /// What it was, if anything.
        was: Option<u32>,
        /// What it is.
        is: u32,
    },
    /// `non_empty` came up.
    #[error("non_empty was false, is true; drop it, since peers send the field empty")]
    NonEmpty,
    /// `non_empty` went away.
    #[error("non_empty was true, is false; keep it, since peers refuse the field empty")]
    MayBeEmpty,
    /// `opaque` came up or went away, so that what breaks a limit inside is answered by another layer.
    #[error("opaque was {0}, is {1}; keep it, since another layer would answer for what is in it")]
    Opaque(bool, bool),
    /// A field or value has a number that was reserved.
    #[error("number {0} was reserved, is in use; take another one, and reserve {0} again")]
    NumberReused(i64),
    /// A field or value has a name that was reserved.
    #[error("name was reserved, is in use; take another one, and reserve {0:?} again")]
    NameReused(String),
    /// Numbers that are no longer reserved.
    #[error("{range} was reserved, is not; write `reserved {range};` again", range = range(.0))]
    NumberFreed(RangeInclusive<i64>),
    /// A name that is no longer reserved.
    #[error("{0:?} was reserved, is not; write `reserved {0:?};` again")]
    NameFreed(String),
}

impl Display for Break {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.change)
    }
}

fn or_none(limit: Option<u32>) -> String {
    limit.map_or_else(|| "none".to_owned(), |limit| limit.to_string())
}

fn range(numbers: &RangeInclusive<i64>) -> String {
    let (first, last) = (numbers.start(), numbers.end());
    if first == last { first.to_string() } else { format!("{first} to {last}") }
}
