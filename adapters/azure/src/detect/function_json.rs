//! `function.json`: the trigger's binding, which decides how its value is written in an envelope.

use jsonc_parser::ast::{Object, Value};
use omnifn_core::{Error, ErrorKind};
use percent_encoding::percent_decode_str;

use super::host_json::{parse, text};

/// The trigger that the `function.json` of a function declares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trigger {
    /// An `httpTrigger`.
    Http(HttpTrigger),
    /// A trigger of events.
    Event(Binding),
}

/// The requests that an `httpTrigger` takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HttpTrigger {
    /// Whether it takes the requests of everyone (`"authLevel": "anonymous"`).
    pub(crate) is_anonymous: bool,
    /// The route in lower case, because the host ignores case.
    route: String,
}

impl HttpTrigger {
    /// Returns whether the route may take a path. Constraints and methods are not considered, so the answer is `true` where the host's is.
    pub(crate) fn may_take(&self, path: &str) -> bool {
        let path = percent_decode_str(path).decode_utf8_lossy().to_ascii_lowercase();
        let mut segments = path.split('/').filter(|segment| !segment.is_empty());
        for part in self.route.split('/').filter(|part| !part.is_empty()) {
            match segments.next() {
                _ if part.starts_with("{*") => return true,
                None if part.starts_with('{') && part.contains(['?', '=']) => {}
                Some(segment) if part.contains('{') || part == segment => {}
                _ => return false,
            }
        }
        segments.next().is_none()
    }
}

/// The binding of a trigger of events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Binding {
    /// The name of its value in `Data`.
    pub(crate) name: String,
    pub(crate) data_type: DataType,
    /// Whether it takes many messages at once; `None` if the file does not say.
    pub(crate) is_many: Option<bool>,
}

/// How the host writes the body of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DataType {
    /// The host writes JSON text, in which bytes that are not UTF-8 are lost.
    Text,
    /// In base64.
    Binary,
    /// The host's default for the trigger.
    Default,
}

impl Trigger {
    /// Reads the `function.json` of a function, as the host reads it.
    pub(crate) fn read(function: &str, file: &[u8]) -> Result<Self, Error> {
        let (file, place) = (text(file), format!("{function}/function.json"));
        let invalid = |what: &str| Error::new(ErrorKind::Config, format!("{place}: {what}"));
        let Value::Object(root) = parse(&file, &place)? else { return Err(invalid("expected an object")) };
        let Some(Value::Array(bindings)) = property(&root, "bindings") else {
            return Err(invalid("expected a list of `bindings`"));
        };
        let objects = bindings.elements.iter().filter_map(|binding| match binding {
            Value::Object(binding) => Some(binding),
            _ => None,
        });
        let is_trigger = |binding: &&Object<'_>| string(binding, "type").to_ascii_lowercase().ends_with("trigger");
        let trigger = objects.into_iter().find(is_trigger);
        let trigger = trigger.ok_or_else(|| invalid("none of its `bindings` is a trigger"))?;
        if string(trigger, "type").eq_ignore_ascii_case("httpTrigger") {
            let is_anonymous = string(trigger, "authLevel").eq_ignore_ascii_case("anonymous");
            // Without a route, the path is the function's name.
            let route = Some(string(trigger, "route")).filter(|route| !route.is_empty()).unwrap_or(function);
            return Ok(Trigger::Http(HttpTrigger { is_anonymous, route: route.to_ascii_lowercase() }));
        }
        let data_type = match string(trigger, "dataType").to_ascii_lowercase().as_str() {
            "string" => DataType::Text,
            "binary" => DataType::Binary,
            _ => DataType::Default,
        };
        let is_many = match string(trigger, "cardinality").to_ascii_lowercase().as_str() {
            "many" => Some(true),
            "one" => Some(false),
            _ => None,
        };
        Ok(Trigger::Event(Binding { name: string(trigger, "name").to_owned(), data_type, is_many }))
    }
}

/// Returns the property of this name. Names are case-insensitive.
fn property<'o, 'a>(object: &'o Object<'a>, name: &str) -> Option<&'o Value<'a>> {
    let property = object.properties.iter().rfind(|property| property.name.as_str().eq_ignore_ascii_case(name));
    property.map(|property| &property.value)
}

fn string<'o>(object: &'o Object<'_>, name: &str) -> &'o str {
    match property(object, name) {
        Some(Value::StringLit(text)) => &text.value,
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_trigger_is_found() {
        let binding =
            |name: &str, data_type, is_many| Trigger::Event(Binding { name: name.to_owned(), data_type, is_many });
        let http = |is_anonymous| Trigger::Http(HttpTrigger { is_anonymous, route: "take".to_owned() });
        for (file, expected) in [
            (
                r#"{"bindings": [{"type": "blob", "direction": "in", "name": "a"}, {"type": "QueueTrigger", "name": "b", "dataType": "Binary"}]}"#,
                binding("b", DataType::Binary, None),
            ),
            (
                "{ // one\n 'Bindings': [{type: 'serviceBusTrigger', Name: 'm', DATATYPE: 'string', cardinality: 'Many',},],}",
                binding("m", DataType::Text, Some(true)),
            ),
            (
                r#"{"bindings": [{"type": "eventHubTrigger", "name": "e", "cardinality": "one", "dataType": "stream"}]}"#,
                binding("e", DataType::Default, Some(false)),
            ),
            (r#"{"bindings": [{"type": "httpTrigger", "authLevel": "Anonymous"}]}"#, http(true)),
            (r#"{"bindings": [{"type": "HTTPTrigger", "authLevel": "function"}]}"#, http(false)),
            (r#"{"bindings": [{"type": "httpTrigger"}]}"#, http(false)),
        ] {
            assert_eq!(Trigger::read("take", file.as_bytes()).unwrap(), expected, "{file}");
        }
        for (file, expected) in [
            ("{", "take/function.json cannot be read"),
            ("[]", "take/function.json: expected an object"),
            ("{}", "expected a list of `bindings`"),
            (r#"{"bindings": [1, {"type": "http"}]}"#, "none of its `bindings` is a trigger"),
        ] {
            let error = Trigger::read("take", file.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(expected), "{file}: {error}");
        }
    }

    #[test]
    fn a_route_may_take_a_path() {
        for (route, path, takes) in [
            ("price", "/price", true),
            ("price", "/Price/", true),
            ("price", "/%70rice", true),
            ("price", "/prices", false),
            ("price", "/price/more", false),
            ("{*path}", "/", true),
            ("{*path}", "/a/b", true),
            ("{page}", "/price", true),
            ("{page:alpha}", "/price", true),
            ("{page}", "/", false),
            ("{page?}", "/", true),
            ("shop/{*rest}", "/price", false),
            ("shop/{*rest}", "/shop", true),
            ("a-{page}", "/a-b", true),
        ] {
            let trigger = HttpTrigger { is_anonymous: true, route: route.to_owned() };
            assert_eq!(trigger.may_take(path), takes, "{route} {path}");
        }
    }
}
