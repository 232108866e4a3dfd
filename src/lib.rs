#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

pub use omnifn_core::{
    App, Auth, Body, Config, Context, Cors, Deploy, Env, Error, ErrorClass, ErrorKind, EventCall, EventService,
    FromRequest, FromRequestParts, Function, FunctionError, Grant, HttpService, HttpTrigger, IntoResponse, InvalidApp,
    Location, Methods, Options, Outcome, ResourceKind, Result, Route, Router, Secret, Spec, StorageTrigger,
    TraceContext, Trigger, Verb, Visibility, event, extract, response,
};
/// The trait by a glob: where axum's feature `macros` is on, its derive macro comes along, and the one below takes precedence.
mod from_ref {
    pub use omnifn_core::FromRef;
}
pub use from_ref::*;
#[doc = include_str!("from_ref.md")]
pub use omnifn_macros::FromRef;
#[doc = include_str!("function_error.md")]
pub use omnifn_macros::FunctionError;
#[doc = include_str!("function.md")]
pub use omnifn_macros::function;
#[cfg(any(feature = "aws", feature = "azure", feature = "gcp", feature = "local"))]
pub use providers::*;
pub use {axum, bytes, http};

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
/// Tower layers for [`App::layer`], [`App::function_layer`] and [`App::event_layer`].
///
/// ```
/// use std::time::Duration;
/// use omnifn::{layers::{ConcurrencyLimit, Timeout}, prelude::*};
///
/// #[function(get = "/report")]
/// async fn report() -> &'static str {
///     "all is well"
/// }
///
/// #[function(queue = "orders")]
/// async fn settle(_order: Message<String>) {}
///
/// let app = omnifn::app!(report, settle)
///     .function_layer("report", Timeout::new(Duration::from_secs(2)))
///     .event_layer("settle", ConcurrencyLimit::new(4));
/// ```
pub use omnifn_runtime::layers;
#[cfg(doctest)]
mod book;
mod main_macro;
#[cfg(any(feature = "aws", feature = "azure", feature = "gcp", feature = "local"))]
mod providers;

/// Functions of this crate, which the conformance suite has, name it as all others do.
#[cfg(feature = "testing")]
extern crate self as omnifn;

#[cfg(feature = "testing")]
pub mod conformance;
#[cfg(feature = "idempotency")]
pub mod idempotency;
#[cfg(feature = "testing")]
pub mod testing;
#[cfg(feature = "webhook")]
pub mod webhook;

/// Returns from a function with an [`Error`], made from a text with arguments as for `format!`, or from anything that converts into one.
///
/// ```
/// use omnifn::prelude::*;
///
/// fn first(list: &[u32]) -> Result<u32> {
///     match list {
///         [] => bail!("the list is empty"),
///         [zero @ 0, ..] => bail!(Error::status(422, format!("{zero} is not allowed"))),
///         [first, ..] => Ok(*first),
///     }
/// }
/// assert_eq!(first(&[]).unwrap_err().to_string(), "the list is empty");
/// ```
#[macro_export]
macro_rules! bail {
    ($text:literal $($arguments:tt)*) => {
        return ::core::result::Result::Err(::core::convert::From::from($crate::Error::msg(::core::format_args!($text $($arguments)*))))
    };
    ($error:expr $(,)?) => {
        return ::core::result::Result::Err(::core::convert::From::from($error))
    };
}

/// The names that most functions need, in one `use`.
pub mod prelude {
    pub use axum::{
        extract::Request,
        response::{Html, Redirect, Response},
    };
    pub use bytes::Bytes;
    pub use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};

    #[cfg(any(feature = "aws", feature = "azure", feature = "gcp", feature = "local"))]
    pub use crate::IntoRouter;
    pub use crate::{
        App, Body, Config, Context, Env, Error, FromRef, FunctionError, IntoResponse, Result, Secret, bail,
        event::{Batch, Change, ChangeKind, CloudEvent, Message, Object, ObjectChange, Tick},
        extract::{Json, Path, Query, State},
        function,
    };
}
