//! The roles of Google Cloud and Azure in one form: who gets which, on what, and why.

use serde::Serialize;

use super::{Reason, azure, gcp};
use crate::{
    cloud::Cloud,
    error::Result,
    model::{App, ResourceKind},
    plan::{
        azure::{BLOB_POISON, Plan},
        google::topics,
        names::{self, pusher_account},
        units::units,
    },
};

/// A role that someone gets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Given {
    /// The cloud.
    pub cloud: &'static str,
    /// Who gets it.
    pub who: String,
    /// The role.
    pub role: String,
    /// On what.
    pub on: String,
    /// Why, at least one reason.
    pub why: Vec<Reason>,
}

/// The roles of a program on a cloud where these are no policies of IAM: none on AWS.
///
/// # Errors
/// The cloud cannot do what a function asks for.
pub fn given(app: &App, cloud: Cloud) -> Result<Vec<Given>> {
    match cloud {
        Cloud::Aws => Ok(Vec::new()),
        Cloud::Gcp => google(app),
        Cloud::Azure => azure(app),
    }
}

fn google(app: &App) -> Result<Vec<Given>> {
    let (units, topics) = (units(app), topics(app)?);
    let service =
        |id: &str| units.iter().find(|unit| unit.id == id).map_or_else(|| id.to_owned(), |unit| unit.name.clone());
    let mut buckets = app.all_resources();
    buckets.retain(|resource| resource.kind == ResourceKind::Bucket);
    let who = |who: &gcp::Who| match who {
        gcp::Who::Service(id) => format!("the service {}", service(id)),
        gcp::Who::Pusher(function) => format!("the account {}, which posts events", pusher_account(app, function)),
        gcp::Who::PubSub => "Pub/Sub".to_owned(),
        gcp::Who::Storage => "Cloud Storage".to_owned(),
        gcp::Who::Everyone => "everyone".to_owned(),
        gcp::Who::Callers => "those who may call".to_owned(),
    };
    let on = |on: &gcp::On| match on {
        gcp::On::Project => "the project".to_owned(),
        gcp::On::Database(database) => format!("the database {database}"),
        gcp::On::Service(id) => format!("the service {}", service(id)),
        gcp::On::Topic(id) => format!("the topic {}", topics.get(id).map_or(id, |topic| &topic.name)),
        gcp::On::Subscription(function) => format!("the subscription of {function}"),
        gcp::On::Bucket(id) => {
            let found = buckets.iter().find(|bucket| gcp::bucket_id(&bucket.logical) == *id);
            format!("the bucket {}", found.map_or(id, |bucket| &bucket.name))
        }
        gcp::On::Secret(secret) => format!("the secret {}", names::secret(app, secret)),
    };
    let all = gcp::bindings(app)?.into_iter();
    Ok(all
        .map(|it| Given { cloud: "gcp", who: who(&it.who), role: it.role.to_owned(), on: on(&it.on), why: it.why })
        .collect())
}

fn azure(app: &App) -> Result<Vec<Given>> {
    let plan = Plan::of(app)?;
    let who = |who: &azure::Who| match who {
        azure::Who::App(id) => format!("the app {}", unit_name(&plan, id)),
        azure::Who::BlobEvents => "Event Grid, for what changes in the buckets".to_owned(),
        azure::Who::Events => "Event Grid, for the app's own events".to_owned(),
        azure::Who::Topic(id) => format!("Event Grid, for {id}"),
    };
    let all = azure::assignments(app)?.into_iter();
    Ok(all
        .map(|it| Given {
            cloud: "azure",
            who: who(&it.who),
            role: it.role.title().to_owned(),
            on: azure_place(&plan, &it.on),
            why: it.why,
        })
        .collect())
}

fn unit_name(plan: &Plan<'_>, id: &str) -> String {
    plan.units.iter().find(|unit| unit.id == id).map_or_else(|| id.to_owned(), |unit| unit.name.clone())
}

/// Returns what a role on Azure is on, in words.
pub(crate) fn azure_place(plan: &Plan<'_>, on: &azure::On) -> String {
    let place = |id: &str| {
        let found = plan.places.iter().find(|place| place.id == id);
        found.map_or_else(
            || id.to_owned(),
            |place| format!("the {} {}", place.resource.kind.name(), place.resource.name),
        )
    };
    match on {
        azure::On::Host(id) => format!("the storage account of {}'s host", unit_name(plan, id)),
        azure::On::DeadLetters(dead) => format!("the container {dead} for dead letters"),
        azure::On::Resource(id) => place(id),
        azure::On::Poison(id) => format!("what fails of {}", place(id)),
        azure::On::BlobPoison => format!("the queue {BLOB_POISON}"),
        azure::On::Subscription(topic, function) => format!("the subscription of {function} to {}", place(topic)),
        azure::On::Leases(database, function) => format!("the leases of {function} in the database {database}"),
        azure::On::Secret(secret) => format!("the secret {}", names::secret_in_vault(plan.app, secret)),
    }
}
