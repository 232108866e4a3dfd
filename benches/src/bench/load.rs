//! Many connections at once.

use std::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::{Duration, Instant},
};

use super::drive::{Connection, Run, free_port, serve};

/// What a server did under load.
#[derive(Debug, Clone)]
pub(super) struct Load {
    /// Responses in a second.
    pub(super) per_second: f64,
    /// On a core, for each of them.
    pub(super) cpu: Duration,
    /// The proportional set size, in kB.
    pub(super) memory: u64,
    /// The body of a response.
    pub(super) body: String,
}

/// Asks a server on so many connections, for so long; while so many more are open and idle.
pub(super) fn load(run: &Run, request: &[u8], busy: usize, idle: usize, time: Duration) -> Result<Load, String> {
    let port = free_port()?;
    let (running, first, reply, _) = serve(run, port, request)?;
    let open = || Connection::open(port).map_err(|error| format!("a connection: {error}"));
    let idling: Vec<Connection> = (0..idle)
        .map(|_| {
            let mut connection = open()?;
            connection.ask(request).map_err(|error| format!("an idle connection: {error}"))?;
            Ok::<_, String>(connection)
        })
        .collect::<Result<_, _>>()?;
    let connections: Vec<Connection> = (0..busy).map(|_| open()).collect::<Result<_, _>>()?;
    let (over, answered, failed) = (AtomicBool::new(false), AtomicU64::new(0), AtomicU64::new(0));
    let (mut per_second, mut cpu) = (0.0, Duration::ZERO);
    std::thread::scope(|scope| {
        for mut connection in connections {
            let (over, answered, failed) = (&over, &answered, &failed);
            scope.spawn(move || {
                while !over.load(Ordering::Relaxed) {
                    let is_good = connection.ask(request).is_ok_and(|reply| reply.status() == 200);
                    if is_good { answered } else { failed }.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        std::thread::sleep(time / 4);
        let (from, started, used) = (answered.load(Ordering::Relaxed), Instant::now(), running.cpu());
        std::thread::sleep(time);
        let count = answered.load(Ordering::Relaxed) - from;
        per_second = count as f64 / started.elapsed().as_secs_f64();
        cpu = running.cpu().saturating_sub(used).checked_div(count.try_into().unwrap_or(u32::MAX)).unwrap_or_default();
        over.store(true, Ordering::Relaxed);
    });
    let memory = running.memory();
    drop((idling, first));
    running.end();
    match failed.load(Ordering::Relaxed) {
        0 => Ok(Load { per_second, cpu, memory, body: String::from_utf8_lossy(&reply.body).into_owned() }),
        failed => Err(format!("{failed} requests failed")),
    }
}
