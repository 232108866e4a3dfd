//! Payload format 1.0: REST APIs, and HTTP APIs that are set to it.
//!
//! An HTTP API has decoded the path once. A REST API passes it on as the client wrote it.

use bytes::Bytes;
use http::Uri;
use omnifn_core::{
    Error,
    json::{self, Fields, Object, RawStr, Str},
    uri,
};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Gateway, Received, headers};
use crate::detect::Shape;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event<'a> {
    #[serde(borrow)]
    version: Option<Str<'a>>,
    #[serde(borrow)]
    http_method: Option<RawStr<'a>>,
    #[serde(borrow)]
    resource: Option<RawStr<'a>>,
    #[serde(borrow)]
    path: Option<RawStr<'a>>,
    #[serde(borrow)]
    path_parameters: Option<Fields<'a>>,
    #[serde(borrow)]
    query_string_parameters: Option<Fields<'a>>,
    #[serde(borrow)]
    multi_value_query_string_parameters: Option<Fields<'a>>,
    #[serde(borrow)]
    headers: Option<Fields<'a>>,
    #[serde(borrow)]
    multi_value_headers: Option<Fields<'a>>,
    #[serde(borrow)]
    body: Option<RawStr<'a>>,
    is_base64_encoded: Option<bool>,
    #[serde(borrow)]
    stage_variables: Option<&'a RawValue>,
    #[serde(borrow)]
    request_context: Object<RequestContext<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RequestContext<'a> {
    #[serde(borrow)]
    identity: Option<Object<Identity<'a>>>,
    #[serde(borrow)]
    authorizer: Option<&'a RawValue>,
    #[serde(borrow)]
    account_id: Option<Str<'a>>,
    #[serde(borrow)]
    domain_name: Option<Str<'a>>,
    #[serde(borrow)]
    path: Option<RawStr<'a>>,
    #[serde(borrow)]
    request_id: Option<Str<'a>>,
    #[serde(borrow)]
    stage: Option<Str<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Identity<'a> {
    #[serde(borrow)]
    source_ip: Option<Str<'a>>,
}

impl Event<'_> {
    /// Returns whether an HTTP API sent the event, or the emulator of AWS SAM, which decodes the path as well.
    fn is_of_http_api(&self) -> bool {
        self.version.as_deref() == Some("1.0")
    }
}

pub(super) fn read(event: &Bytes, shape: Shape) -> Result<Received<'_>, Error> {
    let wire: Event<'_> = json::object(event, format_args!("this {shape} event"))?;
    let uri = uri(&wire)?;
    let Object(context) = wire.request_context;
    let source_ip = context.identity.and_then(|Object(identity)| identity.source_ip);
    Ok(Received {
        method: wire.http_method,
        method_path: "httpMethod",
        uri,
        headers: headers::read(wire.headers, wire.multi_value_headers, event)?,
        body: wire.body,
        is_base64_encoded: wire.is_base64_encoded,
        gateway: Gateway {
            source_ip: source_ip.and_then(|ip| ip.parse().ok()),
            account_id: context.account_id.map(Str::into_string),
            stage: context.stage.map(Str::into_string),
            stage_variables: wire.stage_variables.map(|json| json.get().to_owned()),
            request_id: context.request_id.map(Str::into_string),
            authorizer: context.authorizer.map(|json| json.get().to_owned()),
        },
    })
}

/// Returns the path within the API, and the query in the order of its keys. The gateway decodes the query, so it is encoded again.
fn uri(event: &Event<'_>) -> Result<Uri, Error> {
    let multi = event.multi_value_query_string_parameters.as_ref().filter(|fields| !fields.0.is_empty());
    let fields = multi.or(event.query_string_parameters.as_ref()).map(|fields| &fields.0[..]).unwrap_or_default();
    let query: Vec<_> = fields.iter().map(|(key, value)| format!("{}={}", encoded(key), encoded(value))).collect();
    let path = event.path.as_ref().map(RawStr::to_str).unwrap_or_default();
    let path = within_the_api(event, &path).unwrap_or(&path);
    let encoded = event.is_of_http_api().then(|| uri::encode_path(path.as_bytes()));
    uri::origin_form(encoded.as_deref().unwrap_or(path), &query.join("&"))
}

fn encoded(text: &RawStr<'_>) -> String {
    match std::str::from_utf8(text) {
        Ok(text) => uri::encode_query(text).into_owned(),
        Err(_) => percent_encoding::percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string(),
    }
}

/// Returns the path within the API, without its prefix. Behind a custom domain, the prefix is the base path of the mapping, followed by
/// the stage if the mapping does not name one; the gateway then writes the same path as `path` and as `requestContext.path`, and
/// `resource` is the pattern that matched. Without a custom domain there is no prefix, except for the stage of an HTTP API.
fn within_the_api<'p>(event: &Event<'_>, path: &'p str) -> Option<&'p str> {
    let context = &event.request_context;
    let custom_domain = !context.domain_name.as_deref()?.contains(".execute-api.");
    if context.path.as_ref()?.to_str() != path || !(custom_domain || event.is_of_http_api()) {
        return None;
    }
    let resource = event.resource.as_ref()?.to_str();
    if !resource.starts_with('/') {
        // The route `$default` of an HTTP API has no pattern that could be compared.
        let stage = context.stage.as_deref()?;
        return (!custom_domain && stage != "$default").then(|| uri::strip_prefix(path, stage));
    }
    let matched = expand(&resource, event.path_parameters.as_ref());
    let matched = matched.trim_end_matches('/');
    let before = path.trim_end_matches('/').strip_suffix(matched)?.len();
    // The resource `/` matches only the bare base path.
    if resource == "/" { Some("/") } else { path.get(before..) }
}

/// Returns the resource's pattern, such as `/notes/{id}/{rest+}`, with the values of its parameters.
fn expand(resource: &str, parameters: Option<&Fields<'_>>) -> String {
    let segments = resource.split('/').skip(1).map(|segment| {
        let name = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        let name = name.map(|name| name.strip_suffix('+').unwrap_or(name));
        let value = name.and_then(|name| parameters?.0.iter().find(|(key, _)| **key == *name.as_bytes()));
        value.map_or(segment.into(), |(_, value)| value.to_str())
    });
    segments.fold(String::new(), |path, segment| path + "/" + &segment)
}
