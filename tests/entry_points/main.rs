//! The program as it is built, with every provider in it, over each provider's real protocol: the environment chooses, and
//! each entry point can be called by itself.
#![cfg(unix)]

#[path = "../support/client.rs"]
#[allow(dead_code, reason = "the server's own suite uses the rest")]
mod client;
#[path = "../support/ports.rs"]
mod ports;
#[path = "../support/process.rs"]
#[allow(dead_code, reason = "the suites of the runtime use the rest")]
mod process;
#[path = "../support/runtime_api.rs"]
#[allow(dead_code, reason = "the suite of the Lambda loop uses the rest")]
mod runtime_api;

use std::process::ExitCode;

use omnifn::prelude::*;
use ports::free_port;
use process::Process;
use runtime_api::{Next, RuntimeApi};

#[function(get = "/hello/{name}")]
async fn hello(Path(name): Path<String>, ctx: Context) -> String {
    format!("Hello, {name}, from {}!", ctx.provider())
}

#[function(any = "/other")]
async fn other() -> &'static str {
    "another function"
}

/// The program.
#[test]
#[ignore = "no test: the program, which the tests start"]
fn program() {
    let Ok(entry) = std::env::var("OMNIFN_TEST_ENTRY") else { return };
    let app = omnifn::app!(hello, other);
    let code = match entry.as_str() {
        "aws" => omnifn::aws::run(app),
        "azure" => omnifn::azure::run(app),
        "gcp" => omnifn::gcp::run(app),
        "local" => omnifn::local::run(app),
        "own runtime" => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            if runtime.block_on(omnifn::serve(app)).is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        _ => omnifn::run(app),
    };
    std::process::exit(i32::from(code != ExitCode::SUCCESS));
}

fn start(entry: &str, environment: &[(&str, &str)]) -> Process {
    let environment = [("OMNIFN_TEST_ENTRY", entry)].into_iter().chain(environment.iter().copied());
    Process::start("program", environment.map(|(name, value)| (name, value.to_owned())))
}

/// The answer to a request, once the program listens.
fn get(process: &mut Process, port: u16, path: &str, headers: &str) -> String {
    let until = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        process.assert_alive("before it listens");
        assert!(std::time::Instant::now() < until, "nobody listens");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let mut client = client::Client::connect(port);
    client.send(format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{headers}\r\n"));
    client.read_all()
}

#[test]
fn the_environment_chooses_a_server() {
    for (entry, variable, more, provider) in [
        ("any", "PORT", &[][..], "local"),
        ("any", "PORT", &[("K_SERVICE", "hello")], "gcp"),
        ("any", "PORT", &[("OMNIFN_PROVIDER", "local")], "local"),
        ("any", "FUNCTIONS_CUSTOMHANDLER_PORT", &[("OMNIFN_AZURE_HTTP", "proxying")], "azure"),
        ("own runtime", "PORT", &[], "local"),
        ("gcp", "PORT", &[], "gcp"),
        ("local", "PORT", &[("K_SERVICE", "hello")], "local"),
        ("azure", "FUNCTIONS_CUSTOMHANDLER_PORT", &[("OMNIFN_AZURE_HTTP", "proxying")], "azure"),
    ] {
        let port = free_port();
        let text = port.to_string();
        let mut process = start(entry, &[&[(variable, text.as_str())], more].concat());
        // As Azure's host forwards it; the others do not mind.
        let forwarded = "x-forwarded-host: example.com\r\nx-forwarded-for: 203.0.113.7\r\nx-forwarded-proto: https\r\n";
        let answer = get(&mut process, port, "/hello/world", forwarded);
        assert!(answer.ends_with(&format!("Hello, world, from {provider}!")), "{entry} {more:?}: {answer}");
    }
}

#[test]
fn the_environment_chooses_lambda() {
    for entry in ["any", "aws", "own runtime"] {
        let api = RuntimeApi::start();
        // A server's variable beside Lambda's changes nothing.
        let _process = start(
            entry,
            &[
                ("AWS_LAMBDA_RUNTIME_API", &api.address()),
                ("AWS_LAMBDA_FUNCTION_NAME", "hello"),
                ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
                ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
                ("PORT", "1"),
            ],
        );
        let event = r#"{"version":"2.0","rawPath":"/hello/world","rawQueryString":"","headers":{},
            "requestContext":{"http":{"method":"GET","path":"/hello/world","sourceIp":"203.0.113.7"},"stage":"$default"},
            "isBase64Encoded":false}"#;
        api.push(Next::event("one", event));
        let reply: serde_json::Value = serde_json::from_str(api.wait_for("/one/response").text()).expect("JSON");
        assert_eq!(
            (reply["statusCode"].as_u64(), reply["body"].as_str()),
            (Some(200), Some("Hello, world, from aws!"))
        );
    }
}

#[test]
fn a_function_target_is_served_alone() {
    let port = free_port();
    let mut process = start("any", &[("PORT", &port.to_string()), ("FUNCTION_TARGET", "hello")]);
    let answer = get(&mut process, port, "/hello/world", "");
    assert!(answer.ends_with("Hello, world, from gcp!"), "{answer}");
    let answer = get(&mut process, port, "/other", "");
    assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");

    let several = [("PORT", &*port.to_string()), ("FUNCTION_TARGET", "other, hello")];
    drop(process);
    let mut process = start("any", &several);
    assert!(get(&mut process, port, "/hello/world", "").ends_with("Hello, world, from gcp!"));
    assert!(get(&mut process, port, "/other", "").starts_with("HTTP/1.1 200 "));

    let (code, lines) = start("any", &[("PORT", "0"), ("FUNCTION_TARGET", "hello,helo")]).wait();
    assert_eq!((code, lines.len()), (Some(1), 1), "{lines:?}");
    assert!(lines[0].contains("unknown function `helo`; the functions are: `hello`, `other`"), "{}", lines[0]);
}

#[test]
fn an_unknown_provider_is_one_line_and_an_exit() {
    let (code, lines) = start("any", &[("OMNIFN_PROVIDER", "ibm")]).wait();
    assert_eq!((code, lines.len()), (Some(1), 1), "{lines:?}");
    assert!(
        lines[0].contains("OMNIFN_PROVIDER: \"ibm\"") && lines[0].contains("`aws`, `azure`, `gcp`, `local`"),
        "{}",
        lines[0]
    );
}

/// With several providers in a build, the first lines name the one that runs, and why.
#[test]
fn the_first_lines_name_the_provider() {
    for (variables, expected) in [
        (&[][..], "provider: local, because no variable of another platform is set"),
        (&[("K_SERVICE", "hello")], "provider: gcp, because K_SERVICE is set"),
        (&[("OMNIFN_PROVIDER", "gcp")], "provider: gcp, because OMNIFN_PROVIDER is set"),
    ] {
        let port = free_port().to_string();
        let process = start("any", &[&[("PORT", port.as_str())], variables].concat());
        process.wait_for(expected);
    }
}
