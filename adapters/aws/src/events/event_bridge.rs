//! Events of EventBridge: of a bus, of a schedule, of a bucket.

use bytes::Bytes;
use omnifn_core::{
    Error, ErrorKind, Record, Spec,
    event::{self, Class, CloudEvent, ObjectChange, Tick, time},
    json::{self, Object, Str},
    log::cut,
};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Batch, Claim, Read, choose, other_than};
use crate::Aws;

#[derive(Deserialize)]
pub(super) struct Event<'a> {
    #[serde(borrow, rename = "detail-type")]
    detail_type: Str<'a>,
    #[serde(borrow)]
    source: Str<'a>,
    #[serde(borrow)]
    id: Option<Str<'a>>,
    #[serde(borrow)]
    time: Option<Str<'a>>,
    #[serde(borrow)]
    account: Option<Str<'a>>,
    #[serde(borrow)]
    region: Option<Str<'a>>,
    #[serde(borrow)]
    resources: Option<&'a RawValue>,
    #[serde(borrow)]
    detail: Option<&'a RawValue>,
}

/// The detail of an event of S3. EventBridge does not encode the key.
#[derive(Deserialize)]
struct Detail<'a> {
    #[serde(borrow)]
    bucket: Object<Bucket<'a>>,
    #[serde(borrow)]
    object: Object<Entry<'a>>,
}

#[derive(Deserialize)]
struct Bucket<'a> {
    #[serde(borrow)]
    name: Str<'a>,
}

#[derive(Deserialize)]
struct Entry<'a> {
    #[serde(borrow)]
    key: Str<'a>,
    size: Option<u64>,
    #[serde(borrow)]
    etag: Option<Str<'a>>,
    #[serde(borrow, rename = "version-id")]
    version: Option<Str<'a>>,
    #[serde(borrow)]
    sequencer: Option<Str<'a>>,
}

pub(super) fn read(aws: &Aws, event: &Bytes) -> Result<Read, Error> {
    let wire: Event<'_> = json::object(event, "this event of EventBridge")?;
    let mut claims = wire.claims();
    if wire.is_schedule() {
        // A schedule is an event only for a function whose trigger names it.
        let is_named = |function: &Spec| function.source() == Some(&*wire.detail_type);
        claims.retain(|(class, _)| *class != Class::Event || aws.functions.iter().any(is_named));
    }
    let chosen = || {
        choose(aws, &claims, || {
            let what = if wire.is_schedule() { "a schedule" } else { "an event" };
            format!("{what} of EventBridge (`{}` from `{}`)", cut(&wire.detail_type), cut(&wire.source))
        })
    };
    let function = wire.function(aws).map_or_else(chosen, Ok)?;
    let record = Record::new(wire.read(event, function));
    Ok(Read { function, batch: Batch::Whole, records: Box::new(std::iter::once(record)), system: None })
}

impl Event<'_> {
    fn is_schedule(&self) -> bool {
        &*self.source == "aws.scheduler" || (&*self.source == "aws.events" && &*self.detail_type == "Scheduled Event")
    }

    /// Returns the function that names the event's type, and its source if it names one. Several may take a type of different sources.
    fn function(&self, aws: &Aws) -> Option<&'static Spec> {
        let is_named = |spec: &&Spec| spec.class() == Class::Event && spec.source() == Some(&*self.detail_type);
        let of_type = || aws.functions.iter().filter(is_named);
        let of_source = of_type().find(|spec| spec.options.source == Some(&*self.source));
        of_source.or_else(|| of_type().find(|spec| spec.options.source.is_none()))
    }

    fn object_change(&self) -> Option<ObjectChange> {
        Some(match &*self.detail_type {
            "Object Created" | "Object Restore Completed" => ObjectChange::Created,
            "Object Deleted" => ObjectChange::Deleted,
            "Object Storage Class Changed" | "Object Access Tier Changed" => ObjectChange::Archived,
            "Object Tags Added" | "Object Tags Deleted" | "Object ACL Updated" => ObjectChange::Updated,
            _ => return None,
        })
    }

    /// Returns the classes that the event could be read as.
    pub(super) fn claims(&self) -> Vec<Claim> {
        let mut claims = Vec::new();
        if self.is_schedule() {
            claims.push((Class::Schedule, None));
        }
        if &*self.source == "aws.s3" && self.object_change().is_some() {
            let detail = self.detail.and_then(|detail| json::parse_str::<Detail<'_>>(detail.get()).ok());
            claims.push((Class::Storage, detail.map(|detail| detail.bucket.name.to_string())));
        }
        claims.push((Class::Event, Some(self.detail_type.to_string())));
        claims
    }

    /// Decodes the event as the function declares it.
    pub(super) fn read(self, document: &Bytes, function: &Spec) -> Result<event::Event, Error> {
        match function.class() {
            Class::Schedule => Ok(self.tick(document).into()),
            Class::Storage => self.object().map(event::Event::from),
            Class::Event => Ok(self.cloud(document).into()),
            _ => Err(other_than(function)),
        }
    }

    /// Returns the first of the resources that the event is about.
    fn resource(&self) -> Option<String> {
        json::first(self.resources?).and_then(|name| json::parse_str(name.get()).ok())
    }

    fn data(&self, document: &Bytes) -> Bytes {
        self.detail.map(|detail| json::slice(document, detail.get().as_bytes())).unwrap_or_default()
    }

    fn tick(self, document: &Bytes) -> Tick {
        let (detail, resource) = (self.data(document), self.resource());
        let mut tick = Tick::new();
        tick.id = self.id.map(Str::into_string);
        tick.scheduled = self.time.as_deref().and_then(time::parse);
        tick.source = resource;
        // The detail of a rule is an empty object, and that of EventBridge Scheduler is a string with one.
        tick.input = if matches!(&detail[..], b"{}" | b"\"{}\"") { Bytes::new() } else { detail };
        tick
    }

    fn object(self) -> Result<event::Object, Error> {
        let change = self.object_change().ok_or_else(|| {
            let text = format!("`{}` from EventBridge is not a change of an object", cut(&self.detail_type));
            Error::new(ErrorKind::Decode, text)
        })?;
        let detail = self.detail.map_or("null", RawValue::get);
        let detail: Detail<'_> =
            json::object(detail.as_bytes(), format_args!("`detail` of `{}`", cut(&self.detail_type)))?;
        let Object(entry) = detail.object;
        let resource = self.resource();
        let text = |text: Option<Str<'_>>| text.map(Str::into_string).filter(|text| !text.is_empty());
        let mut object = event::Object::new(change, detail.bucket.0.name, entry.key);
        object.id = text(self.id);
        object.source = resource;
        object.time = self.time.as_deref().and_then(time::parse);
        object.size = entry.size;
        object.etag = text(entry.etag);
        object.version = text(entry.version);
        object.sequence = text(entry.sequencer);
        Ok(object)
    }

    fn cloud(self, document: &Bytes) -> CloudEvent {
        let (detail, resource) = (self.data(document), self.resource());
        let mut event = CloudEvent::new(self.id.unwrap_or_default(), self.source, self.detail_type, detail);
        event.time_text = self.time.map(Str::into_string);
        event.data_content_type = Some("application/json".to_owned());
        event.subject = resource;
        let named = [("account", self.account), ("region", self.region)];
        let named = named.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.into_string())));
        event.extensions.extend(named);
        event
    }
}
