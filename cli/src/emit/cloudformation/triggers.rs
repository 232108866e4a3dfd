//! What starts a function, where that is no HTTP request.

use crate::{
    emit::{
        aws::{self, Plan, Planned, Source, get, id_of},
        yaml::{Map, Yaml, map},
    },
    model::Resource,
};

/// The resources of a function's trigger.
pub(super) fn resources(planned: &Planned<'_>) -> Map {
    match &planned.source {
        // All of them share one API.
        Source::Http | Source::Invoke => Map::default(),
        Source::Queue { arn, batch, window, instances } => {
            let properties = map! {
                "FunctionName" => function(planned),
                "EventSourceArn" => arn.clone(),
                "FunctionResponseTypes" => vec!["ReportBatchItemFailures"],
            };
            let scaling = instances.map(|instances| map! { "MaximumConcurrency" => instances });
            let properties = properties
                .maybe("BatchSize", *batch)
                .maybe("MaximumBatchingWindowInSeconds", *window)
                .maybe("ScalingConfig", scaling);
            map! { planned.id("Source") => typed("AWS::Lambda::EventSourceMapping", properties) }
        }
        Source::Reader { arn, batch, window, start, retries, .. } => {
            let properties = map! {
                "FunctionName" => function(planned),
                "EventSourceArn" => arn.clone(),
                "StartingPosition" => *start,
                "FunctionResponseTypes" => vec!["ReportBatchItemFailures"],
                "BisectBatchOnFunctionError" => true,
            };
            let dead_letter = retries.dead_letter.clone();
            let properties = properties
                .maybe("BatchSize", *batch)
                .maybe("MaximumBatchingWindowInSeconds", *window)
                .maybe("MaximumRetryAttempts", retries.again)
                .maybe(
                    "DestinationConfig",
                    dead_letter.map(|arn| map! { "OnFailure" => map! { "Destination" => arn } }),
                );
            map! { planned.id("Source") => typed("AWS::Lambda::EventSourceMapping", properties) }
        }
        Source::Topic { arn, .. } => {
            let properties =
                map! { "TopicArn" => arn.clone(), "Protocol" => "lambda", "Endpoint" => function_arn(planned) };
            map! {
                planned.id("Permission") => permission(planned, "sns.amazonaws.com", arn.clone(), None),
                planned.id("Subscription") => typed("AWS::SNS::Subscription", properties),
            }
        }
        // The bucket holds its notifications.
        Source::Bucket { arn, .. } => {
            // The ARN of a bucket names no account: one that is deleted could come back as somebody else's.
            let account = map! { "Ref" => "AWS::AccountId" };
            map! { planned.id("Permission") => permission(planned, "s3.amazonaws.com", arn.clone(), Some(account)) }
        }
        Source::Rule { pattern } => {
            let rule = planned.id("Rule");
            let target = map! { "Id" => "function", "Arn" => function_arn(planned) };
            let properties = map! { "EventPattern" => pattern.clone(), "Targets" => vec![target] };
            map! {
                planned.id("Permission") => permission(planned, "events.amazonaws.com", get(&rule, "Arn"), None),
                rule => typed("AWS::Events::Rule", properties),
            }
        }
        Source::Schedule { cron, time_zone, role } => {
            map! {
                planned.id("ScheduleRole") => aws::role(role),
                planned.id("Schedule") => aws::schedule(planned, cron, time_zone, function_arn(planned)),
            }
        }
    }
}

/// The notifications of a bucket that tells its one function of changes, and the permission that it needs.
pub(super) fn notifications(plan: &Plan<'_>, bucket: &Resource) -> Option<(Map, String)> {
    plan.units.iter().find_map(|planned| match &planned.source {
        Source::Bucket { id, change, .. } if *id == id_of(bucket) => {
            let one =
                |event| map! { "Event" => event, "Function" => function_arn(planned) }.maybe("Filter", change.filter());
            let all: Vec<_> = change.events().into_iter().map(one).collect();
            Some((map! { "LambdaConfigurations" => all }, planned.id("Permission")))
        }
        _ => None,
    })
}

/// Lets a service call the function for one thing.
fn permission(planned: &Planned<'_>, service: &str, source: Yaml, account: Option<Map>) -> Map {
    let properties = map! {
        "FunctionName" => function(planned),
        "Action" => "lambda:InvokeFunction",
        "Principal" => service,
        "SourceArn" => source,
    };
    typed("AWS::Lambda::Permission", properties.maybe("SourceAccount", account))
}

fn function(planned: &Planned<'_>) -> Map {
    map! { "Ref" => planned.id("Function") }
}

fn function_arn(planned: &Planned<'_>) -> Yaml {
    get(&planned.id("Function"), "Arn")
}

fn typed(kind: &str, properties: Map) -> Map {
    map! { "Type" => kind, "Properties" => properties }
}
