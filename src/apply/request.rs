use std::collections::BTreeMap;

use crate::clock::Timestamp;
use crate::connection::{SamlIdp, SealedSecret};
use crate::ids::Slug;
use crate::organizations_file::{Declared, DeclaredProtocol, MetadataSource, SecretSource};
use crate::saml::read_idp_metadata;
use crate::secrets;

/// What a file declares, with the documents and secrets it refers to already fetched and checked.
#[derive(Clone, Debug)]
pub struct Request {
    pub(super) declared: Declared,
    /// The identity provider of each SAML connection.
    pub(super) idps: BTreeMap<Slug, SamlIdp>,
    /// Why the metadata of a connection could not be read from its address. What is known of that address already still counts.
    pub(super) unreachable: BTreeMap<Slug, String>,
    /// The client secret of each OpenID Connect connection that names one.
    pub(super) client_secrets: BTreeMap<Slug, SealedSecret>,
    /// The hash of each directory token, by parent and name.
    pub(super) tokens: BTreeMap<(Slug, String), [u8; 32]>,
    /// Ids and challenges come from this and their names, so that running the transaction again makes the same ones.
    seed: [u8; 32],
}

/// The shortest token that may be declared.
const TOKEN_MIN: usize = 32;

impl Request {
    /// Fetches what the file refers to: `metadata` reads a file or address, `secret` a file or variable; `seal` closes the client
    /// secret of a connection. All that fails is told at once; an address that does not answer is left to be judged by what is known
    /// of the connection.
    pub fn gather(
        declared: Declared,
        now: Timestamp,
        metadata: impl Fn(&MetadataSource) -> Result<Vec<u8>, String>,
        secret: impl Fn(&SecretSource) -> Result<String, String>,
        seal: impl Fn(&Slug, &str) -> SealedSecret,
    ) -> Result<Self, Vec<String>> {
        let (mut idps, mut tokens, mut wrong) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
        let (mut client_secrets, mut unreachable) = (BTreeMap::new(), BTreeMap::new());
        for parent in &declared.parents {
            for connection in &parent.connections {
                let slug = &connection.slug;
                match &connection.protocol {
                    DeclaredProtocol::Oidc(oidc) => match oidc.client_secret.as_ref().map(&secret) {
                        None => {}
                        Some(Ok(text)) if text.is_empty() => {
                            wrong.push(format!("connection {slug}: client_secret: it is empty"));
                        }
                        Some(Ok(text)) => drop(client_secrets.insert(slug.clone(), seal(slug, &text))),
                        Some(Err(why)) => wrong.push(format!("connection {slug}: client_secret: {why}")),
                    },
                    DeclaredProtocol::Saml(saml) => {
                        let fetched = match (metadata(&saml.metadata), &saml.metadata) {
                            (Err(why), MetadataSource::Url(_)) => {
                                unreachable.insert(slug.clone(), why);
                                continue;
                            }
                            (fetched, _) => fetched,
                        };
                        let read =
                            fetched.and_then(|bytes| read_idp_metadata(&bytes, now).map_err(|error| error.to_string()));
                        match read {
                            Ok(idp) => drop(idps.insert(slug.clone(), idp)),
                            Err(why) => wrong.push(format!("connection {slug}: metadata: {why}")),
                        }
                    }
                }
            }
            for token in &parent.scim_tokens {
                match token.token.as_ref().map(&secret).unwrap_or(Ok(String::new())) {
                    Ok(_) if token.token.is_none() => {}
                    Ok(text) if text.len() < TOKEN_MIN => wrong.push(format!(
                        "scim_token {:?}: a token of at least {TOKEN_MIN} characters is expected, this has {}",
                        token.name,
                        text.len()
                    )),
                    Ok(text) => {
                        let hash = secrets::sha256(text.as_bytes());
                        tokens.insert((parent.slug.clone(), token.name.clone()), hash);
                    }
                    Err(why) => wrong.push(format!("scim_token {:?}: {why}", token.name)),
                }
            }
        }
        if wrong.is_empty() {
            Ok(Self { declared, idps, unreachable, client_secrets, tokens, seed: secrets::random() })
        } else {
            Err(wrong)
        }
    }

    /// For a file that refers to nothing outside itself.
    pub fn self_contained(
        declared: Declared,
        now: Timestamp,
        seal: impl Fn(&Slug, &str) -> SealedSecret,
    ) -> Result<Self, Vec<String>> {
        Self::gather(
            declared,
            now,
            |source| match source {
                MetadataSource::Inline(text) => Ok(text.clone().into_bytes()),
                MetadataSource::File(name) | MetadataSource::Url(name) => Err(format!("{name} is not read here")),
            },
            |source| match source {
                SecretSource::Inline(text) => Ok(text.clone()),
                SecretSource::File(name) | SecretSource::Environment(name) => Err(format!("{name} is not read here")),
            },
            seal,
        )
    }

    /// 128 unguessable bits in hex, the same for the same purpose within this request.
    pub(super) fn derived(&self, purpose: &str) -> String {
        let hash = secrets::sha256(&[&self.seed, purpose.as_bytes()].concat());
        hash[..16].iter().map(|byte| format!("{byte:02x}")).collect()
    }
}
