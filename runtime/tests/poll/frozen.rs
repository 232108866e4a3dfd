//! A program may be frozen as soon as it has asked for the next event: what it logged is out by then.

use std::{
    io::{self, Read, Write},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicUsize, Ordering::SeqCst},
    thread,
    time::Duration,
};

use super::{runtime_api::Next, *};

struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Long beside what a process needs to go on.
const WHILE: Duration = Duration::from_millis(300);

#[test]
fn the_line_of_an_invocation_is_written_before_the_next_poll() {
    static FILLED: AtomicUsize = AtomicUsize::new(0);
    let (mut reader, writer) = io::pipe().expect("a pipe");
    let mut filler = writer.try_clone().expect("its end");
    // The log is full, and writers wait.
    let filling = thread::spawn(move || {
        while filler.write_all(&[b'x'; 512]).is_ok() {
            FILLED.fetch_add(1, SeqCst);
        }
    });
    let mut last = 0;
    while last == 0 || last != FILLED.load(SeqCst) {
        last = FILLED.load(SeqCst);
        thread::sleep(WHILE);
    }

    let api = RuntimeApi::start();
    let mut command = Command::new(std::env::current_exe().expect("the test binary"));
    command.args(["function_process", "--exact", "--ignored", "--nocapture", "--test-threads=1"]).env_clear();
    command.envs(environment(&api.address())).stdout(Stdio::null()).stderr(writer);
    let _process = Killed(command.spawn().expect("the program starts"));
    drop(command);
    api.push(Next::event("first", "echo hello"));
    api.wait_for("/invocation/next");
    thread::sleep(WHILE);
    let requests = api.requests();
    assert_eq!(requests.len(), 1, "it goes on although its log waits: {requests:?}");

    thread::spawn(move || {
        let mut piece = [0; 4096];
        while reader.read(&mut piece).is_ok_and(|length| length > 0) {}
    });
    assert_eq!(api.wait_for("/invocation/first/response").text(), "hello");
    drop(filling);
}
