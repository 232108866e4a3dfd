//! Azure: which role each function app gets on what, and why.
//!
//! The identity is the app's own (system-assigned): it is there as long as the app, and nobody else can take it on. An app holds the
//! functions that share a service, so that it needs no more than they do.

use crate::{
    error::Result,
    model::{App, Function},
    plan::{
        azure::{Carrier, Home, Place, Plan, carrier, database},
        units::{Unit, secrets},
    },
};

use super::{Reason, ReasonKind};

/// A built-in role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Storage Blob Data Owner.
    BlobOwner,
    /// Storage Blob Data Contributor.
    BlobContributor,
    /// Storage Blob Data Reader.
    BlobReader,
    /// Storage Queue Data Contributor.
    QueueContributor,
    /// Storage Queue Data Message Processor.
    QueueProcessor,
    /// Storage Queue Data Reader.
    QueueReader,
    /// Storage Queue Data Message Sender.
    QueueSender,
    /// Azure Service Bus Data Receiver.
    BusReceiver,
    /// Azure Service Bus Data Sender.
    BusSender,
    /// Azure Event Hubs Data Receiver.
    HubReceiver,
    /// Azure Event Hubs Data Sender.
    HubSender,
    /// EventGrid Data Sender.
    GridSender,
    /// Key Vault Secrets User.
    SecretsUser,
    /// Cosmos DB Built-in Data Reader, a role of Cosmos DB's own.
    CosmosReader,
    /// Cosmos DB Built-in Data Contributor, a role of Cosmos DB's own.
    CosmosContributor,
}

impl Role {
    /// What Azure calls it.
    pub const fn title(self) -> &'static str {
        self.both().0
    }

    /// Its id.
    pub const fn id(self) -> &'static str {
        self.both().1
    }

    /// Whether it is a role of Cosmos DB, which are not among Azure's.
    pub const fn is_cosmos(self) -> bool {
        matches!(self, Role::CosmosReader | Role::CosmosContributor)
    }

    const fn both(self) -> (&'static str, &'static str) {
        match self {
            Role::BlobOwner => ("Storage Blob Data Owner", "b7e6dc6d-f1e8-4753-8033-0f276bb0955b"),
            Role::BlobContributor => ("Storage Blob Data Contributor", "ba92f5b4-2d11-453d-a403-e96b0029c9fe"),
            Role::BlobReader => ("Storage Blob Data Reader", "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"),
            Role::QueueContributor => ("Storage Queue Data Contributor", "974c5e8b-45b9-4653-ba55-5f855dd0fb88"),
            Role::QueueProcessor => ("Storage Queue Data Message Processor", "8a0f0c08-91a1-4084-bc3d-661d67233fed"),
            Role::QueueReader => ("Storage Queue Data Reader", "19e7f393-937e-4f77-808e-94535e297925"),
            Role::QueueSender => ("Storage Queue Data Message Sender", "c6a89b2d-59bc-44d0-9896-0f6e12d7b80a"),
            Role::BusReceiver => ("Azure Service Bus Data Receiver", "4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0"),
            Role::BusSender => ("Azure Service Bus Data Sender", "69a216fc-b8fb-44d8-bc22-1f3c2cd27a39"),
            Role::HubReceiver => ("Azure Event Hubs Data Receiver", "a638d3c7-ab3a-418d-83e6-5f17a39d4fde"),
            Role::HubSender => ("Azure Event Hubs Data Sender", "2b629674-e913-4c01-ae53-ef4638d8f975"),
            Role::GridSender => ("EventGrid Data Sender", "d5a91429-5739-47e2-a06b-3470a27159e7"),
            Role::SecretsUser => ("Key Vault Secrets User", "4633458b-17de-408a-b874-0445c86b69e6"),
            Role::CosmosReader => ("Cosmos DB Built-in Data Reader", "00000000-0000-0000-0000-000000000001"),
            Role::CosmosContributor => ("Cosmos DB Built-in Data Contributor", "00000000-0000-0000-0000-000000000002"),
        }
    }
}

/// Who gets a role.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    /// A function app, by its name within the text.
    App(String),
    /// The topic of Event Grid that a storage account's events go through.
    BlobEvents,
    /// The topic for the app's own events.
    Events,
    /// A topic of Event Grid, by its name within the text.
    Topic(String),
}

/// On what.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum On {
    /// The account in which a function app's host keeps its things.
    Host(String),
    /// A container for the dead letters of Event Grid.
    DeadLetters(String),
    /// A resource that functions name, by its name within the text.
    Resource(String),
    /// The queue of storage for what fails, beside the one of this name.
    Poison(String),
    /// The storage queue in which the hosts record the blobs that fail.
    BlobPoison,
    /// The subscription of a function to a topic of Service Bus: the topic, and the function.
    Subscription(String, String),
    /// The container of leases of a function: its database, and the function.
    Leases(String, String),
    /// A secret of the vault.
    Secret(String),
}

/// A role that someone gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// Who gets it.
    pub who: Who,
    /// The role.
    pub role: Role,
    /// On what.
    pub on: On,
    /// Why, at least one reason.
    pub why: Vec<Reason>,
}

/// All roles of a program on Azure, each once.
///
/// # Errors
/// Azure cannot do what a function asks for.
pub fn assignments(app: &App) -> Result<Vec<Assignment>> {
    let plan = Plan::of(app)?;
    let mut all = Vec::new();
    for unit in &plan.units {
        host(unit, &mut all);
        for function in &unit.functions {
            trigger(&plan, unit, function, &mut all);
            grants(&plan, unit, function, &mut all);
        }
    }
    Ok(all)
}

fn add(all: &mut Vec<Assignment>, who: Who, role: Role, on: On, why: Reason) {
    match all.iter_mut().find(|there| there.who == who && there.role == role && there.on == on) {
        Some(there) if there.why.contains(&why) => {}
        Some(there) => there.why.push(why),
        None => all.push(Assignment { who, role, on, why: vec![why] }),
    }
}

/// Keys, locks, the places in streams, and the package.
fn host(unit: &Unit<'_>, all: &mut Vec<Assignment>) {
    let on = On::Host(unit.id.clone());
    for function in &unit.functions {
        let why = Reason::new(
            ReasonKind::Platform,
            format!("the host of `{}` keeps keys, locks and the package there", function.name),
            function,
        );
        add(all, Who::App(unit.id.clone()), Role::BlobOwner, on.clone(), why);
    }
}

fn trigger(plan: &Plan<'_>, unit: &Unit<'_>, function: &Function, all: &mut Vec<Assignment>) {
    let class = function.trigger.class().key();
    let words = format!("{class} = \"{}\"", function.trigger.source().unwrap_or_default());
    let why = || Reason::new(ReasonKind::Trigger, words.clone(), function);
    let who = || Who::App(unit.id.clone());
    let place = function.trigger.resource().and_then(|(kind, logical)| plan.place(kind, logical));
    let mut add = |role, on| self::add(all, who(), role, on, why());
    match (carrier(function), place) {
        (Carrier::StorageQueue, Some(place)) => {
            add(Role::QueueProcessor, On::Resource(place.id.clone()));
            add(Role::QueueReader, On::Resource(place.id.clone()));
            add(Role::QueueSender, On::Poison(place.id.clone()));
        }
        (Carrier::ServiceBus, Some(place)) if place.home == Home::Topic => {
            add(Role::BusReceiver, On::Subscription(place.id.clone(), function.name.clone()));
        }
        (Carrier::ServiceBus, Some(place)) => add(Role::BusReceiver, On::Resource(place.id.clone())),
        (Carrier::EventHubs, Some(place)) => add(Role::HubReceiver, On::Resource(place.id.clone())),
        (Carrier::Blob, Some(place)) => {
            // The host reads the blob for the function, and passes its event through a queue of its own.
            add(Role::BlobOwner, On::Resource(place.id.clone()));
            add(Role::QueueContributor, On::Host(unit.id.clone()));
            add(Role::QueueSender, On::BlobPoison);
        }
        (Carrier::Cosmos, Some(place)) => {
            add(Role::CosmosReader, On::Resource(place.id.clone()));
            add(Role::CosmosContributor, On::Leases(database(plan.app, function), function.name.clone()));
        }
        _ => {}
    }
    if let (Carrier::EventGrid, Some(dead)) = (carrier(function), &function.options.dead_letter) {
        let sender = match place.map(|place| (place.home, &place.id)) {
            Some((Home::GridTopic, id)) => Who::Topic(id.clone()),
            Some(_) => Who::BlobEvents,
            None => Who::Events,
        };
        let why = Reason::new(ReasonKind::DeadLetter, format!("dead_letter = \"{dead}\""), function);
        self::add(all, sender, Role::BlobContributor, On::DeadLetters(dead.clone()), why);
    }
}

fn grants(plan: &Plan<'_>, unit: &Unit<'_>, function: &Function, all: &mut Vec<Assignment>) {
    for grant in &function.grants {
        let Some(place) = plan.place(grant.kind, &grant.name) else { continue };
        let why = Reason::new(ReasonKind::Grant, grant.to_string(), function);
        add(all, Who::App(unit.id.clone()), granted(unit, place), On::Resource(place.id.clone()), why);
    }
    for secret in secrets(function) {
        let why = Reason::new(ReasonKind::Secret, format!("secret = \"{secret}\""), function);
        add(all, Who::App(unit.id.clone()), Role::SecretsUser, On::Secret(secret.to_owned()), why);
    }
}

/// Returns the role of a unit for its grants on a resource. A role that writes also reads, so one role is enough.
fn granted(unit: &Unit<'_>, place: &Place) -> Role {
    let resource = (place.resource.kind, place.resource.logical.as_str());
    let mut grants = unit.functions.iter().flat_map(|function| &function.grants);
    let writes = grants.any(|grant| grant.verb.changes() && (grant.kind, grant.name.as_str()) == resource);
    let is_trigger =
        |function: &&Function| carrier(function) == Carrier::Blob && function.trigger.resource() == Some(resource);
    match (place.home, writes) {
        (Home::Container, _) if unit.functions.iter().any(is_trigger) => Role::BlobOwner,
        (Home::Container, true) => Role::BlobContributor,
        (Home::Container, false) => Role::BlobReader,
        (Home::Table, true) => Role::CosmosContributor,
        (Home::Table, false) => Role::CosmosReader,
        (Home::StorageQueue, _) => Role::QueueSender,
        (Home::Queue | Home::Topic, _) => Role::BusSender,
        (Home::GridTopic, _) => Role::GridSender,
        (Home::Hub, _) => Role::HubSender,
    }
}

/// Why a role is the smallest that does, where that is not plain.
pub(crate) fn why_not_less(role: Role, on: &On) -> Option<&'static str> {
    more_than_needed(role, on).map(|(why, _)| why).or(match (role, on) {
        (Role::QueueSender, On::Poison(_) | On::BlobPoison) => {
            Some("The host sends failed messages there. The queue is created here, because an app may not create one.")
        }
        (Role::QueueReader, _) => Some("The number of waiting messages determines the number of instances."),
        (Role::CosmosContributor, On::Leases(..)) => Some("A change feed keeps its place there."),
        _ => None,
    })
}

/// Returns why a role that allows more than is needed cannot be narrowed, and the documentation that requires it.
pub(crate) fn more_than_needed(role: Role, on: &On) -> Option<(&'static str, &'static str)> {
    match (role, on) {
        (Role::BlobOwner, On::Host(_)) => Some((
            "The Functions host requires this role on the account with its keys, its locks, and the app's package. No \
             other app uses that account.",
            "https://learn.microsoft.com/azure/azure-functions/functions-reference#connecting-to-host-storage-with-an-identity",
        )),
        (Role::QueueContributor, On::Host(_)) => Some((
            "The host creates the queue of blob events itself, so the role is on the account.",
            "https://learn.microsoft.com/azure/azure-functions/functions-reference#connecting-to-host-storage-with-an-identity",
        )),
        (Role::BlobOwner, On::Resource(_)) => Some((
            "A blob trigger requires this role on the container. With `service = \"event-grid\"`, the app needs no role to receive events.",
            "https://learn.microsoft.com/azure/azure-functions/functions-bindings-storage-blob-trigger#grant-permission-to-the-identity",
        )),
        (Role::BlobContributor, On::Resource(_)) => Some((
            "Azure has no role that writes blobs and does not read them.",
            "https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/storage",
        )),
        (Role::CosmosContributor, On::Resource(_)) => Some((
            "A role of Cosmos DB's own, none of which writes records and does not read them; Azure's roles give no access to data.",
            "https://learn.microsoft.com/azure/cosmos-db/nosql/reference-data-plane-security",
        )),
        _ => None,
    }
}
