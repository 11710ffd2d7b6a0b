//! Reads the metadata of an identity provider: one IdP, its keys, its endpoints. Fetches nothing.

use roxmltree::Node;

use crate::clock::Timestamp;
use crate::connection::{IdpCertificate, SamlIdp};

use super::keys::{CertificateError, read_certificate};
use super::limits::{self, Cdata, XmlError};
use super::time;
use super::xml::{DS, MD, SAMLP, attribute, base64_text, child, children, is, shown};

const REDIRECT: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect";
const POST: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";

/// Why a document is not the metadata of one identity provider.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MetadataError {
    /// Not an XML document we read.
    #[error("expected SAML metadata: {0}")]
    Xml(#[from] XmlError),
    /// Another document.
    #[error("expected an EntityDescriptor, found {found}; download the identity provider's metadata, not its page")]
    NotMetadata {
        /// The root element.
        found: String,
    },
    /// Nobody in it signs people in.
    #[error("expected an identity provider (IDPSSODescriptor for SAML 2.0), found {found}")]
    NoIdp {
        /// What it describes.
        found: String,
    },
    /// More than one.
    #[error("expected one identity provider, found {count}: {names}; give the metadata of one of them")]
    SeveralIdps {
        /// How many.
        count: usize,
        /// The first of them.
        names: String,
    },
    /// The identity provider says that it is too old.
    #[error("expected current metadata, but this was valid until {valid_until}; download it again")]
    Expired {
        /// validUntil.
        valid_until: Timestamp,
    },
    /// A time that cannot be read.
    #[error("expected a time in validUntil, found {found}")]
    NotATime {
        /// Its text.
        found: String,
    },
    /// No usable name.
    #[error("expected an entityID of 1 to 1024 characters, found {found}")]
    EntityId {
        /// What stands there.
        found: String,
    },
    /// No certificate, so nothing could ever be verified.
    #[error(
        "expected a signing certificate, found none; Entra ID has one in the metadata of the application, not of the tenant"
    )]
    NoCertificate,
    /// Certificates, but none that we verify with.
    #[error("expected a usable signing certificate, but of the one found {reason}")]
    Certificate {
        /// Why not.
        reason: CertificateError,
    },
    /// Not base64.
    #[error("expected base64 in X509Certificate, found something else")]
    CertificateText,
    /// No endpoint we can use.
    #[error("expected a SingleSignOnService with HTTP-Redirect or HTTP-POST, found {found}")]
    NoEndpoint {
        /// The bindings there are.
        found: String,
    },
    /// An endpoint that is no web address.
    #[error("expected an http or https address in {service}, found {found}")]
    Endpoint {
        /// Which service.
        service: &'static str,
        /// Its location.
        found: String,
    },
}

/// Reads metadata from a file or an answer. Its signature, if any, is not looked at: who hands it in vouches for it.
pub fn read_idp_metadata(bytes: &[u8], now: Timestamp) -> Result<SamlIdp, MetadataError> {
    let text = limits::checked_text(bytes, Cdata::Allowed)?;
    let document = limits::parse(&text)?;
    let root = document.root_element();
    if !is(root, MD, "EntityDescriptor") && !is(root, MD, "EntitiesDescriptor") {
        return Err(MetadataError::NotMetadata { found: shown(root.tag_name().name()) });
    }
    let entities: Vec<Node> = root.descendants().filter(|node| is(*node, MD, "EntityDescriptor")).collect();
    let mut idps = entities.iter().filter_map(|entity| Some((*entity, idp_descriptor(*entity)?)));
    let Some((entity, descriptor)) = idps.next() else {
        let sp = entities.iter().any(|entity| child(*entity, MD, "SPSSODescriptor").is_some());
        let found = if sp { "a service provider".to_owned() } else { format!("{} other entities", entities.len()) };
        return Err(MetadataError::NoIdp { found });
    };
    let others = idps.count();
    if others > 0 {
        let with_idp = entities.iter().filter(|entity| idp_descriptor(**entity).is_some());
        let names: Vec<&str> = with_idp.take(5).map(|entity| attribute(*entity, "entityID").unwrap_or("?")).collect();
        return Err(MetadataError::SeveralIdps { count: others + 1, names: shown(&names.join(", ")) });
    }
    let valid_until = valid_until(descriptor)?;
    if let Some(valid_until) = valid_until.filter(|valid_until| *valid_until <= now) {
        return Err(MetadataError::Expired { valid_until });
    }
    let entity_id = attribute(entity, "entityID").unwrap_or("");
    if !(1..=1024).contains(&entity_id.chars().count()) || entity_id.trim() != entity_id {
        return Err(MetadataError::EntityId { found: shown(entity_id) });
    }
    let certificates = certificates(descriptor)?;
    let sso_redirect = endpoint(descriptor, "SingleSignOnService", REDIRECT)?;
    let sso_post = endpoint(descriptor, "SingleSignOnService", POST)?;
    if sso_redirect.is_none() && sso_post.is_none() {
        let bindings: Vec<&str> =
            children(descriptor, MD, "SingleSignOnService").filter_map(|s| attribute(s, "Binding")).collect();
        let found = if bindings.is_empty() { "none".to_owned() } else { shown(&bindings.join(", ")) };
        return Err(MetadataError::NoEndpoint { found });
    }
    Ok(SamlIdp {
        entity_id: entity_id.to_owned(),
        sso_redirect,
        sso_post,
        slo_redirect: endpoint(descriptor, "SingleLogoutService", REDIRECT)?,
        slo_response: location(descriptor, "SingleLogoutService", REDIRECT, "ResponseLocation")?,
        wants_signed_requests: matches!(attribute(descriptor, "WantAuthnRequestsSigned"), Some("true" | "1")),
        certificates,
        valid_until,
    })
}

fn idp_descriptor<'a, 'i>(entity: Node<'a, 'i>) -> Option<Node<'a, 'i>> {
    children(entity, MD, "IDPSSODescriptor").find(|descriptor| {
        attribute(*descriptor, "protocolSupportEnumeration")
            .is_none_or(|protocols| protocols.split_ascii_whitespace().any(|protocol| protocol == SAMLP))
    })
}

/// The earliest validUntil of the descriptor and everything around it.
fn valid_until(descriptor: Node) -> Result<Option<Timestamp>, MetadataError> {
    let mut earliest: Option<Timestamp> = None;
    for node in descriptor.ancestors().filter(Node::is_element) {
        if let Some(text) = attribute(node, "validUntil") {
            let moment = time::parse(text).ok_or_else(|| MetadataError::NotATime { found: shown(text) })?;
            earliest = Some(earliest.map_or(moment, |earliest| earliest.min(moment)));
        }
    }
    Ok(earliest)
}

/// The certificates that may sign: `use="signing"` or no use at all. Unusable ones are left out if a usable one remains.
fn certificates(descriptor: Node) -> Result<Vec<IdpCertificate>, MetadataError> {
    let mut usable: Vec<IdpCertificate> = Vec::new();
    let mut refused = None;
    let keys = children(descriptor, MD, "KeyDescriptor")
        .filter(|key| attribute(*key, "use").is_none_or(|purpose| purpose == "signing"));
    for info in keys.flat_map(|key| children(key, DS, "KeyInfo")) {
        // Further certificates of one X509Data are a chain, and chains are not looked at.
        for certificate in children(info, DS, "X509Data").filter_map(|data| child(data, DS, "X509Certificate")) {
            let text = certificate.text().unwrap_or("");
            let der = base64_text(text).ok_or(MetadataError::CertificateText)?;
            match read_certificate(&der) {
                Ok(certificate) if usable.contains(&certificate) => {}
                Ok(certificate) => usable.push(certificate),
                Err(reason) => refused = Some(reason),
            }
        }
    }
    match (usable.is_empty(), refused) {
        (false, _) => Ok(usable),
        (true, Some(reason)) => Err(MetadataError::Certificate { reason }),
        (true, None) => Err(MetadataError::NoCertificate),
    }
}

fn endpoint(descriptor: Node, service: &'static str, binding: &str) -> Result<Option<String>, MetadataError> {
    let there = children(descriptor, MD, service).any(|found| attribute(found, "Binding") == Some(binding));
    match location(descriptor, service, binding, "Location")? {
        None if there => Err(MetadataError::Endpoint { service, found: String::new() }),
        location => Ok(location),
    }
}

/// An address of the first such service of this binding.
fn location(
    descriptor: Node,
    service: &'static str,
    binding: &str,
    name: &str,
) -> Result<Option<String>, MetadataError> {
    let found = children(descriptor, MD, service).find(|found| attribute(*found, "Binding") == Some(binding));
    let Some(location) = found.and_then(|found| attribute(found, name)).map(str::trim) else { return Ok(None) };
    let plain = location.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'"' | b'<' | b'>' | b'\\'));
    let web = url::Url::parse(location)
        .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host() && url.username().is_empty());
    if plain && web {
        Ok(Some(location.to_owned()))
    } else {
        Err(MetadataError::Endpoint { service, found: shown(location) })
    }
}
