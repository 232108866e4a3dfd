//! Tests of functions, in process: directly, and through every provider's own wire form.
//!
//! | | one call, without a wire form | in every shape of every provider |
//! |---|---|---|
//! | a request | [`Testing::request`] | [`Testing::request_everywhere`] |
//! | an event | [`Testing::deliver`] | [`Testing::deliver_everywhere`] |
//! | an invocation | [`Testing::invoke`] | [`Testing::invoke_everywhere`] |
//!
//! [`Testing::start`] returns an app that keeps its state over several calls.
//!
//! What the function does is a value: a response, an [`Outcome`], a result. A mistake in the test is a panic at the line of the test: a
//! function or a shape that does not exist, an event that the function does not take, an app that does not start, and an event that no
//! shape can carry. Log lines are captured with the output of the test, so that a test that passes prints nothing.
//!
//! ```
//! use omnifn::{prelude::*, testing::Testing};
//!
//! #[function(queue = "orders")]
//! async fn settle(order: Message<u32>) -> Result<()> {
//!     if order.body == 0 { Err(Error::reject("an order of nothing")) } else { Ok(()) }
//! }
//!
//! let testing = Testing::new(|| omnifn::app!(settle));
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! assert!(testing.deliver("settle", Message::new(Bytes::from("7"))).await.is_acknowledged());
//!
//! // Each message is delivered as SQS, Pub/Sub, Service Bus and all the others would deliver it.
//! for delivered in testing.deliver_everywhere("settle", || vec![Message::new(Bytes::from("0")).into()]).await {
//!     assert_eq!(delivered.acknowledged(), [false], "{}, {}", delivered.provider, delivered.shape);
//! }
//! # });
//! ```
//!
//! A function that takes HTTP requests returns a response:
//!
//! ```
//! use omnifn::{prelude::*, testing::Testing};
//!
//! #[function(get = "/hello/{name}")]
//! async fn hello(Path(name): Path<String>) -> String {
//!     format!("Hello, {name}!")
//! }
//!
//! let testing = Testing::new(|| omnifn::app!(hello));
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! let response = testing.request(Request::get("/hello/Ada").body("").unwrap()).await.unwrap();
//! assert_eq!((response.status(), &response.body()[..]), (StatusCode::OK, &b"Hello, Ada!"[..]));
//! # });
//! ```
//!
//! A function that is invoked directly returns its result:
//!
//! ```
//! use omnifn::{prelude::*, testing::Testing};
//!
//! #[function(invoke)]
//! async fn double(Json(number): Json<u32>) -> Json<u32> {
//!     Json(number * 2)
//! }
//!
//! let testing = Testing::new(|| omnifn::app!(double));
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! assert_eq!(testing.invoke("double", &21).await.unwrap(), 42);
//! for invoked in testing.invoke_everywhere("double", &21).await {
//!     assert_eq!(invoked.result.unwrap(), 42, "{}, {}", invoked.provider, invoked.shape);
//! }
//! # });
//! ```

mod app;
mod everywhere;
mod mistakes;
mod wire;

use std::{io, panic::Location};

use bytes::Bytes;
use http::{Request, Response};
use omnifn_core::{App, Body, Env, Error, Event, Inverse, Outcome, Router, Spec};
use omnifn_runtime::log;
use serde::Serialize;
use serde_json::Value;

use mistakes::{fail, is_invoked, json, takes};

pub use app::TestApp;
pub use everywhere::{Answered, Delivered, DeliveredRecord, Everywhere, InShape, Invoked, NotCarried};
pub use omnifn_runtime::runtime_api::{InvocationError, RuntimeApi};

/// An app under test. It is created for each call and each shape, so that no case sees the state of another.
#[derive(Debug)]
pub struct Testing<F> {
    new: F,
    env: Env,
}

impl<F: Fn() -> App> Testing<F> {
    /// Creates a test of an app, which `new` returns for each call and each shape. State that `new` clones into the app is shared by them.
    pub fn new(new: F) -> Self {
        log::capture();
        Testing { new, env: Env::of::<String, String>([]) }
    }

    /// Sets the environment for the fn that makes the app's state. By default, no variable is set.
    ///
    /// ```
    /// use omnifn::{prelude::*, testing::Testing};
    ///
    /// async fn connect(env: Env) -> Result<String> {
    ///     env.require("GREETING")
    /// }
    ///
    /// #[function(get = "/")]
    /// async fn greet(State(greeting): State<String>) -> String {
    ///     greeting
    /// }
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// let testing = Testing::new(|| omnifn::app!(greet; state = connect)).with_env(Env::of([("GREETING", "hello")]));
    /// assert_eq!(testing.request(Request::get("/").body("").unwrap()).await.unwrap().body(), "hello");
    /// # });
    /// ```
    pub fn with_env(mut self, env: Env) -> Self {
        self.env = env;
        self
    }

    /// Starts the app once, for several calls that share its state.
    ///
    /// # Panics
    /// The app does not start.
    #[track_caller]
    pub fn start(&self) -> impl Future<Output = TestApp> {
        let at = Location::caller();
        async move { TestApp::new(self.started((self.new)(), at).await) }
    }

    async fn started(&self, app: App, at: &'static Location<'static>) -> Router {
        match app.start(&self.env).await {
            Ok(router) => router,
            Err(error) => fail(at, format_args!("the app does not start: {error}")),
        }
    }

    /// Sends a request to the app, without any provider's wire form.
    ///
    /// # Errors
    /// The response's body ended early.
    ///
    /// # Panics
    /// The app does not start.
    #[track_caller]
    pub fn request(&self, request: Request<impl Into<Body>>) -> impl Future<Output = Result<Response<Bytes>, Error>> {
        let (request, start) = (request.map(Into::into), self.start());
        async move { start.await.request(request).await }
    }

    /// Delivers an event to a function, unchanged and without any provider's wire form. A function that takes a `Batch` gets a batch of one.
    ///
    /// # Panics
    /// There is no such function, it does not take such events, or the app does not start.
    #[track_caller]
    pub fn deliver(&self, function: &str, event: impl Into<Event>) -> impl Future<Output = Outcome> {
        let (event, start, at) = (event.into(), self.start(), Location::caller());
        let function = takes(&(self.new)().functions(), function, [&event], at);
        async move { start.await.deliver(function.name, event).await }
    }

    /// Invokes a function with a payload, without any provider's wire form. A failure is the function's own error.
    ///
    /// # Errors
    /// The function failed.
    ///
    /// # Panics
    /// There is no such function, it cannot be invoked directly, or the app does not start.
    #[track_caller]
    pub fn invoke(&self, function: &str, payload: &impl Serialize) -> impl Future<Output = Result<Value, Error>> {
        let at = Location::caller();
        let function = is_invoked(&(self.new)().functions(), function, at);
        let (payload, start) = (json(payload, at), self.start());
        async move { start.await.invoke_json(function, payload).await }
    }

    /// Invokes a function with a payload in every shape in which every provider invokes functions directly.
    ///
    /// # Panics
    /// There is no such function, it cannot be invoked directly, or the app does not start.
    #[track_caller]
    pub fn invoke_everywhere(
        &self,
        function: &str,
        payload: &impl Serialize,
    ) -> impl Future<Output = Everywhere<Invoked>> {
        let at = Location::caller();
        let function = is_invoked(&(self.new)().functions(), function, at);
        let payload = json(payload, at);
        async move {
            let mut all = Everywhere::new(at);
            // A host that is set up declares its mode.
            let azure = |mode: &str| {
                let mode = mode.to_owned();
                omnifn_azure::Azure::new(&move |name: &str| (name == "OMNIFN_AZURE_HTTP").then(|| mode.clone()))
            };
            self.invoked(function, &payload, |_| omnifn_aws::Aws::new(&nothing), &mut all).await;
            self.invoked(function, &payload, |_| omnifn_gcp::Gcp::new(&nothing), &mut all).await;
            self.invoked(function, &payload, azure, &mut all).await;
            self.invoked(function, &payload, |_| omnifn_local::Local::new(&nothing), &mut all).await;
            all.finish()
        }
    }

    async fn invoked<A: Inverse>(
        &self,
        function: &'static Spec,
        payload: &Bytes,
        new: impl Fn(&str) -> A,
        all: &mut Everywhere<Invoked>,
    ) {
        for shape in A::invoke_shapes() {
            // On Lambda, a function that is invoked directly is deployed alone.
            let router = self.started((self.new)().only(function.name), all.at()).await;
            let adapter = new(shape);
            let provider = adapter.provider();
            let result = wire::invoke(adapter, router, function, shape, payload.clone()).await;
            all.add(provider, shape, result.map(|result| Invoked { provider, shape, result }));
        }
    }

    /// Delivers events to a function in every shape in which every provider delivers such events to it.
    ///
    /// The `service` that the function declares counts: a stream with `service = "iot"` receives the messages of IoT rules on AWS, and no
    /// other stream does. An event without an id gets a distinct one. An event of a stream, a table, or a bucket without a sequence number gets
    /// one that is higher than those before it, as the platforms assign them.
    ///
    /// ```
    /// use omnifn::{prelude::*, testing::Testing};
    ///
    /// #[function(queue = "orders")]
    /// async fn settle(order: Message<u32>) -> Result<()> {
    ///     if order.body == 0 { Err(Error::retry("later")) } else { Ok(()) }
    /// }
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// let orders = || ["7", "0"].map(|body| Message::new(Bytes::from(body)).into()).into();
    /// for delivered in Testing::new(|| omnifn::app!(settle)).deliver_everywhere("settle", orders).await {
    ///     let [good, bad] = &delivered.records[..] else { panic!("two records") };
    ///     assert!(good.outcome.is_acknowledged() && !bad.is_acknowledged);
    ///     // Without a report for each record, both are delivered again.
    ///     assert_eq!(good.is_acknowledged, good.is_reported_individually, "{}", delivered.shape);
    /// }
    /// # });
    /// ```
    ///
    /// # Panics
    /// There is no such function, it does not take such events, there is no event, no shape can carry the events, or the app does not start.
    #[track_caller]
    pub fn deliver_everywhere(
        &self,
        function: &str,
        events: impl Fn() -> Vec<Event>,
    ) -> impl Future<Output = Everywhere<Delivered>> {
        let at = Location::caller();
        let function = takes(&(self.new)().functions(), function, &events(), at);
        async move {
            let mut all = Everywhere::new(at);
            self.through(function, &events, || omnifn_aws::Aws::new(&nothing), &mut all).await;
            self.through(function, &events, || omnifn_gcp::Gcp::new(&nothing), &mut all).await;
            self.through(function, &events, || omnifn_azure::Azure::new(&nothing), &mut all).await;
            // The local server accepts events of this machine only, and these have no connection.
            let private = |name: &str| (name == "OMNIFN_PRIVATE").then(|| "true".to_owned());
            self.through(function, &events, || omnifn_local::Local::new(&private), &mut all).await;
            all.finish()
        }
    }

    async fn through<A: Inverse>(
        &self,
        function: &'static Spec,
        events: &impl Fn() -> Vec<Event>,
        new: impl Fn() -> A,
        all: &mut Everywhere<Delivered>,
    ) {
        for shape in A::event_shapes(function.class()).iter().filter(|shape| A::delivers(shape, function)) {
            // An event without a source of its own is for the only function there is.
            let router = self.started((self.new)().only(function.name), all.at()).await;
            let adapter = new();
            let provider = adapter.provider();
            let records = wire::deliver(adapter, router, function, shape, events, all.at()).await;
            all.add(provider, shape, records.map(|records| Delivered { provider, shape, records }));
        }
    }

    /// Runs the app as a Lambda function, over a Runtime API in this process. The protocol, the replies and the adapter are those that the
    /// app has on Lambda. An event is sent as Lambda would send it, byte for byte.
    ///
    /// A function that receives any JSON runs alone on Lambda: select it with [`App::only`](omnifn_core::App::only), as
    /// `OMNIFN_FUNCTION` does there.
    ///
    /// ```
    /// use omnifn::{prelude::*, testing::Testing};
    ///
    /// #[function(queue = "orders")]
    /// async fn settle(order: Message<u32>) -> Result<()> {
    ///     if order.body == 0 { Err(Error::reject("an order of nothing")) } else { Ok(()) }
    /// }
    ///
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let lambda = Testing::new(|| omnifn::app!(settle)).lambda()?;
    /// let record = |id, body| format!(r#"{{"messageId": "{id}", "body": "{body}", "eventSource": "aws:sqs",
    ///     "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:orders"}}"#);
    /// let event = format!(r#"{{"Records": [{}, {}]}}"#, record(1, 0), record(2, 7));
    /// assert_eq!(lambda.invoke(event).await.unwrap(), r#"{"batchItemFailures":[{"itemIdentifier":"1"}]}"#);
    /// let error = lambda.invoke(r#"{"awslogs": {"data": ""}}"#).await.unwrap_err();
    /// assert_eq!(error.error_type, "Runtime.UnsupportedEvent");
    /// # std::io::Result::Ok(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// There is no free port, or a thread cannot be started.
    pub fn lambda(&self) -> io::Result<RuntimeApi> {
        RuntimeApi::start()?.with_app(omnifn_aws::Aws::new(&nothing), (self.new)())
    }

    /// Sends a request in every shape in which every provider sends such requests, through the front door that `cargo omnifn emit` writes for
    /// it. Each passes every path and method on to the program, with one exception: Azure's host answers the preflights of browsers itself,
    /// for the origins that the app declares with `cors`.
    ///
    /// # Panics
    /// No shape can carry the request, or the app does not start.
    #[track_caller]
    pub fn request_everywhere(
        &self,
        request: impl Fn() -> Request<Bytes>,
    ) -> impl Future<Output = Everywhere<Answered>> {
        let at = Location::caller();
        async move {
            let mut all = Everywhere::new(at);
            self.requested(&request, || omnifn_aws::Aws::new(&nothing), &mut all).await;
            self.requested(&request, || omnifn_gcp::Gcp::new(&nothing), &mut all).await;
            self.requested(&request, || omnifn_azure::Azure::new(&nothing), &mut all).await;
            self.requested(&request, || omnifn_local::Local::new(&nothing), &mut all).await;
            all.finish()
        }
    }

    async fn requested<A: Inverse>(
        &self,
        request: &impl Fn() -> Request<Bytes>,
        new: impl Fn() -> A,
        all: &mut Everywhere<Answered>,
    ) {
        for shape in A::shapes() {
            let router = self.started((self.new)(), all.at()).await;
            let adapter = new();
            let provider = adapter.provider();
            let response = wire::request(adapter, router, shape, request()).await;
            all.add(provider, shape, response.map(|response| Answered { provider, shape, response }));
        }
    }
}

fn nothing(_: &str) -> Option<String> {
    None
}
