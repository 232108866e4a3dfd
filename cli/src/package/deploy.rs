//! The commands that deploy an artifact, which are printed and never run.

use std::path::Path;

use super::{elf::Machine, gcp};
use crate::{
    emit::{self, gcloud},
    literal::path,
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

/// The next steps for an image: into a registry, and from there to Cloud Run or Knative by the texts that know triggers and roles.
pub(super) fn image(app: &App, program: Option<&ProgramNote>, folder: &Path, machine: Machine) -> Vec<String> {
    let tag = gcp::tag(program.map_or("0.0.0", |program| &program.version));
    let to = match &app.gcp.image {
        Some(image) => shell::word(&format!("{image}:{tag}")),
        None => format!("<IMAGE>:{}", shell::word(&tag)),
    };
    let layout = shell::word(&format!("oci:{}:{tag}", path::plain(folder)));
    let stage = word_flag("--stage", app.stage.as_deref());
    let mut commands = vec![format!("skopeo copy {layout} docker://{to}")];
    if machine == Machine::X86_64 {
        commands.extend([
            format!("cargo omnifn emit terraform --target gcp{stage} --out . # Google Cloud"),
            "terraform -chdir=terraform/gcp init".to_owned(),
            format!("terraform -chdir=terraform/gcp apply -var image={to}"),
        ]);
    }
    commands.extend([
        format!("cargo omnifn emit knative{stage} --out . # Knative"),
        "kubectl apply -f knative.yaml".to_owned(),
    ]);
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
