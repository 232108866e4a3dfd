//! The commands that deploy an artifact, which are printed and never run.

use std::path::Path;

use super::{elf::Machine, gcp, platform};
use crate::{
    model::{App, Function, ProgramNote},
    plan::units::{Unit, units},
    policy::{Place, arn::Name},
};

/// A zip of AWS: the code of each function that is there already, and how one is made.
pub(super) fn aws(app: &App, functions: &[&Function], zip: &Path, size: u64, machine: Machine) -> Vec<String> {
    let (zip, region) = (quoted(&zip.to_string_lossy()), flag("--region", app.aws.region.as_deref()));
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
        let name = Name::of_function(app, function).write(&Place::WORDS);
        commands.push(format!(
            "aws lambda update-function-code --function-name {name} --architectures {machine} {code}{region}"
        ));
        commands.push(format!(
            "aws lambda create-function --function-name {name} --runtime provided.al2023 --architectures {machine} \
             --handler bootstrap --role <ROLE>{}{} --environment {} {created}{region}",
            flag("--memory-size", function.deploy.memory),
            flag("--timeout", function.deploy.timeout),
            quoted(&format!("Variables={{OMNIFN_FUNCTION={}}}", function.name)),
        ));
    }
    commands
}

/// The apps of Azure: one for each unit, of the same zip.
pub(super) fn azure(app: &App, zip: &Path) -> Vec<String> {
    let zip = quoted(&zip.to_string_lossy());
    let command = |unit: &Unit<'_>| {
        let functions = unit.functions.iter().map(|function| function.name.as_str()).collect::<Vec<_>>().join(", ");
        format!(
            "az functionapp deployment source config-zip --resource-group <GROUP> --name <APP> --src {zip} # {functions}"
        )
    };
    units(app).iter().map(command).collect()
}

/// The folder for a deploy without build.
pub(super) fn source(app: &App, folder: &Path, executable: &str) -> Vec<String> {
    let folder = quoted(&folder.to_string_lossy());
    run(app, &format!("--source {folder} --no-build --base-image=osonly24 --command=./{executable}"))
}

/// An image: into a registry, from there to Cloud Run or Knative; or onto this machine.
pub(super) fn image(app: &App, program: Option<&ProgramNote>, folder: &Path, machine: Machine) -> Vec<String> {
    let tag = gcp::tag(program.map_or("0.0.0", |program| &program.version));
    let to = match &app.gcp.image {
        Some(image) => format!("{image}:{tag}"),
        None => format!("<IMAGE>:{tag}"),
    };
    let folder = quoted(&folder.to_string_lossy());
    let mut commands =
        vec![format!("skopeo copy oci:{folder}:{tag} docker://{to}"), format!("crane push {folder} {to}")];
    if machine == Machine::X86_64 {
        commands.extend(run(app, &format!("--image {to}")));
    }
    commands.extend(units(app).iter().map(|unit| {
        let target = flag("--env", unit.target.as_deref().map(|target| format!("FUNCTION_TARGET={target}")));
        format!("kn service create {} --image {to}{target}", unit.name)
    }));
    commands.push(format!("podman run --rm -p 8080:8080 oci:{folder}:{tag}"));
    commands.push(format!("tar -C {folder} -c . | docker load"));
    commands
}

/// A service of Cloud Run for each unit: functions that need the same share one, and each other has its own.
fn run(app: &App, what: &str) -> Vec<String> {
    let settings = &app.gcp;
    let place = flag("--region", settings.region.as_deref()) + &flag("--project", settings.project.as_deref());
    let command = |unit: &Unit<'_>| {
        // A list of functions has commas in it, so another sign parts the variables.
        let target = unit.target.as_deref().map(|target| quoted(&format!("^;^FUNCTION_TARGET={target}")));
        let open = if unit.is_public() { "--allow-unauthenticated" } else { "--no-allow-unauthenticated" };
        format!("gcloud run deploy {} {what}{} {open}{place}", unit.name, flag("--set-env-vars", target))
    };
    units(app).iter().map(command).collect()
}

fn flag(name: &str, value: Option<impl std::fmt::Display>) -> String {
    value.map(|value| format!(" {name} {value}")).unwrap_or_default()
}

/// A word for a shell.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '-' | '_' | '+' | ':' | '@' | '=' | ',');
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}
