//! What an identity provider's metadata says by now, held against what is believed. A certificate in it may be taken over at once,
//! or wait until somebody accepts it; nothing is ever believed that came over plain http, and never another entity id.

use crate::audit::Event;
use crate::connection::{Connection, IdpCertificate, NewCertificates, Protocol, SamlIdp, SamlSettings, VALID_UNTIL};
use crate::db::{DbError, Tx};
use crate::ids::ConnectionId;
use crate::membership::Context;
use crate::secrets;
use crate::store;
use crate::trust::{self, TrustError};

/// What a look at the metadata leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// The settings from now on.
    pub settings: SamlSettings,
    /// Signing certificates that were not known before, and whether they count at once.
    pub seen: Vec<(String, bool)>,
}

/// The metadata belongs to somebody else; nothing of it is taken over.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the metadata is of entity id {found}, expected {expected}; if the identity provider was moved, make a new connection and switch people to it"
)]
pub struct OtherEntity {
    /// Ours.
    pub expected: String,
    /// Theirs, cut short.
    pub found: String,
}

/// Holds metadata that was just read against the settings. `secure`: it came over https from a host whose certificate was verified.
pub fn judge(settings: &SamlSettings, read: SamlIdp, secure: bool) -> Result<Judged, OtherEntity> {
    if read.entity_id != settings.idp.entity_id {
        let found = read.entity_id.chars().take(200).collect();
        return Err(OtherEntity { expected: settings.idp.entity_id.clone(), found });
    }
    let known = |one: &IdpCertificate| settings.idp.certificates.contains(one);
    let waits = |one: &IdpCertificate| settings.pending.as_ref().is_some_and(|idp| idp.certificates.contains(one));
    let new: Vec<&IdpCertificate> = read.certificates.iter().filter(|one| !known(one)).collect();
    let believed = secure
        && match settings.new_certificates {
            NewCertificates::Take => true,
            // A rollover shows the next beside the present. All of them exchanged at once looks like another party.
            NewCertificates::Rollover => read.certificates.iter().any(known),
            NewCertificates::Ask => new.is_empty(),
        };
    let seen =
        new.iter().filter(|one| believed || !waits(one)).map(|one| (one.fingerprint.clone(), believed)).collect();
    let mut after = settings.clone();
    after.pending = None;
    if believed {
        after.idp = read;
    } else if read != settings.idp {
        after.pending = Some(Box::new(read));
    }
    Ok(Judged { settings: after, seen })
}

/// Writes what a look at the metadata of a connection led to, and that it went well. What was changed while it was under way is
/// judged as it is now; a connection that has gone, or has its metadata from elsewhere by now, stays untouched.
pub fn note(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    id: ConnectionId,
    address: &str,
    read: &SamlIdp,
) -> Result<Option<OtherEntity>, DbError> {
    let Some((connection, settings)) = of_address(tx, id, address)? else { return Ok(None) };
    let judged = match judge(&settings, read.clone(), address.starts_with("https://")) {
        Ok(judged) => judged,
        Err(other) => {
            store::connections::set_check(tx, id, context.now, Some(&other.to_string()))?;
            return Ok(Some(other));
        }
    };
    store::connections::set_check(tx, id, context.now, None)?;
    if judged.settings == settings {
        return Ok(None);
    }
    for (fingerprint, accepted) in judged.seen {
        let event = Event::CertificateSeen { name: connection.slug.to_string(), fingerprint, accepted };
        context.record(tx, Some(connection.parent), None, event)?;
    }
    write(tx, context, &connection, judged.settings)?;
    Ok(None)
}

/// Notes that the metadata of a connection could not be read, and why.
pub fn note_problem(
    tx: &mut dyn Tx,
    context: &Context<'_>,
    id: ConnectionId,
    address: &str,
    problem: &str,
) -> Result<(), DbError> {
    match of_address(tx, id, address)? {
        Some(_) => store::connections::set_check(tx, id, context.now, Some(problem)),
        None => Ok(()),
    }
}

/// Why nothing was accepted.
#[derive(Debug, thiserror::Error)]
pub enum AcceptError {
    /// Accepted by somebody else, or the metadata says the old again.
    #[error("nothing waits to be accepted any more")]
    Nothing,
    /// Somebody looked at something else than what waits by now.
    #[error("the metadata has changed since this was shown; look at it again")]
    Moved,
    /// Whoever wants this does not govern the parent's identity.
    #[error(transparent)]
    Trust(TrustError),
    /// The database failed.
    #[error("the database could not do it")]
    Db(#[from] DbError),
}

/// Tells whether what waits to be accepted, and what it would take the place of, still are what somebody was shown: certificates,
/// addresses and all else that metadata says. `None` where nothing waits.
pub fn mark(settings: &SamlSettings) -> Option<String> {
    let pending = settings.pending.as_ref()?;
    Some(secrets::mark(&format!("{:?} {pending:?}", settings.idp)))
}

/// Accepts what waits, if it is still what was looked at: `shown` is its [`mark`].
pub fn accept(tx: &mut dyn Tx, context: &Context<'_>, id: ConnectionId, shown: &str) -> Result<(), AcceptError> {
    let Some((connection, settings)) = saml(tx, id)? else { return Err(AcceptError::Nothing) };
    let Some(pending) = settings.pending.clone() else { return Err(AcceptError::Nothing) };
    if mark(&settings).as_deref() != Some(shown) {
        return Err(AcceptError::Moved);
    }
    match trust::check_governs(tx, context, connection.parent) {
        Ok(()) => {}
        Err(TrustError::Db(error)) => return Err(error.into()),
        Err(error) => return Err(AcceptError::Trust(error)),
    }
    for certificate in pending.certificates.iter().filter(|one| !settings.idp.certificates.contains(one)) {
        let (name, fingerprint) = (connection.slug.to_string(), certificate.fingerprint.clone());
        context.record(tx, Some(connection.parent), None, Event::CertificateAccepted { name, fingerprint })?;
    }
    let after = SamlSettings { idp: *pending, pending: None, ..settings };
    Ok(write(tx, context, &connection, after)?)
}

fn saml(tx: &mut dyn Tx, id: ConnectionId) -> Result<Option<(Connection, SamlSettings)>, DbError> {
    let known = store::connections::by_id(tx, id)?;
    Ok(known.and_then(|connection| match &connection.protocol {
        Protocol::Saml(settings) => Some((connection.clone(), settings.clone())),
        Protocol::Oidc(_) => None,
    }))
}

fn of_address(tx: &mut dyn Tx, id: ConnectionId, address: &str) -> Result<Option<(Connection, SamlSettings)>, DbError> {
    Ok(saml(tx, id)?.filter(|(_, settings)| settings.metadata_url.as_deref() == Some(address)))
}

fn write(tx: &mut dyn Tx, context: &Context<'_>, connection: &Connection, after: SamlSettings) -> Result<(), DbError> {
    let mut changed = Connection { protocol: Protocol::Saml(after), ..connection.clone() };
    // What a test proved holds for the settings it was made with (rule B5).
    if changed.proven() != connection.proven() {
        changed.tested = None;
    }
    store::connections::update(tx, &changed)?;
    let mut differences = connection.differences(&changed);
    // How long it may be used is another with each reading.
    differences.retain(|(name, _, _)| *name != VALID_UNTIL);
    if differences.is_empty() {
        return Ok(());
    }
    trust::record(tx, context, connection, &differences)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::clock::Timestamp;

    fn certificate(name: &str) -> IdpCertificate {
        let at = Timestamp::from_millis(0);
        let (not_before, not_after) = (at, at.plus(Duration::from_secs(1000)));
        IdpCertificate { der: name.as_bytes().to_vec(), fingerprint: name.to_owned(), not_before, not_after }
    }

    fn idp(certificates: &[&str]) -> SamlIdp {
        SamlIdp {
            entity_id: "https://idp.example/".to_owned(),
            sso_redirect: Some("https://idp.example/sso".to_owned()),
            sso_post: None,
            slo_redirect: None,
            slo_response: None,
            wants_signed_requests: false,
            certificates: certificates.iter().map(|name| certificate(name)).collect(),
            valid_until: None,
        }
    }

    fn settings(new_certificates: NewCertificates) -> SamlSettings {
        SamlSettings { new_certificates, ..SamlSettings::new(idp(&["a"])) }
    }

    fn names(idp: &SamlIdp) -> Vec<&str> {
        idp.certificates.iter().map(|one| one.fingerprint.as_str()).collect()
    }

    #[test]
    fn which_new_certificates_count_at_once() {
        use NewCertificates::{Ask, Rollover, Take};
        for (policy, now, secure, counts) in [
            (Rollover, &["a", "b"][..], true, true),
            (Rollover, &["b"], true, false),
            (Rollover, &["a", "b"], false, false),
            (Ask, &["a", "b"], true, false),
            (Ask, &["a"], true, true),
            (Take, &["b"], true, true),
            (Take, &["b"], false, false),
        ] {
            let judged = judge(&settings(policy), idp(now), secure).expect("the same entity");
            let case = format!("{policy:?} {now:?} {secure}");
            if counts {
                assert_eq!((names(&judged.settings.idp), judged.settings.pending), (now.to_vec(), None), "{case}");
            } else {
                assert_eq!(names(&judged.settings.idp), ["a"], "{case}: what counted goes on counting");
                assert_eq!(judged.settings.pending.as_deref().map(names), Some(now.to_vec()), "{case}");
            }
            let expected: Vec<_> =
                now.iter().filter(|one| **one != "a").map(|one| ((*one).to_owned(), counts)).collect();
            assert_eq!(judged.seen, expected, "{case}");
        }
    }

    #[test]
    fn what_waits_is_told_once_and_goes_when_the_metadata_says_the_old_again() {
        let first = judge(&settings(NewCertificates::Ask), idp(&["a", "b"]), true).expect("the same entity");
        assert_eq!(first.seen.len(), 1);
        let again = judge(&first.settings, idp(&["a", "b"]), true).expect("the same entity");
        assert_eq!((again.seen.len(), &again.settings), (0, &first.settings));
        let back = judge(&again.settings, idp(&["a"]), true).expect("the same entity");
        assert_eq!(back.settings, settings(NewCertificates::Ask));
    }

    #[test]
    fn x111_metadata_of_a_foreign_entity_is_never_taken_over() {
        let foreign = SamlIdp { entity_id: "https://evil.example/".to_owned(), ..idp(&["a", "b"]) };
        for policy in NewCertificates::ALL.map(|(policy, _)| policy) {
            let other = judge(&settings(policy), foreign.clone(), true).expect_err("another entity");
            assert_eq!(other.found, "https://evil.example/");
        }
    }

    #[test]
    fn over_plain_http_not_even_an_address_is_believed() {
        let moved = SamlIdp { sso_redirect: Some("https://evil.example/sso".to_owned()), ..idp(&["a"]) };
        let judged = judge(&settings(NewCertificates::Take), moved.clone(), false).expect("the same entity");
        assert_eq!((judged.settings.idp, judged.settings.pending), (idp(&["a"]), Some(Box::new(moved))));
    }
}
