use std::{
    future::Future,
    pin::{Pin, pin},
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use http::{
    Request, Response, Uri,
    header::{CONTENT_LENGTH, HOST, USER_AGENT},
};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use opentelemetry_http::{HttpClient, HttpError};
use tokio::net::TcpStream;

/// Sends what is exported, each time on a connection of its own: one that was kept could have died while the program was frozen.
#[derive(Debug, Clone, Default)]
pub(super) struct Client {
    /// Why the last request failed, which the exporter does not say.
    why: Arc<Mutex<Option<String>>>,
}

/// The largest answer that is read.
const ANSWER_LIMIT: usize = 64 * 1024;

const AGENT: &str = concat!("omnifn/", env!("CARGO_PKG_VERSION"));

impl Client {
    /// Why the last request failed.
    pub(super) fn why(&self) -> Option<String> {
        self.why.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    async fn send(request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (mut head, body) = request.into_parts();
        let host = head.uri.host().ok_or("the address has no host")?.trim_matches(['[', ']']).to_owned();
        let port = head.uri.port_u16().unwrap_or(80);
        if let Some(authority) = head.uri.authority() {
            head.headers.insert(HOST, authority.as_str().rsplit('@').next().unwrap_or_default().parse()?);
        }
        head.uri = head.uri.path_and_query().map_or_else(Uri::default, |path| Uri::from(path.clone()));
        head.headers.insert(USER_AGENT, AGENT.parse()?);
        head.headers.insert(CONTENT_LENGTH, body.len().into());

        let stream = TcpStream::connect((host.as_str(), port)).await?;
        stream.set_nodelay(true)?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        let exchange = async {
            let response = sender.send_request(Request::from_parts(head, Full::new(body))).await?;
            let (head, body) = response.into_parts();
            let body = Limited::new(body, ANSWER_LIMIT).collect().await?.to_bytes();
            Ok(Response::from_parts(head, body))
        };
        let (mut exchange, connection) = (pin!(exchange), pin!(connection));
        tokio::select! {
            biased;
            answered = &mut exchange => answered,
            // Its error reaches the exchange, too.
            _ended = connection => exchange.await,
        }
    }
}

type Sending<'a> = Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'a>>;

impl HttpClient for Client {
    fn send_bytes<'life0, 'async_trait>(&'life0 self, request: Request<Bytes>) -> Sending<'async_trait>
    where
        'life0: 'async_trait,
        Self: 'async_trait,
    {
        Box::pin(async move {
            let answered = Client::send(request).await;
            if let Err(error) = &answered {
                let causes = std::iter::successors(error.source(), |cause| cause.source());
                let causes = causes.map(|cause| format!(": {cause}")).collect::<String>();
                *self.why.lock().unwrap_or_else(PoisonError::into_inner) = Some(format!("{error}{causes}"));
            }
            answered
        })
    }
}
