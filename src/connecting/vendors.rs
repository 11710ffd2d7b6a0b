//! What administrators of identity providers see in their consoles: where a connection is made, under which labels our values go, and
//! where what we need is found. The words are theirs, so they are in their language and never translated.

/// One of our values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ours {
    /// Where assertions are posted.
    AcsUrl,
    /// The same as a regular expression that matches nothing else.
    AcsPattern,
    /// Our name, which is the address of our metadata, too.
    EntityId,
    /// Where codes come back to.
    RedirectUri,
    /// Where the provider tells us of sign-outs.
    BackchannelUri,
    /// Where a sign-out ends.
    PostLogoutUri,
    /// Where a sign-in starts.
    InitiateUri,
}

/// How one identity provider is set up for one protocol.
pub(super) struct Vendor {
    /// The word in addresses.
    pub(super) key: &'static str,
    /// What it is called.
    pub(super) label: &'static str,
    /// It speaks OpenID Connect; else SAML.
    pub(super) oidc: bool,
    /// Where in its console.
    pub(super) path: &'static str,
    /// Our values under its labels.
    pub(super) ours: &'static [(&'static str, Ours)],
    /// What else has to be set there.
    pub(super) also: &'static [&'static str],
    /// Where it shows what we need.
    pub(super) gives: &'static str,
}

pub(super) const VENDORS: [Vendor; 14] = [
    Vendor {
        key: "okta",
        label: "Okta",
        oidc: false,
        path: "Applications → Create App Integration → SAML 2.0",
        ours: &[
            ("Single sign-on URL (tick \"Use this for Recipient URL and Destination URL\")", Ours::AcsUrl),
            ("Audience URI (SP Entity ID)", Ours::EntityId),
        ],
        also: &[
            "Name ID format: EmailAddress",
            "Attribute Statements: email = user.email, firstName = user.firstName, lastName = user.lastName, id = user.id",
            "Group Attribute Statements: Name \"groups\", Filter \"Matches regex\" .*",
        ],
        gives: "Sign On → SAML Signing Certificates → Actions → View IdP metadata",
    },
    Vendor {
        key: "entra",
        label: "Microsoft Entra ID",
        oidc: false,
        path: "Enterprise applications → New application → Create your own application → Non-gallery → Single sign-on → SAML → Basic SAML Configuration",
        ours: &[
            ("Identifier (Entity ID)", Ours::EntityId),
            ("Reply URL (Assertion Consumer Service URL)", Ours::AcsUrl),
        ],
        also: &[
            "Attributes & Claims → Add a group claim → Groups assigned to the application",
            "Users and groups: assign whoever is to sign in",
        ],
        gives: "SAML Certificates → App Federation Metadata Url",
    },
    Vendor {
        key: "google",
        label: "Google Workspace",
        oidc: false,
        path: "Apps → Web and mobile apps → Add app → Add custom SAML app",
        ours: &[("ACS URL", Ours::AcsUrl), ("Entity ID", Ours::EntityId)],
        also: &[
            "Name ID format: EMAIL",
            "Attributes: Primary email → email, First name → firstName, Last name → lastName",
            "Group membership (optional): pick the groups, App attribute \"groups\"",
            "User access: ON for everyone; it may take up to 24 hours",
        ],
        gives: "Download metadata (a file: upload it)",
    },
    Vendor {
        key: "onelogin",
        label: "OneLogin",
        oidc: false,
        path: "Applications → Add App → SAML Custom Connector (Advanced) → Configuration",
        ours: &[
            ("Audience (EntityID)", Ours::EntityId),
            ("Recipient", Ours::AcsUrl),
            ("ACS (Consumer) URL Validator", Ours::AcsPattern),
            ("ACS (Consumer) URL", Ours::AcsUrl),
        ],
        also: &[
            "SAML initiator: Service Provider; SAML signature element: Assertion",
            "Parameters (tick \"Include in SAML assertion\"): email, firstName, lastName, groups = MemberOf (Multi-value parameter)",
        ],
        gives: "More Actions → SAML Metadata",
    },
    Vendor {
        key: "jumpcloud",
        label: "JumpCloud",
        oidc: false,
        path: "SSO Applications → Add New Application → Custom SAML App → SSO",
        ours: &[("SP Entity ID", Ours::EntityId), ("ACS URL", Ours::AcsUrl)],
        also: &[
            "IdP Entity ID: any name of your choice, it must not be empty",
            "Sign Assertion and Declare Redirect Endpoint: tick both before the metadata is exported",
            "User Attribute Mapping: email, firstname, lastname; Group Attributes: include group attribute \"groups\"",
        ],
        gives: "SSO → JumpCloud Metadata → Export Metadata (a file: upload it)",
    },
    Vendor {
        key: "pingone",
        label: "PingOne",
        oidc: false,
        path: "Connections → Applications → Add → SAML Application → Manually Enter",
        ours: &[("ACS URLs", Ours::AcsUrl), ("Entity ID", Ours::EntityId)],
        also: &[
            "Attribute Mappings: email = Email Address, firstName = Given Name, lastName = Family Name, groups = Group Names",
        ],
        gives: "Configuration → IdP Metadata URL; switch the application on",
    },
    Vendor {
        key: "keycloak",
        label: "Keycloak",
        oidc: false,
        path: "Clients → Create client → Client type SAML",
        ours: &[
            ("Client ID", Ours::EntityId),
            ("Valid redirect URIs", Ours::AcsUrl),
            ("Master SAML Processing URL", Ours::AcsUrl),
        ],
        also: &[
            "Sign assertions: On; Client signature required: Off",
            "Client scopes → dedicated scope → Add mapper → Group list: \"groups\", Single Group Attribute On, Full group path Off",
        ],
        gives: "Realm settings → Endpoints → SAML 2.0 Identity Provider Metadata",
    },
    Vendor {
        key: "adfs",
        label: "AD FS",
        oidc: false,
        path: "Relying Party Trusts → Add Relying Party Trust → Import data about the relying party published online",
        ours: &[("Federation metadata address", Ours::EntityId)],
        also: &[
            "Claim rules: E-Mail-Addresses → E-Mail Address, Given-Name, Surname; then E-Mail Address → Name ID (format Email)",
            "Groups: \"Send LDAP Attributes as Claims\", Token-Groups - Unqualified Names → Group",
            "Set-ADFSRelyingPartyTrust -SamlResponseSignature MessageAndAssertion",
        ],
        gives: "https://YOUR-ADFS/FederationMetadata/2007-06/FederationMetadata.xml",
    },
    Vendor {
        key: "saml",
        label: "SAML 2.0",
        oidc: false,
        path: "",
        ours: &[
            ("Assertion Consumer Service (ACS) URL, HTTP-POST", Ours::AcsUrl),
            ("Entity ID", Ours::EntityId),
            ("SP metadata", Ours::EntityId),
        ],
        also: &["Attributes: email, displayName (or firstName, lastName), groups", "The assertion is signed"],
        gives: "SAML 2.0 IdP metadata",
    },
    Vendor {
        key: "okta-oidc",
        label: "Okta",
        oidc: true,
        path: "Applications → Create App Integration → OIDC - OpenID Connect → Web Application",
        ours: &[
            ("Sign-in redirect URIs", Ours::RedirectUri),
            ("Sign-out redirect URIs", Ours::PostLogoutUri),
            ("Initiate login URI", Ours::InitiateUri),
        ],
        also: &["Sign On → Token Claims → Show legacy configuration → Groups claim filter: groups, Matches regex .*"],
        gives: "General → Client ID and Client secrets; the issuer is https://YOUR-ORG.okta.com",
    },
    Vendor {
        key: "entra-oidc",
        label: "Microsoft Entra ID",
        oidc: true,
        path: "App registrations → New registration → Redirect URI (Web)",
        ours: &[("Redirect URI (Web)", Ours::RedirectUri)],
        also: &[
            "Token configuration → Add groups claim → Groups assigned to the application",
            "Token configuration → Add optional claim → ID: email, family_name, given_name",
        ],
        gives: "Application (client) ID; Certificates & secrets → Value (not Secret ID; it ends one day); the issuer is https://login.microsoftonline.com/TENANT-ID/v2.0",
    },
    Vendor {
        key: "google-oidc",
        label: "Google Workspace",
        oidc: true,
        path: "Google Auth Platform → Clients → Create client → Web application; Audience: Internal",
        ours: &[("Authorized redirect URIs", Ours::RedirectUri)],
        also: &["Google sends no groups over OpenID Connect: for group mappings choose SAML"],
        gives: "Client ID and Client secret; the issuer is https://accounts.google.com",
    },
    Vendor {
        key: "keycloak-oidc",
        label: "Keycloak",
        oidc: true,
        path: "Clients → Create client → Client type OpenID Connect → Client authentication On",
        ours: &[
            ("Valid redirect URIs", Ours::RedirectUri),
            ("Valid post logout redirect URIs", Ours::PostLogoutUri),
            ("Backchannel logout URL", Ours::BackchannelUri),
            ("Home URL", Ours::InitiateUri),
        ],
        also: &[
            "Client scopes → dedicated scope → Add mapper → Group Membership: \"groups\", Full group path Off, Add to ID token On",
        ],
        gives: "Settings → Client ID; Credentials → Client Secret; the issuer is https://YOUR-KEYCLOAK/realms/REALM",
    },
    Vendor {
        key: "oidc",
        label: "OpenID Connect",
        oidc: true,
        path: "",
        ours: &[
            ("Redirect URI", Ours::RedirectUri),
            ("Back-channel logout URI", Ours::BackchannelUri),
            ("Post-logout redirect URI", Ours::PostLogoutUri),
            ("Initiate login URI", Ours::InitiateUri),
        ],
        also: &[
            "Grant: authorization code with PKCE (S256)",
            "Claims in the ID token or userinfo: email, email_verified, name, groups",
        ],
        gives: "Issuer, client ID, client secret",
    },
];

/// The one that any identity provider of a protocol is set up as.
pub(super) fn generic(oidc: bool) -> &'static Vendor {
    let key = if oidc { "oidc" } else { "saml" };
    VENDORS.iter().find(|vendor| vendor.key == key).unwrap_or(&VENDORS[0])
}

/// The one of this key.
pub(super) fn find(key: &str) -> Option<&'static Vendor> {
    VENDORS.iter().find(|vendor| vendor.key == key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_told_apart_and_asks_for_what_its_protocol_needs() {
        for (index, vendor) in VENDORS.iter().enumerate() {
            assert!(VENDORS[index + 1..].iter().all(|other| other.key != vendor.key), "{}", vendor.key);
            let needed = if vendor.oidc { Ours::RedirectUri } else { Ours::EntityId };
            assert!(vendor.ours.iter().any(|(_, ours)| *ours == needed), "{}", vendor.key);
            assert!(!vendor.gives.is_empty() && find(vendor.key).is_some());
        }
    }

    /// What a value looks like in the guides: of the gateway at login.example.com, for a connection of Acme.
    fn example(ours: Ours, key: &str) -> String {
        let slug = format!("acme-{key}");
        let (saml, oidc) = ("https://login.example.com/saml", "https://login.example.com/oidc");
        match ours {
            Ours::AcsUrl => format!("{saml}/{slug}/acs"),
            Ours::AcsPattern => format!("^https:\\/\\/login\\.example\\.com\\/saml\\/{slug}\\/acs$"),
            Ours::EntityId => format!("{saml}/{slug}/metadata"),
            Ours::RedirectUri => format!("{oidc}/{slug}/callback"),
            Ours::BackchannelUri => format!("{oidc}/{slug}/backchannel-logout"),
            Ours::PostLogoutUri => "https://login.example.com/signed-out".to_owned(),
            Ours::InitiateUri => format!("https://login.example.com/sign-in/{slug}"),
        }
    }

    #[test]
    fn the_guide_of_each_says_what_the_page_says() {
        for vendor in &VENDORS {
            let file = match vendor.key.strip_suffix("-oidc").unwrap_or(vendor.key) {
                "oidc" => "openid-connect",
                name => name,
            };
            let path = format!("{}/docs/guides/{file}.md", env!("CARGO_MANIFEST_DIR"));
            let guide = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
            let says = |text: &str| assert!(guide.contains(text), "docs/guides/{file}.md does not say: {text}");
            says(&format!("**{}**", vendor.label));
            says(vendor.path);
            for (label, ours) in vendor.ours {
                says(&format!("| {label} | `{}` |", example(*ours, vendor.key)));
            }
            for also in vendor.also {
                says(&format!("\n- {also}\n"));
            }
            says(&format!("**{}**", vendor.gives));
        }
    }
}
