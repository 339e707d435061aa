use core::fmt::{self, Debug, Formatter};
use core::marker::PhantomData;

use crate::copy::copy;
use crate::{Message, MessageError};

/// A message that owns the bytes it stands in, at most `N`, without a heap: to queue, compare and pass on.
///
/// What it holds is the encoding, and a valid one, so that [`get`](Self::get) cannot fail. It costs a walk
/// over these bytes each time. [`Message::MAX_ENCODED_LEN`] is room for any message that was encoded here; what
/// a peer wrote may be longer.
///
/// ```
/// use eyelet_codec::{FieldNote, Finding, Message, Stored};
///
/// let mut queue: [Option<Stored<Finding<'static>, 256>>; 4] = Default::default();
/// {
///     let text = String::from("/usr/bin/login");
///     queue[0] = Some(Stored::new(&Finding { path: &text, ..Default::default() })?);
/// }
/// let finding = queue[0].take().unwrap();
/// assert_eq!(finding.get().path, "/usr/bin/login");
///
/// // Whatever a note says, there is room for it.
/// let note = Stored::<FieldNote, { FieldNote::MAX_ENCODED_LEN }>::new(&FieldNote::default())?;
/// assert_eq!(note.get(), FieldNote::default());
/// # Ok::<(), eyelet_codec::MessageError>(())
/// ```
#[derive(Clone)]
pub struct Stored<M, const N: usize> {
    buf: [u8; N],
    /// `0 <= len <= N`
    len: usize,
    message: PhantomData<fn() -> M>,
}

impl<M: Message<'static>, const N: usize> Stored<M, N> {
    /// Holds what `message` says.
    ///
    /// # Errors
    /// As of [`Message::encode`]: a limit of the schema, or more than `N` bytes.
    pub fn new(message: &M::At<'_>) -> Result<Self, MessageError> {
        let mut buf = [0; N];
        let len = message.encode(&mut buf)?;
        Ok(Self { buf, len, message: PhantomData })
    }

    /// Holds an encoded message as it came.
    ///
    /// # Errors
    /// As of [`Message::decode`], and that these are more than `N` bytes.
    pub fn decode(bytes: &[u8]) -> Result<Self, MessageError> {
        M::At::decode(bytes)?;
        let (mut buf, len) = ([0; N], bytes.len());
        let Some(room) = buf.get_mut(..len) else {
            return Err(MessageError::buffer(M::DESCRIPTOR, N, len));
        };
        copy(bytes, room);
        Ok(Self { buf, len, message: PhantomData })
    }

    /// What it says.
    pub fn get(&self) -> M::At<'_> {
        // Nothing but what can be decoded gets in here.
        M::At::decode(self.as_bytes()).unwrap_or_default()
    }

    /// The encoding.
    pub fn as_bytes(&self) -> &[u8] {
        self.buf.get(..self.len).unwrap_or(&[])
    }
}

/// By what the messages say: one can be encoded in more than one way.
impl<M: Message<'static>, const N: usize, const O: usize> PartialEq<Stored<M, O>> for Stored<M, N> {
    fn eq(&self, other: &Stored<M, O>) -> bool {
        self.get() == other.get()
    }
}

impl<M: Message<'static>, const N: usize> Debug for Stored<M, N> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.get().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ErrorKind, FieldNote, NoteKind, ProcessRecord};

    type Record<const N: usize> = Stored<ProcessRecord<'static>, N>;

    fn record(name: &str) -> ProcessRecord<'_> {
        ProcessRecord { pid: 1, name, user_id: Some("0"), ..Default::default() }
    }

    #[test]
    fn a_message_outlives_what_it_was_made_of() {
        let stored = {
            let name = alloc::string::String::from("init");
            Record::<64>::new(&record(&name)).unwrap()
        };
        assert_eq!(stored.get(), record("init"));
        assert_eq!(Record::<64>::decode(stored.as_bytes()).unwrap(), stored.clone());
        assert_eq!(alloc::format!("{stored:?}"), alloc::format!("{:?}", record("init")));
    }

    #[test]
    fn exactly_as_many_bytes_as_there_are_suffice() {
        let record = record("init");
        let stored = Record::<11>::new(&record).unwrap();
        assert_eq!((stored.get(), stored.as_bytes().len()), (record, 11));
        for error in [
            Record::<10>::new(&record).unwrap_err(),
            Record::<10>::decode(stored.as_bytes()).unwrap_err(),
        ] {
            assert_eq!((error.kind(), error.limit(), error.seen()), (ErrorKind::Buffer, 10, 11));
        }
    }

    #[test]
    fn what_is_no_message_is_not_held() {
        let error = Record::<64>::decode(&[8]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Truncated);
        let nameless = Record::<64>::new(&record("")).unwrap_err();
        assert_eq!(nameless.kind(), ErrorKind::Empty);
    }

    #[test]
    fn two_are_equal_if_they_say_the_same_however_it_is_written() {
        let short = Stored::<FieldNote, 8>::decode(&[8, 9, 16, 1]).unwrap();
        let long = Stored::<FieldNote, 16>::decode(&[16, 1, 8, 0x89, 0]).unwrap();
        assert_eq!(short, long);
        assert_ne!(short.as_bytes(), long.as_bytes());
        let other = Stored::<FieldNote, 8>::decode(&[8, 9, 16, 2]).unwrap();
        assert_ne!(short, other);
        assert_eq!(short.get(), FieldNote { field: 9, kind: NoteKind(1) });
    }
}
