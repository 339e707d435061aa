//! Numbers that are legal and extreme, and such as are not.

use eyelet_codec::FaultCode;
use eyelet_tests::peer::Peer;
use eyelet_tests::wire::{Greeting, body, framed, number, task};

use crate::{RECORDS, Scene, asking};

#[test]
fn as_much_credit_as_a_number_can_hold_overflows_nothing() {
    let scene = Scene::start();
    let credit = |total| framed(1, body::CREDIT, &number(1, total));
    for (case, first, grants) in [
        ("at once", u64::MAX, vec![]),
        ("all but one at once, and more", u64::MAX - 1, vec![u64::MAX, u64::MAX, 1, 0]),
        ("a byte, then all", 1, vec![0, u64::MAX, u64::MAX, 1]),
    ] {
        let greeting = Greeting { credit: first, ..Greeting::agent() };
        let mut agent = Peer::agent_with(scene.collector.endpoint(), greeting);
        agent.say(&asking(1, 20_000));
        for total in grants {
            agent.say(&credit(total));
        }
        assert_eq!(agent.result(1).1, 20_000, "{case}");
        agent.say(&asking(3, 1));
        assert_eq!(agent.result(3).1, 1, "{case}");
        scene.honest.is_answered();
    }
    scene.is_as_before("credit");
}

#[test]
fn the_last_stream_there_is_is_a_stream_and_none_comes_behind_it() {
    let scene = Scene::start();
    for last in [(1 << 31) - 1, (1 << 31) + 1, u32::MAX] {
        let mut agent = scene.agent();
        agent.say(&task(last, ""));
        assert_eq!(agent.result(last.into()).1, RECORDS, "{last}");
        // What it skipped has ended, and what has ended is ignored.
        agent.say(&[framed(1, body::CANCEL, &[]), framed(last, body::CANCEL, &[])].concat());
        for again in [1, last] {
            let mut agent = scene.agent();
            agent.say(&[task(last, ""), task(again, "")].concat());
            let fault = agent.last_words();
            assert_eq!(fault.code, FaultCode::STREAM, "{again} after {last}: {fault:?}");
        }
        scene.honest.is_answered();
    }
    scene.is_as_before("streams");
}

#[test]
fn a_thousand_agents_that_lie_are_told_so_one_after_the_other() {
    let scene = Scene::start();
    let good = Greeting::agent();
    let lies: &[(&str, Vec<u8>, FaultCode)] = &[
        (
            "no version",
            Greeting { versions: (u64::MAX >> 32, 0), ..good }.framed(),
            FaultCode::VERSION,
        ),
        ("later versions", Greeting { versions: (2, 9), ..good }.framed(), FaultCode::VERSION),
        ("a collector", Greeting::collector().framed(), FaultCode::ROLE),
        ("no credit", Greeting { credit: 0, ..good }.framed(), FaultCode::MALFORMED),
        ("huge frames", Greeting { max_frame: 1 << 31, ..good }.framed(), FaultCode::MALFORMED),
        ("a task twice", [good.framed(), task(1, "wait"), task(1, "")].concat(), FaultCode::STREAM),
        ("an even stream", [good.framed(), task(2, "")].concat(), FaultCode::STREAM),
        ("a result", [good.framed(), framed(1, body::RESULT, &[])].concat(), FaultCode::STREAM),
        ("two hellos", [good.framed(), good.framed()].concat(), FaultCode::STREAM),
    ];
    for _ in 0..1000 / lies.len() {
        for (case, say, code) in lies {
            let mut agent = Peer::connect(scene.collector.endpoint());
            agent.say(say);
            assert_eq!(agent.last_words().code, *code, "{case}");
        }
        scene.honest.is_answered();
    }
    scene.is_as_before("lies");
}
