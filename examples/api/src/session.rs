//! Redirects a client, and sets and reads cookies.

use omnifn::{http::header, prelude::*};
use serde::Deserialize;

/// Redirects from the root to the list of notes.
#[function(get = "/", visibility = "public")]
pub async fn home() -> impl IntoResponse {
    (StatusCode::SEE_OTHER, [(header::LOCATION, "/notes")])
}

/// The form of the login.
#[derive(Debug, Deserialize)]
pub struct Login {
    /// The name of the user.
    pub name: String,
}

/// Sets two cookies: one with the name of the user, which scripts cannot read, and one for scripts.
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

/// Returns the name in the cookie.
#[function(get = "/whoami", visibility = "public")]
pub async fn whoami(headers: HeaderMap) -> Result<String> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let session = cookies.flat_map(|line| line.split("; ")).find_map(|cookie| cookie.strip_prefix("session="));
    session.map(str::to_owned).ok_or_else(|| Error::status(401, "not logged in: POST /login first"))
}
