//! The records of a delivery, each through its function: side by side where they may, in order where they must.

use std::{collections::HashMap, pin::pin, time::Duration};

use futures_util::stream::{FuturesUnordered, StreamExt};
use omnifn_core::{Context, Delivery, Error, Event, Invocation, Options, Outcome, Record, Router, Spec, Trigger};

use crate::{deadline, log, otel::Span};

/// What is the same for all records of a delivery.
pub(crate) struct Deliverer<'r> {
    pub(crate) router: &'r Router,
    pub(crate) context: &'r (dyn Fn(Invocation) -> Context + Sync),
    /// That of the delivery.
    pub(crate) span: &'r Span,
}

impl Deliverer<'_> {
    /// What became of each record, in their order. Every one of them is in it.
    pub(crate) async fn deliver(&self, delivery: Delivery) -> Vec<Outcome> {
        let Delivery { function, records, invocation } = delivery;
        let whole = (self.context)(invocation.clone());
        let margin = whole.remaining().map(|remaining| self.router.limits().margin(remaining) * 2);
        let mut outcomes = vec![Outcome::NotBegun; records.len()];
        let mut lanes = lanes(records).into_iter();
        let at_once = function.options.concurrency.unwrap_or(Options::CONCURRENCY).max(1);
        let mut running = FuturesUnordered::new();
        loop {
            while running.len() < at_once as usize
                && let Some(lane) = lanes.next()
            {
                running.push(self.lane(function, lane, &invocation, &whole, margin));
            }
            let Some(done) = running.next().await else { break };
            for (index, outcome) in done {
                if let Some(place) = outcomes.get_mut(index) {
                    *place = outcome;
                }
            }
        }
        let left = outcomes.iter().filter(|outcome| matches!(outcome, Outcome::NotBegun)).count();
        if left > 0 {
            log::not_begun(&whole, left, outcomes.len());
        }
        outcomes
    }

    /// One record after another, until one fails or so little time is left that no further one is begun: twice what a function is
    /// cancelled before the deadline.
    async fn lane(
        &self,
        function: &'static Spec,
        lane: Vec<(usize, Record)>,
        invocation: &Invocation,
        whole: &Context,
        margin: Option<Duration>,
    ) -> Vec<(usize, Outcome)> {
        let mut done = Vec::with_capacity(lane.len());
        for (index, record) in lane {
            let is_late = match (whole.remaining(), margin) {
                (Some(remaining), Some(margin)) => remaining <= margin,
                _ => false,
            };
            // The first record of all has all the time that there is.
            if is_late && index > 0 {
                break;
            }
            let outcome = self.record(function, record, invocation).await;
            let goes_on = outcome.is_acknowledged();
            done.push((index, outcome));
            if !goes_on {
                break;
            }
        }
        done
    }

    async fn record(&self, function: &'static Spec, record: Record, invocation: &Invocation) -> Outcome {
        let Record { event, id, trace, raw, .. } = record;
        let mut invocation = invocation.clone();
        if trace.is_some() {
            invocation.trace = trace;
        }
        if raw.is_some() {
            invocation.raw = raw;
        }
        let span = self.span.record(function, event.as_ref().ok(), id.as_deref(), &mut invocation);
        let context = (self.context)(invocation);
        if let (Trigger::Storage(trigger), Ok(Event::Object(object))) = (&function.trigger, &event)
            && !trigger.takes(object)
        {
            log::filtered(&context, object.id.as_deref().or(id.as_deref()));
            span.done(None);
            return Outcome::Filtered;
        }
        let (event_id, result) = match event {
            Ok(event) => {
                let id = event.id().map(str::to_owned).or(id);
                (id, self.call(function, event, context.clone(), &span).await)
            }
            Err(error) => (id, Err(error)),
        };
        if let Err(error) = &result {
            log::failed_record(&context, event_id.as_deref(), error);
        }
        span.done(result.as_ref().err());
        Outcome::from(result)
    }

    async fn call(&self, function: &'static Spec, event: Event, context: Context, span: &Span) -> Result<(), Error> {
        let delivering = pin!(span.around(self.router.deliver(function, event, context.clone())));
        deadline::within(&context, self.router.limits(), delivering).await.and_then(|ended| ended)
    }
}

/// The records of each group in order; each of the others alone.
fn lanes(records: Vec<Record>) -> Vec<Vec<(usize, Record)>> {
    let mut lanes: Vec<Vec<(usize, Record)>> = Vec::new();
    let mut groups: HashMap<String, usize> = HashMap::new();
    for (index, mut record) in records.into_iter().enumerate() {
        let lane = match record.group.take() {
            Some(group) => *groups.entry(group).or_insert_with(|| {
                lanes.push(Vec::new());
                lanes.len() - 1
            }),
            None => {
                lanes.push(Vec::with_capacity(1));
                lanes.len() - 1
            }
        };
        lanes[lane].push((index, record));
    }
    lanes
}
