//! Timers.

use omnifn_core::{Error, event::Tick, json::Object};
use serde::Deserialize;

use super::envelope::{Forged, Properties, Values};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Timer {
    is_past_due: bool,
}

/// The metadata of a timer.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Metadata {
    /// The number of earlier attempts, if the function has a retry policy of its own.
    retry_context: Properties,
}

/// Reads a timer. The host does not send the scheduled time.
pub(super) fn tick(values: Values<'_, Metadata>) -> Result<Tick, Error> {
    let timer: Object<Timer> =
        omnifn_core::json::parse_str(values.trigger.get()).map_err(|_| values.mismatch("a timer (`timerTrigger`)"))?;
    let mut tick = Tick::new();
    tick.late = Some(timer.is_past_due);
    let retry = Forged::by(values.trigger.get().as_bytes()).keep("RetryContext", values.metadata.retry_context);
    let count = retry.0.and_then(|retry| retry.get("RetryCount")?.parse::<u32>().ok());
    tick.attempt = count.and_then(|count| count.checked_add(1));
    Ok(tick)
}
