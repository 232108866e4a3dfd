//! The command line.

use std::ffi::OsString;

use clap::{CommandFactory as _, Parser, Subcommand};

use crate::{args::Global, commands, error::Result, output::Output};

/// From functions marked `#[function]` to what each cloud deploys.
#[derive(Debug, Parser)]
#[command(name = "cargo omnifn", bin_name = "cargo omnifn", version, propagate_version = true)]
#[command(
    after_help = "Exit codes: 0 done, 1 it failed, 2 the arguments are wrong, 3 a cloud cannot do what a function asks for, \
                        4 an artifact is not fit to be deployed."
)]
pub struct Cli {
    /// The subcommand.
    #[command(subcommand)]
    pub command: Command,
    /// The options of every command.
    #[command(flatten)]
    pub global: Global,
}

impl Cli {
    /// Runs the command.
    ///
    /// # Errors
    /// The command failed.
    pub fn run(&self, output: &Output) -> Result<()> {
        match &self.command {
            Command::New(args) => commands::new::run(args, output),
            Command::Build(args) => commands::build::run(args, output),
            Command::Manifest(args) => commands::manifest::run(args, output),
            Command::Package(args) => commands::package::run(args, output),
            Command::Emit(args) => commands::emit::run(args, output),
            Command::Policy(args) => commands::policy::run(args, output),
            Command::Check(args) => commands::check::run(args, output),
            Command::Cost(args) => commands::cost::run(args, output),
            Command::Doctor(args) => commands::doctor::run(args, output),
            Command::Completions(args) => commands::completions::run(args, Cli::command(), output),
            Command::Man(args) => commands::man::run(args, &Cli::command(), output),
        }
    }
}

/// What to do.
#[derive(Debug, Subcommand)]
#[non_exhaustive]
pub enum Command {
    /// Make a new crate from a template.
    New(commands::new::Args),
    /// Build the program for clouds.
    Build(commands::build::Args),
    /// Show what a binary says of its functions.
    Manifest(commands::manifest::Args),
    /// Build what each cloud takes: zips, folders, images.
    Package(commands::package::Args),
    /// Write the infrastructure's text.
    Emit(commands::emit::Args),
    /// Say what each function may do on each cloud, and why.
    Policy(commands::policy::Args),
    /// Say which function can run on which cloud, and why not.
    Check(commands::check::Args),
    /// Estimate what a month costs.
    Cost(commands::cost::Args),
    /// Say what is missing on this machine.
    Doctor(commands::doctor::Args),
    /// Write completions for a shell.
    Completions(commands::completions::Args),
    /// Write the manual's pages.
    Man(commands::man::Args),
}

/// The arguments as clap wants them: cargo repeats the subcommand's name as the first.
pub fn without_subcommand_name(arguments: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut arguments: Vec<_> = arguments.into_iter().collect();
    if arguments.get(1).is_some_and(|first| first == "omnifn") {
        arguments.remove(1);
    }
    arguments
}
