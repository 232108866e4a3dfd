//! Payload format 2.0: HTTP APIs and Function URLs.

use bytes::Bytes;
use http::Uri;
use omnifn_core::{
    Error,
    json::{self, Few, Fields, Object, RawStr, Str},
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
    raw_path: Option<RawStr<'a>>,
    #[serde(borrow)]
    raw_query_string: Option<RawStr<'a>>,
    #[serde(borrow)]
    cookies: Option<Few<RawStr<'a>>>,
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
    http: Object<Http<'a>>,
    #[serde(borrow)]
    authorizer: Option<&'a RawValue>,
    #[serde(borrow)]
    account_id: Option<Str<'a>>,
    #[serde(borrow)]
    api_id: Option<Str<'a>>,
    #[serde(borrow)]
    domain_name: Option<Str<'a>>,
    #[serde(borrow)]
    request_id: Option<Str<'a>>,
    #[serde(borrow)]
    stage: Option<Str<'a>>,
}

impl RequestContext<'_> {
    /// Returns whether `cargo lambda watch` sent the request, which emulates a Function URL under another domain.
    fn is_cargo_lambda(&self) -> bool {
        self.api_id.is_none() && self.domain_name.as_deref() == Some("localhost")
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Http<'a> {
    #[serde(borrow)]
    method: Option<RawStr<'a>>,
    #[serde(borrow)]
    path: Option<RawStr<'a>>,
    #[serde(borrow)]
    source_ip: Option<Str<'a>>,
}

pub(super) fn read(event: &Bytes, shape: Shape) -> Result<Received<'_>, Error> {
    let wire: Event<'_> = json::object(event, format_args!("this {shape} event"))?;
    let uri = uri(&wire, shape)?;
    let Object(context) = wire.request_context;
    let Object(http) = context.http;
    let mut headers = headers::read(wire.headers, wire.multi_value_headers, event)?;
    headers::set_cookies(&mut headers, &wire.cookies.unwrap_or_default().0);
    Ok(Received {
        method: http.method,
        method_path: "requestContext.http.method",
        uri,
        headers,
        body: wire.body,
        is_base64_encoded: wire.is_base64_encoded,
        gateway: Gateway {
            source_ip: http.source_ip.and_then(|ip| ip.parse().ok()),
            account_id: context.account_id.map(Str::into_string),
            stage: context.stage.map(Str::into_string),
            stage_variables: wire.stage_variables.map(|json| json.get().to_owned()),
            request_id: context.request_id.map(Str::into_string),
            authorizer: context.authorizer.map(|json| json.get().to_owned()),
        },
    })
}

/// Returns the path without the stage, and the query, byte for byte.
///
/// The gateway writes a stage that is not `$default` in front of the path, behind a custom domain, too. An HTTP API has decoded the path
/// once, so it is encoded again; a Function URL has not.
fn uri(event: &Event<'_>, shape: Shape) -> Result<Uri, Error> {
    let context = &event.request_context;
    let path = event.raw_path.as_ref().or(context.http.path.as_ref());
    let path = match shape == Shape::FunctionUrl || context.is_cargo_lambda() {
        true => path.map(RawStr::to_str),
        false => path.map(|path| uri::encode_path(path)),
    };
    let path = path.unwrap_or_default();
    let query = event.raw_query_string.as_ref().map(RawStr::to_str).unwrap_or_default();
    let path = match context.stage.as_deref().unwrap_or_default() {
        "$default" => &*path,
        stage => uri::strip_prefix(&path, stage),
    };
    uri::origin_form(path, &query)
}
