//! Sessions, hashed tokens only; and the one read behind forward-auth.

use super::{damaged, from_list};
use crate::clock::Timestamp;
use crate::db::{DbError, RowGet, Tx, TxExt, V};
use crate::ids::{ApplicationId, ConnectionId, DirectoryUserId, OrganizationId, PersonId, SubjectId};

/// A new session. Whoever holds the token is the person until `expires_at`, or until it was idle too long.
#[derive(Clone, Debug)]
pub struct NewSession<'a> {
    /// SHA-256 of the token.
    pub token_hash: [u8; 32],
    /// Whose.
    pub person: PersonId,
    /// By which connection's word.
    pub subject: SubjectId,
    /// The identity provider's own session, for logouts that reach us.
    pub idp_session: Option<&'a str>,
    /// SHA-256 of the name that the identity provider used (SAML NameID), for logouts that name it.
    pub idp_name: Option<&'a [u8]>,
    /// What the identity provider wants to hear when this session ends, sealed.
    pub logout_seal: Option<&'a [u8]>,
    /// Now.
    pub created_at: Timestamp,
    /// The absolute end.
    pub expires_at: Timestamp,
    /// The browser's address.
    pub address: &'a str,
    /// What the browser calls itself.
    pub user_agent: &'a str,
}

/// A session with its person, as the browser's pages need it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// SHA-256 of the token.
    pub token_hash: Vec<u8>,
    /// Whose.
    pub person: PersonId,
    /// By which connection's word.
    pub subject: SubjectId,
    /// That connection is switched on.
    pub through_active: bool,
    /// Since when.
    pub created_at: Timestamp,
    /// Last seen, to the minute.
    pub seen_at: Timestamp,
    /// The absolute end.
    pub expires_at: Timestamp,
    /// The browser's address at sign-in.
    pub address: String,
    /// What the browser called itself.
    pub user_agent: String,
}

/// The columns that [`session`] reads, in its order.
macro_rules! select {
    ($condition:literal) => {
        concat!(
            "SELECT token_hash, person_id, subject_id, created_at, seen_at, expires_at, address, user_agent, \
             (SELECT c.status FROM subject j JOIN connection c ON c.id = j.connection_id WHERE j.id = session.subject_id) \
             FROM session ",
            $condition
        )
    };
}

fn session(row: &dyn RowGet) -> Result<Session, DbError> {
    Ok(Session {
        token_hash: row.blob(0)?,
        person: PersonId(row.int(1)?),
        subject: SubjectId(row.int(2)?),
        created_at: Timestamp::from_millis(row.int(3)?),
        seen_at: Timestamp::from_millis(row.int(4)?),
        expires_at: Timestamp::from_millis(row.int(5)?),
        address: row.text(6)?,
        user_agent: row.text(7)?,
        through_active: row.text(8)? == "active",
    })
}

/// Starts a session.
pub fn add(tx: &mut dyn Tx, new: &NewSession<'_>) -> Result<(), DbError> {
    tx.exec(
        "INSERT INTO session (token_hash, person_id, subject_id, idp_session, created_at, seen_at, expires_at, address, \
         user_agent, idp_name, logout_seal) VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6, ?7, ?8, ?9, ?10)",
        &[
            V::B(&new.token_hash),
            V::I(new.person.0),
            V::I(new.subject.0),
            new.idp_session.map_or(V::Null, V::T),
            V::I(new.created_at.as_millis()),
            V::I(new.expires_at.as_millis()),
            V::T(new.address),
            V::T(new.user_agent),
            new.idp_name.map_or(V::Null, V::B),
            new.logout_seal.map_or(V::Null, V::B),
        ],
    )?;
    Ok(())
}

/// The session of a token, however old; the caller looks at its limits.
pub fn find(tx: &mut dyn Tx, token_hash: &[u8]) -> Result<Option<Session>, DbError> {
    tx.one(select!("WHERE token_hash = ?1"), &[V::B(token_hash)], session)
}

/// A session that is about to end, as its identity provider would know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaving {
    /// SHA-256 of the token.
    pub token_hash: Vec<u8>,
    /// Whose.
    pub person: PersonId,
    /// By which connection's word.
    pub connection: ConnectionId,
    /// The identity provider's own session.
    pub idp_session: Option<String>,
    /// What the identity provider wants to hear, sealed.
    pub logout_seal: Option<Vec<u8>>,
}

/// The columns that [`read_leaving`] reads, in its order.
macro_rules! select_leaving {
    ($condition:literal) => {
        concat!(
            "SELECT s.token_hash, s.person_id, j.connection_id, s.idp_session, s.logout_seal FROM session s \
             JOIN subject j ON j.id = s.subject_id ",
            $condition
        )
    };
}

fn read_leaving(row: &dyn RowGet) -> Result<Leaving, DbError> {
    Ok(Leaving {
        token_hash: row.blob(0)?,
        person: PersonId(row.int(1)?),
        connection: ConnectionId(row.int(2)?),
        idp_session: row.opt_text(3)?,
        logout_seal: row.opt_blob(4)?,
    })
}

/// The session of a token, however old, as its identity provider would know it.
pub fn leaving(tx: &mut dyn Tx, token_hash: &[u8]) -> Result<Option<Leaving>, DbError> {
    tx.one(select_leaving!("WHERE s.token_hash = ?1"), &[V::B(token_hash)], read_leaving)
}

/// The sessions of a connection that an identity provider's name (SAML NameID, by its SHA-256) was used for.
pub fn of_idp_name(tx: &mut dyn Tx, connection: ConnectionId, idp_name: &[u8; 32]) -> Result<Vec<Leaving>, DbError> {
    tx.all(
        select_leaving!("WHERE s.idp_name = ?1 AND j.connection_id = ?2 ORDER BY s.person_id, s.token_hash"),
        &[V::B(idp_name), V::I(connection.0)],
        read_leaving,
    )
}

/// The sessions of a connection that began with this session of the identity provider.
pub fn of_idp_session(tx: &mut dyn Tx, connection: ConnectionId, idp_session: &str) -> Result<Vec<Leaving>, DbError> {
    tx.all(
        select_leaving!("WHERE s.idp_session = ?1 AND j.connection_id = ?2 ORDER BY s.person_id, s.token_hash"),
        &[V::T(idp_session), V::I(connection.0)],
        read_leaving,
    )
}

/// A person's sessions, newest first.
pub fn of_person(tx: &mut dyn Tx, person: PersonId) -> Result<Vec<Session>, DbError> {
    tx.all(select!("WHERE person_id = ?1 ORDER BY created_at DESC"), &[V::I(person.0)], session)
}

/// Ends one session. Returns whether there was one.
pub fn end(tx: &mut dyn Tx, token_hash: &[u8]) -> Result<bool, DbError> {
    Ok(tx.exec("DELETE FROM session WHERE token_hash = ?1", &[V::B(token_hash)])? == 1)
}

/// Ends one of a person's sessions, named by its hash. Returns whether there was one.
pub fn end_own(tx: &mut dyn Tx, person: PersonId, token_hash: &[u8]) -> Result<bool, DbError> {
    let ended =
        tx.exec("DELETE FROM session WHERE token_hash = ?1 AND person_id = ?2", &[V::B(token_hash), V::I(person.0)])?;
    Ok(ended == 1)
}

/// Ends all of a person's sessions. Returns how many.
pub fn end_all(tx: &mut dyn Tx, person: PersonId) -> Result<u64, DbError> {
    tx.exec("DELETE FROM session WHERE person_id = ?1", &[V::I(person.0)])
}

/// How many sessions the members of an organization have.
pub fn count_of_members(tx: &mut dyn Tx, organization: OrganizationId) -> Result<u64, DbError> {
    let found = tx.one(
        "SELECT COUNT(*) FROM member JOIN session ON session.person_id = member.person_id \
         WHERE member.organization_id = ?1 AND member.status = 'active'",
        &[V::I(organization.0)],
        |row| row.int(0),
    )?;
    Ok(found.and_then(|count| u64::try_from(count).ok()).unwrap_or(0))
}

/// Ends all sessions of the members of an organization but one. Returns how many.
pub fn end_of_members(tx: &mut dyn Tx, organization: OrganizationId, but: &[u8; 32]) -> Result<u64, DbError> {
    tx.exec(
        "DELETE FROM session WHERE token_hash <> ?2 AND person_id IN \
         (SELECT person_id FROM member WHERE organization_id = ?1 AND status = 'active')",
        &[V::I(organization.0), V::B(but)],
    )
}

/// Notes that sessions were used; called once a minute with all that were.
pub fn set_seen(tx: &mut dyn Tx, seen: &[([u8; 32], Timestamp)]) -> Result<(), DbError> {
    for (token_hash, at) in seen {
        tx.exec(
            "UPDATE session SET seen_at = ?2 WHERE token_hash = ?1 AND seen_at < ?2",
            &[V::B(token_hash), V::I(at.as_millis())],
        )?;
    }
    Ok(())
}

/// Deletes at most `limit` sessions whose end has passed. Returns how many.
pub fn purge(tx: &mut dyn Tx, now: Timestamp, idle_since: Timestamp, limit: u32) -> Result<u64, DbError> {
    tx.exec(
        "DELETE FROM session WHERE token_hash IN \
         (SELECT token_hash FROM session WHERE expires_at < ?1 OR seen_at < ?2 LIMIT ?3)",
        &[V::I(now.as_millis()), V::I(idle_since.as_millis()), V::I(i64::from(limit))],
    )
}

/// How many sessions have not reached their absolute end; idle ones are among them until they are purged.
pub fn count(tx: &mut dyn Tx, now: Timestamp) -> Result<u64, DbError> {
    let found =
        tx.one("SELECT COUNT(*) FROM session WHERE expires_at >= ?1", &[V::I(now.as_millis())], |row| row.int(0))?;
    Ok(found.and_then(|count| u64::try_from(count).ok()).unwrap_or(0))
}

/// Everything forward-auth needs about one request: session, person, the application at this origin, and the membership there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    /// Since when.
    pub created_at: Timestamp,
    /// Last seen, to the minute.
    pub seen_at: Timestamp,
    /// The absolute end.
    pub expires_at: Timestamp,
    /// Who.
    pub person: PersonId,
    /// What applications know them by.
    pub public_id: String,
    /// The present address.
    pub email: String,
    /// What to call them.
    pub display_name: String,
    /// Switched off by an admin.
    pub suspended: bool,
    /// The connection that the session came through is switched on.
    pub through_active: bool,
    /// Counts changes of the person.
    pub person_version: i64,
    /// The groups of the latest sign-in on this connection, as a JSON list.
    pub groups: String,
    /// When those were asserted; part of the key under which a signed header is reused.
    pub groups_seen_at: Timestamp,
    /// The application at the origin asked for, if one is registered for this person's parent organization.
    pub application: Option<VisitedApplication>,
}

/// The application asked for, and the person's membership in its organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VisitedApplication {
    /// Which.
    pub id: ApplicationId,
    /// Where; the audience of the signed header.
    pub url: String,
    /// Whose.
    pub organization: OrganizationId,
    /// The organization's slug.
    pub organization_slug: String,
    /// The organization's product.
    pub product: String,
    /// Roles that may enter, as a JSON list; empty lets all in.
    pub roles: String,
    /// Seat types that may enter, as a JSON list; empty lets all in.
    pub seats: String,
    /// The organization requires single sign-on (rule B7).
    pub require_sso: bool,
    /// The header preset's word.
    pub headers: String,
    /// Where the organization is in a scim mode: who the person is in the directory, whose groups count (rule B20).
    pub directory: Option<VisitingUser>,
    /// The membership's row, standing or ended.
    pub member: Option<VisitingMember>,
    /// The person waits for a seat there.
    pub waits: bool,
}

/// The directory user behind a visit, and what moves when the names of its groups do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VisitingUser {
    /// The user; `None` where the directory does not know the person.
    pub user: Option<DirectoryUserId>,
    /// Two counts with a dot between: groups that it came into or went out of, and groups of the directory that were renamed or
    /// are gone.
    pub groups_version: String,
}

/// The membership behind a visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VisitingMember {
    /// Whether it stands.
    pub active: bool,
    /// The role.
    pub role: String,
    /// The seat.
    pub seat: Option<String>,
    /// Why it ended.
    pub ended_reason: Option<String>,
    /// Counts changes of the row.
    pub version: i64,
}

/// The one read behind forward-auth (rule B41): current session, person, application and membership. An application of another
/// parent organization is as good as none. What few visits need is asked for inside, where SQLite opens no table in vain.
pub fn visit(tx: &mut dyn Tx, token_hash: &[u8], origin: &str) -> Result<Option<Visit>, DbError> {
    tx.one(
        "SELECT s.seen_at, s.expires_at, p.id, p.public_id, p.email, p.display_name, p.suspended_at, p.version, \
         j.groups, j.groups_seen_at, \
         a.id, a.url, o.id, o.slug, o.product, a.roles, a.seats, a.headers, \
         m.status, m.role, m.seat, m.ended_reason, m.version, \
         CASE WHEN m.status IS NOT 'active' THEN (SELECT w.position FROM waiting w \
         WHERE w.organization_id = o.id AND w.person_id = p.id) END, s.created_at, c.status, o.require_sso, \
         o.provisioning, \
         CASE WHEN o.provisioning = 'scim' THEN (SELECT u.id FROM directory_user u WHERE u.person_id = p.id) END, \
         CASE WHEN o.provisioning = 'scim' THEN (SELECT u.groups_version || '.' || d.names_version FROM directory_user u \
         JOIN directory d ON d.parent_id = u.parent_id WHERE u.person_id = p.id) END \
         FROM session s \
         JOIN person p ON p.id = s.person_id \
         JOIN subject j ON j.id = s.subject_id \
         JOIN connection c ON c.id = j.connection_id \
         LEFT JOIN application a ON a.origin = ?2 \
         LEFT JOIN organization o ON o.id = a.organization_id AND o.parent_id = p.parent_id \
         LEFT JOIN member m ON m.organization_id = o.id AND m.person_id = p.id \
         WHERE s.token_hash = ?1",
        &[V::B(token_hash), V::T(origin)],
        visit_row,
    )
}

/// A visit that nobody makes: as if the person came just now through the connection they used last. `None` for nobody.
pub fn visit_as(tx: &mut dyn Tx, person: PersonId, application: ApplicationId) -> Result<Option<Visit>, DbError> {
    tx.one(
        "SELECT 0, 0, p.id, p.public_id, p.email, p.display_name, p.suspended_at, p.version, \
         COALESCE(j.groups, '[]'), COALESCE(j.groups_seen_at, 0), \
         a.id, a.url, o.id, o.slug, o.product, a.roles, a.seats, a.headers, \
         m.status, m.role, m.seat, m.ended_reason, m.version, \
         CASE WHEN m.status IS NOT 'active' THEN (SELECT w.position FROM waiting w \
         WHERE w.organization_id = o.id AND w.person_id = p.id) END, 0, 'active', o.require_sso, \
         o.provisioning, \
         CASE WHEN o.provisioning = 'scim' THEN (SELECT u.id FROM directory_user u WHERE u.person_id = p.id) END, \
         CASE WHEN o.provisioning = 'scim' THEN (SELECT u.groups_version || '.' || d.names_version FROM directory_user u \
         JOIN directory d ON d.parent_id = u.parent_id WHERE u.person_id = p.id) END \
         FROM person p \
         LEFT JOIN subject j ON j.id = (SELECT id FROM subject WHERE person_id = ?1 ORDER BY groups_seen_at DESC, id LIMIT 1) \
         LEFT JOIN application a ON a.id = ?2 \
         LEFT JOIN organization o ON o.id = a.organization_id AND o.parent_id = p.parent_id \
         LEFT JOIN member m ON m.organization_id = o.id AND m.person_id = p.id \
         WHERE p.id = ?1",
        &[V::I(person.0), V::I(application.0)],
        visit_row,
    )
}

fn visit_row(row: &dyn RowGet) -> Result<Visit, DbError> {
    let member = match row.opt_text(18)? {
        None => None,
        Some(status) => Some(VisitingMember {
            active: status == "active",
            role: row.text(19)?,
            seat: row.opt_text(20)?,
            ended_reason: row.opt_text(21)?,
            version: row.int(22)?,
        }),
    };
    let directory = match row.opt_text(27)?.as_deref() {
        Some("scim") => Some(VisitingUser {
            user: row.opt_int(28)?.map(DirectoryUserId),
            groups_version: row.opt_text(29)?.unwrap_or_default(),
        }),
        Some(_) | None => None,
    };
    let application = match (row.opt_int(10)?, row.opt_int(12)?) {
        (Some(id), Some(organization)) => Some(VisitedApplication {
            id: ApplicationId(id),
            url: row.text(11)?,
            organization: OrganizationId(organization),
            organization_slug: row.text(13)?,
            product: row.text(14)?,
            roles: row.text(15)?,
            seats: row.text(16)?,
            require_sso: row.opt_int(26)? == Some(1),
            headers: row.text(17)?,
            directory,
            member,
            waits: row.opt_int(23)?.is_some(),
        }),
        _ => None,
    };
    Ok(Visit {
        created_at: Timestamp::from_millis(row.int(24)?),
        seen_at: Timestamp::from_millis(row.int(0)?),
        expires_at: Timestamp::from_millis(row.int(1)?),
        person: PersonId(row.int(2)?),
        public_id: row.text(3)?,
        email: row.text(4)?,
        display_name: row.text(5)?,
        suspended: row.opt_int(6)?.is_some(),
        through_active: row.text(25)? == "active",
        person_version: row.int(7)?,
        groups: row.text(8)?,
        groups_seen_at: Timestamp::from_millis(row.int(9)?),
        application,
    })
}

impl Visit {
    /// The groups as a list.
    pub fn group_list(&self) -> Result<Vec<String>, DbError> {
        from_list(&self.groups).map_err(|_| damaged("subject"))
    }
}
