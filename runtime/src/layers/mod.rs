//! Tower layers for an app, for one HTTP function, or for one event function.

mod concurrency;
mod timeout;

pub use concurrency::{ConcurrencyLimit, ConcurrencyLimited};
pub(crate) use timeout::kind_of_body_error;
pub use timeout::{Timeout, TimeoutService};
