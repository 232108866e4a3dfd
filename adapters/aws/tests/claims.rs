//! Every event that `aws_lambda_events` and `lambda_http` have among their fixtures is claimed by exactly one shape, or
//! refused by its name; and where it is a request, it is the same one that `lambda_http` makes of it, but for a table.
//!
//! The fixtures are read from the packages of those crates, wherever cargo keeps them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    panic::catch_unwind,
    path::{Path, PathBuf},
    process::Command,
};

use bytes::Bytes;
use http::{HeaderMap, Request, Uri};
use omnifn_aws::Aws;
use omnifn_core::{
    Adapter, Decoded, Deploy, Functions, HttpTrigger, Location, Options, Payload, Spec, StorageTrigger, Trigger,
    event::ObjectChange,
};

/// Which fixtures are HTTP requests, and in which shape.
const CLAIMED: &[(&str, &str)] = &[
    ("example-alb-lambda-target-request-headers-only", "alb"),
    ("example-alb-lambda-target-request-multivalue-headers", "alb-multi"),
    ("example-apigw-console-request", "rest-v1"),
    ("example-apigw-console-test-request", "rest-v1"),
    ("example-apigw-request-catch-all", "rest-v1"),
    ("example-apigw-request-multi-value-parameters", "rest-v1"),
    ("example-apigw-request", "rest-v1"),
    ("example-apigw-restapi-openapi-request", "rest-v1"),
    ("example-apigw-sam-http-request", "http-api-v2"),
    ("example-apigw-sam-rest-request", "rest-v1"),
    ("example-apigw-v2-request-iam", "http-api-v2"),
    ("example-apigw-v2-request-jwt-authorizer", "http-api-v2"),
    ("example-apigw-v2-request-lambda-authorizer", "http-api-v2"),
    ("example-apigw-v2-request-multi-value-parameters", "http-api-v2"),
    ("example-apigw-v2-request-no-authorizer", "http-api-v2"),
    ("alb_health_check", "alb"),
    ("alb_multi_value_request", "alb-multi"),
    ("alb_multi_value_request_encoded_query_parameters", "alb-multi"),
    ("alb_no_host", "alb"),
    ("alb_request", "alb"),
    ("alb_request_encoded_query_parameters", "alb"),
    ("apigw_multi_value_proxy_request", "rest-v1"),
    ("apigw_no_host", "rest-v1"),
    ("apigw_proxy_request", "rest-v1"),
    ("apigw_request_path_with_space", "http-api-v2"),
    ("apigw_v2_proxy_request", "http-api-v2"),
    ("apigw_v2_proxy_request_minimal", "http-api-v2"),
    ("apigw_v2_proxy_request_with_stage_in_path", "http-api-v2"),
    ("apigw_v2_sam_local", "http-api-v2"),
    ("lambda_function_url_request", "function-url"),
    ("example-vpc-lattice-v1-request", "vpc-lattice-v1"),
    ("example-vpc-lattice-v2-request", "vpc-lattice-v2"),
    ("example-vpc-lattice-v2-request-base64", "vpc-lattice-v2"),
    ("example-vpc-lattice-v2-request-roles-anywhere", "vpc-lattice-v2"),
    ("vpc_lattice_v2_request", "vpc-lattice-v2"),
    ("vpc_lattice_v2_request_base64", "vpc-lattice-v2"),
    ("vpc_lattice_v2_request_encoded_query", "vpc-lattice-v2"),
];

/// By which words each other fixture is refused. The first row whose prefix fits counts.
const REFUSED: &[(&str, &str)] = &[
    ("example-activemq-", "an event of ActiveMQ"),
    ("example-alb-lambda-target-response", "a reply, not a request"),
    ("example-apigw-custom-auth-request-type-request", "an authorizer's event (REQUEST)"),
    ("example-apigw-custom-auth-request", "an authorizer's event (TOKEN)"),
    ("example-apigw-custom-auth-response", "a reply, not a request"),
    ("example-apigw-response", "a reply, not a request"),
    ("example-apigw-v2-custom-authorizer-", "an authorizer's event (REQUEST)"),
    ("example-apigw-websocket-request-disconnect-route", "a WebSocket event (DISCONNECT)"),
    ("example-apigw-websocket-request", "a WebSocket event (CONNECT)"),
    ("example-appsync-batchinvoke", "an event of AppSync"),
    ("example-appsync-direct-resolver", "an event of AppSync"),
    // A part of an event, not one.
    ("example-appsync-identity-", "an event that is not known, with the keys `"),
    ("example-appsync-invoke", "an event of AppSync"),
    ("example-appsync-lambda-auth-request", "an authorizer's event of AppSync"),
    ("example-appsync-lambda-auth-response", "a reply, not a request"),
    ("example-autoscaling-", "from `aws.autoscaling`"),
    ("example-bedrock-agent-", "an action of a Bedrock agent"),
    ("example-clientvpn-", "a connection of Client VPN"),
    ("example-cloudformation-custom-resource-provider-response", "with the keys `Data`"),
    ("example-cloudformation-custom-resource-response", "with the keys `Data`"),
    ("example-cloudformation-", "a custom resource of CloudFormation"),
    ("example-cloudwatch-alarm-composite-with-suppressor-alarm", "from `aws.cloudwatch`"),
    ("example-cloudwatch-alarm-sns-", "an event of SNS with"),
    ("example-cloudwatch-alarm-", "an alarm of CloudWatch"),
    ("example-cloudwatch-cloudtrail-", "a record of CloudTrail (of `"),
    ("example-cloudwatch_logs-", "an event of CloudWatch Logs"),
    ("example-code_commit-", "an event of CodeCommit with 1 record"),
    ("example-codebuild-", "from `aws.codebuild`"),
    ("example-codedeploy-lifecycle-event", "a lifecycle hook of CodeDeploy"),
    ("example-codedeploy-", "from `aws.codedeploy`"),
    ("example-codepipeline_job-", "a job of CodePipeline"),
    ("example-codepipeline-", "from `aws.codepipeline`"),
    ("example-cognito-event-userpools-", "a trigger of a Cognito user pool"),
    ("example-cognito-event", "an event of Cognito Sync"),
    ("example-config-", "an event of AWS Config"),
    ("example-connect-", "an event of Amazon Connect"),
    ("example-controltower-", "a record of CloudTrail (of `controltower.amazonaws.com`)"),
    ("example-documentdb-", "an event of DocumentDB"),
    ("example-dynamodb-event-record-with-optional-fields", "an event of DynamoDB Streams"),
    ("example-dynamodb-", "an event of DynamoDB Streams with 2 records"),
    ("example-ecr-", "from `aws.ecr`"),
    ("example-eventbridge-event-obj", "an event of EventBridge"),
    ("example-eventbridge-schedule", "a schedule of EventBridge"),
    ("example-firehose-", "a Firehose event with 2 records"),
    ("example-iot-custom-auth-request", "an authorizer's event of IoT"),
    ("example-iot-custom-auth-response", "with the keys `disconnectAfterInSeconds`"),
    ("example-iot_1_click-", "an event of IoT 1-Click"),
    ("example-iot_button-", "an event of an IoT button"),
    ("example-kafka-", "an event of Kafka"),
    ("example-kinesis-firehose-event", "a Firehose event with 2 records"),
    ("example-kinesis-firehose-response", "with the keys `records`"),
    ("example-kinesis-", "an event of Kinesis with 2 records"),
    ("example-lex-event", "an event of Lex"),
    ("example-lex-response", "with the keys `dialogAction`"),
    ("example-rabbitmq-", "an event of RabbitMQ"),
    ("example-s3-object-lambda-", "an event of S3 Object Lambda"),
    ("example-s3-", "an event of S3 with 1 record (from bucket sourcebucket)"),
    ("example-secretsmanager-", "a rotation of Secrets Manager"),
    ("example-ses-", "an event of SES with 1 record"),
    ("example-sns-event", "an event of SNS with 1 record"),
    ("example-sns-", "a message of SNS"),
    ("example-sqs-api-event-obj", "with the keys `Messages`"),
    ("example-sqs-batch-response", "a reply, not a request"),
    ("example-sqs-", "an event of SQS with 1 record"),
    ("example-vpc-lattice-response", "a reply, not a request"),
];

/// Where we differ from `lambda_http`, by fixture and part of the request, and why.
const DIFFERENCES: &[(&str, &str, &str)] = &[
    (
        "alb_multi_value_request",
        "headers",
        "theirs has the last of two cookies, for it reads `headers`, too, last of all",
    ),
    ("apigw_multi_value_proxy_request", "path", STAGE),
    ("apigw_no_host", "path", STAGE),
    ("apigw_proxy_request", "path", STAGE),
    ("apigw_v2_proxy_request_with_stage_in_path", "path", STAGE),
    ("apigw_v2_sam_local", "headers", NO_COOKIES),
    ("example-apigw-console-request", "refused by lambda_http", "its host is `….{dns_suffix}`: theirs panics"),
    ("example-apigw-console-test-request", "path", STAGE),
    ("example-apigw-custom-auth-request-type-request", "refused by us", AUTHORIZER),
    ("example-apigw-request", "path", STAGE),
    ("example-apigw-request-multi-value-parameters", "headers", "theirs has the last of two values"),
    ("example-apigw-restapi-openapi-request", "path", STAGE),
    ("example-apigw-sam-http-request", "headers", NO_COOKIES),
    ("example-apigw-sam-rest-request", "path", STAGE),
    ("example-apigw-v2-custom-authorizer-v1-request", "refused by us", AUTHORIZER),
    ("example-apigw-v2-custom-authorizer-v2-request-without-identity-source", "refused by us", AUTHORIZER),
    ("example-apigw-v2-custom-authorizer-websocket-request", "refused by us", AUTHORIZER),
    (
        "example-apigw-websocket-request",
        "refused by us",
        "a WebSocket's events are no HTTP requests, but for the first",
    ),
    ("example-vpc-lattice-v1-request", "refused by lambda_http", "theirs takes event structure 2.0 alone"),
    ("vpc_lattice_v2_request_encoded_query", "query", "theirs encodes the query anew"),
];

const STAGE: &str =
    "theirs puts the stage before the path; a function that serves two stages would need its routes twice";
const NO_COOKIES: &str = "an empty list of cookies is no empty header";
const AUTHORIZER: &str = "it asks for a policy; theirs answers it as if it were the request itself";

#[test]
fn each_fixture_is_claimed_once_or_refused_by_its_name() {
    let mut report = Vec::new();
    let (mut claimed, mut refused) = (BTreeSet::new(), BTreeSet::new());
    let fixtures = fixtures();
    for (name, event) in &fixtures {
        let expected = CLAIMED.iter().find(|(fixture, _)| fixture == name);
        match (decode(event), expected) {
            (Ok((shape, _)), Some((fixture, expected))) if shape == *expected => drop(claimed.insert(*fixture)),
            (Ok((shape, _)), _) => report.push(format!("{name} is claimed by {shape}")),
            (Err(words), Some(_)) => report.push(format!("{name} is refused: {words}")),
            (Err(words), None) => match REFUSED.iter().find(|(prefix, _)| name.starts_with(prefix)) {
                Some((prefix, expected)) if words.contains(expected) => drop(refused.insert(*prefix)),
                _ => report.push(format!("{name} is refused in other words: {words}")),
            },
        }
    }
    let unneeded = CLAIMED.iter().filter(|(row, _)| !claimed.contains(row));
    let unneeded = unneeded.chain(REFUSED.iter().filter(|(row, _)| !refused.contains(row)));
    report.extend(unneeded.map(|(row, _)| format!("{row}: no fixture needs this row")));
    assert!(report.is_empty(), "{} fixtures:\n{}", fixtures.len(), report.join("\n"));
}

#[test]
fn requests_are_those_of_lambda_http() {
    let mut report = Vec::new();
    let mut needed = BTreeSet::new();
    for (name, event) in &fixtures() {
        let theirs = lambda_http(event);
        let differences = match (decode(event), theirs) {
            (Ok((_, ours)), Ok(theirs)) => differences(&ours, &theirs),
            (Ok(_), Err(why)) => vec![("refused by lambda_http", why)],
            (Err(_), Ok(theirs)) => vec![("refused by us", theirs.uri.to_string())],
            (Err(_), Err(_)) => Vec::new(),
        };
        for (part, difference) in differences {
            let rows = DIFFERENCES.iter().enumerate();
            let rows = rows.filter(|(_, row)| name.starts_with(row.0) && row.1 == part);
            // The row of the longest name is the fixture's own.
            match rows.max_by_key(|(_, row)| row.0.len()) {
                Some((row, _)) => drop(needed.insert(row)),
                None => report.push(format!("{name}, {part}: {difference}")),
            }
        }
    }
    let unneeded = DIFFERENCES.iter().enumerate().filter(|(i, _)| !needed.contains(i));
    report.extend(unneeded.map(|(_, row)| format!("{row:?}: no fixture needs this row")));
    assert!(report.is_empty(), "{}", report.join("\n"));
}

/// A request, as far as both sides say it alike.
struct Seen {
    method: String,
    uri: Uri,
    headers: BTreeMap<String, Vec<String>>,
    body: Vec<u8>,
}

impl Seen {
    fn new<B>(request: &Request<B>, body: Vec<u8>) -> Self {
        let headers: &HeaderMap = request.headers();
        let values = |name| headers.get_all(name).iter().map(|value| value.as_bytes().escape_ascii().to_string());
        Seen {
            method: request.method().to_string(),
            uri: request.uri().clone(),
            headers: headers.keys().map(|name| (name.to_string(), values(name).collect())).collect(),
            body,
        }
    }
}

fn differences(ours: &Seen, theirs: &Seen) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    let mut differ = |part, ours: String, theirs: String| {
        if ours != theirs {
            found.push((part, format!("{ours} against {theirs}")));
        }
    };
    differ("method", ours.method.clone(), theirs.method.clone());
    differ("path", ours.uri.path().to_owned(), theirs.uri.path().to_owned());
    // Theirs has the keys of a map in an order that is another one at each run.
    let sorted = |uri: &Uri| {
        let mut pairs: Vec<_> = uri.query().map(|query| query.split('&').collect()).unwrap_or_default();
        pairs.sort_by_key(|pair| pair.split('=').next());
        pairs.join("&")
    };
    differ("query", sorted(&ours.uri), sorted(&theirs.uri));
    differ("headers", format!("{:?}", ours.headers), format!("{:?}", theirs.headers));
    differ("body", ours.body.escape_ascii().to_string(), theirs.body.escape_ascii().to_string());
    found
}

fn decode(event: &Bytes) -> Result<(&'static str, Seen), String> {
    let aws = Aws::new(&|_: &str| None);
    let (origin, decoded) = aws.decode(Request::new(Payload::Whole(event.clone())));
    match decoded {
        Decoded::Call(call) => {
            let (head, body) = call.request.into_parts();
            let seen = Seen::new(&Request::from_parts(head, ()), whole(body));
            Ok((origin.shape().expect("a shape of a call").name(), seen))
        }
        Decoded::Refused(refusal) => Err(refusal.error.to_string()),
        Decoded::Delivery(_) => panic!("there is no function that takes events"),
        Decoded::Answer(_) => panic!("there is nothing that this adapter answers itself"),
    }
}

fn whole(body: omnifn_core::Body) -> Vec<u8> {
    use http_body_util::BodyExt;
    let mut body = std::pin::pin!(body.collect());
    match body.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop())) {
        std::task::Poll::Ready(body) => body.expect("a body that does not break off").to_bytes().to_vec(),
        std::task::Poll::Pending => panic!("a body that is all there"),
    }
}

fn lambda_http(event: &Bytes) -> Result<Seen, String> {
    let text = String::from_utf8(event.to_vec()).map_err(|e| e.to_string())?;
    let made = catch_unwind(|| lambda_http::request::from_str(&text));
    let request = made.map_err(|_| "it panics".to_owned())?.map_err(|e| e.to_string())?;
    let body = request.body().to_vec();
    Ok(Seen::new(&request, body))
}

/// All events, by name.
fn fixtures() -> Vec<(String, Bytes)> {
    // Of this machine's crates alone: those of other platforms were perhaps never downloaded.
    let about = Command::new(env!("CARGO")).arg("-vV").output().expect("cargo runs");
    let about = String::from_utf8(about.stdout).expect("UTF-8");
    let host = about.lines().find_map(|line| line.strip_prefix("host: ")).expect("cargo says its host");
    let metadata = Command::new(env!("CARGO"))
        .args(["metadata", "--offline", "--format-version=1", "--filter-platform", host])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    let metadata: serde_json::Value = serde_json::from_slice(&metadata.stdout).expect("cargo's metadata");
    let folder = |name: &str, below: &str| -> PathBuf {
        let packages = metadata["packages"].as_array().expect("packages");
        let package = packages.iter().find(|package| package["name"] == name).expect("a dev-dependency");
        Path::new(package["manifest_path"].as_str().expect("a path")).with_file_name(below)
    };
    let mut events = Vec::new();
    for (folder, least) in
        [(folder("aws_lambda_events", "src/fixtures"), 170), (folder("lambda_http", "tests/data"), 18)]
    {
        let files = fs::read_dir(&folder).expect("a folder of fixtures").map(|file| file.expect("a file").path());
        let files: Vec<_> = files.filter(|file| file.extension().is_some_and(|ending| ending == "json")).collect();
        assert!(files.len() >= least, "{} holds {} fixtures", folder.display(), files.len());
        for file in files {
            let name = file.file_stem().expect("a name").to_string_lossy().into_owned();
            events.push((name, fs::read(&file).expect("a fixture").into()));
        }
    }
    events.sort();
    events
}

/// Which fixtures are events of a trigger, by the beginning of their names. Those that are none are refused by their names.
const EVENTS: &[(&str, &str)] = &[
    ("example-activemq-event", "queue"),
    ("example-autoscaling-event-", "event"),
    ("example-cloudwatch-alarm-composite-with-suppressor-alarm", "event"),
    ("example-cloudwatch-alarm-sns-payload-", "topic"),
    ("example-cloudwatch_logs-event", "stream"),
    ("example-codebuild-", "event"),
    ("example-codedeploy-deployment-event", "event"),
    ("example-codedeploy-instance-event", "event"),
    ("example-codepipeline-action-", "event"),
    ("example-codepipeline-execution-", "event"),
    ("example-documentdb-", "changes"),
    ("example-dynamodb-event", "changes"),
    // A record alone, without the event around it.
    ("example-dynamodb-event-record-", "refused"),
    ("example-ecr-image-scan-event", "event"),
    ("example-eventbridge-event-obj", "event"),
    ("example-eventbridge-schedule", "schedule"),
    ("example-kafka-event", "stream"),
    ("example-kinesis-event", "stream"),
    ("example-rabbitmq-event", "queue"),
    ("example-s3-event", "storage"),
    ("example-sns-event", "topic"),
    ("example-sqs-event", "queue"),
];

/// A collection or a database of DocumentDB that is dropped or renamed is not a change of a document, and fails its record.
const NO_CHANGE: &str = "which is not a change of a document";

/// A function of each class.
fn functions() -> Functions {
    let triggers = [
        ("http", Trigger::Http(HttpTrigger { routes: &[] })),
        ("queue", Trigger::Queue("a")),
        ("topic", Trigger::Topic("a")),
        ("stream", Trigger::Stream("a")),
        (
            "storage",
            Trigger::Storage(StorageTrigger { bucket: "a", on: &ObjectChange::ALL, prefix: None, suffix: None }),
        ),
        ("schedule", Trigger::Schedule("0 3 * * *")),
        ("event", Trigger::Event("a")),
        ("changes", Trigger::Changes("a")),
    ];
    triggers.into_iter().map(|(name, trigger)| spec(name, trigger, Options::NONE)).collect()
}

/// A stream of an IoT rule.
fn iot() -> &'static Spec {
    let mut options = Options::NONE;
    options.service = Some("iot");
    spec("iot", Trigger::Stream("a"), options)
}

fn spec(name: &'static str, trigger: Trigger, options: Options) -> &'static Spec {
    let location = Location { module: "claims", file: file!(), line: line!() };
    Box::leak(Box::new(Spec { name, trigger, options, deploy: Deploy::NONE, grants: &[], secrets: &[], location }))
}

/// With a function of each class, each fixture of a source that is supported is read, every record of it; every other is refused
/// by its name.
#[test]
fn each_event_is_read_by_its_class_or_refused_by_its_name() {
    let mut aws = Aws::new(&|_: &str| None);
    aws.serve(functions());
    let (mut report, mut needed) = (Vec::new(), BTreeSet::new());
    for (name, event) in fixtures() {
        if CLAIMED.iter().any(|(fixture, _)| *fixture == name) {
            continue;
        }
        let rows = EVENTS.iter().filter(|(prefix, _)| name.starts_with(prefix));
        let expected = rows.max_by_key(|(prefix, _)| prefix.len());
        let (_, decoded) = aws.decode(Request::new(Payload::Whole(event)));
        match (decoded, expected) {
            (Decoded::Delivery(delivery), expected) => {
                let broken = delivery.records.iter().filter_map(|record| record.event.as_ref().err());
                let broken = broken.filter(|error| !error.to_string().contains(NO_CHANGE));
                report.extend(broken.map(|error| format!("{name}, {}: {error}", delivery.function.name)));
                match expected {
                    Some((prefix, class)) if *class == delivery.function.name => drop(needed.insert(*prefix)),
                    _ => report.push(format!("{name} is taken by {}", delivery.function.name)),
                }
            }
            (Decoded::Refused(refusal), None | Some((_, "refused"))) => {
                needed.extend(expected.map(|(prefix, _)| *prefix));
                let words = refusal.error.to_string();
                let named =
                    REFUSED.iter().any(|(prefix, expected)| name.starts_with(prefix) && words.contains(expected));
                if !named {
                    report.push(format!("{name} is refused in other words: {words}"));
                }
            }
            (other, _) => report.push(format!("{name}: {other:?}")),
        }
    }
    report.extend(
        EVENTS
            .iter()
            .filter(|(row, _)| !needed.contains(row))
            .map(|(row, _)| format!("{row}: no fixture needs this row")),
    );
    assert!(report.is_empty(), "{}", report.join("\n"));
}

/// Each fixture, sent to a program with a single function: only a function of the class of the event runs. The payload of a schedule belongs
/// to the user, so it receives every other event as a whole, unchanged; a stream of an IoT rule receives every event so.
#[test]
fn no_event_runs_a_function_of_another_class() {
    let mut report = Vec::new();
    for (name, event) in fixtures() {
        let is_request = CLAIMED.iter().any(|(fixture, _)| *fixture == name);
        let class = EVENTS.iter().filter(|(prefix, _)| name.starts_with(prefix)).max_by_key(|(prefix, _)| prefix.len());
        let class = class.map(|(_, class)| *class).filter(|class| *class != "refused" && !is_request);
        for function in functions().iter().chain([iot()]) {
            let mut aws = Aws::new(&|_: &str| None);
            aws.serve([function].into_iter().collect());
            let (origin, decoded) = aws.decode(Request::new(Payload::Whole(event.clone())));
            let here = format!("{name} to {}", function.name);
            match decoded {
                Decoded::Call(_) if is_request && function.name == "http" => {}
                Decoded::Delivery(delivery) if function.name == "iot" => {
                    if as_a_whole(&delivery) != Some(event.clone()) {
                        report.push(format!("{here}: not unchanged: {delivery:?}"));
                    }
                }
                Decoded::Delivery(delivery) if class == Some(function.name) => {
                    let is_own = delivery.function.name == function.name && !delivery.records.is_empty();
                    if !is_own || as_a_whole(&delivery).is_some() {
                        report.push(format!("{here}: {delivery:?}"));
                    }
                }
                Decoded::Delivery(delivery) if function.name == "schedule" => {
                    if as_a_whole(&delivery) != Some(event.clone()) {
                        report.push(format!("{here}: not unchanged: {delivery:?}"));
                    }
                }
                Decoded::Refused(refusal) => {
                    let reply = aws.encode(origin, omnifn_core::Reply::Failed(refusal.error));
                    if class == Some(function.name)
                        || !reply.headers().contains_key("lambda-runtime-function-error-type")
                    {
                        report.push(format!("{here}: {reply:?}"));
                    }
                }
                other => report.push(format!("{here}: {other:?}")),
            }
        }
    }
    assert!(report.is_empty(), "{}", report.join("\n"));
}

/// The content of the only record, if it may be a whole event.
fn as_a_whole(delivery: &omnifn_core::Delivery) -> Option<Bytes> {
    match delivery.records.as_slice() {
        [record] => match record.event.as_ref().ok()? {
            omnifn_core::Event::Tick(tick) => Some(tick.input.clone()).filter(|input| !input.is_empty()),
            omnifn_core::Event::Message(message) if message.id.is_none() && message.source.is_none() => {
                Some(message.body.clone())
            }
            _ => None,
        },
        _ => None,
    }
}
