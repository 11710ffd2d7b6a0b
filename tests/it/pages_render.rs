//! Every page with sample values in every language. `USHER_TEST_PAGES=DIR` also writes them there, to be looked at.

use askama::Template;
use usher::apps::{Card, LauncherPage, Tile};
use usher::ids::Incident;
use usher::login::pages::*;
use usher::provisioning::Refusal;
use usher::web::failure::{ErrorPage, Failure};
use usher::web::language::Language;
use usher::web::page::Frame;

const HOSTILE: &str = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{7*7}}";

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
        (text("signed_out"), render(&SignedOutPage { frame: frame() })),
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
                        applications: ["Wiki", "Tickets", "A rather long application name", name]
                            .map(|name| Tile {
                                name: text(name),
                                url: text("https://wiki.acme.example/"),
                                host: text("wiki.acme.example"),
                            })
                            .into(),
                    },
                    Card {
                        name: text("Acme Console"),
                        role: text("Developer"),
                        seat: None,
                        lacks_seat: false,
                        applications: vec![],
                    },
                    Card { name: text(name), role: text("User"), seat: None, lacks_seat: true, applications: vec![] },
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
                        since: text("2026-11-24 09:00 UTC"),
                        address: text("192.0.2.7"),
                        current: true,
                    },
                    OwnSession {
                        id: "1".repeat(64),
                        browser: text(name),
                        since: text("2026-11-23 17:12 UTC"),
                        address: text("2001:db8::1"),
                        current: false,
                    },
                ],
            }),
        ),
        (text("recover"), render(&RecoverPage { frame: frame(), token: text("token") })),
        (
            text("operator"),
            render(&OperatorPage {
                frame: frame(),
                until: text("2026-11-24 09:15 UTC"),
                commands: vec![text("usher explain --organization SLUG --email ADDRESS")],
                organizations: vec![
                    OperatedOrganization {
                        name: text(name),
                        mode: text("jit + mappings"),
                        admins: vec![text("anna@acme.example (owner)")],
                    },
                    OperatedOrganization { name: text("Acme Console"), mode: text("manual"), admins: vec![] },
                ],
            }),
        ),
    ];
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
                at: text("2026-11-24 09:00 UTC"),
                has_session: refusal == Refusal::NoSeat,
                retry: text("/sign-in"),
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
