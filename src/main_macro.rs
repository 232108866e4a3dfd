/// An [`App`](crate::App) of functions, for those who run it themselves: `omnifn::app!(hello, notes::list; state = connect)`.
///
/// It takes what [`main!`](crate::main!) takes. No two functions have one name, or take the same requests: that is an error
/// of the compiler.
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

/// The program: `fn main`, which runs these functions on the provider that it is built for (see [`run`](crate::run)).
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
/// Behind a semicolon stand, in any number and order:
///
/// - `state = connect`: an async fn, run once before the first invocation, whose value functions take as `State<…>`. It may take
///   [`Env`](crate::Env) and [`Config`](crate::Config); where it fails, the platform is told and the program ends. Each field of a
///   state with [`FromRef`](macro@crate::FromRef) is a state of its own.
/// - `part = AppState::db`: a fn from that state to a part of it, which functions take as a state of its own.
/// - `stop = disconnect`: an async fn of the state, run after the last invocation when the program is told to stop.
/// - `restore = reconnect`: an async fn of the state, run when Lambda's SnapStart has woken the program up from its image.
/// - `layer = …`: a tower layer around the whole app, the last one outermost.
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

/// The program. No provider is on, so there is none.
#[cfg(not(any(feature = "aws", feature = "azure", feature = "gcp", feature = "local")))]
#[macro_export]
macro_rules! main {
    ($($tokens:tt)*) => {
        ::core::compile_error!(
            "no provider is on, so there is nothing to run these functions: build with one of omnifn's features, `local`, \
             `aws`, `gcp` or `azure`\n\
             in Cargo.toml: omnifn = { version = \"…\", features = [\"local\"] }, or as features of your own crate: \
             local = [\"omnifn/local\"], and so on"
        );
        fn main() {
            let _ = || $crate::app!($($tokens)*);
        }
    };
}
