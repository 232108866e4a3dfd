use std::{fmt, ops::Deref, panic::Location, vec};

use bytes::Bytes;
use http::Response;
use omnifn_core::{Error, Outcome};
use serde_json::Value;

use super::mistakes::fail;

/// The results in all the shapes that can carry what was sent. There is at least one.
///
/// It is a slice of results, and can be iterated over. The shapes that cannot carry what was sent are not among the results, so that a loop
/// over them checks each: see [`not_carried`](Everywhere::not_carried) and [`expect_all`](Everywhere::expect_all).
///
/// ```
/// use omnifn::{prelude::*, testing::Testing};
///
/// #[function(queue = "orders")]
/// async fn settle(_order: Message<u32>) {}
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// let testing = Testing::new(|| omnifn::app!(settle));
/// let orders = || vec![Message::new(Bytes::from("1")).into(), Message::new(Bytes::from("2")).into()];
/// let everywhere = testing.deliver_everywhere("settle", orders).await;
/// assert_eq!(everywhere.shape("aws", "sqs").acknowledged(), [true, true]);
/// // Pub/Sub posts one message at a time.
/// assert!(everywhere.not_carried().iter().any(|place| place.shape == "pubsub"));
/// # });
/// ```
#[derive(Debug)]
pub struct Everywhere<T> {
    carried: Vec<T>,
    not_carried: Vec<NotCarried>,
    at: &'static Location<'static>,
}

/// A shape that cannot carry what was sent, and the reason.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct NotCarried {
    /// The provider.
    pub provider: &'static str,
    /// The shape.
    pub shape: &'static str,
    /// Why it cannot carry what was sent: there are several events, and it carries one, for example.
    pub reason: Error,
}

impl fmt::Display for NotCarried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}: {}", self.provider, self.shape, self.reason)
    }
}

/// The result in one shape.
pub trait InShape {
    /// Returns the provider and the shape.
    fn place(&self) -> (&'static str, &'static str);
}

impl<T: InShape> Everywhere<T> {
    pub(super) fn new(at: &'static Location<'static>) -> Self {
        Everywhere { carried: Vec::new(), not_carried: Vec::new(), at }
    }

    pub(super) fn add(&mut self, provider: &'static str, shape: &'static str, result: Result<T, Error>) {
        match result {
            Ok(result) => self.carried.push(result),
            Err(reason) => self.not_carried.push(NotCarried { provider, shape, reason }),
        }
    }

    /// Returns the place in the test that sent it.
    pub(super) fn at(&self) -> &'static Location<'static> {
        self.at
    }

    /// Fails if no shape can carry what was sent.
    pub(super) fn finish(self) -> Self {
        if self.carried.is_empty() {
            fail(self.at, format_args!("no shape of any provider can carry this:{}", listed(&self.not_carried)));
        }
        self
    }

    /// Returns the result in one shape.
    ///
    /// # Panics
    /// There is no such shape, or it cannot carry what was sent.
    #[track_caller]
    pub fn shape(&self, provider: &str, shape: &str) -> &T {
        if let Some(result) = self.carried.iter().find(|result| result.place() == (provider, shape)) {
            return result;
        }
        let known: Vec<_> = self.carried.iter().map(T::place).map(|(p, s)| format!("{p:?}, {s:?}")).collect();
        match self.not_carried.iter().find(|place| (place.provider, place.shape) == (provider, shape)) {
            Some(place) => fail(Location::caller(), format_args!("the shape cannot carry this: {place}")),
            None => {
                let known = known.join("; ");
                fail(
                    Location::caller(),
                    format_args!("there is no shape ({provider:?}, {shape:?}); there are: {known}"),
                )
            }
        }
    }

    /// Returns the results if every shape can carry what was sent.
    ///
    /// # Panics
    /// A shape cannot carry what was sent. The message names each of them, with the reason.
    #[track_caller]
    pub fn expect_all(self) -> Vec<T> {
        if !self.not_carried.is_empty() {
            fail(Location::caller(), format_args!("these shapes cannot carry this:{}", listed(&self.not_carried)));
        }
        self.carried
    }
}

impl<T> Everywhere<T> {
    /// Returns the shapes that cannot carry what was sent, each with the reason.
    pub fn not_carried(&self) -> &[NotCarried] {
        &self.not_carried
    }
}

fn listed(not_carried: &[NotCarried]) -> String {
    not_carried.iter().map(|place| format!("\n  {place}")).collect()
}

impl<T> Deref for Everywhere<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.carried
    }
}

impl<T> IntoIterator for Everywhere<T> {
    type Item = T;
    type IntoIter = vec::IntoIter<T>;

    fn into_iter(self) -> vec::IntoIter<T> {
        self.carried.into_iter()
    }
}

impl<'a, T> IntoIterator for &'a Everywhere<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> std::slice::Iter<'a, T> {
        self.carried.iter()
    }
}

/// The result of a delivery of events in one shape.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Delivered {
    /// The provider.
    pub provider: &'static str,
    /// The shape that it delivered in: `"sqs"`, `"eventarc"`, ….
    pub shape: &'static str,
    /// The result for each event, in the order in which they were sent.
    pub records: Vec<DeliveredRecord>,
}

impl Delivered {
    /// Returns for each event whether it was acknowledged.
    pub fn acknowledged(&self) -> Vec<bool> {
        self.records.iter().map(|record| record.is_acknowledged).collect()
    }
}

/// The result for one event of a delivery.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct DeliveredRecord {
    /// The function's outcome for this event; or the reason why the event or its delivery could not be decoded.
    pub outcome: Outcome,
    /// Whether the provider considers the event done after the reply, and so does not deliver it again.
    pub is_acknowledged: bool,
    /// Whether the shape reports each event of a delivery on its own. Otherwise the provider delivers all of them again after one failure, so
    /// an event that is done may be not acknowledged. A shape that carries one event at a time reports each on its own.
    pub is_reported_individually: bool,
}

/// The result of a direct invocation in one shape.
#[derive(Debug)]
#[non_exhaustive]
pub struct Invoked {
    /// The provider.
    pub provider: &'static str,
    /// The shape that it invoked the function in: `"invoke"`, `"http/1.1"`, ….
    pub shape: &'static str,
    /// The function's result as the caller receives it, or the failure.
    pub result: Result<Value, Error>,
}

/// The response to a client through one shape.
#[derive(Debug)]
#[non_exhaustive]
pub struct Answered {
    /// The provider.
    pub provider: &'static str,
    /// The shape that it sent the request in: `"alb"`, `"http/2"`, ….
    pub shape: &'static str,
    /// The response as the client receives it; or the reason why the provider cannot send it, or why its body ended early.
    pub response: Result<Response<Bytes>, Error>,
}

impl InShape for Delivered {
    fn place(&self) -> (&'static str, &'static str) {
        (self.provider, self.shape)
    }
}

impl InShape for Invoked {
    fn place(&self) -> (&'static str, &'static str) {
        (self.provider, self.shape)
    }
}

impl InShape for Answered {
    fn place(&self) -> (&'static str, &'static str) {
        (self.provider, self.shape)
    }
}
