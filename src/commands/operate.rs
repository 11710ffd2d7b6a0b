use serde_json::json;

use super::events::moment;
use super::output::{Failure, remark, say};
use super::setting::{self, Setting};
use crate::audit::{Event, Thing};
use crate::config::Config;
use crate::db::DbError;
use crate::identity::EmailAddress;
use crate::login;
use crate::membership::Context;
use crate::organization::ParentOrganization;
use crate::secrets::{self, Token};
use crate::store;

/// A transaction's way of saying no.
pub(super) enum No {
    Failure(Failure),
    Db(DbError),
}

impl From<DbError> for No {
    fn from(error: DbError) -> Self {
        Self::Db(error)
    }
}

impl From<No> for Failure {
    fn from(no: No) -> Self {
        match no {
            No::Failure(failure) => failure,
            No::Db(error) => error.into(),
        }
    }
}

pub(super) fn context(config: &Config) -> Context<'_> {
    Context { now: setting::now(), catalog: &config.catalog, actor: setting::actor(), from: None, incident: None }
}

pub(super) fn recover(setting: &Setting, email: Option<&str>, json: bool) -> Result<(), Failure> {
    let config = setting.load()?;
    let email =
        email.map(|text| EmailAddress::parse(text).map_err(|error| Failure::usage(format!("{text:?}: {error}"))));
    let email = email.transpose()?;
    let db = setting::existing(&config)?;
    let (token, base) = (Token::new(), config.server.base().to_owned());
    let (hash, url) = (token.hash(), login::operator_link_url(&base, &token));
    let until = setting::now().plus(login::OPERATOR_LINK);
    db.write_blocking(move |tx| -> Result<(), DbError> {
        login::add_operator_link(tx, &context(&config), &hash, email.as_ref().map(EmailAddress::as_str))
    })?;
    if json {
        say(&json!({ "url": url, "expires_at": until.to_string() }).to_string());
    } else {
        say(&url);
        remark("Open it within 15 minutes; it works once. Whoever has it can configure everything.");
    }
    Ok(())
}

pub(super) fn new_token(
    setting: &Setting,
    parent: &str,
    name: &str,
    expires: Option<&str>,
    json: bool,
) -> Result<(), Failure> {
    let config = setting.load()?;
    let expires = expires.map(|text| moment(text, true)).transpose()?;
    if name.trim().is_empty() {
        return Err(Failure::failed("--name must not be empty"));
    }
    if expires.is_some_and(|expires| expires <= setting::now()) {
        return Err(Failure::failed("--expires lies in the past"));
    }
    let db = setting::existing(&config)?;
    let parent = setting::parent(&db, parent)?;
    let token = Token::new();
    // Hashed as text: tokens of a file are not ours to decode, and one look-up must find both.
    let (hash, name, base) =
        (secrets::sha256(token.text().as_bytes()), name.to_owned(), config.server.base().to_owned());
    let id = db.write_blocking(move |tx| -> Result<_, DbError> {
        let context = context(&config);
        store::scim_tokens::add(tx, parent.id, &name, &hash, context.now, expires)?;
        let after = expires.map_or("without end".to_owned(), |at| format!("until {at}"));
        let event = Event::Added { thing: Thing::ScimToken, name: name.clone(), after };
        context.record(tx, Some(parent.id), None, event)?;
        Ok(store::scim_tokens::by_hash(tx, &hash)?.map(|kept| kept.id))
    })?;
    if json {
        say(&json!({ "id": id, "token": token.text(), "base_url": format!("{base}/scim/v2") }).to_string());
    } else {
        say(&token.text());
        remark(&format!(
            "This is the only time it is shown. The identity provider needs it with the base URL {base}/scim/v2"
        ));
    }
    Ok(())
}

pub(super) fn list_tokens(setting: &Setting, parent: Option<&str>, json: bool) -> Result<(), Failure> {
    let config = setting.load()?;
    let db = setting::existing(&config)?;
    let only = parent.map(|slug| setting::parent(&db, slug)).transpose()?;
    let tokens = db.read(|tx| -> Result<_, DbError> {
        let parents: Vec<ParentOrganization> = match only {
            Some(parent) => vec![parent],
            None => store::organizations::parents(tx)?,
        };
        let mut all = Vec::new();
        for parent in parents {
            let tokens = store::scim_tokens::of_parent(tx, parent.id)?;
            all.extend(tokens.into_iter().map(|token| (parent.slug.clone(), token)));
        }
        Ok(all)
    })?;
    let now = setting::now();
    for (parent, token) in tokens {
        let over = token.expires_at.is_some_and(|at| at <= now);
        let expires = token.expires_at.map(|at| at.to_string());
        let used = token.last_used_at.map(|at| at.to_string());
        if json {
            let value = json!({
                "id": token.id, "parent": parent.as_str(), "name": token.name, "created_at": token.created_at.to_string(),
                "expires_at": expires, "expired": over, "last_used_at": used, "last_used_from": token.last_used_from,
            });
            say(&value.to_string());
        } else {
            let word = if over { "ended" } else { "ends" };
            let expires = expires.map_or("never ends".to_owned(), |at| format!("{word} {at}"));
            let from = token.last_used_from.map_or(String::new(), |from| format!(" from {from}"));
            let used = used.map_or("never used".to_owned(), |at| format!("used {at}{from}"));
            say(&format!("{}  {parent}  {:?}  made {}  {expires}  {used}", token.id, token.name, token.created_at));
        }
    }
    Ok(())
}

pub(super) fn revoke_token(setting: &Setting, id: i64) -> Result<(), Failure> {
    let config = setting.load()?;
    let db = setting::existing(&config)?;
    let name = db.write_blocking(move |tx| -> Result<String, No> {
        let context = context(&config);
        let Some(known) = store::scim_tokens::by_id(tx, id)? else {
            let what = format!("there is no token {id} to revoke; usher scim-token list shows the ones there are");
            return Err(No::Failure(Failure::failed(what)));
        };
        store::scim_tokens::revoke(tx, id, context.now)?;
        let event = Event::Removed { thing: Thing::ScimToken, name: known.name.clone() };
        context.record(tx, Some(known.parent), None, event)?;
        Ok(known.name)
    })?;
    say(&format!("token {id} ({name}) is revoked"));
    Ok(())
}
