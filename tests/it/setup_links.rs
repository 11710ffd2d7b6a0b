//! Setup links: what a colleague in IT without an account can do by one, and everything that they cannot.

use std::time::Duration;

use usher::clock::Clock as _;
use usher::connection::{Connection, ConnectionStatus, Protocol};
use usher::ids::Incident;
use usher::secrets::Token;
use usher::store;

use crate::dns_server::{DnsServer, Entry};
use crate::settings_connections::{actor_of, draft, hidden, known, owner, second, tried};
use crate::settings_support::{FRESH, OLD, end, member, more_organizations, operator, signed_in};
use crate::support::{Answer, Browser, PUBLIC, TestApp, slug};

const HERE: &str = "/admin/acme-work/connections/acme-2";
const SETUP: &str = "/setup/connection";
const COOKIE: &str = "__Host-usher-setup";
const DAY: Duration = Duration::from_secs(86_400);

/// Makes a link on the page of a connection: its token.
fn make(browser: &mut Browser<'_>, here: &str, days: &str) -> String {
    let page = browser.get(&format!("{here}/links"));
    let made = browser.post(&format!("{here}/links"), &[("days", days), ("seen", &hidden(&page, "seen"))]);
    assert_eq!(made.status, 200, "{made:?}");
    token_of(&made)
}

fn token_of(made: &Answer) -> String {
    let rest = made.body.split(&format!("{PUBLIC}/setup?token=")).nth(1).expect("a link");
    rest.split('<').next().expect("a token").to_owned()
}

/// A colleague's browser, which has opened the link.
fn colleague<'a>(app: &'a TestApp, token: &str) -> Browser<'a> {
    let mut browser = app.browser();
    let opened = browser.post("/setup", &[("token", token)]);
    assert_eq!((opened.status, opened.location()), (303, SETUP), "{opened:?}");
    browser
}

/// An owner with a begun connection, and a link for it.
fn begun(app: &TestApp) -> (Browser<'_>, String) {
    let mut olga = owner(app);
    let begin = [("idp", "okta"), ("slug", "acme-2"), ("label", "Second"), ("act", "later")];
    assert_eq!(olga.post("/admin/acme-work/connections/add", &begin).status, 303);
    let token = make(&mut olga, HERE, "7");
    (olga, token)
}

/// Every page and form behind a link leads to the page that says why it is over, and nothing is written.
fn is_over(browser: &mut Browser<'_>, why: &str) {
    let events = browser.app.events();
    assert_eq!(browser.get(SETUP).location(), "/setup/ended", "{why}");
    let metadata = second(browser.app);
    let sent = browser.upload(SETUP, &[("label", "Late")], ("metadata_file", metadata.as_bytes()));
    assert_eq!((sent.status, sent.location()), (303, "/setup/ended?sent=1"), "{why}");
    assert_eq!(browser.post(&format!("{SETUP}/test"), &[]).location(), "/setup/ended?sent=1", "{why}");
    assert_eq!(browser.post("/setup/domains/acme.example/check", &[]).location(), "/setup/ended?sent=1", "{why}");
    let page = browser.get("/setup/ended?sent=1");
    assert!(page.status == 410 && page.body.contains(why) && page.body.contains("was not kept"), "{why}: {page:?}");
    assert_eq!(browser.app.events(), events, "{why}");
}

#[test]
fn a_colleague_without_an_account_sets_the_connection_up_and_an_owner_switches_it_on() {
    let dns = DnsServer::start();
    let app = TestApp::configured(&format!("dns_servers = [\"{}\"]", dns.address), |_| {}, |_| {});
    let (mut olga, token) = begun(&app);
    olga.post("/admin/acme-work/domains", &[("domain", "new.example")]);
    let mut irene = app.browser();
    let open = irene.get(&format!("/setup?token={token}"));
    assert_eq!((open.status, open.header("referrer-policy")), (200, "strict-origin"), "{open:?}");
    assert!(!irene.cookies.contains_key(COOKIE), "programs that look at links ahead of people open nothing");
    let headers = [("origin", PUBLIC), ("sec-fetch-site", "same-origin")];
    let opened = irene.post_with("/setup", &headers, &[("token", &token), ("csrf", &hidden(&open, "csrf"))]);
    assert_eq!((opened.status, opened.location()), (303, SETUP), "{opened:?}");
    let mut cookies = opened.headers.get_all("set-cookie").iter().map(|one| one.to_str().expect("ASCII"));
    let cookie = cookies.find(|one| one.starts_with(COOKIE)).expect("the link's cookie").to_owned();
    for part in ["HttpOnly", "SameSite=Strict", "Secure", "Path=/", "Max-Age=604800"] {
        assert!(cookie.contains(part), "{part}: {cookie}");
    }
    assert!(!cookie.contains("Domain"), "of this host alone: {cookie}");
    assert_eq!(actor_of(&app, "setup_link_opened"), format!("setup_link:{}", actor_of(&app, "setup_link_made")));

    let page = irene.get(SETUP);
    assert_eq!(page.header("referrer-policy"), "same-origin", "its forms say where they are from");
    for text in
        ["Audience URI (SP Entity ID)", "/saml/acme-2/acs", "data-copy=", "new.example", "usher-domain-verification="]
    {
        assert!(page.body.contains(text), "{text}: {page:?}");
    }
    for text in ["/admin/", "/operator/", "olga@acme.example", "domains/new.example/remove", &token] {
        assert!(!page.body.contains(text), "{text}: {page:?}");
    }
    let metadata = second(&app);
    let saved = irene.upload(SETUP, &[("label", "Second"), ("seen", "")], ("metadata_file", metadata.as_bytes()));
    assert_eq!((saved.status, saved.location()), (303, SETUP), "{saved:?}");
    assert!(actor_of(&app, "added").starts_with("setup_link:person:"), "{}", actor_of(&app, "added"));
    let claim = usher::identity::DomainName::parse("new.example").expect("a domain");
    let claim = app.db.read(|tx| store::domains::find(tx, app.parent, &claim)).expect("read").expect("claimed");
    dns.set("new.example", Entry::txt(&[&claim.challenge]));
    assert_eq!(irene.post("/setup/domains/new.example/check", &[]).status, 303);
    assert!(irene.get(SETUP).body.contains("Verified"));

    let (report, shown) = tried(&mut irene, SETUP, "acme-2");
    assert!(report.starts_with("/setup/links/") && shown.body.contains("Every check passed"), "{report}: {shown:?}");
    assert!(shown.body.contains("olga@acme.example"), "what was sent about whoever tested");
    for text in ["Acme Work", "becomes a member", "stays", "Known here as"] {
        assert!(!shown.body.contains(text), "who is a member is not told: {text}: {shown:?}");
    }
    let form = irene.get(SETUP);
    assert!(form.body.contains(&format!("href=\"{report}\"")), "{form:?}");
    let changed =
        irene.post(SETUP, &[("label", "Second"), ("seen", &hidden(&form, "seen")), ("attribute_name", "nick")]);
    assert_eq!(changed.status, 303, "{changed:?}");
    assert!(actor_of(&app, "changed").starts_with("setup_link:person:"));
    let log = olga.get("/admin/acme-work/events").body;
    assert!(log.contains("By setup link of olga@acme.example"), "{log}");
    let links = olga.get(&format!("{HERE}/links")).body;
    assert!(
        links.contains("Opens the setup") && links.contains("olga@acme.example") && !links.contains(&token),
        "{links}"
    );
    assert!(links.contains("2026-11-24 09:00 UTC</time><span class=\"hint\">127.0.0.1"), "its last use: {links}");

    tried(&mut irene, SETUP, "acme-2");
    let ask = olga.get(&format!("{HERE}/activate"));
    assert_eq!(olga.post(&format!("{HERE}/activate"), &[("seen", &hidden(&ask, "seen"))]).status, 303);
    is_over(&mut irene, "has been switched on");
    assert!(irene.get("/setup/ended").body.contains("ask olga@acme.example"), "whom to ask");
}

#[test]
fn a_link_is_shown_once_kept_hashed_and_made_once_however_often_the_button_is_pressed() {
    let app = TestApp::start();
    let (mut olga, token) = begun(&app);
    let hash = Token::parse(&token).expect("a token").hash();
    let link = app.db.read_one(|tx| store::connection_setups::link_by_hash(tx, &hash)).expect("read").expect("kept");
    assert_eq!(link.expires.since(link.made), 7 * DAY);
    let page = olga.get(&format!("{HERE}/links"));
    assert!(!page.body.contains(&token), "{page:?}");
    let seen = hidden(&page, "seen");
    let path = format!("{HERE}/links");
    assert_eq!(olga.post(&path, &[("days", "1"), ("seen", &seen)]).status, 200);
    let events = app.events().len();
    let again = olga.post(&path, &[("days", "1"), ("seen", &seen)]);
    assert!(again.status == 409 && again.body.contains("was made since"), "{again:?}");
    for days in ["8", "30", "0", "-1", "7.5", "", "x"] {
        let seen = hidden(&olga.get(&path), "seen");
        assert_eq!(
            olga.post(&path, &[("days", days), ("seen", &seen)]).status,
            409,
            "{days:?}: never longer than a week"
        );
    }
    assert_eq!(app.events().len(), events);
    let mut old = signed_in(&app, "acme-work", "old@acme.example", "owner", OLD);
    assert!(old.post(&path, &[("days", "1")]).location().starts_with("/account/again"), "a fresh sign-in");
    let mut admin = signed_in(&app, "acme-work", "admin@acme.example", "admin", FRESH);
    assert_eq!(admin.post(&path, &[("days", "1")]).status, 403, "without identity");
}

#[test]
fn a_link_opens_one_setup_and_nothing_else() {
    let app = TestApp::start();
    more_organizations(&app);
    let (mut olga, token) = begun(&app);
    let other = draft(&mut olga, "acme-work", "acme-3");
    let (report, _) = tried(&mut olga, &other, "acme-3");
    let incident = report.rsplit('/').next().expect("a code").to_owned();
    let mut irene = colleague(&app, &token);
    for path in [
        "/admin",
        "/admin/acme-work",
        "/admin/acme-work/members",
        "/admin/acme-work/events",
        "/admin/acme-work/connections/acme-2",
        "/admin/acme-work/connections/acme-2/activate",
        "/operator",
        "/operator/connections/acme-2",
        "/account",
    ] {
        let answer = irene.get(path);
        assert!(answer.status == 401 || answer.location().starts_with("/sign-in"), "{path}: {answer:?}");
    }
    let before = app.events();
    for path in [
        "/admin/acme-work/connections/acme-2/activate",
        "/admin/acme-work/connections/acme-2/links",
        "/admin/acme-work/domains",
        "/operator/connections/acme-2/activate",
        "/operator/connections/acme/deactivate",
    ] {
        assert_eq!(irene.post(path, &[("domain", "x.example"), ("days", "7")]).status, 401, "{path}");
    }
    assert!(matches!(irene.post("/setup/domains/evil.example/check", &[]).status, 404), "no domain of theirs");
    assert!(matches!(irene.post("/setup/connection/activate", &[]).status, 404 | 405), "there is no such switch");
    assert_eq!(app.events(), before);
    // Another connection, named in the form, is not the one that is written.
    let seen = usher::trust::mark(&known(&app, "acme").expect("there"));
    let forged =
        [("slug", "acme"), ("idp", "oidc"), ("seen", seen.as_str()), ("label", "Taken over"), ("status", "active")];
    let sent = irene.upload(SETUP, &forged, ("metadata_file", second(&app).as_bytes()));
    assert_eq!((sent.status, sent.location()), (303, "/setup/ended?sent=1"), "{sent:?}");
    assert_eq!((known(&app, "acme").expect("there").label, known(&app, "acme-2")), ("Acme IdP".to_owned(), None));
    assert_eq!(irene.upload(SETUP, &forged[1..], ("metadata_file", second(&app).as_bytes())).status, 303);
    assert_eq!(known(&app, "acme").expect("there").label, "Acme IdP");
    let made = known(&app, "acme-2").expect("made");
    assert_eq!((made.status, made.label.as_str()), (ConnectionStatus::Draft, "Taken over"));
    assert!(matches!(made.protocol, Protocol::Saml(_)), "what was chosen stays chosen");
    // Reports of others, under every number.
    let own = app.db.read_one(|tx| store::connection_setups::links_of(tx, &slug("acme-2"))).expect("read")[0].id;
    for link in [own, own + 1, 0] {
        assert_eq!(irene.get(&format!("/setup/links/{link}/tests/{incident}")).status, 404, "{link}");
    }
    let (theirs, _) = tried(&mut olga, HERE, "acme-2");
    let theirs = theirs.rsplit('/').next().expect("a code");
    assert_eq!(
        irene.get(&format!("/setup/links/{own}/tests/{theirs}")).status,
        404,
        "an owner's test of the same connection"
    );
    assert!(!irene.get(SETUP).body.contains(theirs));
    let second_link = make(&mut olga, HERE, "1");
    let mut ingo = colleague(&app, &second_link);
    let (report, _) = tried(&mut irene, SETUP, "acme-2");
    assert_eq!(ingo.get(&report).status, 404, "another link's test");
    assert!(Incident::parse(theirs).is_some());
}

/// A browser keeps one link, of whatever parent; its tabs may show forms of several.
#[test]
fn a_form_of_one_setup_is_not_saved_into_another_that_was_opened_since() {
    let app = TestApp::start();
    more_organizations(&app);
    let (_, first) = begun(&app);
    let mut operator = operator(&app);
    let begin = [("idp", "okta"), ("slug", "other-2"), ("label", "Theirs"), ("act", "later")];
    assert_eq!(operator.post("/operator/parents/other/connections", &begin).status, 303);
    let second_link = make(&mut operator, "/operator/connections/other-2", "7");
    let mut irene = colleague(&app, &first);
    let left_open = irene.get(SETUP);
    let fields =
        [("slug", hidden(&left_open, "slug")), ("label", "Acme".to_owned()), ("seen", hidden(&left_open, "seen"))];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(irene.post("/setup", &[("token", &second_link)]).location(), SETUP);
    let events = app.events();
    let sent = irene.upload(SETUP, &fields, ("metadata_file", second(&app).as_bytes()));
    assert_eq!((sent.status, sent.location()), (303, "/setup/ended?sent=1"), "{sent:?}");
    assert_eq!((known(&app, "acme-2"), known(&app, "other-2"), app.events()), (None, None, events), "nothing is added");
    let page = irene.get("/setup/ended?sent=1");
    assert!(page.status == 410 && page.body.contains("another setup link was opened since"), "{page:?}");
    assert!(page.body.contains("was not kept"), "{page:?}");
    assert_eq!(irene.get("/setup/ended").location(), SETUP, "the second goes on");
    let mut again = colleague(&app, &first);
    assert_eq!(again.upload(SETUP, &fields, ("metadata_file", second(&app).as_bytes())).location(), SETUP);
    assert_eq!(known(&app, "acme-2").expect("added").label, "Acme", "its own form");
}

#[test]
fn a_link_is_over_when_it_is_revoked_expired_or_its_connection_given_up() {
    let app = TestApp::start();
    more_organizations(&app);
    let (mut olga, token) = begun(&app);
    let mut irene = colleague(&app, &token);
    let id = app.db.read_one(|tx| store::connection_setups::links_of(tx, &slug("acme-2"))).expect("read")[0].id;
    // Not by somebody of another parent, and not under another connection.
    let mut foreign = signed_in(&app, "other-work", "f@other.example", "owner", FRESH);
    assert_eq!(foreign.post(&format!("/admin/other-work/connections/other/links/{id}/revoke"), &[]).status, 404);
    assert_eq!(olga.post(&format!("/admin/acme-work/connections/acme/links/{id}/revoke"), &[]).status, 404);
    assert_eq!(irene.get(SETUP).status, 200);
    // By any admin with identity under the parent.
    let mut carla = signed_in(&app, "acme-console", "carla@acme.example", "admin", FRESH);
    let revoke = format!("/admin/acme-console/connections/acme-2/links/{id}/revoke");
    assert_eq!(carla.post(&revoke, &[]).status, 303);
    let events = app.events().len();
    assert_eq!((carla.post(&revoke, &[]).status, app.events().len()), (303, events), "once");
    is_over(&mut irene, "It was revoked.");
    let reopened = app.browser().post("/setup", &[("token", &token)]);
    assert!(reopened.status == 410 && reopened.body.contains("It was revoked."), "{reopened:?}");

    let token = make(&mut olga, HERE, "1");
    let mut irene = colleague(&app, &token);
    app.clock.advance(DAY - Duration::from_secs(1));
    assert_eq!(irene.get(SETUP).status, 200, "until its last second");
    app.clock.advance(Duration::from_secs(1));
    is_over(&mut irene, "Its time is over.");

    let mut olga = owner(&app);
    let token = make(&mut olga, HERE, "1");
    let mut irene = colleague(&app, &token);
    assert_eq!(olga.post(&format!("{HERE}/discard"), &[]).status, 303);
    assert_eq!(irene.get(SETUP).location(), "/setup/ended", "given up");
    assert_eq!(app.browser().post("/setup", &[("token", &token)]).status, 410);
    assert_eq!(irene.get("/setup/ended").status, 410);
}

#[test]
fn a_link_is_over_when_its_maker_loses_identity_or_leaves() {
    let app = TestApp::start();
    let (mut olga, _) = begun(&app);
    let otto = member(&app, "acme-work", "otto@acme.example", "owner", None);
    let mut browser = app.browser();
    crate::settings_support::session(&mut browser, "acme-work", "otto@acme.example", FRESH);
    let token = make(&mut browser, HERE, "7");
    let mut irene = colleague(&app, &token);
    assert_eq!(irene.get(SETUP).status, 200);
    assert_eq!(olga.post("/admin/acme-work/members/p-otto/role", &[("role", "admin")]).status, 303);
    is_over(&mut irene, "may not configure this any more");
    assert!(!irene.get("/setup/ended").body.contains("otto@acme.example"), "not whom to ask");
    assert_eq!(olga.post("/admin/acme-work/members/p-otto/role", &[("role", "owner")]).status, 303);
    assert_eq!(irene.get(SETUP).status, 200, "as long as it is so");
    end(&app, "acme-work", otto);
    is_over(&mut irene, "may not configure this any more");
}

#[test]
fn an_operators_link_needs_no_member_and_ends_like_any_other() {
    let app = TestApp::start();
    let mut browser = operator(&app);
    let begin = [("idp", "okta"), ("slug", "acme-2"), ("label", "Second"), ("act", "later")];
    let added = browser.post("/operator/parents/acme/connections", &begin);
    assert_eq!((added.status, added.location()), (303, "/operator/connections/acme-2/edit"), "{added:?}");
    let token = make(&mut browser, "/operator/connections/acme-2", "3");
    let mut irene = colleague(&app, &token);
    assert_eq!(actor_of(&app, "setup_link_opened"), "setup_link:operator");
    let saved = irene.upload(SETUP, &[("label", "Second")], ("metadata_file", second(&app).as_bytes()));
    assert_eq!(saved.status, 303, "{saved:?}");
    tried(&mut irene, SETUP, "acme-2");
    let page = browser.get("/operator/connections/acme-2");
    let seen = hidden(&page, "seen");
    assert_eq!(browser.post("/operator/connections/acme-2/activate", &[("seen", &seen)]).status, 303);
    is_over(&mut irene, "has been switched on");
    let page = browser.get("/operator/connections/acme-2/links").body;
    assert!(page.contains("no setup links for it any more") && page.contains("Done: switched on"), "{page}");
    let forced = browser.post("/operator/connections/acme-2/links", &[("days", "7"), ("seen", &hidden_or(&page))]);
    assert_eq!(forced.status, 409, "{forced:?}");
}

/// What an admin reads of a link tells when somebody was last at work by it, whatever they did.
#[test]
fn a_test_and_a_look_at_dns_are_uses_of_a_link() {
    let dns = DnsServer::start();
    let app = TestApp::configured(&format!("dns_servers = [\"{}\"]", dns.address), |_| {}, |_| {});
    let (mut olga, token) = begun(&app);
    olga.post("/admin/acme-work/domains", &[("domain", "new.example")]);
    let mut irene = colleague(&app, &token);
    assert_eq!(irene.upload(SETUP, &[("label", "Second")], ("metadata_file", second(&app).as_bytes())).status, 303);
    let used = || app.db.read_one(|tx| store::connection_setups::links_of(tx, &slug("acme-2"))).expect("read")[0].used;
    for path in [format!("{SETUP}/test"), "/setup/domains/new.example/check".to_owned()] {
        app.clock.advance(Duration::from_secs(3600));
        assert_ne!(used(), Some(app.clock.now()), "{path}");
        assert!(irene.post(&path, &[]).status < 400, "{path}");
        assert_eq!(used(), Some(app.clock.now()), "{path}");
    }
}

#[test]
fn the_tests_of_a_link_are_listed_behind_however_many_of_the_owners() {
    let app = TestApp::start();
    let (mut olga, token) = begun(&app);
    let mut irene = colleague(&app, &token);
    assert_eq!(irene.upload(SETUP, &[("label", "Second")], ("metadata_file", second(&app).as_bytes())).status, 303);
    let (report, _) = tried(&mut irene, SETUP, "acme-2");
    for _ in 0..11 {
        app.clock.advance(Duration::from_secs(60));
        tried(&mut olga, HERE, "acme-2");
    }
    let form = irene.get(SETUP);
    assert!(form.body.contains(&format!("href=\"{report}\"")), "{form:?}");
    assert_eq!(form.body.matches("/setup/links/").count(), 1, "and none of theirs: {form:?}");
}

/// A form that is not shown has no mark to send; a forged one says the latest.
fn hidden_or(page: &str) -> String {
    let rest = page.split("/links/").nth(1).and_then(|rest| rest.split('/').next());
    rest.unwrap_or("1").to_owned()
}

/// A link made for a draft, and the owner's test between: whoever holds the link swaps nothing under the owner's hand.
#[test]
fn a_holder_cannot_exchange_what_is_being_switched_on() {
    let app = TestApp::start();
    let (mut olga, token) = begun(&app);
    let mut irene = colleague(&app, &token);
    assert_eq!(irene.upload(SETUP, &[("label", "Second")], ("metadata_file", second(&app).as_bytes())).status, 303);
    tried(&mut olga, HERE, "acme-2");
    let seen = hidden(&olga.get(&format!("{HERE}/activate")), "seen");
    let form = irene.get(SETUP);
    let swap = [("label", "Second"), ("seen", &hidden(&form, "seen")), ("attribute_email", "evil")];
    assert_eq!(irene.post(SETUP, &swap).status, 303);
    let now = app.clock.now();
    let swapped = known(&app, "acme-2").expect("there");
    assert_eq!(swapped.tested, None, "b5");
    app.change(move |tx| store::connections::update(tx, &Connection { tested: Some(now), ..swapped.clone() }));
    assert_eq!(olga.post(&format!("{HERE}/activate"), &[("seen", &seen)]).status, 409);
    // And the other way round: the owner saves, the holder's older form changes nothing.
    let stale = hidden(&form, "seen");
    let late = irene.post(SETUP, &[("label", "Late"), ("seen", &stale)]);
    assert!(late.status == 409 && late.body.contains("value=\"Late\""), "{late:?}");
}

#[test]
fn guesses_are_slowed_down_and_a_good_link_still_opens() {
    let app = TestApp::start();
    let (_olga, token) = begun(&app);
    let mut stranger = app.browser();
    for text in ["", "x", "../../etc/passwd", &"A".repeat(43), &"A".repeat(9000)] {
        let answer = stranger.get(&format!("/setup?token={text}"));
        assert!(matches!(answer.status, 200 | 410), "{text}: {answer:?}");
        let answer = stranger.post("/setup", &[("token", text)]);
        assert!(answer.status == 410 && answer.body.contains("There is no such link"), "{text}: {answer:?}");
        assert!(!stranger.cookies.contains_key(COOKIE));
    }
    assert_eq!(stranger.get("/setup").status, 410);
    assert_eq!(stranger.get("/setup/ended").status, 410);
    let mut slowed = None;
    for _ in 0..100 {
        let answer = stranger.post("/setup", &[("token", &Token::new().text())]);
        if answer.status == 429 {
            slowed = Some(answer);
            break;
        }
    }
    assert!(slowed.is_some_and(|answer| !answer.header("retry-after").is_empty()), "slowed down");
    let mut irene = colleague(&app, &token);
    let mut last = 200;
    for _ in 0..100 {
        last = irene.get(SETUP).status;
        if last == 429 {
            break;
        }
    }
    assert_eq!(last, 429, "a holder, too, is a person and not a program");
    app.clock.advance(Duration::from_secs(5));
    assert_eq!(irene.get(SETUP).status, 200);
}

/// A browser leaves the cookie of a link behind where another site's page leads here: the address of the setup itself, in a chat.
#[test]
fn whoever_comes_from_another_sites_page_goes_on_from_a_page_of_ours() {
    let app = TestApp::start();
    let (_olga, token) = begun(&app);
    let mut irene = colleague(&app, &token);
    for site in ["cross-site", "same-site"] {
        let left_behind = irene.cookies.remove(COOKIE).expect("opened");
        let headers = [("sec-fetch-site", site)];
        assert_eq!(irene.get_with(SETUP, &headers).location(), "/setup/ended", "{site}");
        let onward = irene.get_with("/setup/ended", &headers);
        assert_eq!(crate::settings_connections::onward(&onward), SETUP, "{site}");
        irene.cookies.insert(COOKIE.to_owned(), left_behind);
        assert_eq!(irene.get_with(SETUP, &[("sec-fetch-site", "same-origin")]).status, 200, "{site}");
    }
    // Without a link it ends there, and does not go round in circles.
    let mut nobody = app.browser();
    for site in ["same-origin", "none"] {
        let ended = nobody.get_with("/setup/ended", &[("sec-fetch-site", site)]);
        assert!(ended.status == 410 && ended.body.contains("There is no such link"), "{site}: {ended:?}");
    }
    assert_eq!(nobody.get("/setup/ended").status, 410, "an old browser says nothing");
}

#[test]
fn a_foreign_page_neither_opens_a_link_in_a_browser_nor_uses_one() {
    let app = TestApp::start();
    let (_olga, token) = begun(&app);
    let mut irene = app.browser();
    irene.get("/sign-in");
    for headers in [
        [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")],
        [("origin", "null"), ("sec-fetch-site", "cross-site")],
        [("origin", "null"), ("x-nothing", "said")],
        // No page of ours keeps its origin to itself, so that nothing rests on what else a browser says.
        [("origin", "null"), ("sec-fetch-site", "same-origin")],
    ] {
        let answer = irene.post_with("/setup", &headers, &[("token", &token)]);
        assert_eq!(answer.header("x-usher-error"), "foreign_form", "{headers:?}: {answer:?}");
    }
    let mut irene = colleague(&app, &token);
    let before = app.events();
    let foreign = [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")];
    for path in [SETUP, "/setup/connection/test", "/setup/domains/acme.example/check"] {
        let answer = irene.post_with(path, &foreign, &[("label", "X")]);
        assert_eq!(answer.header("x-usher-error"), "foreign_form", "{path}: {answer:?}");
        let forged = irene.post(path, &[("csrf", "forged")]);
        assert_eq!(forged.header("x-usher-error"), "foreign_form", "{path}: {forged:?}");
    }
    assert_eq!(app.events(), before);
}
