//! Timers.

use omnifn_core::{Error, event::Tick, json::Object};
use serde::Deserialize;

use super::envelope::Values;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Timer {
    is_past_due: bool,
}

/// Reads a timer. The host does not send the scheduled time.
pub(super) fn tick(values: &Values<'_>) -> Result<Tick, Error> {
    let timer: Object<Timer> = values
        .trigger()
        .and_then(|value| serde_json::from_str(value.get()).ok())
        .ok_or_else(|| values.unfit("a timer (`timerTrigger`)"))?;
    let mut tick = Tick::new();
    tick.late = Some(timer.is_past_due);
    tick.attempt = values.retry_count().and_then(|count| count.checked_add(1));
    Ok(tick)
}
