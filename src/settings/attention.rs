use std::time::Duration;

use actix_web::HttpRequest;

use super::change::actor;
use super::identity::kept::{Previews, Standing};
use crate::calendar::{self, Kind, Nearness};
use crate::clock::Timestamp;
use crate::connection::{Connection, ConnectionStatus, Protocol};
use crate::db::{DbError, Tx};
use crate::organization::{DomainState, SyncState};
use crate::product::{Permission, Product};
use crate::session::Admin;
use crate::store;
use crate::web::language::Texts;

/// Something that an admin should look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attention {
    /// It keeps people out now, or will soon.
    pub grave: bool,
    /// What is the matter.
    pub text: String,
    /// Where it is mended, and the text key of that link.
    pub fix: Option<(String, &'static str)>,
}

/// How long before its end a certificate or secret is spoken of.
const SOON: Duration = Duration::from_secs(30 * 86_400);

/// Sign-ins are counted over this long.
const LATELY: Duration = Duration::from_secs(86_400);

/// What needs attention in an organization, as far as this admin may see it; the gravest first.
pub(super) fn of(
    tx: &mut dyn Tx,
    admin: &Admin,
    product: &Product,
    texts: Texts,
    now: Timestamp,
) -> Result<Vec<Attention>, DbError> {
    let mut found = Vec::new();
    if admin.may(Permission::Identity) {
        sign_in(tx, admin, texts, now, &mut found)?;
    }
    if admin.may(Permission::Members)
        && let Some(armed) = store::probations::armed(tx, admin.organization.id)?
    {
        let minutes = armed.ends_at.since(now).as_secs().div_ceil(60);
        let fix = Some((format!("/admin/{}/identity/confirm", admin.organization.slug), "fix-confirm"));
        found.push(Attention { grave: true, text: texts.count("attention-probation", minutes).into_owned(), fix });
    }
    people(tx, admin, product, texts, now, &mut found)?;
    found.sort_by_key(|attention| !attention.grave);
    Ok(found)
}

/// Domains and connections of the parent.
fn sign_in(
    tx: &mut dyn Tx,
    admin: &Admin,
    texts: Texts,
    now: Timestamp,
    found: &mut Vec<Attention>,
) -> Result<(), DbError> {
    let page = |path: &str, key: &'static str| Some((format!("/admin/{}/{path}", admin.organization.slug), key));
    let mut say =
        |grave: bool, text: String| found.push(Attention { grave, text, fix: page("domains", "nav-domains") });
    let domains = store::domains::of_parent(tx, admin.organization.parent)?;
    if !domains.iter().any(crate::organization::Domain::is_verified) {
        say(true, texts.t("attention-no-domain").into_owned());
    }
    for domain in &domains {
        if let DomainState::Failed = domain.state {
            say(false, texts.with("attention-domain-failed", "domain", domain.name.as_str()).into_owned());
        }
    }
    runs(tx, admin, texts, found)?;
    endings(tx, admin, texts, now, found)?;
    let mut say =
        |grave: bool, text: String| found.push(Attention { grave, text, fix: page("connections", "nav-connections") });
    let connections = store::connections::of_parent(tx, admin.organization.parent)?;
    if !connections.iter().any(|connection| connection.status == ConnectionStatus::Active) {
        say(true, texts.t("attention-no-connection").into_owned());
    }
    for connection in connections.iter().filter(|connection| connection.status == ConnectionStatus::Active) {
        let label = connection.label.as_str();
        if let Some(until) = ends(connection).filter(|until| *until < now.plus(SOON)) {
            let key = if until < now { "attention-certificate-ended" } else { "attention-certificate-ends" };
            let text = texts.fill(key, &[("connection", label), ("date", &until.date())]);
            say(until < now, text.into_owned());
        }
        if let Protocol::Saml(saml) = &connection.protocol
            && saml.pending.is_some()
        {
            say(true, texts.with("attention-certificate-pending", "connection", label).into_owned());
        }
        let check = store::connections::check(tx, connection.id)?;
        if let Some(problem) = check.and_then(|check| check.problem) {
            let values = [("connection", label), ("problem", problem.as_str())];
            say(false, texts.fill("attention-connection-problem", &values).into_owned());
        }
    }
    Ok(())
}

/// Tokens and certificates of ours that end soon; those of identity providers are told by name.
fn endings(
    tx: &mut dyn Tx,
    admin: &Admin,
    texts: Texts,
    now: Timestamp,
    found: &mut Vec<Attention>,
) -> Result<(), DbError> {
    let all = calendar::of_parent(tx, admin.organization.parent, now)?;
    let told = |kind: Kind| matches!(kind, Kind::ScimToken | Kind::OwnCertificate);
    let pressing: Vec<_> = all.iter().filter(|one| one.is_pressing() && told(one.kind)).collect();
    if !pressing.is_empty() {
        let grave = pressing.iter().any(|one| one.nearness <= Nearness::Days7);
        let fix = Some((format!("/admin/{}/certificates", admin.organization.slug), "nav-certificates"));
        let text = texts.count("attention-ends", pressing.len() as u64).into_owned();
        found.push(Attention { grave, text, fix });
    }
    Ok(())
}

/// Runs of directory sync that wait for approval, are under way, or are being taken back.
fn runs(tx: &mut dyn Tx, admin: &Admin, texts: Texts, found: &mut Vec<Attention>) -> Result<(), DbError> {
    for run in store::sync_runs::open(tx, admin.organization.id)? {
        let there = format!("/admin/{}/runs/{}", admin.organization.slug, run.id);
        if run.state == SyncState::Halted {
            let ending = store::sync_changes::count_listed(tx, run.id)?;
            let text = texts.count("run-needs-approval", ending).into_owned();
            found.push(Attention { grave: true, text, fix: Some((there, "fix-see-who")) });
        } else {
            let text = texts.t("run-under-way").into_owned();
            found.push(Attention { grave: false, text, fix: Some((there, "run-how-far")) });
        }
    }
    for run in store::sync_runs::undoing(tx, admin.organization.id)? {
        let there = format!("/admin/{}/runs/{}", admin.organization.slug, run.id);
        let text = texts.t("run-undo-under-way").into_owned();
        found.push(Attention { grave: false, text, fix: Some((there, "run-undo-how-far")) });
    }
    Ok(())
}

/// A preview of the admin's own draft that was asked for and left.
pub(super) fn preview(
    tx: &mut dyn Tx,
    request: &HttpRequest,
    admin: &Admin,
    texts: Texts,
) -> Result<Option<Attention>, DbError> {
    if !admin.may(Permission::Identity) {
        return Ok(None);
    }
    let draft = store::access_drafts::find(tx, admin.organization.id, &actor(admin).to_string())?;
    let standing = draft.and_then(|(settings, _)| {
        Previews::of(request).standing(admin, &settings, crate::session::gateway(request).now())
    });
    let key = match standing {
        None => return Ok(None),
        Some(Standing::UnderWay) => "preview-is-under-way",
        Some(Standing::Ready(_)) => "preview-is-ready",
    };
    let fix = Some((format!("/admin/{}/identity/preview", admin.organization.slug), "preview-see"));
    Ok(Some(Attention { grave: false, text: texts.t(key).into_owned(), fix }))
}

/// When what a connection's trust rests on ends: the last certificate of a SAML one, the secret of the other.
fn ends(connection: &Connection) -> Option<Timestamp> {
    match &connection.protocol {
        Protocol::Saml(saml) => saml.idp.certificates.iter().map(|certificate| certificate.not_after).max(),
        Protocol::Oidc(oidc) => oidc.client_secret_expires,
    }
}

/// People who wait, who were refused, or who are without a seat.
fn people(
    tx: &mut dyn Tx,
    admin: &Admin,
    product: &Product,
    texts: Texts,
    now: Timestamp,
    found: &mut Vec<Attention>,
) -> Result<(), DbError> {
    let (organization, slug) = (&admin.organization, &admin.organization.slug);
    let waiting = store::waiting::count(tx, organization.id)?;
    if waiting > 0 && admin.may(Permission::Billing) {
        let fix = Some((format!("/admin/{slug}/billing"), "fix-buy-seats"));
        found.push(Attention { grave: true, text: texts.count("attention-waiting", waiting).into_owned(), fix });
    } else if waiting > 0 && admin.may(Permission::Members) {
        let fix = Some((format!("/admin/{slug}/members?show=waiting"), "fix-see-who"));
        found.push(Attention { grave: true, text: texts.count("attention-waiting", waiting).into_owned(), fix });
    }
    if !admin.may(Permission::Members) {
        return Ok(());
    }
    let refused = store::audit::count_since(tx, organization.parent, "sign_in_refused", now.minus(LATELY))?;
    if refused > 0 {
        let fix = Some((format!("/admin/{slug}/events?kind=sign_in_refused"), "fix-see-why"));
        let text = texts.count("attention-refused", refused).into_owned();
        found.push(Attention { grave: false, text, fix });
    }
    let (_, without_seat) = store::members::count(tx, organization.id)?;
    if product.has_seats() && without_seat > 0 {
        let fix = Some((format!("/admin/{slug}/members?show=unassigned"), "fix-see-who"));
        found.push(Attention {
            grave: false,
            text: texts.count("attention-unassigned", without_seat).into_owned(),
            fix,
        });
    }
    Ok(())
}
