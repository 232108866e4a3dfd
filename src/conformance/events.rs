//! Events: what a function receives, and the outcome of an event whose function fails.

mod batch;
mod carried;
mod exchange;
mod functions;
mod poison;
mod sample;

use omnifn_core::{Event, Inverse, Spec, event::Class};

use super::{report::CaseReport, setup::Conformance};

pub(super) use carried::carried;
pub use carried::{Carried, Failures, Kept};
pub(super) use poison::poison;

/// Returns the suite's function that receives events of a class in a shape.
pub(super) fn spec<A: Inverse>(class: Class, shape: &str) -> &'static Spec {
    exchange::spec::<A>(class, shape)
}

/// An event of a class.
pub(super) fn sample(class: Class) -> Event {
    sample::acting(class, "ok").event
}

/// The action of a function, and whether its event is acknowledged: events that are done or discarded are, no others.
const ACTS: [(&str, &str, bool); 6] = [
    ("ok", "an event that is done is acknowledged", true),
    ("retry", "an event that is to be delivered again is not acknowledged", false),
    ("plain error", "an event with any other error is not acknowledged", false),
    ("reject", "a rejected event is not acknowledged", false),
    ("discard", "a discarded event is acknowledged", true),
    ("panic", "an event whose function panics is not acknowledged", false),
];

/// The actions for the records of a batch.
const BATCHES: [&[&str]; 7] = [
    &["ok", "ok", "retry", "ok"],
    &["retry", "ok", "ok"],
    &["ok", "discard"],
    &["reject", "retry"],
    &["ok", "ok", "ok"],
    &["panic", "ok"],
    &["ok"],
];

/// Runs all cases in a shape.
pub(super) async fn run<A: Inverse>(suite: &Conformance<A>, class: Class, shape: &'static str) -> Vec<CaseReport> {
    let mut cases = Vec::new();
    for (act, name, is_acknowledged) in ACTS {
        let result = suite.act(class, shape, act, is_acknowledged).await;
        cases.push(suite.case(shape, name.to_owned(), result));
    }
    let name = "an event that cannot be decoded is not acknowledged, and no function sees it";
    cases.push(suite.case(shape, name.to_owned(), suite.undecodable(class, shape).await));
    let name = "of several events, one fails: no event is acknowledged that is not done";
    cases.push(suite.case(shape, name.to_owned(), suite.one_of_several(class, shape).await));
    let name = "a delivery without events is a success";
    cases.push(suite.case(shape, name.to_owned(), suite.no_events(class, shape).await));
    let name = "a function sees the provider's own bytes, and its context";
    cases.push(suite.case(shape, name.to_owned(), suite.raw(class, shape).await));
    // A schedule has no batches.
    if class != Class::Schedule {
        let name = "a function that handles the whole delivery: each record has its own outcome";
        cases.push(suite.case(shape, name.to_owned(), suite.batches(class, shape).await));
        let name = "a function that handles the whole delivery does not see a record that cannot be decoded";
        cases.push(suite.case(shape, name.to_owned(), suite.undecodable_in_batch(class, shape).await));
    }
    cases
}

impl<A: Inverse> Conformance<A> {
    async fn act(&self, class: Class, shape: &str, act: &str, is_acknowledged: bool) -> Result<(), String> {
        let run = self.deliver_one(class, shape, sample::acting(class, act)).await?;
        if run.acknowledged == [is_acknowledged] && run.seen.len() == 1 {
            return Ok(());
        }
        let (found, calls) = (run.acknowledged, run.seen.len());
        Err(format!("acknowledged {found:?} after {calls} calls, expected [{is_acknowledged}] after one"))
    }

    async fn undecodable(&self, class: Class, shape: &str) -> Result<(), String> {
        let Some(event) = sample::undecodable(class) else { return Ok(()) };
        let run = self.deliver_one(class, shape, event).await?;
        match (run.acknowledged.as_slice(), run.seen.len()) {
            ([false], 0) => Ok(()),
            (acknowledged, calls) => Err(format!("acknowledged {acknowledged:?} after {calls} calls")),
        }
    }

    async fn one_of_several(&self, class: Class, shape: &str) -> Result<(), String> {
        let Some(run) = self.deliver(class, shape, sample::several(class, BATCHES[0])).await? else { return Ok(()) };
        if run.acknowledged.len() != 4 || run.acknowledged[2] {
            return Err(format!("acknowledged {:?}", run.acknowledged));
        }
        for (number, acknowledged) in run.acknowledged.iter().enumerate() {
            if *acknowledged && !run.done.contains(&number) {
                return Err(format!("event {number} is acknowledged, and only {:?} are done", run.done));
            }
        }
        Ok(())
    }

    async fn no_events(&self, class: Class, shape: &str) -> Result<(), String> {
        let Some(run) = self.deliver(class, shape, Vec::new()).await? else { return Ok(()) };
        match (run.acknowledged.as_slice(), run.seen.len()) {
            ([], 0) => Ok(()),
            (acknowledged, calls) => Err(format!("acknowledged {acknowledged:?} after {calls} calls")),
        }
    }

    async fn raw(&self, class: Class, shape: &str) -> Result<(), String> {
        let run = self.deliver_one(class, shape, sample::acting(class, "ok")).await?;
        match run.has_raw && run.has_context {
            true => Ok(()),
            false => Err(format!("the bytes are there: {}, the context: {}", run.has_raw, run.has_context)),
        }
    }

    async fn batches(&self, class: Class, shape: &str) -> Result<(), String> {
        for acts in BATCHES {
            let Some(batch) = self.deliver_batch(class, shape, sample::several(class, acts)).await? else { continue };
            let single = self.deliver(class, shape, sample::several(class, acts)).await?.ok_or("no single delivery")?;
            // A panic is the outcome of the whole batch.
            let expected = if acts.contains(&"panic") { vec![false; acts.len()] } else { single.acknowledged };
            if batch.acknowledged != expected {
                let found = batch.acknowledged;
                return Err(format!("{acts:?}: acknowledged {found:?}, and one by one {expected:?}"));
            }
        }
        Ok(())
    }

    async fn undecodable_in_batch(&self, class: Class, shape: &str) -> Result<(), String> {
        let Some(undecodable) = sample::undecodable(class) else { return Ok(()) };
        let alone = self.deliver_batch(class, shape, vec![undecodable]).await?;
        let run = alone.ok_or("the shape cannot carry one event")?;
        if run.acknowledged != [false] || !run.seen.is_empty() {
            return Err(format!("alone: acknowledged {:?}, {} were seen", run.acknowledged, run.seen.len()));
        }
        let mixed = || {
            let undecodable = sample::undecodable(class).into_iter();
            std::iter::once(sample::numbered(class, 7, "ok")).chain(undecodable).collect::<Vec<_>>()
        };
        let Some(run) = self.deliver_batch(class, shape, mixed()).await? else { return Ok(()) };
        let expected = self.deliver(class, shape, mixed()).await?.ok_or("no single delivery")?.acknowledged;
        match run.acknowledged == expected && run.seen.len() == 1 {
            true => Ok(()),
            false => {
                let (found, calls) = (run.acknowledged, run.seen.len());
                Err(format!("acknowledged {found:?}, expected {expected:?}; {calls} were seen"))
            }
        }
    }
}
