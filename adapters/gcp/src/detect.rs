use omnifn_core::Settings;

/// Whether this is Cloud Run, a Functions Framework's environment or Knative: one of `K_SERVICE`, `FUNCTION_TARGET` and
/// `PORT` is set.
///
/// ```
/// let cloud_run = |name: &str| (name == "K_SERVICE").then(|| "notes".to_owned());
/// assert!(omnifn_gcp::detect(&cloud_run));
/// assert!(!omnifn_gcp::detect(&|_: &str| None));
/// ```
pub fn detect(settings: &dyn Settings) -> bool {
    ["K_SERVICE", "FUNCTION_TARGET", "PORT"].iter().any(|name| settings.get(name).is_some())
}
