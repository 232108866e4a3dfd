//! `cargo omnifn package`

use std::{
    fmt,
    path::{Path, PathBuf},
    str::FromStr,
};

use clap::ValueEnum as _;
use serde_json::json;

use crate::{
    args::CargoArgs,
    build::{self, target},
    cloud::Cloud,
    error::{Error, Kind, Result},
    notes,
    output::Output,
    package::{self, Artifact, Input, Verdict},
    project::{self, Workspace},
};

/// Build what each cloud takes.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The clouds.
    #[arg(long, short, value_name = "CLOUDS", value_delimiter = ',', default_value = "aws,gcp,azure")]
    pub target: Vec<Cloud>,
    /// Package this binary, and build none: for all clouds, or for one, as `aws=PATH`.
    #[arg(long, value_name = "[CLOUD=]PATH")]
    pub binary: Vec<BinaryArg>,
    /// The folder of the artifacts: `target/omnifn`, by default.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// The stage whose names, sizes and regions count: `[package.metadata.omnifn.stages.<STAGE>]`.
    #[arg(long, value_name = "STAGE", env = "OMNIFN_STAGE")]
    pub stage: Option<String>,
    /// A zip of its own for each function (AWS).
    #[arg(long)]
    pub split: bool,
    /// Let a check fail, by its name: `debug`, `glibc`, `libraries`, `panic`, ….
    #[arg(long, value_name = "CODE", value_delimiter = ',', value_parser = package::check)]
    pub allow: Vec<String>,
    /// Replace what is there and was not written by an earlier run.
    #[arg(long)]
    pub force: bool,
    /// The options that are passed on to cargo.
    #[command(flatten)]
    pub cargo: CargoArgs,
}

/// A binary, for a cloud or for all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BinaryArg {
    /// The cloud; none is all.
    pub cloud: Option<Cloud>,
    /// Where it is.
    pub path: PathBuf,
}

impl FromStr for BinaryArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let named = text.split_once('=').and_then(|(cloud, path)| Some((Cloud::from_str(cloud, false).ok()?, path)));
        let (cloud, path) = match named {
            Some((cloud, path)) => (Some(cloud), path),
            None => (None, text),
        };
        if path.is_empty() { Err("a path is missing".to_owned()) } else { Ok(BinaryArg { cloud, path: path.into() }) }
    }
}

/// Runs it.
///
/// # Errors
/// A binary cannot be built or is not fit for its cloud, or an artifact cannot be written. What is fit for other clouds is there then.
pub fn run(args: &Args, output: &Output) -> Result<()> {
    let mut clouds = args.target.clone();
    clouds.sort_unstable();
    clouds.dedup();
    args.check_binaries(&clouds)?;
    let workspace = Workspace::find(&args.cargo)?;
    let to_build: Vec<_> = clouds.iter().copied().filter(|cloud| args.binary(*cloud).is_none()).collect();
    if !to_build.is_empty() {
        let project = workspace.as_ref().ok_or_else(project::none)?.project(&args.cargo)?;
        build::check(&project, &to_build, args.stage.as_deref(), &args.cargo)?;
    }
    let (mut artifacts, mut errors) = (Vec::new(), Vec::new());
    for cloud in clouds {
        match one(args, cloud, workspace.as_ref(), output) {
            Ok(made) => {
                made.iter().for_each(|artifact| tell(artifact, output));
                artifacts.extend(made);
            }
            Err(error) => errors.push(error),
        }
    }
    let error = Error::all(package::distinct(errors));
    if output.json {
        let made = json!({ "artifacts": artifacts });
        return match error {
            Some(error) => Err(output.value_with(&made, error)),
            None => output.value(&made),
        };
    }
    // What is there is listed also where another cloud has none.
    artifacts.iter().try_for_each(|artifact| output.text(Listed(artifact)))?;
    error.map_or(Ok(()), Err)
}

fn one(args: &Args, cloud: Cloud, workspace: Option<&Workspace>, output: &Output) -> Result<Vec<Artifact>> {
    let stage = args.stage.as_deref();
    let given = args.binary(cloud);
    let binary = match given {
        Some(binary) => binary.to_owned(),
        None => {
            let project = workspace.ok_or_else(project::none)?.project(&args.cargo)?;
            let settings = project.overlay()?.cloud(cloud, stage);
            let target = match target::is_set(&args.cargo.flags) {
                true => None,
                false => Some(target::choose(cloud, &settings, project.folder())?),
            };
            build::build(&project, Some(cloud), target.as_deref(), &args.cargo, output)?
        }
    };
    // Whatever is wrong with its notes, such a binary is not to be deployed. One that is not there is another matter.
    let unfit = |error: Error| if error.kind == Kind::Usage { error } else { error.kind(Kind::Unfit) };
    let manifest = notes::read(&binary).map_err(unfit)?;
    let program = manifest.program.clone();
    let origin = project::Origin { workspace, cargo: &args.cargo, is_built: given.is_none() };
    let app = project::app(manifest, origin, stage, output)?.on(cloud);
    let out = match (&args.out, workspace) {
        (Some(out), _) => out.clone(),
        (None, Some(workspace)) => project::here(&workspace.target_dir(&args.cargo)).join("omnifn"),
        (None, None) => PathBuf::from("target/omnifn"),
    };
    // Cargo has said its part.
    let progress = output.progress(1, "Packaging");
    progress.step(cloud.title());
    package::package(&Input {
        cloud,
        app: &app,
        program: program.as_ref(),
        binary: &binary,
        allow: &args.allow,
        split: args.split,
        out: &out,
        force: args.force,
    })
}

impl Args {
    /// Each binary is that of a cloud that is targeted, and no cloud has two.
    fn check_binaries(&self, clouds: &[Cloud]) -> Result<()> {
        for (at, BinaryArg { cloud, path }) in self.binary.iter().enumerate() {
            let given = cloud.map(|cloud| format!("{}=", cloud.name())).unwrap_or_default();
            let refuse = |why: &str, help: String| {
                let words = format!("`--binary {given}{}` {why}", path.display());
                Err(Error::new("omnifn::package::binary", words).kind(Kind::Usage).help(help))
            };
            if let Some(cloud) = cloud.filter(|cloud| !clouds.contains(cloud)) {
                let targets = clouds.iter().map(|cloud| cloud.name()).collect::<Vec<_>>().join(",");
                let help = format!("leave it away, or write `--target {targets},{}`", cloud.name());
                return refuse(&format!("is for {}, which is not targeted", cloud.title()), help);
            }
            if self.binary[..at].iter().any(|other| other.cloud == *cloud) {
                return refuse("is a second one for the same", "name one for each cloud, or one for all".to_owned());
            }
        }
        Ok(())
    }

    fn binary(&self, cloud: Cloud) -> Option<&Path> {
        let named = self.binary.iter().find(|binary| binary.cloud == Some(cloud));
        let any = || self.binary.iter().find(|binary| binary.cloud.is_none());
        named.or_else(any).map(|binary| binary.path.as_path())
    }
}

fn tell(artifact: &Artifact, output: &Output) {
    output.status("Packaged", artifact.path.display());
    for check in &artifact.checks {
        match check.verdict {
            Verdict::Ok => {}
            Verdict::Warning => output.warn(format_args!("[{}] {}", check.code, check.words)),
            Verdict::Allowed => output.warn(format_args!("[{}] allowed: {}", check.code, check.words)),
        }
    }
}

/// An artifact for eyes: what it is, and the commands that deploy it.
struct Listed<'a>(&'a Artifact);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let artifact = self.0;
        writeln!(f, "{}", artifact.path.display())?;
        writeln!(f, "  {} for {}, {} bytes", artifact.kind, artifact.architecture, artifact.size)?;
        writeln!(f, "  sha256 {}", artifact.sha256)?;
        for command in &artifact.deploy {
            writeln!(f, "  $ {command}")?;
        }
        Ok(())
    }
}
