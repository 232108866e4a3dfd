use proptest::{collection::vec, prelude::*};

use crate::json::{Alike, Scanner};

type Fields<'a> = Vec<(&'a str, &'a str)>;

/// The objects of a list, each for itself, or as most likely like the one before; and where the reader is then.
fn read(json: &str, are_alike: bool) -> Option<(Vec<Fields<'_>>, usize)> {
    let (mut scanner, mut before, mut objects) = (Scanner::new(json), Alike::default(), Vec::new());
    scanner.list(|scanner| {
        let mut fields = Vec::new();
        match are_alike {
            true => scanner.object_like(&mut before, |scanner, name| {
                fields.push((name, scanner.value()?));
                Some(())
            })?,
            false => scanner.object(|scanner, name| {
                fields.push((name, scanner.value()?));
                Some(())
            })?,
        }
        objects.push(fields);
        Some(())
    })?;
    Some((objects, scanner.place()))
}

#[test]
fn another_name_is_read() {
    let json = r#"[{"a": 1, "b": 2}, {"a": 3, "b": 4}, {"a" : 5, "bb": 6}, {"b": 7, "a": 8, "c": 9}, {}, {"b": 0}]"#;
    let (objects, _) = read(json, true).unwrap();
    let names: Vec<String> = objects.iter().map(|fields| fields.iter().map(|(name, _)| *name).collect()).collect();
    assert_eq!(names, ["ab", "ab", "abb", "bac", "", "b"]);
    for broken in
        [r#"[{"a": 1}, {"a": }]"#, r#"[{"a": 1}, {"a": 2, }]"#, r#"[{"a": 1}, {"a":"#, r#"[{"a": 1}, {"a" 2}]"#]
    {
        assert_eq!(read(broken, true), None, "{broken}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn it_reads_what_the_other_reads(
        objects in vec(vec(("[ab]{0,2}", "[ :]{0,1}", "[0-9]|\"[ab:]\"|\\{\\}"), 0..4), 0..5),
        slip in "[{}\",:ab ]{0,2}",
        at: prop::sample::Index,
    ) {
        let field = |(name, gap, value): &(String, String, String)| format!("\"{name}\"{gap}:{value}");
        let object = |fields: &Vec<_>| format!("{{{}}}", fields.iter().map(field).collect::<Vec<_>>().join(","));
        let mut json = format!("[{}]", objects.iter().map(object).collect::<Vec<_>>().join(","));
        json.insert_str(at.index(json.len()), &slip);
        prop_assert_eq!(read(&json, true), read(&json, false), "{}", json);
    }
}
