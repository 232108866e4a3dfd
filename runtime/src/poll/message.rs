use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Response, header::CONTENT_TYPE};
use omnifn_core::Payload;
use serde_json::json;

pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("lambda-runtime-aws-request-id");
pub(super) const INVOCATION_ID: HeaderName = HeaderName::from_static("lambda-runtime-invocation-id");
pub(super) const DEADLINE: HeaderName = HeaderName::from_static("lambda-runtime-deadline-ms");
const ARN: HeaderName = HeaderName::from_static("lambda-runtime-invoked-function-arn");
const TRACE_ID: HeaderName = HeaderName::from_static("lambda-runtime-trace-id");
/// What the head of an event mostly has, besides what the crate `http` knows.
pub(super) static OF_AN_EVENT: [HeaderName; 5] = [REQUEST_ID, INVOCATION_ID, DEADLINE, ARN, TRACE_ID];
pub(super) const RESPONSE_MODE: HeaderName = HeaderName::from_static("lambda-runtime-function-response-mode");
pub(super) const ERROR_TYPE: HeaderName = HeaderName::from_static("lambda-runtime-function-error-type");
pub(super) const ERROR_BODY: HeaderName = HeaderName::from_static("lambda-runtime-function-error-body");
/// What a streamed reply declares, so that it may end with it.
pub(super) const TRAILERS: HeaderValue =
    HeaderValue::from_static("Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body");

/// Which invocation a reply is for.
#[derive(Debug, Clone)]
pub(super) struct ReplyTo {
    /// Safe within a path: see [`ReplyTo::read`].
    pub(super) request_id: String,
    /// A second id, which the API wants to see again.
    pub(super) invocation_id: Option<HeaderValue>,
}

impl ReplyTo {
    /// Reads the ids from the head of an event.
    pub(super) fn read(head: &HeaderMap) -> Result<Self, String> {
        let came = head.get(REQUEST_ID).ok_or_else(|| {
            format!("the Runtime API sent an event without the header {REQUEST_ID}, so it cannot be answered")
        })?;
        let request_id = came.to_str().ok().filter(|id| is_path_segment(id)).ok_or_else(|| {
            format!("the Runtime API sent an event whose {REQUEST_ID} is {came:?}, no id that it can be answered by")
        })?;
        Ok(ReplyTo { request_id: request_id.to_owned(), invocation_id: head.get(INVOCATION_ID).cloned() })
    }
}

/// Whether the text stands for itself as one segment of a path.
fn is_path_segment(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'~' | b':');
    (1..=256).contains(&text.len()) && text.bytes().all(plain) && text != "." && text != ".."
}

/// What is posted for an invocation.
#[derive(Debug)]
pub(super) struct Reply {
    /// Where it is a failure, its type.
    pub(super) error_type: Option<HeaderValue>,
    pub(super) content_type: Option<HeaderValue>,
    pub(super) payload: Payload,
}

impl Reply {
    /// A failure of the runtime's own.
    pub(super) fn failure(error_type: &'static str, message: &str) -> Self {
        Reply {
            error_type: Some(HeaderValue::from_static(error_type)),
            content_type: Some(HeaderValue::from_static("application/json")),
            payload: Payload::Whole(failure(error_type, message)),
        }
    }
}

/// What an adapter encoded.
impl From<Response<Payload>> for Reply {
    fn from(response: Response<Payload>) -> Self {
        let (mut head, payload) = response.into_parts();
        Reply { error_type: head.headers.remove(ERROR_TYPE), content_type: head.headers.remove(CONTENT_TYPE), payload }
    }
}

/// The body of a failure, as the API reads it.
pub(super) fn failure(error_type: &str, message: &str) -> Bytes {
    json!({"errorMessage": message, "errorType": error_type, "stackTrace": []}).to_string().into()
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
    fn a_failure_is_json_whatever_its_words() {
        let body = failure("Runtime.InitError", "a \"b\"\n\u{0}");
        let expected = r#"{"errorMessage":"a \"b\"\n\u0000","errorType":"Runtime.InitError","stackTrace":[]}"#;
        assert_eq!(body, expected);
    }
}
