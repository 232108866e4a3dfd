//! Events that no function takes. This module recognizes their sources by their keys, only to name them in the error of the failed
//! invocation.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response};
use omnifn_core::{
    Error, ErrorKind, Functions, Payload,
    json::{self, Elements},
};
use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};

use crate::{detect::Shape, http::reply::respond};

const EXPECTED: &str = "this function takes HTTP requests, as events of an HTTP API or a Function URL \
                        (`requestContext.http`), a REST API (`httpMethod` and `requestContext`) or an Application Load \
                        Balancer (`requestContext.elb`)";

/// Returns the error for an event that is not an HTTP request, where no function takes anything else.
pub(crate) fn not_http(event: &[u8]) -> Error {
    let Source { name, advice, .. } = source(event);
    Error::new(ErrorKind::Unsupported, format!("received {name}, but {EXPECTED}: {advice}"))
}

/// Returns the error for an HTTP request where no function takes requests.
pub(crate) fn request(shape: Shape, functions: &Functions) -> Error {
    let text = format!(
        "received an HTTP request ({shape}), but no function takes requests: remove the gateway, or point it at a function with a route; \
         there are: {}",
        functions.names()
    );
    Error::new(ErrorKind::Unsupported, text)
}

/// Returns the error for an event that is not JSON, where no function takes anything but HTTP requests; `None` if it is JSON.
pub(crate) fn not_json_for_http(event: &[u8]) -> Option<Error> {
    let error = json::parse::<serde::de::IgnoredAny>(event).err()?;
    let text = match event.trim_ascii() {
        b"" => format!("received an empty event, but {EXPECTED}"),
        _ => format!("received {} bytes that are not JSON ({error}), but {EXPECTED}", event.len()),
    };
    Some(Error::new(ErrorKind::Decode, text))
}

/// Returns the error for a payload that is not JSON; `None` if it is.
pub(crate) fn not_json(event: &[u8]) -> Option<Error> {
    let error = json::parse::<serde::de::IgnoredAny>(event).err()?;
    let text = format!("invalid event of {} bytes: {error}; expected JSON, as Lambda sends it", event.len());
    Some(Error::new(ErrorKind::Decode, text))
}

/// Returns whether the event is JSON other than an object, which no service sends except for AppSync's batches.
pub(crate) fn is_not_an_object(event: &[u8]) -> bool {
    json::parse::<serde::de::IgnoredAny>(event).is_ok() && !event.trim_ascii_start().starts_with(b"{")
}

const ERROR_TYPE: HeaderName = HeaderName::from_static("lambda-runtime-function-error-type");

/// Returns a failed invocation with the error's own name. The errors of functions are named `Function.…`.
pub(crate) fn failure(error: &Error) -> Response<Payload> {
    let whose = if matches!(error.kind(), ErrorKind::Function | ErrorKind::Panicked) { "Function" } else { "Runtime" };
    failed_as(&format!("{whose}.{}", error.name()), error)
}

/// The longest message of a failed invocation, in characters. A reply that is too large would lose the error's type.
const MESSAGE_LIMIT: usize = 256 * 1024;

/// Returns a failed invocation of this type.
pub(crate) fn failed_as(error_type: &str, error: &Error) -> Response<Payload> {
    let message: String = error.to_string().chars().take(MESSAGE_LIMIT).collect();
    let document = json!({"errorMessage": message, "errorType": error_type, "stackTrace": []});
    let mut response = respond(document.to_string().into());
    // Without the header, the reply would be a success.
    let error_type = HeaderValue::try_from(error_type).unwrap_or(HeaderValue::from_static("Function.Error"));
    response.headers_mut().insert(ERROR_TYPE, error_type);
    response
}

/// The description of an event, and the advice what to do about it.
pub(crate) struct Source {
    pub(crate) name: String,
    advice: &'static str,
}

const TRIGGER: &str = "remove that trigger from this function, or point it at one that takes it";
const GATEWAY: &str = "put an HTTP API, a Function URL, a REST API or a load balancer in front of this function";

/// Names an event, which is JSON.
pub(crate) fn source(event: &[u8]) -> Source {
    // No service writes JSON that cannot be read (with a lone surrogate, or 200 levels of nesting).
    let value = json::outline(event).unwrap_or_else(|| json!({"": null}));
    let Some(object) = value.as_object() else {
        return match value.pointer("/0/info/fieldName").is_some() {
            true => known("a batch of AppSync", TRIGGER),
            false => known(&format!("JSON that is {}, not an object", kind(&value)), "send an object"),
        };
    };
    if object.is_empty() {
        return known("an empty JSON object", "send the event of a gateway; most gateways offer one to test with");
    }
    gateways(&value).or_else(|| records(&value, event)).or_else(|| keys(&value)).unwrap_or_else(|| {
        let mut names: Vec<_> = object.keys().map(|name| format!("`{}`", short(name))).collect();
        names.sort();
        let more = if names.len() > 8 { " and others" } else { "" };
        names.truncate(8);
        Source {
            name: format!("an event that is not known, with the keys {}{more}", names.join(", ")),
            advice: "if it is an IoT rule, a direct invocation or a test event, this function cannot take it",
        }
    })
}

/// Returns whether a value exists and is not null.
fn has(event: &Value, pointer: &str) -> bool {
    event.pointer(pointer).is_some_and(|value| !value.is_null())
}

fn text<'v>(event: &'v Value, pointer: &str) -> Option<&'v str> {
    event.pointer(pointer)?.as_str()
}

/// Requests that are not HTTP requests for this function.
fn gateways(event: &Value) -> Option<Source> {
    let has = |pointer: &str| has(event, pointer);
    let authorizer = has("/methodArn") || has("/routeArn");
    if let (true, Some(kind @ ("REQUEST" | "TOKEN"))) = (authorizer, text(event, "/type")) {
        let advice = "this function is set as the API's authorizer: set it as an integration instead";
        return Some(known(&format!("an authorizer's event ({kind})"), advice));
    }
    if has("/requestContext/serviceNetworkArn") || (has("/raw_path") && has("/is_base64_encoded")) {
        return Some(known("a request of VPC Lattice", GATEWAY));
    }
    if has("/requestContext/connectionId") {
        let what = text(event, "/requestContext/eventType").unwrap_or("an unknown event");
        return Some(known(&format!("a WebSocket event ({})", short(what)), GATEWAY));
    }
    if has("/actionGroup") && has("/agent") {
        return Some(known("an action of a Bedrock agent", TRIGGER));
    }
    if has("/authorizationToken") && has("/requestContext/apiId") {
        return Some(known("an authorizer's event of AppSync", TRIGGER));
    }
    const REPLIES: [&str; 4] = ["/statusCode", "/policyDocument", "/isAuthorized", "/batchItemFailures"];
    REPLIES.into_iter().any(has).then(|| known("a reply, not a request,", "send what the gateway sends"))
}

/// Lists of records, whose first names the source.
fn records(event: &Value, json: &[u8]) -> Option<Source> {
    let named = |value: &Value| text(value, "/eventSource").or_else(|| text(value, "/EventSource")).map(str::to_owned);
    let list = event.get("Records").or_else(|| event.get("records")).and_then(Value::as_array);
    let count = list.map_or(0, |_| count(json));
    let records = if count == 1 { "1 record".to_owned() } else { format!("{count} records") };
    if let Some(top) = named(event) {
        let name = match top.ends_with(".amazonaws.com") {
            true => format!("a record of CloudTrail (of {})", service(&top)),
            false => format!("an event of {}", service(&top)),
        };
        return Some(known(&name, TRIGGER));
    }
    if event.get("deliveryStreamArn").is_some() {
        return Some(known(&format!("a Firehose event with {records}"), TRIGGER));
    }
    let Some(first) = list?.first() else { return Some(known("an event with an empty list of records", TRIGGER)) };
    if first.get("cf").is_some() {
        return Some(known("a CloudFront (Lambda@Edge) event", TRIGGER));
    }
    let named = named(first)?;
    let (what, pointer) = match &*named {
        "aws:s3" => ("bucket ", "/s3/bucket/name"),
        "aws:sns" => ("", "/Sns/TopicArn"),
        _ => ("", "/eventSourceARN"),
    };
    let from = text(first, pointer).map_or(String::new(), |name| format!(" (from {what}{})", short(name)));
    Some(known(&format!("an event of {} with {records}{from}", service(&named)), TRIGGER))
}

/// One line for each kind of event: the paths of its keys, and its description.
const KNOWN: &str = "\
/awslogs/data: an event of CloudWatch Logs
/alarmData: an alarm of CloudWatch
/alarmArn: an alarm of CloudWatch
/AlarmName /NewStateValue: an alarm of CloudWatch
/triggerSource /userPoolId: a trigger of a Cognito user pool
/identityPoolId /datasetRecords: an event of Cognito Sync
/Event /Bucket /Service: a test event of S3
/getObjectContext: an event of S3 Object Lambda
/xAmzRequestId: an event of S3 Object Lambda
/invocationSchemaVersion /tasks: a task of S3 Batch Operations
/TopicArn /Type: a message of SNS
/notificationType /mail: a notification of SES
/info/fieldName: an event of AppSync
/info/parentTypeName: an event of AppSync
/operation /payload: an event of AppSync
/DeploymentId /LifecycleEventHookExecutionId: a lifecycle hook of CodeDeploy
/invokingEvent: an event of AWS Config
/RequestType /ResourceProperties: a custom resource of CloudFormation
/CodePipeline.job: a job of CodePipeline
/Name /Details/ContactData: an event of Amazon Connect
/SecretId /Step: a rotation of Secrets Manager
/currentIntent /bot: an event of Lex
/sessionState /bot: an event of Lex
/connection-id: a connection of Client VPN
/protocolData: an authorizer's event of IoT
/deviceEvent /deviceInfo: an event of IoT 1-Click
/serialNumber /clickType: an event of an IoT button
/requestPayload /requestContext/functionArn: a destination's record of another function
/session /request /context/System: a request of Alexa";

/// Returns the number of the records.
fn count(json: &[u8]) -> usize {
    #[derive(Deserialize)]
    struct Lists<'a> {
        #[serde(borrow, rename = "Records")]
        upper: Option<&'a RawValue>,
        #[serde(borrow, rename = "records")]
        lower: Option<&'a RawValue>,
    }
    let lists = json::parse::<json::Object<Lists<'_>>>(json).ok();
    let list = lists.and_then(|json::Object(lists)| lists.upper.or(lists.lower));
    let list = list.map(|list| Bytes::copy_from_slice(list.get().as_bytes()));
    list.and_then(|list| Elements::read(list, usize::MAX, "the list").ok()).map_or(0, |list| list.len())
}

/// Further events that are recognized by one or two keys.
fn keys(event: &Value) -> Option<Source> {
    if let (Some(detail), Some(from)) = (text(event, "/detail-type"), text(event, "/source")) {
        let what = if detail == "Scheduled Event" || from == "aws.scheduler" { "a schedule" } else { "an event" };
        return Some(known(&format!("{what} of EventBridge (`{}` from `{}`)", short(detail), short(from)), TRIGGER));
    }
    let mut sources = KNOWN.lines().filter_map(|line| line.split_once(": "));
    let (_, name) = sources.find(|(pointers, _)| pointers.split(' ').all(|pointer| has(event, pointer)))?;
    Some(known(name, TRIGGER))
}

/// The service's own name.
fn service(source: &str) -> String {
    let name = match source {
        "aws:sqs" => "SQS",
        "aws:sns" => "SNS",
        "aws:s3" => "S3",
        "aws:dynamodb" => "DynamoDB Streams",
        "aws:kinesis" => "Kinesis",
        "aws:ses" => "SES",
        "aws:codecommit" => "CodeCommit",
        "aws:kafka" | "SelfManagedKafka" | "aws:SelfManagedKafka" => "Kafka",
        "aws:mq" | "aws:amq" => "ActiveMQ",
        "aws:rmq" => "RabbitMQ",
        "aws:docdb" => "DocumentDB",
        other => return format!("`{}`", short(other)),
    };
    name.to_owned()
}

fn known(name: &str, advice: &'static str) -> Source {
    Source { name: name.to_owned(), advice }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
        Value::Number(_) => "a number",
    }
}

/// Returns a name from outside, shortened if it is too long for a name.
fn short(name: &str) -> String {
    match name.char_indices().nth(100) {
        Some((end, _)) => format!("{}…", name.get(..end).unwrap_or_default()),
        None => name.to_owned(),
    }
}
