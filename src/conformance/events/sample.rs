//! Events of each class, with all that the common types have.

use bytes::Bytes;
use omnifn_core::{
    Event,
    event::{Change, ChangeKind, Class, CloudEvent, Message, Object, Tick, time},
};
use serde_json::json;

/// An event, and what its function is to do where the shape does not carry that.
pub(crate) struct Acting {
    pub(crate) event: Event,
    pub(crate) act: String,
}

fn at(second: u64) -> Option<std::time::SystemTime> {
    time::parse(&format!("2026-11-23T05:42:{second:02}Z"))
}

/// An event that has everything, and what its function is to do.
pub(crate) fn acting(class: Class, act: &str) -> Acting {
    let content = json!({"act": act, "text": "grüße + %2B"}).to_string();
    Acting { event: event(class, 1, content.into(), "pictures/a b+ü%2B.jpg"), act: act.to_owned() }
}

/// The event of this number, which contains the action to take.
pub(crate) fn numbered(class: Class, number: usize, act: &str) -> Acting {
    let content = json!({"act": act, "number": number}).to_string();
    let key = format!("{act}-{number}-.jpg");
    Acting { event: event(class, number, content.into(), &key), act: act.to_owned() }
}

/// Several events, each of which contains its action.
pub(crate) fn several(class: Class, acts: &[&str]) -> Vec<Acting> {
    acts.iter().enumerate().map(|(number, act)| numbered(class, number, act)).collect()
}

/// An event whose content is not what its function takes; `None` where a function of this class takes any.
pub(crate) fn undecodable(class: Class) -> Option<Acting> {
    let has_content = matches!(class, Class::Queue | Class::Topic | Class::Stream | Class::Event);
    has_content.then(|| Acting { event: event(class, 1, Bytes::from(r#"{"act": 7}"#), "x"), act: "ok".to_owned() })
}

fn event(class: Class, number: usize, content: Bytes, key: &str) -> Event {
    let id = format!("id-{number}");
    match class {
        Class::Queue | Class::Topic | Class::Stream => {
            let mut message = Message::new(content);
            message.id = Some(id);
            message.source = Some("its source".to_owned());
            message.time = at(number as u64);
            message.attributes.insert("color".to_owned(), "red".to_owned());
            message.attempt = Some(3);
            message.key = Some("key-7".to_owned());
            message.sequence = Some((1000 + number).to_string());
            message.partition = Some("4".to_owned());
            message.content_type = Some("application/json".to_owned());
            message.subject = Some("what it is about".to_owned());
            Event::from(message)
        }
        Class::Storage => {
            let mut object = Object::created("uploads", key);
            object.id = Some(id);
            object.source = Some("its source".to_owned());
            object.time = at(number as u64);
            object.size = Some(5);
            object.etag = Some("0b69".to_owned());
            object.version = Some("17".to_owned());
            object.sequence = Some(format!("00{number}"));
            object.content_type = Some("image/jpeg".to_owned());
            object.metadata.insert("color".to_owned(), "red".to_owned());
            object.content = Some(Bytes::from_static(b"\xff\xd8\xff\xe0\x00"));
            Event::from(object)
        }
        Class::Schedule => {
            let mut tick = Tick::new();
            tick.id = Some(id);
            tick.source = Some("its source".to_owned());
            tick.scheduled = at(number as u64);
            tick.late = Some(true);
            tick.attempt = Some(3);
            tick.input = content;
            Event::from(tick)
        }
        Class::Changes => {
            let new = serde_json::from_slice(&content).unwrap_or_default();
            let mut change =
                Change::new(ChangeKind::Updated, Some(json!({"balance": 7, "list": [1, {"a": null}]})), Some(new));
            change.key = Some(json!({"id": "7"}));
            change.id = Some(id);
            change.source = Some("its source".to_owned());
            change.time = at(number as u64);
            change.sequence = Some((1000 + number).to_string());
            Event::from(change)
        }
        _ => {
            let mut event = CloudEvent::new(id, "/its/source", "order.placed", content);
            event.subject = Some("grüße %2B".to_owned());
            event.time_text = Some("2026-11-23T05:42:01.5+01:00".to_owned());
            event.data_content_type = Some("application/json".to_owned());
            event.data_schema = Some("https://example.com/schema".to_owned());
            event.extensions.insert("color".to_owned(), "dark red".to_owned());
            Event::from(event)
        }
    }
}
