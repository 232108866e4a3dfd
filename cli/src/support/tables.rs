//! The tables of what works where, as the test suites found it: the same that EVENTS.md and SUPPORT.md show.

use std::{collections::BTreeMap, sync::OnceLock};

use serde::Deserialize;

use crate::{
    cloud::Cloud,
    error::{Error, Result},
    model::Class,
};

const EVENTS: &str = include_str!("events.json");
const HTTP: &str = include_str!("http.json");

/// What was found.
#[derive(Debug)]
pub struct Tables {
    events: Vec<EventShape>,
    http: Vec<HttpShape>,
}

/// A form in which a cloud delivers events of a class.
#[derive(Debug, Deserialize)]
pub struct EventShape {
    class: Class,
    provider: String,
    /// Its name.
    pub shape: String,
    /// What becomes of a delivery of several where one fails.
    pub failures: Failures,
    /// What a function sees of each field.
    pub fields: BTreeMap<String, Seen>,
}

/// What becomes of a delivery of several events where one fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Failures {
    /// An event always comes alone.
    One,
    /// The platform hears which ones failed.
    Each,
    /// All of them come again.
    All,
}

/// What a function sees of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Seen {
    /// What was sent.
    Yes,
    /// The platform's own word for it.
    Own,
    /// Nothing.
    None,
}

/// A form in which a cloud delivers requests.
#[derive(Debug, Deserialize)]
pub struct HttpShape {
    provider: String,
    shape: String,
    /// How it differs from the others.
    pub differs: Vec<String>,
}

impl Tables {
    /// Those that this command was built with.
    ///
    /// # Errors
    /// They cannot be read; then this command was built wrong.
    pub fn get() -> Result<&'static Self> {
        #[derive(Deserialize)]
        struct Of<T> {
            shapes: Vec<T>,
        }
        static TABLES: OnceLock<Result<Tables, String>> = OnceLock::new();
        let tables = TABLES.get_or_init(|| {
            let events: Of<EventShape> = serde_json::from_str(EVENTS).map_err(|error| error.to_string())?;
            let http: Of<HttpShape> = serde_json::from_str(HTTP).map_err(|error| error.to_string())?;
            Ok(Tables { events: events.shapes, http: http.shapes })
        });
        tables.as_ref().map_err(|error| {
            Error::new("omnifn::check::tables", "this command's own tables of support cannot be read").caused_by(error)
        })
    }

    /// A form of events, where the cloud has it.
    pub fn events(&self, cloud: Cloud, class: Class, shape: &str) -> Option<&EventShape> {
        self.events.iter().find(|of| of.provider == cloud.name() && of.class == class && of.shape == shape)
    }

    /// A form of requests, where the cloud has it; with streamed answers, where it has that.
    pub fn http(&self, cloud: Cloud, shape: &str, streams: bool) -> Option<&HttpShape> {
        let streamed = format!("{}, streamed", cloud.name());
        let provider = if streams { streamed.as_str() } else { cloud.name() };
        self.http.iter().find(|of| of.provider == provider && of.shape == shape)
    }
}

impl EventShape {
    /// Whether a function sees nothing of the field.
    pub fn hides(&self, field: &str) -> bool {
        self.fields.get(field).is_none_or(|seen| *seen == Seen::None)
    }
}
