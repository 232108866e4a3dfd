//! `cargo omnifn doctor`

use crate::{
    args::CargoArgs,
    cloud::Cloud,
    doctor::{self, Report, State, ThisMachine},
    error::Result,
    output::Output,
    overlay::Overlay,
    project::Project,
    table::Table,
};

/// Say what is missing on this machine.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The clouds that a program has to be built for here; all are looked at where none is named, and none has to.
    #[arg(long, short, value_name = "CLOUDS", value_delimiter = ',')]
    pub target: Vec<Cloud>,
    /// The package that is looked at, too.
    #[command(flatten)]
    pub cargo: CargoArgs,
}

/// Runs it.
///
/// # Errors
/// A program for a cloud that was named cannot be built here.
pub fn run(args: &Args, output: &Output) -> Result<()> {
    let clouds = if args.target.is_empty() { Cloud::ALL.to_vec() } else { args.target.clone() };
    let project = Project::find(&args.cargo);
    let is_named = args.cargo.package.is_some() || args.cargo.bin.is_some() || args.cargo.manifest_path.is_some();
    let project = match project {
        Ok(project) => Some(project),
        // Without a package, it is about the machine alone.
        Err(error) if is_named => return Err(error),
        Err(_) => None,
    };
    let overlay = match &project {
        Some(project) => project.overlay()?,
        None => Overlay::default(),
    };
    let of = |cloud| (cloud, doctor::architecture(cloud, &overlay.cloud(cloud, None)));
    let clouds: Vec<_> = clouds.into_iter().map(of).collect();
    let profile = args.cargo.profile.as_deref().unwrap_or("release");
    let report = doctor::examine(&ThisMachine, project.as_ref(), profile, &clouds);
    let error = if args.target.is_empty() { None } else { doctor::failure(&report.clouds) };
    if output.json {
        return match error {
            Some(error) => Err(output.value_with(&report, error)),
            None => output.value(&report),
        };
    }
    output.text(text(&report))?;
    match error {
        Some(error) => Err(error),
        None => Ok(()),
    }
}

fn text(report: &Report) -> String {
    let mut table = Table::default();
    let mut group = "";
    for check in &report.checks {
        if check.group != group {
            group = check.group;
            table.row([format!("\x1b[1m{group}\x1b[0m")]);
        }
        let mark = match check.state {
            State::Found => "\x1b[32mfound\x1b[0m",
            State::Optional => "\x1b[2mnot found\x1b[0m",
            State::Advice => "\x1b[33madvice\x1b[0m",
            State::Missing => "\x1b[1;31mmissing\x1b[0m",
        };
        let clouds = if check.clouds.is_empty() { String::new() } else { format!(" ({})", check.clouds.join(", ")) };
        let words = match check.state {
            State::Optional => format!("{}{clouds}", check.purpose),
            State::Advice => format!("{}: {}", check.detail, check.purpose),
            _ => format!("{}{clouds}: {}", check.purpose, check.detail),
        };
        table.row([format!("  {}", check.name), mark.to_owned(), words]);
        if let Some(get) = &check.get {
            table.row([String::new(), String::new(), format!("\x1b[36m{get}\x1b[0m")]);
        }
    }
    let mut text = table.text();
    text.push_str("\n\x1b[1mprograms that can be built here\x1b[0m\n");
    let mut table = Table::default();
    for cloud in &report.clouds {
        let (mark, words) = match &cloud.by {
            Some(by) => ("\x1b[32myes\x1b[0m", by.clone()),
            None => ("\x1b[1;31mno\x1b[0m", cloud.why_not.join("; ")),
        };
        table.row([format!("  {}", cloud.cloud), mark.to_owned(), words]);
        if let Some(get) = &cloud.get {
            table.row([String::new(), String::new(), format!("\x1b[36m{get}\x1b[0m")]);
        }
    }
    text.push_str(&table.text());
    text
}
