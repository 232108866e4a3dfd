//! A queue's messages.

use common::Order;
use omnifn::prelude::*;

#[function(queue = "orders")]
async fn settle(order: Message<Order>) -> Result<()> {
    if order.body.is_real() { Ok(()) } else { Err(Error::new(omnifn::ErrorKind::Function, "an order of nothing")) }
}

omnifn::main!(settle);
