//! `cargo omnifn build`

use std::path::PathBuf;

use serde::Serialize;

use crate::{
    args::CargoArgs,
    build::{self, target},
    cloud::Cloud,
    error::{Error, Result},
    output::Output,
    project::Project,
};

/// Build the program for clouds.
///
/// One cargo build for each cloud holds all functions. Flags behind `--` go to cargo as they are: `-- --target
/// aarch64-unknown-linux-musl`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The clouds.
    #[arg(long, short, value_name = "CLOUDS", value_delimiter = ',', default_value = "aws,gcp,azure")]
    pub target: Vec<Cloud>,
    /// The stage whose architecture counts: `[package.metadata.omnifn.stages.<STAGE>]`.
    #[arg(long, value_name = "STAGE", env = "OMNIFN_STAGE")]
    pub stage: Option<String>,
    /// The options that are passed on to cargo.
    #[command(flatten)]
    pub cargo: CargoArgs,
}

/// What was built.
#[derive(Serialize)]
struct Built {
    cloud: &'static str,
    binary: PathBuf,
}

/// Runs it.
///
/// # Errors
/// No package was found, or it cannot be built for a cloud. A missing target, linker, or feature is reported before the first build. If the
/// build for one cloud fails, the programs that were built before it are kept.
pub fn run(args: &Args, output: &Output) -> Result<()> {
    let project = Project::find(&args.cargo)?;
    let mut clouds = args.target.clone();
    clouds.sort_unstable();
    clouds.dedup();
    build::check(&project, &clouds, args.stage.as_deref(), &args.cargo)?;
    let (mut built, mut errors) = (Vec::new(), Vec::new());
    for cloud in clouds {
        match one(&project, cloud, args, output) {
            Ok(binary) => {
                output.status("Built", format_args!("{} for {}", binary.display(), cloud.title()));
                built.push(Built { cloud: cloud.name(), binary });
            }
            Err(error) => errors.push(error),
        }
    }
    if let Some(error) = Error::all(errors) {
        return Err(error);
    }
    if output.json {
        return output.value(&built);
    }
    for Built { binary, .. } in &built {
        output.text(format_args!("{}\n", binary.display()))?;
    }
    Ok(())
}

fn one(project: &Project, cloud: Cloud, args: &Args, output: &Output) -> Result<PathBuf> {
    let target = match target::is_set(&args.cargo.flags) {
        true => None,
        false => {
            let settings = project.overlay()?.cloud(cloud, args.stage.as_deref());
            Some(target::choose(cloud, &settings, project.folder())?)
        }
    };
    build::build(project, Some(cloud), target.as_deref(), &args.cargo, output)
}
