use super::Scanner;
use crate::json::plain::until_special;

#[test]
fn numbers_are_those_of_json() {
    for number in ["0", "-0", "10", "-12.50", "1e5", "0.1E-2", "1e+9", "123456789012345678901234567890"] {
        let mut scanner = Scanner::new(number);
        assert!(scanner.skip().and_then(|()| scanner.end()).is_some(), "{number}");
    }
    for number in ["", "-", "01", "+1", ".5", "1.", "1.e1", "1e", "1e+", "--1", "1_0", "0x1", "NaN"] {
        let mut scanner = Scanner::new(number);
        assert!(scanner.skip().and_then(|()| scanner.end()).is_none(), "{number}");
    }
}

#[test]
fn a_text_is_the_one_that_serde_reads_and_no_longer() {
    for inner in ["", "plain", r#"\"\\\/\b\f\n\r\t"#, r#"a\"b"#, "\u{e9}\\n\u{1f980}", "just eight", r"ends with \\"] {
        let json = format!("\"{inner}\"");
        let read: String = serde_json::from_str(&json).expect("JSON");
        let has_escape = inner.contains('\\');
        let text = Scanner::new(&json[..]).text().expect("a text");
        assert_eq!(text, read);
        if has_escape {
            let text = text.into_owned();
            // So `Bytes` can be made of it without a copy.
            assert_eq!(text.capacity(), text.len());
        } else {
            assert!(matches!(text, std::borrow::Cow::Borrowed(_)), "{inner}");
        }
        assert_eq!(Scanner::new(&json[..]).plain(), (!has_escape).then_some(inner));
    }
    for json in ["", "\"", "\"a", "\"a\\", "\"a\\\"", "\"a\n\"", "\"12345678\u{1}\"", "a\"", r#""\x""#, r#""\u00""#] {
        assert!(Scanner::new(json).text().is_none(), "{json:?}");
        assert!(Scanner::new(json).plain().is_none(), "{json:?}");
    }
}

#[test]
fn the_first_special_byte_is_found_wherever_it_is() {
    for length in 0..40 {
        for special in [b'"', b'\\', 0, 1, 0x1f] {
            for at in 0..length {
                for rest in [b'a', b' ', b'!', b'#', b'[', b']', 0x7f, 0x80, 0xff] {
                    let mut text = vec![rest; length];
                    assert_eq!(until_special(&text), length);
                    text[at] = special;
                    assert_eq!(until_special(&text), at, "{text:?}");
                }
            }
        }
    }
}

#[test]
fn a_name_comes_once() {
    let (mut seen, mut place) = (super::super::Seen::default(), 0);
    let mut once = |key, value| seen.once(key, &mut place, value);
    assert_eq!([once(0, 1), once(31, 2), once(32, 3)], [Some(()), Some(()), None]);
    assert_eq!([once(0, 4), once(31, 5), once(1, 6)], [None, None, Some(())]);
}
