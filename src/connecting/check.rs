//! Looks at what was typed about the other side, and at the other side itself, before anything is kept.

use super::Problems;
use super::typed::{ATTRIBUTES, Typed};
use crate::clock::Timestamp;
use crate::connection::{
    AttributeNames, ClientAuth, Connection, ConnectionStatus, OidcSettings, Protocol, SamlIdp, SamlSettings,
};
use crate::gateway::{Gateway, seal_client_secret};
use crate::ids::{ConnectionId, ParentId, Slug};
use crate::organizations_file::check_issuer;
use crate::outbound::Purpose;
use crate::providers::{self, Trouble};
use crate::saml::{MAX_XML, read_certificates_text, read_idp_metadata, write_idp_metadata};
use crate::web::form::Uploaded;
use crate::web::language::Texts;

/// A form of a connection as it was sent.
pub(super) struct Sent<'a> {
    pub(super) gateway: &'a Gateway,
    pub(super) texts: Texts,
    pub(super) typed: &'a Typed,
    pub(super) form: &'a Uploaded,
}

/// Of what the connection is made.
pub(super) struct Ground<'a> {
    pub(super) parent: ParentId,
    pub(super) slug: &'a Slug,
    pub(super) oidc: bool,
    /// The connection as it is, where there is one.
    pub(super) known: Option<&'a Connection>,
}

impl Sent<'_> {
    /// The connection that the form describes. Nothing is written.
    pub(super) async fn connection(&self, ground: &Ground<'_>) -> Result<Connection, Problems> {
        let mut problems = Problems::default();
        let label = problems.name("label", &self.typed.label, self.texts);
        let attributes = self.attributes(&mut problems);
        let known = ground.known.map(|known| &known.protocol);
        let protocol = if ground.oidc {
            let known = known.and_then(|known| if let Protocol::Oidc(oidc) = known { Some(oidc) } else { None });
            self.oidc(ground.slug, known).await.map(Protocol::Oidc)
        } else {
            let known = known.and_then(|known| if let Protocol::Saml(saml) = known { Some(saml) } else { None });
            self.saml(known).await.map(Protocol::Saml)
        };
        match (label, attributes, protocol) {
            (Some(label), Some(attributes), Ok(protocol)) => Ok(Connection {
                id: ground.known.map_or(ConnectionId(0), |known| known.id),
                parent: ground.parent,
                slug: ground.slug.clone(),
                label,
                status: ground.known.map_or(ConnectionStatus::Draft, |known| known.status),
                tested: ground.known.and_then(|known| known.tested),
                protocol,
                attributes,
                omits_empty_groups: self.typed.omits_empty_groups,
            }),
            (_, _, protocol) => {
                problems.0.extend(protocol.err().map(|problems| problems.0).unwrap_or_default());
                Err(problems)
            }
        }
    }

    fn attributes(&self, problems: &mut Problems) -> Option<AttributeNames> {
        let mut good = true;
        for ((field, _), name) in ATTRIBUTES.iter().zip(&self.typed.attributes) {
            if name.chars().count() > 256 || name.chars().any(char::is_control) {
                problems.add(field, self.texts.t("attribute-invalid"));
                good = false;
            }
        }
        let [email, name, groups, subject] =
            self.typed.attributes.clone().map(|name| Some(name).filter(|name| !name.is_empty()));
        good.then_some(AttributeNames { email, name, groups, subject })
    }

    /// What the metadata says, read from its address, from a file, from what was pasted, or made of the fields: one of them.
    async fn saml(&self, known: Option<&SamlSettings>) -> Result<SamlSettings, Problems> {
        let typed = self.typed;
        let address = Some(typed.metadata_url.as_str()).filter(|address| !address.is_empty());
        let same_address = known.is_some_and(|known| known.metadata_url.as_deref() == address);
        let file = self.form.file("metadata_file");
        let given = [file.is_some(), !typed.metadata.is_empty(), typed.by_hand()];
        let others = given.iter().filter(|given| **given).count();
        if others > 1 || (others == 1 && address.is_some()) {
            return Err(Problems::one("metadata_url", self.texts.t("setup-metadata-both")));
        }
        let idp = match (file, address) {
            (Some(file), _) => self.read(file, "metadata_file")?,
            _ if !typed.metadata.is_empty() => self.read(typed.metadata.as_bytes(), "metadata")?,
            _ if typed.by_hand() => self.by_hand(known.map(|known| &known.idp))?,
            (None, Some(address)) if !same_address => self.fetch(address).await?,
            (None, _) => match known {
                Some(known) => known.idp.clone(),
                None => return Err(Problems::one("metadata_url", self.texts.t("setup-metadata-missing"))),
            },
        };
        let before = known.cloned().unwrap_or_else(|| SamlSettings::new(idp.clone()));
        let pending = if same_address && others == 0 { before.pending.clone() } else { None };
        Ok(SamlSettings {
            idp,
            metadata_url: address.map(str::to_owned),
            pending,
            offer_encryption: typed.offer_encryption,
            sign_requests: typed.sign_requests,
            idp_initiated: typed.idp_initiated,
            force_authn: typed.force_authn,
            ..before
        })
    }

    fn read(&self, bytes: &[u8], field: &'static str) -> Result<SamlIdp, Problems> {
        read_idp_metadata(bytes, self.gateway.now()).map_err(|error| {
            let what = error.to_string();
            Problems::one(field, self.texts.with("setup-metadata-unusable", "what", &what))
        })
    }

    async fn fetch(&self, address: &str) -> Result<SamlIdp, Problems> {
        let fetched = self.gateway.outbound.get(Purpose::SamlMetadata, address, MAX_XML).await;
        let bytes = fetched.map_err(|error| self.troubled("metadata_url", &Trouble::from(error)))?;
        self.read(&bytes, "metadata_url")
    }

    /// What the fields say is written as metadata and read like any other: one place says what is usable. What they do not ask for
    /// stays as it is known, as long as it is the same identity provider.
    fn by_hand(&self, known: Option<&SamlIdp>) -> Result<SamlIdp, Problems> {
        let typed = self.typed;
        let mut problems = Problems::default();
        if typed.entity_id.is_empty() {
            problems.add("entity_id", self.texts.t("by-hand-entity-id-missing"));
        }
        if !typed.sso_url.starts_with("https://") && !typed.sso_url.starts_with("http://") {
            problems.add("sso_url", self.texts.t("by-hand-sso-url-invalid"));
        }
        let certificates = read_certificates_text(&typed.certificate);
        if let Err(error) = &certificates {
            let what = error.to_string();
            problems.add("certificate", self.texts.with("by-hand-certificate-unusable", "what", &what));
        }
        match certificates {
            Ok(certificates) if problems.is_empty() => {
                let same = known.filter(|known| known.entity_id == typed.entity_id);
                let idp = SamlIdp {
                    entity_id: typed.entity_id.clone(),
                    sso_redirect: Some(typed.sso_url.clone()),
                    certificates,
                    valid_until: None,
                    ..same.cloned().unwrap_or_default()
                };
                self.read(write_idp_metadata(&idp).as_bytes(), "entity_id")
            }
            _ => Err(problems),
        }
    }

    /// What the provider says of itself is read now, unless it is the one that is known.
    async fn oidc(&self, slug: &Slug, known: Option<&OidcSettings>) -> Result<OidcSettings, Problems> {
        let (typed, texts, mut problems) = (self.typed, self.texts, Problems::default());
        if check_issuer(&typed.issuer).is_err() {
            problems.add("issuer", texts.t("setup-issuer-invalid"));
        }
        if typed.client_id.is_empty() {
            problems.add("client_id", texts.t("setup-client-id-missing"));
        }
        let client_auth = ClientAuth::ALL.into_iter().find(|(_, word)| *word == typed.client_auth);
        let client_auth = client_auth.map(|(auth, _)| auth);
        if client_auth.is_none() {
            problems.add("client_auth", texts.t("setup-choose"));
        }
        let scopes: Vec<String> = typed.scopes.split_ascii_whitespace().map(str::to_owned).collect();
        if !scopes.iter().any(|scope| scope == "openid") {
            problems.add("scopes", texts.t("scopes-invalid"));
        }
        // Only the issuer that a secret was given for gets it: another one would learn what it is not to know.
        let same = known.filter(|known| known.issuer == typed.issuer);
        let secret = self.form.field("client_secret");
        let kept = same.and_then(|known| known.client_secret.clone());
        let client_secret = match (client_auth, secret) {
            (Some(ClientAuth::PrivateKeyJwt), _) => None,
            (_, "") if kept.is_some() => kept,
            (_, "") => {
                problems.add("client_secret", texts.t("setup-client-secret-missing"));
                None
            }
            (_, secret) => Some(seal_client_secret(&self.gateway.sealer, slug, secret)),
        };
        let expires = if typed.expires.is_empty() { None } else { Timestamp::parse(&typed.expires) };
        let as_known = expires.is_some() && expires == same.and_then(|known| known.client_secret_expires);
        if !typed.expires.is_empty() && !as_known && expires.is_none_or(|expires| expires <= self.gateway.now()) {
            problems.add("expires", texts.t("setup-expires-invalid"));
        }
        let (Some(client_auth), true) = (client_auth, problems.is_empty()) else { return Err(problems) };
        if same.is_none() {
            let read = providers::read(&self.gateway.outbound, &typed.issuer).await;
            read.map_err(|trouble| self.troubled("issuer", &trouble))?;
        }
        Ok(OidcSettings {
            issuer: typed.issuer.clone(),
            client_id: typed.client_id.clone(),
            client_auth,
            client_secret,
            client_secret_expires: expires,
            scopes,
            force_authn: typed.force_authn,
            ..same.cloned().unwrap_or_else(|| OidcSettings::new(&typed.issuer, &typed.client_id))
        })
    }

    fn troubled(&self, field: &'static str, trouble: &Trouble) -> Problems {
        let what = format!("{}. {}", trouble.what, trouble.next_step);
        Problems::one(field, self.texts.with("setup-unreachable", "what", &what))
    }
}
