use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    num::NonZero,
    time::Duration,
};

use omnifn_core::{Error, ErrorKind, Router, Settings};
use tokio::net::TcpListener;

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
    /// Tells the routes and how to try each at the start. A function, so that its code is in those programs alone that want it.
    pub banner: Option<fn(&Router, &TcpListener)>,
    /// How many threads there are, which share out the connections: as many as cores, unless set. Where the program has the feature
    /// `h2c`, as many as cores always, and they share out the requests.
    pub threads: Option<NonZero<usize>>,
    /// How long requests that are in flight, and the app's own hooks, have when the process is told to stop: 10 s unless set, which is
    /// what Cloud Run gives.
    pub grace: Duration,
    /// How long a client may keep silent where it has something to say or to take: the head of a request, more of its body, more of
    /// the answer. 30 s unless set; then it is cut off.
    pub patience: Duration,
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
            banner: None,
            threads: None,
            grace: Duration::from_secs(10),
            patience: Duration::from_secs(30),
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
        self.banner = Some(super::banner::tell);
        self
    }

    /// Cuts off a client that keeps silent for this long where it is waited for.
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Serves with so many threads.
    pub fn threads(mut self, threads: NonZero<usize>) -> Self {
        self.threads = Some(threads);
        self
    }

    /// Gives what is in flight this long to end when the process is told to stop.
    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// The address, as far as the environment says another.
    ///
    /// # Errors
    /// Where a variable holds no port or no IP address: says which, and what it holds.
    pub fn resolve(&self, settings: &dyn Settings) -> Result<SocketAddr, Error> {
        let mut address = self.address;
        if let Some(port) = settings.get(self.port_variable) {
            let known = port.trim_ascii().parse();
            let is = "no port: a number from 0 (any free one) to 65535";
            address.set_port(known.map_err(|_| wrong(self.port_variable, &port, is))?);
        }
        if let Some(name) = self.host_variable
            && let Some(host) = settings.get(name)
        {
            let bare = host.trim_ascii();
            let bare = bare.strip_prefix('[').and_then(|bare| bare.strip_suffix(']')).unwrap_or(bare);
            let known = bare.parse();
            let is = "no IP address: 127.0.0.1 for this machine alone, 0.0.0.0 for all";
            address.set_ip(known.map_err(|_| wrong(name, &host, is))?);
        }
        Ok(address)
    }
}

fn wrong(variable: &str, value: &str, is: &str) -> Error {
    Error::new(ErrorKind::Config, format!("{variable}={value:?} is {is}"))
}
