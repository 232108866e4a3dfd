//! A fn that returns a whole service: its arguments and its return type.

use axum::{
    extract::Request,
    response::{IntoResponse, Response},
};
use tower_service::Service;

use crate::{Error, FromEnv, HttpService, Mount, extract::State, function::Startup, private::ReturnValue, service};

/// An argument of a fn that returns a service.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a valid argument of a function that returns a service",
    label = "not available when the program starts",
    note = "such a function runs once, after the state was created: it takes `State<T>`, `Env` and `Config<T>`",
    note = "extract parts of a request in the handlers inside the service"
)]
pub trait FromStartup: Sized {
    fn from_startup(startup: &Startup) -> Result<Self, Error>;
}

#[diagnostic::do_not_recommend]
impl<T: FromEnv> FromStartup for T {
    fn from_startup(startup: &Startup) -> Result<Self, Error> {
        T::from_env(&startup.env)
    }
}

#[diagnostic::do_not_recommend]
impl<T: std::any::Any + Clone + Send + Sync> FromStartup for State<T> {
    fn from_startup(startup: &Startup) -> Result<Self, Error> {
        startup.state.require().map(State)
    }
}

/// Reads an argument of a fn that returns a service.
pub fn startup<T: FromStartup>(startup: &Startup) -> Result<T, Error> {
    T::from_startup(startup)
}

/// A return value that is a service, or a `Result` of one. The choice is made as for a response.
pub trait ServiceFromResult {
    fn omnifn_service(&mut self) -> Result<HttpService, Error>;
}

impl<S: IntoMount, E: Into<Error>> ServiceFromResult for &mut ReturnValue<Result<S, E>> {
    fn omnifn_service(&mut self) -> Result<HttpService, Error> {
        match self.0.take() {
            Some(made) => made.map(IntoMount::into_service).map_err(Into::into),
            None => Ok(service::unserved()),
        }
    }
}

pub trait ServiceFromValue {
    type Service;
    fn omnifn_service(&mut self) -> Result<HttpService, Error>
    where
        Self::Service: IntoMount;
}

impl<S> ServiceFromValue for ReturnValue<S> {
    type Service = S;
    fn omnifn_service(&mut self) -> Result<HttpService, Error>
    where
        S: IntoMount,
    {
        Ok(self.0.take().map_or_else(service::unserved, IntoMount::into_service))
    }
}

/// A whole tower service, the return value of a fn that is mounted.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a service of HTTP requests",
    label = "not a tower service that can be mounted",
    note = "a function that handles requests itself is an `async fn`",
    note = "a function that returns a whole service, such as an `axum::Router`, or a `Result` of one, is mounted: \
            `tower::Service<http::Request<Body>> + Clone + Send + Sync + 'static`, whose response implements `IntoResponse`"
)]
pub trait IntoMount {
    fn into_service(self) -> HttpService;
}

#[diagnostic::do_not_recommend]
impl<S> IntoMount for S
where
    S: Service<Request> + Clone + Send + Sync + 'static,
    S::Response: IntoResponse,
    S::Error: Into<Error>,
    S::Future: Send,
{
    fn into_service(self) -> HttpService {
        service::http(self)
    }
}

/// Mounts a function that no program calls, because the compiler has already reported an error about it.
pub fn uncalled() -> Mount {
    Mount::handler(|_| async { Response::default() })
}
