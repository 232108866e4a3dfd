//! Topics, buckets and databases that the functions name.

use std::collections::BTreeMap;

use super::{Plan, databases};
use crate::{
    emit::{
        hcl::{self, Block, Body, literal, raw, template},
        words,
    },
    model::{Function, Resource, ResourceKind},
    plan::{
        google::{self, Route, database, topic_id, topics},
        names::{base, ident, slug},
    },
    policy::gcp::bucket_id,
};

pub(super) fn resources(plan: &Plan<'_>, topics: &BTreeMap<String, Resource>) -> Body {
    let mut body = Body::default();
    for (id, topic) in topics {
        let words = format!("The {} `{}`.", topic.kind.name(), topic.logical);
        let block = if topic.create {
            Block::resource("google_pubsub_topic", id).about(words)
        } else {
            Block::data("google_pubsub_topic", id).about(format!("{words} It is there already."))
        };
        body.add(block.set("name", topic.name.clone()));
    }
    for dead in dead_letters(plan) {
        let id = topic_id(ResourceKind::Queue, &dead);
        body.add(
            Block::resource("google_pubsub_subscription", &format!("{id}_kept"))
                .about(format!("Keeps the dead letters of `{dead}` until they are read: a topic alone keeps nothing."))
                .set("name", format!("{}-kept", plan.app.resource(ResourceKind::Queue, &dead).name))
                .set("topic", raw(format!("{}.id", topic_place(plan, &id))))
                .set("message_retention_duration", "604800s")
                .block(Block::new("expiration_policy", &[]).set("ttl", "")),
        );
    }
    for bucket in plan.app.all_resources().into_iter().filter(|it| it.kind == ResourceKind::Bucket && it.create) {
        body.add(
            Block::resource("google_storage_bucket", &bucket_id(&bucket.logical))
                .about(format!("The bucket `{}`. Names of buckets are global.", bucket.logical))
                .set("name", template(google::bucket(plan.app, &bucket, "${var.project}", literal)))
                .say("Where its Eventarc triggers are, too.")
                .set("location", raw("var.region"))
                .set("uniform_bucket_level_access", true)
                .set("public_access_prevention", "enforced"),
        );
    }
    for (own, is_made) in databases(plan) {
        if !is_made {
            continue;
        }
        let has_tables =
            |function: &&Function| plan.app.resources_of(function).iter().any(|it| it.kind == ResourceKind::Table);
        let users: Vec<_> = plan.app.functions.iter().filter(|it| database(it) == own).filter(has_tables).collect();
        body.add(
            Block::resource("google_firestore_database", &ident(&own))
                .about(format!(
                    "The tables of {} are collections in it, which come to be with their first document.",
                    words::of_all(&users)
                ))
                .set("name", own)
                .set("location_id", raw(LOCATION))
                .set("type", "FIRESTORE_NATIVE"),
        );
    }
    body
}

/// Where the databases are.
pub(super) const LOCATION: &str = "var.firestore_location != \"\" ? var.firestore_location : var.region";

/// The name of a bucket, by what it is called within the text.
pub(super) fn bucket(plan: &Plan<'_>, id: &str) -> String {
    let all = plan.app.all_resources();
    let found = all.iter().find(|it| it.kind == ResourceKind::Bucket && bucket_id(&it.logical) == id);
    match found {
        Some(bucket) if !bucket.create => hcl::text(&bucket.name),
        _ => format!("google_storage_bucket.{id}.name"),
    }
}

/// Returns the reference to a topic: a resource of this text, or a data source if the topic exists already.
pub(super) fn topic_place(plan: &Plan<'_>, id: &str) -> String {
    let is_there = topics(plan.app).is_ok_and(|topics| topics.get(id).is_some_and(|topic| !topic.create));
    format!("{}google_pubsub_topic.{id}", if is_there { "data." } else { "" })
}

/// The queues for dead letters that nobody here takes, and that Pub/Sub fills.
fn dead_letters(plan: &Plan<'_>) -> Vec<String> {
    let filled =
        plan.routes.iter().filter(|(_, route)| matches!(route, Route::Push { .. } | Route::Notification { .. }));
    let mut all: Vec<_> = filled.filter_map(|(function, _)| function.options.dead_letter.clone()).collect();
    all.sort();
    all.dedup();
    all.retain(|dead| {
        let is_made = plan.app.resource(ResourceKind::Queue, dead).create;
        is_made
            && !plan
                .app
                .functions
                .iter()
                .any(|function| function.trigger.resource() == Some((ResourceKind::Queue, dead)))
    });
    all
}

/// A name in front of which the app's stands.
pub(super) fn prefixed(plan: &Plan<'_>, name: &str) -> String {
    format!("{}-{}", base(plan.app), slug(name))
}
