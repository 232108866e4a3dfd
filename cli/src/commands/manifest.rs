//! `cargo omnifn manifest`

use crate::{error::Result, output::Output};

/// Show what a binary says of its functions.
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
