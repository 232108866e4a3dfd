//! The records of a delivery, each through its function: side by side where they may, in order where they must.

use std::{
    collections::{HashMap, hash_map::Entry},
    future::{Future, poll_fn},
    pin::{Pin, pin},
    task::Poll,
    time::Duration,
};

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

/// Records that run one after another: each with its place in the delivery.
struct Lane {
    first: (usize, Record),
    rest: Vec<(usize, Record)>,
}

/// What became of the records of a lane that were begun.
type Done = ((usize, Outcome), Vec<(usize, Outcome)>);

/// A record that its function has.
struct Begun<F> {
    context: Context,
    span: Span,
    id: Option<String>,
    result: Result<F, Error>,
}

impl Deliverer<'_> {
    /// What became of each record, in their order. Every one of them is in it.
    pub(crate) async fn deliver(&self, delivery: Delivery) -> Vec<Outcome> {
        let Delivery { function, records, invocation } = delivery;
        let whole = (self.context)(invocation.clone());
        let margin = whole.remaining().map(|remaining| self.router.limits().margin(remaining) * 2);
        let mut outcomes = vec![Outcome::NotBegun; records.len()];
        let mut note = |(first, rest): Done| {
            for (index, outcome) in std::iter::once(first).chain(rest) {
                if let Some(place) = outcomes.get_mut(index) {
                    *place = outcome;
                }
            }
        };
        let (mut alone, mut grouped) = match records.iter().any(|record| record.group.is_some()) {
            true => (Vec::new().into_iter().enumerate(), in_groups(records).into_iter()),
            false => (records.into_iter().enumerate(), Vec::new().into_iter()),
        };
        let at_once = function.options.concurrency.unwrap_or(Options::CONCURRENCY).max(1);
        let mut running = FuturesUnordered::new();
        let mut room = None;
        let lane = |first, rest| self.lane(function, first, rest, &invocation, &whole, margin);
        loop {
            while running.len() < at_once as usize {
                let lane = match alone.next() {
                    Some(record) => lane(record, Vec::new()),
                    None => match grouped.next() {
                        Some(Lane { first, rest }) => lane(first, rest),
                        None => break,
                    },
                };
                let mut lane = placed(room.take(), lane);
                // It begins before the next is asked whether it is late. One that waits for nothing needs no place among those that
                // do; the next one gets its room.
                match once(&mut lane).await {
                    Poll::Ready(done) => {
                        note(done);
                        room = Some(lane.0);
                    }
                    Poll::Pending => running.push(lane),
                }
            }
            let Some(done) = running.next().await else { break };
            note(done);
        }
        let left = outcomes.iter().filter(|outcome| matches!(outcome, Outcome::NotBegun)).count();
        if left > 0 {
            log::not_begun(&whole, left, outcomes.len());
        }
        outcomes
    }

    /// One record after another, until one fails or so little time is left that no further one is begun: twice what a function is
    /// cancelled before the deadline. The first is begun at once, and so is to be polled at once.
    fn lane<'l>(
        &'l self,
        function: &'static Spec,
        (index, record): (usize, Record),
        rest: Vec<(usize, Record)>,
        invocation: &'l Invocation,
        whole: &'l Context,
        margin: Option<Duration>,
    ) -> impl Future<Output = Done> + Send + 'l {
        let is_late = move || match (whole.remaining(), margin) {
            (Some(remaining), Some(margin)) => remaining <= margin,
            _ => false,
        };
        // The first record of all has all the time that there is.
        let first = (index == 0 || !is_late()).then(|| self.record(function, record, invocation));
        async move {
            let first = match first {
                Some(running) => running.await,
                None => Outcome::NotBegun,
            };
            let mut goes_on = first.is_acknowledged();
            let mut done = Vec::with_capacity(rest.len());
            for (index, record) in rest {
                if !goes_on || is_late() {
                    break;
                }
                let outcome = self.record(function, record, invocation).await;
                goes_on = outcome.is_acknowledged();
                done.push((index, outcome));
            }
            ((index, first), done)
        }
    }

    /// What becomes of a record. It is begun at once, so that nothing of it but what its function needs is kept meanwhile.
    fn record(
        &self,
        function: &'static Spec,
        record: Record,
        invocation: &Invocation,
    ) -> impl Future<Output = Outcome> + Send {
        let begun = self.begin(function, record, invocation);
        let limits = self.router.limits();
        async move {
            let Begun { context, span, id, result } = match begun {
                Ok(begun) => begun,
                Err(outcome) => return outcome,
            };
            let result = match result {
                Ok(delivering) => {
                    let delivering = pin!(span.around(delivering));
                    deadline::within(&context, limits, delivering).await.and_then(|ended| ended)
                }
                Err(error) => Err(error),
            };
            if let Err(error) = &result {
                log::failed_record(&context, id.as_deref(), error);
            }
            span.done(result.as_ref().err());
            Outcome::from(result)
        }
    }

    /// Gives a record to its function; or says at once what becomes of it.
    fn begin(
        &self,
        function: &'static Spec,
        record: Record,
        invocation: &Invocation,
    ) -> Result<Begun<impl Future<Output = Result<(), Error>> + Send + use<>>, Outcome> {
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
            return Err(Outcome::Filtered);
        }
        let (id, result) = match event {
            Ok(event) => {
                let own = event.id().filter(|own| id.as_deref() != Some(*own)).map(str::to_owned);
                (own.or(id), Ok(self.router.deliver(function, event, context.clone())))
            }
            Err(error) => (id, Err(error)),
        };
        Ok(Begun { context, span, id, result })
    }
}

/// A future in a room of its own, which another one may have after it.
struct Placed<F>(Pin<Box<Option<F>>>);

fn placed<F>(room: Option<Pin<Box<Option<F>>>>, future: F) -> Placed<F> {
    match room {
        Some(mut room) => {
            room.set(Some(future));
            Placed(room)
        }
        None => Placed(Box::pin(Some(future))),
    }
}

impl<F: Future> Future for Placed<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut std::task::Context<'_>) -> Poll<F::Output> {
        // There is none only once it has ended, and then it is polled no more.
        let Some(future) = self.0.as_mut().as_pin_mut() else { return Poll::Pending };
        let polled = future.poll(cx);
        if polled.is_ready() {
            self.0.set(None);
        }
        polled
    }
}

/// Polls a future once.
async fn once<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    poll_fn(|cx| Poll::Ready(Pin::new(&mut *future).poll(cx))).await
}

/// The records of each group in order; each of the others alone.
fn in_groups(records: Vec<Record>) -> Vec<Lane> {
    let mut lanes: Vec<Lane> = Vec::new();
    let mut groups: HashMap<String, usize> = HashMap::new();
    for (index, mut record) in records.into_iter().enumerate() {
        if let Some(group) = record.group.take() {
            match groups.entry(group) {
                Entry::Occupied(there) => {
                    lanes[*there.get()].rest.push((index, record));
                    continue;
                }
                Entry::Vacant(new) => drop(new.insert(lanes.len())),
            }
        }
        lanes.push(Lane { first: (index, record), rest: Vec::new() });
    }
    lanes
}
