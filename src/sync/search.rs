//! Lists: by an index where the filter names something that has one, by pages where there is neither filter nor order, else by looking
//! at every resource of the directory, on a thread that may take its time and at the token's cost.

use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Map, Value};

use super::call::{Answer, Call, No};
use super::read;
use crate::db::{DbError, Tx};
use crate::directory::{DirectoryGroup, DirectoryUser, GroupMember};
use crate::identity::EmailAddress;
use crate::ids::{DirectoryGroupId, DirectoryUserId, ParentId};
use crate::scim::filter::{Exact, Filter};
use crate::scim::list::{Cursor, Found, Page, Query, Search, SortKey};
use crate::scim::schema::{GROUPS, Resource, USERS};
use crate::scim::{Kind, ScimError, redacted};
use crate::store;
use crate::web::failure::Failure;

/// How many resources one request may look at.
const SCAN_LIMIT: u64 = 250_000;

/// How many resources are read at a time.
const SLICE: u32 = 500;

/// How many members all groups of a page show together; a page ends early rather than growing without end (RFC 7644 §3.4.2.4 lets it).
const MEMBERS_PER_PAGE: u64 = 50_000;

/// `GET /Users`.
pub async fn users(request: HttpRequest) -> Result<HttpResponse, Failure> {
    by_get(request, &[Of::Users]).await
}

/// `GET /Groups`.
pub async fn groups(request: HttpRequest) -> Result<HttpResponse, Failure> {
    by_get(request, &[Of::Groups]).await
}

/// `GET /`: users, then groups (RFC 7644 §3.4.2.1).
pub async fn everything(request: HttpRequest) -> Result<HttpResponse, Failure> {
    by_get(request, &[Of::Users, Of::Groups]).await
}

/// `POST /Users/.search`.
pub async fn users_by_post(request: HttpRequest, payload: Payload) -> Result<HttpResponse, Failure> {
    by_post(request, payload, &[Of::Users]).await
}

/// `POST /Groups/.search`.
pub async fn groups_by_post(request: HttpRequest, payload: Payload) -> Result<HttpResponse, Failure> {
    by_post(request, payload, &[Of::Groups]).await
}

/// `POST /.search`: users, then groups.
pub async fn everything_by_post(request: HttpRequest, payload: Payload) -> Result<HttpResponse, Failure> {
    by_post(request, payload, &[Of::Users, Of::Groups]).await
}

async fn by_get(request: HttpRequest, of: &'static [Of]) -> Result<HttpResponse, Failure> {
    let call = Call::of(&request)?;
    let answer = list(&call, &call.query, of).await;
    Ok(call.answer(answer))
}

async fn by_post(request: HttpRequest, payload: Payload, of: &'static [Of]) -> Result<HttpResponse, Failure> {
    let mut call = Call::of(&request)?;
    let query = call.resource(payload).await.and_then(Query::of_body);
    let answer = match query {
        Ok(query) => list(&call, &query, of).await,
        Err(error) => Err(error),
    };
    Ok(call.answer(answer))
}

async fn list(call: &Call, query: &Query, of: &'static [Of]) -> Result<Answer, ScimError> {
    let searches = searches(query, of)?;
    let (parent, base) = (call.parent(), call.base.clone());
    let one_by_index =
        matches!(&searches[..], [(_, search)] if search.filter.as_ref().is_some_and(|filter| filter.exact().is_some()));
    let look = move |tx: &mut dyn Tx| -> Result<(Found, u64), No> {
        let mut directory = Directory { tx, parent, base: &base, looked_at: 0, members_shown: 0 };
        let found = match &searches[..] {
            [(of, search)] => directory.page(*of, search)?,
            several => directory.all(several)?,
        };
        Ok((found, directory.looked_at))
    };
    let (found, looked_at) =
        if one_by_index { call.gateway.db.read(look)? } else { call.gateway.db.read_heavy(look).await? };
    call.gateway.pushes.charge(call.pusher.token, looked_at / 200);
    let names: Vec<&str> = of.iter().map(|of| of.resource().name).collect();
    let filter =
        query.filter.as_deref().map_or(String::new(), |filter| format!(" where {}", redacted::expression(filter)));
    let understood = format!("list {}{filter}", names.join(" and "));
    let effect = format!("{} of {}", found.resources.len(), found.total);
    Ok(Answer { effect, ..Answer::ok(found.body(), understood) })
}

/// The query for each kind. Of several kinds, those are left out that do not have what the filter looks at.
fn searches(query: &Query, of: &'static [Of]) -> Result<Vec<(Of, Search)>, ScimError> {
    let mut read = Vec::new();
    let mut refused = None;
    for of in of {
        match query.read(of.resource()) {
            Ok(search) => read.push((*of, search)),
            Err(error) if matches!(error.kind, Kind::Filter | Kind::Path | Kind::Cursor) => refused = Some(error),
            Err(error) => return Err(error),
        }
    }
    match refused {
        Some(error) if read.is_empty() => Err(error),
        Some(_) | None => Ok(read),
    }
}

/// Of which kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Of {
    Users,
    Groups,
}

impl Of {
    fn resource(self) -> &'static Resource {
        match self {
            Self::Users => &USERS,
            Self::Groups => &GROUPS,
        }
    }
}

/// A user or a group as held.
enum Row {
    User(DirectoryUser),
    Group(DirectoryGroup),
}

impl Row {
    fn id(&self) -> i64 {
        match self {
            Self::User(user) => user.id.0,
            Self::Group(group) => group.id.0,
        }
    }
}

/// One directory, being looked through.
struct Directory<'a> {
    tx: &'a mut dyn Tx,
    parent: ParentId,
    base: &'a str,
    looked_at: u64,
    members_shown: u64,
}

impl Directory<'_> {
    /// A page of one kind.
    fn page(&mut self, of: Of, search: &Search) -> Result<Found, No> {
        if let Some(exact) = search.filter.as_ref().and_then(Filter::exact)
            && let Some(candidates) = self.candidates(of, &exact)?
        {
            let mut matching = Vec::new();
            for row in candidates {
                matching.extend(self.matching(search, row)?);
            }
            return self.of_few(search, matching);
        }
        match (&search.filter, &search.sort) {
            (None, None) => self.of_all(of, search),
            (Some(_), None) => self.scanned(of, search),
            (_, Some(_)) => self.sorted(of, search),
        }
    }

    /// Pages by row, the rest never read.
    fn of_all(&mut self, of: Of, search: &Search) -> Result<Found, No> {
        let total = self.count(of)?;
        let limit = u32::try_from(search.count).unwrap_or(u32::MAX);
        let (rows, start) = match search.page {
            _ if limit == 0 => (Vec::new(), Some(1)),
            Page::From(start) => (self.at(of, start as u64 - 1, limit)?, Some(start)),
            Page::Cursor(cursor) => (self.after(of, row_of(cursor), limit)?, None),
        };
        let (mut last, full) = (None, rows.len() == search.count);
        let mut found = Found { total, start, ..Found::default() };
        let mut all_shown = true;
        for row in rows {
            if !self.has_room(search, &row, found.resources.is_empty()) {
                all_shown = false;
                break;
            }
            last = Some(row.id());
            found.resources.push(self.shown(search, &row)?);
        }
        if let (Page::Cursor(_), Some(row), true) = (search.page, last, full || !all_shown) {
            found.next = Some(search.cursor(Cursor::After { row, total }));
        }
        Ok(found)
    }

    /// Looks at everybody, in the order in which they came.
    fn scanned(&mut self, of: Of, search: &Search) -> Result<Found, No> {
        let (mut after, known_total, first) = match search.page {
            Page::From(start) => (0, None, start),
            Page::Cursor(Cursor::After { row, total }) => (row, Some(total), 1),
            Page::Cursor(_) => (0, None, 1),
        };
        let start = match search.page {
            Page::From(start) => Some(start),
            Page::Cursor(_) => None,
        };
        let mut found = Found { start, ..Found::default() };
        let (mut matched, mut last, mut more, mut open) = (0u64, 0, false, search.count > 0);
        'all: loop {
            let rows = self.slice(of, after)?;
            let Some(end) = rows.last().map(Row::id) else { break };
            after = end;
            for row in rows {
                let Some(row) = self.matching(search, row)? else { continue };
                matched += 1;
                if matched < first as u64 {
                    continue;
                }
                open = open
                    && found.resources.len() < search.count
                    && self.has_room(search, &row, found.resources.is_empty());
                if open {
                    last = row.id();
                    found.resources.push(self.shown(search, &row)?);
                } else {
                    more = true;
                    if known_total.is_some() {
                        break 'all;
                    }
                }
            }
        }
        found.total = known_total.unwrap_or(matched);
        if let (Page::Cursor(_), true, false) = (search.page, more, found.resources.is_empty()) {
            found.next = Some(search.cursor(Cursor::After { row: last, total: found.total }));
        }
        Ok(found)
    }

    /// Looks at everybody, keeps what they are sorted by, and reads the page again.
    fn sorted(&mut self, of: Of, search: &Search) -> Result<Found, No> {
        let Some(sort) = &search.sort else { return self.scanned(of, search) };
        let mut keys: Vec<(Option<SortKey>, i64)> = Vec::new();
        let mut after = 0;
        loop {
            let rows = self.slice(of, after)?;
            let Some(end) = rows.last().map(Row::id) else { break };
            after = end;
            for row in rows {
                if let Some(row) = self.matching(search, row)? {
                    let whole = self.whole(&row, sort.names("groups"), sort.names("members"), None)?;
                    keys.push((sort.key(&whole), row.id()));
                }
            }
        }
        keys.sort_by(|one, other| sort.compare(&one.0, &other.0).then(one.1.cmp(&other.1)));
        let (skip, start) = skipped(search.page);
        let mut found = Found { total: keys.len() as u64, start, ..Found::default() };
        for (_, id) in keys.iter().skip(skip).take(search.count) {
            let Some(row) = self.row(of, *id)? else { continue };
            if !self.has_room(search, &row, found.resources.is_empty()) {
                break;
            }
            found.resources.push(self.shown(search, &row)?);
        }
        self.next_of_sorted(search, skip, &mut found);
        Ok(found)
    }

    /// What an index found: sorted and cut here.
    fn of_few(&mut self, search: &Search, mut matching: Vec<Row>) -> Result<Found, No> {
        if let Some(sort) = &search.sort {
            let mut keyed = Vec::with_capacity(matching.len());
            for row in matching {
                keyed.push((sort.key(&self.whole(&row, sort.names("groups"), sort.names("members"), None)?), row));
            }
            keyed.sort_by(|one, other| sort.compare(&one.0, &other.0));
            matching = keyed.into_iter().map(|(_, row)| row).collect();
        }
        let (skip, start) = skipped(search.page);
        let mut found = Found { total: matching.len() as u64, start, ..Found::default() };
        for row in matching.iter().skip(skip).take(search.count) {
            if !self.has_room(search, row, found.resources.is_empty()) {
                break;
            }
            found.resources.push(self.shown(search, row)?);
        }
        self.next_of_sorted(search, skip, &mut found);
        Ok(found)
    }

    fn next_of_sorted(&self, search: &Search, skip: usize, found: &mut Found) {
        let end = skip + found.resources.len();
        if matches!(search.page, Page::Cursor(_)) && !found.resources.is_empty() && (end as u64) < found.total {
            found.next = Some(search.cursor(Cursor::Skip(end)));
        }
    }

    /// Of several kinds, one after the other; each is asked for the places that the ones before it leave.
    fn all(&mut self, searches: &[(Of, Search)]) -> Result<Found, No> {
        let first = searches.first().map(|(_, search)| search);
        let Some(Page::From(start)) = first.map(|search| search.page) else {
            let detail = "a query across kinds of resources has no cursor: use startIndex, or ask /Users and /Groups";
            return Err(No::Scim(ScimError::new(Kind::Value, detail)));
        };
        if first.is_some_and(|search| search.sort.is_some()) {
            let detail = "a query across kinds of resources has no order: ask /Users and /Groups";
            return Err(No::Scim(ScimError::new(Kind::Value, detail)));
        }
        let mut found = Found { start: Some(start), ..Found::default() };
        for (of, search) in searches {
            let before = usize::try_from(found.total).unwrap_or(usize::MAX);
            let mut part = search.clone();
            part.page = Page::From(start.saturating_sub(before).max(1));
            part.count = search.count - found.resources.len();
            let part = self.page(*of, &part)?;
            found.total += part.total;
            found.resources.extend(part.resources);
        }
        Ok(found)
    }

    fn count(&mut self, of: Of) -> Result<u64, DbError> {
        let directory = store::directory::of_parent(self.tx, self.parent)?;
        Ok(directory.map_or(0, |directory| match of {
            Of::Users => directory.users,
            Of::Groups => directory.groups,
        }))
    }

    fn at(&mut self, of: Of, offset: u64, limit: u32) -> Result<Vec<Row>, DbError> {
        let (tx, parent) = (&mut *self.tx, self.parent);
        self.looked_at += u64::from(limit);
        Ok(match of {
            Of::Users => {
                store::directory_users::page_at(tx, parent, offset, limit)?.into_iter().map(Row::User).collect()
            }
            Of::Groups => {
                store::directory_groups::page_at(tx, parent, offset, limit)?.into_iter().map(Row::Group).collect()
            }
        })
    }

    fn after(&mut self, of: Of, row: i64, limit: u32) -> Result<Vec<Row>, DbError> {
        let (tx, parent) = (&mut *self.tx, self.parent);
        self.looked_at += u64::from(limit);
        Ok(match of {
            Of::Users => {
                let page = store::directory_users::page_after(tx, parent, DirectoryUserId(row), limit)?;
                page.into_iter().map(Row::User).collect()
            }
            Of::Groups => {
                let page = store::directory_groups::page_after(tx, parent, DirectoryGroupId(row), limit)?;
                page.into_iter().map(Row::Group).collect()
            }
        })
    }

    /// The next rows of a look at everybody.
    fn slice(&mut self, of: Of, after: i64) -> Result<Vec<Row>, No> {
        if self.looked_at >= SCAN_LIMIT {
            let detail =
                "the filter would have to look at too many resources; filter by userName, externalId, emails or id";
            return Err(No::Scim(ScimError::new(Kind::TooMany, detail)));
        }
        Ok(self.after(of, after, SLICE)?)
    }

    fn row(&mut self, of: Of, id: i64) -> Result<Option<Row>, DbError> {
        Ok(match of {
            Of::Users => store::directory_users::by_id(self.tx, DirectoryUserId(id))?.map(Row::User),
            Of::Groups => store::directory_groups::by_id(self.tx, DirectoryGroupId(id))?.map(Row::Group),
        })
    }

    /// What an index finds, oldest first; `None` if there is no index for it.
    fn candidates(&mut self, of: Of, exact: &Exact) -> Result<Option<Vec<Row>>, DbError> {
        let (tx, parent) = (&mut *self.tx, self.parent);
        let rows: Vec<Row> = match (of, exact) {
            (Of::Users, Exact::Id(id)) => {
                store::directory_users::by_public_id(tx, parent, id)?.into_iter().map(Row::User).collect()
            }
            (Of::Users, Exact::UserName(name)) => {
                store::directory_users::by_user_name(tx, parent, name)?.into_iter().map(Row::User).collect()
            }
            (Of::Users, Exact::ExternalId(id)) => {
                store::directory_users::by_external_id(tx, parent, id)?.into_iter().map(Row::User).collect()
            }
            (Of::Users, Exact::Email(key)) => self.users_with_address(key)?.into_iter().map(Row::User).collect(),
            (Of::Groups, Exact::Id(id)) => {
                store::directory_groups::by_public_id(tx, parent, id)?.into_iter().map(Row::Group).collect()
            }
            (Of::Groups, Exact::DisplayName(name)) => {
                store::directory_groups::by_display_name(tx, parent, name)?.into_iter().map(Row::Group).collect()
            }
            (Of::Groups, Exact::ExternalId(id)) => {
                store::directory_groups::by_external_id(tx, parent, id)?.into_iter().map(Row::Group).collect()
            }
            (Of::Groups, Exact::Member(id)) => {
                let mut groups = Vec::new();
                if let Some(user) = store::directory_users::id_of(tx, parent, id)? {
                    for group in store::directory_memberships::groups_of_user(tx, user)? {
                        groups.extend(store::directory_groups::by_id(tx, group.id)?.map(Row::Group));
                    }
                }
                groups
            }
            (Of::Users, Exact::DisplayName(_) | Exact::Member(_))
            | (Of::Groups, Exact::UserName(_) | Exact::Email(_)) => return Ok(None),
        };
        self.looked_at += rows.len() as u64;
        Ok(Some(rows))
    }

    fn users_with_address(&mut self, key: &str) -> Result<Vec<DirectoryUser>, DbError> {
        let mut ids = store::directory_addresses::users_with(self.tx, self.parent, key)?;
        if let Ok(email) = EmailAddress::parse(key)
            && let Some(user) = store::directory_users::facts_by_email(self.tx, self.parent, &email)?
            && !ids.contains(&user.id)
        {
            ids.push(user.id);
        }
        ids.sort_unstable();
        let mut users = Vec::with_capacity(ids.len());
        for id in ids {
            users.extend(store::directory_users::by_id(self.tx, id)?);
        }
        Ok(users)
    }

    /// The row, if it passes the filter.
    fn matching(&mut self, search: &Search, row: Row) -> Result<Option<Row>, No> {
        let Some(filter) = &search.filter else { return Ok(Some(row)) };
        let members = filter.names("members");
        let only = if members { filter.members_compared() } else { None };
        let whole = self.whole(&row, filter.names("groups"), members, only)?;
        Ok(filter.matches(&whole).then_some(row))
    }

    /// A resource with what filters and orders look at. `only`: the members that matter, where the others need not be read.
    fn whole(
        &mut self,
        row: &Row,
        groups: bool,
        members: bool,
        only: Option<Vec<String>>,
    ) -> Result<Map<String, Value>, No> {
        Ok(match row {
            Row::User(user) => {
                let groups =
                    if groups { store::directory_memberships::groups_of_user(self.tx, user.id)? } else { Vec::new() };
                read::whole_user(self.base, user, &groups)?
            }
            Row::Group(group) => {
                let members = match (members, only) {
                    (false, _) => None,
                    (true, None) => Some(read::members(self.tx, group)?),
                    (true, Some(ids)) => Some(self.those_in(group, ids)?),
                };
                self.looked_at += members.as_ref().map_or(0, |members| members.len() as u64);
                read::whole_group(self.base, group, members.as_deref(), true)?
            }
        })
    }

    fn those_in(&mut self, group: &DirectoryGroup, ids: Vec<String>) -> Result<Vec<GroupMember>, DbError> {
        let mut members = Vec::new();
        for public_id in ids {
            let Some(id) = store::directory_users::id_of(self.tx, self.parent, &public_id)? else { continue };
            if store::directory_memberships::is_member(self.tx, group.id, id)? {
                members.push(GroupMember { id, public_id, display: String::new() });
            }
        }
        Ok(members)
    }

    /// Whether a page has room for this resource, too.
    fn has_room(&mut self, search: &Search, row: &Row, first: bool) -> bool {
        let Row::Group(group) = row else { return true };
        if search.projection.shows("members") {
            self.members_shown += group.members;
            self.looked_at += group.members / 10;
        }
        first || self.members_shown <= MEMBERS_PER_PAGE
    }

    /// A resource as the client asked for it.
    fn shown(&mut self, search: &Search, row: &Row) -> Result<Map<String, Value>, No> {
        let shown = match row {
            Row::User(user) => {
                // The version depends on the groups, and is shown unless meta is not.
                let wanted = search.projection.shows("groups") || search.projection.shows("meta");
                let groups =
                    if wanted { store::directory_memberships::groups_of_user(self.tx, user.id)? } else { Vec::new() };
                read::user(self.base, user, &groups, &search.projection)?
            }
            Row::Group(group) => read::group(self.tx, self.base, group, &search.projection)?,
        };
        match shown {
            Value::Object(shown) => Ok(shown),
            _ => Err(No::Scim(ScimError::new(Kind::Internal, "a resource is no object"))),
        }
    }
}

fn row_of(cursor: Cursor) -> i64 {
    match cursor {
        Cursor::After { row, .. } => row,
        Cursor::Start | Cursor::Skip(_) => 0,
    }
}

/// How many sorted matches come before the page, and the place told to the client.
fn skipped(page: Page) -> (usize, Option<usize>) {
    match page {
        Page::From(start) => (start - 1, Some(start)),
        Page::Cursor(Cursor::Skip(places)) => (places, None),
        Page::Cursor(Cursor::Start | Cursor::After { .. }) => (0, None),
    }
}
