//! `cargo omnifn package`

use crate::{error::Result, output::Output};

/// Build what each cloud takes.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Runs it.
///
/// # Errors
/// As it says.
pub fn run(args: &Args, output: &Output) -> Result<()> {
    let _ = (args, output);
    Ok(())
}
