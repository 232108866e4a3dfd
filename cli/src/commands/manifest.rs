//! `cargo omnifn manifest`

use std::{fmt, path::PathBuf};

use omnifn_spec::note::Program;
use serde_json::Value;

use crate::{
    args::CargoArgs,
    build,
    error::Result,
    model::{FunctionNote, HttpTrigger, ProgramNote, StorageTrigger, Trigger},
    notes::{self, Manifest},
    output::Output,
    project::Project,
};

/// Show what a binary says of its functions.
///
/// It is read, not run, so it may be one for another machine. Without one, the program is built for this machine first.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The binary.
    #[arg(value_name = "BINARY")]
    pub binary: Option<PathBuf>,
    /// The options that are passed on to cargo.
    #[command(flatten)]
    pub cargo: CargoArgs,
}

/// Runs it.
///
/// # Errors
/// There is no binary, or no notes in it that can be read.
pub fn run(args: &Args, output: &Output) -> Result<()> {
    let binary = match &args.binary {
        Some(binary) => binary.clone(),
        None => build::build(&Project::find(&args.cargo)?, None, None, &args.cargo, output)?,
    };
    let manifest = notes::read(&binary)?;
    if output.json {
        return output.value(&manifest);
    }
    output.text(Told(&manifest))
}

/// A manifest for eyes.
struct Told<'a>(&'a Manifest);

impl fmt::Display for Told<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Manifest { program, functions } = self.0;
        let taken = program.as_ref().map_or(functions.len(), |program| program.functions.len().min(functions.len()));
        if let Some(program) = program {
            writeln!(f, "{}\n", head(program))?;
        }
        let (own, others) = functions.split_at(taken);
        let mut rows = vec![["FUNCTION", "TRIGGER", "OPTIONS", "GRANTS", "PLACE"].map(str::to_owned)];
        rows.extend(own.iter().map(row));
        columns(f, &rows)?;
        for function in others {
            writeln!(f, "\n`{}` ({}) is in the binary, and not in `omnifn::main!`", function.name, function.location)?;
        }
        Ok(())
    }
}

fn head(program: &ProgramNote) -> String {
    let Program { package, version, omnifn, providers, panic, debug, cors, .. } = &program.declared;
    let profile = if *debug { "with debug assertions" } else { "without debug assertions" };
    let origins =
        cors.as_ref().map(|cors| format!("\npages of {} may call its HTTP functions", cors.origins.join(", ")));
    format!(
        "{package} {version} with omnifn {omnifn}, built for {}; panic = {}, {profile}{}",
        providers.join(", "),
        panic.name(),
        origins.unwrap_or_default()
    )
}

fn row(function: &FunctionNote) -> [String; 5] {
    let grants =
        function.grants.iter().map(|grant| format!("{} {}:{}", grant.verb.name(), grant.kind.name(), grant.name));
    let secrets = function.secrets.iter().map(|secret| format!("secret {secret}"));
    [
        function.name.clone(),
        trigger(&function.trigger),
        options(function),
        grants.chain(secrets).collect::<Vec<_>>().join(", "),
        function.location.to_string(),
    ]
}

fn trigger(trigger: &Trigger) -> String {
    let source = || format!("{} {}", trigger.class().key(), trigger.source().unwrap_or_default());
    match trigger {
        Trigger::Http(HttpTrigger { routes }) => {
            let routes = routes.iter().map(|route| {
                match (&route.methods.to_string().replace(", ", "|")[..], route.path.as_deref()) {
                    ("ANY", None) => "any request".to_owned(),
                    (methods, path) => format!("{methods} {}", path.unwrap_or("any path")),
                }
            });
            routes.collect::<Vec<_>>().join(", ")
        }
        Trigger::Storage(StorageTrigger { on, prefix, suffix, .. }) => {
            let keys = match (prefix, suffix) {
                (None, None) => String::new(),
                (prefix, suffix) => {
                    format!(" {}*{}", prefix.as_deref().unwrap_or_default(), suffix.as_deref().unwrap_or_default())
                }
            };
            format!("{}{keys} ({})", source(), on.iter().map(|change| change.name()).collect::<Vec<_>>().join(", "))
        }
        Trigger::Invoke => "invoke".to_owned(),
        _ => source(),
    }
}

/// All that is said of transport and deployment, as in the attribute.
fn options(function: &FunctionNote) -> String {
    let all = [serde_json::to_value(&function.options), serde_json::to_value(function.deploy)];
    let all = all.into_iter().filter_map(Result::ok).filter_map(|value| match value {
        Value::Object(fields) => Some(fields),
        _ => None,
    });
    let all = all.flatten().map(|(key, value)| match value {
        Value::String(text) => format!("{key}={text}"),
        value => format!("{key}={value}"),
    });
    all.collect::<Vec<_>>().join(" ")
}

/// Each column as wide as its widest cell; one that is empty throughout is left out.
fn columns<const N: usize>(f: &mut fmt::Formatter<'_>, rows: &[[String; N]]) -> fmt::Result {
    let widths: [usize; N] = std::array::from_fn(|column| {
        let cells = || rows.iter().map(|row| row[column].chars().count());
        if cells().skip(1).all(|width| width == 0) { 0 } else { cells().max().unwrap_or(0) }
    });
    for row in rows {
        let cells = row.iter().zip(widths).filter(|(_, width)| *width > 0);
        let line = cells.map(|(cell, width)| format!("{cell:width$}  ")).collect::<String>();
        writeln!(f, "{}", line.trim_end())?;
    }
    Ok(())
}
