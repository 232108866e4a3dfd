//! The arguments that several commands have.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// The options of every command.
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

/// The options that are passed on to cargo.
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
    /// The profile: `release`, by default.
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

/// The options that select the program whose functions are read: a binary, a manifest, or a package that is built first.
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
    /// The options that are passed on to cargo.
    #[command(flatten)]
    pub cargo: CargoArgs,
}
