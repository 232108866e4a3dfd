//! Jobs of Cloud Scheduler.

use bytes::Bytes;
use http::HeaderMap;
use omnifn_core::{
    event::{Tick, time},
    json::{Object, Str},
};
use serde::Deserialize;

use super::text;

/// The type of a job's CloudEvent.
pub(super) const JOB: &str = "google.cloud.scheduler.job.v1.executed";

/// The data of a job's CloudEvent.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data<'a> {
    #[serde(borrow)]
    custom_data: Option<Str<'a>>,
}

/// Returns the configured payload of a job.
pub(super) fn custom_data(data: &Bytes) -> Option<Bytes> {
    let data: Object<Data<'_>> = omnifn_core::json::parse(data).ok()?;
    base64_simd::STANDARD.decode_to_vec(data.0.custom_data?.as_bytes()).ok().map(Bytes::from)
}

/// Reads a request that a job posts. Its body is the user's own.
pub(super) fn tick(headers: &HeaderMap, body: &Bytes) -> Tick {
    let mut tick = Tick::new();
    tick.source = text(headers, "x-cloudscheduler-jobname");
    tick.scheduled = text(headers, "x-cloudscheduler-scheduletime").as_deref().and_then(time::parse);
    tick.input = body.clone();
    tick
}
