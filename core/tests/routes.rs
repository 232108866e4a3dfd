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
    type Row = (&'static str, &'static str, usize, &'static [(&'static str, &'static str)]);
    let table: &[Row] = &[
        ("GET", "/", 0, &[]),
        ("HEAD", "/", 0, &[]),
        ("GET", "/notes", 1, &[]),
        ("POST", "/notes", 2, &[]),
        ("PUT", "/notes", 2, &[]),
        ("GET", "/notes/7", 3, &[("id", "7")]),
        ("HEAD", "/notes/7", 3, &[("id", "7")]),
        ("GET", "/notes/latest", 4, &[]),
        ("DELETE", "/notes/7", 5, &[("id", "7")]),
        ("PURGE", "/notes/7", 5, &[("id", "7")]),
        ("GET", "/notes/a%2Fb", 3, &[("id", "a%2Fb")]),
        ("GET", "/notes/..", 3, &[("id", "..")]),
        ("GET", "/notes/日本", 3, &[("id", "日本")]),
        ("GET", "/notes/7/tags/red", 6, &[("note", "7"), ("tag", "red")]),
        ("GET", "/files/a", 7, &[("path", "a")]),
        ("GET", "/files/a//b/../c", 7, &[("path", "a//b/../c")]),
        ("GET", "/files//", 7, &[("path", "/")]),
        ("HEAD", "/probe", 8, &[]),
        ("GET", "/probe", 9, &[]),
        ("HEAD", "/any", 10, &[]),
        ("GET", "/{literal}", 11, &[]),
        ("GET", "/img/cat.png", 12, &[("name", "cat")]),
    ];
    let routes = service();
    for (method, path, function, params) in table {
        let found = routes.find(&Method::from_bytes(method.as_bytes()).unwrap(), path);
        let found = found.unwrap_or_else(|why| panic!("{method} {path}: {why:?}"));
        assert_eq!(found.function, *function, "{method} {path}");
        assert_eq!(found.params.iter().collect::<Vec<_>>(), *params, "{method} {path}");
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
fn a_function_of_any_path_takes_what_is_left() {
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
    for (path, values) in [
        ("/a", &[("tenant", "a")][..]),
        ("/a/", &[("tenant", "a")]),
        ("/a/b/", &[("tenant", "a"), ("path", "b/")]),
        ("/", &[]),
        ("//b", &[]),
    ] {
        let found = tenants.find(&Method::GET, path);
        let found = found.map(|found| found.params).unwrap_or_default();
        assert_eq!(found.iter().collect::<Vec<_>>(), values, "{path}");
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
        ("the same twice", &[(Methods::GET, "/a"), (Methods::GET, "/a")], "two functions take GET /a"),
        ("one method shared", &[(Methods::GET, "/a"), (GET_PUT, "/a")], "two functions take"),
        (
            "other names, one place",
            &[(Methods::GET, "/a/{x}"), (Methods::GET, "/a/{y}")],
            "two functions take GET /a/{y}",
        ),
        ("every method twice", &[(Methods::ANY, "/a"), (Methods::ANY, "/a")], "two functions take ANY /a"),
        (
            "a wildcard beside a parameter",
            &[(Methods::GET, "/a/{x}/b"), (Methods::GET, "/a/{*y}")],
            "`/a/{*y}` is no route beside `/a/{x}/b`",
        ),
        (
            "a parameter beside a wildcard",
            &[(Methods::GET, "/a/{*y}"), (Methods::GET, "/a/{x}.b")],
            "`/a/{x}.b` is no route beside `/a/{*y}`",
        ),
        ("a wildcard in the middle", &[(Methods::GET, "/{*a}/b")], "`/{*a}/b` is no route"),
        ("two parameters in a segment", &[(Methods::GET, "/{a}{b}")], "`/{a}{b}` is no route"),
        ("an open brace", &[(Methods::GET, "/{a")], "`/{a` is no route"),
        ("a closing brace", &[(Methods::GET, "/a}")], "`/a}` is no route"),
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
fn what_says_more_of_a_segment_goes_first() {
    const PATTERNS: [&str; 8] =
        ["/{x}", "/{x}.png", "/{x}.min.png", "/a{x}", "/ab", "/{x}/b", "/{x}.png/c", "/a{x}/{y}/{z}/{u}/{v}/{w}"];
    // In any order.
    for shift in 0..PATTERNS.len() {
        let mut routes = Routes::default();
        for i in (0..PATTERNS.len()).map(|i| (i + shift) % PATTERNS.len()) {
            routes.add(i, &Route { methods: Methods::GET, path: Some(PATTERNS[i]) }, false).unwrap();
        }
        let table: &[(&str, usize, &[&str])] = &[
            ("/ab", 4, &[]),
            ("/abc", 3, &["bc"]),
            ("/a", 0, &["a"]),
            ("/a.png", 3, &[".png"]),
            ("/b.png", 1, &["b"]),
            ("/b.min.png", 2, &["b"]),
            ("/.png", 0, &[".png"]),
            ("/é.png", 1, &["é"]),
            // Text that fits is no promise: what follows may not.
            ("/b.png/b", 5, &["b.png"]),
            ("/b.png/c", 6, &["b"]),
            ("/ab/b", 5, &["ab"]),
            ("/a1/2/3/4/5/6", 7, &["1", "2", "3", "4", "5", "6"]),
        ];
        for (path, function, values) in table {
            let found = routes.find(&Method::GET, path).unwrap_or_else(|why| panic!("{path}: {why:?}"));
            let found_values: Vec<_> = found.params.iter().map(|(_, value)| value).collect();
            assert_eq!((found.function, &found_values[..]), (*function, *values), "{path}");
        }
        assert!(routes.find(&Method::GET, "/b/d").is_err());
    }
}

proptest! {
    #[test]
    fn any_path_finds_something_or_nothing(method in "[A-Z]{1,8}", path in any::<String>()) {
        let _ = service().find(&Method::from_bytes(method.as_bytes()).unwrap(), &path);
    }

    #[test]
    fn any_pattern_stands_or_says_why(pattern in "(/|[{}*a-cé]|\\{[a-c]\\}){0,12}", path in "[/a-cé{}]{0,12}") {
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
                found.map(|found| (found.function, found.pattern, format!("{:?}", found.params)))
            };
            prop_assert_eq!(found(&alone), found(&beside), "{} of {}", path, pattern);
        }
    }

    #[test]
    fn a_parameter_is_its_segment_as_it_came(segment in "[^/]{1,20}") {
        let routes = service();
        let path = format!("/notes/{segment}/tags/{segment}");
        let found = routes.find(&Method::GET, &path).unwrap();
        prop_assert_eq!(found.params.iter().collect::<Vec<_>>(), [("note", segment.as_str()), ("tag", segment.as_str())]);
    }
}

/// A pattern of a few pieces, many of which go together.
fn pattern() -> impl Strategy<Value = String> {
    let segment = prop_oneof![
        3 => "[ab]{1,2}",
        2 => Just("{p}".to_owned()),
        2 => "[ab]?\\{p\\}[ab.]{0,2}",
        1 => "(\\{\\{|\\}\\}|é)[ab]?",
        1 => Just(String::new()),
    ];
    (proptest::collection::vec(segment, 1..4), "(|/\\{\\*r\\}|[ab]\\{\\*r\\})").prop_map(|(segments, rest)| {
        let numbered = segments.iter().enumerate().map(|(i, segment)| segment.replace("{p}", &format!("{{p{i}}}")));
        format!("/{}{rest}", numbered.collect::<Vec<_>>().join("/"))
    })
}

/// The number of the pattern, and the values, as another router finds them.
fn of_another(routes: &matchit::Router<usize>, path: &str) -> Option<(usize, Vec<String>)> {
    let found = routes.at(path).ok()?;
    Some((*found.value, found.params.iter().map(|(_, value)| value.to_owned()).collect()))
}

fn pattern_alone(path: &'static str) -> bool {
    Routes::default().add(0, &Route { methods: Methods::GET, path: Some(path) }, false).is_ok()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_path_is_found_as_another_router_does(
        patterns in proptest::collection::vec(pattern(), 1..7),
        paths in proptest::collection::vec("(/|/[ab]|[ab.]|/é|[{}]){0,8}", 12),
    ) {
        let (mut another, mut ours) = (matchit::Router::new(), Routes::default());
        let (mut alone, mut has_suffix) = (Vec::new(), false);
        for (i, pattern) in patterns.iter().enumerate() {
            let path: &'static str = pattern.clone().leak();
            let mut one = matchit::Router::new();
            let stands = one.insert(path, i).is_ok();
            prop_assert_eq!(pattern_alone(path), stands, "{}", path);
            // One that it refuses may have changed it.
            if !stands || another.insert(path, i).is_err() {
                break;
            }
            let added = ours.add(i, &Route { methods: Methods::GET, path: Some(path) }, false);
            prop_assert!(added.is_ok(), "{added:?}");
            alone.push(one);
            let behind = pattern.split("{p").skip(1).filter_map(|behind| behind.split_once('}'));
            has_suffix |= behind.into_iter().any(|(_, text)| !text.is_empty() && !text.starts_with('/'));
        }
        for path in patterns.iter().map(|pattern| pattern.replace(['{', '}', '*'], "")).chain(paths) {
            let found = ours.find(&Method::GET, &path).ok();
            let found = found.map(|found| (found.function, found.params.iter().map(|(_, value)| value.to_owned()).collect()));
            let known = of_another(&another, &path);
            // Where the text behind a parameter fits and what follows does not, that one does not try the other patterns.
            if has_suffix && found != known {
                let could_be: Vec<_> = alone.iter().filter_map(|one| of_another(one, &path)).collect();
                prop_assert!(found.as_ref().is_some_and(|found| could_be.contains(found)), "{path}: {found:?} {known:?}");
            } else {
                prop_assert_eq!(&found, &known, "{}", path);
            }
        }
    }
}
