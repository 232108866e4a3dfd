//! The threads among which connections are shared out.

use std::collections::BTreeMap;

use crate::{Server, client::Client};

const THREADS: usize = 3;

fn server() -> Server {
    Server::start_in([("OMNIFN_TEST_START", "well"), ("OMNIFN_TEST_THREADS", "3")])
}

/// Connections, by the thread that has each.
fn connected(server: &Server, count: usize) -> BTreeMap<String, Vec<Client>> {
    let mut all = BTreeMap::<String, Vec<Client>>::new();
    for _ in 0..count {
        let mut client = server.connect();
        client.send("GET /thread HTTP/1.1\r\nhost: x\r\n\r\n");
        let answer = client.read_until(")");
        let thread = answer.rsplit("\r\n").next().unwrap_or_default().to_owned();
        assert!(thread.starts_with("ThreadId("), "{answer}");
        all.entry(thread).or_default().push(client);
    }
    all
}

#[test]
fn each_has_as_many_connections() {
    let server = server();
    let all = connected(&server, 10 * THREADS);
    let counts: Vec<_> = all.values().map(Vec::len).collect();
    assert_eq!(counts, [10; THREADS]);
    drop(all);
    // Those that have ended do not count, once that was seen.
    let shared_out = || connected(&server, THREADS).values().map(Vec::len).eq([1; THREADS]);
    let seen = (0..100).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(100));
        shared_out()
    });
    assert!(seen);
}

#[test]
fn one_that_is_busy_holds_no_other_up() {
    let server = server();
    let mut all: Vec<Client> = connected(&server, THREADS).into_values().flatten().collect();
    let mut busy = all.remove(0);
    busy.send("GET /block/3000 HTTP/1.1\r\nhost: x\r\n\r\n");
    for client in &mut all {
        for _ in 0..100 {
            client.send("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
            assert!(client.read_until("fine").ends_with("fine"));
        }
    }
    assert!(busy.read_until("blocked").ends_with("blocked"));
}

/// Also those that their thread had no time for when the word came.
#[test]
fn those_that_wait_for_their_thread_are_answered() {
    let server = server();
    let mut busy: Vec<Client> = connected(&server, THREADS).into_values().flatten().collect();
    for client in &mut busy {
        client.send("GET /block/1500 HTTP/1.1\r\nhost: x\r\n\r\n");
    }
    std::thread::sleep(std::time::Duration::from_millis(300));
    let mut waiting: Vec<Client> = (0..4).map(|_| server.connect()).collect();
    for client in &mut waiting {
        client.send("GET /sleep/300 HTTP/1.1\r\nhost: x\r\n\r\n");
    }
    std::thread::sleep(std::time::Duration::from_millis(300));
    server.process.signal("TERM");
    for client in &mut waiting {
        let answer = client.read_all();
        assert!(answer.ends_with("slept"), "{answer:?}");
    }
    assert_eq!(server.process.wait(), (Some(0), Vec::new()));
}

#[test]
fn all_finish_what_is_in_flight() {
    let server = server();
    let mut all: Vec<Client> = connected(&server, 10 * THREADS).into_values().flatten().collect();
    for client in &mut all {
        client.send("GET /sleep/1500 HTTP/1.1\r\nhost: x\r\n\r\n");
    }
    std::thread::sleep(std::time::Duration::from_millis(300));
    server.process.signal("TERM");
    for client in &mut all {
        let answer = client.read_all();
        assert!(answer.ends_with("slept") && answer.contains("connection: close"), "{answer}");
    }
    assert_eq!(server.process.wait(), (Some(0), Vec::new()));
}
