//! The infrastructure's texts: one module for each format, all from the same [`App`].

use clap::ValueEnum;

use crate::{cli::Cloud, error::Result, files::File, model::App};

/// A format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, ValueEnum)]
pub enum Format {
    /// AWS Serverless Application Model.
    Sam,
    /// AWS CloudFormation.
    Cloudformation,
    /// Terraform, for each of the clouds.
    Terraform,
    /// Serverless Framework (`osls`).
    Serverless,
    /// Azure Bicep.
    Bicep,
    /// Knative.
    Knative,
    /// A Dockerfile.
    Dockerfile,
}

/// The files of a format. `clouds` are those that the format is to speak of, where it speaks of several.
///
/// # Errors
/// A cloud cannot do what a function asks for.
pub fn render(app: &App, format: Format, clouds: &[Cloud]) -> Result<Vec<File>> {
    let _ = (app, format, clouds);
    Ok(Vec::new())
}
