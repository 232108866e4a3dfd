//! What generated code may name. Nothing here is for hand-written code, and none of it is under semantic versioning.

mod argument;
mod distinct;
mod done;
mod incoming;
mod mounted;
mod outcome;
mod state;

pub use argument::{FromCall, FromHead, body, head};
pub use axum_core::{body::Body, extract::FromRef, response::Response};
pub use distinct::{name_is_distinct, routes_are_distinct, takes_events};
pub use done::{IntoDone, ViaClassifiedDone, ViaErrorDone, ViaNeitherDone, deliver};
pub use http::{Request, request::Parts};
pub use incoming::{FromIncoming, Incoming, argument, class};
pub use mounted::{IntoMount, service, stub};
pub use outcome::{Answer, Given, ViaClassified, ViaError, ViaNeither, ViaResponse, send};
pub use state::{Add, Made, ViaNothing, ViaParts, ViaWhole, made};

pub use crate::{
    __note as note, Auth, Deploy, Error, ErrorClass, Function, FunctionError, Grant, HttpTrigger, Location, Methods,
    Mount, Options, ResourceKind, Route, Spec, StateMap, StateParts, StorageTrigger, Trigger, Verb, Visibility,
    event::ObjectChange,
    note::{Note, Program, function_length, program_length, spec},
    parts::add_part,
};
