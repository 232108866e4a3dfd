//! The variables by which a program learns where the resources that it uses are: `OMNIFN_QUEUE_ORDERS` for `queue:orders`.
//!
//! | | AWS | Google Cloud | Azure |
//! |---|---|---|---|
//! | queue | URL | `projects/P/topics/NAME` | name, and `…_ENDPOINT`, the host of the Service Bus namespace; URL of a storage queue |
//! | topic | ARN | `projects/P/topics/NAME` | the same as for a queue; URL of an Event Grid topic |
//! | stream | name | `projects/P/topics/NAME` | name, and `…_ENDPOINT`, the host of the Event Hubs namespace |
//! | bucket | `s3://NAME` | `gs://NAME` | URL of the container |
//! | table | name | name of the collection, and `…_DATABASE` | name of the container, `…_DATABASE`, and `…_ENDPOINT`, the account's URL |

use std::collections::BTreeSet;

use crate::model::{App, Function, Resource, ResourceKind};

use super::{
    arn::{Arn, Name, Place},
    azure::{Home, Plan},
    google,
    names::upper,
    units::Unit,
};

/// Returns the variable of a resource.
pub(crate) fn name(kind: ResourceKind, logical: &str) -> String {
    format!("OMNIFN_{}_{}", upper(kind.name()), upper(logical))
}

/// Returns two resources whose variables would be the same.
pub(crate) fn ambiguous(app: &App) -> Option<(Resource, Resource)> {
    let all = app.all_resources();
    let names =
        |resource: &Resource| ["", "_ENDPOINT", "_DATABASE"].map(|more| name(resource.kind, &resource.logical) + more);
    all.iter().enumerate().find_map(|(at, one)| {
        let own: BTreeSet<_> = names(one).into();
        let other = all[at + 1..].iter().find(|other| names(other).iter().any(|name| own.contains(name)))?;
        Some((one.clone(), other.clone()))
    })
}

/// The resources that the triggers and the grants of a unit name, each with a function that uses it.
fn used<'a>(app: &App, unit: &Unit<'a>) -> Vec<(Resource, &'a Function)> {
    let mut all: Vec<(Resource, &Function)> = Vec::new();
    for function in &unit.functions {
        let granted = function.grants.iter().map(|grant| (grant.kind, grant.name.as_str()));
        for (kind, logical) in function.trigger.resource().into_iter().chain(granted) {
            let resource = app.resource(kind, logical);
            if !all.iter().any(|(known, _)| *known == resource) {
                all.push((resource, function));
            }
        }
    }
    all
}

/// Leaves out what the settings give another value.
fn unset<V>(unit: &Unit<'_>, all: Vec<(String, V)>) -> Vec<(String, V)> {
    let set = unit.environment();
    all.into_iter().filter(|(name, _)| !set.contains_key(name.as_str())).collect()
}

/// Returns the variables on AWS. `suffix` stands for the domain of AWS's services.
pub(crate) fn aws(app: &App, unit: &Unit<'_>, place: &Place<'_>, suffix: &str) -> Vec<(String, String)> {
    let value = |resource: &Resource| {
        let name = Name::of(app, resource).write(place);
        match resource.kind {
            ResourceKind::Queue => format!("https://sqs.{}.{suffix}/{}/{name}", place.region, place.account),
            ResourceKind::Topic => Arn::of(app, resource).write(place),
            ResourceKind::Bucket => format!("s3://{name}"),
            ResourceKind::Stream | ResourceKind::Table => name,
        }
    };
    unset(
        unit,
        used(app, unit)
            .iter()
            .map(|(resource, _)| (self::name(resource.kind, &resource.logical), value(resource)))
            .collect(),
    )
}

/// Returns the variables on Google Cloud, and for Knative. `project` stands for the project; `literal` writes a name so that the text's reader
/// replaces nothing in it.
pub(crate) fn google(
    app: &App,
    unit: &Unit<'_>,
    project: &str,
    literal: impl Fn(&str) -> String,
) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for (resource, function) in used(app, unit) {
        let variable = name(resource.kind, &resource.logical);
        match resource.kind {
            ResourceKind::Queue | ResourceKind::Topic | ResourceKind::Stream => {
                all.push((variable, format!("projects/{project}/topics/{}", literal(&resource.name))));
            }
            ResourceKind::Bucket => {
                all.push((variable, format!("gs://{}", google::bucket(app, &resource, project, &literal))))
            }
            ResourceKind::Table => {
                all.push((format!("{variable}_DATABASE"), literal(&google::database(function))));
                all.push((variable, literal(&resource.name)));
            }
        }
    }
    unset(unit, all)
}

/// The service that a client of Azure connects to for a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holder<'a> {
    /// The URL of the storage account's blobs, with a `/` at its end.
    Blobs,
    /// The URL of the storage account's queues, with a `/` at its end.
    Queues,
    /// The name of the Service Bus namespace.
    Bus,
    /// The name of the Event Hubs namespace.
    Hubs,
    /// The URL of the Cosmos DB account.
    Cosmos,
    /// The URL of an Event Grid topic, by its name within the text.
    Grid(&'a str),
}

/// Returns the variables on Azure. `reach` writes what a resource is reached through, as the text's own expression within a string; `literal`
/// writes a name so that the text's reader replaces nothing in it.
pub(crate) fn azure(
    plan: &Plan<'_>,
    unit: &Unit<'_>,
    reach: impl Fn(Holder<'_>) -> String,
    literal: impl Fn(&str) -> String,
) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for (resource, _) in used(plan.app, unit) {
        let Some(place) = plan.place(resource.kind, &resource.logical) else { continue };
        let variable = name(resource.kind, &resource.logical);
        let endpoint = format!("{variable}_ENDPOINT");
        let host = |holder| format!("{}.servicebus.windows.net", reach(holder));
        let name = literal(&resource.name);
        match place.home {
            Home::Container => all.push((variable, format!("{}{name}", reach(Holder::Blobs)))),
            Home::StorageQueue => all.push((variable, format!("{}{name}", reach(Holder::Queues)))),
            Home::Queue | Home::Topic => all.extend([(variable, name), (endpoint, host(Holder::Bus))]),
            Home::Hub => all.extend([(variable, name), (endpoint, host(Holder::Hubs))]),
            Home::GridTopic => all.push((variable, reach(Holder::Grid(&place.id)))),
            Home::Table => all.extend([
                (format!("{variable}_DATABASE"), literal(&place.database)),
                (variable, name),
                (endpoint, reach(Holder::Cosmos)),
            ]),
        }
    }
    unset(unit, all)
}
