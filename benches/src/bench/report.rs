//! All of it, and `benches/RESULTS.md`.

use std::path::Path;

use super::{
    Options, bars,
    case::Case,
    clouds, framework, machine,
    measure::{self, Effort, Row},
    plot::{self, Bar},
    scaling, size,
    subject::Subject,
    table,
};

pub(super) fn report(
    options: &Options,
    cases: &[Case],
    subjects: &[&Subject],
    effort: Effort,
    scaling: bool,
    scratch: &Path,
) -> Result<(), String> {
    for case in cases {
        eprintln!("{}: comparing replies", case.name);
        measure::check(case)?;
    }
    let mut results: Vec<(&'static str, Vec<Row>)> = Vec::new();
    let mut text = String::new();
    for case in cases {
        eprintln!("{}: measuring", case.name);
        let rows = measure::measure(case, effort, scratch)?;
        let part = table::of_case(case, &rows);
        println!("{part}");
        text.push_str(&part);
        text.push('\n');
        results.push((case.name, rows));
    }
    let (mut loads, mut times) = (String::new(), Vec::new());
    if !options.smoke && options.wants("frameworks") {
        (loads, times) = framework::table(options.rounds)?;
        println!("{loads}");
    }
    let mut everywhere = String::new();
    if !options.smoke && options.wants("clouds") {
        everywhere = clouds::table(effort.tools, scratch)?;
        println!("{everywhere}");
    }
    let sizes = size::table(subjects);
    println!("{sizes}");
    let mut scales = String::new();
    if scaling {
        scales = scaling::tables(effort.tools, scratch)?;
        println!("{scales}");
    }
    let bars = bars::table(&results, &times);
    println!("{bars}");
    if options.smoke || !options.only.is_empty() {
        return Ok(());
    }
    let whole = format!(
        "# Results\n\nWritten by `cargo run --release -p omnifn-bench`; [README.md](README.md) says how. {}.\n\n\
         omnifn's programs unwind a panic; the peers' abort. All else of the profile is the same: `opt-level = 3`, fat LTO, one \
         codegen unit, stripped. Times are medians of {} rounds in which all subjects had their turn on one core, and their \
         ratios were taken within each round. Counts are exact: the difference of a longer and a shorter run.\n\n\
         ## Bars\n\n{bars}\n## An invocation\n\n{text}## The same functions on every cloud\n\n{everywhere}\n## Throughput: 32 connections, one core\n\n{loads}\n## Size\n\n{sizes}\n## Scaling\n\n{scales}",
        machine::described(),
        effort.rounds
    );
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let write = |name: &str, text: &str| {
        std::fs::write(folder.join(name), text).map_err(|error| format!("benches/{name}: {error}"))
    };
    write("RESULTS.md", &whole)?;
    let groups = |of: &dyn Fn(&Row) -> Option<(f64, String)>| plotted(&results, of);
    let work = groups(&|row| row.cost.instructions.map(|count| (count, table::whole(count))));
    let latency = groups(&|row| Some((row.times.latency, format!("{:.0} µs", row.times.latency))));
    write("work.svg", &plot::bars("Instructions of an invocation", &work))?;
    write("latency.svg", &plot::bars("Latency of an invocation, median", &latency))
}

/// The cases of a plot, and what stands above each.
const PLOTTED: [(&str, &str); 5] = [
    ("aws-hello", "AWS Lambda, a request"),
    ("aws-queue", "AWS Lambda, ten messages of a queue"),
    ("http-hello", "Google Cloud Run, a request"),
    ("gcp-storage", "Google Cloud, a CloudEvent"),
    ("azure-hello", "Azure Functions, a request"),
];

fn plotted<'p>(results: &bars::Results, of: &dyn Fn(&Row) -> Option<(f64, String)>) -> Vec<(&'p str, Vec<Bar>)> {
    let left_out = ["omnifn aws, by hand", "omnifn local"];
    let group = |(case, title): (&str, &'p str)| {
        let (_, rows) = results.iter().find(|(name, _)| *name == case)?;
        let rows = rows.iter().filter(|row| !left_out.contains(&row.subject.name));
        let bar = |row: &Row| of(row).map(|(value, shown)| Bar { name: row.subject.name.to_owned(), value, shown });
        Some((title, rows.filter_map(bar).collect()))
    };
    PLOTTED.into_iter().filter_map(group).collect()
}
