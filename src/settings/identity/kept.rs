//! Previews that were worked out, or are being: each once, on a thread that may take long, and kept in memory until something moves
//! (docs/decisions/0013). Whoever comes back finds theirs; a restart forgets them all, and they are worked out again.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::web::Data;
use tokio::sync::{Semaphore, watch};

use super::filter::Counts;
use crate::audit::Actor;
use crate::clock::Timestamp;
use crate::db::{Db, DbError};
use crate::gateway::Gateway;
use crate::ids::{OrganizationId, PersonId};
use crate::membership::{Context, PersonForeseen, Progress, SettingsForeseen, foresee};
use crate::organization::{AccessSettings, Organization};
use crate::product::Catalog;
use crate::secrets;
use crate::session::{self, Admin};
use crate::settings::change::actor;
use crate::store;
use crate::trust::{SsoEffects, require_sso_effects};
use crate::web::failure::Failure;

/// How many people all previews together may hold something of before the ones that were not looked at for longest are let go. One may be
/// about more: it is kept alone.
const MOST_PEOPLE: usize = 250_000;

/// How many previews are kept, whatever their size.
const MOST: usize = 64;

/// For how long one is kept that nobody looks at.
const KEPT: Duration = Duration::from_secs(3600);

/// How long an answer waits for a preview before it says how far that is.
const PATIENCE: Duration = Duration::from_millis(1500);

/// A draft, and what saving it would do.
pub(super) struct Previewed {
    /// As it was.
    pub(super) organization: Organization,
    /// The draft.
    pub(super) settings: AccessSettings,
    pub(super) foreseen: SettingsForeseen,
    pub(super) counts: Counts,
    /// What requiring SSO means, where it is to be switched on.
    pub(super) sso: Option<SsoEffects>,
    /// The text key of why the organization's name has to be typed (rule B33).
    pub(super) guard: Option<&'static str>,
    /// Tells two previews apart.
    pub(super) seen: String,
    /// When it was worked out.
    pub(super) at: Timestamp,
}

impl Previewed {
    /// Names it in addresses.
    pub(super) fn mark(&self) -> &str {
        self.seen.get(..16).unwrap_or_default()
    }

    /// How many people it holds something of: whom it changes, whom requiring SSO concerns, who told of groups.
    fn people(&self) -> usize {
        let asked = self.sso.as_ref().map_or(0, |sso| sso.members.len());
        self.foreseen.people.len().max(asked).max(self.foreseen.footing.known())
    }
}

/// A preview that is being worked out.
#[derive(Clone)]
pub(super) struct Work {
    /// Names it in the address of the page that says how far it is; after a restart there is none of this name.
    pub(super) id: String,
    settings: AccessSettings,
    /// Since when.
    pub(super) began: Timestamp,
    pub(super) progress: Arc<Progress>,
    done: watch::Receiver<Option<Done>>,
}

/// What came of it: `None` for a draft that was gone by then.
type Done = Result<Option<Arc<Previewed>>, DbError>;

enum Place {
    UnderWay(Work),
    Ready(Arc<Previewed>, Timestamp),
}

/// Whose: one draft, by organization and editor.
type Whose = (OrganizationId, String);

/// All previews of this process.
pub struct Previews {
    places: Mutex<HashMap<Whose, Place>>,
    /// One is worked out at a time: each holds a whole organization in memory while it lasts.
    turn: Arc<Semaphore>,
}

impl Default for Previews {
    fn default() -> Self {
        Self { places: Mutex::default(), turn: Arc::new(Semaphore::new(1)) }
    }
}

/// How a preview stands.
pub(super) enum Now {
    NoDraft,
    UnderWay(Work),
    Ready(Arc<Previewed>),
}

/// How a preview stands, for a page that links to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is being worked out.
    UnderWay,
    /// It was worked out then.
    Ready(Timestamp),
}

impl Previews {
    /// Those of this process.
    pub(in crate::settings) fn of(request: &HttpRequest) -> &Data<Self> {
        request.app_data::<Data<Self>>().expect("server puts it there for every request")
    }

    fn places(&self) -> MutexGuard<'_, HashMap<Whose, Place>> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How the preview of an admin's draft stands, where one was asked for.
    pub(in crate::settings) fn standing(
        &self,
        admin: &Admin,
        draft: &AccessSettings,
        now: Timestamp,
    ) -> Option<Standing> {
        match self.places().get(&whose(admin))? {
            Place::UnderWay(work) if work.settings == *draft => Some(Standing::UnderWay),
            Place::Ready(previewed, used) if previewed.settings == *draft && !is_old(*used, now) => {
                Some(Standing::Ready(previewed.at))
            }
            Place::UnderWay(_) | Place::Ready(..) => None,
        }
    }

    /// Forgets the preview of a draft that was saved or discarded.
    pub(super) fn forget(&self, admin: &Admin) {
        self.places().remove(&whose(admin));
    }

    /// The preview of a draft that is kept, whatever has moved since it was worked out; with a mark only the one under it.
    fn ready(
        &self,
        whose: &Whose,
        settings: &AccessSettings,
        mark: Option<&str>,
        now: Timestamp,
    ) -> Option<Arc<Previewed>> {
        let mut places = self.places();
        match places.get_mut(whose)? {
            Place::Ready(_, used) if is_old(*used, now) => {
                places.remove(whose);
                None
            }
            Place::Ready(kept, used) if kept.settings == *settings && mark.is_none_or(|mark| kept.mark() == mark) => {
                *used = now;
                Some(kept.clone())
            }
            Place::Ready(..) | Place::UnderWay(_) => None,
        }
    }

    /// Joins the work on a draft, or begins it.
    fn work(self: &Arc<Self>, task: Task, whose: &Whose, settings: &AccessSettings) -> Work {
        let mut places = self.places();
        if let Some(Place::UnderWay(work)) = places.get(whose)
            && work.settings == *settings
        {
            return work.clone();
        }
        let (send, done) = watch::channel(None);
        let id: [u8; 8] = secrets::random();
        let work = Work {
            id: id.iter().map(|byte| format!("{byte:02x}")).collect(),
            settings: settings.clone(),
            began: task.now,
            progress: Arc::default(),
            done,
        };
        places.insert(whose.clone(), Place::UnderWay(work.clone()));
        drop(places);
        actix_web::rt::spawn(carry_out(self.clone(), task, whose.clone(), work.clone(), send));
        work
    }

    /// Whether this work is still wanted: no other draft has taken its place.
    fn wants(&self, whose: &Whose, work: &Work) -> bool {
        matches!(self.places().get(whose), Some(Place::UnderWay(current)) if current.id == work.id)
    }

    /// Keeps what came of a work, and lets go of what is too much or too old.
    fn keep(&self, whose: &Whose, work: &Work, done: &Done, now: Timestamp) {
        let mut places = self.places();
        if !matches!(places.get(whose), Some(Place::UnderWay(current)) if current.id == work.id) {
            return;
        }
        match done {
            Ok(Some(previewed)) => drop(places.insert(whose.clone(), Place::Ready(previewed.clone(), now))),
            Ok(None) | Err(_) => drop(places.remove(whose)),
        }
        let ready = places.iter().filter_map(|(whose, place)| match place {
            Place::Ready(kept, used) => Some(Held { whose: whose.clone(), used: *used, people: kept.people() }),
            Place::UnderWay(_) => None,
        });
        for gone in too_much(ready.collect(), whose, now) {
            places.remove(&gone);
        }
    }
}

/// A preview that is kept, as far as letting go of it asks.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Held {
    whose: Whose,
    /// When it was last looked at.
    used: Timestamp,
    people: usize,
}

/// Which of these are let go, so that what is left is within bounds; never the latest. Whatever is too old goes first. Then each time the
/// organization that holds most gives up the one that was not looked at for longest: however many editors one has, and however often
/// they look, they drive out their own before another's.
fn too_much(held: Vec<Held>, latest: &Whose, now: Timestamp) -> Vec<Whose> {
    let (mut gone, mut kept): (Vec<Held>, Vec<Held>) =
        held.into_iter().partition(|one| one.whose != *latest && is_old(one.used, now));
    loop {
        let people: usize = kept.iter().map(|one| one.people).sum();
        let by = if people > MOST_PEOPLE {
            |one: &Held| one.people
        } else if kept.len() > MOST {
            |_: &Held| 1
        } else {
            break;
        };
        let mut holds: HashMap<OrganizationId, usize> = HashMap::new();
        for one in &kept {
            *holds.entry(one.whose.0).or_default() += by(one);
        }
        let others = kept.iter().enumerate().filter(|(_, one)| one.whose != *latest);
        let most = |(_, one): &(usize, &Held)| (holds.get(&one.whose.0).copied(), Reverse(one.used));
        let Some((at, _)) = others.max_by_key(most) else { break };
        gone.push(kept.remove(at));
    }
    gone.into_iter().map(|one| one.whose).collect()
}

fn is_old(used: Timestamp, now: Timestamp) -> bool {
    used < now.minus(KEPT)
}

fn whose(admin: &Admin) -> Whose {
    (admin.organization.id, super::editor(admin))
}

/// What it takes to work a preview out.
struct Task {
    gateway: Data<Gateway>,
    organization: OrganizationId,
    editor: String,
    actor: Actor,
    now: Timestamp,
}

async fn carry_out(previews: Arc<Previews>, task: Task, whose: Whose, work: Work, send: watch::Sender<Option<Done>>) {
    let turn = previews.turn.clone().acquire_owned().await;
    let done: Done = if turn.is_ok() && previews.wants(&whose, &work) {
        let (db, catalog) = (task.gateway.db.clone(), task.gateway.config.catalog.clone());
        let (progress, now) = (work.progress.clone(), task.gateway.now());
        let (organization, editor, actor) = (task.organization, task.editor, task.actor);
        work_out(db, catalog, organization, editor, actor, now, progress).await
    } else {
        // Another draft has taken its place while it waited for its turn.
        Ok(None)
    };
    drop(turn);
    previews.keep(&whose, &work, &done, task.gateway.now());
    let _ = send.send(Some(done));
}

/// Works the draft out that there is by now.
async fn work_out(
    db: Db,
    catalog: Catalog,
    organization: OrganizationId,
    editor: String,
    actor: Actor,
    now: Timestamp,
    progress: Arc<Progress>,
) -> Result<Option<Arc<Previewed>>, DbError> {
    let read = db.read_heavy(move |tx| -> Result<_, DbError> {
        let Some(organization) = store::organizations::by_id(tx, organization)? else { return Ok(None) };
        let Some((settings, _)) = store::access_drafts::find(tx, organization.id, &editor)? else { return Ok(None) };
        let person = match &actor {
            Actor::Person(person) => Some(*person),
            _ => None,
        };
        let context = Context { now, catalog: &catalog, actor, from: None, incident: None };
        let foreseen = foresee(tx, &context, &organization, &settings, person, &progress)?;
        let sso = match settings.require_sso && !organization.require_sso {
            true => Some(require_sso_effects(tx, &organization, context.product(&organization)?, now)?),
            false => None,
        };
        let seen = seen(&organization, &settings, &foreseen, sso.as_ref());
        let (guard, counts) = (guard(&foreseen, sso.as_ref(), person), Counts::of(&foreseen));
        Ok(Some(Arc::new(Previewed { organization, settings, foreseen, counts, sso, guard, seen, at: now })))
    });
    read.await
}

/// The text key of why the organization's name has to be typed (rule B33). Where SSO is required, whoever has no way in through a
/// connection is locked out, whatever the rules say.
fn guard(foreseen: &SettingsForeseen, sso: Option<&SsoEffects>, editor: Option<PersonId>) -> Option<&'static str> {
    let locks_out = foreseen.locks_out || sso.is_some_and(SsoEffects::locks_out);
    let shut_out = |sso: &SsoEffects| {
        sso.members.iter().any(|one| Some(one.person) == editor && one.may_configure && !one.way.is_open())
    };
    match (locks_out, foreseen.editor_loses || sso.is_some_and(shut_out)) {
        (true, _) => Some("guard-nobody"),
        (false, true) => Some("guard-editor"),
        (false, false) => None,
    }
}

/// A digest of everything that a preview says.
fn seen(
    organization: &Organization,
    settings: &AccessSettings,
    foreseen: &SettingsForeseen,
    sso: Option<&SsoEffects>,
) -> String {
    use std::fmt::Write as _;
    let SettingsForeseen { at_once, people, seats, halts, takes_identity, locks_out, editor_loses, footing: _ } =
        foreseen;
    let mut text = format!(
        "{:?}\n{settings:?}\n{at_once} {seats:?} {halts} {takes_identity:?} {locks_out} {editor_loses}\n",
        AccessSettings::of(organization)
    );
    for PersonForeseen { email, before, what, .. } in people {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{email} {before:?} {what:?}");
    }
    for one in sso.iter().flat_map(|sso| &sso.members).filter(|one| one.sessions_end > 0 || !one.way.is_open()) {
        let _ = writeln!(text, "{} {} {}", one.email, one.way.as_str(), one.sessions_end > 0);
    }
    secrets::mark(&text)
}

/// The preview of this admin's draft on what is there now: the one that is kept, if nothing has moved; else it is worked out, and after
/// [`PATIENCE`] the answer is how far that is. With a `mark`: the one that was shown under it, as long as it is kept.
pub(super) async fn look(request: &HttpRequest, admin: &Admin, mark: Option<&str>) -> Result<Now, Failure> {
    look_for(request, admin, mark, PATIENCE).await
}

/// As [`look`], with another patience.
pub(super) async fn look_for(
    request: &HttpRequest,
    admin: &Admin,
    mark: Option<&str>,
    patience: Duration,
) -> Result<Now, Failure> {
    let (gateway, previews) = (session::gateway(request), Previews::of(request));
    let (whose, now) = (whose(admin), gateway.now());
    let draft = gateway.db.read(|tx| store::access_drafts::find(tx, whose.0, &whose.1))?;
    let Some((settings, _)) = draft else {
        previews.forget(admin);
        return Ok(Now::NoDraft);
    };
    if let Some(kept) = mark.and_then(|mark| previews.ready(&whose, &settings, Some(mark), now)) {
        return Ok(Now::Ready(kept));
    }
    if let Some(kept) = previews.ready(&whose, &settings, None, now)
        && stands(request, admin, &kept)?
    {
        return Ok(Now::Ready(kept));
    }
    let task =
        Task { gateway: gateway.clone(), organization: whose.0, editor: whose.1.clone(), actor: actor(admin), now };
    let work = previews.clone().into_inner().work(task, &whose, &settings);
    let mut waits = work.done.clone();
    let done = match tokio::time::timeout(patience, waits.wait_for(Option::is_some)).await {
        Err(_) => None,
        Ok(Ok(done)) => done.clone(),
        Ok(Err(_)) => return Err(Failure::Unavailable("the preview was cut off".to_owned())),
    };
    match done {
        None => Ok(Now::UnderWay(work)),
        Some(Ok(Some(previewed))) => Ok(Now::Ready(previewed)),
        // Discarded meanwhile, or another draft has taken its place.
        Some(Ok(None)) if gateway.db.read(|tx| store::access_drafts::find(tx, whose.0, &whose.1))?.is_none() => {
            Ok(Now::NoDraft)
        }
        Some(Ok(None)) => Ok(Now::UnderWay(work)),
        Some(Err(error)) => Err(error.into()),
    }
}

/// Whether what a preview rests on still stands.
pub(super) fn stands(request: &HttpRequest, admin: &Admin, previewed: &Previewed) -> Result<bool, DbError> {
    let gateway = session::gateway(request);
    let (catalog, now) = (&gateway.config.catalog, gateway.now());
    let context = Context { now, catalog, actor: actor(admin), from: None, incident: None };
    gateway.db.read(|tx| previewed.foreseen.footing.still_stands(tx, &context))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);

    /// One of an organization, by an editor, that was looked at so many seconds ago.
    fn held(organization: i64, editor: usize, ago: u64, people: usize) -> Held {
        let whose = (OrganizationId(organization), format!("person:{editor}"));
        Held { whose, used: NOW.minus(Duration::from_secs(ago)), people }
    }

    fn gone(held: &[Held], latest: &Held) -> Vec<(i64, String)> {
        let gone = too_much(held.to_vec(), &latest.whose, NOW);
        gone.into_iter().map(|(organization, editor)| (organization.0, editor)).collect()
    }

    fn named(held: &[&Held]) -> Vec<(i64, String)> {
        held.iter().map(|one| (one.whose.0.0, one.whose.1.clone())).collect()
    }

    #[test]
    fn what_fits_is_kept_and_what_nobody_looked_at_for_an_hour_is_not() {
        let all = [held(1, 1, 3600, 100_000), held(1, 2, 10, 100_000), held(2, 3, 0, 50_000)];
        assert_eq!(gone(&all, &all[2]), []);
        let old = held(3, 4, 3601, 1);
        let all = [all.as_slice(), std::slice::from_ref(&old)].concat();
        assert_eq!(gone(&all, &all[2]), named(&[&old]));
        assert_eq!(gone(&all, &old), named(&[&all[0]]), "the latest always, and then it is one too many");
    }

    #[test]
    fn the_ones_that_were_not_looked_at_for_longest_go_until_the_rest_fits() {
        let all = [held(1, 1, 30, 90_000), held(1, 2, 50, 90_000), held(1, 3, 40, 90_000), held(1, 4, 0, 150_000)];
        assert_eq!(gone(&all, &all[3]), named(&[&all[1], &all[2]]));
        // Larger than everything together may be: it is kept alone.
        let huge = held(1, 5, 0, 1_000_000);
        let with = [all.as_slice(), std::slice::from_ref(&huge)].concat();
        assert_eq!(gone(&with, &huge).len(), 4);
        let few: Vec<Held> = (0..MOST + 3).map(|n| held(1, n, n as u64, 1)).collect();
        assert_eq!(gone(&few, &few[0]), named(&[&few[MOST + 2], &few[MOST + 1], &few[MOST]]));
    }

    #[test]
    fn whoever_asks_for_many_drives_out_their_own_and_no_other_organizations() {
        // Another organization's is the oldest of all; sixty editors of one organization come after it.
        let theirs = held(2, 0, 3000, 100_000);
        let mut kept = vec![theirs.clone()];
        for editor in 1..60 {
            let latest = held(1, editor, 60 - editor as u64, 100_000);
            kept.push(latest.clone());
            for (organization, editor) in gone(&kept, &latest) {
                assert_eq!(organization, 1, "their own");
                kept.retain(|one| one.whose.0.0 != organization || one.whose.1 != editor);
            }
            assert!(kept.contains(&theirs) && kept.contains(&latest), "after {editor}");
            assert!(kept.iter().map(|one| one.people).sum::<usize>() <= MOST_PEOPLE);
        }
        let many: Vec<Held> = (0..MOST).map(|n| held(1, n, 1, 0)).chain([held(2, 99, 3000, 0)]).collect();
        assert!(gone(&many, &many[0]).iter().all(|(organization, _)| *organization == 1));
    }
}
