//! The time of an invocation beside `lambda_http`'s: `cargo bench -p omnifn-bench`. Both sides run in turn, so that what else
//! the machine does falls on both. `-- --smoke` runs a few rounds, to see that it runs.

use std::time::{Duration, Instant};

use bytes::Bytes;
use omnifn_bench::{EVENT, LambdaHttp, Omnifn};

const BATCH: u32 = 200;

fn main() {
    let rounds = if std::env::args().any(|argument| argument == "--smoke") { 5 } else { 300 };
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let event = Bytes::from_static(EVENT.as_bytes());
    let (ours, theirs) = (Omnifn::new(), LambdaHttp::new());
    let (mut our_times, mut their_times) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        our_times.push(timed(|| drop(runtime.block_on(ours.invoke(ours.head(), event.clone())))));
        their_times.push(timed(|| drop(runtime.block_on(theirs.invoke(theirs.head(), event.clone())))));
    }
    let (ours, theirs) = (median(our_times), median(their_times));
    println!("event of {} bytes, median of {rounds} × {BATCH}", EVENT.len());
    println!("omnifn      {ours:>10.1?}");
    println!("lambda_http {theirs:>10.1?}");
    println!("ratio       {:>10.2}", ours.as_secs_f64() / theirs.as_secs_f64());
}

/// The time of one of many.
fn timed(run: impl Fn()) -> Duration {
    let start = Instant::now();
    for _ in 0..BATCH {
        run();
    }
    start.elapsed() / BATCH
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
