//! Tables, `RESULTS.md`, and the charts of the README.

use std::{fmt::Write as _, path::Path, process::Command};

use crate::{
    bars::{self, Results},
    cases::Case,
    count::Cost,
    load::{self, Load, Server},
    measure::{self, Effort, Round, Row},
    plot::{self, Bar},
    programs::{self, Role, workspace},
};

/// Measures everything, prints it, and writes the files of a complete run.
pub(crate) fn report(
    cases: &[Case],
    servers: &[Server],
    effort: Effort,
    is_complete: bool,
    scratch: &Path,
) -> Result<(), String> {
    let mut results: Vec<(&'static str, Vec<Row>)> = Vec::new();
    let mut tables = String::new();
    for case in cases {
        let rows = measure::measure(case, effort, scratch)?;
        let table = format!("### {}\n\n{}\n", case.title, case_table(&rows));
        println!("{table}");
        tables.push_str(&table);
        results.push((case.name, rows));
    }
    if !servers.is_empty() {
        eprintln!("throughput: measuring");
    }
    let loads = load::measure(servers, effort.rounds)?;
    let (throughput, sizes, bars) =
        (throughput_table(&loads), size_table(), bars::table(&results, &loads, is_complete));
    println!("{throughput}\n{sizes}\n{bars}");
    if !is_complete {
        return Ok(());
    }
    let write = |name: &str, text: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
        std::fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))
    };
    let (machine, rounds) = (machine(), effort.rounds);
    write(
        "RESULTS.md",
        &format!(
            "# Results\n\nWritten by `cargo run --release -p omnifn-bench`; [README.md](README.md) describes the programs and \
             the method. Times are medians of {rounds} rounds in which all programs took turns on one core, and ratios of times \
             are medians of each round's ratio. Instructions and system calls are exact.\n\n{machine}\n\n\
             ## Bars\n\nThese are goals of the project. A missed one fails no build.\n\n{bars}\n\
             ## One invocation\n\nIn brackets: how many times the equal-work peer's, which is the second program of each table.\n\n\
             {tables}## Throughput\n\n32 connections; the server has one core, and the load generator another.\n\n{throughput}\n\
             ## Size\n\n{sizes}"
        ),
    )?;
    let work = plotted(&results, |row| row.cost.instructions, &|value| grouped(value));
    let latency = plotted(&results, |row| Some(row.figure(|round| round.p50)), &|value| format!("{value:.0} µs"));
    write("work.svg", &plot::chart("Instructions of one invocation (less is better)", &work))?;
    write("latency.svg", &plot::chart("Median latency of one invocation (less is better)", &latency))
}

/// A Markdown table.
#[derive(Debug)]
pub(crate) struct Table(String);

impl Table {
    /// Starts a table with these columns. All but the first are aligned to the right.
    pub(crate) fn new(columns: &[&str]) -> Self {
        Table(format!("| {} |\n|---{}|\n", columns.join(" | "), "|---:".repeat(columns.len() - 1)))
    }

    /// Adds a row.
    pub(crate) fn row(&mut self, cells: &[String]) {
        let _ = writeln!(self.0, "| {} |", cells.join(" | "));
    }

    /// Returns the Markdown.
    pub(crate) fn text(self) -> String {
        self.0
    }
}

/// A whole number with its thousands grouped.
fn grouped(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

fn one_digit(number: f64) -> String {
    format!("{number:.1}")
}

fn case_table(rows: &[Row]) -> String {
    let mut table = Table::new(&[
        "program",
        "instructions",
        "CPU, µs",
        "latency p50, µs",
        "p99, µs",
        "system calls",
        "log lines",
        "start, µs",
        "memory, kB",
    ]);
    let peer = rows.iter().find(|row| row.program.role == Role::EqualWork);
    for row in rows {
        let exact = |of: fn(&Cost) -> Option<f64>, shown: fn(f64) -> String| {
            let ratio = peer.and_then(|peer| row.cost_ratio(peer, of)).unwrap_or(f64::NAN);
            of(&row.cost).map_or_else(|| "not counted".to_owned(), |value| format!("{} ({ratio:.2})", shown(value)))
        };
        let time = |of: fn(&Round) -> f64, shown: fn(f64) -> String| {
            let ratio = peer.map_or(f64::NAN, |peer| row.ratio(peer, of));
            format!("{} ({ratio:.2})", shown(row.figure(of)))
        };
        table.row(&[
            row.program.label.to_owned(),
            exact(|cost| cost.instructions, grouped),
            time(|round| round.cpu, one_digit),
            time(|round| round.p50, one_digit),
            time(|round| round.p99, one_digit),
            exact(|cost| cost.system_calls, one_digit),
            row.log_lines.to_string(),
            time(|round| round.start, grouped),
            time(|round| round.memory, grouped),
        ]);
    }
    table.text()
}

fn throughput_table(loads: &[Load]) -> String {
    let mut table = Table::new(&[
        "server",
        "requests per second",
        "CPU of a request, µs",
        "omnifn's throughput of a core",
        "memory, kB",
    ]);
    for load in loads {
        let ratio = loads[0].throughput_over(load);
        table.row(&[
            load.label.to_owned(),
            grouped(load.per_second),
            one_digit(load.cpu),
            format!("{ratio:.2} ×"),
            grouped(load.memory),
        ]);
    }
    table.text()
}

fn size_table() -> String {
    let mut table = Table::new(&["program", "bytes, stripped"]);
    for program in programs::ALL {
        if let Some(size) = program.size() {
            table.row(&[program.name.to_owned(), grouped(size as f64)]);
        }
    }
    table.text()
}

/// The cases of the charts, and their headings.
const PLOTTED: [(&str, &str); 5] = [
    ("aws-http", "AWS Lambda, an HTTP API request"),
    ("aws-sqs", "AWS Lambda, ten SQS messages"),
    ("cloud-run-http", "Google Cloud Run, an HTTP request"),
    ("cloud-run-cloudevent", "Google Cloud Run, a CloudEvent"),
    ("azure-http", "Azure Functions, an HTTP request"),
];

fn plotted(
    results: &Results,
    of: impl Fn(&Row) -> Option<f64>,
    shown: &dyn Fn(f64) -> String,
) -> Vec<(&'static str, Vec<Bar>)> {
    let bar = |row: &Row| {
        let value = of(row)?;
        let is_omnifn = row.program.role == Role::Omnifn;
        Some(Bar { label: row.program.label, value, shown: shown(value), is_omnifn })
    };
    let group = |(case, heading)| {
        let (_, rows) = results.iter().find(|(name, _)| *name == case)?;
        Some((heading, rows.iter().filter(|row| row.program.name != "omnifn, local HTTP").filter_map(bar).collect()))
    };
    PLOTTED.into_iter().filter_map(group).collect()
}

/// Describes the machine, the tools, and the versions of the peers.
fn machine() -> String {
    let first_line = |program: &str, arguments: &[&str]| {
        let output = Command::new(program).args(arguments).output().ok().filter(|output| output.status.success())?;
        Some(String::from_utf8_lossy(&output.stdout).lines().next()?.trim().to_owned())
    };
    let cpus = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let models: Vec<&str> =
        cpus.lines().filter_map(|line| line.strip_prefix("model name")?.split(": ").nth(1)).collect();
    let kernel = first_line("uname", &["-sr"]).unwrap_or_default();
    let mut text = format!("Machine: {} × {}, {kernel}.", models.len(), models.first().unwrap_or(&"unknown CPU"));
    let target = workspace().join("target");
    let npm = std::fs::read(target.join("npm/node_modules/@google-cloud/functions-framework/package.json"));
    let npm = npm.ok().and_then(|text| serde_json::from_slice::<serde_json::Value>(&text).ok());
    let npm = npm.and_then(|package| package["version"].as_str().map(str::to_owned));
    let python = target.join("venv/bin/python").display().to_string();
    let pypi = "import importlib.metadata as m; print(m.version('functions-framework'))";
    let tools = [
        ("rustc", first_line("rustc", &["--version"]).map(|line| line.replace("rustc ", ""))),
        ("valgrind", first_line("valgrind", &["--version"]).map(|line| line.replace("valgrind-", ""))),
        ("strace", first_line("strace", &["--version"]).map(|line| line.replace("strace -- version ", ""))),
        ("node", first_line("node", &["--version"])),
        (load::NPM, npm),
        ("python", first_line(&python, &["--version"]).map(|line| line.replace("Python ", ""))),
        (load::PYPI, first_line(&python, &["-c", pypi])),
    ];
    text.push_str("\n\nVersions: ");
    for (name, version) in tools {
        let _ = write!(text, "{name} {}, ", version.unwrap_or_else(|| "not installed".to_owned()));
    }
    let lock = std::fs::read_to_string(workspace().join("Cargo.lock")).unwrap_or_default();
    let version = |name: &str| {
        let (_, rest) = lock.split_once(&format!("name = \"{name}\"\nversion = \""))?;
        rest.split('"').next()
    };
    let crates = [
        "lambda_http",
        "lambda_runtime",
        "aws_lambda_events",
        "axum",
        "tower-http",
        "hyper",
        "tokio",
        "tracing-subscriber",
    ];
    let crates: Vec<String> = crates.iter().filter_map(|name| Some(format!("{name} {}", version(name)?))).collect();
    text + &crates.join(", ") + "."
}
