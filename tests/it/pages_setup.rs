//! The pages of the setup with sample values, for the tests of all pages.

use askama::DynTemplate;
use usher::admin::setup::*;
use usher::connecting::Problems;
use usher::web::language::Language;
use usher::web::page::Frame;

/// Name and HTML of each.
pub fn all(language: Language, name: &str) -> Vec<(String, String)> {
    let frame = || Frame::sample(language);
    let text = |text: &str| text.to_owned();
    let problems = |fields: &[&'static str]| Problems(fields.iter().map(|field| (*field, text(name))).collect());
    let step = |texts: [&'static str; 3], done: bool, next: bool, open: bool| Step {
        texts,
        found: if done { vec![text(name)] } else { vec![] },
        done,
        next,
        href: open.then(|| text("/operator/parents/acme/domains")),
    };
    let setup = SetupPage {
        frame: frame(),
        name: text(name),
        base: text("/operator/parents/acme"),
        done: 1,
        steps: vec![
            step(["setup-organization", "setup-organization-what", "setup-organization-go"], true, false, true),
            step(["setup-domain", "setup-domain-what", "setup-domain-go"], false, true, true),
            step(["setup-administrator", "setup-administrator-what", "setup-administrator-go"], false, false, false),
            step(["setup-connection", "setup-connection-what", "setup-connection-go"], false, false, true),
            step(["setup-test", "setup-test-what", "setup-test-go"], false, false, false),
            step(["setup-active", "setup-active-what", "setup-active-go"], false, false, false),
        ],
        organizations: vec![(text(name), text("acme-work"))],
    };
    let parent = ParentPage {
        frame: frame(),
        name: text(name),
        slug: text(name),
        plans: vec![("enterprise", "setup-plan-enterprise", true), ("team", "setup-plan-team", false)],
        problems: problems(&["name", "slug", "plan"]),
    };
    let organization = NewOrganizationPage {
        frame: frame(),
        parent: text(name),
        base: text("/operator/parents/acme"),
        name: text(name),
        slug: text(name),
        contact: text(name),
        products: vec![ProductChoice {
            key: text("team"),
            label: text(name),
            chosen: true,
            seats: vec![SeatField { field: text("seats-team-premium"), label: text(name), typed: text(name) }],
        }],
        problems: problems(&["product"]),
    };
    let administrator = AdministratorPage {
        frame: frame(),
        parent: text(name),
        base: text("/operator/parents/acme"),
        email: text(name),
        organizations: vec![(text("acme-work"), text(name), true)],
        domains: vec![text("acme.example")],
        problems: problems(&["email", "organization"]),
    };
    let render = |page: &dyn DynTemplate| page.dyn_render().expect("rendered");
    vec![
        (text("setup"), render(&setup)),
        (text("setup_parent"), render(&parent)),
        (text("setup_organization"), render(&organization)),
        (text("setup_administrator"), render(&administrator)),
    ]
}
