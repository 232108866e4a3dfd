//! A shop of books: pages of another origin call it, a layer asks who calls, one route publishes, one has a timeout of its own; and a queue,
//! a bucket, and a schedule.

use std::time::Duration;

use omnifn::{axum::middleware, prelude::*};

/// The origin of the shop's pages.
pub(crate) const SHOP: &str = "https://shop.example.com";

#[function(get = "/books/{id}", visibility = "public")]
async fn read(Path(id): Path<u32>) -> Result<Json<u32>> {
    if id == 0 { Err(Error::status(404, "no such book")) } else { Ok(Json(id)) }
}

#[function(post = "/orders", publishes = "queue:orders", visibility = "public")]
async fn place(Json(order): Json<u32>) -> (StatusCode, Json<u32>) {
    (StatusCode::CREATED, Json(order))
}

#[function(get = "/search/{seconds}", timeout = 2, visibility = "public")]
async fn search(Path(seconds): Path<u64>) -> &'static str {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    "found"
}

/// A neighbour without a timeout of its own.
#[function(get = "/export/{seconds}", visibility = "public")]
async fn export(Path(seconds): Path<u64>) -> &'static str {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    "exported"
}

/// Takes what no other function does: every path reaches the program.
#[function(any = "/files/{*path}", visibility = "public")]
async fn files(request: Request) -> String {
    format!("{} {}", request.method(), request.uri())
}

#[function(queue = "orders")]
async fn settle(_: Message<u32>) {}

#[function(storage = "covers", on(created))]
async fn cover(_: Object) {}

#[function(schedule = "0 3 * * *")]
async fn nightly() {}

/// Whoever calls says who it is.
async fn authenticate(request: Request, next: middleware::Next) -> Response {
    match request.headers().get("x-customer") {
        Some(customer) if customer == "ann" => next.run(request).await,
        _ => Error::status(401, "say who you are").into_response(),
    }
}

pub(crate) fn app() -> App {
    omnifn::app!(
        read, place, search, export, files, settle, cover, nightly;
        layer = middleware::from_fn(authenticate),
        cors(origins = ["https://shop.example.com", "http://localhost:3000"], exposed = ["etag"], credentials = true)
    )
}
