use std::collections::BTreeSet;
use std::time::Duration;

use proptest::prelude::*;
use syn::visit::Visit;

use super::*;
use crate::audit::{Actor, Entry, Event};
use crate::clock::Timestamp;
use crate::connection::{
    AttributeNames, Connection, ConnectionStatus, IdpCertificate, NewCertificates, Protocol, SamlIdp, SamlSettings,
};
use crate::db::{Db, Tx, TxExt as _, V};
use crate::identity::{AssertedGroups, DomainName, EmailAddress, GroupKey, Subject};
use crate::ids::{ApplicationId, AuditId, ConnectionId, Incident, OrganizationId, ParentId, PersonId, Slug, SubjectId};
use crate::organization::{
    Application, GroupMapping, GroupMappings, HeaderPreset, Member, MemberStatus, Organization, Pin, ProvisioningMode,
    Source,
};
use crate::product::{ParentPlan, ProductKey, RoleKey, SeatTypeKey};

const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);

fn later(seconds: u64) -> Timestamp {
    NOW.plus(Duration::from_secs(seconds))
}

fn database() -> Db {
    Db::temporary(MIGRATIONS).expect("a database")
}

/// Runs `work` on the writer, in one transaction.
fn write<T: Send + 'static>(
    db: &Db,
    work: impl FnMut(&mut dyn Tx) -> Result<T, DbError> + Send + 'static,
) -> Result<T, DbError> {
    db.write_blocking(work)
}

fn slug(text: &str) -> Slug {
    Slug::parse(text).expect("a slug")
}

fn email(text: &str) -> EmailAddress {
    EmailAddress::parse(text).expect("an address")
}

fn saml(entity_id: &str) -> SamlSettings {
    SamlSettings::new(SamlIdp {
        entity_id: entity_id.to_owned(),
        sso_redirect: None,
        sso_post: None,
        slo_redirect: None,
        slo_response: None,
        wants_signed_requests: false,
        certificates: Vec::new(),
        valid_until: None,
    })
}

fn connection(parent: ParentId, name: &str) -> Connection {
    Connection {
        id: ConnectionId(0),
        parent,
        slug: slug(name),
        label: name.to_owned(),
        status: ConnectionStatus::Draft,
        tested: None,
        protocol: Protocol::Saml(saml("https://idp.example")),
        attributes: AttributeNames::default(),
        omits_empty_groups: false,
    }
}

fn organization(parent: ParentId, name: &str) -> Organization {
    Organization {
        id: OrganizationId(0),
        parent,
        slug: slug(name),
        name: name.to_owned(),
        product: ProductKey::new("enterprise-seats"),
        mode: ProvisioningMode::Jit { group_mappings: true },
        mappings: GroupMappings::default(),
        require_sso: false,
        contact: None,
    }
}

fn application(organization: OrganizationId, name: &str) -> Application {
    Application {
        id: ApplicationId(0),
        organization,
        slug: slug(name),
        name: name.to_owned(),
        url: format!("https://{name}.example/start"),
        roles: vec![RoleKey::new("owner"), RoleKey::new("user")],
        seats: vec![SeatTypeKey::new("premium")],
        headers: HeaderPreset::OauthProxy,
    }
}

fn member(organization: OrganizationId, person: PersonId, seat: Option<&str>) -> Member {
    Member {
        organization,
        person,
        status: MemberStatus::Active,
        role: RoleKey::new("user"),
        role_source: Source::Default,
        role_pin: None,
        seat: seat.map(SeatTypeKey::new),
        seat_source: Source::Default,
        seat_pin: None,
        joined_at: NOW,
        version: 1,
    }
}

/// A parent organization with a connection, an organization with 2 premium seats, an application and one person with a subject.
#[derive(Clone, Copy, Debug)]
struct Side {
    parent: ParentId,
    connection: ConnectionId,
    organization: OrganizationId,
    person: PersonId,
    subject: SubjectId,
}

fn side(tx: &mut dyn Tx, name: &str) -> Result<Side, DbError> {
    let parent = organizations::add_parent(tx, &slug(name), name, ParentPlan::Enterprise)?;
    let connection = connections::add(tx, &connection(parent, &format!("{name}-idp")))?;
    let organization = organizations::add(tx, &organization(parent, &format!("{name}-work")))?;
    seats::set_bought(tx, organization, &SeatTypeKey::new("premium"), 2)?;
    let host = format!("wiki-{name}");
    applications::add(tx, &application(organization, &host), &format!("https://{host}.example"))?;
    let anna = email(&format!("anna@{name}.example"));
    let person = people::add(tx, parent, &format!("id-{name}"), &anna, "Anna", NOW)?;
    let key = Subject::new("anna").expect("a subject");
    let said = AssertedGroups::listed(["everyone", "owners, too"]);
    let subject = people::remember_sign_in(tx, connection, &key, person, &said, NOW)?;
    Ok(Side { parent, connection, organization, person, subject })
}

fn session(side: Side, hash: [u8; 32]) -> sessions::NewSession<'static> {
    sessions::NewSession {
        token_hash: hash,
        person: side.person,
        subject: side.subject,
        idp_session: Some("idp-session"),
        idp_name: Some(&[7; 32]),
        logout_seal: Some(b"sealed"),
        created_at: NOW,
        expires_at: later(3600),
        address: "192.0.2.1",
        user_agent: "a browser",
    }
}

// the schema and the statements as a whole

/// `UPDATE_GOLDEN=1 cargo test --lib store::` rewrites the file; the review is reading it.
#[test]
fn the_schema_is_as_written_down() {
    let db = database();
    let mut now = db
        .read(|tx| {
            tx.all(
                "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' \
                 ORDER BY type DESC, name",
                &[],
                |row| row.text(0),
            )
        })
        .expect("readable")
        .join(";\n\n");
    now.push_str(";\n");
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/schema.sql");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(path, &now).expect("the golden file can be written");
    }
    let golden = std::fs::read_to_string(path).unwrap_or_default();
    assert!(golden == now, "the schema changed; if that is meant, UPDATE_GOLDEN=1 and read the diff");
    let loose: Vec<&str> =
        now.split(";\n\n").filter(|sql| sql.starts_with("CREATE TABLE") && !sql.contains("STRICT")).collect();
    assert!(loose.is_empty(), "every table is STRICT: {loose:?}");
}

/// Every SQL statement of this room, out of its source: file and text. A `select!("WHERE ..")` is put together with its head.
fn statements() -> Vec<(String, String)> {
    #[derive(Default)]
    struct Found {
        heads: Vec<(String, String)>,
        texts: Vec<String>,
        macros: Vec<(String, String)>,
    }
    impl<'ast> Visit<'ast> for Found {
        fn visit_lit_str(&mut self, literal: &'ast syn::LitStr) {
            self.texts.push(literal.value());
        }

        fn visit_item_macro(&mut self, item: &'ast syn::ItemMacro) {
            if let Some(name) = &item.ident {
                let mut head = String::new();
                strings(item.mac.tokens.clone(), &mut |text| head.push_str(text));
                self.heads.push((name.to_string(), head));
            }
        }

        fn visit_item_mod(&mut self, _: &'ast syn::ItemMod) {}

        fn visit_macro(&mut self, call: &'ast syn::Macro) {
            let name = call.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
            strings(call.tokens.clone(), &mut |text| self.macros.push((name.clone(), text.to_owned())));
        }
    }
    fn strings(tokens: proc_macro2::TokenStream, found: &mut dyn FnMut(&str)) {
        for token in tokens {
            match token {
                proc_macro2::TokenTree::Group(group) => strings(group.stream(), found),
                proc_macro2::TokenTree::Literal(literal) => {
                    if let Ok(text) = syn::parse_str::<syn::LitStr>(&literal.to_string()) {
                        found(&text.value());
                    }
                }
                _ => {}
            }
        }
    }
    let mut all = Vec::new();
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src/store")).expect("listed") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        if !name.ends_with(".rs") || name == "tests.rs" {
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("a source file");
        let mut found = Found::default();
        found.visit_file(&syn::parse_file(&text).expect("Rust"));
        let is_sql = |text: &str| {
            ["SELECT ", "INSERT ", "UPDATE ", "DELETE ", "WITH "].iter().any(|verb| text.starts_with(verb))
        };
        all.extend(found.texts.into_iter().filter(|text| is_sql(text)).map(|text| (name.clone(), text)));
        for (called, tail) in found.macros {
            if let Some((_, head)) = found.heads.iter().find(|(known, _)| *known == called) {
                all.push((name.clone(), format!("{head}{tail}")));
            }
        }
    }
    all
}

#[test]
fn every_statement_is_found_for_the_tests_below() {
    let all = statements();
    let verbs = |verb: &str| all.iter().filter(|(_, sql)| sql.starts_with(verb)).count();
    assert!(verbs("SELECT") >= 35 && verbs("INSERT") >= 15 && verbs("UPDATE") >= 10 && verbs("DELETE") >= 10);
    assert!(all.iter().any(|(file, sql)| file == "sessions.rs" && sql.contains("LEFT JOIN application")));
    assert!(all.iter().any(|(file, sql)| file == "members.rs"
        && sql.ends_with("FROM member WHERE person_id = ?1 ORDER BY organization_id")));
}

/// Tables that are read whole on purpose, and why that is cheap.
const READ_WHOLE: [(&str, &str); 8] = [
    ("domain", "there are a few for each parent, and the metrics count them all"),
    ("signing_key", "there are two, and a few after a rotation"),
    ("parent_organization", "there are a few, and all are wanted"),
    ("connection", "there are a few, and the sign-in page wants the active ones"),
    ("organization", "`usher doctor` counts the seats of all of them"),
    ("data_key", "there is one, or a few after a rotation"),
    ("operator_link", "they live for minutes"),
    ("operator_session", "they live for an hour"),
];

/// How SQLite would run a statement, step by step.
fn plan(db: &Db, sql: &str) -> Vec<String> {
    // Statements are constants for the room; here each is looked at once.
    let explain: &'static str = Box::leak(format!("EXPLAIN QUERY PLAN {sql}").into_boxed_str());
    let parameters = (1..=30).filter(|n| sql.contains(&format!("?{n}"))).count();
    let planned = db.read_one(|tx| tx.all(explain, &vec![V::Null; parameters], |row| row.text(3)));
    planned.unwrap_or_else(|error: DbError| panic!("{error}: {sql}"))
}

#[test]
fn no_statement_scans_a_table_that_grows() {
    let db = database();
    for (file, sql) in statements() {
        for step in plan(&db, &sql) {
            let whole = step.strip_prefix("SCAN ").map(|rest| rest.split(' ').next().unwrap_or_default());
            let known = |table: &str| READ_WHOLE.iter().any(|(whole, _)| *whole == table);
            assert!(whole.is_none_or(known), "{file}: {step}\n{sql}");
        }
    }
}

#[test]
fn forward_auth_reads_by_keys_alone() {
    let db = database();
    let visit = statements().into_iter().find(|(_, sql)| sql.contains("LEFT JOIN application")).expect("the visit").1;
    let plan = plan(&db, &visit);
    let (searched, asked_inside): (Vec<_>, Vec<_>) = plan.iter().partition(|step| step.starts_with("SEARCH "));
    assert_eq!((searched.len(), asked_inside.len()), (11, 3), "{plan:?}");
    assert!(asked_inside.iter().all(|step| step.starts_with("CORRELATED SCALAR SUBQUERY ")), "{plan:?}");
}

#[test]
fn whatever_refers_to_a_row_is_found_by_an_index() {
    let db = database();
    let known = rusqlite::Connection::open(db.path()).expect("opened");
    let list = |sql: &str, arguments: [&str; 1]| -> Vec<String> {
        let mut statement = known.prepare(sql).expect("SQL");
        let rows = statement.query_map(arguments, |row| row.get(0)).expect("asked");
        rows.collect::<Result<_, _>>().expect("read")
    };
    let mut checked = 0;
    for table in list("SELECT name FROM pragma_table_list WHERE schema = ?1 AND type = 'table'", ["main"]) {
        let indexes: Vec<Vec<String>> = list("SELECT name FROM pragma_index_list(?1) WHERE NOT partial", [&table])
            .iter()
            .map(|index| list("SELECT name FROM pragma_index_info(?1) ORDER BY seqno", [index]))
            .collect();
        for key in list(
            "SELECT DISTINCT id FROM pragma_foreign_key_list(?1)".replace("id", "CAST(id AS TEXT)").as_str(),
            [&table],
        ) {
            let columns: BTreeSet<String> =
                list(&format!("SELECT \"from\" FROM pragma_foreign_key_list(?1) WHERE id = {key}"), [&table])
                    .into_iter()
                    .collect();
            let served = indexes
                .iter()
                .any(|index| index.iter().take(columns.len()).cloned().collect::<BTreeSet<_>>() == columns);
            assert!(served, "{table} {columns:?}: removing what it refers to would scan");
            checked += 1;
        }
    }
    assert!(checked >= 15, "{checked}");
}

#[test]
fn statements_keep_to_what_both_engines_speak() {
    for (file, sql) in statements() {
        let words: BTreeSet<&str> = sql.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').collect();
        for bad in [
            "REPLACE",
            "IGNORE",
            "LIKE",
            "GLOB",
            "json_each",
            "datetime",
            "strftime",
            "unixepoch",
            "rowid",
            "TRUE",
            "FALSE",
            "PRAGMA",
        ] {
            assert!(!words.iter().any(|word| word.eq_ignore_ascii_case(bad)), "{file}: {bad} in {sql}");
        }
        for small in ["select", "insert", "update", "delete", "from", "where", "values", "order", "and", "join", "set"]
        {
            assert!(!words.contains(small), "{file}: keywords stand in capitals: {sql}");
        }
        let columns_named = !sql.contains("SELECT *") && (!sql.starts_with("INSERT") || sql.contains(" ("));
        assert!(columns_named, "{file}: columns are named: {sql}");
    }
}

#[test]
fn b43_an_audit_event_is_neither_changed_nor_deleted() {
    let db = database();
    let entry = Entry {
        at: NOW,
        actor: Actor::Shell("ops".to_owned()),
        parent: None,
        organization: None,
        event: Event::OperatorLinkMade,
        from: Some("192.0.2.1".to_owned()),
        incident: Some(Incident::from_random([1, 2, 3, 4, 5])),
    };
    write(&db, move |tx| audit::record(tx, &entry)).expect("recorded");
    let before = db.read(|tx| audit::list(tx, AuditId(0), NOW, 10)).expect("listed");
    for sql in [
        "UPDATE audit_event SET actor = 'nobody'",
        "UPDATE audit_event SET at = at",
        "DELETE FROM audit_event",
        "DELETE FROM audit_event WHERE id = 1",
        "INSERT INTO audit_event (id, at, actor_kind, actor, kind, target, detail) \
         VALUES (1, 0, '', '', '', '', '') ON CONFLICT (id) DO UPDATE SET actor = 'nobody'",
        "INSERT OR REPLACE INTO audit_event (id, at, actor_kind, actor, kind, target, detail) \
         VALUES (1, 0, '', '', '', '', '')",
    ] {
        let tried = write(&db, move |tx| tx.exec(sql, &[]));
        assert!(matches!(tried, Err(DbError::Refused(_))), "{sql}: {tried:?}");
    }
    assert_eq!(db.read(|tx| audit::list(tx, AuditId(0), NOW, 10)).expect("listed"), before);
    assert_eq!((before.len(), before[0].actor.as_str(), before[0].kind.as_str()), (1, "ops", "operator_link_made"));
}

#[test]
fn the_audit_log_is_read_on_from_where_one_stopped() {
    let db = database();
    write(&db, |tx| {
        for n in 0..10 {
            let entry = Entry {
                at: later(n),
                actor: Actor::System,
                parent: None,
                organization: None,
                event: Event::SignedIn { person: PersonId(i64::try_from(n).expect("small")) },
                from: None,
                incident: None,
            };
            audit::record(tx, &entry)?;
        }
        Ok(())
    })
    .expect("recorded");
    let list = |after, since, limit| db.read(|tx| audit::list(tx, AuditId(after), since, limit)).expect("listed");
    assert_eq!(list(0, NOW, 4).iter().map(|entry| entry.id.0).collect::<Vec<_>>(), [1, 2, 3, 4]);
    assert_eq!(list(8, NOW, 4).iter().map(|entry| entry.id.0).collect::<Vec<_>>(), [9, 10]);
    assert_eq!(list(0, later(7), 100).len(), 3);
}

// the list of members

/// Walking by address, gathering and searching must tell the same story, page by page, whoever it is about.
#[test]
fn the_list_of_members_says_the_same_however_it_is_read() {
    use roster::{Show, Wanted};
    let db = database();
    let (small, large, parent) = write(&db, |tx| {
        let one = side(tx, "acme")?;
        let (parent, small) = (one.parent, one.organization);
        let large = organizations::add(tx, &organization(parent, "large"))?;
        for n in 0..2100u32 {
            let address = email(&format!("p{n:04}@acme.example"));
            let name = if n % 700 == 0 { format!("\u{c4}nne {n}") } else { format!("Person {n}") };
            let id = people::add(tx, parent, &format!("p-{n}"), &address, &name, NOW)?;
            if n % 3 == 0 {
                people::set_last_sign_in(tx, id, later(u64::from(n)))?;
            }
            members::put(tx, &member(large, id, None))?;
            if n % 100 == 7 {
                members::end(tx, large, id, "removed_by_hand", NOW)?;
            }
            if n % 500 == 3 {
                members::put(tx, &member(small, id, None))?;
                if n > 1000 {
                    members::end(tx, small, id, "removed_by_hand", NOW)?;
                }
            }
            if n % 250 == 9 {
                let place = waiting::Waiting { person: id, role: RoleKey::new("user"), seat: None, since: NOW };
                waiting::put(tx, small, &place)?;
            }
        }
        Ok((small, large, parent))
    })
    .expect("written");
    let read = |organization, show, search: &str, after: &str, limit| {
        let wanted = Wanted { organization, parent, show, search, after, limit };
        db.read(|tx| roster::page(tx, &wanted)).expect("read")
    };
    let all = |organization, show, search: &str, limit: u32| {
        let (mut all, mut after) = (Vec::new(), String::new());
        loop {
            let page = read(organization, show, search, &after, limit);
            assert!(page.lines.len() <= limit as usize);
            all.extend(page.lines.into_iter().map(|line| line.person.email.to_string()));
            let Some(next) = page.next else { return all };
            assert!(next > after, "it goes on");
            after = next;
        }
    };
    let shows = [Show::Current, Show::Active, Show::Waiting, Show::Unassigned, Show::Removed, Show::Stale(later(900))];
    for organization in [small, large] {
        for show in shows {
            let plain = all(organization, show, "", 300);
            assert!(plain.is_sorted(), "{show:?}");
            // Everybody's address contains an @, so this search leaves nobody out and goes another way.
            assert_eq!(plain, all(organization, show, "@", 300), "{show:?}");
            assert_eq!(plain, all(organization, show, "", 97), "{show:?}: other pages, the same list");
        }
    }
    let count = |organization, show| all(organization, show, "", 500).len();
    assert_eq!(shows.map(|show| count(large, show)), [2079, 2079, 0, 2079, 21, 1683]);
    assert_eq!(shows.map(|show| count(small, show)), [11, 2, 9, 2, 3, 2]);
    assert_eq!(all(large, Show::Active, "\u{e4}NNE", 10).len(), 3, "in any case, umlauts too");
    assert_eq!(all(large, Show::Active, "P0004@", 10), ["p0004@acme.example"]);
    assert_eq!(all(large, Show::Active, "son 20", 10).len(), 109, "the middle of a name");
    let nobody = read(large, Show::Current, "% OR 1=1 --", "", 10);
    assert_eq!(nobody.lines, [], "what is typed is never SQL");
    assert!(nobody.next.is_some(), "nobody so far: the rest is for another page");
}

// two parents side by side

#[test]
fn what_belongs_to_one_parent_is_never_seen_from_another() {
    let db = database();
    let (acme, other) = write(&db, |tx| {
        let (acme, other) = (side(tx, "acme")?, side(tx, "other")?);
        for side in [acme, other] {
            assert!(members::put(tx, &member(side.organization, side.person, Some("premium")))?);
            waiting::put(
                tx,
                side.organization,
                &waiting::Waiting { person: side.person, role: RoleKey::new("user"), seat: None, since: NOW },
            )?;
            scim_tokens::add(tx, side.parent, "token", &[u8::try_from(side.parent.0).expect("small"); 32], NOW, None)?;
            let name = DomainName::parse("shared.example").expect("a domain");
            domains::add(tx, side.parent, &name, "challenge", NOW)?;
        }
        Ok((acme, other))
    })
    .expect("set up");
    db.read(|tx| {
        for (here, there) in [(acme, other), (other, acme)] {
            assert!(people::of_parent(tx, here.parent)?.iter().all(|person| person.id == here.person));
            let address = people::by_id(tx, there.person)?.expect("there").email;
            assert_eq!(people::by_email(tx, here.parent, &address)?, None);
            assert_eq!(organizations::of_parent(tx, here.parent)?.len(), 1);
            assert_eq!(connections::of_parent(tx, here.parent)?.len(), 1);
            assert_eq!(domains::of_parent(tx, here.parent)?.len(), 1);
            assert_eq!(scim_tokens::of_parent(tx, here.parent)?.len(), 1);
            assert_eq!(members::of_organization(tx, here.organization)?.len(), 1);
            assert_eq!(members::find(tx, here.organization, there.person)?, None);
            assert_eq!(waiting::of_organization(tx, here.organization)?.len(), 1);
            assert_eq!(applications::of_organization(tx, here.organization)?.len(), 1);
            let key = Subject::new("anna").expect("a subject");
            let known = people::by_subject(tx, here.connection, &key)?.expect("known");
            assert_eq!(known.person, here.person, "the same subject over another connection is somebody else");
        }
        Ok::<_, DbError>(())
    })
    .expect("readable");
}

#[test]
fn b41_a_visit_sees_the_present_membership_and_no_other_parents_application() {
    let db = database();
    let hash = [7; 32];
    let (acme, other) = write(&db, move |tx| {
        let (acme, other) = (side(tx, "acme")?, side(tx, "other")?);
        sessions::add(tx, &session(acme, hash))?;
        assert!(members::put(tx, &member(acme.organization, acme.person, Some("premium")))?);
        assert!(members::put(tx, &member(other.organization, other.person, Some("premium")))?);
        Ok((acme, other))
    })
    .expect("set up");
    let visit = |origin: &str| db.read(|tx| sessions::visit(tx, &hash, origin)).expect("readable").expect("a session");
    let here = visit("https://wiki-acme.example");
    assert_eq!((here.person, here.public_id.as_str(), here.suspended), (acme.person, "id-acme", false));
    assert_eq!(here.group_list().expect("a list"), ["everyone", "owners, too"]);
    let application = here.application.expect("ours");
    assert_eq!((application.organization, application.organization_slug.as_str()), (acme.organization, "acme-work"));
    let standing = application.member.expect("a member");
    assert_eq!((standing.active, standing.role.as_str(), standing.seat.as_deref()), (true, "user", Some("premium")));
    assert!(!application.waits);
    assert_eq!(visit("https://wiki-other.example").application, None, "another parent's is as good as none");
    assert_eq!(visit("https://nowhere.example").application, None);
    assert_eq!(db.read(|tx| sessions::visit(tx, &[8; 32], "https://wiki-acme.example")).expect("readable"), None);

    write(&db, move |tx| members::end(tx, acme.organization, acme.person, "no_group_access", NOW)).expect("ended");
    let ended = visit("https://wiki-acme.example").application.expect("ours").member.expect("history");
    assert_eq!((ended.active, ended.seat, ended.ended_reason.as_deref()), (false, None, Some("no_group_access")));
    assert_ne!(ended.version, standing.version, "a signed header made before is not reused");
    assert_eq!(other.parent.0, acme.parent.0 + 1);
}

#[test]
fn b6_a_domain_has_one_verified_owner() {
    let db = database();
    let name = DomainName::parse("acme.example").expect("a domain");
    let claimed = name.clone();
    let (first, second) = write(&db, move |tx| {
        let (acme, other) = (side(tx, "acme")?, side(tx, "other")?);
        for side in [acme, other] {
            domains::add(tx, side.parent, &claimed, "challenge", NOW)?;
        }
        let of = |tx: &mut dyn Tx, side: Side| domains::find(tx, side.parent, &claimed);
        Ok((of(tx, acme)?.expect("claimed"), of(tx, other)?.expect("claimed")))
    })
    .expect("two may claim");
    let owner = || db.read(|tx| domains::verified_owner(tx, &name)).expect("readable");
    assert_eq!(owner(), None, "a claim is no proof");
    let (winner, loser) = (first.id, second.id);
    write(&db, move |tx| domains::set_verified(tx, winner, false, NOW)).expect("verified");
    assert_eq!(owner(), Some(first.parent));
    assert_eq!(write(&db, move |tx| domains::set_verified(tx, loser, true, NOW)), Err(DbError::Unique));
    let kept = db.read(|tx| domains::find(tx, first.parent, &name)).expect("readable").expect("there");
    assert!(kept.is_verified() && kept.challenge == "challenge", "the value stays visible");
    write(&db, move |tx| domains::remove(tx, winner)).expect("removed");
    assert_eq!(owner(), None);
    write(&db, move |tx| domains::set_verified(tx, loser, true, NOW)).expect("free again");
}

// what is written is read back

fn text() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9:/?&=<>\"'ü€ ]{0,40}"
}

prop_compose! {
    fn any_connection()(
        texts in prop::collection::vec(text(), 4),
        optional in prop::collection::vec(prop::option::of(text()), 11),
        flags in prop::collection::vec(any::<bool>(), 7),
        ders in prop::collection::vec((prop::collection::vec(any::<u8>(), 0..40), any::<i64>(), any::<i64>()), 0..4),
        valid_until in prop::option::of(any::<i64>()),
        clock_skew in 0u64..300_001,
        status in 0usize..3,
    ) -> Connection {
        let mut optional = optional.into_iter();
        let mut next = || optional.next().flatten();
        let idp = SamlIdp {
            entity_id: texts[1].clone(),
            sso_redirect: next(),
            sso_post: next(),
            slo_redirect: next(),
            slo_response: next(),
            wants_signed_requests: flags[5],
            certificates: ders
                .into_iter()
                .map(|(der, from, to)| IdpCertificate {
                    der,
                    fingerprint: texts[2].clone(),
                    not_before: Timestamp::from_millis(from),
                    not_after: Timestamp::from_millis(to),
                })
                .collect(),
            valid_until: valid_until.map(Timestamp::from_millis),
        };
        Connection {
            id: ConnectionId(0),
            parent: ParentId(1),
            slug: slug("idp"),
            label: texts[0].clone(),
            status: ConnectionStatus::ALL[status].0,
            tested: valid_until.map(Timestamp::from_millis),
            protocol: Protocol::Saml(SamlSettings {
                pending: flags[6].then(|| Box::new(SamlIdp { entity_id: texts[3].clone(), ..idp.clone() })),
                idp,
                new_certificates: NewCertificates::ALL[status].0,
                metadata_url: next(),
                idp_initiated: flags[0],
                sign_requests: flags[1],
                force_authn: flags[2],
                authn_context: next(),
                name_id_format: next(),
                offer_encryption: flags[3],
                clock_skew: Duration::from_millis(clock_skew),
            }),
            attributes: AttributeNames { email: next(), name: next(), groups: next(), subject: next() },
            omits_empty_groups: flags[4],
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn a_connection_is_read_back_exactly(first in any_connection(), second in any_connection()) {
        let db = database();
        let (adding, changing) = (first.clone(), second.clone());
        let id = write(&db, move |tx| {
            organizations::add_parent(tx, &slug("acme"), "Acme", ParentPlan::Team)?;
            connections::add(tx, &adding)
        }).expect("added");
        let read = || db.read(|tx| connections::by_id(tx, id)).expect("readable").expect("there");
        prop_assert_eq!(read(), Connection { id, ..first });
        let changed = Connection { id, ..changing };
        let writing = changed.clone();
        write(&db, move |tx| connections::update(tx, &writing)).expect("changed");
        prop_assert_eq!(read(), changed);
    }
}

#[test]
fn an_organization_and_an_application_are_read_back_exactly() {
    let db = database();
    let row = |group: &str, gives: &str| (GroupKey::new(group).expect("a group"), gives.to_owned());
    let mappings = GroupMappings {
        roles: [row("CN=Owners,DC=acme", "owner"), row("a group", "user")]
            .map(|(group, gives)| GroupMapping { group, gives: RoleKey::new(gives) })
            .into(),
        seats: [row("a group", "premium")]
            .map(|(group, gives)| GroupMapping { group, gives: SeatTypeKey::new(gives) })
            .into(),
    };
    let (kept, given) = (mappings.clone(), mappings);
    let (organization, app) = write(&db, move |tx| {
        let parent = organizations::add_parent(tx, &slug("acme"), "Acme", ParentPlan::Console)?;
        let new = Organization {
            mappings: given.clone(),
            require_sso: true,
            contact: Some("it@acme.example".to_owned()),
            ..organization(parent, "work")
        };
        let id = organizations::add(tx, &new)?;
        let app = application(id, "wiki");
        applications::add(tx, &app, "https://wiki.example")?;
        assert_eq!(organizations::parent_by_id(tx, parent)?.expect("there").plan, ParentPlan::Console);
        Ok((Organization { id, ..new }, app))
    })
    .expect("added");
    let read = || db.read(|tx| organizations::by_slug(tx, &slug("work"))).expect("readable").expect("there");
    assert_eq!(read(), organization);
    let found = db.read(|tx| applications::by_origin(tx, "https://wiki.example")).expect("readable").expect("there");
    assert_eq!(found, Application { id: found.id, ..app.clone() });
    for mode in ProvisioningMode::ALL {
        let changed = Organization { mode, mappings: GroupMappings::default(), ..organization.clone() };
        let writing = changed.clone();
        write(&db, move |tx| organizations::update(tx, &writing)).expect("changed");
        assert_eq!(read(), changed);
    }
    let writing = organization.clone();
    write(&db, move |tx| organizations::update(tx, &writing)).expect("changed back");
    assert_eq!(read().mappings, kept);
    let taken = write(&db, move |tx| {
        applications::add(tx, &Application { slug: slug("other"), ..app.clone() }, "https://wiki.example")
    });
    assert_eq!(taken, Err(DbError::Unique), "an origin leads to one application");
}

#[test]
fn manual_with_mappings_cannot_be_written_even_by_hand() {
    let db = database();
    write(&db, |tx| side(tx, "acme")).expect("set up");
    let tried = write(&db, |tx| tx.exec("UPDATE organization SET provisioning = 'manual', group_mappings = 1", &[]));
    assert!(matches!(tried, Err(DbError::Refused(_))), "{tried:?}");
}

#[test]
fn a_member_is_read_back_exactly_and_stays_as_history() {
    let db = database();
    let pin = |until| Some(Pin { by: "shell:ops".to_owned(), since: NOW, until });
    let side = write(&db, |tx| side(tx, "acme")).expect("set up");
    let full = Member {
        role: RoleKey::new("owner"),
        role_source: Source::Group { group: GroupKey::new("owners, too").expect("a group"), learnt_at: NOW },
        role_pin: pin(Some(later(60))),
        seat_source: Source::ByHand { by: "person:1".to_owned(), at: later(1) },
        seat_pin: pin(None),
        ..member(side.organization, side.person, Some("premium"))
    };
    let writing = full.clone();
    assert!(write(&db, move |tx| members::put(tx, &writing)).expect("written"));
    let read = || db.read(|tx| members::find(tx, side.organization, side.person)).expect("readable").expect("there");
    assert_eq!(read(), full);
    let held = write(&db, move |tx| members::end(tx, side.organization, side.person, "removed_by_hand", later(9)));
    assert_eq!(held, Ok(Some(SeatTypeKey::new("premium"))));
    let ended = read();
    assert_eq!(ended.status, MemberStatus::Ended { at: later(9), reason: "removed_by_hand".to_owned() });
    assert_eq!((ended.role, ended.seat, ended.role_pin, ended.seat_pin), (RoleKey::new("owner"), None, None, None));
    let again = write(&db, move |tx| members::end(tx, side.organization, side.person, "removed_by_hand", later(10)));
    assert_eq!(again, Ok(None), "ended once");
    let counts = db.read(|tx| seats::counts(tx, side.organization)).expect("readable");
    assert_eq!((counts[0].bought, counts[0].used), (2, 0));
}

#[test]
fn b23_a_seat_that_is_not_free_is_not_given_and_the_database_itself_refuses_more() {
    let db = database();
    let side = write(&db, |tx| side(tx, "acme")).expect("set up");
    let people: Vec<PersonId> = write(&db, move |tx| {
        (0..3)
            .map(|n| people::add(tx, side.parent, &format!("p{n}"), &email(&format!("p{n}@acme.example")), "", NOW))
            .collect()
    })
    .expect("added");
    let put = |n: usize, seat: Option<&'static str>| {
        let (organization, person) = (side.organization, people[n]);
        write(&db, move |tx| members::put(tx, &member(organization, person, seat))).expect("asked")
    };
    assert!(put(0, Some("premium")) && put(1, Some("premium")));
    assert!(!put(2, Some("premium")), "both are taken");
    assert!(!put(2, Some("no-such-type")));
    let third = people[2];
    assert_eq!(db.read(|tx| members::find(tx, side.organization, third)).expect("readable"), None);
    assert!(put(0, None) && put(2, Some("premium")), "given back and given again");
    assert!(put(2, Some("premium")), "held already: not counted twice");
    let counts = db.read(|tx| seats::counts(tx, side.organization)).expect("readable");
    assert_eq!((counts[0].bought, counts[0].used), (2, 2));
    let premium = SeatTypeKey::new("premium");
    let set = |bought| {
        let premium = premium.clone();
        write(&db, move |tx| seats::set_bought(tx, side.organization, &premium, bought)).expect("asked")
    };
    assert!(!set(1), "not below what is used (rule B36)");
    assert!(set(2) && set(3));
    for sql in ["UPDATE seat SET used = bought + 1", "UPDATE seat SET used = -1", "UPDATE seat SET bought = 0"] {
        let tried = write(&db, move |tx| tx.exec(sql, &[]));
        assert!(matches!(tried, Err(DbError::Refused(_))), "{sql}: {tried:?}");
    }
}

#[test]
fn groups_listed_missing_and_too_many_are_read_back_as_three_things() {
    let db = database();
    let side = write(&db, |tx| side(tx, "acme")).expect("set up");
    let key = Subject::new("anna").expect("a subject");
    for said in [
        AssertedGroups::listed([]),
        AssertedGroups::listed(["b", "a \"quoted\" one", "ümlaut, with comma"]),
        AssertedGroups::NotSent,
        AssertedGroups::TooMany,
    ] {
        let (subject, writing) = (key.clone(), said.clone());
        let id = write(&db, move |tx| {
            people::remember_sign_in(tx, side.connection, &subject, side.person, &writing, later(5))
        });
        assert_eq!(id, Ok(side.subject), "the same row");
        let known = db.read(|tx| people::by_subject(tx, side.connection, &key)).expect("readable").expect("known");
        assert_eq!((known.groups, known.groups_seen_at), (said, later(5)));
    }
}

/// What the counts of groups have to survive: person and connection by number, the groups of a sign-in by bits.
#[derive(Clone, Copy, Debug)]
enum Told {
    SignIn { person: usize, connection: usize, groups: u8, after: u64 },
    NotSent { person: usize, connection: usize },
    Unlinked { person: usize, connection: usize },
    Moved { person: usize },
    ConnectionRemoved { connection: usize },
}

fn any_told() -> impl Strategy<Value = Told> {
    let (person, connection) = (0..3usize, 0..4usize);
    let sign_in = (person.clone(), connection.clone(), 0..8u8, 0..3u64);
    prop_oneof![
        6 => sign_in.prop_map(|(person, connection, groups, after)| Told::SignIn { person, connection, groups, after }),
        1 => (person.clone(), connection.clone()).prop_map(|(person, connection)| Told::NotSent { person, connection }),
        1 => (person.clone(), connection.clone()).prop_map(|(person, connection)| Told::Unlinked { person, connection }),
        1 => person.prop_map(|person| Told::Moved { person }),
        1 => connection.prop_map(|connection| Told::ConnectionRemoved { connection }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn people_in_groups_are_counted_as_everybodys_latest_sign_in_tells(told in proptest::collection::vec(any_told(), 1..30)) {
        let db = database();
        write(&db, move |tx| {
            let sides = [side(tx, "acme")?, side(tx, "other")?];
            let mut connections = Vec::new();
            for (of, name) in [(0usize, "a"), (0, "b"), (1, "c"), (1, "d")] {
                connections.push((of, Some(connections::add(tx, &connection(sides[of].parent, name))?)));
            }
            let mut people = Vec::new();
            for name in ["p", "q", "r"] {
                let address = email(&format!("{name}@acme.example"));
                people.push((0usize, people::add(tx, sides[0].parent, name, &address, name, NOW)?));
            }
            // Two of the same moment, and a clock that goes back, too.
            let mut at = later(100);
            for told in &told {
                let said = |bits: u8| {
                    let all = ["x", "y", "z"].into_iter().enumerate();
                    AssertedGroups::listed(all.filter(|(bit, _)| bits >> bit & 1 == 1).map(|(_, value)| value))
                };
                let signs_in = match *told {
                    Told::SignIn { person, connection, groups, after } => Some((person, connection, said(groups), after)),
                    Told::NotSent { person, connection } => Some((person, connection, AssertedGroups::NotSent, 1)),
                    Told::Unlinked { person, connection } => {
                        if let (_, Some(connection)) = connections[connection] {
                            people::forget_subjects(tx, people[person].1, connection)?;
                        }
                        None
                    }
                    Told::Moved { person } => {
                        let (of, id) = &mut people[person];
                        people::forget_all_subjects(tx, *id)?;
                        *of = 1 - *of;
                        people::move_to(tx, *id, sides[*of].parent)?;
                        None
                    }
                    Told::ConnectionRemoved { connection } => {
                        if let (_, gone @ Some(_)) = &mut connections[connection] {
                            connections::remove(tx, gone.take().expect("just seen"))?;
                        }
                        None
                    }
                };
                if let Some((person, connection, said, after)) = signs_in
                    && let ((of, id), (at_parent, Some(connection))) = (people[person], connections[connection])
                    && of == at_parent
                {
                    at = if after == 2 { at.minus(Duration::from_secs(1)) } else { at.plus(Duration::from_secs(after)) };
                    let key = Subject::new(&format!("subject-{person}")).expect("a subject");
                    people::remember_sign_in(tx, connection, &key, id, &said, at)?;
                }
                for side in sides {
                    assert_eq!(seen_groups::miscounted(tx, side.parent)?, [], "after {told:?}");
                }
            }
            Ok(())
        })
        .expect("counted");
    }
}

#[test]
fn groups_are_told_the_fullest_first_and_one_parent_knows_nothing_of_another() {
    let db = database();
    write(&db, |tx| {
        let (here, there) = (side(tx, "acme")?, side(tx, "other")?);
        let second = connections::add(tx, &connection(here.parent, "second"))?;
        seen_groups::remember(tx, second, &AssertedGroups::listed(["everyone", "tested"]), later(7200))?;
        for name in ["bert", "cleo"] {
            let id = people::add(tx, here.parent, name, &email(&format!("{name}@acme.example")), name, NOW)?;
            let key = Subject::new(name).expect("a subject");
            people::remember_sign_in(tx, second, &key, id, &AssertedGroups::listed(["everyone", "staff"]), later(5))?;
        }
        let told = |tx: &mut dyn Tx, limit| -> Result<Vec<(String, u64, Timestamp)>, DbError> {
            let all = seen_groups::of_parent(tx, here.parent, limit)?.into_iter();
            Ok(all.map(|group| (group.value.to_string(), group.people, group.seen)).collect())
        };
        let row = |value: &str, people, seen| (value.to_owned(), people, seen);
        let all = [
            row("everyone", 3, later(7200)),
            row("staff", 2, later(5)),
            row("owners, too", 1, NOW),
            row("tested", 0, later(7200)),
        ];
        assert_eq!(told(tx, 10)?, all);
        assert_eq!(told(tx, 2)?, all[..2]);
        let staff = GroupKey::new("staff").expect("a group");
        assert_eq!(seen_groups::find(tx, here.parent, &staff)?.map(|group| group.people), Some(2));
        assert_eq!(seen_groups::find(tx, there.parent, &staff)?, None);
        Ok(())
    })
    .expect("told");
}

#[test]
fn a_sign_in_that_tells_the_same_groups_writes_no_count() {
    let db = database();
    let side = write(&db, |tx| side(tx, "acme")).expect("set up");
    let known = rusqlite::Connection::open(db.path()).expect("opened");
    known
        .execute_batch(
            "CREATE TABLE written (value TEXT); CREATE TRIGGER counted AFTER UPDATE ON seen_group \
             BEGIN INSERT INTO written VALUES (NEW.value); END",
        )
        .expect("made");
    let sign_in = |said: &'static [&'static str]| {
        write(&db, move |tx| {
            let key = Subject::new("anna").expect("a subject");
            let said = AssertedGroups::listed(said.iter().copied());
            people::remember_sign_in(tx, side.connection, &key, side.person, &said, later(5))?;
            tx.one("SELECT COUNT(*) FROM written", &[], |row| row.int(0))
        })
    };
    assert_eq!(sign_in(&["everyone", "owners, too"]), Ok(Some(0)));
    assert_eq!(sign_in(&["everyone"]), Ok(Some(1)), "left one");
}

#[test]
fn a_database_of_before_counts_who_is_in_which_group() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("usher.db");
    let (old, _) = MIGRATIONS.split_at(16);
    let db = Db::open(&path, old, crate::db::Open::Serve).expect("made");
    write(&db, |tx| {
        for sql in [
            "INSERT INTO parent_organization (id, slug, name, plan) VALUES (1, 'acme', 'Acme', 'team')",
            "INSERT INTO connection (id, parent_id, slug, label, protocol, status, settings) VALUES \
             (1, 1, 'a', 'A', 'saml', 'draft', '{}'), (2, 1, 'b', 'B', 'saml', 'draft', '{}')",
            "INSERT INTO person (id, public_id, parent_id, email, display_name, created_at) VALUES \
             (1, 'p', 1, 'p@acme.example', 'P', 0), (2, 'q', 1, 'q@acme.example', 'Q', 0)",
            "INSERT INTO subject (connection_id, subject, person_id, groups_state, groups, groups_seen_at, created_at, \
             last_sign_in_at) VALUES (1, 'p', 1, 'listed', '[\"x\",\"y\"]', 10, 0, 0), \
             (2, 'p', 1, 'listed', '[\"y\",\"z\"]', 20, 0, 0), (1, 'q', 2, 'listed', '[\"x\"]', 30, 0, 0), \
             (2, 'q', 2, 'not_sent', '[]', 30, 0, 0)",
            "INSERT INTO seen_group (connection_id, value, first_seen_at, last_seen_at) VALUES (1, 'x', 5, 15)",
        ] {
            tx.exec(sql, &[])?;
        }
        Ok(())
    })
    .expect("filled");
    drop(db);
    let db = Db::open(&path, MIGRATIONS, crate::db::Open::Serve).expect("migrated");
    let counted = db.read_one(|tx| {
        tx.all("SELECT connection_id, value, people, last_seen_at FROM seen_group ORDER BY 1, 2", &[], |row| {
            Ok((row.int(0)?, row.text(1)?, row.int(2)?, row.int(3)?))
        })
    });
    let row = |connection, value: &str, people, seen| (connection, value.to_owned(), people, seen);
    assert_eq!(counted, Ok(vec![row(1, "x", 1, 15), row(2, "y", 1, 20), row(2, "z", 1, 20)]));
    assert_eq!(db.read(|tx| seen_groups::miscounted(tx, ParentId(1))), Ok(Vec::new()));
}

#[test]
fn members_of_an_older_file_are_the_same_behind_the_new_checks() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("usher.db");
    let (old, _) = MIGRATIONS.split_at(17);
    let db = Db::open(&path, old, crate::db::Open::Serve).expect("made");
    let all = |db: &Db| {
        db.read(|tx| {
            let found = members::of_organization(tx, OrganizationId(1))?;
            let counted = members::count(tx, OrganizationId(1))?;
            Ok::<_, DbError>((found, counted))
        })
        .expect("readable")
    };
    write(&db, |tx| {
        for sql in [
            "INSERT INTO parent_organization (id, slug, name, plan) VALUES (1, 'acme', 'Acme', 'team')",
            "INSERT INTO organization (id, parent_id, slug, name, product, members) VALUES (1, 1, 'work', 'Work', 'team', 1)",
            "INSERT INTO seat (organization_id, seat_type, bought, used) VALUES (1, 'premium', 2, 1)",
            "INSERT INTO person (id, public_id, parent_id, email, display_name, created_at) VALUES \
             (1, 'p', 1, 'p@acme.example', 'P', 0), (2, 'q', 1, 'q@acme.example', 'Q', 0)",
            "INSERT INTO member VALUES (1, 1, 'active', 'owner', 'by_hand', 'person:2', 3, 'person:2', 4, 5, 'premium', 'group', \
             'staff', 6, 'person:2', 7, NULL, 8, NULL, NULL, NULL, 9), \
             (1, 2, 'ended', 'user', 'default', '', 0, NULL, NULL, NULL, NULL, 'default', '', 0, NULL, NULL, NULL, 1, 2, 'left', \
             'premium', 3)",
        ] {
            tx.exec(sql, &[])?;
        }
        Ok(())
    })
    .expect("filled");
    let before = all(&db);
    assert_eq!(before.0.len(), 2);
    drop(db);
    let db = Db::open(&path, MIGRATIONS, crate::db::Open::Serve).expect("migrated");
    assert_eq!(all(&db), before);
    for nonsense in [
        "UPDATE member SET status = 'away'",
        "UPDATE member SET role_from = 'heaven'",
        "UPDATE member SET seat_from = 'heaven'",
        "UPDATE member SET ended_at = NULL WHERE status = 'ended'",
        "UPDATE member SET seat = 'premium' WHERE status = 'ended'",
        "UPDATE member SET seat = 'unknown' WHERE status = 'active'",
        "UPDATE member SET person_id = 99 WHERE person_id = 1",
    ] {
        assert!(write(&db, move |tx| tx.exec(nonsense, &[])).is_err(), "{nonsense}");
    }
}

#[test]
fn a_subject_stays_the_person_it_was_first() {
    let db = database();
    let side = write(&db, |tx| side(tx, "acme")).expect("set up");
    let key = Subject::new("anna").expect("a subject");
    let kept = write(&db, move |tx| {
        let other = people::add(tx, side.parent, "p", &email("p@acme.example"), "", NOW)?;
        people::remember_sign_in(tx, side.connection, &key, other, &AssertedGroups::NotSent, NOW)?;
        people::by_subject(tx, side.connection, &key)
    });
    assert_eq!(kept.expect("readable").expect("known").person, side.person);
}

#[test]
fn the_queue_keeps_the_order_of_arrival_whatever_changes() {
    let db = database();
    let queue = write(&db, |tx| {
        let side = side(tx, "acme")?;
        let person = |tx: &mut dyn Tx, n: i32| {
            people::add(tx, side.parent, &format!("p{n}"), &email(&format!("p{n}@acme.example")), "", NOW)
        };
        let (first, second) = (person(tx, 1)?, person(tx, 2)?);
        let place = |person, seat: Option<&str>| waiting::Waiting {
            person,
            role: RoleKey::new("user"),
            seat: seat.map(SeatTypeKey::new),
            since: NOW,
        };
        for waits in [place(second, None), place(first, None), place(second, Some("premium"))] {
            waiting::put(tx, side.organization, &waits)?;
        }
        assert!(!waiting::remove(tx, side.organization, side.person)?);
        let queue = waiting::of_organization(tx, side.organization)?;
        assert_eq!(queue, [place(second, Some("premium")), place(first, None)]);
        assert!(waiting::remove(tx, side.organization, second)?);
        waiting::put(tx, side.organization, &place(second, None))?;
        waiting::of_organization(tx, side.organization)
    })
    .expect("queued");
    assert_eq!(queue[1].seat, None, "whoever comes back stands at the end");
}

// things that can be used once, and for a time

#[test]
fn b40_a_session_ends_alone_with_its_person_or_with_its_time() {
    let db = database();
    let side = write(&db, |tx| {
        let side = side(tx, "acme")?;
        for n in 1..=4 {
            sessions::add(tx, &session(side, [n; 32]))?;
        }
        Ok(side)
    })
    .expect("set up");
    let left = || {
        let all = db.read(|tx| sessions::of_person(tx, side.person)).expect("readable");
        all.into_iter().map(|session| session.token_hash[0]).collect::<BTreeSet<_>>()
    };
    assert_eq!(left(), BTreeSet::from([1, 2, 3, 4]));
    let strangers = PersonId(side.person.0 + 1);
    assert_eq!(write(&db, move |tx| sessions::end_own(tx, strangers, &[1; 32])), Ok(false), "not another person's");
    assert_eq!(write(&db, move |tx| sessions::end_own(tx, side.person, &[1; 32])), Ok(true));
    assert_eq!(write(&db, |tx| sessions::end(tx, &[2; 32])), Ok(true));
    assert_eq!(write(&db, |tx| sessions::end(tx, &[2; 32])), Ok(false));
    assert_eq!(left(), BTreeSet::from([3, 4]));

    write(&db, |tx| sessions::set_seen(tx, &[([3; 32], later(100)), ([3; 32], later(50)), ([9; 32], later(1))]))
        .expect("noted");
    let seen = db.read(|tx| sessions::find(tx, &[3; 32])).expect("readable").expect("there").seen_at;
    assert_eq!(seen, later(100), "never set back");
    assert_eq!(write(&db, |tx| sessions::purge(tx, later(60), later(60), 10)), Ok(1), "idle since before");
    assert_eq!(left(), BTreeSet::from([3]));
    assert_eq!(write(&db, |tx| sessions::purge(tx, later(3600), NOW, 10)), Ok(0), "its last moment");
    assert_eq!(write(&db, |tx| sessions::purge(tx, later(3601), NOW, 10)), Ok(1), "past its absolute end");
    write(&db, move |tx| {
        sessions::add(tx, &session(side, [5; 32]))?;
        sessions::add(tx, &session(side, [6; 32]))
    })
    .expect("added");
    assert_eq!(write(&db, move |tx| sessions::end_all(tx, side.person)), Ok(2));
    assert_eq!(left(), BTreeSet::new());
}

#[test]
fn a_session_is_found_by_what_its_identity_provider_calls_it() {
    let db = database();
    let (acme, globex) = write(&db, |tx| {
        let (acme, globex) = (side(tx, "acme")?, side(tx, "globex")?);
        for (n, side, name, index) in
            [(1, acme, [7; 32], "a"), (2, acme, [7; 32], "b"), (3, acme, [8; 32], "a"), (4, globex, [7; 32], "a")]
        {
            let name: &'static [u8] = if name == [7; 32] { &[7; 32] } else { &[8; 32] };
            let new = sessions::NewSession { idp_name: Some(name), idp_session: Some(index), ..session(side, [n; 32]) };
            sessions::add(tx, &new)?;
        }
        Ok((acme, globex))
    })
    .expect("set up");
    let of = |connection, name: [u8; 32]| {
        let found = db.read(|tx| sessions::of_idp_name(tx, connection, &name)).expect("readable");
        found.into_iter().map(|one| (one.token_hash[0], one.idp_session.expect("an index"))).collect::<Vec<_>>()
    };
    assert_eq!(of(acme.connection, [7; 32]), [(1, "a".to_owned()), (2, "b".to_owned())]);
    assert_eq!(of(globex.connection, [7; 32]), [(4, "a".to_owned())], "never another connection's");
    assert_eq!(of(acme.connection, [9; 32]), []);
    let leaving = db.read(|tx| sessions::leaving(tx, &[4; 32])).expect("readable").expect("there");
    assert_eq!((leaving.person, leaving.connection), (globex.person, globex.connection));
    assert_eq!(leaving.logout_seal.as_deref(), Some(b"sealed".as_slice()));
    assert_eq!(db.read(|tx| sessions::leaving(tx, &[5; 32])).expect("readable"), None);
}

#[test]
fn a_sign_out_is_answered_once_by_the_one_who_was_asked_and_then_forgets_what_it_said() {
    let db = database();
    let (acme, globex) = write(&db, |tx| {
        let (acme, globex) = (side(tx, "acme")?, side(tx, "globex")?);
        let started = sign_outs::Started {
            id: "_1",
            connection: acme.connection,
            browser_hash: [3; 32],
            idp_session: Some("_s"),
            logout_seal: b"sealed",
            expires_at: later(300),
        };
        sign_outs::start(tx, &started)?;
        Ok((acme.connection, globex.connection))
    })
    .expect("started");
    let find = |now| db.read(|tx| sign_outs::find(tx, "_1", now)).expect("readable");
    let known = find(NOW).expect("there");
    assert_eq!((known.connection, known.outcome), (acme, sign_outs::Outcome::Waiting));
    assert_eq!((known.browser_hash, known.idp_session.as_deref()), (vec![3; 32], Some("_s")));
    assert_eq!(known.logout_seal.as_deref(), Some(b"sealed".as_slice()));
    assert_eq!(find(later(300)), None, "nobody waits any longer");
    let answer = |connection, now, outcome| {
        write(&db, move |tx| sign_outs::answer(tx, connection, "_1", outcome, now)).expect("written")
    };
    assert!(!answer(globex, NOW, sign_outs::Outcome::Ended), "another connection was not asked");
    assert!(!answer(acme, later(300), sign_outs::Outcome::Ended), "too late");
    assert!(answer(acme, NOW, sign_outs::Outcome::Partly));
    assert!(!answer(acme, NOW, sign_outs::Outcome::Ended), "the first answer counts");
    let known = find(NOW).expect("there");
    assert_eq!(known.outcome, sign_outs::Outcome::Partly);
    assert_eq!((known.logout_seal, known.idp_session), (None, None));
    assert_eq!(write(&db, |tx| sign_outs::purge(tx, later(299), 10)), Ok(0));
    assert_eq!(write(&db, |tx| sign_outs::purge(tx, later(300), 10)), Ok(1));
}

#[test]
fn a_pending_sign_in_is_answered_once_and_used_once_and_not_late() {
    let db = database();
    let (state, finish) = ([1; 32], [2; 32]);
    let side = write(&db, move |tx| {
        let side = side(tx, "acme")?;
        pending::start(
            tx,
            &pending::Started {
                purpose: pending::Purpose::SignIn,
                state_hash: state,
                connection: side.connection,
                request_id: "_request",
                browser_hash: [3; 32],
                return_to: "/",
                created_at: NOW,
                expires_at: later(900),
            },
        )?;
        Ok(side)
    })
    .expect("started");
    let started = |state: [u8; 32], now| db.read(|tx| pending::started(tx, &state, now)).expect("readable");
    assert_eq!(started([9; 32], NOW), None);
    assert_eq!(started(state, later(900)), None, "too late");
    assert_eq!(started(state, NOW).map(|known| known.request_id).as_deref(), Some("_request"));
    let answer = |finish: [u8; 32], now| {
        write(&db, move |tx| pending::answer(tx, &state, &finish, "{\"who\":\"anna\"}", now, later(300)))
    };
    assert_eq!(answer(finish, later(900)), Ok(false), "too late");
    assert_eq!(answer(finish, later(1)), Ok(true));
    assert_eq!(answer([4; 32], later(2)), Ok(false), "the first answer counts");
    let answered = |now| db.read(|tx| pending::answered(tx, &finish, now)).expect("readable");
    let known = answered(later(3)).expect("answered");
    assert_eq!((known.connection, known.browser_hash), (side.connection, Some(vec![3; 32])));
    assert_eq!(answered(later(300)), None, "too late to finish");
    assert_eq!(write(&db, move |tx| pending::consume(tx, &finish)), Ok(true));
    assert_eq!(write(&db, move |tx| pending::consume(tx, &finish)), Ok(false));
    assert_eq!(answered(later(4)), None, "used up");
    let kept: i64 = db
        .read(|tx| tx.one("SELECT COUNT(*) FROM pending_sign_in WHERE answer LIKE '%anna%'", &[], |row| row.int(0)))
        .map_err(|error: DbError| error)
        .expect("readable")
        .unwrap_or(0);
    assert_eq!(kept, 0, "what it said is forgotten");
    assert_eq!(write(&db, |tx| pending::purge(tx, later(301), 10)), Ok(1));
}

#[test]
fn a_claimed_sign_in_is_filled_once_and_by_nobody_else() {
    let db = database();
    let (state, finish) = ([1; 32], [2; 32]);
    write(&db, move |tx| {
        let side = side(tx, "acme")?;
        let started = pending::Started {
            purpose: pending::Purpose::SignIn,
            state_hash: state,
            connection: side.connection,
            request_id: "nonce",
            browser_hash: [3; 32],
            return_to: "/",
            created_at: NOW,
            expires_at: later(900),
        };
        pending::start(tx, &started)
    })
    .expect("started");
    let claim = |finish: [u8; 32], now| write(&db, move |tx| pending::claim(tx, &state, &finish, now));
    let fill = |finish: [u8; 32]| write(&db, move |tx| pending::fill(tx, &finish, "{}"));
    assert_eq!(fill(finish), Ok(false), "nothing was claimed");
    assert_eq!(claim(finish, later(900)), Ok(false), "too late");
    assert_eq!(claim(finish, later(1)), Ok(true));
    assert_eq!(claim([4; 32], later(1)), Ok(false), "the first answer counts");
    assert_eq!(write(&db, move |tx| pending::answer(tx, &state, &[5; 32], "{}", later(1), later(300))), Ok(false));
    assert_eq!(fill([4; 32]), Ok(false));
    assert_eq!(fill(finish), Ok(true));
    assert_eq!(fill(finish), Ok(false), "once");
    assert_eq!(write(&db, move |tx| pending::consume(tx, &finish)), Ok(true));
    assert_eq!(fill(finish), Ok(false), "used up");
}

#[test]
fn an_abandoned_sign_in_can_be_neither_answered_nor_finished() {
    let db = database();
    let state = [1; 32];
    write(&db, move |tx| {
        let side = side(tx, "acme")?;
        pending::start(
            tx,
            &pending::Started {
                purpose: pending::Purpose::SignIn,
                state_hash: state,
                connection: side.connection,
                request_id: "_request",
                browser_hash: [3; 32],
                return_to: "/",
                created_at: NOW,
                expires_at: later(900),
            },
        )?;
        pending::abandon(tx, &state)
    })
    .expect("abandoned");
    assert_eq!(write(&db, move |tx| pending::answer(tx, &state, &[2; 32], "{}", NOW, later(300))), Ok(false));
    assert_eq!(db.read(|tx| pending::answered(tx, &state, NOW)).map_err(|error: DbError| error), Ok(None));
}

#[test]
fn an_assertion_is_used_once_per_connection_as_long_as_it_could_be_accepted() {
    let db = database();
    let (acme, other) = (ConnectionId(1), ConnectionId(2));
    let use_it = |connection, id: &'static str, until| {
        write(&db, move |tx| pending::use_assertion(tx, connection, id, until)).expect("asked")
    };
    assert!(use_it(acme, "_a", later(60)));
    assert!(!use_it(acme, "_a", later(60)));
    assert!(!use_it(acme, "_a", later(9999)));
    assert!(use_it(acme, "_A", later(60)), "ids are compared to the letter");
    assert!(use_it(other, "_a", later(600)));
    assert_eq!(write(&db, |tx| pending::purge(tx, later(59), 10)), Ok(0));
    assert_eq!(write(&db, |tx| pending::purge(tx, later(60), 1)), Ok(1), "in slices");
    assert_eq!(write(&db, |tx| pending::purge(tx, later(60), 10)), Ok(1));
    assert!(!use_it(other, "_a", later(600)));
}

#[test]
fn a_used_assertion_stays_used_after_a_restart() {
    let directory = tempfile::tempdir().expect("a directory");
    let open = || Db::open(&directory.path().join("usher.db"), MIGRATIONS, crate::db::Open::Serve).expect("opened");
    let use_it = |db: &Db| write(db, |tx| pending::use_assertion(tx, ConnectionId(1), "_a", later(600)));
    assert_eq!(use_it(&open()), Ok(true));
    assert_eq!(use_it(&open()), Ok(false));
}

#[test]
fn an_operator_link_opens_once_and_in_time() {
    let db = database();
    write(&db, |tx| {
        operators::add_link(tx, &[1; 32], "ops", Some("anna@acme.example"), NOW, later(900))?;
        operators::add_link(tx, &[2; 32], "ops", None, NOW, later(900))?;
        operators::add_session(tx, &[3; 32], NOW, later(3600))
    })
    .expect("made");
    let open = |hash: u8, now| write(&db, move |tx| operators::use_link(tx, &[hash; 32], now)).expect("asked");
    assert!(open(1, later(899)));
    assert!(!open(1, later(899)), "once");
    assert!(!open(2, later(900)), "too late");
    let until = |now| db.read(|tx| operators::session_until(tx, &[3; 32], now)).map_err(|error: DbError| error);
    assert_eq!(until(later(3599)), Ok(Some(later(3600))));
    assert_eq!(until(later(3600)), Ok(None));
    assert_eq!(write(&db, |tx| operators::purge(tx, later(3600))), Ok(2));
    write(&db, |tx| operators::add_session(tx, &[4; 32], NOW, later(3600))).expect("made");
    assert_eq!(write(&db, |tx| operators::end_session(tx, &[4; 32])), Ok(true));
    assert_eq!(write(&db, |tx| operators::end_session(tx, &[4; 32])), Ok(false));
}

#[test]
fn a_directory_token_is_kept_once_and_revoked_once() {
    let db = database();
    let side = write(&db, |tx| side(tx, "acme")).expect("set up");
    let add = |hash: u8| {
        write(&db, move |tx| scim_tokens::add(tx, side.parent, "okta", &[hash; 32], NOW, Some(later(60))))
            .expect("asked")
    };
    assert!(add(1) && add(2));
    assert!(!add(1), "the very same token");
    let all =
        || db.read(|tx| scim_tokens::of_parent(tx, side.parent)).map_err(|error: DbError| error).expect("readable");
    let first = all()[0].id;
    assert_eq!(all()[0].expires_at, Some(later(60)));
    assert_eq!(write(&db, move |tx| scim_tokens::revoke(tx, first, NOW)), Ok(true));
    assert_eq!(write(&db, move |tx| scim_tokens::revoke(tx, first, NOW)), Ok(false));
    assert_eq!(all().len(), 1);
    assert!(!add(1), "a revoked token does not come back");
}

#[test]
fn b39_an_attempt_is_found_under_its_code_for_fourteen_days() {
    let db = database();
    let attempt = attempts::Attempt {
        incident: Incident::from_random([1, 2, 3, 4, 5]),
        at: NOW,
        parent: Some(ParentId(1)),
        connection: None,
        person: Some(PersonId(2)),
        code: "no_group_access".to_owned(),
        record: "{}".to_owned(),
    };
    let (kept, incident) = (attempt.clone(), attempt.incident.clone());
    write(&db, move |tx| attempts::add(tx, &kept)).expect("kept");
    let find = || db.read(|tx| attempts::find(tx, &incident)).map_err(|error: DbError| error).expect("readable");
    assert_eq!(find(), Some(attempt));
    let end = NOW.plus(attempts::KEPT);
    assert_eq!(write(&db, move |tx| attempts::purge(tx, end, 10)), Ok(0));
    assert_eq!(write(&db, move |tx| attempts::purge(tx, end.plus(Duration::from_millis(1)), 10)), Ok(1));
    assert_eq!(find(), None);
}

#[test]
fn keys_are_kept_by_purpose_newest_first() {
    let db = database();
    let key = |kid: &str, at| keys::StoredKey {
        kid: kid.to_owned(),
        private_seal: vec![1, 2],
        public_der: vec![3],
        created_at: at,
        used_since: Some(at),
    };
    write(&db, move |tx| {
        keys::add_data_key(tx, 1, b"wrapped", NOW)?;
        keys::add_signing_key(tx, keys::Purpose::Saml, &key("a", NOW))?;
        keys::add_signing_key(tx, keys::Purpose::Saml, &key("b", later(1)))?;
        keys::add_signing_key(tx, keys::Purpose::IdentityHeader, &key("c", NOW))
    })
    .expect("kept");
    let of = |purpose| db.read(|tx| keys::signing_keys(tx, purpose)).map_err(|error: DbError| error).expect("readable");
    assert_eq!(of(keys::Purpose::Saml), [key("b", later(1)), key("a", NOW)]);
    assert_eq!(of(keys::Purpose::IdentityHeader), [key("c", NOW)]);
    let next = keys::StoredKey { used_since: None, ..key("d", later(2)) };
    write(&db, move |tx| keys::add_signing_key(tx, keys::Purpose::Saml, &next)).expect("kept");
    let order = || of(keys::Purpose::Saml).into_iter().map(|key| key.kid).collect::<Vec<_>>();
    assert_eq!(order(), ["b", "a", "d"], "one that is not in use yet comes last");
    let take = |kid: &'static str, purpose| {
        write(&db, move |tx| keys::use_signing_key(tx, purpose, kid, later(3))).expect("written")
    };
    assert!(!take("a", keys::Purpose::Saml), "it was in use before");
    assert!(!take("d", keys::Purpose::IdentityHeader), "of another purpose");
    assert!(take("d", keys::Purpose::Saml));
    assert_eq!(order(), ["d", "b", "a"]);
    let retire =
        |kid: &'static str| write(&db, move |tx| keys::retire_signing_key(tx, keys::Purpose::Saml, kid, later(4)));
    assert_eq!((retire("b"), retire("b"), retire("c")), (Ok(true), Ok(false), Ok(false)));
    assert_eq!(order(), ["d", "a"]);
    let left =
        db.read_one(|tx| tx.one("SELECT length(private_seal) FROM signing_key WHERE kid = 'b'", &[], |row| row.int(0)));
    assert_eq!(left, Ok(Some(0)), "the private half is gone");
    assert_eq!(db.read(keys::data_keys).map_err(|error: DbError| error), Ok(vec![(1, b"wrapped".to_vec())]));
    assert_eq!(write(&db, move |tx| keys::add_data_key(tx, 1, b"other", NOW)), Err(DbError::Unique));
}

#[test]
fn what_somebody_wrote_by_hand_and_does_not_read_is_said_and_not_guessed() {
    let db = database();
    let side = write(&db, |tx| side(tx, "acme")).expect("set up");
    for sql in [
        "UPDATE connection SET settings = '{}'",
        "UPDATE subject SET groups = 'not json'",
        "UPDATE person SET email = 'nobody'",
        "UPDATE application SET roles = '{}'",
    ] {
        let read = write(&db, move |tx| {
            tx.exec(sql, &[])?;
            connections::by_id(tx, side.connection)?;
            people::subjects_of(tx, side.person)?;
            people::by_id(tx, side.person)?;
            applications::of_organization(tx, side.organization)?;
            Ok(())
        });
        assert!(
            matches!(&read, Err(DbError::Other(said)) if said.starts_with("the database holds an unreadable ")),
            "{sql}: {read:?}"
        );
    }
    assert_eq!(db.read(|tx| settings::get(tx, "none")).map_err(|error: DbError| error), Ok(None));
    write(&db, |tx| {
        settings::set(tx, "key", "a")?;
        settings::set(tx, "key", "b")
    })
    .expect("set");
    assert_eq!(db.read(|tx| settings::get(tx, "key")).map_err(|error: DbError| error), Ok(Some("b".to_owned())));
    let value = db.read_one(|tx| tx.one("SELECT ?1", &[V::Null], |row| row.opt_text(0)));
    assert_eq!(value.map_err(|error: DbError| error), Ok(Some(None)));
}

#[test]
fn a_draft_of_access_settings_is_read_as_it_is_written_and_goes_after_its_time() {
    use crate::organization::AccessSettings;
    let db = database();
    write(&db, |tx| {
        let here = side(tx, "acme")?.organization;
        let there = side(tx, "other")?.organization;
        for mode in ProvisioningMode::ALL {
            let row = |group: &str, role: &str| GroupMapping {
                group: GroupKey::new(group).expect("a group"),
                gives: RoleKey::new(role),
            };
            let mappings = GroupMappings {
                roles: vec![row("z", "user"), row("a\"b\u{e4}:", "owner"), row("z", "user")],
                seats: vec![GroupMapping {
                    group: GroupKey::new("p").expect("a group"),
                    gives: SeatTypeKey::new("premium"),
                }],
            };
            let draft = AccessSettings { mode, mappings, require_sso: mode == ProvisioningMode::Manual };
            access_drafts::put(tx, here, "person:1", &draft, NOW)?;
            assert_eq!(access_drafts::find(tx, here, "person:1")?, Some((draft.in_order(), NOW)));
        }
        assert_eq!(access_drafts::find(tx, here, "person:2")?, None);
        assert_eq!(access_drafts::find(tx, there, "person:1")?, None);
        assert_eq!(access_drafts::purge(tx, NOW, 10)?, 0);
        assert_eq!(access_drafts::purge(tx, later(1), 10)?, 1);
        assert!(!access_drafts::remove(tx, here, "person:1")?);
        Ok(())
    })
    .expect("kept");
}

#[test]
fn a_setup_and_its_links_are_read_as_they_are_written_and_go_together() {
    use crate::connection::ConnectionSetup;
    let db = database();
    write(&db, |tx| {
        let side = side(tx, "acme")?;
        let setup = ConnectionSetup {
            slug: slug("acme-okta"),
            parent: side.parent,
            vendor: "okta".to_owned(),
            label: "Okta \u{e4}".to_owned(),
            begun: NOW,
        };
        connection_setups::add(tx, &setup)?;
        assert_eq!(connection_setups::add(tx, &setup), Err(DbError::Unique));
        assert_eq!(connection_setups::find(tx, &setup.slug)?, Some(setup.clone()));
        assert_eq!(connection_setups::of_parent(tx, side.parent)?, std::slice::from_ref(&setup));
        connection_setups::add_link(tx, &setup.slug, &[1; 32], Some(side.person), NOW, later(60))?;
        connection_setups::add_link(tx, &setup.slug, &[2; 32], None, later(1), later(120))?;
        let links = connection_setups::links_of(tx, &setup.slug)?;
        assert_eq!((links.len(), links[0].maker, links[1].maker), (2, None, Some(side.person)), "newest first");
        let first = connection_setups::link_by_hash(tx, &[1; 32])?.expect("there");
        assert_eq!(connection_setups::link_by_id(tx, first.id)?.as_ref(), Some(&first));
        assert_eq!((first.made, first.expires, first.revoked, first.used), (NOW, later(60), None, None));
        assert!(connection_setups::link_by_hash(tx, &[3; 32])?.is_none());
        connection_setups::set_link_used(tx, first.id, later(5), Some("192.0.2.7"))?;
        assert!(!connection_setups::revoke_link(tx, &slug("acme"), first.id, later(6))?, "of another connection");
        assert!(connection_setups::revoke_link(tx, &setup.slug, first.id, later(6))?);
        assert!(!connection_setups::revoke_link(tx, &setup.slug, first.id, later(7))?);
        let first = connection_setups::link_by_id(tx, first.id)?.expect("there");
        assert_eq!((first.revoked, first.used), (Some(later(6)), Some(later(5))));
        assert_eq!(first.used_from.as_deref(), Some("192.0.2.7"));
        assert_eq!(connection_setups::purge_links(tx, later(60), 10)?, 0);
        assert_eq!(connection_setups::purge_links(tx, later(61), 10)?, 1);
        connection_setups::remove(tx, &setup.slug)?;
        assert!(connection_setups::links_of(tx, &setup.slug)?.is_empty());
        assert!(connection_setups::find(tx, &setup.slug)?.is_none());
        Ok(())
    })
    .expect("kept");
}
