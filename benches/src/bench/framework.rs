//! Throughput beside the frameworks of npm and PyPI, where they are installed.

use std::{path::PathBuf, time::Duration};

use super::{
    case::run_of,
    drive::Run,
    events,
    load::{Load, load},
    stats::{median, micros},
    subject::{folder, named},
    table::{Table, whole},
};

/// A framework's function, and how it is run.
fn frameworks() -> Vec<(&'static str, Option<Run>)> {
    let source = folder().join("frameworks");
    let target = folder().join("target");
    let run = |program: PathBuf, arguments: &[&str], variables: &[(&str, String)]| Run {
        command: std::iter::once(program.display().to_string())
            .chain(arguments.iter().map(|argument| (*argument).to_owned()))
            .collect(),
        variables: variables.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
        pinned: true,
    };
    let npm = target.join("npm/node_modules");
    let npm_source = source.display().to_string();
    let npm_run = npm.join(".bin/functions-framework").exists().then(|| {
        let program = npm.join(".bin/functions-framework");
        run(
            program,
            &["--target=hello", &format!("--source={npm_source}")],
            &[("NODE_PATH", npm.display().to_string())],
        )
    });
    let python = target.join("venv/bin/functions-framework");
    let python_source = source.join("main.py").display().to_string();
    let python_run =
        python.exists().then(|| run(python, &["--target=hello", &format!("--source={python_source}")], &[]));
    vec![("npm functions-framework", npm_run), ("PyPI functions-framework", python_run)]
}

/// What each figure is, and how many times another's.
type Times = Vec<(&'static str, f64)>;

/// The table, and how many times the throughput of each framework ours is.
pub(super) fn table(rounds: usize) -> Result<(String, Times), String> {
    let mut table = Table::new(&["server", "requests a second", "CPU of a request, µs", "memory, kB"]);
    let ours = run_of(named("omnifn gcp")?, true);
    let mut subjects = vec![("omnifn gcp", ours)];
    for (name, run) in frameworks() {
        match run {
            Some(run) => subjects.push((name, run)),
            None => eprintln!("{name} is not installed: it is left out"),
        }
    }
    let request = events::http();
    let mut loads: Vec<Vec<Load>> = vec![Vec::new(); subjects.len()];
    for _ in 0..rounds.min(3) {
        for ((name, run), loads) in subjects.iter().zip(&mut loads) {
            let load = load(run, &request, 32, 0, Duration::from_secs(2)).map_err(|why| format!("{name}: {why}"))?;
            loads.push(load);
        }
    }
    let mut times = Vec::new();
    for ((name, _), own) in subjects.iter().zip(&loads) {
        if let (Some(load), Some(first)) = (own.first(), loads[0].first())
            && load.body != first.body
        {
            return Err(format!("omnifn answers {:?}, and {name} {:?}", first.body, load.body));
        }
        let of = |value: fn(&Load) -> f64| median(&own.iter().map(value).collect::<Vec<_>>());
        table.row(&[
            (*name).to_owned(),
            whole(of(|load| load.per_second)),
            format!("{:.1}", of(|load| micros(load.cpu))),
            whole(of(|load| load.memory as f64)),
        ]);
        // What one core can do: so it does not matter whether what asks keeps up.
        let rates: Vec<f64> =
            loads[0].iter().zip(own).map(|(ours, theirs)| micros(theirs.cpu) / micros(ours.cpu)).collect();
        match *name {
            "npm functions-framework" => {
                times.push(("throughput of a core, of npm's functions-framework", median(&rates)))
            }
            "PyPI functions-framework" => {
                times.push(("throughput of a core, of PyPI's functions-framework", median(&rates)))
            }
            _ => {}
        }
    }
    Ok((table.text(), times))
}
