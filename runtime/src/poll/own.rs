use std::{
    convert::Infallible,
    pin::{Pin, pin},
    sync::Arc,
    time::Duration,
};

use omnifn_core::{Adapter, Error};
use tokio::task::JoinSet;

use super::{
    answer::{answer, fail},
    backoff::Backoff,
    client::{Client, Next, RuntimeApi},
};
use crate::{dispatch::Dispatch, panic};

/// A pause where the API says that there is no event for now instead of waiting for one.
const IDLE: Duration = Duration::from_millis(20);

/// Answers events, as many at once as told.
pub(super) async fn run<A: Adapter>(
    api: Arc<RuntimeApi>,
    dispatch: Arc<Dispatch<A>>,
    concurrency: u16,
) -> Result<(), Error> {
    // One type for both ways: it is in the program once.
    let worker = || -> Worker { Box::pin(work(api.clone(), dispatch.clone())) };
    if concurrency <= 1 {
        match worker().await {}
    }
    let mut workers = JoinSet::new();
    for _ in 0..concurrency {
        workers.spawn(worker());
    }
    loop {
        // A worker ends only where even the capture of its panic panics.
        workers.join_next().await;
        workers.spawn(worker());
    }
}

type Worker = Pin<Box<dyn Future<Output = Infallible> + Send>>;

/// One worker: events one after another. A panic costs the event that it was in.
async fn work<A: Adapter>(api: Arc<RuntimeApi>, dispatch: Arc<Dispatch<A>>) -> Infallible {
    let mut backoff = Backoff::default();
    loop {
        let polling = pin!(poll(Client::new(api.clone()), &dispatch));
        match panic::catch(polling).await {
            Ok(never) => match never {},
            Err(message) => backoff.wait(format!("the loop panicked: {message}")).await,
        }
    }
}

async fn poll<A: Adapter>(mut client: Client, dispatch: &Dispatch<A>) -> Infallible {
    let mut backoff = Backoff::default();
    loop {
        match client.next().await {
            Ok(Next::Event { to, head, event }) => {
                answer(dispatch, &mut client, &to, head, event).await;
                backoff.reset();
            }
            Ok(Next::Broken { to, why }) => {
                let message = format!("the event broke off: {why}");
                fail(&mut client, &to, "Runtime.EventBrokeOff", &message).await;
            }
            Ok(Next::Nothing) => {
                backoff.reset();
                tokio::time::sleep(IDLE).await;
            }
            Err(why) => backoff.wait(why).await,
        }
    }
}
