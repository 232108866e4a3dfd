//! What a month costs: what is declared, times how often it is called, by each cloud's own way of rounding.
//!
//! It is the price of running functions alone: without queues, buckets, gateways, logs, traffic, and instances that are kept warm.

mod estimate;
mod money;
mod prices;
mod workload;

pub use estimate::{Estimate, Line, Rounding, Total, estimate};
pub use money::Money;
pub use prices::{Architectures, Aws, Azure, Free, FreeCpu, Gcp, Prices, Source};
pub use workload::{Calls, Given, Micros, Recorded, Workload};

#[cfg(test)]
mod tests;
