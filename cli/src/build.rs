//! One cargo invocation for all functions.

pub mod flags;
mod linker;
pub mod target;

use std::{
    env,
    ffi::OsString,
    fs,
    io::BufReader,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use cargo_metadata::Message;

use crate::{
    args::CargoArgs,
    cloud::Cloud,
    doctor::{self, ThisMachine},
    error::{Error, Kind, Result},
    model::CloudSettings,
    output::Output,
    project::Project,
};

/// Builds the program: for a cloud, with its feature alone and for Linux, or as it is by default for this machine. Gives the binary's
/// path; for a cloud a copy, which the build for the next cloud does not overwrite.
///
/// `target` is the target triple; without it, the one that [`target::choose`] chooses by the settings of all stages, unless cargo
/// has one by its own flags.
///
/// # Errors
/// The package has no feature for the cloud, the target is not there, or cargo fails.
pub fn build(
    project: &Project,
    cloud: Option<Cloud>,
    target: Option<&str>,
    cargo: &CargoArgs,
    output: &Output,
) -> Result<PathBuf> {
    let Some(cloud) = cloud else { return run(command(project, None, target, cargo), project, output) };
    if !project.features.iter().any(|feature| feature == cloud.name()) {
        return Err(no_feature(project, cloud));
    }
    let target = match target {
        Some(target) => Some(target.to_owned()),
        None if target::is_set(&cargo.flags) => None,
        None => Some(target::choose(cloud, &project.overlay()?.cloud(cloud, None), project.folder())?),
    };
    let mut command = command(project, Some(cloud), target.as_deref(), cargo);
    if let Some(target) = target.or_else(|| target::set(&cargo.flags)) {
        flags::add(&mut command, project, &target);
    }
    let built = run(command, project, output)?;
    keep(&built, &project.target_dir.join("omnifn/build").join(cloud.name()))
}

/// Checks, before the first of several builds, that each can be done on this machine: the package's feature, the target, and what links for it.
///
/// # Errors
/// One of them is missing.
pub fn check(project: &Project, clouds: &[Cloud], stage: Option<&str>, cargo: &CargoArgs) -> Result<()> {
    let overlay = project.overlay()?;
    let errors =
        clouds.iter().filter_map(|cloud| check_one(project, *cloud, &overlay.cloud(*cloud, stage), cargo).err());
    Error::all(errors.collect()).map_or(Ok(()), Err)
}

fn check_one(project: &Project, cloud: Cloud, settings: &CloudSettings, cargo: &CargoArgs) -> Result<()> {
    if !project.features.iter().any(|feature| feature == cloud.name()) {
        return Err(no_feature(project, cloud));
    }
    // What the user has set is the user's: cargo and the linker say what is wrong with it.
    if target::is_set(&cargo.flags) || env::var_os("RUSTC").is_some() {
        return Ok(());
    }
    let target = target::choose(cloud, settings, project.folder())?;
    if linker::is_set(&target, project.folder()) {
        return Ok(());
    }
    let clouds = [(cloud, doctor::architecture(cloud, settings))];
    let profile = cargo.profile.as_deref().unwrap_or("release");
    let report = doctor::examine(&ThisMachine, Some(project), profile, &clouds);
    doctor::failure(&report.clouds).map_or(Ok(()), Err)
}

/// What cargo is called with.
fn command(project: &Project, cloud: Option<Cloud>, target: Option<&str>, cargo: &CargoArgs) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(project.folder());
    command.arg("build").arg("--manifest-path").arg(&project.manifest);
    command.args(["--package", &project.package, "--bin", &project.bin]);
    command.arg("--message-format=json-render-diagnostics");
    let mut features: Vec<&str> = cargo.features.iter().map(String::as_str).collect();
    match cloud {
        Some(cloud) => {
            command.arg("--no-default-features");
            features.insert(0, cloud.name());
        }
        // The feature for this machine, where it is not on by itself.
        None => {
            let has = |name: &str| project.features.iter().any(|feature| feature == name);
            if has("local") && !has("default") {
                features.insert(0, "local");
            }
        }
    }
    if !features.is_empty() {
        command.args(["--features", &features.join(",")]);
    }
    let profile = cargo.profile.as_deref().or_else(|| cloud.map(|_| "release"));
    if let Some(profile) = profile {
        command.args(["--profile", profile]);
    }
    // Given twice, a target is built twice.
    if let Some(target) = target.filter(|_| target::asked(&cargo.flags).is_none()) {
        command.args(["--target", target]);
        if let Some((name, linker)) = linker::of(target, project.folder()) {
            command.env(name, linker);
        }
    }
    if let Some(folder) = &cargo.target_dir {
        // Given relative to where the user is, and cargo runs in the package's folder.
        command.arg("--target-dir").arg(std::path::absolute(folder).unwrap_or_else(|_| folder.clone()));
    }
    command.args(cargo.locked.then_some("--locked")).args(cargo.offline.then_some("--offline"));
    command.args(&cargo.flags);
    command
}

/// Runs cargo, whose own words go to standard error, and gives the executable that it names.
fn run(mut command: Command, project: &Project, output: &Output) -> Result<PathBuf> {
    let words = told(&command);
    output.status("Running", &words);
    let failed = |what: &str| Error::new("omnifn::build", format!("{what}: {words}"));
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| failed("cargo cannot be run").caused_by(error).help("install Rust: https://rustup.rs"))?;
    let mut executable = None;
    if let Some(stdout) = child.stdout.take() {
        for message in Message::parse_stream(BufReader::new(stdout)).map_while(Result::ok) {
            if let Message::CompilerArtifact(artifact) = message
                && artifact.target.name == project.bin
                && artifact.target.is_bin()
            {
                executable = artifact.executable.or(executable);
            }
        }
    }
    let status = child.wait().map_err(|error| failed("cargo cannot be waited for").caused_by(error))?;
    if !status.success() {
        return Err(failed("cargo build failed").caused_by(status).help("cargo's own message is above"));
    }
    let executable = executable.ok_or_else(|| {
        failed("cargo named no executable").help("a flag of yours keeps it from linking: remove it, and try again")
    })?;
    Ok(executable.into())
}

/// The command as one would write it.
fn told(command: &Command) -> String {
    let arguments = command.get_args().filter(|argument| *argument != "--message-format=json-render-diagnostics");
    let words: Vec<_> = std::iter::once(OsString::from("cargo")).chain(arguments.map(Into::into)).collect();
    let words = words.iter().map(|word| word.to_string_lossy());
    words
        .map(|word| if word.contains([' ', '"']) { format!("{word:?}") } else { word.into_owned() })
        .collect::<Vec<_>>()
        .join(" ")
}

/// A copy of the binary, whole or not at all.
fn keep(built: &Path, folder: &Path) -> Result<PathBuf> {
    let kept = folder.join(built.file_name().unwrap_or_default());
    let part = kept.with_extension(format!("{}.part", std::process::id()));
    let copied =
        fs::create_dir_all(folder).and_then(|()| fs::copy(built, &part)).and_then(|_| fs::rename(&part, &kept));
    copied.map_err(|error| {
        drop(fs::remove_file(&part));
        Error::new("omnifn::build::copy", format!("{} cannot be copied to {}", built.display(), kept.display()))
            .caused_by(error)
    })?;
    Ok(kept)
}

fn no_feature(project: &Project, cloud: Cloud) -> Error {
    let (package, name) = (&project.package, cloud.name());
    Error::new(
        "omnifn::build::feature",
        format!("the package `{package}` has no feature `{name}`, so it cannot be built for {}", cloud.title()),
    )
    .kind(Kind::Usage)
    .caused_by(match &project.features[..] {
        [] => "it has no features at all".to_owned(),
        features => format!("it has `{}`", features.join("`, `")),
    })
    .help(format!("add to [features] of {}: {name} = [\"omnifn/{name}\"]", project.manifest.display()))
}

#[cfg(test)]
mod tests;
