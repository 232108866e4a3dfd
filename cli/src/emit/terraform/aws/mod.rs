//! AWS Lambda, from the same plan as CloudFormation's texts.

mod functions;
mod http;
mod resources;
mod triggers;

use std::path::Path;

use super::file;
use crate::{
    cloud::Cloud,
    emit::{
        aws::{Dialect, Plan},
        hcl::{Block, Body, Value, raw, template},
    },
    error::{Error, Kind, Result},
    files::File,
    model::{App, Resource, ResourceKind},
    plan::arn::{Arn, Name, Place},
    plan::names::ident,
    shell,
};

/// What stands where the partition, the region and the account belong.
const PLACE: Place<'static> =
    Place { partition: "${local.partition}", region: "${local.region}", account: "${local.account}" };

pub(super) fn render(app: &App) -> Result<Vec<File>> {
    let plan = Plan::new(app, Dialect::CloudFormation)?;
    distinct(&plan)?;
    let write = |name, more: &[String], body: &Body| file(app, Cloud::Aws, name, more, body);
    Ok([
        write("versions.tf", &commands(&plan), &versions()),
        write("variables.tf", &[], &variables(&plan)),
        write("main.tf", &[], &places()),
        write("functions.tf", &[], &functions::functions(&plan)),
        write("triggers.tf", &[], &triggers::triggers(&plan)),
        write("http.tf", &[], &http::http(&plan)),
        write("resources.tf", &[], &resources::resources(&plan)),
        write("outputs.tf", &[], &http::outputs(&plan)),
    ]
    .into_iter()
    .flatten()
    .collect())
}

/// Each function and each resource has a name of its own within the text.
fn distinct(plan: &Plan<'_>) -> Result<()> {
    let mut ids = std::collections::BTreeSet::new();
    let mut units = plan.units.iter().map(|planned| ident(planned.unit.label()));
    match units.find(|id| !ids.insert(id.clone())) {
        None => Ok(()),
        Some(id) => {
            let words = format!("two functions are both called `{id}` in Terraform");
            let help = "give them names that differ in letters and digits";
            Err(Error::new("omnifn::emit::names", words).kind(Kind::Impossible).help(help))
        }
    }
}

fn commands(plan: &Plan<'_>) -> Vec<String> {
    let mut lines = vec![
        "To take it there, in this folder:".to_owned(),
        format!("  {}", crate::emit::words::package(plan.app, Cloud::Aws)),
    ];
    for secret in secrets(plan) {
        lines.push(format!(
            "  aws secretsmanager create-secret --name {} --secret-string …     # once",
            shell::word(&plan.secret(secret))
        ));
    }
    lines.push("  terraform init && terraform apply".to_owned());
    if !secrets(plan).is_empty() {
        lines.push("Lambda has no references to secrets: their values become variables of the functions, and stand in Terraform's state.".to_owned());
    }
    if !plan.remarks.is_empty() {
        lines.push("What AWS does otherwise than was asked for:".to_owned());
        lines.extend(plan.remarks.iter().map(|remark| format!("- {remark}")));
    }
    lines
}

fn secrets<'p>(plan: &'p Plan<'_>) -> std::collections::BTreeSet<&'p str> {
    plan.units.iter().flat_map(|planned| planned.unit.secrets()).collect()
}

fn versions() -> Body {
    let aws = Value::Map(vec![("source".into(), "hashicorp/aws".into()), ("version".into(), ">= 6.29, < 7.0".into())]);
    let mut body = Body::default();
    body.add(
        Block::new("terraform", &[])
            .set("required_version", ">= 1.5")
            .block(Block::new("required_providers", &[]).set("aws", aws)),
    );
    body.add(Block::new("provider", &["aws"]).set("region", raw("var.region")));
    body
}

fn variables(plan: &Plan<'_>) -> Body {
    let variable = |name: &str, description: &str, default: Option<&str>| {
        Block::new("variable", &[name])
            .set("description", description)
            .set("type", raw("string"))
            .set_some("default", default)
    };
    let mut body = Body::default();
    body.add(variable("region", "The region.", plan.app.aws.region.as_deref()));
    body.add(variable(
        "packages",
        "The folder that `cargo omnifn package` wrote, seen from here.",
        Some(&packages(plan.app)),
    ));
    for table in resources::tables_with_streams_that_are_there(plan) {
        let words = format!("The ARN of the stream of the table {}, which is there already.", table.name);
        body.add(variable(&format!("{}_stream", id_of(&table)), &words, None));
    }
    for table in resources::made(plan, ResourceKind::Table) {
        let words = format!("The attribute of the table {} that is its key.", table.name);
        body.add(variable(&format!("{}_key", id_of(&table)), &words, Some("id")));
    }
    body
}

/// The folder of the zips, from that of these files.
fn packages(app: &App) -> String {
    match app.artifacts.as_str() {
        own if Path::new(own).is_absolute() => format!("{own}/aws"),
        own => format!("../../{own}/aws"),
    }
}

fn places() -> Body {
    let mut body = Body::default();
    for kind in ["aws_partition", "aws_region", "aws_caller_identity"] {
        body.add(Block::data(kind, "current"));
    }
    body.add(
        Block::new("locals", &[])
            .set("partition", raw("data.aws_partition.current.partition"))
            .set("region", raw("data.aws_region.current.region"))
            .set("account", raw("data.aws_caller_identity.current.account_id")),
    );
    body
}

/// What a resource is called within the text.
fn id_of(resource: &Resource) -> String {
    ident(&format!("{}-{}", resource.kind.name(), resource.logical))
}

/// The resource's kind in Terraform.
fn kind_of(kind: ResourceKind) -> &'static str {
    match kind {
        ResourceKind::Bucket => "aws_s3_bucket",
        ResourceKind::Table => "aws_dynamodb_table",
        ResourceKind::Queue => "aws_sqs_queue",
        ResourceKind::Topic => "aws_sns_topic",
        ResourceKind::Stream => "aws_kinesis_stream",
    }
}

/// The ARN of a resource: of one that is made by reference, else by its name.
fn arn(app: &App, resource: &Resource) -> Value {
    match resource.create {
        true => raw(format!("{}.{}.arn", kind_of(resource.kind), id_of(resource))),
        false => template(Arn::of(app, resource).write(&PLACE)),
    }
}

/// The name of a bucket.
fn bucket_name(app: &App, bucket: &Resource) -> Value {
    match bucket.create {
        true => raw(format!("aws_s3_bucket.{}.bucket", id_of(bucket))),
        false => template(Name::of(app, bucket).write(&PLACE)),
    }
}

/// The Lambda function of a unit.
fn function(name: &str) -> String {
    format!("aws_lambda_function.{}", ident(name))
}
