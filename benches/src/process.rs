//! A program as a process, measured by what the kernel counts.

use std::{
    fs,
    os::unix::process::CommandExt as _,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use rustix::{
    process::{Pid, Signal, kill_process},
    thread::{CpuSet, sched_setaffinity},
};

use crate::drive::Run;

/// One of the two cores that a measurement uses.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Core {
    /// The core of the measured program.
    Program,
    /// The core of this program.
    Meter,
}

/// Pins this thread, and the threads and processes that it starts later.
pub(crate) fn pin(core: Core) {
    let mut set = CpuSet::new();
    set.set(match core {
        Core::Program => 0,
        Core::Meter => 1,
    });
    // On a machine with one core, or without the permission, both share what there is.
    let _ = sched_setaffinity(None, &set);
}

/// A process that ends when this value is dropped.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    /// Just before the start of the process.
    pub(crate) started: Instant,
}

impl Running {
    /// Starts a program on its own core.
    pub(crate) fn start(run: &Run) -> Result<Self, String> {
        let [program, arguments @ ..] = run.command.as_slice() else { return Err("no program".to_owned()) };
        let output = || match &run.output {
            Some(path) => fs::OpenOptions::new().create(true).append(true).open(path).map(Stdio::from),
            None => Ok(Stdio::null()),
        };
        let (stdout, stderr) = (output().map_err(|e| e.to_string())?, output().map_err(|e| e.to_string())?);
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::null()).stdout(stdout).stderr(stderr).process_group(0);
        for name in ["RUST_LOG", "OMNIFN_LOG", "OMNIFN_PROVIDER", "PORT"] {
            command.env_remove(name);
        }
        command.envs(run.variables.iter().map(|(name, value)| (name, value)));
        pin(Core::Program);
        let started = Instant::now();
        let child = command.spawn();
        pin(Core::Meter);
        Ok(Running { child: child.map_err(|error| format!("{program}: {error}"))?, started })
    }

    /// Returns the CPU time of all its threads and child processes.
    pub(crate) fn cpu(&self) -> Duration {
        let of_task = |task: fs::DirEntry| {
            let text = fs::read_to_string(task.path().join("schedstat")).ok()?;
            text.split_whitespace().next()?.parse::<u64>().ok()
        };
        let of_process =
            |id| fs::read_dir(format!("/proc/{id}/task")).into_iter().flatten().flatten().filter_map(of_task);
        Duration::from_nanos(self.processes().into_iter().flat_map(of_process).sum())
    }

    /// Returns the proportional set size of it and its child processes, in kB.
    pub(crate) fn memory(&self) -> u64 {
        let of_process = |id| {
            let text = fs::read_to_string(format!("/proc/{id}/smaps_rollup")).ok()?;
            let line = text.lines().find_map(|line| line.strip_prefix("Pss:"))?;
            line.split_whitespace().next()?.parse::<u64>().ok()
        };
        self.processes().into_iter().filter_map(of_process).sum()
    }

    /// Sends SIGTERM, and waits for the exit.
    pub(crate) fn end(mut self) {
        // A wrapper such as strace ends with the program that it wraps.
        let mut processes = self.processes();
        if processes.len() > 1 {
            processes.remove(0);
        }
        processes.into_iter().for_each(|id| signal(id, Signal::TERM));
        let limit = Instant::now() + Duration::from_secs(10);
        while Instant::now() < limit && !matches!(self.child.try_wait(), Ok(Some(_))) {
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// The process, then its descendants.
    fn processes(&self) -> Vec<u32> {
        let mut found = vec![self.child.id()];
        let mut next = 0;
        while let Some(id) = found.get(next).copied() {
            next += 1;
            for task in fs::read_dir(format!("/proc/{id}/task")).into_iter().flatten().flatten() {
                let children = fs::read_to_string(task.path().join("children")).unwrap_or_default();
                found.extend(children.split_whitespace().filter_map(|id| id.parse::<u32>().ok()));
            }
        }
        found
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Once it has exited, its id may belong to another process.
        if !matches!(self.child.try_wait(), Ok(Some(_))) {
            self.processes().into_iter().skip(1).for_each(|id| signal(id, Signal::KILL));
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

fn signal(id: u32, signal: Signal) {
    if let Some(pid) = i32::try_from(id).ok().and_then(Pid::from_raw) {
        let _ = kill_process(pid, signal);
    }
}
