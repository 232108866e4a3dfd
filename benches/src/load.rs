//! Throughput: many connections at once.

use std::{
    path::PathBuf,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::{Duration, Instant},
};

use crate::{
    drive::{Connection, Run, Served, serve},
    events,
    measure::{median, micros},
    programs::{Program, named, workspace},
};

const CONNECTIONS: usize = 32;
const TIME: Duration = Duration::from_secs(2);

/// A server whose throughput is measured.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) label: &'static str,
    /// The program, or `None` for a framework of another language.
    pub(crate) program: Option<&'static str>,
    framework: Run,
}

/// The labels of the frameworks of other languages.
pub(crate) const NPM: &str = "functions-framework (npm)";
pub(crate) const PYPI: &str = "functions-framework (PyPI)";

/// Returns the servers that are measured. Frameworks that are not installed are reported and left out.
pub(crate) fn servers() -> Vec<Server> {
    let own = |name: &'static str| {
        named(name).map(|Program { name, label, .. }| Server { label, program: Some(name), framework: Run::default() })
    };
    let names = ["omnifn, Cloud Run HTTP", "axum + tower_http, HTTP", "bare axum", "bare hyper"];
    let mut servers: Vec<Server> = names.into_iter().filter_map(|name| own(name).ok()).collect();
    let (source, target) = (workspace().join("frameworks"), workspace().join("target"));
    let modules = target.join("npm/node_modules");
    let frameworks = [
        (NPM, modules.join(".bin/functions-framework"), source.clone()),
        (PYPI, target.join("venv/bin/functions-framework"), source.join("main.py")),
    ];
    for (label, program, source) in frameworks {
        if !program.exists() {
            eprintln!("{label} is not installed: its throughput is not measured");
            continue;
        }
        let path = |path: &PathBuf| path.display().to_string();
        let framework = Run {
            command: vec![path(&program), "--target=hello".to_owned(), format!("--source={}", path(&source))],
            variables: vec![("NODE_PATH".to_owned(), path(&modules))],
            output: None,
        };
        servers.push(Server { label, program: None, framework });
    }
    servers
}

/// What a server did under load; medians of rounds.
#[derive(Debug, Clone)]
pub(crate) struct Load {
    pub(crate) label: &'static str,
    /// Responses in a second.
    pub(crate) per_second: f64,
    /// CPU time of a request in microseconds. Its inverse is the throughput of a core, whether or not the meter keeps up.
    pub(crate) cpu: f64,
    /// The CPU time of each round.
    cpus: Vec<f64>,
    /// The proportional set size, in kB.
    pub(crate) memory: f64,
}

impl Load {
    /// Returns how many times the throughput of a core is the other's: the median of the rounds' ratios.
    pub(crate) fn throughput_over(&self, other: &Load) -> f64 {
        median(&self.cpus.iter().zip(&other.cpus).map(|(own, other)| other / own).collect::<Vec<_>>())
    }
}

/// Measures all servers in alternation.
pub(crate) fn measure(servers: &[Server], rounds: usize) -> Result<Vec<Load>, String> {
    let request = events::http();
    let mut all: Vec<Vec<Round>> = servers.iter().map(|_| Vec::new()).collect();
    for _ in 0..rounds {
        for (server, own) in servers.iter().zip(&mut all) {
            let run = match server.program {
                Some(name) => Run::of(named(name)?),
                None => server.framework.clone(),
            };
            own.push(round(&run, &request).map_err(|error| format!("{}: {error}", server.label))?);
        }
    }
    let bodies: Vec<&str> = all.iter().filter_map(|own| Some(own.first()?.body.as_str())).collect();
    if let Some(index) = bodies.iter().position(|body| *body != bodies[0]) {
        let (first, other) = (servers[0].label, servers[index].label);
        return Err(format!("{first} answers {:?}, but {other} answers {:?}", bodies[0], bodies[index]));
    }
    let load = |(server, own): (&Server, &Vec<Round>)| {
        let each = |value: fn(&Round) -> f64| own.iter().map(value).collect::<Vec<_>>();
        let cpus = each(|round| round.cpu);
        let (per_second, memory) = (median(&each(|round| round.per_second)), median(&each(|round| round.memory)));
        Load { label: server.label, per_second, cpu: median(&cpus), cpus, memory }
    };
    Ok(servers.iter().zip(&all).map(load).collect())
}

#[derive(Debug)]
struct Round {
    per_second: f64,
    cpu: f64,
    memory: f64,
    body: String,
}

fn round(run: &Run, request: &[u8]) -> Result<Round, String> {
    let Served { running, connection, reply, port, .. } = serve(run, request)?;
    drop(connection);
    let connections: Vec<Connection> = (0..CONNECTIONS)
        .map(|_| Connection::open(port).map_err(|error| format!("connecting: {error}")))
        .collect::<Result<_, _>>()?;
    let (over, answered, failed) = (AtomicBool::new(false), AtomicU64::new(0), AtomicU64::new(0));
    let (mut per_second, mut cpu) = (0.0, Duration::ZERO);
    std::thread::scope(|scope| {
        for mut connection in connections {
            let (over, answered, failed) = (&over, &answered, &failed);
            scope.spawn(move || {
                while !over.load(Ordering::Relaxed) {
                    let succeeded = connection.send(request).is_ok_and(|reply| reply.is_success());
                    if succeeded { answered } else { failed }.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        std::thread::sleep(TIME / 4);
        let (from, started, used) = (answered.load(Ordering::Relaxed), Instant::now(), running.cpu());
        std::thread::sleep(TIME);
        let count = answered.load(Ordering::Relaxed) - from;
        per_second = count as f64 / started.elapsed().as_secs_f64();
        cpu = running.cpu().saturating_sub(used).checked_div(count.try_into().unwrap_or(u32::MAX)).unwrap_or_default();
        over.store(true, Ordering::Relaxed);
    });
    let memory = running.memory() as f64;
    running.end();
    match failed.load(Ordering::Relaxed) {
        0 => {
            Ok(Round { per_second, cpu: micros(cpu), memory, body: String::from_utf8_lossy(&reply.body).into_owned() })
        }
        failed => Err(format!("{failed} requests failed")),
    }
}
