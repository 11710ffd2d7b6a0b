//! What runs of directory sync found before and left behind, person by person, as JSON that is read and written here only.

use serde::{Deserialize, Serialize};

use super::damaged;
use crate::clock::Timestamp;
use crate::db::{DbError, RowGet, Tx, TxExt, V};
use crate::identity::GroupKey;
use crate::ids::{OrganizationId, PersonId, SyncRunId};
use crate::organization::{Image, Member, MemberStatus, Pin, Queued, Source};
use crate::product::{RoleKey, SeatTypeKey};

/// What a run did to one person, or in a halted run would have done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncChange {
    /// To whom.
    pub person: PersonId,
    /// Where they stood.
    pub before: Image,
    /// Where they stand; `None` in a halted run.
    pub after: Option<Image>,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    #[serde(skip_serializing_if = "Option::is_none")]
    member: Option<KeptMember>,
    #[serde(skip_serializing_if = "Option::is_none")]
    queued: Option<KeptPlace>,
}

#[derive(Serialize, Deserialize)]
struct KeptMember {
    #[serde(skip_serializing_if = "Option::is_none")]
    ended: Option<(i64, String)>,
    role: String,
    role_source: KeptSource,
    #[serde(skip_serializing_if = "Option::is_none")]
    role_pin: Option<KeptPin>,
    seat: Option<String>,
    seat_source: KeptSource,
    #[serde(skip_serializing_if = "Option::is_none")]
    seat_pin: Option<KeptPin>,
    joined_at: i64,
    version: i64,
}

#[derive(Serialize, Deserialize)]
enum KeptSource {
    #[serde(rename = "default")]
    Default,
    #[serde(rename = "group")]
    Group { group: String, at: i64 },
    #[serde(rename = "by_hand")]
    ByHand { by: String, at: i64 },
}

#[derive(Serialize, Deserialize)]
struct KeptPin {
    by: String,
    since: i64,
    until: Option<i64>,
}

#[derive(Serialize, Deserialize)]
struct KeptPlace {
    position: i64,
    role: String,
    seat: Option<String>,
    since: i64,
}

impl From<&Source> for KeptSource {
    fn from(source: &Source) -> Self {
        match source {
            Source::Default => Self::Default,
            Source::Group { group, learnt_at } => Self::Group { group: group.to_string(), at: learnt_at.as_millis() },
            Source::ByHand { by, at } => Self::ByHand { by: by.clone(), at: at.as_millis() },
        }
    }
}

impl KeptSource {
    fn source(self) -> Result<Source, DbError> {
        Ok(match self {
            Self::Default => Source::Default,
            Self::Group { group, at } => Source::Group {
                group: GroupKey::new(&group).ok_or_else(|| damaged("sync change"))?,
                learnt_at: Timestamp::from_millis(at),
            },
            Self::ByHand { by, at } => Source::ByHand { by, at: Timestamp::from_millis(at) },
        })
    }
}

fn kept_pin(pin: &Option<Pin>) -> Option<KeptPin> {
    let pin = pin.as_ref()?;
    let until = pin.until.map(Timestamp::as_millis);
    Some(KeptPin { by: pin.by.clone(), since: pin.since.as_millis(), until })
}

fn pin(kept: Option<KeptPin>) -> Option<Pin> {
    let kept = kept?;
    let until = kept.until.map(Timestamp::from_millis);
    Some(Pin { by: kept.by, since: Timestamp::from_millis(kept.since), until })
}

/// Where somebody stood, as text.
pub(super) fn text(image: &Image) -> Result<String, DbError> {
    let member = image.member.as_ref().map(|member| KeptMember {
        ended: match &member.status {
            MemberStatus::Active => None,
            MemberStatus::Ended { at, reason } => Some((at.as_millis(), reason.clone())),
        },
        role: member.role.to_string(),
        role_source: (&member.role_source).into(),
        role_pin: kept_pin(&member.role_pin),
        seat: member.seat.as_ref().map(ToString::to_string),
        seat_source: (&member.seat_source).into(),
        seat_pin: kept_pin(&member.seat_pin),
        joined_at: member.joined_at.as_millis(),
        version: member.version,
    });
    let queued = image.queued.as_ref().map(|queued| KeptPlace {
        position: queued.position,
        role: queued.role.to_string(),
        seat: queued.seat.as_ref().map(ToString::to_string),
        since: queued.since.as_millis(),
    });
    serde_json::to_string(&Kept { member, queued }).map_err(|_| damaged("sync change"))
}

/// Where somebody stood, out of text.
pub(super) fn image(text: &str, organization: OrganizationId, person: PersonId) -> Result<Image, DbError> {
    let kept: Kept = serde_json::from_str(text).map_err(|_| damaged("sync change"))?;
    let member = kept.member.map(|kept| -> Result<Member, DbError> {
        Ok(Member {
            organization,
            person,
            status: match kept.ended {
                None => MemberStatus::Active,
                Some((at, reason)) => MemberStatus::Ended { at: Timestamp::from_millis(at), reason },
            },
            role: RoleKey::new(kept.role),
            role_source: kept.role_source.source()?,
            role_pin: pin(kept.role_pin),
            seat: kept.seat.map(SeatTypeKey::new),
            seat_source: kept.seat_source.source()?,
            seat_pin: pin(kept.seat_pin),
            joined_at: Timestamp::from_millis(kept.joined_at),
            version: kept.version,
        })
    });
    let queued = kept.queued.map(|kept| Queued {
        position: kept.position,
        role: RoleKey::new(kept.role),
        seat: kept.seat.map(SeatTypeKey::new),
        since: Timestamp::from_millis(kept.since),
    });
    Ok(Image { member: member.transpose()?, queued })
}

/// Notes what became of a person. Of several changes by one run, the first `before` and the last `after` are kept.
pub fn note(
    tx: &mut dyn Tx,
    run: SyncRunId,
    person: PersonId,
    before: &Image,
    after: Option<&Image>,
) -> Result<(), DbError> {
    let (before, after) = (text(before)?, after.map(text).transpose()?);
    tx.exec(
        "INSERT INTO sync_change (run_id, person_id, before, after) VALUES (?1, ?2, ?3, ?4) \
         ON CONFLICT (run_id, person_id) DO UPDATE SET after = excluded.after",
        &[V::I(run.0), V::I(person.0), V::T(&before), after.as_deref().map_or(V::Null, V::T)],
    )?;
    Ok(())
}

/// At most `limit` changes of a run after a person, by person.
pub fn page(tx: &mut dyn Tx, run: SyncRunId, after: PersonId, limit: u32) -> Result<Vec<SyncChange>, DbError> {
    let change = |row: &dyn RowGet| {
        let (person, organization) = (PersonId(row.int(0)?), OrganizationId(row.int(3)?));
        let after = row.opt_text(2)?.map(|text| image(&text, organization, person)).transpose()?;
        Ok(SyncChange { person, before: image(&row.text(1)?, organization, person)?, after })
    };
    tx.all(
        "SELECT sync_change.person_id, sync_change.before, sync_change.after, sync_run.organization_id FROM sync_change \
         JOIN sync_run ON sync_run.id = sync_change.run_id \
         WHERE sync_change.run_id = ?1 AND sync_change.person_id > ?2 ORDER BY sync_change.person_id LIMIT ?3",
        &[V::I(run.0), V::I(after.0), V::I(i64::from(limit))],
        change,
    )
}

/// Forgets what the runs of an organization found and left, so that nothing of it is undone any more.
pub fn forget_of(tx: &mut dyn Tx, organization: OrganizationId) -> Result<u64, DbError> {
    tx.exec(
        "DELETE FROM sync_change WHERE run_id IN (SELECT id FROM sync_run WHERE organization_id = ?1)",
        &[V::I(organization.0)],
    )
}

/// How many memberships a halted run would have ended.
pub fn count_listed(tx: &mut dyn Tx, run: SyncRunId) -> Result<u64, DbError> {
    let found =
        tx.one("SELECT COUNT(*) FROM sync_change WHERE run_id = ?1 AND after IS NULL", &[V::I(run.0)], |row| {
            row.int(0)
        })?;
    Ok(found.and_then(|count| u64::try_from(count).ok()).unwrap_or(0))
}

/// The people whose membership a halted run would have ended, by person. An approved run keeps them beside what it did.
pub fn listed(tx: &mut dyn Tx, run: SyncRunId) -> Result<Vec<PersonId>, DbError> {
    tx.all(
        "SELECT person_id FROM sync_change WHERE run_id = ?1 AND after IS NULL ORDER BY person_id",
        &[V::I(run.0)],
        |row| Ok(PersonId(row.int(0)?)),
    )
}
