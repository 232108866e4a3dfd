//! The table from cargo feature to adapter, with a module for each provider, and [`run`], which selects one.

use std::{pin::Pin, process::ExitCode};

use omnifn_core::{App, Error, ErrorKind, Settings};
use omnifn_runtime::{env, start};

struct Provider {
    name: &'static str,
    detect: fn(&dyn Settings) -> Option<&'static str>,
    run: fn(App, Reason) -> ExitCode,
    serve: fn(App, Reason) -> BoxFuture<()>,
    router: fn(App) -> BoxFuture<axum::Router>,
}

/// Which provider was chosen and why, for the first lines of a server; `None` where the build or the program leaves no choice.
type Reason = Option<String>;

type BoxFuture<T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send>>;

/// The providers of this build, in the order in which they are detected.
const PROVIDERS: &[Provider] = &[
    #[cfg(feature = "aws")]
    Provider { name: "aws", detect: aws::detect, run: aws::run_chosen, serve: aws::serve, router: aws::router },
    #[cfg(feature = "azure")]
    Provider {
        name: "azure",
        detect: azure::detect,
        run: azure::run_chosen,
        serve: azure::serve,
        router: azure::router,
    },
    #[cfg(feature = "gcp")]
    Provider { name: "gcp", detect: gcp::detect, run: gcp::run_chosen, serve: gcp::serve, router: gcp::router },
    #[cfg(feature = "local")]
    Provider {
        name: "local",
        detect: local::detect,
        run: local::run_chosen,
        serve: local::serve,
        router: local::router,
    },
];

/// The names of the providers of this build, in the same order.
pub(crate) const NAMES: [&str; PROVIDERS.len()] = {
    let mut names = [""; PROVIDERS.len()];
    let mut i = 0;
    while i < names.len() {
        names[i] = PROVIDERS[i].name;
        i += 1;
    }
    names
};

/// Runs an app on the provider of this build. With several providers in a build, the variable `OMNIFN_PROVIDER` selects one (`aws`,
/// `azure`, `gcp`, `local`). If it is unset, the platform is recognized by a variable that it sets: `AWS_LAMBDA_RUNTIME_API`,
/// `FUNCTIONS_CUSTOMHANDLER_PORT`, or `K_SERVICE` or `FUNCTION_TARGET`. If none of them is set, the program runs locally. `PORT` alone
/// selects Google Cloud only in a build without the provider `local`. The first lines of a server name the provider and the reason.
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
    match choose(PROVIDERS, &env::var) {
        Ok((provider, reason)) => (provider.run)(app, reason),
        Err(error) => start::fail(&error),
    }
}

/// Runs an app as [`run`] does, on a tokio runtime of your own.
///
/// It returns when a shutdown signal was received and the requests in flight have been answered. On AWS Lambda, the platform ends the
/// process.
///
/// ```no_run
/// use omnifn::prelude::*;
///
/// #[function(get = "/hello/{name}")]
/// async fn hello(Path(name): Path<String>) -> String {
///     format!("Hello, {name}!")
/// }
///
/// #[tokio::main]
/// async fn main() -> Result<()> {
///     omnifn::serve(omnifn::app!(hello)).await
/// }
/// ```
///
/// # Errors
/// The app or the server cannot start.
pub async fn serve(app: App) -> Result<(), Error> {
    let (provider, reason) = choose(PROVIDERS, &env::var)?;
    (provider.serve)(app, reason).await
}

/// Mounts an [`App`] in an axum server that exists already.
pub trait IntoRouter {
    /// Starts the app and returns an [`axum::Router`] that answers every request as the app does on the provider that [`run`] would choose:
    /// its functions have a [`Context`](crate::Context), deadlines and log lines, and a panic is a 500. The router can be nested, merged, or
    /// served on its own.
    ///
    /// It is async and can fail, because it makes the app's state.
    ///
    /// ```
    /// use omnifn::{axum, prelude::*};
    ///
    /// #[function(get = "/hello/{name}")]
    /// async fn hello(Path(name): Path<String>) -> String {
    ///     format!("Hello, {name}!")
    /// }
    ///
    /// async fn server() -> Result<axum::Router> {
    ///     let functions = omnifn::app!(hello).into_router().await?;
    ///     Ok(axum::Router::new().route("/health", axum::routing::get(|| async { "ok" })).merge(functions))
    /// }
    /// ```
    ///
    /// Events that are posted over HTTP are accepted as on that provider. Locally, that is from this machine only, so the server has to provide
    /// the address of the connection (`into_make_service_with_connect_info::<SocketAddr>()`).
    ///
    /// The server is yours, so a `stop` hook of the app does not run: do that work after your server has ended. The router has a fallback,
    /// and axum merges it only into one that has none.
    ///
    /// # Errors
    /// The app cannot start, or the provider is AWS Lambda, which sends no HTTP requests.
    fn into_router(self) -> impl Future<Output = Result<axum::Router, Error>> + Send;
}

impl IntoRouter for App {
    async fn into_router(self) -> Result<axum::Router, Error> {
        (choose(PROVIDERS, &env::var)?.0.router)(self).await
    }
}

fn choose(providers: &'static [Provider], settings: &dyn Settings) -> Result<(&'static Provider, Reason), Error> {
    let names = || NAMES.join("`, `");
    let because = |provider: &Provider, reason: &str| {
        (providers.len() > 1).then(|| format!("provider: {}, because {reason}", provider.name))
    };
    if let Some(name) = settings.get("OMNIFN_PROVIDER") {
        let Some(provider) = providers.iter().find(|provider| provider.name == name) else {
            let words = format!("invalid value for OMNIFN_PROVIDER: {name:?}: this program is built for `{}`", names());
            return Err(Error::new(ErrorKind::Config, words));
        };
        return Ok((provider, because(provider, "OMNIFN_PROVIDER is set")));
    }
    if let [only] = providers {
        return Ok((only, None));
    }
    let detected = providers.iter().find_map(|provider| Some((provider, (provider.detect)(settings)?)));
    if let Some((provider, variable)) = detected {
        return Ok((provider, because(provider, &format!("{variable} is set"))));
    }
    let named = |name: &str| providers.iter().find(|provider| provider.name == name);
    if let Some(local) = named("local") {
        return Ok((local, because(local, "no variable of another platform is set")));
    }
    // A build for clouds alone is not on a developer's machine: a container's platform has set the port.
    let Some(gcp) = named("gcp").filter(|_| settings.get("PORT").is_some()) else {
        let words = format!(
            "no platform is recognized of those that this program is built for (`{}`): set OMNIFN_PROVIDER to one of them, or build with \
             the feature `local`, too",
            names()
        );
        return Err(Error::new(ErrorKind::Config, words));
    };
    Ok((gcp, because(gcp, "PORT is set, and the build has no provider `local`")))
}

/// AWS Lambda.
#[cfg(feature = "aws")]
pub mod aws {
    pub use omnifn_aws::*;
    use omnifn_runtime::poll;

    use super::*;

    /// Runs an app as an AWS Lambda function, until the platform ends it.
    ///
    /// `OMNIFN_FUNCTION` names the function that this Lambda function runs. If it is unset, each event goes to the function that takes it. A
    /// function that receives any JSON (a schedule, or the stream of an IoT rule) cannot share a Lambda function with others, so a
    /// program with several functions then refuses to start.
    pub fn run(app: App) -> ExitCode {
        poll::run(Aws::new(&env::var), selected(app, "OMNIFN_FUNCTION"))
    }

    pub(super) fn run_chosen(app: App, _: Reason) -> ExitCode {
        run(app)
    }

    pub(super) fn serve(app: App, _: Reason) -> BoxFuture<()> {
        Box::pin(poll::serve(Aws::new(&env::var), selected(app, "OMNIFN_FUNCTION")))
    }

    pub(super) fn router(_: App) -> BoxFuture<axum::Router> {
        let words = "AWS Lambda cannot reach an HTTP server: use `omnifn::run` or `omnifn::serve`";
        Box::pin(async move { Err(Error::new(ErrorKind::Config, words)) })
    }
}

/// Azure Functions.
#[cfg(feature = "azure")]
pub mod azure {
    use std::{io, path::Path};

    pub use omnifn_azure::*;
    use omnifn_runtime::{
        mount,
        serve::{self, Options},
    };

    use super::*;

    /// Runs an app as an Azure Functions custom handler, until the host ends it.
    ///
    /// The way in which the host sends HTTP requests is read from `host.json`, in the folder that `FUNCTIONS_APP_ROOT_PATH` names, or else
    /// in the working directory, and from the variables `AzureFunctionsJobHost__…`, which override it. `OMNIFN_FUNCTION` names the functions
    /// that this app serves, separated by commas. If it is unset, all are served.
    pub fn run(app: App) -> ExitCode {
        run_chosen(app, None)
    }

    pub(super) fn run_chosen(app: App, reason: Reason) -> ExitCode {
        match adapter(&app) {
            Ok(adapter) => serve::run(adapter, selected(app, "OMNIFN_FUNCTION"), options(reason)),
            Err(error) => start::fail(&error),
        }
    }

    pub(super) fn serve(app: App, reason: Reason) -> BoxFuture<()> {
        Box::pin(async { serve::serve(adapter(&app)?, selected(app, "OMNIFN_FUNCTION"), options(reason)).await })
    }

    pub(super) fn router(app: App) -> BoxFuture<axum::Router> {
        Box::pin(async { mount::router(adapter(&app)?, selected(app, "OMNIFN_FUNCTION")).await })
    }

    /// Creates the adapter with the settings in the files of the app.
    fn adapter(app: &App) -> Result<Azure, Error> {
        let folder = env::var("FUNCTIONS_APP_ROOT_PATH").unwrap_or_else(|| ".".to_owned());
        let folder = Path::new(&folder);
        let mut azure = Azure::new(&env::var);
        if let Some(host_json) = file(&folder.join("host.json"))? {
            azure = azure.with_host_json(&host_json)?;
        }
        for (function, function_json) in functions(folder)? {
            let is_read = azure.read_function_json(&function, &function_json);
            // The host skips a folder that it cannot read. A function of the program would receive nothing.
            if app.specs().any(|spec| spec.name == function) {
                is_read?;
            }
        }
        azure.with_environment(env::all())
    }

    /// Reads the `function.json` of each function's folder, with the name of the folder.
    fn functions(folder: &Path) -> Result<Vec<(String, Vec<u8>)>, Error> {
        let mut functions = Vec::new();
        // A folder that cannot be listed has no functions for the host either.
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let (Ok(name), path) = (entry.file_name().into_string(), entry.path()) else { continue };
            if path.is_dir() {
                functions.extend(file(&path.join("function.json"))?.map(|function_json| (name, function_json)));
            }
        }
        Ok(functions)
    }

    /// Reads a file; `None` if it does not exist.
    fn file(path: &Path) -> Result<Option<Vec<u8>>, Error> {
        match std::fs::read(path) {
            Ok(file) => Ok(Some(file)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => {
                Err(Error::new(ErrorKind::Config, format!("{} cannot be read", path.display())).with_source(error))
            }
        }
    }

    fn options(reason: Reason) -> Options {
        Options::loopback(8080).port_variable("FUNCTIONS_CUSTOMHANDLER_PORT").reason(reason)
    }
}

/// Google Cloud Run, the Functions Framework contract, and Knative.
#[cfg(feature = "gcp")]
pub mod gcp {
    use omnifn_core::{Spec, event::Class, names};
    pub use omnifn_gcp::*;
    use omnifn_runtime::{
        log, mount,
        serve::{self, Options},
    };

    use super::*;

    /// Runs an app as a Google Cloud Run function, or as any Knative service, until it receives a shutdown signal.
    ///
    /// `FUNCTION_TARGET` names the function to serve, or several, separated by commas. If it is unset, all are served by their routes.
    pub fn run(app: App) -> ExitCode {
        run_chosen(app, None)
    }

    pub(super) fn run_chosen(app: App, reason: Reason) -> ExitCode {
        serve::run(adapter(&app), selected(app, "FUNCTION_TARGET"), options(reason))
    }

    pub(super) fn serve(app: App, reason: Reason) -> BoxFuture<()> {
        Box::pin(serve::serve(adapter(&app), selected(app, "FUNCTION_TARGET"), options(reason)))
    }

    pub(super) fn router(app: App) -> BoxFuture<axum::Router> {
        Box::pin(mount::router(adapter(&app), selected(app, "FUNCTION_TARGET")))
    }

    fn options(reason: Reason) -> Options {
        Options::any_address(8080).reason(reason)
    }

    fn adapter(app: &App) -> Gcp {
        if let Some(kind) = env::var("FUNCTION_SIGNATURE_TYPE") {
            let target = env::var("FUNCTION_TARGET");
            let named = target.as_deref().map(names);
            let takes_events = |spec: &&Spec| {
                spec.routes().is_empty()
                    && spec.class() != Class::Invoke
                    && named.as_ref().is_none_or(|names| names.contains(&spec.name))
            };
            let declared = if app.specs().any(|spec| takes_events(&spec)) { "cloudevent" } else { "http" };
            // The framework's typed functions are invoked by HTTP requests.
            if kind != declared && (kind.as_str(), declared) != ("typed", "http") {
                log::warn(format_args!(
                    "FUNCTION_SIGNATURE_TYPE={kind:?}, but the source takes precedence: {declared}"
                ));
            }
        }
        Gcp::new(&env::var).with_routes(app.specs().flat_map(|spec| spec.routes()))
    }
}

/// The provider `local`: a server on this machine.
#[cfg(feature = "local")]
pub mod local {
    use std::io::IsTerminal as _;

    pub use omnifn_local::*;
    use omnifn_runtime::{
        mount,
        serve::{self, Options},
    };

    use super::*;

    /// Serves an app on this machine until it is interrupted. The address is 127.0.0.1:8080, unless `HOST` and `PORT` set another.
    pub fn run(app: App) -> ExitCode {
        run_chosen(app, None)
    }

    pub(super) fn run_chosen(app: App, reason: Reason) -> ExitCode {
        serve::run(adapter(), app, options(reason))
    }

    pub(super) fn serve(app: App, reason: Reason) -> BoxFuture<()> {
        Box::pin(serve::serve(adapter(), app, options(reason)))
    }

    pub(super) fn router(app: App) -> BoxFuture<axum::Router> {
        Box::pin(mount::router(adapter(), app))
    }

    fn adapter() -> Local {
        // https://no-color.org
        let coloured = env::var("NO_COLOR").is_none() && std::io::stderr().is_terminal();
        Local::new(&env::var).with_colours(coloured)
    }

    fn options(reason: Reason) -> Options {
        Options::loopback(8080).host_variable("HOST").reason(reason).with_banner()
    }
}

/// Limits the app to the functions that a variable names, if it is set.
#[cfg(any(feature = "aws", feature = "azure", feature = "gcp"))]
fn selected(app: App, variable: &str) -> App {
    match env::var(variable) {
        Some(names) => app.only(names),
        None => app,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With all providers in one build, each environment selects its own.
    #[cfg(all(feature = "aws", feature = "azure", feature = "gcp", feature = "local"))]
    #[test]
    fn the_environment_chooses() {
        let chosen = |variables: &[(&str, &str)]| {
            let get =
                |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.to_string());
            let chosen = choose(PROVIDERS, &get).map(|(provider, reason)| (provider.name, reason.unwrap_or_default()));
            chosen.map_err(|error| error.to_string())
        };
        for (variables, expected, because) in [
            (&[][..], "local", "no variable of another platform is set"),
            (&[("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9001"), ("PORT", "8080")], "aws", "AWS_LAMBDA_RUNTIME_API is set"),
            (
                &[("FUNCTIONS_CUSTOMHANDLER_PORT", "7071"), ("PORT", "8080")],
                "azure",
                "FUNCTIONS_CUSTOMHANDLER_PORT is set",
            ),
            (&[("PORT", "8080")], "local", "no variable of another platform is set"),
            (&[("K_SERVICE", "notes"), ("PORT", "8080")], "gcp", "K_SERVICE is set"),
            (&[("FUNCTION_TARGET", "hello")], "gcp", "FUNCTION_TARGET is set"),
            (&[("OMNIFN_PROVIDER", "local"), ("K_SERVICE", "notes")], "local", "OMNIFN_PROVIDER is set"),
        ] {
            let reason = format!("provider: {expected}, because {because}");
            assert_eq!(chosen(variables), Ok((expected, reason)), "{variables:?}");
        }
        assert_eq!(chosen(&[("OMNIFN_PROVIDER", ""), ("K_SERVICE", "")]).map(|(name, _)| name), Ok("local"));
        let of_clouds = |port: Option<&str>| {
            choose(&PROVIDERS[..3], &|name: &str| port.filter(|_| name == "PORT").map(str::to_owned))
                .map(|(provider, _)| provider.name)
        };
        assert_eq!(of_clouds(Some("8080")).ok(), Some("gcp"));
        assert!(of_clouds(None).unwrap_err().to_string().contains("no platform is recognized"));
        let error = chosen(&[("OMNIFN_PROVIDER", "ibm")]).unwrap_err();
        assert!(error.contains("\"ibm\"") && error.contains("`aws`, `azure`, `gcp`, `local`"), "{error}");
    }
}
