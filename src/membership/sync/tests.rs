use super::*;
use crate::clock::TestClock;
use crate::connection::ConnectionStatus;
use crate::identity::GroupKey;
use crate::membership::push::tests::{SCIM, SCIM_MAPPED, group_content};
use crate::membership::tests::{JIT, World, by_hand, groups, refusal, seat};
use crate::membership::{Effects, NotRestored, SettingsError, save_settings, settings_written};
use crate::organization::{GroupMapping, ProvisioningMode};
use crate::product::RoleKey;

impl World {
    pub(in crate::membership) fn runs(&self) -> Runs {
        Runs {
            db: self.db.clone(),
            catalog: self.catalog.clone(),
            actor: Actor::Shell("ops".to_owned()),
            from: None,
            clock: Arc::new(TestClock::at(self.now)),
        }
    }

    fn sync(&self, organization: &Organization) -> SyncReport {
        self.runs().sync_now(organization.id).expect("synced").remove(0)
    }

    pub(in crate::membership) fn later(&mut self, seconds: u64) {
        self.now = self.now.plus(Duration::from_secs(seconds));
    }

    /// Writes settings as a page does, and carries out what follows.
    fn save(&self, organization: &Organization) -> Option<SyncReport> {
        let changed = organization.clone();
        let run = self
            .write(move |tx, context| -> Result<_, DbError> {
                let before = store::organizations::by_id(tx, changed.id)?;
                store::organizations::update(tx, &changed)?;
                settings_written(tx, context, before.as_ref(), &changed, SyncCause::Save)
            })
            .expect("saved");
        run.map(|run| self.runs().finish(run).expect("carried out"))
    }

    /// Ten people `p0`..`p9` who are members by the group everyone, `p0` an owner besides.
    pub(in crate::membership) fn ten(&self, seats: u32) -> Organization {
        let work = self.organization("work", "enterprise-seats", SCIM_MAPPED, &[("standard", seats)]);
        let names: Vec<String> = (0..10).map(|n| format!("p{n}")).collect();
        names.iter().for_each(|name| drop(self.hire(name)));
        self.group("everyone", &names.iter().map(String::as_str).collect::<Vec<_>>());
        self.group("owners", &["p0"]);
        work
    }

    pub(in crate::membership) fn group_called(&self, name: &str) -> crate::directory::DirectoryGroup {
        self.read(|tx| store::directory_groups::by_display_name(tx, self.parent, name)).remove(0)
    }

    fn delete_group(&self, name: &str) -> Effects {
        let gone = self.group_called(name);
        self.push(move |push| Ok(push.delete_group(&gone)?)).expect("deleted").1
    }

    pub(in crate::membership) fn members(&self) -> i64 {
        self.rows("SELECT COUNT(*) FROM member WHERE status = 'active'")
    }

    fn state(&self, run: SyncRunId) -> SyncState {
        self.read(|tx| store::sync_runs::by_id(tx, run)).expect("there").state
    }

    fn halted(&self, effects: &Effects) -> SyncRunId {
        effects.organizations[0].halted.expect("halted")
    }

    fn sync_counts_agree(&self) {
        self.counts_agree();
        let wrong = self.rows(
            "SELECT COUNT(*) FROM organization o WHERE o.members <> \
             (SELECT COUNT(*) FROM member m WHERE m.organization_id = o.id AND m.status = 'active')",
        );
        assert_eq!(wrong, 0, "the count of memberships differs from the members");
    }
}

fn counts(added: u32, updated: u32, removed: u32, waiting: u32) -> SyncCounts {
    SyncCounts { added, updated, removed, waiting }
}

#[test]
fn b35_sync_now_evaluates_the_whole_directory_and_the_parents_other_scim_organizations() {
    let world = World::new();
    for n in 0..4 {
        world.hire(&format!("p{n}"));
    }
    let mut work = world.organization("work", "enterprise-seats", JIT, &[("standard", 3)]);
    let mut lab = world.organization("lab", "enterprise-seats", JIT, &[("standard", 9)]);
    let open = world.organization("open", "enterprise-seats", JIT, &[("standard", 9)]);
    for organization in [&mut work, &mut lab] {
        organization.mode = SCIM;
        world.set(organization);
    }
    assert_eq!(world.members(), 0, "only written so far");
    let reports = world.runs().sync_now(work.id).expect("synced");
    let told: Vec<_> =
        reports.iter().map(|report| (report.organization.as_str(), report.state, report.counts)).collect();
    assert_eq!(told, [("work", SyncState::Done, counts(3, 0, 0, 1)), ("lab", SyncState::Done, counts(4, 0, 0, 0))]);
    assert_eq!(world.queue(&work), ["p3"]);
    assert_eq!(world.standing(&open, "p0"), "stranger");
    let again = world.runs().sync_now(work.id).expect("synced");
    assert_eq!(again[0].counts, counts(0, 0, 0, 1), "nothing left to do");
    world.sync_counts_agree();
    let refused = world.runs().sync_now(open.id);
    assert!(matches!(refused, Err(SyncError::NotSynced(..))), "{refused:?}");
}

#[test]
fn b24_b35_sync_now_and_the_cycle_admit_who_waits_first_come_first() {
    let world = World::new();
    let work = world.organization("work", "enterprise-seats", SCIM, &[("standard", 1)]);
    for who in ["anna", "bert", "cleo", "dora"] {
        world.hire(who);
    }
    assert_eq!(world.queue(&work), ["bert", "cleo", "dora"]);
    let more = |bought| {
        let organization = work.id;
        let key = crate::product::SeatTypeKey::new("standard");
        world.write(move |tx, _| store::seats::set_bought(tx, organization, &key, bought)).expect("bought");
    };
    more(2);
    assert_eq!(world.sync(&work).counts, counts(1, 0, 0, 2));
    assert_eq!((world.standing(&work, "bert").as_str(), world.queue(&work).len()), ("user/standard", 2));
    assert!(world.runs().cycle().expect("nothing to do").is_empty(), "nothing is pending");
    more(3);
    let reports = world.runs().cycle().expect("done");
    assert_eq!((reports.len(), reports[0].counts), (1, counts(1, 0, 0, 1)));
    assert_eq!(world.queue(&work), ["dora"]);
    assert!(world.runs().cycle().expect("nothing to do").is_empty());
}

#[test]
fn b22_a_deferred_seat_comes_the_moment_it_is_free_and_a_run_has_nothing_left_to_do() {
    let world = World::new();
    let work = world.organization("work", "enterprise-seats", SCIM_MAPPED, &[("premium", 1), ("standard", 2)]);
    world.hire("anna");
    world.hire("bert");
    world.group("premium", &["anna"]);
    world.group("standard", &["bert"]);
    world.group("everyone", &["anna", "bert"]);
    assert_eq!(world.standing(&work, "bert"), "user/standard");
    world.put_in(&world.group_called("premium"), &["bert"]);
    assert_eq!(world.standing(&work, "bert"), "user/standard", "premium is full: deferred");
    assert!(world.events(1)[0].contains("\"deferred_seat\":\"premium\""), "{:?}", world.events(1));
    let deferred = || world.rows("SELECT COUNT(*) FROM deferred_seat");
    assert_eq!(deferred(), 1);
    world.take_out(&world.group_called("premium"), &["bert"]);
    assert_eq!(deferred(), 0, "whose groups ask no longer is not served");
    world.put_in(&world.group_called("premium"), &["bert"]);
    world.change("anna", |content| content.active = false).expect("changed");
    assert_eq!(world.standing(&work, "bert"), "user/premium");
    assert_eq!(world.sync(&work).counts, counts(0, 0, 0, 0));
}

#[test]
fn b34_a_single_leaver_passes_at_once_even_an_owner() {
    let world = World::new();
    let work = world.ten(10);
    let effects = world.fire("p0");
    assert_eq!(effects.words(), ["work: 1 removed"]);
    assert_eq!(world.standing(&work, "p0"), "ended: not_provisioned");
    assert_eq!(world.members(), 9);
}

#[test]
fn b34_a_group_deleted_with_everybody_in_it_halts_and_the_directory_is_written() {
    let world = World::new();
    let work = world.ten(10);
    world.sign_in("p1", groups(&[]));
    world.open_session("p1");
    let effects = world.delete_group("everyone");
    let run = world.halted(&effects);
    assert_eq!(effects.words(), [format!("work: halted, run {run} needs approval")]);
    assert_eq!((world.members(), world.sessions("p1")), (10, 1), "nothing of it is carried out");
    assert_eq!(world.rows("SELECT COUNT(*) FROM directory_group WHERE display_name = 'everyone'"), 0);
    let listed = world.read(|tx| store::sync_changes::listed(tx, run));
    assert_eq!(listed.len(), 9, "p0 is an owner by another group");
    let report = world.runs().approve(run).expect("approved");
    assert_eq!((report.state, report.counts), (SyncState::Approved, counts(0, 0, 9, 0)));
    assert_eq!((world.members(), world.sessions("p1")), (1, 0));
    assert_eq!(world.standing(&work, "p1"), "ended: no_group_access");
    let twice = world.runs().approve(run);
    assert!(matches!(twice, Err(SyncError::NotHalted(..))), "{twice:?}");
    world.sync_counts_agree();
}

#[test]
fn b34_few_leave_at_once_but_none_of_them_who_may_configure() {
    let world = World::new();
    let work = world.ten(10);
    let everyone = world.group_called("everyone");
    let effects = world.take_out(&everyone, &["p1", "p2", "p3"]);
    assert_eq!(effects.words(), ["work: 3 removed"]);
    let both = world.ids(&["p0", "p4"]);
    let owners = world.group_called("owners");
    let (_, effects) = world
        .push(move |push| {
            push.remove_members(&owners, &both)?;
            Ok(push.remove_members(&everyone, &both)?)
        })
        .expect("pushed");
    world.halted(&effects);
    assert_eq!(world.standing(&work, "p4"), "user/standard", "an owner is among them: nothing is carried out");
}

#[test]
fn b34_a_halted_organization_halts_no_other_one() {
    let world = World::new();
    let work = world.ten(10);
    let mut lab = world.organization("lab", "console", SCIM_MAPPED, &[]);
    lab.mappings.roles =
        vec![GroupMapping { group: GroupKey::new("everyone").expect("a group"), gives: RoleKey::new("user") }];
    lab.mappings.seats.clear();
    world.save(&lab);
    let hundred: Vec<String> = (0..100).map(|n| format!("x{n}")).collect();
    hundred.iter().for_each(|name| drop(world.hire(name)));
    let few = world.group("few", &["p1", "p2", "p3", "p4"]);
    let many: Vec<&str> = hundred.iter().map(String::as_str).collect();
    world.put_in(&world.group_called("everyone"), &many);
    assert_eq!(world.rows("SELECT members FROM organization WHERE slug = 'lab'"), 110);
    let effects = world.take_out(&world.group_called("everyone"), &["p1", "p2", "p3", "p4"]);
    let words = effects.words();
    assert!(words.contains(&"lab: 4 removed".to_owned()), "4 of 110: {words:?}");
    assert!(words.iter().any(|line| line.starts_with("work: halted")), "4 of 10: {words:?}");
    assert_eq!(world.standing(&work, "p1"), "user/standard");
    drop(few);
}

#[test]
fn b34_everybody_deactivated_one_by_one_in_one_bulk_request_halts() {
    let world = World::new();
    world.ten(10);
    let users: Vec<_> = (0..10).map(|n| world.user(&format!("p{n}"))).collect();
    let (_, effects) = world
        .push(move |push| {
            for user in &users {
                push.delete_user(user)?;
            }
            Ok(())
        })
        .expect("pushed");
    let run = world.halted(&effects);
    assert_eq!((world.members(), world.rows("SELECT users FROM directory")), (10, 0));
    let report = world.runs().approve(run).expect("approved");
    assert_eq!(
        (report.counts.removed, world.members()),
        (10, 0),
        "who is gone from the directory is on the list all the same"
    );
}

#[test]
fn b34_a_group_put_back_in_time_ends_nothing() {
    let mut world = World::new();
    let mut work = world.ten(10);
    work.mappings.roles[2].group = GroupKey::new("gid-everyone-2").expect("a group");
    let effects = world.delete_group("everyone");
    let run = world.halted(&effects);
    assert!(world.runs().cycle().expect("looked").is_empty(), "nothing has changed since");
    let content = group_content("everyone again");
    world.push(move |push| push.add_group("gid-everyone-2", &content)).expect("added");
    world.put_in(&world.group_called("everyone again"), &["p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8"]);
    world.save(&work);
    world.later(300);
    assert_eq!(world.state(run), SyncState::Superseded);
    assert_eq!(world.members(), 9, "p9 alone is in no mapped group now");
    assert_eq!(world.rows("SELECT COUNT(*) FROM sync_hold"), 0);
}

#[test]
fn b34_the_cycle_looks_again_at_what_is_halted_once_the_directory_has_changed() {
    let mut world = World::new();
    let work = world.ten(10);
    let everyone = world.group_called("everyone");
    let all: Vec<String> = (1..10).map(|n| format!("p{n}")).collect();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let run = world.halted(&world.take_out(&everyone, &all));
    world.later(300);
    assert!(world.runs().cycle().expect("looked").is_empty());
    world.hire("new");
    assert!(world.runs().cycle().expect("looked").is_empty(), "the same memberships would end: the list stands");
    assert_eq!(world.state(run), SyncState::Halted);
    world.put_in(&everyone, &all[1..]);
    assert_eq!(world.rows("SELECT COUNT(*) FROM sync_hold"), 1, "who has reason to stay again is held no longer");
    let reports = world.runs().cycle().expect("done");
    assert_eq!((reports.len(), reports[0].counts), (1, counts(0, 0, 1, 0)), "one leaver remains, and passes");
    assert_eq!(world.state(run), SyncState::Superseded);
    assert_eq!(world.standing(&work, "p1"), "ended: no_group_access");
    assert_eq!(world.members(), 9);
}

#[test]
fn b34_what_was_dismissed_stands_until_somebody_asks_again() {
    let world = World::new();
    let work = world.ten(10);
    world.sign_in("p1", groups(&[]));
    let everyone = world.group_called("everyone");
    let all: Vec<String> = (1..10).map(|n| format!("p{n}")).collect();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let run = world.halted(&world.take_out(&everyone, &all));
    assert_eq!(refusal(&world.sign_in("p1", groups(&[]))), None, "a sign-in does not end what the brake holds");
    assert_eq!(world.standing(&work, "p1"), "user/standard");
    world.change("p2", |content| content.display_name = Some("P".to_owned())).expect("changed");
    assert_eq!(world.standing(&work, "p2"), "user/standard", "nor does a change of profile");
    world.runs().dismiss(run).expect("dismissed");
    world.runs().cycle().expect("done");
    assert_eq!((world.state(run), world.members()), (SyncState::Dismissed, 10));
    assert_eq!(refusal(&world.sign_in("p1", groups(&[]))), None);
    let runs = world.rows("SELECT COUNT(*) FROM sync_run");
    world.group("guests", &all);
    assert_eq!((world.members(), world.rows("SELECT COUNT(*) FROM sync_run")), (10, runs), "a group takes from nobody");
    world.change("p3", |content| content.active = false).expect("changed");
    assert_eq!(world.standing(&work, "p3"), "ended: not_provisioned", "a push about this very person counts");
    assert!(world.remove(&work, "p4"));
    assert_eq!(world.rows("SELECT COUNT(*) FROM sync_hold"), 7, "nor is held what somebody's hand has ended");
    let again = world.sync(&work);
    assert_eq!((again.state, again.ending), (SyncState::Halted, 7), "it comes again with the next run");
    assert_eq!(world.runs().approve(again.run).expect("approved").counts.removed, 7);
    assert_eq!(world.rows("SELECT COUNT(*) FROM sync_hold"), 0);
}

#[test]
fn b34_a_seat_that_becomes_free_does_not_end_what_was_dismissed() {
    let world = World::new();
    let seats = [("premium", 1), ("standard", 9)];
    let work = world.organization("work", "enterprise-seats", SCIM_MAPPED, &seats);
    let names: Vec<String> = (0..8).map(|n| format!("p{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    ["anna"].iter().chain(&names).for_each(|name| drop(world.hire(name)));
    let premium = world.group("premium", &["anna"]);
    let everyone = world.group("everyone", &["anna"]);
    world.put_in(&everyone, &names);
    world.put_in(&premium, &["p0"]);
    assert_eq!(world.standing(&work, "p0"), "user/standard", "premium is full: deferred");
    let run = world.halted(&world.take_out(&everyone, &names));
    world.runs().dismiss(run).expect("dismissed");
    world.change("anna", |content| content.active = false).expect("changed");
    assert_eq!(
        (world.standing(&work, "p0").as_str(), world.members()),
        ("user/standard", 8),
        "looked at, and left alone"
    );
}

#[test]
fn b34_the_cycle_leaves_alone_what_was_dismissed() {
    let world = World::new();
    let work = world.ten(10);
    let everyone = world.group_called("everyone");
    world.hire("new");
    world.put_in(&everyone, &["new"]);
    assert_eq!(world.queue(&work), ["new"]);
    let all: Vec<String> = (1..10).map(|n| format!("p{n}")).collect();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let run = world.halted(&world.take_out(&everyone, &all));
    world.runs().dismiss(run).expect("dismissed");
    // Seats come from beside the gateway, so that the cycle finds somebody to serve.
    let (id, standard) = (work.id, seat("standard").expect("a seat type"));
    assert!(world.write(move |tx, _| store::seats::set_bought(tx, id, &standard, 12)).expect("bought"));
    let reports = world.runs().cycle().expect("done");
    assert_eq!((reports.len(), reports[0].state, reports[0].counts.added), (1, SyncState::Done, 1));
    assert_eq!(world.members(), 11);
}

#[test]
fn b34_saved_mappings_that_would_throw_everybody_out_halt() {
    let world = World::new();
    let mut work = world.ten(10);
    work.mappings.roles.retain(|row| row.group.as_str() == "owners");
    let report = world.save(&work).expect("a run");
    assert_eq!((report.state, report.ending, world.members()), (SyncState::Halted, 9, 10));
    let one = world.organization("one", "enterprise-seats", SCIM, &[("standard", 1)]);
    world.place(&one, "p0", by_hand("owner", seat("standard"), None)).expect("placed");
    let mut mapped = one.clone();
    mapped.mode = SCIM_MAPPED;
    mapped.mappings.roles.clear();
    let report = world.save(&mapped).expect("a run");
    assert_eq!((report.state, report.ending), (SyncState::Halted, 1), "one, but who may configure");
}

#[test]
fn b27_leaving_the_scim_modes_or_losing_the_directory_removes_nobody() {
    let world = World::new();
    let mut work = world.ten(10);
    let run = world.halted(&world.delete_group("everyone"));
    work.mode = ProvisioningMode::Manual;
    assert_eq!(world.save(&work), None);
    assert_eq!((world.members(), world.state(run)), (10, SyncState::Superseded));
    for n in 0..10 {
        world.fire(&format!("p{n}"));
    }
    assert_eq!(world.members(), 10, "manual: pushes touch nobody");
    work.mode = SCIM;
    let report = world.save(&work).expect("a run");
    assert_eq!(
        (report.state, world.members()),
        (SyncState::Done, 10),
        "the directory never knew them: nobody is ended"
    );
}

#[test]
fn b27_mappings_switched_off_leave_everybody_as_they_are() {
    let world = World::new();
    let mut work = world.ten(12);
    work.mode = SCIM;
    let report = world.save(&work).expect("a run");
    assert_eq!(report.counts, counts(0, 0, 0, 0));
    assert_eq!(world.standing(&work, "p0"), "owner/standard");
    world.hire("new");
    assert_eq!(world.standing(&work, "new"), "user/standard", "new ones get the default role");
}

#[test]
fn b29_scim_needs_a_token_and_a_request_first() {
    let world = World::new();
    let work = world.organization("work", "enterprise-seats", JIT, &[("standard", 1)]);
    let mut scim = work.clone();
    scim.mode = SCIM;
    let save = |after: &Organization| {
        let after = after.clone();
        world.write(move |tx, context| save_settings(tx, context, &after))
    };
    let (parent, now) = (world.parent, world.now);
    let refused = |saved: Result<_, SettingsError>| match saved {
        Err(SettingsError::NoDirectory) => true,
        other => panic!("{other:?}"),
    };
    assert!(refused(save(&scim)));
    world.write(move |tx, _| store::scim_tokens::add(tx, parent, "okta", &[1; 32], now, None)).expect("a token");
    assert!(refused(save(&scim)));
    assert_eq!(
        world.read(|tx| store::organizations::by_id(tx, work.id)).expect("there").mode,
        JIT,
        "nothing is written"
    );
    world.write(move |tx, _| store::directory::note_request(tx, parent, now)).expect("noted");
    let run = save(&scim).expect("saved").expect("a run");
    assert_eq!(world.runs().finish(run).expect("done").state, SyncState::Done);
    let mut team = world.organization("team", "team", JIT, &[]);
    team.mode = SCIM;
    assert!(matches!(save(&team), Err(SettingsError::NotOffered(_))));
}

#[test]
fn a_run_that_was_cut_off_is_finished_by_the_cycle() {
    let mut world = World::new();
    let mut work = world.organization("work", "enterprise-seats", JIT, &[("standard", 9)]);
    for n in 0..6 {
        world.hire(&format!("p{n}"));
    }
    work.mode = SCIM;
    world.set(&work);
    let organization = work.clone();
    let run = world.write(move |tx, context| begin(tx, context, &organization, SyncCause::SyncNow)).expect("begun");
    // Half of it, as a slice would have written it before the power went.
    let (half, organization) = (world.ids(&["p0", "p1", "p2"]), work.clone());
    world
        .write(move |tx, context| -> Result<(), DbError> {
            let synced = Synced::read(tx, organization.clone())?;
            let run = store::sync_runs::by_id(tx, run)?.expect("begun");
            let mut evaluation = Evaluation::new(tx, context, &synced, Why::Sync);
            evaluation.notes = Some(Vec::new());
            for user in &half {
                let found = Concerned::find(evaluation.tx, &synced, Some(*user), None, false)?;
                evaluation.one(&mut found.expect("there"))?;
            }
            progress(evaluation, &run, 0).map(drop).map_err(|_| DbError::Retry)
        })
        .expect("written");
    assert!(world.runs().cycle().expect("looked").is_empty(), "it may still be under way");
    world.later(61);
    let reports = world.runs().cycle().expect("done");
    assert_eq!((reports.len(), reports[0].run, reports[0].state), (1, run, SyncState::Done));
    assert_eq!(reports[0].counts, counts(6, 0, 0, 0));
    assert_eq!(world.members(), 6);
    world.runs().undo(run).expect("undone");
    assert_eq!(world.members(), 0, "both halves are in its journal");
}

#[test]
fn an_undo_that_was_cut_off_is_finished_by_the_cycle_and_none_begins_beside_it() {
    let mut world = World::new();
    let mut work = world.organization("work", "enterprise-seats", JIT, &[("standard", 9)]);
    for n in 0..6 {
        world.hire(&format!("p{n}"));
    }
    work.mode = SCIM;
    world.set(&work);
    let run = world.runs().sync_now(work.id).expect("done").remove(0).run;
    assert_eq!(world.members(), 6);
    // The power goes just after it began.
    world.write(move |tx, context| store::sync_runs::begin_undo(tx, run, 6, context.now)).expect("begun");
    let beside = world.runs().undo(run);
    assert!(matches!(beside, Err(SyncError::Undoing(_))), "{beside:?}");
    let synced = world.runs().begin_after(work.id, run);
    assert!(matches!(synced, Err(SyncError::Already(other)) if other == run), "{synced:?}");
    assert!(world.runs().cycle().expect("looked").is_empty());
    assert_eq!((world.state(run), world.members()), (SyncState::Done, 6), "it may still be under way");
    world.later(61);
    world.runs().cycle().expect("done");
    assert_eq!((world.state(run), world.members()), (SyncState::Undone, 0));
    let undo = world.read(|tx| store::sync_runs::by_id(tx, run)).expect("kept").undo.expect("undone");
    assert_eq!((undo.restored, undo.left), (6, 0));
    assert!(matches!(world.runs().undo(run), Err(SyncError::NotDone(..))));
    assert_eq!(world.rows("SELECT COUNT(*) FROM audit_event WHERE kind = 'sync_undone'"), 1);
}

#[test]
fn while_a_run_is_being_undone_no_other_is_begun_and_what_was_asked_for_comes_later() {
    let world = World::new();
    let work = world.ten(10);
    let lab = world.organization("lab", "enterprise-seats", SCIM, &[("standard", 9)]);
    world.set(&lab);
    let [here, there] = [&work, &lab].map(|organization| world.runs().sync_now(organization.id).expect("done")[0].run);
    let begin_undo = |run| {
        world.write(move |tx, context| store::sync_runs::begin_undo(tx, run, 1, context.now)).expect("begun");
    };
    begin_undo(there);
    let reports = world.runs().sync_now(work.id).expect("done");
    assert_eq!(reports.iter().map(|report| report.organization.as_str()).collect::<Vec<_>>(), ["work"]);
    let pending = || world.rows("SELECT sync_pending FROM organization WHERE slug = 'lab'");
    assert_eq!(pending(), 1, "it waits for the cycle");
    assert!(world.runs().cycle().expect("looked").is_empty());
    world
        .write(move |tx, context| store::sync_runs::set_state(tx, there, SyncState::Undone, context.now))
        .expect("ended");
    let reports = world.runs().cycle().expect("done");
    assert_eq!((reports.len(), reports[0].organization.as_str(), pending()), (1, "lab", 0));

    // A run that was asked for before, and ends now.
    let (organization, p5) = (work.clone(), world.person("p5").expect("known"));
    let asked = world.write(move |tx, context| begin(tx, context, &organization, SyncCause::SyncNow)).expect("begun");
    begin_undo(here);
    let id = work.id;
    world.write(move |tx, _| store::sync_holds::hold(tx, id, p5, here)).expect("held");
    let refused = world.runs().sync_now(work.id);
    assert!(matches!(refused, Err(SyncError::Undoing(run)) if run == here), "{refused:?}");
    assert_eq!(world.runs().finish(asked).expect("done").state, SyncState::Done);
    assert_eq!(world.rows("SELECT COUNT(*) FROM sync_hold"), 1, "given back beside it");
    world
        .write(move |tx, context| store::sync_runs::set_state(tx, here, SyncState::Undone, context.now))
        .expect("ended");
    world.sync(&work);
    assert_eq!(world.rows("SELECT COUNT(*) FROM sync_hold"), 0, "the next one that is asked for lets go");
}

#[test]
fn an_organization_where_the_cycle_fails_keeps_no_other_one_waiting() {
    let world = World::new();
    let mut work = world.organization("work", "enterprise-seats", JIT, &[("standard", 9)]);
    world.hire("anna");
    let gone = world.organization("a-gone", "gone", SCIM, &[]);
    work.mode = SCIM;
    world.set(&work);
    for id in [gone.id, work.id] {
        world.write(move |tx, _| store::organizations::set_sync_pending(tx, id, true)).expect("set");
    }
    let failed = world.runs().cycle();
    assert!(failed.is_err(), "a product that is not declared: {failed:?}");
    assert_eq!(world.standing(&work, "anna"), "user/standard");
}

#[test]
fn undo_swaps_seats_back_between_full_pools() {
    let world = World::new();
    let people = 300;
    let bought = [("premium", people / 2), ("standard", people / 2 + 1)];
    let work = world.organization("work", "enterprise-seats", SCIM_MAPPED, &bought);
    let names: Vec<String> = (0..people).map(|n| format!("p{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    names.iter().for_each(|name| drop(world.hire(name)));
    let (some, others) = names.split_at(names.len() / 2);
    let (premium, standard) = (world.group("premium", some), world.group("standard", others));
    world.group("everyone", &names);
    let standings = || names.iter().map(|who| world.standing(&work, who)).collect::<Vec<_>>();
    let before = standings();
    let (ids, swap) = ((world.ids(some), world.ids(others)), (premium.clone(), standard.clone()));
    world
        .push(move |push| {
            push.replace_members(&swap.0, &ids.1)?;
            Ok(push.replace_members(&swap.1, &ids.0)?)
        })
        .expect("pushed");
    assert!(before.iter().zip(standings()).all(|(before, now)| *before != now), "everybody has the other seat");
    world.buy(&work, "standard", people / 2);
    let run = world.read(|tx| store::sync_runs::latest(tx, work.id, 1)).remove(0).id;
    let undone = world.runs().undo(run).expect("undone");
    assert_eq!((undone.restored, undone.left), (people, vec![]));
    assert_eq!(before, standings());
    world.sync_counts_agree();
}

#[test]
fn undo_gives_memberships_roles_seats_and_places_back() {
    let mut world = World::new();
    let work = world.organization("work", "enterprise-seats", SCIM_MAPPED, &[("premium", 1), ("standard", 3)]);
    for who in ["anna", "bert", "cleo", "dora", "emil"] {
        world.hire(who);
    }
    world.group("premium", &["anna"]);
    let everyone = world.group("everyone", &["anna", "bert", "cleo", "dora", "emil"]);
    assert_eq!(world.queue(&work), ["emil"]);
    let before: Vec<String> = ["anna", "bert", "cleo", "dora", "emil"].map(|who| world.standing(&work, who)).to_vec();
    world.open_sessions_of(&["anna"]);
    // Three leave in one push, emil gets a seat, and bert is promoted in the same moment.
    let (three, bert) = (world.ids(&["anna", "cleo", "dora"]), world.ids(&["bert"]));
    let admins = group_content("admins");
    world
        .push(move |push| {
            let admins = push.add_group("gid-admins", &admins)?;
            push.add_members(&admins, &bert)?;
            Ok(push.remove_members(&everyone, &three)?)
        })
        .expect("pushed");
    assert_eq!(world.standing(&work, "emil"), "user/premium");
    assert_eq!(world.standing(&work, "bert"), "admin/standard");
    let run = world.read(|tx| store::sync_runs::latest(tx, work.id, 1)).remove(0);
    assert_eq!((run.cause, run.counts), (SyncCause::Push, counts(1, 1, 3, 0)));
    let undone = world.runs().undo(run.id).expect("undone");
    assert_eq!((undone.restored, undone.left), (5, vec![]));
    let after: Vec<String> = ["anna", "bert", "cleo", "dora", "emil"].map(|who| world.standing(&work, who)).to_vec();
    assert_eq!(after[..4], before[..4]);
    assert_eq!((after[4].as_str(), world.queue(&work)), ("ended: undone", vec!["emil".to_owned()]));
    assert_eq!(refusal(&world.sign_in("cleo", groups(&[]))), None, "what is given back is held");
    world.later(300);
    world.runs().cycle().expect("done");
    assert_eq!(world.standing(&work, "cleo"), "user/standard");
    let twice = world.runs().undo(run.id);
    assert!(matches!(twice, Err(SyncError::NotDone(..))), "{twice:?}");
    world.sync_counts_agree();
}

#[test]
fn hostile_undo_gives_nothing_to_whom_the_directory_has_switched_off_or_deleted_since() {
    let world = World::new();
    let work = world.organization("work", "enterprise-seats", SCIM_MAPPED, &[("standard", 9)]);
    let people = ["anna", "bert", "cleo"];
    for who in people {
        world.hire(who);
    }
    let everyone = world.group("everyone", &people);
    world.take_out(&everyone, &people);
    let run = world.read(|tx| store::sync_runs::latest(tx, work.id, 1)).remove(0).id;
    assert_eq!(world.members(), 0);
    // What the directory takes after that is another word of it; what it only says again is none.
    world.change("anna", |anna| anna.active = false).expect("switched off");
    world.fire("bert");
    world.change("cleo", |cleo| cleo.display_name = Some("Cleo".to_owned())).expect("renamed");
    let [anna, bert] = ["anna", "bert"].map(|who| world.person(who).expect("known"));
    let undone = world.runs().undo(run).expect("undone");
    let since = |person| (person, NotRestored::ChangedSince);
    assert_eq!((undone.restored, undone.left), (1, vec![since(anna), since(bert)]));
    assert_eq!((world.standing(&work, "cleo").as_str(), world.members()), ("user/standard", 1));
    world.sync_counts_agree();
}

#[test]
fn undo_leaves_who_changed_since_and_never_oversells() {
    let mut world = World::new();
    let work = world.ten(10);
    let everyone = world.group_called("everyone");
    world.take_out(&everyone, &["p1", "p2", "p3"]);
    let run = world.read(|tx| store::sync_runs::latest(tx, work.id, 1)).remove(0).id;
    world.later(60);
    world.put_in(&everyone, &["p1"]);
    world.hire("new1");
    world.hire("new2");
    world.put_in(&everyone, &["new1"]);
    assert_eq!(world.used(&work, "standard"), 9);
    let undone = world.runs().undo(run).expect("undone");
    let (p1, p3) = (world.person("p1").expect("known"), world.person("p3").expect("known"));
    assert_eq!(undone.restored, 1);
    assert_eq!(
        undone.left,
        [(p1, NotRestored::ChangedSince), (p3, NotRestored::NoFreeSeat(crate::product::SeatTypeKey::new("standard")))]
    );
    assert_eq!(world.standing(&work, "p3"), "ended: no_group_access");
    assert_eq!(world.used(&work, "standard"), 10);
    world.sync_counts_agree();
}

#[test]
fn undo_gives_seats_back_that_went_round_in_a_circle() {
    let world = World::new();
    let work = world.organization("work", "enterprise-seats", SCIM_MAPPED, &[("premium", 1), ("standard", 2)]);
    world.hire("anna");
    world.hire("bert");
    let (premium, standard) = (world.group("premium", &["anna"]), world.group("standard", &["bert"]));
    world.group("everyone", &["anna", "bert"]);
    let ids = (world.ids(&["anna"]), world.ids(&["bert"]));
    let swap = (premium.clone(), standard.clone());
    world
        .push(move |push| {
            push.replace_members(&swap.0, &ids.1)?;
            Ok(push.replace_members(&swap.1, &ids.0)?)
        })
        .expect("pushed");
    let standings = || ["anna", "bert"].map(|who| world.standing(&work, who));
    assert_eq!(standings(), ["user/standard", "user/premium"]);
    world.buy(&work, "standard", 1);
    let run = world.read(|tx| store::sync_runs::latest(tx, work.id, 1)).remove(0).id;
    assert_eq!(world.runs().undo(run).expect("undone").restored, 2);
    assert_eq!(standings(), ["user/premium", "user/standard"]);
    world.sync_counts_agree();
}

#[test]
fn settings_that_change_under_a_run_make_it_plan_again() {
    let world = World::new();
    let mut work = world.organization("work", "enterprise-seats", SCIM, &[("standard", 9)]);
    world.hire("anna");
    let organization = work.clone();
    let run = world.write(move |tx, context| begin(tx, context, &organization, SyncCause::SyncNow)).expect("begun");
    let (known, plan) = world.runs().plan(run).expect("planned");
    let (_, version, _) = plan.expect("a plan");
    work.mode = SCIM_MAPPED;
    world.set(&work);
    let checked = world.write(move |tx, _| check(tx, &known, version));
    assert!(matches!(checked, Err(Stop::Moved)));
    assert_eq!(world.runs().finish(run).expect("done").state, SyncState::Done);
}

#[test]
fn a_run_that_was_superseded_goes_no_further() {
    let world = World::new();
    let work = world.organization("work", "enterprise-seats", SCIM, &[("standard", 9)]);
    let organization = work.clone();
    let run = world.write(move |tx, context| begin(tx, context, &organization, SyncCause::SyncNow)).expect("begun");
    let (known, plan) = world.runs().plan(run).expect("planned");
    let (_, version, _) = plan.expect("a plan");
    world.save(&Organization { mode: ProvisioningMode::Manual, ..work });
    assert_eq!(world.state(run), SyncState::Superseded);
    assert!(matches!(world.write(move |tx, _| check(tx, &known, version)), Err(Stop::Ended)));
}

#[test]
fn b34_an_approval_ends_nobody_who_was_not_listed() {
    let world = World::new();
    let work = world.organization("work", "enterprise-seats", SCIM_MAPPED, &[("standard", 20)]);
    let names: Vec<String> = (0..13).map(|n| format!("p{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    names.iter().for_each(|name| drop(world.hire(name)));
    let everyone = world.group("everyone", &names);
    let first = world.halted(&world.take_out(&everyone, &names[1..7]));
    world.runs().dismiss(first).expect("dismissed");
    let second = world.halted(&world.take_out(&everyone, &names[7..13]));
    assert_eq!(world.runs().approve(second).expect("approved").counts.removed, 6);
    assert_eq!((world.standing(&work, "p1").as_str(), world.members()), ("user/standard", 7), "dismissed, not listed");
}

impl World {
    fn open_sessions_of(&self, who: &[&str]) {
        for who in who {
            self.sign_in(who, groups(&[]));
            self.open_session(who);
        }
    }
}

#[test]
fn a_survey_tells_what_a_run_then_does() {
    let world = World::new();
    let work = world.organization("work", "enterprise-seats", SCIM, &[("premium", 2), ("standard", 2)]);
    world.place(&work, "ghost", by_hand("admin", seat("premium"), None)).expect("placed");
    for n in 0..5 {
        world.hire(&format!("p{n}"));
    }
    let organization = work.clone();
    let catalog = world.catalog.clone();
    let survey = world.read(|tx| {
        let context = Context { now: world.now, catalog: &catalog, actor: Actor::System, from: None, incident: None };
        let synced = Synced::read(tx, organization)?;
        survey(tx, &context, &synced)
    });
    assert_eq!((survey.people.len(), survey.people.iter().filter(|one| one.moves).count()), (5, 0));
    assert_eq!(
        world.standing(&work, "ghost"),
        "admin/premium",
        "a member of whom the directory never knew is not looked at"
    );
    assert_eq!(world.queue(&work), ["p3", "p4"]);
}

#[test]
fn b5_a_mode_is_chosen_only_with_a_verified_domain_and_a_connection_that_is_on() {
    let world = World::new();
    let mut work =
        Organization { mode: ProvisioningMode::Manual, ..world.organization("work", "enterprise-seats", JIT, &[]) };
    let manual = work.clone();
    world.write(move |tx, _| store::organizations::update(tx, &manual)).expect("manual");
    work.mode = JIT;
    let save = || {
        let after = work.clone();
        world.write(move |tx, context| save_settings(tx, context, &after))
    };
    let connection = |status: ConnectionStatus| {
        let changed = crate::connection::Connection { status, ..world.okta.clone() };
        world.write(move |tx, _| store::connections::update(tx, &changed)).expect("changed");
    };
    for off in [ConnectionStatus::Draft, ConnectionStatus::Disabled] {
        connection(off);
        assert!(matches!(save(), Err(SettingsError::NoConnection)), "{off:?}");
    }
    connection(ConnectionStatus::Active);
    let parent = world.parent;
    let domain = world.read(|tx| store::domains::of_parent(tx, parent)).remove(0);
    let (claimed, now) = (domain.name.clone(), world.now);
    world
        .write(move |tx, _| {
            store::domains::remove(tx, domain.id)?;
            store::domains::add(tx, parent, &claimed, "another", now).map(drop)
        })
        .expect("claimed anew");
    assert!(matches!(save(), Err(SettingsError::NoDomain)), "claimed is not proven");
    let claim = world.read(|tx| store::domains::of_parent(tx, parent)).remove(0);
    world.write(move |tx, _| store::domains::set_verified(tx, claim.id, false, now)).expect("proven");
    assert_eq!(save().expect("saved"), None, "the control");
}

#[test]
fn b24_in_a_run_nobody_who_comes_overtakes_who_waits() {
    let world = World::new();
    let mut work = world.organization("work", "enterprise-seats", SCIM_MAPPED, &[("standard", 1)]);
    let mapped =
        |group: &str| GroupMapping { group: GroupKey::new(group).expect("a group"), gives: RoleKey::new("user") };
    work.mappings.roles.push(mapped("crew"));
    world.save(&work);
    // The newcomer is known for longest.
    for who in ["new", "anna", "bert"] {
        world.hire(who);
    }
    world.group("crew", &["anna"]);
    world.group("everyone", &["bert"]);
    world.group("staff", &["new"]);
    assert_eq!(
        (world.standing(&work, "anna"), world.queue(&work)),
        ("user/standard".to_owned(), vec!["bert".to_owned()])
    );
    work.mappings.roles.retain(|row| row.group.as_str() != "crew");
    work.mappings.roles.push(mapped("staff"));
    let report = world.save(&work).expect("a run");
    assert_eq!(report.state, SyncState::Done);
    assert!(world.standing(&work, "anna").starts_with("ended"));
    assert_eq!(
        (world.standing(&work, "bert"), world.queue(&work)),
        ("user/standard".to_owned(), vec!["new".to_owned()])
    );
}

#[test]
fn undo_leaves_alone_who_was_listed_and_not_touched() {
    let mut world = World::new();
    let work = world.ten(10);
    let run = world.halted(&world.delete_group("everyone"));
    world.later(60);
    // Meanwhile a group gives her something again.
    world.group("admins", &["p9"]);
    let report = world.runs().approve(run).expect("approved");
    assert_eq!((report.counts.removed, world.standing(&work, "p9").as_str()), (8, "admin/standard"));
    let undone = world.runs().undo(run).expect("undone");
    assert_eq!((undone.restored, undone.left), (8, vec![]));
}

#[test]
fn b43_what_undo_gives_back_stands_in_the_log() {
    let world = World::new();
    let work = world.ten(10);
    let everyone = world.group_called("everyone");
    world.take_out(&everyone, &["p1", "p2", "p3"]);
    let run = world.read(|tx| store::sync_runs::latest(tx, work.id, 1)).remove(0).id;
    assert_eq!(world.runs().undo(run).expect("undone").restored, 3);
    let joined = world.events(4);
    let back = "member_joined {\"after\":\"user/standard\",\"why\":\"undone\"}";
    assert_eq!(joined.iter().filter(|event| *event == back).count(), 3, "{joined:?}");
    assert!(joined[3].starts_with("sync_undone "), "{joined:?}");
}

#[test]
fn b43_places_in_the_queue_that_undo_moves_stand_in_the_log() {
    let world = World::new();
    let mut work = world.organization("work", "enterprise-seats", SCIM_MAPPED, &[("standard", 1)]);
    for who in ["cleo", "dora", "emil"] {
        world.hire(who);
    }
    world.group("staff", &["cleo", "dora"]);
    let mappings = work.mappings.clone();
    let gives = RoleKey::new("user");
    work.mappings.roles.push(GroupMapping { group: GroupKey::new("staff").expect("a group"), gives });
    world.save(&work).expect("a run");
    assert_eq!(world.queue(&work), ["dora"]);
    let told = |kind: &'static str| {
        let all = world.events(world.rows("SELECT COUNT(*) FROM audit_event") as usize);
        all.into_iter().filter(|event| event.starts_with(kind)).collect::<Vec<_>>()
    };
    let (waits, over) = (told("member_waits").len(), told("waiting_ended").len());
    let without = Organization { mappings, ..work.clone() };
    let halted = world.save(&without).expect("a run");
    let gone = if halted.state == SyncState::Halted {
        world.runs().approve(halted.run).expect("approved").run
    } else {
        halted.run
    };
    assert_eq!((world.queue(&work), told("waiting_ended").len()), (vec![], over + 1));
    world.runs().undo(gone).expect("undone");
    assert_eq!((world.queue(&work), told("member_waits").len()), (vec!["dora".to_owned()], waits + 1));
}

#[test]
fn undo_takes_out_of_the_queue_whom_the_run_put_there_and_admits_who_waits_for_what_it_frees() {
    let world = World::new();
    let mut work = world.organization("work", "enterprise-seats", SCIM_MAPPED, &[("standard", 1)]);
    for who in ["cleo", "dora", "emil"] {
        world.hire(who);
    }
    world.group("staff", &["cleo", "dora"]);
    work.mappings
        .roles
        .push(GroupMapping { group: GroupKey::new("staff").expect("a group"), gives: RoleKey::new("user") });
    let run = world.save(&work).expect("a run").run;
    assert_eq!(
        (world.standing(&work, "cleo"), world.queue(&work)),
        ("user/standard".to_owned(), vec!["dora".to_owned()])
    );
    world.group("everyone", &["emil"]);
    assert_eq!(world.queue(&work), ["dora", "emil"]);
    world.runs().undo(run).expect("undone");
    assert_eq!(world.standing(&work, "cleo"), "ended: undone");
    assert_eq!(world.standing(&work, "emil"), "user/standard", "the seat is free for whoever waits");
    assert!(!world.queue(&work).contains(&"dora".to_owned()), "{:?}", world.queue(&work));
    let told = world.events(world.rows("SELECT COUNT(*) FROM audit_event") as usize);
    let over = told.iter().filter(|event| *event == "waiting_ended {\"why\":\"undone\"}");
    assert_eq!(over.count(), 1, "b43: {told:?}");
    world.sync_counts_agree();
}

#[test]
fn b1_mappings_that_are_new_give_what_the_product_has() {
    let world = World::new();
    let save = |after: &Organization| {
        let after = after.clone();
        world.write(move |tx, context| save_settings(tx, context, &after)).map(drop)
    };
    let row = |gives: &str| GroupMapping { group: GroupKey::new("crew").expect("a group"), gives: RoleKey::new(gives) };
    let team = world.organization("team", "team", JIT, &[]);
    let stored = || world.read(|tx| store::organizations::by_id(tx, team.id));
    let before = stored();
    let mut after = team.clone();
    after.mappings.roles.push(row("developer"));
    assert!(matches!(save(&after), Err(SettingsError::NoSuchRole(_))));
    let seats = |at: &Organization, key: &str| {
        let mut after = at.clone();
        let gives = crate::product::SeatTypeKey::new(key);
        after.mappings.seats.push(GroupMapping { group: GroupKey::new("crew").expect("a group"), gives });
        save(&after)
    };
    assert!(matches!(seats(&team, "chat"), Err(SettingsError::NoSuchSeat(_))));
    let single = world.organization("single", "enterprise-single", JIT, &[]);
    assert!(matches!(seats(&single, "enterprise"), Err(SettingsError::NoSuchSeat(_))), "one type is no choice");
    assert_eq!(stored(), before, "nothing is written");
    let mut good = team.clone();
    good.mappings.roles.push(row("admin"));
    save(&good).expect("the control");
}
