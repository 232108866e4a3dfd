//! `cargo omnifn cost`

use crate::{error::Result, output::Output};

/// Estimate what a month costs.
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
