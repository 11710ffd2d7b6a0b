//! The settings pages with sample values; `pages_render.rs` looks at them.

use usher::clock::Timestamp;
use usher::settings::pages::*;
use usher::web::language::Language;
use usher::web::page::Frame;

fn when() -> When {
    When(Timestamp::parse("2026-11-24T09:00:00Z").expect("a moment"))
}

pub fn pages(language: Language, name: &str) -> Vec<(String, String)> {
    let frame = || Frame { signed_in: Some(name.to_owned()), ..Frame::sample(language) };
    let nav = |section: &str| Nav::sample(section, name, language.texts());
    let text = |text: &str| text.to_owned();
    let render = |page: &dyn askama::DynTemplate| page.dyn_render().expect("rendered");
    let seats = || {
        vec![
            SeatLine { label: text("Premium"), bought: 5, used: 5, free: 0 },
            SeatLine { label: text(name), bought: 20, used: 3, free: 17 },
        ]
    };
    vec![
        (
            text("settings_choose"),
            render(&ChoosePage {
                frame: frame(),
                organizations: vec![(text("acme-work"), text(name), text("Acme"))],
                operator_until: Some(when()),
            }),
        ),
        (
            text("settings_choose_none"),
            render(&ChoosePage { frame: frame(), organizations: vec![], operator_until: Some(when()) }),
        ),
        (
            text("settings_again"),
            render(&AgainPage { frame: frame(), href: text("/sign-in/okta"), back: text("/admin/acme-work") }),
        ),
        (
            text("settings_overview"),
            render(&OverviewPage {
                frame: frame(),
                nav: Nav { operator_until: Some(when()), ..nav("nav-overview") },
                attention: vec![
                    Attention {
                        grave: true,
                        text: language.texts().count("attention-waiting", 3).into_owned(),
                        fix: Some((text("/admin/acme-work/billing"), "fix-buy-seats")),
                    },
                    Attention { grave: false, text: text(name), fix: None },
                ],
                product: text("Seat-based Enterprise plan"),
                mode: "mode-jit",
                mappings: true,
                members: Some(1234),
                last_sign_in: Some(when()),
                seats: seats(),
            }),
        ),
        (
            text("settings_overview_clear"),
            render(&OverviewPage {
                frame: frame(),
                nav: Nav { flash: None, others: vec![], ..nav("nav-overview") },
                attention: vec![],
                product: text("Console"),
                mode: "mode-manual",
                mappings: false,
                members: None,
                last_sign_in: None,
                seats: vec![],
            }),
        ),
    ]
}
