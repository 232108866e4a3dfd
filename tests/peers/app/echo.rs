//! One function for every request. What the last segment of the path says is what it does; else it tells what came.

use std::{
    convert::Infallible,
    sync::atomic::{AtomicUsize, Ordering},
};

use futures_util::stream;
use omnifn::{
    http::{Request, Response, header},
    prelude::*,
};

static CALLS: AtomicUsize = AtomicUsize::new(0);

#[function]
async fn echo(request: Request<Body>) -> Result<Response<Body>> {
    let calls = CALLS.fetch_add(1, Ordering::Relaxed) + 1;
    let text =
        |text: &str| Response::builder().header(header::CONTENT_TYPE, "text/plain").body(Body::from(text.to_owned()));
    let (head, body) = request.into_parts();
    Ok(match head.uri.path().rsplit('/').next().unwrap_or_default() {
        "fail" => return Err(Error::status(500, "the function failed on purpose")),
        "panic" => panic!("the function panicked on purpose"),
        "calls" => text(&calls.to_string())?,
        "cookies" => Response::builder()
            .header(header::CONTENT_TYPE, "text/plain")
            .header(header::SET_COOKIE, "a=1; Path=/")
            .header(header::SET_COOKIE, "b=2; HttpOnly")
            .body(Body::from("two cookies\n"))?,
        "binary" => Response::builder()
            .header(header::CONTENT_TYPE, "application/octet-stream")
            .body(Body::from((0..=255).collect::<Vec<u8>>()))?,
        "redirect" => Response::builder().status(303).header(header::LOCATION, "/elsewhere?x=1").body(Body::empty())?,
        "missing" => Response::builder()
            .status(404)
            .header(header::CONTENT_TYPE, "text/plain")
            .body("not here\n".into())?,
        "nothing" => Response::builder().status(204).body(Body::empty())?,
        "teapot" => Response::builder()
            .status(418)
            .header(header::CONTENT_TYPE, "text/plain")
            .body("short and stout\n".into())?,
        "stream" => {
            let parts = (0..3).map(|i| Ok::<_, Infallible>(format!("part {i}\n")));
            Response::builder()
                .header(header::CONTENT_TYPE, "text/plain")
                .body(Body::from_stream(stream::iter(parts)))?
        }
        "same" => {
            let media_type = head.headers.get(header::CONTENT_TYPE).cloned();
            let mut response = Response::new(body);
            response.headers_mut().extend(media_type.map(|media_type| (header::CONTENT_TYPE, media_type)));
            response
        }
        _ => {
            let target = head.uri.path_and_query().map_or("/", |target| target.as_str());
            let mut lines = vec![format!("{} {target}", head.method)];
            let sent = head.headers.iter().filter(|(name, _)| name.as_str().starts_with("x-sent"));
            lines.extend(sent.map(|(name, value)| format!("{name}: {}", String::from_utf8_lossy(value.as_bytes()))));
            let body = read(body).await?;
            lines.push(body.iter().map(|byte| format!("{byte:02x}")).collect());
            text(&(lines.join("\n") + "\n"))?
        }
    })
}

async fn read(body: Body) -> Result<Bytes> {
    use futures_util::TryStreamExt;
    let pieces: Vec<Bytes> = body.into_data_stream().try_collect().await?;
    Ok(pieces.concat().into())
}

omnifn::main!(echo);
