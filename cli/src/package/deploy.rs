//! The commands that deploy an artifact, which are printed and never run.

use std::path::Path;

use serde_json::json;

use super::{elf::Machine, gcp, platform};
use crate::{
    emit::{gcloud, knative::service::unexpanded},
    model::{App, Function, ProgramNote},
    plan::arn::{Name, Place},
    plan::units::{self, Unit, units},
    shell,
};

/// A zip of AWS: the code of each function that is there already, and how one is made.
pub(super) fn aws(app: &App, functions: &[&Function], zip: &Path, size: u64, machine: Machine) -> Vec<String> {
    let (zip, region) = (shell::word(&zip.to_string_lossy()), word_flag("--region", app.aws.region.as_deref()));
    let mut commands = Vec::new();
    let code = if size <= platform::AWS_DIRECT {
        format!("--zip-file fileb://{zip}")
    } else {
        // A zip of this size is not taken with the call itself.
        commands.push(format!("aws s3 cp {zip} s3://<BUCKET>/<KEY>{region}"));
        "--s3-bucket <BUCKET> --s3-key <KEY>".to_owned()
    };
    let created = match code.strip_prefix("--s3-bucket") {
        Some(_) => "--code S3Bucket=<BUCKET>,S3Key=<KEY>".to_owned(),
        None => code.clone(),
    };
    for function in functions {
        let name = shell::word(&Name::of_function(app, function).write(&Place::WORDS));
        commands.push(format!(
            "aws lambda update-function-code --function-name {name} --architectures {machine} {code}{region}"
        ));
        commands.push(format!(
            "aws lambda create-function --function-name {name} --runtime provided.al2023 --architectures {machine} \
             --handler bootstrap --role <ROLE>{}{} --environment {} {created}{region}",
            flag("--memory-size", function.deploy.memory),
            flag("--timeout", function.deploy.timeout),
            shell::word(&variables(function)),
        ));
    }
    commands
}

/// Returns the variables of a function as the AWS CLI reads them: in its shorthand, or as JSON if a value would end in the shorthand. The
/// value of a secret is the user's to put in.
fn variables(function: &Function) -> String {
    let mut all = vec![("OMNIFN_FUNCTION", function.name.clone())];
    all.extend(function.environment.iter().map(|(name, value)| (name.as_str(), value.clone())));
    all.extend(units::secrets(function).map(|secret| (secret, format!("<{secret}>"))));
    let is_plain =
        |value: &str| !value.is_empty() && value.chars().all(|c| c.is_ascii_alphanumeric() || "-_./:<>@+".contains(c));
    if all.iter().all(|(_, value)| is_plain(value)) {
        let pairs: Vec<_> = all.iter().map(|(name, value)| format!("{name}={value}")).collect();
        return format!("Variables={{{}}}", pairs.join(","));
    }
    let variables: serde_json::Map<_, _> =
        all.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
    json!({ "Variables": variables }).to_string()
}

/// The apps of Azure: one for each unit, of the same zip.
pub(super) fn azure(app: &App, zip: &Path) -> Vec<String> {
    let zip = shell::word(&zip.to_string_lossy());
    let command = |unit: &Unit<'_>| {
        let functions =
            unit.functions.iter().map(|function| shell::word(&function.name)).collect::<Vec<_>>().join(", ");
        format!(
            "az functionapp deployment source config-zip --resource-group <GROUP> --name <APP> --src {zip} # {functions}"
        )
    };
    units(app).iter().map(command).collect()
}

/// The folder for a deploy without build.
pub(super) fn source(app: &App, folder: &Path, executable: &str) -> Vec<String> {
    let (folder, executable) = (shell::word(&folder.to_string_lossy()), shell::word(&format!("./{executable}")));
    run(app, &format!("--source {folder} --no-build --base-image=osonly24 --command={executable}"))
}

/// An image: into a registry, from there to Cloud Run or Knative; or onto this machine.
pub(super) fn image(app: &App, program: Option<&ProgramNote>, folder: &Path, machine: Machine) -> Vec<String> {
    let tag = gcp::tag(program.map_or("0.0.0", |program| &program.version));
    let to = match &app.gcp.image {
        Some(image) => shell::word(&format!("{image}:{tag}")),
        None => format!("<IMAGE>:{}", shell::word(&tag)),
    };
    let folder = folder.to_string_lossy();
    let (layout, folder) = (shell::word(&format!("oci:{folder}:{tag}")), shell::word(&folder));
    let mut commands = vec![format!("skopeo copy {layout} docker://{to}"), format!("crane push {folder} {to}")];
    if machine == Machine::X86_64 {
        commands.extend(run(app, &format!("--image {to}")));
    }
    commands.extend(units(app).iter().map(|unit| {
        let variables = gcloud::variables(unit).into_iter();
        let variables = variables.map(|(name, value)| format!("{name}={}", unexpanded(&value)));
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

fn flag(name: &str, value: Option<u32>) -> String {
    value.map(|value| format!(" {name} {value}")).unwrap_or_default()
}

fn word_flag(name: &str, value: Option<&str>) -> String {
    value.map(|value| format!(" {name} {}", shell::word(value))).unwrap_or_default()
}
