//! `cargo omnifn check`

use serde_json::json;

use crate::{
    args::SourceArgs,
    cloud::Cloud,
    error::{Error, Kind, Result},
    load,
    model::App,
    output::Output,
    support::{self, Cell, Finding, Verdict, limits},
    table::Table,
};

/// Say which function can run on which cloud, and why not.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The clouds that have to do; all are shown where none is named, and none has to.
    #[arg(long, short, value_name = "CLOUDS", value_delimiter = ',')]
    pub target: Vec<Cloud>,
    /// Tell also what merely differs.
    #[arg(long)]
    pub all: bool,
    /// Show the clouds' limits, with the pages that say them, and check nothing.
    #[arg(long)]
    pub limits: bool,
    /// The program whose functions are read.
    #[command(flatten)]
    pub source: SourceArgs,
}

/// Runs it.
///
/// # Errors
/// The program cannot be read, or a cloud that was named cannot do what a function asks for.
pub fn run(args: &Args, output: &Output) -> Result<()> {
    let clouds = if args.target.is_empty() { Cloud::ALL.to_vec() } else { args.target.clone() };
    if args.limits {
        return show_limits(&clouds, output);
    }
    let app = load::load(&args.source, output)?;
    let cells = support::check(&app, &clouds)?;
    let error = if args.target.is_empty() { None } else { failure(&cells) };
    if output.json {
        let report = json!({ "program": app.name, "stage": app.stage, "limits_read": limits::READ, "cells": cells });
        return match error {
            Some(error) => Err(output.value_with(&report, error)),
            None => output.value(&report),
        };
    }
    output.text(text(&app, &clouds, &cells, args.all))?;
    match error {
        Some(error) => Err(error),
        None => Ok(()),
    }
}

/// What is impossible, each as an error of its own.
fn failure(cells: &[Cell]) -> Option<Error> {
    let errors = cells.iter().flat_map(|cell| {
        let worst = cell.findings.iter().filter(|finding| finding.verdict == Verdict::Impossible);
        worst.map(|Finding { why, help, .. }| {
            let words = format!("`{}` cannot run on {}: {why}", cell.function, title(cell.cloud));
            let error = Error::new("omnifn::check::impossible", words).kind(Kind::Impossible);
            match help {
                Some(help) => error.help(help.clone()),
                None => error,
            }
        })
    });
    Error::all(errors.collect())
}

fn title(cloud: &str) -> &'static str {
    Cloud::ALL.into_iter().find(|known| known.name() == cloud).map_or("", Cloud::title)
}

fn text(app: &App, clouds: &[Cloud], cells: &[Cell], all: bool) -> String {
    let mut table = Table::new(["function", "trigger"].into_iter().chain(clouds.iter().map(|cloud| cloud.name())));
    for (function, row) in app.functions.iter().zip(cells.chunks(clouds.len().max(1))) {
        let first = [function.name.clone(), function.trigger.class().key().to_owned()];
        table.row(first.into_iter().chain(row.iter().map(|cell| coloured(cell.verdict, cell.verdict.name()))));
    }
    let mut text = table.text();
    for cell in cells {
        let told: Vec<_> = cell.findings.iter().filter(|finding| all || finding.verdict > Verdict::Ok).collect();
        if told.is_empty() {
            continue;
        }
        text.push_str(&format!("\n\x1b[1m{} on {}\x1b[0m ({})\n", cell.function, cell.cloud, cell.service));
        for finding in told {
            let name = if finding.verdict == Verdict::Ok { "differs" } else { finding.verdict.name() };
            text.push_str(&format!("  {}: {}\n", coloured(finding.verdict, name), finding.why));
            if let Some(help) = &finding.help {
                text.push_str(&format!("    \x1b[36mhelp\x1b[0m: {help}\n"));
            }
            if let Some(source) = finding.source.filter(|_| all) {
                text.push_str(&format!("    {source}\n"));
            }
        }
    }
    text
}

fn coloured(verdict: Verdict, words: &str) -> String {
    let colour = match verdict {
        Verdict::Ok => "32",
        Verdict::Degraded => "33",
        Verdict::Impossible => "1;31",
    };
    format!("\x1b[{colour}m{words}\x1b[0m")
}

fn show_limits(clouds: &[Cloud], output: &Output) -> Result<()> {
    let limits: Vec<_> = limits::ALL.iter().filter(|limit| clouds.contains(&limit.cloud)).collect();
    if output.json {
        return output.value(&json!({ "read": limits::READ, "limits": limits }));
    }
    let mut table = Table::new(["cloud", "service", "limit", "", "source"]).right([3]);
    for limit in limits {
        table.row([limit.cloud.name(), limit.service, limit.what, &limit.to_string(), limit.source]);
    }
    output.text(format_args!("{}\nread on {}\n", table.text(), limits::READ))
}
