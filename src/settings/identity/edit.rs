use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};

use super::groups::{Meant, meant};
use super::show::{NotTaken, form, is_locked};
use super::standing::Standing;
use crate::db::{DbError, Tx};
use crate::identity::GroupKey;
use crate::organization::{AccessSettings, GroupMapping, Organization, ProvisioningMode};
use crate::product::{Product, RoleKey, SeatTypeKey};
use crate::session::Admin;
use crate::settings::change::change;
use crate::settings::overview;
use crate::settings::problems::Problems;
use crate::store;
use crate::web::failure::Failure;
use crate::web::flash::Flash;
use crate::web::form::Posted;
use crate::web::page;

/// How many mapping rows an organization may have: more than anybody keeps in mind, and few enough for a page.
const MOST_ROWS: usize = 500;

/// What the form says, before anything is made of it.
struct Sent {
    mode: String,
    mappings: bool,
    require_sso: bool,
    /// What was typed beside each role and seat type, by the name of its field.
    typed: BTreeMap<String, String>,
    /// The button.
    act: String,
}

impl Sent {
    fn read(posted: &Posted, product: &Product) -> Self {
        let roles = product.roles().iter().map(|role| format!("role-{}", role.key));
        let seats = product.seat_types().iter().map(|seat| format!("seat-{}", seat.key));
        let seats = seats.filter(|_| product.maps_seats());
        let typed = roles.chain(seats).map(|field| (field.clone(), posted.field(&field).to_owned()));
        Self {
            mode: posted.field("mode").to_owned(),
            mappings: !posted.field("mappings").is_empty(),
            require_sso: !posted.field("sso").is_empty(),
            typed: typed.filter(|(_, text)| !text.is_empty()).collect(),
            act: posted.field("act").to_owned(),
        }
    }
}

/// Why a form leads to nothing at all.
enum Refused {
    /// Rule B5.
    Locked,
    /// The mode cannot be chosen, for the reason of this text key (rule B29).
    NoScim(&'static str),
    /// No form of ours says that.
    Odd(&'static str),
    Db(DbError),
}

impl From<DbError> for Refused {
    fn from(error: DbError) -> Self {
        Self::Db(error)
    }
}

/// What was drafted, and what of it was not taken.
struct Drafted {
    changed: bool,
    wrong: BTreeMap<String, (String, &'static str)>,
}

/// `POST /admin/{organization}/identity`: changes the admin's draft, which counts for nothing until it is saved (rule B28).
pub async fn edit(request: HttpRequest, posted: Posted) -> Result<HttpResponse, Failure> {
    let admin = Admin::of(&request)?;
    let product = overview::product(&request, &admin.organization)?.clone();
    let sent = Sent::read(&posted, &product);
    let (act, here, editor) = (sent.act.clone(), super::path(&admin), super::editor(&admin));
    let organization = admin.organization.id;
    let drafted = change(&request, &admin, move |tx, context| -> Result<Drafted, Refused> {
        // As it is now, not as it was when the page was asked for.
        let organization = store::organizations::by_id(tx, organization)?.ok_or(Refused::Odd("no organization"))?;
        let standing = Standing::read(tx, &organization, context.now)?;
        if is_locked(&standing, &organization) {
            return Err(Refused::Locked);
        }
        if sent.act == "discard" {
            store::access_drafts::remove(tx, organization.id, &editor)?;
            return Ok(Drafted { changed: false, wrong: BTreeMap::new() });
        }
        let known = store::access_drafts::find(tx, organization.id, &editor)?;
        let before = known.map_or_else(|| AccessSettings::of(&organization), |(settings, _)| settings);
        let (after, wrong) = drafted(tx, &sent, &standing, &product, &organization, before)?;
        let changed = after != AccessSettings::of(&organization).in_order();
        if changed {
            store::access_drafts::put(tx, organization.id, &editor, &after, context.now)?;
        } else {
            store::access_drafts::remove(tx, organization.id, &editor)?;
        }
        Ok(Drafted { changed, wrong })
    });
    let texts = page::language(&request).texts();
    let conflict =
        |problems: Problems| NotTaken { problems, status: Some(StatusCode::CONFLICT), ..NotTaken::default() };
    match drafted.await {
        Ok(drafted) if !drafted.wrong.is_empty() => {
            let fields: BTreeMap<String, (String, String)> = drafted
                .wrong
                .into_iter()
                .map(|(field, (typed, key))| (field, (typed, texts.t(key).into_owned())))
                .collect();
            let status = Some(StatusCode::UNPROCESSABLE_ENTITY);
            form(&request, NotTaken { fields, problems: Problems::default(), status }).await
        }
        Ok(Drafted { changed: true, .. }) if act == "save" => Ok(page::see_other(&format!("{here}/preview"), &[])),
        Ok(_) if act == "save" => Ok(page::see_other(&here, &[Flash::new("flash-nothing", &[]).cookie(&request)])),
        Ok(_) if act == "discard" => {
            Ok(page::see_other(&here, &[Flash::new("flash-draft-gone", &[]).cookie(&request)]))
        }
        Ok(_) => Ok(page::see_other(&format!("{here}{}", anchor(&act)), &[])),
        Err(Refused::Locked) => form(&request, conflict(Problems::one("missing", texts.t("identity-locked")))).await,
        Err(Refused::NoScim(key)) => form(&request, conflict(Problems::one("mode-scim", texts.t(key)))).await,
        Err(Refused::Odd(what)) => Err(Failure::BadRequest(what)),
        Err(Refused::Db(error)) => Err(error.into()),
    }
}

/// The place on the page that a button belongs to.
fn anchor(act: &str) -> String {
    let mut parts = act.splitn(4, ':');
    match (parts.next(), parts.next(), parts.next()) {
        (Some("add" | "drop"), Some(kind @ ("role" | "seat")), Some(key))
            if key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_') =>
        {
            format!("#of-{kind}-{key}")
        }
        _ => "#mode".to_owned(),
    }
}

type Wrong = BTreeMap<String, (String, &'static str)>;

/// The draft after what the form says; and what was typed that is no group, or one too many.
fn drafted(
    tx: &mut dyn Tx,
    sent: &Sent,
    standing: &Standing,
    product: &Product,
    organization: &Organization,
    before: AccessSettings,
) -> Result<(AccessSettings, Wrong), Refused> {
    let mut after = AccessSettings { require_sso: sent.require_sso, ..before };
    let word = if sent.mode.is_empty() { after.mode.as_str() } else { sent.mode.as_str() };
    let mappings = sent.mappings && word != "manual";
    after.mode = ProvisioningMode::parse(word, mappings).ok_or(Refused::Odd("no such provisioning mode"))?;
    if let ProvisioningMode::Scim { .. } = after.mode
        && organization.mode.as_str() != "scim"
        && let Some(key) = standing.no_scim(product)
    {
        return Err(Refused::NoScim(key));
    }
    if let Some(dropped) = sent.act.strip_prefix("drop:") {
        drop_row(&mut after, dropped).ok_or(Refused::Odd("no such mapping"))?;
    }
    let mut wrong = Wrong::new();
    for (field, typed) in &sent.typed {
        if after.rows() >= MOST_ROWS {
            wrong.insert(field.clone(), (typed.clone(), "problem-too-many-groups"));
        } else {
            match named(tx, &after, organization, typed)? {
                Ok(group) => add_row(&mut after, field, group),
                Err(key) => drop(wrong.insert(field.clone(), (typed.clone(), key))),
            }
        }
    }
    Ok((after.in_order(), wrong))
}

/// The group that was typed: in the scim modes one that was pushed, by its id; else the exact value (rule B31).
fn named(
    tx: &mut dyn Tx,
    settings: &AccessSettings,
    organization: &Organization,
    typed: &str,
) -> Result<Result<GroupKey, &'static str>, DbError> {
    let Some(group) = GroupKey::new(typed) else { return Ok(Err("problem-group-too-long")) };
    if settings.mode.as_str() != "scim" {
        return Ok(Ok(group));
    }
    Ok(match meant(tx, organization.parent, typed)? {
        Meant::Group(id) => Ok(id),
        Meant::Nothing => Err("problem-group-not-pushed"),
        Meant::Several => Err("problem-group-several"),
    })
}

/// Rows are only ever added for fields that the product's roles and seat types have.
fn add_row(settings: &mut AccessSettings, field: &str, group: GroupKey) {
    if let Some(role) = field.strip_prefix("role-") {
        settings.mappings.roles.push(GroupMapping { group, gives: RoleKey::new(role) });
    } else if let Some(seat) = field.strip_prefix("seat-") {
        settings.mappings.seats.push(GroupMapping { group, gives: SeatTypeKey::new(seat) });
    }
}

/// Takes out the row `role:owner:GROUP`. A row that is gone already is gone.
fn drop_row(settings: &mut AccessSettings, text: &str) -> Option<()> {
    let mut parts = text.splitn(3, ':');
    let (kind, key, group) = (parts.next()?, parts.next()?, parts.next()?);
    match kind {
        "role" => {
            settings.mappings.roles.retain(|row| row.gives.as_str() != key || row.group.as_str() != group);
        }
        "seat" => {
            settings.mappings.seats.retain(|row| row.gives.as_str() != key || row.group.as_str() != group);
        }
        _ => return None,
    }
    Some(())
}
