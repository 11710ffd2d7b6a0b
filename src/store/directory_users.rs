//! Users of a directory. No statement here costs more because the directory is large.

use super::roster::contains;
use super::{damaged, directory, directory_memberships};
use crate::clock::Timestamp;
use crate::db::{DbError, RowGet, Tx, TxExt, V};
use crate::directory::{DirectoryUser, Name, Taken, UserContent};
use crate::identity::EmailAddress;
use crate::ids::{DirectoryUserId, ParentId, PersonId};

/// The columns that [`user`] reads, in its order.
macro_rules! select_user {
    ($condition:literal) => {
        concat!(
            "SELECT id, public_id, parent_id, person_id, external_id, user_name, email, display_name, active, resource, ",
            "created_at, updated_at, version FROM directory_user ",
            $condition
        )
    };
}

fn user(row: &dyn RowGet) -> Result<DirectoryUser, DbError> {
    let email = row.opt_text(6)?.map(|text| EmailAddress::parse(&text)).transpose();
    Ok(DirectoryUser {
        id: DirectoryUserId(row.int(0)?),
        public_id: row.text(1)?,
        parent: ParentId(row.int(2)?),
        person: row.opt_int(3)?.map(PersonId),
        content: UserContent {
            external_id: row.opt_text(4)?,
            user_name: Name::parse(&row.text(5)?).map_err(|_| damaged("directory user"))?,
            email: email.map_err(|_| damaged("directory user"))?,
            display_name: row.opt_text(7)?,
            active: row.int(8)? == 1,
            resource: row.text(9)?,
        },
        created_at: Timestamp::from_millis(row.int(10)?),
        updated_at: Timestamp::from_millis(row.int(11)?),
        version: row.int(12)?,
    })
}

/// What rules need to know of a user: everything but the resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserFacts {
    /// Its row.
    pub id: DirectoryUserId,
    /// The SCIM `id`.
    pub public_id: String,
    /// Who it is here.
    pub person: Option<PersonId>,
    /// The address.
    pub email: Option<EmailAddress>,
    /// What to call the person.
    pub display_name: Option<String>,
    /// Assigned and switched on.
    pub active: bool,
}

impl From<&DirectoryUser> for UserFacts {
    fn from(user: &DirectoryUser) -> Self {
        Self {
            id: user.id,
            public_id: user.public_id.clone(),
            person: user.person,
            email: user.content.email.clone(),
            display_name: user.content.display_name.clone(),
            active: user.content.active,
        }
    }
}

/// The columns that [`user_facts`] reads, in its order.
macro_rules! select_facts {
    ($condition:literal) => {
        concat!("SELECT id, public_id, person_id, email, display_name, active FROM directory_user ", $condition)
    };
}

fn user_facts(row: &dyn RowGet) -> Result<UserFacts, DbError> {
    let email = row.opt_text(3)?.map(|text| EmailAddress::parse(&text)).transpose();
    Ok(UserFacts {
        id: DirectoryUserId(row.int(0)?),
        public_id: row.text(1)?,
        person: row.opt_int(2)?.map(PersonId),
        email: email.map_err(|_| damaged("directory user"))?,
        display_name: row.opt_text(4)?,
        active: row.int(5)? == 1,
    })
}

/// What rules need to know of a user.
pub fn facts(tx: &mut dyn Tx, id: DirectoryUserId) -> Result<Option<UserFacts>, DbError> {
    tx.one(select_facts!("WHERE id = ?1"), &[V::I(id.0)], user_facts)
}

/// What rules need to know of the user that a person is.
pub fn facts_of_person(tx: &mut dyn Tx, person: PersonId) -> Result<Option<UserFacts>, DbError> {
    tx.one(select_facts!("WHERE person_id = ?1"), &[V::I(person.0)], user_facts)
}

/// What rules need to know of the user with this address.
pub fn facts_by_email(tx: &mut dyn Tx, parent: ParentId, email: &EmailAddress) -> Result<Option<UserFacts>, DbError> {
    tx.one(select_facts!("WHERE parent_id = ?1 AND email = ?2"), &[V::I(parent.0), V::T(email.as_str())], user_facts)
}

/// The row of the user of this SCIM `id`, in this directory and no other: for lists of members.
pub fn id_of(tx: &mut dyn Tx, parent: ParentId, public_id: &str) -> Result<Option<DirectoryUserId>, DbError> {
    tx.one(
        "SELECT id FROM directory_user WHERE public_id = ?1 AND parent_id = ?2",
        &[V::T(public_id), V::I(parent.0)],
        |row| Ok(DirectoryUserId(row.int(0)?)),
    )
}

/// The least that is read of every user when all are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outline {
    /// Its row.
    pub id: DirectoryUserId,
    /// Who it is here.
    pub person: Option<PersonId>,
    /// Who has its address, where it is nobody yet.
    pub holder: Option<PersonId>,
    /// Assigned and switched on.
    pub active: bool,
    /// There is an address.
    pub has_email: bool,
}

/// Every user of a directory, oldest first.
pub fn outlines(tx: &mut dyn Tx, parent: ParentId) -> Result<Vec<Outline>, DbError> {
    tx.all(
        "SELECT directory_user.id, directory_user.person_id, person.id, directory_user.active, directory_user.email IS NOT NULL \
         FROM directory_user LEFT JOIN person ON directory_user.person_id IS NULL \
         AND person.parent_id = directory_user.parent_id AND person.email = directory_user.email \
         WHERE directory_user.parent_id = ?1 ORDER BY directory_user.id",
        &[V::I(parent.0)],
        |row| {
            Ok(Outline {
                id: DirectoryUserId(row.int(0)?),
                person: row.opt_int(1)?.map(PersonId),
                holder: row.opt_int(2)?.map(PersonId),
                active: row.int(3)? == 1,
                has_email: row.int(4)? == 1,
            })
        },
    )
}

/// The addresses of the users of a directory who are nobody here yet.
pub fn addresses_of_unlinked(
    tx: &mut dyn Tx,
    parent: ParentId,
) -> Result<Vec<(DirectoryUserId, EmailAddress)>, DbError> {
    tx.all(
        "SELECT id, email FROM directory_user WHERE parent_id = ?1 AND person_id IS NULL AND email IS NOT NULL",
        &[V::I(parent.0)],
        |row| {
            let email = EmailAddress::parse(&row.text(1)?).map_err(|_| damaged("directory user"))?;
            Ok((DirectoryUserId(row.int(0)?), email))
        },
    )
}

/// The user of this row.
pub fn by_id(tx: &mut dyn Tx, id: DirectoryUserId) -> Result<Option<DirectoryUser>, DbError> {
    tx.one(select_user!("WHERE id = ?1"), &[V::I(id.0)], user)
}

/// The user of this SCIM `id`, in this directory and no other.
pub fn by_public_id(tx: &mut dyn Tx, parent: ParentId, public_id: &str) -> Result<Option<DirectoryUser>, DbError> {
    tx.one(select_user!("WHERE public_id = ?1 AND parent_id = ?2"), &[V::T(public_id), V::I(parent.0)], user)
}

/// The user of this `userName`, whatever its case and Unicode form.
pub fn by_user_name(tx: &mut dyn Tx, parent: ParentId, user_name: &str) -> Result<Option<DirectoryUser>, DbError> {
    let key = Name::key_of(user_name);
    tx.one(select_user!("WHERE parent_id = ?1 AND user_name_key = ?2"), &[V::I(parent.0), V::T(&key)], user)
}

/// The user of this `externalId`, to the letter.
pub fn by_external_id(tx: &mut dyn Tx, parent: ParentId, external_id: &str) -> Result<Option<DirectoryUser>, DbError> {
    tx.one(select_user!("WHERE parent_id = ?1 AND external_id = ?2"), &[V::I(parent.0), V::T(external_id)], user)
}

/// The user whose address this is.
pub fn by_email(tx: &mut dyn Tx, parent: ParentId, email: &EmailAddress) -> Result<Option<DirectoryUser>, DbError> {
    tx.one(select_user!("WHERE parent_id = ?1 AND email = ?2"), &[V::I(parent.0), V::T(email.as_str())], user)
}

/// The user that a person is.
pub fn of_person(tx: &mut dyn Tx, person: PersonId) -> Result<Option<DirectoryUser>, DbError> {
    tx.one(select_user!("WHERE person_id = ?1"), &[V::I(person.0)], user)
}

/// At most `limit` users after a row, oldest first: the same cost at any depth, and the way to look at all of them.
pub fn page_after(
    tx: &mut dyn Tx,
    parent: ParentId,
    after: DirectoryUserId,
    limit: u32,
) -> Result<Vec<DirectoryUser>, DbError> {
    tx.all(
        select_user!("WHERE parent_id = ?1 AND id > ?2 ORDER BY id LIMIT ?3"),
        &[V::I(parent.0), V::I(after.0), V::I(i64::from(limit))],
        user,
    )
}

/// So many users a search looks at for one page.
const SEARCHED: u32 = 50_000;

/// At most `limit` users after a row whose name, address, `externalId` or `displayName` contains a text, in any case; and after which row
/// the search goes on, if it does: so many were looked at, or there are more. Looks at everybody: people type the middle of a name, and
/// no index finds that.
pub fn search(
    tx: &mut dyn Tx,
    parent: ParentId,
    sought: &str,
    after: DirectoryUserId,
    limit: u32,
) -> Result<(Vec<DirectoryUser>, Option<DirectoryUserId>), DbError> {
    let sought = sought.to_lowercase();
    let (mut seen, mut last, mut hits) = (0, after, Vec::new());
    tx.each(
        "SELECT id, user_name, email, external_id, display_name FROM directory_user \
         WHERE parent_id = ?1 AND id > ?2 ORDER BY id LIMIT ?3",
        &[V::I(parent.0), V::I(after.0), V::I(i64::from(SEARCHED))],
        &mut |row| {
            seen += 1;
            last = DirectoryUserId(row.int(0)?);
            if hits.len() > limit as usize {
                return Ok(());
            }
            let texts = [Some(row.text(1)?), row.opt_text(2)?, row.opt_text(3)?, row.opt_text(4)?];
            if texts.iter().flatten().any(|text| contains(text, &sought)) {
                hits.push(last);
            }
            Ok(())
        },
    )?;
    let more = hits.len() > limit as usize;
    hits.truncate(limit as usize);
    let next = if more { hits.last().copied() } else { (seen >= SEARCHED).then_some(last) };
    let mut found = Vec::with_capacity(hits.len());
    for id in hits {
        found.extend(by_id(tx, id)?);
    }
    Ok((found, next))
}

/// At most `limit` users from the `offset`th, oldest first. The offset is walked over in the index alone.
pub fn page_at(tx: &mut dyn Tx, parent: ParentId, offset: u64, limit: u32) -> Result<Vec<DirectoryUser>, DbError> {
    let Some(first) = tx.one(
        "SELECT id FROM directory_user WHERE parent_id = ?1 ORDER BY id LIMIT 1 OFFSET ?2",
        &[V::I(parent.0), V::I(i64::try_from(offset).unwrap_or(i64::MAX))],
        |row| row.int(0),
    )?
    else {
        return Ok(Vec::new());
    };
    page_after(tx, parent, DirectoryUserId(first - 1), limit)
}

/// The youngest user of a directory; 0 where there is none.
pub fn last(tx: &mut dyn Tx, parent: ParentId) -> Result<DirectoryUserId, DbError> {
    let found =
        tx.one("SELECT MAX(id) FROM directory_user WHERE parent_id = ?1", &[V::I(parent.0)], |row| row.opt_int(0))?;
    Ok(DirectoryUserId(found.flatten().unwrap_or(0)))
}

/// What another user of the directory has of this content already; `except` is the user that is to have it.
pub fn taken(
    tx: &mut dyn Tx,
    parent: ParentId,
    content: &UserContent,
    except: Option<DirectoryUserId>,
) -> Result<Option<Taken>, DbError> {
    let other = |found: Option<i64>| found.is_some_and(|id| Some(DirectoryUserId(id)) != except);
    let named = tx.one(
        "SELECT id FROM directory_user WHERE parent_id = ?1 AND user_name_key = ?2",
        &[V::I(parent.0), V::T(content.user_name.key())],
        |row| row.int(0),
    )?;
    if other(named) {
        return Ok(Some(Taken::UserName));
    }
    if let Some(external_id) = &content.external_id {
        let held = tx.one(
            "SELECT id FROM directory_user WHERE parent_id = ?1 AND external_id = ?2",
            &[V::I(parent.0), V::T(external_id)],
            |row| row.int(0),
        )?;
        if other(held) {
            return Ok(Some(Taken::ExternalId));
        }
    }
    if let Some(email) = &content.email {
        let held = tx.one(
            "SELECT id FROM directory_user WHERE parent_id = ?1 AND email = ?2",
            &[V::I(parent.0), V::T(email.as_str())],
            |row| row.int(0),
        )?;
        if other(held) {
            return Ok(Some(Taken::Email));
        }
    }
    Ok(None)
}

/// Adds a user. Nothing of the content is [`taken`]: the caller has looked.
pub fn add(
    tx: &mut dyn Tx,
    parent: ParentId,
    public_id: &str,
    content: &UserContent,
    now: Timestamp,
) -> Result<DirectoryUser, DbError> {
    tx.exec(
        "INSERT INTO directory_user (parent_id, public_id, external_id, user_name, user_name_key, email, display_name, active, \
         resource, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10)",
        &[
            V::I(parent.0),
            V::T(public_id),
            content.external_id.as_deref().map_or(V::Null, V::T),
            V::T(content.user_name.as_str()),
            V::T(content.user_name.key()),
            content.email.as_ref().map_or(V::Null, |email| V::T(email.as_str())),
            content.display_name.as_deref().map_or(V::Null, V::T),
            V::I(i64::from(content.active)),
            V::T(&content.resource),
            V::I(now.as_millis()),
        ],
    )?;
    directory::changed(tx, parent, now, (1, 0))?;
    by_public_id(tx, parent, public_id)?.ok_or_else(|| damaged("directory user"))
}

/// Writes a user's content. Nothing of it is [`taken`]: the caller has looked. Returns the user as it is now.
pub fn update(
    tx: &mut dyn Tx,
    before: &DirectoryUser,
    content: &UserContent,
    now: Timestamp,
) -> Result<DirectoryUser, DbError> {
    tx.exec(
        "UPDATE directory_user SET external_id = ?2, user_name = ?3, user_name_key = ?4, email = ?5, display_name = ?6, \
         active = ?7, resource = ?8, updated_at = ?9, version = version + 1 WHERE id = ?1",
        &[
            V::I(before.id.0),
            content.external_id.as_deref().map_or(V::Null, V::T),
            V::T(content.user_name.as_str()),
            V::T(content.user_name.key()),
            content.email.as_ref().map_or(V::Null, |email| V::T(email.as_str())),
            content.display_name.as_deref().map_or(V::Null, V::T),
            V::I(i64::from(content.active)),
            V::T(&content.resource),
            V::I(now.as_millis()),
        ],
    )?;
    directory::changed(tx, before.parent, now, (0, 0))?;
    by_id(tx, before.id)?.ok_or_else(|| damaged("directory user"))
}

/// Writes which person a user is. No change of the directory: nobody pushed it.
pub fn link(tx: &mut dyn Tx, id: DirectoryUserId, person: PersonId) -> Result<(), DbError> {
    tx.exec("UPDATE directory_user SET person_id = ?2 WHERE id = ?1", &[V::I(id.0), V::I(person.0)])?;
    Ok(())
}

/// Writes that a user is nobody, because the person it was belongs to another parent now.
pub fn unlink(tx: &mut dyn Tx, person: PersonId) -> Result<(), DbError> {
    tx.exec("UPDATE directory_user SET person_id = NULL WHERE person_id = ?1", &[V::I(person.0)])?;
    Ok(())
}

/// Takes a user out of its groups and out of the directory.
pub fn delete(tx: &mut dyn Tx, gone: &DirectoryUser, now: Timestamp) -> Result<(), DbError> {
    directory_memberships::leave_all(tx, gone.id, now)?;
    tx.exec("DELETE FROM directory_user WHERE id = ?1", &[V::I(gone.id.0)])?;
    directory::changed(tx, gone.parent, now, (-1, 0))
}
