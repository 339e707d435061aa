//! Connections that are not wanted.

use eyelet_codec::{DetectionTask, FaultCode};
use eyelet_tests::peer::Peer;
use eyelet_tests::server::runtime;
use eyelet_tests::wire::{Greeting, body, bytes, framed, task};
use eyelet_transport::Client;
use eyelet_transport::client::Failure;
use eyelet_transport::peer::PeerPolicy;
use eyelet_transport::server::Options;

use crate::{RECORDS, Refusing, garbage};

#[test]
fn one_connection_too_many_gets_one_fault_unread() {
    let options = Options { max_connections: 1, ..Options::default() };
    let server = Refusing::start_with(options, PeerPolicy::same_user());
    let mut first = Peer::agent(server.path());
    // Without a task it might have to make room.
    first.say(&framed(1, body::TASK, &bytes(1, b"wait")));
    while server.tasks_seen() == 0 {
        std::thread::yield_now();
    }
    for say in [Greeting::agent().framed(), garbage(7), vec![]] {
        let mut second = Peer::connect(server.path());
        second.say(&say);
        let packets = second.rest();
        assert_eq!(packets.len(), 1, "{packets:?}");
        let fault = packets[0].fault().expect("a fault");
        assert_eq!((fault.stream, fault.code), (0, FaultCode::BUSY), "{fault:?}");
        assert!(fault.message.contains("try again later"), "{fault:?}");
    }
    assert!(server.has_logged(&["WARN", "too many connections"]));
    assert!(!server.has_logged(&["connection ended"]), "something was parsed");

    first.say(&[framed(1, body::CANCEL, &[]), task(3, "")].concat());
    assert_eq!(
        first.packet().expect("a fault").fault().expect("a fault").code,
        FaultCode::CANCELLED
    );
    assert_eq!(first.result(3).1, RECORDS);
    first.shut();
    assert_eq!(first.rest(), [], "a clean end");
    drop(first);
    server.serves_in_the_end();
}

#[test]
fn who_is_not_admitted_gets_one_fault_unread() {
    let server = Refusing::start_with(Options::default(), PeerPolicy::nobody());
    for say in [[Greeting::agent().framed(), task(1, "")].concat(), garbage(7), vec![]] {
        let mut peer = Peer::connect(server.path());
        peer.say(&say);
        let packets = peer.rest();
        assert_eq!(packets.len(), 1, "{packets:?}");
        let fault = packets[0].fault().expect("a fault");
        assert_eq!((fault.stream, fault.code), (0, FaultCode::UNAUTHORIZED), "{fault:?}");
        assert!(fault.message.contains("may not connect"), "{fault:?}");
    }
    assert!(server.has_logged(&["WARN", "refused a connection"]));
    assert!(!server.has_logged(&["connection ended"]), "something was parsed");
    assert_eq!(server.tasks_seen(), 0);

    let refused = runtime().block_on(async {
        let client = Client::connect(server.path()).await.expect("its file is there");
        client.call(&DetectionTask::default()).await.expect_err("refused")
    });
    let Failure::Refused(fault) = refused.failure() else { panic!("{refused}") };
    assert_eq!(fault.code, FaultCode::UNAUTHORIZED);
    assert!(refused.to_string().contains("refuses this user"), "{refused}");
}
