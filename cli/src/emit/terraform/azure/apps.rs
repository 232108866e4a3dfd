//! The function apps.

use std::collections::BTreeMap;

use super::{
    data::{account, container, cosmos_account, data, hubs_namespace, namespace},
    global, of_group,
};
use crate::{
    emit::{
        hcl::{Block, Body, Value, literal, raw, template},
        words,
    },
    model::Cors,
    plan::{
        azure::{Carrier, HOST, Plan, carrier, connection, memory, not_carried},
        names::secret_in_vault,
        units::Unit,
        variables::{self, Holder},
    },
};

pub(super) fn apps(plan: &Plan<'_>) -> Body {
    let mut body = Body::default();
    for unit in &plan.units {
        body.add(account(&host_id(&unit.id), &unit.name).about(
            "Where the host keeps keys, locks and the package. An account of its own: no other app can read its keys.",
        ));
        body.add(container(&format!("package_{}", unit.id), "package".into(), &host(&unit.id)));
        body.add(
            of_group("azurerm_service_plan", &unit.id, global(plan, own(unit), 40))
                .set("os_type", "Linux")
                .set("sku_name", "FC1"),
        );
        body.add(app(plan, unit));
    }
    body
}

pub(super) fn outputs(plan: &Plan<'_>) -> Body {
    let mut body = Body::default();
    for unit in &plan.units {
        let app = format!("azurerm_function_app_flex_consumption.{}", unit.id);
        body.add(Block::new("output", &[&format!("{}_name", unit.id)]).set("value", raw(format!("{app}.name"))));
        if unit.answers_requests() {
            let url = template(format!("https://${{{app}.default_hostname}}"));
            body.add(Block::new("output", &[&format!("{}_url", unit.id)]).set("value", url));
        }
    }
    body
}

fn host_id(unit: &str) -> String {
    format!("host_{unit}")
}

/// The account of a unit's host.
pub(super) fn host(unit: &str) -> String {
    format!("azurerm_storage_account.{}", host_id(unit))
}

/// What stands behind the app's name in that of a unit.
fn own<'u>(unit: &'u Unit<'_>) -> &'u str {
    if unit.id == "http" { "" } else { unit.label() }
}

fn app(plan: &Plan<'_>, unit: &Unit<'_>) -> Block {
    let host = host(&unit.id);
    let mut block = of_group("azurerm_function_app_flex_consumption", &unit.id, global(plan, own(unit), 32))
        .about(format!("The app of {}.", words::of_all(&unit.functions)));
    if let Some(words) = unit.sizes() {
        block = block.about(words);
    }
    for function in &unit.functions {
        block = plan.own_settings(function).into_iter().fold(block, Block::about);
        if matches!(carrier(function), Carrier::Timer | Carrier::EventHubs | Carrier::Cosmos) {
            block = block
                .about(format!("The trigger of {} and its retries stand in its function.json.", words::of(function)));
            block = not_carried(function).into_iter().fold(block, Block::about);
        }
    }
    let site = Block::new("site_config", &[]).set("minimum_tls_version", "1.2");
    let site = match unit.cors(plan.app) {
        // The host answers preflights for these origins: they never reach the program.
        Some(Cors { origins, credentials, .. }) => site.block(
            Block::new("cors", &[])
                .set("allowed_origins", Value::List(origins.iter().map(|origin| origin.as_str().into()).collect()))
                .set("support_credentials", *credentials),
        ),
        None => site,
    };
    block
        .set("service_plan_id", raw(format!("azurerm_service_plan.{}.id", unit.id)))
        .set("https_only", true)
        .set("webdeploy_publish_basic_authentication_enabled", false)
        .set("runtime_name", "custom")
        .set("runtime_version", "1.0")
        .set("instance_memory_in_mb", memory(unit.memory()))
        .set("maximum_instance_count", unit.instances().unwrap_or(100))
        .set_some("http_concurrency", unit.concurrency().filter(|_| unit.answers_requests()))
        .set("storage_container_type", "blobContainer")
        .set(
            "storage_container_endpoint",
            template(format!(
                "${{{host}.primary_blob_endpoint}}${{azurerm_storage_container.package_{}.name}}",
                unit.id
            )),
        )
        .set("storage_authentication_type", "SystemAssignedIdentity")
        .set("app_settings", Value::Map(settings(plan, unit).into_iter().collect()))
        .block(Block::new("identity", &[]).set("type", "SystemAssigned"))
        .block(site)
}

/// The settings of an app, sorted.
fn settings(plan: &Plan<'_>, unit: &Unit<'_>) -> BTreeMap<String, Value> {
    let mut all = BTreeMap::new();
    let mut add = |name: String, value: Value| all.insert(name, value);
    // The values below take precedence over the settings.
    for (name, value) in unit.environment() {
        add(name.to_owned(), value.into());
    }
    let reach = |holder: Holder<'_>| match holder {
        Holder::Blobs => format!("${{{}.primary_blob_endpoint}}", data(plan)),
        Holder::Queues => format!("${{{}.primary_queue_endpoint}}", data(plan)),
        Holder::Bus => format!("${{{}.name}}", namespace(plan)),
        Holder::Hubs => format!("${{{}.name}}", hubs_namespace(plan)),
        Holder::Cosmos => format!("${{{}.endpoint}}", cosmos_account(plan)),
        Holder::Grid(id) => format!("${{data.azurerm_eventgrid_topic.{id}.endpoint}}"),
    };
    for (name, value) in variables::azure(plan, unit, reach, literal) {
        add(name, template(value));
    }
    // The provider sets a connection string without a key otherwise, and the host would take it.
    add(HOST.to_owned(), "".into());
    add(format!("{HOST}__accountName"), raw(format!("{}.name", host(&unit.id))));
    for function in &unit.functions {
        let Some(connection) = connection(function) else { continue };
        let reached = |holder: String| template(format!("${{{holder}.name}}.servicebus.windows.net"));
        match carrier(function) {
            Carrier::ServiceBus => {
                add(format!("{connection}__fullyQualifiedNamespace"), reached(namespace(plan)));
            }
            Carrier::EventHubs => {
                add(format!("{connection}__fullyQualifiedNamespace"), reached(hubs_namespace(plan)));
            }
            Carrier::Cosmos => {
                add(format!("{connection}__accountEndpoint"), raw(format!("{}.endpoint", cosmos_account(plan))));
            }
            Carrier::Blob => {
                add(format!("{connection}__blobServiceUri"), raw(format!("{}.primary_blob_endpoint", data(plan))));
                add(format!("{connection}__queueServiceUri"), raw(format!("{}.primary_queue_endpoint", data(plan))));
            }
            Carrier::StorageQueue => {
                add(format!("{connection}__queueServiceUri"), raw(format!("{}.primary_queue_endpoint", data(plan))));
            }
            Carrier::Http | Carrier::EventGrid | Carrier::Timer => {}
        }
    }
    // Also where the program has no others: one that is added, and is private, is not served here before this text is written again.
    add("OMNIFN_FUNCTION".to_owned(), unit.names().into());
    for secret in unit.secrets() {
        let place = format!(
            "@Microsoft.KeyVault(VaultName=${{var.key_vault}};SecretName={})",
            secret_in_vault(plan.app, secret)
        );
        add(secret.to_owned(), template(place));
    }
    all
}
