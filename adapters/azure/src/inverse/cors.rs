//! The host's own answers to browsers. On Linux plans, ASP.NET Core's CORS middleware stands in front of all functions, with the site's
//! `cors` settings and a policy that allows any method and any header.
//!
//! <https://github.com/Azure/azure-functions-host/blob/dev/src/WebJobs.Script.WebHost/Configuration/CorsOptionsSetup.cs>,
//! <https://github.com/dotnet/aspnetcore/blob/main/src/Middleware/CORS/src/Infrastructure/CorsService.cs>

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header};
use omnifn_core::{Cors, is_preflight};

/// Returns the answer to a preflight, which never reaches the program; `None` for every other request.
pub(super) fn preflight(request: &Request<Bytes>, cors: Option<&Cors>) -> Option<Response<Bytes>> {
    if !is_preflight(request.method(), request.headers()) {
        return None;
    }
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::NO_CONTENT;
    if add_origin(request.headers(), cors, response.headers_mut()) {
        for (asked, allowed) in [
            (header::ACCESS_CONTROL_REQUEST_METHOD, header::ACCESS_CONTROL_ALLOW_METHODS),
            (header::ACCESS_CONTROL_REQUEST_HEADERS, header::ACCESS_CONTROL_ALLOW_HEADERS),
        ] {
            if let Some(value) = request.headers().get(asked) {
                response.headers_mut().insert(allowed, value.clone());
            }
        }
    }
    Some(response)
}

/// Sets the headers of an allowed origin, which replace the program's own. Returns whether the origin is allowed.
pub(super) fn add_origin(asked: &HeaderMap, cors: Option<&Cors>, headers: &mut HeaderMap) -> bool {
    let (Some(cors), Some(origin)) = (cors, asked.get(header::ORIGIN)) else { return false };
    let is_allowed = cors.is_any_origin() || cors.origins.iter().any(|allowed| origin == allowed);
    if is_allowed {
        let value = if cors.is_any_origin() { HeaderValue::from_static("*") } else { origin.clone() };
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, value);
        if cors.credentials {
            headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        }
        if cors.origins.len() > 1 {
            headers.append(header::VARY, HeaderValue::from_static("Origin"));
        }
    }
    is_allowed
}
