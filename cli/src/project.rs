//! The user's crate, as cargo sees it.

use std::path::{Path, PathBuf};

use cargo_metadata::{Metadata, MetadataCommand, Package};
use serde_json::Value;

use crate::{
    build,
    cli::{CargoArgs, SourceArgs},
    error::{Error, Kind, Result},
    model::{App, Function},
    notes,
    output::Output,
    overlay::Overlay,
};

/// The package whose program is worked on.
#[derive(Debug, Clone)]
pub struct Project {
    /// The package's name.
    pub package: String,
    /// The binary's name.
    pub bin: String,
    /// The path of its Cargo.toml.
    pub manifest: PathBuf,
    /// The folder of the workspace.
    pub workspace: PathBuf,
    /// The folder for what is built.
    pub target_dir: PathBuf,
    /// The features of the package.
    pub features: Vec<String>,
    metadata: Value,
}

impl Project {
    /// Finds it: the package of the working directory, or the one that the arguments name.
    ///
    /// # Errors
    /// There is none, or several.
    pub fn find(cargo: &CargoArgs) -> Result<Self> {
        let mut command = MetadataCommand::new();
        command.no_deps();
        if let Some(path) = &cargo.manifest_path {
            command.manifest_path(path);
        }
        let metadata = command.exec().map_err(|error| {
            Error::new("omnifn::project::none", "cargo does not find a package here")
                .kind(Kind::Usage)
                .caused_by(error.to_string().trim())
                .help("go into the crate's folder, or name its Cargo.toml with `--manifest-path`")
        })?;
        let package = choose(&metadata, cargo)?;
        let bins: Vec<_> = package.targets.iter().filter(|target| target.is_bin()).map(|t| t.name.clone()).collect();
        let bin = match (&cargo.bin, &package.default_run, &bins[..]) {
            (Some(bin), ..) | (None, Some(bin), _) if bins.contains(bin) => bin.clone(),
            (None, None, [only]) => only.clone(),
            _ => return Err(no_bin(&package.name, cargo, &bins)),
        };
        Ok(Project {
            package: package.name.to_string(),
            bin,
            manifest: package.manifest_path.clone().into(),
            workspace: metadata.workspace_root.clone().into(),
            target_dir: cargo.target_dir.clone().unwrap_or_else(|| metadata.target_directory.clone().into()),
            features: package.features.keys().cloned().collect(),
            metadata: package.metadata.clone(),
        })
    }

    /// The folder of its Cargo.toml.
    pub fn folder(&self) -> &Path {
        self.manifest.parent().unwrap_or(Path::new("."))
    }

    /// What `[package.metadata.omnifn]` says.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn overlay(&self) -> Result<Overlay> {
        Overlay::read(&self.metadata)
    }
}

/// The program's functions, for the stage that the arguments name: read from a binary, which is built first unless one is given.
///
/// # Errors
/// There is no package, it does not build, its binary holds no notes, or the settings are wrong.
pub fn load(source: &SourceArgs, output: &Output) -> Result<App> {
    let project = Project::find(&source.cargo);
    let binary = match (&source.binary, &project) {
        (Some(binary), _) => binary.clone(),
        (None, Ok(project)) => build::build(project, None, None, &source.cargo, output)?,
        (None, Err(_)) => return Err(project.err().unwrap_or_else(|| Error::new("omnifn::project", "no package"))),
    };
    let manifest = notes::read(&binary)?;
    if let (Ok(project), Some(program)) = (&project, &manifest.program)
        && project.package != program.package
    {
        let (binary, settings) = (&program.package, &project.package);
        output
            .warn(format_args!("the binary is of the package `{binary}`, and the settings are those of `{settings}`"));
    }
    // A binary alone says enough, where no package is by.
    let (package, overlay) = match (project, &manifest.program) {
        (Ok(project), _) => (project.package.clone(), project.overlay()?),
        (Err(_), Some(program)) => (program.package.clone(), Overlay::default()),
        (Err(error), None) => return Err(error),
    };
    let functions = functions(manifest, output);
    overlay.app(&package, functions, source.stage.as_deref())
}

/// The functions of the program, in its order; all of the binary's, where it does not say which are.
pub fn functions(manifest: notes::Manifest, output: &Output) -> Vec<Function> {
    let notes::Manifest { program, mut functions } = manifest;
    let Some(program) = program else {
        output.warn(
            "the program has a `main` of its own, not `omnifn::main!`: all functions in the binary are taken to be its",
        );
        return functions.into_iter().map(Function::from).collect();
    };
    let mut taken = Vec::with_capacity(program.program.len());
    for name in &program.program {
        if let Some(at) = functions.iter().position(|function| function.name == *name) {
            taken.push(Function::from(functions.remove(at)));
        }
    }
    for left in functions {
        output.warn(format_args!(
            "`{}` ({}:{}) is not in `omnifn::main!`, and is left out",
            left.name, left.file, left.line
        ));
    }
    taken
}

fn choose<'m>(metadata: &'m Metadata, cargo: &CargoArgs) -> Result<&'m Package> {
    let members = metadata.workspace_packages();
    let named = |name: &str| members.iter().copied().find(|package| package.name == name);
    if let Some(name) = &cargo.package {
        return named(name).ok_or_else(|| several(&members, &format!("the workspace has no package `{name}`")));
    }
    match &members[..] {
        [only] => Ok(only),
        _ => metadata.root_package().ok_or_else(|| several(&members, "the workspace has several packages")),
    }
}

fn several(members: &[&Package], what: &str) -> Error {
    let names = members.iter().map(|package| package.name.as_str()).collect::<Vec<_>>().join("`, `");
    Error::new("omnifn::project::which", format!("{what}: there are `{names}`"))
        .kind(Kind::Usage)
        .help("name one with `-p`")
}

fn no_bin(package: &str, cargo: &CargoArgs, bins: &[String]) -> Error {
    let there = if bins.is_empty() { "it has none".to_owned() } else { format!("it has `{}`", bins.join("`, `")) };
    let what = match &cargo.bin {
        Some(bin) => format!("the package `{package}` has no binary `{bin}`: {there}"),
        None => format!("the package `{package}` does not have one binary: {there}"),
    };
    Error::new("omnifn::project::bin", what)
        .kind(Kind::Usage)
        .help("write `omnifn::main!(…)` in src/main.rs, or name a binary with `--bin`")
}
