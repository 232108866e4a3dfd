use std::fmt;

use omnifn_core::{
    Settings,
    json::{Object, Str},
};
use serde::{Deserialize, de::IgnoredAny};
use serde_json::value::RawValue;

/// Returns whether this is AWS Lambda or an emulator of its Runtime API: `AWS_LAMBDA_RUNTIME_API` is set.
///
/// ```
/// let lambda = |name: &str| (name == "AWS_LAMBDA_RUNTIME_API").then(|| "127.0.0.1:9001".to_owned());
/// assert!(omnifn_aws::detect(&lambda));
/// assert!(!omnifn_aws::detect(&|_: &str| None));
/// ```
pub fn detect(settings: &dyn Settings) -> bool {
    settings.get("AWS_LAMBDA_RUNTIME_API").is_some()
}

/// The largest reply that Lambda accepts, in bytes.
pub(crate) const REPLY_LIMIT: usize = 6 * 1024 * 1024 + 100;

/// The form of an HTTP request and of its reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Shape {
    /// An HTTP API of API Gateway, payload format 2.0: `http-api-v2`.
    HttpApiV2,
    /// A Function URL, which has the same payload and may be streamed: `function-url`.
    FunctionUrl,
    /// A REST API of API Gateway, or an HTTP API with payload format 1.0: `rest-v1`.
    RestV1,
    /// An Application Load Balancer whose target group sends one value for each header: `alb`.
    Alb,
    /// An Application Load Balancer with `lambda.multi_value_headers.enabled`: `alb-multi`.
    AlbMulti,
}

impl Shape {
    /// All shapes.
    pub const ALL: [Shape; 5] = [Shape::HttpApiV2, Shape::FunctionUrl, Shape::RestV1, Shape::Alb, Shape::AlbMulti];

    /// Returns the short name.
    ///
    /// ```
    /// assert_eq!(omnifn_aws::Shape::HttpApiV2.name(), "http-api-v2");
    /// ```
    pub const fn name(self) -> &'static str {
        match self {
            Shape::HttpApiV2 => "http-api-v2",
            Shape::FunctionUrl => "function-url",
            Shape::RestV1 => "rest-v1",
            Shape::Alb => "alb",
            Shape::AlbMulti => "alb-multi",
        }
    }

    /// Returns the largest reply that the gateway accepts if it is not streamed, in bytes, including the JSON around it.
    pub(crate) fn reply_limit(self) -> usize {
        match self {
            // Lambda itself accepts 6 MiB and a little more for its own data.
            Shape::HttpApiV2 | Shape::FunctionUrl | Shape::RestV1 => REPLY_LIMIT,
            Shape::Alb | Shape::AlbMulti => 1024 * 1024,
        }
    }

    /// Returns whether the platform can stream a reply. Of API Gateway's APIs only REST APIs can; a load balancer cannot.
    pub(crate) fn can_stream(self) -> bool {
        matches!(self, Shape::FunctionUrl | Shape::RestV1)
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The keys by which the events of the platform's services differ. Nothing else of an event is read before its kind is known, because it
/// may also be a user's own JSON.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Probe<'a> {
    #[serde(borrow)]
    request_context: Option<Object<ContextProbe<'a>>>,
    http_method: Option<IgnoredAny>,
    multi_value_headers: Option<IgnoredAny>,
    multi_value_query_string_parameters: Option<IgnoredAny>,
    r#type: Option<IgnoredAny>,
    method_arn: Option<IgnoredAny>,
    route_arn: Option<IgnoredAny>,
    #[serde(borrow, rename = "Records")]
    pub(crate) records: Option<Vec<&'a RawValue>>,
    #[serde(borrow, rename = "records")]
    pub(crate) kafka_records: Option<&'a RawValue>,
    #[serde(borrow)]
    event_source: Option<&'a RawValue>,
    delivery_stream_arn: Option<IgnoredAny>,
    #[serde(borrow, rename = "detail-type")]
    detail_type: Option<&'a RawValue>,
    #[serde(borrow)]
    source: Option<&'a RawValue>,
    #[serde(borrow, rename = "Event")]
    test_event: Option<&'a RawValue>,
    #[serde(rename = "Bucket")]
    test_bucket: Option<IgnoredAny>,
    #[serde(borrow, rename = "Type")]
    message_type: Option<&'a RawValue>,
    #[serde(rename = "TopicArn")]
    topic_arn: Option<IgnoredAny>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ContextProbe<'a> {
    http: Option<IgnoredAny>,
    elb: Option<IgnoredAny>,
    connection_id: Option<IgnoredAny>,
    service_network_arn: Option<IgnoredAny>,
    #[serde(borrow)]
    domain_name: Option<&'a RawValue>,
}

impl Probe<'_> {
    /// Returns the shape of the HTTP request in the event; `None` where it contains none, or one of a gateway that is not supported.
    ///
    /// A key whose value is null counts as absent, because emulators send the keys of other shapes as null.
    pub(crate) fn shape(&self) -> Option<Shape> {
        let context = self.request_context.as_ref()?;
        if context.elb.is_some() {
            let multi = self.multi_value_headers.is_some() || self.multi_value_query_string_parameters.is_some();
            return Some(if multi { Shape::AlbMulti } else { Shape::Alb });
        }
        let authorizer = self.r#type.is_some() && (self.method_arn.is_some() || self.route_arn.is_some());
        if authorizer || context.service_network_arn.is_some() || context.connection_id.is_some() {
            return None;
        }
        if context.http.is_some() {
            let is_function_url = string(context.domain_name).is_some_and(|domain| domain.contains(".lambda-url."));
            return Some(if is_function_url { Shape::FunctionUrl } else { Shape::HttpApiV2 });
        }
        self.http_method.is_some().then_some(Shape::RestV1)
    }

    /// Returns whether this is an event of EventBridge.
    pub(crate) fn is_event_bridge(&self) -> bool {
        string(self.detail_type).is_some() && string(self.source).is_some()
    }

    /// Returns whether this is the test that S3 sends when a notification is set up.
    pub(crate) fn is_s3_test(&self) -> bool {
        string(self.test_event).as_deref() == Some("s3:TestEvent") && self.test_bucket.is_some()
    }

    /// Returns whether this is a batch of Kafka. AWS documents the second name and sends the third.
    pub(crate) fn is_kafka(&self) -> bool {
        let source = string(self.event_source);
        matches!(source.as_deref(), Some("aws:kafka" | "SelfManagedKafka" | "aws:SelfManagedKafka"))
    }

    /// Returns whether this is a notification of SNS, as the body of a message in SQS.
    pub(crate) fn is_notification(&self) -> bool {
        string(self.message_type).as_deref() == Some("Notification") && self.topic_arn.is_some()
    }

    /// Returns whether this is an event of Firehose, whose records are for a transformation.
    pub(crate) fn is_firehose(&self) -> bool {
        self.delivery_stream_arn.is_some()
    }
}

/// Returns a value if it is a string.
pub(crate) fn string(value: Option<&RawValue>) -> Option<Str<'_>> {
    serde_json::from_str(value?.get()).ok()
}
