//! Lines for eyes.

use omnifn_core::log::{Decimal, Entry, Format, Level, OneLine, Plain};

/// One line for each invocation, in the colours of a terminal where there is one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ForEyes {
    pub(crate) coloured: bool,
}

const RESET: &[u8] = b"\x1b[0m";

impl Format for ForEyes {
    fn write(&self, entry: &Entry<'_>, out: &mut Vec<u8>) {
        let colour: &[u8] = match (entry.level, entry.request().map(|request| request.status)) {
            _ if !self.coloured => b"",
            (Level::Error, _) | (_, Some(500..)) => b"\x1b[31m",
            (Level::Warn, _) | (_, Some(400..)) => b"\x1b[33m",
            (Level::Info, Some(_)) => b"\x1b[32m",
            (Level::Info, None) => b"",
            (Level::Debug | Level::Trace, _) => b"\x1b[2m",
        };
        out.extend_from_slice(colour);
        match (entry.ended, entry.context) {
            (Some(ended), Some(context)) => {
                let function = Some(context.function_name()).filter(|name| !name.is_empty()).unwrap_or("-");
                entry.write_message(out, OneLine::write_text);
                out.push(b' ');
                out.extend_from_slice(function.as_bytes());
                out.push(b' ');
                Decimal::millis(ended.took).write(1, out);
                out.extend_from_slice(b" ms ");
                out.extend_from_slice(context.invocation_id().as_bytes());
                out.push(b'\n');
            }
            _ => Plain.write(entry, out),
        }
        if !colour.is_empty() {
            out.pop();
            out.extend_from_slice(RESET);
            out.push(b'\n');
        }
    }
}
