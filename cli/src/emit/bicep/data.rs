//! What the functions name: containers, queues, topics, hubs, tables, each in what holds it.

use super::{
    global,
    text::{Declaration, Value, object, raw, template},
};
use crate::{
    emit::words,
    model::{Function, ResourceKind, Trigger},
    plan::{
        azure::{BLOB_POISON, Carrier, Home, Place, Plan, carrier, consumer_group, leases, not_carried, subscription},
        names::{ident, short},
    },
};

pub(super) fn declarations(plan: &Plan<'_>) -> Vec<Declaration> {
    let mut all = Vec::new();
    if plan.has_data() {
        storage(plan, &mut all);
    }
    if plan.at([Home::Queue, Home::Topic]).next().is_some() {
        bus(plan, &mut all);
    }
    if plan.at([Home::Hub]).next().is_some() {
        hubs(plan, &mut all);
    }
    if plan.at([Home::Table]).next().is_some() {
        cosmos(plan, &mut all);
    }
    all
}

/// A storage account without access by key.
pub(super) fn account(name: Value) -> Value {
    object([
        ("name", name),
        ("location", raw("location")),
        ("kind", "StorageV2".into()),
        ("sku", object([("name", "Standard_LRS".into())])),
        (
            "properties",
            object([
                ("allowBlobPublicAccess", false.into()),
                ("allowSharedKeyAccess", false.into()),
                ("minimumTlsVersion", "TLS1_2".into()),
                ("supportsHttpsTrafficOnly", true.into()),
            ]),
        ),
    ])
}

/// 3 to 24 letters and digits.
pub(super) fn account_name(text: &str) -> Value {
    template(format!("st{}${{suffix}}", short(text)))
}

pub(super) const ACCOUNT: &str = "Microsoft.Storage/storageAccounts@2023-05-01";
pub(super) const BLOBS: &str = "Microsoft.Storage/storageAccounts/blobServices@2023-05-01";
pub(super) const CONTAINER: &str = "Microsoft.Storage/storageAccounts/blobServices/containers@2023-05-01";

pub(super) fn named(name: impl Into<Value>) -> Value {
    object([("name", name.into())])
}

pub(super) fn child(parent: &str, name: impl Into<Value>) -> Value {
    object([("parent", raw(parent)), ("name", name.into())])
}

fn storage(plan: &Plan<'_>, all: &mut Vec<Declaration>) {
    let is_made = !plan.is_there([Home::Container, Home::StorageQueue]);
    let made = account(account_name(&format!("{}-data", plan.app.name)));
    all.push(
        Declaration::made(is_made, "data", ACCOUNT, made, named(raw("storageAccountName")))
            .about("The buckets and the queues of storage."),
    );
    let dead = plan.grid_dead_letters();
    if plan.at([Home::Container]).next().is_some() || !dead.is_empty() {
        all.push(Declaration::made(is_made, "data_blobs", BLOBS, child("data", "default"), child("data", "default")));
    }
    for place in plan.at([Home::Container]) {
        all.push(leaf(place, CONTAINER, "data_blobs", child("data_blobs", place.resource.name.as_str())));
    }
    for dead in dead {
        let name = plan.app.resource(ResourceKind::Queue, dead).name;
        all.push(
            Declaration::resource(&ident(&format!("dead-{dead}")), CONTAINER, child("data_blobs", name))
                .about(format!("Where Event Grid leaves the dead letters of `{dead}`.")),
        );
    }
    let queues: Vec<_> = plan.at([Home::StorageQueue]).collect();
    if !queues.is_empty() || plan.has_blob_triggers() {
        let kind = "Microsoft.Storage/storageAccounts/queueServices@2023-05-01";
        all.push(Declaration::made(is_made, "data_queues", kind, child("data", "default"), child("data", "default")));
    }
    let kind = "Microsoft.Storage/storageAccounts/queueServices/queues@2023-05-01";
    for place in queues {
        all.push(leaf(place, kind, "data_queues", child("data_queues", place.resource.name.as_str())));
        let poison = format!("{}-poison", place.resource.name);
        all.push(
            Declaration::resource(&format!("{}_poison", place.id), kind, child("data_queues", poison))
                .about("Where the host moves what fails in the end."),
        );
    }
    if plan.has_blob_triggers() {
        all.push(Declaration::resource("blob_poison", kind, child("data_queues", BLOB_POISON)).about(
            "Where the hosts note the blobs that fail in the end. An app may send to it, and reads nothing of another.",
        ));
    }
}

/// One of the resources that functions name.
fn leaf(place: &Place, kind: &str, parent: &str, made: Value) -> Declaration {
    let words = format!("The {} `{}`.", place.resource.kind.name(), place.resource.logical);
    let name = child(parent, place.resource.name.as_str());
    Declaration::made(place.resource.create, &place.id, kind, made, name).about(words)
}

/// The function that a queue starts.
fn taker<'a>(plan: &Plan<'a>, place: &Place) -> Option<&'a Function> {
    let is_taken =
        |it: &&Function| it.trigger.resource() == Some((place.resource.kind, place.resource.logical.as_str()));
    plan.app.functions.iter().find(is_taken)
}

/// How often a message is tried, and where it goes then.
fn failing(plan: &Plan<'_>, function: &Function) -> Vec<(&'static str, Value)> {
    let mut set = Vec::new();
    if let Some(attempts) = function.options.attempts {
        set.push(("maxDeliveryCount", attempts.into()));
    }
    if let Some(dead) = &function.options.dead_letter
        && let Some(place) = plan.place(ResourceKind::Queue, dead)
    {
        // By the symbol's own name, so that the queue is there before.
        set.push(("forwardDeadLetteredMessagesTo", raw(format!("{}.name", place.id))));
    }
    set
}

fn properties(entries: Vec<(&'static str, Value)>) -> Value {
    Value::Object(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

fn bus(plan: &Plan<'_>, all: &mut Vec<Declaration>) {
    let kind = "Microsoft.ServiceBus/namespaces@2024-01-01";
    let made = object([
        ("name", global(plan, "bus", 50)),
        ("location", raw("location")),
        ("sku", object([("name", "Standard".into())])),
        ("properties", object([("disableLocalAuth", true.into()), ("minimumTlsVersion", "1.2".into())])),
    ]);
    let is_made = !plan.is_there([Home::Queue, Home::Topic]);
    all.push(
        Declaration::made(is_made, "bus", kind, made, named(raw("serviceBusName")))
            .about("Queues and topics. Nobody can reach them by a key."),
    );
    for place in plan.at([Home::Queue]) {
        let set = taker(plan, place).map_or_else(Vec::new, |function| failing(plan, function));
        let mut made = child("bus", place.resource.name.as_str());
        if !set.is_empty() {
            made = made.with("properties", properties(set));
        }
        let mut queue = leaf(place, "Microsoft.ServiceBus/namespaces/queues@2024-01-01", "bus", made);
        if let Some(function) = taker(plan, place) {
            queue = queue.about(format!("Its messages start {}.", words::of(function)));
        }
        all.push(queue);
    }
    for place in plan.at([Home::Topic]) {
        let made = child("bus", place.resource.name.as_str());
        all.push(leaf(place, "Microsoft.ServiceBus/namespaces/topics@2024-01-01", "bus", made));
    }
    for function in plan.app.functions.iter().filter(|it| carrier(it) == Carrier::ServiceBus) {
        let Trigger::Topic(source) = &function.trigger else { continue };
        let Some(place) = plan.place(ResourceKind::Topic, source) else { continue };
        let set = failing(plan, function);
        let mut made = child(&place.id, subscription(function));
        if !set.is_empty() {
            made = made.with("properties", properties(set));
        }
        all.push(
            Declaration::resource(
                &format!("subscription_{}", ident(&function.name)),
                "Microsoft.ServiceBus/namespaces/topics/subscriptions@2024-01-01",
                made,
            )
            .about(format!("Its messages start {}.", words::of(function))),
        );
    }
}

fn hubs(plan: &Plan<'_>, all: &mut Vec<Declaration>) {
    let made = object([
        ("name", global(plan, "hubs", 50)),
        ("location", raw("location")),
        ("sku", object([("name", "Standard".into()), ("tier", "Standard".into()), ("capacity", 1.into())])),
        ("properties", object([("disableLocalAuth", true.into()), ("minimumTlsVersion", "1.2".into())])),
    ]);
    let is_made = !plan.is_there([Home::Hub]);
    all.push(
        Declaration::made(
            is_made,
            "hubs",
            "Microsoft.EventHub/namespaces@2024-01-01",
            made,
            named(raw("eventHubsName")),
        )
        .about("The streams. Nobody can reach them by a key."),
    );
    for place in plan.at([Home::Hub]) {
        let retention = object([("cleanupPolicy", "Delete".into()), ("retentionTimeInHours", 24.into())]);
        let made = child("hubs", place.resource.name.as_str())
            .with("properties", object([("partitionCount", 4.into()), ("retentionDescription", retention)]));
        all.push(leaf(place, "Microsoft.EventHub/namespaces/eventhubs@2024-01-01", "hubs", made));
    }
    for function in &plan.app.functions {
        let (Some(group), Trigger::Stream(source)) = (consumer_group(function), &function.trigger) else { continue };
        let Some(place) = plan.place(ResourceKind::Stream, source) else { continue };
        all.push(
            Declaration::resource(
                &format!("group_{}", ident(&function.name)),
                "Microsoft.EventHub/namespaces/eventhubs/consumergroups@2024-01-01",
                child(&place.id, group),
            )
            .about(format!("Read by {}.", words::of(function))),
        );
    }
}

fn cosmos(plan: &Plan<'_>, all: &mut Vec<Declaration>) {
    let location = object([("locationName", raw("location")), ("failoverPriority", 0.into())]);
    let made = object([
        ("name", global(plan, "", 44)),
        ("location", raw("location")),
        ("kind", "GlobalDocumentDB".into()),
        (
            "properties",
            object([
                ("databaseAccountOfferType", "Standard".into()),
                ("disableLocalAuth", true.into()),
                ("disableKeyBasedMetadataWriteAccess", true.into()),
                ("minimalTlsVersion", "Tls12".into()),
                ("capabilities", Value::List(vec![named("EnableServerless")])),
                ("consistencyPolicy", object([("defaultConsistencyLevel", "Session".into())])),
                ("locations", Value::List(vec![location])),
            ]),
        ),
    ]);
    let is_made = !plan.is_there([Home::Table]);
    all.push(
        Declaration::made(
            is_made,
            "cosmos",
            "Microsoft.DocumentDB/databaseAccounts@2024-11-15",
            made,
            named(raw("cosmosName")),
        )
        .about("The tables, each a container. Nobody can reach them by a key."),
    );
    for (database, is_made) in plan.databases() {
        let made =
            child("cosmos", database).with("properties", object([("resource", object([("id", database.into())]))]));
        let kind = "Microsoft.DocumentDB/databaseAccounts/sqlDatabases@2024-11-15";
        all.push(Declaration::made(is_made, &database_id(database), kind, made, child("cosmos", database)));
    }
    for place in plan.at([Home::Table]) {
        let made = container(&database_id(&place.database), &place.resource.name);
        all.push(leaf(place, TABLE, &database_id(&place.database), made).about("Its records are kept by their `id`."));
    }
    for (function, database) in plan.leases() {
        let made = container(&database_id(&database), &leases(&function.name));
        all.push(
            Declaration::resource(&leases_id(&function.name), TABLE, made)
                .about(format!("Where the change feed of {} keeps its place.", words::of(function))),
        );
    }
}

const TABLE: &str = "Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers@2024-11-15";

fn container(database: &str, name: &str) -> Value {
    let keys = object([("kind", "Hash".into()), ("paths", Value::List(vec!["/id".into()]))]);
    let resource = object([("id", name.into()), ("partitionKey", keys)]);
    child(database, name).with("properties", object([("resource", resource)]))
}

fn database_id(database: &str) -> String {
    ident(&format!("database-{database}"))
}

pub(super) fn leases_id(function: &str) -> String {
    ident(&leases(function))
}

/// What is said of a function where its trigger stands.
pub(super) fn said(function: &Function, what: &str) -> Vec<String> {
    let mut said = vec![format!("{}: {what}", words::of(function))];
    said.extend(not_carried(function));
    said
}
