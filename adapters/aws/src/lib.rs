//! The adapter of [omnifn](https://docs.rs/omnifn) for AWS Lambda: HTTP requests in events of HTTP APIs, Function URLs, REST APIs,
//! Application Load Balancers and VPC Lattice, and the events of AWS's services.
//!
//! Each event is recognized by its keys, parsed once, and borrowed: texts without escapes are not copied. The following applies to HTTP
//! requests of all shapes:
//!
//! - The path is the one that the gateway authorised: nothing is folded or decoded. A stage or a custom domain's base path in front of it is
//!   left out, so that one function serves every stage; both are in the event. An HTTP API has decoded the path, so it is encoded again.
//! - All values of a header are preserved, in order. Values that are null, or that HTTP does not allow, are left out.
//! - Every failure of the function is a response. If the event is not an HTTP request, the invocation fails, with an error
//!   that names what was received.
//! - The body of a reply is sent as text if its media type is text and its bytes are UTF-8, and otherwise as base64. It is never
//!   transcoded.
//!
//! # What a shape cannot carry
//!
//! | | request | reply |
//! |---|---|---|
//! | HTTP API, Function URL | the gateway joins repeated headers by a comma | repeated headers except `Set-Cookie` are joined by a comma |
//! | HTTP API, payload 1.0 too | an encoded slash in the path is a slash | |
//! | REST API, HTTP API with payload 1.0 | the query is decoded and grouped by key | |
//! | load balancer, VPC Lattice | the query is grouped by key | |
//! | VPC Lattice | with event structure 1.0, the gateway joins repeated headers by a comma | repeated headers are joined by a comma; `Set-Cookie` is sent under several spellings of its name |
//! | load balancer, one value for each header | the last value of a repeated header or key | repeated headers are joined by a comma; `Set-Cookie` is sent under several spellings of its name |
//! | all | | a header value that is not UTF-8 is sent as if it were ISO-8859-1 |
//!
//! A REST API passes a binary body to the client only if its `binaryMediaTypes` include the media type.
//!
//! # Payloads that belong to the user
//!
//! The input of a schedule and the message of an IoT rule (`service = "iot"`) can be any JSON. A function that receives them is the only one of its program
//! ([`Adapter::check`]), and nothing in them is interpreted. A stream that declares another `service` (`kinesis`, `kafka`,
//! `cloudwatch-logs`) can share a program with other functions. One that declares none receives the records of these three services, if
//! the event has all the fields that they write, and refuses everything else.
//!
//! # The client's address
//!
//! It is the gateway's `sourceIp`. A load balancer has no such field, and its `X-Forwarded-For` may contain what the client wrote, so it
//! counts only if `OMNIFN_TRUSTED_HOPS` gives the number of proxies that append to it (`1`: only the load balancer). That setting also
//! takes precedence over `sourceIp`, which is the CDN's address behind a CDN.
//!
//! # Kafka
//!
//! An event source mapping of Kafka ignores the names of failed records unless it is in provisioned mode and has
//! `ReportBatchItemFailures`, so a failure fails the whole delivery by default. With `OMNIFN_AWS_REPORT_BATCH_ITEM_FAILURES=1`, the reply names
//! the first failed record of each partition, from which Lambda then continues. Set it only if the mapping has the option.
//!
//! # Direct invocations
//!
//! If the app consists of one function with `invoke` (`OMNIFN_FUNCTION` selects it), every event is its payload, and nothing looks into it.
//! Its result is the reply; its error is a failed invocation with the error's name.
//!
//! # Streaming
//!
//! With `OMNIFN_AWS_STREAMING=1` every reply to a Function URL or a REST API is streamed. Set it only if the Function URL's invoke mode is
//! `RESPONSE_STREAM`, or the integration's response transfer mode is `STREAM`. HTTP APIs and load balancers cannot stream and receive
//! whole replies.
//!
//! # Batches
//!
//! The reply to a batch of SQS, Kinesis or DynamoDB names the records that failed. Lambda reads the names only if the event source mapping
//! has `FunctionResponseTypes: [ReportBatchItemFailures]`, which the templates of `cargo omnifn emit` set; any other mapping takes such a
//! reply for a success, and the failed records are lost. For a mapping without it, set `OMNIFN_AWS_REPORT_BATCH_ITEM_FAILURES=0`: then the
//! invocation fails if any record did, and the whole batch is delivered again. If all records of a batch failed, the invocation fails
//! with either setting.
//!
//! # The trace
//!
//! The trace is the request's `traceparent`, or else X-Ray's trace of the invocation, or else `X-Amzn-Trace-Id`.

mod context;
mod detect;
mod events;
mod http;
mod inverse;
mod log;

use ::http::{HeaderMap, Request, Response, request};
use bytes::Bytes;
use omnifn_core::{
    Adapter, Body, Decoded, Delivery, Error, ErrorKind, Functions, Payload, Refusal, Reply, Settings, event::Class,
    json, log::Format,
};

use detect::Probe;

pub use context::LambdaContext;
pub use detect::{Shape, detect};

/// The adapter.
///
/// ```
/// use omnifn_aws::Aws;
/// use omnifn_core::{Adapter, Decoded, Payload};
///
/// let aws = Aws::new(&|_: &str| None);
/// let event = r#"{"version": "2.0", "rawPath": "/hello", "requestContext": {"http": {"method": "GET"}}}"#;
/// let (_, decoded) = aws.decode(http::Request::new(Payload::from(event)));
/// let Decoded::Call(call) = decoded else { panic!("no call") };
/// assert_eq!(call.request.uri(), "/hello");
/// ```
#[derive(Debug)]
pub struct Aws {
    platform: context::Platform,
    streaming: bool,
    /// Whether the event source mapping reads the names of failed records (`ReportBatchItemFailures`), if that is configured.
    names_failures: Option<bool>,
    log: log::LambdaLog,
    functions: Functions,
}

impl Aws {
    /// Reads Lambda's variables (`AWS_LAMBDA_FUNCTION_NAME`, `_VERSION`, `_MEMORY_SIZE`,
    /// `AWS_LAMBDA_LOG_GROUP_NAME`, `AWS_LAMBDA_LOG_STREAM_NAME`, `AWS_LAMBDA_LOG_FORMAT`, `AWS_LAMBDA_LOG_LEVEL`, `AWS_REGION`),
    /// `OMNIFN_AWS_STREAMING`, `OMNIFN_AWS_REPORT_BATCH_ITEM_FAILURES` and `OMNIFN_TRUSTED_HOPS`.
    pub fn new(settings: &dyn Settings) -> Self {
        let is_on = |name: &str| settings.get(name).map(|value| matches!(value.trim(), "1" | "true"));
        Aws {
            platform: context::Platform::read(settings),
            streaming: is_on("OMNIFN_AWS_STREAMING") == Some(true),
            names_failures: is_on("OMNIFN_AWS_REPORT_BATCH_ITEM_FAILURES"),
            log: log::LambdaLog::read(settings),
            functions: Functions::default(),
        }
    }

    fn read(&self, head: HeaderMap, event: &Bytes) -> (Kind, Result<Decoded, Error>) {
        if let Some(function) = self.functions.only_invoked() {
            return (Kind::Invoke, events::invoke::decode(self, head, event, function).map(Decoded::Call));
        }
        if let Some(function) = self.functions.single().filter(|function| events::payload::is_alone(function)) {
            return Self::delivery(events::decode_payload(self, head, event, function));
        }
        let probe = json::object::<Probe<'_>>(event, "the event");
        if let Some(shape) = probe.as_ref().ok().and_then(Probe::shape) {
            if !self.takes_requests() {
                return (Kind::Unknown, Err(events::unsupported::request(shape, &self.functions)));
            }
            return (Kind::Http(shape), http::decode(self, head, event, shape).map(Decoded::Call));
        }
        Self::delivery(events::decode(self, head, event, probe))
    }

    /// Returns whether a function takes HTTP requests. An adapter without functions takes nothing else.
    fn takes_requests(&self) -> bool {
        let mut functions = self.functions.iter().peekable();
        functions.peek().is_none() || functions.any(|function| function.class() == Class::Http)
    }

    fn delivery(read: Result<(events::Batch, Delivery), Error>) -> (Kind, Result<Decoded, Error>) {
        match read {
            Ok((batch, delivery)) => (Kind::Events(batch), Ok(Decoded::Delivery(delivery))),
            Err(error) => (Kind::Unknown, Err(error)),
        }
    }
}

/// The kind of an event, which [`Aws`] needs for the reply.
#[derive(Debug, Clone)]
pub struct Origin(Kind);

#[derive(Debug, Clone)]
enum Kind {
    Http(Shape),
    Events(events::Batch),
    Invoke,
    Unknown,
}

impl Origin {
    /// The shape of the HTTP request; `None` if the event contains none that can be decoded.
    pub fn shape(&self) -> Option<Shape> {
        match self.0 {
            Kind::Http(shape) => Some(shape),
            _ => None,
        }
    }
}

impl Adapter for Aws {
    type Origin = Origin;

    fn provider(&self) -> &'static str {
        "aws"
    }

    /// The limits of an invocation: <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>.
    fn body_limit(&self) -> usize {
        6 * 1024 * 1024
    }

    fn log_format(&self) -> Box<dyn Format> {
        Box::new(self.log.clone())
    }

    fn check(&self, functions: &Functions) -> Result<(), Error> {
        events::payload::check(functions)
    }

    fn serve(&mut self, functions: Functions) {
        self.functions = functions;
    }

    fn resource(&self) -> Vec<(&'static str, String)> {
        self.platform.resource()
    }

    fn reads_whole(&self, _: &request::Parts) -> bool {
        true
    }

    fn decode(&self, request: Request<Payload>) -> (Origin, Decoded) {
        let (head, payload) = request.into_parts();
        let Payload::Whole(event) = payload else {
            let error = Error::new(ErrorKind::Config, "the body of the event was not read completely");
            return (Origin(Kind::Unknown), Decoded::Refused(Refusal::from(error)));
        };
        let invocation_id = context::request_id(&head.headers).map(str::to_owned);
        let (kind, decoded) = self.read(head.headers, &event);
        let refused = |error| Decoded::Refused(Refusal { error, invocation_id });
        (Origin(kind), decoded.unwrap_or_else(refused))
    }

    fn sends_whole(&self, origin: &Origin, _: &Response<Body>) -> bool {
        http::sends_whole(self, origin.shape())
    }

    fn encode(&self, origin: Origin, reply: Reply) -> Response<Payload> {
        match (&origin.0, &reply) {
            (Kind::Events(batch), Reply::Delivered(outcomes)) => {
                events::encode(batch, outcomes, self.names_failures != Some(false))
            }
            (Kind::Invoke, _) => events::invoke::encode(reply),
            _ => http::encode(self, origin.shape(), reply),
        }
    }
}
