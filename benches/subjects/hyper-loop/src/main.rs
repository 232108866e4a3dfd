//! The least that a loop over the Lambda Runtime API can be with hyper: the event is not read.

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Request, client::conn::http1::handshake};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

type Failure = Box<dyn std::error::Error>;

const REPLY: &str =
    r#"{"statusCode":200,"headers":{"content-type":"text/plain"},"body":"Hello","isBase64Encoded":false}"#;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let api = std::env::var("AWS_LAMBDA_RUNTIME_API")?;
    let stream = TcpStream::connect(&api).await?;
    stream.set_nodelay(true)?;
    let (mut sender, connection) = handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    loop {
        let next = Request::get("/2018-06-01/runtime/invocation/next").header("host", &api).body(Full::default())?;
        sender.ready().await?;
        let (head, event) = sender.send_request(next).await?.into_parts();
        let _event = event.collect().await?.to_bytes();
        let id = head.headers.get("lambda-runtime-aws-request-id").ok_or("no id")?.to_str()?;
        let path = format!("/2018-06-01/runtime/invocation/{id}/response");
        let reply = Request::post(path)
            .header("host", &api)
            .header("content-type", "application/json")
            .body(Full::new(Bytes::from_static(REPLY.as_bytes())))?;
        sender.ready().await?;
        sender.send_request(reply).await?.into_body().collect().await?;
    }
}
