//! The common types of [omnifn](https://docs.rs/omnifn): what every provider's bytes become before a function sees
//! them, and what a function's answer becomes before a provider's bytes are written.
//!
//! Function authors use the `omnifn` crate, which re-exports what they need. This crate is for those who write an
//! adapter for one more provider: they implement [`Adapter`] and, for the tests, [`Inverse`].
//!
//! There is no I/O here, no clock, no environment and no provider's name.

pub mod adapter;
mod app;
mod call;
pub mod cloudevents;
mod context;
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
pub use delivery::{Delivery, Outcome, Record};
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
pub use router::{Delivering, Router};
pub use service::{EventCall, EventService, HttpService};
pub use spec::{
    Auth, Deploy, Grant, HttpTrigger, Location, Methods, Options, ResourceKind, Route, Spec, StorageTrigger, Trigger,
    Verb, Visibility,
};
pub use start::{Connect, Done, Hook};
pub use state::StateMap;
pub use trace::TraceContext;

/// A `Result` whose error is [`Error`], which any standard error converts into by `?`.
///
/// ```
/// async fn port(text: String) -> omnifn_core::Result<String> {
///     let port: u16 = text.trim().parse()?;
///     Ok(format!("port {port}"))
/// }
/// ```
pub type Result<T, E = Error> = std::result::Result<T, E>;
