//! The events of all shapes, as one type: what is read of them, and what tells them apart.

use super::text::{Pairs, Text};

/// An event. Every key may be missing or null: which of them have to be there depends on the shape.
#[derive(Debug, Default)]
pub(crate) struct Event<'a> {
    pub(crate) version: Option<Text<'a>>,
    pub(crate) raw_path: Option<Text<'a>>,
    pub(crate) raw_query_string: Option<Text<'a>>,
    pub(crate) cookies: Option<Vec<Text<'a>>>,
    pub(crate) headers: Option<Pairs<'a>>,
    pub(crate) multi_value_headers: Option<Pairs<'a>>,
    pub(crate) query_string_parameters: Option<Pairs<'a>>,
    pub(crate) multi_value_query_string_parameters: Option<Pairs<'a>>,
    pub(crate) http_method: Option<Text<'a>>,
    pub(crate) path: Option<Text<'a>>,
    pub(crate) resource: Option<Text<'a>>,
    pub(crate) path_parameters: Option<Pairs<'a>>,
    pub(crate) body: Option<Text<'a>>,
    pub(crate) is_base64_encoded: Option<bool>,
    pub(crate) request_context: Option<RequestContext<'a>>,
    // Of an authorizer's event.
    pub(crate) r#type: Option<()>,
    pub(crate) method_arn: Option<()>,
    pub(crate) route_arn: Option<()>,
}

/// What the gateway says of the request.
#[derive(Debug, Default)]
pub(crate) struct RequestContext<'a> {
    pub(crate) http: Option<Http<'a>>,
    pub(crate) elb: Option<()>,
    pub(crate) identity: Option<Identity<'a>>,
    pub(crate) authorizer: Option<&'a str>,
    pub(crate) domain_name: Option<Text<'a>>,
    pub(crate) path: Option<Text<'a>>,
    pub(crate) request_id: Option<Text<'a>>,
    pub(crate) stage: Option<Text<'a>>,
    // Of a WebSocket's event, and of VPC Lattice's.
    pub(crate) connection_id: Option<()>,
    pub(crate) service_network_arn: Option<()>,
}

/// The request of payload format 2.0.
#[derive(Debug, Default)]
pub(crate) struct Http<'a> {
    pub(crate) method: Option<Text<'a>>,
    pub(crate) path: Option<Text<'a>>,
    pub(crate) source_ip: Option<Text<'a>>,
}

/// The sender, in payload format 1.0.
#[derive(Debug, Default)]
pub(crate) struct Identity<'a> {
    pub(crate) source_ip: Option<Text<'a>>,
}
