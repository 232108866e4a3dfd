use http::StatusCode;

/// What kind of failure an [`Error`](crate::Error) is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The function returned an error.
    Function,
    /// What came cannot be read: not the JSON, base64, UTF-8 or shape that it should be.
    Decode,
    /// A body broke off before its end.
    BrokenBody,
    /// An event came that no function here takes.
    Unsupported,
    /// No function has this path or this name.
    NotFound,
    /// A function has this path, but not with this method.
    MethodNotAllowed,
    /// The body is larger than the limit.
    TooLarge,
    /// The body's media type is not the one that the function takes.
    MediaType,
    /// What the request says can be read but not used: a field is missing or of another type.
    Unprocessable,
    /// The function panicked.
    Panicked,
    /// The function was cancelled, for its time was over.
    Timeout,
    /// So many invocations run that this one is not begun.
    Overloaded,
    /// The response is larger than the platform takes.
    ResponseTooLarge,
    /// The app is put together wrongly: a state that was never given, say.
    Config,
}

/// What becomes of an event whose function failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorClass {
    /// It is delivered again, as the platform does it.
    Retry,
    /// It can never succeed: it goes the platform's way for dead letters, at once where there is one, else after the tries that
    /// the platform makes. It is never dropped in silence.
    Reject,
    /// It is acknowledged, as if all were well: the function's own word. It is logged once, with its id.
    Discard,
}

impl ErrorClass {
    /// The word for it, as logs show it.
    pub const fn name(self) -> &'static str {
        match self {
            ErrorClass::Retry => "retry",
            ErrorClass::Reject => "reject",
            ErrorClass::Discard => "discard",
        }
    }
}

impl ErrorKind {
    /// The class of this kind, where the error does not name one itself: what cannot be read is rejected.
    pub fn class(self) -> ErrorClass {
        match self {
            ErrorKind::Decode | ErrorKind::Unsupported | ErrorKind::Unprocessable | ErrorKind::MediaType => {
                ErrorClass::Reject
            }
            _ => ErrorClass::Retry,
        }
    }

    /// The HTTP status of this kind, where the error does not name one itself.
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

    /// The name of this kind, as logs and platforms show it.
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
