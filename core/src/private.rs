//! What generated code may name. Nothing here is for hand-written code, and none of it is under semantic versioning.

mod argument;
mod batch;
mod done;
mod incoming;
mod invoked;
mod mount;
mod outcome;
mod state;
mod undeclared;

pub use argument::{Argument, FromCall, FromHead, TakesOther, TakesState, body, head};
pub use axum::{body::Body, extract::FromRef, response::Response};
pub use batch::{
    IntoOutcomes, Returned, ViaClassifiedBatch, ViaClassifiedRecords, ViaClassifiedWhole, ViaErrorBatch,
    ViaNeitherBatch,
};
pub use done::{IntoDone, ViaClassifiedDone, ViaErrorDone, ViaNeitherDone, deliver};
pub use http::{Request, request::Parts};
pub use incoming::{FromIncoming, Incoming, argument, class};
pub use invoked::{
    FromPayload, IntoResult, Invoked, ViaClassifiedResult, ViaErrorResult, ViaNeitherResult, from_payload, invoke,
};
pub use mount::{FromStartup, IntoMount, ViaFallible, ViaService, startup, uncalled};
pub use omnifn_spec::{
    conflict::{name_is_distinct, routes_are_distinct},
    note::{Note, Program, function_length, program_length},
};
pub use outcome::{Answer, Given, ViaClassified, ViaError, ViaNeither, ViaResponse, ViaText, send};
pub use state::{Add, Made, ViaNothing, ViaParts, ViaWhole, made};

pub use crate::{
    __note as note, __undeclared as undeclared, Auth, Cors, Deploy, Error, ErrorClass, Function, FunctionError, Grant,
    HttpTrigger, Location, Methods, Mount, Options, ResourceKind, Route, Spec, StateMap, StateParts, StorageTrigger,
    Trigger, Verb, Visibility,
    event::ObjectChange,
    note::{known, name_of, panic},
    parts::add_part,
};
