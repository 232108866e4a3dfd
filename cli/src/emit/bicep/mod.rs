//! Bicep: Azure Functions on the plan Flex Consumption.

mod apps;
mod data;
mod events;
mod roles;
mod text;

use super::words;
use crate::{
    cloud::Cloud,
    error::{Error, Kind, Result},
    files::File,
    literal::{azure, bicep::literal},
    model::App,
    plan::{
        azure::{Home, Plan, has_subscriptions},
        names::{base, fit, secret_in_vault},
        resource_names,
        units::{Unit, units},
    },
    shell,
};
use text::{Declaration, raw, template};

pub(super) fn render(app: &App, clouds: &[Cloud]) -> Result<Vec<File>> {
    if !clouds.is_empty() && !clouds.contains(&Cloud::Azure) {
        let words = "Bicep is Azure's own language";
        return Err(Error::new("omnifn::emit::target", words)
            .kind(Kind::Usage)
            .help("leave `--target` out, or add `azure`"));
    }
    let plan = Plan::of(app)?;
    let names = resource_names::errors(app, Cloud::Azure).into_iter();
    Error::all(names.chain(azure::all_settings(app)).collect()).map_or(Ok(()), Err)?;
    let mut all = parameters(&plan);
    all.extend(data::declarations(&plan));
    all.extend(apps::declarations(&plan));
    all.extend(roles::declarations(&plan)?);
    all.extend(events::declarations(&plan));
    let mut text = text::comment(&head(&plan));
    for declaration in all {
        text.push('\n');
        text.push_str(&declaration.render());
    }
    Ok(vec![File::new("main.bicep", text)])
}

/// The commands that create what the text describes, and deploy the zip of each app. `zip` writes the path of a unit's.
pub(crate) fn commands(app: &App, zip: impl Fn(&Unit<'_>) -> String) -> Vec<String> {
    let create = "az deployment group create --resource-group <GROUP> --template-file main.bicep";
    let deploy = "az functionapp deployment source config-zip --resource-group <GROUP>";
    let deployed =
        units(app).into_iter().map(|unit| format!("{deploy} --name <{}_name> --src {}", unit.id, zip(&unit)));
    let mut all: Vec<String> = std::iter::once(create.to_owned()).chain(deployed).collect();
    if has_subscriptions(app) {
        all.push(format!("{create} --parameters functionsAreThere=true"));
    }
    all
}

fn head(plan: &Plan<'_>) -> Vec<String> {
    let mut head = words::head(plan.app, "the Azure Functions side");
    head.push(String::new());
    head.push("To take it there:".to_owned());
    head.push(format!("  {}", words::package(plan.app, Cloud::Azure)));
    for secret in plan.secrets() {
        head.push(format!(
            "  az keyvault secret set --vault-name … --name {} --value …     # once",
            secret_in_vault(plan.app, secret)
        ));
    }
    let zip = |unit: &Unit<'_>| shell::word(&format!("{}/azure/{}.zip", plan.app.artifacts, unit.id));
    head.extend(commands(plan.app, zip).into_iter().map(|command| format!("  {command}")));
    head.push("The names of the apps are outputs of the deployment. Each app has a zip of its own, with its own functions alone.".to_owned());
    if has_subscriptions(plan.app) {
        head.push("Event Grid asks each function that it is to call, so its subscriptions come last.".to_owned());
    }
    head
}

fn parameters(plan: &Plan<'_>) -> Vec<Declaration> {
    let region = plan.app.azure.region.as_deref().map_or_else(|| raw("resourceGroup().location"), Into::into);
    let mut all = vec![Declaration::parameter("location", "string", "The region.", Some(region))];
    if has_subscriptions(plan.app) {
        let words = "Whether the functions are deployed: Event Grid asks them before it sends them anything.";
        all.push(Declaration::parameter("functionsAreThere", "bool", words, Some(false.into())));
    }
    if !plan.secrets().is_empty() {
        let words = "The vault with the secrets, in this resource group, with role-based access.";
        all.push(Declaration::parameter("keyVaultName", "string", words, None));
    }
    let parents: [(bool, &str, &str); 4] = [
        (
            plan.is_there([Home::Container, Home::StorageQueue]),
            "storageAccountName",
            "The storage account that is there already.",
        ),
        (
            plan.is_there([Home::Queue, Home::Topic]),
            "serviceBusName",
            "The namespace of Service Bus that is there already.",
        ),
        (plan.is_there([Home::Hub]), "eventHubsName", "The namespace of Event Hubs that is there already."),
        (plan.is_there([Home::Table]), "cosmosName", "The account of Cosmos DB that is there already."),
    ];
    for (is_there, name, words) in parents {
        if is_there {
            all.push(Declaration::parameter(name, "string", words, None));
        }
    }
    // Globally unique names end with a suffix of this resource group.
    all.push(Declaration::variable("suffix", raw("uniqueString(resourceGroup().id)")));
    all
}

/// A name that nobody else on earth has, of at most so many letters: `uniqueString` gives 13.
fn global(plan: &Plan<'_>, name: &str, max: usize) -> text::Value {
    let name = if name.is_empty() { base(plan.app) } else { format!("{}-{name}", base(plan.app)) };
    template(format!("{}-${{suffix}}", literal(&fit(&name, max - 14))))
}
