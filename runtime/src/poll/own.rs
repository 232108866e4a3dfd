use std::{
    convert::Infallible,
    pin::{Pin, pin},
    sync::Arc,
    time::Duration,
};

use omnifn_core::{Adapter, Error};
use tokio::{sync::oneshot, task::JoinHandle};

use super::{
    answer::{answer, fail},
    backoff::Backoff,
    client::{Client, Next, RuntimeApi},
};
use crate::{dispatch::Dispatch, panic, start};

/// A pause where the API says that there is no event for now instead of waiting for one.
const IDLE: Duration = Duration::from_millis(20);

/// Answers events, as many at once as told.
///
/// Where several are, they have threads, each with a runtime of its own. A worker asks for an event when it has time for one, so there
/// is nothing to share out beyond that, and the runtime that would do it is large.
pub(super) async fn run<A: Adapter>(
    api: Arc<RuntimeApi>,
    dispatch: Arc<Dispatch<A>>,
    concurrency: u16,
) -> Result<(), Error> {
    // No type of the adapter's goes beyond this, neither to a set nor to a thread: the loop would be in the program once for each.
    let worker: NewWorker = Arc::new(move || Box::pin(work(api.clone(), dispatch.clone())));
    if concurrency <= 1 {
        match worker().await {}
    }
    let (own, others) = shares(concurrency);
    // Where this is dropped, for the program ends, all threads stop: no event is begun after the last.
    let mut alive = Vec::new();
    for share in others {
        let worker = worker.clone();
        let (here, gone) = oneshot::channel::<Infallible>();
        start::thread(async move {
            tokio::select! {
                never = keep(share, worker) => match never {},
                _ = gone => {}
            }
        })?;
        alive.push(here);
    }
    match keep(own, worker).await {}
}

/// The most threads: as many as the largest function has cores. Where there are fewer, the system shares them out, and a function that
/// keeps its thread busy holds fewer others up.
const THREADS: usize = 16;

/// How many workers this thread has, and each other one.
fn shares(concurrency: u16) -> (usize, impl Iterator<Item = usize>) {
    let workers = usize::from(concurrency);
    let threads = THREADS.min(workers);
    // The first ones have what cannot be divided.
    let share = move |nth: usize| workers / threads + usize::from(nth < workers % threads);
    (share(0), (1..threads).map(share))
}

/// Keeps so many workers alive.
async fn keep(count: usize, worker: NewWorker) -> Infallible {
    let _others: Vec<_> = (1..count).map(|_| Task(tokio::spawn(one(worker.clone())))).collect();
    one(worker).await
}

/// Keeps one alive.
async fn one(worker: NewWorker) -> Infallible {
    loop {
        // It ends only where even the capture of its panic panics.
        let _ended = (&mut Task(tokio::spawn(worker())).0).await;
    }
}

/// A task that ends with who waits for it.
struct Task(JoinHandle<Infallible>);

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

type Worker = Pin<Box<dyn Future<Output = Infallible> + Send>>;
type NewWorker = Arc<dyn Fn() -> Worker + Send + Sync>;

/// One worker: events one after another. A panic costs the event that it was in.
async fn work<A: Adapter>(api: Arc<RuntimeApi>, dispatch: Arc<Dispatch<A>>) -> Infallible {
    let mut backoff = Backoff::default();
    loop {
        let polling = pin!(poll(Client::of_loop(api.clone()), &dispatch));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_worker_has_its_thread() {
        for concurrency in [2, 15, 16, 17, 64, 1000, u16::MAX] {
            let (own, others) = shares(concurrency);
            let all = std::iter::once(own).chain(others).collect::<Vec<_>>();
            assert_eq!((all.iter().sum(), all.len()), (usize::from(concurrency), usize::from(concurrency.min(16))));
            assert!(all.iter().all(|share| *share + 1 >= own && *share <= own && *share > 0), "{all:?}");
        }
    }
}
