#![doc = include_str!("../README.md")]

pub use omnifn_core::{
    App, Body, Context, Error, ErrorKind, FromRequest, FromRequestParts, Function, HttpService, HttpTrigger,
    IntoResponse, InvalidApp, Location, Methods, Result, Route, Router, Spec, TraceContext, Trigger, extract, response,
};
#[doc = include_str!("function.md")]
pub use omnifn_macros::function;
#[cfg(any(feature = "aws", feature = "azure", feature = "gcp", feature = "local"))]
pub use providers::*;
pub use {bytes, http};

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
mod main_macro;
#[cfg(any(feature = "aws", feature = "azure", feature = "gcp", feature = "local"))]
mod providers;

/// What most functions need, in one `use`.
pub mod prelude {
    pub use bytes::Bytes;
    pub use http::{HeaderMap, Method, StatusCode, Uri};

    pub use crate::{
        App, Body, Context, Error, IntoResponse, Result,
        extract::{Json, Path, Query, State},
        function,
    };
}
