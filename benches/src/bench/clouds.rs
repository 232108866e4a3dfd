//! The same functions on every cloud: what each cloud's own wire form costs.

use std::path::Path;

use super::{
    case::run_of,
    count::{Tools, cost},
    drive::{Work, drive},
    events,
    subject::named,
    table::{Table, whole},
};

/// What this table is measured on.
pub(super) const SUBJECTS: [&str; 16] = [
    "omnifn aws",
    "omnifn gcp",
    "omnifn azure",
    "omnifn local",
    "omnifn aws echo",
    "omnifn gcp echo",
    "omnifn azure echo",
    "omnifn local echo",
    "omnifn aws queue",
    "omnifn gcp queue",
    "omnifn azure queue",
    "omnifn local queue",
    "omnifn aws storage",
    "omnifn gcp storage",
    "omnifn azure storage",
    "omnifn local storage",
];

/// As many bytes come back.
const BODY: usize = 75_000;

/// What each is given, in the order of the subjects.
fn works() -> [(&'static str, Work); 16] {
    let body = "x".repeat(BODY);
    [
        ("an HTTP API's event", Work::Event(events::http_api())),
        ("a request", Work::Request(events::http())),
        ("a request in the host's envelope", Work::Request(events::azure())),
        ("a request", Work::Request(events::http())),
        ("75 kB come back, in base64", Work::Event(events::http_api_base64(BODY))),
        ("75 kB come back", Work::Request(events::http_with(body.as_bytes(), 0))),
        ("75 kB come back, in the envelope", Work::Request(events::azure_with(&body))),
        ("75 kB come back", Work::Request(events::http_with(body.as_bytes(), 0))),
        ("ten messages of SQS", Work::Event(events::sqs(10))),
        ("a message that Pub/Sub pushes", Work::Request(events::pubsub())),
        ("ten messages of Service Bus", Work::Request(events::service_bus(10))),
        ("a message by hand", Work::Request(events::by_hand("settle?id=7", &events::order(1)))),
        ("a notification of S3", Work::Event(events::s3())),
        ("a CloudEvent of Eventarc", Work::Request(events::stored())),
        ("a CloudEvent of Event Grid", Work::Request(events::event_grid())),
        ("an object by hand", Work::Request(events::by_hand("stored?key=cat.jpg", "hello"))),
    ]
}

/// The table. An invocation that fails, or a body that does not come back, ends it.
pub(super) fn table(tools: Tools, scratch: &Path) -> Result<String, String> {
    let mut table = Table::new(&["subject", "it is given", "instructions", "allocations", "system calls"]);
    for (name, (what, work)) in SUBJECTS.into_iter().zip(works()) {
        eprintln!("clouds: {name}");
        let run = run_of(named(name)?, false);
        let reply = drive(&run, &work, 2)?.reply.body;
        let said = String::from_utf8_lossy(&reply);
        if name.ends_with("echo") && reply.len() < BODY {
            return Err(format!("{name} gives {} bytes back for {BODY}", reply.len()));
        }
        // Lambda takes a batch with failures in it for a success.
        if said.contains("itemIdentifier") {
            return Err(format!("{name}: {said}"));
        }
        let cost = cost(tools, &run, &work, (50, 250), scratch)?;
        let shown = |value: Option<f64>, shown: &dyn Fn(f64) -> String| value.map_or("not measured".to_owned(), shown);
        let one = |value: f64| format!("{value:.1}");
        table.row(&[
            name.to_owned(),
            what.to_owned(),
            shown(cost.instructions, &whole),
            shown(cost.allocations, &one),
            shown(cost.calls, &one),
        ]);
    }
    Ok(table.text())
}
