//! Connections; their settings are one JSON document, read and written here only.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::damaged;
use crate::clock::Timestamp;
use crate::connection::{
    AttributeNames, Connection, ConnectionStatus, IdpCertificate, Protocol, SamlIdp, SamlSettings,
};
use crate::db::{DbError, RowGet, Tx, TxExt, V};
use crate::ids::{ConnectionId, ParentId, Slug};

#[derive(Serialize, Deserialize)]
struct Settings {
    attributes: Attributes,
    #[serde(default)]
    omits_empty_groups: bool,
    saml: Saml,
}

#[derive(Serialize, Deserialize)]
struct Attributes {
    email: Option<String>,
    name: Option<String>,
    groups: Option<String>,
    subject: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Saml {
    entity_id: String,
    sso_redirect: Option<String>,
    sso_post: Option<String>,
    slo_redirect: Option<String>,
    certificates: Vec<Certificate>,
    valid_until: Option<i64>,
    idp_initiated: bool,
    sign_requests: bool,
    force_authn: bool,
    authn_context: Option<String>,
    name_id_format: Option<String>,
    offer_encryption: bool,
    clock_skew_seconds: u64,
}

#[derive(Serialize, Deserialize)]
struct Certificate {
    der: String,
    fingerprint: String,
    not_before: i64,
    not_after: i64,
}

fn write(connection: &Connection) -> Result<String, DbError> {
    use base64::Engine as _;
    let encode = |der: &[u8]| base64::engine::general_purpose::STANDARD.encode(der);
    let Protocol::Saml(saml) = &connection.protocol;
    let attributes = connection.attributes.clone();
    let settings = Settings {
        attributes: Attributes {
            email: attributes.email,
            name: attributes.name,
            groups: attributes.groups,
            subject: attributes.subject,
        },
        omits_empty_groups: connection.omits_empty_groups,
        saml: Saml {
            entity_id: saml.idp.entity_id.clone(),
            sso_redirect: saml.idp.sso_redirect.clone(),
            sso_post: saml.idp.sso_post.clone(),
            slo_redirect: saml.idp.slo_redirect.clone(),
            certificates: saml
                .idp
                .certificates
                .iter()
                .map(|certificate| Certificate {
                    der: encode(&certificate.der),
                    fingerprint: certificate.fingerprint.clone(),
                    not_before: certificate.not_before.as_millis(),
                    not_after: certificate.not_after.as_millis(),
                })
                .collect(),
            valid_until: saml.idp.valid_until.map(Timestamp::as_millis),
            idp_initiated: saml.idp_initiated,
            sign_requests: saml.sign_requests,
            force_authn: saml.force_authn,
            authn_context: saml.authn_context.clone(),
            name_id_format: saml.name_id_format.clone(),
            offer_encryption: saml.offer_encryption,
            clock_skew_seconds: saml.clock_skew.as_secs(),
        },
    };
    serde_json::to_string(&settings).map_err(|_| damaged("connection"))
}

fn read(row: &dyn RowGet) -> Result<Connection, DbError> {
    use base64::Engine as _;
    let Settings { attributes, omits_empty_groups, saml } =
        serde_json::from_str(&row.text(6)?).map_err(|_| damaged("connection"))?;
    let status = row.text(5)?;
    let status = ConnectionStatus::ALL.into_iter().find(|(_, word)| *word == status);
    let mut certificates = Vec::with_capacity(saml.certificates.len());
    for kept in saml.certificates {
        let der = base64::engine::general_purpose::STANDARD.decode(kept.der).map_err(|_| damaged("certificate"))?;
        certificates.push(IdpCertificate {
            der,
            fingerprint: kept.fingerprint,
            not_before: Timestamp::from_millis(kept.not_before),
            not_after: Timestamp::from_millis(kept.not_after),
        });
    }
    Ok(Connection {
        id: ConnectionId(row.int(0)?),
        parent: ParentId(row.int(1)?),
        slug: Slug::parse(&row.text(2)?).map_err(|_| damaged("slug"))?,
        label: row.text(3)?,
        status: status.ok_or_else(|| damaged("connection"))?.0,
        attributes: AttributeNames {
            email: attributes.email,
            name: attributes.name,
            groups: attributes.groups,
            subject: attributes.subject,
        },
        omits_empty_groups,
        protocol: Protocol::Saml(SamlSettings {
            idp: SamlIdp {
                entity_id: saml.entity_id,
                sso_redirect: saml.sso_redirect,
                sso_post: saml.sso_post,
                slo_redirect: saml.slo_redirect,
                certificates,
                valid_until: saml.valid_until.map(Timestamp::from_millis),
            },
            idp_initiated: saml.idp_initiated,
            sign_requests: saml.sign_requests,
            force_authn: saml.force_authn,
            authn_context: saml.authn_context,
            name_id_format: saml.name_id_format,
            offer_encryption: saml.offer_encryption,
            clock_skew: Duration::from_secs(saml.clock_skew_seconds),
        }),
    })
}

/// The connections of a parent organization, by slug.
pub fn of_parent(tx: &mut dyn Tx, parent: ParentId) -> Result<Vec<Connection>, DbError> {
    tx.all(
        "SELECT id, parent_id, slug, label, protocol, status, settings FROM connection WHERE parent_id = ?1 ORDER BY slug",
        &[V::I(parent.0)],
        read,
    )
}

/// Every connection that may sign people in, by slug.
pub fn active(tx: &mut dyn Tx) -> Result<Vec<Connection>, DbError> {
    tx.all(
        "SELECT id, parent_id, slug, label, protocol, status, settings FROM connection WHERE status = 'active' ORDER BY slug",
        &[],
        read,
    )
}

/// The connection of this slug.
pub fn by_slug(tx: &mut dyn Tx, slug: &Slug) -> Result<Option<Connection>, DbError> {
    tx.one(
        "SELECT id, parent_id, slug, label, protocol, status, settings FROM connection WHERE slug = ?1",
        &[V::T(slug.as_str())],
        read,
    )
}

/// The connection of this id.
pub fn by_id(tx: &mut dyn Tx, id: ConnectionId) -> Result<Option<Connection>, DbError> {
    tx.one(
        "SELECT id, parent_id, slug, label, protocol, status, settings FROM connection WHERE id = ?1",
        &[V::I(id.0)],
        read,
    )
}

/// Adds a connection; its `id` is not looked at.
pub fn add(tx: &mut dyn Tx, new: &Connection) -> Result<ConnectionId, DbError> {
    let settings = write(new)?;
    tx.exec(
        "INSERT INTO connection (parent_id, slug, label, protocol, status, settings) VALUES (?1, ?2, ?3, 'saml', ?4, ?5)",
        &[V::I(new.parent.0), V::T(new.slug.as_str()), V::T(&new.label), V::T(new.status.as_str()), V::T(&settings)],
    )?;
    let added = by_slug(tx, &new.slug)?.ok_or_else(|| damaged("connection"))?;
    Ok(added.id)
}

/// Writes label, status and settings; parent and slug stay.
pub fn update(tx: &mut dyn Tx, changed: &Connection) -> Result<(), DbError> {
    let settings = write(changed)?;
    tx.exec(
        "UPDATE connection SET label = ?2, status = ?3, settings = ?4 WHERE id = ?1",
        &[V::I(changed.id.0), V::T(&changed.label), V::T(changed.status.as_str()), V::T(&settings)],
    )?;
    Ok(())
}

/// Takes a connection away, with the sessions and pending sign-ins that came over it and what it knew people by. The people
/// stay; a new connection links them by address again.
pub fn remove(tx: &mut dyn Tx, id: ConnectionId) -> Result<(), DbError> {
    let of = [V::I(id.0)];
    tx.exec("DELETE FROM session WHERE subject_id IN (SELECT id FROM subject WHERE connection_id = ?1)", &of)?;
    tx.exec("DELETE FROM subject WHERE connection_id = ?1", &of)?;
    tx.exec("DELETE FROM seen_group WHERE connection_id = ?1", &of)?;
    tx.exec("DELETE FROM pending_sign_in WHERE connection_id = ?1", &of)?;
    tx.exec("DELETE FROM connection WHERE id = ?1", &of)?;
    Ok(())
}
