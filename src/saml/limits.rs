//! What is refused before a tree is built: size, encoding, document types, depth, numbers of things.
//! One linear pass; the XML parser never sees a message that did not pass it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use roxmltree::{Document, Node, ParsingOptions};

/// The largest `SAMLResponse` form value, base64.
pub const MAX_BASE64: usize = 700 * 1024;
/// The largest XML document. 250 groups, encrypted, are 32 to 90 KB.
pub const MAX_XML: usize = 512 * 1024;
/// The largest message that comes out of a compressed query parameter.
pub const MAX_INFLATED: usize = 64 * 1024;
const MAX_DEPTH: usize = 48;
const MAX_ATTRIBUTES: usize = 64;
const MAX_ELEMENTS: usize = 12_000;
const MAX_COMMENTS: usize = 1_000;
// The parser copies what is in scope for every tag that declares something.
const MAX_NAMESPACES_IN_SCOPE: usize = 32;
const MAX_NAMESPACES: usize = 6_000;
const MAX_NAME: usize = 256;
const MAX_NAMESPACE: usize = 1024;
const MAX_NODES: u32 = 40_000;

/// Why bytes are not an XML document we read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum XmlError {
    /// More bytes than any honest message has.
    #[error("the message is larger than {limit} bytes")]
    TooLarge {
        /// The limit that was passed.
        limit: usize,
    },
    /// The form value is not base64.
    #[error("the message is not base64")]
    NotBase64,
    /// The query parameter is not a raw deflate stream.
    #[error("the message is not a deflate stream")]
    NotDeflated,
    /// Only UTF-8 is read.
    #[error("the message is not UTF-8 (declared: {declared})")]
    NotUtf8 {
        /// What the XML declaration says, if anything.
        declared: String,
    },
    /// Only XML 1.0 is read.
    #[error("the message is not XML 1.0")]
    NotXml10,
    /// A document type declaration: entities and default attributes come from there.
    #[error("the message has a document type declaration")]
    Doctype,
    /// Nested, numbered or named beyond what any honest message needs.
    #[error("the message has more than {limit} {what}")]
    TooComplex {
        /// What there is too much of.
        what: &'static str,
        /// How much is allowed.
        limit: usize,
    },
    /// A comment, processing instruction or CDATA section inside a value: readers disagree about the text.
    #[error("a {what} stands inside a value")]
    MarkupInValue {
        /// What stands there.
        what: &'static str,
    },
    /// A relative or empty namespace name: canonicalization is not defined for it.
    #[error("a namespace is not an absolute URI")]
    Namespace,
    /// An attribute or namespace prefix stands twice in one tag.
    #[error("an attribute stands twice in one tag")]
    RepeatedAttribute,
    /// Not well-formed.
    #[error("the message is not well-formed XML: {reason}")]
    Malformed {
        /// The parser's words.
        reason: String,
    },
}

impl XmlError {
    /// A stable short name for logs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "too_large",
            Self::NotBase64 => "not_base64",
            Self::NotDeflated => "not_deflated",
            Self::NotUtf8 { .. } => "not_utf8",
            Self::NotXml10 => "not_xml_1_0",
            Self::Doctype => "doctype",
            Self::TooComplex { .. } => "too_complex",
            Self::MarkupInValue { .. } => "markup_in_value",
            Self::Namespace => "relative_namespace",
            Self::RepeatedAttribute => "repeated_attribute",
            Self::Malformed { .. } => "malformed",
        }
    }

    fn malformed(reason: &str) -> Self {
        Self::Malformed { reason: reason.to_owned() }
    }
}

/// Decodes a form value: strict base64, in which only line breaks may stand between characters.
pub(crate) fn decode_base64(value: &str, max: usize) -> Result<Vec<u8>, XmlError> {
    if value.len() > max {
        return Err(XmlError::TooLarge { limit: max });
    }
    let plain: Vec<u8> = value.bytes().filter(|b| !matches!(b, b'\r' | b'\n' | b'\t')).collect();
    if plain.is_empty() {
        return Err(XmlError::NotBase64);
    }
    STANDARD.decode(plain).map_err(|_| XmlError::NotBase64)
}

/// Inflates the value of a redirect parameter, never beyond [`MAX_INFLATED`].
pub fn inflate(value: &str) -> Result<Vec<u8>, XmlError> {
    use std::io::Read;
    let packed = decode_base64(value, MAX_INFLATED)?;
    let mut plain = Vec::new();
    let mut reader = flate2::read::DeflateDecoder::new(packed.as_slice()).take(MAX_INFLATED as u64 + 1);
    reader.read_to_end(&mut plain).map_err(|_| XmlError::NotDeflated)?;
    if plain.len() > MAX_INFLATED {
        return Err(XmlError::TooLarge { limit: MAX_INFLATED });
    }
    Ok(plain)
}

/// Bytes to text that is safe to parse: UTF-8 without byte order mark, line ends normalized, limits kept.
pub(crate) fn checked_text(bytes: &[u8], cdata: Cdata) -> Result<String, XmlError> {
    if bytes.len() > MAX_XML {
        return Err(XmlError::TooLarge { limit: MAX_XML });
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|_| XmlError::NotUtf8 { declared: "none".to_owned() })?;
    check_declaration(text)?;
    // XML 1.0, 2.11: before anything looks at the text, CR LF and CR become LF.
    let text = if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n") } else { text.to_owned() };
    scan(&text, cdata)?;
    Ok(text)
}

/// Parses a text that [`checked_text`] let through, and refuses markup inside values.
pub(crate) fn parse(text: &str) -> Result<Document<'_>, XmlError> {
    let options = ParsingOptions { allow_dtd: false, nodes_limit: MAX_NODES, entity_resolver: None };
    let document = Document::parse_with_options(text, options).map_err(|error| {
        let mut reason = error.to_string();
        reason.truncate(reason.char_indices().nth(160).map_or(reason.len(), |(at, _)| at));
        XmlError::Malformed { reason }
    })?;
    for node in document.descendants() {
        let what = match node.node_type() {
            roxmltree::NodeType::Comment => "comment",
            roxmltree::NodeType::PI => "processing instruction",
            roxmltree::NodeType::Root | roxmltree::NodeType::Element | roxmltree::NodeType::Text => continue,
        };
        // Only the neighbours need a look: a text further away has other markup next to it.
        let is_value = |n: Node| n.is_text() && n.text().is_some_and(|t| !t.trim().is_empty());
        if node.prev_sibling().is_some_and(is_value) || node.next_sibling().is_some_and(is_value) {
            return Err(XmlError::MarkupInValue { what });
        }
    }
    Ok(document)
}

/// Whether CDATA sections may occur. Never where a signature is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cdata {
    /// Metadata, whose texts are not compared by others.
    Allowed,
    /// Messages: a CDATA section is one more way to write a text that readers split.
    Refused,
}

fn check_declaration(text: &str) -> Result<(), XmlError> {
    let Some(rest) = text.strip_prefix("<?xml").filter(|rest| rest.starts_with([' ', '\t', '\r', '\n', '?'])) else {
        return Ok(());
    };
    let (declaration, _) =
        rest.split_once("?>").ok_or_else(|| XmlError::malformed("the XML declaration has no end"))?;
    let value_of = |name: &str| {
        let (_, after) = declaration.split_once(name)?;
        let after = after.trim_start().strip_prefix('=')?.trim_start();
        let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        after[1..].split_once(quote).map(|(value, _)| value)
    };
    if value_of("version") != Some("1.0") {
        return Err(XmlError::NotXml10);
    }
    match value_of("encoding") {
        None if declaration.contains("encoding") => Err(XmlError::malformed("the XML declaration cannot be read")),
        Some(encoding) if !encoding.eq_ignore_ascii_case("utf-8") => {
            Err(XmlError::NotUtf8 { declared: encoding.chars().filter(char::is_ascii_graphic).take(20).collect() })
        }
        None | Some(_) => Ok(()),
    }
}

/// The linear pass: counts what is nested, numbered and named, and finds what must not occur.
fn scan(text: &str, cdata: Cdata) -> Result<(), XmlError> {
    let bytes = text.as_bytes();
    refuse_control_characters(bytes)?;
    refuse_odd_references(text)?;
    let (mut at, mut elements, mut comments, mut namespaces) = (0, 0, 0, 0);
    // Per open element: how many namespaces are in scope.
    let mut open: Vec<usize> = Vec::with_capacity(MAX_DEPTH);
    while let Some(found) = bytes[at..].iter().position(|b| *b == b'<') {
        at += found;
        let rest = &text[at..];
        if rest.starts_with("<!--") {
            at += end_of(rest, 4, "-->")?;
            comments += 1;
        } else if rest.starts_with("<![CDATA[") {
            if cdata == Cdata::Refused {
                return Err(XmlError::MarkupInValue { what: "CDATA section" });
            }
            at += end_of(rest, 9, "]]>")?;
        } else if rest.starts_with("<!") {
            return Err(XmlError::Doctype);
        } else if rest.starts_with("<?") {
            at += end_of(rest, 2, "?>")?;
            comments += 1;
        } else if rest.starts_with("</") {
            open.pop().ok_or_else(|| XmlError::malformed("an end tag without its start"))?;
            at += end_of(rest, 2, ">")?;
        } else {
            elements += 1;
            let tag = scan_tag(&bytes[at..])?;
            namespaces += tag.namespaces;
            let in_scope = open.last().copied().unwrap_or(0) + tag.namespaces;
            if in_scope > MAX_NAMESPACES_IN_SCOPE {
                return Err(XmlError::TooComplex { what: "namespaces in scope", limit: MAX_NAMESPACES_IN_SCOPE });
            }
            if !tag.empty {
                open.push(in_scope);
            }
            at += tag.length;
        }
        let limits = [
            (open.len(), MAX_DEPTH, "nested elements"),
            (elements, MAX_ELEMENTS, "elements"),
            (comments, MAX_COMMENTS, "comments"),
            (namespaces, MAX_NAMESPACES, "namespaces"),
        ];
        if let Some((_, limit, what)) = limits.into_iter().find(|(count, limit, _)| count > limit) {
            return Err(XmlError::TooComplex { what, limit });
        }
    }
    if open.is_empty() { Ok(()) } else { Err(XmlError::malformed("an element has no end")) }
}

fn end_of(rest: &str, from: usize, end: &str) -> Result<usize, XmlError> {
    let inside = rest.get(from..).and_then(|inside| inside.find(end));
    inside.map(|found| from + found + end.len()).ok_or_else(|| XmlError::malformed("markup without its end"))
}

struct Tag {
    length: usize,
    namespaces: usize,
    empty: bool,
}

/// Reads one start tag, `bytes[0]` being its `<`.
fn scan_tag(bytes: &[u8]) -> Result<Tag, XmlError> {
    let space = |b: u8| matches!(b, b' ' | b'\t' | b'\n');
    let skip_space = |mut at: usize| {
        while bytes.get(at).is_some_and(|b| space(*b)) {
            at += 1;
        }
        at
    };
    let unfinished = || XmlError::malformed("a tag without its end");
    let name_end = |from: usize| {
        let length =
            bytes[from..].iter().position(|b| space(*b) || matches!(b, b'/' | b'>' | b'=' | b'<' | b'"' | b'\''));
        let length = length.ok_or_else(unfinished)?;
        match length {
            0 => Err(XmlError::malformed("a name is missing")),
            length if length > MAX_NAME => Err(XmlError::TooComplex { what: "characters in a name", limit: MAX_NAME }),
            length => {
                let name = &bytes[from..from + length];
                let colons = name.iter().filter(|b| **b == b':').count();
                if colons > 1 || name.starts_with(b":") || name.ends_with(b":") {
                    return Err(XmlError::malformed("a name with a colon in the wrong place"));
                }
                Ok(from + length)
            }
        }
    };
    let mut names: Vec<&[u8]> = Vec::new();
    let mut namespaces = 0;
    let mut at = name_end(1)?;
    loop {
        at = skip_space(at);
        match bytes.get(at) {
            None => return Err(unfinished()),
            Some(b'>') => return Ok(Tag { length: at + 1, namespaces, empty: false }),
            Some(b'/') if bytes.get(at + 1) == Some(&b'>') => {
                return Ok(Tag { length: at + 2, namespaces, empty: true });
            }
            Some(_) => {}
        }
        let end = name_end(at)?;
        let name = &bytes[at..end];
        at = skip_space(end);
        if bytes.get(at) != Some(&b'=') {
            return Err(XmlError::malformed("an attribute without a value"));
        }
        at = skip_space(at + 1);
        let quote = *bytes
            .get(at)
            .filter(|b| matches!(b, b'"' | b'\''))
            .ok_or_else(|| XmlError::malformed("a value without quotes"))?;
        let length = bytes[at + 1..].iter().position(|b| *b == quote || *b == b'<').ok_or_else(unfinished)?;
        let value = &bytes[at + 1..at + 1 + length];
        if bytes[at + 1 + length] == b'<' {
            return Err(XmlError::malformed("a tag inside a value"));
        }
        at += length + 2;
        if names.contains(&name) {
            return Err(XmlError::RepeatedAttribute);
        }
        names.push(name);
        if names.len() > MAX_ATTRIBUTES {
            return Err(XmlError::TooComplex { what: "attributes in a tag", limit: MAX_ATTRIBUTES });
        }
        if name == b"xmlns" || name.starts_with(b"xmlns:") {
            if name == b"xmlns:xmlns" {
                return Err(XmlError::Namespace);
            }
            namespaces += 1;
            check_namespace(value, name == b"xmlns")?;
        }
    }
}

/// Canonicalization of relative namespace names is undefined, and a failing canonicalizer has been an attack (void canonicalization).
fn check_namespace(value: &[u8], default: bool) -> Result<(), XmlError> {
    if value.is_empty() && default {
        return Ok(());
    }
    let scheme = value.split(|b| *b == b':').next().unwrap_or_default();
    let has_scheme = scheme.len() < value.len()
        && scheme.first().is_some_and(u8::is_ascii_alphabetic)
        && scheme.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'));
    let plain = value.iter().all(|b| b.is_ascii_graphic() && *b != b'&');
    if has_scheme && plain && value.len() <= MAX_NAMESPACE { Ok(()) } else { Err(XmlError::Namespace) }
}

fn refuse_control_characters(bytes: &[u8]) -> Result<(), XmlError> {
    let control = bytes.iter().any(|b| *b < 0x20 && !matches!(b, b'\t' | b'\n'));
    // U+FFFE and U+FFFF are not characters of XML.
    let no_character = bytes.windows(3).any(|w| w[0] == 0xef && w[1] == 0xbf && w[2] >= 0xbe);
    if control || no_character { Err(XmlError::malformed("a character that XML does not have")) } else { Ok(()) }
}

/// The parser reads a reference to a surrogate as U+FFFD; others refuse it. Two readings of one text are one too many.
fn refuse_odd_references(text: &str) -> Result<(), XmlError> {
    let odd = || XmlError::malformed("a reference to a character that XML does not have");
    for rest in text.split("&#").skip(1) {
        let (number, _) = rest.split_once(';').ok_or_else(odd)?;
        let (digits, radix) = number.strip_prefix('x').map_or((number, 10), |digits| (digits, 16));
        if digits.is_empty() || digits.len() > 8 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(odd());
        }
        let character = u32::from_str_radix(digits, radix).ok().and_then(char::from_u32);
        let known = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..='\u{10ffff}');
        character.filter(|c| known(*c)).ok_or_else(odd)?;
    }
    Ok(())
}
