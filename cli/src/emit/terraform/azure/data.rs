//! What the functions name: containers, queues, topics, hubs, tables, each in what holds it.

use super::{global, of_group, there};
use crate::{
    emit::{
        hcl::{Block, Body, Value, literal, raw, template},
        words,
    },
    model::{Function, ResourceKind, Trigger},
    plan::{
        azure::{BLOB_POISON, Carrier, Home, Place, Plan, carrier, consumer_group, leases, subscription},
        names::{ident, short},
    },
};

pub(super) fn resources(plan: &Plan<'_>) -> Body {
    let mut body = Body::default();
    if plan.has_data() {
        storage(plan, &mut body);
    }
    if plan.at([Home::Queue, Home::Topic]).next().is_some() {
        bus(plan, &mut body);
    }
    if plan.at([Home::Hub]).next().is_some() {
        hubs(plan, &mut body);
    }
    if plan.at([Home::Table]).next().is_some() {
        cosmos(plan, &mut body);
    }
    body
}

/// Whether what holds these is there already.
pub(super) fn has_there<const N: usize>(plan: &Plan<'_>, homes: [Home; N]) -> bool {
    plan.is_there(homes)
}

/// What holds resources: made here, or there already.
fn parent<const N: usize>(plan: &Plan<'_>, homes: [Home; N]) -> &'static str {
    if plan.is_there(homes) { "data." } else { "" }
}

pub(super) fn data(plan: &Plan<'_>) -> String {
    format!("{}azurerm_storage_account.data", parent(plan, [Home::Container, Home::StorageQueue]))
}

pub(super) fn namespace(plan: &Plan<'_>) -> String {
    format!("{}azurerm_servicebus_namespace.main", parent(plan, [Home::Queue, Home::Topic]))
}

pub(super) fn hubs_namespace(plan: &Plan<'_>) -> String {
    format!("{}azurerm_eventhub_namespace.main", parent(plan, [Home::Hub]))
}

pub(super) fn cosmos_account(plan: &Plan<'_>) -> String {
    format!("{}azurerm_cosmosdb_account.main", parent(plan, [Home::Table]))
}

/// A storage account without access by key.
pub(super) fn account(id: &str, text: &str) -> Block {
    of_group("azurerm_storage_account", id, template(format!("st{}${{local.suffix}}", short(text))))
        .set("account_tier", "Standard")
        .set("account_replication_type", "LRS")
        .set("allow_nested_items_to_be_public", false)
        .set("shared_access_key_enabled", false)
        .set("min_tls_version", "TLS1_2")
        .set("https_traffic_only_enabled", true)
}

pub(super) fn container(id: &str, name: Value, account: &str) -> Block {
    Block::resource("azurerm_storage_container", id)
        .set("name", name)
        .set("storage_account_id", raw(format!("{account}.id")))
}

fn storage(plan: &Plan<'_>, body: &mut Body) {
    let holder = match plan.is_there([Home::Container, Home::StorageQueue]) {
        true => there("azurerm_storage_account", "data", raw("var.storage_account")),
        false => account("data", &format!("{}-data", plan.app.name)),
    };
    body.add(holder.about("The buckets and the queues of storage."));
    for place in plan.at([Home::Container]).filter(|place| place.resource.create) {
        body.add(container(&place.id, place.resource.name.as_str().into(), &data(plan)).about(about(place)));
    }
    for dead in plan.grid_dead_letters() {
        let name = plan.app.resource(ResourceKind::Queue, dead).name;
        body.add(
            container(&dead_id(dead), name.into(), &data(plan))
                .about(format!("Where Event Grid leaves the dead letters of `{dead}`.")),
        );
    }
    let queue = |id: &str, name: String| {
        Block::resource("azurerm_storage_queue", id)
            .set("name", name)
            .set("storage_account_id", raw(format!("{}.id", data(plan))))
    };
    for place in plan.at([Home::StorageQueue]) {
        if place.resource.create {
            body.add(queue(&place.id, place.resource.name.clone()).about(about(place)));
        }
        body.add(
            queue(&format!("{}_poison", place.id), format!("{}-poison", place.resource.name))
                .about("Where the host moves what fails in the end."),
        );
    }
    if plan.has_blob_triggers() {
        body.add(queue("blob_poison", BLOB_POISON.to_owned()).about(
            "Where the hosts note the blobs that fail in the end. An app may send to it, and reads nothing of another.",
        ));
    }
}

pub(super) fn dead_id(dead: &str) -> String {
    ident(&format!("dead-{dead}"))
}

fn about(place: &Place) -> String {
    format!("The {} `{}`.", place.resource.kind.name(), place.resource.logical)
}

/// How often a message is tried, and where it goes then.
fn failing(plan: &Plan<'_>, block: Block, function: Option<&Function>, is_needed: bool) -> Block {
    let options = function.map(|function| &function.options);
    let attempts = options.and_then(|options| options.attempts).or(is_needed.then_some(10));
    let dead = options.and_then(|options| options.dead_letter.as_deref());
    let dead = dead.and_then(|dead| plan.place(ResourceKind::Queue, dead)).map(|place| match place.resource.create {
        // By the resource's own name, so that the queue is there before.
        true => raw(format!("azurerm_servicebus_queue.{}.name", place.id)),
        false => place.resource.name.as_str().into(),
    });
    block.set_some("max_delivery_count", attempts).set_some("forward_dead_lettered_messages_to", dead)
}

fn bus(plan: &Plan<'_>, body: &mut Body) {
    let holder = match plan.is_there([Home::Queue, Home::Topic]) {
        true => there("azurerm_servicebus_namespace", "main", raw("var.service_bus")),
        false => of_group("azurerm_servicebus_namespace", "main", global(plan, "bus", 50))
            .set("sku", "Standard")
            .set("local_auth_enabled", false)
            .set("minimum_tls_version", "1.2"),
    };
    body.add(holder.about("Queues and topics. Nobody can reach them by a key."));
    let namespace = raw(format!("{}.id", namespace(plan)));
    for place in plan.at([Home::Queue]).filter(|place| place.resource.create) {
        let taker = plan.app.functions.iter().find(|function| {
            function.trigger.resource() == Some((place.resource.kind, place.resource.logical.as_str()))
        });
        let mut queue = Block::resource("azurerm_servicebus_queue", &place.id).about(about(place));
        if let Some(function) = taker {
            queue = queue.about(format!("Its messages start {}.", words::of(function)));
        }
        queue = queue.set("name", place.resource.name.as_str()).set("namespace_id", namespace.clone());
        body.add(failing(plan, queue, taker, false));
    }
    for place in plan.at([Home::Topic]).filter(|place| place.resource.create) {
        body.add(
            Block::resource("azurerm_servicebus_topic", &place.id)
                .about(about(place))
                .set("name", place.resource.name.as_str())
                .set("namespace_id", namespace.clone()),
        );
    }
    for function in plan.app.functions.iter().filter(|it| carrier(it) == Carrier::ServiceBus) {
        let Trigger::Topic(source) = &function.trigger else { continue };
        let Some(place) = plan.place(ResourceKind::Topic, source) else { continue };
        let block = Block::resource("azurerm_servicebus_subscription", &ident(&function.name))
            .about(format!("Its messages start {}.", words::of(function)))
            .set("name", subscription(function))
            .set("topic_id", id(plan, place));
        body.add(failing(plan, block, Some(function), true));
    }
}

fn hubs(plan: &Plan<'_>, body: &mut Body) {
    let holder = match plan.is_there([Home::Hub]) {
        true => there("azurerm_eventhub_namespace", "main", raw("var.event_hubs")),
        false => of_group("azurerm_eventhub_namespace", "main", global(plan, "hubs", 50))
            .set("sku", "Standard")
            .set("capacity", 1)
            .set("local_authentication_enabled", false)
            .set("minimum_tls_version", "1.2"),
    };
    body.add(holder.about("The streams. Nobody can reach them by a key."));
    for place in plan.at([Home::Hub]).filter(|place| place.resource.create) {
        let retention =
            Block::new("retention_description", &[]).set("cleanup_policy", "Delete").set("retention_time_in_hours", 24);
        body.add(
            Block::resource("azurerm_eventhub", &place.id)
                .about(about(place))
                .set("name", place.resource.name.as_str())
                .set("namespace_id", raw(format!("{}.id", hubs_namespace(plan))))
                .set("partition_count", 4)
                .block(retention),
        );
    }
    for function in &plan.app.functions {
        let (Some(group), Trigger::Stream(source)) = (consumer_group(function), &function.trigger) else { continue };
        let Some(place) = plan.place(ResourceKind::Stream, source) else { continue };
        let hub = match place.resource.create {
            true => raw(format!("azurerm_eventhub.{}.name", place.id)),
            false => place.resource.name.as_str().into(),
        };
        body.add(
            Block::resource("azurerm_eventhub_consumer_group", &ident(&function.name))
                .about(format!("Read by {}.", words::of(function)))
                .set("name", group)
                .set("namespace_name", raw(format!("{}.name", hubs_namespace(plan))))
                .set("eventhub_name", hub)
                .set("resource_group_name", raw("local.resource_group")),
        );
    }
}

fn cosmos(plan: &Plan<'_>, body: &mut Body) {
    let holder = match plan.is_there([Home::Table]) {
        true => there("azurerm_cosmosdb_account", "main", raw("var.cosmos")),
        false => of_group("azurerm_cosmosdb_account", "main", global(plan, "", 44))
            .set("offer_type", "Standard")
            .set("kind", "GlobalDocumentDB")
            .set("local_authentication_disabled", true)
            .set("access_key_metadata_writes_enabled", false)
            .set("minimal_tls_version", "Tls12")
            .block(Block::new("capabilities", &[]).set("name", "EnableServerless"))
            .block(Block::new("consistency_policy", &[]).set("consistency_level", "Session"))
            .block(Block::new("geo_location", &[]).set("location", raw("local.location")).set("failover_priority", 0)),
    };
    body.add(holder.about("The tables, each a container. Nobody can reach them by a key."));
    let of_account = |kind: &str, id: &str, name: &str| {
        Block::resource(kind, id)
            .set("name", name)
            .set("resource_group_name", raw("local.resource_group"))
            .set("account_name", raw(format!("{}.name", cosmos_account(plan))))
    };
    let databases = plan.databases();
    for (database, _) in databases.iter().filter(|(_, is_made)| **is_made) {
        body.add(of_account("azurerm_cosmosdb_sql_database", &ident(database), database));
    }
    let container = |id: &str, name: &str, database: &str| {
        let own = match databases.get(database) {
            Some(true) => raw(format!("azurerm_cosmosdb_sql_database.{}.name", ident(database))),
            _ => database.into(),
        };
        of_account("azurerm_cosmosdb_sql_container", id, name)
            .set("database_name", own)
            .set("partition_key_paths", Value::List(vec!["/id".into()]))
    };
    for place in plan.at([Home::Table]).filter(|place| place.resource.create) {
        body.add(
            container(&place.id, &place.resource.name, &place.database)
                .about(format!("{} Its records are kept by their `id`.", about(place))),
        );
    }
    for (function, database) in plan.leases() {
        body.add(
            container(&leases_id(&function.name), &leases(&function.name), &database)
                .about(format!("Where the change feed of {} keeps its place.", words::of(function))),
        );
    }
}

pub(super) fn leases_id(function: &str) -> String {
    ident(&leases(function))
}

/// The id of a place: of what is made here by reference, of what is there by its form.
pub(super) fn id(plan: &Plan<'_>, place: &Place) -> Value {
    let Place { id, home, resource, database } = place;
    let (name, database) = (literal(&resource.name), literal(database));
    let (kind, form) = match home {
        Home::Container => {
            ("azurerm_storage_container", format!("${{{}.id}}/blobServices/default/containers/{name}", data(plan)))
        }
        Home::StorageQueue => {
            ("azurerm_storage_queue", format!("${{{}.id}}/queueServices/default/queues/{name}", data(plan)))
        }
        Home::Queue => ("azurerm_servicebus_queue", format!("${{{}.id}}/queues/{name}", namespace(plan))),
        Home::Topic => ("azurerm_servicebus_topic", format!("${{{}.id}}/topics/{name}", namespace(plan))),
        Home::Hub => ("azurerm_eventhub", format!("${{{}.id}}/eventhubs/{name}", hubs_namespace(plan))),
        Home::GridTopic => ("azurerm_eventgrid_topic", format!("${{data.azurerm_eventgrid_topic.{id}.id}}")),
        Home::Table => {
            // Cosmos DB's own roles name containers in a form of their own.
            return template(format!("${{{}.id}}/dbs/{database}/colls/{name}", cosmos_account(plan)));
        }
    };
    if resource.create { raw(format!("{kind}.{id}.id")) } else { template(form) }
}
