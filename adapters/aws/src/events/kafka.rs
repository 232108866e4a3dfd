//! Records of Kafka.

use std::{collections::BTreeMap, fmt};

use bytes::Bytes;
use omnifn_core::{
    Delivery, Error, Event,
    event::{Class, Message, time},
    json::{self, Elements, Str, check_count},
    log::cut,
};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, MapAccess, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

use super::{Batch, Read, broken, choose, empty, source_of, unbase64};
use crate::Aws;

#[derive(Deserialize)]
struct Record<'a> {
    #[serde(borrow)]
    topic: Option<Str<'a>>,
    partition: Option<u64>,
    offset: Option<u64>,
    timestamp: Option<i64>,
    #[serde(borrow)]
    key: Option<Str<'a>>,
    #[serde(borrow)]
    value: Option<Str<'a>>,
    headers: Option<Headers>,
}

/// The headers of a record: a list of objects with one name each, whose value is a list of Java's bytes, which are signed.
struct Headers(BTreeMap<String, String>);

impl<'de> Deserialize<'de> for Headers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut headers = BTreeMap::new();
        ListOf(&mut headers).deserialize(deserializer)?;
        Ok(Headers(headers))
    }
}

/// Reads a list of objects with headers.
struct ListOf<'h>(&'h mut BTreeMap<String, String>);

impl<'de> DeserializeSeed<'de> for ListOf<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for ListOf<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of headers")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element_seed(Object(self.0))?.is_some() {}
        Ok(())
    }
}

/// Reads an object with headers.
struct Object<'h>(&'h mut BTreeMap<String, String>);

impl<'de> DeserializeSeed<'de> for Object<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Object<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with a header")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key()? {
            check_count(self.0.len())?;
            let value: JavaBytes = map.next_value()?;
            self.0.insert(name, String::from_utf8_lossy(&value.0).into_owned());
        }
        Ok(())
    }
}

/// A list of Java's bytes, each of which may be signed.
pub(super) struct JavaBytes(pub(super) Vec<u8>);

impl<'de> Deserialize<'de> for JavaBytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct BytesVisitor;

        impl<'de> Visitor<'de> for BytesVisitor {
            type Value = JavaBytes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of bytes")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<JavaBytes, A::Error> {
                let mut bytes = Vec::new();
                while let Some(byte) = list.next_element::<i64>()? {
                    bytes.push(byte.rem_euclid(256) as u8);
                }
                Ok(JavaBytes(bytes))
            }
        }

        deserializer.deserialize_seq(BytesVisitor)
    }
}

/// The lists of records, by their topics and partitions (`orders-0`).
#[derive(Debug, Clone, Default)]
pub(crate) struct Lists(Vec<(Bytes, Elements)>);

impl Lists {
    fn read(event: &Bytes, records: Option<&RawValue>) -> Result<Self, Error> {
        #[derive(Default)]
        struct Places<'a>(Vec<(Str<'a>, &'a RawValue)>);

        impl<'de: 'a, 'a> Deserialize<'de> for Places<'a> {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct PlacesVisitor;

                impl<'de> Visitor<'de> for PlacesVisitor {
                    type Value = Places<'de>;

                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str("a map")
                    }

                    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Places<'de>, A::Error> {
                        let mut places = Vec::new();
                        while let Some(place) = map.next_entry()? {
                            check_count(places.len())?;
                            places.push(place);
                        }
                        Ok(Places(places))
                    }
                }

                deserializer.deserialize_map(PlacesVisitor)
            }
        }

        const WHAT: &str = "`records` of the event";
        let Places(mut places) = json::from_slice(records.map_or("null", RawValue::get).as_bytes(), WHAT)?;
        places.sort_by(|(one, _), (other, _)| one.cmp(other));
        let (mut lists, mut left) = (Vec::with_capacity(places.len()), Delivery::RECORDS);
        for (place, records) in places {
            let list = Elements::within(event, records, left, WHAT)?;
            left = left.saturating_sub(list.len());
            lists.push((place.into_bytes(event), list));
        }
        Ok(Lists(lists))
    }

    fn len(&self) -> usize {
        self.0.iter().map(|(_, list)| list.len()).sum()
    }

    /// Returns the partition and the offset of each record, in order. `None` if it is unknown.
    pub(super) fn positions(&self) -> impl Iterator<Item = Option<(Bytes, u64)>> + use<'_> {
        #[derive(Deserialize)]
        struct Position {
            offset: u64,
        }
        let of_list = |(place, list): &(Bytes, Elements)| {
            let place = place.clone();
            list.clone().map(move |record| {
                let position: json::Object<Position> = json::parse(&record).ok()?;
                Some((place.clone(), position.0.offset))
            })
        };
        self.0.iter().flat_map(of_list)
    }

    fn into_records(self, cluster: Option<String>) -> impl Iterator<Item = omnifn_core::Record> + Send {
        self.0.into_iter().flat_map(move |(place, list)| {
            let (place, cluster) = (String::from_utf8_lossy(&place).into_owned(), cluster.clone());
            list.map(move |raw| record(&place, cluster.as_deref(), raw))
        })
    }
}

/// Returns whether these are records of Kafka, with the fields that the service always writes.
pub(super) fn has_records(records: &RawValue) -> bool {
    #[derive(Deserialize)]
    struct First<'a> {
        #[serde(borrow, rename = "topic")]
        _topic: Str<'a>,
        #[serde(rename = "partition")]
        _partition: u64,
        #[serde(rename = "offset")]
        _offset: u64,
    }
    // No more than the first of the lists that are not empty has to be read.
    let Ok(lists) = Lists::read(&Bytes::copy_from_slice(records.get().as_bytes()), Some(records)) else { return false };
    let first = lists.0.into_iter().find_map(|(_, mut list)| list.next());
    first.is_some_and(|record| json::parse::<json::Object<First<'_>>>(&record).is_ok())
}

/// Reads a batch: lists of records by their topics and partitions.
pub(super) fn read(
    aws: &Aws,
    event: &Bytes,
    records: Option<&RawValue>,
    cluster: Option<String>,
) -> Result<Read, Error> {
    let lists = Lists::read(event, records)?;
    let Some((first, _)) = lists.0.first() else { return empty(aws) };
    let first = String::from_utf8_lossy(first);
    let topic = first.rsplit_once('-').map(|(topic, _)| topic.to_owned());
    let function = choose(aws, &[(Class::Stream, topic)], || {
        let count = lists.len();
        let records = if count == 1 { "1 record".to_owned() } else { format!("{count} records") };
        format!("an event of Kafka with {records} (from {})", cut(&first))
    })?;
    let batch = match aws.names_failures == Some(true) {
        true => Batch::Partitions(lists.clone()),
        false => Batch::Whole,
    };
    let records = Box::new(lists.into_records(cluster));
    Ok(Read { function, batch, records, system: Some("kafka") })
}

/// A record, in its partition's order.
fn record(place: &str, cluster: Option<&str>, raw: Bytes) -> omnifn_core::Record {
    let mut read = match json::object::<Record<'_>>(&raw, "this record of Kafka") {
        Ok(record) => {
            let id = record.offset.map(|offset| format!("{place}-{offset}"));
            let mut read = omnifn_core::Record::new(message(record, cluster, id.clone()));
            read.id = id;
            read.raw = Some(raw.clone());
            read
        }
        Err(error) => broken(Some(place.to_owned()), error, raw),
    };
    read.group = Some(place.to_owned());
    read
}

fn message(record: Record<'_>, cluster: Option<&str>, id: Option<String>) -> Result<Event, Error> {
    // A record without a value is a tombstone: its key names what was deleted.
    let mut message = Message::new(unbase64(record.value.as_deref().unwrap_or_default(), "`value`")?);
    let key = record.key.map(|key| unbase64(&key, "`key`")).transpose()?;
    message.key = key.map(|key| String::from_utf8_lossy(&key).into_owned());
    message.id = id;
    message.source = record.topic.map(|topic| source_of(cluster, &topic));
    message.partition = record.partition.map(|partition| partition.to_string());
    message.sequence = record.offset.map(|offset| offset.to_string());
    message.time = record.timestamp.and_then(time::from_millis);
    message.attributes = record.headers.map(|Headers(headers)| headers).unwrap_or_default();
    message.content_type = message.attributes.get("content-type").cloned();
    Ok(Event::from(message))
}
