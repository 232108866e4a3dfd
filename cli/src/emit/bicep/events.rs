//! Event Grid: the topics, and what sends their events to the functions.

use super::{
    data::said,
    global,
    text::{Declaration, Value, object, raw, template},
};
use crate::{
    literal::bicep::literal,
    model::{Function, ResourceKind, StorageTrigger, Trigger},
    plan::{
        azure::{Carrier, Home, Plan, blob_events, blob_subject, carrier},
        names::{base, fit, ident, slug},
        units::Unit,
    },
};

pub(super) fn declarations(plan: &Plan<'_>) -> Vec<Declaration> {
    let mut all = Vec::new();
    if plan.has_blob_events() {
        all.push(
            Declaration::resource(
                "blob_events",
                "Microsoft.EventGrid/systemTopics@2022-06-15",
                object([
                    ("name", fit(&format!("{}-blobs", base(plan.app)), 50).into()),
                    ("location", raw("location")),
                    ("identity", object([("type", "SystemAssigned".into())])),
                    (
                        "properties",
                        object([("source", raw("data.id")), ("topicType", "Microsoft.Storage.StorageAccounts".into())]),
                    ),
                ]),
            )
            .about("What changes in the buckets."),
        );
    }
    if plan.has_events() {
        all.push(
            topic("events", global(plan, "events", 50))
                .about("Where programs publish CloudEvents of this app's own types."),
        );
    }
    for place in plan.at([Home::GridTopic]) {
        let words = format!("The topic `{}`.", place.resource.logical);
        let name = if place.resource.create {
            global(plan, &slug(&place.resource.name), 50)
        } else {
            place.resource.name.as_str().into()
        };
        all.push(match place.resource.create {
            true => topic(&place.id, name).about(words),
            false => Declaration::existing(&place.id, TOPIC, object([("name", name)])).about(words),
        });
    }
    for (unit, function) in plan.functions() {
        all.extend(subscription(plan, unit, function));
    }
    all
}

const TOPIC: &str = "Microsoft.EventGrid/topics@2022-06-15";

fn topic(symbol: &str, name: Value) -> Declaration {
    Declaration::resource(
        symbol,
        TOPIC,
        object([
            ("name", name),
            ("location", raw("location")),
            ("identity", object([("type", "SystemAssigned".into())])),
            ("properties", object([("disableLocalAuth", true.into()), ("inputSchema", "CloudEventSchemaV1_0".into())])),
        ]),
    )
}

/// What sends a function its events, where Event Grid does.
fn subscription(plan: &Plan<'_>, unit: &Unit<'_>, function: &Function) -> Option<Declaration> {
    let carrier = carrier(function);
    let destination = match carrier {
        Carrier::Blob => {
            let app = format!("app_{}", unit.id);
            let key = format!("listKeys('${{{app}.id}}/host/default', '2024-04-01').systemKeys.blobs_extension");
            let url = format!(
                "https://${{{app}.properties.defaultHostName}}/runtime/webhooks/blobs?functionName=Host.Functions.{}&code=${{{key}}}",
                literal(&function.name)
            );
            let endpoint = object([("endpointUrl", template(url))]);
            object([("endpointType", "WebHook".into()), ("properties", endpoint)])
        }
        Carrier::EventGrid => {
            let id = object([(
                "resourceId",
                template(format!("${{app_{}.id}}/functions/{}", unit.id, literal(&function.name))),
            )]);
            object([("endpointType", "AzureFunction".into()), ("properties", id)])
        }
        _ => return None,
    };
    let dead = function.options.dead_letter.as_deref().filter(|_| carrier == Carrier::EventGrid);
    let mut properties = match dead {
        // The topic's own identity writes them.
        Some(dead) => object([(
            "deadLetterWithResourceIdentity",
            object([
                ("identity", object([("type", "SystemAssigned".into())])),
                (
                    "deadLetterDestination",
                    object([
                        ("endpointType", "StorageBlob".into()),
                        (
                            "properties",
                            object([
                                ("resourceId", raw("data.id")),
                                ("blobContainerName", raw(format!("{}.name", ident(&format!("dead-{dead}"))))),
                            ]),
                        ),
                    ]),
                ),
            ]),
        )]),
        None => object([]),
    };
    properties = properties.with("destination", destination);
    let (kind, parent, schema, filter) = source(plan, function)?;
    properties = properties.with("eventDeliverySchema", schema).with("filter", filter);
    if let (Carrier::EventGrid, Some(attempts)) = (carrier, function.options.attempts) {
        let policy =
            object([("maxDeliveryAttempts", attempts.clamp(1, 30).into()), ("eventTimeToLiveInMinutes", 1440.into())]);
        properties = properties.with("retryPolicy", policy);
    }
    let value =
        object([("parent", raw(parent)), ("name", fit(&slug(&function.name), 64).into()), ("properties", properties)]);
    let declaration =
        Declaration::resource(&format!("on_{}", ident(&function.name)), kind, value).only_if("functionsAreThere");
    Some(said(function, "Event Grid sends its events.").into_iter().fold(declaration, Declaration::about))
}

/// The kind of subscription, the topic, the form of events, and which.
fn source(plan: &Plan<'_>, function: &Function) -> Option<(&'static str, String, &'static str, Value)> {
    let of_topic = "Microsoft.EventGrid/topics/eventSubscriptions@2022-06-15";
    Some(match &function.trigger {
        Trigger::Storage(StorageTrigger { bucket: source, on, prefix, suffix }) => {
            let container = plan.app.resource(ResourceKind::Bucket, source).name;
            let types = blob_events(on).into_iter().map(Value::from).collect();
            let mut filter = object([
                ("includedEventTypes", Value::List(types)),
                ("subjectBeginsWith", blob_subject(&container, prefix.as_deref()).into()),
            ]);
            if let Some(suffix) = suffix {
                filter = filter.with("subjectEndsWith", suffix.as_str());
            }
            let kind = "Microsoft.EventGrid/systemTopics/eventSubscriptions@2022-06-15";
            (kind, "blob_events".to_owned(), "EventGridSchema", filter.with("isSubjectCaseSensitive", true))
        }
        Trigger::Event(source) => {
            let mut filter = object([("includedEventTypes", Value::List(vec![source.as_str().into()]))]);
            if let Some(source) = &function.options.source {
                let of_source = object([
                    ("operatorType", "StringIn".into()),
                    ("key", "source".into()),
                    ("values", Value::List(vec![source.as_str().into()])),
                ]);
                filter = filter.with("advancedFilters", Value::List(vec![of_source]));
            }
            (of_topic, "events".to_owned(), "CloudEventSchemaV1_0", filter)
        }
        Trigger::Topic(source) => {
            let place = plan.place(ResourceKind::Topic, source)?;
            (of_topic, place.id.clone(), "CloudEventSchemaV1_0", object([]))
        }
        _ => return None,
    })
}
