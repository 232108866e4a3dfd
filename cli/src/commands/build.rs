//! `cargo omnifn build`

use crate::{
    cli::{CargoArgs, Cloud},
    error::Result,
    output::Output,
};

/// Build the program for clouds.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The clouds.
    #[arg(long, short, value_name = "CLOUDS", value_delimiter = ',', default_value = "aws,gcp,azure")]
    pub target: Vec<Cloud>,
    /// What is passed on to cargo.
    #[command(flatten)]
    pub cargo: CargoArgs,
}

/// Runs it.
///
/// # Errors
/// As it says.
pub fn run(args: &Args, output: &Output) -> Result<()> {
    let _ = (args, output);
    Ok(())
}
