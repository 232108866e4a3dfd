//! Builds whose bytes do not tell where they were made.
//!
//! Two builds of the same source in two folders are the same binary, byte for byte, because `cargo omnifn package` has cargo
//! write other words for the folders of the workspace, of cargo and of the toolchain (`--remap-path-prefix`), and because the
//! profile `release` holds nothing else of them. What counts beside the source: the toolchain, the linker, the target with its
//! C library, and the folders of path dependencies outside of the workspace.
//!
//! `RUSTFLAGS` in the environment goes before what is said here; then its own flags decide.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use super::{elf::Machine, platform};
use crate::{
    cli::{CargoArgs, Cloud},
    error::{Error, Kind, Result},
    output::Output,
    overlay::CloudSettings,
    project::Project,
};

/// How a program is built for a cloud: the target, and the arguments of cargo.
#[derive(Debug, Clone)]
pub struct Recipe {
    /// The target.
    pub target: String,
    /// The arguments.
    pub cargo: CargoArgs,
}

impl Recipe {
    /// The one for a cloud: linked statically with musl where that target is there, else with the C library of this machine.
    ///
    /// # Errors
    /// No target of Linux is there, or the settings name an architecture that the cloud has not.
    pub fn of(
        project: &Project,
        cloud: Cloud,
        settings: &CloudSettings,
        cargo: &CargoArgs,
        output: &Output,
    ) -> Result<Self> {
        let machine = platform::machine(cloud, settings)?;
        let rustc = Rustc::of(project.folder());
        let (target, mut cargo) = match asked(&cargo.flags) {
            Some(target) => (target, cargo.clone()),
            None => (rustc.target(machine, cloud)?, cargo.clone()),
        };
        let mut flags = rustc.remaps(project);
        if target.ends_with("-linux-gnu") {
            flags.push("-Ctarget-feature=+crt-static".to_owned());
        }
        if ["CARGO_ENCODED_RUSTFLAGS", "RUSTFLAGS"].iter().any(|name| env::var_os(name).is_some()) {
            output.warn("RUSTFLAGS is set, and goes before the flags by which two folders give the same binary");
        }
        // As the value of a TOML list; JSON's texts are TOML's, too.
        let flags = serde_json::Value::from(flags).to_string();
        cargo.flags.splice(0..0, ["--config".to_owned(), format!("build.rustflags={flags}")]);
        Ok(Recipe { target, cargo })
    }
}

/// The target that cargo's flags name.
fn asked(flags: &[String]) -> Option<String> {
    let at = flags.iter().position(|flag| flag == "--target");
    let inline = flags.iter().find_map(|flag| flag.strip_prefix("--target="));
    at.and_then(|at| flags.get(at + 1).cloned()).or_else(|| inline.map(str::to_owned))
}

/// The compiler that cargo calls in a folder.
struct Rustc<'a> {
    folder: &'a Path,
}

impl<'a> Rustc<'a> {
    fn of(folder: &'a Path) -> Self {
        Rustc { folder }
    }

    fn ask(&self, arguments: &[&str]) -> Option<String> {
        let program = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        let output = Command::new(program).args(arguments).current_dir(self.folder).output().ok()?;
        let said = output.status.success().then(|| String::from_utf8(output.stdout).ok())??;
        Some(said.trim().to_owned()).filter(|said| !said.is_empty())
    }

    /// Whether the standard library of a target is there.
    fn has(&self, target: &str) -> bool {
        self.ask(&["--print", "target-libdir", "--target", target]).is_some_and(|folder| Path::new(&folder).is_dir())
    }

    fn target(&self, machine: Machine, cloud: Cloud) -> Result<String> {
        let architecture = if machine == Machine::Arm64 { "aarch64" } else { "x86_64" };
        let musl = format!("{architecture}-unknown-linux-musl");
        let gnu = format!("{architecture}-unknown-linux-gnu");
        // The C library of another architecture is not there with the target alone.
        let is_own = cfg!(target_os = "linux") && env::consts::ARCH == architecture;
        if self.has(&musl) {
            return Ok(musl);
        }
        if is_own && self.has(&gnu) {
            return Ok(gnu);
        }
        let words = format!("this toolchain cannot build for {} on {machine}", cloud.title());
        Err(Error::new("omnifn::package::target", words)
            .kind(Kind::Failed)
            .caused_by(format!("the target {musl} is not installed"))
            .help(format!("rustup target add {musl}")))
    }

    /// Other words for the folders whose names would be in the binary; the last that fits counts.
    fn remaps(&self, project: &Project) -> Vec<String> {
        let mut folders = vec![(project.workspace.clone(), "/workspace".to_owned())];
        if !project.target_dir.starts_with(&project.workspace) {
            folders.push((project.target_dir.clone(), "/workspace/target".to_owned()));
        }
        folders.extend(cargo_home().map(|home| (home, "/cargo".to_owned())));
        let commit = self.ask(&["-vV"]).and_then(|said| {
            said.lines().find_map(|line| line.strip_prefix("commit-hash: ").map(str::to_owned))
        });
        // What the standard library says of its own files where its source is installed, and where it is not.
        if let (Some(sysroot), Some(commit)) = (self.ask(&["--print", "sysroot"]), commit) {
            folders.push((Path::new(&sysroot).join("lib/rustlib/src/rust"), format!("/rustc/{commit}")));
        }
        folders.iter().map(|(from, to)| format!("--remap-path-prefix={}={to}", from.display())).collect()
    }
}

fn cargo_home() -> Option<PathBuf> {
    let home = || Some(PathBuf::from(env::var_os("HOME").or_else(|| env::var_os("USERPROFILE"))?).join(".cargo"));
    env::var_os("CARGO_HOME").filter(|home| !home.is_empty()).map(PathBuf::from).or_else(home)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_target_of_cargos_own_flags_counts() {
        let flags = |flags: &[&str]| flags.iter().map(|flag| (*flag).to_owned()).collect::<Vec<_>>();
        let target = Some("aarch64-unknown-linux-gnu".to_owned());
        assert_eq!(asked(&flags(&["-v", "--target", "aarch64-unknown-linux-gnu"])), target);
        assert_eq!(asked(&flags(&["--target=aarch64-unknown-linux-gnu"])), target);
        assert_eq!(asked(&flags(&["--timings"])), None);
    }
}
