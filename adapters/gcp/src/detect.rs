use omnifn_core::Settings;

/// Returns the variable by which Cloud Run, Knative, or a buildpack of the Functions Framework is recognized, if it is set: `K_SERVICE` or
/// `FUNCTION_TARGET`.
///
/// `PORT` alone decides nothing, because developers set it on their own machines.
///
/// ```
/// let cloud_run = |name: &str| (name == "K_SERVICE").then(|| "notes".to_owned());
/// assert_eq!(omnifn_gcp::detect(&cloud_run), Some("K_SERVICE"));
/// assert_eq!(omnifn_gcp::detect(&|name: &str| (name == "PORT").then(|| "8080".to_owned())), None);
/// ```
pub fn detect(settings: &dyn Settings) -> Option<&'static str> {
    ["K_SERVICE", "FUNCTION_TARGET"].into_iter().find(|name| settings.get(name).is_some())
}
