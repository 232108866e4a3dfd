//! Schedules: rules of EventBridge, and EventBridge Scheduler.

use bytes::Bytes;
use omnifn_core::{
    Error,
    event::{Tick, time},
    json::{Object, Str, first},
};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::unsupported::not_json;

/// The event that a rule or a schedule without an input of its own sends. It has these keys and no other.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Event<'a> {
    #[serde(borrow)]
    version: Str<'a>,
    #[serde(borrow)]
    id: Str<'a>,
    #[serde(borrow, rename = "detail-type")]
    detail_type: Str<'a>,
    #[serde(borrow)]
    source: Str<'a>,
    #[serde(borrow, rename = "account")]
    _account: Option<Str<'a>>,
    #[serde(borrow)]
    time: Str<'a>,
    #[serde(borrow, rename = "region")]
    _region: Option<Str<'a>>,
    #[serde(borrow)]
    resources: &'a RawValue,
    #[serde(borrow)]
    detail: &'a RawValue,
}

impl Event<'_> {
    /// Returns whether the platform wrote the whole event, so that it contains no input.
    fn is_without_input(&self) -> bool {
        &*self.version == "0"
            && &*self.detail_type == "Scheduled Event"
            && matches!(&*self.source, "aws.events" | "aws.scheduler")
            && time::parse(&self.time).is_some()
            // The detail of a rule is an empty object, and that of EventBridge Scheduler is a string with one.
            && matches!(self.detail.get(), "{}" | "\"{}\"")
    }
}

/// Reads an event as a tick. Whatever the platform did not write itself is the input that is configured for the schedule, unchanged.
pub(super) fn tick(event: &Bytes) -> Result<Tick, Error> {
    let mut tick = Tick::new();
    match omnifn_core::json::parse::<Object<Event<'_>>>(event) {
        Ok(Object(wire)) if wire.is_without_input() => {
            tick.scheduled = time::parse(&wire.time);
            tick.id = Some(wire.id.into_string());
            tick.source = first(wire.resources).and_then(|name| omnifn_core::json::parse_str(name.get()).ok());
        }
        _ => {
            not_json(event).map_or(Ok(()), Err)?;
            tick.input = event.clone();
        }
    }
    Ok(tick)
}
