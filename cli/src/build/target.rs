//! The target that a cloud's program is built for.
//!
//! All three clouds run Linux. Where the target with musl is there, it is taken: its program holds its own C library, so it runs on every
//! Linux, whatever the age of the machine that built it. Else it is this machine's own target with glibc, for which nothing has to be
//! installed: linked statically where glibc's archive is there ([`super::flags`]), else `cargo omnifn package` looks whether the cloud's
//! glibc is new enough.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    cloud::Cloud,
    error::{Error, Kind, Result},
    model::CloudSettings,
};

/// The target for a cloud: of those with the architecture that its settings say (`x86_64`, unless they say another), the one with musl where
/// it is installed, else this machine's own.
///
/// # Errors
/// The settings say an architecture that there is not, or no target for it is installed.
pub fn choose(cloud: Cloud, settings: &CloudSettings, folder: &Path) -> Result<String> {
    let architecture = architecture(cloud, settings)?;
    let (musl, gnu) = (format!("{architecture}-unknown-linux-musl"), format!("{architecture}-unknown-linux-gnu"));
    // What links for this machine's own glibc does so for no other architecture's.
    let candidates = if is_own(architecture) { vec![&musl, &gnu] } else { vec![&musl] };
    candidates.into_iter().find(|target| is_installed(target, folder)).cloned().ok_or_else(|| {
        Error::new(
            "omnifn::build::target",
            format!("the target {musl} is not installed, and {} needs it", cloud.title()),
        )
        .caused_by(format!("this machine is {} with {}", env::consts::ARCH, env::consts::OS))
        .help(format!("rustup target add {musl}"))
    })
}

/// The target that cargo's flags name.
pub fn asked(flags: &[String]) -> Option<String> {
    let at = flags.iter().position(|flag| flag == "--target").and_then(|at| flags.get(at + 1).cloned());
    let inline = flags.iter().find_map(|flag| flag.strip_prefix("--target=").map(str::to_owned));
    at.or(inline)
}

/// The target that cargo has without one of ours: by its flags, or by its variable.
pub fn set(flags: &[String]) -> Option<String> {
    asked(flags).or_else(|| env::var("CARGO_BUILD_TARGET").ok().filter(|target| !target.is_empty()))
}

/// Whether cargo has a target without one of ours.
pub fn is_set(flags: &[String]) -> bool {
    set(flags).is_some()
}

/// Whether programs of this architecture run on this machine.
pub(super) fn is_own(architecture: &str) -> bool {
    cfg!(target_os = "linux") && env::consts::ARCH == architecture
}

pub(crate) fn architecture(cloud: Cloud, settings: &CloudSettings) -> Result<&'static str> {
    match (cloud, settings.architecture.as_deref()) {
        (_, None | Some("x86_64")) => Ok("x86_64"),
        (Cloud::Aws | Cloud::Gcp, Some("arm64")) => Ok("aarch64"),
        (cloud, Some(other)) => {
            let there = if cloud == Cloud::Azure { "`x86_64`" } else { "`x86_64` and `arm64`" };
            let words = format!("the architecture of {} is set to `{other}`, and there is {there}", cloud.title());
            Err(Error::new("omnifn::settings", words)
                .kind(Kind::Usage)
                .help(format!("look at [package.metadata.omnifn.{}] of Cargo.toml", cloud.name())))
        }
    }
}

/// Whether the standard library of a target is there, in the toolchain that is used in this folder.
fn is_installed(target: &str, folder: &Path) -> bool {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output =
        Command::new(rustc).args(["--print", "target-libdir", "--target", target]).current_dir(folder).output();
    let Ok(output) = output else { return false };
    output.status.success() && PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()).is_dir()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_architecture_is_that_of_the_settings() {
        let settings = |architecture: &str| CloudSettings {
            architecture: Some(architecture.to_owned()),
            ..CloudSettings::default()
        };
        assert_eq!(architecture(Cloud::Aws, &CloudSettings::default()).unwrap(), "x86_64");
        assert_eq!(architecture(Cloud::Aws, &settings("arm64")).unwrap(), "aarch64");
        let error = architecture(Cloud::Azure, &settings("arm64")).unwrap_err();
        assert!(error.message.contains("`arm64`") && error.kind == Kind::Usage, "{error}");
        assert!(architecture(Cloud::Aws, &settings("mips")).is_err());
    }

    #[test]
    fn a_target_that_is_not_there_is_named_with_what_to_do() {
        // No toolchain has the library of the other architecture unless somebody added it.
        let other = if env::consts::ARCH == "aarch64" { "x86_64" } else { "arm64" };
        let settings = CloudSettings { architecture: Some(other.to_owned()), ..CloudSettings::default() };
        match choose(Cloud::Aws, &settings, Path::new(".")) {
            Ok(target) => assert!(target.ends_with("-musl") && is_installed(&target, Path::new(".")), "{target}"),
            Err(error) => {
                assert_eq!(error.code, "omnifn::build::target");
                assert!(error.help.unwrap().starts_with("rustup target add "));
            }
        }
    }

    #[test]
    fn a_target_among_the_flags() {
        let flags = |flags: &[&str]| asked(&flags.iter().map(|flag| (*flag).to_owned()).collect::<Vec<_>>());
        assert_eq!(flags(&["-v", "--target", "a"]).as_deref(), Some("a"));
        assert_eq!(flags(&["--target=b"]).as_deref(), Some("b"));
    }
}
