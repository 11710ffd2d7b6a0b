//! What the attributes of users and groups are (RFC 7643): one table that type checks, comparisons, projections and discovery read.
//! Only what works is in it, so only what works is announced.

mod tables;

use serde_json::{Map, Value, json};

pub use tables::{ENTERPRISE, GROUP, META, RESOURCE_TYPE, SCHEMA, SERVICE_PROVIDER_CONFIG, USER};

/// An attribute's type (RFC 7643 §2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// Text.
    String,
    /// `true` or `false`.
    Boolean,
    /// A whole number.
    Integer,
    /// RFC 3339.
    DateTime,
    /// Base 64.
    Binary,
    /// A URI.
    Reference,
    /// An object with sub-attributes.
    Complex,
}

impl Type {
    /// The word in `/Schemas`.
    pub fn word(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::DateTime => "dateTime",
            Self::Binary => "binary",
            Self::Reference => "reference",
            Self::Complex => "complex",
        }
    }
}

/// Who sets an attribute (RFC 7643 §2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutability {
    /// We alone; what a client sends is ignored.
    ReadOnly,
    /// The client.
    ReadWrite,
    /// The client, once.
    Immutable,
    /// The client; nobody ever sees it again. Here it is not even kept.
    WriteOnly,
}

/// When an attribute is returned (RFC 7643 §2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Returned {
    /// Whatever the client asks for.
    Always,
    /// Unless the client asks for others, or not for this one.
    Default,
    /// Only if the client asks for it.
    Request,
    /// Never.
    Never,
}

/// An attribute or sub-attribute.
#[derive(Clone, Copy, Debug)]
pub struct Attribute {
    /// As the RFC spells it; compared without regard to case.
    pub name: &'static str,
    /// What values are.
    pub kind: Type,
    /// Several values.
    pub many: bool,
    /// Has to be there.
    pub required: bool,
    /// Whether case counts when values are compared.
    pub case_exact: bool,
    /// Who sets it.
    pub mutability: Mutability,
    /// When it is returned.
    pub returned: Returned,
    /// Whether two resources of one directory may not have the same value.
    pub unique: bool,
    /// Usual values.
    pub canonical: &'static [&'static str],
    /// What a reference points to.
    pub references: &'static [&'static str],
    /// What a complex value consists of.
    pub parts: &'static [Attribute],
    /// For people who read `/Schemas`.
    pub about: &'static str,
}

impl Attribute {
    const fn new(name: &'static str, kind: Type, about: &'static str) -> Self {
        Self {
            name,
            kind,
            many: false,
            required: false,
            case_exact: false,
            mutability: Mutability::ReadWrite,
            returned: Returned::Default,
            unique: false,
            canonical: &[],
            references: &[],
            parts: &[],
            about,
        }
    }

    const fn text(name: &'static str, about: &'static str) -> Self {
        Self::new(name, Type::String, about)
    }

    const fn complex(name: &'static str, parts: &'static [Attribute], about: &'static str) -> Self {
        Self { parts, ..Self::new(name, Type::Complex, about) }
    }

    /// References compare to the letter (RFC 7643 §2.3.7).
    const fn reference(name: &'static str, references: &'static [&'static str], about: &'static str) -> Self {
        Self { references, case_exact: true, ..Self::new(name, Type::Reference, about) }
    }

    const fn many(self) -> Self {
        Self { many: true, ..self }
    }

    const fn required(self) -> Self {
        Self { required: true, ..self }
    }

    const fn exact(self) -> Self {
        Self { case_exact: true, ..self }
    }

    const fn unique(self) -> Self {
        Self { unique: true, ..self }
    }

    const fn always(self) -> Self {
        Self { returned: Returned::Always, ..self }
    }

    const fn on_request(self) -> Self {
        Self { returned: Returned::Request, ..self }
    }

    const fn write_only(self) -> Self {
        Self { mutability: Mutability::WriteOnly, returned: Returned::Never, ..self }
    }

    const fn read_only(self) -> Self {
        Self { mutability: Mutability::ReadOnly, ..self }
    }

    const fn immutable(self) -> Self {
        Self { mutability: Mutability::Immutable, ..self }
    }

    const fn usually(self, canonical: &'static [&'static str]) -> Self {
        Self { canonical, ..self }
    }

    /// The sub-attribute of this name, in any case.
    pub fn part(&self, name: &str) -> Option<&'static Attribute> {
        self.parts.iter().find(|part| part.name.eq_ignore_ascii_case(name))
    }

    fn described(&self) -> Value {
        let mut described = json!({
            "name": self.name,
            "type": self.kind.word(),
            "multiValued": self.many,
            "description": self.about,
            "required": self.required,
            "mutability": match self.mutability {
                Mutability::ReadOnly => "readOnly",
                Mutability::ReadWrite => "readWrite",
                Mutability::Immutable => "immutable",
                Mutability::WriteOnly => "writeOnly",
            },
            "returned": match self.returned {
                Returned::Always => "always",
                Returned::Default => "default",
                Returned::Request => "request",
                Returned::Never => "never",
            },
            "uniqueness": if self.unique { "server" } else { "none" },
        });
        if matches!(self.kind, Type::String | Type::Reference | Type::Binary | Type::DateTime) {
            described["caseExact"] = self.case_exact.into();
        }
        for (name, values) in [("canonicalValues", self.canonical), ("referenceTypes", self.references)] {
            if !values.is_empty() {
                described[name] = values.into();
            }
        }
        if !self.parts.is_empty() {
            described["subAttributes"] = self.parts.iter().map(Self::described).collect();
        }
        described
    }
}

/// A schema: a URN and its attributes.
#[derive(Clone, Copy, Debug)]
pub struct Schema {
    /// The URN.
    pub id: &'static str,
    /// For people.
    pub name: &'static str,
    /// For people.
    pub about: &'static str,
    /// The attributes.
    pub attributes: &'static [Attribute],
}

impl Schema {
    /// The attribute of this name, in any case.
    pub fn attribute(&self, name: &str) -> Option<&'static Attribute> {
        self.attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name))
    }

    /// As `/Schemas` tells it (RFC 7643 §7).
    pub fn described(&self, base: &str) -> Value {
        json!({
            "schemas": [SCHEMA.id],
            "id": self.id,
            "name": self.name,
            "description": self.about,
            "attributes": self.attributes.iter().map(Attribute::described).collect::<Vec<_>>(),
            "meta": { "resourceType": "Schema", "location": format!("{base}/Schemas/{}", self.id) },
        })
    }
}

/// A kind of resource that clients push.
#[derive(Clone, Copy, Debug)]
pub struct Resource {
    /// `User`, `Group`.
    pub name: &'static str,
    /// Below the base URL.
    pub endpoint: &'static str,
    /// For people.
    pub about: &'static str,
    /// What its attributes are.
    pub schema: &'static Schema,
    /// Known extensions.
    pub extensions: &'static [&'static Schema],
}

/// People.
pub static USERS: Resource = Resource {
    name: "User",
    endpoint: "/Users",
    about: "People that the identity provider assigned",
    schema: &USER,
    extensions: &[&ENTERPRISE],
};

/// Groups of people.
pub static GROUPS: Resource = Resource {
    name: "Group",
    endpoint: "/Groups",
    about: "Groups that the identity provider pushes; their members are users",
    schema: &GROUP,
    extensions: &[],
};

/// Every resource clients push.
pub static RESOURCES: [&Resource; 2] = [&USERS, &GROUPS];

/// Every schema, for discovery.
pub static SCHEMAS: [&Schema; 6] = [&USER, &GROUP, &ENTERPRISE, &RESOURCE_TYPE, &SERVICE_PROVIDER_CONFIG, &SCHEMA];

impl Resource {
    /// The attribute of this name in the core schema or common to all resources (RFC 7643 §3.1), in any case.
    pub fn core(&self, name: &str) -> Option<&'static Attribute> {
        let common = META.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name));
        common.or_else(|| self.schema.attribute(name))
    }

    /// The known extension of this URN, in any case.
    pub fn extension(&self, urn: &str) -> Option<&'static Schema> {
        self.extensions.iter().copied().find(|schema| schema.id.eq_ignore_ascii_case(urn))
    }

    /// As [`Resource::core`], for what may be looked at: no secret.
    pub fn visible(&self, name: &str) -> Option<&'static Attribute> {
        self.core(name).filter(|attribute| attribute.mutability != Mutability::WriteOnly)
    }

    /// Whether this URN is the core schema's.
    pub fn is_core(&self, urn: &str) -> bool {
        self.schema.id.eq_ignore_ascii_case(urn)
    }

    /// Whether a name is written with the URN of a schema known here, or is that URN.
    pub fn has_urn_prefix(&self, name: &str) -> bool {
        let mut known = self.extensions.iter().map(|schema| schema.id).chain([self.schema.id]);
        known.any(|urn| name.get(..urn.len()).is_some_and(|head| head.eq_ignore_ascii_case(urn)))
    }

    /// As `/ResourceTypes` tells it (RFC 7643 §6).
    pub fn described(&self, base: &str) -> Value {
        let extensions = self.extensions.iter().map(|schema| json!({ "schema": schema.id, "required": false }));
        json!({
            "schemas": [RESOURCE_TYPE.id],
            "id": self.name,
            "name": self.name,
            "endpoint": self.endpoint,
            "description": self.about,
            "schema": self.schema.id,
            "schemaExtensions": extensions.collect::<Vec<_>>(),
            "meta": { "resourceType": "ResourceType", "location": format!("{base}/ResourceTypes/{}", self.name) },
        })
    }
}

/// Whether a key of a resource names an extension rather than an attribute: schemas are URIs, attribute names have no colon.
pub fn is_urn(key: &str) -> bool {
    key.contains(':')
}

/// The value under a name in any case.
pub fn get<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    object.get(name).or_else(|| object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_any_case() {
        assert_eq!(USERS.core("USERNAME").expect("there").name, "userName");
        assert_eq!(USERS.core("externalid").expect("common").name, "externalId");
        assert_eq!(USER.attribute("emails").and_then(|emails| emails.part("PRIMARY")).expect("there").name, "primary");
        assert!(USERS.extension(&ENTERPRISE.id.to_uppercase()).is_some());
    }

    #[test]
    fn nested_groups_are_said_to_be_unsupported() {
        let described = GROUP.described("https://x/scim/v2");
        let members =
            described["attributes"].as_array().and_then(|all| all.iter().find(|one| one["name"] == "members"));
        let members = members.expect("announced");
        assert!(members["description"].as_str().expect("text").contains("Groups as members are not supported"));
        let parts = members["subAttributes"].as_array().expect("parts");
        let part = |name: &str| parts.iter().find(|part| part["name"] == name).expect("announced");
        assert_eq!(part("type")["canonicalValues"], json!(["User"]));
        assert_eq!(part("$ref")["referenceTypes"], json!(["User"]));
    }

    #[test]
    fn no_schema_names_an_attribute_twice() {
        fn check(place: &str, attributes: &[Attribute]) {
            for (at, attribute) in attributes.iter().enumerate() {
                let again = attributes[at + 1..].iter().any(|other| other.name.eq_ignore_ascii_case(attribute.name));
                assert!(!again, "{place} {}", attribute.name);
                assert_eq!(attribute.kind == Type::Complex, !attribute.parts.is_empty(), "{place} {}", attribute.name);
                check(attribute.name, attribute.parts);
            }
        }
        for schema in SCHEMAS {
            check(schema.id, schema.attributes);
        }
    }
}
