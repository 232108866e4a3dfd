use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Duration,
};

use omnifn_core::{Error, ErrorKind, Settings};

/// The address, the timeouts, and the limits of a server.
///
/// ```
/// use omnifn_runtime::serve::Options;
///
/// let options = Options::loopback(8080).port_variable("FUNCTIONS_CUSTOMHANDLER_PORT");
/// assert_eq!(options.address, ([127, 0, 0, 1], 8080).into());
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Options {
    /// The address to listen on, unless the environment sets another.
    pub address: SocketAddr,
    /// The environment variable for the port. The default is `PORT`.
    pub port_variable: &'static str,
    /// The environment variable for the IP address, if there is one.
    pub host_variable: Option<&'static str>,
    /// Which provider this is, and why it was chosen. It is logged at the start, or is a line of the banner.
    pub reason: Option<String>,
    /// Whether to print the routes at the start, with a command that tries each.
    pub banner: bool,
    /// The time for requests in flight, the app's shutdown hook and the last export of telemetry, after a shutdown signal. The default
    /// is the 10 s of Cloud Run.
    pub grace: Duration,
    /// How long a client may take to send the head of a request, to send more of its body, or to receive more of the response. The
    /// default is 30 s.
    pub client_timeout: Duration,
}

impl Options {
    /// Listens on all addresses of this machine.
    pub fn any_address(port: u16) -> Self {
        Options::new(Ipv4Addr::UNSPECIFIED.into(), port)
    }

    /// Listens on the loopback address, for clients on this machine only.
    pub fn loopback(port: u16) -> Self {
        Options::new(Ipv4Addr::LOCALHOST.into(), port)
    }

    fn new(host: IpAddr, port: u16) -> Self {
        Options {
            address: SocketAddr::new(host, port),
            port_variable: "PORT",
            host_variable: None,
            reason: None,
            banner: false,
            grace: Duration::from_secs(10),
            client_timeout: Duration::from_secs(30),
        }
    }

    /// Takes the port from this environment variable.
    pub fn port_variable(mut self, name: &'static str) -> Self {
        self.port_variable = name;
        self
    }

    /// Takes the IP address from this environment variable.
    pub fn host_variable(mut self, name: &'static str) -> Self {
        self.host_variable = Some(name);
        self
    }

    /// States at the start which provider this is, and why it was chosen.
    pub fn reason(mut self, reason: Option<String>) -> Self {
        self.reason = reason;
        self
    }

    /// Prints the routes at the start, with a command that tries each.
    pub fn with_banner(mut self) -> Self {
        self.banner = true;
        self
    }

    /// Returns the address to listen on: that of the environment, or the default.
    ///
    /// # Errors
    /// A variable is not a port or not an IP address.
    pub fn resolve(&self, settings: &dyn Settings) -> Result<SocketAddr, Error> {
        let mut address = self.address;
        if let Some(port) = settings.get(self.port_variable) {
            let expected = "a port number from 0 (any free port) to 65535";
            address.set_port(port.trim().parse().map_err(|_| invalid(self.port_variable, &port, expected))?);
        }
        if let Some(name) = self.host_variable
            && let Some(host) = settings.get(name)
        {
            let bare = host.trim();
            let bare = bare.strip_prefix('[').and_then(|bare| bare.strip_suffix(']')).unwrap_or(bare);
            let expected = "an IP address, such as 127.0.0.1 for this machine only or 0.0.0.0 for all addresses";
            address.set_ip(bare.parse().map_err(|_| invalid(name, &host, expected))?);
        }
        Ok(address)
    }
}

fn invalid(variable: &str, value: &str, expected: &str) -> Error {
    Error::new(ErrorKind::Config, format!("invalid value {value:?} for {variable}: expected {expected}"))
}
