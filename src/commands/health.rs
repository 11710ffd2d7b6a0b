use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::output::{Failure, chain, say};
use super::setting::{self, Setting};
use crate::config::{Config, Tls};
use crate::outbound::Purpose;

pub(super) fn health(setting: &Setting) -> Result<(), Failure> {
    let config = setting.load()?;
    match ask(&config, "/healthz")? {
        Ok(()) => {
            say("healthy");
            Ok(())
        }
        Err(why) => Err(Failure::failed(why)),
    }
}

/// Asks the running server; the inner error says what came instead.
pub(super) fn ask(config: &Config, path: &str) -> Result<Result<(), String>, Failure> {
    let url = match config.tls {
        Tls::Off => format!("http://{}{path}", reachable(config.server.listen)),
        // The certificate is for the public name.
        Tls::Files { .. } => format!("{}{path}", config.server.base()),
    };
    let outbound = setting::outbound(config, true)?;
    let asked = setting::runtime()?.block_on(outbound.get(Purpose::Health, &url, 1024));
    Ok(asked.map(|_| ()).map_err(|error| format!("{url}: {}; is the server running?", chain(&error))))
}

/// Where a server that listens everywhere can be asked from here.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}
