use omnifn_core::Settings;
use opentelemetry::KeyValue;
use opentelemetry_sdk::{
    Resource,
    resource::{EnvResourceDetector, ResourceDetector, SdkProvidedResourceDetector, TelemetryResourceDetector},
};

use crate::id;

/// What is known of this program: by the adapter, and before it by the environment (`OTEL_RESOURCE_ATTRIBUTES`, `OTEL_SERVICE_NAME`).
pub(super) fn of(known: Vec<(&'static str, String)>, settings: &dyn Settings) -> Resource {
    // A name from the environment, or that of the file.
    let fallback: [Box<dyn ResourceDetector>; 2] =
        [Box::new(SdkProvidedResourceDetector), Box::new(TelemetryResourceDetector)];
    let id = id::generate();
    let resource = Resource::builder_empty()
        .with_detectors(&fallback)
        .with_attribute(KeyValue::new("service.instance.id", id))
        .with_attributes(known.into_iter().map(|(name, value)| KeyValue::new(name, value)))
        .with_detector(Box::new(EnvResourceDetector::new()));
    match settings.get("OTEL_SERVICE_NAME") {
        Some(name) => resource.with_service_name(name).build(),
        None => resource.build(),
    }
}
