//! Lists: what a query asks for (RFC 7644 §3.4.2, §3.4.3; RFC 9865), and the answer.

use std::cmp::Ordering;

use serde_json::{Map, Value, json};

use super::error::quoted;
use super::filter::Filter;
use super::normalise;
use super::projection::Projection;
use super::schema::{Resource, Type};
use super::{Kind, PAGE, PAGE_LIMIT, ScimError};
use crate::clock::Timestamp;
use crate::directory::Name;

/// The URN of a list.
pub const SCHEMA: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

/// The URN of a query sent as a body.
pub const SEARCH_SCHEMA: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";

/// What a client asks for, as sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// `attributes`.
    pub attributes: Vec<String>,
    /// `excludedAttributes`.
    pub excluded: Vec<String>,
    /// `filter`.
    pub filter: Option<String>,
    /// `sortBy`.
    pub sort_by: Option<String>,
    /// `sortOrder`.
    pub sort_order: Option<String>,
    /// `startIndex`.
    pub start_index: Option<String>,
    /// `count`.
    pub count: Option<String>,
    /// `cursor`; empty asks for the first page.
    pub cursor: Option<String>,
}

impl Query {
    /// From the parameters of a URL. Names are those of the RFC in any case; others are not ours to judge.
    pub fn of_url(parameters: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut query = Self::default();
        for (name, value) in parameters {
            match name.to_ascii_lowercase().as_str() {
                "attributes" => query.attributes.push(value),
                "excludedattributes" => query.excluded.push(value),
                "filter" => query.filter = Some(value).filter(|value| !value.trim().is_empty()),
                "sortby" => query.sort_by = Some(value).filter(|value| !value.trim().is_empty()),
                "sortorder" => query.sort_order = Some(value),
                "startindex" => query.start_index = Some(value),
                "count" => query.count = Some(value),
                "cursor" => query.cursor = Some(value),
                _ => {}
            }
        }
        query
    }

    /// From a body of `/.search` (RFC 7644 §3.4.3).
    pub fn of_body(body: Map<String, Value>) -> Result<Self, ScimError> {
        normalise::schemas(&body, SEARCH_SCHEMA)?;
        let mut parameters = Vec::new();
        for (name, value) in body {
            let wrong = || ScimError::new(Kind::Value, format!("{} has another type", quoted(&name)));
            match value {
                Value::Null => {}
                Value::String(text) => parameters.push((name, text)),
                Value::Number(number) => parameters.push((name, number.to_string())),
                Value::Array(_) if name.eq_ignore_ascii_case("schemas") => {}
                Value::Array(items) => {
                    for item in items {
                        parameters.push((name.clone(), item.as_str().ok_or_else(wrong)?.to_owned()));
                    }
                }
                Value::Bool(_) | Value::Object(_) => return Err(wrong()),
            }
        }
        Ok(Self::of_url(parameters))
    }

    /// What to show of resources of this kind.
    pub fn projection(&self, resource: &'static Resource) -> Projection {
        let attributes = self.attributes.iter().map(String::as_str);
        Projection::new(resource, attributes, self.excluded.iter().map(String::as_str))
    }

    /// Reads the query for resources of this kind.
    pub fn read(&self, resource: &'static Resource) -> Result<Search, ScimError> {
        let filter = self.filter.as_deref().map(|text| Filter::parse(resource, text)).transpose()?;
        let sort = self.sort_by.as_deref().map(|text| Sort::parse(resource, text, self.sort_order.as_deref()));
        let mark = self.mark(resource);
        let page = match (&self.cursor, &self.start_index) {
            (Some(_), Some(_)) => {
                let detail = "cursor and startIndex are two ways to page: send one of them";
                return Err(ScimError::new(Kind::Value, detail));
            }
            (Some(cursor), None) => Page::Cursor(Cursor::parse(cursor, mark)?),
            // RFC 7644 §3.4.2.4: less than 1 is 1.
            (None, start) => Page::From(start.as_deref().map_or(Ok(1), |text| number("startIndex", text))?.max(1)),
        };
        let counted = self.count.as_deref().map(|text| {
            number("count", text).map_err(|error| match page {
                Page::Cursor(_) => ScimError::new(Kind::Count, error.detail),
                Page::From(_) => error,
            })
        });
        let count = counted.transpose()?.unwrap_or(PAGE).min(PAGE_LIMIT);
        Ok(Search { filter, sort: sort.transpose()?, page, count, projection: self.projection(resource), mark })
    }

    /// Tells queries apart, so that a cursor of one does not page through another. FNV-1a: a cursor opens nothing that the query
    /// itself would not.
    fn mark(&self, resource: &Resource) -> u64 {
        let parts = [Some(resource.name), self.filter.as_deref(), self.sort_by.as_deref(), self.sort_order.as_deref()];
        let bytes = parts.iter().flat_map(|part| part.unwrap_or_default().bytes().chain([0xff]));
        bytes.fold(0xcbf2_9ce4_8422_2325, |mark, byte| (mark ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
    }
}

/// Less than nothing is nothing (RFC 7644 §3.4.2.4).
fn number(name: &str, text: &str) -> Result<usize, ScimError> {
    let wrong = || ScimError::new(Kind::Value, format!("{name} is {}; a number is expected", quoted(text)));
    let number: i64 = text.trim().parse().map_err(|_| wrong())?;
    Ok(usize::try_from(number).unwrap_or(0))
}

/// A query that makes sense.
#[derive(Clone, Debug)]
pub struct Search {
    /// Which resources.
    pub filter: Option<Filter>,
    /// In which order; else in the order they came.
    pub sort: Option<Sort>,
    /// From where.
    pub page: Page,
    /// How many at most.
    pub count: usize,
    /// What of them.
    pub projection: Projection,
    mark: u64,
}

impl Search {
    /// The cursor of what comes next.
    pub fn cursor(&self, next: Cursor) -> String {
        next.text(self.mark)
    }
}

/// Where a page starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// At this place, counted from 1.
    From(usize),
    /// Where the page before ended.
    Cursor(Cursor),
}

/// Where a page ended: by row where rows come in their own order, by place where they were sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cursor {
    /// Before the first.
    Start,
    /// After this row, of so many matches.
    After {
        /// The row.
        row: i64,
        /// Counted when the first page was.
        total: u64,
    },
    /// After so many of the sorted matches.
    Skip(usize),
}

impl Cursor {
    fn parse(text: &str, mark: u64) -> Result<Self, ScimError> {
        if text.is_empty() {
            return Ok(Self::Start);
        }
        let read = || {
            let (kind, rest) = text.split_once('.')?;
            let (place, sent_mark) = rest.rsplit_once('.')?;
            if u64::from_str_radix(sent_mark, 16).ok()? != mark {
                return None;
            }
            match kind {
                "a" => {
                    let (row, total) = place.split_once('.')?;
                    Some(Self::After { row: row.parse().ok()?, total: total.parse().ok()? })
                }
                "s" => place.parse().ok().map(Self::Skip),
                _ => None,
            }
        };
        let refused = || ScimError::new(Kind::Cursor, "the cursor is none of ours, or belongs to another query");
        read().ok_or_else(refused)
    }

    /// RFC 9865 §2: unreserved characters only.
    fn text(self, mark: u64) -> String {
        match self {
            Self::Start => String::new(),
            Self::After { row, total } => format!("a.{row}.{total}.{mark:x}"),
            Self::Skip(places) => format!("s.{places}.{mark:x}"),
        }
    }
}

/// An order (RFC 7644 §3.4.2.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sort {
    extension: Option<&'static str>,
    name: &'static str,
    part: Option<&'static str>,
    kind: Type,
    case_exact: bool,
    descending: bool,
}

/// What a resource is sorted by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SortKey {
    /// A Boolean.
    Truth(bool),
    /// A moment.
    Time(Timestamp),
    /// A text, folded unless case counts.
    Text(String),
}

impl Sort {
    fn parse(resource: &'static Resource, text: &str, order: Option<&str>) -> Result<Self, ScimError> {
        let unknown =
            || ScimError::new(Kind::Path, format!("sortBy {} names no attribute; see /Schemas", quoted(text)));
        let (urn, path) = match text.trim().rsplit_once(':') {
            Some((urn, path)) => (Some(urn), path),
            None => (None, text.trim()),
        };
        let (name, part) = path.split_once('.').map_or((path, None), |(name, part)| (name, Some(part)));
        let (extension, attribute) = match urn {
            None => (None, resource.visible(name)),
            Some(urn) if resource.is_core(urn) => (None, resource.visible(name)),
            Some(urn) => (
                resource.extension(urn).map(|schema| schema.id),
                resource.extension(urn).and_then(|schema| schema.attribute(name)),
            ),
        };
        let attribute = attribute.ok_or_else(unknown)?;
        let part = match part {
            Some(part) => Some(attribute.part(part).ok_or_else(unknown)?),
            // Of complex values, the value.
            None if attribute.kind == Type::Complex => Some(attribute.part("value").ok_or_else(unknown)?),
            None => None,
        };
        let descending = match order.map(str::to_ascii_lowercase).as_deref() {
            None | Some("" | "ascending") => false,
            Some("descending") => true,
            Some(_) => {
                return Err(ScimError::new(Kind::Value, "sortOrder is neither ascending nor descending"));
            }
        };
        let last = part.unwrap_or(attribute);
        Ok(Self {
            extension,
            name: attribute.name,
            part: part.map(|part| part.name),
            kind: last.kind,
            case_exact: last.case_exact,
            descending,
        })
    }

    /// Whether this attribute is what is sorted by.
    pub fn names(&self, attribute: &str) -> bool {
        self.extension.is_none() && self.name == attribute
    }

    /// What a resource is sorted by: of several values the primary one, else the first.
    pub fn key(&self, object: &Map<String, Value>) -> Option<SortKey> {
        let holder = match self.extension {
            None => object,
            Some(urn) => object.get(urn)?.as_object()?,
        };
        let value = match holder.get(self.name)? {
            Value::Array(items) => {
                items.iter().find(|item| item.get("primary") == Some(&Value::Bool(true))).or(items.first())?
            }
            value => value,
        };
        let value = self.part.map_or(Some(value), |part| value.get(part))?;
        match (self.kind, value) {
            (_, Value::Bool(truth)) => Some(SortKey::Truth(*truth)),
            (Type::DateTime, Value::String(text)) => Timestamp::parse(text).map(SortKey::Time),
            (_, Value::String(text)) if self.case_exact => Some(SortKey::Text(text.clone())),
            (_, Value::String(text)) => Some(SortKey::Text(Name::key_of(text))),
            _ => None,
        }
    }

    /// Who comes first; without a value last, and first where the order is turned round.
    pub fn compare(&self, one: &Option<SortKey>, other: &Option<SortKey>) -> Ordering {
        let order = match (one, other) {
            (None, None) => Ordering::Equal,
            (None, Some(_)) => Ordering::Greater,
            (Some(_), None) => Ordering::Less,
            (Some(one), Some(other)) => one.cmp(other),
        };
        if self.descending { order.reverse() } else { order }
    }
}

/// A page of resources.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// How many match in all.
    pub total: u64,
    /// The page.
    pub resources: Vec<Map<String, Value>>,
    /// Where it starts, counted from 1; with a cursor there is no such place.
    pub start: Option<usize>,
    /// The cursor of what comes next, if anything does and a cursor was used.
    pub next: Option<String>,
}

impl Found {
    /// The list (RFC 7644 §3.4.2, RFC 9865 §2). `Resources` is there even if it is empty: clients iterate over it.
    pub fn body(self) -> Value {
        let mut body = json!({
            "schemas": [SCHEMA],
            "totalResults": self.total,
            "itemsPerPage": self.resources.len(),
        });
        if let Some(start) = self.start {
            body["startIndex"] = start.into();
        }
        if let Some(next) = self.next {
            body["nextCursor"] = next.into();
        }
        body["Resources"] = self.resources.into_iter().map(Value::Object).collect();
        body
    }
}

/// A query on something that cannot be filtered: discovery (RFC 7644 §4).
pub fn refuse_filter(query: &Query) -> Result<(), ScimError> {
    if query.filter.is_some() {
        return Err(ScimError::new(Kind::Forbidden, "discovery cannot be filtered (RFC 7644, section 4)"));
    }
    Ok(())
}
