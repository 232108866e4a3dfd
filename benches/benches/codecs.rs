//! The decoder and encoder of each provider for each of its wire shapes, by criterion:
//! `cargo bench -p omnifn-bench --bench codecs`, or with a part of a name (`aws/http-api-v2`) to run some of them.

use std::hint::black_box;

use bytes::Bytes;
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use http::{Method, Request, Response};
use omnifn_aws::Aws;
use omnifn_azure::Azure;
use omnifn_core::{
    Adapter, Decoded, Deploy, Event, Inverse, Location, Options, Outcome, Payload, Reply, Spec, StorageTrigger,
    Trigger,
    event::{Change, ChangeKind, Class, CloudEvent, Message, Object, ObjectChange, Tick, time},
};
use omnifn_gcp::Gcp;
use omnifn_local::Local;
use serde_json::json;

const CLASSES: [Class; 7] =
    [Class::Queue, Class::Topic, Class::Stream, Class::Storage, Class::Schedule, Class::Event, Class::Changes];

fn codecs(criterion: &mut Criterion) {
    measure_all(criterion, |_| Aws::new(&|_: &str| None));
    measure_all(criterion, |_| Gcp::new(&|_: &str| None));
    measure_all(criterion, |shape| {
        let mode = shape.to_owned();
        Azure::new(&move |name: &str| (name == "OMNIFN_AZURE_HTTP").then(|| mode.clone()))
    });
    measure_all(criterion, |_| Local::new(&|_: &str| None));
    measure_azure_at_size(criterion);
}

/// Measures the cost of one message in a batch, and of one byte in a large body, next to `serde_json` reading the same bytes.
fn measure_azure_at_size(criterion: &mut Criterion) {
    let azure = || Azure::new(&|name: &str| (name == "OMNIFN_AZURE_HTTP").then(|| "data".to_owned()));
    for shape in ["service-bus-many", "event-hub-many"] {
        let class = if shape == "event-hub-many" { Class::Stream } else { Class::Queue };
        let mut adapter = azure();
        let events = (0..100).map(|_| event(class)).collect();
        let message = adapter.write_events(shape, spec(class), events).expect("a batch");
        adapter.serve(std::iter::once(spec(class)).collect());
        measure(criterion, &format!("azure/{class}/{shape} of 100"), &adapter, &message);
        reference(criterion, &format!("azure/{class}/{shape} of 100"), message.body());
    }
    let adapter = azure();
    let body = format!(r#"{{"note": "{}"}}"#, "ring \"twice\"\n".repeat(50_000));
    let request = request().map(|_| Bytes::from(body));
    let message = adapter.write("data", request).expect("a request");
    measure(criterion, "azure/envelope with a body of 700 kB", &adapter, &message);
    reference(criterion, "azure/envelope with a body of 700 kB", message.body());
}

/// The time in which `serde_json` reads the message as a value.
fn reference(criterion: &mut Criterion, name: &str, message: &Bytes) {
    criterion.bench_function(&format!("serde_json alone {name}"), |bencher| {
        bencher.iter(|| black_box(serde_json::from_slice::<serde_json::Value>(message).expect("JSON")));
    });
}

fn measure_all<A: Inverse>(criterion: &mut Criterion, adapter: impl Fn(&str) -> A) {
    for shape in A::shapes() {
        let adapter = adapter(shape);
        let message = adapter.write(shape, request()).expect("a request");
        measure(criterion, &format!("{}/{shape}", adapter.provider()), &adapter, &message);
    }
    for class in CLASSES {
        for shape in A::event_shapes(class) {
            let mut adapter = adapter("");
            let spec = if A::delivers(shape, spec(class)) { spec(class) } else { &OF_DEVICES };
            let message = adapter.write_events(shape, spec, vec![event(class)]).expect("an event");
            adapter.serve(std::iter::once(spec).collect());
            measure(criterion, &format!("{}/{class}/{shape}", adapter.provider()), &adapter, &message);
        }
    }
}

fn measure<A: Adapter>(criterion: &mut Criterion, name: &str, adapter: &A, message: &Request<Bytes>) {
    let next = || message.clone().map(Payload::from);
    let (_, decoded) = adapter.decode(next());
    assert!(matches!(decoded, Decoded::Call(_) | Decoded::Delivery(_)), "{name}: unexpected {decoded:?}");
    criterion.bench_function(&format!("decode {name}"), |bencher| {
        bencher.iter_batched(next, |message| black_box(adapter.decode(message)), BatchSize::SmallInput);
    });
    criterion.bench_function(&format!("decode and encode {name}"), |bencher| {
        bencher.iter_batched(next, |message| black_box(answer(adapter, message)), BatchSize::SmallInput);
    });
}

fn answer<A: Adapter>(adapter: &A, message: Request<Payload>) -> Response<Payload> {
    let (origin, decoded) = adapter.decode(message);
    let reply = match decoded {
        Decoded::Delivery(delivery) => Reply::Delivered(delivery.records.iter().map(|_| Outcome::Done).collect()),
        _ => {
            let mut response = Response::new(Payload::from("Hello, Ada!"));
            let text = http::HeaderValue::from_static("text/plain; charset=utf-8");
            response.headers_mut().insert(http::header::CONTENT_TYPE, text);
            Reply::Http(response)
        }
    };
    adapter.encode(origin, reply)
}

/// A browser's request.
fn request() -> Request<Bytes> {
    let mut request = Request::new(Bytes::from_static(br#"{"order": "A-1093", "note": "ring twice"}"#));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = http::Uri::from_static("/orders?name=Ada&page=3");
    for (name, value) in [
        ("accept", "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"),
        ("accept-encoding", "gzip, deflate, br, zstd"),
        ("accept-language", "en-GB,en;q=0.9,de;q=0.7"),
        ("content-type", "application/json"),
        ("cookie", "session=0a1b2c3d4e5f60718293a4b5c6d7e8f9"),
        ("host", "shop.example.com"),
        ("origin", "https://shop.example.com"),
        ("referer", "https://shop.example.com/orders?page=3"),
        ("user-agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0"),
    ] {
        request.headers_mut().insert(name, http::HeaderValue::from_static(value));
    }
    request
}

const SOURCE: &str = "orders";

const fn settle(trigger: Trigger) -> Spec {
    Spec {
        name: "settle",
        trigger,
        options: Options::NONE,
        deploy: Deploy::NONE,
        grants: &[],
        secrets: &[],
        location: Location { module: "", file: "", line: 0 },
    }
}

/// A stream of the messages of IoT rules, which no other function receives.
static OF_DEVICES: Spec = {
    let mut spec = settle(Trigger::Stream(SOURCE));
    spec.options.service = Some("iot");
    spec
};

macro_rules! specs {
    ($($class:ident => $trigger:expr;)*) => {
        fn spec(class: Class) -> &'static Spec {
            match class {
                $(Class::$class => const { &settle($trigger) },)*
                other => unreachable!("{other:?} is not a class of events"),
            }
        }
    };
}

specs! {
    Queue => Trigger::Queue(SOURCE);
    Topic => Trigger::Topic(SOURCE);
    Stream => Trigger::Stream(SOURCE);
    Storage => Trigger::Storage(StorageTrigger {
        bucket: SOURCE, on: &[ObjectChange::Created, ObjectChange::Deleted], prefix: None, suffix: None,
    });
    Schedule => Trigger::Schedule("*/5 * * * *");
    Event => Trigger::Event("order.placed");
    Changes => Trigger::Changes(SOURCE);
}

fn event(class: Class) -> Event {
    let content = Bytes::from_static(br#"{"number": 7, "count": 2}"#);
    let at = time::parse("2026-11-23T05:42:01Z");
    match class {
        Class::Queue | Class::Topic | Class::Stream => {
            let mut message = Message::new(content);
            (message.id, message.time) = (Some("059f36b4-87a3-44ab-83d2-661975830a7d".to_owned()), at);
            message.attributes.insert("color".to_owned(), "red".to_owned());
            Event::from(message)
        }
        Class::Storage => {
            let mut object = Object::created(SOURCE, "pictures/cat.jpg");
            (object.id, object.time, object.size) = (Some("7".to_owned()), at, Some(5));
            Event::from(object)
        }
        Class::Schedule => {
            let mut tick = Tick::new();
            (tick.id, tick.scheduled) = (Some("7".to_owned()), at);
            Event::from(tick)
        }
        Class::Changes => {
            let (old, new) = (json!({ "id": "7", "balance": 7 }), json!({ "id": "7", "balance": 8 }));
            let mut change = Change::new(ChangeKind::Updated, Some(old), Some(new));
            (change.key, change.id, change.time) = (Some(json!({ "id": "7" })), Some("7".to_owned()), at);
            Event::from(change)
        }
        _ => {
            let mut event = CloudEvent::new("7", "/orders", "order.placed", content);
            event.data_content_type = Some("application/json".to_owned());
            Event::from(event)
        }
    }
}

criterion_group!(benches, codecs);
criterion_main!(benches);
