//! A request, as the event that a gateway makes of it.

use std::borrow::Cow;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, header::COOKIE, request::Parts};
use omnifn_core::{Error, ErrorKind, Peer, json};
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use crate::{detect::Shape, http::reply};

/// An event, whose fields depend on the shape.
#[derive(Serialize, Default)]
#[serde(rename_all = "camelCase")]
struct Event {
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    route_key: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    raw_path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    raw_query_string: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    http_method: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cookies: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    headers: Option<Either>,
    #[serde(skip_serializing_if = "Option::is_none")]
    multi_value_headers: Option<Grouped>,
    // The outer `Option` is `None` if the shape does not have the field.
    #[serde(skip_serializing_if = "Option::is_none")]
    query_string_parameters: Option<Option<Either>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    multi_value_query_string_parameters: Option<Option<Grouped>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path_parameters: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_context: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<Option<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_base64_encoded: Option<bool>,
    // The other names of the fields in event structure 1.0 of VPC Lattice.
    #[serde(skip_serializing_if = "Option::is_none", rename = "raw_path")]
    lattice_path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", rename = "query_string_parameters")]
    lattice_query: Option<Either>,
    #[serde(skip_serializing_if = "Option::is_none", rename = "is_base64_encoded")]
    lattice_is_base64_encoded: Option<bool>,
}

pub(super) fn event(shape: Shape, head: &Parts, body: &Bytes) -> Result<Bytes, Error> {
    let mut event = match shape {
        Shape::HttpApiV2 | Shape::FunctionUrl => v2(shape, head),
        Shape::HttpApiV1 => http_api_v1(head),
        Shape::RestV1 => v1(head),
        Shape::VpcLatticeV1 => lattice_v1(shape, head)?,
        Shape::VpcLatticeV2 => lattice_v2(head),
        Shape::Alb => alb_single(head)?,
        Shape::AlbMulti => alb_multi(head),
    };
    let text = reply::text(&head.headers, body);
    match shape {
        Shape::VpcLatticeV1 => event.lattice_is_base64_encoded = Some(text.is_none()),
        _ => event.is_base64_encoded = Some(text.is_none()),
    }
    event.body = match text {
        Some("") if matches!(shape, Shape::RestV1 | Shape::HttpApiV1 | Shape::VpcLatticeV2) => Some(None),
        Some("") if matches!(shape, Shape::HttpApiV2 | Shape::FunctionUrl) => None,
        Some(text) => Some(Some(text.to_owned())),
        None => Some(Some(base64_simd::STANDARD.encode_to_string(body))),
    };
    Ok(unmarked(&json::to_bytes(&event)).into())
}

/// Returns the path as an HTTP API writes it: decoded once. It was seen that `/files/a%2520b` arrives as `/files/a%20b`, and `/a%2Fb` as
/// `/a/b`. A byte that is not UTF-8 after that has no representation in JSON.
fn decoded_path(head: &Parts) -> String {
    percent_encoding::percent_decode_str(head.uri.path()).decode_utf8_lossy().into_owned()
}

fn v2(shape: Shape, head: &Parts) -> Event {
    let is_function_url = shape == Shape::FunctionUrl;
    // A Function URL does not decode the path.
    let path = if is_function_url { head.uri.path().to_owned() } else { decoded_path(head) };
    let query = head.uri.query().unwrap_or_default();
    let cookies = joined(&head.headers, &COOKIE);
    // A Function URL also leaves the cookies in the headers.
    let names = head.headers.keys().filter(|name| is_function_url || **name != COOKIE);
    let domain = match is_function_url {
        true => "example.lambda-url.us-east-1.on.aws",
        false => "example.execute-api.us-east-1.amazonaws.com",
    };
    let mut http = json!({"method": head.method.as_str(), "path": path});
    source_ip(&mut http, head);
    Event {
        version: Some("2.0"),
        route_key: Some("$default"),
        raw_path: Some(path),
        raw_query_string: Some(query.to_owned()),
        cookies: head.headers.contains_key(COOKIE).then(|| cookies.split("; ").map(str::to_owned).collect()),
        headers: Some(Either::Last(Grouped(
            names.map(|name| (name.to_string(), vec![joined(&head.headers, name)])).collect(),
        ))),
        request_context: Some(json!({"apiId": "example", "domainName": domain, "http": http, "stage": "$default"})),
        ..Event::default()
    }
}

/// Returns the event of an HTTP API with payload format 1.0, which decodes the path. The stage `$default` is not in front of it.
fn http_api_v1(head: &Parts) -> Event {
    let path = decoded_path(head);
    let mut event = v1(head);
    if let Some(context) = &mut event.request_context {
        context["path"] = path.as_str().into();
        context["stage"] = "$default".into();
    }
    Event {
        version: Some("1.0"),
        path_parameters: Some(json!({"proxy": path.strip_prefix('/').unwrap_or(&path)})),
        path: Some(path),
        ..event
    }
}

/// Returns the event of a REST API, which passes the path and its parameters on as the client wrote them, and decodes the query.
fn v1(head: &Parts) -> Event {
    let path = head.uri.path();
    let query = query(head, decoded);
    let query = (!query.0.is_empty()).then_some(query);
    let mut identity = json!({});
    source_ip(&mut identity, head);
    Event {
        resource: Some("/{proxy+}"),
        path: Some(path.to_owned()),
        http_method: Some(head.method.to_string()),
        headers: Some(Either::Last(headers(head))),
        multi_value_headers: Some(headers(head)),
        query_string_parameters: Some(query.clone().map(Either::Last)),
        multi_value_query_string_parameters: Some(query),
        path_parameters: Some(json!({"proxy": path.strip_prefix('/').unwrap_or(path)})),
        request_context: Some(json!({
            "domainName": "example.execute-api.us-east-1.amazonaws.com",
            "path": format!("/prod{path}"),
            "stage": "prod",
            "identity": identity,
        })),
        ..Event::default()
    }
}

fn alb_single(head: &Parts) -> Result<Event, Error> {
    let (headers, query) = (headers(head), query(head, Cow::Borrowed));
    const GATEWAY: &str = "a load balancer";
    single(GATEWAY, "header", &headers)?;
    single(GATEWAY, "query key", &query)?;
    Ok(Event {
        headers: Some(Either::Last(headers)),
        query_string_parameters: Some(Some(Either::Last(query))),
        ..alb(head)
    })
}

/// Checks that each name has one value, where a gateway sends only one.
fn single(gateway: &str, what: &str, values: &Grouped) -> Result<(), Error> {
    let Some((name, _)) = values.0.iter().find(|(_, values)| values.len() > 1) else { return Ok(()) };
    let text = format!("{gateway} that sends one value for each {what} cannot carry the {what} {name:?} several times");
    Err(Error::new(ErrorKind::Unsupported, text))
}

/// Returns an event of structure 1.0, whose headers are joined by commas.
fn lattice_v1(shape: Shape, head: &Parts) -> Result<Event, Error> {
    let query = query(head, Cow::Borrowed);
    single(shape.name(), "query key", &query)?;
    let headers = head.headers.keys().map(|name| (name.to_string(), vec![joined(&head.headers, name)]));
    Ok(Event {
        lattice_path: Some(head.uri.path().to_owned()),
        method: Some(head.method.to_string()),
        headers: Some(Either::Last(Grouped(headers.collect()))),
        lattice_query: Some(Either::Last(query)),
        ..Event::default()
    })
}

/// Returns an event of structure 2.0, which has lists of values. The query was seen to be encoded.
fn lattice_v2(head: &Parts) -> Event {
    const NETWORK: &str = "arn:aws:vpc-lattice:us-east-1:123456789012:servicenetwork/sn-0bf3f2882e9cc805a";
    Event {
        version: Some("2.0"),
        path: Some(head.uri.path().to_owned()),
        method: Some(head.method.to_string()),
        headers: Some(Either::All(headers(head))),
        query_string_parameters: Some(Some(Either::All(query(head, Cow::Borrowed)))),
        request_context: Some(json!({"serviceNetworkArn": NETWORK, "region": "us-east-1"})),
        ..Event::default()
    }
}

fn alb_multi(head: &Parts) -> Event {
    Event {
        multi_value_headers: Some(headers(head)),
        multi_value_query_string_parameters: Some(Some(query(head, Cow::Borrowed))),
        ..alb(head)
    }
}

fn alb(head: &Parts) -> Event {
    const TARGET_GROUP: &str =
        "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/example/0123456789abcdef";
    Event {
        http_method: Some(head.method.to_string()),
        path: Some(head.uri.path().to_owned()),
        request_context: Some(json!({"elb": {"targetGroupArn": TARGET_GROUP}})),
        ..Event::default()
    }
}

/// Names and their values, in the order in which the names first appeared.
#[derive(Clone)]
struct Grouped(Vec<(String, Vec<String>)>);

impl Serialize for Grouped {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, values)| (name, values)))
    }
}

/// Names with their last values, or with all of them.
enum Either {
    Last(Grouped),
    All(Grouped),
}

impl Serialize for Either {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Either::Last(grouped) => {
                serializer.collect_map(grouped.0.iter().map(|(name, values)| (name, values.last())))
            }
            Either::All(grouped) => grouped.serialize(serializer),
        }
    }
}

fn headers(head: &Parts) -> Grouped {
    let values = |name: &HeaderName| match *name == COOKIE {
        true => vec![joined(&head.headers, name)],
        false => head.headers.get_all(name).iter().map(|value| marked(value.as_bytes())).collect(),
    };
    Grouped(head.headers.keys().map(|name| (name.to_string(), values(name))).collect())
}

fn query<'h>(head: &'h Parts, read: fn(&'h [u8]) -> Cow<'h, [u8]>) -> Grouped {
    let query = head.uri.query().unwrap_or_default();
    let mut grouped: Vec<(String, Vec<String>)> = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (key, value) = (marked(&read(key.as_bytes())), marked(&read(value.as_bytes())));
        match grouped.iter_mut().find(|(known, _)| *known == key) {
            Some((_, values)) => values.push(value),
            None => grouped.push((key, vec![value])),
        }
    }
    Grouped(grouped)
}

/// Decodes a part of a query as a form.
fn decoded(text: &[u8]) -> Cow<'_, [u8]> {
    let spaced: Vec<u8> = text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    percent_encoding::percent_decode(&spaced).collect::<Vec<_>>().into()
}

/// Joins all values of a header: cookies with a semicolon, others with a comma.
fn joined(headers: &HeaderMap, name: &HeaderName) -> String {
    let values: Vec<_> = headers.get_all(name).iter().map(|value| marked(value.as_bytes())).collect();
    values.join(if *name == COOKIE { "; " } else { "," })
}

fn source_ip(object: &mut Value, head: &Parts) {
    if let Some(Peer(address)) = head.extensions.get() {
        object["sourceIp"] = address.ip().to_string().into();
    }
}

/// The character of a private use area that stands for the byte 0.
const MARK: u32 = 0x10_f000;

/// Returns bytes as a string that serde can write. Each byte that is not UTF-8 becomes a character of a private use area: a load balancer
/// passes such bytes on unchanged.
fn marked(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().filter_map(|byte| char::from_u32(MARK + u32::from(*byte))));
    }
    text
}

/// Replaces the characters of the private use area by the bytes that they stand for.
fn unmarked(json: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(json.len());
    for character in String::from_utf8_lossy(json).chars() {
        match u32::from(character).checked_sub(MARK).and_then(|byte| u8::try_from(byte).ok()) {
            Some(byte) => out.push(byte),
            None => out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    out
}
