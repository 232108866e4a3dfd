//! A redirect, and cookies.

use omnifn::{http::header, prelude::*};
use serde::Deserialize;

/// The notes are what there is to see.
#[function(get = "/", visibility = "public")]
pub async fn home() -> impl IntoResponse {
    (StatusCode::SEE_OTHER, [(header::LOCATION, "/notes")])
}

/// Who logs in.
#[derive(Debug, Deserialize)]
pub struct Login {
    /// The name to be called by.
    pub name: String,
}

/// Remembers a name: two cookies, one for scripts and one that they cannot read.
#[function(post = "/login", visibility = "public")]
pub async fn login(Json(Login { name }): Json<Login>) -> Result<impl IntoResponse> {
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(Error::status(422, "`name` consists of letters and digits"));
    }
    let session = format!("session={name}; Path=/; HttpOnly; SameSite=Lax");
    let theme = "theme=dark; Path=/; Max-Age=31536000".to_owned();
    Ok((
        StatusCode::NO_CONTENT,
        omnifn::response::AppendHeaders([(header::SET_COOKIE, session), (header::SET_COOKIE, theme)]),
    ))
}

/// The name that was remembered.
#[function(get = "/whoami", visibility = "public")]
pub async fn whoami(headers: HeaderMap) -> Result<String> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let session = cookies.flat_map(|line| line.split("; ")).find_map(|cookie| cookie.strip_prefix("session="));
    session.map(str::to_owned).ok_or_else(|| Error::status(401, "nobody is logged in: POST /login first"))
}
