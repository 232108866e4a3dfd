//! Tower layers for an app, for one function of HTTP requests, or for one of events.

mod concurrency;
mod timeout;

pub use concurrency::{ConcurrencyLimit, ConcurrencyLimited};
pub use timeout::{Timeout, TimeoutService};
