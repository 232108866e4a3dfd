//! What each cloud runs, and how much it takes.

use super::elf::Machine;
use crate::{build::target, cloud::Cloud, error::Result, model::CloudSettings};

/// The place where an artifact is to run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Platform {
    /// Its name.
    pub(crate) name: &'static str,
    /// The version of its glibc; none where there is none, as in an image of our own.
    pub(crate) glibc: Option<(u32, u32)>,
    /// How large an artifact may be unpacked, in bytes, where the platform says so.
    pub(crate) unpacked: Option<u64>,
}

const MIB: u64 = 1 << 20;

/// `provided.al2023`: Amazon Linux 2023. (<https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>)
pub(crate) const AWS: Platform =
    Platform { name: "AWS Lambda (provided.al2023)", glibc: Some((2, 34)), unpacked: Some(250 * MIB) };

/// The host's images are Debian 11 and 12, by plan and age, and no page says which: what runs on the older runs on both.
/// (<https://github.com/Azure/azure-functions-docker/tree/dev/host/4>)
pub(crate) const AZURE: Platform =
    Platform { name: "Azure Functions (Debian 11 and 12)", glibc: Some((2, 31)), unpacked: None };

/// A source deploy without build on `osonly24`: Ubuntu 24.04. (<https://cloud.google.com/docs/buildpacks/osonly>)
pub(crate) const SOURCE: Platform = Platform { name: "Cloud Run (osonly24)", glibc: Some((2, 39)), unpacked: None };

/// An image of our own: nothing is in it but the program.
pub(crate) const IMAGE: Platform = Platform { name: "the image", glibc: None, unpacked: None };

/// The architecture that a cloud is set to: x86_64, unless the settings say another.
///
/// # Errors
/// The settings name one that the cloud has not.
pub(crate) fn machine(cloud: Cloud, settings: &CloudSettings) -> Result<Machine> {
    Ok(match target::architecture(cloud, settings)? {
        "aarch64" => Machine::Arm64,
        _ => Machine::X86_64,
    })
}
