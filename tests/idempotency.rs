//! Each key once, over every store.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use futures_util::{FutureExt, future::join_all};
use omnifn::{
    ErrorClass,
    idempotency::{Begin, Idempotency, InBucket, InMemory, Store, Ticket},
    prelude::*,
    testing::Testing,
};
use omnifn_core::{Invocation, Outcome};

/// Removed when it is dropped.
struct Folder(std::path::PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn stores() -> Vec<(&'static str, Arc<dyn Store>, Option<Folder>)> {
    let folder = std::env::temp_dir().join(format!("omnifn-{}-{:?}", std::process::id(), std::thread::current().id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let disk = object_store::local::LocalFileSystem::new_with_prefix(&folder).expect("a store");
    vec![
        ("memory", Arc::new(InMemory::default()), None),
        ("bucket", Arc::new(InBucket::new(object_store::memory::InMemory::new(), "once")), None),
        ("folder", Arc::new(InBucket::new(disk, "")), Some(Folder(folder))),
    ]
}

/// A store behind an `Arc`, to look into it beside.
struct Shared(Arc<dyn Store>);

type Future<'a, T> = std::pin::Pin<Box<dyn std::future::Future<Output = T> + Send + 'a>>;

impl Store for Shared {
    fn begin<'a>(&'a self, key: &'a str, now: SystemTime, lease: SystemTime) -> Future<'a, Result<Begin>> {
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

/// A hundred at once for each of a hundred keys: a hundred effects.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn duplicates_at_once_have_one_effect() {
    for (name, store, _folder) in stores() {
        let once = Idempotency::new(Shared(store));
        let effects = Arc::new(AtomicUsize::new(0));
        let tasks: Vec<_> = (0..10_000)
            .map(|i| {
                let (once, effects) = (once.clone(), effects.clone());
                tokio::spawn(async move {
                    let work = async {
                        tokio::task::yield_now().await;
                        effects.fetch_add(1, Ordering::Relaxed);
                        Ok::<_, Error>(())
                    };
                    once.run(&context(), &format!("key {}/../{}", i % 100, i % 100), work).await
                })
            })
            .collect();
        for ended in join_all(tasks).await {
            match ended.expect("no panic") {
                Ok(_) => {}
                Err(error) => {
                    assert!(error.class() == ErrorClass::Retry && error.to_string().contains("in progress"), "{error}")
                }
            }
        }
        assert_eq!(effects.load(Ordering::Relaxed), 100, "{name}");
        // A later run learns that the key is done.
        assert_eq!(
            once.run(&context(), "key 7/../7", async { Ok::<u8, Error>(1) }).await.expect("done"),
            None,
            "{name}"
        );
    }
}

#[tokio::test]
async fn a_failed_run_releases_its_key() {
    for (name, store, _folder) in stores() {
        let once = Idempotency::new(Shared(store));
        let failed = once.run(&context(), "a", async { Err::<(), _>(Error::reject("never")) }).await;
        assert_eq!(failed.expect_err("an error").class(), ErrorClass::Reject, "{name}: its own class stays");
        let ctx = context();
        let panicking = once.run(&ctx, "a", async { if true { panic!("on purpose") } else { Ok::<(), Error>(()) } });
        assert!(std::panic::AssertUnwindSafe(panicking).catch_unwind().await.is_err(), "{name}");
        assert_eq!(once.run(&context(), "a", async { Ok::<_, Error>(7) }).await.expect("free"), Some(7), "{name}");
        assert_eq!(once.run(&context(), "a", async { Ok::<_, Error>(8) }).await.expect("done"), None, "{name}");
    }
}

/// The states of a key over time, without waiting for it.
#[tokio::test]
async fn leases_end() {
    let at = |seconds: u64| UNIX_EPOCH + Duration::from_secs(1_700_000_000 + seconds);
    for (name, store, _folder) in stores() {
        let begin = async |now, until| store.begin("f/a", at(now), at(until)).await.expect("an answer");
        let ticket_of = |begin| match begin {
            Begin::Started(ticket) => ticket,
            other => panic!("{name}: {other:?}"),
        };
        let first = ticket_of(begin(0, 10).await);
        assert_eq!(begin(9, 20).await, Begin::Running, "{name}");
        // The first has not come back in time.
        let second = ticket_of(begin(10, 20).await);
        if name != "folder" {
            store.release("f/a", &first).await.expect("too late is no error");
            assert_eq!(begin(11, 20).await, Begin::Running, "{name}: it is the second's");
            store.finish("f/a", &first, at(100)).await.expect("too late is no error");
            assert_eq!(begin(12, 20).await, Begin::Running, "{name}: it is the second's");
        }
        store.finish("f/a", &second, at(100)).await.expect("finished");
        assert_eq!(begin(99, 200).await, Begin::Done, "{name}");
        let third = ticket_of(begin(100, 200).await);
        store.release("f/a", &third).await.expect("released");
        ticket_of(begin(101, 200).await);
        ticket_of(store.begin("g/a", at(0), at(1)).await.expect("another function's"));
    }
}

static SETTLED: AtomicUsize = AtomicUsize::new(0);

#[function(queue = "orders")]
async fn settle(order: Message<u32>) -> Result<()> {
    SETTLED.fetch_add(1, Ordering::Relaxed);
    if order.body == 0 { Err(Error::retry("later")) } else { Ok(()) }
}

/// As a layer, over every provider: the same message again has no effect, and is acknowledged.
#[tokio::test]
async fn it_works_as_a_layer() {
    let once = Idempotency::in_memory();
    let testing = Testing::new(|| omnifn::app!(settle).event_layer("settle", once.clone()));
    let message = |id: &str, body: &'static str| {
        let mut message = Message::new(Bytes::from_static(body.as_bytes()));
        message.id = Some(id.to_owned());
        message
    };
    let delivered = testing.deliver_everywhere("settle", || vec![message("1", "7").into()]).await;
    assert!(delivered.len() > 5 && delivered.iter().all(|one| one.acknowledged() == [true]), "{delivered:?}");
    // Each source has ids of its own, and several shapes have the same source.
    let first = SETTLED.load(Ordering::Relaxed);
    assert!((1..=delivered.len()).contains(&first), "{first}");
    let again = testing.deliver_everywhere("settle", || vec![message("1", "7").into()]).await;
    assert!(again.iter().all(|one| one.acknowledged() == [true]), "{again:?}");
    assert_eq!(SETTLED.load(Ordering::Relaxed), first);
    for _ in 0..2 {
        assert!(!testing.deliver("settle", message("2", "0")).await.is_acknowledged());
    }
    assert_eq!(SETTLED.load(Ordering::Relaxed), first + 2, "what fails is tried again");
    let Outcome::Failed(error) = testing.deliver("settle", Message::new(Bytes::from_static(b"7"))).await else {
        panic!("it has no id")
    };
    assert!(error.class() == ErrorClass::Reject && error.to_string().contains("without an id"), "{error}");
}
