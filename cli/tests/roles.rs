//! Each trigger and each grant gives exactly the roles of these tables, which were written from the clouds' own documentation and know
//! nothing of the code: a role that is left out, is added, or is on more than it has to be fails here.

#[allow(dead_code, reason = "other suites use the rest")]
mod support;

use std::collections::BTreeSet;

use cargo_omnifn::{
    cloud::Cloud,
    emit::{self, Format},
    model::{App, Function},
    policy::{Reason, ReasonKind, azure, gcp},
    support::{Verdict, check},
};
use serde_json::{Value, json};

/// A program of the function `f` with this note, and of what is beside it.
fn app(mut note: Value, beside: &[Value]) -> App {
    note["name"] = json!("f");
    let all = std::iter::once(note).chain(beside.iter().cloned()).map(|mut note| {
        note["v"] = json!(1);
        note["module"] = json!("m");
        note["file"] = json!("src/lib.rs");
        note["line"] = json!(3);
        note
    });
    support::app("shop", all.collect(), json!({}), None)
}

fn http(more: Value) -> Value {
    with(json!({"trigger": {"kind": "http", "routes": [{"methods": ["GET"], "path": "/"}]}}), more)
}

fn with(mut note: Value, more: Value) -> Value {
    for (key, value) in more.as_object().unwrap() {
        note[key] = value.clone();
    }
    note
}

fn from(kind: &str, source: &str) -> Value {
    json!({"trigger": {"kind": kind, "source": source, "on": ["created"]}})
}

fn dead() -> Value {
    json!({"options": {"dead_letter": "dead", "attempts": 5}})
}

fn grant(verb: &str, kind: &str) -> Value {
    json!({"grants": [{"verb": verb, "kind": kind, "name": "x"}]})
}

/// What is declared, who gets which role on what on Google Cloud beside the invoker, and on Azure beside the host's own.
#[rustfmt::skip]
fn table() -> Vec<(Value, &'static [&'static str], &'static [&'static str])> {
    vec![
        (http(json!({})), &["Callers: run.invoker on Service(\"http\")"], &[]),
        (http(json!({"deploy": {"visibility": "public"}})), &["Everyone: run.invoker on Service(\"http\")"], &[]),
        // https://cloud.google.com/secret-manager/docs/access-control, https://learn.microsoft.com/azure/app-service/app-service-key-vault-references
        (http(json!({"secrets": ["KEY"]})),
            &["Callers: run.invoker on Service(\"http\")", "Service(\"http\"): secretmanager.secretAccessor on Secret(\"KEY\")"],
            &["App(\"http\"): SecretsUser on Secret(\"KEY\")"]),
        // https://cloud.google.com/storage/docs/access-control/iam-roles, https://learn.microsoft.com/azure/storage/blobs/assign-azure-role-data-access
        (http(grant("reads", "bucket")),
            &["Callers: run.invoker on Service(\"http\")", "Service(\"http\"): storage.objectViewer on Bucket(\"x\")"],
            &["App(\"http\"): BlobReader on Resource(\"bucket_x\")"]),
        (http(grant("writes", "bucket")),
            &["Callers: run.invoker on Service(\"http\")", "Service(\"http\"): storage.objectUser on Bucket(\"x\")"],
            &["App(\"http\"): BlobContributor on Resource(\"bucket_x\")"]),
        (http(grant("gets", "bucket")),
            &["Callers: run.invoker on Service(\"http\")", "Service(\"http\"): storage.legacyObjectReader on Bucket(\"x\")"],
            &["App(\"http\"): BlobReader on Resource(\"bucket_x\")"]),
        (http(grant("lists", "bucket")),
            &["Callers: run.invoker on Service(\"http\")", "Service(\"http\"): storage.legacyBucketReader on Bucket(\"x\")"],
            &["App(\"http\"): BlobReader on Resource(\"bucket_x\")"]),
        (http(grant("puts", "bucket")),
            &["Callers: run.invoker on Service(\"http\")", "Service(\"http\"): storage.legacyBucketWriter on Bucket(\"x\")"],
            &["App(\"http\"): BlobContributor on Resource(\"bucket_x\")"]),
        (http(grant("deletes", "bucket")),
            &["Callers: run.invoker on Service(\"http\")", "Service(\"http\"): storage.legacyBucketWriter on Bucket(\"x\")"],
            &["App(\"http\"): BlobContributor on Resource(\"bucket_x\")"]),
        // https://cloud.google.com/firestore/docs/security/iam, https://learn.microsoft.com/azure/cosmos-db/how-to-connect-role-based-access-control
        (http(grant("reads", "table")),
            &["Callers: run.invoker on Service(\"http\")", "Service(\"http\"): datastore.viewer on Database(\"(default)\")"],
            &["App(\"http\"): CosmosReader on Resource(\"table_x\")"]),
        (http(grant("writes", "table")),
            &["Callers: run.invoker on Service(\"http\")", "Service(\"http\"): datastore.user on Database(\"(default)\")"],
            &["App(\"http\"): CosmosContributor on Resource(\"table_x\")"]),
        (http(grant("gets", "table")),
            &["Callers: run.invoker on Service(\"http\")", "Service(\"http\"): datastore.viewer on Database(\"(default)\")"],
            &["App(\"http\"): CosmosReader on Resource(\"table_x\")"]),
        (http(grant("lists", "table")),
            &["Callers: run.invoker on Service(\"http\")", "Service(\"http\"): datastore.viewer on Database(\"(default)\")"],
            &["App(\"http\"): CosmosReader on Resource(\"table_x\")"]),
        (http(grant("puts", "table")),
            &["Callers: run.invoker on Service(\"http\")", "Service(\"http\"): datastore.user on Database(\"(default)\")"],
            &["App(\"http\"): CosmosContributor on Resource(\"table_x\")"]),
        (http(grant("deletes", "table")),
            &["Callers: run.invoker on Service(\"http\")", "Service(\"http\"): datastore.user on Database(\"(default)\")"],
            &["App(\"http\"): CosmosContributor on Resource(\"table_x\")"]),
        // https://cloud.google.com/pubsub/docs/access-control, https://learn.microsoft.com/azure/service-bus-messaging/service-bus-managed-service-identity
        (http(grant("publishes", "queue")),
            &["Callers: run.invoker on Service(\"http\")", "Service(\"http\"): pubsub.publisher on Topic(\"queue_x\")"],
            &["App(\"http\"): BusSender on Resource(\"queue_x\")"]),
        (http(grant("publishes", "topic")),
            &["Callers: run.invoker on Service(\"http\")", "Service(\"http\"): pubsub.publisher on Topic(\"topic_x\")"],
            &["App(\"http\"): BusSender on Resource(\"topic_x\")"]),
        // https://learn.microsoft.com/azure/event-hubs/authorize-access-azure-active-directory
        (http(grant("publishes", "stream")),
            &["Callers: run.invoker on Service(\"http\")", "Service(\"http\"): pubsub.publisher on Topic(\"stream_x\")"],
            &["App(\"http\"): HubSender on Resource(\"stream_x\")"]),
        // https://learn.microsoft.com/azure/azure-functions/functions-bindings-service-bus-trigger
        (from("queue", "orders"), &[INVOKER], &["App(\"f\"): BusReceiver on Resource(\"queue_orders\")"]),
        // https://cloud.google.com/pubsub/docs/dead-letter-topics
        (with(from("queue", "orders"), dead()),
            &[INVOKER, "PubSub: pubsub.publisher on Topic(\"queue_dead\")", "PubSub: pubsub.subscriber on Subscription(\"f\")"],
            &["App(\"f\"): BusReceiver on Resource(\"queue_orders\")"]),
        // https://learn.microsoft.com/azure/azure-functions/functions-bindings-storage-queue-trigger
        (with(from("queue", "orders"), json!({"options": {"service": "storage-queue"}})), &[INVOKER],
            &["App(\"f\"): QueueSender on Poison(\"queue_orders\")", "App(\"f\"): QueueProcessor on Resource(\"queue_orders\")", "App(\"f\"): QueueReader on Resource(\"queue_orders\")"]),
        (from("topic", "news"), &[INVOKER], &["App(\"f\"): BusReceiver on Subscription(\"topic_news\", \"f\")"]),
        (with(from("topic", "news"), json!({"options": {"service": "event-grid"}})), &[INVOKER], &[]),
        (with(from("topic", "news"), json!({"options": {"service": "event-grid", "dead_letter": "dead"}})),
            &[INVOKER, "PubSub: pubsub.publisher on Topic(\"queue_dead\")", "PubSub: pubsub.subscriber on Subscription(\"f\")"],
            &["Topic(\"topic_news\"): BlobContributor on DeadLetters(\"dead\")"]),
        // https://learn.microsoft.com/azure/azure-functions/functions-bindings-event-hubs-trigger
        (from("stream", "telemetry"), &[INVOKER], &["App(\"f\"): HubReceiver on Resource(\"stream_telemetry\")"]),
        // https://cloud.google.com/eventarc/docs/roles-permissions, https://learn.microsoft.com/azure/azure-functions/functions-bindings-storage-blob-trigger
        (from("storage", "uploads"),
            &[INVOKER, RECEIVER, "Storage: pubsub.publisher on Project"],
            &["App(\"f\"): BlobOwner on Resource(\"bucket_uploads\")", "App(\"f\"): QueueContributor on Host(\"f\")", "App(\"f\"): QueueSender on BlobPoison"]),
        // https://cloud.google.com/storage/docs/reporting-changes
        (with(from("storage", "uploads"), dead()),
            &[INVOKER, "PubSub: pubsub.publisher on Topic(\"queue_dead\")", "PubSub: pubsub.subscriber on Subscription(\"f\")", "Storage: pubsub.publisher on Topic(\"f_objects\")"],
            &["App(\"f\"): BlobOwner on Resource(\"bucket_uploads\")", "App(\"f\"): QueueContributor on Host(\"f\")", "App(\"f\"): QueueSender on BlobPoison"]),
        (with(json!({"trigger": {"kind": "storage", "source": "uploads", "on": ["deleted"]}}), dead()),
            &[INVOKER, "PubSub: pubsub.publisher on Topic(\"queue_dead\")", "PubSub: pubsub.subscriber on Subscription(\"f\")", "Storage: pubsub.publisher on Topic(\"f_objects\")"],
            // https://learn.microsoft.com/azure/event-grid/dead-letter-event-subscriptions-managed-identity
            &["BlobEvents: BlobContributor on DeadLetters(\"dead\")"]),
        (from("schedule", "0 3 * * *"), &[INVOKER], &[]),
        (from("event", "order.placed"), &[INVOKER, RECEIVER], &[]),
        (with(from("event", "order.placed"), dead()), &[INVOKER, RECEIVER], &["Events: BlobContributor on DeadLetters(\"dead\")"]),
        // https://learn.microsoft.com/azure/azure-functions/functions-bindings-cosmosdb-v2-trigger
        (from("changes", "accounts"), &[INVOKER, RECEIVER],
            &["App(\"f\"): CosmosContributor on Leases(\"shop\", \"f\")", "App(\"f\"): CosmosReader on Resource(\"table_accounts\")"]),
    ]
}

const INVOKER: &str = "Pusher(\"f\"): run.invoker on Service(\"f\")";
const RECEIVER: &str = "Pusher(\"f\"): eventarc.eventReceiver on Project";

fn on_google(app: &App) -> Vec<(String, Vec<Reason>)> {
    let all = gcp::bindings(app).unwrap().into_iter();
    all.map(|it| (format!("{:?}: {} on {:?}", it.who, it.role.trim_start_matches("roles/"), it.on), it.why)).collect()
}

fn on_azure(app: &App) -> Vec<(String, Vec<Reason>)> {
    let all = azure::assignments(app).unwrap().into_iter();
    all.map(|it| (format!("{:?}: {:?} on {:?}", it.who, it.role, it.on), it.why)).collect()
}

fn sorted<S: Into<String>>(all: impl IntoIterator<Item = S>) -> Vec<String> {
    let mut all: Vec<_> = all.into_iter().map(Into::into).collect();
    all.sort();
    all
}

#[test]
fn each_trigger_and_grant_gives_exactly_these_roles() {
    for (note, google, own) in table() {
        let app = app(note.clone(), &[]);
        assert_eq!(sorted(on_google(&app).into_iter().map(|it| it.0)), sorted(google.iter().copied()), "{note}");
        // The host keeps keys, locks and the package in an account of its own.
        let unit = if note["trigger"]["kind"] == "http" { "http" } else { "f" };
        let host = format!("App({unit:?}): BlobOwner on Host({unit:?})");
        let wanted = own.iter().map(|it| (*it).to_owned()).chain([host]);
        assert_eq!(sorted(on_azure(&app).into_iter().map(|it| it.0)), sorted(wanted), "{note}");
    }
}

/// Each role has a reason, each reason has words that stand in the source, and a place there.
#[test]
fn every_role_says_what_asks_for_it() {
    let mut kinds = BTreeSet::new();
    for (note, ..) in table() {
        let app = app(note, &[]);
        let function = &app.functions[0];
        for (role, why) in on_google(&app).into_iter().chain(on_azure(&app)) {
            assert!(!why.is_empty(), "{role}");
            for reason in why {
                assert_eq!(reason.place, "src/lib.rs:3", "{role}");
                assert!(is_declared(function, &reason), "{role}: {reason:?}");
                kinds.insert(reason.kind);
            }
        }
    }
    let all = [
        ReasonKind::Trigger,
        ReasonKind::Grant,
        ReasonKind::DeadLetter,
        ReasonKind::Secret,
        ReasonKind::Visibility,
        ReasonKind::Platform,
    ];
    assert_eq!(kinds, all.into());
}

fn is_declared(function: &Function, reason: &Reason) -> bool {
    let words = reason.words.as_str();
    match reason.kind {
        ReasonKind::Trigger => {
            let source = function.trigger.source().unwrap_or_default();
            words == format!("{} = \"{source}\"", function.trigger.class().key())
        }
        ReasonKind::Grant => function.grants.iter().any(|grant| grant.to_string() == words),
        ReasonKind::DeadLetter => {
            words == format!("dead_letter = \"{}\"", function.options.dead_letter.as_deref().unwrap_or_default())
        }
        ReasonKind::Secret => function.secrets.iter().any(|secret| words == format!("secret = \"{secret}\"")),
        ReasonKind::Visibility => words.starts_with("visibility = "),
        ReasonKind::Platform => words.contains(&function.name),
        ReasonKind::Logs => false,
    }
}

/// Each app's host has an account of its own: no other app has a role there, and none has one on an account of buckets and queues.
#[test]
fn no_app_may_touch_what_another_apps_host_keeps() {
    let mut hosts = BTreeSet::new();
    for name in support::programs() {
        let mut app = support::program(&name, json!({}), None);
        app.functions.iter_mut().for_each(|function| function.options.time_zone = None);
        for it in azure::assignments(&app).unwrap() {
            let azure::On::Host(of) = &it.on else { continue };
            assert_eq!(it.who, azure::Who::App(of.clone()), "{name}");
            hosts.insert((name.clone(), of.clone()));
        }
        // The container of the package is in that account, and so is all that the host reads by `AzureWebJobsStorage`.
        let text = emit::render(&app, Format::Bicep, &[Cloud::Azure]).unwrap().remove(0).content;
        for (_, of) in hosts.iter().filter(|(program, _)| *program == name) {
            let own = text.split("\nresource ").find(|text| text.starts_with(&format!("app_{of} '"))).unwrap();
            assert!(
                own.contains(&format!("'${{host_{of}.properties.primaryEndpoints.blob}}${{package_{of}.name}}'")),
                "{own}"
            );
            assert!(
                own.contains(&format!("name: 'AzureWebJobsStorage__accountName'\n          value: host_{of}.name\n")),
                "{own}"
            );
            assert!(text.contains(&format!("package_{of} 'Microsoft.Storage/storageAccounts/blobServices/containers@2023-05-01' = {{\n  parent: host_{of}_blobs\n")), "{text}");
        }
    }
    assert!(hosts.len() > 12, "{hosts:?}");
}

/// A blob trigger's role on its bucket includes what the function's grants on it ask for, and no other bucket's.
#[test]
fn a_blob_trigger_gives_its_role_on_its_bucket_alone() {
    let grants = json!({"grants": [{"verb": "reads", "kind": "bucket", "name": "uploads"}, {"verb": "writes", "kind": "bucket", "name": "x"}]});
    let roles = on_azure(&app(with(from("storage", "uploads"), grants), &[]));
    let on_buckets: Vec<_> = roles
        .iter()
        .filter(|(role, _)| role.contains("bucket_"))
        .map(|(role, why)| (role.as_str(), why.len()))
        .collect();
    let expected = [
        ("App(\"f\"): BlobOwner on Resource(\"bucket_uploads\")", 2),
        ("App(\"f\"): BlobContributor on Resource(\"bucket_x\")", 1),
    ];
    assert_eq!(on_buckets, expected);
}

/// Two grants on one bucket are one role, the smallest that allows both; on the rest, `check` says what it allows beside them.
#[test]
fn finer_grants_make_the_smallest_role_for_all_of_them() {
    let role = |verbs: &[&str]| {
        let grants: Vec<_> = verbs.iter().map(|verb| json!({"verb": verb, "kind": "bucket", "name": "x"})).collect();
        let roles = on_google(&app(http(json!({ "grants": grants })), &[]));
        let mut found = roles.into_iter().filter_map(|(role, _)| {
            role.strip_prefix("Service(\"http\"): storage.")?.strip_suffix(" on Bucket(\"x\")").map(str::to_owned)
        });
        let role = found.next().unwrap();
        assert_eq!(found.next(), None, "{verbs:?}: one role");
        role
    };
    for (verbs, wanted) in [
        (&["gets"][..], "legacyObjectReader"),
        (&["lists"], "legacyBucketReader"),
        (&["gets", "lists"], "objectViewer"),
        (&["reads"], "objectViewer"),
        (&["puts"], "legacyBucketWriter"),
        (&["deletes", "lists"], "legacyBucketWriter"),
        (&["puts", "gets"], "objectUser"),
        (&["puts", "reads"], "objectUser"),
        (&["writes"], "objectUser"),
    ] {
        assert_eq!(role(verbs), wanted, "{verbs:?}");
    }
    let wider = |verb: &str, kind: &str, cloud| {
        let cells = check(&app(http(grant(verb, kind)), &[]), &[cloud]).unwrap();
        let mut findings = cells.into_iter().flat_map(|cell| cell.findings);
        findings.find(|it| it.verdict == Verdict::Degraded && it.why.contains("smallest role")).map(|it| it.why)
    };
    assert_eq!(
        wider("puts", "bucket", Cloud::Gcp).unwrap(),
        "`puts = \"bucket:x\"`: the smallest role that allows it also allows to delete and list objects"
    );
    for verb in ["reads", "gets", "lists", "writes", "puts", "deletes"] {
        let (is_finer, is_read) = (!["reads", "writes"].contains(&verb), ["gets", "lists"].contains(&verb));
        for kind in ["bucket", "table"] {
            assert_eq!(wider(verb, kind, Cloud::Aws), None, "{verb} {kind}");
            assert_eq!(wider(verb, kind, Cloud::Azure).is_some(), is_finer, "{verb} {kind}");
            let narrowed = kind == "bucket" && is_read;
            assert_eq!(wider(verb, kind, Cloud::Gcp).is_some(), is_finer && !narrowed, "{verb} {kind}");
        }
    }
}

/// What may write may read, and two functions of one service have one role with the reasons of both; of two services, each has its own.
#[test]
fn one_role_for_all_that_needs_it_and_none_for_another_service() {
    let both = json!({"grants": [{"verb": "reads", "kind": "bucket", "name": "x"}, {"verb": "writes", "kind": "bucket", "name": "x"}]});
    let twin = with(http(both.clone()), json!({"name": "g"}));
    let roles = on_google(&app(http(both.clone()), std::slice::from_ref(&twin)));
    let (role, why) = roles.iter().find(|(role, _)| role.contains("storage")).unwrap();
    assert_eq!((role.as_str(), why.len()), ("Service(\"http\"): storage.objectUser on Bucket(\"x\")", 4));
    assert!(!roles.iter().any(|(role, _)| role.contains("objectViewer")), "{roles:?}");

    let other = with(http(json!({})), json!({"name": "h"}));
    let roles = on_google(&app(http(both.clone()), std::slice::from_ref(&other)));
    assert!(roles.iter().all(|(role, _)| !role.starts_with("Service(\"h\")")), "{roles:?}");
    let roles = on_azure(&app(http(both), &[other]));
    assert!(roles.iter().all(|(role, _)| !(role.starts_with("App(\"h\")") && role.contains("Resource"))), "{roles:?}");
}
