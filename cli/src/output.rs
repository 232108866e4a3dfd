//! What is written where: results on standard output, words on standard error.

use std::{fmt, io::Write as _};

use serde::Serialize;
use serde_json::json;

use crate::{
    cli::{Color, Global},
    error::{Error, Result},
};

/// Where results and words go.
#[derive(Debug, Clone)]
pub struct Output {
    /// Whether results are JSON.
    pub json: bool,
    quiet: bool,
}

impl Output {
    /// As the arguments say.
    pub fn new(global: &Global) -> Self {
        match global.color {
            Color::Auto => {}
            Color::Always => anstream::ColorChoice::Always.write_global(),
            Color::Never => anstream::ColorChoice::Never.write_global(),
        }
        Output { json: global.json, quiet: global.quiet }
    }

    /// Writes a result for eyes on standard output, as it is.
    pub fn text(&self, text: impl fmt::Display) {
        // A reader that has gone wants no more.
        let _ = write!(anstream::stdout(), "{text}");
    }

    /// Writes a result as JSON on standard output.
    ///
    /// # Errors
    /// It cannot be written as JSON.
    pub fn value(&self, value: &impl Serialize) -> Result<()> {
        let text = serde_json::to_string_pretty(value)
            .map_err(|error| Error::new("omnifn::output", "the result cannot be written as JSON").caused_by(error))?;
        let _ = writeln!(anstream::stdout(), "{text}");
        Ok(())
    }

    /// Says a line on standard error: what is done, in the manner of cargo (`   Packaged target/…`).
    pub fn status(&self, verb: &str, words: impl fmt::Display) {
        if !self.quiet {
            let _ = writeln!(anstream::stderr(), "\x1b[1;32m{verb:>12}\x1b[0m {words}");
        }
    }

    /// Warns, on standard error.
    pub fn warn(&self, words: impl fmt::Display) {
        if !self.quiet {
            let _ = writeln!(anstream::stderr(), "\x1b[1;33mwarning\x1b[0m: {words}");
        }
    }

    /// Tells a failure on standard error; with `--json`, as an object on standard output.
    pub fn error(&self, error: &Error) {
        if self.json {
            let _ = self.value(&json!({ "error": as_json(error) }));
            return;
        }
        let mut stderr = anstream::stderr().lock();
        for error in std::iter::once(error).chain(&error.more) {
            let _ = writeln!(stderr, "\x1b[1;31merror[{}]\x1b[0m: {}", error.code, error.message);
            for cause in &error.causes {
                let _ = writeln!(stderr, "  \x1b[1mcause\x1b[0m: {cause}");
            }
            if let Some(help) = &error.help {
                let _ = writeln!(stderr, "  \x1b[1;36mhelp\x1b[0m: {help}");
            }
        }
    }
}

fn as_json(error: &Error) -> serde_json::Value {
    let more: Vec<_> = error.more.iter().map(as_json).collect();
    json!({ "code": error.code, "message": error.message, "causes": error.causes, "help": error.help, "more": more })
}
