//! How each trigger is carried on Azure, and what has to be there for it, for all texts that speak of it.
//!
//! What a function's folder says of its trigger (`cargo omnifn package`) has the same names.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    cloud::Cloud,
    cron::Cron,
    error::Result,
    model::{App, Function, ObjectChange, Resource, ResourceKind, StorageTrigger, Trigger},
};

use super::{
    limits::{at_most, impossible, of},
    names::{ident, unique, upper},
    units::{Unit, units},
};

/// What carries a function's events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Carrier {
    Http,
    StorageQueue,
    ServiceBus,
    EventHubs,
    /// A blob trigger, which Event Grid tells of new blobs.
    Blob,
    /// Event Grid itself.
    EventGrid,
    Timer,
    Cosmos,
}

/// Where a resource is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Home {
    Container,
    StorageQueue,
    Queue,
    Topic,
    GridTopic,
    Hub,
    Table,
}

/// A resource, by what it is called within a text.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) id: String,
    pub(crate) home: Home,
    pub(crate) resource: Resource,
    /// The database, of a table.
    pub(crate) database: String,
}

/// All that the texts are written from.
#[derive(Debug)]
pub(crate) struct Plan<'a> {
    pub(crate) app: &'a App,
    pub(crate) units: Vec<Unit<'a>>,
    pub(crate) places: Vec<Place>,
}

impl<'a> Plan<'a> {
    /// # Errors
    /// Azure cannot do what a function asks for.
    pub(crate) fn of(app: &'a App) -> Result<Self> {
        for function in &app.functions {
            check(function)?;
        }
        Ok(Plan { app, units: units(app), places: places(app) })
    }

    pub(crate) fn functions(&self) -> impl Iterator<Item = (&Unit<'a>, &'a Function)> {
        self.units.iter().flat_map(|unit| unit.functions.iter().map(move |function| (unit, *function)))
    }

    pub(crate) fn place(&self, kind: ResourceKind, logical: &str) -> Option<&Place> {
        self.places.iter().find(|place| place.resource.kind == kind && place.resource.logical == logical)
    }

    /// The places of some homes.
    pub(crate) fn at<const N: usize>(&self, homes: [Home; N]) -> impl Iterator<Item = &Place> {
        self.places.iter().filter(move |place| homes.contains(&place.home))
    }

    /// Whether what holds these is there already: it is where one of them is.
    pub(crate) fn is_there<const N: usize>(&self, homes: [Home; N]) -> bool {
        self.at(homes).any(|place| !place.resource.create)
    }

    /// The functions that Event Grid sends dead letters of to a container.
    pub(crate) fn grid_dead_letters(&self) -> BTreeSet<&'a str> {
        let grid = self.app.functions.iter().filter(|function| carrier(function) == Carrier::EventGrid);
        grid.filter_map(|function| function.options.dead_letter.as_deref()).collect()
    }

    /// Whether the account for buckets and queues is needed.
    pub(crate) fn has_data(&self) -> bool {
        self.at([Home::Container, Home::StorageQueue]).next().is_some() || !self.grid_dead_letters().is_empty()
    }

    /// Whether functions have blob triggers.
    pub(crate) fn has_blob_triggers(&self) -> bool {
        self.app.functions.iter().any(|function| carrier(function) == Carrier::Blob)
    }

    /// Whether a bucket's changes come by Event Grid.
    pub(crate) fn has_blob_events(&self) -> bool {
        self.app.functions.iter().any(|function| matches!(function.trigger, Trigger::Storage(_)))
    }

    /// Whether functions take CloudEvents from a topic of the app's own.
    pub(crate) fn has_events(&self) -> bool {
        self.app.functions.iter().any(|function| matches!(function.trigger, Trigger::Event(_)))
    }

    /// The databases, each with whether it is made here.
    pub(crate) fn databases(&self) -> BTreeMap<&str, bool> {
        let mut all = BTreeMap::new();
        for place in self.at([Home::Table]) {
            *all.entry(place.database.as_str()).or_insert(true) &= place.resource.create;
        }
        all
    }

    /// The functions that change feeds call, each with its database, in which it keeps its place.
    pub(crate) fn leases(&self) -> impl Iterator<Item = (&'a Function, String)> {
        let fed = self.app.functions.iter().filter(|function| carrier(function) == Carrier::Cosmos);
        fed.map(|function| (function, database(self.app, function)))
    }

    /// What is said where a function's queue is there already: it has its own settings.
    pub(crate) fn own_settings(&self, function: &Function) -> Option<String> {
        let is_there = match (&function.trigger, carrier(function)) {
            (Trigger::Queue(source), Carrier::ServiceBus) => {
                self.place(ResourceKind::Queue, source).is_some_and(|place| !place.resource.create)
            }
            _ => false,
        };
        let asks = function.options.attempts.is_some() || function.options.dead_letter.is_some();
        (is_there && asks).then(|| {
            format!("The queue of `{}` is there already, and has its own attempts and dead letters.", function.name)
        })
    }

    pub(crate) fn secrets(&self) -> BTreeSet<&str> {
        self.units.iter().flat_map(Unit::secrets).collect()
    }
}

/// What carries a function's events.
pub(crate) fn carrier(function: &Function) -> Carrier {
    let asked = function.options.service.as_deref();
    match &function.trigger {
        Trigger::Http(_) | Trigger::Invoke => Carrier::Http,
        Trigger::Queue(_) if asked == Some("storage-queue") => Carrier::StorageQueue,
        Trigger::Topic(_) if asked == Some("event-grid") => Carrier::EventGrid,
        Trigger::Queue(_) | Trigger::Topic(_) => Carrier::ServiceBus,
        Trigger::Stream(_) => Carrier::EventHubs,
        Trigger::Storage(StorageTrigger { on, .. })
            if asked != Some("event-grid") && on.iter().all(|on| *on == ObjectChange::Created) =>
        {
            Carrier::Blob
        }
        Trigger::Storage(_) | Trigger::Event(_) => Carrier::EventGrid,
        Trigger::Schedule(_) => Carrier::Timer,
        Trigger::Changes(_) => Carrier::Cosmos,
    }
}

/// Returns the setting with a trigger's connection, which each function has of its own; `None` if the trigger has no connection.
pub(crate) fn connection(function: &Function) -> Option<String> {
    let service = match carrier(function) {
        Carrier::Http | Carrier::EventGrid | Carrier::Timer => return None,
        Carrier::StorageQueue | Carrier::Blob => "STORAGE",
        Carrier::ServiceBus => "SERVICEBUS",
        Carrier::EventHubs => "EVENTHUBS",
        Carrier::Cosmos => "COSMOSDB",
    };
    let set = function.options.connection.clone();
    Some(set.unwrap_or_else(|| format!("{}_{service}", upper(&function.name))))
}

/// The connection of the host itself.
pub(crate) const HOST: &str = "AzureWebJobsStorage";

/// The queue in which the hosts record the blobs that fail in the end, in the account of the buckets. All hosts use this name.
pub(crate) const BLOB_POISON: &str = "webjobs-blobtrigger-poison";

/// Returns why a trigger cannot have its connection, if that is the host's own, which the host also finds without `AzureWebJobs` in front.
pub(crate) fn connection_of_host(function: &Function) -> Option<String> {
    let connection = connection(function)?;
    let is_of_host = connection.eq_ignore_ascii_case(HOST) || connection.eq_ignore_ascii_case("Storage");
    is_of_host.then(|| {
        format!(
            "its `connection = \"{connection}\"` is that of the Functions host, which keeps the app's keys and package there: a function that may \
             write to that account could replace them"
        )
    })
}

/// The help for a connection that is the one of the Functions host.
pub(crate) const CONNECTION_OF_HOST_HELP: &str = "leave `connection` out, or give it another name";

/// Returns whether the functions have to be deployed before their Event Grid subscriptions can be created.
pub(crate) fn has_subscriptions(app: &App) -> bool {
    app.functions.iter().any(|function| matches!(carrier(function), Carrier::Blob | Carrier::EventGrid))
}

/// Returns the folder of a unit's HTTP functions, which are one function to the host. No function of the unit has this name: an envelope names
/// the folder, and the adapter would mistake it for the function.
pub(crate) fn folder(unit: &Unit<'_>) -> String {
    let names = unit.functions.iter().map(|function| function.name.to_ascii_lowercase()).collect::<Vec<_>>();
    unique("app".to_owned(), &names.iter().map(String::as_str).collect::<Vec<_>>())
}

pub(crate) fn database(app: &App, function: &Function) -> String {
    function.options.database.clone().unwrap_or_else(|| app.name.clone())
}

pub(crate) fn consumer_group(function: &Function) -> Option<&str> {
    function.options.consumer_group.as_deref().filter(|group| *group != "$Default")
}

pub(crate) fn subscription(function: &Function) -> &str {
    function.options.subscription.as_deref().unwrap_or(&function.name)
}

/// The size of instances in which so much fits, in MB.
pub(crate) fn memory(declared: Option<u32>) -> u32 {
    match declared {
        Some(0..=512) => 512,
        None | Some(513..=2048) => 2048,
        Some(_) => 4096,
    }
}

/// The types of Event Grid's events for the changes of blobs.
pub(crate) fn blob_events(on: &[ObjectChange]) -> Vec<&'static str> {
    let kind = |change: &ObjectChange| match change {
        ObjectChange::Created => Some("Microsoft.Storage.BlobCreated"),
        ObjectChange::Deleted => Some("Microsoft.Storage.BlobDeleted"),
        ObjectChange::Archived => Some("Microsoft.Storage.BlobTierChanged"),
        ObjectChange::Updated => None,
    };
    on.iter().filter_map(kind).collect()
}

/// The subject of a blob's event begins so.
pub(crate) fn blob_subject(container: &str, prefix: Option<&str>) -> String {
    format!("/blobServices/default/containers/{container}/blobs/{}", prefix.unwrap_or_default())
}

fn places(app: &App) -> Vec<Place> {
    let asks = |kind: ResourceKind, logical: &str, carried: Carrier| {
        app.functions.iter().any(|it| it.trigger.resource() == Some((kind, logical)) && carrier(it) == carried)
    };
    let grid_dead = |logical: &str| {
        let mut all = app.functions.iter().filter(|function| function.options.dead_letter.as_deref() == Some(logical));
        all.clone().next().is_some() && all.all(|function| !moves_dead_letters(function))
    };
    let mut places = Vec::new();
    for resource in app.all_resources() {
        let logical = resource.logical.as_str();
        let is_named = |kind: ResourceKind| {
            app.functions.iter().any(|it| {
                it.trigger.resource() == Some((kind, logical))
                    || it.grants.iter().any(|grant| grant.kind == kind && grant.name == logical)
            })
        };
        let home = match resource.kind {
            ResourceKind::Bucket => Home::Container,
            ResourceKind::Table => Home::Table,
            ResourceKind::Stream => Home::Hub,
            ResourceKind::Queue if asks(ResourceKind::Queue, logical, Carrier::StorageQueue) => Home::StorageQueue,
            // Only for dead letters that Service Bus does not move.
            ResourceKind::Queue if grid_dead(logical) && !is_named(ResourceKind::Queue) => continue,
            ResourceKind::Queue => Home::Queue,
            ResourceKind::Topic if asks(ResourceKind::Topic, logical, Carrier::EventGrid) => Home::GridTopic,
            ResourceKind::Topic => Home::Topic,
        };
        let user = app.functions.iter().find(|it| app.resources_of(it).contains(&resource));
        let database = user.map_or_else(|| app.name.clone(), |function| database(app, function));
        places.push(Place { id: ident(&format!("{}-{logical}", resource.kind.name())), home, resource, database });
    }
    places
}

/// The container in which a change feed keeps the place of a function. Each has its own: whoever may write the leases of another could make
/// it miss changes.
pub(crate) fn leases(function: &str) -> String {
    format!("leases-{function}")
}

/// Whether Service Bus moves a function's dead letters to the queue that it names.
pub(crate) fn moves_dead_letters(function: &Function) -> bool {
    carrier(function) == Carrier::ServiceBus
}

fn check(function: &Function) -> Result<()> {
    let cloud = Cloud::Azure;
    at_most(function, cloud, "memory", function.deploy.memory, 4096, " MiB")?;
    at_most(function, cloud, "instances", function.deploy.instances, 1000, "")?;
    at_most(function, cloud, "concurrency", function.options.concurrency, 1000, "")?;
    if let Some(why) = connection_of_host(function) {
        return Err(impossible(function, cloud, why, CONNECTION_OF_HOST_HELP));
    }
    match &function.trigger {
        Trigger::Schedule(source) => {
            Cron::parse(source).and_then(|cron| cron.azure()).map_err(|error| of(function, cloud, error))?;
            let zone = function.options.time_zone.as_deref().filter(|zone| !matches!(*zone, "UTC" | "Etc/UTC"));
            if let Some(zone) = zone {
                let why = format!(
                    "its schedule is in the time zone {zone}, and timers of the plan Flex Consumption run by UTC \
                     (https://learn.microsoft.com/azure/azure-functions/functions-app-settings#website_time_zone)"
                );
                return Err(impossible(function, cloud, why, in_utc(function)));
            }
        }
        Trigger::Storage(StorageTrigger { on, .. }) if blob_events(on).is_empty() => {
            let why = "it takes changes of objects' metadata (`updated`), which Blob Storage does not report";
            return Err(impossible(function, cloud, why, "leave it out there, or take `created`, too"));
        }
        _ => {}
    }
    Ok(())
}

/// The advice about a time zone: set a schedule in UTC for Azure only.
pub(crate) fn in_utc(function: &Function) -> String {
    format!(
        "set the schedule in UTC for Azure alone: [package.metadata.omnifn.azure.functions.{}] schedule = \"…\", time_zone = \"UTC\"; \
         to follow the changes of summer time, schedule each hour that it could be, and return at once in the others",
        function.name
    )
}

/// What the options of a function say that Azure does not carry, for comments.
pub(crate) fn not_carried(function: &Function) -> Vec<String> {
    let options = &function.options;
    let mut said = Vec::new();
    let carrier = carrier(function);
    if let Some(dead) = &options.dead_letter {
        match carrier {
            Carrier::ServiceBus | Carrier::Http => {}
            Carrier::EventGrid => {
                said.push(format!("Dead letters of Event Grid go to a container: dead_letter = \"{dead}\" is one of that name."));
            }
            Carrier::StorageQueue => said.push(format!(
                "Not carried: dead_letter = \"{dead}\"; the host moves what fails to a queue of the same name with `-poison` behind it."
            )),
            Carrier::Blob => said.push(format!(
                "Not carried: dead_letter = \"{dead}\"; the host notes what fails in the queue webjobs-blobtrigger-poison. With \
                 service = \"event-grid\", Event Grid keeps dead letters."
            )),
            Carrier::EventHubs | Carrier::Timer | Carrier::Cosmos => said.push(format!(
                "Not carried: dead_letter = \"{dead}\"; after its attempts, which function.json has, the host goes on."
            )),
        }
    }
    if let (Carrier::Blob, Some(attempts)) = (carrier, options.attempts) {
        said.push(format!("Not carried: attempts = {attempts}; the host tries a blob 5 times."));
    }
    if let (Carrier::EventGrid, Some(attempts)) = (carrier, options.attempts.filter(|attempts| *attempts > 30)) {
        said.push(format!("Event Grid tries at most 30 times, so attempts = {attempts} becomes 30."));
    }
    if let Trigger::Storage(StorageTrigger { on, .. }) = &function.trigger
        && on.contains(&ObjectChange::Updated)
    {
        said.push("Not carried: on(updated); Blob Storage does not report changed metadata.".to_owned());
    }
    said
}
