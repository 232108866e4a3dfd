use std::{
    fmt::Write as _,
    net::{IpAddr, Ipv4Addr, SocketAddr},
};

use http::Method;
use omnifn_core::{Methods, Route, Router, Spec, StorageTrigger, Trigger, event::Class};
use tokio::net::TcpListener;

use crate::log;

/// Prints the address, the provider and why it was chosen, the routes, and a command that tries each.
pub(super) fn print(router: &Router, listener: &TcpListener, reason: Option<&str>) {
    if let Ok(address) = listener.local_addr() {
        log::text(text(router, address, reason).trim_end());
    }
}

fn text(router: &Router, address: SocketAddr, reason: Option<&str>) -> String {
    let shown = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => SocketAddr::new(Ipv4Addr::LOCALHOST.into(), address.port()),
        IpAddr::V6(ip) if ip.is_unspecified() => SocketAddr::new(Ipv4Addr::LOCALHOST.into(), address.port()),
        _ => address,
    };
    let routes = || router.specs().flat_map(|spec| spec.routes().iter().map(move |route| (spec.name, route)));
    let trigger = |spec: &Spec| match spec.source() {
        Some(source) => format!("{} {source:?}", spec.class()),
        None => spec.class().to_string(),
    };
    let shown_events = router.functions().iter().filter(|spec| spec.class() != Class::Http).collect::<Vec<_>>();
    let lengths = routes().map(|(_, route)| route.to_string()).chain(shown_events.iter().map(|spec| trigger(spec)));
    let widest = lengths.map(|text| text.chars().count()).max().unwrap_or_default();
    let mut text = format!("listening on http://{shown} (press Ctrl-C to stop)\n");
    if let Some(reason) = reason {
        let _ = writeln!(text, "{reason}");
    }
    text.push('\n');
    for (name, route) in routes() {
        // Writing to a string never fails.
        let _ = writeln!(text, "  {:widest$}  → {name}\n      {}", route.to_string(), curl(route, shown));
    }
    for spec in shown_events {
        let _ = writeln!(text, "  {:widest$}  → {}\n      {}", trigger(spec), spec.name, post(spec, shown));
    }
    text
}

/// Returns a command that posts an event to the function.
fn post(spec: &Spec, address: SocketAddr) -> String {
    let url = format!("http://{address}/_omnifn/{}", spec.name);
    if let Trigger::Storage(StorageTrigger { prefix, suffix, .. }) = spec.trigger {
        // A key that passes the function's filters.
        let key = format!("{}example{}", prefix.unwrap_or_default(), suffix.unwrap_or_default());
        return format!("curl '{url}?key={}' --data-binary ''", key.replace('\'', r"'\''"));
    }
    match spec.class() {
        Class::Invoke => format!("curl http://{address}/{} -d '{{}}'", spec.name),
        Class::Schedule => format!("curl -X POST {url}"),
        Class::Changes => format!("curl {url} -d '{{\"new\": {{}}}}'"),
        _ => format!("curl {url} -d '{{}}'"),
    }
}

/// Returns a command that calls the route.
fn curl(route: &Route, address: SocketAddr) -> String {
    let url = format!("http://{address}{}", path(route.path.unwrap_or("/")));
    // Other characters are quoted, because some have a meaning in a shell.
    let plain = |c: char| c.is_ascii_alphanumeric() || "/:._-~".contains(c);
    let url = if url.chars().all(plain) { url } else { format!("'{}'", url.replace('\'', r"'\''")) };
    match method(route.methods) {
        Method::GET => format!("curl {url}"),
        Method::HEAD => format!("curl -I {url}"),
        method @ (Method::POST | Method::PUT | Method::PATCH) => {
            format!("curl -X {method} {url} -H 'content-type: application/json' -d '{{}}'")
        }
        method => format!("curl -X {method} {url}"),
    }
}

fn method(methods: Methods) -> Method {
    if methods.is_any() {
        return Method::GET;
    }
    methods.iter().next().unwrap_or(Method::GET)
}

/// Returns a path that matches the pattern: each parameter is replaced by `1` if it is an id, and by its name otherwise.
fn path(pattern: &str) -> String {
    let mut path = String::new();
    let mut rest = pattern;
    while let Some((before, (name, after))) =
        rest.split_once('{').and_then(|(before, rest)| Some((before, rest.split_once('}')?)))
    {
        let name = name.trim_start_matches('*');
        path.push_str(before);
        path.push_str(if name == "id" || name.ends_with("_id") { "1" } else { name });
        rest = after;
    }
    path.push_str(rest);
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_for_each_kind_of_route() {
        let curl = |methods, path| curl(&Route { methods, path }, ([127, 0, 0, 1], 8080).into());
        assert_eq!(curl(Methods::GET, Some("/notes/{id}")), "curl http://127.0.0.1:8080/notes/1");
        assert_eq!(curl(Methods::GET, Some("/f/{*path}")), "curl http://127.0.0.1:8080/f/path");
        assert_eq!(curl(Methods::ANY, None), "curl http://127.0.0.1:8080/");
        assert_eq!(curl(Methods::HEAD, Some("/a&b")), "curl -I 'http://127.0.0.1:8080/a&b'");
        assert_eq!(curl(Methods::DELETE, Some("/{user_id}")), "curl -X DELETE http://127.0.0.1:8080/1");
        let json = "curl -X POST http://127.0.0.1:8080/notes -H 'content-type: application/json' -d '{}'";
        assert_eq!(curl(Methods::POST.and(Methods::PUT), Some("/notes")), json);
    }
}
