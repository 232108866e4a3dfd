use serde_json::json;

use super::*;
use crate::model::FunctionNote;

fn settle() -> Function {
    let note = json!({"v": 1, "name": "settle", "trigger": {"kind": "queue", "source": "orders"},
        "options": {"batch_size": 5}, "deploy": {"memory": 256}, "module": "shop", "file": "src/main.rs", "line": 3});
    serde_json::from_value::<FunctionNote>(note).unwrap().into()
}

#[test]
fn a_stage_goes_before_all_stages_and_these_before_the_attribute() {
    let metadata = json!({"omnifn": {
        "name": "shop",
        "functions": {"settle": {"memory": 512, "timeout": 9, "environment": {"A": "1", "B": "1"}}},
        "aws": {"region": "eu-west-1", "architecture": "arm64"},
        "stages": {"prod": {
            "name": "shop-prod",
            "functions": {"settle": {"memory": 1024, "environment": {"B": "2"}}},
            "resources": {"queue:orders": {"name": "prod-orders", "create": false}},
            "aws": {"region": "us-east-1"},
        }},
    }});
    let overlay = Overlay::read(&metadata).unwrap();
    let app = overlay.clone().app("crate-name", vec![settle()], Some("prod")).unwrap();
    let function = &app.functions[0];
    assert_eq!(
        (app.name.as_str(), function.deploy.memory, function.deploy.timeout),
        ("shop-prod", Some(1024), Some(9))
    );
    assert_eq!((function.options.batch_size, &function.environment["B"][..]), (Some(5), "2"));
    assert_eq!((app.aws.region.as_deref(), app.aws.architecture.as_deref()), (Some("us-east-1"), Some("arm64")));
    assert_eq!(overlay.cloud(Cloud::Aws, Some("prod")), app.aws);
    assert_eq!(overlay.cloud(Cloud::Aws, None).region.as_deref(), Some("eu-west-1"));
    let queue = &app.all_resources()[0];
    assert_eq!((queue.name.as_str(), queue.create), ("prod-orders", false));
    assert_eq!(overlay.app("crate-name", vec![settle()], None).unwrap().functions[0].deploy.memory, Some(512));
}

#[test]
fn what_the_program_needs_every_function_gets() {
    let metadata = json!({"omnifn": {"secrets": ["KEY"], "environment": {"A": "1"}, "stages": {"prod": {
        "secrets": ["OTHER", "KEY"], "functions": {"settle": {"environment": {"A": "2"}}},
    }}}});
    let app = Overlay::read(&metadata).unwrap().app("shop", vec![settle()], Some("prod")).unwrap();
    assert_eq!(
        (&app.functions[0].secrets[..], &app.functions[0].environment["A"][..]),
        (&["KEY".to_owned(), "OTHER".to_owned()][..], "2")
    );
}

#[test]
fn what_is_wrong_is_named() {
    let said = |metadata: Value, stage: Option<&str>| {
        let app = Overlay::read(&metadata).and_then(|overlay| overlay.app("shop", vec![settle()], stage));
        let error = app.unwrap_err();
        format!("{error}: {}", error.causes.join(": "))
    };
    assert!(said(json!({"omnifn": {"memroy": 1}}), None).contains("memroy"));
    let place = said(json!({"omnifn": {"functions": {"settle": {"memory": "big"}}}}), None);
    assert!(place.contains("functions.settle.memory"), "{place}");
    let resource = said(json!({"omnifn": {"resources": {"queue:ordrs": {}}}}), None);
    assert!(resource.contains("`queue:ordrs`"), "{resource}");
    assert!(said(json!({"omnifn": {"aws": {"http": "rest"}}}), None).contains("rest"));
    assert!(said(json!({"omnifn": {"gcp": {"architecture": "mips"}}}), None).contains("mips"));
    let public = said(json!({"omnifn": {"functions": {"settle": {"visibility": "public"}}}}), None);
    assert!(public.contains("no HTTP requests"), "{public}");
    assert!(said(json!({"omnifn": {"secrets": ["A B"]}}), None).contains("\"A B\""));
    assert!(said(json!({"omnifn": {"functions": {"settel": {}}}}), None).contains("`settel`"));
    assert!(said(json!({"omnifn": {"stages": {"test": {}}}}), Some("prod")).contains("there are `test`"));
}

fn settings(settings: Value) -> Result<App> {
    Overlay::read(&json!({ "omnifn": settings }))?.app("shop", vec![settle()], None)
}

/// All that was found, with what to do.
fn all_of(error: &Error) -> Vec<String> {
    let own = format!("{} ({})", error.message, error.help.as_deref().unwrap_or_default());
    std::iter::once(own).chain(error.more.iter().flat_map(all_of)).collect()
}

#[test]
fn no_text_of_the_settings_can_be_read_as_something_else() {
    for (set, words) in [
        (
            json!({"name": "My Shop"}),
            "the program's name cannot be \"My Shop\" (write another in [package.metadata.omnifn] name",
        ),
        (json!({"name": "shop\nRUN evil"}), r#"cannot be "shop\nRUN evil""#),
        (json!({"aws": {"region": "eu;id"}}), "`aws.region` cannot be"),
        (json!({"aws": {"region": "eu-centrl-1"}}), "`aws.region = \"eu-centrl-1\"` is not a region of AWS Lambda"),
        (json!({"gcp": {"project": "a b"}}), "`gcp.project` cannot be"),
        (json!({"gcp": {"image": "a$(id)"}}), "`gcp.image` cannot be"),
        (json!({"gcp": {"broker": "a\nb"}}), "`gcp.broker` cannot be"),
        (json!({"azure": {"region": "x'y"}}), "`azure.region` cannot be"),
        (
            json!({"resources": {"queue:orders": {"name": "*", "create": false}}}),
            "the name of the queue `orders` cannot be \"*\"",
        ),
        (json!({"resources": {"queue:orders": {"name": "a${evil('x')}b"}}}), "the name of the queue `orders`"),
        (json!({"resources": {"queue:orders": {"name": ""}}}), "the name of the queue `orders`"),
        (json!({"environment": {"A-B": "1"}}), "a variable of `settle` cannot be \"A-B\""),
        (json!({"environment": {"A": "1\u{0}"}}), "has a NUL"),
        (json!({"secrets": ["KEY"], "resources": {"secret:KEY": {"name": "a;b"}}}), "the name of `secret:KEY`"),
    ] {
        let error = settings(set.clone()).expect_err(words);
        assert!(error.kind == Kind::Usage && all_of(&error)[0].contains(words), "{set}: {:?}", all_of(&error));
    }
    let long = Overlay::default().app(&"x".repeat(50), vec![settle()], None).unwrap_err();
    assert!(long.help.unwrap().contains("[package.metadata.omnifn] name"));
    let stage = Overlay::read(&json!({"omnifn": {"stages": {"a b": {}}}})).unwrap().app("shop", vec![], Some("a b"));
    assert!(stage.unwrap_err().message.contains("the name of a stage"));
}

#[test]
fn a_secret_has_a_name_of_its_own() {
    let app = settings(json!({"secrets": ["KEY"], "resources": {"secret:KEY": {"name": "team/key"}}})).unwrap();
    assert_eq!(app.resources["secret:KEY"].name.as_deref(), Some("team/key"));
    let error = settings(json!({"secrets": ["KEY"], "resources": {"secret:KEX": {}}})).unwrap_err();
    assert_eq!(error.help.as_deref(), Some("did you mean `secret:KEY`?"));
}

fn named(name: &str) -> Function {
    let mut function = settle();
    function.name = name.to_owned();
    function
}

#[test]
fn functions_of_a_manifest_are_as_the_attribute_takes_them() {
    for name in ["", "a b", "über", "a${x}"] {
        let error = Overlay::default().app("shop", vec![named(name)], None).unwrap_err();
        assert!(error.message.contains("the name of a function cannot be"), "{error}");
    }
    let mut function = settle();
    function.options.database = Some("a\")}".to_owned());
    assert!(
        Overlay::default().app("shop", vec![function], None).unwrap_err().message.contains("`database` of `settle`")
    );
    let mut function = settle();
    (function.options.database, function.options.consumer_group) = (Some("(default)".into()), Some("$Default".into()));
    Overlay::default().app("shop", vec![function], None).unwrap();
}

#[test]
fn numbers_with_which_nothing_runs_are_refused() {
    for key in ["memory", "timeout", "instances", "batch_size", "concurrency", "attempts"] {
        let error = settings(json!({"functions": {"settle": {key: 0}}})).unwrap_err();
        assert!(error.message.contains(&format!("`{key} = 0` of `settle`")), "{error}");
        settings(json!({"functions": {"settle": {key: 1}}})).unwrap();
    }
    settings(json!({"functions": {"settle": {"batch_window": 0}}})).unwrap();
    let three = settings(json!({"functions": {"settle": {"memory": 0, "timeout": 0, "attempts": 0}}})).unwrap_err();
    assert_eq!(all_of(&three).len(), 3);
}

#[test]
fn a_time_zone_is_one_of_those_that_there_are() {
    let of = |zone: &str| settings(json!({"functions": {"settle": {"time_zone": zone}}}));
    for zone in ["Europe/Berlin", "UTC", "America/Indiana/Knox"] {
        of(zone).unwrap();
    }
    assert_eq!(of("Europe/Berln").unwrap_err().help.as_deref(), Some("did you mean `Europe/Berlin`?"));
    assert!(of("Mars/Olympus").unwrap_err().help.unwrap().contains("IANA"));
}

#[test]
fn a_key_that_is_unknown_is_named_with_its_place_and_what_was_meant() {
    for (set, place, help) in [
        (json!({"azure": {"regoin": "x"}}), "`azure.regoin`", "did you mean `region`?"),
        (json!({"azure": {"http": "x"}}), "`azure.http`", "README"),
        (json!({"gcp": {"split": true}}), "`gcp.split`", "README"),
        (json!({"aws": {"imagee": "x"}}), "`aws.imagee`", "README"),
        (json!({"functions": {"settle": {"memroy": 1}}}), "`functions.settle.memroy`", "did you mean `memory`?"),
        (json!({"stages": {"p": {"stages": {}}}}), "`stages.p.stages`", "README"),
        (json!({"stages": {"p": {"aws": {"regio": "x"}}}}), "`stages.p.aws.regio`", "did you mean `region`?"),
    ] {
        let error = settings(set).expect_err(place);
        assert!(error.message.contains(place), "{error}");
        assert!(error.help.as_deref().unwrap().contains(help), "{error:?}");
        assert!(error.causes[0].starts_with("unknown field"), "{error:?}");
    }
}

#[test]
fn a_schedule_of_one_cloud_is_checked() {
    for (set, words) in [
        (json!({"azure": {"functions": {"nobody": {"time_zone": "UTC"}}}}), "function that the program does not have"),
        (json!({"azure": {"functions": {"settle": {"time_zone": "UTC"}}}}), "`settle` has none"),
        (json!({"gcp": {"functions": {"settle": {"time_zone": "Mars/Olympus"}}}}), "of `settle` on `gcp` is not known"),
        (json!({"aws": {"functions": {"settle": {"schedule": "0 0 30 2 *"}}}}), "never fires"),
    ] {
        let error = settings(set.clone()).unwrap_err();
        assert!(all_of(&error).iter().any(|found| found.contains(words)), "{set}: {error:?}");
    }
}
