//! Who may do what, one block for each role of [`policy::gcp`](crate::policy::gcp).

use super::Plan;
use crate::{
    emit::hcl::{Block, Body, Value, literal, raw, template},
    plan::names::ident,
    policy::gcp::{Binding, On, Who, why_not_less},
};

pub(super) fn roles(plan: &Plan<'_>) -> Body {
    let mut body = Body::default();
    for binding in &plan.bindings {
        body.add(role(plan, binding));
    }
    if plan.bindings.iter().any(|binding| binding.who == Who::PubSub) {
        body.add(Block::data("google_project", "this").about("For the number in the name of Pub/Sub's own account."));
    }
    if plan.bindings.iter().any(|binding| binding.who == Who::Storage) {
        body.add(Block::data("google_storage_project_service_account", "this").about("Cloud Storage's own account."));
    }
    body
}

/// The resource that gives a service a secret.
pub(super) fn secret_name(unit: &str, secret: &str) -> String {
    format!("google_secret_manager_secret_iam_member.service_{unit}_secretmanager_secretaccessor_{}", ident(secret))
}

fn role(plan: &Plan<'_>, binding: &Binding) -> Block {
    let (kind, on) = target(plan, &binding.on);
    let mut block = Block::resource(kind, &name(binding));
    for reason in &binding.why {
        block = block.about(format!("For {reason}."));
    }
    if let Some(what) = what(binding) {
        block = block.about(what);
    }
    if let Some(why) = why_not_less(binding.role) {
        block = block.about(why);
    }
    if binding.who == Who::Callers {
        block = block.set("for_each", raw("toset(var.callers)"));
    }
    for (key, value) in on {
        block = block.set(key, raw(value));
    }
    block = block.set("role", binding.role).set("member", member(&binding.who));
    if let On::Database(database) = &binding.on {
        block = block.block(Block::new("condition", &[]).set("title", format!("database {database}")).set(
            "expression",
            template(format!("resource.name == \"projects/${{var.project}}/databases/{}\"", literal(database))),
        ));
    }
    block
}

/// What it does, where somebody else than the service gets it.
fn what(binding: &Binding) -> Option<&'static str> {
    let is_on_project = binding.on == On::Project;
    match (&binding.who, binding.role) {
        (Who::Pusher(_), "roles/run.invoker") => Some("What posts its events may call this service, and nothing else."),
        (Who::Storage, _) if is_on_project => Some(
            "Eventarc receives a bucket's changes through topics that it creates itself, so the role is on the project.",
        ),
        (Who::Storage, _) => Some("The bucket publishes its changes to this topic."),
        (Who::PubSub, _) => Some("Pub/Sub moves dead letters by itself."),
        (Who::Service(_) | Who::Pusher(_) | Who::Everyone | Who::Callers, _) => None,
    }
}

/// A name that says who, which role, and on what.
fn name(binding: &Binding) -> String {
    let who = match &binding.who {
        Who::Service(unit) => format!("service-{unit}"),
        Who::Pusher(function) => format!("events-{function}"),
        Who::PubSub => "pubsub".to_owned(),
        Who::Storage => "storage".to_owned(),
        Who::Everyone => "everyone".to_owned(),
        Who::Callers => "callers".to_owned(),
    };
    let on = match &binding.on {
        On::Project => "project".to_owned(),
        On::Database(database) => database.clone(),
        On::Service(id) | On::Topic(id) | On::Subscription(id) | On::Bucket(id) | On::Secret(id) => id.clone(),
    };
    ident(&format!("{who}-{}-{on}", binding.role.trim_start_matches("roles/").replace('.', "-")))
}

fn member(who: &Who) -> Value {
    match who {
        Who::Service(unit) => raw(format!("google_service_account.{unit}.member")),
        Who::Pusher(function) => raw(format!("google_service_account.{function}_events.member")),
        Who::PubSub => {
            template("serviceAccount:service-${data.google_project.this.number}@gcp-sa-pubsub.iam.gserviceaccount.com")
        }
        Who::Storage => raw("data.google_storage_project_service_account.this.member"),
        Who::Everyone => "allUsers".into(),
        Who::Callers => raw("each.value"),
    }
}

/// The kind of resource that gives a role on something, and what names that something.
fn target(plan: &Plan<'_>, on: &On) -> (&'static str, Vec<(&'static str, String)>) {
    match on {
        On::Project | On::Database(_) => ("google_project_iam_member", vec![("project", "var.project".to_owned())]),
        On::Service(unit) => {
            let service = |field: &str| format!("google_cloud_run_v2_service.{unit}.{field}");
            (
                "google_cloud_run_v2_service_iam_member",
                vec![("location", service("location")), ("name", service("name"))],
            )
        }
        On::Topic(topic) => (
            "google_pubsub_topic_iam_member",
            vec![("topic", format!("{}.name", super::resources::topic_place(plan, topic)))],
        ),
        On::Subscription(function) => (
            "google_pubsub_subscription_iam_member",
            vec![("subscription", format!("google_pubsub_subscription.{function}.name"))],
        ),
        On::Bucket(bucket) => {
            ("google_storage_bucket_iam_member", vec![("bucket", super::resources::bucket(plan, bucket))])
        }
        On::Secret(secret) => (
            "google_secret_manager_secret_iam_member",
            vec![("secret_id", format!("data.google_secret_manager_secret.{}.secret_id", ident(secret)))],
        ),
    }
}
