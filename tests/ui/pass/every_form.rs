//! All that an attribute, an argument and an answer may be.
#![deny(warnings)]

use std::{collections::HashMap, fmt};

use omnifn::{http::Response, prelude::*};

#[function]
async fn bare() {}

#[function(
    get = "/a",
    post = "/a",
    put = "/a",
    patch = "/a",
    delete = "/a",
    head = "/a",
    options = "/a",
    any = "/b/{*_rest}",
    name = "every-method"
)]
async fn methods() -> &'static str {
    "a"
}

#[function(get = "/{a}/{b}/{*rest}")]
async fn tuple(Path((_a, _b, _rest)): Path<(u8, String, String)>) -> StatusCode {
    StatusCode::OK
}

#[function(get = "/maps/{x}", post = "/maps/{x}/{y}")]
async fn map(Path(map): Path<HashMap<String, String>>) -> Json<HashMap<String, String>> {
    Json(map)
}

#[function(get = "/img/{name}.png")]
async fn suffix(mut ctx: Context, Path(name): Path<String>, headers: HeaderMap, uri: Uri) -> impl IntoResponse {
    ctx = ctx.clone();
    (StatusCode::ACCEPTED, headers, format!("{name} {uri} {}", ctx.function_name()))
}

#[function(post = "/body/{_unused}")]
async fn request(request: omnifn::http::Request<Body>) -> Response<Body> {
    Response::new(request.into_body())
}

#[function(get = "/head/{id}")]
async fn head(parts: omnifn::http::request::Parts) -> String {
    parts.uri.to_string()
}

/// An error of one's own, with a response of its own.
#[derive(Debug)]
struct Teapot;

impl fmt::Display for Teapot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("short and stout")
    }
}

impl std::error::Error for Teapot {}

impl IntoResponse for Teapot {
    fn into_response(self) -> Response<Body> {
        StatusCode::IM_A_TEAPOT.into_response()
    }
}

#[function(get = "/both")]
async fn both_ways() -> Result<String, Teapot> {
    Err(Teapot)
}

#[function(get = "/boxed")]
async fn boxed() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    Err("any".into())
}

/// Converts from every error, as those of `anyhow` and `eyre` do, and therefore is not an `Error` itself.
struct Report(Box<dyn std::error::Error + Send + Sync>);

impl<E: std::error::Error + Send + Sync + 'static> From<E> for Report {
    fn from(error: E) -> Self {
        Report(Box::new(error))
    }
}

impl From<Report> for Box<dyn std::error::Error + Send + Sync> {
    fn from(report: Report) -> Self {
        report.0
    }
}

#[function(get = "/report")]
async fn report() -> Result<String, Report> {
    let number: u8 = "7".parse()?;
    Ok(number.to_string())
}

/// Names that generated lines might have, too.
#[function(get = "/names")]
async fn body(text: String) -> String {
    text
}

#[function(get = "/more-names")]
async fn arg0(_: Method, text: String) -> String {
    text
}

#[function(get = "/standard")]
async fn standard() -> Result<Json<u8>, std::num::ParseIntError> {
    "7".parse().map(Json)
}

#[function(any = "/shop/{*rest}")]
fn router() -> axum::Router {
    axum::Router::new()
}

async fn connect() -> Result<u8, Teapot> {
    Ok(7)
}

macro_rules! by_macro {
    ($name:ident, $ty:ty) => {
        #[function(get = "/by-macro")]
        async fn $name(argument: $ty) -> $ty {
            argument
        }
    };
}
by_macro!(r#type, String);

fn main() {
    #[function(get = "/local")]
    async fn within_a_fn(text: String) -> String {
        text
    }

    let app = omnifn::app!(
        bare, methods, tuple, map, suffix, request, head, both_ways, boxed, report, body, arg0, standard, router, r#type, within_a_fn;
        layer = tower::layer::util::Identity::new(),
        state = connect,
    );
    let app = app.state("shared").body_limit(10);
    let names: Vec<_> = app.specs().map(|spec| spec.name).collect();
    assert_eq!(names[1], "every-method");
    assert_eq!(names[14], "type");
    assert!(app.router().is_ok());
}
