use url::{Host, Url};

use crate::ids::{ApplicationId, OrganizationId, Slug};
use crate::product::{Product, RoleKey, SeatTypeKey};

/// An application behind the gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Application {
    /// Its row.
    pub id: ApplicationId,
    /// Whose it is.
    pub organization: OrganizationId,
    /// Unique in the organization.
    pub slug: Slug,
    /// What people call it.
    pub name: String,
    /// Where it is; also the audience of the signed identity header.
    pub url: String,
    /// Roles that may enter; empty lets every role in.
    pub roles: Vec<RoleKey>,
    /// Seat types that may enter; empty lets every seat type in.
    pub seats: Vec<SeatTypeKey>,
    /// Which further header names it understands.
    pub headers: HeaderPreset,
}

/// The names under which an application is told who this is, beside our own which are always sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HeaderPreset {
    /// Only `Remote-*` and `X-Usher-*`.
    #[default]
    Usher,
    /// Also oauth2-proxy's `X-Auth-Request-*` and `X-Forwarded-*`.
    OauthProxy,
    /// Also authentik's `X-authentik-*`.
    Authentik,
}

impl HeaderPreset {
    /// Every preset.
    pub const ALL: [Self; 3] = [Self::Usher, Self::OauthProxy, Self::Authentik];

    /// The word in files and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Usher => "usher",
            Self::OauthProxy => "oauth2-proxy",
            Self::Authentik => "authentik",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|preset| preset.as_str() == text)
    }
}

impl Application {
    /// Whether a member with this role and seat may enter.
    pub fn lets_in(&self, role: &RoleKey, seat: Option<&SeatTypeKey>, product: &Product) -> bool {
        let has_seat = !product.has_seats() || seat.is_some();
        let role_fits = self.roles.is_empty() || self.roles.contains(role);
        let seat_fits = self.seats.is_empty() || seat.is_some_and(|seat| self.seats.contains(seat));
        has_seat && role_fits && seat_fits
    }

    /// The origin of an application's address (RFC 6454: scheme, host and port, a default port left out), by which requests are
    /// matched. `None` for what is no address of a website, and for a host that no name or address can have: it goes into
    /// configurations of reverse proxies, where quotes, braces and semicolons mean something.
    pub fn origin(url: &str) -> Option<String> {
        let url = Url::parse(url).ok()?;
        let web = matches!(url.scheme(), "https" | "http") && url.username().is_empty() && url.password().is_none();
        let named = match url.host()? {
            Host::Domain(name) => {
                !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_'))
            }
            Host::Ipv4(_) | Host::Ipv6(_) => true,
        };
        (web && named).then(|| url.origin().ascii_serialization())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_an_origin_only_if_a_host_can_be_called_so() {
        for (url, origin) in [
            ("https://wiki.example.com", Some("https://wiki.example.com")),
            ("https://WIKI.example.com:443/start?a=b", Some("https://wiki.example.com")),
            ("http://wiki:8080/", Some("http://wiki:8080")),
            ("https://b\u{fc}cher.example", Some("https://xn--bcher-kva.example")),
            ("http://[::1]:3000", Some("http://[::1]:3000")),
            ("https://under_score.example", Some("https://under_score.example")),
            ("https://a;b.example", None),
            ("https://a}b.example", None),
            ("https://a`b.example", None),
            ("https://$host", None),
            ("https://a\"b", None),
            ("https://user@wiki.example.com", None),
            ("https://user:secret@wiki.example.com", None),
            ("ftp://wiki.example.com", None),
            ("javascript:alert(1)", None),
            ("data:text/html,x", None),
            ("//wiki.example.com", None),
            ("wiki.example.com", None),
            ("", None),
        ] {
            assert_eq!(Application::origin(url).as_deref(), origin, "{url}");
        }
    }
}
