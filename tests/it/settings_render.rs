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
    let mut all = vec![
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
    ];
    all.extend(identity_pages(language, name));
    all.extend(crate::settings_render_parent::pages(language, name));
    all.extend(preview_pages(language, name));
    all.extend(member_pages(language, name));
    all.extend(other_pages(language, name));
    all.extend(application_pages(language, name));
    all.extend(run_pages(language, name));
    all.extend(directory_pages(language, name));
    all
}

fn identity_pages(language: Language, name: &str) -> Vec<(String, String)> {
    let text = |text: &str| text.to_owned();
    let row = |unknown: bool| MappingRow {
        act: format!("drop:role:owner:{name}"),
        value: text(name),
        name: (!unknown).then(|| text(name)),
        told: language.texts().count("group-people", 3).into_owned(),
        unknown,
    };
    let rows_of = |field: &str, rows: Vec<MappingRow>| RowsOf {
        field: text(field),
        act: field.replace('-', ":"),
        label: text("Owner"),
        problem: rows.is_empty().then(|| text(name)),
        typed: text(name),
        rows,
    };
    let mode = |value, label, what, refused| ModeChoice { value, label, what, chosen: value == "jit", refused };
    let last = || RunLine {
        href: text("/admin/acme-work/runs/7"),
        id: 7,
        at: when(),
        cause: "why-sync-now",
        who: text(name),
        state: "run-done",
        pressing: false,
        counts: usher::organization::SyncCounts { added: 1, updated: 2, removed: 3, waiting: 4 },
    };
    let page = |locked: bool| IdentityPage {
        frame: Frame { signed_in: Some(text(name)), ..Frame::sample(language) },
        nav: Nav::sample("nav-identity", name, language.texts()),
        missing: if locked {
            vec![
                Missing { key: "missing-domain", href: text("/admin/acme-work/domains") },
                Missing { key: "missing-test", href: text("/admin/acme-work/connections/okta") },
            ]
        } else {
            vec![]
        },
        locked,
        probation: Some(when()),
        halted: true,
        under_way: Some(text("/admin/acme-work/runs/7")),
        preview: Some(if locked { PreviewStanding::UnderWay } else { PreviewStanding::Ready(when().0) }),
        domains: vec![
            DomainLine { name: text("acme.example"), state: "domain-verified", verified: true },
            DomainLine { name: text(name), state: "domain-failed", verified: false },
        ],
        connections: [true, false]
            .map(|active| ConnectionLine {
                label: text(name),
                protocol: "SAML 2.0",
                state: if active { "connection-active" } else { "connection-draft" },
                active,
                tested: active.then(when),
                href: text("/admin/acme-work/connections/okta"),
                never_groups: !active,
                groups: (text(name), text(name)),
            })
            .into(),
        draft: Some(when()),
        modes: vec![
            mode("manual", "mode-manual", "mode-manual-what", None),
            mode("jit", "mode-jit", "mode-jit-what", None),
            mode("scim", "mode-scim", "mode-scim-what", Some("scim-needs-token")),
        ],
        mappings: true,
        roles: vec![rows_of("role-owner", vec![row(true), row(false)]), rows_of("role-user", vec![])],
        seats: vec![rows_of("seat-premium", vec![row(false)])],
        offered: vec![Offered { value: text("0ab3"), name: text(name), people: 3, seen: Some(when()) }],
        offered_count: 1,
        more_groups: true,
        pushed: false,
        asserted: true,
        require_sso: true,
        directory: Some(DirectoryRow {
            set_up: true,
            users: 12,
            groups: 1,
            last_push: Some(when()),
            sync: Some(SyncNow { seen: text("7"), last: Some(last()) }),
        }),
        problems: if locked { Problems::one("missing", name) } else { Problems::default() },
    };
    [("settings_identity", false), ("settings_identity_locked", true)]
        .map(|(file, locked)| (text(file), askama::Template::render(&page(locked)).expect("rendered")))
        .into()
}

fn told(text: &str) -> Told {
    Told { text: text.to_owned(), at: Some(when()) }
}

fn member_pages(language: Language, name: &str) -> Vec<(String, String)> {
    let frame = || Frame { signed_in: Some(name.to_owned()), ..Frame::sample(language) };
    let nav = || Nav::sample("nav-members", name, language.texts());
    let text = |text: &str| text.to_owned();
    let render = |page: &dyn askama::DynTemplate| page.dyn_render().expect("rendered");
    let row = |status: &str, state: &'static str| MemberRow {
        href: text("/admin/acme-work/members/p-1"),
        name: text(name),
        email: text("anna@acme.example"),
        role: text("Admin"),
        role_source: language.texts().with("source-group", "group", name).into_owned(),
        seat: text("Premium"),
        seat_source: language.texts().t("source-default").into_owned(),
        last_sign_in: (state == "good").then(when),
        status: text(status),
        state,
    };
    let members = |rows: Vec<MemberRow>| MembersPage {
        frame: frame(),
        nav: nav(),
        filters: vec![("", "members-current", false), ("removed", "members-removed", true)],
        search: text(name),
        next: (!rows.is_empty()).then(|| text("/admin/acme-work/members?after=anna%40acme.example")),
        first: Some(text("/admin/acme-work/members?")),
        rows,
        has_seats: true,
        empty: "members-none-such",
        how: "how-jit-mapped",
        may_end_all: true,
    };
    let choices = || {
        vec![
            Choice { value: text("premium"), label: text(name), free: Some(0), chosen: false },
            Choice {
                value: text(""),
                label: language.texts().t("no-seat-choice").into_owned(),
                free: None,
                chosen: true,
            },
        ]
    };
    let place = |seat: bool, problems: Problems| PlacePage {
        frame: frame(),
        nav: nav(),
        back: text("/admin/acme-work/members/p-1"),
        email: text("anna@acme.example"),
        seat,
        origin: vec![told(name)],
        choices: choices(),
        pins: true,
        pinned: seat,
        until: text("2026-12-01"),
        confirm: !seat,
        problems,
    };
    let remove = |waits: bool| RemovePage {
        frame: frame(),
        nav: nav(),
        back: text("/admin/acme-work/members/p-1"),
        email: text(name),
        waits,
        seat: Some(text(name)),
        waiting: 2,
        sessions: 1,
        comes_back: "comes-back-jit-mapped",
        confirm: !waits,
        problems: Problems::one("confirm", name),
    };
    let suspend = |resume: bool, beyond: bool| SuspendPage {
        frame: frame(),
        nav: nav(),
        back: text("/admin/acme-work/members/p-1"),
        email: text(name),
        resume,
        elsewhere: vec![text(name), text("Acme")],
        beyond,
        sessions: 2,
        guard: (!resume).then(|| (text("Nobody else could configure it"), text(name))),
        problems: if resume { Problems::default() } else { Problems::one("confirm", name) },
    };
    let relink = |beyond: bool| RelinkPage {
        frame: frame(),
        nav: nav(),
        back: text("/admin/acme-work/members/p-1"),
        email: text(name),
        connection: text(name),
        last: when(),
        elsewhere: vec![text(name)],
        beyond,
        sessions: 1,
        seen: text("1 2"),
        moved: !beyond,
    };
    let add = AddPage {
        frame: frame(),
        nav: nav(),
        how: "how-scim-mapped",
        email: text(name),
        name: text(name),
        roles: choices(),
        seats: choices(),
        pins: true,
        until: text("yesterday"),
        problems: Problems(vec![("email", text(name)), ("role", text("a")), ("seat", text("b")), ("until", text("c"))]),
    };
    vec![
        (
            text("settings_members"),
            render(&members(vec![row(name, "bad"), row("Active", "good"), row("Gone", "gone")])),
        ),
        (text("settings_members_none"), render(&members(vec![]))),
        (text("settings_person"), render(&person(language, name))),
        (text("settings_suspend"), render(&suspend(false, false))),
        (text("settings_suspend_beyond"), render(&suspend(false, true))),
        (text("settings_resume"), render(&suspend(true, false))),
        (text("settings_relink"), render(&relink(false))),
        (text("settings_relink_beyond"), render(&relink(true))),
        (text("settings_role"), render(&place(false, Problems(vec![("role", text(name)), ("confirm", text(name))])))),
        (text("settings_seat"), render(&place(true, Problems::default()))),
        (text("settings_remove"), render(&remove(false))),
        (text("settings_remove_waiting"), render(&remove(true))),
        (text("settings_add"), render(&add)),
    ]
}

fn event(name: &str) -> EventLine {
    EventLine {
        at: when(),
        text: name.to_owned(),
        actor: name.to_owned(),
        address: "192.0.2.7".to_owned(),
        incident: Some("ABCD-EFGH".to_owned()),
    }
}

fn person(language: Language, name: &str) -> PersonPage {
    let text = |text: &str| text.to_owned();
    PersonPage {
        frame: Frame { signed_in: Some(name.to_owned()), ..Frame::sample(language) },
        nav: Nav::sample("nav-members", name, language.texts()),
        here: text("/admin/acme-work/members/p-1"),
        name: text(name),
        email: text("anna@acme.example"),
        status: text(name),
        since: Some(when()),
        values: vec![
            Value {
                key: "role",
                value: text(name),
                origin: vec![told(name), told("pinned until")],
                change: Some((text("/admin/acme-work/members/p-1/role"), "person-change-role")),
            },
            Value { key: "seat", value: text("Premium"), origin: vec![], change: None },
        ],
        joined: Some(when()),
        last_sign_in: None,
        groups: vec![text(name), text("CN=Ä, B")],
        groups_told: told("seen"),
        sessions: vec![SessionLine {
            id: "0".repeat(64),
            browser: text(name),
            since: when(),
            address: text("192.0.2.7"),
        }],
        can_remove: true,
        can_add: true,
        can_suspend: true,
        can_resume: true,
        links: vec![LinkLine {
            connection: text(name),
            last: when(),
            relink: Some(text("/admin/acme-work/members/p-1/relink/acme")),
        }],
        history: vec![event(name)],
        all_events: text("/admin/acme-work/events?person=anna%40acme.example"),
        explain: text("/admin/acme-work/explain?email=anna%40acme.example"),
    }
}

fn other_pages(language: Language, name: &str) -> Vec<(String, String)> {
    let frame = || Frame { signed_in: Some(name.to_owned()), ..Frame::sample(language) };
    let nav = |section: &str| Nav::sample(section, name, language.texts());
    let text = |text: &str| text.to_owned();
    let render = |page: &dyn askama::DynTemplate| page.dyn_render().expect("rendered");
    let seat = |is_wrong: bool| SeatForm {
        key: text(if is_wrong { "premium" } else { "standard" }),
        label: text(name),
        bought: 5,
        wanted: text(name),
        used: 5,
        free: 0,
        waiting: 2,
        is_wrong,
    };
    let billing = |seats: Vec<SeatForm>| BillingPage {
        frame: frame(),
        nav: nav("nav-billing"),
        seats,
        queue: vec![
            Waits { href: None, email: text(name), since: when(), seat: text(name), role: text(name) },
            Waits {
                href: Some(text("/admin/acme-work/members/p-1")),
                email: text("a@acme.example"),
                since: when(),
                seat: text("any"),
                role: text("User"),
            },
        ],
        more: 3,
        problems: Problems::one("bought", name),
    };
    let events = |lines: Vec<EventLine>| EventsPage {
        frame: frame(),
        nav: nav("nav-events"),
        asked: Asked {
            person: text(name),
            actor: text(name),
            since: text(name),
            incident: text(name),
            ..Asked::default()
        },
        kinds: vec![("signed_in", text(name), true)],
        actors: vec![("", "events-by-anyone", false), ("shell", "actor-shell", true)],
        lines,
        next: Some(text("/admin/acme-work/events?after=1-2")),
        first: Some(text("/admin/acme-work/events?")),
        query: text("kind=signed_in&person=%3Cscript%3E"),
        problems: Problems(vec![
            ("incident", text(name)),
            ("person", text(name)),
            ("since", text(name)),
            ("actor", text(name)),
        ]),
    };
    let decision = DecisionPage {
        frame: frame(),
        nav: nav("nav-events"),
        incident: text("ABCD-EFGH"),
        at: when(),
        outcome: text(name),
        connection: Some(text(name)),
        person: Some(text("/admin/acme-work/members/p-1")),
        check: Some(text("audience")),
        what: Some(text(name)),
        next_step: Some(text(name)),
        warnings: vec![text(name)],
        facts: vec![("field-email", text(name)), ("field-subject", text(name))],
        groups: Some(vec![text(name)]),
        decision: Some(Decided {
            result: text(name),
            reasons: vec![text(name), text("second")],
            seats: vec![SeatLine { label: text(name), bought: 5, used: 4, free: 1 }],
        }),
        message: Some(text("/admin/acme-work/events/ABCD-EFGH/message")),
        relink: Some((text(name), text("/admin/acme-work/members/p-1/relink/acme"))),
    };
    let message = MessagePage {
        frame: frame(),
        nav: nav("nav-events"),
        incident: text("ABCD-EFGH"),
        attributes: vec![(text(name), text(name))],
        received: format!("<saml:Assertion>\n  {name}\n</saml:Assertion>"),
    };
    let explain = |answer: Option<Answer>| ExplainPage {
        frame: frame(),
        nav: nav("nav-explain"),
        email: text(name),
        groups: format!("{name}\nother"),
        tries: answer.is_some(),
        directory_counts: false,
        answer,
        problems: Problems::one("email", name),
    };
    let answer = Answer {
        result: text(name),
        refused: true,
        reasons: vec![text(name)],
        evidence: told(name),
        groups: vec![text(name)],
        seats: vec![SeatLine { label: text(name), bought: 5, used: 4, free: 1 }],
        person: Some(text("/admin/acme-work/members/p-1")),
        nobody_signs_in: true,
    };
    let end = |presses: bool| EndLine {
        kind: "ends-scim-token",
        name: text(name),
        ends: when(),
        state: if presses { "ends-7-days" } else { "ends-far" },
        presses,
        todo: "todo-scim-token",
        link: presses.then(|| (text("/admin/acme-work/directory"), "nav-directory")),
    };
    let certificates = |lines: Vec<EndLine>| CertificatesPage { frame: frame(), nav: nav("nav-certificates"), lines };
    let everybody = EverybodyPage { frame: frame(), nav: nav("nav-members"), count: 7 };
    vec![
        (text("settings_certificates"), render(&certificates(vec![end(true), end(false)]))),
        (text("settings_certificates_none"), render(&certificates(vec![]))),
        (text("settings_sessions_all"), render(&everybody)),
        (text("settings_billing"), render(&billing(vec![seat(true), seat(false)]))),
        (text("settings_billing_none"), render(&billing(vec![]))),
        (text("settings_events"), render(&events(vec![event(name), EventLine { incident: None, ..event("x") }]))),
        (text("settings_events_none"), render(&events(vec![]))),
        (text("settings_decision"), render(&decision)),
        (text("settings_message"), render(&message)),
        (text("settings_explain"), render(&explain(Some(answer)))),
        (text("settings_explain_empty"), render(&explain(None))),
    ]
}

fn application_pages(language: Language, name: &str) -> Vec<(String, String)> {
    let frame = || Frame { signed_in: Some(name.to_owned()), ..Frame::sample(language) };
    let nav = || Nav::sample("nav-applications", name, language.texts());
    let text = |text: &str| text.to_owned();
    let render = |page: &dyn askama::DynTemplate| page.dyn_render().expect("rendered");
    let row = || ApplicationRow {
        href: text("/admin/acme-work/applications/wiki"),
        name: text(name),
        url: text("https://wiki.acme.example"),
        who: text(name),
        enter: 7,
    };
    let list = |rows| ApplicationsPage { frame: frame(), nav: nav(), rows };
    let tick = |on| Tick { name: format!("role-{on}"), label: text(name), on };
    let form = |known: bool, losing: u64, problems: Problems| ApplicationFormPage {
        frame: frame(),
        nav: nav(),
        known,
        back: text("/admin/acme-work/applications"),
        typed: Typed { name: text(name), slug: text(name), url: text(name), some_roles: known, ..Typed::default() },
        roles: vec![tick(true), tick(false)],
        seats: if known { vec![Tick { name: text("seat-x"), label: text(name), on: true }] } else { vec![] },
        presets: vec![("usher", "headers-usher", true), ("authentik", "headers-authentik", false)],
        losing,
        problems,
    };
    let everywhere = ["name", "slug", "url", "roles", "seats", "headers"].map(|field| (field, text(name)));
    let shown = |tried: Option<Tried>, snippets: Vec<Snippet>| ApplicationPage {
        frame: frame(),
        nav: nav(),
        here: text("/admin/acme-work/applications/wiki"),
        name: text(name),
        url: text("https://wiki.acme.example"),
        who: text(name),
        enter: 1,
        headers: "headers-usher",
        snippets,
        email: text(name),
        problems: if tried.is_none() { Problems::one("email", name) } else { Problems::default() },
        tried,
    };
    let snippet = || Snippet { proxy: "nginx", name: "nginx", text: text(name) };
    let tried = |refused: Option<(String, &'static str)>| {
        Some(Tried { refused, headers: vec![(text("remote-user"), text(name))], claims: text(name) })
    };
    let remove = ApplicationRemovePage {
        frame: frame(),
        nav: nav(),
        back: text("/admin/acme-work/applications/wiki"),
        name: text(name),
        url: text(name),
        enter: 0,
    };
    vec![
        (text("settings_applications"), render(&list(vec![row(), row()]))),
        (text("settings_applications_none"), render(&list(vec![]))),
        (text("settings_application_add"), render(&form(false, 0, Problems(everywhere.into())))),
        (text("settings_application_edit"), render(&form(true, 3, Problems::one("agreed", name)))),
        (text("settings_application"), render(&shown(tried(None), vec![snippet()]))),
        (text("settings_application_refused"), render(&shown(tried(Some((text(name), "no_seat"))), vec![]))),
        (text("settings_application_nobody"), render(&shown(None, vec![snippet()]))),
        (text("settings_application_remove"), render(&remove)),
    ]
}

fn run_pages(language: Language, name: &str) -> Vec<(String, String)> {
    let frame = || Frame { signed_in: Some(name.to_owned()), ..Frame::sample(language) };
    let nav = || Nav::sample("nav-runs", name, language.texts());
    let text = |text: &str| text.to_owned();
    let render = |page: &dyn askama::DynTemplate| page.dyn_render().expect("rendered");
    let run = |state: &'static str| RunLine {
        href: text("/admin/acme-work/runs/7"),
        id: 7,
        at: when(),
        cause: "why-sync-now",
        who: text(name),
        state,
        pressing: state == "run-halted",
        counts: usher::organization::SyncCounts { added: 1, updated: 2, removed: 3, waiting: 4 },
    };
    let person = |after: Option<&str>| ChangeLine {
        href: after.map(|_| text("/admin/acme-work/members/p-1")),
        email: text(name),
        before: text("User, Premium"),
        after: after.map(text),
    };
    let list = |synced: bool, lines: Vec<RunLine>| RunsPage {
        frame: frame(),
        nav: nav(),
        synced,
        seen: text(name),
        halted: if lines.is_empty() { vec![] } else { vec![(run("run-halted"), 5)] },
        next: (!lines.is_empty()).then(|| text("/admin/acme-work/runs?before=7")),
        first: Some(text("/admin/acme-work/runs")),
        lines,
    };
    let shown = |state: &'static str, running: bool, ending: u64, people: Vec<ChangeLine>| RunPage {
        frame: frame(),
        nav: nav(),
        run: run(state),
        running,
        ahead: if running { 66_080 } else { 0 },
        looked_at: 1200,
        silent: running.then(when),
        can_undo: !running && ending == 0,
        undoing: (state == "run-undoing").then_some(1200),
        undone: (state == "run-undone").then_some(usher::organization::Undo {
            began_at: when().0,
            restored: 60,
            left: 1,
        }),
        finished: (!running).then(when),
        approved_by: Some(text(name)),
        ending,
        next: (!people.is_empty()).then(|| text("/admin/acme-work/runs/7?after=3")),
        people,
        first: Some(text("/admin/acme-work/runs/7")),
    };
    let ask = |deed: Deed, confirm: bool| RunAskPage {
        frame: frame(),
        nav: nav(),
        back: text("/admin/acme-work/runs/7"),
        id: 7,
        deed,
        count: 60,
        people: vec![person(None), person(Some("Admin"))],
        left: 1,
        left_people: vec![(text(name), text(name))],
        confirm,
        problems: if confirm { Problems::one("confirm", name) } else { Problems::default() },
    };
    vec![
        (text("settings_runs"), render(&list(true, vec![run("run-done"), run("run-halted")]))),
        (text("settings_runs_none"), render(&list(true, vec![]))),
        (text("settings_runs_not_synced"), render(&list(false, vec![]))),
        (text("settings_run_halted"), render(&shown("run-halted", false, 5, vec![person(None)]))),
        (text("settings_run_running"), render(&shown("run-running", true, 0, vec![]))),
        (text("settings_run_done"), render(&shown("run-done", false, 0, vec![person(Some(name))]))),
        (text("settings_run_undoing"), render(&shown("run-undoing", false, 0, vec![person(Some(name))]))),
        (text("settings_run_undone"), render(&shown("run-undone", false, 0, vec![person(Some(name))]))),
        (text("settings_run_approve"), render(&ask(Deed::Approve, true))),
        (text("settings_run_dismiss"), render(&ask(Deed::Dismiss, false))),
        (text("settings_run_undo"), render(&ask(Deed::Undo, false))),
    ]
}

fn directory_pages(language: Language, name: &str) -> Vec<(String, String)> {
    let frame = || Frame { signed_in: Some(name.to_owned()), ..Frame::sample(language) };
    let nav = || Nav::sample("nav-directory", name, language.texts());
    let text = |text: &str| text.to_owned();
    let render = |page: &dyn askama::DynTemplate| page.dyn_render().expect("rendered");
    let token = |over: bool| TokenLine {
        revoke: text("/admin/acme-work/directory/tokens/1/revoke"),
        name: text(name),
        made: when(),
        expires: over.then(when),
        over,
        used: over.then(when),
        from: text("192.0.2.1"),
    };
    let shown = |is_set_up: bool, not_offered: Option<&'static str>| DirectoryPage {
        frame: frame(),
        nav: nav(),
        not_offered,
        base_url: text("https://login.acme.example/scim/v2"),
        tokens: if is_set_up { vec![token(true), token(false)] } else { vec![] },
        tokens_by: None,
        is_set_up,
        last_request: is_set_up.then(when),
        last_push: is_set_up.then(when),
        users: 1234,
        groups: 12,
        pushers: pusher_help("https://login.acme.example/scim/v2"),
        pushes_rarely: true,
        synced: is_set_up,
        seen: text(name),
        under_way: is_set_up.then(|| text("/admin/acme-work/runs/7")),
    };
    let made = |made: Option<&str>| TokenPage {
        frame: frame(),
        nav: nav(),
        base_url: text("https://login.acme.example/scim/v2"),
        name: text(name),
        until: text(name),
        seen: text("1"),
        made: made.map(text),
        problems: if made.is_some() {
            Problems::default()
        } else {
            Problems(vec![("name", text(name)), ("until", text(name))])
        },
    };
    let revoke = |others: u64| RevokePage {
        frame: frame(),
        nav: nav(),
        name: text(name),
        used: (others > 0).then(when),
        others,
    };
    let user = |state: &'static str| UserRow {
        href: (state == "good").then(|| text("/admin/acme-work/members/p-1")),
        user_name: text(name),
        email: text("anna@acme.example"),
        inactive: state == "gone",
        effect: text(name),
        state,
        changed: when(),
    };
    let users = |rows: Vec<UserRow>| DirectoryUsersPage {
        frame: frame(),
        nav: nav(),
        search: text(name),
        next: (!rows.is_empty()).then(|| text("/admin/acme-work/directory/users?after=1")),
        rows,
        first: Some(text("/admin/acme-work/directory/users?")),
    };
    let group = || GroupRow { name: text(name), id: text("g-1"), members: 7, gives: text(name), changed: when() };
    let groups = |rows: Vec<GroupRow>| DirectoryGroupsPage {
        frame: frame(),
        nav: nav(),
        gone: if rows.is_empty() { vec![] } else { vec![(text(name), text(name))] },
        rows,
        next: None,
        first: Some(text("/admin/acme-work/directory/groups")),
    };
    let request = || RequestRow {
        at: when(),
        asked: format!("PATCH /scim/v2/Users/{name}"),
        status: 400,
        understood: text(name),
        effect: text(name),
        from: text(name),
        body: Some(text(name)),
    };
    let requests = |rows: Vec<RequestRow>| RequestsPage {
        frame: frame(),
        nav: nav(),
        failed: true,
        rows,
        next: None,
        first: None,
    };
    let mismatches = |rows: Vec<(Option<String>, String, String)>| MismatchesPage {
        frame: frame(),
        nav: nav(),
        next: (!rows.is_empty()).then(|| text("/admin/acme-work/directory/mismatches?after=1&member=2")),
        rows,
        first: None,
    };
    vec![
        (text("settings_directory"), render(&shown(true, None))),
        (text("settings_directory_new"), render(&shown(false, None))),
        (text("settings_directory_not_offered"), render(&shown(false, Some("scim-not-offered-parent")))),
        (text("settings_token"), render(&made(None))),
        (text("settings_token_made"), render(&made(Some("secret")))),
        (text("settings_token_revoke"), render(&revoke(0))),
        (text("settings_token_revoke_others"), render(&revoke(2))),
        (text("settings_directory_users"), render(&users(vec![user("good"), user("bad"), user("gone")]))),
        (text("settings_directory_users_none"), render(&users(vec![]))),
        (text("settings_directory_groups"), render(&groups(vec![group()]))),
        (text("settings_directory_groups_none"), render(&groups(vec![]))),
        (text("settings_directory_requests"), render(&requests(vec![request()]))),
        (text("settings_directory_requests_none"), render(&requests(vec![]))),
        (text("settings_mismatches"), render(&mismatches(vec![(None, text(name), text(name))]))),
        (text("settings_mismatches_none"), render(&mismatches(vec![]))),
    ]
}

/// Codes become words through keys put together from them, so a new code has to bring its words.
#[test]
fn every_code_that_pages_show_has_its_words() {
    let word = |head: &str, code: &str| format!("{head}-{}", code.replace('_', "-"));
    let kinds = usher::audit::Event::KINDS;
    let mut keys: Vec<String> = kinds.iter().flat_map(|kind| [word("event", kind), word("kind", kind)]).collect();
    keys.extend(usher::provisioning::Because::WORDS.iter().map(|code| word("because", code)));
    keys.extend(usher::provisioning::Outcome::WORDS.iter().map(|code| word("outcome", code)));
    keys.extend(["keep", "join", "change", "wait"].map(|code| format!("outcome-{code}-seat")));
    keys.extend(usher::provisioning::Refusal::ALL.iter().map(|refusal| word("why", refusal.code())));
    let missing: Vec<_> = keys.iter().filter(|key| !Language::En.texts().has(key)).collect();
    assert!(missing.is_empty(), "locales/en.ftl and de.ftl need {missing:?}");
}

fn preview_pages(language: Language, name: &str) -> Vec<(String, String)> {
    let text = |text: &str| text.to_owned();
    let frame = || Frame { signed_in: Some(text(name)), ..Frame::sample(language) };
    let nav = || Nav::sample("nav-identity", name, language.texts());
    let change = || Change { what: text("Provisioning mode"), before: text("Manual"), after: text(name) };
    let line = |state: &'static str| PreviewLine {
        href: (state == "bad").then(|| text("/admin/acme-work/members/p-1")),
        email: text(name),
        before: text("Owner, Premium"),
        after: language.texts().with("foreseen-removed", "what", name).into_owned(),
        state,
        rests_on: language.texts().count("rests-on-groups", 41).into_owned(),
        at: Some(when()),
    };
    let filter = |current: bool, count: u64| FilterLine {
        href: text("/admin/acme-work/identity/preview?of=0f0f&effect=removed"),
        text: language
            .texts()
            .count(if current { "foreseen-count-all" } else { "foreseen-count-removed" }, count)
            .into(),
        current,
    };
    let working = |step: usize, doing: &'static str, people: u64| PreviewWorkingPage {
        frame: frame(),
        nav: nav(),
        notice: (people > 0).then_some("preview-anew-working"),
        here: text("/admin/acme-work/identity/preview?work=0f0f"),
        began: when(),
        step,
        doing,
        steps: 4,
        people,
    };
    let preview = |grave: bool| PreviewPage {
        frame: frame(),
        nav: nav(),
        notice: grave.then_some("preview-moved"),
        at: when(),
        stale: grave,
        changes: if grave { vec![change()] } else { vec![] },
        at_once: grave,
        filters: if grave { vec![filter(false, 5), filter(true, 3)] } else { vec![filter(true, 0)] },
        effect: "removed",
        search: text(if grave { name } else { "" }),
        found: 3,
        mark: text("0f0f"),
        export: text("/admin/acme-work/identity/preview/export.csv?of=0f0f"),
        people: if grave { vec![line("bad"), line("good")] } else { vec![] },
        next: grave.then(|| text("/admin/acme-work/identity/preview?after=0.a")),
        first: grave.then(|| text("/admin/acme-work/identity/preview")),
        seats: vec![(text(name), 12, 9, true), (text("Standard"), 1, 9, false)],
        halts: grave,
        takes_identity: u64::from(grave),
        sso: grave.then(|| SsoShown {
            counts: vec![text(name)],
            sessions: 3,
            people: vec![
                SsoLine { email: text(name), way: "way-signs-in", state: "good", sessions: 2 },
                SsoLine { email: text(name), way: "way-outside-domains", state: "bad", sessions: 1 },
            ],
            more: 5,
        }),
        seen: text("0f"),
        guard: grave.then_some("guard-nobody"),
        button: language.texts().count("save-removing", 3).into_owned(),
        hurts: grave,
        problems: if grave { Problems::one("confirm", name) } else { Problems::default() },
    };
    let waits = |may_confirm: bool| WaitsForConfirmation {
        changes: vec![change()],
        who: text(name),
        saved_at: when(),
        ends_at: when(),
        minutes: 9,
        may_confirm,
        again: (!may_confirm).then(|| text("/account/again?return_to=%2Fadmin")),
        may_take_back: may_confirm,
    };
    let confirm = |waits| ConfirmPage { frame: frame(), nav: nav(), waits };
    let render = |page: &dyn askama::DynTemplate| page.dyn_render().expect("rendered");
    vec![
        (text("settings_identity_preview"), render(&preview(true))),
        (text("settings_identity_preview_waits"), render(&working(0, "preview-step-waits", 0))),
        (text("settings_identity_preview_working"), render(&working(3, "preview-step-then", 100_000))),
        (text("settings_identity_preview_nobody"), render(&preview(false))),
        (text("settings_identity_confirm"), render(&confirm(Some(waits(true))))),
        (text("settings_identity_confirm_again"), render(&confirm(Some(waits(false))))),
        (text("settings_identity_confirm_none"), render(&confirm(None))),
    ]
}
