use omnifn_core::Settings;

/// Returns `true`: every environment can be a plain machine, so this provider is detected last.
///
/// ```
/// assert!(omnifn_local::detect(&|_: &str| None));
/// ```
pub fn detect(_: &dyn Settings) -> bool {
    true
}
