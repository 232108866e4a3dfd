//! Ids that senders choose silence no other event, and fill neither the memory nor a bucket.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use omnifn::{
    idempotency::{Begin, Idempotency, InBucket, InMemory, Store, Ticket},
    prelude::*,
    testing::Testing,
};
use omnifn_core::{Invocation, Payload};
use omnifn_runtime::dispatch::Dispatch;
use serde_json::{Value, json};

type Future<'a, T> = std::pin::Pin<Box<dyn std::future::Future<Output = T> + Send + 'a>>;

/// A store that lists the keys that it gets.
#[derive(Clone, Default)]
struct Listing(Arc<InMemory>, Arc<Mutex<Vec<String>>>);

impl Store for Listing {
    fn begin<'a>(&'a self, key: &'a str, now: SystemTime, lease: SystemTime) -> Future<'a, Result<Begin>> {
        self.1.lock().expect("the list").push(key.to_owned());
        self.0.begin(key, now, lease)
    }

    fn finish<'a>(&'a self, key: &'a str, ticket: &'a Ticket, until: SystemTime) -> Future<'a, Result<()>> {
        self.0.finish(key, ticket, until)
    }

    fn release<'a>(&'a self, key: &'a str, ticket: &'a Ticket) -> Future<'a, Result<()>> {
        self.0.release(key, ticket)
    }
}

fn context() -> Context {
    Context::new("test", Invocation::default(), false, SystemTime::now, Arc::default())
}

static RUNS: AtomicUsize = AtomicUsize::new(0);

#[function(event = "shop.paid")]
async fn paid(_event: CloudEvent<u32>) {
    RUNS.fetch_add(1, Ordering::Relaxed);
}

#[function(event = "shop.paid")]
async fn paid_too(_event: CloudEvent<u32>) {
    RUNS.fetch_add(1, Ordering::Relaxed);
}

/// The source and the id are unique together, and no other division of the same text is the same event.
#[tokio::test]
async fn an_id_of_one_source_does_not_silence_that_of_another() {
    let (listing, once) = {
        let listing = Listing::default();
        (listing.clone(), Idempotency::new(listing))
    };
    let testing = Testing::new(|| {
        let app = omnifn::app!(paid, paid_too);
        app.event_layer("paid", once.clone()).event_layer("paid_too", once.clone())
    });
    let events = [
        ("paid", "/shop", "42"),
        ("paid", "/evil", "42"),
        ("paid", "/shop4", "2"),
        ("paid", "/shop/", "42"),
        ("paid", "/shop\n", "42"),
        ("paid_too", "/shop", "42"),
    ];
    for (at, (function, source, id)) in events.into_iter().enumerate() {
        for _ in 0..2 {
            let event = CloudEvent::new(id, source, "shop.paid", Bytes::from_static(b"7"));
            let outcome = testing.deliver(function, event).await;
            assert!(outcome.is_acknowledged(), "{source} {id}: {outcome:?}");
        }
        assert_eq!(RUNS.load(Ordering::Relaxed), at + 1, "{function} {source:?} {id}");
    }
    // The key of the user's own is another one than the same text as an id.
    let by_id = Idempotency::new(listing.clone()).with_key(|event| event.id().map(str::to_owned));
    let testing = Testing::new(|| omnifn::app!(paid).event_layer("paid", by_id.clone()));
    let keys = listing.1.lock().expect("the list").len();
    testing.deliver("paid", CloudEvent::new("42", "/shop", "shop.paid", Bytes::from_static(b"7"))).await;
    let keys = listing.1.lock().expect("the list").split_off(keys);
    assert_eq!((keys.len(), RUNS.load(Ordering::Relaxed)), (1, events.len() + 1));
}

/// Whatever an id is, a store gets a short key that is safe in any name.
#[tokio::test]
async fn keys_are_short_and_plain_whatever_an_id_is() {
    let listing = Listing::default();
    let once = Idempotency::new(listing.clone());
    let ids = [
        "".to_owned(),
        "../../etc/passwd".to_owned(),
        "\0\n\u{202e}".to_owned(),
        "x".repeat(1 << 20),
        "y".repeat(1 << 20),
    ];
    for id in &ids {
        for first in [Some(()), None] {
            let done = once.run(&context(), id, async { Ok::<_, Error>(()) }).await;
            assert_eq!(done.expect("a run"), first);
        }
    }
    let keys = listing.1.lock().expect("the list");
    assert_eq!(keys.len(), 2 * ids.len());
    for key in &*keys {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_/".contains(c);
        assert!(key.len() <= 128 && key.chars().all(is_plain), "{key}");
    }
}

/// Two clusters, brokers, or virtual hosts may have a topic or a queue of the same name, and messages of the same ids.
#[test]
fn brokers_have_ids_of_their_own() {
    #[function(stream = "telemetry", service = "kafka")]
    async fn measured(_: Message<Bytes>, State(runs): State<Arc<AtomicUsize>>) {
        runs.fetch_add(1, Ordering::Relaxed);
    }
    #[function(queue = "orders")]
    async fn settled(_: Message<Bytes>, State(runs): State<Arc<AtomicUsize>>) {
        runs.fetch_add(1, Ordering::Relaxed);
    }
    let kafka = |arn: Value, servers: &str| {
        json!({"eventSource": "aws:kafka", "eventSourceArn": arn, "bootstrapServers": servers, "records": {"telemetry-0":
            [{"topic": "telemetry", "partition": 0, "offset": 7, "value": "e30="}]}})
    };
    let active = |broker: &str| {
        json!({"eventSource": "aws:mq", "eventSourceArn": format!("arn:aws:mq:us-east-1:1:broker:{broker}"),
            "messages": [{"messageID": "7", "destination": {"physicalName": "orders"}, "data": "e30="}]})
    };
    let rabbit = |broker: &str, host: &str| {
        json!({"eventSource": "aws:rmq", "eventSourceArn": format!("arn:aws:mq:us-east-1:1:broker:{broker}"),
            "rmqMessagesByQueue": {format!("orders::{host}"): [{"basicProperties": {"messageId": "7"}, "data": "e30="}]}})
    };
    let events = [
        kafka(json!("arn:aws:kafka:us-east-1:1:cluster/one/a"), "b-1:9092,b-2:9092"),
        kafka(json!("arn:aws:kafka:us-east-1:1:cluster/two/b"), "b-1:9092,b-2:9092"),
        kafka(Value::Null, "one-1:9092,one-2:9092"),
        kafka(Value::Null, "two-1:9092,two-2:9092"),
        active("one"),
        active("two"),
        rabbit("three", "/"),
        rabbit("three", "/shop"),
        rabbit("four", "/"),
    ];
    // The order of the servers means nothing, so this event is the third one again.
    let again = kafka(Value::Null, "one-2:9092, one-1:9092");
    let (runs, once) = (Arc::new(AtomicUsize::new(0)), Idempotency::in_memory());
    let app = omnifn::app!(measured, settled).state(runs.clone());
    let app = app.event_layer("measured", once.clone()).event_layer("settled", once);
    let dispatch = Dispatch::new(omnifn_aws::Aws::new(&|_: &str| None), app.router().expect("an app"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    for _ in 0..2 {
        for event in events.iter().chain([&again]) {
            let reply = runtime.block_on(dispatch.answer(Request::new(Payload::Whole(event.to_string().into()))));
            assert!(!reply.headers().contains_key("lambda-runtime-function-error-type"), "{event}: {reply:?}");
        }
        assert_eq!(runs.load(Ordering::Relaxed), events.len());
    }
}

/// As a folder takes names of at most 255 bytes, an event with a longer id was retried for ever.
#[tokio::test]
async fn a_long_id_is_a_name_in_a_folder() {
    let folder = std::env::temp_dir().join(format!("omnifn-long-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let disk = object_store::local::LocalFileSystem::new_with_prefix(&folder).expect("a store");
    let once = Idempotency::new(InBucket::new(disk, "once"));
    for id in ["i".repeat(300), "ä".repeat(100_000)] {
        let run = async || once.run(&context(), &id, async { Ok::<_, Error>(7) }).await.expect("a name that fits");
        assert_eq!((run().await, run().await), (Some(7), None));
    }
    std::fs::remove_dir_all(folder).expect("removed");
}

/// No time that a program sets is too long for the clock, or for the text of an object.
#[tokio::test]
async fn no_duration_overflows() {
    let until_the_end = Duration::from_secs(i64::MAX as u64) - Duration::from_secs(4_000_000_000);
    for long in [Duration::MAX, until_the_end, Duration::from_secs(u64::MAX / 1000)] {
        let bucket = InBucket::new(object_store::memory::InMemory::new(), "once");
        for once in [Idempotency::in_memory(), Idempotency::new(bucket)] {
            let once = once.remember_for(long).with_lease(long);
            let run = async || once.run(&context(), "a", async { Ok::<_, Error>(7) }).await.expect("a run");
            assert_eq!((run().await, run().await), (Some(7), None), "{long:?}");
        }
    }
}

/// The memory forgets what is done first, never what is running, and refuses a run rather than a limit.
#[tokio::test]
async fn memory_is_limited() {
    let at = |seconds: u64| UNIX_EPOCH + Duration::from_secs(1_700_000_000 + seconds);
    let store = InMemory::with_limit(3);
    let begin = async |key: &str, lease| store.begin(key, at(0), at(lease)).await;
    let mut tickets = Vec::new();
    for (key, lease) in [("a", 1000), ("b", 1000), ("c", 10)] {
        let Ok(Begin::Started(ticket)) = begin(key, lease).await else { panic!("{key} is new") };
        tickets.push(ticket);
    }
    let error = begin("d", 10).await.expect_err("three are running");
    assert!(error.class() == omnifn::ErrorClass::Retry && error.to_string().ends_with("at most 3"), "{error}");
    for (key, ticket, until) in [("a", &tickets[0], 500), ("b", &tickets[1], 400)] {
        store.finish(key, ticket, at(until)).await.expect("done");
    }
    assert_eq!(begin("b", 10).await.expect("an answer"), Begin::Done);
    assert!(matches!(begin("d", 10).await, Ok(Begin::Started(_))), "b is forgotten, which expires first");
    assert_eq!(begin("a", 10).await.expect("an answer"), Begin::Done);
    assert_eq!(begin("c", 10).await.expect("an answer"), Begin::Running, "what is running stays");
    // A run that ends late has still been done.
    assert!(
        matches!(store.begin("e", at(20), at(30)).await, Ok(Begin::Started(_))),
        "the leases of c and d have expired"
    );
    store.finish("c", &tickets[2], at(500)).await.expect("late");
    assert_eq!(store.begin("c", at(21), at(30)).await.expect("an answer"), Begin::Done);
}
