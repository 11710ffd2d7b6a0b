use crate::clock::Timestamp;
use crate::connection::ConnectionStatus;
use crate::db::{DbError, Tx};
use crate::ids::{ConnectionId, PersonId, Slug};
use crate::organization::{Domain, Member, Organization};
use crate::product::{Permission, Product, RoleKey};
use crate::store;

/// What *require SSO* means for the members of an organization, before it is switched on (rule B7).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SsoEffects {
    /// The organization.
    pub organization: Slug,
    /// Every member, by address.
    pub members: Vec<SsoMember>,
}

/// What it means for one member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SsoMember {
    /// Who.
    pub person: PersonId,
    /// The address.
    pub email: String,
    /// The role held.
    pub role: RoleKey,
    /// The role may configure the organization.
    pub may_configure: bool,
    /// How they get in from then on.
    pub way: SsoWay,
    /// Switched off by hand: does not get in either way.
    pub suspended: bool,
    /// How many of their present sessions count no longer: those that came through a connection that is not active.
    pub sessions_end: usize,
}

/// How a member gets in where SSO is required.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SsoWay {
    /// As before: has signed in through an active connection.
    SignsIn,
    /// Has never signed in through one, and can: the address lies in a verified domain.
    NotYet,
    /// Not at all: the address lies in no verified domain of the parent organization.
    OutsideDomains,
    /// Not at all, like everybody: no connection of the parent organization is active.
    NoConnection,
}

impl SsoWay {
    /// Every way, best first.
    pub const ALL: [Self; 4] = [Self::SignsIn, Self::NotYet, Self::OutsideDomains, Self::NoConnection];

    /// The way of somebody with an address in this verified domain of the parent organization, if it lies in one. `any_active`: a
    /// connection of it is; `signed_in`: they have come through an active one.
    pub fn of(any_active: bool, domain: Option<&Domain>, signed_in: bool, now: Timestamp) -> Self {
        match domain {
            _ if !any_active => Self::NoConnection,
            Some(_) if signed_in => Self::SignsIn,
            Some(domain) if domain.admits_new(now) => Self::NotYet,
            Some(_) | None => Self::OutsideDomains,
        }
    }

    /// The word for machines and texts.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SignsIn => "signs_in",
            Self::NotYet => "not_yet",
            Self::OutsideDomains => "outside_domains",
            Self::NoConnection => "no_connection",
        }
    }

    /// Whether there is one.
    pub fn is_open(self) -> bool {
        match self {
            Self::SignsIn | Self::NotYet => true,
            Self::OutsideDomains | Self::NoConnection => false,
        }
    }
}

impl SsoEffects {
    /// How many go this way.
    pub fn count(&self, way: SsoWay) -> usize {
        self.members.iter().filter(|member| member.way == way).count()
    }

    /// How many present sessions count no longer.
    pub fn sessions_end(&self) -> usize {
        self.members.iter().map(|member| member.sessions_end).sum()
    }

    /// Somebody may configure the organization, and none of them could get in (rule B33).
    pub fn locks_out(&self) -> bool {
        let mut configure = self.members.iter().filter(|member| member.may_configure).peekable();
        configure.peek().is_some() && !configure.any(|member| member.way.is_open() && !member.suspended)
    }
}

/// What requiring SSO means for everybody who is a member now. Writes nothing.
pub fn require_sso_effects(
    tx: &mut dyn Tx,
    organization: &Organization,
    product: &Product,
    now: Timestamp,
) -> Result<SsoEffects, DbError> {
    let connections = store::connections::of_parent(tx, organization.parent)?;
    let active = connections.iter().filter(|connection| connection.status == ConnectionStatus::Active);
    let active: Vec<ConnectionId> = active.map(|connection| connection.id).collect();
    let domains = store::domains::of_parent(tx, organization.parent)?;
    let mut members = Vec::new();
    for member in store::members::of_organization(tx, organization.id)?.into_iter().filter(Member::is_active) {
        let Some(person) = store::people::by_id(tx, member.person)? else { continue };
        let subjects = store::people::subjects_of(tx, person.id)?;
        let domain = domains.iter().find(|domain| domain.name == person.email.domain() && domain.is_verified());
        let signed_in = subjects.iter().any(|subject| active.contains(&subject.connection));
        let way = SsoWay::of(!active.is_empty(), domain, signed_in, now);
        let sessions = store::sessions::of_person(tx, person.id)?;
        members.push(SsoMember {
            person: person.id,
            email: person.email.to_string(),
            may_configure: product.allows(&member.role, Permission::Identity),
            role: member.role,
            way,
            suspended: person.suspended,
            sessions_end: sessions.iter().filter(|session| !session.through_active).count(),
        });
    }
    members.sort_by(|a, b| a.email.cmp(&b.email));
    Ok(SsoEffects { organization: organization.slug.clone(), members })
}
