//! The events of all shapes, as one type: what is read of them, and what tells them apart.

use serde::{Deserialize, de::IgnoredAny};
use serde_json::value::RawValue;

use super::text::{Pairs, Text};

/// An event. Every key may be missing or null: which of them have to be there depends on the shape.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Event<'a> {
    #[serde(borrow)]
    pub(crate) version: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) raw_path: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) raw_query_string: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) cookies: Option<Vec<Text<'a>>>,
    #[serde(borrow)]
    pub(crate) headers: Option<Pairs<'a>>,
    #[serde(borrow)]
    pub(crate) multi_value_headers: Option<Pairs<'a>>,
    #[serde(borrow)]
    pub(crate) query_string_parameters: Option<Pairs<'a>>,
    #[serde(borrow)]
    pub(crate) multi_value_query_string_parameters: Option<Pairs<'a>>,
    #[serde(borrow)]
    pub(crate) http_method: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) path: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) resource: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) path_parameters: Option<Pairs<'a>>,
    #[serde(borrow)]
    pub(crate) body: Option<Text<'a>>,
    pub(crate) is_base64_encoded: Option<bool>,
    #[serde(borrow)]
    pub(crate) request_context: Option<RequestContext<'a>>,
    // Of an authorizer's event.
    pub(crate) r#type: Option<IgnoredAny>,
    pub(crate) method_arn: Option<IgnoredAny>,
    pub(crate) route_arn: Option<IgnoredAny>,
}

/// What the gateway says of the request.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RequestContext<'a> {
    #[serde(borrow)]
    pub(crate) http: Option<Http<'a>>,
    pub(crate) elb: Option<IgnoredAny>,
    #[serde(borrow)]
    pub(crate) identity: Option<Identity<'a>>,
    #[serde(borrow)]
    pub(crate) authorizer: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(crate) domain_name: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) path: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) request_id: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) stage: Option<Text<'a>>,
    // Of a WebSocket's event, and of VPC Lattice's.
    pub(crate) connection_id: Option<IgnoredAny>,
    pub(crate) service_network_arn: Option<IgnoredAny>,
}

/// The request of payload format 2.0.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Http<'a> {
    #[serde(borrow)]
    pub(crate) method: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) path: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) source_ip: Option<Text<'a>>,
}

/// The sender, in payload format 1.0.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Identity<'a> {
    #[serde(borrow)]
    pub(crate) source_ip: Option<Text<'a>>,
}
