//! Each trigger and each grant gives exactly the actions of this table, which was written from AWS's own documentation and knows nothing
//! of the code: removing an action, adding one or widening a resource fails here.

mod support;

use std::collections::BTreeSet;

use cargo_omnifn::policy::{self, Holder, Permission, Place, ReasonKind};
use serde_json::{Value, json};

const LOGS: &[&str] = &[
    "logs:CreateLogStream on logs:log-group:/aws/lambda/shop-f:*",
    "logs:PutLogEvents on logs:log-group:/aws/lambda/shop-f:*",
];

/// What is declared, and what it needs beside the log.
fn table() -> Vec<(Value, &'static [&'static str])> {
    let queue = |name: &str| json!({"trigger": {"kind": "queue", "source": name}});
    let dead = |mut note: Value| {
        note["options"] = json!({"dead_letter": "dead", "attempts": 3});
        note
    };
    let granted = |verb: &str, kind: &str| {
        json!({"trigger": {"kind": "http", "routes": [{"methods": ["GET"], "path": "/"}]},
            "grants": [{"verb": verb, "kind": kind, "name": "x"}]})
    };
    let topic = || json!({"trigger": {"kind": "topic", "source": "news"}});
    let stream = || json!({"trigger": {"kind": "stream", "source": "telemetry"}});
    let storage = || json!({"trigger": {"kind": "storage", "source": "uploads", "on": ["created"]}});
    let schedule = || json!({"trigger": {"kind": "schedule", "source": "0 3 * * *"}});
    let event = || json!({"trigger": {"kind": "event", "source": "order.placed"}});
    let changes = || json!({"trigger": {"kind": "changes", "source": "accounts"}});
    vec![
        (json!({"trigger": {"kind": "http", "routes": [{"methods": ["GET"], "path": "/"}]}, "secrets": ["KEY"]}), &[]),
        // https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
        (queue("orders"), POLL_QUEUE),
        (dead(queue("orders")), POLL_QUEUE),
        // https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-create.html
        (stream(), READ_STREAM),
        (dead(stream()), READ_STREAM_AND_DEAD),
        // https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html
        (changes(), READ_CHANGES),
        (dead(changes()), READ_CHANGES_AND_DEAD),
        (topic(), &[]),
        (dead(topic()), DEAD),
        (storage(), &[]),
        (dead(storage()), DEAD),
        (schedule(), &[]),
        (dead(schedule()), DEAD),
        (event(), &[]),
        (dead(event()), DEAD),
        (granted("reads", "bucket"), &["s3:GetObject on s3:x/*", "s3:ListBucket on s3:x"]),
        (
            granted("writes", "bucket"),
            &["s3:AbortMultipartUpload on s3:x/*", "s3:DeleteObject on s3:x/*", "s3:PutObject on s3:x/*"],
        ),
        (
            granted("reads", "table"),
            &[
                "dynamodb:BatchGetItem on dynamodb:table/x",
                "dynamodb:GetItem on dynamodb:table/x",
                "dynamodb:Query on dynamodb:table/x",
                "dynamodb:Query on dynamodb:table/x/index/*",
                "dynamodb:Scan on dynamodb:table/x",
                "dynamodb:Scan on dynamodb:table/x/index/*",
            ],
        ),
        (
            granted("writes", "table"),
            &[
                "dynamodb:BatchWriteItem on dynamodb:table/x",
                "dynamodb:DeleteItem on dynamodb:table/x",
                "dynamodb:PutItem on dynamodb:table/x",
                "dynamodb:UpdateItem on dynamodb:table/x",
            ],
        ),
        (granted("publishes", "queue"), &["sqs:SendMessage on sqs:x"]),
        (granted("publishes", "topic"), &["sns:Publish on sns:x"]),
        (
            granted("publishes", "stream"),
            &["kinesis:PutRecord on kinesis:stream/x", "kinesis:PutRecords on kinesis:stream/x"],
        ),
    ]
}

const DEAD: &[&str] = &["sqs:SendMessage on sqs:dead"];
const POLL_QUEUE: &[&str] =
    &["sqs:DeleteMessage on sqs:orders", "sqs:GetQueueAttributes on sqs:orders", "sqs:ReceiveMessage on sqs:orders"];
const READ_STREAM: &[&str] = &[
    "kinesis:DescribeStream on kinesis:stream/telemetry",
    "kinesis:DescribeStreamSummary on kinesis:stream/telemetry",
    "kinesis:GetRecords on kinesis:stream/telemetry",
    "kinesis:GetShardIterator on kinesis:stream/telemetry",
    "kinesis:ListShards on kinesis:stream/telemetry",
];
const READ_STREAM_AND_DEAD: &[&str] = &[
    "kinesis:DescribeStream on kinesis:stream/telemetry",
    "kinesis:DescribeStreamSummary on kinesis:stream/telemetry",
    "kinesis:GetRecords on kinesis:stream/telemetry",
    "kinesis:GetShardIterator on kinesis:stream/telemetry",
    "kinesis:ListShards on kinesis:stream/telemetry",
    "sqs:SendMessage on sqs:dead",
];
const READ_CHANGES: &[&str] = &[
    "dynamodb:DescribeStream on dynamodb:table/accounts/stream/*",
    "dynamodb:GetRecords on dynamodb:table/accounts/stream/*",
    "dynamodb:GetShardIterator on dynamodb:table/accounts/stream/*",
    "dynamodb:ListStreams on *",
];
const READ_CHANGES_AND_DEAD: &[&str] = &[
    "dynamodb:DescribeStream on dynamodb:table/accounts/stream/*",
    "dynamodb:GetRecords on dynamodb:table/accounts/stream/*",
    "dynamodb:GetShardIterator on dynamodb:table/accounts/stream/*",
    "dynamodb:ListStreams on *",
    "sqs:SendMessage on sqs:dead",
];

fn note(mut declared: Value) -> Value {
    for (key, value) in [("v", json!(1)), ("name", json!("f")), ("module", json!("shop")), ("line", json!(7))] {
        declared[key] = value;
    }
    declared["file"] = json!("src/lib.rs");
    declared
}

/// As `sqs:SendMessage on sqs:orders`: the service and what follows the account.
fn written(permission: &Permission) -> String {
    let place = Place { partition: "p", region: "r", account: "a" };
    let on = permission.on.as_ref().map_or_else(|| "*".to_owned(), |arn| arn.write(&place));
    let short =
        on.strip_prefix("arn:p:").map(|rest| rest.replacen(":r:a:", ":", 1).replacen(":::", ":", 1)).unwrap_or(on);
    format!("{} on {short}", permission.action)
}

fn set<'t>(all: impl IntoIterator<Item = &'t str>) -> BTreeSet<String> {
    all.into_iter().map(str::to_owned).collect()
}

#[test]
fn each_trigger_and_grant_gives_what_it_needs_and_nothing_more() {
    for (declared, needed) in table() {
        // A bucket that was given no name has the account and the region behind it.
        let is_bucket = declared["grants"][0]["kind"] == "bucket";
        let settings = if is_bucket { json!({"resources": {"bucket:x": {"name": "x"}}}) } else { json!({}) };
        let app = support::app("shop", json!([note(declared.clone())]), settings, None);
        let roles = policy::roles(&app);
        let found: Vec<_> = roles[0].permissions.iter().map(written).collect();
        // HTTP functions share a unit.
        let unit = if declared["trigger"]["kind"] == "http" { "shop-http" } else { "shop-f" };
        let logs: Vec<_> = LOGS.iter().map(|action| action.replace("shop-f", unit)).collect();
        let expected = set(logs.iter().map(String::as_str).chain(needed.iter().copied()));
        assert_eq!(set(found.iter().map(String::as_str)), expected, "{declared}");
        assert_eq!(found.len(), expected.len(), "{declared}: one is there twice");
        let schedules: Vec<_> = roles[1..].iter().flat_map(|role| role.permissions.iter().map(written)).collect();
        let calls: &[&str] = if declared["trigger"]["kind"] == "schedule" {
            &["lambda:InvokeFunction on lambda:function:shop-f"]
        } else {
            &[]
        };
        assert_eq!(schedules, calls, "{declared}");
    }
}

#[test]
fn every_action_of_the_examples_is_explained_by_words_of_its_attribute() {
    for name in support::programs() {
        let app = support::program(&name, json!({}), None);
        let roles = policy::roles(&app);
        for function in &app.functions {
            let own: Vec<_> = roles.iter().filter(|role| role.functions.contains(&function.name)).collect();
            assert_eq!(
                own.iter().filter(|role| role.holder == Holder::Function).count(),
                1,
                "{name}/{}",
                function.name
            );
            for (role, permission) in own.iter().flat_map(|role| role.permissions.iter().map(move |it| (role, it))) {
                assert!(!permission.why.is_empty(), "{name}/{}: {permission:?}", function.name);
                assert!(permission.why.iter().all(|reason| role.functions.contains(&reason.function)), "{name}");
                for reason in permission.why.iter().filter(|reason| reason.function == function.name) {
                    assert_eq!(reason.place, function.location.to_string());
                    let mut grants = function.grants.iter().map(ToString::to_string);
                    let declared = match reason.kind {
                        ReasonKind::Grant => grants.any(|grant| grant == reason.words),
                        ReasonKind::Trigger => {
                            let source = function.trigger.source().unwrap();
                            reason.words == format!("{} = \"{source}\"", function.trigger.class().key())
                        }
                        ReasonKind::DeadLetter => {
                            let queue = function.options.dead_letter.as_deref().unwrap();
                            reason.words == format!("dead_letter = \"{queue}\"")
                        }
                        ReasonKind::Logs => permission.action.starts_with("logs:"),
                        // On AWS nothing of these needs a permission of the function's own.
                        ReasonKind::Secret | ReasonKind::Visibility | ReasonKind::Platform => false,
                    };
                    assert!(declared, "{name}/{}: {reason}", function.name);
                }
            }
        }
    }
}

#[test]
fn names_are_those_of_the_stage() {
    let functions = json!([note(json!({"trigger": {"kind": "queue", "source": "orders"},
        "grants": [{"verb": "reads", "kind": "bucket", "name": "uploads"}]}))]);
    let settings =
        json!({"stages": {"prod": {"resources": {"queue:orders": {"name": "prod-orders", "create": false}}}}});
    let app = support::app("shop", functions, settings, Some("prod"));
    let found: Vec<_> = policy::roles(&app)[0].permissions.iter().map(written).collect();
    for expected in [
        "logs:PutLogEvents on logs:log-group:/aws/lambda/shop-prod-f:*",
        "sqs:ReceiveMessage on sqs:prod-orders",
        // All accounts share the names of buckets.
        "s3:GetObject on s3:prod-uploads-a-r/*",
    ] {
        assert!(found.iter().any(|found| found == expected), "{expected} in {found:?}");
    }
}
