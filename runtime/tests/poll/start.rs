//! The start of the process, and its end where it cannot start.

use crate::{
    environment,
    process::Process,
    runtime_api::{Answer, Next, RuntimeApi},
    start_with,
};

#[test]
fn both_forms_of_the_address() {
    for (form, base) in [("{}", ""), ("http://{}/.rt/fn", "/.rt/fn"), ("http://{}/.rt/fn/", "/.rt/fn")] {
        let api = RuntimeApi::start();
        api.push(Next::event("one", "echo hello"));
        let _process = Process::start("function_process", environment(&form.replace("{}", &api.address())));
        assert_eq!(api.wait_for("/one/response").path, format!("{base}/2018-06-01/runtime/invocation/one/response"));
        assert_eq!(api.requests()[0].path, format!("{base}/2018-06-01/runtime/invocation/next"), "{form}");
    }
}

/// A program that has its own tokio runtime gets the error.
#[test]
fn an_app_is_served_on_the_runtime_of_the_caller() {
    let own = ("OMNIFN_TEST_OWN_RUNTIME", "1");
    let api = RuntimeApi::start();
    api.push(Next::event("one", "echo hello"));
    let _process = start_with(&api, [own]);
    assert_eq!(api.wait_for("/one/response").text(), "hello");

    let api = RuntimeApi::start();
    let process = start_with(&api, [own, ("OMNIFN_TEST_START", "error")]);
    process.wait_for("not served: there is no \"database\"");
    assert_eq!(process.wait(), (Some(2), Vec::new()));
    api.wait_for("/runtime/init/error");
}

/// An invalid environment is explained in one line.
#[test]
fn a_wrong_environment_is_one_line_and_an_exit() {
    let cases = [
        ("AWS_LAMBDA_RUNTIME_API", "", "OMNIFN_PROVIDER=local"),
        ("AWS_LAMBDA_RUNTIME_API", "https://127.0.0.1", "expected `host:port`"),
        ("AWS_LAMBDA_RUNTIME_API", "here or there", "expected `host:port`"),
        ("AWS_LAMBDA_MAX_CONCURRENCY", "many", "expected a number from 1"),
        ("AWS_LAMBDA_MAX_CONCURRENCY", "0", "expected a number from 1"),
        ("AWS_LAMBDA_FUNCTION_NAME", "", "is not set"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "", "is not set"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "", "expected a number of MB"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "much", "expected a number of MB"),
    ];
    for (name, value, part) in cases {
        let mut env = environment("127.0.0.1:1");
        env.retain(|(n, _)| *n != name);
        env.push((name, value.to_owned()));
        let (code, lines) = Process::start("function_process", env).wait();
        assert_eq!((code, lines.len()), (Some(1), 1), "{name}={value}: {lines:?}");
        assert!(lines[0].starts_with("ERROR omnifn: ") && lines[0].contains(part), "{}", lines[0]);
        assert!(lines[0].contains(name), "{}", lines[0]);
    }
}

#[test]
fn a_failed_start_is_reported() {
    for (start, error_type, message) in [
        ("error", "Runtime.InitError", r#"there is no \"database\""#),
        ("panic", "Runtime.Panicked", "the start panicked"),
    ] {
        let api = RuntimeApi::start();
        let (code, lines) = start_with(&api, [("OMNIFN_TEST_START", start)]).wait();
        assert_eq!(code, Some(1));
        let requests = api.requests();
        assert_eq!(requests.len(), 1, "{start}: no event is asked for");
        assert_eq!(requests[0].path, "/2018-06-01/runtime/init/error");
        assert_eq!(requests[0].header("lambda-runtime-function-error-type"), Some(error_type));
        let body: serde_json::Value = serde_json::from_slice(&requests[0].body).unwrap();
        assert!(body["errorMessage"].to_string().contains(message), "{body}");
        assert_eq!(body["errorType"], error_type);
        assert_eq!(body["stackTrace"], serde_json::json!([]));
        assert_eq!(lines.len(), 1, "{lines:?}");
    }
}

#[test]
fn a_failed_start_ends_the_process_even_if_it_cannot_be_reported() {
    let api = RuntimeApi::start();
    api.answer("/init/error", [Answer::Close, Answer::Close]);
    let (code, lines) = start_with(&api, [("OMNIFN_TEST_START", "error")]).wait();
    assert_eq!((code, lines.len()), (Some(1), 2), "{lines:?}");
    let api = RuntimeApi::start();
    api.answer("/init/error", [Answer::Status(403)]);
    let (code, lines) = start_with(&api, [("OMNIFN_TEST_START", "error")]).wait();
    assert_eq!((code, lines.len()), (Some(1), 2), "{lines:?}");
}

const SNAP_START: [(&str, &str); 1] = [("AWS_LAMBDA_INITIALIZATION_TYPE", "snap-start")];

#[test]
fn snap_start_restores_before_the_first_event() {
    let api = RuntimeApi::start();
    let mut process = start_with(&api, SNAP_START);
    for id in ["one", "two"] {
        api.push(Next::event(id, "echo hello"));
        api.wait_for(&format!("/{id}/response"));
    }
    process.assert_alive("snap start");
    let requests = api.requests();
    let paths: Vec<_> = requests.iter().map(|r| r.path.trim_start_matches("/2018-06-01/runtime/")).collect();
    let expected =
        ["restore/next", "invocation/next", "invocation/one/response", "invocation/next", "invocation/two/response"];
    assert_eq!(paths[..5], expected);
    assert_ne!(requests[0].connection, requests[1].connection, "what was connected before is gone");
}

#[test]
fn a_failed_restore_is_reported() {
    for answer in [Answer::Status(500), Answer::Close] {
        let api = RuntimeApi::start();
        api.answer("/restore/next", [answer]);
        let (code, lines) = start_with(&api, SNAP_START).wait();
        assert_eq!((code, lines.len()), (Some(1), 1), "{lines:?}");
        let requests = api.requests();
        let paths: Vec<_> = requests.iter().map(|r| r.path.trim_start_matches("/2018-06-01/runtime/")).collect();
        assert_eq!(paths, ["restore/next", "init/error"]);
    }
}

#[test]
fn the_loop_is_not_started_again_under_snap_start() {
    let api = RuntimeApi::start();
    let process = start_with(&api, SNAP_START);
    api.push(Next::event("one", "echo hello").header("lambda-runtime-client-context", "{oops"));
    let (code, lines) = process.wait();
    assert_eq!((code, lines.len()), (Some(1), 1), "{lines:?}");
}

/// A program with a stop hook registers an extension, so that it receives SIGTERM. The hook runs, and the exit code is 0.
#[test]
fn stop_hooks_run_on_sigterm() {
    let api = RuntimeApi::start();
    api.answer("/extension/event/next", [Answer::Never]);
    api.answer("/extension/register", [Answer::Header("lambda-extension-identifier", "the-one")]);
    let process = start_with(&api, [("OMNIFN_TEST_START", "stop")]);
    api.push(Next::event("one", "echo hello"));
    api.wait_for("/one/response");
    let register = api.wait_for("/2020-01-01/extension/register");
    assert_eq!(
        (register.header("lambda-extension-name"), register.text()),
        (Some("_lambda-rust-runtime-no-op-graceful-shutdown-helper"), r#"{"events":[]}"#)
    );
    let waits = api.wait_for("/2020-01-01/extension/event/next");
    assert_eq!(waits.header("lambda-extension-identifier"), Some("the-one"));
    process.signal("TERM");
    process.wait_for("stopping with the state");
    let (code, lines) = process.wait();
    assert_eq!((code, lines.len()), (Some(0), 1), "{lines:?}");
    assert!(lines[0].contains("on purpose"), "{lines:?}");
}

/// While stop hooks run, no worker starts another event: what the functions need may be gone.
#[test]
fn no_event_is_started_after_sigterm() {
    let api = RuntimeApi::start();
    api.answer("/extension/event/next", [Answer::Never]);
    api.answer("/extension/register", [Answer::Header("lambda-extension-identifier", "the-one")]);
    let more = [("OMNIFN_TEST_START", "stop late"), ("AWS_LAMBDA_MAX_CONCURRENCY", "4")];
    let process = start_with(&api, more);
    api.push(Next::event("one", "echo hello"));
    api.wait_for("/one/response");
    process.signal("TERM");
    process.wait_for("stopping");
    std::thread::sleep(std::time::Duration::from_millis(200));
    for i in 0..8 {
        api.push(Next::event(&format!("late-{i}"), "echo hello"));
    }
    let (code, lines) = process.wait();
    assert_eq!((code, lines.len()), (Some(0), 0), "{lines:?}");
    let late = api.requests().into_iter().filter(|request| request.path.contains("late")).count();
    assert_eq!(late, 0);
}

/// A platform without extensions is one warning, and the function runs.
#[test]
fn no_extension_is_a_warning() {
    let api = RuntimeApi::start();
    api.answer("/extension/register", [Answer::Status(404)]);
    let process = start_with(&api, [("OMNIFN_TEST_START", "stop")]);
    api.push(Next::event("one", "echo hello"));
    api.wait_for("/one/response");
    let lines = process.kill();
    assert!(lines.len() == 1 && lines[0].contains("stop hooks will not run"), "{lines:?}");
}

/// The restore hook runs before the first event. An error of it is reported.
#[test]
fn a_restore_runs_the_hook() {
    let snap_start = ("AWS_LAMBDA_INITIALIZATION_TYPE", "snap-start");
    let api = RuntimeApi::start();
    api.push(Next::event("one", "echo hello"));
    let process = start_with(&api, [snap_start, ("OMNIFN_TEST_START", "restore")]);
    api.wait_for("/one/response");
    process.wait_for("restored");

    let api = RuntimeApi::start();
    let (code, _) = start_with(&api, [snap_start, ("OMNIFN_TEST_START", "no restore")]).wait();
    let reported = api.wait_for("/runtime/restore/error");
    assert_eq!(code, Some(1));
    assert!(reported.text().contains("nothing is as it was"), "{}", reported.text());
}
