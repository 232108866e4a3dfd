//! AWS CloudFormation: every resource by itself.

mod http;
mod triggers;

use super::{
    aws::{self, Dialect, Plan, Planned, get},
    yaml::{Map, Yaml, map},
};
use crate::{cloud::Cloud, error::Result, files::File, model::App, shell};

pub(super) const FILE: &str = "cloudformation.yaml";

pub(super) fn render(app: &App, _: &[Cloud]) -> Result<Vec<File>> {
    let plan = Plan::new(app, Dialect::CloudFormation)?;
    let mut resources = aws::made(&plan, |bucket| triggers::notifications(&plan, bucket));
    for planned in &plan.units {
        resources = resources.and(function(&plan, planned)).and(triggers::resources(planned));
    }
    let (http, outputs) = http::resources(&plan);
    let template = map! {
        "AWSTemplateFormatVersion" => "2010-09-09",
        "Description" => format!("The functions of {}", app.name),
        // The code is a path until `aws cloudformation package` has sent it to a bucket.
        "Metadata" => map! { "cfn-lint" => map! { "config" => map! { "ignore_checks" => vec!["W3002"] } } },
    };
    let (parameters, resources) = (aws::parameters(&plan), aws::distinct(resources.and(http))?);
    let some = |map: Map| Some(map).filter(|map| !map.is_empty());
    let template =
        template.maybe("Parameters", some(parameters)).with("Resources", resources).maybe("Outputs", some(outputs));
    aws::check(app, &template)?;
    Ok(vec![aws::document(FILE, &aws::head(&plan, "the CloudFormation template", &commands(app)), &template)])
}

/// How it is deployed.
pub(super) fn commands(app: &App) -> Vec<String> {
    let (name, packaged) = (aws::stack(app), shell::word(&format!("{}/packaged.yaml", app.artifacts)));
    vec![
        format!(
            "aws cloudformation package --template-file {FILE} --s3-bucket BUCKET --output-template-file {packaged}"
        ),
        format!(
            "aws cloudformation deploy --template-file {packaged} --stack-name {name} --capabilities CAPABILITY_IAM"
        ),
    ]
}

/// A unit with its role and its log.
fn function(plan: &Plan<'_>, planned: &Planned<'_>) -> Map {
    let (id, log, role) = (planned.id("Function"), planned.id("Log"), planned.id("Role"));
    let properties = map! {
        "FunctionName" => planned.name.as_str(),
        "Code" => plan.package(planned),
        "Runtime" => "provided.al2023",
        "Handler" => "bootstrap",
        "Architectures" => vec![plan.architecture()],
        "MemorySize" => planned.memory,
        "Timeout" => planned.timeout,
        "Role" => get(&role, "Arn"),
        "LoggingConfig" => map! { "LogFormat" => "JSON", "LogGroup" => map! { "Ref" => log.as_str() } },
        "Environment" => map! { "Variables" => planned.environment.clone() },
    };
    let properties = properties.maybe("ReservedConcurrentExecutions", planned.reserved);
    let function = map! { "Type" => "AWS::Lambda::Function", "Properties" => properties };
    let all = map! {
        log => aws::log(planned),
        role => aws::role(&planned.role),
        id.as_str() => Yaml::from(function).noted(planned.words()),
    };
    let Some(retries) = &planned.retries else { return all };
    let destination = retries.dead_letter.clone().map(|arn| map! { "OnFailure" => map! { "Destination" => arn } });
    let properties = map! { "FunctionName" => map! { "Ref" => id }, "Qualifier" => "$LATEST" }
        .maybe("MaximumRetryAttempts", retries.again)
        .maybe("DestinationConfig", destination);
    all.with(planned.id("Retries"), map! { "Type" => "AWS::Lambda::EventInvokeConfig", "Properties" => properties })
}
