//! Managed Instances: several events at once.

use crate::{
    Loop,
    runtime_api::{Next, RuntimeApi},
};

#[test]
fn four_events_are_in_flight_at_once() {
    for driver in Loop::ALL {
        let api = RuntimeApi::start();
        let mut process = driver.start_with(&api, [("AWS_LAMBDA_MAX_CONCURRENCY", "4")]);
        // Each of them waits until all four have begun.
        for i in 0..4 {
            api.push(Next::event(&format!("meet-{i}"), "meet 4"));
        }
        for i in 0..4 {
            assert_eq!(api.wait_for(&format!("/meet-{i}/response")).text(), "met", "{driver:?}");
        }
        process.assert_alive("concurrent");
    }
}

#[test]
fn no_more_than_told_are_asked_for() {
    let api = RuntimeApi::start();
    let _process = Loop::Own.start_with(&api, [("AWS_LAMBDA_MAX_CONCURRENCY", "3")]);
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
fn every_worker_lives_through_bad_events() {
    let api = RuntimeApi::start();
    let mut process = Loop::Own.start_with(&api, [("AWS_LAMBDA_MAX_CONCURRENCY", "4")]);
    for i in 0..40 {
        api.push(match i % 5 {
            0 => Next::event(&format!("bad-{i}"), "adapter panics"),
            1 => Next::event(&format!("bad-{i}"), "panic now"),
            2 => Next::status(500),
            3 => Next::raw("").closing(),
            _ => Next::event(&format!("bad-{i}"), "echo hello").cut(4),
        });
    }
    for i in 0..4 {
        api.push(Next::event(&format!("meet-{i}"), "meet 4"));
    }
    for i in 0..4 {
        assert_eq!(api.wait_for(&format!("/meet-{i}/response")).text(), "met");
    }
    for i in (0..40).filter(|i| [0, 1, 4].contains(&(i % 5))) {
        api.wait_for(&format!("/bad-{i}/error"));
    }
    process.assert_alive("bad events");
}
