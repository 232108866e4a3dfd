//! The function on `lambda_http`. `ECHO` in the environment: the body comes back.

use std::convert::Infallible;

use lambda_http::{Body, Error, Request, Response, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    if std::env::var_os("ECHO").is_some() { run(service_fn(echo)).await } else { run(service_fn(hello)).await }
}

async fn hello(request: Request) -> Result<Response<String>, Infallible> {
    let words = common::hello(request.method(), request.uri(), request.headers(), request.body());
    let mut response = Response::new(words);
    response.headers_mut().insert("content-type", common::TEXT.parse().expect("a header"));
    Ok(response)
}

async fn echo(request: Request) -> Result<Response<Body>, Infallible> {
    let content_type = request.headers().get("content-type").cloned();
    let mut response = Response::new(request.into_body());
    response.headers_mut().extend(content_type.map(|value| (lambda_http::http::header::CONTENT_TYPE, value)));
    Ok(response)
}
