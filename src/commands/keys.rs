use serde_json::json;

use super::arguments::KeysCommand;
use super::operate::{No, context};
use super::output::{Failure, remark, say};
use super::setting::{self, Setting};
use crate::clock::SystemClock;
use crate::config::Config;
use crate::db::{Open, Tx};
use crate::gateway;
use crate::membership::Context;
use crate::rollover::keys::{self, KeyError, KeyState, KnownKey};

impl From<KeyError> for No {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::Db(error) => Self::Db(error),
            error => Self::Failure(Failure::failed(format!("{error}; usher keys list shows them"))),
        }
    }
}

pub(super) fn run(setting: &Setting, command: KeysCommand) -> Result<(), Failure> {
    let config = setting.load()?;
    match command {
        KeysCommand::List { json } => list(&config, json),
        KeysCommand::Add => add(&config),
        KeysCommand::Use { kid } => take_into_use(config, kid),
        KeysCommand::Retire { kid } => {
            change(config, kid.clone(), keys::retire)?;
            say(&format!("{kid} is retired"));
            Ok(())
        }
    }
}

fn known(config: &Config) -> Result<Vec<KnownKey>, Failure> {
    Ok(setting::existing(config)?.read_one(|tx| keys::list(tx))?)
}

fn list(config: &Config, json: bool) -> Result<(), Failure> {
    for key in known(config)? {
        let (state, fingerprint) = (key.state.as_str(), &key.fingerprint);
        if json {
            let value = json!({
                "kid": key.kid, "state": state, "created_at": key.created_at.to_string(),
                "used_since": key.used_since.map(|at| at.to_string()),
                "fingerprint": fingerprint, "not_after": key.not_after.to_string(),
            });
            say(&value.to_string());
        } else {
            let state = state.replace('_', " ");
            say(&format!(
                "{}  {state:8}  made {}  ends {}  {fingerprint}",
                key.kid,
                key.created_at,
                key.not_after.date()
            ));
        }
    }
    Ok(())
}

fn add(config: &Config) -> Result<(), Failure> {
    let opened = gateway::open(config, &SystemClock, Open::Command)?;
    let key = gateway::new_saml_key(&opened.sealer, config.server.base(), setting::now())?;
    let (config, made) = (config.clone(), key.clone());
    opened.db.write_blocking(move |tx| keys::add(tx, &context(&config), &made).map_err(No::from))?;
    say(&key.kid);
    remark(
        "It is in our metadata beside the one in use. Let every identity provider read our metadata again, then run usher keys use.",
    );
    Ok(())
}

fn take_into_use(config: Config, kid: Option<String>) -> Result<(), Failure> {
    let next = known(&config)?.into_iter().find(|key| key.state == KeyState::Next).map(|key| key.kid);
    let none = || Failure::failed("there is no next key; usher keys add makes one");
    let kid = kid.or(next).ok_or_else(none)?;
    change(config, kid.clone(), keys::take_into_use)?;
    say(&format!("{kid} is in use"));
    remark("The one before still decrypts. Once every identity provider has read our metadata again, retire it.");
    Ok(())
}

type Change = fn(&mut dyn Tx, &Context<'_>, &str) -> Result<(), KeyError>;

fn change(config: Config, kid: String, change: Change) -> Result<(), Failure> {
    let db = setting::existing(&config)?;
    Ok(db.write_blocking(move |tx| change(tx, &context(&config), &kid).map_err(No::from))?)
}
