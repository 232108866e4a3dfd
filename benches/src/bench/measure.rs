//! All figures of a case.

use std::path::Path;

use super::{
    case::{Case, run_of},
    count::{Cost, Tools, cost},
    drive::drive,
    process::evict,
    reply,
    stats::{median, micros},
    subject::Subject,
};

/// The figures of one subject.
#[derive(Debug)]
pub(super) struct Row {
    /// Whose they are.
    pub(super) subject: &'static Subject,
    /// Exact counts.
    pub(super) cost: Cost,
    /// Medians of rounds.
    pub(super) times: Times,
    /// The proportion of each to the base's, round by round.
    pub(super) ratios: Times,
}

/// Times in microseconds, and memory in kB.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Times {
    /// On a core, for an invocation.
    pub(super) cpu: f64,
    /// From an event to its reply, the median.
    pub(super) latency: f64,
    /// From the program's start to its first question or response, with its file in the page cache.
    pub(super) warm_start: f64,
    /// The same, with its file on the disk.
    pub(super) cold_start: f64,
    /// The proportional set size.
    pub(super) memory: f64,
}

impl Times {
    fn each(&self) -> [f64; 5] {
        [self.cpu, self.latency, self.warm_start, self.cold_start, self.memory]
    }

    fn from_each([cpu, latency, warm_start, cold_start, memory]: [f64; 5]) -> Self {
        Times { cpu, latency, warm_start, cold_start, memory }
    }

    fn medians(rows: &[Times]) -> Self {
        let column = |index: usize| median(&rows.iter().map(|row| row.each()[index]).collect::<Vec<_>>());
        Times::from_each(std::array::from_fn(column))
    }

    fn over(&self, base: &Times) -> Self {
        let (ours, theirs) = (self.each(), base.each());
        Times::from_each(std::array::from_fn(|index| ours[index] / theirs[index]))
    }
}

/// How much is measured.
#[derive(Debug, Clone, Copy)]
pub(super) struct Effort {
    /// How often each subject has its turn.
    pub(super) rounds: usize,
    /// Invocations in a turn.
    pub(super) invocations: usize,
    /// Which exact counts there are.
    pub(super) tools: Tools,
}

/// Sees that all subjects of a case answer alike.
///
/// # Errors
/// Shows two replies that differ.
pub(super) fn check(case: &Case) -> Result<(), String> {
    let mut first: Option<(&str, String)> = None;
    for subject in case.subjects()? {
        let shown = drive(&run_of(subject, false), &case.work, 3)?;
        if case.mute.contains(&subject.name) {
            continue;
        }
        let said = reply::plain(&case.work, &shown.reply)?;
        match &first {
            Some((name, other)) if *other != said => {
                return Err(format!(
                    "{}: {name} answers:\n{other}\n\nand {} answers:\n{said}",
                    case.name, subject.name
                ));
            }
            Some(_) => {}
            None => first = Some((subject.name, said)),
        }
    }
    Ok(())
}

/// Measures a case: all subjects in turn, round by round.
pub(super) fn measure(case: &Case, effort: Effort, scratch: &Path) -> Result<Vec<Row>, String> {
    let subjects = case.subjects()?;
    let mut rounds: Vec<Vec<Times>> = vec![Vec::new(); subjects.len()];
    for _ in 0..effort.rounds {
        for (subject, rows) in subjects.iter().zip(&mut rounds) {
            rows.push(turn(subject, case, effort)?);
        }
    }
    let base = subjects.iter().position(|subject| subject.name == case.base).unwrap_or_default();
    let base = rounds.get(base).cloned().unwrap_or_default();
    let row = |(subject, rows): (&&'static Subject, &Vec<Times>)| {
        eprintln!("  {}: counting", subject.name);
        let ratios: Vec<Times> = rows.iter().zip(&base).map(|(row, base)| row.over(base)).collect();
        let cost = cost(effort.tools, &run_of(subject, false), &case.work, case.lengths, scratch)?;
        Ok(Row { subject, cost, times: Times::medians(rows), ratios: Times::medians(&ratios) })
    };
    subjects.iter().zip(&rounds).map(row).collect()
}

fn turn(subject: &Subject, case: &Case, effort: Effort) -> Result<Times, String> {
    let run = run_of(subject, true);
    evict(&run.command[0])?;
    let cold = drive(&run, &case.work, 1)?;
    // A start is short, so there are several.
    let warm: Result<Vec<f64>, String> =
        (0..7).map(|_| drive(&run, &case.work, 1).map(|shown| micros(shown.start))).collect();
    let shown = drive(&run, &case.work, effort.invocations)?;
    let latencies: Vec<f64> = shown.latencies.iter().skip(effort.invocations / 10).copied().map(micros).collect();
    Ok(Times {
        cpu: micros(shown.cpu),
        latency: median(&latencies),
        warm_start: median(&warm?),
        cold_start: micros(cold.start),
        memory: shown.memory as f64,
    })
}
