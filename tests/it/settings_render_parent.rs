//! The pages about the parent organization with sample values; `pages_render.rs` looks at them.

use usher::clock::Timestamp;
use usher::settings::pages::*;
use usher::web::language::Language;
use usher::web::page::Frame;

fn when() -> When {
    When(Timestamp::parse("2026-11-24T09:00:00Z").expect("a moment"))
}

pub fn pages(language: Language, name: &str) -> Vec<(String, String)> {
    let frame = || Frame { signed_in: Some(name.to_owned()), ..Frame::sample(language) };
    let nav = || Nav::sample("nav-parent", name, language.texts());
    let text = |text: &str| text.to_owned();
    let render = |page: &dyn askama::DynTemplate| page.dyn_render().expect("rendered");
    let attached = |is_this: bool| AttachedLine {
        name: text(name),
        product: text(name),
        mode: "mode-jit",
        mappings: is_this,
        no_scim: is_this.then_some("parent-no-scim"),
        is_this,
    };
    let open = |to: Option<&str>| OpenLine {
        to: to.map(text),
        who: text(name),
        at: when(),
        until: when(),
        current: to.is_none(),
    };
    let inbox = |leaves: bool| InboxLine {
        href: text("/admin/acme-work/parent/proposals/7"),
        organization: text(name),
        leaves,
        until: when(),
    };
    let parent = |is_first: bool, open: Option<OpenLine>| ParentPage {
        frame: frame(),
        nav: nav(),
        name: text(name),
        plan: "plan-team",
        attached: vec![attached(true), attached(false)],
        first: text(name),
        is_first,
        restricts: is_first,
        open,
        can_leave: !is_first,
        codes: 2,
        inbox: if is_first { vec![inbox(true), inbox(false)] } else { vec![] },
    };
    let line = |state: &'static str| PersonLine {
        email: text(name),
        role: text(name),
        way: if state == "good" { "way-not-yet" } else { "way-outside-domains" },
        state,
        notes: vec!["moving-linked", "moving-suspended"],
    };
    let shown = |blocked: bool| Shown {
        facts: vec![text(name), text("x")],
        counts: vec![text(name)],
        people: if blocked { vec![] } else { vec![line("bad"), line("good")] },
        more: u64::from(!blocked) * 3,
        blockers: if blocked { vec![text(name)] } else { vec![] },
        seen: text("0f"),
        guard: (!blocked).then_some("moving-guard-nobody"),
        name: text(name),
    };
    let change = |joins: bool, effects: Option<Shown>| ParentChangePage {
        frame: frame(),
        nav: nav(),
        joins,
        code: text(name),
        moved: effects.is_some(),
        problems: Problems::one(if effects.is_some() { "confirm" } else { "code" }, name),
        effects,
    };
    let codes = |made: bool| CodesPage {
        frame: frame(),
        nav: nav(),
        made: made.then(|| (text(name), when())),
        codes: if made { vec![when(), when()] } else { vec![] },
        moved: !made,
    };
    let decide = |leaves: bool, blocked: bool| DecidePage {
        frame: frame(),
        nav: nav(),
        organization: text(name),
        leaves,
        who: text(name),
        at: when(),
        until: when(),
        effects: shown(blocked),
        outdated: blocked,
        refused: blocked.then_some("proposal-proposer-lost"),
        problems: if blocked { Problems::default() } else { Problems::one("confirm", name) },
    };
    vec![
        (text("settings_parent_first"), render(&parent(true, None))),
        (text("settings_parent"), render(&parent(false, None))),
        (text("settings_parent_proposed"), render(&parent(false, Some(open(Some(name)))))),
        (text("settings_parent_leaving"), render(&parent(false, Some(open(None))))),
        (text("settings_parent_join"), render(&change(true, None))),
        (text("settings_parent_join_shown"), render(&change(true, Some(shown(false))))),
        (text("settings_parent_leave"), render(&change(false, Some(shown(false))))),
        (text("settings_parent_blocked"), render(&change(false, Some(shown(true))))),
        (text("settings_parent_codes"), render(&codes(false))),
        (text("settings_parent_codes_made"), render(&codes(true))),
        (text("settings_parent_decide"), render(&decide(false, false))),
        (text("settings_parent_decide_leave"), render(&decide(true, true))),
    ]
}
