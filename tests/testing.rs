//! The test kit: a mistake in a test is a failure of that test, never a success.

use std::{
    panic::AssertUnwindSafe,
    process::Command,
    sync::{Arc, Mutex},
};

use omnifn::{ErrorClass, Outcome, prelude::*, testing::Testing};

#[path = "testing/pasted.rs"]
mod pasted;

/// The ids that a function saw.
type Ids = Arc<Mutex<Vec<String>>>;

#[function(queue = "orders")]
async fn settle(order: Message<u32>, State(ids): State<Ids>) -> Result<()> {
    ids.lock().expect("no panic while it is held").push(order.id.unwrap_or_default());
    match order.body {
        0 => Err(Error::reject("an order of nothing")),
        1 => Err(Error::retry("later")),
        _ => Ok(()),
    }
}

#[function(get = "/hello/{name}")]
async fn hello(Path(name): Path<String>) -> String {
    format!("Hello, {name}!")
}

#[function(post = "/broken")]
async fn broken() -> Body {
    let pieces = [Ok(Bytes::from("one")), Err("the disk is full")];
    Body::from_stream(futures_util::stream::iter(pieces))
}

#[function(invoke)]
async fn double(Json(number): Json<u32>) -> Json<u32> {
    Json(number * 2)
}

fn app() -> App {
    omnifn::app!(settle, hello, broken, double).state(Ids::default())
}

fn orders(bodies: &'static [&'static str]) -> impl Fn() -> Vec<omnifn::event::Event> {
    move || bodies.iter().map(|body| Message::new(Bytes::from(*body)).into()).collect()
}

/// Returns what a test that makes this mistake is told.
fn mistake<T>(test: impl FnOnce() -> T) -> String {
    let result = std::panic::catch_unwind(AssertUnwindSafe(|| drop(test())));
    *result.expect_err("the mistake is not noticed").downcast::<String>().expect("words")
}

/// These fail where the call is made, before anything is awaited.
#[test]
fn a_function_that_does_not_take_this() {
    let testing = Testing::new(app);
    let known = "`settle`, `hello`, `broken`, `double`";
    let absent = format!("there is no function `absent` in the app, which has: {known}");
    let order = || Message::new(Bytes::from("7"));
    for (told, expected) in [
        (mistake(|| testing.deliver("absent", order())), &*absent),
        (mistake(|| testing.deliver_everywhere("absent", orders(&["7"]))), &absent),
        (mistake(|| testing.invoke("absent", &7)), &absent),
        (mistake(|| testing.invoke_everywhere("absent", &7)), &absent),
        (mistake(|| testing.deliver("hello", order())), "`hello` takes HTTP requests, and the test gives it a message"),
        (
            mistake(|| testing.deliver("settle", Tick::new())),
            "`settle` takes messages of a queue, and the test gives it a tick of a schedule",
        ),
        (mistake(|| testing.deliver_everywhere("settle", Vec::new)), "there is no event for `settle`"),
        (mistake(|| testing.invoke("hello", &7)), "`hello` takes HTTP requests: only a function with `invoke`"),
    ] {
        assert!(told.starts_with(expected), "{told}");
        assert!(told.contains("tests/testing.rs:"), "{told}");
    }
}

#[tokio::test]
async fn what_cannot_be_sent_anywhere() {
    let testing = Testing::new(|| omnifn::app!(double));
    let runtime = tokio::runtime::Handle::current();
    let told = std::thread::spawn(move || {
        let deliver = |function: &'static str| {
            #[function(storage = "uploads")]
            async fn index(_: Object) {}
            let testing = Testing::new(|| omnifn::app!(index));
            let objects = || vec![Object::created("", "").into(), CloudEvent::new("1", "/", "x", Bytes::new()).into()];
            mistake(|| runtime.block_on(testing.deliver_everywhere(function, objects)))
        };
        let known = mistake(|| runtime.block_on(testing.invoke_everywhere("double", &1)).shape("aws", "sqs").provider);
        (deliver("index"), known)
    });
    let (mixed, unknown) = told.join().expect("no panic");
    assert!(mixed.starts_with("`index` takes changes of objects, and the test gives it a CloudEvent"), "{mixed}");
    assert!(unknown.starts_with(r#"there is no shape ("aws", "sqs"); there are: "aws", "invoke""#), "{unknown}");
}

#[tokio::test]
async fn shapes_that_cannot_carry_several_are_told_apart() {
    let all = Testing::new(app).deliver_everywhere("settle", orders(&["7", "0", "1"])).await;
    assert!(all.len() >= 3 && all.not_carried().len() >= 3, "{all:?}");
    assert!(all.not_carried().iter().all(|place| place.reason.to_string().contains("one")), "{all:?}");
    for delivered in &all {
        let place = format!("{}, {}", delivered.provider, delivered.shape);
        let classes: Vec<_> = delivered.records.iter().map(|record| record.outcome.error().map(Error::class)).collect();
        // What is in order stops at the first failure.
        let third = if delivered.shape == "sqs-fifo" { None } else { Some(ErrorClass::Retry) };
        assert_eq!(classes, [None, Some(ErrorClass::Reject), third], "{place}");
        for record in &delivered.records {
            let is_done = record.outcome.is_acknowledged() && record.is_reported_individually;
            assert_eq!(record.is_acknowledged, is_done, "{place}");
        }
    }
    let individually: Vec<_> = all.iter().filter(|one| one.records[0].is_reported_individually).collect();
    assert!(individually.iter().any(|delivered| delivered.shape == "sqs"), "{individually:?}");
    assert!(!all.shape("aws", "rabbitmq").records[0].is_reported_individually);
    let told = mistake(|| all.shape("gcp", "pubsub"));
    assert!(told.starts_with("the shape cannot carry this: gcp, pubsub: "), "{told}");
    let told = mistake(|| all.expect_all());
    assert!(told.starts_with("these shapes cannot carry this:\n  "), "{told}");
}

/// As many as there are messages: otherwise a report of one would be that of another.
#[tokio::test]
async fn messages_without_ids_get_distinct_ones() {
    let ids = Ids::default();
    let testing = Testing::new(|| omnifn::app!(settle).state(ids.clone()));
    let mut carried = 0;
    for delivered in testing.deliver_everywhere("settle", orders(&["7", "8", "0"])).await {
        carried += delivered.records.len();
    }
    let mut seen = ids.lock().expect("no panic while it is held").clone();
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), carried, "{seen:?}");
}

#[tokio::test]
async fn one_call_without_a_wire_form() {
    let testing = Testing::new(app);
    let response = testing.request(Request::get("/hello/Ada").body("").expect("a request")).await.expect("a response");
    assert_eq!((response.status(), &response.body()[..]), (StatusCode::OK, &b"Hello, Ada!"[..]));
    let response = testing.request(Request::get("/nowhere").body("").expect("a request")).await.expect("a response");
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    assert!(testing.request(Request::post("/broken").body("").expect("a request")).await.is_err());
    assert!(matches!(testing.deliver("settle", Message::new(Bytes::from("7"))).await, Outcome::Done));
    // Beside functions that take requests.
    assert_eq!(testing.invoke("double", &21).await.expect("a result"), 42);
    assert!(testing.invoke("double", &"seven").await.is_err());
}

#[test]
fn an_app_that_does_not_start() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let testing = Testing::new(|| omnifn::app!(settle));
    let told = mistake(|| runtime.block_on(testing.deliver("settle", Message::new(Bytes::from("7")))));
    assert!(told.starts_with("the app does not start: the function `settle` takes `State<"), "{told}");
    assert!(told.contains("tests/testing.rs:"), "{told}");
}

/// The line of a failure is that of the test, and the log is shown with it.
#[test]
fn a_test_that_passes_prints_nothing() {
    let this = std::env::current_exe().expect("a test program");
    let run = |name: &str| {
        let output = Command::new(&this).args(["--exact", name, "--test-threads=1"]).output().expect("a run");
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
    };
    for test in ["one_call_without_a_wire_form", "shapes_that_cannot_carry_several_are_told_apart"] {
        let output = run(test);
        assert!(output.contains("1 passed"), "{output}");
        let lines: Vec<_> = output.lines().filter(|line| !line.is_empty()).collect();
        let of_harness = |line: &&str| ["running ", "test "].iter().any(|start| line.starts_with(start));
        assert!(lines.iter().all(of_harness), "{output}");
    }
}

/// The example that is to be pasted is the one that runs here.
#[test]
fn the_documentation_shows_the_test_that_runs_here() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let pages = std::fs::read_dir(root.join("docs")).expect("the pages").map(|page| page.expect("a page").path());
    let pages = pages.chain([root.join("README.md")]).filter_map(|page| std::fs::read_to_string(page).ok());
    let pasted = include_str!("testing/pasted.rs");
    assert!(pages.into_iter().any(|page| page.contains(pasted)), "no page shows tests/testing/pasted.rs");
}
