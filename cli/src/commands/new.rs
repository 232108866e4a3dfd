//! `cargo omnifn new`

use crate::{error::Result, output::Output};

/// Make a new crate from a template.
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
