//! The HTTP server.

mod options;

use std::process::ExitCode;

use omnifn_core::{Adapter, App};

pub use options::Options;

/// Serves an app behind an adapter until the process is told to stop (SIGTERM, SIGINT).
pub fn run(adapter: impl Adapter, app: App, options: Options) -> ExitCode {
    let _ = (adapter, app, options);
    ExitCode::FAILURE
}
