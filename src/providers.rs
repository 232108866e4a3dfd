//! The one table from cargo feature to adapter: a module each, and [`run`], which chooses.

use std::process::ExitCode;

use omnifn_core::{App, Error, ErrorKind, Settings};
use omnifn_runtime::{env, start};

struct Provider {
    name: &'static str,
    detect: fn(&dyn Settings) -> bool,
    run: fn(App) -> ExitCode,
}

/// Those that this build holds, in the order in which they are asked whether the environment is theirs. The code that reads events
/// is in a program only where it has functions for them.
struct Providers<const EVENTS: bool>;

impl<const EVENTS: bool> Providers<EVENTS> {
    const ALL: &[Provider] = &[
        #[cfg(feature = "aws")]
        Provider { name: "aws", detect: aws::detect, run: aws::run_with::<EVENTS> },
        #[cfg(feature = "azure")]
        Provider { name: "azure", detect: azure::detect, run: azure::run_with::<EVENTS> },
        #[cfg(feature = "gcp")]
        Provider { name: "gcp", detect: gcp::detect, run: gcp::run_with::<EVENTS> },
        #[cfg(feature = "local")]
        Provider { name: "local", detect: local::detect, run: local::run_with::<EVENTS> },
    ];
}

/// The names of the providers that this build holds, in their order.
pub(crate) const NAMES: [&str; Providers::<true>::ALL.len()] = {
    let mut names = [""; Providers::<true>::ALL.len()];
    let mut i = 0;
    while i < names.len() {
        names[i] = Providers::<true>::ALL[i].name;
        i += 1;
    }
    names
};

/// Runs an app where it is: on the one provider that this build holds. Of several, the variable `OMNIFN_PROVIDER` names
/// one (`aws`, `azure`, `gcp`, `local`); unset, the first whose environment this is: AWS Lambda's, Azure Functions', Google
/// Cloud Run's, and else this machine's.
///
/// ```no_run
/// use omnifn::prelude::*;
///
/// #[function(get = "/hello/{name}")]
/// async fn hello(Path(name): Path<String>) -> String {
///     format!("Hello, {name}!")
/// }
///
/// fn main() -> std::process::ExitCode {
///     omnifn::run(App::new().function(hello {}))
/// }
/// ```
pub fn run(app: App) -> ExitCode {
    run_with::<true>(app)
}

/// The same, for an app that has functions for events or, as far as the compiler can tell, has none.
#[doc(hidden)]
pub fn run_with<const EVENTS: bool>(app: App) -> ExitCode {
    match choose(Providers::<EVENTS>::ALL, &env::var) {
        Ok(provider) => (provider.run)(app),
        Err(error) => start::fail(&error),
    }
}

fn choose(providers: &'static [Provider], settings: &dyn Settings) -> Result<&'static Provider, Error> {
    let names = || NAMES.join("`, `");
    if let Some(name) = settings.get("OMNIFN_PROVIDER") {
        return providers.iter().find(|provider| provider.name == name).ok_or_else(|| {
            let words = format!("OMNIFN_PROVIDER={name:?}, but this program is built for: `{}`", names());
            Error::new(ErrorKind::Config, words)
        });
    }
    match providers {
        [only] => Ok(only),
        several => several.iter().find(|provider| (provider.detect)(settings)).ok_or_else(|| {
            let words = format!(
                "this is the environment of none of the providers that this program is built for (`{}`): name one in \
                 OMNIFN_PROVIDER, or build with the feature `local`, too",
                names()
            );
            Error::new(ErrorKind::Config, words)
        }),
    }
}

/// AWS Lambda.
#[cfg(feature = "aws")]
pub mod aws {
    pub use omnifn_aws::*;
    use omnifn_runtime::poll;

    use super::*;

    /// Runs an app as an AWS Lambda function, until the platform ends it.
    ///
    /// `OMNIFN_FUNCTION` names the one function that this Lambda function is; unset, each event goes to the one that takes it.
    pub fn run(app: App) -> ExitCode {
        run_with::<true>(app)
    }

    pub(super) fn run_with<const EVENTS: bool>(app: App) -> ExitCode {
        let app = match env::var("OMNIFN_FUNCTION") {
            Some(name) => app.only(name),
            None => app,
        };
        match EVENTS {
            true => poll::run(Aws::new(&env::var), app),
            false => poll::run_of_requests(Aws::new(&env::var), app),
        }
    }
}

/// Azure Functions.
#[cfg(feature = "azure")]
pub mod azure {
    pub use omnifn_azure::*;
    use omnifn_runtime::serve::{self, Options};

    use super::*;

    /// Runs an app as an Azure Functions custom handler, until the host ends it.
    ///
    /// How the host sends HTTP requests is read from its `host.json`, in the folder that `FUNCTIONS_APP_ROOT_PATH` names, else
    /// in the working directory.
    pub fn run(app: App) -> ExitCode {
        run_with::<true>(app)
    }

    pub(super) fn run_with<const EVENTS: bool>(app: App) -> ExitCode {
        let mut azure = Azure::new(&env::var);
        let folder = env::var("FUNCTIONS_APP_ROOT_PATH").unwrap_or_else(|| ".".to_owned());
        if let Ok(host_json) = std::fs::read(std::path::Path::new(&folder).join("host.json")) {
            azure = azure.with_host_json(&host_json);
        }
        let options = Options::loopback(8080).port_variable("FUNCTIONS_CUSTOMHANDLER_PORT");
        serve::run(azure, app, options)
    }
}

/// Google Cloud Run, the Functions Framework contract, and Knative.
#[cfg(feature = "gcp")]
pub mod gcp {
    use omnifn_core::{Spec, names};
    pub use omnifn_gcp::*;
    use omnifn_runtime::{
        log,
        serve::{self, Options},
    };

    use super::*;

    /// Runs an app as a Google Cloud Run function, or as any Knative service, until it is told to stop.
    ///
    /// `FUNCTION_TARGET` names the one function to serve, or several, with commas; unset, all are served by their routes.
    pub fn run(app: App) -> ExitCode {
        run_with::<true>(app)
    }

    pub(super) fn run_with<const EVENTS: bool>(app: App) -> ExitCode {
        if let Some(kind) = env::var("FUNCTION_SIGNATURE_TYPE") {
            let target = env::var("FUNCTION_TARGET");
            let named = target.as_deref().map(names);
            let takes_events = |spec: &&Spec| {
                spec.routes().is_empty() && named.as_ref().is_none_or(|names| names.contains(&spec.name))
            };
            let declared = if app.specs().any(|spec| takes_events(&spec)) { "cloudevent" } else { "http" };
            if kind != declared {
                log::warn(format_args!("FUNCTION_SIGNATURE_TYPE={kind:?}, but what the source says holds: {declared}"));
            }
        }
        let gcp = Gcp::new(&env::var);
        let gcp = gcp.with_routes(app.specs().flat_map(|spec| spec.routes()));
        let app = match env::var("FUNCTION_TARGET") {
            Some(name) => app.only(name),
            None => app,
        };
        let options = Options::any_address(8080);
        serve::run(gcp, app, options)
    }
}

/// This machine.
#[cfg(feature = "local")]
pub mod local {
    use std::io::IsTerminal as _;

    pub use omnifn_local::*;
    use omnifn_runtime::serve::{self, Options};

    use super::*;

    /// Serves an app on this machine, until it is interrupted: on 127.0.0.1:8080, unless `HOST` and `PORT` say another
    /// address.
    pub fn run(app: App) -> ExitCode {
        run_with::<true>(app)
    }

    pub(super) fn run_with<const EVENTS: bool>(app: App) -> ExitCode {
        let options = Options::loopback(8080).host_variable("HOST").with_banner();
        // https://no-color.org
        let coloured = env::var("NO_COLOR").is_none() && std::io::stderr().is_terminal();
        let local = Local::new(&env::var);
        let local = local.with_colours(coloured);
        serve::run(local, app, options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With all providers in one build, each environment chooses its own.
    #[cfg(all(feature = "aws", feature = "azure", feature = "gcp", feature = "local"))]
    #[test]
    fn the_environment_chooses() {
        let chosen = |variables: &[(&str, &str)]| {
            let get =
                |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.to_string());
            choose(Providers::<true>::ALL, &get).map(|provider| provider.name).map_err(|error| error.to_string())
        };
        for (variables, expected) in [
            (&[][..], "local"),
            (&[("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9001"), ("PORT", "8080")], "aws"),
            (&[("FUNCTIONS_CUSTOMHANDLER_PORT", "7071"), ("PORT", "8080")], "azure"),
            (&[("PORT", "8080")], "gcp"),
            (&[("K_SERVICE", "notes")], "gcp"),
            (&[("FUNCTION_TARGET", "hello")], "gcp"),
            (&[("OMNIFN_PROVIDER", "local"), ("K_SERVICE", "notes")], "local"),
            (&[("OMNIFN_PROVIDER", ""), ("K_SERVICE", "")], "local"),
        ] {
            assert_eq!(chosen(variables).as_deref(), Ok(expected), "{variables:?}");
        }
        let error = chosen(&[("OMNIFN_PROVIDER", "ibm")]).unwrap_err();
        assert!(error.contains("\"ibm\"") && error.contains("`aws`, `azure`, `gcp`, `local`"), "{error}");
    }
}
