//! What the cases have in common.

use bytes::Bytes;
use http::Response;
use omnifn_core::{Inverse, Payload, Spec, event::Class};
use omnifn_runtime::dispatch::Dispatch;

/// A message of a provider as it is sent, with what it is.
pub(crate) struct Sent {
    pub(crate) what: String,
    pub(crate) message: http::Request<Bytes>,
}

pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(future)
}

pub(crate) async fn whole(response: Response<Payload>) -> Response<Bytes> {
    let (head, payload) = response.into_parts();
    Response::from_parts(head, payload.collect(usize::MAX).await.expect("a body"))
}

/// The settings of a program that no client can reach.
pub(crate) fn private(name: &str) -> Option<String> {
    (name == "OMNIFN_PRIVATE").then(|| "true".to_owned())
}

/// Sends the messages that `write` makes of each shape in which a provider reaches a function, and returns the replies.
pub(crate) fn in_each_shape<A: Inverse>(
    dispatch: &Dispatch<A>,
    function: &'static Spec,
    write: impl Fn(&A, &'static str) -> Vec<Sent>,
) -> Vec<(String, Response<Bytes>)> {
    let shapes = match function.class() {
        Class::Http => A::shapes(),
        Class::Invoke => A::invoke_shapes(),
        class => A::event_shapes(class),
    };
    let mut replies = Vec::new();
    for shape in shapes {
        for Sent { what, message } in write(dispatch.adapter(), shape) {
            let what = format!("{}, {shape}, {}: {what}", dispatch.adapter().provider(), function.name);
            replies.push((what, block_on(async { whole(dispatch.answer(message.map(Payload::Whole)).await).await })));
        }
    }
    replies
}
