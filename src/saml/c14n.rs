//! Exclusive XML canonicalization (<https://www.w3.org/TR/xml-exc-c14n/>) of one element of a tree, without comments.
//! Works on parsed values, never on the text; what it cannot write is an error, never an empty string.

use roxmltree::{Node, NodeId, NodeType};

/// A canonical form longer than this is refused: namespaces repeated on every element can multiply a message.
const MAX_CANONICAL: usize = 1024 * 1024;
const XML_NAMESPACE: &str = "http://www.w3.org/XML/1998/namespace";

/// Why an element has no canonical form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum C14nError {
    /// Too long.
    #[error("the canonical form is longer than {MAX_CANONICAL} bytes")]
    TooLong,
    /// The tree is not one a parser makes.
    #[error("the element cannot be canonicalized")]
    Unwritable,
}

/// The canonical form of `element` without `omitted`, with `inclusive` (a PrefixList) rendered wherever in scope.
pub(crate) fn exclusive(element: Node, omitted: Option<Node>, inclusive: &[&str]) -> Result<String, C14nError> {
    let mut writer = Writer {
        out: String::with_capacity(element.range().len() + 256),
        rendered: Vec::new(),
        omitted: omitted.map(|node| node.id()),
        inclusive,
    };
    writer.element(element)?;
    Ok(writer.out)
}

/// The prefix an element or attribute is written with. The tree keeps only its namespace.
fn prefix_of(qualified: &str) -> Option<&str> {
    qualified.split_once(':').map(|(prefix, _)| prefix)
}

pub(crate) fn qualified_name<'i>(element: Node<'_, 'i>) -> Option<&'i str> {
    let tag = element.document().input_text().get(element.range().start..)?.strip_prefix('<')?;
    let end = tag.find([' ', '\t', '\n', '\r', '/', '>'])?;
    Some(&tag[..end])
}

struct Writer<'w> {
    out: String,
    /// Namespaces written by the ancestors in the output, the nearest last. The default namespace has the prefix "".
    rendered: Vec<(&'w str, &'w str)>,
    omitted: Option<NodeId>,
    inclusive: &'w [&'w str],
}

impl<'w> Writer<'w> {
    fn element<'i: 'w>(&mut self, element: Node<'w, 'i>) -> Result<(), C14nError> {
        let outer = self.rendered.len();
        let name = qualified_name(element).ok_or(C14nError::Unwritable)?;
        self.out.push('<');
        self.out.push_str(name);
        self.namespaces(element, name)?;
        self.attributes(element)?;
        self.out.push('>');
        for child in element.children() {
            match child.node_type() {
                NodeType::Element if Some(child.id()) == self.omitted => {}
                NodeType::Element => self.element(child)?,
                NodeType::Text => escape_text(child.text().ok_or(C14nError::Unwritable)?, &mut self.out),
                NodeType::PI => {
                    let pi = child.pi().ok_or(C14nError::Unwritable)?;
                    self.out.push_str("<?");
                    self.out.push_str(pi.target);
                    if let Some(value) = pi.value.filter(|value| !value.is_empty()) {
                        self.out.push(' ');
                        self.out.push_str(value);
                    }
                    self.out.push_str("?>");
                }
                NodeType::Comment => {}
                NodeType::Root => return Err(C14nError::Unwritable),
            }
            if self.out.len() > MAX_CANONICAL {
                return Err(C14nError::TooLong);
            }
        }
        self.out.push_str("</");
        self.out.push_str(name);
        self.out.push('>');
        self.rendered.truncate(outer);
        Ok(())
    }

    /// Writes the namespaces that the element or its attributes use, and those of the PrefixList,
    /// unless the nearest output ancestor that wrote the prefix wrote the same.
    fn namespaces<'i: 'w>(&mut self, element: Node<'w, 'i>, name: &'w str) -> Result<(), C14nError> {
        let mut used: Vec<&'w str> = vec![prefix_of(name).unwrap_or("")];
        for attribute in element.attributes() {
            let text = element.document().input_text();
            let qualified = text.get(attribute.range_qname()).ok_or(C14nError::Unwritable)?;
            used.extend(prefix_of(qualified));
        }
        for prefix in self.inclusive {
            let prefix = if *prefix == "#default" { "" } else { *prefix };
            if prefix.is_empty() || lookup(element, prefix).is_some() {
                used.push(prefix);
            }
        }
        used.sort_unstable();
        used.dedup();
        for prefix in used {
            if prefix == "xml" {
                continue;
            }
            let uri = lookup(element, prefix).unwrap_or("");
            let written = self.rendered.iter().rev().find(|(p, _)| *p == prefix).map_or("", |(_, uri)| *uri);
            if uri == written {
                continue;
            }
            if prefix.is_empty() {
                self.out.push_str(" xmlns=\"");
            } else if uri.is_empty() {
                return Err(C14nError::Unwritable);
            } else {
                self.out.push_str(" xmlns:");
                self.out.push_str(prefix);
                self.out.push_str("=\"");
            }
            escape_attribute(uri, &mut self.out);
            self.out.push('"');
            self.rendered.push((prefix, uri));
        }
        Ok(())
    }

    /// Attributes by namespace name, then by local name; those without a namespace come first.
    fn attributes<'i: 'w>(&mut self, element: Node<'w, 'i>) -> Result<(), C14nError> {
        let mut attributes: Vec<_> = element.attributes().collect();
        attributes.sort_unstable_by_key(|attribute| (attribute.namespace().unwrap_or(""), attribute.name()));
        for attribute in attributes {
            let qualified =
                element.document().input_text().get(attribute.range_qname()).ok_or(C14nError::Unwritable)?;
            self.out.push(' ');
            self.out.push_str(qualified);
            self.out.push_str("=\"");
            escape_attribute(attribute.value(), &mut self.out);
            self.out.push('"');
        }
        Ok(())
    }
}

fn lookup<'a>(element: Node<'a, '_>, prefix: &str) -> Option<&'a str> {
    if prefix == "xml" {
        return Some(XML_NAMESPACE);
    }
    element.lookup_namespace_uri((!prefix.is_empty()).then_some(prefix)).filter(|uri| !uri.is_empty())
}

/// Writes a text as Canonical XML does.
pub(crate) fn escape_text(text: &str, out: &mut String) {
    escape(text, out, |c| match c {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        '\r' => Some("&#xD;"),
        _ => None,
    });
}

/// Writes an attribute value as Canonical XML does.
pub(crate) fn escape_attribute(value: &str, out: &mut String) {
    escape(value, out, |c| match c {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '"' => Some("&quot;"),
        '\t' => Some("&#x9;"),
        '\n' => Some("&#xA;"),
        '\r' => Some("&#xD;"),
        _ => None,
    });
}

fn escape(text: &str, out: &mut String, special: impl Fn(char) -> Option<&'static str>) {
    let mut plain_from = 0;
    for (at, c) in text.char_indices() {
        if let Some(written) = special(c) {
            out.push_str(&text[plain_from..at]);
            out.push_str(written);
            plain_from = at + c.len_utf8();
        }
    }
    out.push_str(&text[plain_from..]);
}
