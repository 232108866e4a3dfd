//! The built program, started by the command in the README, answers the README's requests.
#![cfg(unix)]

#[path = "../../../tests/support/client.rs"]
#[allow(dead_code, reason = "the server's own suite uses the rest")]
mod client;
#[path = "../../../tests/support/process.rs"]
#[allow(dead_code, reason = "the suites of the runtime use the rest")]
mod process;

use std::process::Command;

use process::Process;

/// The program, and its port.
fn start() -> (Process, u16) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_api"));
    command.env_clear().env("PORT", "0").env("OMNIFN_PROVIDER", "local");
    let process = Process::run(command);
    let line = process.wait_for("listening on http://127.0.0.1:");
    let port = line.split(':').nth(2).and_then(|rest| rest.split(' ').next()).expect("a port");
    let port = port.parse().expect("a number");
    (process, port)
}

/// The commands in the first section of README.
fn commands() -> Vec<String> {
    let readme = include_str!("../../../README.md");
    let section = readme.split("\n## ").find(|section| section.starts_with("Try a checkout")).expect("the section");
    section.lines().filter(|line| line.starts_with("curl ")).map(str::to_owned).collect()
}

/// What `curl` sends, as bytes.
fn request(command: &str) -> (String, String) {
    let (mut path, mut headers, mut body) = (String::new(), String::new(), None);
    let mut words = words(command).into_iter().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "-i" => {}
            "-H" => headers += &format!("{}\r\n", words.next().expect("a header")),
            "-d" => body = words.next(),
            url => path = url.strip_prefix("http://127.0.0.1:8080").expect("a URL").to_owned(),
        }
    }
    let (method, body) = body.map_or(("GET", String::new()), |body| ("POST", body));
    let length = body.len();
    let head = format!("{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {length}\r\n");
    (format!("{method} {path}"), format!("{head}{headers}\r\n{body}"))
}

/// A line as a shell splits it, of the quotes that README uses.
fn words(line: &str) -> Vec<String> {
    let parts = line.split('\'').enumerate();
    let words = parts.flat_map(|(i, part)| match i % 2 {
        0 => part.split_whitespace().map(str::to_owned).collect(),
        _ => vec![part.to_owned()],
    });
    words.collect()
}

#[test]
fn the_commands_of_the_readme() {
    let (process, port) = start();
    const NOTE: &str = r#"{"id":1,"title":"milk","text":"","tags":["shop"]}"#;
    let expected = [
        ("POST /notes", "201 Created", NOTE.to_owned()),
        ("GET /notes?tag=shop", "200 OK", format!(r#"{{"notes":[{NOTE}],"next":null}}"#)),
        // Those of the banner.
        ("GET /notes/1", "200 OK", NOTE.to_owned()),
        ("GET /notes/7", "404 Not Found", "there is no note 7".to_owned()),
    ];
    let mut commands = commands();
    commands.extend(["curl http://127.0.0.1:8080/notes/1", "curl http://127.0.0.1:8080/notes/7"].map(str::to_owned));
    assert_eq!(commands.len(), expected.len(), "{commands:?}");
    for (command, (line, status, body)) in commands.iter().zip(expected) {
        let (shown, bytes) = request(command);
        assert_eq!(shown, line);
        let mut client = client::Client::connect(port);
        client.send(bytes);
        let answer = client.read_all();
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}\r\n")), "{command}: {answer}");
        assert!(answer.contains(&body), "{command}: {answer}");
        let log = process.wait_for(&format!("{} → {}", line.split('?').next().unwrap_or(line), &status[..3]));
        assert!(log.contains(" ms "), "{log}");
    }
}

#[test]
fn a_command_is_shown_for_each_route() {
    let (process, port) = start();
    process.wait_for(&format!("curl http://127.0.0.1:{port}/whoami"));
    let log = process.log().join("\n");
    for (route, command) in [
        ("GET /notes/{id}", format!("curl http://127.0.0.1:{port}/notes/1")),
        ("PUT /notes/{id}/attachment", format!("curl -X PUT http://127.0.0.1:{port}/notes/1/attachment")),
        ("DELETE /notes/{id}", format!("curl -X DELETE http://127.0.0.1:{port}/notes/1")),
    ] {
        assert!(log.contains(route) && log.contains(&command), "{route}:\n{log}");
    }
}

#[test]
fn a_port_in_use_is_reported_plainly() {
    let (_first, port) = start();
    let mut command = Command::new(env!("CARGO_BIN_EXE_api"));
    command.env_clear().env("PORT", port.to_string()).env("OMNIFN_PROVIDER", "local");
    let (code, log) = Process::run(command).wait();
    assert_eq!(code, Some(1));
    let words = format!("port {port} of 127.0.0.1 is already in use");
    assert!(log.len() == 1 && log[0].contains(&words) && log[0].contains("PORT="), "{log:?}");
}

#[test]
fn it_ends_after_a_shutdown_signal() {
    for signal in ["TERM", "INT"] {
        let (process, _) = start();
        process.signal(signal);
        let (code, log) = process.wait();
        assert_eq!((code, log), (Some(0), Vec::new()), "{signal}");
    }
}
