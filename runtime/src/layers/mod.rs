//! Tower layers for an app, for one function of HTTP requests, or for one of events.

mod concurrency;
mod timeout;

pub use concurrency::{ConcurrencyLimit, ConcurrencyLimited};
pub(crate) use timeout::kind_of_body;
pub use timeout::{Timeout, TimeoutService};
