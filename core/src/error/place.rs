use std::ops::Range;

/// Where in a document of JSON a value is that does not fit, as a path: `orders[1].count`; `None` where it is the document as a whole,
/// or the document is no JSON.
///
/// It is found by the line and the column that serde_json says. To read the document again by a reader that keeps the path would
/// put a second reader of each type into the program. Where a type refuses what could be read (`try_from`, an enum without a tag) and
/// it comes last in a list or a map, that says no more than where the list or the map is; and a type that reads JSON within JSON says
/// the line and the column in there.
///
/// ```
/// let json = br#"[{"count": 1}, {"count": "two"}]"#;
/// let error = serde_json::from_slice::<Vec<std::collections::HashMap<String, u32>>>(json).unwrap_err();
/// assert_eq!(omnifn_core::place_in_json(json, &error).as_deref(), Some("[1].count"));
/// ```
#[cold]
pub fn place_in_json(json: &[u8], error: &serde_json::Error) -> Option<String> {
    // What is no JSON may be so in a part that nobody reads, and its keys are the sender's: its line and column are enough.
    if !error.is_data() {
        return None;
    }
    let at = offset(json, error)?;
    let words = error.to_string();
    let is_of_container = words.starts_with("invalid type: map") || words.starts_with("invalid type: sequence");
    let mut outer = Vec::new();
    let mut is_between = false;
    let mut i = 0;
    while let Some(byte) = json.get(i) {
        let end = match byte {
            b'"' => i + 1 + string(&json[i + 1..]),
            b'{' | b'[' | b'}' | b']' | b',' | b':' | b' ' | b'\t' | b'\r' | b'\n' => i + 1,
            _ => i + json[i..].iter().take_while(|byte| !b",:]}[{\" \t\r\n".contains(byte)).count(),
        };
        let is_space = matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b':');
        if is_space || *byte == b',' {
            is_between |= *byte == b',';
            i = end;
            continue;
        }
        if std::mem::take(&mut is_between) {
            // What its own type refuses is noticed behind it, and behind the comma in a list.
            if at <= i && !(is_of_container && matches!(byte, b'{' | b'[')) {
                break;
            }
            match outer.last_mut() {
                Some(Outer::List(index)) => *index += 1,
                Some(Outer::Map(key)) => *key = None,
                None => {}
            }
        }
        match (byte, outer.last_mut()) {
            // What is no value at all is noticed where it begins.
            (b'{' | b'[', _) if at <= i => break,
            (b'{', _) => outer.push(Outer::Map(None)),
            (b'[', _) => outer.push(Outer::List(0)),
            (b'}' | b']', _) => {
                outer.pop();
                if at <= end {
                    break;
                }
            }
            // A name that nobody knows is the sender's: the place is the map.
            (_, Some(Outer::Map(None))) if at <= end => break,
            (_, Some(Outer::Map(key @ None))) if *byte == b'"' => *key = Some(i + 1..end - 1),
            _ if at <= end => break,
            _ => {}
        }
        i = end;
    }
    Some(path(json, &outer)).filter(|path| !path.is_empty())
}

/// What a value is in.
enum Outer {
    /// At which index.
    List(usize),
    /// Under which key, as soon as it is known.
    Map(Option<Range<usize>>),
}

/// How many bytes had been read.
fn offset(json: &[u8], error: &serde_json::Error) -> Option<usize> {
    let before = error.line().checked_sub(1)?;
    let lines = json.split_inclusive(|byte| *byte == b'\n').take(before);
    Some(lines.map(<[u8]>::len).sum::<usize>() + error.column())
}

/// The length of a string, with the quote at its end, without the one at its beginning.
fn string(rest: &[u8]) -> usize {
    let mut escaped = false;
    let end = rest.iter().position(|byte| {
        let ends = *byte == b'"' && !escaped;
        escaped = *byte == b'\\' && !escaped;
        ends
    });
    end.map_or(rest.len(), |end| end + 1)
}

fn path(json: &[u8], outer: &[Outer]) -> String {
    let mut path = String::new();
    for level in outer {
        match level {
            Outer::List(index) => path.push_str(&format!("[{index}]")),
            Outer::Map(Some(key)) => {
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(&String::from_utf8_lossy(json.get(key.clone()).unwrap_or_default()));
            }
            Outer::Map(None) => {}
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;
    use serde_json::{Value, json};

    use super::*;

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code, reason = "only read")]
    struct Order {
        number: u16,
        lines: Vec<Line>,
        notes: Option<BTreeMap<String, Vec<String>>>,
        kind: Kind,
        open: bool,
    }

    #[derive(Deserialize)]
    #[allow(dead_code, reason = "only read")]
    struct Line {
        item: String,
        at: (i8, f32),
    }

    #[derive(Deserialize)]
    #[allow(dead_code, reason = "only read")]
    enum Kind {
        Tea { hot: bool },
        Cup(u8),
    }

    /// The path of the reader that keeps it.
    fn kept(json: &[u8]) -> Option<(Option<String>, serde_json::Error)> {
        let error =
            serde_path_to_error::deserialize::<_, Order>(&mut serde_json::Deserializer::from_slice(json)).err()?;
        Some((Some(error.path().to_string()).filter(|path| path != "."), error.into_inner()))
    }

    fn pointers(value: &Value, here: String, all: &mut Vec<String>) {
        match value {
            Value::Object(map) => {
                map.iter().for_each(|(key, value)| pointers(value, format!("{here}/{key}"), all));
            }
            Value::Array(list) => {
                list.iter().enumerate().for_each(|(i, value)| pointers(value, format!("{here}/{i}"), all));
            }
            _ => {}
        }
        all.push(here);
    }

    #[test]
    fn it_is_the_path_that_another_reader_keeps() {
        let order = json!({"kind": {"Tea": {"hot": true}}, "lines": [{"at": [1, 2.5], "item": "a \"b\" \\"},
            {"at": [3, 4.5], "item": "{[,]}"}], "notes": {"to: \"x\"": ["a", "b"], "y": []}, "number": 7, "open": true});
        let mut all = Vec::new();
        pointers(&order, String::new(), &mut all);
        let others = [
            json!(null),
            json!(70_000),
            json!(-1.5),
            json!("x, \"y\""),
            json!([]),
            json!({}),
            json!(true),
            json!([[1]]),
            json!({"z": {"a": [1]}}),
        ];
        let mut compared = 0;
        for pointer in &all {
            for other in &others {
                let mut mutated = order.clone();
                *mutated.pointer_mut(pointer).unwrap() = other.clone();
                for text in [mutated.to_string(), format!("{mutated:#}")] {
                    let Some((path, error)) = kept(text.as_bytes()).filter(|(_, error)| error.is_data()) else {
                        continue;
                    };
                    let path = match error.to_string().starts_with("unknown field") {
                        true => path.and_then(|path| path.rsplit_once('.').map(|(outer, _)| outer.to_owned())),
                        false => path,
                    };
                    // That reader shows a key as it means; this one as it stands there.
                    let found = place_in_json(text.as_bytes(), &error).map(|path| path.replace("\\\"", "\""));
                    assert_eq!(found, path, "{error}: {text}");
                    compared += 1;
                }
            }
        }
        assert!(compared > 200, "{compared}");
    }

    #[test]
    fn what_breaks_off_has_no_place() {
        let json = br#"{"number": 7, "lines": [{"item": "tea", "at": [1, 2]}], "notes": {"a": ["x"]}, "open": tru"#;
        for length in 0..=json.len() {
            let cut = &json[..length];
            let (_, error) = kept(cut).unwrap();
            assert_eq!(place_in_json(cut, &error), None, "{error}");
        }
    }

    /// What reads well as another type, which this one does not take.
    #[derive(Deserialize)]
    #[serde(try_from = "u8")]
    struct Even(#[expect(dead_code, reason = "only read")] u8);

    impl TryFrom<u8> for Even {
        type Error = &'static str;

        fn try_from(number: u8) -> Result<Self, &'static str> {
            if number.is_multiple_of(2) { Ok(Even(number)) } else { Err("it is odd") }
        }
    }

    #[test]
    fn what_its_own_type_refuses_is_not_the_next() {
        type Lists = BTreeMap<String, Vec<Even>>;
        for (json, place) in [
            (r#"{"a":[2,3,4],"b":[]}"#, "a[1]"),
            (r#"{"a": [2, 3 , 4]}"#, "a[1]"),
            ("{\"a\": [\n2,\n3\n,\n4\n]}", "a[1]"),
            (r#"{"a":[2,3,"x"]}"#, "a[1]"),
            (r#"{"a":[2,3,[]]}"#, "a[1]"),
            (r#"{"a":[2,[],3]}"#, "a[1]"),
            (r#"{"a":[2,{},3]}"#, "a[1]"),
            // The last one is noticed where the list ends.
            (r#"{"a":[2],"b":[2,3]}"#, "b"),
        ] {
            let error = serde_json::from_str::<Lists>(json).err().unwrap();
            assert_eq!(place_in_json(json.as_bytes(), &error).as_deref(), Some(place), "{error}: {json}");
        }
        let json = r#"{"a":2,"b":3 ,"c":4}"#;
        let error = serde_json::from_str::<BTreeMap<String, Even>>(json).err().unwrap();
        assert_eq!(place_in_json(json.as_bytes(), &error).as_deref(), Some("b"));
    }
}
