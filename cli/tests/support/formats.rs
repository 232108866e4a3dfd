//! Every format that `cargo omnifn emit` writes, with each cloud that it is written for.

use cargo_omnifn::{cloud::Cloud, emit::Format};

pub(crate) const FORMATS: [(Format, Cloud); 9] = [
    (Format::Sam, Cloud::Aws),
    (Format::Cloudformation, Cloud::Aws),
    (Format::Serverless, Cloud::Aws),
    (Format::Terraform, Cloud::Aws),
    (Format::Terraform, Cloud::Gcp),
    (Format::Terraform, Cloud::Azure),
    (Format::Bicep, Cloud::Azure),
    (Format::Knative, Cloud::Gcp),
    (Format::Dockerfile, Cloud::Gcp),
];
