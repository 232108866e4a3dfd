//! Serverless Framework, version 3, as `osls` keeps it: functions with their events, and the rest as CloudFormation has it.

use super::{
    aws::{self, Dialect, Front, Plan, Planned, Reader, Source, get},
    yaml::{Map, Yaml, map},
};
use crate::{cloud::Cloud, error::Result, files::File, literal::serverless, model::App};

pub(super) const FILE: &str = "serverless.yml";

pub(super) fn render(app: &App, _: &[Cloud]) -> Result<Vec<File>> {
    let plan = Plan::new(app, Dialect::Serverless)?;
    let mut resources = aws::made(&plan, |_| None);
    let mut functions = Map::default();
    for planned in &plan.units {
        functions = functions.with(planned.unit.label(), Yaml::from(function(&plan, planned)).noted(planned.words()));
        resources = resources.with(planned.id("Role"), aws::role(&planned.role));
        if let Source::Schedule { cron, time_zone, role } = &planned.source {
            let arn = get(&format!("{}LambdaFunction", normalized(planned.unit.label())), "Arn");
            resources = resources
                .with(planned.id("ScheduleRole"), aws::role(role))
                .with(planned.id("Schedule"), aws::schedule(planned, cron, time_zone, arn));
        }
    }
    let provider = map! {
        "name" => "aws",
        "stage" => app.stage.as_deref().unwrap_or("dev"),
    };
    let provider = provider.maybe("region", app.aws.region.as_deref()).and(map! {
        "runtime" => "provided.al2023",
        "architecture" => plan.architecture(),
        "logRetentionInDays" => aws::LOG_DAYS,
        // The bucket that the framework puts the zips in.
        "deploymentBucket" => map! { "blockPublicAccess" => true, "serverSideEncryption" => "AES256" },
    });
    let service = map! {
        "service" => service_name(app),
        "frameworkVersion" => ">=3",
        "provider" => provider,
        "functions" => functions,
    };
    let some = |map: Map| Some(map).filter(|map| !map.is_empty());
    let resources =
        Map::default().maybe("Parameters", some(aws::parameters(&plan))).with("Resources", aws::distinct(resources)?);
    let service = service.with("resources", resources);
    aws::check(app, &service)?;
    let service = literal(app, service)?;
    Ok(vec![aws::document(FILE, &aws::head(&plan, "the Serverless Framework's service", &commands()), &service)])
}

/// Returns the map with every value escaped for the framework, so that it replaces nothing in them.
///
/// # Errors
/// The framework has no way to write a value.
fn literal(app: &App, map: Map) -> Result<Map> {
    map.try_map(&mut |value| match value {
        Yaml::Text(text) => serverless::value(app, &text).map(Yaml::Text),
        other => Ok(other),
    })
}

/// How it is deployed.
pub(super) fn commands() -> Vec<String> {
    vec!["npx osls deploy".to_owned()]
}

fn function(plan: &Plan<'_>, planned: &Planned<'_>) -> Map {
    let url = match plan.front {
        Front::FunctionUrl { streams } if matches!(planned.source, Source::Http) => {
            let auth = (!planned.unit.is_public()).then_some("aws_iam");
            Some(Map::default().maybe("authorizer", auth).maybe("invokeMode", streams.then_some("RESPONSE_STREAM")))
        }
        _ => None,
    };
    // A URL without settings is `true`.
    let url = url.map(|url| if url.is_empty() { Yaml::from(true) } else { url.into() });
    let events = events(plan, planned);
    let properties = map! {
        "name" => planned.name.as_str(),
        "handler" => "bootstrap",
        "package" => map! { "artifact" => plan.package(planned) },
        "memorySize" => planned.memory,
        "timeout" => planned.timeout,
        "role" => get(&planned.id("Role"), "Arn"),
        "logs" => map! { "logFormat" => "JSON" },
        "environment" => planned.environment.clone(),
    };
    let retries = planned.retries.as_ref();
    let dead_letter = retries.and_then(|retries| retries.dead_letter.clone());
    properties
        .maybe("reservedConcurrency", planned.reserved)
        .maybe("maximumRetryAttempts", retries.and_then(|retries| retries.again))
        .maybe("destinations", dead_letter.map(|arn| map! { "onFailure" => map! { "type" => "sqs", "arn" => arn } }))
        .maybe("url", url)
        .maybe("events", (!events.is_empty()).then_some(events))
}

fn events(plan: &Plan<'_>, planned: &Planned<'_>) -> Vec<Map> {
    match &planned.source {
        Source::Http if plan.front == Front::HttpApi => {
            let own = aws::routes(plan.units.iter().map(|planned| &planned.unit)).into_iter();
            let own = own.filter(|route| route.unit == planned.unit.id);
            let event = own.map(|route| {
                let all = map! { "method" => "*", "path" => "*" };
                let route = route.path.map_or(all, |path| map! { "method" => route.method, "path" => path });
                let auth = (!planned.unit.is_public()).then(|| map! { "type" => "aws_iam" });
                map! { "httpApi" => route.maybe("authorizer", auth) }
            });
            event.collect()
        }
        // The bucket's and the schedule's are resources of their own.
        Source::Http | Source::Invoke | Source::Bucket { .. } | Source::Schedule { .. } => Vec::new(),
        Source::Queue { arn, batch, window, instances } => {
            let event = map! { "arn" => arn.clone(), "functionResponseType" => "ReportBatchItemFailures" }
                .maybe("batchSize", *batch)
                .maybe("maximumBatchingWindow", *window)
                .maybe("maximumConcurrency", *instances);
            vec![map! { "sqs" => event }]
        }
        Source::Topic { arn, name } => {
            vec![map! { "sns" => map! { "arn" => arn.clone(), "topicName" => name.as_str() } }]
        }
        Source::Reader { kind, arn, batch, window, start, retries } => {
            let kind = if *kind == Reader::Kinesis { "kinesis" } else { "dynamodb" };
            let event = map! {
                "type" => kind,
                "arn" => arn.clone(),
                "startingPosition" => *start,
                "functionResponseType" => "ReportBatchItemFailures",
                "bisectBatchOnFunctionError" => true,
            };
            let sends = retries.dead_letter.clone();
            let event = event
                .maybe("batchSize", *batch)
                .maybe("batchWindow", *window)
                .maybe("maximumRetryAttempts", retries.again)
                .maybe("destinations", sends.map(|arn| map! { "onFailure" => map! { "type" => "sqs", "arn" => arn } }));
            vec![map! { "stream" => event }]
        }
        Source::Rule { pattern } => vec![map! { "eventBridge" => map! { "pattern" => pattern.clone() } }],
    }
}

/// Letters, digits and hyphens, with a letter in front.
fn service_name(app: &App) -> String {
    let name = app.name.replace(|c: char| !c.is_ascii_alphanumeric(), "-");
    if name.starts_with(|c: char| c.is_ascii_alphabetic()) { name } else { format!("x{name}") }
}

/// A function's name as the framework makes names of resources with it.
fn normalized(name: &str) -> String {
    let name = name.replace('-', "Dash").replace('_', "Underscore");
    let mut letters = name.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}
