//! Functions in a library.
#![forbid(unsafe_code)]
#![deny(warnings, missing_docs, clippy::all, clippy::pedantic)]
#![allow(clippy::unused_async, reason = "they do nothing")]

use omnifn::prelude::*;

/// Takes an order.
#[function(queue = "orders", writes = ["table:orders"], publishes = "topic:news")]
pub async fn settle(order: Message<String>) {
    drop(order);
}

/// No program that depends on this crate names it.
pub mod quiet {
    use omnifn::prelude::*;

    /// Comes at night.
    #[function(schedule = "0 3 * * *")]
    pub async fn unused(tick: Tick) {
        drop(tick);
    }
}
