use http::StatusCode;

/// The kind of failure of an [`Error`](crate::Error).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The function returned an error.
    Function,
    /// The input cannot be decoded: it is not the expected JSON, base64, UTF-8 or shape.
    Decode,
    /// A body ended before it was complete.
    BrokenBody,
    /// No function takes the event.
    Unsupported,
    /// No function has this path or this name.
    NotFound,
    /// A function has this path, but not with this method.
    MethodNotAllowed,
    /// The body is larger than the limit.
    TooLarge,
    /// The body's media type is not the one that the function takes.
    MediaType,
    /// The request can be decoded but not used: a field is missing or has another type.
    Unprocessable,
    /// The function panicked.
    Panicked,
    /// The function was cancelled, because its time was over.
    Timeout,
    /// The limit on concurrent invocations is exhausted.
    Overloaded,
    /// The response is larger than the platform accepts.
    ResponseTooLarge,
    /// The app is not valid: a state is missing, for example.
    Config,
}

/// The consequence of a failure for the event: it is delivered again, rejected, or discarded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorClass {
    /// The event is delivered again, by the platform's own rules.
    Retry,
    /// The event can never succeed: it becomes a dead letter, at once if the platform supports that, and otherwise after the platform's
    /// last attempt. It is never dropped silently.
    Reject,
    /// The event is acknowledged, because the function discards it. That is logged once, with the event's id.
    Discard,
}

impl ErrorClass {
    /// Returns the name of this class, as logs show it.
    pub const fn name(self) -> &'static str {
        match self {
            ErrorClass::Retry => "retry",
            ErrorClass::Reject => "reject",
            ErrorClass::Discard => "discard",
        }
    }
}

impl ErrorKind {
    /// Returns the class of an error of this kind, unless it has a class of its own. Input that cannot be decoded is rejected.
    pub fn class(self) -> ErrorClass {
        match self {
            ErrorKind::Decode | ErrorKind::Unsupported | ErrorKind::Unprocessable | ErrorKind::MediaType => {
                ErrorClass::Reject
            }
            _ => ErrorClass::Retry,
        }
    }

    /// Returns the HTTP status of an error of this kind, unless it has a status of its own.
    pub fn status(self) -> StatusCode {
        match self {
            ErrorKind::Decode | ErrorKind::BrokenBody => StatusCode::BAD_REQUEST,
            ErrorKind::NotFound => StatusCode::NOT_FOUND,
            ErrorKind::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            ErrorKind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            ErrorKind::MediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            ErrorKind::Unprocessable => StatusCode::UNPROCESSABLE_ENTITY,
            ErrorKind::Timeout => StatusCode::GATEWAY_TIMEOUT,
            ErrorKind::Overloaded => StatusCode::SERVICE_UNAVAILABLE,
            ErrorKind::Function
            | ErrorKind::Unsupported
            | ErrorKind::Panicked
            | ErrorKind::ResponseTooLarge
            | ErrorKind::Config => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Returns the name of this kind, as logs and platforms show it.
    pub fn name(self) -> &'static str {
        match self {
            ErrorKind::Function => "FunctionError",
            ErrorKind::Decode => "DecodeError",
            ErrorKind::BrokenBody => "BrokenBody",
            ErrorKind::Unsupported => "UnsupportedEvent",
            ErrorKind::NotFound => "NotFound",
            ErrorKind::MethodNotAllowed => "MethodNotAllowed",
            ErrorKind::TooLarge => "TooLarge",
            ErrorKind::MediaType => "UnsupportedMediaType",
            ErrorKind::Unprocessable => "Unprocessable",
            ErrorKind::Panicked => "Panicked",
            ErrorKind::Timeout => "Timeout",
            ErrorKind::Overloaded => "Overloaded",
            ErrorKind::ResponseTooLarge => "ResponseTooLarge",
            ErrorKind::Config => "ConfigError",
        }
    }
}
