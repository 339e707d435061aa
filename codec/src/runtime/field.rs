/// A message as its schema declares it.
#[derive(Debug, PartialEq, Eq)]
pub struct Descriptor {
    /// Name in the schema, without its package.
    pub name: &'static str,
    /// In the order of their numbers.
    pub fields: &'static [&'static Field],
    /// The one in which encoders note what they have cut.
    pub notes: Option<&'static Field>,
}

/// A field as its schema declares it, with its limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// 1 to 2^29 - 1.
    pub number: u32,
    /// Name in the schema.
    pub name: &'static str,
    /// Bytes of one value; of a repeated field, of one element.
    pub max_bytes: u32,
    /// Elements of a repeated field in one message.
    pub max_items: u32,
    /// Bytes of a repeated field's elements together.
    pub max_total_bytes: u32,
    /// Whether a value, or an element, has at least one byte.
    pub non_empty: bool,
    /// What an encoder may do with a longer value.
    pub on_excess: OnExcess,
}

/// What an encoder may do with a value that is over its limit. A decoder refuses it always.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnExcess {
    /// Nothing: encoding fails.
    Reject,
    /// Encoding cuts it, a text at a character boundary, and says so in the message's notes; in a message
    /// without notes a text that was cut ends in an ellipsis.
    Cut,
}

impl Field {
    /// A field without limits, to be completed by `Field { max_bytes: .., ..Field::new(..) }`.
    pub const fn new(number: u32, name: &'static str) -> Self {
        Self {
            number,
            name,
            max_bytes: u32::MAX,
            max_items: u32::MAX,
            max_total_bytes: u32::MAX,
            non_empty: false,
            on_excess: OnExcess::Reject,
        }
    }

    /// What stands before a value of this field.
    #[inline]
    pub(super) const fn key(&self, wire: u8) -> u32 {
        self.number << 3 | wire as u32
    }
}

/// A key of 0x80 to 0x3fff as it stands on the wire.
#[inline]
pub(super) const fn two_bytes(key: u32) -> [u8; 2] {
    let [low, high, ..] = (key << 1).to_le_bytes();
    [low >> 1 | 0x80, high]
}

impl Descriptor {
    /// The field of this number, where the schema has one.
    pub fn field(&self, number: u32) -> Option<&'static Field> {
        self.fields.iter().copied().find(|field| field.number == number)
    }
}
