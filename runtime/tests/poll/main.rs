//! The loop over the Lambda Runtime API, as a process against an API that answers what the tests want.
#![cfg(feature = "poll")]

mod act;
mod cases;
mod concurrent;
mod frozen;
mod garbage;
#[path = "../../../tests/support/process.rs"]
mod process;
#[path = "../../../tests/support/runtime_api.rs"]
mod runtime_api;
mod start;
mod stream;

use std::process::ExitCode;

use omnifn_core::Error;
use process::Process;
use runtime_api::RuntimeApi;

/// The program on the platform.
#[test]
#[ignore = "no test: the function's process, which the tests start"]
fn function_process() {
    let Ok(start) = std::env::var("OMNIFN_TEST_START") else { return };
    let app = match start.as_str() {
        "error" => act::app().state_from(|| async { Err::<u8, _>(Error::status(500, "there is no \"database\"")) }),
        "stop" => act::app().state("the state").on_stop(async |state: &'static str| {
            eprintln!("stopping with {state}");
            Err::<(), _>(Error::status(500, "on purpose"))
        }),
        "stop late" => act::app().on_stop(async || {
            eprintln!("stopping");
            tokio::time::sleep(std::time::Duration::from_secs(1)).await;
            Ok::<_, Error>(())
        }),
        "restore" => act::app().on_restore(async || eprintln!("restored")),
        "no restore" => act::app().on_restore(async || Err::<(), _>(Error::status(500, "nothing is as it was"))),
        "panic" => act::app().state_from(async || -> Result<u8, Error> { panic!("the start panicked") }),
        _ => act::app(),
    };
    if std::env::var_os("OMNIFN_TEST_OWN_RUNTIME").is_some() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let error =
            runtime.block_on(omnifn_runtime::poll::serve(act::Direct, app)).expect_err("it serves until the end");
        eprintln!("not served: {error}");
        std::process::exit(2);
    }
    let code = omnifn_runtime::poll::run(act::Direct, app);
    std::process::exit(i32::from(code != ExitCode::SUCCESS));
}

/// The environment that the platform gives a function.
fn environment(api: &str) -> Vec<(&'static str, String)> {
    vec![
        ("OMNIFN_TEST_START", "well".to_owned()),
        ("AWS_LAMBDA_RUNTIME_API", api.to_owned()),
        ("AWS_LAMBDA_FUNCTION_NAME", "act".to_owned()),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".to_owned()),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128".to_owned()),
    ]
}

fn start(api: &RuntimeApi) -> Process {
    start_with(api, [])
}

fn start_with<const N: usize>(api: &RuntimeApi, more: [(&'static str, &str); N]) -> Process {
    let more = more.map(|(name, value)| (name, value.to_owned()));
    Process::start("function_process", environment(&api.address()).into_iter().chain(more))
}
