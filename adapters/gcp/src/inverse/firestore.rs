//! The protobuf of a change in Firestore.

use std::collections::BTreeMap;

/// `google.events.cloud.firestore.v1.DocumentEventData`.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct DocumentEventData {
    #[prost(message, optional, tag = "1")]
    pub(super) value: Option<Document>,
    #[prost(message, optional, tag = "2")]
    pub(super) old_value: Option<Document>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Document {
    #[prost(string, tag = "1")]
    pub(super) name: String,
    #[prost(btree_map = "string, message", tag = "2")]
    pub(super) fields: BTreeMap<String, Field>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Field {
    #[prost(oneof = "Kind", tags = "1, 2, 3, 5, 6, 8, 9, 10, 11, 17, 18")]
    pub(super) kind: Option<Kind>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
pub(super) enum Kind {
    #[prost(bool, tag = "1")]
    Boolean(bool),
    #[prost(int64, tag = "2")]
    Integer(i64),
    #[prost(double, tag = "3")]
    Double(f64),
    #[prost(string, tag = "5")]
    Reference(String),
    #[prost(message, tag = "6")]
    Map(Fields),
    #[prost(message, tag = "8")]
    GeoPoint(LatLng),
    #[prost(message, tag = "9")]
    Array(List),
    #[prost(message, tag = "10")]
    Timestamp(Timestamp),
    #[prost(int32, tag = "11")]
    Null(i32),
    #[prost(string, tag = "17")]
    Text(String),
    #[prost(bytes = "vec", tag = "18")]
    Bytes(Vec<u8>),
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Fields {
    #[prost(btree_map = "string, message", tag = "1")]
    pub(super) fields: BTreeMap<String, Field>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct List {
    #[prost(message, repeated, tag = "1")]
    pub(super) values: Vec<Field>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct LatLng {
    #[prost(double, tag = "1")]
    pub(super) latitude: f64,
    #[prost(double, tag = "2")]
    pub(super) longitude: f64,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Timestamp {
    #[prost(int64, tag = "1")]
    pub(super) seconds: i64,
    #[prost(int32, tag = "2")]
    pub(super) nanos: i32,
}
