//! `cargo omnifn cost`

use std::path::PathBuf;

use crate::{
    args::SourceArgs,
    cloud::Cloud,
    cost::{self, Calls, Estimate, Given, Micros, Prices, Recorded, Workload},
    cron::Cron,
    error::{Error, Kind, Result},
    load,
    model::{App, Function, Trigger},
    output::Output,
    table::Table,
};

/// Estimate what a month costs.
///
/// What functions cost to run: without queues, buckets, gateways, logs and traffic.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The clouds.
    #[arg(long, short, value_name = "CLOUDS", value_delimiter = ',', default_value = "aws,gcp,azure")]
    pub target: Vec<Cloud>,
    /// The calls of a month, of each function or of one: `2.5M`, `settle=10k`. A million, by default or recorded; a schedule
    /// that is not named has as many as it says.
    #[arg(long, value_name = "[FUNCTION=]NUMBER")]
    pub calls: Vec<Given<Calls>>,
    /// How long a call takes, in milliseconds: `12`, `settle=0.8`; 100, by default or recorded.
    #[arg(long, value_name = "[FUNCTION=]MS")]
    pub duration: Vec<Given<Micros>>,
    /// How many calls an instance has at once, where a cloud lets it have several.
    #[arg(long, value_name = "[FUNCTION=]NUMBER")]
    pub concurrency: Vec<Given<u32>>,
    /// A file of the log lines that omnifn writes, one for each invocation: how often, and for how long.
    #[arg(long, value_name = "FILE")]
    pub recorded: Option<PathBuf>,
    /// How many days the lines are of.
    #[arg(long, value_name = "DAYS", default_value = "30", requires = "recorded", value_parser = clap::value_parser!(u32).range(1..))]
    pub recorded_days: u32,
    /// Take off what is free in an account each month.
    #[arg(long)]
    pub free_tier: bool,
    /// Other prices: a file in the form of `--show-prices`.
    #[arg(long, value_name = "FILE")]
    pub prices: Option<PathBuf>,
    /// Write the prices that this command brings, and estimate nothing.
    #[arg(long)]
    pub show_prices: bool,
    /// The program whose functions are read.
    #[command(flatten)]
    pub source: SourceArgs,
}

/// Runs it.
///
/// # Errors
/// The program or a file cannot be read, or a function is named that the program has not.
pub fn run(args: &Args, output: &Output) -> Result<()> {
    if args.show_prices {
        return output.text(Prices::own());
    }
    let prices = Prices::read(args.prices.as_deref())?;
    let app = load::load(&args.source, output)?;
    let recorded = recorded(args)?;
    unknown(args, &app)?;
    let workloads: Vec<_> =
        app.functions.iter().map(|function| workload(args, recorded.as_ref(), function)).collect::<Result<_>>()?;
    let estimate = cost::estimate(&app, &workloads, &args.target, &prices, args.free_tier);
    if output.json {
        return output.value(&estimate);
    }
    output.text(text(args, &app, &workloads, &estimate))
}

fn recorded(args: &Args) -> Result<Option<Recorded>> {
    let Some(path) = &args.recorded else { return Ok(None) };
    let wrong =
        |what: &str| Error::new("omnifn::cost::recorded", format!("{} {what}", path.display())).kind(Kind::Usage);
    let text = std::fs::read(path).map_err(|error| wrong("cannot be read").caused_by(error))?;
    let recorded = Recorded::read(&String::from_utf8_lossy(&text));
    if recorded.functions.is_empty() {
        let help =
            "give the lines as they were written; each invocation has one, with `duration_ms` and the function's name";
        return Err(wrong("contains no line of an invocation").help(help));
    }
    Ok(Some(recorded))
}

/// A function that is named, and that the program has not.
fn unknown(args: &Args, app: &App) -> Result<()> {
    let named = args.calls.iter().map(|given| &given.function);
    let named = named.chain(args.duration.iter().map(|given| &given.function));
    let mut named = named.chain(args.concurrency.iter().map(|given| &given.function)).flatten();
    match named.find(|name| app.functions.iter().all(|function| function.name != **name)) {
        Some(name) => {
            let there: Vec<_> = app.functions.iter().map(|function| function.name.as_str()).collect();
            Err(Error::new("omnifn::cost::function", format!("the program has no function `{name}`"))
                .kind(Kind::Usage)
                .help(format!("its functions are `{}`", there.join("`, `"))))
        }
        None => Ok(()),
    }
}

fn workload(args: &Args, recorded: Option<&Recorded>, function: &Function) -> Result<Workload> {
    let (name, trigger) = (&function.name, &function.trigger);
    let lines = recorded.and_then(|recorded| recorded.functions.get(name));
    let durations = match (Given::of(&args.duration, name), lines) {
        (Some(took), _) => vec![(took, 1)],
        (None, Some(lines)) => lines.iter().map(|(took, calls)| (*took, *calls)).collect(),
        (None, None) => vec![(Micros(100_000), 1)],
    };
    let named = args.calls.iter().any(|given| given.function.as_ref() == Some(name));
    let calls = match (trigger, recorded, Given::of(&args.calls, name)) {
        // What is said of all is not said of a schedule, which says it itself.
        (Trigger::Schedule(source), None, _) if !named => Cron::parse(source)?.calls_of_a_month(),
        (.., Some(Calls(calls))) => calls,
        // What was not called while lines were recorded is not called.
        (_, Some(recorded), None) => (recorded.calls(name) * 30).div_ceil(args.recorded_days.into()),
        (_, None, None) => 1_000_000,
    };
    Ok(Workload { durations, calls, concurrency: Given::of(&args.concurrency, name).unwrap_or(1).max(1) })
}

fn text(args: &Args, app: &App, workloads: &[Workload], estimate: &Estimate) -> String {
    let clouds = &args.target;
    let heads = ["function", "calls", "ms each"].into_iter().chain(clouds.iter().map(|cloud| cloud.name()));
    let mut table = Table::new(heads).right(1..3 + clouds.len());
    let rows = app.functions.iter().zip(workloads).zip(estimate.lines.chunks(clouds.len().max(1)));
    for ((function, workload), lines) in rows {
        let first = [function.name.clone(), workload.calls.to_string(), mean(workload)];
        table.row(first.into_iter().chain(lines.iter().map(|line| line.total.to_string())));
    }
    let nothing = [String::new(), String::new()];
    let totals = |name: &str, of: &dyn Fn(&cost::Total) -> String| {
        let sums: Vec<_> = estimate.totals.iter().map(of).collect();
        [name.to_owned()].into_iter().chain(nothing.clone()).chain(sums)
    };
    table.row(totals("a month", &|total| total.total.to_string()));
    if args.free_tier {
        table.row(totals("free of it", &|total| total.free.unwrap_or_default().to_string()));
        table.row(totals("to pay", &|total| total.to_pay.to_string()));
    }
    let mut text = table.text();
    let rounded: Vec<_> = estimate.lines.iter().filter_map(|line| Some((line, line.rounding.first()?))).collect();
    if !rounded.is_empty() {
        text.push_str("\nwhat rounding adds most:\n");
        let mut table = Table::default().right([2]);
        for (line, rounding) in rounded {
            let factor = format!("×{:.2}", rounding.factor);
            table.row([format!("  {}", line.function), line.cloud.to_owned(), factor, rounding.rule.to_owned()]);
        }
        text.push_str(&table.text());
    }
    let currency = &estimate.currency;
    text.push_str(&format!("\n{currency}, prices of {}:\n", estimate.prices_date));
    let mut sources = Table::default();
    for source in &estimate.sources {
        sources.row([format!("  {}", source.cloud), source.region.clone(), source.source.clone()]);
    }
    text.push_str(&sources.text());
    for source in &estimate.sources {
        if let Some(region) = &source.instead_of {
            let (cloud, priced) = (source.cloud, &source.region);
            text.push_str(&format!(
                "\nno prices of {region} on {cloud}: those of {priced} are taken; `--prices FILE` takes others\n"
            ));
        }
    }
    text
}

fn mean(workload: &Workload) -> String {
    if workload.calls == 0 {
        return "-".to_owned();
    }
    let calls: u64 = workload.durations.iter().map(|(_, calls)| calls).sum();
    let time: u128 = workload.durations.iter().map(|(took, calls)| u128::from(took.0) * u128::from(*calls)).sum();
    format!("{:.1}", time as f64 / 1e3 / calls.max(1) as f64)
}
