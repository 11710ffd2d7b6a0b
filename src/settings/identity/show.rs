use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::groups::Groups;
use super::kept::{self, Previews};
use super::standing::{ConnectionLine, DomainLine, Missing, Standing};
use crate::clock::Timestamp;
use crate::db::DbError;
use crate::identity::GroupKey;
use crate::organization::{AccessSettings, GroupMapping, Organization, SyncRun, SyncState};
use crate::product::Product;
use crate::session::{self, Admin};
use crate::settings::frame::{Nav, When};
use crate::settings::overview;
use crate::settings::problems::Problems;
use crate::settings::runs::list::{RunLine, is_synced};
use crate::store;
use crate::web::failure::Failure;
use crate::web::language::Texts;
use crate::web::page::{self, Frame};

/// Identity and access.
#[derive(Template)]
#[template(path = "settings/identity.html")]
pub struct IdentityPage {
    /// What all pages share.
    pub frame: Frame,
    /// What the settings pages share.
    pub nav: Nav,
    /// What comes first (rule B5); with anything here, nothing can be changed.
    pub missing: Vec<Missing>,
    /// Nothing can be changed before that.
    pub locked: bool,
    /// When a change is taken back that waits to be confirmed.
    pub probation: Option<When>,
    /// A run of directory sync waits for approval.
    pub halted: bool,
    /// Where a run of directory sync is that is under way.
    pub under_way: Option<String>,
    /// What saving the draft would do was asked for: it is being worked out, or was.
    pub preview: Option<kept::Standing>,
    /// The parent's domains.
    pub domains: Vec<DomainLine>,
    /// The parent's connections.
    pub connections: Vec<ConnectionLine>,
    /// Since when there is a draft that is not saved.
    pub draft: Option<When>,
    /// The provisioning modes.
    pub modes: Vec<ModeChoice>,
    /// Groups decide, or would as soon as a mode allows it.
    pub mappings: bool,
    /// What each role is given by.
    pub roles: Vec<RowsOf>,
    /// What each seat type is given by; none where there is no choice (rules B2, B3).
    pub seats: Vec<RowsOf>,
    /// The groups to choose from.
    pub offered: Vec<Offered>,
    /// How many these are.
    pub offered_count: u64,
    /// There are more.
    pub more_groups: bool,
    /// The groups are those of the directory.
    pub pushed: bool,
    /// Some connection's groups matter for what is drafted.
    pub asserted: bool,
    /// Only sessions through an active connection count.
    pub require_sso: bool,
    /// The directory, where there can be one.
    pub directory: Option<DirectoryRow>,
    /// What is wrong with what was sent.
    pub problems: Problems,
}

/// A provisioning mode to choose.
pub struct ModeChoice {
    /// Names it in the form.
    pub value: &'static str,
    /// The text key of its name.
    pub label: &'static str,
    /// The text key of what it does.
    pub what: &'static str,
    /// It is the one.
    pub chosen: bool,
    /// The text key of why it cannot be chosen.
    pub refused: Option<&'static str>,
}

/// The groups that give one role or seat type.
pub struct RowsOf {
    /// Names the field to add one: `role-owner`.
    pub field: String,
    /// What the button to add one sends: `role:owner`.
    pub act: String,
    /// The role's or seat type's name.
    pub label: String,
    /// The groups.
    pub rows: Vec<MappingRow>,
    /// What was typed and not taken.
    pub typed: String,
    /// What is wrong with it.
    pub problem: Option<String>,
}

/// A group that gives something.
pub struct MappingRow {
    /// What a button sends to remove it.
    pub act: String,
    /// The value, as it is kept.
    pub value: String,
    /// What the group is called, where that is not its value.
    pub name: Option<String>,
    /// What is known of it: how many people it gives this, and how old that is.
    pub told: String,
    /// Nothing is known of such a group.
    pub unknown: bool,
}

/// A group to choose.
pub struct Offered {
    /// What is kept.
    pub value: String,
    /// What it is called.
    pub name: String,
    /// How many people are in it.
    pub people: u64,
    /// When it was last seen.
    pub seen: Option<When>,
}

/// The row about directory sync.
pub struct DirectoryRow {
    /// The identity provider has asked with a token.
    pub set_up: bool,
    /// Users held.
    pub users: u64,
    /// Groups held.
    pub groups: u64,
    /// The latest change.
    pub last_push: Option<When>,
    /// The organization follows it: what *Sync now* needs.
    pub sync: Option<SyncNow>,
}

/// *Sync now*, and what the last run came to.
pub struct SyncNow {
    /// The mark of the latest run, so that the button pressed twice begins one.
    pub seen: String,
    /// The latest run.
    pub last: Option<RunLine>,
}

/// What was sent and not taken: by the name of the field, what was typed and what is wrong with it.
#[derive(Default)]
pub(super) struct NotTaken {
    pub(super) fields: BTreeMap<String, (String, String)>,
    pub(super) problems: Problems,
    pub(super) status: Option<StatusCode>,
}

/// `GET /admin/{organization}/identity`
pub async fn show(request: HttpRequest) -> Result<HttpResponse, Failure> {
    form(&request, NotTaken::default()).await
}

/// What the page is made of.
struct Looked {
    standing: Standing,
    settings: AccessSettings,
    draft: Option<Timestamp>,
    groups: Groups,
    probation: Option<Timestamp>,
    open: Vec<SyncRun>,
    latest: Option<SyncRun>,
    last: Option<RunLine>,
}

/// The page, with the admin's draft where there is one.
pub(super) async fn form(request: &HttpRequest, not_taken: NotTaken) -> Result<HttpResponse, Failure> {
    let (gateway, admin) = (session::gateway(request), Admin::of(request)?);
    let product = overview::product(request, &admin.organization)?;
    let (organization, editor, now) = (admin.organization.clone(), super::editor(&admin), gateway.now());
    let (looker, texts) = (admin.clone(), page::language(request).texts());
    let read = gateway.db.read_heavy(move |tx| -> Result<_, DbError> {
        let standing = Standing::read(tx, &organization, now)?;
        let draft = store::access_drafts::find(tx, organization.id, &editor)?;
        let (settings, draft) = match draft {
            Some((settings, at)) => (settings, Some(at)),
            None => (AccessSettings::of(&organization), None),
        };
        let groups = Groups::read(tx, &organization, &settings)?;
        let probation = store::probations::armed(tx, organization.id)?.map(|armed| armed.ends_at);
        let open = store::sync_runs::open(tx, organization.id)?;
        let latest = store::sync_runs::latest(tx, organization.id, 1)?.pop();
        let last = latest.as_ref().map(|run| RunLine::of(tx, &looker, run, texts)).transpose()?;
        Ok(Looked { standing, settings, draft, groups, probation, open, latest, last })
    });
    let looked = read.await?;
    let status = not_taken.status.unwrap_or(StatusCode::OK);
    let page = page_of(request, &admin, product, looked, not_taken)?;
    page::html(status, &page, &[])
}

fn page_of(
    request: &HttpRequest,
    admin: &Admin,
    product: &Product,
    looked: Looked,
    not_taken: NotTaken,
) -> Result<IdentityPage, Failure> {
    let frame = Frame::of(request);
    let Looked { standing, settings, draft, groups, probation, open, latest, last } = looked;
    let organization = &admin.organization;
    let pushed = settings.mode.as_str() == "scim";
    let tables = Tables { groups: &groups, texts: frame.texts, pushed, not_taken: &not_taken };
    let roles = product.roles().iter().map(|role| {
        let rows = settings.mappings.roles.iter().filter(|row| row.gives == role.key);
        tables.rows_of("role", role.key.as_str(), &role.label, rows)
    });
    let seat_types = if product.maps_seats() { product.seat_types() } else { &[] };
    let seats = seat_types.iter().map(|seat| {
        let rows = settings.mappings.seats.iter().filter(|row| row.gives == seat.key);
        tables.rows_of("seat", seat.key.as_str(), &seat.label, rows)
    });
    let directory = standing.offers_scim(product).then(|| {
        let known = standing.directory.as_ref();
        DirectoryRow {
            set_up: standing.has_directory(),
            users: known.map_or(0, |known| known.users),
            groups: known.map_or(0, |known| known.groups),
            last_push: known.and_then(|known| known.last_push).map(When),
            sync: is_synced(organization)
                .then(|| SyncNow { seen: latest.as_ref().map_or(0, |run| run.id.0).to_string(), last }),
        }
    });
    let is = |state: SyncState| open.iter().find(|run| run.state == state);
    let offered: Vec<Offered> = groups
        .offered()
        .into_iter()
        .map(|(value, group)| Offered {
            value: value.clone(),
            name: group.name.clone().unwrap_or_else(|| value.clone()),
            people: group.people,
            seen: group.seen.map(When),
        })
        .collect();
    Ok(IdentityPage {
        nav: Nav::of(request, admin, "nav-identity")?,
        missing: standing.missing(admin),
        locked: is_locked(&standing, organization),
        probation: probation.map(When),
        halted: is(SyncState::Halted).is_some(),
        under_way: is(SyncState::Running).map(|run| format!("/admin/{}/runs/{}", organization.slug, run.id)),
        preview: draft.and_then(|_| Previews::of(request).standing(admin, &settings, session::gateway(request).now())),
        domains: standing.domain_lines(),
        connections: standing.connection_lines(admin),
        draft: draft.map(When),
        modes: modes(&standing, product, &settings),
        mappings: settings.mode.has_group_mappings(),
        roles: roles.collect(),
        seats: seats.collect(),
        offered_count: offered.len() as u64,
        offered,
        more_groups: groups.more,
        pushed,
        asserted: settings.mode.as_str() == "jit" && settings.mode.has_group_mappings(),
        require_sso: settings.require_sso,
        directory,
        problems: not_taken.problems,
        frame,
    })
}

/// Rule B5: before a domain is verified and a connection lets people in, nothing can be chosen. Whoever has chosen already can still
/// go back to manual.
pub(super) fn is_locked(standing: &Standing, organization: &Organization) -> bool {
    !standing.is_ready() && organization.mode.as_str() == "manual"
}

fn modes(standing: &Standing, product: &Product, settings: &AccessSettings) -> Vec<ModeChoice> {
    let choice = |value: &'static str, label, what, refused: Option<&'static str>| ModeChoice {
        value,
        label,
        what,
        chosen: settings.mode.as_str() == value,
        refused,
    };
    vec![
        choice("manual", "mode-manual", "mode-manual-what", None),
        choice("jit", "mode-jit", "mode-jit-what", None),
        choice("scim", "mode-scim", "mode-scim-what", standing.no_scim(product)),
    ]
}

struct Tables<'a> {
    groups: &'a Groups,
    texts: Texts,
    pushed: bool,
    not_taken: &'a NotTaken,
}

impl Tables<'_> {
    fn rows_of<'r, K: 'r>(
        &self,
        kind: &str,
        key: &str,
        label: &str,
        rows: impl Iterator<Item = &'r GroupMapping<K>>,
    ) -> RowsOf {
        let field = format!("{kind}-{key}");
        let not_taken = self.not_taken.fields.get(&field);
        RowsOf {
            act: format!("{kind}:{key}"),
            label: label.to_owned(),
            rows: rows.map(|row| self.row(&format!("drop:{kind}:{key}:{}", row.group), &row.group)).collect(),
            typed: not_taken.map(|(typed, _)| typed.chars().take(1024).collect()).unwrap_or_default(),
            problem: not_taken.map(|(_, problem)| problem.clone()),
            field,
        }
    }

    fn row(&self, act: &str, group: &GroupKey) -> MappingRow {
        let known = self.groups.of(group);
        let told = match known {
            Some(known) => match known.seen {
                Some(at) => {
                    let date = at.date();
                    let people = self.texts.count("group-people", known.people);
                    format!("{people}, {}", self.texts.with("group-last-seen", "date", &date))
                }
                None => self.texts.count("group-people", known.people).into_owned(),
            },
            None if self.pushed => self.texts.t("group-not-pushed").into_owned(),
            None => self.texts.t("group-not-seen").into_owned(),
        };
        MappingRow {
            act: act.to_owned(),
            value: group.to_string(),
            name: known.and_then(|known| known.name.clone()),
            told,
            unknown: known.is_none(),
        }
    }
}
