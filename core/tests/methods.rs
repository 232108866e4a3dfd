//! Sets of methods.

use http::Method;
use omnifn_core::{Methods, Route};

const EACH: [(Methods, Method); 7] = [
    (Methods::GET, Method::GET),
    (Methods::HEAD, Method::HEAD),
    (Methods::POST, Method::POST),
    (Methods::PUT, Method::PUT),
    (Methods::PATCH, Method::PATCH),
    (Methods::DELETE, Method::DELETE),
    (Methods::OPTIONS, Method::OPTIONS),
];

#[test]
fn each_method_is_in_its_own_set_alone() {
    for (set, method) in &EACH {
        for (other, _) in &EACH {
            assert_eq!(other.contains(method), other == set, "{method} in {other}");
            assert_eq!(other.overlap(*set), other == set);
        }
        assert_eq!(set.iter().collect::<Vec<_>>(), std::slice::from_ref(method));
        assert_eq!(set.to_string(), method.as_str());
        assert!(!set.is_any());
        assert!(!Methods::NONE.contains(method));
    }
}

#[test]
fn any_is_every_method() {
    for name in ["GET", "CONNECT", "TRACE", "QUERY", "PURGE", "get", "X"] {
        assert!(Methods::ANY.contains(&Method::from_bytes(name.as_bytes()).unwrap()), "{name}");
    }
    let named = EACH.iter().fold(Methods::NONE, |all, (set, _)| all.and(*set));
    assert!(!named.is_any());
    assert!(!named.contains(&Method::TRACE));
    assert_eq!(named.iter().count(), EACH.len());
    assert_eq!((Methods::ANY.to_string(), Methods::NONE.to_string()), ("ANY".to_owned(), String::new()));
}

/// A method's name is case-sensitive: `get` is not `GET`.
#[test]
fn a_name_in_lower_case_is_another_method() {
    assert!(!Methods::GET.contains(&Method::from_bytes(b"get").unwrap()));
}

#[test]
fn which_two_are_one_too_many() {
    let read = Methods::GET.and(Methods::HEAD);
    let table = [
        (Methods::GET, Methods::GET, true),
        (Methods::GET, Methods::POST, false),
        (read, Methods::HEAD, true),
        (read, Methods::POST.and(Methods::PUT), false),
        (Methods::ANY, Methods::GET, false),
        (Methods::ANY, Methods::ANY, true),
        (Methods::NONE, Methods::GET, false),
    ];
    for (a, b, collide) in table {
        assert_eq!((a.collide(b), b.collide(a)), (collide, collide), "{a} and {b}");
    }
}

#[test]
fn how_a_route_is_shown() {
    let table = [
        (Methods::GET, Some("/notes/{id}"), "GET /notes/{id}"),
        (Methods::GET.and(Methods::POST), Some("/"), "GET, POST /"),
        (Methods::ANY, Some("/{*path}"), "ANY /{*path}"),
        (Methods::POST, None, "POST any path"),
        (Methods::ANY, None, "any method, any path"),
    ];
    for (methods, path, expected) in table {
        assert_eq!(Route { methods, path }.to_string(), expected);
    }
}
