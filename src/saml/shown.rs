//! A message as an operator may look at it: laid out, with signatures, certificates and ciphertext left out.

use roxmltree::{Node, NodeType};

use super::limits;
use super::xml::SAML;

/// What an operator is shown of an assertion.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// The XML, laid out.
    pub text: String,
    /// Every attribute with its values, in order.
    pub attributes: Vec<(String, Vec<String>)>,
}

/// The most that is kept of one message, in bytes.
const LIMIT: usize = 64 * 1024;

/// What nobody needs to see to understand a message, and nobody should find in a database later.
const ELIDED: [&str; 5] = ["SignatureValue", "DigestValue", "X509Certificate", "CipherValue", "Modulus"];

/// Lays an XML text out. What cannot be parsed is not shown at all.
pub fn shown(xml: &str) -> Shown {
    let Ok(document) = limits::parse(xml) else { return Shown::default() };
    let mut shown = Shown::default();
    element(document.root_element(), 0, &mut shown.text);
    if shown.text.len() > LIMIT {
        let end = (0..=LIMIT).rev().find(|at| shown.text.is_char_boundary(*at)).unwrap_or(0);
        shown.text.truncate(end);
        shown.text.push_str("\n... (cut off)\n");
    }
    let all = document.descendants().filter(|node| node.has_tag_name((SAML, "Attribute")));
    for attribute in all {
        let name = attribute.attribute("Name").unwrap_or_default().to_owned();
        let values = attribute.children().filter(|node| node.has_tag_name((SAML, "AttributeValue")));
        let texts = values.map(|value| value.text().unwrap_or_default().trim().to_owned());
        shown.attributes.push((name, texts.take(500).collect()));
    }
    shown
}

/// Lays a `SAMLResponse` form value out, verified or not.
pub fn shown_message(base64: &str) -> String {
    let text = limits::decode_base64(base64, limits::MAX_BASE64)
        .and_then(|bytes| limits::checked_text(&bytes, limits::Cdata::Refused));
    text.map_or_else(|error| format!("(not shown: {error})"), |text| shown(&text).text)
}

fn element(node: Node, depth: usize, text: &mut String) {
    // The limits bound depth and size of what was parsed; this bounds what is written.
    if text.len() > LIMIT {
        return;
    }
    let indent = "  ".repeat(depth);
    let name = tag(node);
    text.push_str(&format!("{indent}<{name}"));
    for attribute in node.attributes() {
        text.push_str(&format!(" {}=\"{}\"", attribute.name(), escaped(attribute.value())));
    }
    let children: Vec<Node> = node.children().filter(|child| child.node_type() == NodeType::Element).collect();
    if ELIDED.contains(&node.tag_name().name()) {
        text.push_str(&format!(">...</{name}>\n"));
    } else if children.is_empty() {
        match node.text().map(str::trim).filter(|inner| !inner.is_empty()) {
            None => text.push_str("/>\n"),
            Some(inner) => text.push_str(&format!(">{}</{name}>\n", escaped(inner))),
        }
    } else {
        text.push_str(">\n");
        for child in children {
            element(child, depth + 1, text);
        }
        text.push_str(&format!("{indent}</{name}>\n"));
    }
}

/// The name as people know it: by its usual prefix.
fn tag(node: Node) -> String {
    let name = node.tag_name();
    let prefix = match name.namespace() {
        Some(SAML) => "saml:",
        Some("urn:oasis:names:tc:SAML:2.0:protocol") => "samlp:",
        Some("http://www.w3.org/2000/09/xmldsig#") => "ds:",
        Some("http://www.w3.org/2001/04/xmlenc#") => "xenc:",
        _ => "",
    };
    format!("{prefix}{}", name.name())
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_laid_out_without_what_could_be_used_again() {
        let xml = r#"<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_1"><Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignatureValue>c2VjcmV0</SignatureValue></Signature><saml:AttributeStatement><saml:Attribute Name="groups"><saml:AttributeValue>a &lt; b</saml:AttributeValue><saml:AttributeValue>c</saml:AttributeValue></saml:Attribute></saml:AttributeStatement></saml:Assertion>"#;
        let shown = super::shown(xml);
        assert!(!shown.text.contains("c2VjcmV0"), "{}", shown.text);
        assert!(shown.text.contains("<ds:SignatureValue>...</ds:SignatureValue>"), "{}", shown.text);
        assert!(shown.text.contains("a &lt; b"), "{}", shown.text);
        assert_eq!(shown.attributes, [("groups".to_owned(), vec!["a < b".to_owned(), "c".to_owned()])]);
        assert_eq!(super::shown("<not xml"), Shown::default());
        assert!(shown_message("%%%").starts_with("(not shown: "));
    }
}
