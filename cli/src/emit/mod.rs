//! The infrastructure's texts: one module for each format, all from the same [`App`].

mod aws;
mod bicep;
mod cloudformation;
mod dockerfile;
pub(crate) mod gcloud;
mod hcl;
mod knative;
mod sam;
mod serverless;
mod terraform;
mod words;
mod yaml;

use clap::ValueEnum;

pub(crate) use bicep::commands as bicep_commands;

use crate::{cloud::Cloud, error::Result, files::File, model::App};

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
        Format::Sam => sam::render(&app.on(Cloud::Aws), clouds),
        Format::Cloudformation => cloudformation::render(&app.on(Cloud::Aws), clouds),
        Format::Terraform => terraform::render(app, clouds),
        Format::Serverless => serverless::render(&app.on(Cloud::Aws), clouds),
        Format::Bicep => bicep::render(&app.on(Cloud::Azure), clouds),
        Format::Knative => knative::render(&app.on(Cloud::Gcp), clouds),
        Format::Dockerfile => dockerfile::render(app, clouds),
    }
}

/// The commands that deploy a format's files, where there are some that fit all programs; none of them is ever run here.
pub fn commands(app: &App, format: Format) -> Vec<String> {
    match format {
        Format::Sam => sam::commands(app),
        Format::Cloudformation => cloudformation::commands(app),
        Format::Serverless => serverless::commands(),
        // Their texts say it in their first lines.
        Format::Terraform | Format::Bicep | Format::Knative | Format::Dockerfile => Vec::new(),
    }
}
