//! The function for messages of a queue on omnifn.

use common::Order;
use omnifn::prelude::*;

#[function(queue = "orders")]
async fn settle(order: Message<Order>) -> Result<()> {
    if order.body.is_valid() { Ok(()) } else { Err(Error::new(omnifn::ErrorKind::Function, "the order is empty")) }
}

omnifn::main!(settle);
