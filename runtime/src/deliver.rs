//! The records of a delivery, each through its function: side by side where they may, in order where they must.

use std::{
    collections::{HashMap, hash_map::Entry},
    future::poll_fn,
    task::{self, Poll},
    time::Duration,
    vec,
};

use futures_util::stream::{FuturesUnordered, StreamExt};
use omnifn_core::{Context, Delivering, Error, Event, Options, Outcome, Record, Router, Spec, Trigger};

use crate::{deadline, log, span::Span};

/// What is the same for all records of a delivery.
pub(crate) struct Deliverer<'r> {
    router: &'r Router,
    function: &'static Spec,
    /// That of the delivery.
    context: &'r Context,
    /// That of the delivery.
    span: &'r Span,
    /// The messaging system that it came through.
    system: Option<&'static str>,
    /// So little time that no further record is begun: twice what a function is cancelled before the deadline.
    margin: Option<Duration>,
}

/// A record, and its place in the delivery.
type Placed = (usize, Record);

/// Records that run one after another.
type Lane = vec::IntoIter<Placed>;

/// A record that its function has.
struct Running {
    index: usize,
    context: Context,
    span: Span,
    id: Option<String>,
    future: deadline::Begun<Delivering>,
}

impl<'r> Deliverer<'r> {
    /// Of the delivery in this context and span.
    pub(crate) fn new(
        router: &'r Router,
        function: &'static Spec,
        context: &'r Context,
        span: &'r Span,
        system: Option<&'static str>,
    ) -> Self {
        let margin = context.remaining().map(|remaining| router.limits().margin(remaining) * 2);
        Deliverer { router, function, context, span, system, margin }
    }

    /// What became of each record, in their order. Every one of them is in it.
    pub(crate) async fn deliver(&self, records: Vec<Record>) -> Vec<Outcome> {
        let mut outcomes = vec![Outcome::NotBegun; records.len()];
        let mut note = |index: usize, outcome| {
            if let Some(place) = outcomes.get_mut(index) {
                *place = outcome;
            }
        };
        let (alone, grouped) = match records.iter().any(|record| record.group.is_some()) {
            true => (Vec::new(), in_groups(records)),
            false => (records, Vec::new()),
        };
        let (mut alone, mut grouped) = (alone.into_iter().enumerate(), grouped.into_iter());
        let at_once = self.function.options.concurrency.unwrap_or(Options::CONCURRENCY).max(1);
        // Where no record waits for anything, there is nothing to be kept.
        let mut waiting = None;
        loop {
            poll_fn(|cx| {
                while waiting.as_ref().map_or(0, FuturesUnordered::len) < at_once as usize {
                    let (running, behind) = match alone.next() {
                        Some((index, record)) => match self.attempt(index, record, cx) {
                            Ok(outcome) => {
                                note(index, outcome);
                                continue;
                            }
                            Err(running) => (running, Lane::default()),
                        },
                        None => {
                            let Some(mut lane) = grouped.next() else { break };
                            match self.start(&mut lane, &mut note, cx) {
                                Some(running) => (running, lane),
                                None => continue,
                            }
                        }
                    };
                    waiting.get_or_insert_with(FuturesUnordered::new).push(self.go_on(running, behind));
                }
                Poll::Ready(())
            })
            .await;
            let next = match &mut waiting {
                Some(waiting) => waiting.next().await,
                None => None,
            };
            let Some(done) = next else { break };
            done.into_iter().for_each(|(index, outcome)| note(index, outcome));
        }
        let left = outcomes.iter().filter(|outcome| matches!(outcome, Outcome::NotBegun)).count();
        if left > 0 {
            log::not_begun(self.context, left, outcomes.len());
        }
        outcomes
    }

    /// Begins one record after another, as long as each ends well and at once. Gives one that does not end yet.
    fn start(
        &self,
        lane: &mut Lane,
        mut note: impl FnMut(usize, Outcome),
        cx: &mut task::Context<'_>,
    ) -> Option<Box<Running>> {
        for (index, record) in lane {
            let outcome = match self.attempt(index, record, cx) {
                Ok(outcome) => outcome,
                Err(running) => return Some(running),
            };
            let goes_on = outcome.is_acknowledged();
            note(index, outcome);
            if !goes_on {
                break;
            }
        }
        None
    }

    /// What became of a record that is begun now, unless it is late; or the record, where it does not end at once.
    fn attempt(&self, index: usize, record: Record, cx: &mut task::Context<'_>) -> Result<Outcome, Box<Running>> {
        // The first record of all has all the time that there is.
        if index > 0 && self.is_late() {
            return Ok(Outcome::NotBegun);
        }
        match self.begin(index, record) {
            Ok(mut running) => match deadline::poll(&mut running.future, cx) {
                Poll::Ready(result) => Ok(running.end(result)),
                Poll::Pending => Err(Box::new(running)),
            },
            Err(outcome) => Ok(outcome),
        }
    }

    /// Waits for a record, and goes on with those behind it, until one fails.
    async fn go_on(&self, running: Box<Running>, mut lane: Lane) -> Vec<(usize, Outcome)> {
        let mut done = Vec::with_capacity(1);
        let mut next = Some(running);
        while let Some(mut running) = next.take() {
            let limits = self.router.limits();
            let result = deadline::run(&running.context, limits, &mut running.future).await;
            let (index, outcome) = (running.index, running.end(result));
            let goes_on = outcome.is_acknowledged();
            done.push((index, outcome));
            if goes_on {
                let mut note = |index, outcome| done.push((index, outcome));
                next = poll_fn(|cx| Poll::Ready(self.start(&mut lane, &mut note, cx))).await;
            }
        }
        done
    }

    fn is_late(&self) -> bool {
        match (self.context.remaining(), self.margin) {
            (Some(remaining), Some(margin)) => remaining <= margin,
            _ => false,
        }
    }

    /// Gives a record to its function; or says at once what becomes of it.
    fn begin(&self, index: usize, record: Record) -> Result<Running, Outcome> {
        let (span, trace) = self.span.record(self.function, &record, self.context, self.system);
        let Record { event, mut id, raw, .. } = record;
        let context = self.context.for_record(trace, raw);
        log::attach(span.tracing(), &context);
        if let (Trigger::Storage(trigger), Ok(Event::Object(object))) = (&self.function.trigger, &event)
            && !trigger.takes(object)
        {
            log::filtered(&context, object.id.as_deref().or(id.as_deref()));
            span.done(None);
            return Err(Outcome::Filtered);
        }
        let own = event.as_ref().ok().and_then(Event::id).filter(|own| id.as_deref() != Some(*own));
        if let Some(own) = own {
            id = Some(own.to_owned());
        }
        let begun = event.and_then(|event| {
            let delivering = self.router.deliver(self.function, event, context.clone())?;
            deadline::begin(span.tracing().clone(), || delivering)
        });
        match begun {
            Ok(future) => Ok(Running { index, context, span, id, future }),
            Err(error) => Err(ended(&context, span, id.as_deref(), Err(error))),
        }
    }
}

impl Running {
    /// What became of it.
    fn end(self, result: Result<Result<(), Error>, Error>) -> Outcome {
        ended(&self.context, self.span, self.id.as_deref(), result.and_then(|ended| ended))
    }
}

fn ended(context: &Context, span: Span, id: Option<&str>, result: Result<(), Error>) -> Outcome {
    if let Err(error) = &result {
        log::failed_record(context, id, error);
    }
    span.done(result.as_ref().err());
    Outcome::from(result)
}

/// The records of each group in order; each of the others alone.
fn in_groups(records: Vec<Record>) -> Vec<Lane> {
    let mut lanes: Vec<Vec<Placed>> = Vec::new();
    let mut groups: HashMap<String, usize> = HashMap::new();
    for (index, mut record) in records.into_iter().enumerate() {
        if let Some(group) = record.group.take() {
            match groups.entry(group) {
                Entry::Occupied(there) => {
                    lanes[*there.get()].push((index, record));
                    continue;
                }
                Entry::Vacant(new) => drop(new.insert(lanes.len())),
            }
        }
        lanes.push(vec![(index, record)]);
    }
    lanes.into_iter().map(Vec::into_iter).collect()
}
