//! Reading a tree by (namespace, local name) and position; never by prefix, never by id.

use roxmltree::Node;

use super::error::SamlError;

pub(crate) const SAML: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
pub(crate) const SAMLP: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
pub(crate) const MD: &str = "urn:oasis:names:tc:SAML:2.0:metadata";
pub(crate) const DS: &str = "http://www.w3.org/2000/09/xmldsig#";
pub(crate) const XENC: &str = "http://www.w3.org/2001/04/xmlenc#";
pub(crate) const EC: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";

/// The child elements of this name.
pub(crate) fn children<'a, 'i>(
    parent: Node<'a, 'i>,
    namespace: &'static str,
    name: &'static str,
) -> impl Iterator<Item = Node<'a, 'i>> {
    parent.children().filter(move |child| is(*child, namespace, name))
}

/// The first child element of this name.
pub(crate) fn child<'a, 'i>(parent: Node<'a, 'i>, namespace: &'static str, name: &'static str) -> Option<Node<'a, 'i>> {
    children(parent, namespace, name).next()
}

/// The only child element of this name: `Ok(None)` if there is none, an error if there are several.
pub(crate) fn only_child<'a, 'i>(
    parent: Node<'a, 'i>,
    namespace: &'static str,
    name: &'static str,
) -> Result<Option<Node<'a, 'i>>, SamlError> {
    let mut found = children(parent, namespace, name);
    let first = found.next();
    if found.next().is_some() { Err(SamlError::Several { what: name }) } else { Ok(first) }
}

/// Whether a node is the element of this name in this namespace.
pub(crate) fn is(node: Node, namespace: &str, name: &str) -> bool {
    node.is_element() && node.tag_name().name() == name && node.tag_name().namespace() == Some(namespace)
}

/// The text of an element that may hold nothing else, trimmed; empty is an error.
pub(crate) fn value<'a>(element: Node<'a, '_>, what: &'static str) -> Result<&'a str, SamlError> {
    let text = verbatim(element, what)?.trim_matches(XML_SPACE);
    if text.is_empty() { Err(SamlError::Empty { what }) } else { Ok(text) }
}

/// The text of an element that may hold nothing else, as it stands.
pub(crate) fn verbatim<'a>(element: Node<'a, '_>, what: &'static str) -> Result<&'a str, SamlError> {
    let mut nodes = element.children();
    match (nodes.next(), nodes.next()) {
        (None, _) => Ok(""),
        (Some(only), None) if only.is_text() => Ok(only.text().unwrap_or("")),
        (Some(_), _) => Err(SamlError::Structured { what: what.to_owned() }),
    }
}

/// The value of an attribute without a namespace.
pub(crate) fn attribute<'a>(element: Node<'a, '_>, name: &str) -> Option<&'a str> {
    element
        .attributes()
        .find(|attribute| attribute.namespace().is_none() && attribute.name() == name)
        .map(|a| a.value())
}

/// White space as XML knows it.
pub(crate) const XML_SPACE: [char; 4] = [' ', '\t', '\n', '\r'];

/// A name or URI from a message, short enough and clean enough to be shown.
pub(crate) fn shown(text: &str) -> String {
    let mut clean: String = text.chars().filter(|c| !c.is_control()).take(200).collect();
    if clean.len() < text.len() {
        clean.push('…');
    }
    clean
}

/// Strict base64 in which XML white space may stand.
pub(crate) fn base64_text(text: &str) -> Option<Vec<u8>> {
    use base64::Engine;
    let plain: Vec<u8> = text.bytes().filter(|b| !matches!(b, b' ' | b'\t' | b'\n' | b'\r')).collect();
    let bytes = base64::engine::general_purpose::STANDARD.decode(plain).ok()?;
    (!bytes.is_empty()).then_some(bytes)
}
