//! What is posted to `/_omnifn/…` is an event. It is refused if no function takes it, whatever other functions there are.

use bytes::Bytes;
use http::Request;
use omnifn::{prelude::*, testing::Testing};
use omnifn_core::{Inverse, Payload};
use omnifn_runtime::dispatch::Dispatch;

/// It takes every request, and so would acknowledge every event.
#[function]
async fn everything(_: Request<Body>) -> &'static str {
    "taken"
}

#[function(any = "/{*path}")]
async fn every_path(_: Request<Body>) -> &'static str {
    "taken"
}

/// A route in the source takes precedence.
#[function(post = "/_omnifn/hook")]
async fn hook(body: String) -> String {
    format!("hooked {body}")
}

#[function(queue = "orders")]
async fn settle(_: Message) {}

fn post(path: &str) -> Request<Bytes> {
    let request = Request::post(format!("http://example.com{path}")).header("content-type", "application/json");
    request.body(Bytes::from_static(b"{}")).expect("a request")
}

async fn statuses(new: fn() -> App, path: &str) -> Vec<(String, u16)> {
    let everywhere = Testing::new(new).request_everywhere(|| post(path)).await;
    let all = everywhere.into_iter().map(|answered| {
        let response = answered.response.unwrap_or_else(|e| panic!("{} {}: {e}", answered.provider, answered.shape));
        (format!("{}, {}, {path}", answered.provider, answered.shape), response.status().as_u16())
    });
    all.collect()
}

#[tokio::test]
async fn an_event_that_no_function_takes_is_refused() {
    let apps: [fn() -> App; 5] = [
        || omnifn::app!(everything),
        || omnifn::app!(every_path, hook),
        || omnifn::app!(everything, every_path, hook, settle),
        || omnifn::app!(everything, settle).only("everything"),
        || omnifn::app!(every_path, hook, settle).only("every_path, hook"),
    ];
    for new in apps {
        for path in ["/_omnifn/other", "/_omnifn/", "/_omnifn/hook/more"] {
            for (shape, status) in statuses(new, path).await {
                assert_eq!(status, 404, "{shape}");
            }
        }
        for (shape, status) in statuses(new, "/other").await {
            assert_eq!(status, 200, "{shape}");
        }
    }
    // One that is not served is not there.
    for new in [apps[3], apps[4]] {
        for (shape, status) in statuses(new, "/_omnifn/settle").await {
            assert_eq!(status, 404, "{shape}");
        }
    }
    for new in [apps[1], apps[2], apps[4]] {
        for (shape, status) in statuses(new, "/_omnifn/hook").await {
            assert_eq!(status, 200, "{shape}");
        }
    }
}

/// The same in a program whose functions all take requests.
#[tokio::test]
async fn a_program_of_requests_refuses_events() {
    async fn refuses<A: Inverse>(adapter: A, shape: &str) {
        let provider = adapter.provider();
        let dispatch = Dispatch::new(adapter, omnifn::app!(everything).router().expect("an app"));
        let message = dispatch.adapter().write(shape, post("/_omnifn/settle")).expect("the shape carries it");
        let (head, payload) = dispatch.answer(message.map(Payload::Whole)).await.into_parts();
        let body = payload.collect(usize::MAX).await.expect("a body");
        let reply = dispatch.adapter().read(shape, http::Response::from_parts(head, body)).expect("a reply");
        assert_eq!(reply.status(), 404, "{provider}, {shape}");
    }
    let nothing = |_: &str| None;
    for shape in omnifn_gcp::Gcp::shapes() {
        refuses(omnifn_gcp::Gcp::new(&nothing), shape).await;
    }
    for shape in omnifn_azure::Azure::shapes() {
        refuses(omnifn_azure::Azure::new(&nothing), shape).await;
    }
    for shape in omnifn_local::Local::shapes() {
        refuses(omnifn_local::Local::new(&nothing), shape).await;
    }
    for shape in omnifn_aws::Aws::shapes() {
        refuses(omnifn_aws::Aws::new(&nothing), shape).await;
    }
}
