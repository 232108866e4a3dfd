//! Services of VPC Lattice, event structure 1.0.

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
struct Event<'a> {
    #[serde(borrow)]
    method: Option<RawStr<'a>>,
    #[serde(borrow)]
    raw_path: Option<RawStr<'a>>,
    #[serde(borrow)]
    query_string_parameters: Option<Fields<'a>>,
    #[serde(borrow)]
    headers: Option<Fields<'a>>,
    #[serde(borrow)]
    body: Option<RawStr<'a>>,
    is_base64_encoded: Option<bool>,
}

pub(super) fn read(event: &Bytes, shape: Shape) -> Result<Received<'_>, Error> {
    let wire: Event<'_> = json::object(event, format_args!("this {shape} event"))?;
    // The path and the query are as the client wrote them.
    let path = wire.raw_path.as_ref().map(RawStr::to_str).unwrap_or_default();
    let grouped = joined_query(&wire.query_string_parameters.unwrap_or_default());
    let (path, query) = path.split_once('?').unwrap_or((&path, &grouped));
    Ok(Received {
        method: wire.method,
        method_path: "method",
        uri: uri::origin_form(path, query)?,
        headers: headers::read(wire.headers, None, event)?,
        body: wire.body,
        is_base64_encoded: wire.is_base64_encoded,
        gateway: Gateway::default(),
    })
}
