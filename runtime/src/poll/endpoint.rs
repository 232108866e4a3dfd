use http::{HeaderValue, Uri, uri::Scheme};
use omnifn_core::{Error, ErrorKind};

/// Where the Runtime API is: `host:port` on Lambda itself, a URL with a path under local tools.
#[derive(Debug)]
pub(super) struct Endpoint {
    /// A name or an address, without the brackets of IPv6.
    pub(super) host: String,
    pub(super) port: u16,
    /// As the `host` header says it.
    pub(super) authority: HeaderValue,
    /// What stands before the API's own paths, without a slash at its end.
    pub(super) base: String,
}

impl Endpoint {
    /// Whether the platform itself, or AWS's emulator of it, is there, by the port that both have. What stands between it and the program
    /// has another, for one address has no room for both.
    pub(super) fn is_platforms_own(&self) -> bool {
        self.port == 9001 && self.base.is_empty()
    }

    pub(super) fn parse(text: &str) -> Result<Self, Error> {
        let wrong = |why: &str| {
            let words = format!(
                "AWS_LAMBDA_RUNTIME_API is {text:?}: {why}; expected `host:port` or `http://host:port/path`, as the \
                 platform or `cargo lambda` sets it"
            );
            Error::new(ErrorKind::Config, words)
        };
        let url = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
        let uri: Uri = url.parse().map_err(|error| wrong(&format!("it is no address ({error})")))?;
        if uri.scheme() != Some(&Scheme::HTTP) {
            return Err(wrong("the API is served over plain HTTP alone"));
        }
        if uri.query().is_some() {
            return Err(wrong("it has a query"));
        }
        let authority = uri.authority().ok_or_else(|| wrong("it has no host"))?;
        if authority.as_str().contains('@') {
            return Err(wrong("it has a user name"));
        }
        let host = authority.host();
        let port = match authority.as_str().strip_prefix(host) {
            Some("") => 80,
            Some(port) => port
                .strip_prefix(':')
                .and_then(|port| port.parse().ok())
                .filter(|port| *port != 0)
                .ok_or_else(|| wrong("its port is no number from 1 to 65535"))?,
            None => return Err(wrong("it has no host")),
        };
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        if host.is_empty() {
            return Err(wrong("it has no host"));
        }
        Ok(Endpoint {
            host: host.to_owned(),
            port,
            authority: HeaderValue::try_from(authority.as_str()).map_err(|_| wrong("it has no host"))?,
            base: uri.path().trim_end_matches('/').to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms() {
        let cases = [
            ("127.0.0.1:9001", "127.0.0.1", 9001, "127.0.0.1:9001", ""),
            ("http://127.0.0.1:9000/.rt/fn", "127.0.0.1", 9000, "127.0.0.1:9000", "/.rt/fn"),
            ("http://localhost:9000/", "localhost", 9000, "localhost:9000", ""),
            ("HTTP://localhost:9000/a%20b//", "localhost", 9000, "localhost:9000", "/a%20b"),
            ("[::1]:9001", "::1", 9001, "[::1]:9001", ""),
            ("sandbox.local", "sandbox.local", 80, "sandbox.local", ""),
        ];
        for (text, host, port, authority, base) in cases {
            let endpoint = Endpoint::parse(text).unwrap();
            assert_eq!((endpoint.host.as_str(), endpoint.port, endpoint.base.as_str()), (host, port, base), "{text}");
            assert_eq!(endpoint.authority, authority, "{text}");
        }
    }

    #[test]
    fn the_platform_is_known_by_its_port() {
        for (text, is_own) in [
            ("127.0.0.1:9001", true),
            ("169.254.100.1:9001", true),
            ("localhost:9001", true),
            ("127.0.0.1:9009", false),
            ("127.0.0.1", false),
            ("http://127.0.0.1:9001/.rt/fn", false),
        ] {
            assert_eq!(Endpoint::parse(text).unwrap().is_platforms_own(), is_own, "{text}");
        }
    }

    #[test]
    fn what_is_no_address_is_said() {
        let cases = [
            ("", "no address"),
            (" ", "no address"),
            (":9001", "no"),
            ("http://", "no address"),
            ("https://127.0.0.1:9001", "plain HTTP"),
            ("127.0.0.1:99999", "port"),
            ("127.0.0.1:0", "port"),
            ("127.0.0.1:", "port"),
            ("127.0.0.1:port", "port"),
            ("me@127.0.0.1:9001", "user name"),
            ("127.0.0.1:9001?a=b", "query"),
            ("127.0.0.1 :9001", "no address"),
            ("żółw:9001", "no address"),
        ];
        for (text, part) in cases {
            let error = Endpoint::parse(text).unwrap_err().to_string();
            assert!(error.contains(part) && error.contains("expected `host:port`"), "{text}: {error}");
        }
    }
}
