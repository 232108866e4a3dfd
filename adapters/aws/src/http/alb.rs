//! Application Load Balancers.

use bytes::Bytes;
use omnifn_core::{
    Error,
    json::{self, Fields, RawStr},
    uri,
};
use serde::Deserialize;

use super::{Gateway, Received, headers, joined_query};
use crate::detect::Shape;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event<'a> {
    #[serde(borrow)]
    http_method: Option<RawStr<'a>>,
    #[serde(borrow)]
    path: Option<RawStr<'a>>,
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
}

pub(super) fn read(event: &Bytes, shape: Shape) -> Result<Received<'_>, Error> {
    let wire: Event<'_> = json::object(event, format_args!("this {shape} event"))?;
    // The path and the query are as the client wrote them, because a load balancer decodes neither.
    let path = wire.path.as_ref().map(RawStr::to_str).unwrap_or_default();
    let query = wire.multi_value_query_string_parameters.or(wire.query_string_parameters).unwrap_or_default();
    Ok(Received {
        method: wire.http_method,
        method_path: "httpMethod",
        uri: uri::origin_form(&path, &joined_query(&query))?,
        headers: headers::read(wire.headers, wire.multi_value_headers, event)?,
        body: wire.body,
        is_base64_encoded: wire.is_base64_encoded,
        gateway: Gateway::default(),
    })
}
