//! What the conformance client asks of a function in its check of concurrency: it takes a second without work.

use std::time::Duration;

use omnifn::prelude::*;

#[function]
async fn write_slowly(body: Bytes) -> Result<()> {
    tokio::time::sleep(Duration::from_millis(1100)).await;
    std::fs::write("function_output.json", &body)?;
    Ok(())
}

omnifn::main!(write_slowly);
