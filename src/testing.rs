//! Tests of functions, in process: directly, and through every provider's own wire form.
//!
//! ```
//! use omnifn::{prelude::*, testing::Testing};
//!
//! #[function(queue = "orders")]
//! async fn settle(order: Message<u32>) -> Result<()> {
//!     if order.body == 0 { Err(Error::reject("the order is empty")) } else { Ok(()) }
//! }
//!
//! let testing = Testing::new(|| omnifn::app!(settle));
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! assert!(testing.deliver("settle", Message::new(Bytes::from("7"))).await.is_acknowledged());
//!
//! // Each message is delivered as SQS, Pub/Sub, Service Bus and all the others would deliver it.
//! for delivered in testing.deliver_everywhere("settle", || vec![Message::new(Bytes::from("0")).into()]).await {
//!     assert_eq!(delivered.acknowledged.unwrap(), [false], "{}, {}", delivered.provider, delivered.shape);
//! }
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

use std::io;

use bytes::Bytes;
use http::{Request, Response};
use omnifn_core::{App, Env, Error, ErrorKind, Event, Inverse, Outcome, Payload, Router, Spec, event::Class};
use omnifn_runtime::dispatch::Dispatch;
use serde::Serialize;
use serde_json::Value;

pub use omnifn_runtime::runtime_api::{InvocationError, RuntimeApi};

/// An app under test. It is created for each provider and shape, so that no case sees the state of another.
#[derive(Debug)]
pub struct Testing<F> {
    new: F,
    env: Env,
}

/// The result of a delivery of events in one shape.
#[derive(Debug)]
#[non_exhaustive]
pub struct Delivered {
    /// The provider.
    pub provider: &'static str,
    /// The shape that it delivered in: `"sqs"`, `"eventarc"`, ….
    pub shape: &'static str,
    /// Whether each of the events was acknowledged; or the reason why this shape cannot carry the events.
    pub acknowledged: Result<Vec<bool>, Error>,
}

/// The result of a direct invocation in one shape.
#[derive(Debug)]
#[non_exhaustive]
pub struct Invoked {
    /// The provider.
    pub provider: &'static str,
    /// The shape that it invoked the function in: `"invoke"`, `"http/1.1"`, ….
    pub shape: &'static str,
    /// The function's result as the caller receives it; or the failure, or the reason why this shape cannot carry the payload.
    pub result: Result<Value, Error>,
}

/// The response to a client through one shape.
#[derive(Debug)]
#[non_exhaustive]
pub struct Answered {
    /// The provider.
    pub provider: &'static str,
    /// The shape that it sent the request in: `"alb"`, `"http/2"`, ….
    pub shape: &'static str,
    /// The response as the client receives it; or the reason why this shape cannot carry the request or the response.
    pub response: Result<Response<Bytes>, Error>,
}

impl<F: Fn() -> App> Testing<F> {
    /// Creates a test of an app, which `new` returns for each provider and shape.
    pub fn new(new: F) -> Self {
        Testing { new, env: Env::of::<String, String>([]) }
    }

    /// Sets the environment for the fn that makes the app's state. By default, no variable is set.
    pub fn with_env(mut self, env: Env) -> Self {
        self.env = env;
        self
    }

    async fn start(&self, app: App) -> Result<Router, Error> {
        app.start(&self.env).await
    }

    /// Passes an event to a function, without any provider's wire form. A function that takes a `Batch` gets a batch of one.
    pub async fn deliver(&self, function: &str, event: impl Into<Event>) -> Outcome {
        self.delivered(function, event.into()).await.unwrap_or_else(Outcome::Failed)
    }

    async fn delivered(&self, function: &str, event: Event) -> Result<Outcome, Error> {
        let router = self.start((self.new)()).await?;
        let spec = named(&router, function)?;
        let local = Dispatch::new(omnifn_local::Local::new(&nothing), router);
        Ok(local.deliver_one(spec, event).await)
    }

    /// Invokes a function with a payload, without any provider's wire form. A failure is the function's own error.
    ///
    /// # Errors
    /// The function failed, or cannot be invoked directly.
    pub async fn invoke(&self, function: &str, payload: &impl Serialize) -> Result<Value, Error> {
        let router = self.start((self.new)().only(function)).await?;
        invocable(&router, function)?;
        let local = Dispatch::new(omnifn_local::Local::new(&nothing), router);
        let request = Request::post("/").body(Payload::from(serde_json::to_vec(payload)?))?;
        let response = local.answer(request).await;
        if let Some(error) = response.extensions().get::<Error>() {
            return Err(error.clone());
        }
        let response = whole(response).await?;
        match response.status() {
            status if status.is_success() => Ok(serde_json::from_slice(response.body())?),
            status => Err(Error::status(status, String::from_utf8_lossy(response.body()).into_owned())),
        }
    }

    /// Invokes a function with a payload in every shape in which every provider invokes functions directly.
    pub async fn invoke_everywhere(&self, function: &str, payload: &impl Serialize) -> Vec<Invoked> {
        let mut all = Vec::new();
        let payload = serde_json::to_vec(payload).map(Bytes::from).map_err(Error::from);
        // A host that is set up declares its mode.
        let azure = |mode: &str| {
            let mode = mode.to_owned();
            omnifn_azure::Azure::new(&move |name: &str| (name == "OMNIFN_AZURE_HTTP").then(|| mode.clone()))
        };
        self.invoked(function, &payload, |_| omnifn_aws::Aws::new(&nothing), &mut all).await;
        self.invoked(function, &payload, |_| omnifn_gcp::Gcp::new(&nothing), &mut all).await;
        self.invoked(function, &payload, azure, &mut all).await;
        self.invoked(function, &payload, |_| omnifn_local::Local::new(&nothing), &mut all).await;
        all
    }

    async fn invoked<A: Inverse>(
        &self,
        function: &str,
        payload: &Result<Bytes, Error>,
        new: impl Fn(&str) -> A,
        all: &mut Vec<Invoked>,
    ) {
        for shape in A::invoke_shapes() {
            let result = match payload {
                Ok(payload) => self.one_invocation(function, payload.clone(), new(shape), shape).await,
                Err(error) => Err(error.clone()),
            };
            all.push(Invoked { provider: new(shape).provider(), shape, result });
        }
    }

    async fn one_invocation<A: Inverse>(
        &self,
        function: &str,
        payload: Bytes,
        adapter: A,
        shape: &str,
    ) -> Result<Value, Error> {
        // On Lambda, a function that is invoked directly is deployed alone.
        let router = self.start((self.new)().only(function)).await?;
        let spec = invocable(&router, function)?;
        let dispatch = Dispatch::new(adapter, router);
        let message = dispatch.adapter().write_invocation(shape, spec, payload)?;
        let reply = whole(dispatch.answer(message.map(Payload::Whole)).await).await?;
        Ok(serde_json::from_slice(&dispatch.adapter().read_result(shape, reply)?)?)
    }

    /// Delivers events to a function in every shape in which every provider delivers such events to it. The `service` that the function
    /// declares counts: a stream with `service = "iot"` receives the messages of IoT rules on AWS, and no other stream does.
    pub async fn deliver_everywhere(&self, function: &str, events: impl Fn() -> Vec<Event>) -> Vec<Delivered> {
        let mut all = Vec::new();
        self.through(function, &events, || omnifn_aws::Aws::new(&nothing), &mut all).await;
        self.through(function, &events, || omnifn_gcp::Gcp::new(&nothing), &mut all).await;
        self.through(function, &events, || omnifn_azure::Azure::new(&nothing), &mut all).await;
        // The local server accepts events of this machine only, and these have no connection.
        let private = |name: &str| (name == "OMNIFN_PRIVATE").then(|| "true".to_owned());
        self.through(function, &events, || omnifn_local::Local::new(&private), &mut all).await;
        all
    }

    async fn through<A: Inverse>(
        &self,
        function: &str,
        events: &impl Fn() -> Vec<Event>,
        new: impl Fn() -> A,
        all: &mut Vec<Delivered>,
    ) {
        let app = (self.new)();
        let Some(spec) = app.specs().find(|spec| spec.name == function) else { return };
        for shape in A::event_shapes(spec.class()).iter().filter(|shape| A::delivers(shape, spec)) {
            let acknowledged = self.in_shape(function, events(), new(), shape).await;
            all.push(Delivered { provider: new().provider(), shape, acknowledged });
        }
    }

    async fn in_shape<A: Inverse>(
        &self,
        function: &str,
        events: Vec<Event>,
        adapter: A,
        shape: &str,
    ) -> Result<Vec<bool>, Error> {
        // What comes without a source of its own is for the only function there is.
        let router = self.start((self.new)().only(function)).await?;
        let spec = named(&router, function)?;
        let dispatch = Dispatch::new(adapter, router);
        let message = dispatch.adapter().write_events(shape, spec, events)?;
        let reply = whole(dispatch.answer(message.clone().map(Payload::Whole)).await).await?;
        dispatch.adapter().read_outcomes(shape, &message, reply)
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
    ///     if order.body == 0 { Err(Error::reject("the order is empty")) } else { Ok(()) }
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
    pub async fn request_everywhere(&self, request: impl Fn() -> Request<Bytes>) -> Vec<Answered> {
        let mut all = Vec::new();
        self.requested(&request, || omnifn_aws::Aws::new(&nothing), &mut all).await;
        self.requested(&request, || omnifn_gcp::Gcp::new(&nothing), &mut all).await;
        self.requested(&request, || omnifn_azure::Azure::new(&nothing), &mut all).await;
        self.requested(&request, || omnifn_local::Local::new(&nothing), &mut all).await;
        all
    }

    async fn requested<A: Inverse>(
        &self,
        request: &impl Fn() -> Request<Bytes>,
        new: impl Fn() -> A,
        all: &mut Vec<Answered>,
    ) {
        for shape in A::shapes() {
            let response = self.one_request(request(), new(), shape).await;
            all.push(Answered { provider: new().provider(), shape, response });
        }
    }

    async fn one_request<A: Inverse>(
        &self,
        request: Request<Bytes>,
        adapter: A,
        shape: &str,
    ) -> Result<Response<Bytes>, Error> {
        let dispatch = Dispatch::new(adapter, self.start((self.new)()).await?);
        let (adapter, cors) = (dispatch.adapter(), dispatch.router().cors());
        if let Some(answered) = adapter.answer_of_gateway(&request, cors) {
            return Ok(answered);
        }
        let asked = request.headers().clone();
        let message = adapter.write(shape, request)?;
        let reply = whole(dispatch.answer(message.map(Payload::Whole)).await).await?;
        Ok(adapter.pass_gateway(&asked, cors, adapter.read(shape, reply)?))
    }
}

fn named(router: &Router, function: &str) -> Result<&'static Spec, Error> {
    let missing = || Error::new(ErrorKind::NotFound, format!("unknown function `{function}`"));
    router.functions().named(function).ok_or_else(missing)
}

/// Returns the declaration of a function that can be invoked directly.
fn invocable(router: &Router, function: &str) -> Result<&'static Spec, Error> {
    let spec = named(router, function)?;
    match spec.class() {
        Class::Invoke => Ok(spec),
        class => {
            let words =
                format!("`{function}` takes {}: only a function with `invoke` is invoked directly", class.takes());
            Err(Error::new(ErrorKind::Unsupported, words))
        }
    }
}

async fn whole(reply: Response<Payload>) -> Result<Response<Bytes>, Error> {
    let (head, payload) = reply.into_parts();
    Ok(Response::from_parts(head, payload.collect(usize::MAX).await?))
}

fn nothing(_: &str) -> Option<String> {
    None
}
