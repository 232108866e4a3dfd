//! Orders out of a queue.

use std::fmt;

use omnifn::prelude::*;
use serde::Deserialize;

/// What is ordered.
#[derive(Debug, Deserialize)]
struct Order {
    number: u64,
    count: u32,
}

/// Why an order is not settled, and what happens to it.
#[derive(Debug, PartialEq, FunctionError)]
enum SettleError {
    /// The order can never be settled.
    #[fault(reject)]
    Nothing,
    /// The order may be settled later, so its message is delivered again.
    #[fault(retry)]
    SoldOut,
}

impl fmt::Display for SettleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SettleError::Nothing => "an order of nothing",
            SettleError::SoldOut => "there are not so many",
        })
    }
}

impl std::error::Error for SettleError {}

/// Settles an order. The platform may deliver it twice, so the second time has to be harmless.
#[function(queue = "orders", batch_size = 10, attempts = 5, dead_letter = "orders-dead", timeout = 30)]
async fn settle(order: Message<Order>) -> Result<(), SettleError> {
    let Order { number, count } = order.body;
    match count {
        0 => Err(SettleError::Nothing),
        1..=99 => {
            println!("order {number} is settled: {count}");
            Ok(())
        }
        _ => Err(SettleError::SoldOut),
    }
}

omnifn::main!(settle);

#[cfg(test)]
mod tests;
