use crate::audit::Event;
use crate::clock::Timestamp;
use crate::connection::{Connection, ConnectionStatus};
use crate::db::{DbError, Tx};
use crate::identity::DomainName;
use crate::ids::{AuditId, PersonId};
use crate::membership::{Becomes, Context, becomes, everybody};
use crate::organization::{Domain, Member, Organization, ParentOrganization, ProvisioningMode, SyncNotOffered};
use crate::product::{Permission, RoleKey};
use crate::secrets;
use crate::store;
use crate::store::audit::Recorded;
use crate::store::people::Person;
use crate::trust::SsoWay;

/// What it means that an organization changes its parent. Both sides see the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effects {
    /// Which organization.
    pub organization: Organization,
    /// The parent it has.
    pub from: ParentOrganization,
    /// The parent it will have; `None` is one of its own.
    pub to: Option<ParentOrganization>,
    /// Members and whoever waits; who cannot get in any more first, then by address.
    pub people: Vec<Moving>,
    /// Former members, whose history comes along.
    pub former: u64,
    /// The connections that people sign in through then.
    pub connections: Vec<String>,
    /// Nobody is left at the present parent: its proven domains come along.
    pub domains: Vec<DomainName>,
    /// For the same reason, these of its connections are switched off.
    pub switched_off: Vec<String>,
    /// And so many of its tokens for directory sync are revoked.
    pub tokens: u64,
    /// Why it cannot be done as things are.
    pub blockers: Vec<Blocker>,
}

/// What it means for one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moving {
    /// Who.
    pub person: PersonId,
    /// The address.
    pub email: String,
    /// The role held or waited for.
    pub role: RoleKey,
    /// The role may configure the organization.
    pub may_configure: bool,
    /// How they get in from then on.
    pub way: SsoWay,
    /// Switched off by hand: does not get in either way.
    pub suspended: bool,
    /// Applications know them by another id then.
    pub new_id: bool,
    /// They are known at the other parent already, and are that person from then on.
    pub linked: bool,
    /// How many of their sessions end: all, also those of who they are at the other parent.
    pub sessions: u64,
}

/// Why an organization cannot change its parent as things are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Blocker {
    /// It has this parent already.
    SameParent,
    /// It founded its parent, and others are attached that would be left without.
    FoundedForOthers,
    /// It is alone at its parent, so leaving leads nowhere.
    Alone,
    /// Directory sync follows the directory of one parent, and at the other it is never offered.
    SyncNotOffered(SyncNotOffered),
    /// Directory sync follows the directory of one parent: another mode first, and back afterwards with a preview of its own.
    FollowsDirectory,
    /// A change of its settings waits to be confirmed.
    OnProbation,
    /// These are switched off here and would not be as the person known there.
    SuspendedHereOnly(Vec<String>),
    /// The product that it uses is no longer declared.
    NoProduct,
}

impl Blocker {
    /// The word for texts.
    pub fn word(&self) -> &'static str {
        match self {
            Self::SameParent => "same-parent",
            Self::FoundedForOthers => "founded-for-others",
            Self::Alone => "alone",
            Self::SyncNotOffered(_) => "sync-not-offered",
            Self::FollowsDirectory => "follows-directory",
            Self::OnProbation => "on-probation",
            Self::SuspendedHereOnly(_) => "suspended-here-only",
            Self::NoProduct => "no-product",
        }
    }
}

impl Moving {
    /// Whether they can get in afterwards.
    pub fn gets_in(&self) -> bool {
        self.way.is_open() && !self.suspended
    }
}

impl Effects {
    /// Somebody may configure the organization, and none of them could get in (rule B33).
    pub fn locks_out(&self) -> bool {
        let mut configure = self.people.iter().filter(|one| one.may_configure).peekable();
        configure.peek().is_some() && !configure.any(Moving::gets_in)
    }

    /// Groups of another identity provider decide from the first sign-in there on, and nobody can tell which: whoever is in none that
    /// is mapped is a member no longer (rule B16).
    pub fn other_groups_decide(&self) -> bool {
        self.organization.mode == ProvisioningMode::Jit { group_mappings: true } && !self.people.is_empty()
    }

    /// Whether this person may configure now, and could not get in afterwards.
    pub fn shuts_out(&self, person: PersonId) -> bool {
        self.people.iter().any(|one| one.person == person && one.may_configure && !one.gets_in())
    }

    /// How many sessions end.
    pub fn sessions(&self) -> u64 {
        self.people.iter().map(|one| one.sessions).sum()
    }

    /// Tells whether what is done is what was shown: everything but the people who simply go on, who come and go every day, and how
    /// often each is signed in.
    pub fn mark(&self) -> String {
        let Self { organization, from, to, people, connections, domains, switched_off, tokens, blockers, .. } = self;
        let to = to.as_ref().map(|to| (to.id, to.plan));
        let mut text = format!(
            "{} {:?} {} {:?} {to:?}\n{connections:?} {domains:?} {switched_off:?} {tokens} {blockers:?} {}\n",
            organization.id,
            organization.mode,
            organization.require_sso,
            (from.id, from.plan),
            self.locks_out()
        );
        for one in people {
            let Moving { person, way, suspended, new_id, linked, may_configure, .. } = one;
            if !one.gets_in() || *new_id || *linked || *may_configure {
                text.push_str(&format!("{person} {} {suspended} {new_id} {linked} {may_configure}\n", way.as_str()));
            }
        }
        secrets::mark(&text)
    }
}

/// Works out what it would mean now that an organization changes to another parent, or to one of its own. Looks at everybody the
/// organization knows, so it has no place on the writer; writes nothing. `None` where the organization's parent is gone.
pub fn plan(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    organization: &Organization,
    to: Option<&ParentOrganization>,
) -> Result<Option<Planned>, DbError> {
    let newest = store::audit::newest_id(tx)?.unwrap_or(AuditId(0));
    let Some(ground) = Ground::read(tx, context, organization, to)? else { return Ok(None) };
    let there = &ground.there;
    let (mut people, mut former, mut unequal) = (Vec::new(), 0, Vec::new());
    for id in everybody(tx, organization)? {
        let Some(person) = store::people::by_id(tx, id)? else { continue };
        let becomes = becomes(tx, organization, &person, there.to.as_ref().map(|to| to.id))?;
        // A former member, too: at the next sign-in they could be one again.
        if let Becomes::Linked(known) = &becomes
            && person.suspended
            && !known.suspended
        {
            unequal.push(person.email.to_string());
        }
        match moving(tx, context, organization, &person, &becomes, there)? {
            None => former += 1,
            Some(one) => people.push(one),
        }
    }
    people.sort_by(|a, b| (a.gets_in(), &a.email).cmp(&(b.gets_in(), &b.email)));
    let mut blockers = ground.blockers.clone();
    blockers.extend((!unequal.is_empty()).then_some(Blocker::SuspendedHereOnly(unequal)));
    let effects = Effects {
        organization: organization.clone(),
        from: ground.from.clone(),
        to: to.cloned(),
        people,
        former,
        connections: there.active.iter().map(|one| one.label.clone()).collect(),
        domains: there.come_along.iter().map(|domain| domain.name.clone()).collect(),
        switched_off: ground.switched_off.clone(),
        tokens: ground.tokens,
        blockers,
    };
    Ok(Some(Planned { effects, ground, newest }))
}

/// Effects, and what they rest on: worked out on a reader, and carried out only while that still stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// What it would mean.
    pub effects: Effects,
    ground: Ground,
    /// The newest event: whatever changes access leaves one (rule B43).
    newest: AuditId,
}

/// So many events are looked at; after more of them it is cheaper to work everything out anew.
const LOOKED_AT: u32 = 2000;

/// Kinds of events that change nothing of what it means, beside those that are about no membership: sessions are counted for whoever
/// reads, and are no part of the mark; a membership that a sign-in confirms has the role it had; by which subject somebody is known is
/// forgotten either way; and a test switches no connection on.
const NO_MATTER: [&str; 7] = [
    "signed_in",
    "subject_linked",
    "member_confirmed",
    "connection_tested",
    "sign_in_refused",
    "join_code_made",
    "join_codes_withdrawn",
];

impl Planned {
    /// Whether everything is as it was when it was worked out. Some reads by key and the events since, and nobody is looked at: cheap
    /// enough for the transaction that writes.
    pub(super) fn still_stands(&self, tx: &mut dyn Tx, context: &Context<'_>) -> Result<bool, DbError> {
        let Effects { organization, to, .. } = &self.effects;
        if store::organizations::by_id(tx, organization.id)?.as_ref() != Some(organization) {
            return Ok(false);
        }
        if let Some(to) = to
            && store::organizations::parent_by_id(tx, to.id)?.as_ref() != Some(to)
        {
            return Ok(false);
        }
        if Ground::read(tx, context, organization, to.as_ref())?.as_ref() != Some(&self.ground) {
            return Ok(false);
        }
        let since = store::audit::list(tx, self.newest, Timestamp::from_millis(i64::MIN), LOOKED_AT)?;
        let here = [Some(self.ground.from.id), to.as_ref().map(|to| to.id)];
        let moves = |event: &Recorded| {
            let elsewhere = event.parent.is_some() && !here.contains(&event.parent);
            let kind = event.kind.as_str();
            !elsewhere && !Event::ABOUT_NO_MEMBERSHIP.contains(&kind) && !NO_MATTER.contains(&kind)
        };
        Ok(since.len() < LOOKED_AT as usize && !since.iter().any(moves))
    }
}

/// What is true whoever belongs to the organization.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Ground {
    from: ParentOrganization,
    there: There,
    blockers: Vec<Blocker>,
    switched_off: Vec<String>,
    tokens: u64,
}

impl Ground {
    fn read(
        tx: &mut dyn Tx,
        context: &Context<'_>,
        organization: &Organization,
        to: Option<&ParentOrganization>,
    ) -> Result<Option<Self>, DbError> {
        let Some(from) = store::organizations::parent_by_id(tx, organization.parent)? else { return Ok(None) };
        let alone = store::organizations::of_parent(tx, from.id)?.len() == 1;
        let there = There::read(tx, &from, to, alone && to.is_some_and(|to| to.id != from.id))?;
        let blockers = blockers(tx, context, organization, to, alone)?;
        let (switched_off, tokens) = if there.emptied { left_behind(tx, &from)? } else { (Vec::new(), 0) };
        Ok(Some(Self { from, there, blockers, switched_off, tokens }))
    }
}

/// The other parent as it will be.
#[derive(Clone, Debug, PartialEq, Eq)]
struct There {
    to: Option<ParentOrganization>,
    active: Vec<Connection>,
    domains: Vec<Domain>,
    come_along: Vec<Domain>,
    emptied: bool,
}

impl There {
    fn read(
        tx: &mut dyn Tx,
        from: &ParentOrganization,
        to: Option<&ParentOrganization>,
        emptied: bool,
    ) -> Result<Self, DbError> {
        let mut there =
            Self { to: to.cloned(), active: Vec::new(), domains: Vec::new(), come_along: Vec::new(), emptied };
        let Some(to) = to else { return Ok(there) };
        there.active = store::connections::of_parent(tx, to.id)?;
        there.active.retain(|connection| connection.status == ConnectionStatus::Active);
        there.domains = store::domains::of_parent(tx, to.id)?;
        there.domains.retain(Domain::is_verified);
        if emptied {
            there.come_along = store::domains::of_parent(tx, from.id)?;
            there.come_along.retain(Domain::is_verified);
            there.domains.extend(there.come_along.iter().cloned());
        }
        Ok(there)
    }

    /// Nobody signs in as before: whoever gets a membership has to prove the address there first.
    fn way(&self, person: &Person, now: Timestamp) -> SsoWay {
        let domain = self.domains.iter().find(|domain| domain.name == person.email.domain());
        SsoWay::of(!self.active.is_empty(), domain, false, now)
    }
}

/// What becomes of one person. `None` for a former member.
fn moving(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    organization: &Organization,
    person: &Person,
    becomes: &Becomes,
    there: &There,
) -> Result<Option<Moving>, DbError> {
    let member = store::members::find(tx, organization.id, person.id)?.filter(Member::is_active);
    let waits = store::waiting::find(tx, organization.id, person.id)?;
    let Some(role) = member.map(|member| member.role).or(waits.map(|place| place.role)) else { return Ok(None) };
    let known = match becomes {
        Becomes::Linked(known) => Some(known),
        Becomes::Same | Becomes::Copied => None,
    };
    let product = context.catalog.product(&organization.product);
    let mut sessions = store::sessions::of_person(tx, person.id)?.len();
    if let Some(known) = known {
        sessions += store::sessions::of_person(tx, known.id)?.len();
    }
    let moving = Moving {
        person: person.id,
        email: person.email.to_string(),
        may_configure: product.is_some_and(|product| product.allows(&role, Permission::Identity)),
        role,
        way: there.way(person, context.now),
        suspended: person.suspended || known.is_some_and(|known| known.suspended),
        new_id: *becomes != Becomes::Same,
        linked: known.is_some(),
        sessions: sessions as u64,
    };
    Ok(Some(moving))
}

fn blockers(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    organization: &Organization,
    to: Option<&ParentOrganization>,
    alone: bool,
) -> Result<Vec<Blocker>, DbError> {
    let mut blockers = Vec::new();
    let founder = store::organizations::founder(tx, organization.parent)? == Some(organization.id);
    match to {
        Some(to) if to.id == organization.parent => blockers.push(Blocker::SameParent),
        Some(_) if founder && !alone => blockers.push(Blocker::FoundedForOthers),
        None if alone => blockers.push(Blocker::Alone),
        None if founder => blockers.push(Blocker::FoundedForOthers),
        Some(_) | None => {}
    }
    let Some(product) = context.catalog.product(&organization.product) else {
        blockers.push(Blocker::NoProduct);
        return Ok(blockers);
    };
    if matches!(organization.mode, ProvisioningMode::Scim { .. }) {
        let offered = to.map_or(Ok(()), |to| Organization::mode_is_offered(organization.mode, product, to.plan));
        blockers.push(match offered {
            Ok(()) => Blocker::FollowsDirectory,
            Err(not) => Blocker::SyncNotOffered(not),
        });
    }
    if store::probations::armed(tx, organization.id)?.is_some() {
        blockers.push(Blocker::OnProbation);
    }
    Ok(blockers)
}

/// The connections and how many tokens of a parent that nobody belongs to any more.
fn left_behind(tx: &mut dyn Tx, from: &ParentOrganization) -> Result<(Vec<String>, u64), DbError> {
    let connections = store::connections::of_parent(tx, from.id)?;
    let active = connections.into_iter().filter(|connection| connection.status == ConnectionStatus::Active);
    let tokens = store::scim_tokens::of_parent(tx, from.id)?.len() as u64;
    Ok((active.map(|connection| connection.label).collect(), tokens))
}
