//! Which part of an event is not what a gateway would write there: read once more, for the words of an error.

use std::{fmt::Write, str};

use omnifn_core::json::{Fault, Scanner};

/// What stands at a place; null does not count.
#[derive(Clone, Copy)]
enum Form {
    Text,
    Truth,
    /// A list of texts, none of which is null.
    Texts,
    /// A text or a list of texts.
    Values,
    /// A map of such.
    Pairs,
    /// Anything, as UTF-8.
    Json,
    Any,
    /// Members, as far as they are read: the names of each form, with spaces between them.
    Object(&'static [(Form, &'static str)]),
}

/// The same as in [`super::wire`].
const EVENT: Form = Form::Object(&[
    (Form::Text, "version rawPath rawQueryString httpMethod path resource body"),
    (Form::Truth, "isBase64Encoded"),
    (Form::Texts, "cookies"),
    (Form::Pairs, "headers multiValueHeaders queryStringParameters multiValueQueryStringParameters pathParameters"),
    (CONTEXT, "requestContext"),
    (Form::Any, "type methodArn routeArn"),
]);

const CONTEXT: Form = Form::Object(&[
    (Form::Object(&[(Form::Text, "method path sourceIp")]), "http"),
    (Form::Object(&[(Form::Text, "sourceIp")]), "identity"),
    (Form::Json, "authorizer"),
    (Form::Text, "domainName path requestId stage"),
    (Form::Any, "elb connectionId serviceNetworkArn"),
]);

/// The first part of an event that does not fit, as a path, and why. The event is JSON.
#[cold]
pub(super) fn find(json: &[u8]) -> Option<(String, Fault)> {
    let mut search = Search { json, path: String::new(), found: None };
    search.value(&mut Scanner::new(json), EVENT);
    let fault = search.found?;
    let path = if search.path.is_empty() { ".".to_owned() } else { search.path };
    Some((path, fault))
}

struct Search<'a> {
    json: &'a [u8],
    /// Where it is, or what was found was.
    path: String,
    found: Option<Fault>,
}

type Scan<'a> = Scanner<'a, [u8]>;

const NO_UTF8: &str = "invalid unicode code point";

impl<'a> Search<'a> {
    /// A value. Nothing is behind it any more as soon as something was found.
    fn value(&mut self, scanner: &mut Scan<'a>, form: Form) -> Option<()> {
        match (form, scanner.peek()?) {
            (Form::Any, _) => scanner.skip(),
            (Form::Json, _) => match str::from_utf8(scanner.value()?) {
                Ok(_) => Some(()),
                Err(_) => self.found(NO_UTF8, scanner.place()),
            },
            (Form::Text | Form::Values, b'"') => scanner.text().map(drop),
            (Form::Truth, b't' | b'f') => scanner.truth().map(drop),
            (Form::Texts | Form::Values, b'[') => self.list(scanner, matches!(form, Form::Values)),
            (Form::Pairs, b'{') => self.members(scanner, None),
            (Form::Object(known), b'{') => self.members(scanner, Some(known)),
            (_, first) => self.misfit(scanner, form, first),
        }
    }

    fn list(&mut self, scanner: &mut Scan<'a>, may_be_null: bool) -> Option<()> {
        let (outer, mut index) = (self.path.len(), 0);
        scanner.list(|scanner| {
            let _ = write!(self.path, "[{index}]");
            if !(may_be_null && scanner.null()) {
                self.value(scanner, Form::Text)?;
            }
            self.path.truncate(outer);
            index += 1;
            Some(())
        })
    }

    /// The members of an object of which some are known, or of one whose names are the sender's.
    fn members(&mut self, scanner: &mut Scan<'a>, known: Option<&[(Form, &str)]>) -> Option<()> {
        let (outer, mut seen) = (self.path.len(), 0_u32);
        scanner.map(|scanner, name| {
            let form = match (known, str::from_utf8(&name)) {
                (None, _) => Form::Values,
                (Some(_), Err(_)) => return self.found(NO_UTF8, self.name_before(scanner)),
                (Some(known), Ok(name)) => match place_of(name, known) {
                    None => return scanner.skip(),
                    Some((place, _)) if seen >> place & 1 == 1 => {
                        return self.found(&format!("duplicate field `{name}`"), self.name_before(scanner));
                    }
                    Some((place, form)) => {
                        seen |= 1 << place;
                        form
                    }
                },
            };
            if outer > 0 {
                self.path.push('.');
            }
            self.path.push_str(&String::from_utf8_lossy(&name));
            if !scanner.null() {
                self.value(scanner, form)?;
            }
            self.path.truncate(outer);
            Some(())
        })
    }

    /// The place behind the name whose colon was read.
    fn name_before(&self, scanner: &Scan<'a>) -> usize {
        let behind = scanner.place();
        self.json.iter().take(behind).rposition(|byte| *byte == b'"').map_or(behind, |quote| quote + 1)
    }

    fn misfit(&mut self, scanner: &mut Scan<'a>, form: Form, first: u8) -> Option<()> {
        let before = scanner.place();
        let value = scanner.value()?;
        let (came, place) = match first {
            b'n' => ("null", scanner.place()),
            b't' | b'f' => ("boolean", scanner.place()),
            b'"' => ("string", scanner.place()),
            b'{' => ("map", before),
            b'[' => ("sequence", before),
            _ if value.iter().any(|byte| b".eE".contains(byte)) => ("floating point", scanner.place()),
            _ => ("integer", scanner.place()),
        };
        let expected = match form {
            Form::Text => "a text",
            Form::Truth => "a boolean",
            Form::Texts => "a list of texts",
            Form::Values => "a text or a list of texts",
            Form::Pairs => "a map of texts",
            Form::Object(_) => "an object",
            Form::Any | Form::Json => "JSON",
        };
        self.found(&format!("invalid type: {came}, expected {expected}"), place)
    }

    fn found(&mut self, words: &str, place: usize) -> Option<()> {
        self.found = Some(Fault::new(words.to_owned(), self.json, place));
        None
    }
}

/// Which of the known names it is, and what stands there.
fn place_of(name: &str, known: &[(Form, &str)]) -> Option<(usize, Form)> {
    let names = known.iter().flat_map(|(form, names)| names.split(' ').map(move |name| (name, *form)));
    names.enumerate().find(|(_, (known, _))| *known == name).map(|(place, (_, form))| (place, form))
}

#[cfg(test)]
mod tests;
