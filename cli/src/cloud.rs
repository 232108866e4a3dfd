//! The clouds.

use clap::ValueEnum;

/// A cloud that a program can be built for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, ValueEnum)]
pub enum Cloud {
    /// AWS Lambda.
    Aws,
    /// Google Cloud Run, and Knative.
    Gcp,
    /// Azure Functions.
    Azure,
}

impl Cloud {
    /// All of them.
    pub const ALL: [Cloud; 3] = [Cloud::Aws, Cloud::Gcp, Cloud::Azure];

    /// The name of the cargo feature.
    pub const fn name(self) -> &'static str {
        match self {
            Cloud::Aws => "aws",
            Cloud::Gcp => "gcp",
            Cloud::Azure => "azure",
        }
    }

    /// The name that people know it by.
    pub const fn title(self) -> &'static str {
        match self {
            Cloud::Aws => "AWS Lambda",
            Cloud::Gcp => "Google Cloud Run",
            Cloud::Azure => "Azure Functions",
        }
    }
}
