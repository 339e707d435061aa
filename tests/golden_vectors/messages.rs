//! `messages.json`: what is to be decoded, in several orders, and what is to be encoded, compared by
//! meaning.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use eyelet_codec::{
    DetectionResult, DetectionResultVisitor, ErrorKind, Limits, ProcessRecord, proto,
};
use serde_json::Value;

use crate::notation::{bytes, list, text, vectors};
use crate::schema::{Meaning, Type, meaning, message};

struct Vector {
    name: String,
    json: Value,
    /// How each came to be, and what it is.
    encodings: Vec<(String, Vec<u8>)>,
    message: String,
}

impl Vector {
    fn all() -> Vec<Self> {
        vectors("messages.json").iter().map(Self::new).collect()
    }

    fn new(vector: &Value) -> Self {
        let encodings = list(vector, "encodings").iter();
        let encodings = encodings.map(|one| (text(one, "by").to_owned(), bytes(&one["wire"])));
        Self {
            name: text(vector, "name").to_owned(),
            json: vector["json"].clone(),
            encodings: encodings.collect(),
            message: text(vector, "message").to_owned(),
        }
    }

    fn by_type(&self) -> Type {
        message(&self.message)
    }

    fn meaning(&self) -> Meaning {
        (self.by_type().from_json)(&self.json)
    }
}

#[test]
fn the_json_is_what_the_codecs_own_says() {
    for vector in Vector::all() {
        assert_eq!(vector.meaning().json, vector.json, "{}", vector.name);
    }
}

#[test]
fn every_encoding_means_what_the_json_says() {
    let mut count = 0;
    for vector in Vector::all() {
        let want = vector.meaning();
        let mut shown = None;
        for (how, wire) in &vector.encodings {
            let case = format!("{}, {how}", vector.name);
            let read = (vector.by_type().by_us)(wire, &Limits::SCHEMA);
            let read = read.unwrap_or_else(|error| panic!("{case}: {error}"));
            assert_eq!(read.meaning, want, "{case}");
            assert_eq!(shown.get_or_insert(read.fields.clone()), &read.fields, "{case}");
            count += 1;
        }
    }
    println!("figure: {count} legal encodings of golden messages, all accepted");
}

#[test]
fn prost_behind_the_borrowed_pass_reads_the_same() {
    for vector in Vector::all() {
        let want = vector.meaning();
        for (how, wire) in &vector.encodings {
            assert_eq!((vector.by_type().by_prost)(wire), want, "{}, {how}", vector.name);
        }
    }
}

#[test]
fn results_read_record_by_record_say_the_same() {
    let results = Vector::all().into_iter().filter(|vector| vector.message == "DetectionResult");
    for vector in results {
        let want = vector.meaning();
        for (how, wire) in &vector.encodings {
            let case = format!("{}, {how}", vector.name);
            let mut slots = vec![ProcessRecord::default(); 4096];
            let lent = DetectionResult::decode_into(wire, &Limits::SCHEMA, &mut slots).unwrap();
            assert_eq!(meaning(&proto::DetectionResult::from(lent)), want, "{case}");
            let mut taken = Taken::default();
            let rest = DetectionResult::decode_each(wire, &Limits::SCHEMA, &mut taken).unwrap();
            let whole = proto::DetectionResult { processes: taken.0, ..rest.into() };
            assert_eq!(meaning(&whole), want, "{case}");
        }
    }
}

#[derive(Default)]
struct Taken(Vec<proto::ProcessRecord>);

impl<'a> DetectionResultVisitor<'a> for Taken {
    fn processes(&mut self, record: &ProcessRecord<'a>) -> ControlFlow<()> {
        self.0.push((*record).into());
        ControlFlow::Continue(())
    }
}

#[test]
fn what_we_encode_means_what_the_json_says() {
    let (mut count, mut longest) = (0, BTreeMap::new());
    for vector in Vector::all() {
        let (by_type, want) = (vector.by_type(), vector.meaning());
        let ours = (by_type.encode)(&vector.json, by_type.max_len).unwrap();
        assert_eq!(
            (by_type.by_us)(&ours, &Limits::SCHEMA).unwrap().meaning,
            want,
            "{}",
            vector.name
        );
        assert_eq!((by_type.by_prost)(&ours), want, "{}", vector.name);
        assert!(ours.len() <= by_type.max_len, "{}: {} bytes", vector.name, ours.len());
        let longest = longest.entry(vector.message).or_insert(0);
        *longest = ours.len().max(*longest);
        count += 1;
    }
    println!("{count} messages encoded, the longest: {longest:?}");
}

#[test]
fn what_was_decoded_and_is_encoded_again_means_the_same() {
    for vector in Vector::all() {
        for (how, wire) in &vector.encodings {
            let again = (vector.by_type().again)(wire);
            let read = (vector.by_type().by_us)(&again, &Limits::SCHEMA).unwrap();
            assert_eq!(read.meaning, vector.meaning(), "{}, {how}", vector.name);
        }
    }
}

#[test]
fn a_buffer_of_exactly_the_right_size_is_enough_and_one_byte_less_is_not() {
    for vector in Vector::all() {
        let by_type = vector.by_type();
        let ours = (by_type.encode)(&vector.json, by_type.max_len).unwrap();
        let exact = (by_type.encode)(&vector.json, ours.len());
        assert_eq!(exact.as_ref(), Ok(&ours), "{}", vector.name);
        if let Some(less) = ours.len().checked_sub(1) {
            let error = (by_type.encode)(&vector.json, less).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Buffer, "{}", vector.name);
        }
    }
}

/// Were two of them equal, a decoder could take one for the other and no test would say so.
#[test]
fn no_two_vectors_of_a_message_mean_the_same() {
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    for vector in Vector::all() {
        let meaning = format!("{} {:?}", vector.message, vector.meaning());
        let before = seen.insert(meaning, vector.name.clone());
        assert_eq!(before, None, "{} means the same", vector.name);
    }
}
