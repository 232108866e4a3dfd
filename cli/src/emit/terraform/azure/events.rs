//! Event Grid: the topics, and what sends their events to the functions.

use super::{
    data::{data, dead_id},
    global, of_group, there,
};
use crate::{
    emit::{
        hcl::{Block, Body, Value, literal, raw, template},
        words,
    },
    model::{Function, ResourceKind, StorageTrigger, Trigger},
    plan::{
        azure::{Carrier, Home, Plan, blob_events, blob_subject, carrier, has_subscriptions, not_carried},
        names::{base, fit, ident, slug},
        units::Unit,
    },
};

pub(super) fn events(plan: &Plan<'_>) -> Body {
    let mut body = Body::default();
    let identity = || Block::new("identity", &[]).set("type", "SystemAssigned");
    if plan.has_blob_events() {
        let name = fit(&format!("{}-blobs", base(plan.app)), 50);
        body.add(
            of_group("azurerm_eventgrid_system_topic", "blob_events", name.into())
                .about("What changes in the buckets.")
                .set("source_resource_id", raw(format!("{}.id", data(plan))))
                .set("topic_type", "Microsoft.Storage.StorageAccounts")
                .block(identity()),
        );
    }
    let topic = |id: &str, name: Value| {
        of_group("azurerm_eventgrid_topic", id, name)
            .set("input_schema", "CloudEventSchemaV1_0")
            .set("local_auth_enabled", false)
            .block(identity())
    };
    if plan.has_events() {
        let words = "Where programs publish CloudEvents of this app's own types.";
        body.add(topic("events", global(plan, "events", 50)).about(words));
    }
    for place in plan.at([Home::GridTopic]) {
        let block = match place.resource.create {
            true => topic(&place.id, global(plan, &slug(&place.resource.name), 50)),
            false => there("azurerm_eventgrid_topic", &place.id, place.resource.name.as_str().into()),
        };
        body.add(block.about(format!("The topic `{}`.", place.resource.logical)));
    }
    for unit in &plan.units {
        if unit.functions.iter().any(|function| carrier(function) == Carrier::Blob) {
            body.add(
                Block::data("azurerm_function_app_host_keys", &unit.id)
                    .about("For the key of the host's own webhook for blobs, which is there once the functions are.")
                    .set("count", raw("var.functions_are_there ? 1 : 0"))
                    .set("name", raw(format!("azurerm_function_app_flex_consumption.{}.name", unit.id)))
                    .set("resource_group_name", raw("local.resource_group")),
            );
        }
    }
    if has_subscriptions(plan.app) {
        for (unit, function) in plan.functions() {
            if let Some(block) = subscription(plan, unit, function) {
                body.add(block);
            }
        }
    }
    body
}

/// What sends a function its events, where Event Grid does.
fn subscription(plan: &Plan<'_>, unit: &Unit<'_>, function: &Function) -> Option<Block> {
    let carrier = carrier(function);
    let app = format!("azurerm_function_app_flex_consumption.{}", unit.id);
    let endpoint = match carrier {
        Carrier::Blob => {
            let key = format!("data.azurerm_function_app_host_keys.{}[0].blobs_extension_key", unit.id);
            let url = format!(
                "https://${{{app}.default_hostname}}/runtime/webhooks/blobs?functionName=Host.Functions.{}&code=${{{key}}}",
                literal(&function.name)
            );
            Block::new("webhook_endpoint", &[]).set("url", template(url))
        }
        Carrier::EventGrid => Block::new("azure_function_endpoint", &[])
            .set("function_id", template(format!("${{{app}.id}}/functions/{}", literal(&function.name)))),
        _ => return None,
    };
    let is_storage = matches!(function.trigger, Trigger::Storage(_));
    let kind = if is_storage {
        "azurerm_eventgrid_system_topic_event_subscription"
    } else {
        "azurerm_eventgrid_event_subscription"
    };
    let mut block = Block::resource(kind, &ident(&function.name))
        .about(format!("{}: Event Grid sends its events.", words::of(function)));
    block = not_carried(function).into_iter().fold(block, Block::about);
    block = block.set("count", raw("var.functions_are_there ? 1 : 0")).set("name", fit(&slug(&function.name), 64));
    let mut filter = None;
    match &function.trigger {
        Trigger::Storage(StorageTrigger { bucket: source, on, prefix, suffix }) => {
            let container = plan.app.resource(ResourceKind::Bucket, source).name;
            block = block
                .set("system_topic", raw("azurerm_eventgrid_system_topic.blob_events.name"))
                .set("resource_group_name", raw("local.resource_group"))
                .set("event_delivery_schema", "EventGridSchema")
                .set("included_event_types", Value::List(blob_events(on).into_iter().map(Value::from).collect()));
            filter = Some(
                Block::new("subject_filter", &[])
                    .set("subject_begins_with", blob_subject(&container, prefix.as_deref()))
                    .set_some("subject_ends_with", suffix.as_deref())
                    .set("case_sensitive", true),
            );
        }
        Trigger::Event(source) => {
            block = block
                .set("scope", raw("azurerm_eventgrid_topic.events.id"))
                .set("event_delivery_schema", "CloudEventSchemaV1_0")
                .set("included_event_types", Value::List(vec![source.as_str().into()]));
            filter = function.options.source.as_deref().map(|source| {
                let of_source =
                    Block::new("string_in", &[]).set("key", "source").set("values", Value::List(vec![source.into()]));
                Block::new("advanced_filter", &[]).block(of_source)
            });
        }
        Trigger::Topic(source) => {
            let place = plan.place(ResourceKind::Topic, source)?;
            block =
                block.set("scope", super::data::id(plan, place)).set("event_delivery_schema", "CloudEventSchemaV1_0");
        }
        _ => return None,
    }
    block = block.block(endpoint).blocks(filter);
    if carrier == Carrier::EventGrid {
        if let Some(dead) = &function.options.dead_letter {
            block = block.block(Block::new("dead_letter_identity", &[]).set("type", "SystemAssigned")).block(
                Block::new("storage_blob_dead_letter_destination", &[])
                    .set("storage_account_id", raw(format!("{}.id", data(plan))))
                    .set(
                        "storage_blob_container_name",
                        raw(format!("azurerm_storage_container.{}.name", dead_id(dead))),
                    ),
            );
        }
        if let Some(attempts) = function.options.attempts {
            block = block.block(
                Block::new("retry_policy", &[])
                    .set("max_delivery_attempts", attempts.clamp(1, 30))
                    .set("event_time_to_live", 1440),
            );
        }
    }
    Some(block)
}
