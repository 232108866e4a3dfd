//! The function on `lambda_runtime` and the types of `aws_lambda_events`.

use std::convert::Infallible;

use aws_lambda_events::{
    apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse},
    encodings::Body,
};
use http::HeaderMap;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run(service_fn(hello)).await
}

async fn hello(event: LambdaEvent<ApiGatewayV2httpRequest>) -> Result<ApiGatewayV2httpResponse, Infallible> {
    let request = event.payload;
    let (path, query) = (request.raw_path.unwrap_or_default(), request.raw_query_string.unwrap_or_default());
    let body = request.body.unwrap_or_default();
    let words =
        common::greet(request.request_context.http.method.as_str(), &path, &query, &request.headers, body.as_bytes());
    let mut headers = HeaderMap::new();
    headers.insert("content-type", common::TEXT.parse().expect("a header"));
    let mut response = ApiGatewayV2httpResponse::default();
    response.status_code = 200;
    response.headers = headers;
    response.body = Some(Body::Text(words));
    Ok(response)
}
