//! Whoever may publish to a bus, a broker, or a topic can choose the type of an event: a function that declares a source takes the events of
//! that source only, on every provider.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use http::Request;
use omnifn::{bytes::Bytes, prelude::*};
use omnifn_aws::Aws;
use omnifn_azure::Azure;
use omnifn_core::{Event, Inverse, Payload, Peer};
use omnifn_gcp::Gcp;
use omnifn_local::Local;
use omnifn_runtime::dispatch::Dispatch;
use serde_json::Value;

#[derive(Clone, Default)]
struct Runs(Arc<AtomicUsize>);

#[function(event = "order.placed", source = "com.shop.orders")]
async fn placed(_: CloudEvent<Value>, State(runs): State<Runs>) {
    runs.0.fetch_add(1, Ordering::Relaxed);
}

#[function(event = "order.placed", source = "com.shop.orders")]
async fn all(batch: Batch<CloudEvent<Value>>, State(runs): State<Runs>) {
    runs.0.fetch_add(batch.len(), Ordering::Relaxed);
}

#[function(event = "order.placed")]
async fn any(_: CloudEvent<Value>, State(runs): State<Runs>) {
    runs.0.fetch_add(1, Ordering::Relaxed);
}

fn event(id: &str, source: &str) -> Event {
    let mut event = CloudEvent::new(id, source, "order.placed", Bytes::from_static(b"{}"));
    event.data_content_type = Some("application/json".to_owned());
    event.into()
}

fn answer<A: Inverse>(dispatch: &Dispatch<A>, message: &Request<Bytes>, shape: &str) -> Vec<bool> {
    let mut request = message.clone().map(Payload::Whole);
    request.extensions_mut().insert(Peer(([127, 0, 0, 1], 1).into()));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let reply = runtime.block_on(async {
        let (head, payload) = dispatch.answer(request).await.into_parts();
        http::Response::from_parts(head, payload.collect(usize::MAX).await.expect("a body"))
    });
    // A reply that the provider takes for a failed invocation acknowledges nothing.
    dispatch.adapter().read_outcomes(shape, message, reply).unwrap_or_default()
}

/// Delivers an event of a source to each of the functions in each shape. Returns how often one ran.
fn deliver<A: Inverse>(new: impl Fn() -> A, source: &str) -> usize {
    let mut deliveries = 0;
    for (app, takes_all) in [(omnifn::app!(placed), false), (omnifn::app!(all), false), (omnifn::app!(any), true)] {
        let runs = Runs::default();
        let dispatch = Dispatch::new(new(), app.state(runs.clone()).router().expect("an app"));
        let spec = dispatch.router().functions().single().expect("one function");
        for shape in A::event_shapes(spec.class()) {
            let message = dispatch.adapter().write_events(shape, spec, vec![event("1", source)]).expect("a message");
            let before = runs.0.load(Ordering::Relaxed);
            let acknowledged = answer(&dispatch, &message, shape);
            let has_run = runs.0.load(Ordering::Relaxed) - before;
            let is_taken = takes_all || source == "com.shop.orders";
            assert_eq!(has_run, usize::from(is_taken), "{shape}, {}, {source:?}", spec.name);
            assert_eq!(acknowledged.contains(&true), is_taken, "{shape}, {}, {source:?}", spec.name);
            deliveries += 1;
        }
    }
    deliveries
}

#[test]
fn an_event_of_another_source_does_not_run_the_function() {
    let nothing = |_: &str| None;
    for source in [
        "com.shop.orders",
        "com.evil.orders",
        "com.shop.order",
        "com.shop.orders.evil",
        "COM.SHOP.ORDERS",
        " com.shop.orders",
        "*",
    ] {
        let deliveries = deliver(|| Aws::new(&nothing), source)
            + deliver(|| Gcp::new(&nothing), source)
            + deliver(
                || Azure::new(&|name: &str| (name == "OMNIFN_AZURE_HTTP").then(|| "proxying".to_owned())),
                source,
            )
            + deliver(|| Local::new(&nothing), source);
        assert!(deliveries >= 3 * 8, "{deliveries}");
    }
}

/// Of a batch, only the events of other sources fail.
#[test]
fn an_event_of_another_source_fails_alone() {
    for app in [omnifn::app!(placed), omnifn::app!(all)] {
        let runs = Runs::default();
        let dispatch = Dispatch::new(Local::new(&|_: &str| None), app.state(runs.clone()).router().expect("an app"));
        let spec = dispatch.router().functions().single().expect("one function");
        let events = vec![event("1", "com.shop.orders"), event("2", "com.evil"), event("3", "com.shop.orders")];
        let message = dispatch.adapter().write_events("cloudevents-batch", spec, events).expect("a message");
        answer(&dispatch, &message, "cloudevents-batch");
        assert_eq!(runs.0.load(Ordering::Relaxed), 2, "{}", spec.name);
    }
}

mod of_partners {
    use super::*;

    #[derive(Clone, Default)]
    pub(super) struct Ran(pub(super) Arc<std::sync::Mutex<Vec<&'static str>>>);

    #[function(event = "order.placed", source = "com.shop.orders")]
    pub(super) async fn ours(_: CloudEvent<Value>, State(ran): State<Ran>) {
        ran.0.lock().expect("no panic").push("ours");
    }

    #[function(event = "order.placed", source = "com.partner")]
    pub(super) async fn theirs(_: CloudEvent<Value>, State(ran): State<Ran>) {
        ran.0.lock().expect("no panic").push("theirs");
    }

    #[function(event = "order.placed")]
    pub(super) async fn others(_: CloudEvent<Value>, State(ran): State<Ran>) {
        ran.0.lock().expect("no panic").push("others");
    }
}

/// In one Lambda function, an event is for the function that names its source.
#[test]
fn functions_of_one_type_and_several_sources() {
    use of_partners::{Ran, others, ours, theirs};
    for (with_others, expected) in [(true, ["ours", "theirs", "others"].as_slice()), (false, &["ours", "theirs"])] {
        let ran = Ran::default();
        let app = || if with_others { omnifn::app!(others, ours, theirs) } else { omnifn::app!(theirs, ours) };
        let router = app().state(ran.clone()).router().expect("an app");
        let dispatch = Dispatch::new(Aws::new(&|_: &str| None), router);
        let spec = dispatch.router().functions().named("ours").expect("a function");
        for source in ["com.shop.orders", "com.partner", "com.evil"] {
            let message = dispatch.adapter().write_events("eventbridge", spec, vec![event("1", source)]);
            answer(&dispatch, &message.expect("a message"), "eventbridge");
        }
        assert_eq!(*ran.0.lock().expect("no panic"), expected);
    }
}
