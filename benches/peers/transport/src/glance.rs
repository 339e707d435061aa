//! What is done with every field that was decoded: the same work, whoever decoded it.

/// A sum over all that was read: every number, and of each text its length. The codec's benchmarks look
/// into texts, too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Glance(pub(crate) u64);

impl Glance {
    #[inline(always)]
    pub(crate) fn number(&mut self, field: u64, value: u64) {
        self.0 = self.0.wrapping_add(value.wrapping_mul(2 * field + 1));
    }

    #[inline(always)]
    pub(crate) fn length_of(&mut self, field: u64, value: &[u8]) {
        self.number(field, value.len() as u64);
    }
}

/// The value of a field. An absent one, and one that holds its type's zero or nothing, add nothing:
/// not everyone can tell them apart.
pub(crate) trait Field {
    /// Looks at it.
    fn see(&self, field: u64, glance: &mut Glance);
}

macro_rules! number {
    ($($type:ty, $value:ident => $bits:expr;)*) => {$(
        impl Field for $type {
            #[inline(always)]
            fn see(&self, field: u64, glance: &mut Glance) {
                let $value = *self;
                glance.number(field, $bits);
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
            fn see(&self, field: u64, glance: &mut Glance) {
                glance.length_of(field, self.as_ref());
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

impl<T: Field + ?Sized> Field for &T {
    #[inline(always)]
    fn see(&self, field: u64, glance: &mut Glance) {
        (**self).see(field, glance);
    }
}

impl<T: Field> Field for Option<T> {
    #[inline(always)]
    fn see(&self, field: u64, glance: &mut Glance) {
        if let Some(value) = self {
            value.see(field, glance);
        }
    }
}

/// Looks at every field of a task but its type, which is not everywhere a number.
macro_rules! see_task {
    ($task:expr, $glance:expr) => {{
        use crate::glance::Field as _;
        let (task, glance) = (&$task, &mut *$glance);
        task.task_id.see(1, glance);
        if let Some(filter) = &task.process_filter {
            filter.process_names.iter().for_each(|name| name.see(31, glance));
            filter.pids.iter().for_each(|pid| pid.see(32, glance));
            filter.executable_pattern.see(33, glance);
        }
        if let Some(check) = &task.hash_check {
            check.expected_hash.see(41, glance);
            check.hash_algorithm.see(42, glance);
            check.executable_path.see(43, glance);
        }
        task.metadata.see(5, glance);
        task.duration_ms.see(9, glance);
        task.deadline_ms.see(10, glance);
    }};
}

/// Looks at what a result has besides its records.
macro_rules! see_result {
    ($result:expr, $glance:expr) => {{
        use crate::glance::Field as _;
        let (result, glance) = (&$result, &mut *$glance);
        result.task_id.see(1, glance);
        result.success.see(2, glance);
        result.error_message.see(3, glance);
    }};
}

/// Looks at every field of a record.
macro_rules! see_record {
    ($record:expr, $glance:expr) => {{
        use crate::glance::Field as _;
        let (record, glance) = (&$record, &mut *$glance);
        record.pid.see(1, glance);
        record.ppid.see(2, glance);
        record.name.see(3, glance);
        record.executable_path.see(4, glance);
        record.command_line.iter().for_each(|argument| argument.see(5, glance));
        record.start_time.see(6, glance);
        record.cpu_usage.see(7, glance);
        record.memory_usage.see(8, glance);
        record.executable_hash.see(9, glance);
        record.hash_algorithm.see(10, glance);
        record.user_id.see(11, glance);
        record.accessible.see(12, glance);
        record.file_exists.see(13, glance);
        record.collection_time.see(14, glance);
        record.on_disk_mismatch.see(16, glance);
        record.entity_id.see(20, glance);
        record.name_raw.see(21, glance);
        record.executable_path_raw.see(22, glance);
        record.command_line_raw.iter().for_each(|argument| argument.see(23, glance));
    }};
}

pub(crate) use {see_record, see_result, see_task};
