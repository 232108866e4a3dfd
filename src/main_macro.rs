/// Creates an [`App`](crate::App) of functions, for programs that run it themselves: `omnifn::app!(hello, notes::list; state = connect)`.
///
/// It takes the same arguments as [`main!`](crate::main!). Two functions with the same name or the same requests are a
/// compile error.
///
/// ```
/// use omnifn::prelude::*;
///
/// #[function(get = "/hello")]
/// async fn hello(State(greeting): State<String>) -> String {
///     greeting
/// }
///
/// async fn connect() -> Result<String> {
///     Ok("Hello!".to_owned())
/// }
///
/// let app = omnifn::app!(hello; state = connect).body_limit(1024);
/// assert_eq!(app.specs().count(), 1);
/// ```
#[macro_export]
macro_rules! app {
    ($($tokens:tt)*) => {
        $crate::__private::app!($crate; $($tokens)*)
    };
}

/// Defines `fn main`, which runs these functions on the provider that the program is built for (see [`run`](crate::run)).
///
/// ```
/// use omnifn::prelude::*;
///
/// #[function(get = "/hello")]
/// async fn hello() -> &'static str {
///     "Hello!"
/// }
///
/// omnifn::main!(hello);
/// ```
///
/// A semicolon is followed by options, in any number and order:
///
/// - `state = connect`: an async fn that runs once before the first invocation. Functions take its value as `State<…>`. It may take
///   [`Env`](crate::Env) and [`Config`](crate::Config). If it fails, that is reported to the platform and the program ends. Each field of a
///   state with [`FromRef`](macro@crate::FromRef) is a state of its own.
/// - `part = AppState::db`: a fn from that state to a part of it, which functions take as a state of its own.
/// - `stop = disconnect`: an async fn of the state that runs at shutdown, after the last invocation.
/// - `restore = reconnect`: an async fn of the state that runs when Lambda's SnapStart has restored the program from its snapshot.
/// - `layer = …`: a tower layer around the whole app. The last one is the outermost.
/// - `cors = ["https://shop.example.com"]`: the origins whose pages may call the HTTP functions from a browser; `cors = "*"` allows all. The
///   long form is `cors(origins = […], methods = ["GET", "POST"], headers = ["content-type"], exposed = ["etag"], credentials = true,
///   max_age = 3600)`, of which only `origins` is required. It is applied on every provider, and deployments are written from it.
#[cfg(any(feature = "aws", feature = "azure", feature = "gcp", feature = "local"))]
#[macro_export]
macro_rules! main {
    ($($tokens:tt)*) => {
        fn main() -> ::std::process::ExitCode {
            $crate::__private::program_note!($crate; $($tokens)*);
            $crate::run($crate::app!($($tokens)*))
        }
    };
}

/// Defines `fn main`. No provider is on, so it is a compile error.
#[cfg(not(any(feature = "aws", feature = "azure", feature = "gcp", feature = "local")))]
#[macro_export]
macro_rules! main {
    ($($tokens:tt)*) => {
        ::core::compile_error!(
            "no provider is enabled, so nothing can run these functions: build with one of omnifn's features, `local`, \
             `aws`, `gcp` or `azure`\n\
             in Cargo.toml: omnifn = { version = \"…\", features = [\"local\"] }, or as features of your own crate: \
             local = [\"omnifn/local\"], and so on"
        );
        fn main() {
            let _ = || $crate::app!($($tokens)*);
        }
    };
}
