use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// Where and how to serve.
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
    /// The address to listen on, as far as the environment does not say another.
    pub address: SocketAddr,
    /// The environment variable that says the port: `PORT`, unless set.
    pub port_variable: &'static str,
    /// The environment variable that says the IP address, if one may.
    pub host_variable: Option<&'static str>,
    /// Tells the routes and how to try each at the start.
    pub banner: bool,
    /// Logs a line for each request.
    pub access_log: bool,
}

impl Options {
    /// Serves on all of this machine's addresses.
    pub fn any_address(port: u16) -> Self {
        Options::new(Ipv4Addr::UNSPECIFIED.into(), port)
    }

    /// Serves for this machine alone.
    pub fn loopback(port: u16) -> Self {
        Options::new(Ipv4Addr::LOCALHOST.into(), port)
    }

    fn new(host: IpAddr, port: u16) -> Self {
        Options {
            address: SocketAddr::new(host, port),
            port_variable: "PORT",
            host_variable: None,
            banner: false,
            access_log: false,
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

    /// Tells the routes at the start, and how to try each.
    pub fn with_banner(mut self) -> Self {
        self.banner = true;
        self
    }

    /// Logs a line for each request.
    pub fn with_access_log(mut self) -> Self {
        self.access_log = true;
        self
    }
}
