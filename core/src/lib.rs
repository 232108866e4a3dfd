//! The common types of [omnifn](https://docs.rs/omnifn): every provider's messages are decoded into them before a function
//! runs, and a function's result is encoded from them into the provider's reply.
//!
//! Function authors use the crate `omnifn`, which re-exports what they need. This crate is for authors of adapters for
//! further providers, who implement [`Adapter`] and, for the tests, [`Inverse`]. The suite `omnifn::conformance` checks both, and the example
//! `cloudevents` shows how a provider is written and served.
//!
//! This crate performs no I/O, reads neither the clock nor the environment, and names no provider.

mod access;
pub mod adapter;
mod app;
mod call;
pub mod cloudevents;
mod context;
mod cors;
mod cut;
mod delivery;
pub mod direct;
mod env;
mod error;
pub mod event;
pub mod extract;
pub mod forwarded;
mod function;
mod function_error;
mod functions;
pub mod json;
mod limits;
pub mod log;
mod note;
mod parts;
mod payload;
mod peer;
mod reply;
mod route;
mod router;
mod service;
mod spec;
mod start;
mod state;
mod trace;
pub mod uri;

#[doc(hidden)]
pub mod private;

pub use access::{EventEndpoints, VerifiedSender, is_private};
pub use adapter::{Adapter, Decoded, Inverse, Refusal, Settings};
pub use app::{App, InvalidApp};
pub use axum;
pub use axum::{
    body::Body,
    extract::{FromRef, FromRequest, FromRequestParts},
    response::{self, IntoResponse},
};
pub use call::{Call, Target};
pub use context::{Clock, Context, Invocation};
pub use cors::{CrossOrigin, is_preflight};
pub use delivery::{Delivery, Outcome, Record, Rest};
pub use env::{Config, Env, FromEnv, Secret};
pub use error::{Error, ErrorClass, ErrorKind};
pub use event::Event;
pub use function::{Function, Mount, Startup, StateType};
pub use function_error::FunctionError;
pub use functions::{Functions, names};
pub use limits::Limits;
pub use parts::StateParts;
pub use payload::Payload;
pub use peer::Peer;
pub use reply::Reply;
pub use route::{Found, NotFound, Routes};
pub use router::{Delivering, DeliveringBatch, Router};
pub use service::{EventCall, EventService, HttpService};
pub use spec::{
    Auth, Cors, Deploy, Grant, HttpTrigger, Location, Methods, Options, ResourceKind, Route, Spec, StorageTrigger,
    Trigger, Verb, Visibility,
};
pub use start::{Connect, Done, Hook};
pub use state::StateMap;
pub use trace::TraceContext;

/// A `Result` with the error [`Error`], into which every standard error converts by `?`.
///
/// ```
/// async fn port(text: String) -> omnifn_core::Result<String> {
///     let port: u16 = text.trim().parse()?;
///     Ok(format!("port {port}"))
/// }
/// ```
pub type Result<T, E = Error> = std::result::Result<T, E>;
