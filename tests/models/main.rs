//! Native models, owned messages and their JSON: nothing is lost on the way from one to the other.

mod json;
mod native;

use std::fmt::Debug;

use eyelet_codec::models::process::ProcessRecord;
use eyelet_codec::models::result::DetectionResult;
use eyelet_codec::models::task::DetectionTask;
use eyelet_codec::proto::{self, Owned};
use proptest::prelude::{ProptestConfig, prop_assert_eq, proptest};
use proptest::test_runner::RngSeed;

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_native_task_comes_back_whole(task in native::task()) {
        prop_assert_eq!(DetectionTask::from(proto::DetectionTask::from(task.clone())), task);
    }

    #[test]
    fn a_native_result_comes_back_whole(result in native::result()) {
        prop_assert_eq!(DetectionResult::from(proto::DetectionResult::from(result.clone())), result);
    }

    #[test]
    fn what_a_collector_writes_comes_back_whole(written in native::written()) {
        accepted(&written);
        prop_assert_eq!(proto::ProcessRecord::from(ProcessRecord::from(written.clone())), written);
    }

    /// The lossy text beside bytes that just fit would be up to three times too long.
    #[test]
    fn a_native_record_within_the_limits_makes_a_message_within_them(record in native::record()) {
        let message = proto::ProcessRecord::from(record);
        accepted(&message);
    }

    #[test]
    fn a_native_task_or_result_within_the_limits_makes_a_message_within_them(
        task in native::task(),
        result in native::result(),
    ) {
        accepted(&proto::DetectionTask::from(task));
        accepted(&proto::DetectionResult::from(result));
    }
}

#[test]
fn the_bits_of_a_nan_come_back() {
    for bits in [0x7ff8_0000_0000_0000, 0xfff0_0000_0000_0001, 0x7ff4_dead_beef_0001] {
        let record =
            ProcessRecord { cpu_usage: Some(f64::from_bits(bits)), ..ProcessRecord::new(1, "nan") };
        let back = ProcessRecord::from(proto::ProcessRecord::from(record));
        assert_eq!(back.cpu_usage.map(f64::to_bits), Some(bits), "{bits:#x}");
    }
}

#[test]
fn bytes_that_are_no_text_stand_beside_a_lossy_form_that_fits() {
    let long = [&[b'a'; 250][..], &[0xff; 3]].concat();
    for (case, name, text, raw) in [
        ("text", &b"cat"[..], "cat", None),
        ("no text", b"c\xe4t", "c\u{fffd}t", Some(&b"c\xe4t"[..])),
        ("no name", b"", "\u{fffd}", Some(b"")),
        ("a name that is U+FFFD", "\u{fffd}".as_bytes(), "\u{fffd}", None),
        ("at the limit", &long, &format!("{}\u{fffd}", "a".repeat(250)), Some(&long)),
    ] {
        let native = ProcessRecord::new(1, name);
        let message = proto::ProcessRecord::from(native.clone());
        assert_eq!((message.name.as_str(), message.name_raw.as_deref()), (text, raw), "{case}");
        assert_eq!(ProcessRecord::from(message), native, "{case}");
    }
}

#[test]
fn one_argument_that_is_no_text_makes_all_of_them_raw() {
    let (whole, cut) = ("\u{fffd}".repeat(3000), "\u{fffd}".repeat((20_480 - 9000) / 3));
    for (case, arguments, texts, is_raw) in [
        ("none", vec![], vec![], false),
        ("text", vec![&b"cat"[..], b""], vec!["cat", ""], false),
        ("no text", vec![b"cat", b"", b"\xe9"], vec!["cat", "", "\u{fffd}"], true),
        ("cut", vec![&[0xff; 3000], &[0xff; 4000], b"z"], vec![&whole, &cut], true),
    ] {
        let native = ProcessRecord {
            command_line: arguments.iter().map(|argument| argument.to_vec()).collect(),
            ..ProcessRecord::new(1, "cat")
        };
        let message = proto::ProcessRecord::from(native.clone());
        assert_eq!(message.command_line, texts, "{case}");
        assert_eq!(!message.command_line_raw.is_empty(), is_raw, "{case}");
        assert_eq!(ProcessRecord::from(message), native, "{case}");
    }
}

/// The borrowed codec, which holds every limit of the schema, takes the message, and takes it as it is.
#[track_caller]
fn accepted<T: Owned + PartialEq + Debug>(message: &T) {
    assert_eq!(proto::decode::<T>(&message.encode_to_vec()).as_ref(), Ok(message));
}

fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 500,
        rng_seed: RngSeed::Fixed(0x006d_6f64_656c),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}
