//! The fuzz targets with random bytes from seeds, for machines without cargo-fuzz: every message of every provider is answered, and
//! nothing panics. A failure names its seed.

use std::{
    cell::Cell,
    panic,
    sync::{Once, atomic::Ordering},
};

use arbitrary::{Arbitrary, Unstructured};
use omnifn_core::Adapter;

#[path = "../fuzz/src/cloud_events.rs"]
#[allow(missing_docs, unreachable_pub)]
mod cloud_events;
#[path = "../fuzz/src/json.rs"]
#[allow(missing_docs, unreachable_pub)]
mod json;
#[path = "../fuzz/src/messages.rs"]
#[allow(missing_docs, unreachable_pub)]
mod messages;
#[path = "support/random.rs"]
mod random;

use messages::{FUNCTIONS, Provider, RUNS};

thread_local! {
    static PANICS: Cell<usize> = const { Cell::new(0) };
}

/// Counts the panics of this thread: the dispatch catches those of an invocation.
fn count_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let print = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            PANICS.set(PANICS.get() + 1);
            print(info);
        }));
    });
}

fn with_random_bytes(cases: usize, mut pass: impl FnMut(&mut Unstructured<'_>)) {
    // What is refused is not printed.
    let _ = tracing::subscriber::set_global_default(tracing_subscriber::registry());
    count_panics();
    for seed in 0..random::cases(cases) as u64 {
        let bytes = random::bytes(seed, 16 + (seed as usize * 7) % 600);
        pass(&mut Unstructured::new(&bytes));
        assert_eq!(PANICS.get(), 0, "a panic with the seed {seed}");
    }
}

/// Sends all golden vectors, and changed ones. Each class must have run.
fn provider<A: Adapter>(provider: &Provider<A>) {
    with_random_bytes(1, |_| {});
    let before: Vec<_> = RUNS.iter().map(|runs| runs.load(Ordering::Relaxed)).collect();
    provider.pass_seeds();
    let ran = |before: &[usize]| {
        let runs = RUNS.iter().zip(before).map(|(runs, before)| runs.load(Ordering::Relaxed) - before);
        FUNCTIONS.into_iter().zip(runs).collect::<Vec<_>>()
    };
    assert_eq!(PANICS.get(), 0, "a panic with a golden vector");
    with_random_bytes(6_000, |bytes| {
        if let Ok(message) = messages::Message::arbitrary(bytes) {
            provider.pass(message);
        }
    });
    let runs = ran(&before);
    assert!(runs.iter().all(|(_, runs)| *runs > 0), "a class did not run: {runs:?}");
}

/// One test, because the runs are counted for the whole process.
#[test]
fn any_message_is_answered() {
    provider(&Provider::new("aws", omnifn_aws::Aws::new));
    provider(&Provider::new("gcp", omnifn_gcp::Gcp::new));
    provider(&Provider::new("azure", omnifn_azure::Azure::new));
    provider(&Provider::new("local", omnifn_local::Local::new));
}

#[test]
fn cloud_events_are_read_as_they_were_written() {
    with_random_bytes(15_000, |bytes| {
        if let Ok(events) = cloud_events::Events::arbitrary(bytes) {
            cloud_events::pass(events);
        }
    });
}
