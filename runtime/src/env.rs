//! The process's environment, as [`Settings`](omnifn_core::Settings) for an adapter.

/// The value of an environment variable; `None` where it is unset, empty or not Unicode.
///
/// ```
/// assert_eq!(omnifn_runtime::env::var("OMNIFN_SURELY_NOT_SET"), None);
/// ```
pub fn var(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
