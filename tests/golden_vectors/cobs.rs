//! `cobs.json`: bytes, and the lines that stand for them.

use eyelet_codec::cobs::{self, Accumulator, CobsError, Fed};

use crate::notation::{bytes, list, text, vectors};

#[test]
fn every_line_is_read_at_once_in_place_and_from_a_stream() {
    for vector in vectors("cobs.json").iter().filter(|vector| vector.get("bytes").is_some()) {
        let (name, want) = (text(vector, "name"), bytes(&vector["bytes"]));
        for line in list(vector, "lines").iter().map(bytes) {
            let mut out = vec![0xa5; want.len()];
            assert_eq!(cobs::decode(&line, &mut out), Ok(want.len()), "{name}");
            assert!(out == want, "{name}");
            let mut place = line.clone();
            let len = cobs::decode_in_place(&mut place);
            assert!(len.is_ok_and(|len| place[..len] == want), "{name}, in place");
            let mut stream = Accumulator::<5000>::new();
            let fed = [&[0, 0][..], &line, &[0]].concat();
            let whole = Fed::Decoded { bytes: &want, consumed: fed.len() };
            assert!(stream.feed(&fed) == whole, "{name}, from a stream");
        }
    }
}

#[test]
fn what_we_write_is_one_of_the_lines() {
    for vector in vectors("cobs.json").iter().filter(|vector| vector.get("bytes").is_some()) {
        let (name, input) = (text(vector, "name"), bytes(&vector["bytes"]));
        let mut out = vec![0xa5; cobs::max_encoded_len(input.len())];
        let len = cobs::encode(&input, &mut out).unwrap();
        assert!(list(vector, "lines").iter().any(|line| bytes(line) == out[..len]), "{name}");
    }
}

#[test]
fn what_has_been_cut_is_refused() {
    let mut count = 0;
    for vector in vectors("cobs.json").iter().filter(|vector| vector.get("refused").is_some()) {
        let (name, line) = (text(vector, "name"), bytes(&vector["line"]));
        let found = cobs::decode(&line, &mut [0xa5; 512]);
        assert!(matches!(found, Err(CobsError::Truncated { .. })), "{name}: {found:?}");
        count += 1;
    }
    assert!(count > 0);
}
