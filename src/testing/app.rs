use std::{net::Ipv4Addr, panic::Location};

use bytes::Bytes;
use http::{Request, Response};
use omnifn_core::{Body, Error, Event, Outcome, Payload, Peer, Router, Spec};
use omnifn_local::Local;
use omnifn_runtime::dispatch::Dispatch;
use serde::Serialize;
use serde_json::Value;

use super::{
    mistakes::{is_invoked, json, takes},
    wire::whole,
};

/// A started app under test, which keeps its state over several calls.
///
/// ```
/// use std::sync::{Arc, atomic::{AtomicU32, Ordering}};
/// use omnifn::{prelude::*, testing::Testing};
///
/// #[function(queue = "orders")]
/// async fn settle(_order: Message<u32>, State(settled): State<Arc<AtomicU32>>) {
///     settled.fetch_add(1, Ordering::Relaxed);
/// }
///
/// #[function(get = "/settled")]
/// async fn settled(State(settled): State<Arc<AtomicU32>>) -> String {
///     settled.load(Ordering::Relaxed).to_string()
/// }
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// let app = Testing::new(|| omnifn::app!(settle, settled).state(Arc::new(AtomicU32::new(0)))).start().await;
/// assert!(app.deliver("settle", Message::new(Bytes::from("7"))).await.is_acknowledged());
/// let response = app.request(Request::get("/settled").body("").unwrap()).await.unwrap();
/// assert_eq!(response.body(), "1");
/// # });
/// ```
#[derive(Debug)]
pub struct TestApp {
    dispatch: Dispatch<Local>,
}

impl TestApp {
    pub(super) fn new(router: Router) -> Self {
        TestApp { dispatch: Dispatch::new(Local::new(&|_: &str| None), router) }
    }

    /// Sends a request to the app, without any provider's wire form.
    ///
    /// # Errors
    /// The response's body ended early.
    pub async fn request(&self, request: Request<impl Into<Body>>) -> Result<Response<Bytes>, Error> {
        whole(self.dispatch.answer(request.map(|body| Payload::Stream(body.into()))).await).await
    }

    /// Delivers an event to a function, unchanged and without any provider's wire form. A function that takes a `Batch` gets a batch of one.
    ///
    /// # Panics
    /// There is no such function, or it does not take such events.
    #[track_caller]
    pub fn deliver(&self, function: &str, event: impl Into<Event>) -> impl Future<Output = Outcome> {
        let event = event.into();
        let spec = takes(&self.dispatch.router().functions(), function, [&event], Location::caller());
        self.dispatch.deliver_one(spec, event)
    }

    /// Invokes a function with a payload, without any provider's wire form. A failure is the function's own error.
    ///
    /// # Errors
    /// The function failed.
    ///
    /// # Panics
    /// There is no such function, or it cannot be invoked directly.
    #[track_caller]
    pub fn invoke(&self, function: &str, payload: &impl Serialize) -> impl Future<Output = Result<Value, Error>> {
        let at = Location::caller();
        let spec = is_invoked(&self.dispatch.router().functions(), function, at);
        self.invoke_json(spec, json(payload, at))
    }

    pub(super) async fn invoke_json(&self, function: &Spec, payload: Bytes) -> Result<Value, Error> {
        let mut request = Request::post(format!("/{}", function.name)).body(Payload::Whole(payload))?;
        // Those on this machine may invoke functions beside HTTP functions.
        request.extensions_mut().insert(Peer((Ipv4Addr::LOCALHOST, 50_000).into()));
        let response = self.dispatch.answer(request).await;
        if let Some(error) = response.extensions().get::<Error>() {
            return Err(error.clone());
        }
        let response = whole(response).await?;
        match response.status() {
            status if status.is_success() => Ok(serde_json::from_slice(response.body())?),
            status => Err(Error::status(status, String::from_utf8_lossy(response.body()).into_owned())),
        }
    }
}
