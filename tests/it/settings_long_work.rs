//! Work that takes long: it begins once, says how far it is, is found again, and a restart in the middle is told (rule B35).

use std::time::Duration;

use usher::ids::SyncRunId;
use usher::organization::{ProvisioningMode, SyncCause, SyncCounts, SyncState};
use usher::product::ProductKey;
use usher::store;

use crate::scim_support::Pushing;
use crate::settings_identity::owner;
use crate::settings_support::organization;
use crate::support::{Answer, TestApp};

const IDENTITY: &str = "/admin/acme-work/identity";
const RUNS: &str = "/admin/acme-work/runs";

fn synced() -> TestApp {
    TestApp::with(
        |organization| {
            organization.product = ProductKey::new("enterprise-seats");
            organization.mode = ProvisioningMode::Scim { group_mappings: false };
        },
        |_| {},
    )
}

/// The mark of the latest run in a page with the button.
fn seen(page: &Answer) -> String {
    assert_eq!(page.status, 200, "{page:?}");
    let value = page.body.split_once("name=\"seen\" value=\"").expect("the button").1;
    value.split('"').next().expect("a mark").to_owned()
}

fn count(app: &TestApp) -> usize {
    let at = organization(app, "acme-work").id;
    app.db.read(|tx| store::sync_runs::latest(tx, at, 50)).expect("readable").len()
}

/// A run that has looked at some, and whose last sign of life is as old as given.
fn running(app: &TestApp, silent_for: Duration) -> SyncRunId {
    let at = organization(app, "acme-work").id;
    let alive = usher::clock::Clock::now(&*app.clock).minus(silent_for);
    app.change(move |tx| {
        let run = store::sync_runs::begin(tx, at, SyncCause::SyncNow, "system", 0, alive)?;
        store::sync_runs::set_ahead(tx, run, 66_080, alive)?;
        store::sync_runs::progress(tx, run, &SyncCounts::default(), 1200, alive)?;
        Ok(run)
    })
}

#[test]
fn b35_sync_now_beside_the_settings_says_what_came_of_it() {
    let app = synced();
    let scim = Pushing::new(&app);
    let mut olga = owner(&app);
    scim.user("anna");
    let page = olga.get(IDENTITY);
    assert!(page.body.contains("form=\"sync-now\""), "{}", page.body);
    let done = olga.post(RUNS, &[("seen", &seen(&page)), ("from", "identity")]);
    assert_eq!((done.status, done.location()), (303, IDENTITY), "{done:?}");
    let page = olga.get(IDENTITY);
    assert!(page.body.contains("Directory sync: 0 added, 0 updated, 0 removed, 0 waiting."), "{}", page.body);
    assert!(page.body.contains("Last run"), "{}", page.body);
}

#[test]
fn b35_sync_now_is_no_part_of_a_page_without_directory_sync() {
    let app = TestApp::start();
    let mut olga = owner(&app);
    assert!(!olga.get(IDENTITY).body.contains("sync-now"), "just in time");
}

#[test]
fn sync_now_sent_twice_begins_one_run() {
    let app = synced();
    Pushing::new(&app);
    let mut olga = owner(&app);
    let seen = seen(&olga.get(IDENTITY));
    assert_eq!(olga.post(RUNS, &[("seen", &seen), ("from", "identity")]).status, 303);
    let runs = count(&app);
    for mark in [seen.as_str(), "", "-1", "rubbish", "999999999999999999999"] {
        let again = olga.post(RUNS, &[("seen", mark)]);
        assert_eq!(again.status, 303, "{again:?}");
        assert!(again.location().starts_with(&format!("{RUNS}/")), "to the run that there is: {again:?}");
        assert_eq!(count(&app), runs, "{mark}: nothing began");
    }
}

#[test]
fn sync_now_begins_nothing_while_a_run_is_under_way() {
    let app = synced();
    let mut olga = owner(&app);
    let run = running(&app, Duration::from_secs(5));
    let seen = seen(&olga.get(IDENTITY));
    assert_eq!(seen, run.to_string());
    let again = olga.post(RUNS, &[("seen", &seen)]);
    assert_eq!(again.location(), format!("{RUNS}/{run}"), "{again:?}");
    assert_eq!(count(&app), 1);
}

#[test]
fn a_run_says_how_far_it_is_and_is_found_again() {
    let app = synced();
    let mut olga = owner(&app);
    let run = running(&app, Duration::from_secs(5));
    let there = format!("{RUNS}/{run}");
    for page in ["/admin/acme-work", IDENTITY, "/admin/acme-work/directory", RUNS] {
        let page = olga.get(page);
        assert!(page.body.contains(&format!("href=\"{there}\"")), "{}", page.body);
    }
    let page = olga.get(&there);
    assert!(page.body.contains("1200 of 66080 people looked at."), "{}", page.body);
    assert!(page.body.contains("<noscript><meta http-equiv=\"refresh\""), "it goes on without script");
    assert!(!page.body.contains("No sign of life"), "{}", page.body);
}

#[test]
fn a_run_that_was_cut_off_is_told_and_can_be_begun_anew() {
    let app = synced();
    let mut olga = owner(&app);
    let run = running(&app, Duration::from_secs(60));
    let page = olga.get(&format!("{RUNS}/{run}"));
    assert!(page.body.contains("No sign of life since"), "{}", page.body);
    let seen = seen(&olga.get(IDENTITY));
    let begun = olga.post(RUNS, &[("seen", &seen)]);
    assert_eq!(begun.status, 303, "{begun:?}");
    assert_eq!(count(&app), 2, "nobody carries that one out just now");
}

/// A run that was carried out and is being taken back, with a sign of life as old as given.
fn undoing(app: &TestApp, silent_for: Duration) -> SyncRunId {
    let run = running(app, silent_for);
    let alive = usher::clock::Clock::now(&*app.clock).minus(silent_for);
    app.change(move |tx| {
        store::sync_runs::set_state(tx, run, SyncState::Done, alive)?;
        store::sync_runs::begin_undo(tx, run, 66_080, alive)?;
        store::sync_runs::undo_progress(tx, run, (1100, 100), alive)?;
        Ok(run)
    })
}

#[test]
fn an_undo_says_how_far_it_is_is_found_again_and_begins_once() {
    let app = synced();
    let mut olga = owner(&app);
    let run = undoing(&app, Duration::from_secs(5));
    let there = format!("{RUNS}/{run}");
    assert!(olga.get("/admin/acme-work").body.contains(&format!("href=\"{there}\"")), "from the overview");
    let german = olga.get_with("/admin/acme-work", &[("accept-language", "de")]).body;
    assert!(german.contains("Ansehen, wie weit es ist"), "the undo, not a run: {german}");
    assert!(olga.get(RUNS).body.contains("Being undone"));
    let page = olga.get(&there);
    assert!(page.body.contains("1200 of 66080 people looked at."), "{}", page.body);
    assert!(page.body.contains("<noscript><meta http-equiv=\"refresh\""), "it goes on without script");
    assert!(!page.body.contains("No sign of life") && !page.body.contains("/undo\""), "{}", page.body);
    // An open tab, or the form sent twice.
    for answer in [olga.get(&format!("{there}/undo")), olga.post(&format!("{there}/undo"), &[])] {
        assert_eq!((answer.status, answer.location()), (303, there.as_str()), "{answer:?}");
    }
    let undo = app.db.read(|tx| store::sync_runs::by_id(tx, run)).expect("readable").expect("there").undoing();
    assert_eq!(undo.map(|undo| (undo.restored, undo.left)), Some((1100, 100)), "nothing began");
    let begun = olga.post(RUNS, &[("seen", &run.to_string())]);
    assert_eq!((begun.location(), count(&app)), (there.as_str(), 1), "no sync beside it");
}

#[test]
fn what_an_undo_came_to_is_told_of_one_as_of_many() {
    let app = synced();
    let mut olga = owner(&app);
    for (came_to, told) in [
        (
            (1, 1),
            [
                "One stands as before, one is left as is",
                "Eine Person steht wieder da wie vorher, eine bleibt, wie sie ist",
            ],
        ),
        ((2, 0), ["2 stand as before, 0 left as they are", "2 stehen wieder da wie vorher, 0 bleiben, wie sie sind"]),
    ] {
        let run = undoing(&app, Duration::from_secs(5));
        app.change(move |tx| {
            let at = usher::clock::Timestamp::from_millis(0);
            store::sync_runs::undo_progress(tx, run, came_to, at)?;
            store::sync_runs::set_state(tx, run, SyncState::Undone, at)
        });
        for (language, told) in ["en", "de"].into_iter().zip(told) {
            let page = olga.get_with(&format!("{RUNS}/{run}"), &[("accept-language", language)]).body;
            assert!(page.contains(told), "{told}: {page}");
        }
    }
}

#[test]
fn an_undo_that_was_cut_off_is_told_and_can_be_begun_anew() {
    let app = synced();
    let mut olga = owner(&app);
    let run = undoing(&app, Duration::from_secs(60));
    let there = format!("{RUNS}/{run}");
    assert!(olga.get(&there).body.contains("No sign of life since"));
    assert_eq!(olga.post(&format!("{there}/undo"), &[]).location(), there);
    let page = olga.get(&there);
    assert!(page.body.contains("0 stand as before, 0 left as they are"), "{}", page.body);
    let undo = app.db.read(|tx| store::sync_runs::by_id(tx, run)).expect("readable").expect("there");
    assert_eq!(undo.state, SyncState::Undone);
}
