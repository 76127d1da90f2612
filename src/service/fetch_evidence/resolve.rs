//! Turns host names into addresses.

use std::io;
use std::net::IpAddr;
use std::net::ToSocketAddrs;

/// Something that knows the addresses of names.
pub trait Resolve: Send + Sync {
    /// All addresses of a host, in the order in which they are tried. May block for as long as the system
    /// waits for its name servers.
    ///
    /// # Errors
    /// When the name has none, or nobody can tell.
    fn addresses(&self, host: &str) -> io::Result<Vec<IpAddr>>;
}

/// The resolver of the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemResolver;

impl Resolve for SystemResolver {
    fn addresses(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        // The port is not looked up.
        let found = (host, 0).to_socket_addrs()?;
        Ok(found.map(|address| address.ip()).collect())
    }
}
