//! The compiler's flags for a cloud's program: what makes it the same wherever it is built, and makes it run on every Linux.
//!
//! Two builds of the same source in two folders are the same binary, byte for byte: the compiler writes other words for the folders of
//! the workspace, of cargo and of the toolchain (`--remap-path-prefix`), and the profile `release` holds nothing else of them. What
//! counts beside the source: the toolchain, the linker, the target with its C library, and the folders of path dependencies outside of
//! the workspace. Panics are left as they are.
//!
//! With glibc, the C library is linked statically where its archive is there, as it is with every C compiler of Debian and Ubuntu: the
//! program then asks for no version of it.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

use crate::project::Project;

/// Adds the flags to cargo's command: to those of the environment, where there are some, else to those of cargo's configuration.
pub(super) fn add(command: &mut Command, project: &Project, target: &str) {
    // What an earlier build left would be a part of this one.
    command.env("CARGO_INCREMENTAL", "0");
    let own = from_environment();
    let mut flags = remaps(project);
    let is_decided = own.as_deref().is_some_and(|own| own.iter().any(|flag| flag.contains("crt-static")));
    if target.ends_with("-linux-gnu") && !is_decided && has_static_libc(target) {
        flags.push("-Ctarget-feature=+crt-static".to_owned());
    }
    match own {
        Some(own) => {
            let all: Vec<_> = own.into_iter().chain(flags).collect();
            command.env("CARGO_ENCODED_RUSTFLAGS", all.join("\x1f"));
        }
        // A list of TOML; JSON's texts are TOML's, too.
        None => {
            command.args(["--config", &format!("build.rustflags={}", Value::from(flags))]);
        }
    }
}

/// The flags of the environment, in cargo's order: the first variable that is set takes precedence over the configuration.
fn from_environment() -> Option<Vec<String>> {
    let split = |flags: &str, at: char| flags.split(at).filter(|flag| !flag.is_empty()).map(str::to_owned).collect();
    let encoded = env::var("CARGO_ENCODED_RUSTFLAGS").ok().map(|flags| split(&flags, '\x1f'));
    encoded.or_else(|| env::var("RUSTFLAGS").ok().map(|flags| split(&flags, ' ')))
}

/// Other words for the folders whose names would be in the binary; the last that fits counts.
fn remaps(project: &Project) -> Vec<String> {
    let mut folders = vec![(project.workspace.clone(), "/workspace".to_owned())];
    if !project.target_dir.starts_with(&project.workspace) {
        folders.push((project.target_dir.clone(), "/workspace/target".to_owned()));
    }
    folders.extend(cargo_home().map(|home| (home, "/cargo".to_owned())));
    let commit = rustc(project.folder(), &["-vV"])
        .and_then(|said| said.lines().find_map(|line| line.strip_prefix("commit-hash: ").map(str::to_owned)));
    // What the standard library says of its own files where its source is installed, and where it is not.
    if let (Some(sysroot), Some(commit)) = (rustc(project.folder(), &["--print", "sysroot"]), commit) {
        folders.push((Path::new(&sysroot).join("lib/rustlib/src/rust"), format!("/rustc/{commit}")));
    }
    folders.iter().map(|(from, to)| format!("--remap-path-prefix={}={to}", from.display())).collect()
}

fn cargo_home() -> Option<PathBuf> {
    let home = env::var_os("CARGO_HOME").filter(|home| !home.is_empty()).map(PathBuf::from);
    home.or_else(|| env::home_dir().map(|home| home.join(".cargo")))
}

/// What the compiler of a folder says.
fn rustc(folder: &Path, arguments: &[&str]) -> Option<String> {
    ask(Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into())).args(arguments).current_dir(folder))
}

/// Whether the C compiler, which links, has the archive of this machine's glibc. One for another machine is the user's own affair.
fn has_static_libc(target: &str) -> bool {
    let is_own = target.strip_suffix("-unknown-linux-gnu").is_some_and(super::target::is_own);
    // It gives a path where it has the file, else the name again.
    is_own && ask(Command::new("cc").arg("-print-file-name=libc.a")).is_some_and(|path| Path::new(&path).is_absolute())
}

fn ask(command: &mut Command) -> Option<String> {
    let output = command.output().ok()?;
    let said = output.status.success().then(|| String::from_utf8(output.stdout).ok())??;
    Some(said.trim().to_owned()).filter(|said| !said.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::CargoArgs;

    #[test]
    fn folders_have_other_words_and_panics_stay() {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
        let package = Some("cargo-omnifn".to_owned());
        let cargo = CargoArgs { manifest_path: Some(manifest), package, ..CargoArgs::default() };
        let project = Project::find(&cargo).unwrap();
        let flags = remaps(&project);
        let workspace = format!("--remap-path-prefix={}=/workspace", project.workspace.display());
        assert_eq!(flags[0], workspace);
        assert!(flags.iter().any(|flag| flag.ends_with("=/cargo")), "{flags:?}");
        let mut command = Command::new("cargo");
        add(&mut command, &project, "x86_64-unknown-linux-musl");
        let said = format!("{command:?}");
        assert!(
            said.contains("--remap-path-prefix=") && !said.contains("panic") && !said.contains("crt-static"),
            "{said}"
        );
    }
}
