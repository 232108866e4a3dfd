//! What the conformance client asks of an HTTP function: it writes the body to a file before it answers.

use omnifn::prelude::*;

#[function]
async fn write_http(body: Bytes) -> Result<()> {
    std::fs::write("function_output.json", &body)?;
    Ok(())
}

omnifn::main!(write_http);
