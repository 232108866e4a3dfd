//! The function apps.

use std::collections::BTreeMap;

use super::{
    data::{ACCOUNT, BLOBS, CONTAINER, account, account_name, child, said},
    global,
    text::{Declaration, Value, object, raw, template},
};
use crate::{
    emit::words,
    literal::bicep::literal,
    model::Cors,
    plan::{
        azure::{Carrier, HOST, Plan, carrier, connection, memory},
        names::secret_in_vault,
        units::Unit,
        variables::{self, Holder},
    },
};

pub(super) fn declarations(plan: &Plan<'_>) -> Vec<Declaration> {
    let mut all = Vec::new();
    for unit in &plan.units {
        let host = host(&unit.id);
        all.push(Declaration::resource(&host, ACCOUNT, account(account_name(&unit.name))).about(
            "Where the host keeps keys, locks and the package. An account of its own: no other app can read its keys.",
        ));
        let blobs = format!("{host}_blobs");
        all.push(Declaration::resource(&blobs, BLOBS, child(&host, "default")));
        all.push(Declaration::resource(&format!("package_{}", unit.id), CONTAINER, child(&blobs, "package")));
        all.push(Declaration::resource(
            &format!("plan_{}", unit.id),
            "Microsoft.Web/serverfarms@2024-04-01",
            object([
                ("name", global(plan, own(unit), 40)),
                ("location", raw("location")),
                ("kind", "functionapp".into()),
                ("sku", object([("name", "FC1".into()), ("tier", "FlexConsumption".into())])),
                ("properties", object([("reserved", true.into())])),
            ]),
        ));
        all.push(app(plan, unit, &host));
        all.push(no_password(unit));
        all.push(Declaration::output(&format!("{}_name", unit.id), raw(format!("app_{}.name", unit.id))));
        if unit.answers_requests() {
            all.push(Declaration::output(
                &format!("{}_url", unit.id),
                template(format!("https://${{app_{}.properties.defaultHostName}}", unit.id)),
            ));
        }
    }
    all
}

/// The account of a unit's host.
pub(super) fn host(unit: &str) -> String {
    format!("host_{unit}")
}

/// What stands behind the app's name in that of a unit.
fn own<'u>(unit: &'u Unit<'_>) -> &'u str {
    if unit.id == "http" { "" } else { unit.label() }
}

fn app(plan: &Plan<'_>, unit: &Unit<'_>, host: &str) -> Declaration {
    let scale = object([
        ("instanceMemoryMB", memory(unit.memory()).into()),
        ("maximumInstanceCount", unit.instances().unwrap_or(100).into()),
    ]);
    let scale = match unit.concurrency().filter(|_| unit.answers_requests()) {
        Some(most) => scale.with("triggers", object([("http", object([("perInstanceConcurrency", most.into())]))])),
        None => scale,
    };
    let storage = object([
        ("type", "blobContainer".into()),
        ("value", template(format!("${{{host}.properties.primaryEndpoints.blob}}${{package_{}.name}}", unit.id))),
        ("authentication", object([("type", "SystemAssignedIdentity".into())])),
    ]);
    let settings =
        settings(plan, unit, host).into_iter().map(|(name, value)| object([("name", name.into()), ("value", value)]));
    let site = object([("minTlsVersion", "1.2".into()), ("appSettings", Value::List(settings.collect()))]);
    let site = match unit.cors(plan.app) {
        Some(cors) => site.with("cors", self::cors(cors)),
        None => site,
    };
    let value = object([
        ("name", global(plan, own(unit), 40)),
        ("location", raw("location")),
        ("kind", "functionapp,linux".into()),
        ("identity", object([("type", "SystemAssigned".into())])),
        (
            "properties",
            object([
                ("serverFarmId", raw(format!("plan_{}.id", unit.id))),
                ("httpsOnly", true.into()),
                (
                    "functionAppConfig",
                    object([
                        ("deployment", object([("storage", storage)])),
                        ("runtime", object([("name", "custom".into()), ("version", "1.0".into())])),
                        ("scaleAndConcurrency", scale),
                    ]),
                ),
                ("siteConfig", site),
            ]),
        ),
    ]);
    let mut declaration = Declaration::resource(&format!("app_{}", unit.id), "Microsoft.Web/sites@2024-04-01", value)
        .about(format!("The app of {}.", words::of_all(&unit.functions)));
    if let Some(words) = unit.sizes() {
        declaration = declaration.about(words);
    }
    for function in &unit.functions {
        declaration = plan.own_settings(function).into_iter().fold(declaration, Declaration::about);
        let what = match carrier(function) {
            Carrier::Timer => "its times stand in its function.json.",
            Carrier::EventHubs | Carrier::Cosmos => {
                "its batches and retries are configured in host.json and function.json."
            }
            _ => continue,
        };
        declaration = said(function, what).into_iter().fold(declaration, Declaration::about);
    }
    declaration
}

/// Returns the declaration that disables deployments with a user name and a password, so that only identities of Microsoft Entra can deploy.
fn no_password(unit: &Unit<'_>) -> Declaration {
    Declaration::resource(
        &format!("scm_{}", unit.id),
        "Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-04-01",
        child(&format!("app_{}", unit.id), "scm").with("properties", object([("allow", false.into())])),
    )
}

/// The origins for which the host answers preflights, which never reach the program.
fn cors(cors: &Cors) -> Value {
    object([
        ("allowedOrigins", Value::List(cors.origins.iter().map(|origin| origin.as_str().into()).collect())),
        ("supportCredentials", cors.credentials.into()),
    ])
}

/// The settings of an app, sorted.
fn settings(plan: &Plan<'_>, unit: &Unit<'_>, host: &str) -> BTreeMap<String, Value> {
    let mut all = BTreeMap::new();
    let mut add = |name: String, value: Value| all.insert(name, value);
    // The values below take precedence over the settings.
    for (name, value) in unit.environment() {
        add(name.to_owned(), value.into());
    }
    let reach = |holder: Holder<'_>| match holder {
        Holder::Blobs => "${data.properties.primaryEndpoints.blob}".to_owned(),
        Holder::Queues => "${data.properties.primaryEndpoints.queue}".to_owned(),
        Holder::Bus => "${bus.name}".to_owned(),
        Holder::Hubs => "${hubs.name}".to_owned(),
        Holder::Cosmos => "${cosmos.properties.documentEndpoint}".to_owned(),
        Holder::Grid(id) => format!("${{{id}.properties.endpoint}}"),
    };
    for (name, value) in variables::azure(plan, unit, reach, literal) {
        add(name, template(value));
    }
    add(format!("{HOST}__accountName"), raw(format!("{host}.name")));
    for function in &unit.functions {
        let Some(connection) = connection(function) else { continue };
        let namespace = |symbol: &str, domain: &str| template(format!("${{{symbol}.name}}.{domain}"));
        match carrier(function) {
            Carrier::ServiceBus => {
                add(format!("{connection}__fullyQualifiedNamespace"), namespace("bus", "servicebus.windows.net"));
            }
            Carrier::EventHubs => {
                add(format!("{connection}__fullyQualifiedNamespace"), namespace("hubs", "servicebus.windows.net"));
            }
            Carrier::Cosmos => {
                add(format!("{connection}__accountEndpoint"), raw("cosmos.properties.documentEndpoint"));
            }
            Carrier::Blob => {
                add(format!("{connection}__blobServiceUri"), raw("data.properties.primaryEndpoints.blob"));
                add(format!("{connection}__queueServiceUri"), raw("data.properties.primaryEndpoints.queue"));
            }
            Carrier::StorageQueue => {
                add(format!("{connection}__queueServiceUri"), raw("data.properties.primaryEndpoints.queue"));
            }
            Carrier::Http | Carrier::EventGrid | Carrier::Timer => {}
        }
    }
    // Also where the program has no others: one that is added, and is private, is not served here before this text is written again.
    add("OMNIFN_FUNCTION".to_owned(), unit.names().into());
    for secret in unit.secrets() {
        let place = format!(
            "@Microsoft.KeyVault(VaultName=${{keyVaultName}};SecretName={})",
            secret_in_vault(plan.app, secret)
        );
        add(secret.to_owned(), template(place));
    }
    all
}
