//! The HTTP server, as a process that clients talk to over sockets.
#![cfg(all(feature = "serve", unix))]

mod app;
#[path = "../../../tests/support/client.rs"]
mod client;
mod ends;
#[cfg(feature = "h2c")]
mod h2c;
mod http1;
mod limits;
#[path = "../../../tests/support/process.rs"]
mod process;
mod raw;
mod start;
mod stop;

use std::process::{Command, ExitCode};

use omnifn_runtime::serve::Options;
use process::Process;

/// The program that serves.
#[test]
#[ignore = "no test: the server's process, which the tests start"]
fn server_process() {
    let Ok(start) = std::env::var("OMNIFN_TEST_START") else { return };
    let mut options = Options::loopback(8080).host_variable("HOST").with_banner();
    if let Some(millis) = std::env::var("OMNIFN_TEST_PATIENCE").ok().and_then(|text| text.parse().ok()) {
        options.client_timeout = std::time::Duration::from_millis(millis);
    }
    let app = app::app(&start);
    if std::env::var_os("OMNIFN_TEST_OWN_RUNTIME").is_some() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let result = runtime.block_on(omnifn_runtime::serve::serve(app::Plain, app, options));
        std::process::exit(i32::from(result.is_err()));
    }
    let code = omnifn_runtime::serve::run(app::Plain, app, options);
    std::process::exit(i32::from(code != ExitCode::SUCCESS));
}

/// A server on a port of its own.
struct Server {
    process: Process,
    port: u16,
}

impl Server {
    fn start() -> Self {
        Server::start_with("well")
    }

    /// A server whose app starts in some way.
    fn start_with(start: &str) -> Self {
        Server::start_in([("OMNIFN_TEST_START", start)])
    }

    /// A server with this in its environment, too.
    fn start_in<const N: usize>(more: [(&str, &str); N]) -> Self {
        Server::of(Process::start("server_process", [env([("PORT", "0")]), env(more)].concat()))
    }

    /// A server that may open only so many files.
    fn start_with_files(files: usize) -> Self {
        let mut command = Command::new("sh");
        command.args(["-c", &format!(r#"ulimit -n {files}; exec "$@""#), "sh"]).arg(std::env::current_exe().unwrap());
        command.args(["server_process", "--exact", "--ignored", "--nocapture", "--test-threads=1"]);
        command.env_clear().envs(env([("PORT", "0")]));
        Server::of(Process::run(command))
    }

    fn of(process: Process) -> Self {
        let line = process.wait_for("listening on http://127.0.0.1:");
        let digits: String =
            line.rsplit(':').next().unwrap_or_default().chars().take_while(char::is_ascii_digit).collect();
        let port = digits.parse().unwrap_or_else(|_| panic!("no port in {line:?}"));
        Server { process, port }
    }

    fn connect(&self) -> client::Client {
        client::Client::connect(self.port)
    }
}

fn env<'a, const N: usize>(more: [(&'a str, &str); N]) -> Vec<(&'a str, String)> {
    let mut env = vec![("OMNIFN_TEST_START", "well".to_owned())];
    env.extend(more.map(|(name, value)| (name, value.to_owned())));
    env
}
