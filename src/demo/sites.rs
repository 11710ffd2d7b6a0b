//! Where the demo's parts answer: the gateway, the identity provider beside it and the applications, on one loopback
//! address and consecutive ports. Pure: names and addresses, no listener.

use std::fmt;

/// The one address that anything of the demo listens on. Cookies know no ports, so a sign-in at one counts for all.
pub const HOST: &str = "127.0.0.1";

/// What a sign-in is spoken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// SAML 2.0.
    Saml,
    /// OpenID Connect.
    Oidc,
}

impl Protocol {
    /// Both, in the order of the pages.
    pub const ALL: [Self; 2] = [Self::Saml, Self::Oidc];

    /// The word in forms.
    pub fn key(self) -> &'static str {
        match self {
            Self::Saml => "saml",
            Self::Oidc => "oidc",
        }
    }

    /// Reads the word of a form.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|protocol| protocol.key() == text)
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Saml => "SAML",
            Self::Oidc => "OpenID Connect",
        })
    }
}

/// One of the demo's applications.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Application {
    /// Its slug in the organizations file.
    pub slug: &'static str,
    /// What pages call it.
    pub name: &'static str,
    /// The slug of its organization.
    pub organization: &'static str,
    /// What pages call its organization.
    pub organization_name: &'static str,
    /// The connection whose people use it.
    pub connection: &'static str,
}

/// The applications, each at its own port: the gateway knows an application by its origin. The first is the story's.
pub const APPLICATIONS: [Application; 6] = [
    Application {
        slug: "wiki",
        name: "Wiki",
        organization: "acme-work",
        organization_name: "Acme Work",
        connection: "acme",
    },
    Application {
        slug: "assistant",
        name: "Assistant",
        organization: "acme-chat",
        organization_name: "Acme Chat",
        connection: "acme",
    },
    Application {
        slug: "api-keys",
        name: "API keys",
        organization: "acme-console",
        organization_name: "Acme Console",
        connection: "acme",
    },
    Application {
        slug: "board",
        name: "Team board",
        organization: "small-team",
        organization_name: "Small Team",
        connection: "smallteam",
    },
    Application {
        slug: "studio",
        name: "Studio",
        organization: "acme-studio",
        organization_name: "Acme Studio",
        connection: "acme",
    },
    Application {
        slug: "playground",
        name: "Playground",
        organization: "globex-console",
        organization_name: "Globex Console",
        connection: "globex",
    },
];

/// A trust of the gateway in the demo identity provider, as the latter sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceProvider {
    /// The connection's slug.
    pub slug: &'static str,
    /// Whose connection it is.
    pub label: &'static str,
    /// The domain whose people use it.
    pub domain: &'static str,
    /// Whether the connection takes answers that nobody asked for.
    pub idp_initiated: bool,
    /// Whether the connection offers a key to encrypt for.
    pub encryption: bool,
    /// The gateway's entity id for it.
    pub entity_id: String,
    /// Where answers go.
    pub acs: String,
}

/// A trust of the gateway in the demo identity provider that speaks OpenID Connect: what was registered for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// The connection's slug.
    pub slug: &'static str,
    /// Whose connection it is.
    pub label: &'static str,
    /// The domain whose people use it.
    pub domain: &'static str,
    /// What the gateway calls itself.
    pub client_id: String,
    /// The one address that codes go to; compared to the letter.
    pub redirect_uri: String,
    /// Where the browser may go after signing out.
    pub after_sign_out: String,
    /// Where the gateway is told that somebody signed out.
    pub back_channel: String,
}

/// The addresses of one running demo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sites {
    /// The gateway's origin.
    pub gateway: String,
    /// The identity provider's origin.
    pub idp: String,
    /// The applications' origins with their ports, in the order of [`APPLICATIONS`].
    pub applications: Vec<(u16, String)>,
    /// The gateway's SAML connections.
    pub service_providers: Vec<ServiceProvider>,
    /// The gateway's OpenID Connect connections.
    pub clients: Vec<Client>,
}

impl Sites {
    /// How many consecutive ports a demo takes.
    pub const PORTS: u16 = 2 + APPLICATIONS.len() as u16;

    /// The addresses of a demo whose gateway is at `port`.
    pub fn at(port: u16) -> Self {
        let origin = |offset: u16| format!("http://{HOST}:{}", port.saturating_add(offset));
        let gateway = origin(0);
        let service_provider = |slug, label, domain, idp_initiated| ServiceProvider {
            slug,
            label,
            domain,
            idp_initiated,
            encryption: true,
            entity_id: format!("{gateway}/saml/{slug}/metadata"),
            acs: format!("{gateway}/saml/{slug}/acs"),
        };
        let client = |slug, label, domain| Client {
            slug,
            label,
            domain,
            client_id: format!("usher-{slug}"),
            redirect_uri: format!("{gateway}/oidc/{slug}/callback"),
            after_sign_out: format!("{gateway}/signed-out"),
            back_channel: format!("{gateway}/oidc/{slug}/backchannel-logout"),
        };
        Self {
            clients: vec![client("globex", "Globex", "globex.test"), client("acme-next", "Acme (new)", "acme.test")],
            service_providers: vec![
                service_provider("acme", "Acme", "acme.test", false),
                service_provider("smallteam", "Small Team", "smallteam.test", true),
            ],
            idp: origin(1),
            applications: (2..Self::PORTS).map(|offset| (port.saturating_add(offset), origin(offset))).collect(),
            gateway,
        }
    }

    /// The identity provider's entity id, which is where its metadata is.
    pub fn idp_entity_id(&self) -> String {
        format!("{}/metadata", self.idp)
    }

    /// Where AuthnRequests go.
    pub fn sso(&self) -> String {
        format!("{}/sso", self.idp)
    }

    /// Where the gateway's directory is told of people and groups.
    pub fn scim(&self) -> String {
        format!("{}/scim/v2", self.gateway)
    }

    /// Its name as an OpenID provider, which is where its discovery document is looked for.
    pub fn issuer(&self) -> &str {
        &self.idp
    }

    /// The main application's origin.
    pub fn application(&self) -> &str {
        self.applications.first().map_or("", |(_, origin)| origin)
    }

    /// The origin of an application.
    pub fn origin_of(&self, slug: &str) -> &str {
        let at = APPLICATIONS.iter().position(|application| application.slug == slug);
        at.and_then(|at| self.applications.get(at)).map_or("", |(_, origin)| origin)
    }

    /// The application that listens at a port, with its origin.
    pub fn application_at(&self, port: u16) -> Option<(&'static Application, &str)> {
        let at = self.applications.iter().position(|(taken, _)| *taken == port)?;
        Some((APPLICATIONS.get(at)?, self.applications.get(at)?.1.as_str()))
    }

    /// The service provider that calls itself so.
    pub fn service_provider(&self, entity_id: &str) -> Option<&ServiceProvider> {
        self.service_providers.iter().find(|provider| provider.entity_id == entity_id)
    }

    /// The client that calls itself so.
    pub fn client(&self, client_id: &str) -> Option<&Client> {
        self.clients.iter().find(|client| client.client_id == client_id)
    }

    /// What pages call the company of a connection.
    pub fn label(&self, slug: &str) -> &'static str {
        let client = || self.clients.iter().find(|client| client.slug == slug).map(|client| client.label);
        self.connection(slug).map(|provider| provider.label).or_else(client).unwrap_or_default()
    }

    /// The service provider of a connection.
    pub fn connection(&self, slug: &str) -> Option<&ServiceProvider> {
        self.service_providers.iter().find(|provider| provider.slug == slug)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_has_an_origin_of_its_own_on_loopback() {
        let sites = Sites::at(8080);
        assert_eq!(sites.gateway, "http://127.0.0.1:8080");
        assert_eq!(sites.idp_entity_id(), "http://127.0.0.1:8081/metadata");
        assert_eq!(sites.application(), "http://127.0.0.1:8082");
        let (application, origin) = sites.application_at(8085).expect("the last port");
        assert_eq!((application.slug, origin), ("board", "http://127.0.0.1:8085"));
        assert_eq!(sites.application_at(8087).map(|(application, _)| application.slug), Some("playground"));
        assert_eq!(sites.origin_of("studio"), "http://127.0.0.1:8086");
        assert_eq!(sites.application_at(8088), None);
        assert_eq!(sites.application_at(8081), None);
        let acme = sites.service_provider("http://127.0.0.1:8080/saml/acme/metadata").expect("a connection");
        assert_eq!(acme.acs, "http://127.0.0.1:8080/saml/acme/acs");
        assert_eq!(sites.service_provider("http://127.0.0.1:8080/saml/acme/metadata/"), None);
    }
}
