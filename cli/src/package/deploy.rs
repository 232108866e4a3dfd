//! The commands that deploy an artifact, which are printed and never run.

use std::path::Path;

use super::{elf::Machine, gcp, platform};
use crate::{
    model::{App, Function, ProgramNote},
    overlay::CloudSettings,
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
        let name = format!("{}-{}", app.name, function.name);
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

/// The app of Azure.
pub(super) fn azure(app: &App, zip: &Path) -> Vec<String> {
    vec![format!(
        "az functionapp deployment source config-zip --resource-group <GROUP> --name {} --src {}",
        app.name,
        quoted(&zip.to_string_lossy())
    )]
}

/// The folder for a deploy without build.
pub(super) fn source(app: &App, folder: &Path, executable: &str) -> Vec<String> {
    vec![format!(
        "gcloud run deploy {} --source {} --no-build --base-image=osonly24 --command=./{executable}{}",
        service(app),
        quoted(&folder.to_string_lossy()),
        project(&app.gcp)
    )]
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
        commands.push(format!("gcloud run deploy {} --image {to}{}", service(app), project(&app.gcp)));
    }
    commands.push(format!("kn service create {} --image {to}", service(app)));
    commands.push(format!("podman run --rm -p 8080:8080 oci:{folder}:{tag}"));
    commands.push(format!("tar -C {folder} -c . | docker load"));
    commands
}

fn project(settings: &CloudSettings) -> String {
    flag("--region", settings.region.as_deref()) + &flag("--project", settings.project.as_deref())
}

/// A name that Cloud Run and Kubernetes take: small letters, digits and hyphens.
fn service(app: &App) -> String {
    let name: String = app
        .name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' })
        .collect();
    name.trim_matches('-').to_owned()
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
