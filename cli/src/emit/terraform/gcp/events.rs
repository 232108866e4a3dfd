//! What brings each function its events.

use super::{
    Plan,
    resources::topic_place,
    resources::{LOCATION, bucket, prefixed},
};
use crate::{
    emit::{
        hcl::{Block, Body, Value, literal, raw, raws, template},
        words,
    },
    error::Result,
    model::{Function, ResourceKind},
    plan::{
        google::{Route, Source, not_carried, timeout, topic_id},
        names::{fit, ident, pusher_account, slug},
    },
    policy::gcp::{bucket_id, notification_id},
};

pub(super) fn events(plan: &Plan<'_>) -> Result<Body> {
    let mut body = Body::default();
    let uses_channel = |(_, route): &(_, Route)| matches!(route, Route::Eventarc { source: Source::Channel, .. });
    if plan.routes.iter().any(uses_channel) {
        body.add(
            Block::resource("google_eventarc_channel", "events")
                .about("Where programs publish CloudEvents of this app's own types: gcloud eventarc channels publish …")
                .set("name", fit(&prefixed(plan, "events"), 63))
                .set("location", raw("var.region")),
        );
    }
    for (function, route) in &plan.routes {
        if *route != Route::Http {
            body.add(pusher(plan, function));
        }
        match route {
            Route::Http => {}
            Route::Push { topic, is_ordered } => body.add(subscription(plan, function, topic, *is_ordered, route)),
            Route::Notification { bucket, events, prefix } => {
                let id = notification_id(function);
                body.add(
                    Block::resource("google_pubsub_topic", &id)
                        .about(format!("{}: what changes in the bucket `{}`.", words::of(function), bucket.logical))
                        .set("name", prefixed(plan, &format!("{}-objects", function.name))),
                );
                body.add(notification(plan, function, &bucket.logical, events, prefix.as_deref()));
                body.add(subscription(plan, function, &id, false, route));
            }
            Route::Eventarc { source, types } => {
                for kind in types {
                    body.add(trigger(plan, function, source, kind, types.len() > 1, route));
                }
            }
            Route::Job { schedule, time_zone } => body.add(job(plan, function, schedule, time_zone, route)),
        }
    }
    Ok(body)
}

/// The account that posts a function's events.
fn pusher(plan: &Plan<'_>, function: &Function) -> Block {
    Block::resource("google_service_account", &pusher_id(function))
        .about(format!("Posts the events of {}, and may call its service alone.", words::of(function)))
        .set("account_id", pusher_account(plan.app, &function.name))
        .set("display_name", format!("events of {}", function.name))
}

fn pusher_id(function: &Function) -> String {
    ident(&format!("{}-events", function.name))
}

fn service(plan: &Plan<'_>, function: &Function) -> String {
    let unit = plan.units.iter().find(|unit| unit.functions.iter().any(|it| it.name == function.name));
    format!("google_cloud_run_v2_service.{}", unit.map_or_else(|| ident(&function.name), |unit| unit.id.clone()))
}

/// The path that a function's events are posted to.
fn path(function: &Function) -> String {
    format!("/_omnifn/{}", function.name)
}

fn about(mut block: Block, function: &Function, what: &str, route: &Route) -> Block {
    block = block.about(format!("{}: {what}", words::of(function)));
    not_carried(function, route).into_iter().fold(block, Block::about)
}

fn token(plan: &Plan<'_>, function: &Function) -> Block {
    Block::new("oidc_token", &[])
        .set("service_account_email", raw(format!("google_service_account.{}.email", pusher_id(function))))
        .set("audience", raw(format!("{}.uri", service(plan, function))))
}

fn subscription(plan: &Plan<'_>, function: &Function, topic: &str, is_ordered: bool, route: &Route) -> Block {
    let what = "each message is pushed to its service.";
    let own = function.options.subscription.clone().unwrap_or_else(|| prefixed(plan, &function.name));
    // An answer has to come before it is sent again.
    let deadline = timeout(function.deploy.timeout).clamp(10, 600);
    let mut block = about(Block::resource("google_pubsub_subscription", &ident(&function.name)), function, what, route)
        .set("name", own)
        .set("topic", raw(format!("{}.id", topic_place(plan, topic))))
        .set("ack_deadline_seconds", deadline);
    if is_ordered {
        block = block.set("enable_message_ordering", true);
    }
    block = block
        .block(Block::new("expiration_policy", &[]).set("ttl", ""))
        .block(
            Block::new("push_config", &[])
                .set(
                    "push_endpoint",
                    template(format!("${{{}.uri}}{}", service(plan, function), literal(&path(function)))),
                )
                .block(token(plan, function)),
        )
        .block(Block::new("retry_policy", &[]).set("minimum_backoff", "10s").set("maximum_backoff", "600s"));
    if let Some(dead) = &function.options.dead_letter {
        let topic = topic_place(plan, &topic_id(ResourceKind::Queue, dead));
        block = block.block(
            Block::new("dead_letter_policy", &[])
                .set("dead_letter_topic", raw(format!("{topic}.id")))
                .set("max_delivery_attempts", function.options.attempts.unwrap_or(5).clamp(5, 100)),
        );
    }
    block
}

fn notification(plan: &Plan<'_>, function: &Function, logical: &str, events: &[&str], prefix: Option<&str>) -> Block {
    let types = events.iter().map(|event| Value::from(*event)).collect();
    Block::resource("google_storage_notification", &ident(&function.name))
        .about(format!("{}: dead letters need a subscription of one's own, so not Eventarc; what the suffix leaves out, the function's runtime does.", words::of(function)))
        .set("bucket", raw(bucket(plan, &bucket_id(logical))))
        .set("topic", raw(format!("google_pubsub_topic.{}.id", notification_id(function))))
        .set("payload_format", "JSON_API_V1")
        .set("event_types", Value::List(types))
        .set_some("object_name_prefix", prefix)
        .set(
            "depends_on",
            raws([format!(
                "google_pubsub_topic_iam_member.storage_pubsub_publisher_{}",
                notification_id(function)
            )]),
        )
}

fn trigger(
    plan: &Plan<'_>,
    function: &Function,
    source: &Source,
    kind: &str,
    is_one_of_several: bool,
    route: &Route,
) -> Block {
    let short = kind.rsplit('.').next().unwrap_or(kind);
    let name = if is_one_of_several { format!("{}-{}", function.name, slug(short)) } else { function.name.clone() };
    let mut block = about(
        Block::resource("google_eventarc_trigger", &ident(&name)),
        function,
        &format!("events of the type {kind}."),
        route,
    );
    if let Source::Bucket(_) = source {
        block =
            block.about("Eventarc knows no prefix or suffix: the function's runtime leaves out what it does not take.");
    }
    let location = if matches!(source, Source::Documents { .. }) { LOCATION } else { "var.region" };
    block = block
        .set("name", fit(&prefixed(plan, &name), 63))
        .set("location", raw(location))
        .set("service_account", raw(format!("google_service_account.{}.email", pusher_id(function))));
    let criterion = |attribute: &str, value: Value, operator: Option<&str>| {
        Block::new("matching_criteria", &[])
            .set("attribute", attribute)
            .set("value", value)
            .set_some("operator", operator)
    };
    let mut criteria = vec![criterion("type", kind.into(), None)];
    let mut needed =
        vec![format!("google_project_iam_member.events_{}_eventarc_eventreceiver_project", ident(&function.name))];
    match source {
        Source::Bucket(it) => {
            criteria.push(criterion("bucket", raw(bucket(plan, &bucket_id(&it.logical))), None));
            needed.push("google_project_iam_member.storage_pubsub_publisher_project".to_owned());
        }
        Source::Documents { collection, database } => {
            criteria.push(criterion("database", database.as_str().into(), None));
            criteria.push(criterion(
                "document",
                format!("{collection}/{{document}}").into(),
                Some("match-path-pattern"),
            ));
            block = block.set("event_data_content_type", "application/protobuf");
            if super::databases(plan).get(database).copied().unwrap_or_default() {
                needed.push(format!("google_firestore_database.{}", ident(database)));
            }
        }
        Source::Channel => block = block.set("channel", raw("google_eventarc_channel.events.id")),
        Source::Service => {}
    }
    let service = service(plan, function);
    block.set("depends_on", raws(needed)).blocks(criteria).block(
        Block::new("destination", &[]).block(
            Block::new("cloud_run_service", &[])
                .set("service", raw(format!("{service}.name")))
                .set("region", raw(format!("{service}.location")))
                .set("path", path(function)),
        ),
    )
}

fn job(plan: &Plan<'_>, function: &Function, schedule: &str, time_zone: &str, route: &Route) -> Block {
    let retries = function.options.attempts.map(|attempts| attempts.saturating_sub(1).min(5));
    let deadline = timeout(function.deploy.timeout).clamp(15, 1800);
    let mut block =
        about(Block::resource("google_cloud_scheduler_job", &ident(&function.name)), function, "its times.", route)
            .set("name", fit(&prefixed(plan, &function.name), 500))
            .set("region", raw("var.region"))
            .set("schedule", schedule)
            .set("time_zone", time_zone)
            .set("attempt_deadline", format!("{deadline}s"));
    if let Some(retries) = retries {
        block = block.block(Block::new("retry_config", &[]).set("retry_count", retries));
    }
    block.block(
        Block::new("http_target", &[])
            .set("http_method", "POST")
            .set("uri", template(format!("${{{}.uri}}{}", service(plan, function), literal(&path(function)))))
            .block(token(plan, function)),
    )
}
