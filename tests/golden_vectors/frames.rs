//! `frames.json`: what stands at the beginning of some bytes.

use eyelet_codec::frame::{self, Decoded, HEAD, MAX_OVERHEAD};
use serde_json::Value;

use crate::kind::frame_error;
use crate::notation::{bytes, number, text, vectors};

#[test]
fn every_input_is_judged_as_the_vector_says() {
    let mut counts = [0; 3];
    for vector in vectors("frames.json") {
        let (name, input) = (text(&vector, "name"), bytes(&vector["input"]));
        let found = frame::decode(&input, number(&vector, "max_frame"));
        if let Some(frame) = vector.get("accepted") {
            let body = bytes(&frame["body"]);
            let whole = Decoded::Frame { body: &body, consumed: number(frame, "bytes") };
            assert_eq!(found, Ok(whole), "{name}");
            counts[0] += 1;
        } else if let Some(partial) = vector.get("partial") {
            let needed = number(partial, "needed");
            assert_eq!(found, Ok(Decoded::Partial { needed }), "{name}");
            counts[1] += 1;
        } else {
            assert_eq!(found, Err(frame_error(&vector["refused"])), "{name}");
            counts[2] += 1;
        }
    }
    let [accepted, partial, refused] = counts;
    println!("figure: {accepted} golden frames, {partial} beginnings of one, {refused} refused");
    assert!(!counts.contains(&0), "{counts:?}");
}

/// A frame has one form only, so here the bytes have to be the same.
#[test]
fn every_body_becomes_the_vectors_frame() {
    for vector in vectors("frames.json") {
        let Some((name, body, frame)) = accepted(&vector) else { continue };
        let mut buf = vec![0xa5; body.len() + MAX_OVERHEAD];
        let len = frame::encode(&body, &mut buf).unwrap();
        assert!(buf[..len] == frame, "{name}");
        buf.fill(0xa5);
        buf[HEAD..][..body.len()].copy_from_slice(&body);
        let len = frame::seal(&mut buf, body.len()).unwrap();
        assert!(buf[..len] == frame, "{name}, sealed in place");
    }
}

pub(crate) fn accepted(vector: &Value) -> Option<(&str, Vec<u8>, Vec<u8>)> {
    let outcome = vector.get("accepted")?;
    let mut frame = bytes(&vector["input"]);
    frame.truncate(number(outcome, "bytes"));
    Some((text(vector, "name"), bytes(&outcome["body"]), frame))
}
