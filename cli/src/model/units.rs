//! `[package.metadata.omnifn.units]`: how HTTP functions are grouped.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, de};

/// How HTTP functions are grouped into units that are deployed together: by their names, or each alone.
///
/// ```toml
/// [package.metadata.omnifn.units]
/// api = ["place", "read"]     # one unit of its own
/// admin = ["refund"]          # another one
/// # or, alone in the table:
/// http = "per-function"       # a unit for each HTTP function
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct UnitSettings {
    /// The functions of each unit, by the name of the unit.
    named: BTreeMap<String, Vec<String>>,
    /// Whether each HTTP function is a unit.
    per_function: bool,
}

impl UnitSettings {
    /// Returns the units that are named, each with its functions.
    pub fn named(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.named.iter().map(|(name, functions)| (name.as_str(), functions.as_slice()))
    }

    /// Returns the name of the unit that a function is in, if the settings say.
    pub fn unit_of(&self, function: &str) -> Option<&str> {
        self.named().find(|(_, functions)| functions.iter().any(|name| name == function)).map(|(name, _)| name)
    }

    /// Returns whether each HTTP function is a unit.
    pub fn is_per_function(&self) -> bool {
        self.per_function
    }

    /// Returns whether nothing is set.
    pub fn is_empty(&self) -> bool {
        self.named.is_empty() && !self.per_function
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Value {
    Functions(Vec<String>),
    Word(String),
}

impl<'de> Deserialize<'de> for UnitSettings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut units = UnitSettings::default();
        for (name, value) in BTreeMap::<String, Value>::deserialize(deserializer)? {
            match value {
                Value::Functions(functions) if functions.is_empty() => {
                    return Err(de::Error::custom(format!(
                        "the unit `{name}` has no functions: name them, or remove it"
                    )));
                }
                Value::Functions(functions) => {
                    units.named.insert(name, functions);
                }
                Value::Word(word) if name == "http" && word == "per-function" => units.per_function = true,
                Value::Word(word) => {
                    return Err(de::Error::custom(format!(
                        "`{name} = {word:?}` is unknown: write the names of functions, as `{name} = [\"place\", \"read\"]`, or \
                         `http = \"per-function\"`"
                    )));
                }
            }
        }
        if units.per_function && !units.named.is_empty() {
            return Err(de::Error::custom(
                "`http = \"per-function\"` makes a unit of each HTTP function, so no other unit can be named beside it",
            ));
        }
        Ok(units)
    }
}
