//! PATCH paths (RFC 7644 §3.5.2): what a path names in a resource, resolved against the schema.

use scim_v2::filter::PatchPath;
use serde_json::{Map, Value};

use super::error::quoted;
use super::filter::Filter;
use super::normalise::{self, REF};
use super::resource::{Describes, is_secret};
use super::schema::{Attribute, Mutability, Resource, Type, is_urn};
use super::{FILTER_LIMIT, Kind, ScimError};

/// What a path names.
#[derive(Clone, Debug)]
pub(super) enum Target {
    /// An extension as a whole, by its key in the resource.
    Extension(String),
    /// An attribute, elements of it, or a part of it.
    Attribute(Path),
}

/// An attribute, elements of it, or a part of it.
#[derive(Clone, Debug)]
pub(super) struct Path {
    /// The key of the extension it is in.
    pub(super) extension: Option<String>,
    /// The attribute's key.
    pub(super) name: String,
    /// What it is, if it is announced.
    pub(super) attribute: Option<&'static Attribute>,
    /// Which elements.
    pub(super) filter: Option<Filter>,
    /// Which part.
    pub(super) part: Option<Part>,
}

/// A part of a complex attribute.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) name: String,
    pub(super) attribute: Option<&'static Attribute>,
}

impl Path {
    /// For messages: `emails.value`.
    pub(super) fn place(&self) -> String {
        match &self.part {
            Some(part) => format!("{}.{}", self.name, part.name),
            None => self.name.clone(),
        }
    }
}

fn invalid(text: &str, why: &str) -> ScimError {
    ScimError::new(Kind::Path, format!("the path {} {why}", quoted(text)))
}

/// Reads a path. It may name what `/Schemas` announces, what the resource has, and anything in an extension of the client's own; a
/// name that nobody knows is refused, for it is a typing error in a mapping, and `actve` must not look as if somebody was switched off.
pub(super) fn read(resource: &'static Resource, present: &Map<String, Value>, text: &str) -> Result<Target, ScimError> {
    if text.len() > FILTER_LIMIT {
        return Err(invalid(text, "is too long"));
    }
    if let Some(key) = extension_key(resource, present, text) {
        return Ok(Target::Extension(key));
    }
    // The grammar takes no `$`; only `$ref` has one, and no quoted text of a path does any harm by being read like a filter.
    let parsed: PatchPath = normalise::filter(text).parse().map_err(|_| invalid(text, "cannot be read"))?;
    let (attr, filter, part) = match parsed {
        PatchPath::Attr(attr) => {
            let part = attr.sub_attr.clone();
            (attr, None, part)
        }
        PatchPath::Value(path) if path.attr.sub_attr.is_some() => return Err(invalid(text, "filters a part")),
        PatchPath::Value(path) => (path.attr, Some(path.filter), path.sub_attr),
    };
    let (extension, describes) = match &attr.uri {
        None => (None, Some(Describes::Core(resource))),
        Some(urn) if resource.is_core(urn) => (None, Some(Describes::Core(resource))),
        Some(urn) => match resource.extension(urn) {
            Some(schema) => (Some(schema.id.to_owned()), Some(Describes::Extension(schema))),
            None => (Some(key_in(present, urn).unwrap_or_else(|| urn.clone())), None),
        },
    };
    let attribute = describes.and_then(|describes| describes.attribute(&attr.name));
    let name = match attribute {
        Some(attribute) => attribute.name.to_owned(),
        None if describes.is_none() => attr.name,
        // The resource has it: kept when it was sent with the whole.
        None => {
            let known = key_in(present, &attr.name).filter(|_| extension.is_none() && !is_secret(&attr.name));
            known.ok_or_else(|| invalid(text, "names no attribute; see /Schemas"))?
        }
    };
    let filter = match (filter, attribute) {
        (None, _) => None,
        (Some(filter), Some(attribute)) if attribute.many && attribute.kind == Type::Complex => {
            let filter = Filter::of_elements(attribute, &filter);
            Some(filter.map_err(|error| ScimError::new(Kind::Path, error.detail))?)
        }
        (Some(_), _) => return Err(invalid(text, "filters what has no elements")),
    };
    let part = match (part, attribute) {
        (None, _) => None,
        (Some(name), None) => Some(Part { name, attribute: None }),
        (Some(name), Some(attribute)) => {
            let name = if name == REF { "$ref" } else { &name };
            let part = attribute.part(name).ok_or_else(|| invalid(text, "names no attribute; see /Schemas"))?;
            if attribute.many && filter.is_none() {
                return Err(invalid(
                    text,
                    "names a part of every value: say which values, as in emails[type eq \"work\"].value",
                ));
            }
            Some(Part { name: part.name.to_owned(), attribute: Some(part) })
        }
    };
    let path = Path { extension, name, attribute, filter, part };
    let read_only = |attribute: &Attribute| attribute.mutability == Mutability::ReadOnly;
    let last = path.part.as_ref().map_or(attribute, |part| part.attribute);
    if attribute.is_some_and(read_only) || last.is_some_and(read_only) {
        return Err(ScimError::new(Kind::Mutability, format!("{} is not the client's to set", path.place())));
    }
    Ok(Target::Attribute(path))
}

/// The key of an extension, if the whole text names one.
fn extension_key(resource: &'static Resource, present: &Map<String, Value>, text: &str) -> Option<String> {
    if !is_urn(text) || text.contains(['[', '"', ' ']) {
        return None;
    }
    if let Some(schema) = resource.extension(text) {
        return Some(schema.id.to_owned());
    }
    if let Some(key) = key_in(present, text) {
        return Some(key);
    }
    // An extension that the resource does not have yet: such URNs end in the kind of resource.
    let (before, last) = text.rsplit_once(':')?;
    let whole = last.eq_ignore_ascii_case(resource.name) && key_in(present, before).is_none();
    (whole && !resource.is_core(text)).then(|| text.to_owned())
}

fn key_in(object: &Map<String, Value>, name: &str) -> Option<String> {
    object.keys().find(|key| key.eq_ignore_ascii_case(name)).cloned()
}
