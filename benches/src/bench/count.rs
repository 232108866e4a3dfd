//! Exact costs: what a longer run took more than a shorter one, for each invocation.

use std::{path::Path, process::Command};

use super::drive::{Run, Work, drive};

/// Whether a tool is there.
pub(super) fn has(tool: &str) -> bool {
    Command::new(tool).arg("--version").output().is_ok_and(|output| output.status.success())
}

/// What an invocation costs.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Cost {
    /// Instructions, by callgrind.
    pub(super) instructions: Option<f64>,
    /// Allocations, by dhat.
    pub(super) allocations: Option<f64>,
    /// System calls, by strace.
    pub(super) calls: Option<f64>,
}

/// Which of them are counted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tools {
    /// callgrind and dhat.
    pub(super) valgrind: bool,
    /// strace.
    pub(super) strace: bool,
}

impl Tools {
    /// Those that are there; says which are not.
    pub(super) fn find() -> Self {
        let found = Tools { valgrind: has("valgrind"), strace: has("strace") };
        if !found.valgrind {
            eprintln!("valgrind is not there: instructions and allocations are left out");
        }
        if !found.strace {
            eprintln!("strace is not there: system calls are left out");
        }
        found
    }
}

/// Two numbers of invocations, whose difference is counted.
pub(super) type Lengths = (usize, usize);

/// All that the tools count.
pub(super) fn cost(tools: Tools, run: &Run, work: &Work, lengths: Lengths, scratch: &Path) -> Result<Cost, String> {
    let mut cost = Cost::default();
    if tools.valgrind {
        cost.instructions = Some(instructions(run, work, lengths, scratch)?);
        let options = ["--tool=dhat", "--dhat-out-file=/dev/null"];
        cost.allocations = Some(difference(run, work, lengths, |run, work, count| {
            let log = valgrind(&options, run, work, count, scratch)?;
            let line = log.lines().find(|line| line.contains("Total:") && line.contains("blocks"));
            number(line.and_then(|line| line.split(" in ").nth(1))).ok_or_else(|| format!("dhat said: {log}"))
        })?);
    }
    if tools.strace {
        let (short, long) = (lengths.0.min(20), lengths.0.min(20) + lengths.1.min(200));
        cost.calls = Some(difference(run, work, (short, long), |run, work, count| calls(run, work, count, scratch))?);
    }
    Ok(cost)
}

/// Instructions alone.
pub(super) fn instructions(run: &Run, work: &Work, lengths: Lengths, scratch: &Path) -> Result<f64, String> {
    let options = ["--tool=callgrind", "--callgrind-out-file=/dev/null"];
    difference(run, work, lengths, |run, work, count| {
        let log = valgrind(&options, run, work, count, scratch)?;
        let line = log.lines().find_map(|line| line.split("Collected : ").nth(1));
        number(line).ok_or_else(|| format!("callgrind said: {log}"))
    })
}

fn difference(
    run: &Run,
    work: &Work,
    (short, long): Lengths,
    total: impl Fn(&Run, &Work, usize) -> Result<u64, String>,
) -> Result<f64, String> {
    let (less, more) = (total(run, work, short)?, total(run, work, long)?);
    Ok(more.saturating_sub(less) as f64 / (long - short) as f64)
}

fn valgrind(options: &[&str], run: &Run, work: &Work, count: usize, scratch: &Path) -> Result<String, String> {
    let log = scratch.join("valgrind.log");
    let mut command = vec!["valgrind".to_owned(), format!("--log-file={}", log.display())];
    command.extend(options.iter().map(|option| (*option).to_owned()));
    behind(command, run, work, count)?;
    std::fs::read_to_string(&log).map_err(|error| format!("{}: {error}", log.display()))
}

fn calls(run: &Run, work: &Work, count: usize, scratch: &Path) -> Result<u64, String> {
    let log = scratch.join("strace.log");
    let command = ["strace", "-f", "-qq", "-e", "signal=none", "-o"].map(str::to_owned);
    let mut command = Vec::from(command);
    command.push(log.display().to_string());
    behind(command, run, work, count)?;
    let text = std::fs::read(&log).map_err(|error| format!("{}: {error}", log.display()))?;
    let text = String::from_utf8_lossy(&text);
    let is_call = |line: &&str| line.contains('(') && !line.contains(" resumed>") && !line.contains("+++");
    Ok(text.lines().filter(is_call).count() as u64)
}

fn behind(mut wrapper: Vec<String>, run: &Run, work: &Work, count: usize) -> Result<(), String> {
    wrapper.extend(run.command.iter().cloned());
    let run = Run { command: wrapper, variables: run.variables.clone(), pinned: false };
    drive(&run, work, count).map(|_| ())
}

fn number(text: Option<&str>) -> Option<u64> {
    let digits: String = text?.trim_start().chars().take_while(|c| c.is_ascii_digit() || *c == ',').collect();
    digits.replace(',', "").parse().ok()
}
