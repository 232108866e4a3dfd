//! The infrastructure's texts: one module for each format, all from the same [`App`].

mod bicep;
mod cloudformation;
mod dockerfile;
mod knative;
mod sam;
mod serverless;
mod terraform;

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
    match format {
        Format::Sam => sam::render(app, clouds),
        Format::Cloudformation => cloudformation::render(app, clouds),
        Format::Terraform => terraform::render(app, clouds),
        Format::Serverless => serverless::render(app, clouds),
        Format::Bicep => bicep::render(app, clouds),
        Format::Knative => knative::render(app, clouds),
        Format::Dockerfile => dockerfile::render(app, clouds),
    }
}
