//! The many types in which codecs hand out a field, and how each is shown to an [`Observer`].

use std::borrow::Cow;
use std::fmt::Debug;

use crate::observer::Observer;

/// The value of a field.
pub(crate) trait Field {
    /// Shows it.
    fn show(&self, field: u64, to: &mut impl Observer);
}

macro_rules! number {
    ($($type:ty, $value:ident => $bits:expr;)*) => {$(
        impl Field for $type {
            #[inline(always)]
            fn show(&self, field: u64, to: &mut impl Observer) {
                let $value = *self;
                to.number(field, $bits);
            }
        }
    )*};
}

number! {
    bool, value => value.into();
    u32, value => value.into();
    u64, value => value;
    i32, value => i64::from(value).cast_unsigned();
    i64, value => value.cast_unsigned();
    f64, value => value.to_bits();
}

macro_rules! text {
    ($($type:ty;)*) => {$(
        impl Field for $type {
            #[inline(always)]
            fn show(&self, field: u64, to: &mut impl Observer) {
                to.bytes(field, self.as_ref());
            }
        }
    )*};
}

text! {
    str;
    [u8];
    String;
    Vec<u8>;
}

#[cfg(feature = "others")]
impl<const N: usize> Field for heapless::String<N> {
    #[inline(always)]
    fn show(&self, field: u64, to: &mut impl Observer) {
        to.bytes(field, self.as_bytes());
    }
}

#[cfg(feature = "others")]
impl<const N: usize> Field for heapless::Vec<u8, N> {
    #[inline(always)]
    fn show(&self, field: u64, to: &mut impl Observer) {
        to.bytes(field, self);
    }
}

impl<T: Field + ToOwned + ?Sized> Field for Cow<'_, T> {
    #[inline(always)]
    fn show(&self, field: u64, to: &mut impl Observer) {
        self.as_ref().show(field, to);
    }
}

impl<T: Field + ?Sized> Field for &T {
    #[inline(always)]
    fn show(&self, field: u64, to: &mut impl Observer) {
        (**self).show(field, to);
    }
}

impl<T: Field> Field for Option<T> {
    #[inline(always)]
    fn show(&self, field: u64, to: &mut impl Observer) {
        if let Some(value) = self {
            value.show(field, to);
        }
    }
}

/// An element that is decoded only when it is read.
impl<T: Field, E: Debug> Field for Result<T, E> {
    #[inline(always)]
    fn show(&self, field: u64, to: &mut impl Observer) {
        self.as_ref().expect("a valid element").show(field, to);
    }
}

/// Shows every field of a task but its two messages, which are not everywhere reached in the same way.
macro_rules! show_task {
    ($task:expr, $filter:expr, $check:expr, $to:expr) => {{
        use crate::field::Field as _;
        let (task, to) = (&$task, &mut *$to);
        task.task_id.show(1, to);
        task.task_type.show(2, to);
        if let Some(filter) = $filter {
            filter.process_names.iter().for_each(|name| name.show(31, to));
            filter.pids.iter().for_each(|pid| pid.show(32, to));
            filter.executable_pattern.show(33, to);
        }
        if let Some(check) = $check {
            check.expected_hash.show(41, to);
            check.hash_algorithm.show(42, to);
            check.executable_path.show(43, to);
        }
        task.metadata.show(5, to);
        task.duration_ms.show(9, to);
        task.deadline_ms.show(10, to);
    }};
}

/// Shows what a chunk of a process list has besides its records.
macro_rules! show_chunk {
    ($chunk:expr, $to:expr) => {{
        use crate::field::Field as _;
        let (chunk, to) = (&$chunk, &mut *$to);
        chunk.task_id.show(1, to);
        chunk.success.show(2, to);
        chunk.error_message.show(3, to);
    }};
}

/// Shows every field of a record.
macro_rules! show_record {
    ($record:expr, $to:expr) => {{
        use crate::field::Field as _;
        let (record, to) = (&$record, &mut *$to);
        record.pid.show(1, to);
        record.ppid.show(2, to);
        record.name.show(3, to);
        record.executable_path.show(4, to);
        record.command_line.iter().for_each(|argument| argument.show(5, to));
        record.start_time.show(6, to);
        record.cpu_usage.show(7, to);
        record.memory_usage.show(8, to);
        record.executable_hash.show(9, to);
        record.hash_algorithm.show(10, to);
        record.user_id.show(11, to);
        record.accessible.show(12, to);
        record.file_exists.show(13, to);
        record.collection_time.show(14, to);
        record.on_disk_mismatch.show(16, to);
        record.entity_id.show(20, to);
        record.name_raw.show(21, to);
        record.executable_path_raw.show(22, to);
        record.command_line_raw.iter().for_each(|argument| argument.show(23, to));
        record.notes.iter().for_each(|note| note.show(24, to));
    }};
}

/// Shows a note of a record.
macro_rules! show_note {
    ($($type:ty),*) => {$(
        impl crate::field::Field for $type {
            #[inline(always)]
            fn show(&self, field: u64, to: &mut impl crate::observer::Observer) {
                self.field.show(100 * field + 1, to);
                self.kind.show(100 * field + 2, to);
            }
        }
    )*};
}

pub(crate) use {show_chunk, show_note, show_record, show_task};
