//! Change streams of DocumentDB.

use omnifn_core::event::{Change, ChangeKind, time};
use serde_json::{Value, json};

pub(super) fn entry(change: Change<Value>, source: &str) -> Value {
    let operation = match change.kind {
        ChangeKind::Updated => "update",
        ChangeKind::Deleted => "delete",
        _ => "insert",
    };
    let mut event = json!({
        "_id": {"_data": change.id},
        "ns": {"db": "example", "coll": source},
        "operationType": operation,
    });
    let seconds = change.time.map(|at| time::to_millis(at) / 1000);
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            event[name] = value;
        }
    };
    put("clusterTime", seconds.map(|seconds| json!({"$timestamp": {"t": seconds, "i": 1}})));
    put("documentKey", change.key);
    put("fullDocument", change.new);
    json!({"event": event})
}

pub(super) fn event(entries: Vec<Value>) -> Value {
    json!({
        "eventSourceArn": "arn:aws:rds:us-east-1:123456789012:cluster:example",
        "events": entries,
        "eventSource": "aws:docdb",
    })
}
