//! The provider passes the suite that omnifn's own providers pass.

use cloudevents::CloudEvents;
use omnifn::{conformance::Conformance, event::Class, prelude::*};
use omnifn_core::{Adapter, Decoded, Payload};

/// The suite's app serves HTTP functions, too, so its deployment declares that no client can reach it.
fn private(name: &str) -> Option<String> {
    (name == "OMNIFN_PRIVATE").then(|| "true".to_owned())
}

fn suite() -> Conformance<CloudEvents> {
    let absent = [Class::Queue, Class::Topic, Class::Stream, Class::Storage, Class::Schedule, Class::Changes];
    absent.into_iter().fold(Conformance::new(|_| CloudEvents::new(&private)), |suite, class| {
        suite.without(class, "a sender of CloudEvents sends nothing else")
    })
}

#[tokio::test]
async fn it_behaves_as_every_provider_does() {
    suite().run().await;
}

/// The suite is really run: it has these parts, and finds what is wrong.
#[tokio::test]
async fn the_suite_has_all_parts() {
    let (requests, events) = (suite().requests().await, suite().events().await);
    let shapes = |report: &omnifn::conformance::Report| report.shapes.iter().map(|of| of.shape).collect::<Vec<_>>();
    assert_eq!(shapes(&requests), ["http/1.1", "http/2"]);
    assert_eq!(shapes(&events), ["binary", "structured", "batch"]);
    // A service that clients can reach accepts no events.
    let open = Conformance::new(|_| CloudEvents::new(&|_: &str| None));
    let failures = open.events().await.failures();
    assert!(failures.iter().any(|failure| failure.starts_with("cloudevents, event, binary, ")), "{failures:?}");
}

#[function(queue = "orders")]
async fn orders(_: Message) {}

#[test]
fn a_function_that_it_has_no_events_for() {
    let error = CloudEvents::new(&private).check(&omnifn::app!(orders).functions()).expect_err("an error");
    assert!(error.to_string().starts_with("`orders` takes messages of a queue"), "{error}");
}

#[function(get = "/hello")]
async fn hello() {}

#[function(event = "order.placed")]
async fn placed(_: CloudEvent<Bytes>) {}

/// Beside HTTP functions, anyone could post an event.
#[test]
fn events_beside_http_functions_are_refused() {
    let mut adapter = CloudEvents::new(&|_: &str| None);
    adapter.serve(omnifn::app!(hello, placed).functions());
    let request =
        || omnifn::http::Request::post("/_omnifn/placed").body(Payload::Whole(Bytes::new())).expect("a request");
    assert!(matches!(adapter.decode(request()).1, Decoded::Refused(refusal) if refusal.error.status_code() == 404));
    adapter.serve(omnifn::app!(placed).functions());
    assert!(matches!(adapter.decode(request()).1, Decoded::Refused(refusal) if refusal.error.status_code() == 415));
}
