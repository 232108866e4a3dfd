//! Reference: `lambda_http` alone, without logs.

use std::convert::Infallible;

use lambda_http::{Error, Request, Response, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run(service_fn(hello)).await
}

async fn hello(request: Request) -> Result<Response<String>, Infallible> {
    let text = common::hello(request.method(), request.uri(), request.headers(), request.body());
    let mut response = Response::new(text);
    response.headers_mut().insert("content-type", common::TEXT.parse().expect("a valid header value"));
    Ok(response)
}
