//! Connections; their settings are one JSON document, read and written here only.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::damaged;
use crate::clock::Timestamp;
use crate::connection::{
    AttributeNames, ClientAuth, Connection, ConnectionStatus, IdpCertificate, NewCertificates, OidcSettings, Protocol,
    SamlIdp, SamlSettings, SealedSecret,
};
use crate::db::{DbError, RowGet, Tx, TxExt, V};
use crate::ids::{ConnectionId, ParentId, Slug};

#[derive(Serialize, Deserialize)]
struct Settings {
    attributes: Attributes,
    #[serde(default)]
    omits_empty_groups: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    saml: Option<Saml>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    oidc: Option<Oidc>,
}

#[derive(Serialize, Deserialize)]
struct Oidc {
    issuer: String,
    client_id: String,
    client_auth: String,
    client_secret: Option<Secret>,
    client_secret_expires: Option<i64>,
    scopes: Vec<String>,
    force_authn: bool,
    acr: Option<String>,
    groups_endpoint: Option<String>,
    clock_skew_millis: u64,
}

#[derive(Serialize, Deserialize)]
struct Secret {
    seal: String,
    mark: String,
}

#[derive(Serialize, Deserialize)]
struct Attributes {
    email: Option<String>,
    name: Option<String>,
    groups: Option<String>,
    subject: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Idp {
    entity_id: String,
    sso_redirect: Option<String>,
    sso_post: Option<String>,
    slo_redirect: Option<String>,
    #[serde(default)]
    slo_response: Option<String>,
    #[serde(default)]
    wants_signed_requests: bool,
    certificates: Vec<Certificate>,
    valid_until: Option<i64>,
}

#[derive(Serialize, Deserialize)]
struct Saml {
    #[serde(flatten)]
    idp: Idp,
    #[serde(default)]
    metadata_url: Option<String>,
    #[serde(default)]
    new_certificates: Option<String>,
    #[serde(default)]
    pending: Option<Idp>,
    idp_initiated: bool,
    sign_requests: bool,
    force_authn: bool,
    authn_context: Option<String>,
    name_id_format: Option<String>,
    offer_encryption: bool,
    clock_skew_millis: u64,
}

#[derive(Serialize, Deserialize)]
struct Certificate {
    der: String,
    fingerprint: String,
    not_before: i64,
    not_after: i64,
}

fn encode(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

fn decode(text: &str) -> Result<Vec<u8>, DbError> {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.decode(text).map_err(|_| damaged("connection"))
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn write(connection: &Connection) -> Result<String, DbError> {
    let attributes = connection.attributes.clone();
    let (saml, oidc) = match &connection.protocol {
        Protocol::Saml(saml) => (Some(write_saml(saml)), None),
        Protocol::Oidc(oidc) => (None, Some(write_oidc(oidc))),
    };
    let settings = Settings {
        attributes: Attributes {
            email: attributes.email,
            name: attributes.name,
            groups: attributes.groups,
            subject: attributes.subject,
        },
        omits_empty_groups: connection.omits_empty_groups,
        saml,
        oidc,
    };
    serde_json::to_string(&settings).map_err(|_| damaged("connection"))
}

fn write_saml(saml: &SamlSettings) -> Saml {
    Saml {
        idp: write_idp(&saml.idp),
        metadata_url: saml.metadata_url.clone(),
        new_certificates: Some(saml.new_certificates.as_str().to_owned()),
        pending: saml.pending.as_deref().map(write_idp),
        idp_initiated: saml.idp_initiated,
        sign_requests: saml.sign_requests,
        force_authn: saml.force_authn,
        authn_context: saml.authn_context.clone(),
        name_id_format: saml.name_id_format.clone(),
        offer_encryption: saml.offer_encryption,
        clock_skew_millis: millis(saml.clock_skew),
    }
}

fn write_idp(idp: &SamlIdp) -> Idp {
    Idp {
        entity_id: idp.entity_id.clone(),
        sso_redirect: idp.sso_redirect.clone(),
        sso_post: idp.sso_post.clone(),
        slo_redirect: idp.slo_redirect.clone(),
        slo_response: idp.slo_response.clone(),
        wants_signed_requests: idp.wants_signed_requests,
        certificates: idp.certificates.iter().map(write_certificate).collect(),
        valid_until: idp.valid_until.map(Timestamp::as_millis),
    }
}

fn write_certificate(certificate: &IdpCertificate) -> Certificate {
    Certificate {
        der: encode(&certificate.der),
        fingerprint: certificate.fingerprint.clone(),
        not_before: certificate.not_before.as_millis(),
        not_after: certificate.not_after.as_millis(),
    }
}

fn write_oidc(oidc: &OidcSettings) -> Oidc {
    let secret = |kept: &SealedSecret| Secret { seal: encode(&kept.seal), mark: encode(&kept.mark) };
    Oidc {
        issuer: oidc.issuer.clone(),
        client_id: oidc.client_id.clone(),
        client_auth: oidc.client_auth.as_str().to_owned(),
        client_secret: oidc.client_secret.as_ref().map(secret),
        client_secret_expires: oidc.client_secret_expires.map(Timestamp::as_millis),
        scopes: oidc.scopes.clone(),
        force_authn: oidc.force_authn,
        acr: oidc.acr.clone(),
        groups_endpoint: oidc.groups_endpoint.clone(),
        clock_skew_millis: millis(oidc.clock_skew),
    }
}

/// The columns that [`read`] reads, in its order.
macro_rules! select {
    ($condition:literal) => {
        concat!("SELECT id, parent_id, slug, label, protocol, status, settings, tested_at FROM connection ", $condition)
    };
}

fn read(row: &dyn RowGet) -> Result<Connection, DbError> {
    let Settings { attributes, omits_empty_groups, saml, oidc } =
        serde_json::from_str(&row.text(6)?).map_err(|_| damaged("connection"))?;
    let status = row.text(5)?;
    let status = ConnectionStatus::ALL.into_iter().find(|(_, word)| *word == status);
    let protocol = match (row.text(4)?.as_str(), saml, oidc) {
        ("saml", Some(saml), None) => Protocol::Saml(read_saml(saml)?),
        ("oidc", None, Some(oidc)) => Protocol::Oidc(read_oidc(oidc)?),
        _ => return Err(damaged("connection")),
    };
    Ok(Connection {
        id: ConnectionId(row.int(0)?),
        parent: ParentId(row.int(1)?),
        slug: Slug::parse(&row.text(2)?).map_err(|_| damaged("slug"))?,
        label: row.text(3)?,
        status: status.ok_or_else(|| damaged("connection"))?.0,
        tested: row.opt_int(7)?.map(Timestamp::from_millis),
        attributes: AttributeNames {
            email: attributes.email,
            name: attributes.name,
            groups: attributes.groups,
            subject: attributes.subject,
        },
        omits_empty_groups,
        protocol,
    })
}

fn read_saml(saml: Saml) -> Result<SamlSettings, DbError> {
    let word = |word: String| NewCertificates::ALL.into_iter().find(|(_, known)| *known == word);
    let new_certificates = match saml.new_certificates {
        None => NewCertificates::Rollover,
        Some(known) => word(known).ok_or_else(|| damaged("connection"))?.0,
    };
    Ok(SamlSettings {
        idp: read_idp(saml.idp)?,
        metadata_url: saml.metadata_url,
        new_certificates,
        pending: saml.pending.map(read_idp).transpose()?.map(Box::new),
        idp_initiated: saml.idp_initiated,
        sign_requests: saml.sign_requests,
        force_authn: saml.force_authn,
        authn_context: saml.authn_context,
        name_id_format: saml.name_id_format,
        offer_encryption: saml.offer_encryption,
        clock_skew: Duration::from_millis(saml.clock_skew_millis),
    })
}

fn read_idp(idp: Idp) -> Result<SamlIdp, DbError> {
    Ok(SamlIdp {
        entity_id: idp.entity_id,
        sso_redirect: idp.sso_redirect,
        sso_post: idp.sso_post,
        slo_redirect: idp.slo_redirect,
        slo_response: idp.slo_response,
        wants_signed_requests: idp.wants_signed_requests,
        certificates: idp.certificates.into_iter().map(read_certificate).collect::<Result<_, _>>()?,
        valid_until: idp.valid_until.map(Timestamp::from_millis),
    })
}

fn read_certificate(kept: Certificate) -> Result<IdpCertificate, DbError> {
    Ok(IdpCertificate {
        der: decode(&kept.der)?,
        fingerprint: kept.fingerprint,
        not_before: Timestamp::from_millis(kept.not_before),
        not_after: Timestamp::from_millis(kept.not_after),
    })
}

fn read_oidc(oidc: Oidc) -> Result<OidcSettings, DbError> {
    let secret = |kept: Secret| -> Result<SealedSecret, DbError> {
        let mark = decode(&kept.mark)?.try_into().map_err(|_| damaged("connection"))?;
        Ok(SealedSecret { seal: decode(&kept.seal)?, mark })
    };
    let auth = ClientAuth::ALL.into_iter().find(|(_, word)| *word == oidc.client_auth);
    Ok(OidcSettings {
        issuer: oidc.issuer,
        client_id: oidc.client_id,
        client_auth: auth.ok_or_else(|| damaged("connection"))?.0,
        client_secret: oidc.client_secret.map(secret).transpose()?,
        client_secret_expires: oidc.client_secret_expires.map(Timestamp::from_millis),
        scopes: oidc.scopes,
        force_authn: oidc.force_authn,
        acr: oidc.acr,
        groups_endpoint: oidc.groups_endpoint,
        clock_skew: Duration::from_millis(oidc.clock_skew_millis),
    })
}

/// The connections of a parent organization, by slug.
pub fn of_parent(tx: &mut dyn Tx, parent: ParentId) -> Result<Vec<Connection>, DbError> {
    tx.all(select!("WHERE parent_id = ?1 ORDER BY slug"), &[V::I(parent.0)], read)
}

/// Every connection that may sign people in, by slug.
pub fn active(tx: &mut dyn Tx) -> Result<Vec<Connection>, DbError> {
    tx.all(select!("WHERE status = 'active' ORDER BY slug"), &[], read)
}

/// The SAML connections that are not switched off and whose metadata was last read well before `good`, or was tried in vain
/// before `bad`. Those whose metadata did not come by address are not among them.
pub fn saml_unread_since(tx: &mut dyn Tx, good: Timestamp, bad: Timestamp) -> Result<Vec<Connection>, DbError> {
    let due = tx.all(
        select!(
            "WHERE protocol = 'saml' AND status <> 'disabled' AND NOT EXISTS (SELECT 1 FROM connection_check \
             WHERE connection_check.connection_id = connection.id \
             AND checked_at > CASE WHEN problem IS NULL THEN ?1 ELSE ?2 END) ORDER BY slug"
        ),
        &[V::I(good.as_millis()), V::I(bad.as_millis())],
        read,
    )?;
    let by_address =
        |known: &Connection| matches!(&known.protocol, Protocol::Saml(saml) if saml.metadata_url.is_some());
    Ok(due.into_iter().filter(by_address).collect())
}

/// The connection of this slug.
pub fn by_slug(tx: &mut dyn Tx, slug: &Slug) -> Result<Option<Connection>, DbError> {
    tx.one(select!("WHERE slug = ?1"), &[V::T(slug.as_str())], read)
}

/// The connection of this id.
pub fn by_id(tx: &mut dyn Tx, id: ConnectionId) -> Result<Option<Connection>, DbError> {
    tx.one(select!("WHERE id = ?1"), &[V::I(id.0)], read)
}

/// Adds a connection; its `id` is not looked at.
pub fn add(tx: &mut dyn Tx, new: &Connection) -> Result<ConnectionId, DbError> {
    let settings = write(new)?;
    tx.exec(
        "INSERT INTO connection (parent_id, slug, label, protocol, status, settings, tested_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        &[
            V::I(new.parent.0),
            V::T(new.slug.as_str()),
            V::T(&new.label),
            V::T(new.protocol.as_str()),
            V::T(new.status.as_str()),
            V::T(&settings),
            new.tested.map_or(V::Null, |at| V::I(at.as_millis())),
        ],
    )?;
    let added = by_slug(tx, &new.slug)?.ok_or_else(|| damaged("connection"))?;
    Ok(added.id)
}

/// Writes label, protocol, status, settings and when it was tested; parent and slug stay.
pub fn update(tx: &mut dyn Tx, changed: &Connection) -> Result<(), DbError> {
    let settings = write(changed)?;
    tx.exec(
        "UPDATE connection SET label = ?2, protocol = ?3, status = ?4, settings = ?5, tested_at = ?6 WHERE id = ?1",
        &[
            V::I(changed.id.0),
            V::T(&changed.label),
            V::T(changed.protocol.as_str()),
            V::T(changed.status.as_str()),
            V::T(&settings),
            changed.tested.map_or(V::Null, |at| V::I(at.as_millis())),
        ],
    )?;
    Ok(())
}

/// Takes a connection away, with the sessions and pending sign-ins that came over it and what it knew people by. The people
/// stay; a new connection links them by address again.
pub fn remove(tx: &mut dyn Tx, id: ConnectionId) -> Result<(), DbError> {
    let of = [V::I(id.0)];
    tx.exec("DELETE FROM session WHERE subject_id IN (SELECT id FROM subject WHERE connection_id = ?1)", &of)?;
    super::people::forget_everybody(tx, id)?;
    tx.exec("DELETE FROM pending_sign_in WHERE connection_id = ?1", &of)?;
    tx.exec("DELETE FROM pending_sign_out WHERE connection_id = ?1", &of)?;
    tx.exec("DELETE FROM connection_check WHERE connection_id = ?1", &of)?;
    if let Some(gone) = by_id(tx, id)? {
        super::connection_setups::remove(tx, &gone.slug)?;
    }
    tx.exec("DELETE FROM connection WHERE id = ?1", &of)?;
    Ok(())
}

/// How reading the identity provider's own document went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// When it was last tried.
    pub at: Timestamp,
    /// When it last went well.
    pub good: Option<Timestamp>,
    /// What was wrong the last time, if something was.
    pub problem: Option<String>,
}

/// How the last reading of the identity provider's document went; `None` before the first.
pub fn check(tx: &mut dyn Tx, id: ConnectionId) -> Result<Option<Check>, DbError> {
    tx.one("SELECT checked_at, good_at, problem FROM connection_check WHERE connection_id = ?1", &[V::I(id.0)], |row| {
        Ok(Check {
            at: Timestamp::from_millis(row.int(0)?),
            good: row.opt_int(1)?.map(Timestamp::from_millis),
            problem: row.opt_text(2)?,
        })
    })
}

/// Notes how reading the identity provider's document went.
pub fn set_check(tx: &mut dyn Tx, id: ConnectionId, at: Timestamp, problem: Option<&str>) -> Result<(), DbError> {
    tx.exec(
        "INSERT INTO connection_check (connection_id, checked_at, good_at, problem) VALUES (?1, ?2, ?3, ?4) \
         ON CONFLICT (connection_id) DO UPDATE SET checked_at = ?2, good_at = coalesce(?3, good_at), problem = ?4",
        &[
            V::I(id.0),
            V::I(at.as_millis()),
            if problem.is_none() { V::I(at.as_millis()) } else { V::Null },
            problem.map_or(V::Null, V::T),
        ],
    )?;
    Ok(())
}
