//! One exchange after another over one shape of one provider: write → answer → read → compare.

use std::{
    collections::VecDeque,
    future::poll_fn,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body as _, Frame, SizeHint};
use omnifn_core::{App, Body, Env, Inverse, Payload};
use omnifn_runtime::dispatch::Dispatch;

use super::{
    super::setup::Conformance,
    expect::{Answer, Expect},
};

/// Something that every provider has to do alike.
pub(crate) struct Case {
    /// The behaviour, as the table of support describes it.
    pub(crate) name: String,
    /// The app that it is shown on, new for each case and shape.
    pub(crate) app: fn() -> App,
    /// Requests, one after another, each with what must come back.
    pub(crate) steps: Vec<Step>,
    /// A condition on all answers together.
    pub(crate) together: fn(&[Answer]) -> Result<(), String>,
}

/// A request and what must come back.
pub(crate) struct Step {
    pub(crate) request: Request<Bytes>,
    pub(crate) expect: Expect,
}

/// How the message reaches the dispatch.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Feed {
    Whole,
    Pieces,
}

/// Runs a case on a shape. `Err` describes the difference.
pub(crate) async fn run<A: Inverse>(suite: &Conformance<A>, shape: &str, case: &Case) -> Result<(), String> {
    for feed in [Feed::Whole, Feed::Pieces] {
        let app = (case.app)().state(suite.own_context);
        let router =
            app.start(&Env::of::<String, String>([])).await.map_err(|e| format!("the app does not start: {e}"))?;
        let dispatch = Dispatch::new((suite.new)(shape), router);
        let mut answers = Vec::with_capacity(case.steps.len());
        for (i, step) in case.steps.iter().enumerate() {
            let in_step = |why: String| format!("step {}, fed {feed:?}: {why}", i + 1);
            let answer = exchange(&dispatch, shape, &step.request, feed).await.map_err(in_step)?;
            step.expect.check(&answer).map_err(in_step)?;
            answers.push(answer);
        }
        (case.together)(&answers)?;
    }
    Ok(())
}

async fn exchange<A: Inverse>(
    dispatch: &Dispatch<A>,
    shape: &str,
    request: &Request<Bytes>,
    feed: Feed,
) -> Result<Answer, String> {
    let adapter = dispatch.adapter();
    let message = adapter.write(shape, request.clone()).map_err(|e| format!("cannot be written: {e}"))?;
    let payload = match feed {
        Feed::Whole => Payload::Whole(message.body().clone()),
        Feed::Pieces => Payload::Stream(Body::new(Pieces::of(message.body()))),
    };
    let (head, ()) = message.clone().map(drop).into_parts();
    let reply = dispatch.answer(Request::from_parts(head, payload)).await;

    let (head, payload) = reply.into_parts();
    let (body, pieces, broke_off) = drain(payload).await;
    let reply = Response::from_parts(head, body);
    let response = match broke_off {
        true => reply,
        false => adapter.read(shape, reply).map_err(|e| format!("cannot be read: {e}"))?,
    };
    Ok(Answer { provider: adapter.provider(), message, sent: request.clone(), response, pieces, broke_off })
}

/// The data, the number of pieces that a stream had, and whether it broke off.
async fn drain(payload: Payload) -> (Bytes, usize, bool) {
    let mut body = match payload {
        Payload::Whole(bytes) => return (bytes, 0, false),
        Payload::Stream(body) => body,
    };
    let (mut data, mut pieces) = (Vec::new(), 0);
    // A server, too, survives a panic in here, and breaks the connection off.
    while let Some(frame) = poll_fn(|cx| caught(|| Pin::new(&mut body).poll_frame(cx))).await {
        match frame.map(Frame::into_data) {
            Ok(Ok(piece)) => {
                pieces += 1;
                data.extend_from_slice(&piece);
            }
            Ok(Err(_)) => {}
            Err(_) => return (data.into(), pieces, true),
        }
    }
    (data.into(), pieces, false)
}

type Polled = Poll<Option<Result<Frame<Bytes>, String>>>;

fn caught(poll: impl FnOnce() -> Poll<Option<Result<Frame<Bytes>, axum::Error>>>) -> Polled {
    match catch_unwind(AssertUnwindSafe(poll)) {
        Ok(polled) => polled.map(|frame| frame.map(|frame| frame.map_err(|e| e.to_string()))),
        Err(_) => Poll::Ready(Some(Err("a panic".to_owned()))),
    }
}

/// A message as it comes from a socket: in pieces, with a wait before each, its length unknown.
struct Pieces(VecDeque<Bytes>, bool);

impl Pieces {
    fn of(whole: &Bytes) -> Self {
        let size = whole.len().div_ceil(3).max(1);
        Pieces((0..whole.len()).step_by(size).map(|at| whole.slice(at..whole.len().min(at + size))).collect(), true)
    }
}

impl http_body::Body for Pieces {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        self.1 = !self.1;
        if !self.1 {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(self.0.pop_front().map(|piece| Ok(Frame::data(piece))))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}
