//! `cargo omnifn completions`

use clap::Command;
use clap_complete::Shell;

use crate::{error::Result, output::Output};

/// Write completions for a shell.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The shell.
    #[arg(value_name = "SHELL")]
    pub shell: Shell,
}

/// Runs it, for the completions of this command.
///
/// # Errors
/// They cannot be written.
pub fn run(args: &Args, command: Command, output: &Output) -> Result<()> {
    // The program's own name: cargo's subcommands are completed by what cargo brings.
    let mut command = command.name("cargo-omnifn").bin_name("cargo-omnifn");
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, "cargo-omnifn", &mut script);
    output.text(String::from_utf8_lossy(&script))
}
