//! A program with a tokio runtime of its own, and one with an axum server of its own.
#![deny(warnings)]

use omnifn::{axum, prelude::*};

#[function(get = "/hello")]
async fn hello() -> &'static str {
    "hello"
}

fn served() -> impl Future<Output = Result<()>> + Send {
    omnifn::serve(omnifn::app!(hello))
}

async fn mounted() -> Result<axum::Router> {
    let functions = omnifn::app!(hello).into_router().await?;
    Ok(axum::Router::new().merge(functions))
}

fn main() {
    drop(served());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    assert!(runtime.block_on(mounted()).is_ok());
}
