//! The public suite `omnifn::conformance` over omnifn's own providers, every class of events and every shape in which they deliver them: what a
//! function sees, and what becomes of an event whose function fails, are the same everywhere. What a shape does not carry is found by what a
//! function sees, and written into EVENTS.md.

#[path = "events/nowhere.rs"]
mod nowhere;
#[path = "events/order.rs"]
mod order;
#[path = "events/table.rs"]
mod table;

use omnifn::{conformance::Conformance, prelude::*, testing::Testing};
use omnifn_core::{Event, Inverse};
use tokio::runtime::{Builder, Runtime};

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_time().build().expect("a runtime")
}

fn nothing(_: &str) -> Option<String> {
    None
}

/// The app serves an HTTP function, too, so its deployment declares that no client can reach it.
fn private(name: &str) -> Option<String> {
    (name == "OMNIFN_PRIVATE").then(|| "true".to_owned())
}

fn aws() -> Conformance<omnifn_aws::Aws> {
    // The events of these shapes do not say where they come from: the function is the only one, as its deployment declares.
    let suite = Conformance::new(|_| omnifn_aws::Aws::new(&nothing)).alone(&["iot-rule", "scheduler-input"]);
    suite.context::<omnifn::aws::LambdaContext>()
}

fn gcp() -> Conformance<omnifn_gcp::Gcp> {
    Conformance::new(|_| omnifn_gcp::Gcp::new(&private)).context::<omnifn::gcp::CloudRunContext>()
}

fn azure() -> Conformance<omnifn_azure::Azure> {
    Conformance::new(|_| omnifn_azure::Azure::new(&private)).context::<omnifn::azure::AzureContext>()
}

fn local() -> Conformance<omnifn_local::Local> {
    Conformance::new(|_| omnifn_local::Local::new(&nothing)).context::<omnifn::local::LocalContext>()
}

/// Every class has a shape on every provider, and every case holds.
fn check<A: Inverse>(suite: Conformance<A>) {
    suite.shapes().assert();
    let report = runtime().block_on(suite.events());
    assert!(report.shapes.len() >= 7, "{} shapes", report.shapes.len());
    report.assert();
}

fn check_poison<A: Inverse>(suite: Conformance<A>) {
    let report = runtime().block_on(suite.poison());
    assert!(report.shapes.len() >= 7, "{} shapes", report.shapes.len());
    report.assert();
}

#[test]
fn events_on_aws() {
    check(aws());
}

#[test]
fn events_on_gcp() {
    check(gcp());
}

#[test]
fn events_on_azure() {
    check(azure());
}

#[test]
fn events_on_local() {
    check(local());
}

#[test]
fn poison_on_aws() {
    check_poison(aws());
}

#[test]
fn poison_on_gcp() {
    check_poison(gcp());
}

#[test]
fn poison_on_azure() {
    check_poison(azure());
}

#[test]
fn poison_on_local() {
    check_poison(local());
}

#[function(queue = "discarded")]
async fn discarded(_: Batch<Message<u32>>) -> Result<()> {
    Err(Error::discard("it was seen before"))
}

/// An error for the batch is not one for the records that were never in it.
#[tokio::test]
async fn a_record_that_cannot_be_decoded_is_not_discarded() {
    let events = || {
        let message = |(id, body): (u32, &'static str)| {
            let mut message = Message::new(Bytes::from(body));
            message.id = Some(id.to_string());
            Event::from(message)
        };
        [(1, "7"), (2, "seven")].map(message).into()
    };
    for delivered in Testing::new(|| omnifn::app!(discarded)).deliver_everywhere("discarded", events).await {
        assert!(!delivered.records[1].is_acknowledged, "{}, {}", delivered.provider, delivered.shape);
    }
}

/// EVENTS.md, and the same as JSON for `cargo omnifn check`, say what each shape carries.
#[test]
fn the_tables_are_up_to_date() {
    let found = runtime().block_on(async {
        let all = [aws().carried().await, gcp().carried().await, azure().carried().await, local().carried().await];
        all.into_iter().flat_map(|carried| carried.expect("each shape carries an event")).collect::<Vec<_>>()
    });
    for (path, found) in [("EVENTS.md", table::text(&found)), ("cli/src/support/events.json", table::json(&found))] {
        let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
        if std::env::var_os("OMNIFN_BLESS").is_some() {
            std::fs::write(&file, &found).expect("the file can be written");
        }
        let there = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(there == found, "{path} is not what the suite found: OMNIFN_BLESS=1 cargo test --test events");
    }
}
