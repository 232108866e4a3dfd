//! Loads the program that a command is about: from the package in this folder, a binary, or a manifest.

use std::path::Path;

use omnifn_spec::note;
use serde::Deserialize;

use crate::{
    args::SourceArgs,
    build,
    error::{Error, Kind, Result},
    model::{App, FunctionNote, ProgramNote},
    notes,
    output::Output,
    project::{self, Origin, Workspace},
};

/// Reads the program's functions, for the stage that the arguments name: from a binary, which is built first unless one is given, or from a
/// file with its manifest.
///
/// # Errors
/// No package was found, the package does not build, its binary contains no notes, or the settings are invalid.
pub fn load(source: &SourceArgs, output: &Output) -> Result<App> {
    let workspace = Workspace::find(&source.cargo)?;
    let (manifest, is_built) = match (&source.manifest, &source.binary) {
        (Some(manifest), _) => (read_manifest(manifest)?, false),
        (None, Some(binary)) => (notes::read(binary)?, false),
        (None, None) => {
            let project = workspace.as_ref().ok_or_else(project::none)?.project(&source.cargo)?;
            (notes::read(&build::build(&project, None, None, &source.cargo, output)?)?, true)
        }
    };
    let origin = Origin { workspace: workspace.as_ref(), cargo: &source.cargo, is_built };
    project::app(manifest, origin, source.stage.as_deref(), output)
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
    if let Some(other) = functions.iter().map(|function| function.v).find(|version| *version != note::VERSION) {
        let why = format!("its notes have the form {other}, this command reads {}", note::VERSION);
        return Err(wrong("cannot be read", &why));
    }
    let named = program.as_ref().map_or(0, |program| program.functions.len()).max(functions.len());
    notes::check_many(named, &path.display().to_string()).map_err(|error| error.kind(Kind::Usage))?;
    let manifest = notes::Manifest { program, functions };
    notes::check_names(&manifest, &path.display().to_string()).map_err(|error| error.kind(Kind::Usage))?;
    Ok(manifest)
}
