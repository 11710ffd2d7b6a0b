//! What settings pages cost in a large organization: a bounded number of statements, however many people there are.

use usher::directory::{Name, UserContent};
use usher::identity::EmailAddress;
use usher::organization::{Member, MemberStatus, Organization, ProvisioningMode, Source};
use usher::product::{ProductKey, RoleKey};
use usher::store;

use crate::settings_support::{FRESH, organization, signed_in};
use crate::support::{Browser, TestApp};

/// People number `from` to `to`, as members and as users of the directory.
fn people(app: &TestApp, from: usize, to: usize) {
    let (at, now): (Organization, _) = (organization(app, "acme-work"), usher::clock::Clock::now(&*app.clock));
    app.change(move |tx| {
        for n in from..to {
            let email = EmailAddress::parse(&format!("person{n:06}@acme.example")).expect("an address");
            let person = store::people::add(tx, at.parent, &format!("p-{n:06}"), &email, "Somebody", now)?;
            let member = Member {
                organization: at.id,
                person,
                status: MemberStatus::Active,
                role: RoleKey::new("user"),
                role_source: Source::Default,
                role_pin: None,
                seat: None,
                seat_source: Source::Default,
                seat_pin: None,
                joined_at: now,
                version: 1,
            };
            store::members::put(tx, &member)?;
            let content = UserContent {
                user_name: Name::parse(email.as_str()).expect("a name"),
                external_id: None,
                email: Some(email),
                display_name: None,
                active: true,
                resource: "{}".to_owned(),
            };
            let user = store::directory_users::add(tx, at.parent, &format!("u-{n:06}"), &content, now)?;
            store::directory_users::link(tx, user.id, person)?;
        }
        Ok(())
    });
}

const PAGES: [&str; 16] = [
    "",
    "/identity",
    "/members",
    "/members?q=person0000",
    "/members?after=person000050@acme.example",
    "/members/p-000007",
    "/members/sessions/end",
    "/billing",
    "/events",
    "/applications",
    "/applications/wiki?email=person000007@acme.example",
    "/directory",
    "/directory/users",
    "/directory/users?q=person0000",
    "/directory/mismatches",
    "/runs",
];

fn cost(app: &TestApp, browser: &mut Browser<'_>, page: &str) -> u64 {
    let before = app.db.statements_read();
    let answer = browser.get(&format!("/admin/acme-work{page}"));
    assert_eq!(answer.status, 200, "{page}: {answer:?}");
    app.db.statements_read() - before
}

#[test]
fn a_page_runs_as_many_statements_for_ten_thousand_people_as_for_a_few_hundred() {
    let app = TestApp::with(
        |organization| {
            organization.product = ProductKey::new("enterprise-seats");
            organization.mode = ProvisioningMode::Scim { group_mappings: false };
        },
        |_| {},
    );
    let mut olga = signed_in(&app, "acme-work", "olga@acme.example", "owner", FRESH);
    people(&app, 0, 300);
    let few: Vec<u64> = PAGES.iter().map(|page| cost(&app, &mut olga, page)).collect();
    people(&app, 300, 10_000);
    for (page, few) in PAGES.iter().zip(few) {
        let many = cost(&app, &mut olga, page);
        assert!(few > 0 && many <= few + 5, "{page}: {few} statements for few, {many} for many");
        assert!(many <= 1000, "{page}: {many} statements");
    }
}
