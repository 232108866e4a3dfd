//! Each trigger and each grant gives exactly the actions of this table, which was written from AWS's own documentation and knows nothing
//! of the code: removing an action, adding one or widening a resource fails here.

mod support;

use std::collections::BTreeSet;

use cargo_omnifn::{
    model::{Class, Function},
    policy::{self, Holder, Permission, Place, ReasonKind},
};
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
        // https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
        (granted("gets", "bucket"), &["s3:GetObject on s3:x/*"]),
        (granted("lists", "bucket"), &["s3:ListBucket on s3:x"]),
        (granted("puts", "bucket"), &["s3:AbortMultipartUpload on s3:x/*", "s3:PutObject on s3:x/*"]),
        (granted("deletes", "bucket"), &["s3:DeleteObject on s3:x/*"]),
        // https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
        (
            granted("gets", "table"),
            &["dynamodb:BatchGetItem on dynamodb:table/x", "dynamodb:GetItem on dynamodb:table/x"],
        ),
        (
            granted("lists", "table"),
            &[
                "dynamodb:Query on dynamodb:table/x",
                "dynamodb:Query on dynamodb:table/x/index/*",
                "dynamodb:Scan on dynamodb:table/x",
                "dynamodb:Scan on dynamodb:table/x/index/*",
            ],
        ),
        (
            granted("puts", "table"),
            &["dynamodb:PutItem on dynamodb:table/x", "dynamodb:UpdateItem on dynamodb:table/x"],
        ),
        (granted("deletes", "table"), &["dynamodb:DeleteItem on dynamodb:table/x"]),
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

/// The calls that are made in the name of a function: by Lambda for its trigger and its dead letters, and by the function for what it declares.
/// This is the table above with the names of a program, and knows nothing of the code, either.
fn calls(function: &Function, unit: &str) -> BTreeSet<String> {
    let mut all = set([]);
    let mut call = |actions: &[&str], on: String| all.extend(actions.iter().map(|action| format!("{action} on {on}")));
    call(&["logs:CreateLogStream", "logs:PutLogEvents"], format!("logs:log-group:/aws/lambda/{unit}:*"));
    let source = function.trigger.source().unwrap_or_default();
    match function.trigger.class() {
        Class::Queue => {
            call(&["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], format!("sqs:{source}"));
        }
        Class::Stream => {
            let reads = ["DescribeStream", "DescribeStreamSummary", "GetRecords", "GetShardIterator", "ListShards"];
            call(
                &reads.map(|action| ["kinesis:", action].concat()).each_ref().map(String::as_str),
                format!("kinesis:stream/{source}"),
            );
        }
        Class::Changes => {
            let reads = ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"];
            call(&reads, format!("dynamodb:table/{source}/stream/*"));
            call(&["dynamodb:ListStreams"], "*".to_owned());
        }
        Class::Http | Class::Invoke | Class::Topic | Class::Storage | Class::Schedule | Class::Event => {}
    }
    match (&function.options.dead_letter, function.trigger.class()) {
        // SQS moves its own.
        (None, _) | (_, Class::Queue | Class::Http | Class::Invoke) => {}
        (Some(dead), _) => call(&["sqs:SendMessage"], format!("sqs:{dead}")),
    }
    for grant in &function.grants {
        let (name, words) = (&grant.name, grant.to_string());
        // Alone among these, the name of a bucket has the account and the region behind it.
        let (bucket, table) = (format!("s3:{name}-a-r"), format!("dynamodb:table/{name}"));
        match words.split(&[' ', '"', ':'][..]).filter(|word| !word.is_empty() && *word != "=").collect::<Vec<_>>()[..2]
        {
            ["reads", "bucket"] => {
                call(&["s3:GetObject"], format!("{bucket}/*"));
                call(&["s3:ListBucket"], bucket);
            }
            ["writes", "bucket"] => {
                call(&["s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"], format!("{bucket}/*"));
            }
            ["reads", "table"] => {
                call(&["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query", "dynamodb:Scan"], table.clone());
                call(&["dynamodb:Query", "dynamodb:Scan"], format!("{table}/index/*"));
            }
            ["writes", "table"] => {
                let writes = ["PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem"];
                call(&writes.map(|action| ["dynamodb:", action].concat()).each_ref().map(String::as_str), table);
            }
            ["publishes", "queue"] => call(&["sqs:SendMessage"], format!("sqs:{name}")),
            ["publishes", "topic"] => call(&["sns:Publish"], format!("sns:{name}")),
            ["publishes", "stream"] => {
                call(&["kinesis:PutRecord", "kinesis:PutRecords"], format!("kinesis:stream/{name}"))
            }
            _ => panic!("no example has had {words} until now: say what it calls"),
        }
    }
    all
}

/// What is wrong with a role, given the calls that are made with it.
fn wrong(role: &BTreeSet<String>, calls: &BTreeSet<String>) -> Vec<String> {
    let denied = calls.difference(role).map(|call| format!("denied: {call}"));
    denied.chain(role.difference(calls).map(|action| format!("not needed: {action}"))).collect()
}

/// Each unit of each example makes all its calls, and is allowed nothing else: with any action removed, a call is denied; any other action,
/// or any action on more, is not needed.
#[test]
fn the_role_of_every_example_is_the_least() {
    let every: BTreeSet<String> = table().iter().flat_map(|(_, actions)| set(actions.iter().copied())).collect();
    let (mut removed, mut added) = (0, 0);
    for name in support::programs() {
        let app = support::program(&name, json!({}), None);
        for role in policy::roles(&app) {
            let functions = app.functions.iter().filter(|it| role.functions.contains(&it.name));
            let unit = format!("{}-{}", app.name, role.unit);
            let calls = match role.holder {
                Holder::Function => functions.flat_map(|function| calls(function, &unit)).collect(),
                // https://docs.aws.amazon.com/scheduler/latest/UserGuide/setting-up.html#setting-up-execution-role
                Holder::Schedule => set([format!("lambda:InvokeFunction on lambda:function:{unit}").as_str()]),
            };
            let role: BTreeSet<String> = role.permissions.iter().map(written).collect();
            assert_eq!(wrong(&role, &calls), Vec::<String>::new(), "{unit}");
            for action in &role {
                let mut less = role.clone();
                less.remove(action);
                assert_eq!(wrong(&less, &calls), [format!("denied: {action}")], "{unit}");
                removed += 1;
                let (what, on) = action.split_once(" on ").unwrap();
                if on != "*" {
                    less.insert(format!("{what} on *"));
                    assert_eq!(wrong(&less, &calls).len(), 2, "{unit}: {what} on more than it needs");
                }
            }
            for action in every.difference(&role) {
                let more = role.iter().chain([action]).cloned().collect();
                assert_eq!(wrong(&more, &calls), [format!("not needed: {action}")], "{unit}");
                added += 1;
            }
        }
    }
    assert!(removed > 50 && added > 300, "{removed} removed, {added} added");
}

/// The place of a reason is the attribute with its words, in the source of the example.
#[test]
fn the_place_of_a_reason_is_the_attribute_that_has_its_words() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut checked = 0;
    for name in support::programs() {
        let app = support::program(&name, json!({}), None);
        for reason in
            policy::roles(&app).iter().flat_map(|role| &role.permissions).flat_map(|permission| &permission.why)
        {
            let (file, line) = reason.place.rsplit_once(':').unwrap();
            let source = std::fs::read_to_string(root.join(file)).unwrap();
            let lines = source.lines().skip(line.parse::<usize>().unwrap() - 1).map(str::trim);
            let mut is_open = true;
            let attribute: Vec<_> =
                lines.take_while(|line| std::mem::replace(&mut is_open, !line.ends_with(")]"))).collect();
            assert!(attribute[0].starts_with("#[function("), "{name}: {reason}: {attribute:?}");
            if reason.kind != ReasonKind::Logs {
                assert!(attribute.join(" ").contains(&reason.words), "{name}: {reason}: {attribute:?}");
            }
            checked += 1;
        }
    }
    assert!(checked > 50, "{checked} reasons");
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
