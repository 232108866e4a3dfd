//! The commands that deploy an artifact, which are printed and never run.

use std::path::Path;

use super::{elf::Machine, gcp};
use crate::{
    emit::{self, gcloud},
    literal::{kubernetes, path},
    model::{App, ProgramNote},
    plan::units::{Unit, units},
    shell,
};

/// The next step for the zips of AWS: the template, which knows triggers, roles, and sizes, and the command that deploys it.
pub(super) fn aws(app: &App) -> Vec<String> {
    let stage = word_flag("--stage", app.stage.as_deref());
    let emit = format!("cargo omnifn emit sam{stage} --out .");
    std::iter::once(emit).chain(emit::commands(app, emit::Format::Sam)).collect()
}

/// The next step for the zips of Azure, which are in this folder: the template, the command that creates what it describes, and the one that
/// deploys the zip of each app.
pub(super) fn azure(app: &App, folder: &Path) -> Vec<String> {
    let stage = word_flag("--stage", app.stage.as_deref());
    let emit = format!("cargo omnifn emit bicep{stage} --out .");
    let zip = |unit: &Unit<'_>| path::word(&folder.join(format!("{}.zip", unit.id)));
    std::iter::once(emit).chain(emit::bicep_commands(app, zip)).collect()
}

/// The folder for a deploy without build.
pub(super) fn source(app: &App, folder: &Path, executable: &str) -> Vec<String> {
    let (folder, executable) = (path::word(folder), shell::word(&format!("./{executable}")));
    run(app, &format!("--source {folder} --no-build --base-image=osonly24 --command={executable}"))
}

/// An image: into a registry, from there to Cloud Run or Knative; or onto this machine.
pub(super) fn image(app: &App, program: Option<&ProgramNote>, folder: &Path, machine: Machine) -> Vec<String> {
    let tag = gcp::tag(program.map_or("0.0.0", |program| &program.version));
    let to = match &app.gcp.image {
        Some(image) => shell::word(&format!("{image}:{tag}")),
        None => format!("<IMAGE>:{}", shell::word(&tag)),
    };
    let folder = path::plain(folder);
    let (layout, folder) = (shell::word(&format!("oci:{folder}:{tag}")), shell::word(&folder));
    let mut commands = vec![format!("skopeo copy {layout} docker://{to}"), format!("crane push {folder} {to}")];
    if machine == Machine::X86_64 {
        commands.extend(run(app, &format!("--image {to}")));
    }
    commands.extend(units(app).iter().map(|unit| {
        let variables = gcloud::variables(app, unit).into_iter();
        let variables = variables.map(|(name, value)| format!("{name}={}", kubernetes::value(&value)));
        let variables: String = variables.map(|variable| format!(" --env {}", shell::word(&variable))).collect();
        // As the text for Knative has it: one secret of the service's name.
        let secrets = (!unit.secrets().is_empty()).then(|| format!("secret:{}", unit.name));
        let secrets = word_flag("--env-from", secrets.as_deref());
        format!("kn service create {} --image {to}{variables}{secrets}", shell::word(&unit.name))
    }));
    commands.push(format!("podman run --rm -p 8080:8080 {layout}"));
    commands.push(format!("tar -C {folder} -c . | docker load"));
    commands
}

/// A service of Cloud Run for each unit: functions that need the same share one, and each other has its own.
fn run(app: &App, what: &str) -> Vec<String> {
    let project = word_flag("--project", app.gcp.project.as_deref());
    let command = |unit: &Unit<'_>| {
        let settings = gcloud::settings(app, unit).join(" ");
        format!("gcloud run deploy {} {what} {settings}{project}", shell::word(&unit.name))
    };
    units(app).iter().map(command).collect()
}

fn word_flag(name: &str, value: Option<&str>) -> String {
    value.map(|value| format!(" {name} {}", shell::word(value))).unwrap_or_default()
}
