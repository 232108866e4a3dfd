//! An app behind the provider of this crate.

use std::process::ExitCode;

use cloudevents::CloudEvents;
use omnifn::prelude::*;
use omnifn_runtime::{
    env,
    serve::{self, Options},
};
use serde::Deserialize;

/// An order, in the data of its event.
#[derive(Debug, Deserialize)]
struct Order {
    count: u32,
}

/// Settles an order. One of nothing can never succeed.
#[function(event = "order.placed")]
async fn settle(order: CloudEvent<Order>) -> Result<()> {
    if order.data.count == 0 { Err(Error::reject("an order of nothing")) } else { Ok(()) }
}

fn main() -> ExitCode {
    let adapter = CloudEvents::new(&env::var);
    serve::run(adapter, omnifn::app!(settle), Options::loopback(8080).host_variable("HOST"))
}
