//! `cargo omnifn check`

use crate::{error::Result, output::Output};

/// Say which function can run on which cloud, and why not.
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
