use std::fmt;

#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};

use crate::{Class, Deploy, Grant, Options, Ownership, Route, Static, Trigger, note};

/// The declaration of a function in `#[function]`. It is known at compile time, and packaging needs nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(bound(
        serialize = "O::Text: Serialize, Trigger<O>: Serialize, O::List<Grant<O>>: Serialize, O::List<O::Text>: Serialize",
        deserialize = "O::Text: Deserialize<'de>, Trigger<O>: Deserialize<'de>, O::List<Grant<O>>: Deserialize<'de>, \
                       O::List<O::Text>: Deserialize<'de>"
    ))
)]
pub struct Spec<O: Ownership = Static> {
    /// The function's name: that of the fn, unless `name = "…"` gives another.
    pub name: O::Text,
    /// The trigger.
    pub trigger: Trigger<O>,
    /// The options of the trigger's transport.
    #[cfg_attr(feature = "serde", serde(default))]
    pub options: Options<O>,
    /// The options that only a deployment needs.
    #[cfg_attr(feature = "serde", serde(default))]
    pub deploy: Deploy,
    /// The resources that the function may use.
    #[cfg_attr(feature = "serde", serde(default))]
    pub grants: O::List<Grant<O>>,
    /// The secrets that it reads, by the names of their variables.
    #[cfg_attr(feature = "serde", serde(default))]
    pub secrets: O::List<O::Text>,
    /// The function's place in the source.
    #[cfg_attr(feature = "serde", serde(flatten))]
    pub location: Location<O>,
}

impl Copy for Spec {}

/// A place in the source.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(bound(serialize = "O::Text: Serialize", deserialize = "O::Text: Deserialize<'de>"))
)]
pub struct Location<O: Ownership = Static> {
    /// The module, such as `notes::http`.
    pub module: O::Text,
    /// The file, as the compiler names it.
    pub file: O::Text,
    /// The line, from 1.
    pub line: u32,
}

impl Copy for Location {}

impl<O: Ownership> fmt::Display for Location<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

impl<O: Ownership> Spec<O> {
    /// Returns the class of the trigger.
    pub const fn class(&self) -> Class {
        self.trigger.class()
    }

    /// Returns the name in the trigger: of the queue, the bucket, the type of event; `None` for HTTP and `invoke`.
    pub fn source(&self) -> Option<&str> {
        self.trigger.source()
    }
}

impl Spec {
    /// Returns the HTTP routes, of which a function with another trigger has none.
    pub const fn routes(&self) -> &'static [Route] {
        match self.trigger {
            Trigger::Http(http) => http.routes,
            _ => &[],
        }
    }

    /// Returns the declaration as one line of JSON, as it is in the binary's note.
    ///
    /// ```
    /// use omnifn_spec::{Deploy, Location, Options, Spec, Trigger};
    ///
    /// const SETTLE: Spec = Spec {
    ///     name: "settle",
    ///     trigger: Trigger::Queue("orders"),
    ///     options: Options::NONE,
    ///     deploy: Deploy::NONE,
    ///     grants: &[],
    ///     secrets: &["PAYMENT_KEY"],
    ///     location: Location { module: "shop", file: "src/main.rs", line: 3 },
    /// };
    /// let json = SETTLE.to_json();
    /// assert!(json.starts_with(r#"{"v":1,"name":"settle","trigger":{"kind":"queue","source":"orders"}"#), "{json}");
    /// ```
    pub fn to_json(&self) -> String {
        note::json::text(note::json::spec_length(self), |buffer| note::json::write_spec(self, buffer))
    }
}
