use serde_json::json;

use super::super::schema::{ENTERPRISE, GROUPS, USERS};
use super::*;

fn anna() -> Map<String, Value> {
    let user = json!({
        "schemas": [USERS.schema.id],
        "id": "u1",
        "externalId": "X1",
        "userName": "Anna@Acme.example",
        "active": true,
        "name": { "givenName": "Jürgen", "familyName": "O'Malley" },
        "displayName": "Anna \"B\" Berg",
        "emails": [
            { "value": "anna@acme.example", "type": "work", "primary": true },
            { "value": "anna@home.example", "type": "home" },
        ],
        "profileUrl": "https://x/Anna",
        "groups": [{ "value": "g1", "display": "Staff" }],
        "meta": { "resourceType": "User", "created": "2026-11-24T09:00:00Z", "lastModified": "2026-11-25T09:00:00Z" },
        ENTERPRISE.id: { "department": "Sales", "manager": { "value": "m1" } },
    });
    user.as_object().cloned().expect("an object")
}

fn parse(text: &str) -> Filter {
    Filter::parse(&USERS, text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn matches(text: &str) -> bool {
    parse(text).matches(&anna())
}

#[test]
fn every_operator_compares_by_the_rules_of_the_schema() {
    for text in [
        r#"userName eq "anna@acme.example""#,
        r#"USERNAME EQ "ANNA@ACME.EXAMPLE""#,
        r#"urn:ietf:params:scim:schemas:core:2.0:User:userName eq "anna@acme.example""#,
        r#"name.givenName eq "JU\u0308RGEN""#,
        r#"name.familyName co "o'mal""#,
        r#"displayName eq "anna \"b\" berg""#,
        r#"userName sw "ANNA""#,
        r#"userName ew ".EXAMPLE""#,
        r#"userName ne "otto""#,
        r#"title ne "x""#,
        r#"userName gt "a" and userName lt "b""#,
        r#"userName ge "anna@acme.example" and userName le "anna@acme.example""#,
        r#"externalId eq "X1""#,
        r#"id eq "u1""#,
        r#"active eq true"#,
        r#"active eq "True""#,
        r#"active ne false"#,
        r#"title eq null"#,
        r#"userName ne null"#,
        r#"emails pr"#,
        r#"name pr and not (title pr)"#,
        r#"not(title pr)"#,
        r#"emails.value eq "anna@home.example""#,
        r#"emails eq "anna@home.example""#,
        r#"emails co "home""#,
        r#"emails[type eq "work" and value co "acme"]"#,
        r#"emails[type eq "work"].value eq "anna@acme.example""#,
        r#"emails[not (type eq "work") and value ew "home.example"]"#,
        r#"groups.display eq "staff""#,
        r#"groups eq "g1""#,
        r#"meta.created lt "2026-11-24T10:00:00Z""#,
        r#"meta.created eq "2026-11-24T10:00:00+01:00""#,
        r#"meta.lastModified ge "2026-11-25T09:00:00Z""#,
        r#"meta.resourceType eq "User""#,
        r#"schemas eq "urn:ietf:params:scim:schemas:core:2.0:User""#,
        r#"profileUrl eq "https://x/Anna""#,
        r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department eq "sales""#,
        r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager eq "m1""#,
        r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value pr"#,
        r#"(title pr or active eq true) and (userName pr)"#,
        r#"title pr or active eq true and userName pr"#,
    ] {
        assert!(matches(text), "{text}");
    }
    for text in [
        r#"userName eq "anna""#,
        r#"userName ne "ANNA@acme.example""#,
        r#"externalId eq "x1""#,
        r#"id eq "U1""#,
        r#"active eq false"#,
        r#"title pr"#,
        r#"title eq "x""#,
        r#"title co "x""#,
        r#"emails ne "anna@home.example""#,
        // One element has to pass all of it.
        r#"emails[type eq "work" and value co "home"]"#,
        r#"emails[type eq "work"].value eq "anna@home.example""#,
        r#"emails[type eq "other"]"#,
        r#"phoneNumbers[type eq "work"]"#,
        r#"meta.created gt "2026-11-24T09:00:00Z""#,
        r#"profileUrl eq "https://x/anna""#,
        r#"meta.resourceType eq "user""#,
        r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter pr"#,
        r#"title pr and active eq true or title pr"#,
        r#"userName eq "' OR '1'='1""#,
        r#"userName eq "\" or userName pr or userName eq \"""#,
        r#"userName eq "%""#,
        r#"userName eq "*""#,
    ] {
        assert!(!matches(text), "{text}");
    }
}

#[test]
fn members_compare_by_id() {
    let group = json!({ "id": "g1", "displayName": "Staff", "members": [{ "value": "u1" }, { "value": "u2" }] });
    let group = group.as_object().cloned().expect("an object");
    let filter = |text: &str| Filter::parse(&GROUPS, text).expect(text);
    for text in [
        r#"members eq "u2""#,
        r#"members.value eq "u1""#,
        r#"members[value eq "u1"]"#,
        r#"id eq "g1" and members eq "u1""#,
    ] {
        assert!(filter(text).matches(&group), "{text}");
        let ids = filter(text).members_compared().expect("by equality");
        assert_eq!(ids.len(), 1, "{text}");
        assert!(filter(text).names("members"));
    }
    assert!(!filter(r#"members eq "U1""#).matches(&group));
    assert_eq!(filter("members pr").members_compared(), None);
    assert_eq!(filter(r#"members[type eq "x"]"#).members_compared(), None);
    assert_eq!(filter(r#"displayName pr"#).members_compared(), Some(Vec::new()));
    assert!(!filter(r#"displayName pr"#).names("members"));
}

#[test]
fn an_index_finds_what_every_match_has_to_have() {
    let exact = |text: &str| parse(text).exact();
    let name = Some(Exact::UserName("anna".to_owned()));
    assert_eq!(exact(r#"userName eq "Anna""#), name);
    assert_eq!(exact(r#"active eq true and userName eq "ANNA" and externalId eq "x""#), name, "the most telling one");
    assert_eq!(exact(r#"externalId eq "X1""#), Some(Exact::ExternalId("X1".to_owned())));
    assert_eq!(exact(r#"id eq "u1" and userName eq "anna""#), Some(Exact::Id("u1".to_owned())));
    assert_eq!(exact(r#"displayName eq "Anna""#), Some(Exact::DisplayName("anna".to_owned())));
    let email = Some(Exact::Email("a@b.example".to_owned()));
    for text in [
        r#"emails eq "A@b.example""#,
        r#"emails.value eq "a@b.example""#,
        r#"emails[value eq "a@b.example"]"#,
        r#"emails[type eq "work"].value eq "a@b.example""#,
        r#"emails[type eq "work" and value eq "a@b.example"]"#,
    ] {
        assert_eq!(exact(text), email, "{text}");
    }
    let of_groups = |text: &str| Filter::parse(&GROUPS, text).expect(text).exact();
    assert_eq!(of_groups(r#"members eq "u1""#), Some(Exact::Member("u1".to_owned())));
    assert_eq!(of_groups(r#"members[value eq "u1"] and displayName sw "a""#), Some(Exact::Member("u1".to_owned())));
    for text in [
        r#"userName sw "anna""#,
        r#"userName ne "anna""#,
        r#"not (userName eq "anna")"#,
        r#"userName eq "anna" or userName eq "otto""#,
        r#"emails[type eq "work"]"#,
        r#"emails[value eq "a" or type eq "b"]"#,
        r#"emails[not (value eq "a")]"#,
        r#"groups.value eq "g1""#,
        r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value eq "u1""#,
    ] {
        assert_eq!(exact(text), None, "{text}");
    }
}

#[test]
fn s_filter_hostile() {
    let nested = |open: &str, depth: usize| format!("{}userName pr{}", open.repeat(depth), ")".repeat(depth));
    let hostile = [
        String::new(),
        " ".to_owned(),
        "userName".to_owned(),
        "userName eq".to_owned(),
        "userName eq x".to_owned(),
        "userName eq 'x'".to_owned(),
        "userName eq \"x".to_owned(),
        "userName eq \"x\\\"".to_owned(),
        "userName eq \"x\" and".to_owned(),
        "userName eq \"x\" or or userName pr".to_owned(),
        "and userName pr".to_owned(),
        "userName like \"x\"".to_owned(),
        "userName = \"x\"".to_owned(),
        "(userName pr".to_owned(),
        "userName pr)".to_owned(),
        "()".to_owned(),
        "not".to_owned(),
        "not ()".to_owned(),
        "noSuchThing eq \"x\"".to_owned(),
        "password pr".to_owned(),
        "password sw \"a\"".to_owned(),
        "name.noSuchPart pr".to_owned(),
        "userName.value pr".to_owned(),
        "name.givenName.x pr".to_owned(),
        "__proto__ pr".to_owned(),
        "emails[noSuchPart pr]".to_owned(),
        "emails[emails[value pr]]".to_owned(),
        "emails[value.x pr]".to_owned(),
        "userName[value pr]".to_owned(),
        "emails[]".to_owned(),
        "urn:other:2.0:User:userName pr".to_owned(),
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User pr".to_owned(),
        "name eq \"x\"".to_owned(),
        "userName eq 5".to_owned(),
        "userName eq true".to_owned(),
        "active eq \"perhaps\"".to_owned(),
        "active gt true".to_owned(),
        "active co \"t\"".to_owned(),
        "title gt null".to_owned(),
        "meta.created eq \"yesterday\"".to_owned(),
        "meta.created co \"2026\"".to_owned(),
        "x509Certificates.value gt \"a\"".to_owned(),
        "userName eq {\"a\":1}".to_owned(),
        "userName eq [1]".to_owned(),
        "userName eq \"a\u{0}b\"".to_owned(),
        nested("(", 65),
        nested("not (", 65),
        nested("(", 2_000),
        nested("not (", 1_000),
        "userName pr or ".repeat(1_100) + "userName pr",
        format!("userName eq \"{}\"", "x".repeat(FILTER_LIMIT)),
        "[".repeat(4_000),
        "\"".repeat(4_001),
        "emails[type eq \"a\"].value eq ".repeat(200),
    ];
    for text in &hostile {
        let error = Filter::parse(&USERS, text).map(|filter| format!("{filter:?}")).expect_err(text);
        assert_eq!(error.kind, Kind::Filter, "{text}");
        assert!(error.detail.len() < 500, "{}", error.detail);
    }
    // As deep and as long as is allowed is read.
    assert!(Filter::parse(&USERS, &nested("(", 60)).is_ok());
    assert!(Filter::parse(&USERS, &("userName pr or ".repeat(500) + "userName pr")).is_ok());
}
