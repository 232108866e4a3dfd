use crate::{Invocation, event::Event};

/// One invocation of one function, in the common form.
#[derive(Debug)]
pub struct Call {
    /// What happened.
    pub event: Event,
    /// Which function is meant.
    pub target: Target,
    /// What the provider says of the invocation itself.
    pub invocation: Invocation,
}

/// Which function a [`Call`] is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// The one whose route fits the request.
    Route,
    /// The one of this name, which the platform has chosen.
    Function(String),
}
