//! All figures of a case.

use std::{path::Path, time::Duration};

use crate::{
    cases::Case,
    count::{Cost, Tools, cost},
    drive::{Measured, Run, Work, drive},
    programs::{Program, Role, named},
    reply,
};

/// How much is measured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Effort {
    /// How often each program is measured, in alternation with the others.
    pub(crate) rounds: usize,
    /// Invocations in a round.
    pub(crate) invocations: usize,
    pub(crate) tools: Tools,
}

/// The figures of one program in one case.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) program: &'static Program,
    pub(crate) cost: Cost,
    /// Log lines of an invocation.
    pub(crate) log_lines: f64,
    rounds: Vec<Round>,
}

/// The figures of a round, in microseconds and kB.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Round {
    /// CPU time of an invocation.
    pub(crate) cpu: f64,
    /// The median latency.
    pub(crate) p50: f64,
    pub(crate) p99: f64,
    /// From the start of the process to its first request for an event, or to its first response.
    pub(crate) start: f64,
    pub(crate) memory: f64,
}

impl Row {
    /// Returns the median of a figure.
    pub(crate) fn figure(&self, of: fn(&Round) -> f64) -> f64 {
        median(&self.rounds.iter().map(of).collect::<Vec<_>>())
    }

    /// Returns how many times the other's a figure is: the median of the rounds' ratios, so that what disturbs the machine for a
    /// while affects both sides.
    pub(crate) fn ratio(&self, other: &Row, of: fn(&Round) -> f64) -> f64 {
        let ratios = self.rounds.iter().zip(&other.rounds).map(|(own, other)| of(own) / of(other));
        median(&ratios.collect::<Vec<_>>())
    }

    /// Returns how many times the other's an exact count is.
    pub(crate) fn cost_ratio(&self, other: &Row, of: fn(&Cost) -> Option<f64>) -> Option<f64> {
        Some(of(&self.cost)? / of(&other.cost)?)
    }
}

/// Checks that all programs of a case give the same reply, and measures them in alternation.
///
/// # Errors
/// When a program fails, and when two replies differ.
pub(crate) fn measure(case: &Case, effort: Effort, scratch: &Path) -> Result<Vec<Row>, String> {
    let mut rows = Vec::new();
    for name in &case.programs {
        let program = named(name)?;
        rows.push(Row { program, cost: Cost::default(), log_lines: 0.0, rounds: Vec::new() });
    }
    eprintln!("{}: comparing replies", case.name);
    compare_replies(case, &mut rows, scratch)?;
    eprintln!("{}: measuring times", case.name);
    for _ in 0..effort.rounds {
        for row in &mut rows {
            row.rounds.push(round(row.program, case, effort)?);
        }
    }
    for row in &mut rows {
        eprintln!("{}: counting {}", case.name, row.program.label);
        row.cost = cost(effort.tools, &Run::of(row.program), &case.work, case.lengths, scratch)?;
    }
    Ok(rows)
}

fn compare_replies(case: &Case, rows: &mut [Row], scratch: &Path) -> Result<(), String> {
    let mut first: Option<(&str, String)> = None;
    for row in rows {
        let name = row.program.name;
        let (few, _) = logged(row.program, case, 2, scratch)?;
        let (more, measured) = logged(row.program, case, 12, scratch)?;
        row.log_lines = (more as f64 - few as f64) / 10.0;
        if row.program.role != Role::Reference && row.log_lines != 1.0 {
            eprintln!("warning: {name} writes {} log lines for an invocation, not one", row.log_lines);
        }
        // The event is not decoded there, so the reply cannot depend on it.
        if name == "raw lambda_runtime" {
            continue;
        }
        let reply = reply::normalized(&case.work, &measured.reply)?;
        match &first {
            Some((other, expected)) if *expected != reply => {
                return Err(format!("{}: {other} replies:\n{expected}\n\nbut {name} replies:\n{reply}", case.name));
            }
            Some(_) => {}
            None => first = Some((name, reply)),
        }
    }
    Ok(())
}

/// Counts the log lines of a whole run: those in its output, and those that Azure's host reads from the replies.
fn logged(program: &Program, case: &Case, count: usize, scratch: &Path) -> Result<(usize, Measured), String> {
    let output = scratch.join("output.log");
    let _ = std::fs::remove_file(&output);
    let run = Run { output: Some(output.clone()), ..Run::of(program) };
    let measured = drive(&run, &case.work, count)?;
    let text = std::fs::read(&output).map_err(|error| format!("{}: {error}", output.display()))?;
    let lines = String::from_utf8_lossy(&text).lines().filter(|line| !line.trim().is_empty()).count();
    let envelope: serde_json::Value = match case.work {
        Work::Request(_) => serde_json::from_slice(&measured.reply.body).unwrap_or_default(),
        Work::Event(_) => serde_json::Value::Null,
    };
    let in_reply = envelope["Logs"].as_array().map_or(0, Vec::len);
    Ok((lines + in_reply * count, measured))
}

/// How many starts are measured in a round.
const STARTS: usize = 7;

fn round(program: &Program, case: &Case, effort: Effort) -> Result<Round, String> {
    let run = Run::of(program);
    let start = || drive(&run, &case.work, 1).map(|measured| micros(measured.start));
    let starts: Vec<f64> = (0..STARTS).map(|_| start()).collect::<Result<_, _>>()?;
    let measured = drive(&run, &case.work, effort.invocations)?;
    let warm = measured.latencies.iter().skip(effort.invocations / 10);
    let latencies: Vec<f64> = warm.copied().map(micros).collect();
    Ok(Round {
        cpu: micros(measured.cpu),
        p50: median(&latencies),
        p99: quantile(&latencies, 0.99),
        start: median(&starts),
        memory: measured.memory as f64,
    })
}

/// Returns the value that this part of all values does not exceed.
fn quantile(values: &[f64], part: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let rank = (sorted.len() as f64 * part).ceil() as usize;
    sorted.get(rank.clamp(1, sorted.len().max(1)) - 1).copied().unwrap_or(f64::NAN)
}

/// Returns the median.
pub(crate) fn median(values: &[f64]) -> f64 {
    quantile(values, 0.5)
}

/// Returns a time in microseconds.
pub(crate) fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}
