//! A subject as a process: pinned, and read by what the kernel knows of it.

use std::{
    fs,
    os::unix::process::CommandExt as _,
    process::{Child, Command, Stdio},
    sync::OnceLock,
    time::{Duration, Instant},
};

use rustix::{
    process::{Pid, Resource, Signal, getrlimit, kill_process, setrlimit},
    thread::{CpuSet, sched_setaffinity},
};

/// How many cores there are, whatever this thread is pinned to by now.
pub(super) fn cores() -> usize {
    static CORES: OnceLock<usize> = OnceLock::new();
    *CORES.get_or_init(|| std::thread::available_parallelism().map_or(1, |n| n.get()))
}

/// Which of the two sides of a measurement a thread is on.
#[derive(Debug, Clone, Copy)]
pub(super) enum Core {
    /// What is measured.
    Subject,
    /// What measures.
    Meter,
}

/// Pins this thread, and what it starts. On one core both are there.
pub(super) fn pin(core: Core) {
    let mut set = CpuSet::new();
    set.set(match core {
        Core::Subject => 0,
        Core::Meter => usize::from(cores() > 1),
    });
    // Where the machine does not allow it, the run is a noisier one.
    let _ = sched_setaffinity(None, &set);
}

/// A process that ends with this value.
#[derive(Debug)]
pub(super) struct Running {
    child: Child,
    /// Just before it was started.
    pub(super) started: Instant,
}

impl Running {
    /// Starts a program, behind a wrapper where one is given, with nothing but these variables.
    pub(super) fn start(command: &[String], variables: &[(String, String)], pinned: bool) -> Result<Self, String> {
        let [program, arguments @ ..] = command else { return Err("no program".to_owned()) };
        let mut starting = Command::new(program);
        starting.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
        for name in ["RUST_LOG", "PORT", "OMNIFN_PROVIDER"] {
            starting.env_remove(name);
        }
        starting.envs(variables.iter().map(|(name, value)| (name, value)));
        if std::env::var_os("BENCH_VERBOSE").is_some() {
            starting.stderr(Stdio::inherit()).stdout(Stdio::inherit());
        }
        if pinned {
            pin(Core::Subject);
        }
        let started = Instant::now();
        let child = starting.spawn();
        if pinned {
            pin(Core::Meter);
        }
        Ok(Running { child: child.map_err(|error| format!("{program}: {error}"))?, started })
    }

    /// Nanoseconds on a core, of all its threads and children.
    pub(super) fn cpu(&self) -> Duration {
        let ids = std::iter::once(self.child.id()).chain(descendants(self.child.id()));
        let of_task = |task: fs::DirEntry| {
            let text = fs::read_to_string(task.path().join("schedstat")).ok()?;
            text.split_whitespace().next()?.parse::<u64>().ok()
        };
        let of_process =
            |id| fs::read_dir(format!("/proc/{id}/task")).into_iter().flatten().flatten().filter_map(of_task);
        Duration::from_nanos(ids.flat_map(of_process).sum())
    }

    /// The proportional set size, in kB.
    pub(super) fn memory(&self) -> u64 {
        let ids = std::iter::once(self.child.id()).chain(descendants(self.child.id()));
        let of_process = |id| {
            let text = fs::read_to_string(format!("/proc/{id}/smaps_rollup")).ok()?;
            let line = text.lines().find_map(|line| line.strip_prefix("Pss:"))?;
            line.split_whitespace().next()?.parse::<u64>().ok()
        };
        ids.filter_map(of_process).sum()
    }

    /// Asks it, and its children, to end, and waits until they have.
    pub(super) fn end(mut self) {
        let children = descendants(self.child.id());
        // A tracer is asked by the end of what it traces.
        let targets = if children.is_empty() { vec![self.child.id()] } else { children };
        targets.iter().for_each(|id| signal(*id, Signal::TERM));
        let limit = Instant::now() + Duration::from_secs(10);
        while Instant::now() < limit {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        descendants(self.child.id()).into_iter().for_each(|id| signal(id, Signal::KILL));
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn signal(id: u32, signal: Signal) {
    if let Some(pid) = i32::try_from(id).ok().and_then(Pid::from_raw) {
        let _ = kill_process(pid, signal);
    }
}

/// Children, their children, and so on.
fn descendants(id: u32) -> Vec<u32> {
    let mut found = Vec::new();
    let mut left = vec![id];
    while let Some(id) = left.pop() {
        for task in fs::read_dir(format!("/proc/{id}/task")).into_iter().flatten().flatten() {
            let text = fs::read_to_string(task.path().join("children")).unwrap_or_default();
            let children = text.split_whitespace().filter_map(|id| id.parse().ok());
            let children: Vec<u32> = children.collect();
            found.extend(&children);
            left.extend(children);
        }
    }
    found
}

/// Asks the kernel to forget the cached pages of a file, so that the next start reads them from the disk.
pub(super) fn evict(path: &str) -> Result<(), String> {
    let forget = || {
        let file = fs::File::open(path)?;
        file.sync_all()?;
        rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::DontNeed).map_err(std::io::Error::from)
    };
    forget().map_err(|error| format!("{path}: {error}"))
}

/// As many open files as the system allows: a connection is one at each end.
pub(super) fn open_many() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    // Where that is not allowed, the table of connections is shorter.
    let _ = setrlimit(Resource::Nofile, limit);
}

/// How many files may be open.
pub(super) fn files() -> usize {
    let limit = getrlimit(Resource::Nofile).current;
    limit.and_then(|limit| limit.try_into().ok()).unwrap_or(usize::MAX)
}

/// Lets this thread, and what it starts, be on any core.
pub(super) fn unpin() {
    let mut set = CpuSet::new();
    (0..cores()).for_each(|core| set.set(core));
    let _ = sched_setaffinity(None, &set);
}
