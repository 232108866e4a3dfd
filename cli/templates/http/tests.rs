use omnifn::{App, bytes::Bytes, http::Request, testing::Testing};

use super::*;

fn app() -> App {
    omnifn::app!(hello, sum)
}

/// A function is a plain fn.
#[tokio::test]
async fn it_can_be_called() {
    let answer = super::hello(Path("world".to_owned())).await;
    assert_eq!(answer, "Hello, world!");
}

/// A request in every form in which each provider sends it.
#[tokio::test]
async fn sums_on_every_provider() {
    for (body, status, wanted) in [
        (r#"{"numbers": [1, 2, 3]}"#, 200, r#"{"sum":6}"#),
        (r#"{"numbers": [9223372036854775807, 1]}"#, 422, "the sum is too large"),
    ] {
        let request = || {
            let request = Request::post("/sum").header("host", "example.com").header("content-type", "application/json");
            request.body(Bytes::from(body)).expect("a request")
        };
        for answered in Testing::new(app).request_everywhere(request).await {
            let response = answered.response.expect("an answer");
            assert_eq!(response.status(), status, "{}, {}", answered.provider, answered.shape);
            let text = String::from_utf8_lossy(response.body()).into_owned();
            assert!(text.contains(wanted), "{}, {}: {text}", answered.provider, answered.shape);
        }
    }
}
