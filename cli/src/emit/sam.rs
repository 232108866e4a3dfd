//! AWS Serverless Application Model: functions with their events, and what SAM has no word for as CloudFormation has it.

use super::{
    aws::{self, Dialect, Front, Plan, Planned, Retries, Source, get},
    yaml::{Map, Yaml, map},
};
use crate::{cloud::Cloud, error::Result, files::File, model::App};

pub(super) const FILE: &str = "template.yaml";

pub(super) fn render(app: &App, _: &[Cloud]) -> Result<Vec<File>> {
    let plan = Plan::new(app, Dialect::CloudFormation)?;
    // SAM writes the notifications of buckets.
    let mut resources = aws::made(&plan, |_| None);
    for planned in &plan.units {
        resources = resources.and(function(&plan, planned));
    }
    let globals = map! {
        "Runtime" => "provided.al2023",
        "Handler" => "bootstrap",
        "Architectures" => vec![plan.architecture()],
    };
    let template = map! {
        "AWSTemplateFormatVersion" => "2010-09-09",
        "Transform" => "AWS::Serverless-2016-10-31",
        "Description" => format!("The functions of {}", app.name),
        "Globals" => map! { "Function" => globals },
    };
    let some = |map: Map| Some(map).filter(|map| !map.is_empty());
    let (api, outputs) = http(&plan);
    let template = template
        .maybe("Parameters", some(aws::parameters(&plan)))
        .with("Resources", aws::distinct(resources.and(api))?)
        .maybe("Outputs", some(outputs));
    aws::check(app, &template)?;
    Ok(vec![aws::document(FILE, &aws::head(&plan, "the SAM template", &commands(app)), &template)])
}

/// How it is deployed.
pub(super) fn commands(app: &App) -> Vec<String> {
    let name = aws::stack(app);
    vec![format!("sam deploy --template-file {FILE} --stack-name {name} --capabilities CAPABILITY_IAM --resolve-s3")]
}

/// A unit with its role and its log.
fn function(plan: &Plan<'_>, planned: &Planned<'_>) -> Map {
    let (log, role) = (planned.id("Log"), planned.id("Role"));
    let retries = planned.retries.as_ref().map(|Retries { again, dead_letter }| {
        let sends =
            dead_letter.clone().map(|arn| map! { "OnFailure" => map! { "Type" => "SQS", "Destination" => arn } });
        Map::default().maybe("MaximumRetryAttempts", *again).maybe("DestinationConfig", sends)
    });
    let is_http = matches!(planned.source, Source::Http);
    let url = match plan.front {
        Front::FunctionUrl { streams } if is_http => {
            let auth = if planned.unit.is_public() { "NONE" } else { "AWS_IAM" };
            let mode = if streams { "RESPONSE_STREAM" } else { "BUFFERED" };
            Some(map! { "AuthType" => auth, "InvokeMode" => mode })
        }
        _ => None,
    };
    let events = Some(events(plan, planned)).filter(|events| !events.is_empty());
    let properties = map! {
        "FunctionName" => planned.name.as_str(),
        "CodeUri" => plan.package(planned),
        "MemorySize" => planned.memory,
        "Timeout" => planned.timeout,
        "Role" => get(&role, "Arn"),
        "LoggingConfig" => map! { "LogFormat" => "JSON", "LogGroup" => map! { "Ref" => log.as_str() } },
        "Environment" => map! { "Variables" => planned.environment.clone() },
    };
    let properties = properties
        .maybe("ReservedConcurrentExecutions", planned.reserved)
        .maybe("EventInvokeConfig", retries)
        .maybe("FunctionUrlConfig", url)
        .maybe("Events", events);
    let function = map! { "Type" => "AWS::Serverless::Function", "Properties" => properties };
    let all = map! { log => aws::log(planned), role => aws::role(&planned.role) };
    let all = match &planned.source {
        Source::Schedule { role, .. } => all.with(planned.id("ScheduleRole"), aws::role(role)),
        _ => all,
    };
    all.with(planned.id("Function"), Yaml::from(function).noted(planned.words()))
}

fn events(plan: &Plan<'_>, planned: &Planned<'_>) -> Map {
    let one =
        |name: &str, kind: &str, properties: Map| map! { name => map! { "Type" => kind, "Properties" => properties } };
    match &planned.source {
        Source::Http if plan.front == Front::HttpApi => {
            let own = aws::routes(plan.units.iter().map(|planned| &planned.unit)).into_iter();
            let own = own.filter(|route| route.unit == planned.unit.id);
            own.enumerate().fold(Map::default(), |all, (number, route)| {
                let properties = map! { "ApiId" => map! { "Ref" => "HttpApi" } };
                // The route of all that no other takes has neither.
                let properties = match route.path {
                    Some(path) => properties.with("Path", path).with("Method", route.method),
                    None => properties,
                };
                let auth = (!planned.unit.is_public()).then(|| map! { "Authorizer" => "AWS_IAM" });
                all.and(one(&format!("Route{}", number + 1), "HttpApi", properties.maybe("Auth", auth)))
            })
        }
        Source::Http | Source::Invoke => Map::default(),
        Source::Queue { arn, batch, window, instances } => {
            let properties =
                map! { "Queue" => arn.clone(), "FunctionResponseTypes" => vec!["ReportBatchItemFailures"] }
                    .maybe("BatchSize", *batch)
                    .maybe("MaximumBatchingWindowInSeconds", *window)
                    .maybe("ScalingConfig", instances.map(|instances| map! { "MaximumConcurrency" => instances }));
            one("Messages", "SQS", properties)
        }
        Source::Topic { arn, .. } => one("Messages", "SNS", map! { "Topic" => arn.clone() }),
        Source::Reader { kind, arn, batch, window, start, retries } => {
            let sends = retries.dead_letter.clone().map(|arn| map! { "OnFailure" => map! { "Destination" => arn } });
            let properties = map! {
                "Stream" => arn.clone(),
                "StartingPosition" => *start,
                "FunctionResponseTypes" => vec!["ReportBatchItemFailures"],
                "BisectBatchOnFunctionError" => true,
            };
            let properties = properties
                .maybe("BatchSize", *batch)
                .maybe("MaximumBatchingWindowInSeconds", *window)
                .maybe("MaximumRetryAttempts", retries.again)
                .maybe("DestinationConfig", sends);
            one("Records", if *kind == aws::Reader::Kinesis { "Kinesis" } else { "DynamoDB" }, properties)
        }
        Source::Bucket { id, change, .. } => {
            let properties = map! { "Bucket" => map! { "Ref" => id.as_str() }, "Events" => change.events() };
            one("Objects", "S3", properties.maybe("Filter", change.filter()))
        }
        Source::Rule { pattern } => one("Events", "EventBridgeRule", map! { "Pattern" => pattern.clone() }),
        Source::Schedule { cron, time_zone, .. } => {
            let properties = map! {
                "ScheduleExpression" => cron.as_str(),
                "ScheduleExpressionTimezone" => *time_zone,
                "RoleArn" => get(&planned.id("ScheduleRole"), "Arn"),
            };
            one("Schedule", "ScheduleV2", properties)
        }
    }
}

/// The API of all HTTP functions, and where they are then.
fn http(plan: &Plan<'_>) -> (Map, Map) {
    let functions: Vec<_> = plan.units.iter().filter(|planned| matches!(planned.source, Source::Http)).collect();
    if functions.is_empty() {
        return (Map::default(), Map::default());
    }
    if plan.front != Front::HttpApi {
        let url = |all: Map, planned: &&Planned<'_>| {
            all.with(planned.id("Url"), map! { "Value" => get(&planned.id("FunctionUrl"), "FunctionUrl") })
        };
        return (Map::default(), functions.iter().fold(Map::default(), url));
    }
    let is_private = functions.iter().any(|planned| !planned.unit.is_public());
    let auth = is_private.then(|| map! { "EnableIamAuthorizer" => true });
    let properties = map! { "Name" => plan.app.name.as_str() }.maybe("Auth", auth);
    let api = map! { "HttpApi" => map! { "Type" => "AWS::Serverless::HttpApi", "Properties" => properties } };
    (api, map! { "HttpApiUrl" => map! { "Value" => get("HttpApi", "ApiEndpoint") } })
}
