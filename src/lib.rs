#![doc = include_str!("../README.md")]

pub use omnifn_core::{
    App, Auth, Body, Config, Context, Deploy, Env, Error, ErrorClass, ErrorKind, EventCall, EventService, FromRequest,
    FromRequestParts, Function, FunctionError, Grant, HttpService, HttpTrigger, IntoResponse, InvalidApp, Location,
    Methods, Options, Outcome, ResourceKind, Result, Route, Router, Secret, Spec, StorageTrigger, TraceContext,
    Trigger, Verb, Visibility, event, extract, response,
};
#[doc = include_str!("function_error.md")]
pub use omnifn_macros::FunctionError;
#[doc = include_str!("function.md")]
pub use omnifn_macros::function;
#[cfg(any(feature = "aws", feature = "azure", feature = "gcp", feature = "local"))]
pub use providers::*;
pub use {bytes, http};

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
mod main_macro;
#[cfg(doctest)]
#[doc = include_str!("../docs/production.md")]
mod production {}
#[cfg(any(feature = "aws", feature = "azure", feature = "gcp", feature = "local"))]
mod providers;

#[cfg(feature = "idempotency")]
pub mod idempotency;
#[cfg(feature = "testing")]
pub mod testing;
#[cfg(feature = "webhook")]
pub mod webhook;

/// What most functions need, in one `use`.
pub mod prelude {
    pub use bytes::Bytes;
    pub use http::{HeaderMap, Method, StatusCode, Uri};

    pub use crate::{
        App, Body, Config, Context, Env, Error, FunctionError, IntoResponse, Result, Secret,
        event::{Change, ChangeKind, CloudEvent, Message, Object, ObjectChange, Tick},
        extract::{Json, Path, Query, State},
        function,
    };
}
