use std::{
    pin::pin,
    task::{Context, Poll, Waker},
};

/// Runs a future that never waits for anything outside: core has no runtime, and its tests need none.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut cx = Context::from_waker(Waker::noop());
    for _ in 0..1_000_000 {
        if let Poll::Ready(output) = future.as_mut().poll(&mut cx) {
            return output;
        }
    }
    panic!("the future waits for something that never comes")
}
