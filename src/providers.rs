//! The one table from cargo feature to adapter: a module each, and [`run`], which chooses.

use std::process::ExitCode;

use omnifn_core::App;
use omnifn_runtime::env;

/// AWS Lambda.
#[cfg(feature = "aws")]
pub mod aws {
    pub use omnifn_aws::*;

    use super::*;

    /// Runs an app as an AWS Lambda function, until the platform ends it.
    pub fn run(app: App) -> ExitCode {
        omnifn_runtime::poll::run(Aws::new(&env::var), app)
    }
}

/// Google Cloud Run, the Functions Framework contract, and Knative.
#[cfg(feature = "gcp")]
pub mod gcp {
    pub use omnifn_gcp::*;

    use super::*;

    /// Runs an app as a Google Cloud Run function, or as any Knative service, until it is told to stop.
    pub fn run(app: App) -> ExitCode {
        let app = match env::var("FUNCTION_TARGET") {
            Some(name) => app.only(name),
            None => app,
        };
        omnifn_runtime::serve::run(Gcp::new(&env::var), app, omnifn_runtime::serve::Options::any_address(8080))
    }
}

/// Azure Functions.
#[cfg(feature = "azure")]
pub mod azure {
    pub use omnifn_azure::*;

    use super::*;

    /// Runs an app as an Azure Functions custom handler, until the host ends it.
    pub fn run(app: App) -> ExitCode {
        todo!()
    }
}

/// This machine.
#[cfg(feature = "local")]
pub mod local {
    pub use omnifn_local::*;

    use super::*;

    /// Serves an app on this machine, until it is interrupted.
    pub fn run(app: App) -> ExitCode {
        use omnifn_runtime::serve::{self, Options};
        let options = Options::loopback(8080).host_variable("HOST").with_banner().with_access_log();
        serve::run(Local::new(&env::var), app, options)
    }
}
