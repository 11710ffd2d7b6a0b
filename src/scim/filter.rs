//! Filters (RFC 7644 §3.4.2.2): the whole grammar over announced attributes, evaluated over JSON by the case rules of the schema.

use scim_v2::filter::{AttrExp, AttrPath, CompValue, CompareOp, Filter as Grammar, ValFilter};
use serde_json::{Map, Value};

use super::error::quoted;
use super::normalise::{self, REF};
use super::schema::{Attribute, Resource, Type};
use super::{FILTER_LIMIT, Kind, ScimError};
use crate::clock::Timestamp;
use crate::directory::Name;

/// A filter whose attributes are known and whose comparisons make sense.
#[derive(Clone, Debug, PartialEq)]
pub struct Filter(Node);

#[derive(Clone, Debug, PartialEq)]
enum Node {
    All(Vec<Node>),
    Any(Vec<Node>),
    Not(Box<Node>),
    /// Some element of a multi-valued attribute passes.
    Element(Place, Box<Node>),
    Present(Place),
    Compare(Place, CompareOp, Comparand),
}

/// Where a value is, names spelled as in the schema.
#[derive(Clone, Debug, PartialEq)]
struct Place {
    extension: Option<&'static str>,
    name: &'static str,
    part: Option<&'static str>,
    kind: Type,
    case_exact: bool,
}

#[derive(Clone, Debug, PartialEq)]
enum Comparand {
    Null,
    Truth(bool),
    Number(f64),
    Time(Timestamp),
    /// As it compares: folded unless case counts.
    Text(String),
}

/// What an index can look up. The candidates found by it hold every match; the filter itself still decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exact {
    /// `id`.
    Id(String),
    /// `userName`, in any case and Unicode form.
    UserName(String),
    /// `externalId`.
    ExternalId(String),
    /// An address among `emails`.
    Email(String),
    /// `displayName`.
    DisplayName(String),
    /// A user's id among `members`.
    Member(String),
}

fn invalid(detail: impl Into<String>) -> ScimError {
    ScimError::new(Kind::Filter, detail)
}

impl Filter {
    /// Reads a filter on resources of this kind.
    pub fn parse(resource: &'static Resource, text: &str) -> Result<Self, ScimError> {
        if text.len() > FILTER_LIMIT {
            return Err(invalid(format!("the filter has {} bytes; it may have {FILTER_LIMIT}", text.len())));
        }
        if text.contains('\0') {
            return Err(invalid("the filter contains the character U+0000"));
        }
        let read: Result<Grammar, _> = normalise::filter(text).parse();
        let read = read
            .map_err(|error| invalid(format!("the filter {} cannot be read: {}", quoted(text), first_line(&error))))?;
        Scope::Whole(resource).filter(&read).map(Self)
    }

    /// Reads the filter of a PATCH path, on the elements of this attribute.
    pub(super) fn of_elements(attribute: &'static Attribute, filter: &ValFilter) -> Result<Self, ScimError> {
        Scope::Element(attribute).elements(filter).map(Self)
    }

    /// Whether a resource passes.
    pub fn matches(&self, resource: &Map<String, Value>) -> bool {
        self.0.matches(resource)
    }

    /// What an index can look up, if every match has to pass such a test; the most telling one.
    pub fn exact(&self) -> Option<Exact> {
        self.0.exact()
    }

    /// Whether the filter looks at this attribute.
    pub fn names(&self, attribute: &str) -> bool {
        self.0.any(&mut |place| place.extension.is_none() && place.name == attribute)
    }

    /// The ids that the filter compares members with, if it does nothing else with members: then only those have to be known.
    pub fn members_compared(&self) -> Option<Vec<String>> {
        let mut ids = Vec::new();
        self.0.members_compared(&mut ids).then_some(ids)
    }

    /// `value eq "a" or value eq "b"`: the ids that a filter on members names, if it does only that.
    pub(super) fn named_ids(&self) -> Option<Vec<String>> {
        self.0.named_ids()
    }

    /// `type eq "work" and primary eq true`: what the filter says of an element that passes, if it says it by equality alone.
    pub(super) fn told(&self) -> Option<Vec<(String, Value)>> {
        let mut told = Vec::new();
        self.0.told(&mut told).then_some(told)
    }
}

/// The parser's messages go on with a list of tokens that help nobody.
fn first_line(error: &impl std::fmt::Display) -> String {
    let text = error.to_string();
    let line: String = text.lines().next().unwrap_or_default().chars().take(160).collect();
    line.replace(REF, "$ref")
}

/// What the names in a filter are names of.
#[derive(Clone, Copy)]
enum Scope {
    Whole(&'static Resource),
    Element(&'static Attribute),
}

impl Scope {
    fn filter(self, filter: &Grammar) -> Result<Node, ScimError> {
        let all = |items: &[Grammar]| items.iter().map(|item| self.filter(item)).collect::<Result<Vec<_>, _>>();
        Ok(match filter {
            Grammar::Attr(test) => self.test(test)?,
            Grammar::Not(inner) => Node::Not(Box::new(self.filter(inner)?)),
            Grammar::And(items) => Node::All(all(items)?),
            Grammar::Or(items) => Node::Any(all(items)?),
            Grammar::ValuePath(path) => {
                let (place, attribute) = self.place(&path.attr)?;
                if attribute.kind != Type::Complex || path.attr.sub_attr.is_some() {
                    return Err(invalid(format!("{} has no parts to filter by", path.attr)));
                }
                Node::Element(place, Box::new(Self::Element(attribute).elements(&path.filter)?))
            }
        })
    }

    fn elements(self, filter: &ValFilter) -> Result<Node, ScimError> {
        let all = |items: &[ValFilter]| items.iter().map(|item| self.elements(item)).collect::<Result<Vec<_>, _>>();
        Ok(match filter {
            ValFilter::Attr(test) => self.test(test)?,
            ValFilter::Not(inner) => Node::Not(Box::new(self.elements(inner)?)),
            ValFilter::And(items) => Node::All(all(items)?),
            ValFilter::Or(items) => Node::Any(all(items)?),
        })
    }

    fn test(self, test: &AttrExp) -> Result<Node, ScimError> {
        match test {
            AttrExp::Present(path) => Ok(Node::Present(self.place(path)?.0)),
            AttrExp::Comparison(path, operator, value) => {
                let (mut place, attribute) = self.place(path)?;
                if attribute.kind == Type::Complex && place.part.is_none() {
                    // A complex attribute compares by its `value`.
                    let value = attribute.part("value");
                    let value = value.ok_or_else(|| invalid(format!("{path} is compared by its parts: name one")))?;
                    place = Place { part: Some(value.name), kind: value.kind, case_exact: value.case_exact, ..place };
                }
                let comparand = comparand(&place, operator, value)
                    .ok_or_else(|| invalid(format!("{path} {operator} {value}: these cannot be compared that way")))?;
                Ok(Node::Compare(place, operator.clone(), comparand))
            }
        }
    }

    fn place(self, path: &AttrPath) -> Result<(Place, &'static Attribute), ScimError> {
        let unknown = || {
            invalid(format!(
                "there is no attribute {} to filter by; see /Schemas",
                path.to_string().replace(REF, "$ref")
            ))
        };
        let (extension, attribute) = match (self, &path.uri) {
            (Self::Element(of), None) => (None, of.part(plain(&path.name))),
            (Self::Element(_), Some(_)) => (None, None),
            (Self::Whole(resource), None) => (None, resource.visible(&path.name)),
            (Self::Whole(resource), Some(urn)) if resource.is_core(urn) => (None, resource.visible(&path.name)),
            (Self::Whole(resource), Some(urn)) => match resource.extension(urn) {
                Some(schema) => (Some(schema.id), schema.attribute(&path.name)),
                None => (None, None),
            },
        };
        let attribute = attribute.ok_or_else(unknown)?;
        let part = match &path.sub_attr {
            None => None,
            Some(part) => Some(attribute.part(plain(part)).ok_or_else(unknown)?),
        };
        let last = part.unwrap_or(attribute);
        let place = Place {
            extension,
            name: attribute.name,
            part: part.map(|part| part.name),
            kind: last.kind,
            case_exact: last.case_exact,
        };
        Ok((place, attribute))
    }
}

/// A name as the schema has it.
fn plain(name: &str) -> &str {
    if name == REF { "$ref" } else { name }
}

/// What a value compares as; `None` if the operator makes no sense there.
fn comparand(place: &Place, operator: &CompareOp, value: &CompValue) -> Option<Comparand> {
    use CompareOp::{Co, Eq, Ew, Ge, Gt, Le, Lt, Ne, Sw};
    let equality = matches!(operator, Eq | Ne);
    let substring = matches!(operator, Co | Sw | Ew);
    let order = matches!(operator, Gt | Ge | Lt | Le);
    match (place.kind, value) {
        (_, CompValue::Null) => equality.then_some(Comparand::Null),
        (Type::Boolean, CompValue::True) => equality.then_some(Comparand::Truth(true)),
        (Type::Boolean, CompValue::False) => equality.then_some(Comparand::Truth(false)),
        (Type::Boolean, CompValue::Str(text)) => normalise::boolean(text).filter(|_| equality).map(Comparand::Truth),
        (Type::Integer, CompValue::Number(number)) => number.as_f64().filter(|_| !substring).map(Comparand::Number),
        (Type::DateTime, CompValue::Str(text)) => {
            Timestamp::parse(text).filter(|_| equality || order).map(Comparand::Time)
        }
        // RFC 7644 table 3: Binary has no order.
        (Type::Binary, CompValue::Str(text)) => equality.then(|| Comparand::Text(text.clone())),
        (Type::String | Type::Reference, CompValue::Str(text)) => {
            Some(Comparand::Text(if place.case_exact { text.clone() } else { Name::key_of(text) }))
        }
        _ => None,
    }
}

impl Place {
    /// Every value at this place.
    fn each<'a>(&self, object: &'a Map<String, Value>, seen: &mut dyn FnMut(&'a Value)) {
        let holder = match self.extension {
            None => Some(object),
            Some(urn) => object.get(urn).and_then(Value::as_object),
        };
        let Some(value) = holder.and_then(|holder| holder.get(self.name)) else { return };
        let mut one = |value: &'a Value| match self.part {
            None => seen(value),
            Some(part) => value.get(part).into_iter().for_each(&mut *seen),
        };
        match value {
            Value::Array(items) => items.iter().for_each(one),
            value => one(value),
        }
    }

    fn any(&self, object: &Map<String, Value>, test: impl Fn(&Value) -> bool) -> bool {
        let mut found = false;
        self.each(object, &mut |value| found = found || test(value));
        found
    }
}

fn is_present(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(object) => !object.is_empty(),
        Value::Bool(_) | Value::Number(_) => true,
    }
}

impl Node {
    fn matches(&self, object: &Map<String, Value>) -> bool {
        match self {
            Self::All(items) => items.iter().all(|item| item.matches(object)),
            Self::Any(items) => items.iter().any(|item| item.matches(object)),
            Self::Not(inner) => !inner.matches(object),
            Self::Element(place, inner) => {
                place.any(object, |value| value.as_object().is_some_and(|element| inner.matches(element)))
            }
            Self::Present(place) => place.any(object, is_present),
            Self::Compare(place, CompareOp::Eq, Comparand::Null) => !place.any(object, is_present),
            Self::Compare(place, CompareOp::Ne, Comparand::Null) => place.any(object, is_present),
            // "Not equal" is the opposite of "equal", also for several values and for none.
            Self::Compare(place, CompareOp::Ne, comparand) => {
                !place.any(object, |value| compare(place, &CompareOp::Eq, value, comparand))
            }
            Self::Compare(place, operator, comparand) => {
                place.any(object, |value| compare(place, operator, value, comparand))
            }
        }
    }

    fn any(&self, test: &mut dyn FnMut(&Place) -> bool) -> bool {
        match self {
            Self::All(items) | Self::Any(items) => items.iter().any(|item| item.any(test)),
            Self::Not(inner) => inner.any(test),
            // The places within are places of the element.
            Self::Element(place, _) | Self::Present(place) | Self::Compare(place, ..) => test(place),
        }
    }

    fn exact(&self) -> Option<Exact> {
        let rank = |exact: &Exact| match exact {
            Exact::Id(_) => 0,
            Exact::UserName(_) => 1,
            Exact::ExternalId(_) => 2,
            Exact::Email(_) => 3,
            Exact::DisplayName(_) => 4,
            Exact::Member(_) => 5,
        };
        match self {
            Self::All(items) => items.iter().filter_map(Self::exact).min_by_key(rank),
            Self::Compare(place, CompareOp::Eq, Comparand::Text(text)) if place.extension.is_none() => {
                let text = text.clone();
                match (place.name, place.part) {
                    ("id", None) => Some(Exact::Id(text)),
                    ("userName", None) => Some(Exact::UserName(text)),
                    ("externalId", None) => Some(Exact::ExternalId(text)),
                    ("displayName", None) => Some(Exact::DisplayName(text)),
                    ("emails", Some("value")) => Some(Exact::Email(text)),
                    ("members", Some("value")) => Some(Exact::Member(text)),
                    _ => None,
                }
            }
            Self::Element(place, inner) if place.extension.is_none() => {
                let value = inner.value_compared()?;
                match place.name {
                    "emails" => Some(Exact::Email(value)),
                    "members" => Some(Exact::Member(value)),
                    _ => None,
                }
            }
            Self::Any(_) | Self::Not(_) | Self::Element(..) | Self::Present(_) | Self::Compare(..) => None,
        }
    }

    /// The text that the element's `value` has to equal.
    fn value_compared(&self) -> Option<String> {
        match self {
            Self::All(items) => items.iter().find_map(Self::value_compared),
            Self::Compare(Place { name: "value", .. }, CompareOp::Eq, Comparand::Text(text)) => Some(text.clone()),
            _ => None,
        }
    }

    fn members_compared(&self, ids: &mut Vec<String>) -> bool {
        match self {
            Self::All(items) | Self::Any(items) => items.iter().all(|item| item.members_compared(ids)),
            Self::Not(inner) => inner.members_compared(ids),
            Self::Compare(place, CompareOp::Eq | CompareOp::Ne, Comparand::Text(text))
                if place.name == "members" && place.part == Some("value") =>
            {
                ids.push(text.clone());
                true
            }
            Self::Element(place, inner) if place.name == "members" => match inner.named_ids() {
                Some(named) => {
                    ids.extend(named);
                    true
                }
                None => false,
            },
            Self::Element(place, _) | Self::Present(place) | Self::Compare(place, ..) => place.name != "members",
        }
    }

    fn named_ids(&self) -> Option<Vec<String>> {
        match self {
            Self::Compare(Place { name: "value", .. }, CompareOp::Eq, Comparand::Text(id)) => Some(vec![id.clone()]),
            Self::Any(items) => {
                let named: Option<Vec<_>> = items.iter().map(Self::named_ids).collect();
                named.map(|named| named.into_iter().flatten().collect())
            }
            _ => None,
        }
    }

    fn told(&self, told: &mut Vec<(String, Value)>) -> bool {
        match self {
            Self::All(items) => items.iter().all(|item| item.told(told)),
            Self::Compare(place, CompareOp::Eq, comparand) => {
                let value = match comparand {
                    Comparand::Text(text) => Value::String(text.clone()),
                    Comparand::Truth(truth) => Value::Bool(*truth),
                    Comparand::Null | Comparand::Number(_) | Comparand::Time(_) => return false,
                };
                told.push((place.name.to_owned(), value));
                true
            }
            Self::Any(_) | Self::Not(_) | Self::Element(..) | Self::Present(_) | Self::Compare(..) => false,
        }
    }
}

fn compare(place: &Place, operator: &CompareOp, value: &Value, comparand: &Comparand) -> bool {
    let by = |order: Option<std::cmp::Ordering>| match (operator, order) {
        (_, None) => false,
        (CompareOp::Eq, Some(order)) => order.is_eq(),
        (CompareOp::Gt, Some(order)) => order.is_gt(),
        (CompareOp::Ge, Some(order)) => order.is_ge(),
        (CompareOp::Lt, Some(order)) => order.is_lt(),
        (CompareOp::Le, Some(order)) => order.is_le(),
        (CompareOp::Ne | CompareOp::Co | CompareOp::Sw | CompareOp::Ew, Some(_)) => false,
    };
    match (value, comparand) {
        (Value::Bool(value), Comparand::Truth(truth)) => by(Some(value.cmp(truth))),
        (Value::Number(value), Comparand::Number(number)) => {
            by(value.as_f64().and_then(|value| value.partial_cmp(number)))
        }
        (Value::String(value), Comparand::Time(time)) => by(Timestamp::parse(value).map(|value| value.cmp(time))),
        (Value::String(value), Comparand::Text(text)) => {
            let folded;
            let value = if place.case_exact {
                value.as_str()
            } else {
                folded = Name::key_of(value);
                folded.as_str()
            };
            match operator {
                CompareOp::Co => value.contains(text.as_str()),
                CompareOp::Sw => value.starts_with(text.as_str()),
                CompareOp::Ew => value.ends_with(text.as_str()),
                _ => by(Some(value.cmp(text.as_str()))),
            }
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests;
