//! Exact costs of an invocation: what a longer run takes more than a shorter one.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

use crate::drive::{Run, Work, drive};

/// The exact costs of an invocation.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Cost {
    /// Instructions in user space, by callgrind.
    pub(crate) instructions: Option<f64>,
    /// System calls, by strace.
    pub(crate) system_calls: Option<f64>,
}

/// Which tools are installed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tools {
    valgrind: bool,
    strace: bool,
}

impl Tools {
    /// Finds the tools, and reports the missing ones.
    pub(crate) fn find() -> Self {
        let has = |tool| Command::new(tool).arg("--version").output().is_ok_and(|output| output.status.success());
        let tools = Tools { valgrind: has("valgrind"), strace: has("strace") };
        if !tools.valgrind {
            eprintln!("valgrind is not installed: instructions are not counted");
        }
        if !tools.strace {
            eprintln!("strace is not installed: system calls are not counted");
        }
        tools
    }
}

static CALLGRIND: OnceLock<PathBuf> = OnceLock::new();

/// Keeps callgrind's output files in this folder. Only the first call has an effect.
pub(crate) fn keep_profiles(folder: PathBuf) {
    let _ = CALLGRIND.set(folder);
}

/// Counts everything that the tools can count.
pub(crate) fn cost(
    tools: Tools,
    run: &Run,
    work: &Work,
    (short, long): (usize, usize),
    scratch: &Path,
) -> Result<Cost, String> {
    let difference = |total: fn(&Run, &Work, usize, &Path) -> Result<u64, String>, short, long| {
        let (less, more) = (total(run, work, short, scratch)?, total(run, work, long, scratch)?);
        Ok::<_, String>(more.saturating_sub(less) as f64 / (long - short) as f64)
    };
    let mut cost = Cost::default();
    if tools.valgrind {
        cost.instructions = Some(difference(instructions, short, long)?);
    }
    if tools.strace {
        cost.system_calls = Some(difference(system_calls, 20, 120)?);
    }
    Ok(cost)
}

fn instructions(run: &Run, work: &Work, count: usize, scratch: &Path) -> Result<u64, String> {
    let log = scratch.join("valgrind.log");
    let log_file = format!("--log-file={}", log.display());
    let profile = match CALLGRIND.get() {
        // `omnifn-subject-hello-aws-named.3000`
        Some(folder) => {
            let program = run.command.first().and_then(|path| Path::new(path).file_name()).unwrap_or_default();
            folder.join(format!("{}.{count}", program.display()))
        }
        None => PathBuf::from("/dev/null"),
    };
    let profile = format!("--callgrind-out-file={}", profile.display());
    wrapped(&["valgrind", "--tool=callgrind", &profile, &log_file], run, work, count)?;
    let text = std::fs::read_to_string(&log).map_err(|error| format!("{}: {error}", log.display()))?;
    let collected = text.lines().find_map(|line| line.split("Collected : ").nth(1));
    let number = collected.and_then(|text| text.trim().replace(',', "").parse().ok());
    number.ok_or_else(|| format!("callgrind reported no count: {text}"))
}

fn system_calls(run: &Run, work: &Work, count: usize, scratch: &Path) -> Result<u64, String> {
    let log = scratch.join("strace.log");
    wrapped(&["strace", "-f", "-qq", "-e", "signal=none", "-o", &log.display().to_string()], run, work, count)?;
    let text = std::fs::read(&log).map_err(|error| format!("{}: {error}", log.display()))?;
    let is_call = |line: &&str| line.contains('(') && !line.contains(" resumed>") && !line.contains("+++");
    Ok(String::from_utf8_lossy(&text).lines().filter(is_call).count() as u64)
}

fn wrapped(wrapper: &[&str], run: &Run, work: &Work, count: usize) -> Result<(), String> {
    let command = wrapper.iter().map(|word| (*word).to_owned()).chain(run.command.iter().cloned()).collect();
    drive(&Run { command, ..run.clone() }, work, count).map(|_| ())
}
