//! The items that generated code uses. They are not for hand-written code, and not subject to semantic versioning.

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
    IntoOutcomes, OutcomesFallback, OutcomesFromBatchError, OutcomesFromErrors, OutcomesFromFunctionErrors,
    OutcomesFromRecordErrors, Returned,
};
pub use done::{DoneFallback, DoneFromError, DoneFromFunctionError, IntoDone, deliver};
pub use http::{Request, request::Parts};
pub use incoming::{FromIncoming, Incoming, argument, class};
pub use invoked::{
    FromPayload, IntoResult, Invoked, ResultFallback, ResultFromError, ResultFromFunctionError, from_payload, invoke,
};
pub use mount::{FromStartup, IntoMount, ServiceFromResult, ServiceFromValue, startup, uncalled};
pub use omnifn_spec::{
    conflict::{name_is_distinct, routes_are_distinct},
    note::{Note, Program, function_length, program_length},
};
pub use outcome::{
    Answer, ResponseFallback, ResponseFromError, ResponseFromFunctionError, ResponseFromText, ResponseFromValue,
    ReturnValue, send,
};
pub use state::{Add, StateFallback, StateFunction, StateWithParts, StateWithoutParts, state_function};

pub use crate::{
    __note as note, __undeclared as undeclared, Auth, Cors, Deploy, Error, ErrorClass, Function, FunctionError, Grant,
    HttpTrigger, Location, Methods, Mount, Options, ResourceKind, Route, Spec, StateMap, StateParts, StorageTrigger,
    Trigger, Verb, Visibility,
    event::ObjectChange,
    note::{known, name_of, panic},
    parts::add_part,
};
