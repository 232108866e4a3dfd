use std::fmt;

use omnifn_core::Settings;

use crate::http::wire::Event;

/// Whether this is AWS Lambda, or one that speaks its Runtime API: `AWS_LAMBDA_RUNTIME_API` is set.
///
/// ```
/// let lambda = |name: &str| (name == "AWS_LAMBDA_RUNTIME_API").then(|| "127.0.0.1:9001".to_owned());
/// assert!(omnifn_aws::detect(&lambda));
/// assert!(!omnifn_aws::detect(&|_: &str| None));
/// ```
pub fn detect(settings: &dyn Settings) -> bool {
    settings.get("AWS_LAMBDA_RUNTIME_API").is_some()
}

/// The form that an HTTP request comes in, and that its reply has to have.
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
    /// Every shape.
    pub const ALL: [Shape; 5] = [Shape::HttpApiV2, Shape::FunctionUrl, Shape::RestV1, Shape::Alb, Shape::AlbMulti];

    /// The short name.
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

    /// Which shape an event has; `None` where it holds no HTTP request, or one of a gateway that is not among these.
    ///
    /// By the keys that each of them alone has, in the order of their strength. A key whose value is null is absent:
    /// emulators send some of others.
    pub(crate) fn of(event: &Event<'_>) -> Option<Shape> {
        let context = event.request_context.as_ref()?;
        let multi = || event.multi_value_headers.is_some() || event.multi_value_query_string_parameters.is_some();
        if context.elb.is_some() {
            return Some(if multi() { Shape::AlbMulti } else { Shape::Alb });
        }
        let authorizer = event.r#type.is_some() && (event.method_arn.is_some() || event.route_arn.is_some());
        if authorizer || context.service_network_arn.is_some() || context.connection_id.is_some() {
            return None;
        }
        if context.http.is_some() {
            let domain = context.domain_name.as_deref().unwrap_or_default();
            return Some(if is_function_url(domain) { Shape::FunctionUrl } else { Shape::HttpApiV2 });
        }
        event.http_method.is_some().then_some(Shape::RestV1)
    }

    /// The largest reply that the gateway takes whole, in bytes, with the JSON around it.
    pub(crate) fn reply_limit(self) -> usize {
        match self {
            // What Lambda itself takes: 6 MiB and a little for its own.
            Shape::HttpApiV2 | Shape::FunctionUrl | Shape::RestV1 => 6 * 1024 * 1024 + 100,
            Shape::Alb | Shape::AlbMulti => 1024 * 1024,
        }
    }

    /// Whether the platform can pass a reply on while it comes. Of API Gateway only REST APIs can; a load balancer cannot.
    pub(crate) fn can_stream(self) -> bool {
        matches!(self, Shape::FunctionUrl | Shape::RestV1)
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

fn is_function_url(domain: &[u8]) -> bool {
    const MARK: &[u8] = b".lambda-url.";
    domain.windows(MARK.len()).any(|part| part == MARK)
}
