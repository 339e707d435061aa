//! Before a task has gone.

use eyelet_codec::FaultCode;
use eyelet_tests::peer::FakeCollector;
use eyelet_tests::wire::{self, Greeting, body, framed};
use eyelet_transport::client::Options;

use crate::agent::Kind;
use crate::{assert_protocol, assert_told, damaged, fault};

both! {
    what_comes_before_a_hello_of_ours_is_refused,
    a_collector_that_refuses_or_goes_says_more_than_the_line,
}

fn what_comes_before_a_hello_of_ours_is_refused(kind: Kind) {
    let good = Greeting::collector();
    let hello = |greeting: Greeting| greeting.framed();
    let table: &[(&str, Vec<u8>, FaultCode, &str)] = &[
        (
            "a later version",
            hello(Greeting { versions: (2, 2), ..good }),
            FaultCode::VERSION,
            "upgrade this side",
        ),
        (
            "an earlier version",
            hello(Greeting { versions: (0, 0), ..good }),
            FaultCode::VERSION,
            "upgrade your side",
        ),
        ("an agent", hello(Greeting::agent()), FaultCode::ROLE, "both sides are agents"),
        ("no role", hello(Greeting { role: 0, ..good }), FaultCode::ROLE, "no role"),
        ("small", hello(Greeting { max_frame: 255, ..good }), FaultCode::MALFORMED, "max_frame"),
        ("too large", wire::varint(65537), FaultCode::TOO_LARGE, "at most 65536"),
        ("no frame", vec![0], FaultCode::MALFORMED, "nothing in it"),
        ("a wrong checksum", damaged(&hello(good)), FaultCode::CHECKSUM, "checksum"),
        ("no Packet", wire::frame(&[0xff]), FaultCode::MALFORMED, ""),
        ("a result", framed(1, body::RESULT, &[]), FaultCode::STREAM, "first packet"),
    ];
    for (case, say, code, sentence) in table {
        let say = say.clone();
        let collector = FakeCollector::start(move |mut agent| {
            agent.say(&say);
            agent.rest()
        });
        let error = kind.connect(collector.path(), Options::default()).err().expect(case);
        assert_protocol(case, &error, *code, sentence);
        assert!(error.endpoint().is_some_and(|path| path == collector.path()), "{case}");
        let heard = collector.join();
        assert_eq!(heard[0].body, body::HELLO, "{case}");
        assert_told(case, &heard[1..], *code, sentence);
        assert!(heard[1].len <= 256, "{case}: {heard:?}");
    }
}

fn a_collector_that_refuses_or_goes_says_more_than_the_line(kind: Kind) {
    for (case, say, want) in [
        ("one too many", fault(0, FaultCode::BUSY, "come back later"), "BUSY: come back later"),
        ("not you", fault(0, FaultCode::UNAUTHORIZED, "go"), "refuses this user"),
        ("gone at once", vec![], "is the collector still running?"),
        ("gone in its Hello", Greeting::collector().framed()[..7].to_vec(), "still running?"),
    ] {
        let collector = FakeCollector::start(move |mut agent| agent.say(&say));
        let error = kind.connect(collector.path(), Options::default()).err().expect(case);
        assert!(error.to_string().contains(want), "{case}: {error}");
        let path = collector.path().to_str().expect("plain text");
        assert!(error.to_string().starts_with(path), "{case}: {error}");
        collector.join();
    }
}
