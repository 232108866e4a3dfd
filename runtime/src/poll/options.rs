use http::{Uri, uri::Scheme};
use omnifn_core::{Error, ErrorKind, Settings};

/// The settings of the Lambda loop.
#[derive(Debug)]
pub(super) struct Options {
    /// The address of the Runtime API: `host:port` on Lambda, a URL with a path under local tools.
    pub(super) endpoint: Uri,
    /// The number of invocations that run at once: more than one only on Managed Instances.
    pub(super) concurrency: u16,
    /// Whether the process is frozen into a snapshot after its start, and resumed from there.
    pub(super) snap_start: bool,
}

impl Options {
    /// Reads the settings, and checks the variables without which `lambda_runtime` would panic.
    pub(super) fn read(settings: &dyn Settings) -> Result<Self, Error> {
        let address = settings.get("AWS_LAMBDA_RUNTIME_API").ok_or_else(|| {
            config(
                "AWS_LAMBDA_RUNTIME_API is not set, so this is not an AWS Lambda environment: set OMNIFN_PROVIDER=local \
                 (with the feature `local`) to run here, or start the program by `cargo lambda watch` or the Lambda \
                 Runtime Interface Emulator",
            )
        })?;
        let endpoint = endpoint(&address)?;
        let concurrency = match settings.get("AWS_LAMBDA_MAX_CONCURRENCY") {
            None => 1,
            Some(text) => text.parse().ok().filter(|n| *n > 0).ok_or_else(|| {
                let limit = u16::MAX;
                config(format!(
                    "invalid value for AWS_LAMBDA_MAX_CONCURRENCY: {text:?}, expected a number from 1 to {limit}"
                ))
            })?,
        };
        for name in ["AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_VERSION"] {
            if settings.get(name).is_none() {
                return Err(config(format!("{name} is not set: set it as Lambda and its local tools do")));
            }
        }
        let memory = settings.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE").unwrap_or_default();
        if memory.parse::<i32>().is_err() {
            return Err(config(format!(
                "invalid value for AWS_LAMBDA_FUNCTION_MEMORY_SIZE: {memory:?}, expected a number of MB, as Lambda and its \
                 local tools set it"
            )));
        }
        let snap_start = settings.get("AWS_LAMBDA_INITIALIZATION_TYPE").as_deref() == Some("snap-start");
        Ok(Options { endpoint, concurrency, snap_start })
    }
}

/// Parses the address of a Runtime API.
pub(super) fn endpoint(text: &str) -> Result<Uri, Error> {
    let invalid = |why: &str| {
        config(format!(
            "invalid value for AWS_LAMBDA_RUNTIME_API: {text:?}, {why}; expected `host:port` or `http://host:port/path`, \
             as the platform or `cargo lambda` sets it"
        ))
    };
    let uri: Uri = text.parse().map_err(|error| invalid(&format!("{error}")))?;
    if uri.scheme().is_some_and(|scheme| *scheme != Scheme::HTTP) {
        return Err(invalid("the API is served over plain HTTP only"));
    }
    let authority =
        uri.authority().filter(|authority| !authority.host().is_empty()).ok_or_else(|| invalid("it has no host"))?;
    if authority.as_str().contains('@') || uri.query().is_some() {
        return Err(invalid("it has a user name or a query"));
    }
    let has_port = authority.as_str().len() > authority.host().len();
    if has_port && authority.port_u16().is_none_or(|port| port == 0) {
        return Err(invalid("its port is not a number from 1 to 65535"));
    }
    Ok(uri)
}

fn config(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Config, message.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_with_and_without_scheme_and_path() {
        for text in [
            "127.0.0.1:9001",
            "http://127.0.0.1:9000/.rt/fn",
            "http://localhost:9000/",
            "HTTP://localhost:9000/a%20b//",
            "[::1]:9001",
            "sandbox.local",
        ] {
            assert!(endpoint(text).is_ok_and(|uri| uri.authority().is_some()), "{text}");
        }
    }

    #[test]
    fn an_invalid_address_is_explained() {
        for (text, part) in [
            ("", "empty"),
            (" ", "invalid"),
            (":9001", "host"),
            ("http://", "invalid"),
            ("/path", "host"),
            ("127.0.0.1:9001/path", "invalid"),
            ("https://127.0.0.1:9001", "plain HTTP"),
            ("127.0.0.1:99999", "port"),
            ("127.0.0.1:0", "port"),
            ("127.0.0.1:", "port"),
            ("127.0.0.1:port", "port"),
            ("me@127.0.0.1:9001", "user name"),
            ("http://127.0.0.1:9001?a=b", "query"),
            ("127.0.0.1 :9001", "invalid"),
            ("żółw:9001", "invalid"),
        ] {
            let error = endpoint(text).unwrap_err().to_string();
            assert!(error.contains(part) && error.contains("expected `host:port`"), "{text}: {error}");
        }
    }
}
