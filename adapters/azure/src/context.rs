use std::sync::Arc;

use http::HeaderMap;
use omnifn_core::{Invocation, Settings, TraceContext, forwarded};

use crate::{
    Mode,
    detect::{HOST_VERSION, Host, INVOCATION_ID},
};

/// The data of the app and of the invocation from the Functions host.
///
/// ```
/// use omnifn_azure::AzureContext;
/// use omnifn_core::Context;
///
/// async fn site(ctx: Context) -> String {
///     let site = ctx.provider_context::<AzureContext>().and_then(|azure| azure.site_name.as_deref());
///     site.unwrap_or("no site").to_owned()
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AzureContext {
    /// How the request was passed on; `None` if it was not in an envelope and the mode is unknown.
    pub mode: Option<Mode>,
    /// The function's folder, as the envelope was posted to it.
    pub function: Option<String>,
    /// The caller's identities by the platform's own authentication: the envelope's `Identities`, as JSON.
    pub identities: Option<String>,
    /// The version of the host.
    pub host_version: Option<String>,
    /// The app's name: `WEBSITE_SITE_NAME`.
    pub site_name: Option<Arc<str>>,
    /// The machine that the app runs on: `WEBSITE_INSTANCE_ID`.
    pub instance_id: Option<Arc<str>>,
    /// The region: `REGION_NAME`.
    pub region: Option<Arc<str>>,
}

/// The data that only an envelope has.
#[derive(Debug, Default)]
pub(crate) struct Envelope {
    pub(crate) function: Option<String>,
    pub(crate) identities: Option<String>,
}

/// The data that all invocations of the process share.
#[derive(Debug)]
pub(crate) struct Platform {
    site_name: Option<Arc<str>>,
    instance_id: Option<Arc<str>>,
    region: Option<Arc<str>>,
    trusted_hops: usize,
    pub(crate) body_limit: usize,
}

/// The largest request body that the host accepts by default, in bytes.
const BODY_LIMIT: usize = 104_857_600;

impl Platform {
    pub(crate) fn read(settings: &dyn Settings) -> Self {
        let get = |name: &str| settings.get(name).map(Arc::from);
        Platform {
            site_name: get("WEBSITE_SITE_NAME"),
            instance_id: get("WEBSITE_INSTANCE_ID"),
            region: get("REGION_NAME"),
            trusted_hops: forwarded::trusted_hops(settings),
            body_limit: settings
                .get("FUNCTIONS_REQUEST_BODY_SIZE_LIMIT")
                .and_then(|bytes| bytes.trim().parse().ok())
                .unwrap_or(BODY_LIMIT),
        }
    }

    /// Returns the attributes of the app, by [the conventions](https://opentelemetry.io/docs/specs/semconv/resource/faas/).
    pub(crate) fn resource(&self) -> Vec<(&'static str, String)> {
        let known =
            [("service.name", &self.site_name), ("faas.instance", &self.instance_id), ("cloud.region", &self.region)];
        let always = [("cloud.provider", "azure".to_owned()), ("cloud.platform", "azure.functions".to_owned())];
        let known = known.into_iter().filter_map(|(key, value)| Some((key, value.as_deref()?.to_owned())));
        always.into_iter().chain(known).collect()
    }

    /// `outer` is the head that the host sent, `inner` that of the client's request: the same, but for an envelope.
    pub(crate) fn invocation(
        &self,
        host: &Host,
        outer: &HeaderMap,
        inner: &HeaderMap,
        envelope: Option<Envelope>,
    ) -> Invocation {
        let host_version = outer.get(HOST_VERSION).and_then(|version| version.to_str().ok());
        let mode = if envelope.is_some() { Some(Mode::Data) } else { host.mode() };
        let id = id(outer, mode);
        let Envelope { function, identities } = envelope.unwrap_or_default();
        let context = AzureContext {
            mode,
            function,
            identities,
            host_version: host_version.map(str::to_owned),
            site_name: self.site_name.clone(),
            instance_id: self.instance_id.clone(),
            region: self.region.clone(),
        };
        let trace =
            |headers: &HeaderMap| headers.get("traceparent")?.to_str().ok().and_then(TraceContext::from_traceparent);
        Invocation {
            id,
            trace: trace(inner).or_else(|| trace(outer)),
            timeout: host.timeout(),
            client_ip: forwarded::client_ip(inner, self.trusted_hops),
            provider: Some(Arc::new(context)),
            ..Invocation::default()
        }
    }
}

/// Returns the host's id of the invocation; `None` if the host sends none, or if it is unknown how it sends one. It must be a UUID, because
/// it is logged.
///
/// Each mode has a header of its own, and the other one could only be a client's. To a request that it forwards, the host adds its value
/// after those of the client; of a request that it proxies, it replaces the client's value.
fn id(headers: &HeaderMap, mode: Option<Mode>) -> Option<String> {
    let name = match mode? {
        Mode::Data | Mode::Forwarding => INVOCATION_ID,
        Mode::Proxying => "x-ms-invocation-id",
    };
    let last = headers.get_all(name).iter().next_back()?.to_str().ok()?.rsplit(',').next()?.trim();
    let fit = last.len() == 36 && last.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    fit.then(|| last.to_owned())
}
