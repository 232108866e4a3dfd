use std::fmt;

use omnifn_core::{
    Settings,
    json::{Object, Str},
};
use serde::{Deserialize, de::IgnoredAny};
use serde_json::value::RawValue;

/// Returns the variable by which AWS Lambda, or an emulator of its Runtime API, is recognized, if it is set: `AWS_LAMBDA_RUNTIME_API`.
///
/// ```
/// let lambda = |name: &str| (name == "AWS_LAMBDA_RUNTIME_API").then(|| "127.0.0.1:9001".to_owned());
/// assert_eq!(omnifn_aws::detect(&lambda), Some("AWS_LAMBDA_RUNTIME_API"));
/// assert_eq!(omnifn_aws::detect(&|_: &str| None), None);
/// ```
pub fn detect(settings: &dyn Settings) -> Option<&'static str> {
    Some("AWS_LAMBDA_RUNTIME_API").filter(|name| settings.get(name).is_some())
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
    /// An HTTP API of API Gateway, payload format 1.0: `http-api-v1`.
    HttpApiV1,
    /// A REST API of API Gateway: `rest-v1`.
    RestV1,
    /// An Application Load Balancer whose target group sends one value for each header: `alb`.
    Alb,
    /// An Application Load Balancer with `lambda.multi_value_headers.enabled`: `alb-multi`.
    AlbMulti,
    /// A service of VPC Lattice, event structure 1.0: `vpc-lattice-v1`.
    VpcLatticeV1,
    /// A service of VPC Lattice, event structure 2.0: `vpc-lattice-v2`.
    VpcLatticeV2,
}

impl Shape {
    /// All shapes.
    pub const ALL: [Shape; 8] = [
        Shape::HttpApiV2,
        Shape::FunctionUrl,
        Shape::RestV1,
        Shape::Alb,
        Shape::AlbMulti,
        Shape::HttpApiV1,
        Shape::VpcLatticeV1,
        Shape::VpcLatticeV2,
    ];

    /// Returns the short name.
    ///
    /// ```
    /// assert_eq!(omnifn_aws::Shape::HttpApiV2.name(), "http-api-v2");
    /// ```
    pub const fn name(self) -> &'static str {
        match self {
            Shape::HttpApiV2 => "http-api-v2",
            Shape::FunctionUrl => "function-url",
            Shape::HttpApiV1 => "http-api-v1",
            Shape::RestV1 => "rest-v1",
            Shape::Alb => "alb",
            Shape::AlbMulti => "alb-multi",
            Shape::VpcLatticeV1 => "vpc-lattice-v1",
            Shape::VpcLatticeV2 => "vpc-lattice-v2",
        }
    }

    /// Returns the largest reply that the gateway accepts if it is not streamed, in bytes, including the JSON around it.
    pub(crate) fn reply_limit(self) -> usize {
        match self {
            Shape::Alb | Shape::AlbMulti => 1024 * 1024,
            _ => REPLY_LIMIT,
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
    #[serde(borrow)]
    version: Option<&'a RawValue>,
    #[serde(rename = "raw_path")]
    lattice_path: Option<IgnoredAny>,
    #[serde(rename = "is_base64_encoded")]
    lattice_is_base64_encoded: Option<IgnoredAny>,
    multi_value_headers: Option<IgnoredAny>,
    multi_value_query_string_parameters: Option<IgnoredAny>,
    r#type: Option<IgnoredAny>,
    method_arn: Option<IgnoredAny>,
    route_arn: Option<IgnoredAny>,
    #[serde(borrow, rename = "Records")]
    pub(crate) records: Option<&'a RawValue>,
    #[serde(borrow, rename = "records")]
    pub(crate) kafka_records: Option<&'a RawValue>,
    #[serde(borrow)]
    event_source: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(crate) event_source_arn: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(crate) messages: Option<&'a RawValue>,
    #[serde(borrow, rename = "rmqMessagesByQueue")]
    pub(crate) rabbitmq_messages: Option<&'a RawValue>,
    #[serde(borrow, rename = "events")]
    pub(crate) documentdb_events: Option<&'a RawValue>,
    #[serde(borrow)]
    bootstrap_servers: Option<&'a RawValue>,
    #[serde(borrow)]
    awslogs: Option<&'a RawValue>,
    pub(crate) window: Option<IgnoredAny>,
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
        let Some(context) = &self.request_context else {
            let is_lattice = self.lattice_path.is_some() && self.lattice_is_base64_encoded.is_some();
            return is_lattice.then_some(Shape::VpcLatticeV1);
        };
        if context.elb.is_some() {
            let multi = self.multi_value_headers.is_some() || self.multi_value_query_string_parameters.is_some();
            return Some(if multi { Shape::AlbMulti } else { Shape::Alb });
        }
        let authorizer = self.r#type.is_some() && (self.method_arn.is_some() || self.route_arn.is_some());
        if authorizer || context.connection_id.is_some() {
            return None;
        }
        if context.service_network_arn.is_some() {
            return Some(Shape::VpcLatticeV2);
        }
        let domain = string(context.domain_name);
        if context.http.is_some() {
            let is_function_url = domain.is_some_and(|domain| domain.contains(".lambda-url."));
            return Some(if is_function_url { Shape::FunctionUrl } else { Shape::HttpApiV2 });
        }
        self.http_method.as_ref()?;
        // Only HTTP APIs have a version here, except for an emulator of REST APIs, whose domain has a port.
        let has_version = string(self.version).as_deref() == Some("1.0");
        let is_http_api = has_version && domain.is_some_and(|domain| !domain.contains(':'));
        Some(if is_http_api { Shape::HttpApiV1 } else { Shape::RestV1 })
    }

    /// Returns the cluster of Kafka that the records are from, as the platform names it.
    pub(crate) fn cluster(&self) -> Option<String> {
        cluster(self.event_source_arn, self.bootstrap_servers)
    }

    /// Returns the ARN of the broker that the messages are from.
    pub(crate) fn broker(&self) -> Option<String> {
        string(self.event_source_arn).map(Str::into_string)
    }

    /// Returns whether this is an event of EventBridge.
    pub(crate) fn is_event_bridge(&self) -> bool {
        string(self.detail_type).is_some() && string(self.source).is_some()
    }

    /// Returns whether this is the test that S3 sends when a notification is set up.
    pub(crate) fn is_s3_test(&self) -> bool {
        string(self.test_event).as_deref() == Some("s3:TestEvent") && self.test_bucket.is_some()
    }

    /// Returns the name of the service that wrote the event, if it is beside the records and not in each of them.
    pub(crate) fn event_source(&self) -> Option<Str<'_>> {
        string(self.event_source)
    }

    /// Returns the data of a subscription of CloudWatch Logs.
    pub(crate) fn logs(&self) -> Option<Str<'_>> {
        #[derive(Deserialize)]
        struct Logs<'a> {
            #[serde(borrow)]
            data: Str<'a>,
        }
        let logs: Object<Logs<'_>> = omnifn_core::json::parse_str(self.awslogs?.get()).ok()?;
        Some(logs.0.data)
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

/// Returns whether Kafka wrote the event. AWS documents the second name; the third one was seen in public fixtures.
pub(crate) fn is_kafka(event_source: &str) -> bool {
    matches!(event_source, "aws:kafka" | "SelfManagedKafka" | "aws:SelfManagedKafka")
}

/// Returns the name of a cluster of Kafka. A cluster of Amazon MSK has an ARN, a self-managed one only the addresses of its servers, whose
/// order means nothing.
pub(crate) fn cluster(arn: Option<&RawValue>, servers: Option<&RawValue>) -> Option<String> {
    string(arn).map(Str::into_string).or_else(|| {
        let servers = string(servers)?;
        let mut servers: Vec<_> = servers.split(',').map(str::trim).filter(|server| !server.is_empty()).collect();
        servers.sort_unstable();
        (!servers.is_empty()).then(|| servers.join(","))
    })
}

/// Returns a value if it is a string.
pub(crate) fn string(value: Option<&RawValue>) -> Option<Str<'_>> {
    omnifn_core::json::parse_str(value?.get()).ok()
}
