//! A function in a process of its own: the test binary again, in the role of the program that runs on the platform.

use std::{
    io::{BufRead, BufReader, Read},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

/// Killed when it is dropped.
pub(crate) struct Process {
    child: Child,
    log: Arc<Mutex<Vec<String>>>,
    readers: Vec<thread::JoinHandle<()>>,
}

impl Process {
    /// Starts the ignored test of this name in the test binary, with this environment alone.
    #[allow(dead_code, reason = "an example has a program of its own")]
    pub(crate) fn start<'a>(test: &str, env: impl IntoIterator<Item = (&'a str, String)>) -> Self {
        let mut command = Command::new(std::env::current_exe().expect("the test binary"));
        command.args([test, "--exact", "--ignored", "--nocapture", "--test-threads=1"]).env_clear().envs(env);
        Process::run(command)
    }

    /// Starts a program.
    pub(crate) fn run(mut command: Command) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let log = Arc::new(Mutex::new(Vec::new()));
        let outputs: [Box<dyn Read + Send>; 2] =
            [Box::new(child.stdout.take().expect("piped")), Box::new(child.stderr.take().expect("piped"))];
        let read = |output| {
            let lines = log.clone();
            thread::spawn(move || {
                for line in BufReader::new(output).split(b'\n').map_while(Result::ok) {
                    let line = String::from_utf8_lossy(&line).into_owned();
                    lines.lock().unwrap_or_else(PoisonError::into_inner).push(line);
                }
            })
        };
        let readers = outputs.into_iter().map(read).collect();
        Process { child, log, readers }
    }

    /// What it wrote so far, to standard output and standard error.
    pub(crate) fn log(&self) -> Vec<String> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits for a line that contains `words`.
    #[allow(dead_code, reason = "one of the two suites needs it")]
    pub(crate) fn wait_for(&self, words: &str) -> String {
        let until = Instant::now() + Duration::from_secs(120);
        loop {
            if let Some(line) = self.log().into_iter().find(|line| line.contains(words)) {
                return line;
            }
            assert!(Instant::now() < until, "no line says {words:?}; the log:\n{}", self.log().join("\n"));
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Its number.
    #[allow(dead_code, reason = "one of the suites needs it")]
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends it a signal, by the name that `kill` knows.
    #[allow(dead_code, reason = "one of the two suites needs it")]
    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let status = Command::new("kill").args(["-s", name, &id]).status();
        assert!(status.is_ok_and(|status| status.success()), "kill -s {name} {id}");
    }

    pub(crate) fn assert_alive(&mut self, when: &str) {
        let exited = self.child.try_wait().expect("its state");
        assert!(exited.is_none(), "{when}: the process has ended ({exited:?}); its log:\n{}", self.log().join("\n"));
    }

    /// Waits for its end: its exit code and what it complained of.
    pub(crate) fn wait(mut self) -> (Option<i32>, Vec<String>) {
        let until = Instant::now() + Duration::from_secs(120);
        let code = loop {
            if let Some(status) = self.child.try_wait().expect("its state") {
                break status.code();
            }
            assert!(Instant::now() < until, "the process does not end; its log:\n{}", self.log().join("\n"));
            thread::sleep(Duration::from_millis(10));
        };
        (code, self.rest())
    }

    /// Waits for its end: all that it wrote.
    #[allow(dead_code, reason = "one of the suites needs it")]
    pub(crate) fn lines(mut self) -> Vec<String> {
        self.child.wait().expect("its end");
        self.rest();
        self.log()
    }

    /// Ends it: its own log lines.
    #[allow(dead_code, reason = "one of the two suites needs it")]
    pub(crate) fn kill(mut self) -> Vec<String> {
        self.child.kill().expect("it runs");
        self.rest()
    }

    fn rest(&mut self) -> Vec<String> {
        self.readers.drain(..).for_each(|reader| reader.join().expect("its log"));
        // The line of each invocation is not a complaint.
        let is_info = |line: &String| line.starts_with("INFO ") || line.contains(r#""INFO""#);
        let is_own = |line: &String| line.contains(" omnifn: ") || line.contains(r#""logger":"omnifn""#);
        self.log().into_iter().filter(|line| is_own(line) && !is_info(line)).collect()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
