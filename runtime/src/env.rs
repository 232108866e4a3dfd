//! The process's environment, as [`Settings`](omnifn_core::Settings) for an adapter.

use omnifn_core::Env;

/// Returns the value of an environment variable; `None` if it is unset, empty, or not Unicode.
///
/// ```
/// assert_eq!(omnifn_runtime::env::var("OMNIFN_SURELY_NOT_SET"), None);
/// ```
pub fn var(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Returns all environment variables that are Unicode, empty ones included.
pub fn all() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

/// Returns the process's environment, with the files that its variables name.
pub fn process() -> Env {
    Env::new(var, file)
}

/// Reads a file as text.
pub(crate) fn file(path: &str) -> std::io::Result<String> {
    std::fs::read_to_string(path)
}
