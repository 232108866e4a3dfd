//! The user's crate, as cargo sees it.

use std::path::{Path, PathBuf};

use cargo_metadata::{Metadata, MetadataCommand, Package};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    build,
    cli::{CargoArgs, SourceArgs},
    error::{Error, Kind, Result},
    model::{App, Function, FunctionNote, ProgramNote, SCHEMA},
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
    /// The oldest Rust that the package says it builds with.
    pub rust_version: Option<String>,
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
            rust_version: package.rust_version.as_ref().map(ToString::to_string),
            metadata: package.metadata.clone(),
        })
    }

    /// The folder of its Cargo.toml.
    pub fn folder(&self) -> &Path {
        self.manifest.parent().unwrap_or(Path::new("."))
    }

    /// Where `cargo omnifn package` puts artifacts, as a text says it: below the folder that holds `target`, below the package's folder
    /// where `target` is called otherwise, or anywhere.
    pub fn artifacts(&self) -> String {
        let is_plain = [self.folder(), &self.workspace].iter().any(|folder| self.target_dir == folder.join("target"));
        if is_plain {
            return "target/omnifn".to_owned();
        }
        // `--target-dir` is seen from the working directory.
        let target = std::path::absolute(&self.target_dir).unwrap_or_else(|_| self.target_dir.clone());
        let there = target.strip_prefix(self.folder()).unwrap_or(&target).join("omnifn");
        // Texts are for any machine, and Windows takes both.
        there.to_string_lossy().replace('\\', "/")
    }

    /// What `[package.metadata.omnifn]` says.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn overlay(&self) -> Result<Overlay> {
        Overlay::read(&self.metadata)
    }
}

/// The program's functions, for the stage that the arguments name: read from a binary, which is built first unless one is given,
/// or from a file with its manifest.
///
/// # Errors
/// There is no package, it does not build, its binary holds no notes, or the settings are wrong.
pub fn load(source: &SourceArgs, output: &Output) -> Result<App> {
    let project = Project::find(&source.cargo);
    let manifest = match (&source.manifest, &source.binary, &project) {
        (Some(manifest), ..) => read_manifest(manifest)?,
        (None, Some(binary), _) => notes::read(binary)?,
        (None, None, Ok(project)) => notes::read(&build::build(project, None, None, &source.cargo, output)?)?,
        (None, None, Err(_)) => {
            return Err(project.err().unwrap_or_else(|| Error::new("omnifn::project", "no package")));
        }
    };
    // A binary alone says enough, where no package is by, or another one that nobody named.
    let is_built = source.binary.is_none() && source.manifest.is_none();
    let is_named = source.cargo.package.is_some() || source.cargo.manifest_path.is_some();
    if let (Ok(project), Some(program)) = (&project, &manifest.program)
        && is_named
        && project.package != program.package
    {
        let (binary, settings) = (&program.package, &project.package);
        output
            .warn(format_args!("the binary is of the package `{binary}`, and the settings are those of `{settings}`"));
    }
    let own = project.as_ref().ok().map(Project::artifacts);
    let (package, overlay, own) = match (project, &manifest.program) {
        (Ok(project), Some(program)) if !is_built && !is_named && project.package != program.package => {
            (program.package.clone(), Overlay::default(), None)
        }
        (Ok(project), _) => (project.package.clone(), project.overlay()?, own),
        (Err(error), _) if is_named => return Err(error),
        (Err(_), Some(program)) => (program.package.clone(), Overlay::default(), None),
        (Err(error), None) => return Err(error),
    };
    let functions = functions(manifest, output);
    let mut app = overlay.app(&package, functions, source.stage.as_deref())?;
    if let Some(own) = own {
        app.artifacts = own;
    }
    Ok(app)
}

/// Reads what `cargo omnifn manifest --json` wrote.
fn read_manifest(path: &Path) -> Result<notes::Manifest> {
    #[derive(Deserialize)]
    struct Written {
        #[serde(default)]
        program: Option<ProgramNote>,
        functions: Vec<FunctionNote>,
    }
    let wrong = |what: &str, error: &dyn std::fmt::Display| {
        Error::new("omnifn::manifest::file", format!("{} {what}", path.display()))
            .kind(Kind::Usage)
            .caused_by(error)
            .help("write it with `cargo omnifn manifest --json`")
    };
    let text = std::fs::read_to_string(path).map_err(|error| wrong("cannot be read", &error))?;
    let Written { program, functions } =
        serde_json::from_str(&text).map_err(|error| wrong("is no manifest", &error))?;
    if let Some(other) = functions.iter().map(|function| function.v).find(|version| *version != SCHEMA) {
        return Err(wrong("cannot be read", &format!("its notes have the form {other}, this command reads {SCHEMA}")));
    }
    Ok(notes::Manifest { program, functions })
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
        _ => here(&members)
            .or_else(|| metadata.root_package())
            .ok_or_else(|| several(&members, "the workspace has several packages")),
    }
}

/// The package of the working directory, or of the nearest folder above it that has one.
fn here<'m>(members: &[&'m Package]) -> Option<&'m Package> {
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
        let project = |target: &Path| Project {
            package: "shop".to_owned(),
            bin: "shop".to_owned(),
            manifest: root.join("all/shop/Cargo.toml"),
            workspace: root.join("all"),
            target_dir: target.to_owned(),
            features: Vec::new(),
            rust_version: None,
            metadata: Value::Null,
        };
        let elsewhere = root.join("build");
        for (target, artifacts) in [
            (root.join("all/target"), "target/omnifn".to_owned()),
            (root.join("all/shop/target"), "target/omnifn".to_owned()),
            (root.join("all/shop/.build"), ".build/omnifn".to_owned()),
            (elsewhere.clone(), elsewhere.join("omnifn").to_string_lossy().replace('\\', "/")),
        ] {
            assert_eq!(project(&target).artifacts(), artifacts);
        }
    }
}
