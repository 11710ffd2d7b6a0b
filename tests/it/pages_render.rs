//! Every page with sample values in every language. `USHER_TEST_PAGES=DIR` also writes them there, to be looked at.

use askama::Template;
use usher::admin::pages::*;
use usher::apps::{Card, LauncherPage, Tile};
use usher::clock::Timestamp;
use usher::connecting::ConnectionLine;
use usher::ids::Incident;
use usher::login::pages::*;
use usher::provisioning::Refusal;
use usher::web::failure::{ErrorPage, Failure};
use usher::web::language::Language;
use usher::web::page::Frame;
use usher::web::when::When;

pub const HOSTILE: &str = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{7*7}}";

fn when() -> When {
    When(Timestamp::parse("2026-11-24T09:00:00Z").expect("a moment"))
}

fn pages(language: Language, name: &str) -> Vec<(String, String)> {
    let frame = || Frame::sample(language);
    let signed_in = || Frame { signed_in: Some(name.to_owned()), ..Frame::sample(language) };
    let text = |text: &str| text.to_owned();
    let render = |page: &dyn askama::DynTemplate| page.dyn_render().expect("rendered");
    let mut all = vec![
        (
            text("sign_in"),
            render(&SignInPage {
                frame: frame(),
                email: String::new(),
                problem: None,
                return_to: text("/"),
                application: None,
                only_connection: None,
            }),
        ),
        (
            text("sign_in_one"),
            render(&SignInPage {
                frame: frame(),
                email: text(name),
                problem: Some(language.texts().t("email-unknown").into_owned()),
                return_to: text("https://wiki.acme.example/a?b=c"),
                application: Some(text(name)),
                only_connection: Some(text("/sign-in/okta?return_to=%2F")),
            }),
        ),
        (
            text("choose"),
            render(&ChooseConnectionPage {
                frame: frame(),
                choices: ["Okta", name].map(|label| Choice { href: text("/sign-in/okta"), label: text(label) }).into(),
            }),
        ),
        (
            text("post_request"),
            render(&PostRequestPage {
                frame: frame(),
                action: text("https://idp.acme.example/sso"),
                saml_request: text("PHNhbWw+"),
                relay_state: text(name),
                label: text(name),
            }),
        ),
        (text("confirm"), render(&ConfirmPersonPage { frame: frame(), email: text(name), code: text("code") })),
        (text("signed_out"), render(&SignedOutPage { frame: frame(), there: There::Unknown })),
        (text("signed_out_there"), render(&SignedOutPage { frame: frame(), there: There::Ended(text(name)) })),
        (text("signed_out_partly"), render(&SignedOutPage { frame: frame(), there: There::Partly(text(name)) })),
        (text("signed_out_refused"), render(&SignedOutPage { frame: frame(), there: There::Refused(text(name)) })),
        (
            text("signed_out_onward"),
            render(&SignedOutPage {
                frame: frame(),
                there: There::Onward { href: text("https://idp.example/slo?a=b&c=\"d\""), idp: text(name) },
            }),
        ),
        (text("launcher_empty"), render(&LauncherPage { frame: signed_in(), name: text(name), organizations: vec![] })),
        (
            text("launcher"),
            render(&LauncherPage {
                frame: signed_in(),
                name: text(name),
                organizations: vec![
                    Card {
                        name: text("Acme Work"),
                        role: text("Admin"),
                        seat: Some(text("Premium")),
                        lacks_seat: false,
                        needs_sso: false,
                        sign_in_again: None,
                        applications: ["Wiki", "Tickets", "A rather long application name", name]
                            .map(|name| Tile {
                                name: text(name),
                                url: text("https://wiki.acme.example/"),
                                host: text("wiki.acme.example"),
                            })
                            .into(),
                        settings: Some(text("/admin/acme-work")),
                    },
                    Card {
                        name: text("Acme Console"),
                        role: text("Developer"),
                        seat: None,
                        lacks_seat: false,
                        needs_sso: true,
                        sign_in_again: Some(text("/sign-in/okta?return_to=%2F")),
                        applications: vec![],
                        settings: None,
                    },
                    Card {
                        name: text(name),
                        role: text("User"),
                        seat: None,
                        lacks_seat: true,
                        needs_sso: true,
                        sign_in_again: None,
                        applications: vec![],
                        settings: None,
                    },
                ],
            }),
        ),
        (
            text("account"),
            render(&AccountPage {
                frame: signed_in(),
                name: text(name),
                email: text("anna@acme.example"),
                memberships: vec![
                    Membership {
                        organization: text("Acme Work"),
                        role: text("Admin"),
                        role_source: language.texts().with("source-group", "group", name).into_owned(),
                        seat: text("Premium"),
                        seat_source: language.texts().t("source-default").into_owned(),
                    },
                    Membership {
                        organization: text("Acme Console"),
                        role: text("Developer"),
                        role_source: language.texts().t("source-pinned").into_owned(),
                        seat: language.texts().t("no-seat-value").into_owned(),
                        seat_source: String::new(),
                    },
                ],
                sessions: vec![
                    OwnSession {
                        id: "0".repeat(64),
                        browser: text("Firefox, Linux"),
                        since: when(),
                        address: text("192.0.2.7"),
                        current: true,
                    },
                    OwnSession {
                        id: "1".repeat(64),
                        browser: text(name),
                        since: when(),
                        address: text("2001:db8::1"),
                        current: false,
                    },
                ],
            }),
        ),
        (text("recover"), render(&RecoverPage { frame: frame(), token: text("token") })),
        (text("onward"), render(&OnwardPage { frame: frame(), href: text("https://id.example/?a=b&c=\"d\"") })),
    ];
    all.extend(operator_pages(language, name));
    all.extend(crate::pages_setup::all(language, name));
    all.extend(crate::pages_connecting::all(language, name));
    all.extend(crate::settings_render::pages(language, name));
    for refusal in Refusal::ALL {
        let contact =
            (refusal != Refusal::IdpDenied).then(|| text(if name == HOSTILE { name } else { "it@acme.example" }));
        all.push((
            format!("refused_{refusal}"),
            render(&RefusedPage {
                frame: frame(),
                code: refusal.code(),
                email: Some(text(name)),
                organization: Some(text("Acme Work")),
                contact,
                incident: Incident::from_random([1, 2, 3, 4, 5]).to_string(),
                at: when(),
                has_session: refusal == Refusal::NoSeat,
                retry: text("/sign-in"),
                idp: (refusal == Refusal::IdpUnavailable).then(|| text(name)),
            }),
        ));
    }
    for failure in Failure::samples() {
        let status = actix_web::ResponseError::status_code(&failure).as_u16();
        all.push((
            format!("error_{failure}"),
            ErrorPage { frame: frame(), code: failure.code(), incident: text("ABCD-EFGH"), status }
                .render()
                .expect("rendered"),
        ));
    }
    all
}

fn operator_pages(language: Language, name: &str) -> Vec<(String, String)> {
    let frame = || Frame::sample(language);
    let text = |text: &str| text.to_owned();
    let render = |page: &dyn askama::DynTemplate| page.dyn_render().expect("rendered");
    let line = |state: &'static str| ConnectionLine {
        slug: text("okta"),
        label: text(name),
        parent: text("Acme"),
        protocol: "SAML 2.0",
        state,
        active: state == "connection-active",
        draft: matches!(state, "connection-draft" | "connection-tested"),
        next: None,
    };
    let overview = OverviewPage {
        frame: frame(),
        until: when(),
        commands: vec![text("usher explain --organization SLUG --email ADDRESS")],
        parents: vec![ParentLine {
            slug: text("acme"),
            name: text(name),
            domains: vec![(text("acme.example"), "domain-verified"), (text("acme.test"), "domain-failed")],
        }],
        pressing: 2,
        connections: vec![line("connection-active"), line("connection-draft")],
        organizations: vec![
            OperatedOrganization {
                name: text(name),
                mode: text("jit + mappings"),
                admins: vec![text("anna@acme.example (owner)")],
            },
            OperatedOrganization { name: text("Acme Console"), mode: text("manual"), admins: vec![] },
        ],
    };
    let ending = |kind: &'static str, state: &'static str, presses: bool| EndingLine {
        kind,
        name: format!("okta {name}"),
        whose: presses.then(|| text(name)),
        ends: when(),
        state,
        presses,
    };
    let calendar = CalendarPage {
        frame: frame(),
        endings: vec![
            ending("ends-idp-certificate", "ends-replaced", false),
            ending("ends-client-secret", "ends-7-days", true),
            ending("ends-scim-token", "ends-30-days", true),
            ending("ends-tls-certificate", "ends-90-days", false),
            ending("ends-own-certificate", "ends-far", false),
        ],
    };
    let key = |state: &'static str| KeyLine {
        kid: text("saml-00"),
        state,
        is_next: state == "key-next",
        is_in_use: state == "key-in-use",
        made: when(),
        ends: text("2036-11-24"),
        fingerprint: "ab".repeat(32),
    };
    let keys = |all: &[&'static str]| KeysPage {
        frame: frame(),
        problem: (all.len() > 1).then(|| text(name)),
        has_next: all.contains(&"key-next"),
        keys: all.iter().map(|state| key(state)).collect(),
        users: if all.len() > 1 { vec![(text("okta"), text(name))] } else { vec![] },
    };
    let switch = SwitchPage {
        frame: frame(),
        from: line("connection-active"),
        to: line("connection-tested"),
        problem: None,
        counts: vec![("match-linked", 1), ("match-by-address", 12)],
        people: vec![(text("anna@acme.example"), "match-linked"), (text(name), "match-no-domain")],
        theirs: vec![("saml-idp-entity-id", text("https://idp.acme.example/metadata"))],
        mark: text("00"),
    };
    vec![
        (text("operator"), render(&overview)),
        (text("calendar"), render(&calendar)),
        (text("switch"), render(&switch)),
        (text("keys"), render(&keys(&["key-in-use"]))),
        (text("keys_rolling"), render(&keys(&["key-in-use", "key-previous", "key-next"]))),
    ]
}

#[test]
fn every_page_renders_in_every_language() {
    for language in Language::ALL {
        for (name, html) in pages(language, "Anna Müller") {
            assert!(html.contains(&format!("<html lang=\"{}\">", language.tag())), "{name}");
            assert_eq!(html.matches("<h1").count(), 1, "{name} has one h1");
            for missing in ["refused-", "error-"] {
                let shown =
                    html.split(missing).nth(1).filter(|rest| rest.starts_with(|c: char| c.is_ascii_lowercase()));
                assert!(shown.is_none(), "{name}: a text is missing near {shown:?}");
            }
            if let Some(directory) = std::env::var_os("USHER_TEST_PAGES") {
                let path = std::path::Path::new(&directory).join(format!("{name}.{}.html", language.tag()));
                std::fs::write(path, html).expect("written");
            }
        }
    }
}

#[test]
fn what_identity_providers_send_is_text_and_never_markup() {
    for (name, html) in pages(Language::En, HOSTILE) {
        for sign in ["<script>alert", "<img src=x", "onerror=alert(1)>{", "49<"] {
            assert!(!html.contains(sign), "{name} lets {sign} through");
        }
        assert_eq!(html.matches("<script").count(), 1, "{name}: our own script only");
    }
}

#[test]
fn templates_have_no_inline_script_or_style_and_escape_everything() {
    let mut todo = vec![std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("templates")];
    let mut seen = 0;
    while let Some(path) = todo.pop() {
        if path.is_dir() {
            todo.extend(std::fs::read_dir(&path).expect("listed").map(|entry| entry.expect("an entry").path()));
            continue;
        }
        seen += 1;
        let text = std::fs::read_to_string(&path).expect("a template");
        for forbidden in ["|safe", "| safe", "escape(\"none\")", " style=", "<style", "javascript:"] {
            assert!(!text.contains(forbidden), "{}: {forbidden}", path.display());
        }
        for handler in [" onclick=", " onload=", " onerror=", " onsubmit=", " onchange="] {
            assert!(!text.contains(handler), "{}: {handler}", path.display());
        }
        assert!(text.matches("<script").count() == text.matches("<script src=").count(), "{}", path.display());
    }
    assert!(seen > 10);
}
