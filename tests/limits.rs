//! The limit on the size of a request: that of the provider, unless the app sets another.

use bytes::Bytes;
use http::{Request, StatusCode};
use omnifn::prelude::*;
use omnifn_core::{Inverse, Payload};
use omnifn_runtime::dispatch::Dispatch;

const MIB: usize = 1024 * 1024;

#[function(post = "/length")]
async fn length(body: Bytes) -> String {
    body.len().to_string()
}

#[derive(Clone)]
struct Layer;

impl<S> tower_layer::Layer<S> for Layer {
    type Service = S;

    fn layer(&self, inner: S) -> S {
        inner
    }
}

fn nothing(_: &str) -> Option<String> {
    None
}

/// The statuses of a body of this length, and of one byte more.
async fn statuses<A: Inverse>(new: impl Fn() -> A, shape: &str, app: fn() -> App, bytes: usize) -> [StatusCode; 2] {
    let mut statuses = [StatusCode::OK; 2];
    for (status, length) in statuses.iter_mut().zip([bytes, bytes + 1]) {
        let dispatch = Dispatch::new(new(), app().router().expect("an app"));
        let request = Request::post("http://example.com/length").body(Bytes::from(vec![b'a'; length]));
        let message = dispatch.adapter().write(shape, request.expect("a request")).expect("the shape carries it");
        let reply = dispatch.answer(message.map(Payload::Whole)).await;
        let (head, payload) = reply.into_parts();
        let body = payload.collect(usize::MAX).await.expect("a body");
        let reply = dispatch.adapter().read(shape, http::Response::from_parts(head, body)).expect("a reply");
        *status = reply.status();
    }
    statuses
}

#[tokio::test]
async fn each_provider_has_its_limit() {
    const EXPECTED: [StatusCode; 2] = [StatusCode::OK, StatusCode::PAYLOAD_TOO_LARGE];
    let plain: fn() -> App = || omnifn::app!(length);
    let layered: fn() -> App = || omnifn::app!(length; layer = Layer);
    for app in [plain, layered] {
        let aws = || omnifn_aws::Aws::new(&nothing);
        for shape in omnifn_aws::Aws::shapes() {
            assert_eq!(statuses(aws, shape, app, 6 * MIB).await, EXPECTED, "{shape}");
        }
        let gcp = || omnifn_gcp::Gcp::new(&nothing);
        assert_eq!(statuses(gcp, "http/1.1", app, 32 * MIB).await, EXPECTED);
        let local = || omnifn_local::Local::new(&nothing);
        assert_eq!(statuses(local, "http/1.1", app, 32 * MIB).await, EXPECTED);
        let settings = |name: &str| (name == "FUNCTIONS_REQUEST_BODY_SIZE_LIMIT").then(|| "1000".to_owned());
        let azure = || omnifn_azure::Azure::new(&settings);
        for shape in omnifn_azure::Azure::shapes() {
            assert_eq!(statuses(azure, shape, app, 1000).await, EXPECTED, "{shape}");
        }
    }
    assert_eq!(omnifn_core::Adapter::body_limit(&omnifn_azure::Azure::new(&nothing)), 104_857_600);
}

/// The app's setting takes precedence over the provider's limit, in both directions.
#[tokio::test]
async fn the_app_s_own_limit_counts() {
    let small: fn() -> App = || omnifn::app!(length).body_limit(10);
    let large: fn() -> App = || omnifn::app!(length).body_limit(7 * MIB);
    let aws = || omnifn_aws::Aws::new(&nothing);
    for (app, limit) in [(small, 10), (large, 7 * MIB)] {
        assert_eq!(statuses(aws, "http-api-v2", app, limit).await, [StatusCode::OK, StatusCode::PAYLOAD_TOO_LARGE]);
    }
}
