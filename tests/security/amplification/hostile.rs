//! Deliveries that hostile senders could make, by what they do to a decoder: many empty records, many tiny ones, long ids, keys, and types,
//! records within records, deep and wide values, many attributes and headers, and data that grows when it is decompressed.

use std::{collections::BTreeMap, io::Write as _};

use flate2::{Compression, write::GzEncoder};
use http::Request;
use omnifn::bytes::Bytes;
use omnifn_core::Payload;
use serde_json::{Value, json};

/// The most log events of a delivery.
pub(super) const LOG_EVENTS: usize = 40_330;

/// A delivery for a function.
pub(super) struct Case {
    pub(super) name: String,
    pub(super) function: &'static str,
    pub(super) request: Request<Payload>,
    /// The size of what is compressed in it, in bytes.
    pub(super) decompressed: usize,
}

/// Numbers that differ, but not from one run to the next.
#[derive(Default)]
pub(super) struct Random(u64);

impl Random {
    pub(super) fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit.max(1)
    }
}

/// Repeats a text until it has the size.
fn fill(size: usize, text: &str) -> String {
    text.repeat(size / text.len())
}

/// A list of one element, again and again.
fn list(size: usize, element: &str) -> String {
    listed(size / (element.len() + 1), element)
}

fn listed(count: usize, element: &str) -> String {
    format!("[{}]", vec![element; count.max(1)].join(","))
}

/// An object with as many members as fit.
fn members(size: usize, value: &str) -> String {
    let count = size / (value.len() + 10);
    let members: Vec<_> = (0..count).map(|n| format!("\"{n:x}\":{value}")).collect();
    format!("{{{}}}", members.join(","))
}

/// Values that take much more memory as a tree than as a text.
fn values(size: usize) -> Vec<(&'static str, String)> {
    let deep = 100;
    let nested = format!("{}0{}", "[".repeat(deep), "]".repeat(deep));
    let objects = format!("{}0{}", "{\"a\":".repeat(deep), "}".repeat(deep));
    vec![
        ("numbers", list(size, "0")),
        ("lists", list(size, "[]")),
        ("objects", list(size, "{\"a\":0}")),
        ("members", members(size, "0")),
        ("deep_lists", list(size, &nested)),
        ("deep_objects", list(size, &objects)),
        ("text", format!("\"{}\"", fill(size, "\u{7f}"))),
        ("escapes", format!("\"{}\"", fill(size, "\\u0001"))),
    ]
}

/// Texts that a decoder may quote or copy.
fn texts(size: usize) -> [(&'static str, String); 3] {
    [("plain", fill(size, "x")), ("escaped", fill(size, "\\u001b")), ("wide", fill(size, "\u{202e}"))]
}

fn gzip(data: impl Iterator<Item = u8>) -> String {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let mut chunk = Vec::new();
    for byte in data {
        chunk.push(byte);
        if chunk.len() == 64 * 1024 {
            encoder.write_all(&chunk).expect("memory");
            chunk.clear();
        }
    }
    encoder.write_all(&chunk).expect("memory");
    base64_simd::STANDARD.encode_to_string(encoder.finish().expect("memory"))
}

/// Makes deliveries, and gives each to the test.
struct Cases<'t> {
    prefix: String,
    test: &'t mut dyn FnMut(Case),
    request: fn(&'static str, String) -> Request<Payload>,
}

impl Cases<'_> {
    fn add(&mut self, function: &'static str, name: &str, body: String) {
        let request = (self.request)(function, body);
        self.add_request(function, name, request);
    }

    fn add_request(&mut self, function: &'static str, name: &str, request: Request<Payload>) {
        let name = format!("{}/{function}/{name}", self.prefix);
        (self.test)(Case { name, function, request, decompressed: 0 });
    }
}

fn cases(size: usize, test: &mut dyn FnMut(Case), request: fn(&'static str, String) -> Request<Payload>) -> Cases<'_> {
    Cases { prefix: size.to_string(), test, request }
}

/// Events of AWS Lambda.
pub(super) fn aws(random: &mut Random, size: usize, test: &mut dyn FnMut(Case)) {
    let mut all = cases(size, test, |_, body| {
        let request =
            Request::builder().header("lambda-runtime-aws-request-id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd");
        request.body(Payload::from(Bytes::from(body))).expect("a request")
    });
    let arn = |service: &str| format!("\"eventSourceARN\":\"arn:aws:{service}:eu-west-1:123456789012:orders\"");
    let records = |first: &str, others: String| format!("{{\"Records\":[{first},{}]}}", &others[1..others.len() - 1]);
    let services: [(&str, &str, String); 6] = [
        ("queued", "sqs", format!("{{\"eventSource\":\"aws:sqs\",\"messageId\":\"1\",\"body\":\"\",{}}}", arn("sqs"))),
        ("stored", "sqs-s3", format!("{{\"eventSource\":\"aws:sqs\",\"body\":{:?},{}}}", objects(1), arn("sqs"))),
        ("published", "sns", "{\"EventSource\":\"aws:sns\",\"Sns\":{\"Message\":\"\"}}".to_owned()),
        ("stored", "s3", record_of_s3("a")),
        (
            "streamed",
            "kinesis",
            format!(
                "{{\"eventSource\":\"aws:kinesis\",\"eventID\":\"shardId-0:1\",\"kinesis\":{{\"data\":\"\",\"sequenceNumber\":\"1\"}},{}}}",
                arn("kinesis")
            ),
        ),
        (
            "changed",
            "dynamodb",
            format!(
                "{{\"eventSource\":\"aws:dynamodb\",\"eventName\":\"INSERT\",\"dynamodb\":{{\"NewImage\":{{}}}},{}}}",
                arn("dynamodb")
            ),
        ),
    ];
    for (function, service, valid) in &services {
        // As many as the limit allows, and as many as fit.
        for (name, other) in [("empty", "{}"), ("null", "null"), ("own", &**valid), ("strings", "\"\"")] {
            all.add(function, &format!("{service}/{name}"), records(valid, list(size, other)));
            let count = (size / (other.len() + 1)).clamp(1, 9_999);
            all.add(function, &format!("{service}/{name}/limit"), records(valid, listed(count, other)));
        }
        for (name, value) in values(size) {
            all.add(function, &format!("{service}/value/{name}"), records(valid, format!("[{value}]")));
            let inner = valid.replacen('{', &format!("{{\"messageAttributes\":{value},\"body\":{value},"), 1);
            all.add(function, &format!("{service}/inner/{name}"), records(valid, format!("[{inner}]")));
        }
        for (name, text) in texts(size) {
            for field in ["messageId", "eventID", "eventName", "eventSourceARN", "awsRegion"] {
                let record = format!("{{\"eventSource\":\"aws:{service}\",{:?}:\"{text}\"}}", field);
                all.add(function, &format!("{service}/{field}/{name}"), records(valid, format!("[{record}]")));
            }
            // Many records, each with its own part of the text.
            let part = size / 500;
            let record = |n: usize| {
                let text: String = text.chars().take(part / 6).collect();
                format!("{{\"messageId\":\"{n}{text}\",\"eventName\":\"{n}{text}\"}}")
            };
            let parts: Vec<_> = (0..200).map(record).collect();
            all.add(function, &format!("{service}/parts/{name}"), records(valid, format!("[{}]", parts.join(","))));
        }
    }
    // Records within messages: the attack of the issue, and as many as are accepted.
    for (name, count) in [("many", size / 3), ("limit", 2000), ("few", 7)] {
        let text = format!(
            "{{\"Records\":[{{\"eventSource\":\"aws:s3\"}},{}]}}",
            listed(count, "{}").trim_matches(['[', ']'])
        );
        let sqs = format!("{{\"eventSource\":\"aws:sqs\",\"messageId\":\"1\",\"body\":{text:?},{}}}", arn("sqs"));
        let count = (size / sqs.len()).clamp(1, 9_999);
        all.add("stored", &format!("sqs/inner/{name}"), format!("{{\"Records\":{}}}", listed(count, &sqs)));
        let sns = format!("{{\"EventSource\":\"aws:sns\",\"Sns\":{{\"Message\":{text:?}}}}}");
        all.add("stored", &format!("sns/inner/{name}"), format!("{{\"Records\":{}}}", listed(count, &sns)));
    }
    for (name, value) in values(size) {
        let kafka = |records: String| format!("{{\"eventSource\":\"aws:kafka\",\"records\":{records}}}");
        all.add("streamed", &format!("kafka/lists/{name}"), kafka(value.clone()));
        all.add("streamed", &format!("kafka/list/{name}"), kafka(format!("{{\"orders-0\":{value}}}")));
        let record =
            format!("{{\"topic\":\"orders\",\"partition\":0,\"offset\":1,\"value\":\"\",\"headers\":{value}}}");
        all.add("streamed", &format!("kafka/headers/{name}"), kafka(format!("{{\"orders-0\":[{record}]}}")));
        let mq = format!("{{\"data\":\"\",\"properties\":{value}}}");
        all.add("queued", &format!("activemq/{name}"), format!("{{\"eventSource\":\"aws:mq\",\"messages\":[{mq}]}}"));
        let mq = format!(
            "{{\"data\":\"\",\"basicProperties\":{{\"headers\":{{\"a\":{{\"bytes\":{value}}},\"b\":{value}}}}}}}"
        );
        let mq = format!("{{\"eventSource\":\"aws:rmq\",\"rmqMessagesByQueue\":{{\"orders::/\":[{mq}]}}}}");
        all.add("queued", &format!("rabbitmq/{name}"), mq);
        let docdb = format!(
            "{{\"event\":{{\"operationType\":\"insert\",\"fullDocument\":{value},\"documentKey\":{value},\"clusterTime\":{value}}}}}"
        );
        all.add(
            "changed",
            &format!("documentdb/{name}"),
            format!("{{\"eventSource\":\"aws:docdb\",\"events\":[{docdb}]}}"),
        );
        let bridge = format!(
            "{{\"detail-type\":\"order.placed\",\"source\":\"shop\",\"resources\":{value},\"detail\":{value}}}"
        );
        all.add("happened", &format!("bridge/{name}"), bridge.clone());
        all.add("scheduled", &format!("bridge/{name}"), bridge.clone());
        all.add("of_devices", &format!("bridge/{name}"), bridge.clone());
        all.add("invoked", &format!("bridge/{name}"), bridge);
        for function in ["queued", "happened", "requested", "scheduled", "of_devices", "streamed"] {
            all.add(
                function,
                &format!("unknown/{name}"),
                format!("{{\"unknown\":{value},\"requestContext\":{value}}}"),
            );
        }
        let image = format!("{{\"a\":{{\"L\":{value}}},\"b\":{{\"M\":{value}}}}}");
        let record = services[5].2.replace("\"NewImage\":{}", &format!("\"NewImage\":{image}"));
        all.add("changed", &format!("dynamodb/image/{name}"), format!("{{\"Records\":[{record}]}}"));
    }
    for (name, element) in [
        ("null", "{\"NULL\":1}"),
        ("number", "{\"N\":\"1\"}"),
        ("float", "{\"N\":\"1e15\"}"),
        ("map", "{\"M\":{\"a\":{\"NULL\":1}}}"),
        ("set", "{\"NS\":[\"1\"]}"),
    ] {
        let image = format!("{{\"a\":{{\"L\":{}}}}}", list(size, element));
        let record = services[5].2.replace("\"NewImage\":{}", &format!("\"NewImage\":{image},\"OldImage\":{{}}"));
        all.add("changed", &format!("dynamodb/list/{name}"), format!("{{\"Records\":[{record}]}}"));
    }
    let typed = list(size, "{\"$oid\":\"1\",\"a\":{\"$date\":{\"$date\":1}}}");
    let docdb = format!("{{\"event\":{{\"operationType\":\"insert\",\"fullDocument\":{typed}}}}}");
    all.add("changed", "documentdb/typed", format!("{{\"eventSource\":\"aws:docdb\",\"events\":[{docdb}]}}"));
    let deep = format!("{}1{}", fill(size / 2, "{\"$date\":"), fill(size / 10, "}"));
    let docdb = format!("{{\"event\":{{\"operationType\":\"insert\",\"fullDocument\":{deep}}}}}");
    all.add("changed", "documentdb/deep", format!("{{\"eventSource\":\"aws:docdb\",\"events\":[{docdb}]}}"));
    // Data that grows: what is decompressed counts, up to the platform's own limit.
    let logs = |data: String| format!("{{\"awslogs\":{{\"data\":\"{data}\"}}}}");
    all.add("streamed", "logs/zeros", logs(gzip(std::iter::repeat_n(0, 1000 * size.min(300 * 1024)))));
    let numbers: Vec<u8> = (0..size * 3 / 4).map(|_| random.below(256) as u8).collect();
    all.add("streamed", "logs/noise", logs(gzip(numbers.into_iter())));
    // Many log events, which compress well.
    for (name, event) in [
        ("events", "{\"id\":\"1\",\"timestamp\":1,\"message\":\"\"}"),
        ("empty", "{}"),
        ("null", "null"),
        ("strings", "\"\""),
    ] {
        for (name, count) in
            [(format!("logs/{name}"), size / (event.len() + 1)), (format!("logs/{name}/limit"), LOG_EVENTS)]
        {
            let head = "\"messageType\":\"DATA_MESSAGE\",\"owner\":\"1\",\"logGroup\":\"g\",\"logStream\":\"s\"";
            let text = format!("{{{head},\"logEvents\":{}}}", listed(count.min(LOG_EVENTS), event));
            let decompressed = text.len();
            let (name, request) = (
                format!("{size}/streamed/{name}"),
                (all.request)("streamed", logs(gzip(text.into_bytes().into_iter()))),
            );
            (all.test)(Case { name, function: "streamed", request, decompressed });
        }
    }
    // HTTP requests, each with as many headers, cookies, and parameters as fit.
    for (name, shape) in [
        (
            "v2",
            "\"version\":\"2.0\",\"rawPath\":\"/\",\"requestContext\":{\"http\":{\"method\":\"GET\",\"path\":\"/\"}}",
        ),
        ("v1", "\"httpMethod\":\"GET\",\"path\":\"/\",\"requestContext\":{}"),
        ("alb", "\"httpMethod\":\"GET\",\"path\":\"/\",\"requestContext\":{\"elb\":{}}"),
        ("lattice", "\"raw_path\":\"/\",\"method\":\"GET\",\"is_base64_encoded\":false"),
    ] {
        for (what, value) in values(size).into_iter().chain([("pairs", members(size, "\"\""))]) {
            for field in [
                "headers",
                "multiValueHeaders",
                "cookies",
                "queryStringParameters",
                "multiValueQueryStringParameters",
                "body",
            ] {
                all.add("requested", &format!("{name}/{field}/{what}"), format!("{{{shape},{field:?}:{value}}}"));
            }
        }
        for (what, text) in texts(size) {
            for field in ["rawPath", "path", "raw_path", "rawQueryString", "httpMethod", "method", "body"] {
                let pattern = format!("{field:?}:\"");
                let event = match shape.find(&pattern) {
                    Some(at) => format!("{{{}{text}{}}}", &shape[..at + pattern.len()], &shape[at + pattern.len()..]),
                    None => format!("{{{shape},{field:?}:\"{text}\"}}"),
                };
                all.add("requested", &format!("{name}/{field}/{what}"), event);
            }
        }
    }
}

/// A notification of S3 with this many records.
fn objects(count: usize) -> String {
    format!("{{\"Records\":{}}}", listed(count, &record_of_s3("a")))
}

fn record_of_s3(key: &str) -> String {
    format!(
        "{{\"eventSource\":\"aws:s3\",\"eventName\":\"ObjectCreated:Put\",\"s3\":{{\"bucket\":{{\"name\":\"uploads\"}},\"object\":{{\"key\":\"{key}\"}}}}}}"
    )
}

const EVENT_CLASSES: [&str; 7] = ["queued", "published", "streamed", "stored", "scheduled", "happened", "changed"];

fn post(function: &str, media_type: &str, body: String) -> Request<Payload> {
    let request = Request::post(format!("/_omnifn/{function}")).header("content-type", media_type);
    request.header("host", "example.com").body(Payload::from(Bytes::from(body))).expect("a request")
}

/// CloudEvents in all forms, for a function of each class.
fn cloud_events(all: &mut Cases<'_>, size: usize) {
    const ONE: &str = "\"specversion\":\"1.0\",\"id\":\"7\",\"source\":\"/shop\",\"type\":\"order.placed\"";
    const BATCH: &str = "application/cloudevents-batch+json";
    for function in EVENT_CLASSES {
        for (name, event) in [("empty", "{}"), ("null", "0"), ("tiny", &*format!("{{{ONE}}}"))] {
            all.add_request(function, &format!("batch/{name}"), post(function, BATCH, list(size, event)));
            let count = (size / (event.len() + 1)).clamp(1, 10_000);
            all.add_request(function, &format!("batch/{name}/limit"), post(function, BATCH, listed(count, event)));
        }
        let batches = list(size, "[{}]");
        all.add_request(function, "batch/batches", post(function, BATCH, batches));
        for (name, value) in values(size) {
            for field in ["data", "data_base64", "extension", "time"] {
                let event = format!("{{{ONE},{field:?}:{value}}}");
                let request = post(function, "application/cloudevents+json", event.clone());
                all.add_request(function, &format!("event/{field}/{name}"), request);
                all.add_request(
                    function,
                    &format!("batch/{field}/{name}"),
                    post(function, BATCH, format!("[{event}]")),
                );
            }
            all.add_request(function, &format!("json/{name}"), post(function, "application/json", value.clone()));
        }
        let pairs = members(size, "0").replacen('{', &format!("{{{ONE},"), 1);
        all.add_request(function, "event/pairs", post(function, "application/cloudevents+json", pairs));
        let attributes = members(200, "\"x\"").replacen('{', &format!("{{{ONE},"), 1);
        all.add_request(function, "batch/attributes", post(function, BATCH, list(size, &attributes)));
        for (name, text) in texts(size) {
            for field in ["id", "source", "type", "subject", "specversion"] {
                let event = format!("{{{ONE},{field:?}:\"{text}\"}}").replacen(&format!("{field:?}"), "\"other\"", 1);
                all.add_request(
                    function,
                    &format!("event/{field}/{name}"),
                    post(function, "application/cloudevents+json", event),
                );
            }
        }
    }
}

/// Requests to a server, with a head of the size that servers accept.
fn heads(all: &mut Cases<'_>, size: usize) {
    let size = size.min(100 * 1024);
    for function in ["requested", "invoked"] {
        let method = fill(size.min(60_000), "X");
        let path = format!("/{}", fill(size.min(60_000), "%1b"));
        let request =
            |method: &str, path: &str| Request::builder().method(method).uri(path).header("host", "example.com");
        all.add_request(function, "method", request(&method, "/").body(Payload::default()).expect("a request"));
        all.add_request(function, "path", request("GET", &path).body(Payload::default()).expect("a request"));
        let query = format!("/?{}", fill(size.min(60_000), "&a=b"));
        all.add_request(function, "query", request("GET", &query).body(Payload::default()).expect("a request"));
        let mut many = request("GET", "/");
        for n in 0..100 {
            many = many.header(format!("ce-a{n}"), fill(size / 100, "x"));
        }
        all.add_request(function, "headers", many.body(Payload::default()).expect("a request"));
    }
}

/// Requests to Cloud Run.
pub(super) fn gcp(_: &mut Random, size: usize, test: &mut dyn FnMut(Case)) {
    let mut all = cases(size, test, |function, body| post(function, "application/json", body));
    cloud_events(&mut all, size);
    heads(&mut all, size);
    for function in EVENT_CLASSES {
        for (name, value) in values(size).into_iter().chain([("pairs", members(size, "\"\""))]) {
            let push = format!("{{\"subscription\":\"s\",\"message\":{{\"data\":\"\",\"attributes\":{value}}}}}");
            all.add(function, &format!("push/attributes/{name}"), push);
            let push = format!("{{\"subscription\":\"s\",\"message\":{{\"data\":\"\",\"other\":{value}}}}}");
            all.add(function, &format!("push/other/{name}"), push);
            for kind in [
                "google.pubsub.topic.publish",
                "providers/firebase.auth/eventTypes/user.create",
                "google.storage.object.finalize",
            ] {
                let legacy = format!(
                    "{{\"context\":{{\"eventType\":{kind:?},\"eventId\":\"1\",\"resource\":{value}}},\"data\":{{\"a\":{value},\"metadata\":{value}}}}}"
                );
                all.add(function, &format!("legacy/{name}"), legacy);
            }
        }
    }
    let firestore = |media_type: &str, body: Vec<u8>| {
        let request =
            Request::post("/_omnifn/changed").header("content-type", media_type).header("host", "example.com");
        let request = request.header("ce-specversion", "1.0").header("ce-id", "1").header("ce-source", "/firestore");
        let request = request.header("ce-type", "google.cloud.firestore.document.v1.written");
        request.body(Payload::from(Bytes::from(body))).expect("a request")
    };
    for (name, value) in values(size) {
        for (tag, part) in [("arrayValue", "values"), ("mapValue", "fields")] {
            let body = format!(
                "{{\"value\":{{\"name\":\"n\",\"fields\":{{\"a\":{{{tag:?}:{{{part:?}:{value}}}}},\"b\":{value}}}}}}}"
            );
            all.add_request("changed", &format!("firestore/{tag}/{name}"), firestore("application/json", body.into()));
        }
    }
    let array = list(size, "{\"nullValue\":0}");
    let body =
        format!("{{\"value\":{{\"name\":\"n\",\"fields\":{{\"a\":{{\"arrayValue\":{{\"values\":{array}}}}}}}}}}}");
    all.add_request("changed", "firestore/nulls", firestore("application/json", body.into()));
    // The same in protobuf: an array of empty values, a map of empty entries, and maps within maps.
    let message = |tag: u8, content: &[u8]| {
        let mut message = vec![tag << 3 | 2];
        let mut length = content.len();
        while length > 127 {
            message.push((length & 127) as u8 | 128);
            length >>= 7;
        }
        message.push(length as u8);
        message.extend_from_slice(content);
        message
    };
    let document = |value: Vec<u8>| {
        let entry = [message(1, b"a"), message(2, &value)].concat();
        message(1, &message(2, &entry))
    };
    let empty = [10, 0].repeat(size / 2);
    let mut deep = Vec::new();
    while deep.len() < size.min(1_000_000) {
        deep = message(6, &message(1, &message(2, &deep)));
    }
    let protobuf = "application/protobuf";
    for (name, value) in
        [("array", message(9, &empty)), ("map", message(6, &empty)), ("deep", deep), ("noise", vec![0xff; size])]
    {
        all.add_request("changed", &format!("firestore/protobuf/{name}"), firestore(protobuf, document(value)));
    }
}

/// Envelopes of the Functions host, and posts of Event Grid.
pub(super) fn azure(_: &mut Random, size: usize, test: &mut dyn FnMut(Case)) {
    let mut all = cases(size, test, |function, body| {
        let request = Request::post(format!("/{function}")).header("content-type", "application/json");
        let id = "8c5b0b1e-7d0d-4a52-8f0a-2f4f5f0b7a11";
        let request =
            request.header("x-azure-functions-invocationid", id).header("x-azure-functions-hostversion", "4.1045");
        request.body(Payload::from(Bytes::from(body))).expect("a request")
    });
    cloud_events(&mut all, size);
    for function in EVENT_CLASSES {
        for (name, value) in values(size) {
            let envelope =
                |data: &str, metadata: &str| format!("{{\"Data\":{{\"t\":{data}}},\"Metadata\":{metadata}}}");
            all.add(function, &format!("value/{name}"), envelope(&value, "{}"));
            all.add(function, &format!("text/{name}"), envelope(&Value::from(value.clone()).to_string(), "{}"));
            all.add(function, &format!("names/{name}"), format!("{{\"Data\":{value},\"Metadata\":{{}}}}"));
            for field in [
                "Properties",
                "ApplicationProperties",
                "SystemProperties",
                "MessageId",
                "RetryContext",
                "Uri",
                "Metadata",
            ] {
                all.add(
                    function,
                    &format!("{field}/{name}"),
                    envelope("\"\\\"x\\\"\"", &format!("{{{field:?}:{value}}}")),
                );
                let text = Value::from(value.clone()).to_string();
                all.add(function, &format!("{field}/text/{name}"), envelope("\"x\"", &format!("{{{field:?}:{text}}}")));
            }
            for field in [
                "MessageIdArray",
                "SequenceNumberArray",
                "PropertiesArray",
                "ApplicationPropertiesArray",
                "SystemPropertiesArray",
            ] {
                let other = if field == "MessageIdArray" { "SequenceNumberArray" } else { "MessageIdArray" };
                let metadata = format!("{{{other:?}:[1],{field:?}:{value}}}");
                all.add(function, &format!("{field}/{name}"), envelope(&list(size, "1"), &metadata));
                all.add(
                    function,
                    &format!("{field}/limit/{name}"),
                    envelope(&listed(10_000.min(size / 2), "1"), &metadata),
                );
            }
        }
        let lists = |count: usize| {
            let fields: BTreeMap<&str, String> =
                ["MessageIdArray", "SequenceNumberArray", "EnqueuedTimeUtcArray", "SubjectArray"]
                    .into_iter()
                    .map(|field| (field, listed(count, "\"1\"")))
                    .chain([
                        ("ApplicationPropertiesArray", listed(count, "{\"a\":1}")),
                        ("PropertiesArray", listed(count, "{\"a\":1}")),
                    ])
                    .collect();
            let fields: Vec<_> = fields.iter().map(|(field, list)| format!("{field:?}:{list}")).collect();
            format!("{{{}}}", fields.join(","))
        };
        for (name, count) in [("limit", 10_000), ("many", size / 40)] {
            let count = count.min(size / 40);
            let envelope = format!("{{\"Data\":{{\"t\":{}}},\"Metadata\":{}}}", listed(count, "\"\""), lists(count));
            all.add(function, &format!("lists/{name}"), envelope);
        }
        for (name, event) in [
            ("empty", "{}"),
            (
                "own",
                "{\"id\":\"1\",\"eventType\":\"Microsoft.Storage.BlobCreated\",\"eventTime\":\"2026-01-01T00:00:00Z\",\"data\":{}}",
            ),
        ] {
            let body = list(size, event);
            all.add_request(function, &format!("grid/{name}"), post(function, "application/json", body));
            let count = (size / (event.len() + 1)).clamp(1, 10_000);
            all.add_request(
                function,
                &format!("grid/{name}/limit"),
                post(function, "application/json", listed(count, event)),
            );
        }
    }
    for (name, value) in values(size).into_iter().chain([("pairs", members(size, "\"\""))]) {
        for field in ["Headers", "Body", "Query", "Identities", "Url"] {
            let request = json!({"Url": "http://x/api/a", "Method": "GET"}).to_string();
            let pattern = format!("{field:?}:\"http://x/api/a\"");
            let request = match request.contains(&pattern) {
                true => request.replacen(&pattern, &format!("{field:?}:{value}"), 1),
                false => request.replacen('{', &format!("{{{field:?}:{value},"), 1),
            };
            all.add(
                "requested",
                &format!("http/{field}/{name}"),
                format!("{{\"Data\":{{\"req\":{request}}},\"Metadata\":{{}}}}"),
            );
        }
    }
}

/// Requests to the local server.
pub(super) fn local(_: &mut Random, size: usize, test: &mut dyn FnMut(Case)) {
    let mut all = cases(size, test, |function, body| post(function, "application/json", body));
    cloud_events(&mut all, size);
    heads(&mut all, size);
    for (name, value) in values(size) {
        all.add("changed", &format!("pair/{name}"), format!("{{\"old\":{value},\"new\":{value},\"key\":{value}}}"));
    }
    for function in EVENT_CLASSES {
        let query = fill(size.min(60_000), "&a=b");
        let request = Request::post(format!("/_omnifn/{function}?{query}")).header("host", "example.com");
        all.add_request(function, "query", request.body(Payload::default()).expect("a request"));
        let query: String = (0..size.min(60_000) / 8).map(|n| format!("&{n:x}=")).collect();
        let request = Request::post(format!("/_omnifn/{function}?{query}")).header("host", "example.com");
        all.add_request(function, "parameters", request.body(Payload::default()).expect("a request"));
    }
}
