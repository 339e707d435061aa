//! Links only if the sensor's node and its generated messages need no standard library and no
//! allocator, and have no panic that can be reached.
//!
//! A panic here means calling a function that nobody has, so it goes unnoticed only where the
//! compiler has shown that it cannot come about. An allocator there is none. Each entry is exported,
//! so that the compiler must expect any arguments. `cargo build --release` is the proof; the features
//! are its controls, and `find-panics` lets a build with a panic link, so that one can look for it.
#![no_std]
#![allow(clippy::extra_unused_lifetimes, reason = "not every message borrows")]

use core::panic::PanicInfo;

use eyelet_codec::runtime::Repeated;
use eyelet_codec::{Limits, Message, MessageError};
use eyelet_sensor::messages::commands::{Command, Configure, Threshold, Update};
use eyelet_sensor::messages::readings::{
    Note, Reading, ReadingPosition, Report, ReportVisitor, State, Status,
};
use eyelet_sensor::{Inbox, Node, NodeError};

/// Both ways of each message.
macro_rules! messages {
    ($($decode:ident, $encode:ident: $message:ty;)*) => {$(
        #[unsafe(no_mangle)]
        pub fn $decode<'a>(bytes: &'a [u8], limits: &Limits) -> Result<$message, MessageError> {
            <$message as Message<'a>>::decode_with(bytes, limits)
        }

        #[unsafe(no_mangle)]
        pub fn $encode<'a>(message: &$message, buf: &mut [u8]) -> Result<usize, MessageError> {
            <$message as Message<'a>>::encode(message, buf)
        }
    )*};
}

messages! {
    decode_report, encode_report: Report<'a>;
    decode_reading, encode_reading: Reading<'a>;
    decode_position, encode_position: ReadingPosition;
    decode_note, encode_note: Note;
    decode_status, encode_status: Status<'a>;
    decode_command, encode_command: Command<'a>;
    decode_configure, encode_configure: Configure<'a>;
    decode_threshold, encode_threshold: Threshold;
    decode_update, encode_update: Update<'a>;
}

/// The slowest channel.
struct Slowest(i32);

impl ReportVisitor<'_> for Slowest {
    fn readings(&mut self, record: &Reading<'_>) -> core::ops::ControlFlow<()> {
        self.0 = self.0.max(record.offset_ms);
        core::ops::ControlFlow::Continue(())
    }
}

#[unsafe(no_mangle)]
pub fn slowest(bytes: &[u8], limits: &Limits) -> Result<i32, MessageError> {
    let mut slowest = Slowest(0);
    Report::decode_each(bytes, limits, &mut slowest)?;
    Ok(slowest.0)
}

#[unsafe(no_mangle)]
pub fn walk<'a>(readings: Repeated<'a, Reading<'a>>) -> (usize, i64) {
    let samples = readings.iter().flat_map(|reading| reading.samples.iter());
    (readings.count(), samples.map(i64::from).fold(0, i64::wrapping_add))
}

#[unsafe(no_mangle)]
pub fn name(state: State) -> Option<&'static str> {
    state.name()
}

#[unsafe(no_mangle)]
pub fn receive(inbox: &mut Inbox, byte: u8) -> Result<Option<Command<'_>>, NodeError> {
    inbox.receive(byte)
}

#[unsafe(no_mangle)]
pub fn obey(node: &mut Node<'_>, command: &Command<'_>) {
    node.obey(command);
}

#[unsafe(no_mangle)]
pub fn report(
    node: &mut Node<'_>,
    uptime_ms: u64,
    readings: &[Reading<'_>],
    out: &mut [u8],
) -> Result<usize, NodeError> {
    node.report(uptime_ms, readings, out)
}

#[unsafe(no_mangle)]
pub fn is_alarming(node: &Node<'_>, reading: &Reading<'_>) -> bool {
    node.is_alarming(reading)
}

unsafe extern "C" {
    /// Exists nowhere.
    safe fn a_panic_can_be_reached() -> !;
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    a_panic_can_be_reached()
}

#[cfg(feature = "find-panics")]
#[unsafe(export_name = "a_panic_can_be_reached")]
extern "C" fn somewhere() -> ! {
    loop {
        core::hint::spin_loop();
    }
}

/// What the proof has to notice: one value taken for granted.
#[cfg(feature = "unwrap-control")]
#[unsafe(no_mangle)]
pub fn unwrap_control(bytes: &[u8]) -> u32 {
    u32::from_le_bytes(*bytes.first_chunk().unwrap())
}

#[cfg(feature = "alloc-control")]
extern crate alloc;

/// What the proof has to notice, too: memory from an allocator.
#[cfg(feature = "alloc-control")]
#[unsafe(no_mangle)]
pub fn alloc_control(bytes: &[u8]) -> alloc::vec::Vec<u8> {
    bytes.into()
}
