//! Batches by chance: every record is either done or reported, never both, never neither; and what has an order keeps it.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use omnifn::prelude::*;
use omnifn_aws::Aws;
use omnifn_core::{Event, Inverse, Payload};
use omnifn_runtime::dispatch::Dispatch;
use proptest::prelude::*;

/// What one record does, and to which group it belongs.
#[derive(Debug, Clone)]
struct One {
    group: u8,
    act: u8,
}

/// The records that were started, in order, and those that were done.
#[derive(Clone, Default)]
struct Noted(Arc<Mutex<(Vec<usize>, Vec<usize>)>>);

#[function(queue = "orders", concurrency = 3)]
async fn take(message: Message<(usize, u8)>, State(noted): State<Noted>) -> Result<()> {
    let (number, act) = message.body;
    noted.0.lock().expect("no panic while it is held").0.push(number);
    for _ in 0..act % 4 {
        tokio::task::yield_now().await;
    }
    match act {
        0..=3 => return Err(Error::retry("later")),
        4 => return Err(Error::reject("never")),
        5 => panic!("on purpose"),
        6 => {
            noted.0.lock().expect("no panic while it is held").1.push(number);
            return Err(Error::discard("it does not matter"));
        }
        _ => {}
    }
    noted.0.lock().expect("no panic while it is held").1.push(number);
    Ok(())
}

/// A clock that has a deadline some calls away.
fn clock() -> SystemTime {
    thread_local!(static CALLS: std::cell::Cell<u64> = const { std::cell::Cell::new(0) });
    let calls = CALLS.with(|calls| calls.replace(calls.get() + 1));
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000) + Duration::from_millis(calls)
}

fn events(ones: &[One]) -> Vec<Event> {
    let event = |(number, one): (usize, &One)| {
        // One that cannot be read.
        let body = if one.act == 255 { "[]".to_owned() } else { format!("[{number}, {}]", one.act) };
        let mut message = Message::new(Bytes::from(body));
        message.id = Some(format!("id-{number}"));
        message.key = Some(format!("group-{}", one.group));
        Event::from(message)
    };
    ones.iter().enumerate().map(event).collect()
}

fn deliver(shape: &str, ones: &[One], millis: Option<u64>) -> Result<(), TestCaseError> {
    let noted = Noted::default();
    let app = omnifn::app!(take).state(noted.clone());
    let spec = app.specs().next().expect("a function");
    let dispatch = Dispatch::new(Aws::new(&|_: &str| None), app.router().expect("an app")).with_clock(clock);
    let mut message = dispatch.adapter().write_events(shape, spec, events(ones)).expect("SQS carries it");
    if let Some(millis) = millis {
        let deadline = omnifn_core::event::time::to_millis(clock()) + millis;
        message.headers_mut().insert("lambda-runtime-deadline-ms", deadline.into());
    }
    let (head, body) = message.clone().into_parts();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    let reply = runtime.block_on(dispatch.answer(http::Request::from_parts(head, Payload::Whole(body))));
    let reply = reply.map(|payload| payload.whole().expect("a whole reply").clone());
    let acknowledged = dispatch.adapter().read_outcomes(shape, &message, reply).expect("a reply that Lambda reads");

    let (begun, done) = noted.0.lock().expect("no panic while it is held").clone();
    prop_assert_eq!(acknowledged.len(), ones.len());
    for (number, acknowledged) in acknowledged.iter().enumerate() {
        prop_assert_eq!(
            *acknowledged,
            done.contains(&number),
            "record {}: done and not reported, or the reverse",
            number
        );
        prop_assert!(begun.iter().filter(|other| **other == number).count() <= 1, "record {} was begun twice", number);
    }
    if shape == "sqs-fifo" {
        let mut groups: BTreeMap<u8, Vec<usize>> = BTreeMap::new();
        for (number, one) in ones.iter().enumerate() {
            groups.entry(one.group).or_default().push(number);
        }
        for numbers in groups.values() {
            let of_group: Vec<_> = begun.iter().copied().filter(|number| numbers.contains(number)).collect();
            let mut sorted = of_group.clone();
            sorted.sort_unstable();
            prop_assert_eq!(&of_group, &sorted, "a group lost its order");
            let first_not_done = numbers.iter().position(|number| !done.contains(number)).unwrap_or(numbers.len());
            prop_assert!(
                numbers[first_not_done..].iter().all(|number| !done.contains(number)),
                "a group went on after a failure"
            );
        }
    }
    Ok(())
}

fn ones() -> impl Strategy<Value = Vec<One>> {
    let act = prop_oneof![6 => 7_u8..40, 2 => 0_u8..7, 1 => Just(255_u8)];
    prop::collection::vec((0_u8..3, act).prop_map(|(group, act)| One { group, act }), 0..10)
}

/// `OMNIFN_CASES=100000` runs as many.
fn cases() -> ProptestConfig {
    let cases = std::env::var("OMNIFN_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(1000);
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases) }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn no_record_is_lost_or_doubled(ones in ones(), millis in prop::option::of(0_u64..60), fifo: bool) {
        deliver(if fifo { "sqs-fifo" } else { "sqs" }, &ones, millis)?;
    }

    #[test]
    fn a_batch_acknowledges_what_it_has_done(ones in ones(), fifo: bool) {
        deliver_batch(if fifo { "sqs-fifo" } else { "sqs" }, &ones)?;
    }
}

/// Fails and discards as `take` does, and handles all records of a delivery.
#[function(queue = "orders")]
async fn take_all(batch: Batch<Message<(usize, u8)>>) -> Vec<Result<()>> {
    let outcome = |message: Message<(usize, u8)>| match message.body.1 {
        0..=3 | 5 => Err(Error::retry("later")),
        4 => Err(Error::reject("never")),
        6 => Err(Error::discard("it does not matter")),
        _ => Ok(()),
    };
    batch.into_iter().map(outcome).collect()
}

fn deliver_batch(shape: &str, ones: &[One]) -> Result<(), TestCaseError> {
    let app = omnifn::app!(take_all);
    let spec = app.specs().next().expect("a function");
    let dispatch = Dispatch::new(Aws::new(&|_: &str| None), app.router().expect("an app"));
    let message = dispatch.adapter().write_events(shape, spec, events(ones)).expect("SQS carries it");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    let reply = runtime.block_on(dispatch.answer(message.clone().map(Payload::Whole)));
    let reply = reply.map(|payload| payload.whole().expect("a whole reply").clone());
    let acknowledged = dispatch.adapter().read_outcomes(shape, &message, reply).expect("a reply that Lambda reads");

    // After the first failure of a group, nothing of it is acknowledged.
    let mut stopped = std::collections::BTreeSet::new();
    let wanted = ones.iter().map(|one| {
        let fails = matches!(one.act, 0..=5 | 255);
        if fails && shape == "sqs-fifo" {
            stopped.insert(one.group);
        }
        !fails && !stopped.contains(&one.group)
    });
    prop_assert_eq!(acknowledged, wanted.collect::<Vec<_>>());
    Ok(())
}

/// How long a function has kept its thread busy, in milliseconds.
static BUSY: AtomicU64 = AtomicU64::new(0);

#[function(queue = "orders", concurrency = 9)]
async fn busy(message: Message<usize>, State(noted): State<Noted>) {
    noted.0.lock().expect("no panic while it is held").0.push(message.body);
    BUSY.fetch_add(400, Ordering::Relaxed);
    tokio::task::yield_now().await;
}

/// The numbers of records as they begin and end.
#[function(queue = "orders", concurrency = 1)]
async fn one_by_one(message: Message<usize>, State(noted): State<Noted>) {
    noted.0.lock().expect("no panic while it is held").0.push(message.body);
    tokio::task::yield_now().await;
    noted.0.lock().expect("no panic while it is held").0.push(message.body);
}

#[test]
fn with_a_concurrency_of_one_records_run_one_after_another() {
    let noted = Noted::default();
    let app = omnifn::app!(one_by_one).state(noted.clone());
    let spec = app.specs().next().expect("a function");
    let dispatch = Dispatch::new(Aws::new(&|_: &str| None), app.router().expect("an app"));
    let events = (0..3).map(|number| Event::from(Message::new(Bytes::from(number.to_string())))).collect();
    let message = dispatch.adapter().write_events("sqs", spec, events).expect("SQS carries it");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    runtime.block_on(dispatch.answer(message.map(Payload::Whole)));
    assert_eq!(noted.0.lock().expect("no panic while it is held").0, [0, 0, 1, 1, 2, 2]);
}

#[test]
fn whether_it_is_late_is_asked_when_a_record_begins() {
    let clock = || SystemTime::UNIX_EPOCH + Duration::from_millis(1_800_000_000_000 + BUSY.load(Ordering::Relaxed));
    let noted = Noted::default();
    let app = omnifn::app!(busy).state(noted.clone());
    let spec = app.specs().next().expect("a function");
    let dispatch = Dispatch::new(Aws::new(&|_: &str| None), app.router().expect("an app")).with_clock(clock);
    let events = (0..6).map(|number| Event::from(Message::new(Bytes::from(number.to_string())))).collect();
    let mut message = dispatch.adapter().write_events("sqs", spec, events).expect("SQS carries it");
    message.headers_mut().insert("lambda-runtime-deadline-ms", 1_800_000_001_000_u64.into());
    let (head, body) = message.into_parts();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    runtime.block_on(dispatch.answer(http::Request::from_parts(head, Payload::Whole(body))));
    // At 0, 400 and 800 ms of 1000, and none later.
    assert_eq!(noted.0.lock().expect("no panic while it is held").0, [0, 1, 2]);
}
