//! What grows, and how: the instructions of an invocation beside the size of its work.

use std::{path::Path, time::Duration};

use super::{
    case::run_of,
    count::{Tools, instructions},
    drive::Work,
    events,
    load::load,
    process,
    stats::micros,
    subject::named,
    table::{Table, whole},
};

/// What these tables are measured on.
pub(super) const SUBJECTS: [&str; 6] =
    ["omnifn aws", "omnifn aws queue", "omnifn many", "omnifn local", "lambda-http", "lambda-runtime-sqs"];

struct Meter<'m> {
    tools: Tools,
    scratch: &'m Path,
}

impl Meter<'_> {
    fn count(
        &self,
        subject: &str,
        work: Work,
        long: usize,
        variable: Option<(&str, String)>,
    ) -> Result<Option<f64>, String> {
        if !self.tools.valgrind {
            return Ok(None);
        }
        let mut run = run_of(named(subject)?, false);
        run.variables.extend(variable.map(|(name, value)| (name.to_owned(), value)));
        instructions(&run, &work, (long / 5 + 1, long), self.scratch).map(Some)
    }
}

fn shown(value: Option<f64>) -> String {
    value.map_or_else(|| "not measured".to_owned(), whole)
}

fn each(value: Option<f64>, of: usize) -> String {
    value.map_or_else(|| "not measured".to_owned(), |value| format!("{:.1}", value / of as f64))
}

fn beside(ours: Option<f64>, theirs: Option<f64>) -> String {
    ours.zip(theirs).map_or_else(|| "not measured".to_owned(), |(ours, theirs)| format!("{:.2}", ours / theirs))
}

/// All tables.
pub(super) fn tables(tools: Tools, scratch: &Path) -> Result<String, String> {
    let meter = Meter { tools, scratch };
    let parts: [(Part, &[&str]); 5] = [
        (payloads, &["omnifn aws", "lambda-http"]),
        (batches, &["omnifn aws queue", "lambda-runtime-sqs"]),
        (functions, &["omnifn many"]),
        (headers, &["omnifn aws", "lambda-http", "omnifn local"]),
        (connections, &["omnifn local"]),
    ];
    let mut text = String::new();
    for (part, subjects) in parts {
        match subjects.iter().find(|name| named(name).is_ok_and(|subject| subject.size().is_none())) {
            Some(missing) => eprintln!("a table of scaling is left out, for `{missing}` is not built"),
            None => text.push_str(&part(&meter)?),
        }
    }
    Ok(text)
}

type Part = fn(&Meter<'_>) -> Result<String, String>;

fn payloads(meter: &Meter<'_>) -> Result<String, String> {
    let mut table = Table::new(&["body, bytes", "omnifn aws", "of a byte", "lambda-http", "ratio"]);
    for size in [1_000, 10_000, 100_000, 1_000_000, 4_500_000] {
        let long = (3_000_000 / size).clamp(6, 120);
        let work = || Work::Event(events::http_api_base64(size));
        let (ours, theirs) =
            (meter.count("omnifn aws", work(), long, None)?, meter.count("lambda-http", work(), long, None)?);
        table.row(&[whole(size as f64), shown(ours), each(ours, size), shown(theirs), beside(ours, theirs)]);
    }
    let head = "### Payload: instructions of an invocation with a body in base64 (4,500,000 bytes are 6 MB of it)";
    Ok(format!("{head}\n\n{}\n", table.text()))
}

fn batches(meter: &Meter<'_>) -> Result<String, String> {
    let mut table = Table::new(&["messages", "omnifn aws queue", "of a message", "lambda-runtime-sqs", "ratio"]);
    for count in [1, 10, 100, 1_000, 10_000] {
        let long = (3_000 / count).clamp(5, 120);
        let work = || Work::Event(events::sqs(count));
        let (ours, theirs) = (
            meter.count("omnifn aws queue", work(), long, None)?,
            meter.count("lambda-runtime-sqs", work(), long, None)?,
        );
        table.row(&[whole(count as f64), shown(ours), each(ours, count), shown(theirs), beside(ours, theirs)]);
    }
    Ok(format!("### Batch: instructions of a delivery of SQS\n\n{}\n", table.text()))
}

fn functions(meter: &Meter<'_>) -> Result<String, String> {
    let mut table = Table::new(&["functions", "instructions of a request to the first"]);
    let request = b"GET /of/0/7 HTTP/1.1\r\nhost: localhost\r\n\r\n".to_vec();
    for count in [1, 10, 50, 100, 200] {
        let variable = Some(("FUNCTIONS", count.to_string()));
        let cost = meter.count("omnifn many", Work::Request(request.clone()), 600, variable)?;
        table.row(&[count.to_string(), shown(cost)]);
    }
    Ok(format!("### Functions in one program\n\n{}\n", table.text()))
}

fn headers(meter: &Meter<'_>) -> Result<String, String> {
    let columns = ["headers more", "omnifn aws", "lambda-http", "ratio", "omnifn local"];
    let mut table = Table::new(&columns);
    for more in [0, 10, 30, 80] {
        let event = || Work::Event(events::http_api_with("{}", false, more));
        let (ours, theirs) =
            (meter.count("omnifn aws", event(), 200, None)?, meter.count("lambda-http", event(), 200, None)?);
        let local = meter.count("omnifn local", Work::Request(events::http_with(b"{}", more)), 300, None)?;
        table.row(&[more.to_string(), shown(ours), shown(theirs), beside(ours, theirs), shown(local)]);
    }
    Ok(format!("### Headers: instructions beside how many more there are than a browser's\n\n{}\n", table.text()))
}

fn connections(_: &Meter<'_>) -> Result<String, String> {
    let columns = ["connections, idle but 16", "requests a second", "CPU of a request, µs", "memory, kB", "kB of one"];
    let mut table = Table::new(&columns);
    let run = run_of(named("omnifn local")?, true);
    let request = events::http();
    let mut first = None;
    for count in [1, 100, 1_000, 10_000] {
        if process::files() < count + 100 {
            eprintln!("{count} connections are left out: this system allows {} open files", process::files());
            continue;
        }
        let busy = count.min(16);
        let load = load(&run, &request, busy, count - busy, Duration::from_secs(2))?;
        let least = *first.get_or_insert(load.memory);
        let of_one = (load.memory.saturating_sub(least)) as f64 / count as f64;
        table.row(&[
            whole(count as f64),
            whole(load.per_second),
            format!("{:.1}", micros(load.cpu)),
            whole(load.memory as f64),
            format!("{of_one:.1}"),
        ]);
    }
    Ok(format!("### Connections\n\n{}\n", table.text()))
}
