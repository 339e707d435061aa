use eyelet_codec::runtime::Field;
use eyelet_codec::{FieldNote, NoteKind};

use super::error::{Stop, Unread};

/// Why fields of a record are absent or not all there.
#[derive(Debug, Default)]
pub(super) struct Notes(Vec<FieldNote>);

impl Notes {
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// A field has one note; the first stays.
    pub(super) fn add(&mut self, field: &Field, kind: NoteKind) {
        if self.0.iter().all(|note| note.field != field.number) {
            self.0.push(FieldNote { field: field.number, kind });
        }
    }

    /// Notes what was denied, for which there is no value; whatever else went wrong stops.
    pub(super) fn unless_denied<T>(
        &mut self,
        fields: &[Field],
        read: Result<T, Unread>,
    ) -> Result<Option<T>, Stop> {
        match read {
            Ok(value) => return Ok(Some(value)),
            Err(Unread::Missing) => return Err(Stop::Ended),
            Err(Unread::Exhausted(file, errno)) => return Err(Stop::Exhausted(file, errno)),
            Err(Unread::Denied) => {}
        }
        self.add_all(fields, NoteKind::DENIED);
        Ok(None)
    }

    pub(super) fn add_all(&mut self, fields: &[Field], kind: NoteKind) {
        for field in fields {
            self.add(field, kind);
        }
    }

    pub(super) fn has(&self, kind: NoteKind) -> bool {
        self.0.iter().any(|note| note.kind == kind)
    }

    pub(super) fn as_slice(&self) -> &[FieldNote] {
        &self.0
    }
}
