//! `host.json` and the environment's overrides, as the Functions host reads them
//! (`HostJsonFileConfigurationSource` of <https://github.com/Azure/azure-functions-host>).
//!
//! The host reads the file with Newtonsoft's parser, which allows comments, trailing commas, and single quotes. It then takes every value
//! as a string, by the path of its names, which are case-insensitive. A variable `AzureFunctionsJobHost__extensions__http__routePrefix`
//! takes precedence over the path `extensions:http:routePrefix` of the file.

use std::collections::BTreeMap;

use jsonc_parser::{CollectOptions, ParseOptions, ast::Value, common::Ranged, parse_to_ast};
use omnifn_core::{Error, ErrorKind};

/// The values of a configuration, by the paths of their names in lower case, such as `extensions:http:routeprefix`.
#[derive(Debug, Default)]
pub(crate) struct Values(BTreeMap<String, Setting>);

/// A value, and where it is written, for errors.
#[derive(Debug)]
pub(crate) struct Setting {
    pub(crate) text: String,
    place: String,
}

impl Values {
    /// Reads `host.json`.
    pub(crate) fn of_file(host_json: &[u8]) -> Result<Self, Error> {
        let text = text(host_json);
        let value = parse(&text, "host.json")?;
        let mut values = Values::default();
        match &value {
            Value::Object(_) => values.add(&text, String::new(), &value),
            _ => return Err(invalid("host.json: expected an object")),
        }
        Ok(values)
    }

    /// Reads the variables that override `host.json`.
    pub(crate) fn of_environment(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        const PREFIX: &str = "azurefunctionsjobhost:";
        let variables = variables.into_iter().filter_map(|(name, text)| {
            let path = name.replace("__", ":").to_ascii_lowercase();
            let path = path.strip_prefix(PREFIX)?.to_owned();
            Some((path, Setting { text, place: name }))
        });
        Values(variables.collect())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn get(&self, path: &str) -> Option<&Setting> {
        self.0.get(&path.to_ascii_lowercase())
    }

    fn add(&mut self, document: &str, path: String, value: &Value<'_>) {
        let below = |name: &str| match path.as_str() {
            "" => name.to_ascii_lowercase(),
            _ => format!("{path}:{}", name.to_ascii_lowercase()),
        };
        let text = match value {
            Value::Object(object) => {
                for (i, property) in object.properties.iter().enumerate() {
                    let name = property.name.as_str();
                    // Of two properties with the same name, the last one counts.
                    if !object.properties[i + 1..].iter().any(|later| later.name.as_str() == name) {
                        self.add(document, below(name), &property.value);
                    }
                }
                return;
            }
            Value::Array(array) => {
                for (i, element) in array.elements.iter().enumerate() {
                    self.add(document, below(&i.to_string()), element);
                }
                return;
            }
            Value::StringLit(text) => text.value.to_string(),
            Value::NumberLit(number) => number.value.to_owned(),
            Value::BooleanLit(literal) => literal.value.to_string(),
            Value::NullKeyword(_) => String::new(),
        };
        let place = format!("host.json, {}", position(document, value.start()));
        self.0.insert(path, Setting { text, place });
    }
}

impl Setting {
    /// Reads the value as .NET reads a bool. An empty one (`null`) is `false`.
    pub(crate) fn bool(&self, name: &str) -> Result<bool, Error> {
        match self.text.trim() {
            "" => Ok(false),
            text if text.eq_ignore_ascii_case("true") => Ok(true),
            text if text.eq_ignore_ascii_case("false") => Ok(false),
            text => Err(self.invalid(name, text, "true or false")),
        }
    }

    /// Returns the error for a value that the host does not accept.
    pub(crate) fn invalid(&self, name: &str, text: &str, expected: &str) -> Error {
        let text: String = text.chars().take(100).collect();
        invalid(format!("{}: invalid value {text:?} for `{name}`: expected {expected}", self.place))
    }
}

/// Parses JSON as the host's parser does.
pub(crate) fn parse<'a>(text: &'a str, file: &str) -> Result<Value<'a>, Error> {
    let options =
        ParseOptions { allow_missing_commas: false, allow_unary_plus_numbers: false, ..ParseOptions::default() };
    let parsed = parse_to_ast(text, &CollectOptions::default(), &options).map_err(|error| {
        let (line, column) = (error.line_display(), error.column_display());
        invalid(format!("{file} cannot be read: {} at line {line} column {column}", lower(&error.kind().to_string())))
    })?;
    parsed.value.ok_or_else(|| invalid(format!("{file} cannot be read: it is empty")))
}

/// Decodes a file as .NET does: by its byte order mark, else as UTF-8, in which invalid bytes are replaced.
pub(crate) fn text(file: &[u8]) -> String {
    let utf16 = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes.as_chunks::<2>().0.iter().map(|pair| unit(*pair)).collect();
        String::from_utf16_lossy(&units)
    };
    match file {
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        all => String::from_utf8_lossy(all).into_owned(),
    }
}

/// Returns a place in a text, as `line 3 column 5`.
fn position(text: &str, offset: usize) -> String {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    format!("line {line} column {column}")
}

fn lower(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default()
}

fn invalid(text: impl Into<String>) -> Error {
    Error::new(ErrorKind::Config, text.into())
}
