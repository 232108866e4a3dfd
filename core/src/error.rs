mod convert;
mod kind;

use std::{borrow::Cow, error::Error as StdError, fmt, sync::Arc};

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;

pub use kind::{ErrorClass, ErrorKind};

use crate::cut::cut_to;

/// The reason why an invocation failed.
///
/// Over HTTP it becomes a status and a [problem document](https://www.rfc-editor.org/rfc/rfc9457). The text of a 4xx from
/// [`Error::status`] is sent to the caller; every other text is only logged.
///
/// Every standard error converts into it by `?`, and so do texts, `Box<dyn Error + Send + Sync>` and `anyhow::Error`: they are a 500.
///
/// ```
/// use omnifn_core::{Error, Result};
///
/// fn find(id: u32) -> Result<&'static str> {
///     match id {
///         1 => Ok("milk"),
///         _ => Err(Error::status(404, format!("there is no note {id}"))),
///     }
/// }
/// assert_eq!(find(7).unwrap_err().to_string(), "there is no note 7");
/// ```
#[derive(Clone)]
pub struct Error(Arc<Inner>);

struct Inner {
    kind: ErrorKind,
    status: Option<StatusCode>,
    context: Cow<'static, str>,
    public: bool,
    /// The text for the log, where the public text may quote the request.
    logged: Option<Cow<'static, str>>,
    class: Option<ErrorClass>,
    name: Option<&'static str>,
    /// Further headers of the response.
    header: Option<(HeaderName, HeaderValue)>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// Creates an error of a kind, with a text for the log.
    pub fn new(kind: ErrorKind, context: impl Into<Cow<'static, str>>) -> Self {
        Error(Arc::new(Inner {
            kind,
            status: None,
            context: context.into(),
            public: false,
            logged: None,
            class: None,
            name: None,
            header: None,
            source: None,
        }))
    }

    /// Creates an error from a text for the log. It is a 500 over HTTP, and an event is delivered again.
    ///
    /// ```
    /// use omnifn_core::{Error, Result};
    ///
    /// fn pick(list: &[u32]) -> Result<u32> {
    ///     list.first().copied().ok_or_else(|| Error::msg("the list is empty"))
    /// }
    /// assert_eq!(pick(&[]).unwrap_err().to_string(), "the list is empty");
    /// ```
    pub fn msg(text: impl fmt::Display) -> Self {
        Error::new(ErrorKind::Function, text.to_string())
    }

    /// Creates an error with an HTTP status. The text is sent to the caller if the status is below 500, and otherwise only logged.
    ///
    /// A number that is not a valid status (below 100 or above 999) becomes 500.
    pub fn status(status: impl TryInto<StatusCode>, context: impl Into<Cow<'static, str>>) -> Self {
        Error::new(ErrorKind::Function, context).with_status(status)
    }

    /// Creates an error after which an event is delivered again, which is the default for every error.
    pub fn retry(context: impl Into<Cow<'static, str>>) -> Self {
        Error::new(ErrorKind::Function, context).with_class(ErrorClass::Retry)
    }

    /// Creates an error after which an event is rejected, because it can never succeed.
    ///
    /// ```
    /// use omnifn_core::{Error, ErrorClass};
    ///
    /// assert_eq!(Error::reject("there is no such product").class(), ErrorClass::Reject);
    /// ```
    pub fn reject(context: impl Into<Cow<'static, str>>) -> Self {
        Error::new(ErrorKind::Function, context).with_class(ErrorClass::Reject)
    }

    /// Creates an error after which an event is acknowledged nevertheless.
    pub fn discard(context: impl Into<Cow<'static, str>>) -> Self {
        Error::new(ErrorKind::Function, context).with_class(ErrorClass::Discard)
    }

    /// Sets the class of the error.
    pub fn with_class(mut self, class: ErrorClass) -> Self {
        self.set(|inner| inner.class = Some(class));
        self
    }

    /// Sets the name of the error, for logs and platforms.
    pub fn with_name(mut self, name: &'static str) -> Self {
        self.set(|inner| inner.name = Some(name));
        self
    }

    /// Sets the HTTP status of the error. Below 500, the text is sent to the caller.
    pub fn with_status(mut self, status: impl TryInto<StatusCode>) -> Self {
        let status = status.try_into().unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        self.set(|inner| {
            inner.status = Some(status);
            inner.public = status.as_u16() < 500;
        });
        self
    }

    /// Adds the error that caused this one.
    pub fn with_source(self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        let mut this = self;
        this.set(|inner| inner.source = Some(source.into()));
        this
    }

    /// Adds a JSON error as the cause, without the values that serde may quote, because the cause is logged.
    ///
    /// ```
    /// use omnifn_core::{Error, ErrorKind};
    ///
    /// let error = serde_json::from_str::<u32>("\"hunter2\"").unwrap_err();
    /// let error = Error::new(ErrorKind::Decode, "expected a count").with_json_source(&error);
    /// assert_eq!(error.to_string(), "expected a count: invalid type: string, expected u32 at line 1 column 9");
    /// ```
    pub fn with_json_source(self, error: &serde_json::Error) -> Self {
        self.with_source(crate::json::reason(error))
    }

    /// Sends the text of the error to the caller.
    pub fn public(mut self) -> Self {
        self.set(|inner| inner.public = true);
        self
    }

    /// Marks the text of the error as private, so that the caller does not receive it.
    pub(crate) fn private(mut self) -> Self {
        self.set(|inner| inner.public = false);
        self
    }

    /// Sends the text of the error to the caller, and this text to the log, because the first one may quote the request.
    pub(crate) fn public_but_logged_as(mut self, text: impl Into<Cow<'static, str>>) -> Self {
        self.set(|inner| {
            inner.public = true;
            inner.logged = Some(text.into());
        });
        self
    }

    /// Returns the text of the error and its causes without anything that the request contains, for the log. Returns `None` if no such
    /// text is known: the text of an error that the caller receives may quote the request.
    ///
    /// ```
    /// use omnifn_core::Error;
    ///
    /// assert_eq!(Error::msg("the list is empty").log_text().as_deref(), Some("the list is empty"));
    /// assert_eq!(Error::status(404, "there is no note 7").log_text(), None);
    /// ```
    pub fn log_text(&self) -> Option<String> {
        if !self.0.public {
            return Some(self.to_string());
        }
        let causes = std::iter::successors(self.source(), |cause: &&(dyn StdError + 'static)| (*cause).source());
        let causes = causes.map(ToString::to_string);
        let own = self.0.logged.as_deref().map(str::to_owned);
        let texts: Vec<_> = own.into_iter().chain(causes).collect();
        (!texts.is_empty()).then(|| texts.join(": "))
    }

    /// Adds the methods that are allowed, for a 405.
    pub fn with_allow(self, allow: HeaderValue) -> Self {
        self.with_header((header::ALLOW, allow))
    }

    /// Adds the time after which the caller may try again, in seconds, for a 429 or a 503.
    pub fn with_retry_after(self, seconds: u32) -> Self {
        self.with_header((header::RETRY_AFTER, seconds.into()))
    }

    fn with_header(mut self, header: (HeaderName, HeaderValue)) -> Self {
        self.set(|inner| inner.header = Some(header));
        self
    }

    /// Returns the kind of failure.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Returns the class of the error, which decides what happens to an event.
    pub fn class(&self) -> ErrorClass {
        self.0.class.unwrap_or_else(|| self.0.kind.class())
    }

    /// Returns the name, as logs and platforms show it: the error's own, or else that of its kind.
    pub fn name(&self) -> &'static str {
        self.0.name.unwrap_or_else(|| self.0.kind.name())
    }

    /// Returns the HTTP status that the caller receives.
    pub fn status_code(&self) -> StatusCode {
        self.0.status.unwrap_or_else(|| self.0.kind.status())
    }

    /// Returns the error that caused this one.
    pub fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }

    /// Returns whether the text is sent to the caller.
    pub fn is_public(&self) -> bool {
        self.0.public
    }

    /// Returns whether the caller is at fault (a status below 500).
    pub fn is_callers_fault(&self) -> bool {
        self.status_code().as_u16() < 500
    }

    /// Changes an error that was just created and has no clones yet.
    fn set(&mut self, change: impl FnOnce(&mut Inner)) {
        if let Some(inner) = Arc::get_mut(&mut self.0) {
            change(inner);
        }
    }
}

/// Writes the text, and that of every source that does not only repeat it.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.context)?;
        let (mut source, mut previous) = (self.source(), String::new());
        while let Some(error) = source {
            let words = format!("{error}");
            if words != previous {
                write!(f, ": {words}")?;
            }
            (source, previous) = (error.source(), words);
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Error");
        debug
            .field("kind", &self.0.kind)
            .field("status", &self.status_code().as_u16())
            .field("context", &self.0.context);
        if let Some(source) = &self.0.source {
            debug.field("source", source);
        }
        debug.finish()
    }
}

/// The response carries the error in its extensions, so that the runtime can log it with the invocation's id.
impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let mut response = problem(&self).map(Body::from);
        response.extensions_mut().insert(self);
        response
    }
}

/// The problem document that the caller receives (RFC 9457).
#[derive(Serialize)]
struct Problem<'e> {
    r#type: &'static str,
    title: &'static str,
    status: u16,
    /// The text of the error itself, without its causes, which are never meant for the caller.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'e str>,
}

/// The longest text of an error that a caller receives, in bytes.
const DETAIL_LIMIT: usize = 8 * 1024;

/// The response to the caller: status, title, and the text if it is meant for the caller.
pub(crate) fn problem(error: &Error) -> Response<Bytes> {
    let status = error.status_code();
    let problem = Problem {
        r#type: "about:blank",
        title: status.canonical_reason().unwrap_or("Error"),
        status: status.as_u16(),
        // It may quote what the caller has sent.
        detail: error.0.public.then(|| cut_to(&error.0.context, DETAIL_LIMIT)),
    };
    let mut response = Response::new(serde_json::to_vec(&problem).unwrap_or_default().into());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    headers.extend(error.0.header.clone());
    response
}
