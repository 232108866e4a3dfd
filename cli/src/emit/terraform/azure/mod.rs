//! Azure Functions on the plan Flex Consumption.

mod apps;
mod data;
mod events;
mod roles;

use super::file;
use crate::{
    cloud::Cloud,
    emit::hcl::{Block, Body, Value, literal, raw, template},
    error::{Error, Result},
    files::File,
    literal::azure,
    model::App,
    plan::{
        azure::{Home, Plan, has_subscriptions},
        names::{base, fit, secret_in_vault},
        resource_names,
    },
    shell,
};

pub(super) fn render(app: &App) -> Result<Vec<File>> {
    let plan = Plan::of(app)?;
    let names = resource_names::errors(app, Cloud::Azure).into_iter();
    Error::all(names.chain(azure::all_settings(app)).collect()).map_or(Ok(()), Err)?;
    let write = |name, more: &[String], body: &Body| file(app, Cloud::Azure, name, more, body);
    Ok([
        write("versions.tf", &commands(&plan), &versions()),
        write("variables.tf", &[], &variables(&plan)),
        write("main.tf", &[], &group(&plan)),
        write("apps.tf", &[], &apps::apps(&plan)),
        write("resources.tf", &[], &data::resources(&plan)),
        write("events.tf", &[], &events::events(&plan)),
        write("roles.tf", &[], &roles::roles(&plan)?),
        write("outputs.tf", &[], &apps::outputs(&plan)),
    ]
    .into_iter()
    .flatten()
    .collect())
}

fn commands(plan: &Plan<'_>) -> Vec<String> {
    let mut lines =
        vec!["To take it there:".to_owned(), format!("  {}", crate::emit::words::package(plan.app, Cloud::Azure))];
    for secret in plan.secrets() {
        lines.push(format!(
            "  az keyvault secret set --vault-name … --name {} --value …     # once",
            secret_in_vault(plan.app, secret)
        ));
    }
    lines.push("  terraform init && terraform apply -var subscription=…".to_owned());
    let folder = match plan.app.artifacts.as_str() {
        path if path.starts_with('/') => path.to_owned(),
        path => format!("../../{path}"),
    };
    for unit in &plan.units {
        let zip = shell::word(&format!("{folder}/azure/{}.zip", unit.id));
        lines.push(format!(
            "  az functionapp deployment source config-zip --resource-group … --name \"$(terraform output -raw {}_name)\" --src {zip}",
            unit.id
        ));
    }
    if has_subscriptions(plan.app) {
        lines.push("  terraform apply -var subscription=… -var functions_are_there=true".to_owned());
        lines.push("Event Grid asks each function that it is to call, so its subscriptions come last.".to_owned());
    }
    lines
}

fn versions() -> Body {
    let azurerm =
        Value::Map(vec![("source".into(), "hashicorp/azurerm".into()), ("version".into(), ">= 5.2, < 6.0".into())]);
    let mut body = Body::default();
    body.add(
        Block::new("terraform", &[])
            .set("required_version", ">= 1.5")
            .block(Block::new("required_providers", &[]).set("azurerm", azurerm)),
    );
    body.add(
        Block::new("provider", &["azurerm"])
            .set("subscription_id", raw("var.subscription"))
            .say("The storage accounts accept no keys.")
            .set("storage_use_azuread", true)
            .block(Block::new("features", &[])),
    );
    body
}

fn variables(plan: &Plan<'_>) -> Body {
    let variable = |name: &str, description: &str, kind: &str, default: Option<Value>| {
        Block::new("variable", &[name])
            .set("description", description)
            .set("type", raw(kind))
            .set_some("default", default)
    };
    let region = plan.app.azure.region.as_deref().unwrap_or("westeurope");
    let mut body = Body::default();
    body.add(variable("subscription", "The id of the subscription.", "string", None));
    body.add(variable("location", "The region.", "string", Some(region.into())));
    body.add(variable(
        "resource_group",
        "The resource group that all is made in.",
        "string",
        Some(base(plan.app).into()),
    ));
    if has_subscriptions(plan.app) {
        let words = "Whether the functions are deployed: Event Grid asks them before it sends them anything.";
        body.add(variable("functions_are_there", words, "bool", Some(false.into())));
    }
    if !plan.secrets().is_empty() {
        body.add(variable("key_vault", "The vault with the secrets, with role-based access.", "string", None));
        body.add(variable("key_vault_resource_group", "Where the vault is.", "string", None));
    }
    let parents = [
        (data::has_there(plan, [Home::Container, Home::StorageQueue]), "storage_account", "The storage account"),
        (data::has_there(plan, [Home::Queue, Home::Topic]), "service_bus", "The namespace of Service Bus"),
        (data::has_there(plan, [Home::Hub]), "event_hubs", "The namespace of Event Hubs"),
        (data::has_there(plan, [Home::Table]), "cosmos", "The account of Cosmos DB"),
    ];
    for (is_there, name, words) in parents {
        if is_there {
            body.add(variable(
                name,
                &format!("{words} that is there already, in the same resource group."),
                "string",
                None,
            ));
        }
    }
    body
}

fn group(plan: &Plan<'_>) -> Body {
    let mut body = Body::default();
    // What is there already is in a group that is.
    let is_there = plan.places.iter().any(|place| !place.resource.create);
    body.add(match is_there {
        true => Block::data("azurerm_resource_group", "main").set("name", raw("var.resource_group")),
        false => Block::resource("azurerm_resource_group", "main")
            .set("name", raw("var.resource_group"))
            .set("location", raw("var.location")),
    });
    let group = if is_there { "data.azurerm_resource_group.main" } else { "azurerm_resource_group.main" };
    if !plan.secrets().is_empty() {
        body.add(
            Block::data("azurerm_key_vault", "main")
                .set("name", raw("var.key_vault"))
                .set("resource_group_name", raw("var.key_vault_resource_group")),
        );
    }
    body.add(
        Block::new("locals", &[])
            .say("Globally unique names end with a suffix of this resource group.")
            .set("suffix", raw(format!("substr(sha1({group}.id), 0, 13)")))
            .set("resource_group", raw(format!("{group}.name")))
            .set("location", raw("var.location")),
    );
    body
}

/// A resource of the group.
fn of_group(kind: &str, id: &str, name: Value) -> Block {
    Block::resource(kind, id)
        .set("name", name)
        .set("resource_group_name", raw("local.resource_group"))
        .set("location", raw("local.location"))
}

/// One of the group that is there already.
fn there(kind: &str, id: &str, name: Value) -> Block {
    Block::data(kind, id).set("name", name).set("resource_group_name", raw("local.resource_group"))
}

/// A name that nobody else on earth has, of at most so many letters.
fn global(plan: &Plan<'_>, name: &str, max: usize) -> Value {
    let name = if name.is_empty() { base(plan.app) } else { format!("{}-{name}", base(plan.app)) };
    template(format!("{}-${{local.suffix}}", literal(&fit(&name, max - 14))))
}
