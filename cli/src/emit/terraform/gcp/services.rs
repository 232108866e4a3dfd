//! The services, each with a service account of its own.

use std::collections::BTreeSet;

use super::Plan;
use crate::{
    emit::{
        hcl::{Block, Body, Value, literal, raw, raws, template},
        words,
    },
    model::App,
    plan::{
        google::{cpus, memory, port, timeout_of},
        names::{self, account_id, ident},
        units::Unit,
        variables,
    },
};

pub(super) fn services(plan: &Plan<'_>) -> Body {
    let mut body = Body::default();
    for unit in &plan.units {
        body.add(account(unit));
        body.add(service(plan.app, unit));
    }
    let secrets: BTreeSet<_> = plan.units.iter().flat_map(Unit::secrets).collect();
    for secret in secrets {
        body.add(
            Block::data("google_secret_manager_secret", &ident(secret))
                .about("It is there already: its value stays out of Terraform's state.")
                .set("secret_id", names::secret(plan.app, secret)),
        );
    }
    body
}

/// The identity of a service.
fn account(unit: &Unit<'_>) -> Block {
    Block::resource("google_service_account", &unit.id)
        .about(format!("The identity of {}; its roles are in roles.tf.", words::of_all(&unit.functions)))
        .set("account_id", account_id(&unit.name))
        .set("display_name", unit.name.clone())
}

fn service(app: &App, unit: &Unit<'_>) -> Block {
    let (memory, timeout) = (memory(unit.memory()), timeout_of(unit));
    let ingress = if unit.answers_requests() { "INGRESS_TRAFFIC_ALL" } else { "INGRESS_TRAFFIC_INTERNAL_ONLY" };
    let mut service = Block::resource("google_cloud_run_v2_service", &unit.id).about(words::of_all(&unit.functions));
    if let Some(words) = unit.sizes() {
        service = service.about(words);
    }
    service = service.set("name", unit.name.clone()).set("location", raw("var.region"));
    if !unit.answers_requests() {
        service = service
            .say("Pub/Sub, Eventarc, and Cloud Scheduler of the project call from within; nothing else reaches it.");
    }
    service = service.set("ingress", ingress).set("deletion_protection", false);
    let limits = Value::Map(vec![
        ("cpu".into(), cpus(memory).to_string().into()),
        ("memory".into(), format!("{memory}Mi").into()),
    ]);
    let mut container = Block::new("containers", &[])
        .set("image", raw("var.image"))
        .block(Block::new("ports", &[]).set("name", port(app)).set("container_port", 8080))
        .block(Block::new("resources", &[]).set("limits", limits).set("cpu_idle", true).set("startup_cpu_boost", true));
    for (name, value) in environment(app, unit, timeout) {
        container = container.block(Block::new("env", &[]).set("name", name).set("value", value));
    }
    for secret in unit.secrets() {
        container = container.block(
            Block::new("env", &[]).set("name", secret).block(
                Block::new("value_source", &[]).block(
                    Block::new("secret_key_ref", &[])
                        .set("secret", raw(format!("data.google_secret_manager_secret.{}.secret_id", ident(secret))))
                        .set("version", "latest"),
                ),
            ),
        );
    }
    let mut template = Block::new("template", &[])
        .set("service_account", raw(format!("google_service_account.{}.email", unit.id)))
        .set("timeout", format!("{timeout}s"))
        .set_some("max_instance_request_concurrency", unit.concurrency());
    if let Some(most) = unit.instances() {
        template = template.block(Block::new("scaling", &[]).set("max_instance_count", most));
    }
    service = service.block(template.block(container));
    let secrets = unit.secrets();
    if secrets.is_empty() {
        return service;
    }
    // It does not start before it may read them.
    let roles = secrets.iter().map(|secret| super::roles::secret_name(&unit.id, secret));
    service.set("depends_on", raws(roles))
}

/// The variables of a service.
fn environment(app: &App, unit: &Unit<'_>, timeout: u32) -> Vec<(String, Value)> {
    let mut all = vec![("OMNIFN_TIMEOUT".to_owned(), timeout.to_string().into())];
    // For the traces of log lines.
    if !unit.environment().contains_key("GOOGLE_CLOUD_PROJECT") {
        all.push(("GOOGLE_CLOUD_PROJECT".to_owned(), raw("var.project")));
    }
    if let Some(target) = &unit.target {
        all.insert(0, ("FUNCTION_TARGET".to_owned(), target.clone().into()));
    }
    let places = variables::google(app, unit, "${var.project}", literal).into_iter();
    all.extend(places.map(|(name, value)| (name, template(value))));
    all.extend(unit.environment().into_iter().map(|(name, value)| (name.to_owned(), value.into())));
    all
}
