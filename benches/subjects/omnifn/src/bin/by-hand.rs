//! The function on omnifn's loop without omnifn's macro.

use http::{HeaderValue, Request, Response, header::CONTENT_TYPE};
use http_body_util::BodyExt;
use omnifn::{
    __private::{Deploy, Function, HttpTrigger, Location, Methods, Mount, Options, Route, Spec, Trigger},
    prelude::*,
};

struct Hello;

impl Function for Hello {
    const SPEC: &'static Spec = &Spec {
        name: "hello",
        trigger: Trigger::Http(HttpTrigger { routes: &[Route { methods: Methods::ANY, path: Some("/{*path}") }] }),
        options: Options::NONE,
        deploy: Deploy::NONE,
        grants: &[],
        secrets: &[],
        location: Location { module: module_path!(), file: file!(), line: line!() },
    };

    fn mount(self) -> Mount {
        Mount::handler(async |request: Request<Body>| {
            let (head, body) = request.into_parts();
            let body = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
            let words = common::hello(&head.method, &head.uri, &head.headers, &body);
            let mut response = Response::new(Body::from(words));
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(common::TEXT));
            response
        })
    }
}

fn main() -> std::process::ExitCode {
    omnifn::run(App::new().function(Hello))
}
