//! The user's crate, as cargo sees it.

use std::path::{Path, PathBuf};

use cargo_metadata::{Metadata, MetadataCommand, Package};
use serde_json::Value;

use crate::{
    args::CargoArgs,
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
    /// The folder of the workspace, whose Cargo.toml has the profiles.
    pub workspace: PathBuf,
    /// The folder for what is built.
    pub target_dir: PathBuf,
    /// The features of the package.
    pub features: Vec<String>,
    /// The oldest Rust that the package declares (`rust-version`).
    pub rust_version: Option<String>,
    metadata: Value,
}

/// The packages that are by, as cargo sees them: those of the working directory, or of the Cargo.toml that the arguments name.
#[derive(Debug, Clone)]
pub struct Workspace {
    metadata: Metadata,
}

impl Workspace {
    /// Finds it; `None` where there is no Cargo.toml here, nor in a folder above.
    ///
    /// # Errors
    /// There is one, and cargo cannot read it.
    pub fn find(cargo: &CargoArgs) -> Result<Option<Self>> {
        let named = cargo.manifest_path.as_deref();
        let Some(manifest) = named.map(Path::to_owned).or_else(nearest) else { return Ok(None) };
        let mut command = MetadataCommand::new();
        command.no_deps();
        if let Some(path) = named {
            command.manifest_path(path);
        }
        match command.exec() {
            Ok(metadata) => Ok(Some(Workspace { metadata })),
            Err(error) if named.is_some_and(|path| !path.exists()) => Err(none().caused_by(error.to_string().trim())),
            Err(error) => {
                Err(Error::new("omnifn::project::broken", format!("cargo cannot read {}", here(&manifest).display()))
                    .kind(Kind::Usage)
                    .caused_by(error.to_string().trim())
                    .help("mend it; its [package.metadata.omnifn] would count, so nothing goes on without it"))
            }
        }
    }

    /// The package of the working directory, or the one that the arguments name, with its binary.
    ///
    /// # Errors
    /// There are several, of packages or of binaries, or none.
    pub fn project(&self, cargo: &CargoArgs) -> Result<Project> {
        let metadata = &self.metadata;
        let package = choose(metadata, cargo)?;
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
            target_dir: self.target_dir(cargo),
            features: package.features.keys().cloned().collect(),
            rust_version: package.rust_version.as_ref().map(ToString::to_string),
            metadata: package.metadata.clone(),
        })
    }

    /// The dependencies by a path that leads out of the workspace's folder, each with the package that names it. Cargo reads all of them,
    /// whichever package it builds.
    fn outside(&self) -> Vec<String> {
        let root = &self.metadata.workspace_root;
        let packages = self.metadata.workspace_packages().into_iter();
        let mut all: Vec<_> = packages
            .flat_map(|package| package.dependencies.iter().map(move |dependency| (package, dependency)))
            .filter_map(|(package, dependency)| {
                let path = dependency.path.as_ref().filter(|path| !path.starts_with(root))?;
                Some(format!("`{}` of `{}`, in {path}", dependency.name, package.name))
            })
            .collect();
        all.sort();
        all.dedup();
        all
    }

    /// The folder for what is built.
    pub fn target_dir(&self, cargo: &CargoArgs) -> PathBuf {
        cargo.target_dir.clone().unwrap_or_else(|| self.metadata.target_directory.clone().into())
    }
}

impl Project {
    /// Finds it: the package of the working directory, or the one that the arguments name.
    ///
    /// # Errors
    /// There is none, or several.
    pub fn find(cargo: &CargoArgs) -> Result<Self> {
        Workspace::find(cargo)?.ok_or_else(none)?.project(cargo)
    }

    /// The folder of its Cargo.toml.
    pub fn folder(&self) -> &Path {
        self.manifest.parent().unwrap_or(Path::new("."))
    }

    /// The settings in `[package.metadata.omnifn]`.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn overlay(&self) -> Result<Overlay> {
        Overlay::read(&self.metadata)
    }
}

/// Where a program's notes are from, and where its settings may be.
#[derive(Debug, Clone, Copy)]
pub struct Origin<'a> {
    /// The packages that are by.
    pub workspace: Option<&'a Workspace>,
    /// Which of them the arguments name.
    pub cargo: &'a CargoArgs,
    /// Whether the binary was built of the package just now.
    pub is_built: bool,
}

/// A program with its settings, for a stage: those of the package that was built or named, else those of its own package, where that
/// is by. A binary alone says enough, where no package is by, or others that nobody named.
///
/// # Errors
/// No package and no note says what the program is called, or the settings are wrong.
pub fn app(manifest: notes::Manifest, origin: Origin<'_>, stage: Option<&str>, output: &Output) -> Result<App> {
    let cargo = origin.cargo;
    let is_named = cargo.package.is_some() || cargo.manifest_path.is_some();
    let package = match (origin.workspace, &manifest.program) {
        (None, Some(_)) => None,
        (None, None) => return Err(none()),
        (Some(workspace), None) => Some(choose(&workspace.metadata, cargo)?),
        (Some(workspace), Some(_)) if origin.is_built => Some(choose(&workspace.metadata, cargo)?),
        (Some(workspace), Some(program)) if is_named => {
            let package = choose(&workspace.metadata, cargo)?;
            if package.name != program.package {
                let (binary, settings) = (&program.package, &package.name);
                output.warn(format_args!(
                    "the binary is of the package `{binary}`, and the settings are those of `{settings}`"
                ));
            }
            Some(package)
        }
        (Some(workspace), Some(program)) => {
            workspace.metadata.workspace_packages().into_iter().find(|package| package.name == program.package)
        }
    };
    let (name, overlay) = match (package, &manifest.program) {
        (Some(package), _) => (package.name.to_string(), Overlay::read(&package.metadata)?),
        (None, Some(program)) => (program.package.clone(), Overlay::default()),
        (None, None) => return Err(none()),
    };
    let cors = manifest.program.as_ref().and_then(|program| program.cors.clone());
    let mut app = overlay.app(&name, functions(manifest, output), stage)?;
    app.cors = cors;
    if let (Some(workspace), Some(package)) = (origin.workspace, package) {
        let folder = package.manifest_path.parent().map_or(Path::new("."), |folder| folder.as_std_path());
        app.artifacts = artifacts(workspace.target_dir(cargo), folder, workspace.metadata.workspace_root.as_std_path());
        app.outside = workspace.outside();
    }
    Ok(app)
}

/// Where `cargo omnifn package` puts artifacts, as a text says it: below the folder that holds `target`, below the package's folder
/// where `target` is called otherwise, or anywhere.
fn artifacts(target: PathBuf, folder: &Path, workspace: &Path) -> String {
    if [folder, workspace].iter().any(|folder| target == folder.join("target")) {
        return "target/omnifn".to_owned();
    }
    // `--target-dir` is seen from the working directory.
    let target = std::path::absolute(&target).unwrap_or(target);
    let there = target.strip_prefix(folder).unwrap_or(&target).join("omnifn");
    // Texts are for any machine, and Windows takes both.
    there.to_string_lossy().replace('\\', "/")
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
    let mut taken = Vec::with_capacity(program.functions.len());
    for name in &program.functions {
        if let Some(at) = functions.iter().position(|function| function.name == *name) {
            taken.push(Function::from(functions.remove(at)));
        }
    }
    for left in functions {
        output.warn(format_args!("`{}` ({}) is not in `omnifn::main!`, and is left out", left.name, left.location));
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
        _ => package_here(&members)
            .or_else(|| metadata.root_package())
            .ok_or_else(|| several(&members, "the workspace has several packages")),
    }
}

/// The Cargo.toml that cargo would take: of the working directory, or of the nearest folder above it that has one.
fn nearest() -> Option<PathBuf> {
    let here = std::env::current_dir().ok()?;
    here.ancestors().map(|folder| folder.join("Cargo.toml")).find(|path| path.symlink_metadata().is_ok())
}

/// A path as it is seen from here, where it is below.
pub(crate) fn here(path: &Path) -> PathBuf {
    let current = std::env::current_dir().ok();
    current.and_then(|current| path.strip_prefix(current).ok()).unwrap_or(path).to_owned()
}

/// No package is by.
pub(crate) fn none() -> Error {
    Error::new("omnifn::project::none", "cargo does not find a package here")
        .kind(Kind::Usage)
        .help("go into the crate's folder, or name its Cargo.toml with `--manifest-path`")
}

/// The package of the working directory, or of the nearest folder above it that has one.
fn package_here<'m>(members: &[&'m Package]) -> Option<&'m Package> {
    let here = std::env::current_dir().ok()?;
    let folder = |package: &Package| package.manifest_path.parent().map(|folder| folder.to_owned());
    let above = members.iter().filter(|package| folder(package).is_some_and(|folder| here.starts_with(folder)));
    above.max_by_key(|package| package.manifest_path.as_str().len()).copied()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn artifacts_are_where_the_target_folder_is() {
        let root = std::env::temp_dir();
        let (folder, workspace) = (root.join("all/shop"), root.join("all"));
        let elsewhere = root.join("build");
        for (target, expected) in [
            (root.join("all/target"), "target/omnifn".to_owned()),
            (root.join("all/shop/target"), "target/omnifn".to_owned()),
            (root.join("all/shop/.build"), ".build/omnifn".to_owned()),
            (elsewhere.clone(), elsewhere.join("omnifn").to_string_lossy().replace('\\', "/")),
        ] {
            assert_eq!(artifacts(target, &folder, &workspace), expected);
        }
    }
}
