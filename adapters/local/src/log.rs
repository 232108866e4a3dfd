//! Human-readable log lines.

use omnifn_core::log::{Entry, Format, Level, Plain, one_line};

/// Formats one line for each invocation, in colours on a terminal.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HumanLog {
    pub(crate) coloured: bool,
}

impl Format for HumanLog {
    fn write(&self, entry: &Entry<'_>, out: &mut Vec<u8>) {
        let colour = match (entry.level, entry.request.as_ref().map(|request| request.status)) {
            _ if !self.coloured => None,
            (Level::ERROR, _) | (_, Some(500..)) => Some("\x1b[31m"),
            (Level::WARN, _) | (_, Some(400..)) => Some("\x1b[33m"),
            (Level::INFO, Some(_)) => Some("\x1b[32m"),
            (Level::INFO, None) => None,
            _ => Some("\x1b[2m"),
        };
        out.extend_from_slice(colour.unwrap_or_default().as_bytes());
        match (entry.duration_ms(), &entry.context) {
            (Some(millis), Some(context)) => {
                let function = Some(context.function_name()).filter(|name| !name.is_empty()).unwrap_or("-");
                let (message, id) = (one_line(&entry.message), context.invocation_id());
                out.extend_from_slice(format!("{message} {function} {millis:.1} ms {id}\n").as_bytes());
            }
            _ => Plain.write(entry, out),
        }
        if colour.is_some() {
            out.pop();
            out.extend_from_slice(b"\x1b[0m\n");
        }
    }

    fn shows_rejections(&self) -> bool {
        true
    }
}
