//! The headers for browsers whose page has another origin.

use std::{convert::Infallible, time::Duration};

use axum::{extract::Request, response::Response};
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use tower::{ServiceExt, service_fn};
use tower_http::cors::{AllowHeaders, AllowMethods, AllowOrigin, CorsLayer};
use tower_layer::Layer;

use crate::{Body, Cors, Payload, Reply};

/// The declared policy of an app, and the layer that applies it.
#[derive(Debug, Clone)]
pub(crate) struct CorsPolicy {
    declared: Cors,
    layer: CorsLayer,
}

/// The headers that an app's [`Cors`] adds to the response for one request.
#[derive(Debug)]
pub struct CrossOrigin {
    headers: HeaderMap,
    is_preflight: bool,
}

/// The request headers that the layer reads.
const OF_A_BROWSER: [HeaderName; 3] =
    [header::ORIGIN, header::ACCESS_CONTROL_REQUEST_METHOD, header::ACCESS_CONTROL_REQUEST_HEADERS];

impl CorsPolicy {
    /// Checks a declaration, and creates the layer that applies it.
    pub(crate) fn new(declared: Cors) -> Result<Self, String> {
        declared.check()?;
        let value =
            |text: &&str| HeaderValue::try_from(*text).map_err(|error| format!("invalid origin {text:?}: {error}"));
        let names = |names: &[&str]| {
            let name =
                |text: &&str| HeaderName::try_from(*text).map_err(|error| format!("invalid header {text:?}: {error}"));
            names.iter().map(name).collect::<Result<Vec<_>, _>>()
        };
        let origins = match declared.is_any_origin() {
            true => AllowOrigin::any(),
            false => AllowOrigin::list(declared.origins.iter().map(value).collect::<Result<Vec<_>, _>>()?),
        };
        let methods = match declared.methods.filter(|methods| !methods.is_any()) {
            Some(methods) => AllowMethods::list(methods.iter()),
            None => AllowMethods::mirror_request(),
        };
        let headers = match declared.headers {
            Some(headers) => AllowHeaders::list(names(headers)?),
            None => AllowHeaders::mirror_request(),
        };
        let mut layer = CorsLayer::new()
            .allow_origin(origins)
            .allow_methods(methods)
            .allow_headers(headers)
            .expose_headers(names(declared.exposed)?)
            .allow_credentials(declared.credentials);
        if let Some(seconds) = declared.max_age {
            layer = layer.max_age(Duration::from_secs(seconds.into()));
        }
        Ok(CorsPolicy { declared, layer })
    }

    pub(crate) fn declared(&self) -> &Cors {
        &self.declared
    }

    /// Returns the headers for the response to a request.
    pub(crate) fn headers(&self, request: &Request) -> impl Future<Output = CrossOrigin> + Send + use<> {
        let is_preflight = is_preflight(request.method(), request.headers());
        let mut asked = http::Request::new(());
        // The layer takes every `OPTIONS` for a preflight; a function may take the others.
        *asked.method_mut() = if is_preflight { Method::OPTIONS } else { Method::GET };
        for name in OF_A_BROWSER {
            if let Some(value) = request.headers().get(&name) {
                asked.headers_mut().insert(name, value.clone());
            }
        }
        let nothing = service_fn(|_| async { Ok::<_, Infallible>(Response::new(Body::empty())) });
        let answering = self.layer.layer(nothing).oneshot(asked);
        async move {
            let headers = match answering.await {
                Ok(answered) => answered.into_parts().0.headers,
                Err(never) => match never {},
            };
            CrossOrigin { headers, is_preflight }
        }
    }
}

/// Returns whether this is the head of a preflight, by which a browser asks what a page of another origin may send.
///
/// <https://fetch.spec.whatwg.org/#cors-preflight-request>
pub fn is_preflight(method: &Method, headers: &HeaderMap) -> bool {
    method == Method::OPTIONS
        && headers.contains_key(header::ORIGIN)
        && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

impl CrossOrigin {
    /// Returns whether the request is a preflight, which no function receives.
    pub fn is_preflight(&self) -> bool {
        self.is_preflight
    }

    /// Adds the headers to a reply, including errors of omnifn itself: without them, a page could not read the status. A function's own
    /// headers of the same names are replaced, except for `Vary`.
    pub fn add_to(mut self, reply: Reply) -> Reply {
        let mut response: Response<Payload> = match reply {
            Reply::Http(response) => response,
            Reply::Failed(error) => {
                let mut response = Reply::Failed(error.clone()).into_http();
                response.extensions_mut().insert(error);
                response
            }
            delivered @ Reply::Delivered(_) => return delivered,
        };
        if let Some(vary) = self.headers.remove(header::VARY) {
            response.headers_mut().append(header::VARY, vary);
        }
        response.headers_mut().extend(self.headers);
        Reply::Http(response)
    }
}
