//! Organizations and people around the settings pages, put into the database directly: who signs in how is told elsewhere.

use std::time::Duration;

use usher::db::{DbError, Tx};
use usher::identity::{AssertedGroups, EmailAddress, Subject};
use usher::ids::{Incident, OrganizationId, PersonId};
use usher::organization::{Member, MemberStatus, Organization, Source};
use usher::product::{ParentPlan, ProductKey, RoleKey, SeatTypeKey};
use usher::secrets::Token;
use usher::store;

use crate::support::{Browser, TestApp, slug};

/// How old a session is.
pub const FRESH: Duration = Duration::from_secs(60);
pub const OLD: Duration = Duration::from_secs(11 * 60);

/// Another organization of the same parent (`acme-console`, product Console) and one of another parent (`other-work`).
pub fn more_organizations(app: &TestApp) {
    let parent = app.parent;
    app.change(move |tx| {
        let known = store::organizations::by_slug(tx, &slug("acme-work"))?.expect("seeded");
        let console = Organization {
            slug: slug("acme-console"),
            name: "Acme Console".to_owned(),
            product: ProductKey::new("console"),
            mode: usher::organization::ProvisioningMode::Manual,
            mappings: Default::default(),
            parent,
            ..known.clone()
        };
        store::organizations::add(tx, &console)?;
        let other = store::organizations::add_parent(tx, &slug("other"), "Other", ParentPlan::Team)?;
        let connection = store::connections::by_slug(tx, &slug("acme"))?.expect("seeded");
        let connection = usher::connection::Connection { parent: other, slug: slug("other"), ..connection };
        store::connections::add(tx, &connection)?;
        let work = Organization {
            slug: slug("other-work"),
            name: "Other Work".to_owned(),
            parent: other,
            mode: usher::organization::ProvisioningMode::Manual,
            mappings: Default::default(),
            ..known
        };
        let id = store::organizations::add(tx, &work)?;
        store::seats::set_bought(tx, id, &SeatTypeKey::new("premium"), 9)
    });
}

/// The organization of a slug.
pub fn organization(app: &TestApp, name: &str) -> Organization {
    let name = name.to_owned();
    app.change(move |tx| store::organizations::by_slug(tx, &slug(&name))).expect("seeded")
}

/// A person of the organization's parent, with a subject on its connection.
fn person(
    tx: &mut dyn Tx,
    organization: &Organization,
    email: &str,
    now: usher::clock::Timestamp,
) -> Result<(PersonId, usher::ids::SubjectId), DbError> {
    let email = EmailAddress::parse(email).expect("an address");
    let known = store::people::by_email(tx, organization.parent, &email)?;
    let id = match known {
        Some(known) => known.id,
        None => {
            let public_id = format!("p-{}", email.local_part());
            store::people::add(tx, organization.parent, &public_id, &email, email.local_part(), now)?
        }
    };
    let connection = store::connections::of_parent(tx, organization.parent)?.remove(0).id;
    let subject = Subject::new(email.as_str()).expect("a subject");
    let subject = store::people::remember_sign_in(tx, connection, &subject, id, &AssertedGroups::NotSent, now)?;
    Ok((id, subject))
}

/// Makes a member, by hand and with what is given; the address's local part is the public id's.
pub fn member(app: &TestApp, at: &str, email: &str, role: &str, seat: Option<&str>) -> PersonId {
    let organization = organization(app, at);
    let (email, role, seat, now) =
        (email.to_owned(), role.to_owned(), seat.map(str::to_owned), usher::clock::Clock::now(&*app.clock));
    app.change(move |tx| {
        let (id, _) = person(tx, &organization, &email, now)?;
        let member = Member {
            organization: organization.id,
            person: id,
            status: MemberStatus::Active,
            role: RoleKey::new(role.as_str()),
            role_source: Source::Default,
            role_pin: None,
            seat: seat.as_deref().map(SeatTypeKey::new),
            seat_source: Source::Default,
            seat_pin: None,
            joined_at: now,
            version: 1,
        };
        assert!(store::members::put(tx, &member)?, "a free seat");
        Ok(id)
    })
}

/// A browser whose person has a role somewhere, signed in so long ago.
pub fn signed_in<'a>(app: &'a TestApp, at: &str, email: &str, role: &str, ago: Duration) -> Browser<'a> {
    member(app, at, email, role, None);
    let mut browser = app.browser();
    session(&mut browser, at, email, ago);
    browser
}

/// Signs a person in, without asking anybody.
pub fn session(browser: &mut Browser<'_>, at: &str, email: &str, ago: Duration) {
    let app = browser.app;
    let organization = organization(app, at);
    let (token, email, now) = (Token::new(), email.to_owned(), usher::clock::Clock::now(&*app.clock));
    let hash = token.hash();
    app.change(move |tx| {
        let (id, subject) = person(tx, &organization, &email, now)?;
        store::sessions::add(
            tx,
            &store::sessions::NewSession {
                token_hash: hash,
                person: id,
                subject,
                idp_session: None,
                idp_name: None,
                logout_seal: None,
                created_at: now.minus(ago),
                expires_at: now.plus(Duration::from_secs(3600)),
                address: "192.0.2.7",
                user_agent: "a browser",
            },
        )
    });
    browser.cookies.insert("__Host-usher".to_owned(), token.text());
}

/// A browser with an operator's session.
pub fn operator(app: &TestApp) -> Browser<'_> {
    let (token, now) = (Token::new(), usher::clock::Clock::now(&*app.clock));
    let hash = token.hash();
    app.change(move |tx| store::operators::add_session(tx, &hash, now, now.plus(Duration::from_secs(900))));
    let mut browser = app.browser();
    browser.cookies.insert("__Host-usher-operator".to_owned(), token.text());
    browser
}

/// Ends a membership.
pub fn end(app: &TestApp, at: &str, person: PersonId) {
    let organization: OrganizationId = organization(app, at).id;
    let now = usher::clock::Clock::now(&*app.clock);
    app.change(move |tx| store::members::end(tx, organization, person, "removed_by_hand", now).map(drop));
}

/// A kept test sign-in of the first parent under a code, with a hostile message.
pub fn attempt(app: &TestApp, code: &str) {
    let (parent, at, incident) =
        (app.parent, usher::clock::Clock::now(&*app.clock), Incident::parse(code).expect("a code"));
    app.change(move |tx| {
        let connection = store::connections::by_slug(tx, &slug("acme"))?.map(|connection| connection.id);
        let record = serde_json::json!({
            "received": "<saml:Assertion><script>alert(1)</script></saml:Assertion>",
            "facts": { "email": "<script>alert(1)</script>", "groups": ["<img src=x onerror=alert(1)>"] },
            "organizations": [
                { "slug": "acme-work", "result": ["join", { "role": "admin", "seat": "premium" }],
                  "reasons": [["role_group_matched", { "group": "<script>", "role": "admin" }]], "seats": [["premium", 2, 1]] },
                { "slug": "acme-console", "result": ["join", { "role": "developer" }], "reasons": [], "seats": [] },
            ],
        });
        store::attempts::add(
            tx,
            &store::attempts::Attempt {
                incident: incident.clone(),
                at,
                parent: Some(parent),
                connection,
                person: None,
                code: "test_passed".to_owned(),
                record: record.to_string(),
            },
        )
    });
}

/// A run that waits for approval; the first has number 1.
pub fn halted_run(app: &TestApp, at: &str) {
    let (organization, now) = (organization(app, at).id, usher::clock::Clock::now(&*app.clock));
    app.change(move |tx| {
        let cause = usher::organization::SyncCause::SyncNow;
        let run = store::sync_runs::begin(tx, organization, cause, "system", 0, now)?;
        store::sync_runs::set_state(tx, run, usher::organization::SyncState::Halted, now)
    });
}

/// A proposal of other-work to join the first parent; the first has number 1.
pub fn proposal(app: &TestApp) {
    let (organization, to, now) = (organization(app, "other-work"), app.parent, usher::clock::Clock::now(&*app.clock));
    app.change(move |tx| {
        let proposal = store::parent_changes::Proposal {
            id: 0,
            organization: organization.id,
            from: organization.parent,
            to: Some(to),
            proposed_by: "operator".to_owned(),
            seen: String::new(),
            created_at: now,
            expires_at: now.plus(Duration::from_secs(3600)),
        };
        store::parent_changes::add(tx, &proposal).map(drop)
    });
}
