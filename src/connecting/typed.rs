use crate::clock::Timestamp;
use crate::connection::{ClientAuth, Connection, Protocol};
use crate::web::form::Posted;

/// What was typed into the form of a connection, or stands there already. A secret is never among it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Typed {
    /// What people see.
    pub label: String,
    /// Where metadata is read.
    pub metadata_url: String,
    /// Metadata itself.
    pub metadata: String,
    /// SAML by hand: the identity provider's name.
    pub entity_id: String,
    /// SAML by hand: where people are sent.
    pub sso_url: String,
    /// SAML by hand: its signing certificates, PEM or base64.
    pub certificate: String,
    /// Ask for encrypted assertions.
    pub offer_encryption: bool,
    /// Sign our requests.
    pub sign_requests: bool,
    /// Accept what nobody asked for.
    pub idp_initiated: bool,
    /// Ask the identity provider to authenticate again.
    pub force_authn: bool,
    /// The issuer.
    pub issuer: String,
    /// Our name there.
    pub client_id: String,
    /// How we prove to be that client: the standard's word.
    pub client_auth: String,
    /// The day the secret ends.
    pub expires: String,
    /// What we ask for, with spaces between.
    pub scopes: String,
    /// The attributes that carry address, name, groups and subject; empty tries the well-known names.
    pub attributes: [String; 4],
    /// The groups attribute is left out for a person in no group.
    pub omits_empty_groups: bool,
}

/// The fields of the attribute names, in the order of [`Typed::attributes`], with the text keys of their labels.
pub const ATTRIBUTES: [(&str, &str); 4] = [
    ("attribute_email", "attribute-email"),
    ("attribute_name", "attribute-name"),
    ("attribute_groups", "attribute-groups"),
    ("attribute_subject", "attribute-subject"),
];

impl Typed {
    /// For a new connection.
    pub fn new(label: &str) -> Self {
        Self {
            label: label.to_owned(),
            client_auth: ClientAuth::Basic.as_str().to_owned(),
            scopes: "openid email profile".to_owned(),
            ..Self::default()
        }
    }

    /// As it stands.
    pub fn of(connection: &Connection) -> Self {
        let text = |name: &Option<String>| name.clone().unwrap_or_default();
        let names = &connection.attributes;
        let typed = Self {
            attributes: [&names.email, &names.name, &names.groups, &names.subject].map(text),
            omits_empty_groups: connection.omits_empty_groups,
            ..Self::new(&connection.label)
        };
        match &connection.protocol {
            Protocol::Saml(saml) => Self {
                metadata_url: text(&saml.metadata_url),
                offer_encryption: saml.offer_encryption,
                sign_requests: saml.sign_requests,
                idp_initiated: saml.idp_initiated,
                force_authn: saml.force_authn,
                ..typed
            },
            Protocol::Oidc(oidc) => Self {
                issuer: oidc.issuer.clone(),
                client_id: oidc.client_id.clone(),
                client_auth: oidc.client_auth.as_str().to_owned(),
                expires: oidc.client_secret_expires.map(Timestamp::date).unwrap_or_default(),
                scopes: oidc.scopes.join(" "),
                force_authn: oidc.force_authn,
                ..typed
            },
        }
    }

    /// Out of a form.
    pub fn sent(posted: &Posted) -> Self {
        let cut = |name: &str, most: usize| posted.field(name).chars().take(most).collect::<String>();
        let on = |name: &str| posted.field(name) == "on";
        let or = |text: String, default: &str| if text.is_empty() { default.to_owned() } else { text };
        Self {
            label: cut("label", 300),
            metadata_url: cut("metadata_url", 2000),
            metadata: posted.field("metadata").to_owned(),
            entity_id: cut("entity_id", 1100),
            sso_url: cut("sso_url", 2000),
            certificate: cut("certificate", 40_000),
            offer_encryption: on("offer_encryption"),
            sign_requests: on("sign_requests"),
            idp_initiated: on("idp_initiated"),
            force_authn: on("force_authn"),
            issuer: cut("issuer", 2000),
            client_id: cut("client_id", 500),
            client_auth: or(cut("client_auth", 40), ClientAuth::Basic.as_str()),
            expires: cut("expires", 20),
            scopes: or(cut("scopes", 500), "openid email profile"),
            attributes: ATTRIBUTES.map(|(field, _)| cut(field, 300)),
            omits_empty_groups: on("omits_empty_groups"),
        }
    }

    /// The ways to prove who we are: word, text key, and whether it is chosen.
    pub fn client_auths(&self) -> [(&'static str, &'static str, bool); 3] {
        ClientAuth::ALL.map(|(auth, word)| {
            let key = match auth {
                ClientAuth::Basic => "client-auth-basic",
                ClientAuth::Post => "client-auth-post",
                ClientAuth::PrivateKeyJwt => "client-auth-key",
            };
            (word, key, self.client_auth == word)
        })
    }

    /// The attribute names: field, text key, and what stands there.
    pub fn attribute_fields(&self) -> Vec<(&'static str, &'static str, &str)> {
        ATTRIBUTES.iter().zip(&self.attributes).map(|((field, key), value)| (*field, *key, value.as_str())).collect()
    }

    /// Something is set that most connections need not.
    pub fn has_options(&self) -> bool {
        self.omits_empty_groups
            || self.offer_encryption
            || self.sign_requests
            || self.idp_initiated
            || self.force_authn
            || self.attributes.iter().any(|name| !name.is_empty())
    }

    /// The other side is described by hand.
    pub fn by_hand(&self) -> bool {
        [&self.entity_id, &self.sso_url, &self.certificate].iter().any(|text| !text.is_empty())
    }
}
