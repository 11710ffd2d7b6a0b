//! XML signatures of the one form SAML uses: enveloped, one reference to the parent, exclusive canonicalization.
//! Owns what is verified and the bytes that were; never reads KeyInfo, never looks anything up, never fetches.

use roxmltree::Node;

use super::c14n;
use super::error::{Part, SamlError};
use super::keys::{Hash, Scheme, VerifyingKey};
use super::limits;
use super::xml::{DS, EC, attribute, base64_text, children, is, shown, value};

const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
const EXCLUSIVE_WITH_COMMENTS: &str = "http://www.w3.org/2001/10/xml-exc-c14n#WithComments";
const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";

/// What a signature covers.
pub(crate) struct Verified {
    /// The canonical bytes of the element. Facts may be read from these only.
    pub(crate) bytes: String,
    /// Which of the keys verified it.
    pub(crate) key: usize,
}

/// Verifies the `signature` that stands in `target`.
pub(crate) fn verify(part: Part, target: Node, signature: Node, keys: &[VerifyingKey]) -> Result<Verified, SamlError> {
    let form = |reason| SamlError::SignatureForm { part, reason };
    debug_assert_eq!(signature.parent(), Some(target));
    let [signed_info, signature_value] = parts_of(signature).map_err(form)?;

    // First the signature over SignedInfo: nothing in it is followed before it is known to be the identity provider's.
    let method = only(signed_info, "CanonicalizationMethod").ok_or(form("not exactly one CanonicalizationMethod"))?;
    let signed_bytes = c14n::exclusive(signed_info, None, &canonicalization(part, method)?.prefixes)?;
    let scheme = only(signed_info, "SignatureMethod").ok_or(form("not exactly one SignatureMethod"))?;
    if scheme.has_children() && scheme.children().any(|child| child.is_element()) {
        return Err(form("SignatureMethod has parameters"));
    }
    let algorithm = attribute(scheme, "Algorithm").unwrap_or("");
    let scheme =
        Scheme::from_uri(algorithm).ok_or_else(|| SamlError::SignatureAlgorithm { part, found: shown(algorithm) })?;
    let claimed = base64_text(value(signature_value, "SignatureValue")?).ok_or(form("SignatureValue is not base64"))?;
    let key = keys.iter().position(|key| key.verifies(scheme, signed_bytes.as_bytes(), &claimed));
    let key = key.ok_or(SamlError::BadSignature { part, certificates: keys.len() })?;

    // Then its instructions, read again from the very bytes that were verified.
    let verified = limits::parse(&signed_bytes)?;
    let reference = reference(part, verified.root_element())?;
    let id = attribute(target, "ID").ok_or(SamlError::NoId { part })?;
    if reference.uri.strip_prefix('#') != Some(id) {
        return Err(SamlError::ReferenceElsewhere { part });
    }
    if reference.with_comments && target.descendants().any(|node| node.is_comment()) {
        return Err(form("comments stand in what is canonicalized with comments"));
    }
    let prefixes: Vec<&str> = reference.prefixes.iter().map(String::as_str).collect();
    let bytes = c14n::exclusive(target, Some(signature), &prefixes)?;
    if reference.hash.of(bytes.as_bytes()).as_ref() != reference.digest.as_slice() {
        return Err(SamlError::BadDigest { part });
    }
    Ok(Verified { bytes, key })
}

/// SignedInfo and SignatureValue, with nothing but a KeyInfo beside them.
fn parts_of<'a, 'i>(signature: Node<'a, 'i>) -> Result<[Node<'a, 'i>; 2], &'static str> {
    for child in signature.children().filter(Node::is_element) {
        if !["SignedInfo", "SignatureValue", "KeyInfo"].iter().any(|name| is(child, DS, name)) {
            return Err("it holds other elements than SignedInfo, SignatureValue and KeyInfo");
        }
    }
    if children(signature, DS, "KeyInfo").count() > 1 {
        return Err("several KeyInfo");
    }
    let signed_info = only(signature, "SignedInfo").ok_or("not exactly one SignedInfo")?;
    let signature_value = only(signature, "SignatureValue").ok_or("not exactly one SignatureValue")?;
    // Canonicalizers disagree about comments in here, and no signer writes any.
    if signed_info.descendants().any(|node| node.is_comment() || node.is_pi()) {
        return Err("comments or processing instructions in SignedInfo");
    }
    Ok([signed_info, signature_value])
}

fn only<'a, 'i>(parent: Node<'a, 'i>, name: &'static str) -> Option<Node<'a, 'i>> {
    let mut found = children(parent, DS, name);
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

struct Canonicalization<'a> {
    prefixes: Vec<&'a str>,
    with_comments: bool,
}

/// Reads a CanonicalizationMethod or the Transform that canonicalizes.
fn canonicalization<'a>(part: Part, method: Node<'a, '_>) -> Result<Canonicalization<'a>, SamlError> {
    let with_comments = match attribute(method, "Algorithm").unwrap_or("") {
        EXCLUSIVE => false,
        EXCLUSIVE_WITH_COMMENTS => true,
        other => return Err(SamlError::SignatureAlgorithm { part, found: shown(other) }),
    };
    let mut elements = method.children().filter(Node::is_element);
    let inclusive = elements.next();
    let understood = inclusive.is_none_or(|element| is(element, EC, "InclusiveNamespaces"));
    if !understood || elements.next().is_some() {
        return Err(SamlError::SignatureForm { part, reason: "a canonicalization with unknown parameters" });
    }
    let list = inclusive.and_then(|element| attribute(element, "PrefixList")).unwrap_or("");
    Ok(Canonicalization { prefixes: list.split_ascii_whitespace().collect(), with_comments })
}

struct Reference {
    uri: String,
    prefixes: Vec<String>,
    with_comments: bool,
    hash: Hash,
    digest: Vec<u8>,
}

fn reference(part: Part, signed_info: Node) -> Result<Reference, SamlError> {
    let form = |reason| SamlError::SignatureForm { part, reason };
    let known = ["CanonicalizationMethod", "SignatureMethod", "Reference"];
    if !signed_info.children().filter(Node::is_element).all(|child| known.iter().any(|name| is(child, DS, name))) {
        return Err(form("SignedInfo holds unknown elements"));
    }
    let reference = only(signed_info, "Reference").ok_or(form("not exactly one Reference"))?;
    let known = ["Transforms", "DigestMethod", "DigestValue"];
    if !reference.children().filter(Node::is_element).all(|child| known.iter().any(|name| is(child, DS, name))) {
        return Err(form("Reference holds unknown elements"));
    }
    let transforms = only(reference, "Transforms").ok_or(form("not exactly one Transforms"))?;
    let listed: Vec<Node> = transforms.children().filter(Node::is_element).collect();
    if !listed.iter().all(|transform| is(*transform, DS, "Transform")) {
        return Err(form("Transforms holds unknown elements"));
    }
    for transform in &listed {
        let algorithm = attribute(*transform, "Algorithm").unwrap_or("");
        if ![ENVELOPED, EXCLUSIVE, EXCLUSIVE_WITH_COMMENTS].contains(&algorithm) {
            return Err(SamlError::SignatureAlgorithm { part, found: shown(algorithm) });
        }
    }
    let [enveloped, canonical] = listed.as_slice() else {
        return Err(form("the transforms are not enveloped-signature, then exclusive canonicalization"));
    };
    if attribute(*enveloped, "Algorithm") != Some(ENVELOPED) || enveloped.children().any(|child| child.is_element()) {
        return Err(form("the transforms are not enveloped-signature, then exclusive canonicalization"));
    }
    if attribute(*canonical, "Algorithm") == Some(ENVELOPED) {
        return Err(form("the transforms are not enveloped-signature, then exclusive canonicalization"));
    }
    let canonicalization = canonicalization(part, *canonical)?;
    let method = only(reference, "DigestMethod").ok_or(form("not exactly one DigestMethod"))?;
    let hash = match attribute(method, "Algorithm").unwrap_or("") {
        "http://www.w3.org/2001/04/xmlenc#sha256" => Hash::Sha256,
        "http://www.w3.org/2001/04/xmldsig-more#sha384" => Hash::Sha384,
        "http://www.w3.org/2001/04/xmlenc#sha512" => Hash::Sha512,
        other => return Err(SamlError::SignatureAlgorithm { part, found: shown(other) }),
    };
    let digest = only(reference, "DigestValue").ok_or(form("not exactly one DigestValue"))?;
    let digest = base64_text(value(digest, "DigestValue")?).ok_or(form("DigestValue is not base64"))?;
    Ok(Reference {
        uri: attribute(reference, "URI").unwrap_or("").to_owned(),
        prefixes: canonicalization.prefixes.into_iter().map(str::to_owned).collect(),
        with_comments: canonicalization.with_comments,
        hash,
        digest,
    })
}
