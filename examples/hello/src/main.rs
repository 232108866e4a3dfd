//! A request and a message of a queue: `cargo run -p hello`.

use omnifn::prelude::*;

#[function(get = "/hello/{name}", visibility = "public")]
async fn hello(Path(name): Path<String>) -> String {
    format!("Hello, {name}!")
}

#[derive(serde::Deserialize)]
struct Order {
    item: String,
    count: u32,
}

/// `Ok` acknowledges the message. After an error it is delivered again, and after five attempts it is in `orders-dead`.
#[function(queue = "orders", attempts = 5, dead_letter = "orders-dead")]
async fn settle(order: Message<Order>) -> Result<()> {
    let Order { item, count } = order.body;
    if count == 0 {
        return Err(Error::reject("an order of nothing")); // no retry would help
    }
    println!("{count} × {item}");
    Ok(())
}

omnifn::main!(hello, settle);
