//! Runs golden vectors of events: provider bytes → records, and what became of them → provider bytes. `OMNIFN_BLESS=1` writes
//! `call.json` and `out.json` anew, to be read before they are kept.
//!
//! A case is a folder of JSON files, of which `settings.json`, `in.json` and `out.json` are as for requests. Beside them:
//!
//! - `function.json`: the one function that there is: `{"class", "source", "service"}`.
//! - `call.json`: `{"records": [{"id", "group", "trace", "event"} or {"id", "group", "error": [parts]}]}`, where `event` has the
//!   fields of the common type that are not empty, and `"warning": [parts]` beside it; or `{"refused": [parts of the error's text]}`, or `{"answered": status}`.
//! - `reply.json`: `{"outcomes": ["done", "retry", "reject", "discard", "not started"]}`, one for each record.

use std::{collections::BTreeMap, fmt::Write as _, fs, path::Path};

use http::{Request, Response};
use omnifn_core::{
    Adapter, Decoded, Deploy, Error, Event, Functions, Location, Options, Outcome, Payload, Peer, Record, Reply,
    Settings, Spec, StorageTrigger, Trigger,
    event::{Json, ObjectChange, time},
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::vectors::vector_files::Message;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Function {
    class: String,
    source: String,
    service: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Outcomes {
    outcomes: Vec<String>,
}

/// Runs every case in `folder`, at least `least` of them.
pub(crate) fn run<A: Adapter>(folder: impl AsRef<Path>, least: usize, new: impl Fn(&dyn Settings) -> A) {
    let folder = folder.as_ref();
    let mut cases: Vec<_> = fs::read_dir(folder)
        .unwrap_or_else(|e| panic!("{}: {e}", folder.display()))
        .map(|entry| entry.expect("a readable folder").path())
        .collect();
    cases.sort();
    assert!(cases.len() >= least, "{} holds {} cases, expected at least {least}", folder.display(), cases.len());
    let mut report = String::new();
    for case in &cases {
        for difference in check(case, &new) {
            writeln!(report, "{}: {difference}", case.display()).expect("a string takes all");
        }
    }
    assert!(report.is_empty(), "golden vectors differ:\n{report}");
}

fn check<A: Adapter>(case: &Path, new: impl Fn(&dyn Settings) -> A) -> Vec<String> {
    let read = |part: &str| fs::read(case.join(part)).ok();
    let settings: BTreeMap<String, String> =
        read("settings.json").map(|json| serde_json::from_slice(&json).expect("settings.json")).unwrap_or_default();
    let mut adapter = new(&|name: &str| settings.get(name).cloned());
    let function: Function =
        serde_json::from_slice(&read("function.json").expect("a function.json")).expect("function.json");
    adapter.serve(Functions::from_iter([spec(function)]));
    let message: Message = serde_json::from_slice(&read("in.json").expect("an in.json")).expect("in.json");

    let mut request = whole(message.into_request());
    // Every vector is sent from this machine.
    request.extensions_mut().insert(Peer(([127, 0, 0, 1], 50_000).into()));
    let (origin, decoded) = adapter.decode(request);
    let (call, reply) = match decoded {
        Decoded::Delivery(delivery) => {
            let records: Vec<_> = delivery.records.iter().map(shown).collect();
            let reply = read("reply.json").map(|json| serde_json::from_slice::<Outcomes>(&json).expect("reply.json"));
            let outcomes = reply.map(|reply| reply.outcomes.iter().map(|word| outcome(word)).collect::<Vec<_>>());
            (json!({"records": records}), outcomes.map(Reply::Delivered))
        }
        Decoded::Refused(refusal) => {
            (json!({"refused": [refusal.error.to_string()]}), Some(Reply::Failed(refusal.error)))
        }
        Decoded::Answer(response) => (json!({"answered": response.status().as_u16()}), Some(Reply::Http(response))),
        Decoded::Call(_) => return vec!["an HTTP request, and no event".to_owned()],
    };
    let out = reply.map(|reply| answer(adapter.encode(origin, reply)));

    let mut wrong = Vec::new();
    for (part, found) in [("call.json", Some(call)), ("out.json", out)] {
        let Some(found) = found else { continue };
        if std::env::var_os("OMNIFN_BLESS").is_some() {
            let text = serde_json::to_string_pretty(&found).expect("JSON") + "\n";
            fs::write(case.join(part), text).expect("the file can be written");
        }
        let expected: Value = read(part).map(|json| serde_json::from_slice(&json).expect("JSON")).unwrap_or_default();
        if !same(&expected, &found) {
            wrong.push(format!("{part}\n  expected {expected}\n     found {found}"));
        }
    }
    wrong
}

/// Equal; of an error, the parts that are written are in its text.
fn same(expected: &Value, found: &Value) -> bool {
    match (expected, found) {
        (Value::Object(expected), Value::Object(found)) => {
            expected.len() == found.len()
                && expected.iter().all(|(key, value)| {
                    found.get(key).is_some_and(|found| match key.as_str() {
                        "refused" | "error" | "warning" if value.is_array() => {
                            let text = found[0].as_str().unwrap_or_default();
                            value.as_array().is_some_and(|parts| {
                                parts.iter().all(|part| text.contains(part.as_str().unwrap_or("\0")))
                            })
                        }
                        _ => same(value, found),
                    })
                })
        }
        (Value::Array(expected), Value::Array(found)) => {
            expected.len() == found.len() && expected.iter().zip(found).all(|(expected, found)| same(expected, found))
        }
        _ => expected == found,
    }
}

fn whole(request: Request<Payload>) -> Request<Payload> {
    assert!(request.body().whole().is_some(), "an event's body is whole");
    request
}

fn spec(function: Function) -> &'static Spec {
    let source: &'static str = function.source.leak();
    let trigger = match function.class.as_str() {
        "queue" => Trigger::Queue(source),
        "topic" => Trigger::Topic(source),
        "stream" => Trigger::Stream(source),
        "storage" => {
            Trigger::Storage(StorageTrigger { bucket: source, on: &ObjectChange::ALL, prefix: None, suffix: None })
        }
        "schedule" => Trigger::Schedule(source),
        "event" => Trigger::Event(source),
        "changes" => Trigger::Changes(source),
        other => panic!("there is no class {other:?}"),
    };
    let location = Location { module: "vectors", file: file!(), line: line!() };
    let mut options = Options::NONE;
    options.service = function.service.map(|service| &*service.leak());
    Box::leak(Box::new(Spec {
        name: "take",
        trigger,
        options,
        deploy: Deploy::NONE,
        grants: &[],
        secrets: &[],
        location,
    }))
}

fn outcome(word: &str) -> Outcome {
    match word {
        "done" => Outcome::Done,
        "retry" => Outcome::Failed(Error::retry("the shop is closed")),
        "reject" => Outcome::Failed(Error::reject("there is no such thing")),
        "discard" => Outcome::Failed(Error::discard("it was seen before")),
        "not started" => Outcome::NotStarted,
        other => panic!("there is no outcome {other:?}"),
    }
}

fn answer(response: Response<Payload>) -> Value {
    let body = response.body().whole().expect("a whole reply");
    let body = match std::str::from_utf8(body) {
        Ok(text) if serde_json::from_str::<Value>(text).is_ok() => {
            json!({"json": serde_json::from_str::<Value>(text).expect("JSON")})
        }
        text => text.unwrap_or("bytes").into(),
    };
    json!({"status": response.status().as_u16(), "body": body})
}

fn shown(record: &Record) -> Value {
    let mut shown = json!({});
    put(&mut shown, "id", record.id.clone().map(Value::from));
    put(&mut shown, "group", record.group.clone().map(Value::from));
    put(&mut shown, "trace", record.trace.as_ref().map(|trace| trace.trace_id().into()));
    match &record.event {
        Ok(event) => shown["event"] = fields(event),
        Err(error) => shown["error"] = json!([error.to_string()]),
    }
    put(&mut shown, "warning", record.warning.as_ref().map(|warning| json!([warning])));
    shown
}

fn put(map: &mut Value, name: &str, value: Option<Value>) {
    if let Some(value) = value {
        map[name] = value;
    }
}

fn at(at: Option<std::time::SystemTime>) -> Option<Value> {
    at.map(|at| time::rfc3339(at).into())
}

fn content(bytes: &[u8]) -> Value {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(_) => json!({"base64": base64_simd::STANDARD.encode_to_string(bytes)}),
    }
}

fn fields(event: &Event) -> Value {
    let mut map = json!({});
    let text = |text: &Option<String>| text.clone().map(Value::from);
    match event {
        Event::Message(message) => {
            map["body"] = content(&message.body);
            for (name, value) in [
                ("id", text(&message.id)),
                ("source", text(&message.source)),
                ("time", at(message.time)),
                ("attempt", message.attempt.map(Value::from)),
                ("key", text(&message.key)),
                ("sequence", text(&message.sequence)),
                ("partition", text(&message.partition)),
                ("content_type", text(&message.content_type)),
                ("subject", text(&message.subject)),
                ("attributes", Some(json!(message.attributes)).filter(|_| !message.attributes.is_empty())),
            ] {
                put(&mut map, name, value);
            }
        }
        Event::Object(object) => {
            map["bucket"] = object.bucket.as_str().into();
            map["key"] = object.key.as_str().into();
            map["change"] = object.change.name().into();
            for (name, value) in [
                ("id", text(&object.id)),
                ("source", text(&object.source)),
                ("time", at(object.time)),
                ("size", object.size.map(Value::from)),
                ("etag", text(&object.etag)),
                ("version", text(&object.version)),
                ("sequence", text(&object.sequence)),
                ("content_type", text(&object.content_type)),
                ("metadata", Some(json!(object.metadata)).filter(|_| !object.metadata.is_empty())),
                ("content", object.content.as_deref().map(content)),
            ] {
                put(&mut map, name, value);
            }
        }
        Event::Tick(tick) => {
            for (name, value) in [
                ("id", text(&tick.id)),
                ("source", text(&tick.source)),
                ("scheduled", at(tick.scheduled)),
                ("late", tick.late.map(Value::from)),
                ("attempt", tick.attempt.map(Value::from)),
                ("input", Some(content(&tick.input)).filter(|_| !tick.input.is_empty())),
            ] {
                put(&mut map, name, value);
            }
        }
        Event::Cloud(event) => {
            map["id"] = event.id.as_str().into();
            map["source"] = event.source.as_str().into();
            map["type"] = event.r#type.as_str().into();
            for (name, value) in [
                ("subject", text(&event.subject)),
                ("time", text(&event.time_text)),
                ("data_content_type", text(&event.data_content_type)),
                ("data_schema", text(&event.data_schema)),
                ("extensions", Some(json!(event.extensions)).filter(|_| !event.extensions.is_empty())),
                ("data", Some(content(&event.data)).filter(|_| !event.data.is_empty())),
            ] {
                put(&mut map, name, value);
            }
        }
        Event::Change(change) => {
            map["kind"] = change.kind.name().into();
            for (name, value) in [
                ("key", change.key.clone()),
                ("old", change.old.as_ref().map(Json::value)),
                ("new", change.new.as_ref().map(Json::value)),
                ("id", text(&change.id)),
                ("source", text(&change.source)),
                ("time", at(change.time)),
                ("sequence", text(&change.sequence)),
                ("expired", change.expired.map(Value::from)),
            ] {
                put(&mut map, name, value);
            }
        }
        other => panic!("{} is not an event", other.what()),
    }
    map
}
