//! The command line.

use std::{ffi::OsString, path::PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::commands;

/// From functions marked `#[function]` to what each cloud deploys.
#[derive(Debug, Parser)]
#[command(name = "cargo omnifn", bin_name = "cargo omnifn", version, propagate_version = true)]
#[command(
    after_help = "Exit codes: 0 done, 1 it failed, 2 the arguments are wrong, 3 a cloud cannot do what a function asks for, \
                        4 an artifact is not fit to be deployed."
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// What goes with every command.
    #[command(flatten)]
    pub global: Global,
}

/// What goes with every command.
#[derive(Debug, Clone, Args)]
pub struct Global {
    /// Write the result as JSON on standard output.
    #[arg(long, global = true)]
    pub json: bool,
    /// Say less: errors alone.
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// When to use colours.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: Color,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// In any case.
    Always,
    /// Never.
    Never,
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

/// A cloud that a program can be built for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, ValueEnum)]
pub enum Cloud {
    /// AWS Lambda.
    Aws,
    /// Google Cloud Run, and Knative.
    Gcp,
    /// Azure Functions.
    Azure,
}

impl Cloud {
    /// All of them.
    pub const ALL: [Cloud; 3] = [Cloud::Aws, Cloud::Gcp, Cloud::Azure];

    /// The name of the cargo feature.
    pub const fn name(self) -> &'static str {
        match self {
            Cloud::Aws => "aws",
            Cloud::Gcp => "gcp",
            Cloud::Azure => "azure",
        }
    }

    /// The name that people know it by.
    pub const fn title(self) -> &'static str {
        match self {
            Cloud::Aws => "AWS Lambda",
            Cloud::Gcp => "Google Cloud Run",
            Cloud::Azure => "Azure Functions",
        }
    }
}

/// What is passed on to cargo.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Cargo")]
pub struct CargoArgs {
    /// The package, where the workspace has several.
    #[arg(long, short, value_name = "SPEC")]
    pub package: Option<String>,
    /// The binary, where the package has several.
    #[arg(long, value_name = "NAME")]
    pub bin: Option<String>,
    /// More features of the package, beside the cloud's own.
    #[arg(long, short = 'F', value_name = "FEATURES", value_delimiter = ',')]
    pub features: Vec<String>,
    /// The profile: `release`, unless said.
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// The path of Cargo.toml.
    #[arg(long, value_name = "PATH")]
    pub manifest_path: Option<PathBuf>,
    /// The folder for what is built.
    #[arg(long, value_name = "DIR")]
    pub target_dir: Option<PathBuf>,
    /// Cargo.lock stays as it is.
    #[arg(long)]
    pub locked: bool,
    /// Without the network.
    #[arg(long)]
    pub offline: bool,
    /// Flags for cargo build, as they are.
    #[arg(last = true, value_name = "CARGO FLAGS")]
    pub flags: Vec<String>,
}

/// Where the functions are read from.
#[derive(Debug, Clone, Default, Args)]
pub struct SourceArgs {
    /// Read this binary's notes, and build nothing.
    #[arg(long, value_name = "PATH")]
    pub binary: Option<PathBuf>,
    /// Read what `cargo omnifn manifest --json` wrote, and build nothing.
    #[arg(long, value_name = "FILE", conflicts_with = "binary")]
    pub manifest: Option<PathBuf>,
    /// The stage whose names, sizes and regions count: `[package.metadata.omnifn.stages.<STAGE>]`.
    #[arg(long, value_name = "STAGE", env = "OMNIFN_STAGE")]
    pub stage: Option<String>,
    /// What is passed on to cargo.
    #[command(flatten)]
    pub cargo: CargoArgs,
}

/// The arguments as clap wants them: cargo repeats the subcommand's name as the first.
pub fn without_subcommand_name(arguments: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut arguments: Vec<_> = arguments.into_iter().collect();
    if arguments.get(1).is_some_and(|first| first == "omnifn") {
        arguments.remove(1);
    }
    arguments
}
