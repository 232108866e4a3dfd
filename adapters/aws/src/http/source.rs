//! What an event is, by the keys that its source is known by. Only for the words of an error.

use super::raw::{Object, Raw};
use crate::detect::Shape;

/// What came, and what to do about it.
pub(crate) struct Source {
    pub(crate) came: String,
    pub(crate) advice: &'static str,
    /// Whether it is known whose event it is.
    pub(crate) is_known: bool,
    /// Whether it is an object without members.
    pub(crate) is_empty: bool,
}

const TRIGGER: &str = "remove that trigger from this function, or point it at one that takes it";
const GATEWAY: &str = "put an HTTP API, a Function URL, a REST API or a load balancer in front of this function";

/// The HTTP shape that an event means to have.
pub(super) fn shape(event: &Object<'_>) -> Option<Shape> {
    let has = |path: &str| event.has(path);
    if has("/requestContext/elb") {
        let multi = has("/multiValueHeaders") || has("/multiValueQueryStringParameters");
        return Some(if multi { Shape::AlbMulti } else { Shape::Alb });
    }
    let other = ["/requestContext/serviceNetworkArn", "/requestContext/connectionId", "/methodArn", "/routeArn"];
    if other.into_iter().any(has) {
        return None;
    }
    if has("/requestContext/http") {
        let domain = event.text("/requestContext/domainName").unwrap_or_default();
        return Some(if domain.contains(".lambda-url.") { Shape::FunctionUrl } else { Shape::HttpApiV2 });
    }
    (has("/httpMethod") && has("/requestContext")).then_some(Shape::RestV1)
}

/// Names an event, which is JSON.
pub(crate) fn name(event: &[u8]) -> Source {
    let event = Raw::of(event);
    let Some(object) = event.object() else {
        let first = event.list().and_then(|(first, _)| first?.object());
        return match first.is_some_and(|first| first.at("/info/fieldName").is_some()) {
            true => source("a batch of AppSync", TRIGGER),
            false => source(&format!("JSON that is {}, not an object,", kind(event)), "send an object"),
        };
    };
    if object.is_empty() {
        let advice = "send the event of a gateway; most gateways offer one to test with";
        return Source { is_empty: true, ..source("an empty JSON object", advice) };
    }
    gateways(&object).or_else(|| records(&object)).or_else(|| keys(&object)).unwrap_or_else(|| {
        let mut names: Vec<_> = object.names().take(9).map(|name| format!("`{}`", short(&name))).collect();
        let more = if names.len() > 8 { " and others" } else { "" };
        names.truncate(8);
        let came = format!("an event that is not known, with the keys {}{more},", names.join(", "));
        let advice = "if it is an IoT rule, a direct invocation or a test event, this function cannot take it";
        Source { is_known: false, ..source(&came, advice) }
    })
}

/// Requests that are no HTTP requests for this function.
fn gateways(event: &Object<'_>) -> Option<Source> {
    let has = |path: &str| event.has(path);
    let kind = event.text("/type");
    let authorizer = has("/methodArn") || has("/routeArn");
    if let (true, Some(kind @ ("REQUEST" | "TOKEN"))) = (authorizer, kind.as_deref()) {
        let advice = "this function is set as the API's authorizer: set it as an integration instead";
        return Some(source(&format!("an authorizer's event ({kind})"), advice));
    }
    if has("/requestContext/serviceNetworkArn") || (has("/raw_path") && has("/is_base64_encoded")) {
        return Some(source("a request of VPC Lattice", GATEWAY));
    }
    if has("/requestContext/connectionId") {
        let what = event.text("/requestContext/eventType");
        let what = what.as_deref().unwrap_or("an unknown event");
        return Some(source(&format!("a WebSocket event ({})", short(what)), GATEWAY));
    }
    if has("/actionGroup") && has("/agent") {
        return Some(source("an action of a Bedrock agent", TRIGGER));
    }
    if has("/authorizationToken") && has("/requestContext/apiId") {
        return Some(source("an authorizer's event of AppSync", TRIGGER));
    }
    const REPLIES: [&str; 4] = ["/statusCode", "/policyDocument", "/isAuthorized", "/batchItemFailures"];
    REPLIES.into_iter().any(has).then(|| source("a reply, not a request,", "send what the gateway sends"))
}

/// Lists of records, whose first names the source.
fn records(event: &Object<'_>) -> Option<Source> {
    let either = |object: &Object<'_>| ["/eventSource", "/EventSource"].into_iter().find_map(|path| object.text(path));
    let list = event.at("/Records").or_else(|| event.at("/records")).and_then(Raw::list);
    let count = list.map_or(0, |(_, count)| count);
    let records = if count == 1 { "1 record".to_owned() } else { format!("{count} records") };
    if let Some(top) = either(event) {
        let came = match top.ends_with(".amazonaws.com") {
            true => format!("a record of CloudTrail (of {})", service(&top)),
            false => format!("an event of {}", service(&top)),
        };
        return Some(source(&came, TRIGGER));
    }
    if event.at("/deliveryStreamArn").is_some() {
        return Some(source(&format!("a Firehose event with {records}"), TRIGGER));
    }
    let (first, _) = list?;
    let Some(first) = first else { return Some(source("an event with an empty list of records", TRIGGER)) };
    let first = first.object()?;
    if first.at("/cf").is_some() {
        return Some(source("a CloudFront (Lambda@Edge) event", TRIGGER));
    }
    let named = either(&first)?;
    let (what, path) = match &*named {
        "aws:s3" => ("bucket ", "/s3/bucket/name"),
        "aws:sns" => ("", "/Sns/TopicArn"),
        _ => ("", "/eventSourceARN"),
    };
    let from = first.text(path).map_or(String::new(), |name| format!(" (from {what}{})", short(&name)));
    Some(source(&format!("an event of {} with {records}{from}", service(&named)), TRIGGER))
}

/// A line for each: the paths that it has, and what it is.
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

/// Everything else that has a key, or two, of its own.
fn keys(event: &Object<'_>) -> Option<Source> {
    let text = |path: &str| event.text(path).map(|text| short(&text));
    if let (Some(detail), Some(from)) = (text("/detail-type"), text("/source")) {
        let what = if detail == "Scheduled Event" || from == "aws.scheduler" { "a schedule" } else { "an event" };
        return Some(source(&format!("{what} of EventBridge (`{detail}` from `{from}`)"), TRIGGER));
    }
    let mut known = KNOWN.lines().filter_map(|line| line.split_once(": "));
    let (_, came) = known.find(|(paths, _)| paths.split(' ').all(|path| event.has(path)))?;
    Some(source(came, TRIGGER))
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
        "aws:kafka" | "SelfManagedKafka" => "Kafka",
        "aws:mq" | "aws:amq" => "ActiveMQ",
        "aws:rmq" => "RabbitMQ",
        "aws:docdb" => "DocumentDB",
        other => return format!("`{}`", short(other)),
    };
    name.to_owned()
}

#[inline(never)]
fn source(came: &str, advice: &'static str) -> Source {
    Source { came: came.to_owned(), advice, is_known: true, is_empty: false }
}

fn kind(value: Raw<'_>) -> &'static str {
    match value.first() {
        b'n' => "null",
        b't' | b'f' => "a boolean",
        b'"' => "a text",
        b'[' => "a list",
        b'{' => "an object",
        _ => "a number",
    }
}

/// A name that someone else wrote, cut where it is longer than names are.
fn short(name: &str) -> String {
    match name.char_indices().nth(100) {
        Some((end, _)) => format!("{}…", name.get(..end).unwrap_or_default()),
        None => name.to_owned(),
    }
}
