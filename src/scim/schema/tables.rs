//! The tables: RFC 7643 §4.1, §4.2, §4.3, §3.1 and the schemas of discovery, §5 to §7.

use super::{Attribute, Schema, Type};

const USUAL_TYPES: &[&str] = &["work", "home", "other"];

const fn value(about: &'static str) -> Attribute {
    Attribute::text("value", about)
}

const DISPLAY: Attribute = Attribute::text("display", "What to show");

const PRIMARY: Attribute = Attribute::new("primary", Type::Boolean, "The preferred one; at most one is");

const fn kind_of(canonical: &'static [&'static str]) -> Attribute {
    Attribute::text("type", "What it is for").usually(canonical)
}

/// Attributes of every resource (RFC 7643 §3.1).
pub static META: [Attribute; 4] = [
    Attribute::reference("schemas", &["uri"], "The schemas of this resource").many().always(),
    Attribute::text("id", "Ours: opaque, never reused").exact().unique().always().read_only(),
    Attribute::text("externalId", "The client's own id; unique in its directory").exact().unique(),
    Attribute::complex(
        "meta",
        &[
            Attribute::text("resourceType", "The kind of resource").exact().read_only(),
            Attribute::new("created", Type::DateTime, "When it was pushed first").read_only(),
            Attribute::new("lastModified", Type::DateTime, "When it changed last").read_only(),
            Attribute::reference("location", &["uri"], "Its address").read_only(),
            Attribute::text("version", "Its ETag").exact().read_only(),
        ],
        "About the resource",
    )
    .read_only(),
];

/// Users (RFC 7643 §4.1).
pub static USER: Schema = Schema {
    id: "urn:ietf:params:scim:schemas:core:2.0:User",
    name: "User",
    about: "A person that the identity provider assigned",
    attributes: &[
        Attribute::text("userName", "Unique in its directory, in any case and Unicode form").required().unique(),
        Attribute::complex(
            "name",
            &[
                Attribute::text("formatted", "The whole name"),
                Attribute::text("familyName", "Family name"),
                Attribute::text("givenName", "Given name"),
                Attribute::text("middleName", "Middle name"),
                Attribute::text("honorificPrefix", "Title before the name"),
                Attribute::text("honorificSuffix", "Title after the name"),
            ],
            "The parts of the name",
        ),
        Attribute::text("displayName", "What to call the person"),
        Attribute::text("nickName", "Nickname"),
        Attribute::reference("profileUrl", &["external"], "A page about the person"),
        Attribute::text("title", "Job title"),
        Attribute::text("userType", "How the person belongs to the organization"),
        Attribute::text("preferredLanguage", "As in Accept-Language"),
        Attribute::text("locale", "For numbers and dates"),
        Attribute::text("timezone", "From the time zone database"),
        Attribute::new(
            "active",
            Type::Boolean,
            "Whether the person is assigned; true if absent. False ends memberships and sessions at once",
        ),
        Attribute::text(
            "password",
            "Taken, and dropped at once: people sign in at the identity provider. Clients that send one expect to find it here",
        )
        .exact()
        .write_only(),
        Attribute::complex(
            "emails",
            &[value("The address"), DISPLAY, kind_of(USUAL_TYPES), PRIMARY],
            "Addresses. The one that counts is the primary one, else the one for work, else the first",
        )
        .many(),
        Attribute::complex(
            "phoneNumbers",
            &[value("The number"), DISPLAY, kind_of(&["work", "home", "mobile", "fax", "pager", "other"]), PRIMARY],
            "Telephone numbers",
        )
        .many(),
        Attribute::complex(
            "ims",
            &[
                value("The address"),
                DISPLAY,
                kind_of(&["aim", "gtalk", "icq", "xmpp", "msn", "skype", "qq", "yahoo"]),
                PRIMARY,
            ],
            "Addresses for instant messages",
        )
        .many(),
        Attribute::complex(
            "photos",
            &[
                Attribute::reference("value", &["external"], "Where it is"),
                DISPLAY,
                kind_of(&["photo", "thumbnail"]),
                PRIMARY,
            ],
            "Pictures",
        )
        .many(),
        Attribute::complex(
            "addresses",
            &[
                Attribute::text("formatted", "The whole address"),
                Attribute::text("streetAddress", "Street and number"),
                Attribute::text("locality", "City"),
                Attribute::text("region", "State or region"),
                Attribute::text("postalCode", "Postal code"),
                Attribute::text("country", "Country"),
                kind_of(USUAL_TYPES),
                PRIMARY,
            ],
            "Postal addresses",
        )
        .many(),
        Attribute::complex(
            "groups",
            &[
                value("The group's id").exact().read_only(),
                Attribute::reference("$ref", &["Group"], "The group's address").read_only(),
                Attribute::text("display", "The group's name").read_only(),
                Attribute::text("type", "Always direct: groups are not nested").usually(&["direct"]).read_only(),
            ],
            "The groups the person is in; changed at the groups",
        )
        .many()
        .read_only(),
        Attribute::complex(
            "entitlements",
            &[value("The entitlement"), DISPLAY, kind_of(&[]), PRIMARY],
            "Kept and returned; gives no right here",
        )
        .many(),
        Attribute::complex(
            "roles",
            &[value("The role"), DISPLAY, kind_of(&[]), PRIMARY],
            "Kept and returned; gives no role here: roles come from group mappings or by hand",
        )
        .many(),
        Attribute::complex(
            "x509Certificates",
            &[
                Attribute::new("value", Type::Binary, "The certificate, DER in base 64").exact(),
                DISPLAY,
                kind_of(&[]),
                PRIMARY,
            ],
            "Certificates",
        )
        .many(),
    ],
};

/// Groups (RFC 7643 §4.2).
pub static GROUP: Schema = Schema {
    id: "urn:ietf:params:scim:schemas:core:2.0:Group",
    name: "Group",
    about: "A group of people",
    attributes: &[
        Attribute::text("displayName", "The group's name. Mappings hold on to the id, so a new name changes nothing").required(),
        Attribute::complex(
            "members",
            &[
                value("The user's id").exact().immutable(),
                Attribute::reference("$ref", &["User"], "The user's address").immutable(),
                // Clients write a name beside the id and expect to find it here; to compare what comes back with what they sent,
                // others expect it only if they ask.
                Attribute::text("display", "The user's name").read_only().on_request(),
                Attribute::text("type", "Always User").usually(&["User"]).immutable(),
            ],
            "The users in the group. Groups as members are not supported: such a request is refused, and nothing of it is done",
        )
        .many(),
    ],
};

/// The enterprise extension (RFC 7643 §4.3).
pub static ENTERPRISE: Schema = Schema {
    id: "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
    name: "EnterpriseUser",
    about: "The person's place in the enterprise; kept and returned",
    attributes: &[
        Attribute::text("employeeNumber", "Number in the enterprise"),
        Attribute::text("costCenter", "Cost center"),
        Attribute::text("organization", "Organization"),
        Attribute::text("division", "Division"),
        Attribute::text("department", "Department"),
        Attribute::complex(
            "manager",
            &[
                value("The manager's id").exact(),
                Attribute::reference("$ref", &["User"], "The manager's address"),
                Attribute::text("displayName", "The manager's name"),
            ],
            "The person's manager",
        ),
    ],
};

const fn told(attribute: Attribute) -> Attribute {
    attribute.read_only()
}

const SUPPORTED: Attribute = told(Attribute::new("supported", Type::Boolean, "Whether it is offered").required());

/// RFC 7643 §5, and `pagination` of RFC 9865 §4.
pub static SERVICE_PROVIDER_CONFIG: Schema = Schema {
    id: "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig",
    name: "ServiceProviderConfig",
    about: "What this service provider offers",
    attributes: &[
        told(Attribute::reference("documentationUri", &["external"], "Where it is described")),
        told(Attribute::complex("patch", &[SUPPORTED], "PATCH").required()),
        told(
            Attribute::complex(
                "bulk",
                &[
                    SUPPORTED,
                    told(Attribute::new("maxOperations", Type::Integer, "Operations per request").required()),
                    told(Attribute::new("maxPayloadSize", Type::Integer, "Bytes per request").required()),
                ],
                "Bulk requests",
            )
            .required(),
        ),
        told(
            Attribute::complex(
                "filter",
                &[SUPPORTED, told(Attribute::new("maxResults", Type::Integer, "Resources per answer").required())],
                "Filters",
            )
            .required(),
        ),
        told(Attribute::complex("changePassword", &[SUPPORTED], "Passwords").required()),
        told(Attribute::complex("sort", &[SUPPORTED], "Sorting").required()),
        told(Attribute::complex("etag", &[SUPPORTED], "Versions").required()),
        told(
            Attribute::complex(
                "authenticationSchemes",
                &[
                    told(Attribute::text("type", "The scheme").required()),
                    told(Attribute::text("name", "Its name").required()),
                    told(Attribute::text("description", "What to send").required()),
                    told(Attribute::reference("specUri", &["external"], "Where it is specified")),
                    told(Attribute::reference("documentationUri", &["external"], "Where it is described")),
                    told(Attribute::new("primary", Type::Boolean, "The preferred one")),
                ],
                "How clients prove who they are",
            )
            .many()
            .required(),
        ),
        told(Attribute::complex(
            "pagination",
            &[
                told(Attribute::new("cursor", Type::Boolean, "By cursor").required()),
                told(Attribute::new("index", Type::Boolean, "By startIndex").required()),
                told(Attribute::text("defaultPaginationMethod", "Unless asked").usually(&["cursor", "index"])),
                told(Attribute::new("defaultPageSize", Type::Integer, "Resources per page, unless asked")),
                told(Attribute::new("maxPageSize", Type::Integer, "Resources per page, at most")),
                told(Attribute::new("cursorTimeout", Type::Integer, "Seconds a cursor lasts; without end if absent")),
            ],
            "Pages (RFC 9865)",
        ))
        // Clients made before RFC 9865 that check what they read give up on a configuration with this in it (Canaille 0.3).
        .on_request(),
    ],
};

/// RFC 7643 §6.
pub static RESOURCE_TYPE: Schema = Schema {
    id: "urn:ietf:params:scim:schemas:core:2.0:ResourceType",
    name: "ResourceType",
    about: "A kind of resource",
    attributes: &[
        told(Attribute::text("id", "The same as the name")),
        told(Attribute::text("name", "The name").required()),
        told(Attribute::text("description", "For people")),
        told(Attribute::reference("endpoint", &["uri"], "Below the base URL").required()),
        told(Attribute::reference("schema", &["uri"], "What its attributes are").required()),
        told(
            Attribute::complex(
                "schemaExtensions",
                &[
                    told(Attribute::reference("schema", &["uri"], "The extension").required()),
                    told(Attribute::new("required", Type::Boolean, "Whether it has to be there").required()),
                ],
                "Known extensions",
            )
            .many(),
        ),
    ],
};

const DESCRIBED: [Attribute; 11] = [
    told(Attribute::text("name", "The name").exact().required()),
    told(Attribute::text("type", "What values are").required().usually(&[
        "string",
        "complex",
        "boolean",
        "decimal",
        "integer",
        "dateTime",
        "reference",
        "binary",
    ])),
    told(Attribute::new("multiValued", Type::Boolean, "Several values").required()),
    told(Attribute::text("description", "For people").exact()),
    told(Attribute::new("required", Type::Boolean, "Has to be there")),
    told(Attribute::text("canonicalValues", "Usual values").exact().many()),
    told(Attribute::new("caseExact", Type::Boolean, "Whether case counts")),
    told(Attribute::text("mutability", "Who sets it").exact().usually(&[
        "readOnly",
        "readWrite",
        "immutable",
        "writeOnly",
    ])),
    told(
        Attribute::text("returned", "When it is returned").exact().usually(&["always", "never", "default", "request"]),
    ),
    told(Attribute::text("uniqueness", "How unique it is").exact().usually(&["none", "server", "global"])),
    told(Attribute::text("referenceTypes", "What it points to").exact().many()),
];

const WITH_PARTS: [Attribute; 12] = {
    let mut all =
        [Attribute::complex("subAttributes", &DESCRIBED, "The parts of complex values").many().read_only(); 12];
    let mut at = 0;
    while at < DESCRIBED.len() {
        all[at] = DESCRIBED[at];
        at += 1;
    }
    all
};

/// RFC 7643 §7.
pub static SCHEMA: Schema = Schema {
    id: "urn:ietf:params:scim:schemas:core:2.0:Schema",
    name: "Schema",
    about: "What the attributes of a resource are",
    attributes: &[
        told(Attribute::text("id", "The URN").required()),
        told(Attribute::text("name", "For people").required()),
        told(Attribute::text("description", "For people")),
        told(Attribute::complex("attributes", &WITH_PARTS, "The attributes").many().required()),
    ],
};
