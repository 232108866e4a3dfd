//! Replies, and how they are posted to the Runtime API.

use std::{
    convert::Infallible,
    error::Error as StdError,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri,
    header::{CONTENT_TYPE, TRAILER},
};
use http_body::Frame;
use http_body_util::{BodyExt, Limited};
use hyper_util::client::legacy::connect::HttpConnector;
use lambda_runtime_api_client::{PooledClient, body, build_request};
use omnifn_core::{Body, Error, Payload};
use tokio::{sync::oneshot, time::timeout};

use crate::log;

const REQUEST_ID: HeaderName = HeaderName::from_static("lambda-runtime-aws-request-id");
const INVOCATION_ID: HeaderName = HeaderName::from_static("lambda-runtime-invocation-id");
const RESPONSE_MODE: HeaderName = HeaderName::from_static("lambda-runtime-function-response-mode");
const ERROR_TYPE: HeaderName = HeaderName::from_static("lambda-runtime-function-error-type");
const ERROR_BODY: HeaderName = HeaderName::from_static("lambda-runtime-function-error-body");
/// The trailers that a streamed reply declares, because hyper sends only declared ones.
const TRAILERS: HeaderValue =
    HeaderValue::from_static("Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body");

/// The limits for the API's answer to a reply. It is read for the log, and so that the connection can be reused.
const ANSWER_LIMIT: usize = 16 * 1024;
const ANSWER_TIME: Duration = Duration::from_secs(1);

/// The invocation that a reply is for.
#[derive(Debug)]
pub(super) struct ReplyTo {
    /// The id, which is safe within a path.
    pub(super) request_id: String,
    /// A second id, which the API expects to be echoed.
    invocation_id: Option<HeaderValue>,
}

impl ReplyTo {
    /// Reads the ids from the headers of an event.
    pub(super) fn read(headers: &HeaderMap) -> Result<Self, String> {
        let value = headers.get(REQUEST_ID);
        let id = value.and_then(|value| value.to_str().ok()).filter(|id| is_path_segment(id)).ok_or_else(|| {
            format!("the Runtime API sent an event with an invalid {REQUEST_ID}: {value:?}, so it cannot be answered")
        })?;
        Ok(ReplyTo { request_id: id.to_owned(), invocation_id: headers.get(INVOCATION_ID).cloned() })
    }
}

/// Whether the text is one segment of a path as it is.
fn is_path_segment(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'~' | b':');
    (1..=256).contains(&text.len()) && text.bytes().all(plain) && text != "." && text != ".."
}

/// The reply that is posted for an invocation.
#[derive(Debug)]
pub(super) struct Reply {
    /// The type of the error, if the invocation failed.
    error_type: Option<HeaderValue>,
    content_type: Option<HeaderValue>,
    payload: Payload,
}

impl Reply {
    /// Creates a reply for an error of the runtime itself.
    pub(super) fn failure(error_type: &str, message: &str) -> Self {
        Reply {
            error_type: HeaderValue::try_from(error_type).ok(),
            content_type: Some(HeaderValue::from_static("application/json")),
            payload: Payload::Whole(error_body(error_type, message)),
        }
    }
}

impl From<Response<Payload>> for Reply {
    fn from(response: Response<Payload>) -> Self {
        let (mut head, payload) = response.into_parts();
        Reply { error_type: head.headers.remove(ERROR_TYPE), content_type: head.headers.remove(CONTENT_TYPE), payload }
    }
}

/// Writes an error as the API expects it.
fn error_body(error_type: &str, message: &str) -> Bytes {
    serde_json::json!({"errorMessage": message, "errorType": error_type, "stackTrace": []}).to_string().into()
}

/// The API's answer to a reply: its status and, if it is an error, its body after a colon, for the log.
pub(super) type Answer = (StatusCode, String);

/// The client for replies. Events are polled by `lambda_runtime`, on connections of its own.
#[derive(Debug)]
pub(super) struct Client(PooledClient);

impl Client {
    pub(super) fn new(endpoint: Uri, concurrency: u16) -> Self {
        let mut connector = HttpConnector::new();
        // Otherwise each frame of a stream waits for the acknowledgement of the one before.
        connector.set_nodelay(true);
        let builder = PooledClient::builder().with_connector(connector).with_endpoint(endpoint);
        Client(builder.with_pool_size(concurrency.into()).build())
    }

    /// Posts the reply of an invocation.
    pub(super) async fn reply(&self, to: &ReplyTo, reply: Reply) -> Result<Answer, String> {
        let end = if reply.error_type.is_some() { "error" } else { "response" };
        self.post(&format!("invocation/{}/{end}", to.request_id), to.invocation_id.as_ref(), reply).await
    }

    /// Reports why the program cannot start. The process ends anyway, so an API that does not accept it is only logged.
    pub(super) async fn failed_start(&self, error: &Error) {
        let error_type = match error.name() {
            "FunctionError" => "Runtime.InitError".to_owned(),
            name => format!("Runtime.{name}"),
        };
        match self.post("init/error", None, Reply::failure(&error_type, &error.to_string())).await {
            Ok((status, _)) if status.is_success() => {}
            Ok((status, text)) => {
                log::warn(format_args!("the Runtime API answered {} to `init/error`{text}", status.as_u16()));
            }
            Err(why) => log::warn(format_args!("the failed start could not be reported to the Runtime API: {why}")),
        }
    }

    /// Posts to a path of the API. A body that is not streamed is sent again if the connection closes without an answer.
    async fn post(&self, path: &str, invocation_id: Option<&HeaderValue>, reply: Reply) -> Result<Answer, String> {
        let Reply { error_type, content_type, payload } = reply;
        let request = build_request().method(Method::POST).uri(format!("/2018-06-01/runtime/{path}")).body(());
        let mut head = request.map_err(|error| error.to_string())?.into_parts().0;
        let headers = [(INVOCATION_ID, invocation_id.cloned()), (CONTENT_TYPE, content_type), (ERROR_TYPE, error_type)];
        head.headers.extend(headers.into_iter().filter_map(|(name, value)| Some((name, value?))));
        match payload {
            Payload::Whole(bytes) => {
                let send = || self.send(Request::from_parts(head.clone(), bytes.clone().into()));
                match send().await {
                    Ok(answer) => Ok(answer),
                    Err(_) => send().await,
                }
            }
            Payload::Stream(body) => {
                head.headers.extend([(RESPONSE_MODE, HeaderValue::from_static("streaming")), (TRAILER, TRAILERS)]);
                let (end, ended) = oneshot::channel();
                let body = body::Body::new(Streamed { body, end });
                let answer = self.send(Request::from_parts(head, body)).await?;
                // The API may answer before the stream has ended. The next event is polled only when it has; a refused stream ends here.
                if answer.0.is_success() {
                    let _dropped = ended.await;
                }
                Ok(answer)
            }
        }
    }

    async fn send(&self, request: Request<body::Body>) -> Result<Answer, String> {
        let (head, body) = self.0.call(request).await.map_err(|error| causes(&*error))?.into_parts();
        let body = timeout(ANSWER_TIME, Limited::new(body, ANSWER_LIMIT).collect()).await;
        let body = body.ok().and_then(Result::ok).map(|body| body.to_bytes()).unwrap_or_default();
        let is_shown = !head.status.is_success() && !body.is_empty();
        Ok((head.status, if is_shown { format!(": {:?}", String::from_utf8_lossy(&body)) } else { String::new() }))
    }

    /// Polls the next event, as `lambda_runtime` does.
    #[cfg(feature = "testing")]
    pub(super) async fn next(&self) -> Result<lambda_runtime::LambdaInvocation, lambda_runtime::Error> {
        let request = build_request().uri("/2018-06-01/runtime/invocation/next").body(body::Body::empty())?;
        let (parts, body) = self.0.call(request).await?.into_parts();
        let body = body.collect().await?.to_bytes();
        Ok(lambda_runtime::LambdaInvocation { parts, body, context: lambda_runtime::Context::default() })
    }
}

/// Formats an error of the client with its causes, which contain the details.
pub(super) fn causes(error: &(dyn StdError + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(&format!(": {cause}"));
        next = cause.source();
    }
    text
}

/// A streamed body. An error in the middle is sent as trailers, because a clean end would make the reply look complete.
struct Streamed {
    body: Body,
    /// The channel that is closed when the body has ended, and through which the body learns that the reply was refused.
    end: oneshot::Sender<Infallible>,
}

impl http_body::Body for Streamed {
    type Data = Bytes;
    type Error = &'static str;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if self.end.poll_closed(cx).is_ready() {
            return Poll::Ready(Some(Err("the reply was refused")));
        }
        loop {
            match ready!(Pin::new(&mut self.body).poll_frame(cx)) {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) if !data.is_empty() => return Poll::Ready(Some(Ok(Frame::data(data)))),
                    // The API defines no other trailers.
                    _ => {}
                },
                Some(Err(_)) => {
                    self.body = Body::empty();
                    return Poll::Ready(Some(Ok(Frame::trailers(failed_stream()))));
                }
                None => return Poll::Ready(None),
            }
        }
    }
}

/// The trailers of a stream that failed. The details are in the log only.
fn failed_stream() -> HeaderMap {
    const TYPE: &str = "Function.StreamError";
    let body = error_body(TYPE, "the response ended too early; the function's log has the details");
    let body = HeaderValue::try_from(base64_simd::STANDARD.encode_to_string(body));
    let mut trailers = HeaderMap::from_iter([(ERROR_TYPE, HeaderValue::from_static(TYPE))]);
    trailers.extend(body.map(|body| (ERROR_BODY, body)));
    trailers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_stays_in_its_segment() {
        for id in ["156cb537-e2d4-11e8-9b34-d36013741fb9", "a", "...", "a_b.c~d:e"] {
            assert!(is_path_segment(id), "{id}");
        }
        let long = "a".repeat(257);
        for id in ["", ".", "..", "a/b", "../error", "a?b", "a#b", "a b", "a%2Fb", "ä", long.as_str()] {
            assert!(!is_path_segment(id), "{id}");
        }
    }

    #[test]
    fn an_error_is_json_whatever_its_message() {
        let body = error_body("Runtime.InitError", "a \"b\"\n\u{0}");
        let expected = r#"{"errorMessage":"a \"b\"\n\u0000","errorType":"Runtime.InitError","stackTrace":[]}"#;
        assert_eq!(body, expected);
    }
}
