//! Reference: `lambda_runtime` alone. The event is not decoded, and the reply is constant.

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::value::RawValue;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run(service_fn(async |_: LambdaEvent<Box<RawValue>>| {
        RawValue::from_string(REPLY.to_owned()).map_err(|error| error.to_string())
    }))
    .await
}

const REPLY: &str =
    r#"{"statusCode":200,"headers":{"content-type":"text/plain"},"body":"Hello","isBase64Encoded":false}"#;
