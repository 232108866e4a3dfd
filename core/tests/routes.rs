//! Which function takes a request.

use http::Method;
use omnifn_core::{Methods, Route, Routes};
use proptest::prelude::*;

/// The routes of a small service, by number.
fn service() -> Routes {
    let table = [
        /* 0 */ (Methods::GET, Some("/")),
        /* 1 */ (Methods::GET, Some("/notes")),
        /* 2 */ (Methods::POST.and(Methods::PUT), Some("/notes")),
        /* 3 */ (Methods::GET, Some("/notes/{id}")),
        /* 4 */ (Methods::GET, Some("/notes/latest")),
        /* 5 */ (Methods::ANY, Some("/notes/{id}")),
        /* 6 */ (Methods::GET, Some("/notes/{note}/tags/{tag}")),
        /* 7 */ (Methods::GET, Some("/files/{*path}")),
        /* 8 */ (Methods::HEAD, Some("/probe")),
        /* 9 */ (Methods::GET, Some("/probe")),
        /* 10 */ (Methods::ANY, Some("/any")),
        /* 11 */ (Methods::GET, Some("/{{literal}}")),
        /* 12 */ (Methods::GET, Some("/img/{name}.png")),
    ];
    let mut routes = Routes::default();
    for (function, (methods, path)) in table.into_iter().enumerate() {
        routes.add(function, &Route { methods, path }, false).unwrap();
    }
    routes
}

#[test]
fn found() {
    let table = [
        ("GET", "/", 0),
        ("HEAD", "/", 0),
        ("GET", "/notes", 1),
        ("POST", "/notes", 2),
        ("PUT", "/notes", 2),
        ("GET", "/notes/7", 3),
        ("HEAD", "/notes/7", 3),
        ("GET", "/notes/latest", 4),
        ("DELETE", "/notes/7", 5),
        ("PURGE", "/notes/7", 5),
        ("GET", "/notes/a%2Fb", 3),
        ("GET", "/notes/..", 3),
        ("GET", "/notes/日本", 3),
        ("GET", "/notes/7/tags/red", 6),
        ("GET", "/files/a", 7),
        ("GET", "/files/a//b/../c", 7),
        ("GET", "/files//", 7),
        ("HEAD", "/probe", 8),
        ("GET", "/probe", 9),
        ("HEAD", "/any", 10),
        ("GET", "/{literal}", 11),
        ("GET", "/img/cat.png", 12),
    ];
    let routes = service();
    for (method, path, function) in table {
        let found = routes.find(&Method::from_bytes(method.as_bytes()).unwrap(), path);
        let found = found.unwrap_or_else(|why| panic!("{method} {path}: {why:?}"));
        assert_eq!(found.function, function, "{method} {path}");
    }
}

#[test]
fn not_found() {
    let table = [
        ("GET", "/nothing", "Path"),
        ("GET", "", "Path"),
        ("GET", "//", "Path"),
        ("GET", "/notes/", "Path"),
        ("GET", "/notes/7/", "Path"),
        ("GET", "/Notes", "Path"),
        ("GET", "/n%6ftes", "Path"),
        ("GET", "/files/", "Path"),
        ("GET", "/files", "Path"),
        ("GET", "/literal", "Path"),
        ("DELETE", "/notes", "Method(Methods(GET, HEAD, POST, PUT))"),
        ("POST", "/", "Method(Methods(GET, HEAD))"),
        ("PURGE", "/probe", "Method(Methods(GET, HEAD))"),
        ("POST", "/notes/latest", "Method(Methods(GET, HEAD))"),
    ];
    let routes = service();
    for (method, path, expected) in table {
        let why = routes.find(&Method::from_bytes(method.as_bytes()).unwrap(), path).unwrap_err();
        assert_eq!(format!("{why:?}"), expected, "{method} {path}");
    }
}

#[test]
fn a_function_of_any_path_takes_all_other_requests() {
    let mut routes = service();
    routes.add(90, &Route { methods: Methods::POST, path: None }, false).unwrap();
    let table = [
        ("POST", "/nothing", Ok(90)),
        ("POST", "/", Ok(90)),
        ("GET", "/notes", Ok(1)),
        ("POST", "/notes", Ok(2)),
        ("DELETE", "/notes", Err("Method(Methods(GET, HEAD, POST, PUT))")),
        ("GET", "/nothing", Err("Method(Methods(POST))")),
    ];
    for (method, path, expected) in table {
        let found = routes.find(&Method::from_bytes(method.as_bytes()).unwrap(), path);
        let found = found.map(|found| found.function).map_err(|why| format!("{why:?}"));
        assert_eq!(found, expected.map_err(str::to_owned), "{method} {path}");
    }
    routes.add(91, &Route { methods: Methods::ANY, path: None }, false).unwrap();
    assert_eq!(routes.find(&Method::GET, "/nothing").unwrap().function, 91);
    assert_eq!(routes.find(&Method::POST, "/nothing").unwrap().function, 90);
}

#[test]
fn a_mounted_service_answers_its_own_root() {
    let mut routes = Routes::default();
    routes.add(0, &Route { methods: Methods::ANY, path: Some("/api/{*path}") }, true).unwrap();
    routes.add(1, &Route { methods: Methods::GET, path: Some("/shop/") }, false).unwrap();
    routes.add(2, &Route { methods: Methods::ANY, path: Some("/shop/{*path}") }, true).unwrap();
    let table = [
        ("GET", "/api", Some(0)),
        ("GET", "/api/", Some(0)),
        ("POST", "/api/a/b", Some(0)),
        ("GET", "/apis", None),
        ("GET", "/", None),
        // A function of its own goes first.
        ("GET", "/shop/", Some(1)),
        ("GET", "/shop", Some(2)),
        ("POST", "/shop/", Some(2)),
    ];
    for (method, path, expected) in table {
        let found = routes.find(&Method::from_bytes(method.as_bytes()).unwrap(), path).ok();
        assert_eq!(found.map(|found| found.function), expected, "{method} {path}");
    }

    let mut tenants = Routes::default();
    tenants.add(0, &Route { methods: Methods::ANY, path: Some("/{tenant}/{*path}") }, true).unwrap();
    for (path, is_found) in [("/a", true), ("/a/", true), ("/a/b/", true), ("/", false), ("//b", false)] {
        assert_eq!(tenants.find(&Method::GET, path).is_ok(), is_found, "{path}");
    }

    let mut everything = Routes::default();
    everything.add(0, &Route { methods: Methods::ANY, path: Some("/{*path}") }, true).unwrap();
    for path in ["/", "/a", "//", "/a/b/"] {
        assert_eq!(everything.find(&Method::GET, path).unwrap().function, 0, "{path}");
    }
}

#[test]
fn routes_that_cannot_stand() {
    const GET_PUT: Methods = Methods::GET.and(Methods::PUT);
    type Row<'a> = (&'a str, &'a [(Methods, &'a str)], &'a str);
    let table: &[Row<'_>] = &[
        ("the same twice", &[(Methods::GET, "/a"), (Methods::GET, "/a")], "two functions have the route GET /a"),
        ("one method shared", &[(Methods::GET, "/a"), (GET_PUT, "/a")], "two functions have the route"),
        (
            "other names, one place",
            &[(Methods::GET, "/a/{x}"), (Methods::GET, "/a/{y}")],
            "two functions have the route GET /a/{y}",
        ),
        ("every method twice", &[(Methods::ANY, "/a"), (Methods::ANY, "/a")], "two functions have the route ANY /a"),
        (
            "a wildcard beside a parameter",
            &[(Methods::GET, "/a/{x}/b"), (Methods::GET, "/a/{*y}")],
            "the routes `/a/{*y}` and `/a/{x}/b` conflict",
        ),
        (
            "a parameter beside a wildcard",
            &[(Methods::GET, "/a/{*y}"), (Methods::GET, "/a/{x}.b")],
            "the routes `/a/{x}.b` and `/a/{*y}` conflict",
        ),
        ("a wildcard in the middle", &[(Methods::GET, "/{*a}/b")], "`/{*a}/b` is not a valid route"),
        ("two parameters in a segment", &[(Methods::GET, "/{a}{b}")], "`/{a}{b}` is not a valid route"),
        ("an open brace", &[(Methods::GET, "/{a")], "`/{a` is not a valid route"),
        ("a closing brace", &[(Methods::GET, "/a}")], "`/a}` is not a valid route"),
        ("a parameter without a name", &[(Methods::GET, "/a/{}")], "/a/{}"),
        ("a wildcard without a name", &[(Methods::GET, "/a/{*}")], "/a/{*}"),
        ("a slash in a name", &[(Methods::GET, "/a/{b/c}")], "/a/{b/c}"),
        ("a star in a name", &[(Methods::GET, "/a/{b*}")], "/a/{b*}"),
        ("one name twice", &[(Methods::GET, "/{a}/b/{a}")], "/{a}/b/{a}"),
        ("no slash in front", &[(Methods::GET, "a/b")], "a/b"),
        ("an empty pattern", &[(Methods::GET, "")], ""),
    ];
    for (what, patterns, words) in table {
        let mut routes = Routes::default();
        let added = (patterns.iter().enumerate())
            .try_for_each(|(i, (methods, path))| routes.add(i, &Route { methods: *methods, path: Some(path) }, false));
        let why = added.expect_err(what);
        assert!(why.contains(words), "{what}: {why}");
    }
}

#[test]
fn a_longer_text_in_a_segment_takes_precedence() {
    for patterns in [&["/{x}", "/{x}.png", "/{x}.min.png", "/ab"][..], &["/{x}", "/a{x}", "/ab", "/a{x}/{y}"]] {
        // In any order.
        for shift in 0..patterns.len() {
            let mut routes = Routes::default();
            for i in (0..patterns.len()).map(|i| (i + shift) % patterns.len()) {
                routes.add(i, &Route { methods: Methods::GET, path: Some(patterns[i]) }, false).unwrap();
            }
            for (path, pattern) in [
                ("/ab", "/ab"),
                ("/abc", "/a{x}"),
                ("/b", "/{x}"),
                ("/b.png", "/{x}.png"),
                ("/b.min.png", "/{x}.min.png"),
                ("/é.png", "/{x}.png"),
                ("/a1/2", "/a{x}/{y}"),
            ] {
                if patterns.contains(&pattern) {
                    assert_eq!(routes.find(&Method::GET, path).unwrap().pattern, Some(pattern), "{path}");
                }
            }
            assert!(routes.find(&Method::GET, "/b/d").is_err());
        }
    }
}

/// What could be read in two ways is refused, and nothing is lost of what was there.
#[test]
fn text_on_both_sides_of_a_parameter_is_ambiguous() {
    let mut routes = Routes::default();
    routes.add(0, &Route { methods: Methods::GET, path: Some("/{x}.png") }, false).unwrap();
    let why = routes.add(1, &Route { methods: Methods::GET, path: Some("/a{x}") }, false).unwrap_err();
    assert_eq!(why, "the routes `/a{x}` and `/{x}.png` conflict: some paths match both equally well");
    assert_eq!(routes.find(&Method::GET, "/b.png").unwrap().function, 0);
}

proptest! {
    #[test]
    fn any_path_finds_something_or_nothing(method in "[A-Z]{1,8}", path in any::<String>()) {
        let _ = service().find(&Method::from_bytes(method.as_bytes()).unwrap(), &path);
    }

    #[test]
    fn any_pattern_is_valid_or_an_error_explains_why(pattern in "(/|[{}*a-cé]|\\{[a-c]\\}){0,12}", path in "[/a-cé{}]{0,12}") {
        let mut routes = Routes::default();
        for prefix in [false, true] {
            let pattern: &'static str = pattern.clone().leak();
            if let Err(why) = routes.add(0, &Route { methods: Methods::GET, path: Some(pattern) }, prefix) {
                prop_assert!(why.contains(pattern), "{}", why);
            }
            let _ = routes.find(&Method::GET, &path);
        }
    }

    #[test]
    fn the_only_place_is_found_as_it_is_among_others(
        literal in "(/[a-cé]{0,2}){1,3}",
        rest in "(/?[{]\\*x[}])?",
        prefix: bool,
        path in "(/?[a-cé]{0,2}){0,5}",
    ) {
        let pattern: &'static str = format!("{literal}{rest}").leak();
        let (mut alone, mut beside) = (Routes::default(), Routes::default());
        for routes in [&mut alone, &mut beside] {
            let _ = routes.add(0, &Route { methods: Methods::GET, path: Some(pattern) }, prefix);
        }
        beside.add(1, &Route { methods: Methods::GET, path: Some("/another/{one}") }, false).unwrap();
        for path in [path.clone(), format!("{literal}{path}"), literal] {
            let found = |routes: &Routes| {
                let found = routes.find(&Method::GET, &path);
                found.map(|found| (found.function, found.pattern))
            };
            prop_assert_eq!(found(&alone), found(&beside), "{} of {}", path, pattern);
        }
    }
}
