use std::future::Future;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Which addresses a client calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// Those out in the Internet.
    Public,
    /// Those of this machine and this network.
    Private,
    /// All.
    Anywhere,
}

/// What the resolver says of a name that leads where the client does not go.
pub(super) const IS_PRIVATE: &str = "the name leads to a private or loopback address";
pub(super) const IS_PUBLIC: &str = "the name leads to a public address, which plain http does not reach";

/// Asks the system, or in a test somebody who lies.
pub(super) type Lookup = Arc<dyn Fn(String) -> Found + Send + Sync>;
pub(super) type Found = Pin<Box<dyn Future<Output = std::io::Result<Vec<SocketAddr>>> + Send>>;

/// What the system says.
pub(super) fn system_lookup() -> Lookup {
    Arc::new(|name| Box::pin(async move { Ok(tokio::net::lookup_host((name.as_str(), 0)).await?.collect()) }))
}

/// Resolves names and hands on the checked addresses themselves, so that a second answer (DNS rebinding) is never asked for.
pub(super) struct Resolver {
    pub(super) reach: Reach,
    pub(super) lookup: Lookup,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (reach, found) = (self.reach, (self.lookup)(name.as_str().to_owned()));
        Box::pin(async move {
            let found = found.await?;
            // One private address among public ones is an attack or a mistake; either way nothing is called.
            match reach {
                Reach::Public if found.iter().any(|address| !is_public(address.ip())) => Err(IS_PRIVATE.into()),
                Reach::Private if found.iter().any(|address| is_public(address.ip())) => Err(IS_PUBLIC.into()),
                Reach::Public | Reach::Private | Reach::Anywhere => Ok(Box::new(found.into_iter()) as Addrs),
            }
        })
    }
}

/// Whether an address is out in the Internet, as opposed to this machine, this network or nowhere.
pub fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => {
            let [a, b, c, _] = ip.octets();
            let shared = a == 100 && (64..128).contains(&b);
            let special = a == 0 || a >= 240 || (a == 192 && b == 0 && c == 0) || (a == 198 && (b == 18 || b == 19));
            !(ip.is_loopback()
                || ip.is_private()
                || ip.is_link_local()
                || ip.is_multicast()
                || ip.is_documentation()
                || shared
                || special)
        }
        IpAddr::V6(ip) => match embedded_v4(ip) {
            Some(inner) => is_public(IpAddr::V4(inner)),
            None => {
                let first = ip.segments()[0];
                let unique_local = first & 0xfe00 == 0xfc00;
                let link_local = first & 0xffc0 == 0xfe80;
                let documentation = first == 0x2001 && ip.segments()[1] == 0xdb8;
                !(ip.is_loopback()
                    || ip.is_unspecified()
                    || ip.is_multicast()
                    || unique_local
                    || link_local
                    || documentation)
            }
        },
    }
}

/// The IPv4 address inside an IPv6 one: mapped, compatible, 6to4 and NAT64 all lead there.
fn embedded_v4(ip: Ipv6Addr) -> Option<std::net::Ipv4Addr> {
    let s = ip.segments();
    let v4 = |high: u16, low: u16| {
        std::net::Ipv4Addr::new((high >> 8) as u8, (high & 0xff) as u8, (low >> 8) as u8, (low & 0xff) as u8)
    };
    match s {
        [0, 0, 0, 0, 0, 0, 0, 0 | 1] => None,
        [0, 0, 0, 0, 0, 0xffff | 0, high, low] => Some(v4(high, low)),
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => Some(v4(high, low)),
        [0x2002, high, low, ..] => Some(v4(high, low)),
        _ => None,
    }
}
