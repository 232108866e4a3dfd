use std::pin::Pin;

use http::{Request, Response};
use omnifn_core::{Adapter, Body, Context, Error, Parcel, Payload, Reply};

use super::Read;
use crate::{
    deadline, log,
    otel::{Around, Span},
    slots::Slot,
};

/// An answer that has begun.
#[allow(clippy::large_enum_variant, reason = "nearly each is the large one, and a box would be an allocation more")]
pub(crate) enum Begun<A: Adapter> {
    /// The whole body has to come first, by this.
    Reading(Box<Request<Payload>>, Read<A>),
    /// The message was read.
    Underway(Underway<A::Origin>),
}

/// A message that was read, and what becomes of it.
pub(crate) struct Underway<O> {
    pub(super) origin: O,
    /// Written when all of this is dropped, at the end.
    pub(super) _rest: log::Rest,
    pub(super) doing: Doing,
}

/// What makes the reply. What is rare is in a box, for each connection has the room for the largest.
#[allow(clippy::large_enum_variant, reason = "nearly each is the large one, and a box would be an allocation more")]
pub(super) enum Doing {
    Call(Calling, Called),
    Delivery(Parcel, Option<Slot>),
    Reply(Box<Reply>),
}

impl From<Reply> for Doing {
    fn from(reply: Reply) -> Self {
        Doing::Reply(Box::new(reply))
    }
}

/// What there is of a function that was called, beside its answer.
pub(super) struct Calling {
    pub(super) context: Context,
    pub(super) span: Span,
    pub(super) line: Option<log::Line>,
    pub(super) slot: Option<Slot>,
}

/// Its answer, on its way.
pub(super) type Called = Result<deadline::Begun<Around<Responding>>, Error>;
pub(super) type Responding = Pin<Box<dyn Future<Output = Response<Body>> + Send>>;
