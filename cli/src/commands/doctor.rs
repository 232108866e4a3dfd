//! `cargo omnifn doctor`

use crate::{error::Result, output::Output};

/// Say what is missing on this machine.
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
