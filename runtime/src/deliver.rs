//! Gives each record of a delivery to the function: concurrently if the records are independent, and in order otherwise.

use std::{collections::HashMap, pin::pin, time::Duration};

use futures_util::stream::{self, StreamExt as _};
use omnifn_core::{Context, Error, Event, Options, Outcome, Record, Router, Spec, Trigger};
use tracing::Instrument as _;

use crate::{deadline, log, span::Span};

/// The delivery that the records belong to.
pub(crate) struct Deliverer<'r> {
    router: &'r Router,
    function: &'static Spec,
    context: &'r Context,
    span: &'r Span,
    /// The messaging system that sent the delivery.
    system: Option<&'static str>,
    /// No further record is started when only this much time is left: twice the margin before the deadline at which a function is
    /// cancelled.
    margin: Option<Duration>,
}

/// A record and its position in the delivery.
type Positioned = (usize, Record);

impl<'r> Deliverer<'r> {
    pub(crate) fn new(
        router: &'r Router,
        function: &'static Spec,
        context: &'r Context,
        span: &'r Span,
        system: Option<&'static str>,
    ) -> Self {
        let margin = context.remaining().map(|remaining| router.limits().margin(remaining).saturating_mul(2));
        Deliverer { router, function, context, span, system, margin }
    }

    /// Delivers the records and returns one outcome for each, in their order.
    pub(crate) async fn deliver(&self, records: Vec<Record>) -> Vec<Outcome> {
        let outcomes = match self.router.takes_batches(self.function) {
            true => self.deliver_batch(records).await,
            false => self.deliver_each(records).await,
        };
        let left = outcomes.iter().filter(|outcome| matches!(outcome, Outcome::NotBegun)).count();
        if left > 0 {
            log::not_begun(self.context, left, outcomes.len());
        }
        outcomes
    }

    /// Gives each record to the function: concurrently up to the function's limit, and those of one group in order.
    async fn deliver_each(&self, records: Vec<Record>) -> Vec<Outcome> {
        let mut outcomes = vec![Outcome::NotBegun; records.len()];
        let limit = self.function.options.concurrency.unwrap_or(Options::CONCURRENCY).max(1) as usize;
        let mut lanes = stream::iter(lanes(records)).map(|lane| self.run_lane(lane)).buffer_unordered(limit);
        while let Some(finished) = lanes.next().await {
            for (index, outcome) in finished {
                outcomes[index] = outcome;
            }
        }
        outcomes
    }

    /// Gives all records to a function that takes them at once, except those that its trigger filters out.
    async fn deliver_batch(&self, records: Vec<Record>) -> Vec<Outcome> {
        let mut outcomes = vec![Outcome::NotBegun; records.len()];
        let (mut given, mut positions) = (Vec::with_capacity(records.len()), Vec::new());
        for (index, mut record) in records.into_iter().enumerate() {
            let id = record_id(&record);
            if let Some(warning) = record.warning.take() {
                log::warning_of_record(self.context, id.as_deref(), &warning);
            }
            if self.is_filtered(&record.event) {
                log::filtered(self.context, id.as_deref());
                outcomes[index] = Outcome::Filtered;
            } else {
                record.event = self.of_declared_source(record.event);
                positions.push((index, id));
                given.push(record);
            }
        }
        if given.is_empty() {
            return outcomes;
        }
        match self.run_batch(given).await {
            Ok(results) => {
                for ((index, id), outcome) in positions.into_iter().zip(results) {
                    if let Some(error) = outcome.error() {
                        log::failed_record(self.context, id.as_deref(), error);
                    }
                    outcomes[index] = outcome;
                }
            }
            Err(error) => {
                log::failed_record(self.context, None, &error);
                positions.into_iter().for_each(|(index, _)| outcomes[index] = Outcome::Failed(error.clone()));
            }
        }
        outcomes
    }

    async fn run_batch(&self, records: Vec<Record>) -> Result<Vec<Outcome>, Error> {
        let context = self.context.for_record(None, None);
        let function = self.router.deliver_batch(self.function, records, context.clone())?;
        let function = pin!(function.instrument(self.span.tracing().clone()));
        deadline::run(&context, self.router.limits(), function).await?
    }

    /// Runs records one after another until one fails or the time is up. The others are left for the next delivery.
    async fn run_lane(&self, lane: Vec<Positioned>) -> Vec<(usize, Outcome)> {
        let mut outcomes = Vec::with_capacity(lane.len());
        for (index, record) in lane {
            // The first record of a delivery is always started: it has all the time that there is.
            if index > 0 && self.is_late() {
                break;
            }
            let outcome = self.run_record(record).await;
            let continues = outcome.is_acknowledged();
            outcomes.push((index, outcome));
            if !continues {
                break;
            }
        }
        outcomes
    }

    async fn run_record(&self, record: Record) -> Outcome {
        let (span, trace) = self.span.record(self.function, &record, self.context, self.system);
        let id = record_id(&record);
        let Record { event, raw, warning, .. } = record;
        let context = self.context.for_record(trace, raw);
        log::attach(span.tracing(), &context);
        if let Some(warning) = warning {
            log::warning_of_record(&context, id.as_deref(), &warning);
        }
        if self.is_filtered(&event) {
            log::filtered(&context, id.as_deref());
            span.done(None);
            return Outcome::Filtered;
        }
        let result = match self.of_declared_source(event) {
            Ok(event) => self.run_function(event, &context, &span).await,
            Err(error) => Err(error),
        };
        if let Err(error) = &result {
            log::failed_record(&context, id.as_deref(), error);
        }
        span.done(result.as_ref().err());
        Outcome::from(result)
    }

    async fn run_function(&self, event: Event, context: &Context, span: &Span) -> Result<(), Error> {
        let function = self.router.deliver(self.function, event, context.clone())?;
        let function = pin!(function.instrument(span.tracing().clone()));
        deadline::run(context, self.router.limits(), function).await?
    }

    /// Returns whether the function's trigger filters an object out by its key or the kind of change.
    fn is_filtered(&self, event: &Result<Event, Error>) -> bool {
        match (&self.function.trigger, event) {
            (Trigger::Storage(trigger), Ok(Event::Object(object))) => !trigger.takes(object.change, &object.key),
            _ => false,
        }
    }

    /// Returns the event if it is of the source that the function declares.
    fn of_declared_source(&self, event: Result<Event, Error>) -> Result<Event, Error> {
        event.and_then(|event| event.check_source(self.function).map(|()| event))
    }

    fn is_late(&self) -> bool {
        match (self.context.remaining(), self.margin) {
            (Some(remaining), Some(margin)) => remaining <= margin,
            _ => false,
        }
    }
}

/// Returns the id of a record for logs.
fn record_id(record: &Record) -> Option<String> {
    record.event.as_ref().ok().and_then(Event::id).map(str::to_owned).or_else(|| record.id.clone())
}

/// Splits records into lanes: one lane for each group, in order, and one for each record without a group.
fn lanes(records: Vec<Record>) -> Vec<Vec<Positioned>> {
    let mut lanes: Vec<Vec<Positioned>> = Vec::new();
    let mut groups: HashMap<String, usize> = HashMap::new();
    for (index, mut record) in records.into_iter().enumerate() {
        let next = lanes.len();
        let lane = record.group.take().map_or(next, |group| *groups.entry(group).or_insert(next));
        match lanes.get_mut(lane) {
            Some(lane) => lane.push((index, record)),
            None => lanes.push(vec![(index, record)]),
        }
    }
    lanes
}
