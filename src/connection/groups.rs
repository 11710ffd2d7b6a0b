//! Which setting of an identity provider makes groups arrive (rule B17). A table: vendors differ by data, never by code.

use super::{Connection, Protocol};

/// What is wrong with the groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupsTrouble {
    /// They were not sent.
    NotSent,
    /// The identity provider says there are too many to send.
    TooMany,
}

/// One kind of identity provider: what its names contain, and where its groups are switched on.
struct Vendor {
    marks: &'static [&'static str],
    saml: &'static str,
    oidc: &'static str,
    too_many_saml: &'static str,
    too_many_oidc: &'static str,
}

const GOOGLE: &str = "accounts.google.com";

const ENTRA: &[&str] = &["login.microsoftonline.com", "sts.windows.net"];

const VENDORS: [Vendor; 4] = [
    Vendor {
        marks: ENTRA,
        saml: "In the Entra admin center: Enterprise applications, this application, Single sign-on, Attributes & Claims, Add a group claim, \"Groups assigned to the application\".",
        oidc: "In the Entra admin center: App registrations, this application, Token configuration, Add groups claim, \"Groups assigned to the application\".",
        too_many_saml: "In the Entra admin center: Enterprise applications, this application, Single sign-on, Attributes & Claims, the group claim: choose \"Groups assigned to the application\", and assign it the groups that are mapped here.",
        too_many_oidc: "In the Entra admin center: App registrations, this application, Token configuration, the groups claim: choose \"Groups assigned to the application\", and assign it the groups that are mapped here. Or set groups_endpoint on this connection, so that they are asked for.",
    },
    Vendor {
        marks: &[GOOGLE],
        saml: "In the Google Admin console: Apps, Web and mobile apps, this app, SAML attribute mapping, Group membership: choose the groups, App attribute \"groups\".",
        oidc: "Google sends no groups by OpenID Connect, whatever is set there: use a SAML app of Google Workspace for group mappings, or directory sync.",
        too_many_saml: "Choose fewer groups in Google's SAML attribute mapping.",
        too_many_oidc: "",
    },
    Vendor {
        marks: &[".okta.com", ".oktapreview.com", ".okta-emea.com"],
        saml: "In the Okta admin console: Applications, this application, Sign On, Attribute statements, Show legacy configuration, Group attribute statements: name \"groups\", Matches regex .*",
        oidc: "In the Okta admin console: Applications, this application, Sign On, Token claims, Show legacy configuration, Groups claim filter: \"groups\", Matches regex .*",
        too_many_saml: "",
        too_many_oidc: "",
    },
    Vendor {
        marks: &["/realms/"],
        saml: "In Keycloak: Clients, this client, Client scopes, the dedicated scope, Add mapper, Group list: attribute \"groups\", Full group path off.",
        oidc: "In Keycloak: Clients, this client, Client scopes, the dedicated scope, Add mapper, Group Membership: claim \"groups\", Full group path off, Add to ID token on.",
        too_many_saml: "",
        too_many_oidc: "",
    },
];

impl Connection {
    /// Whether the identity provider never tells groups over this protocol, so that mappings by group lead nowhere.
    pub fn never_sends_groups(&self) -> bool {
        matches!(&self.protocol, Protocol::Oidc(oidc) if oidc.issuer.contains(GOOGLE))
    }

    /// Whether the identity provider pushes its directory every forty minutes only (rule B30).
    pub fn pushes_rarely(&self) -> bool {
        ENTRA.iter().any(|mark| self.their_name().contains(mark))
    }

    fn their_name(&self) -> &str {
        match &self.protocol {
            Protocol::Saml(saml) => &saml.idp.entity_id,
            Protocol::Oidc(oidc) => &oidc.issuer,
        }
    }

    /// Which setting to change so that groups arrive: the exact one, where it is known.
    pub fn groups_setting(&self, trouble: GroupsTrouble) -> String {
        let name = self.their_name();
        let vendor = VENDORS.iter().find(|vendor| vendor.marks.iter().any(|mark| name.contains(mark)));
        let known = vendor.map_or("", |vendor| match (trouble, &self.protocol) {
            (GroupsTrouble::NotSent, Protocol::Saml(_)) => vendor.saml,
            (GroupsTrouble::NotSent, Protocol::Oidc(_)) => vendor.oidc,
            (GroupsTrouble::TooMany, Protocol::Saml(_)) => vendor.too_many_saml,
            (GroupsTrouble::TooMany, Protocol::Oidc(_)) => vendor.too_many_oidc,
        });
        if !known.is_empty() {
            return known.to_owned();
        }
        let attribute = self.attributes.groups.as_deref().unwrap_or("groups");
        match (trouble, &self.protocol) {
            (GroupsTrouble::TooMany, _) => {
                "Let the identity provider send only the groups that are mapped here.".to_owned()
            }
            (GroupsTrouble::NotSent, Protocol::Saml(_)) => format!(
                "Let the identity provider send the groups as attribute {attribute:?}, or name the one it sends under attributes.groups. If it leaves the attribute out for people in no group, set omits_empty_groups."
            ),
            (GroupsTrouble::NotSent, Protocol::Oidc(_)) => format!(
                "Let the provider send the groups as claim {attribute:?} in the ID token or from userinfo (it may want a scope asked for: scopes), or name the one it sends under attributes.groups. If it leaves the claim out for people in no group, set omits_empty_groups."
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::{AttributeNames, ConnectionStatus, OidcSettings};
    use crate::ids::{ConnectionId, ParentId, Slug};

    fn at(issuer: &str) -> Connection {
        Connection {
            id: ConnectionId(1),
            parent: ParentId(1),
            slug: Slug::parse("idp").expect("a slug"),
            label: "IdP".to_owned(),
            status: ConnectionStatus::Active,
            tested: None,
            protocol: Protocol::Oidc(OidcSettings::new(issuer, "usher")),
            attributes: AttributeNames { groups: Some("roles".to_owned()), ..AttributeNames::default() },
            omits_empty_groups: false,
        }
    }

    #[test]
    fn b17_the_setting_is_named_as_the_identity_provider_names_it() {
        let entra = at("https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0");
        assert!(entra.groups_setting(GroupsTrouble::TooMany).contains("Groups assigned to the application"));
        assert!(entra.groups_setting(GroupsTrouble::TooMany).contains("groups_endpoint"));
        assert!(entra.groups_setting(GroupsTrouble::NotSent).contains("Token configuration, Add groups claim"));
        assert!(at("https://acme.okta.com").groups_setting(GroupsTrouble::NotSent).contains("Groups claim filter"));
        assert!(
            at("https://id.acme.example/realms/acme")
                .groups_setting(GroupsTrouble::NotSent)
                .contains("Full group path off")
        );
        let other = at("https://id.acme.example");
        assert!(other.groups_setting(GroupsTrouble::NotSent).contains("claim \"roles\""));
        assert!(!other.groups_setting(GroupsTrouble::TooMany).is_empty());
    }

    #[test]
    fn google_says_no_groups_by_openid_connect() {
        let google = at("https://accounts.google.com");
        assert!(google.never_sends_groups() && !at("https://id.acme.example").never_sends_groups());
        assert!(google.groups_setting(GroupsTrouble::NotSent).starts_with("Google sends no groups by OpenID Connect"));
    }
}
