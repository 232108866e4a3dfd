//! Managed Instances: several events at once.

use crate::{
    runtime_api::{Next, RuntimeApi},
    start_with,
};

#[test]
fn four_events_are_in_flight_at_once() {
    let api = RuntimeApi::start();
    let mut process = start_with(&api, [("AWS_LAMBDA_MAX_CONCURRENCY", "4")]);
    meet(&api, "here");
    process.assert_alive("concurrent");
}

#[test]
fn no_more_than_configured_are_polled() {
    let api = RuntimeApi::start();
    let _process = start_with(&api, [("AWS_LAMBDA_MAX_CONCURRENCY", "3")]);
    let waiting = |count: usize| {
        api.wait("questions", |requests| {
            (requests.iter().filter(|r| r.method == "GET").count() >= count).then_some(())
        });
    };
    waiting(3);
    api.push(Next::event("one", "echo 1"));
    api.wait_for("/one/response");
    waiting(4);
    let requests = api.requests();
    let questions = requests.iter().filter(|request| request.method == "GET").count();
    assert_eq!((questions, requests.len()), (4, 5));
}

#[test]
fn every_worker_lives_through_failed_invocations() {
    let api = RuntimeApi::start();
    let mut process = start_with(&api, [("AWS_LAMBDA_MAX_CONCURRENCY", "4")]);
    for i in 0..24 {
        api.push(match i % 3 {
            0 => Next::event(&format!("bad-{i}"), "adapter panics"),
            1 => Next::event(&format!("bad-{i}"), "panic now"),
            _ => Next::raw("").closing(),
        });
    }
    meet(&api, "first");
    for i in (0..24).filter(|i| i % 3 < 2) {
        api.wait_for(&format!("/bad-{i}/error"));
    }
    process.assert_alive("failed invocations");
}

/// A worker that cannot read an event ends. When the last one has ended, all are started again.
#[test]
fn workers_are_started_again() {
    let api = RuntimeApi::start();
    let mut process = start_with(&api, [("AWS_LAMBDA_MAX_CONCURRENCY", "4")]);
    for round in ["first", "second"] {
        meet(&api, round);
        for i in 0..4 {
            api.push(match i % 2 {
                0 => Next::event("lost", "echo").header("lambda-runtime-client-context", "{oops"),
                _ => Next::status(500),
            });
        }
    }
    meet(&api, "third");
    process.assert_alive("lost events");
    let again =
        process.log().into_iter().filter(|line| line.contains("WARN omnifn: the loop of `lambda_runtime` ended"));
    assert_eq!(again.count(), 2);
}

/// Four events, each of which waits for the others.
fn meet(api: &RuntimeApi, place: &str) {
    for i in 0..4 {
        api.push(Next::event(&format!("{place}-{i}"), format!("meet 4 {place}")));
    }
    for i in 0..4 {
        assert_eq!(api.wait_for(&format!("/{place}-{i}/response")).text(), "met");
    }
}
