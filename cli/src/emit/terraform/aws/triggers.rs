//! What starts the functions, where that is no HTTP request.

use super::{arn, bucket_name, function, functions, id_of, kind_of};
use crate::{
    emit::{
        aws::{Change, Plan, Planned, Source},
        hcl::{Block, Body, Value, raw, raws},
        words,
        yaml::Yaml,
    },
    model::{Resource, ResourceKind, StorageTrigger, Trigger},
    plan::names::{fit, ident},
};

pub(super) fn triggers(plan: &Plan<'_>) -> Body {
    let mut body = Body::default();
    for planned in &plan.units {
        trigger(plan, planned, &mut body);
    }
    for bucket in plan.app.all_resources().into_iter().filter(|it| it.kind == ResourceKind::Bucket) {
        body.add_some(notification(plan, &bucket));
    }
    body
}

fn resource(plan: &Plan<'_>, planned: &Planned<'_>) -> Option<Resource> {
    planned.function.trigger.resource().map(|(kind, name)| plan.app.resource(kind, name))
}

fn trigger(plan: &Plan<'_>, planned: &Planned<'_>, body: &mut Body) {
    let id = ident(planned.unit.label());
    let about = |kind: &str, name: &str| Block::resource(kind, name).about(words::of(planned.function));
    let from = resource(plan, planned);
    match &planned.source {
        Source::Http | Source::Invoke => {}
        Source::Queue { batch, window, instances, .. } => {
            let mut block = mapping(plan, planned, from.as_ref())
                .set_some("batch_size", *batch)
                .set_some("maximum_batching_window_in_seconds", *window);
            if let Some(instances) = instances {
                block = block.block(Block::new("scaling_config", &[]).set("maximum_concurrency", *instances));
            }
            body.add(block);
        }
        Source::Reader { batch, window, start, retries, .. } => {
            let mut block = mapping(plan, planned, from.as_ref())
                .set("starting_position", *start)
                .set("bisect_batch_on_function_error", true)
                .set_some("batch_size", *batch)
                .set_some("maximum_batching_window_in_seconds", *window)
                .set_some("maximum_retry_attempts", retries.again);
            if let Some(dead) = &planned.function.options.dead_letter {
                let queue = arn(plan.app, &plan.app.resource(ResourceKind::Queue, dead));
                block = block.block(
                    Block::new("destination_config", &[])
                        .block(Block::new("on_failure", &[]).set("destination_arn", queue)),
                );
            }
            body.add(block);
        }
        Source::Topic { .. } => {
            let Some(topic) = from else { return };
            let topic = arn(plan.app, &topic);
            body.add(permission(planned, "sns.amazonaws.com", topic.clone()));
            body.add(
                about("aws_sns_topic_subscription", &id)
                    .set("topic_arn", topic)
                    .set("protocol", "lambda")
                    .set("endpoint", raw(format!("{}.arn", function(planned.unit.label())))),
            );
        }
        Source::Bucket { .. } => {
            let Some(bucket) = from else { return };
            // The ARN of a bucket names no account: one that is deleted could come back as somebody else's.
            let account = permission(planned, "s3.amazonaws.com", arn(plan.app, &bucket))
                .set("source_account", raw("local.account"));
            body.add(account);
        }
        Source::Rule { .. } => {
            body.add(
                about("aws_cloudwatch_event_rule", &id)
                    .set("name", fit(&planned.name, 64))
                    .set("event_pattern", Value::Call("jsonencode", Box::new(pattern(plan, planned)))),
            );
            body.add(
                Block::resource("aws_cloudwatch_event_target", &id)
                    .set("rule", raw(format!("aws_cloudwatch_event_rule.{id}.name")))
                    .set("arn", raw(format!("{}.arn", function(planned.unit.label())))),
            );
            body.add(permission(planned, "events.amazonaws.com", raw(format!("aws_cloudwatch_event_rule.{id}.arn"))));
        }
        Source::Schedule { cron, time_zone, role } => {
            functions::role(body, role);
            body.add(
                about("aws_scheduler_schedule", &id)
                    .set("name", fit(&planned.name, 64))
                    .set("schedule_expression", cron.as_str())
                    .set("schedule_expression_timezone", *time_zone)
                    .block(Block::new("flexible_time_window", &[]).set("mode", "OFF"))
                    .block(
                        Block::new("target", &[])
                            .set("arn", raw(format!("{}.arn", function(planned.unit.label()))))
                            .set("role_arn", raw(format!("aws_iam_role.{id}_schedule.arn"))),
                    ),
            );
        }
    }
}

/// What Lambda reads for the function; the records that failed are named in its answer.
fn mapping(plan: &Plan<'_>, planned: &Planned<'_>, from: Option<&Resource>) -> Block {
    let source = match (from, &planned.function.trigger) {
        (Some(table), Trigger::Changes(_)) if table.create => {
            raw(format!("{}.{}.stream_arn", kind_of(table.kind), id_of(table)))
        }
        (Some(table), Trigger::Changes(_)) => raw(format!("var.{}_stream", id_of(table))),
        (Some(resource), _) => arn(plan.app, resource),
        (None, _) => "".into(),
    };
    Block::resource("aws_lambda_event_source_mapping", &ident(planned.unit.label()))
        .about(words::of(planned.function))
        .set("function_name", raw(format!("{}.arn", function(planned.unit.label()))))
        .set("event_source_arn", source)
        .set("function_response_types", Value::List(vec!["ReportBatchItemFailures".into()]))
}

/// Lets a service call the function for one thing.
fn permission(planned: &Planned<'_>, service: &str, source: Value) -> Block {
    Block::resource("aws_lambda_permission", &ident(planned.unit.label()))
        .set("function_name", raw(format!("{}.function_name", function(planned.unit.label()))))
        .set("action", "lambda:InvokeFunction")
        .set("principal", service)
        .set("source_arn", source)
}

/// The notifications of a bucket: to its one function, or to EventBridge, where several functions hear of it.
fn notification(plan: &Plan<'_>, bucket: &Resource) -> Option<Block> {
    let is_heard = |planned: &&Planned<'_>| matches!(&planned.function.trigger, Trigger::Storage(StorageTrigger { bucket: source, .. }) if *source == bucket.logical);
    let planned = plan.units.iter().find(is_heard)?;
    let block =
        Block::resource("aws_s3_bucket_notification", &id_of(bucket)).set("bucket", bucket_name(plan.app, bucket));
    if !plan.notifies(bucket) {
        // One that is there already has its notifications, of which these would be all.
        return bucket.create.then(|| block.about("Several functions receive its events.").set("eventbridge", true));
    }
    let [prefix, suffix] = Change::of(&planned.function.trigger).encoded();
    let id = ident(planned.unit.label());
    let lambda = Block::new("lambda_function", &[])
        .set("lambda_function_arn", raw(format!("{}.arn", function(planned.unit.label()))))
        .set(
            "events",
            Value::List(Change::of(&planned.function.trigger).events().into_iter().map(Value::from).collect()),
        )
        .set_some("filter_prefix", prefix)
        .set_some("filter_suffix", suffix);
    Some(
        block
            .about(words::of(planned.function))
            .block(lambda)
            .set("depends_on", raws([format!("aws_lambda_permission.{id}")])),
    )
}

/// The pattern of a rule of EventBridge.
fn pattern(plan: &Plan<'_>, planned: &Planned<'_>) -> Value {
    let change = Change::of(&planned.function.trigger);
    match (&planned.function.trigger, resource(plan, planned)) {
        (Trigger::Storage(_), Some(bucket)) => {
            let name = bucket_name(plan.app, &bucket);
            json(&Yaml::Map(change.pattern(Yaml::Text(BUCKET.to_owned()))), &name)
        }
        (trigger, _) => {
            let of = |key: &str, text: &str| (key.to_owned(), Value::List(vec![text.into()]));
            let source = planned.function.options.source.as_deref().map(|source| of("source", source));
            Value::Map(source.into_iter().chain([of("detail-type", trigger.source().unwrap_or_default())]).collect())
        }
    }
}

/// What stands for the bucket's name, which no name can be.
const BUCKET: &str = "\0bucket";

fn json(value: &Yaml, bucket: &Value) -> Value {
    match value {
        Yaml::Text(text) if text == BUCKET => bucket.clone(),
        Yaml::Text(text) | Yaml::Template(text) => text.as_str().into(),
        Yaml::Number(number) => raw(number.to_string()),
        Yaml::Bool(flag) => (*flag).into(),
        Yaml::List(items) => Value::List(items.iter().map(|item| json(item, bucket)).collect()),
        Yaml::Map(map) => Value::Map(map.iter().map(|(key, value)| (key.to_owned(), json(value, bucket))).collect()),
        Yaml::Noted(_, value) => json(value, bucket),
    }
}
