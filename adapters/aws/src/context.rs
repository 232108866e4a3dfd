mod authorizer;

use std::{
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use http::HeaderMap;
use omnifn_core::{Error, Invocation, Settings, TraceContext, forwarded};
use serde::de::DeserializeOwned;

use crate::{detect::Shape, http::Gateway};

/// The data of an invocation from Lambda and the gateway in front of it.
///
/// ```
/// use omnifn_aws::LambdaContext;
/// use omnifn_core::Context;
///
/// async fn user(ctx: Context) -> String {
///     let subject = ctx.provider_context::<LambdaContext>().and_then(|lambda| lambda.claim("sub"));
///     subject.unwrap_or_else(|| "anonymous".to_owned())
/// }
/// ```
#[derive(Debug, Clone)]
pub struct LambdaContext {
    function: Arc<Function>,
    head: HeaderMap,
    shape: Option<Shape>,
    account_id: Option<String>,
    stage: Option<String>,
    stage_variables: Option<String>,
    api_request_id: Option<String>,
    authorizer: Option<String>,
}

/// The data that all invocations of the process share.
#[derive(Debug, Default)]
struct Function {
    name: Option<String>,
    version: Option<String>,
    memory_mb: Option<u32>,
    log_group: Option<String>,
    log_stream: Option<String>,
    region: Option<String>,
}

impl LambdaContext {
    /// The id of the invocation, as Lambda's own log lines have it.
    pub fn request_id(&self) -> Option<&str> {
        request_id(&self.head)
    }

    /// The ARN that was invoked: it may name a version or an alias.
    pub fn invoked_function_arn(&self) -> Option<&str> {
        text(&self.head, "lambda-runtime-invoked-function-arn")
    }

    /// The function's name: `AWS_LAMBDA_FUNCTION_NAME`.
    pub fn function_name(&self) -> Option<&str> {
        self.function.name.as_deref()
    }

    /// The function's version: `AWS_LAMBDA_FUNCTION_VERSION`.
    pub fn function_version(&self) -> Option<&str> {
        self.function.version.as_deref()
    }

    /// The memory that the function has, in MB: `AWS_LAMBDA_FUNCTION_MEMORY_SIZE`.
    pub fn memory_mb(&self) -> Option<u32> {
        self.function.memory_mb
    }

    /// The log group: `AWS_LAMBDA_LOG_GROUP_NAME`.
    pub fn log_group(&self) -> Option<&str> {
        self.function.log_group.as_deref()
    }

    /// The log stream: `AWS_LAMBDA_LOG_STREAM_NAME`.
    pub fn log_stream(&self) -> Option<&str> {
        self.function.log_stream.as_deref()
    }

    /// The X-Ray header of the invocation, unchanged.
    pub fn xray_trace_id(&self) -> Option<&str> {
        text(&self.head, TRACE_ID)
    }

    /// The client context that a caller of the Lambda API sent, unchanged. It should be JSON.
    pub fn client_context(&self) -> Option<&str> {
        text(&self.head, "lambda-runtime-client-context")
    }

    /// The Cognito identity of a caller of the Lambda API, as JSON.
    pub fn cognito_identity(&self) -> Option<&str> {
        text(&self.head, "lambda-runtime-cognito-identity")
    }

    /// The tenant that this invocation is isolated for.
    pub fn tenant_id(&self) -> Option<&str> {
        text(&self.head, "lambda-runtime-aws-tenant-id")
    }

    /// The shape of the HTTP request; `None` if the event is not an HTTP request.
    pub fn shape(&self) -> Option<Shape> {
        self.shape
    }

    /// The stage of the API.
    pub fn stage(&self) -> Option<&str> {
        self.stage.as_deref()
    }

    /// The account that the API belongs to.
    pub fn account_id(&self) -> Option<&str> {
        self.account_id.as_deref()
    }

    /// Returns a variable of the API's stage.
    pub fn stage_variable(&self, name: &str) -> Option<String> {
        authorizer::text(authorizer::object(self.stage_variables.as_deref()?)?.remove(name)?)
    }

    /// The gateway's own id of the request, as its log has it.
    pub fn api_request_id(&self) -> Option<&str> {
        self.api_request_id.as_deref()
    }

    /// The authorizer's result, as the gateway's JSON: `requestContext.authorizer`.
    pub fn authorizer(&self) -> Option<&str> {
        self.authorizer.as_deref()
    }

    /// Returns a claim of the token that the gateway has verified, by a JWT authorizer (HTTP API) or Cognito (REST API). A claim that
    /// is not a text is returned as JSON.
    pub fn claim(&self, name: &str) -> Option<String> {
        authorizer::text(authorizer::claims(self.authorizer()?)?.remove(name)?)
    }

    /// Returns all claims of the token that the gateway has verified, as a type of your own; `None` if no token was verified.
    ///
    /// An HTTP API with payload 2.0 writes every claim as text, numbers and lists included.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`](omnifn_core::ErrorKind::Decode) if the claims do not fit the type.
    pub fn claims<T: DeserializeOwned>(&self) -> Result<Option<T>, Error> {
        let claims = self.authorizer().and_then(authorizer::claims);
        claims.map(|claims| authorizer::read(claims, "the claims of the token")).transpose()
    }

    /// Returns a field that a Lambda authorizer has added, with either payload format; `None` if there is no such field. A field that is not
    /// a text is returned as JSON.
    ///
    /// With payload format 2.0 the fields are those of `requestContext.authorizer.lambda`, and with 1.0, as REST APIs send it, those of
    /// `requestContext.authorizer` itself, where each value is a text.
    pub fn authorizer_field(&self, name: &str) -> Option<String> {
        authorizer::text(authorizer::fields(self.authorizer()?, self.shape?)?.remove(name)?)
    }

    /// Returns all fields that a Lambda authorizer has added, as a type of your own; `None` if there are none.
    ///
    /// Values are read as from a form: the text `7` of payload format 1.0 and the number `7` of 2.0 are both a number.
    ///
    /// ```
    /// use omnifn_aws::LambdaContext;
    /// use omnifn_core::{Context, Result};
    ///
    /// #[derive(serde::Deserialize)]
    /// struct Tenant {
    ///     tenant: String,
    ///     seats: u32,
    /// }
    ///
    /// async fn seats(ctx: Context) -> Result<String> {
    ///     let lambda = ctx.provider_context::<LambdaContext>();
    ///     let tenant = lambda.map(LambdaContext::authorizer_fields::<Tenant>).transpose()?.flatten();
    ///     Ok(tenant.map_or("anonymous".to_owned(), |tenant| format!("{}: {}", tenant.tenant, tenant.seats)))
    /// }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Decode`](omnifn_core::ErrorKind::Decode) if the fields do not fit the type.
    pub fn authorizer_fields<T: DeserializeOwned>(&self) -> Result<Option<T>, Error> {
        let fields = self.authorizer().zip(self.shape).and_then(|(json, shape)| authorizer::fields(json, shape));
        fields.map(|fields| authorizer::read(fields, "the fields of the authorizer")).transpose()
    }
}

/// The values of the environment, and the number of trusted proxies.
#[derive(Debug)]
pub(crate) struct Platform {
    function: Arc<Function>,
    version: Option<Arc<str>>,
    trusted_hops: usize,
}

impl Platform {
    pub(crate) fn read(settings: &dyn Settings) -> Self {
        let version = settings.get("AWS_LAMBDA_FUNCTION_VERSION");
        let memory = settings.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE");
        Platform {
            version: version.as_deref().map(Arc::from),
            function: Arc::new(Function {
                name: settings.get("AWS_LAMBDA_FUNCTION_NAME"),
                version,
                memory_mb: memory.and_then(|memory| memory.trim().parse().ok()),
                log_group: settings.get("AWS_LAMBDA_LOG_GROUP_NAME"),
                log_stream: settings.get("AWS_LAMBDA_LOG_STREAM_NAME"),
                region: settings.get("AWS_REGION"),
            }),
            trusted_hops: forwarded::trusted_hops(settings),
        }
    }

    pub(crate) fn invocation(
        &self,
        head: HeaderMap,
        event: &Bytes,
        shape: Shape,
        gateway: Gateway,
        headers: &HeaderMap,
    ) -> Invocation {
        let client_ip = match self.trusted_hops {
            0 => gateway.source_ip,
            hops => forwarded::client_ip(headers, hops),
        };
        let trace = trace(&head, headers);
        Invocation { client_ip, trace, ..self.common(head, event, Some(shape), gateway) }
    }

    /// Returns the invocation of an event that is not an HTTP request.
    pub(crate) fn delivery(&self, head: HeaderMap, event: &Bytes) -> Invocation {
        let trace = text(&head, TRACE_ID).and_then(TraceContext::from_xray);
        Invocation { trace, ..self.common(head, event, None, Gateway::default()) }
    }

    fn common(&self, head: HeaderMap, event: &Bytes, shape: Option<Shape>, gateway: Gateway) -> Invocation {
        Invocation {
            id: request_id(&head).map(str::to_owned),
            version: self.version.clone(),
            deadline: deadline(&head),
            raw: Some(event.clone()),
            provider: Some(Arc::new(LambdaContext {
                function: self.function.clone(),
                head,
                shape,
                account_id: gateway.account_id,
                stage: gateway.stage,
                stage_variables: gateway.stage_variables,
                api_request_id: gateway.request_id,
                authorizer: gateway.authorizer,
            })),
            ..Invocation::default()
        }
    }
}

impl Platform {
    /// Returns the attributes of the function, by [the conventions](https://opentelemetry.io/docs/specs/semconv/resource/faas/).
    pub(crate) fn resource(&self) -> Vec<(&'static str, String)> {
        let Function { name, version, log_stream, region, .. } = &*self.function;
        let known = [
            ("service.name", name.clone()),
            ("faas.name", name.clone()),
            ("faas.version", version.clone()),
            // Each has its own while it lives.
            ("faas.instance", log_stream.clone()),
            ("cloud.region", region.clone()),
        ];
        let always = [("cloud.provider", "aws".to_owned()), ("cloud.platform", "aws_lambda".to_owned())];
        always.into_iter().chain(known.into_iter().filter_map(|(key, value)| Some((key, value?)))).collect()
    }
}

const TRACE_ID: &str = "lambda-runtime-trace-id";

pub(crate) fn request_id(head: &HeaderMap) -> Option<&str> {
    text(head, "lambda-runtime-aws-request-id")
}

/// Returns the invocation's deadline. A time in 1970 is ignored, because an emulator sends the timeout itself instead.
fn deadline(head: &HeaderMap) -> Option<SystemTime> {
    const BEGIN_OF_2020: u64 = 1_577_836_800_000;
    let milliseconds = text(head, "lambda-runtime-deadline-ms")?.trim().parse().ok();
    let milliseconds = milliseconds.filter(|milliseconds| *milliseconds >= BEGIN_OF_2020)?;
    UNIX_EPOCH.checked_add(Duration::from_millis(milliseconds))
}

/// Returns the trace of the caller from `traceparent`, or else X-Ray's trace of the invocation, or else X-Ray's trace of the request,
/// which is the only one that emulators send.
fn trace(head: &HeaderMap, headers: &HeaderMap) -> Option<TraceContext> {
    let w3c = text(headers, "traceparent").and_then(TraceContext::from_traceparent);
    let of_invocation = || text(head, TRACE_ID).and_then(TraceContext::from_xray);
    let of_request = || text(headers, "x-amzn-trace-id").and_then(TraceContext::from_xray);
    w3c.or_else(of_invocation).or_else(of_request)
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok().filter(|text| !text.is_empty())
}
