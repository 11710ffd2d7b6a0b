//! The pages of connections, domains and setup links with sample values, at every desk, for the tests of all pages.

use askama::DynTemplate;
use usher::audit::Actor;
use usher::clock::Timestamp;
use usher::connecting::*;
use usher::ids::{ParentId, Slug};
use usher::organization::ParentOrganization;
use usher::product::ParentPlan;
use usher::settings::pages::{Aside, Nav};
use usher::trust::Governed;
use usher::web::language::Language;
use usher::web::page::Frame;
use usher::web::when::When;

fn when() -> When {
    When(Timestamp::parse("2026-11-24T09:00:00Z").expect("a moment"))
}

fn text(text: &str) -> String {
    text.to_owned()
}

fn parent(name: &str) -> ParentOrganization {
    ParentOrganization {
        id: ParentId(1),
        slug: Slug::parse("acme").expect("a slug"),
        name: text(name),
        plan: ParentPlan::Enterprise,
        restrict_creation: false,
    }
}

/// The operator's, an organization's settings, behind a setup link.
fn desks(language: Language, name: &str) -> Vec<(&'static str, Desk)> {
    let operator = Desk {
        parent: parent(name),
        at: At::Operator,
        actor: Actor::Operator,
        governs: true,
        aside: Markup::default(),
        flash: None,
    };
    let (frame, nav) = (Frame::sample(language), Nav::sample("nav-connections", name, language.texts()));
    let aside = Markup::of(&Aside { frame: &frame, nav: &nav }).expect("rendered");
    let at = At::Settings(Slug::parse("acme-work").expect("a slug"));
    let settings = Desk { at, aside, flash: Some(text(name)), ..operator.clone() };
    let prepares = Desk { governs: false, ..settings.clone() };
    let guest = Desk { at: At::Guest(7), governs: false, ..operator.clone() };
    vec![("operator", operator), ("settings", settings), ("prepares", prepares), ("guest", guest)]
}

/// Name and HTML of each.
pub fn all(language: Language, name: &str) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for (place, desk) in desks(language, name) {
        let pages = at_desk(language, name, &desk);
        all.extend(pages.into_iter().map(|(page, html)| (format!("{place}_{page}"), html)));
    }
    let frame = || Frame::sample(language);
    let render = |page: &dyn DynTemplate| page.dyn_render().expect("rendered");
    all.push((text("setup_open"), render(&OpenPage { frame: frame(), token: text("token") })));
    let ended = ["unknown", "expired", "revoked", "switched-on", "maker-left", "gone", "another"];
    for (why, key) in ended.iter().zip([
        "ended-unknown",
        "ended-expired",
        "ended-revoked",
        "ended-switched-on",
        "ended-maker-left",
        "ended-gone",
        "ended-another",
    ]) {
        let maker = (*why == "expired").then(|| text(name));
        let page = EndedPage { frame: frame(), why: key, sent: *why == "revoked", maker };
        all.push((format!("setup_ended_{why}"), render(&page)));
    }
    all
}

fn problems(name: &str, fields: &[&'static str]) -> Problems {
    Problems(fields.iter().map(|field| (*field, text(name))).collect())
}

fn concerned(name: &str) -> Vec<Governed> {
    vec![Governed { name: text(name), members: 1 }, Governed { name: text("Acme Console"), members: 12 }]
}

fn card(language: Language, name: &str, domain: &str, state: &'static str, people: usize) -> DomainCard {
    DomainCard {
        name: text(domain),
        state,
        verified: !matches!(state, "domain-pending" | "domain-failed"),
        warning: (state == "domain-lost").then(|| text(name)),
        challenge: text("usher-domain-verification=0123456789abcdef0123456789abcdef"),
        found: (state == "domain-failed").then(|| language.texts().t("found-records").into_owned()),
        records: if state == "domain-failed" { vec![text("v=spf1 -all"), text(name)] } else { vec![] },
        checked: (state != "domain-pending").then(when),
        is_vouched: state == "domain-vouched",
        people,
    }
}

fn line(name: &str, state: &'static str, next: Option<&'static str>) -> ConnectionLine {
    ConnectionLine {
        slug: text("okta"),
        label: text(name),
        parent: text("Acme"),
        protocol: "SAML 2.0",
        state,
        active: state == "connection-active",
        draft: matches!(state, "connection-draft" | "connection-tested"),
        next: next.map(|key| NextStep { key, href: text("/admin/acme-work/connections/okta/edit") }),
    }
}

fn tests() -> Vec<TestLine> {
    vec![TestLine { href: text("/operator/tests/ABCD-EFGH"), at: when(), passed: true }]
}

fn form(language: Language, name: &str, desk: &Desk, oidc: bool, known: bool, active: bool) -> FormPage {
    let fields: &[&'static str] = match (oidc, known) {
        (_, true) => &["confirm"],
        (false, false) => {
            &["slug", "label", "metadata_url", "metadata_file", "metadata", "entity_id", "sso_url", "certificate"]
        }
        (true, false) => {
            &["slug", "issuer", "client_id", "client_auth", "client_secret", "expires", "scopes", "attribute_email"]
        }
    };
    FormPage {
        frame: Frame::sample(language),
        desk: desk.clone(),
        chosen: VendorLine { key: text("okta"), label: text("Okta"), oidc },
        path: text("Applications → Create App Integration → SAML 2.0"),
        ours: vec![(text("Audience URI (SP Entity ID)"), text("https://login.acme.example/saml/acme-okta/metadata"))],
        also: vec![text("Name ID format: EmailAddress")],
        gives: text("Sign On → View IdP metadata"),
        slug: text("acme-okta"),
        is_new: !known,
        action: text("/admin/acme-work/connections/add"),
        theirs: if known { vec![("saml-idp-entity-id", text(name)), ("attribute-email", text(name))] } else { vec![] },
        seen: text("00"),
        is_active: active,
        was_on: active,
        is_last: active,
        concerned: if active { concerned(name) } else { vec![] },
        typed: Typed {
            label: text(name),
            metadata: text(name),
            issuer: text(name),
            attributes: [text(name), text(""), text(""), text("")],
            ..Typed::new(name)
        },
        tested: known.then(when),
        tests: if desk.is_guests() { tests() } else { vec![] },
        domains: if desk.is_guests() { vec![card(language, name, "new.example", "domain-failed", 0)] } else { vec![] },
        problems: problems(name, fields),
    }
}

fn at_desk(language: Language, name: &str, desk: &Desk) -> Vec<(String, String)> {
    let frame = || Frame::sample(language);
    let render = |page: &dyn DynTemplate| page.dyn_render().expect("rendered");
    let mut all = vec![
        (text("form_saml"), render(&form(language, name, desk, false, false, false))),
        (text("form_oidc"), render(&form(language, name, desk, true, false, false))),
        (text("form_known"), render(&form(language, name, desk, false, true, false))),
        (text("report_passed"), render(&report(language, name, desk, true))),
        (text("report_failed"), render(&report(language, name, desk, false))),
    ];
    if desk.is_guests() {
        return all;
    }
    let vendors = [false, true].map(|oidc| VendorLine { key: text("okta"), label: text("Okta"), oidc }).into();
    all.push((text("choose"), render(&ChoosePage { frame: frame(), desk: desk.clone(), vendors })));
    all.push((text("form_active"), render(&form(language, name, desk, false, true, true))));
    all.push((text("form_oidc_active"), render(&form(language, name, desk, true, true, true))));
    for active in [true, false] {
        all.push((format!("connection_{active}"), render(&connection(language, name, desk, active))));
    }
    let lines = vec![
        line(name, "connection-active", None),
        line(name, "connection-begun", Some("next-other-side")),
        line(name, "connection-draft", Some("next-test")),
        line(name, "connection-tested", Some("next-switch-on")),
    ];
    for lines in [lines, vec![]] {
        let page = ConnectionsPage {
            frame: frame(),
            desk: desk.clone(),
            has_domain: !lines.is_empty(),
            lines,
            first: text(name),
        };
        all.push((format!("list_{}", page.lines.len()), render(&page)));
    }
    for deed in [Deed::Activate, Deed::Deactivate, Deed::Accept, Deed::Discard] {
        let page = AskPage {
            frame: frame(),
            desk: desk.clone(),
            back: desk.connection("okta"),
            slug: text("okta"),
            label: text(name),
            texts: deed.texts(),
            grave: deed == Deed::Deactivate,
            concerned: concerned(name),
            facts: vec![("saml-idp-entity-id", text(name))],
            seen: text("00"),
            is_last: deed == Deed::Deactivate,
            not_governing: (!desk.governs).then(|| text(name)),
            problems: problems(name, if deed == Deed::Deactivate { &["confirm"] } else { &[] }),
        };
        all.push((format!("ask_{deed:?}").to_lowercase(), render(&page)));
    }
    all.extend(links(language, name, desk));
    all.extend(domains(language, name, desk));
    all
}

fn connection(language: Language, name: &str, desk: &Desk, active: bool) -> ConnectionPage {
    ConnectionPage {
        frame: Frame::sample(language),
        desk: desk.clone(),
        line: line(name, if active { "connection-active" } else { "connection-tested" }, None),
        problem: active.then(|| text(name)),
        tested: Some(when()),
        can_activate: !active,
        is_draft: !active,
        is_last: active,
        seen: text("00"),
        vendor: if active { text("Okta") } else { text("") },
        ours: vec![(text("Audience URI (SP Entity ID)"), text("https://login.acme.example/saml/okta/metadata"))],
        theirs: vec![("oidc-issuer", text(name)), ("certificate", "ab".repeat(32))],
        checked: active.then(when),
        reads_metadata: active,
        pending: active.then(|| PendingMetadata {
            shown: "ab".repeat(32),
            lines: vec![("certificate-pending", "ab".repeat(32)), ("certificate-gone", "cd".repeat(32))],
        }),
        tests: tests(),
        concerned: concerned(name),
        others: vec![(text("entra"), text(name))],
    }
}

fn report(language: Language, name: &str, desk: &Desk, passed: bool) -> ReportPage {
    ReportPage {
        frame: Frame::sample(language),
        desk: desk.clone(),
        back: desk.connection("okta"),
        label: text(name),
        incident: text("ABCD-EFGH"),
        at: when(),
        passed,
        failed_check: (!passed).then(|| text("audience")),
        what: (!passed).then(|| text(name)),
        next_step: (!passed).then(|| text("Copy the entity id again.")),
        checks: if passed { vec![text("form"), text("assertion signature")] } else { vec![] },
        warnings: vec![text(name)],
        fields: vec![("field-email", text(name)), ("field-groups", text("2"))],
        groups: vec![text(name), text("CN=A, B")],
        attributes: vec![(text(name), text(name))],
        decisions: vec![DecisionLine {
            organization: text("Acme Work"),
            outcome: text("becomes a member: admin, seat premium"),
            because: vec![text(name)],
        }],
        received: Some(format!("<saml:Assertion>\n  {name}\n</saml:Assertion>")),
    }
}

fn links(language: Language, name: &str, desk: &Desk) -> Vec<(String, String)> {
    let states = ["link-open", "link-expired", "link-revoked", "link-switched-on", "link-maker-left", "link-gone"];
    let link = |(id, state): (usize, &&'static str)| LinkLine {
        id: i64::try_from(id).expect("small"),
        maker: text(name),
        made: when(),
        until: when(),
        used: (id != 1).then(|| (when(), text("192.0.2.7"))),
        state,
        is_open: id == 0,
    };
    let made = (text("https://login.acme.example/setup?token=abc"), when());
    [(true, Some(made)), (false, None)]
        .into_iter()
        .map(|(takes_links, made)| {
            let page = LinksPage {
                frame: Frame::sample(language),
                desk: desk.clone(),
                back: desk.connection("okta"),
                label: text(name),
                takes_links,
                days: [1, 3, 7],
                seen: text("1"),
                made,
                lines: if takes_links { states.iter().enumerate().map(link).collect() } else { vec![] },
                problems: problems(name, if takes_links { &["days"] } else { &[] }),
            };
            (format!("links_{takes_links}"), page.dyn_render().expect("rendered"))
        })
        .collect()
}

fn domains(language: Language, name: &str, desk: &Desk) -> Vec<(String, String)> {
    let card = |domain: &str, state: &'static str, people: usize| card(language, name, domain, state, people);
    let page = DomainsPage {
        frame: Frame::sample(language),
        desk: desk.clone(),
        problems: problems(name, &["domain"]),
        typed: text(name),
        domains: vec![
            card("acme.example", "domain-verified", 12),
            card("lost.example", "domain-lost", 1),
            card("new.example", "domain-pending", 0),
            card("wrong.example", "domain-failed", 0),
            card("intranet.example", "domain-vouched", 3),
        ],
    };
    let remove = |verified: bool| DomainRemovePage {
        frame: Frame::sample(language),
        desk: desk.clone(),
        name: text("acme.example"),
        people: if verified { 12 } else { 0 },
        verified,
        concerned: if verified { concerned(name) } else { vec![] },
        not_governing: (!desk.governs).then(|| text(name)),
        problems: problems(name, if verified { &["confirm"] } else { &[] }),
    };
    vec![
        (text("domains"), page.dyn_render().expect("rendered")),
        (text("domain_remove"), remove(true).dyn_render().expect("rendered")),
        (text("domain_remove_pending"), remove(false).dyn_render().expect("rendered")),
    ]
}
