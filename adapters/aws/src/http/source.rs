//! What an event is, by the keys that its source is known by. Only for the words of an error.

use serde_json::Value;

use crate::detect::Shape;

/// What came, and what to do about it.
pub(crate) struct Source {
    pub(crate) came: String,
    pub(crate) advice: &'static str,
    /// Whether it is known whose event it is.
    pub(crate) is_known: bool,
}

const TRIGGER: &str = "remove that trigger from this function, or point it at one that takes it";
const GATEWAY: &str = "put an HTTP API, a Function URL, a REST API or a load balancer in front of this function";

/// The HTTP shape that an event means to have.
pub(super) fn shape(event: &Value) -> Option<Shape> {
    let has = |pointer: &str| event.pointer(pointer).is_some_and(|value| !value.is_null());
    if has("/requestContext/elb") {
        let multi = has("/multiValueHeaders") || has("/multiValueQueryStringParameters");
        return Some(if multi { Shape::AlbMulti } else { Shape::Alb });
    }
    let other = ["/requestContext/serviceNetworkArn", "/requestContext/connectionId", "/methodArn", "/routeArn"];
    if other.into_iter().any(has) {
        return None;
    }
    if has("/requestContext/http") {
        let domain = event.pointer("/requestContext/domainName").and_then(Value::as_str).unwrap_or_default();
        return Some(if domain.contains(".lambda-url.") { Shape::FunctionUrl } else { Shape::HttpApiV2 });
    }
    (has("/httpMethod") && has("/requestContext")).then_some(Shape::RestV1)
}

/// Names an event.
pub(crate) fn name(event: &Value) -> Source {
    let object = match event {
        Value::Object(object) => object,
        Value::Array(list) if list.first().is_some_and(|first| first.pointer("/info/fieldName").is_some()) => {
            return source("a batch of AppSync", TRIGGER);
        }
        other => return source(format!("JSON that is {}, not an object,", kind(other)), "send an object"),
    };
    if object.is_empty() {
        return source("an empty JSON object", "send the event of a gateway; most gateways offer one to test with");
    }
    gateways(event).or_else(|| records(event)).or_else(|| keys(event)).unwrap_or_else(|| {
        let names: Vec<_> = object.keys().take(8).map(|name| format!("`{}`", short(name))).collect();
        let more = if object.len() > names.len() { " and others" } else { "" };
        let came = format!("an event that is not known, with the keys {}{more},", names.join(", "));
        let advice = "if it is an IoT rule, a direct invocation or a test event, this function cannot take it";
        Source { is_known: false, ..source(came, advice) }
    })
}

/// Requests that are no HTTP requests for this function.
fn gateways(event: &Value) -> Option<Source> {
    let has = |pointer: &str| event.pointer(pointer).is_some_and(|value| !value.is_null());
    let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str);
    let authorizer = has("/methodArn") || has("/routeArn");
    if authorizer && matches!(text("/type"), Some("REQUEST" | "TOKEN")) {
        let advice = "this function is set as the API's authorizer: set it as an integration instead";
        return Some(source(format!("an authorizer's event ({})", text("/type").unwrap_or_default()), advice));
    }
    if has("/requestContext/serviceNetworkArn") || (has("/raw_path") && has("/is_base64_encoded")) {
        return Some(source("a request of VPC Lattice", GATEWAY));
    }
    if has("/requestContext/connectionId") {
        let what = text("/requestContext/eventType").unwrap_or("an unknown event");
        return Some(source(format!("a WebSocket event ({})", short(what)), GATEWAY));
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
fn records(event: &Value) -> Option<Source> {
    let list = event.get("Records").or_else(|| event.get("records"));
    let top = ["eventSource", "EventSource"].into_iter().find_map(|key| event.get(key)?.as_str());
    let count = list.and_then(Value::as_array).map_or(0, Vec::len);
    let records = if count == 1 { "1 record".to_owned() } else { format!("{count} records") };
    if top.is_some_and(|top| top.ends_with(".amazonaws.com")) {
        return Some(source(format!("a record of CloudTrail (of {})", service(top.unwrap_or_default())), TRIGGER));
    }
    if let Some(broker) = top {
        return Some(source(format!("an event of {}", service(broker)), TRIGGER));
    }
    if event.get("deliveryStreamArn").is_some() {
        return Some(source(format!("a Firehose event with {records}"), TRIGGER));
    }
    let list = list?.as_array()?;
    let Some(first) = list.first() else { return Some(source("an event with an empty list of records", TRIGGER)) };
    if first.get("cf").is_some() {
        return Some(source("a CloudFront (Lambda@Edge) event", TRIGGER));
    }
    let named = ["eventSource", "EventSource"].into_iter().find_map(|key| first.get(key)?.as_str())?;
    let from = match named {
        "aws:s3" => first.pointer("/s3/bucket/name").and_then(Value::as_str).map(|name| ("bucket ", name)),
        "aws:sns" => first.pointer("/Sns/TopicArn").and_then(Value::as_str).map(|name| ("", name)),
        _ => first.get("eventSourceARN").and_then(Value::as_str).map(|name| ("", name)),
    };
    let from = from.map_or(String::new(), |(what, name)| format!(" (from {what}{})", short(name)));
    Some(source(format!("an event of {} with {records}{from}", service(named)), TRIGGER))
}

/// Everything else that has a key, or two, of its own.
fn keys(event: &Value) -> Option<Source> {
    const KNOWN: &[(&[&str], &str)] = &[
        (&["/awslogs/data"], "an event of CloudWatch Logs"),
        (&["/alarmData"], "an alarm of CloudWatch"),
        (&["/alarmArn"], "an alarm of CloudWatch"),
        (&["/AlarmName", "/NewStateValue"], "an alarm of CloudWatch"),
        (&["/triggerSource", "/userPoolId"], "a trigger of a Cognito user pool"),
        (&["/identityPoolId", "/datasetRecords"], "an event of Cognito Sync"),
        (&["/Event", "/Bucket", "/Service"], "a test event of S3"),
        (&["/getObjectContext"], "an event of S3 Object Lambda"),
        (&["/xAmzRequestId"], "an event of S3 Object Lambda"),
        (&["/invocationSchemaVersion", "/tasks"], "a task of S3 Batch Operations"),
        (&["/TopicArn", "/Type"], "a message of SNS"),
        (&["/notificationType", "/mail"], "a notification of SES"),
        (&["/info/fieldName"], "an event of AppSync"),
        (&["/info/parentTypeName"], "an event of AppSync"),
        (&["/operation", "/payload"], "an event of AppSync"),
        (&["/DeploymentId", "/LifecycleEventHookExecutionId"], "a lifecycle hook of CodeDeploy"),
        (&["/invokingEvent"], "an event of AWS Config"),
        (&["/RequestType", "/ResourceProperties"], "a custom resource of CloudFormation"),
        (&["/CodePipeline.job"], "a job of CodePipeline"),
        (&["/Name", "/Details/ContactData"], "an event of Amazon Connect"),
        (&["/SecretId", "/Step"], "a rotation of Secrets Manager"),
        (&["/currentIntent", "/bot"], "an event of Lex"),
        (&["/sessionState", "/bot"], "an event of Lex"),
        (&["/connection-id"], "a connection of Client VPN"),
        (&["/protocolData"], "an authorizer's event of IoT"),
        (&["/deviceEvent", "/deviceInfo"], "an event of IoT 1-Click"),
        (&["/serialNumber", "/clickType"], "an event of an IoT button"),
        (&["/requestPayload", "/requestContext/functionArn"], "a destination's record of another function"),
        (&["/session", "/request", "/context/System"], "a request of Alexa"),
    ];
    let text = |key: &str| event.get(key).and_then(Value::as_str).map(short);
    if let (Some(detail), Some(from)) = (text("detail-type"), text("source")) {
        let what = if detail == "Scheduled Event" || from == "aws.scheduler" { "a schedule" } else { "an event" };
        return Some(source(format!("{what} of EventBridge (`{detail}` from `{from}`)"), TRIGGER));
    }
    let has = |pointer: &&str| event.pointer(pointer).is_some_and(|value| !value.is_null());
    let (_, came) = KNOWN.iter().find(|(pointers, _)| pointers.iter().all(has))?;
    Some(source(*came, TRIGGER))
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

fn source(came: impl Into<String>, advice: &'static str) -> Source {
    Source { came: came.into(), advice, is_known: true }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// A name that someone else wrote, cut where it is longer than names are.
fn short(name: &str) -> String {
    match name.char_indices().nth(100) {
        Some((end, _)) => format!("{}…", name.get(..end).unwrap_or_default()),
        None => name.to_owned(),
    }
}
