//! Passes each record of a delivery to the function: concurrently if the records are independent, and in order otherwise.

use std::{
    collections::{HashMap, HashSet},
    hash::{BuildHasher as _, RandomState},
    pin::pin,
    time::Duration,
};

use futures_util::stream::{self, StreamExt as _};
use omnifn_core::{Context, Error, Event, Options, Outcome, Record, Rest, Router, Spec, Trigger};
use tracing::Instrument as _;

use crate::{deadline, log, report::Report, span::Span};

/// The delivery that the records belong to.
pub(crate) struct Deliverer<'r> {
    router: &'r Router,
    function: &'static Spec,
    context: &'r Context,
    span: &'r Span,
    /// The messaging system that sent the delivery.
    system: Option<&'static str>,
    /// The remaining time below which no further record is started: twice the margin before the deadline at which a function is
    /// cancelled.
    margin: Option<Duration>,
    report: Report,
}

/// A record and its position in the delivery.
type Positioned = (usize, Record);

/// Records that run one after another, and the hash of their group.
struct Lane {
    group: Option<u64>,
    records: Vec<Positioned>,
}

/// The groups of a delivery whose further records are left for the next one, by their hashes.
#[derive(Default)]
struct Stopped {
    hasher: RandomState,
    groups: HashSet<u64>,
}

impl<'r> Deliverer<'r> {
    pub(crate) fn new(
        router: &'r Router,
        function: &'static Spec,
        context: &'r Context,
        span: &'r Span,
        system: Option<&'static str>,
    ) -> Self {
        let margin = context.remaining().map(|remaining| router.limits().margin(remaining).saturating_mul(2));
        Deliverer { router, function, context, span, system, margin, report: Report::default() }
    }

    /// Delivers the records and returns one outcome for each, in their order.
    pub(crate) async fn deliver(&self, records: Vec<Record>, rest: Rest) -> Vec<Outcome> {
        let outcomes = match self.router.takes_batches(self.function) {
            true => self.deliver_batch(records.into_iter().chain(rest)).await,
            false => self.deliver_each(records, rest).await,
        };
        let left = outcomes.iter().filter(|outcome| matches!(outcome, Outcome::NotStarted)).count();
        if left > 0 {
            log::not_started(self.context, left, outcomes.len());
        }
        outcomes
    }

    /// Passes each record to the function: concurrently up to the function's limit, and those of one group in order. The records of a long
    /// delivery are decoded a part at a time, when those before them are done.
    async fn deliver_each(&self, mut records: Vec<Record>, mut rest: Rest) -> Vec<Outcome> {
        let (mut outcomes, mut stopped) = (Vec::new(), Stopped::default());
        let limit = self.function.options.concurrency.unwrap_or(Options::CONCURRENCY).max(1) as usize;
        while !records.is_empty() {
            let first = outcomes.len();
            outcomes.resize(first + records.len(), Outcome::NotStarted);
            let lanes = lanes(records, first, &stopped);
            let mut lanes = stream::iter(lanes).map(|lane| self.run_lane(lane)).buffer_unordered(limit);
            while let Some((group, finished)) = lanes.next().await {
                let is_done = finished.iter().all(|(_, outcome)| outcome.is_acknowledged());
                stopped.groups.extend(group.filter(|_| !is_done));
                for (index, outcome) in finished {
                    outcomes[index] = outcome;
                }
            }
            records = rest.next_records(self.function);
        }
        outcomes
    }

    /// Passes all records to a function that takes a batch, except those that its trigger filters out.
    async fn deliver_batch(&self, records: impl Iterator<Item = Record>) -> Vec<Outcome> {
        let (mut outcomes, mut given, mut positions) = (Vec::new(), Vec::new(), Vec::new());
        for (index, mut record) in records.enumerate() {
            outcomes.push(Outcome::NotStarted);
            let id = record_id(&record);
            if let Some(warning) = record.warning.take() {
                self.report.warned(self.context, id.as_deref(), &warning);
            }
            if self.is_filtered(&record.event) {
                self.report.filtered(self.context, id.as_deref());
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
                    outcomes[index] = match outcome {
                        Outcome::Failed(error) => {
                            Outcome::Failed(self.report.failed(self.context, id.as_deref(), error))
                        }
                        outcome => outcome,
                    };
                }
            }
            Err(error) => {
                let error = self.report.failed(self.context, None, error);
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
    async fn run_lane(&self, lane: Lane) -> (Option<u64>, Vec<(usize, Outcome)>) {
        let mut outcomes = Vec::with_capacity(lane.records.len());
        for (index, record) in lane.records {
            // The first record of a delivery is always started: it has all the time that there is.
            if index > 0 && self.is_late() {
                outcomes.push((index, Outcome::NotStarted));
                break;
            }
            let outcome = self.run_record(record).await;
            let continues = outcome.is_acknowledged();
            outcomes.push((index, outcome));
            if !continues {
                break;
            }
        }
        (lane.group, outcomes)
    }

    async fn run_record(&self, record: Record) -> Outcome {
        let (span, trace) = self.span.record(self.function, &record, self.context, self.system);
        let id = record_id(&record);
        let Record { event, raw, warning, .. } = record;
        let context = self.context.for_record(trace, raw);
        log::attach(span.tracing(), &context);
        if let Some(warning) = warning {
            self.report.warned(&context, id.as_deref(), &warning);
        }
        if self.is_filtered(&event) {
            self.report.filtered(&context, id.as_deref());
            span.done(None);
            return Outcome::Filtered;
        }
        let result = match self.of_declared_source(event) {
            Ok(event) => self.run_function(event, &context, &span).await,
            Err(error) => Err(error),
        };
        let result = result.map_err(|error| self.report.failed(&context, id.as_deref(), error));
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

/// Returns the id of a record for logs, or its beginning.
fn record_id(record: &Record) -> Option<String> {
    let id = record.event.as_ref().ok().and_then(Event::id).or(record.id.as_deref());
    id.map(|id| omnifn_core::log::cut(id).to_owned())
}

/// Splits records into lanes: one lane for each group, in order, and one for each record without a group. `first` is the position of the
/// first record in the delivery. Records of a group that has stopped have no lane.
fn lanes(records: Vec<Record>, first: usize, stopped: &Stopped) -> Vec<Lane> {
    let mut lanes: Vec<Lane> = Vec::new();
    let mut groups: HashMap<u64, usize> = HashMap::new();
    for (index, mut record) in (first..).zip(records) {
        let next = lanes.len();
        let group = record.group.take().map(|group| stopped.hasher.hash_one(group));
        if group.is_some_and(|group| stopped.groups.contains(&group)) {
            continue;
        }
        let lane = group.map_or(next, |group| *groups.entry(group).or_insert(next));
        match lanes.get_mut(lane) {
            Some(lane) => lane.records.push((index, record)),
            None => lanes.push(Lane { group, records: vec![(index, record)] }),
        }
    }
    lanes
}
