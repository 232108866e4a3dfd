//! HTTP/2 by prior knowledge, by hyper.

use std::{
    convert::Infallible,
    io::{self, IoSlice},
    net::SocketAddr,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use bytes::{Buf, Bytes, BytesMut};
use http::Request;
use http_body::{Body as HttpBody, Frame, SizeHint};
use hyper::{body::Incoming, server::conn::http2, service::service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo};
use omnifn_core::{Adapter, Body, Payload, Peer, log::Decimal};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};

use super::{
    connection::{Shared, panicked},
    graceful::Open,
    patience::Wait,
};
use crate::panic;

/// What a connection begins with, as far as it can be taken for a request.
pub(super) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\n";

/// The largest head, in bytes.
const HEADER_LIST_LIMIT: u32 = 64 * 1024;

/// Serves a connection to its end, of which the preface was read, and what came behind it.
pub(super) async fn serve<A: Adapter>(
    stream: TcpStream,
    behind: BytesMut,
    peer: SocketAddr,
    shared: Arc<Shared<A>>,
    open: Open,
    patience: Duration,
) {
    let first = Bytes::from([PREFACE, &behind].concat());
    let io = TokioIo::new(Patient { stream, first, taking: Wait::new(patience) });
    let service = service_fn(move |request: Request<Incoming>| {
        let (mut head, body) = request.into_parts();
        if shared.dispatch.adapter().reads_peer() {
            head.extensions.insert(Peer(peer));
        }
        let payload = match body.is_end_stream() {
            true => Payload::default(),
            false => Payload::Stream(Body::new(Arriving { body, wait: Wait::new(patience) })),
        };
        let shared = shared.clone();
        async move {
            let answered = panic::catch(pin!(shared.dispatch.answer(Request::from_parts(head, payload)))).await;
            Ok::<_, Infallible>(answered.unwrap_or_else(panicked).map(Payload::into_body))
        }
    });
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder.max_header_list_size(HEADER_LIST_LIMIT);
    let mut connection = pin!(builder.serve_connection(io, service));
    tokio::select! {
        _ = connection.as_mut() => return,
        () = open.told() => connection.as_mut().graceful_shutdown(),
    }
    // How it ends is its peer's affair.
    let _ = connection.await;
}

/// A request's body, which comes in time or breaks off.
struct Arriving {
    body: Incoming,
    wait: Wait,
}

impl HttpBody for Arriving {
    type Data = Bytes;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        match Pin::new(&mut self.body).poll_frame(cx) {
            Poll::Ready(frame) => {
                self.wait.end();
                Poll::Ready(frame.map(|frame| frame.map_err(Into::into)))
            }
            Poll::Pending if self.wait.is_over(cx) => {
                let words = format!("nothing more of the body came for {} s", Decimal::seconds(self.wait.patience));
                Poll::Ready(Some(Err(words.into())))
            }
            Poll::Pending => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A connection whose other end takes what is sent in time, or is cut off.
struct Patient {
    stream: TcpStream,
    /// What was read of it before.
    first: Bytes,
    taking: Wait,
}

impl Patient {
    fn write<T>(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        write: impl FnOnce(Pin<&mut TcpStream>, &mut Context<'_>) -> Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        match write(Pin::new(&mut self.stream), cx) {
            Poll::Ready(written) => {
                self.taking.end();
                Poll::Ready(written)
            }
            Poll::Pending if self.taking.is_over(cx) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl AsyncRead for Patient {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.first.is_empty() {
            return Pin::new(&mut self.stream).poll_read(cx, buffer);
        }
        let length = self.first.len().min(buffer.remaining());
        buffer.put_slice(&self.first[..length]);
        self.first.advance(length);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Patient {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.write(cx, |stream, cx| stream.poll_write(cx, bytes))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.write(cx, |stream, cx| stream.poll_write_vectored(cx, bytes))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.write(cx, |stream, cx| stream.poll_flush(cx))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
