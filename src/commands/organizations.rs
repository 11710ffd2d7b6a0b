use std::io::{BufRead as _, IsTerminal as _};
use std::path::Path;

use super::output::{Failure, chain, remark, say};
use super::setting::{self, Setting};
use super::{plan_text, sync};
use crate::apply::{Apply, ApplyError, Request, export as export_state};
use crate::clock::SystemClock;
use crate::config::Config;
use crate::db::{Db, Open};
use crate::gateway;
use crate::organizations_file::{self, Declared, DeclaredConnection, DeclaredProtocol, MetadataSource, SecretSource};
use crate::outbound::Purpose;
use crate::saml::MAX_XML;
use crate::secrets::Sealer;
use crate::store;

/// Secrets are short; a file that is not is another file.
const MAX_SECRET: u64 = 64 * 1024;

/// What closes the secrets of a file: the installation's own key, or where none is to be made, one that nobody keeps.
fn sealer(config: &Config, declared: &Declared, make: bool) -> Result<Sealer, Failure> {
    let has_secret = |connection: &DeclaredConnection| matches!(&connection.protocol, DeclaredProtocol::Oidc(oidc) if oidc.client_secret.is_some());
    let needed = declared.parents.iter().any(|parent| parent.connections.iter().any(has_secret));
    if needed && (make || config.server.database().exists()) {
        return Ok(gateway::open(config, &SystemClock, Open::Command)?.sealer);
    }
    Ok(Sealer::throwaway())
}

/// Reads the file and all it refers to.
fn declared(config: &Config, file: &Path, prune: bool, make: bool) -> Result<Apply, Failure> {
    let shown = file.display();
    let text = std::fs::read_to_string(file)
        .map_err(|error| Failure::failed(format!("{shown}: the organizations file cannot be read: {error}")))?;
    let declared = organizations_file::read(&text, &config.catalog).map_err(|mistakes| {
        let lines: Vec<String> = mistakes.iter().map(|mistake| format!("{shown}: {mistake}")).collect();
        Failure::Configuration(format!("{}\nnothing was written", lines.join("\n")))
    })?;
    let base = file.parent().unwrap_or(Path::new(""));
    let now = setting::now();
    let outbound = setting::outbound(config, config.server.allow_private_idp)?;
    let runtime = setting::runtime()?;
    let sealer = sealer(config, &declared, make)?;
    let request = Request::gather(
        declared,
        now,
        |source| match source {
            MetadataSource::Inline(text) => Ok(text.clone().into_bytes()),
            MetadataSource::File(name) => read_file(&base.join(name), MAX_XML as u64),
            MetadataSource::Url(url) => {
                runtime.block_on(outbound.get(Purpose::SamlMetadata, url, MAX_XML)).map_err(|error| chain(&error))
            }
        },
        |source| match source {
            SecretSource::Inline(text) => Ok(text.clone()),
            SecretSource::File(name) => read_file(&base.join(name), MAX_SECRET)
                .and_then(|bytes| String::from_utf8(bytes).map_err(|_| format!("{name} is not text")))
                .map(|text| text.trim().to_owned()),
            SecretSource::Environment(name) => {
                std::env::var(name).map_err(|_| format!("the environment variable {name} is not set"))
            }
        },
        |connection, secret| gateway::seal_client_secret(&sealer, connection, secret),
    );
    let request = request.map_err(|wrong| {
        let lines: Vec<String> = wrong.iter().map(|what| format!("{shown}: {what}")).collect();
        Failure::failed(format!("{}\nnothing was written", lines.join("\n")))
    })?;
    Ok(Apply { request, prune, catalog: config.catalog.clone(), actor: setting::actor(), now })
}

fn read_file(path: &Path, limit: u64) -> Result<Vec<u8>, String> {
    let unreadable = |error: std::io::Error| format!("{} cannot be read: {error}", path.display());
    let size = std::fs::metadata(path).map_err(unreadable)?.len();
    if size > limit {
        return Err(format!("{} has {size} bytes, more than the {limit} that are read", path.display()));
    }
    std::fs::read(path).map_err(unreadable)
}

fn refused(file: &Path, error: ApplyError) -> Failure {
    match error {
        ApplyError::Refused(why) => {
            let lines: Vec<String> = why.iter().map(|why| format!("{}: {why}", file.display())).collect();
            Failure::failed(format!("{}\nnothing was written", lines.join("\n")))
        }
        error => error.into(),
    }
}

pub(super) fn plan(setting: &Setting, file: &Path, prune: bool, json: bool) -> Result<(), Failure> {
    let config = setting.load()?;
    let apply = declared(&config, file, prune, false)?;
    // Looking must not make anything: without a database, the plan is made against an empty one.
    let db =
        if config.server.database().exists() { setting::existing(&config)? } else { Db::temporary(store::MIGRATIONS)? };
    let plan = apply.plan(&db).map_err(|error| refused(file, error))?;
    if json {
        say(&plan_text::to_json(&plan, false).to_string());
        return Ok(());
    }
    plan_text::print(&plan);
    say(&counted(plan.lines.len(), "to make"));
    Ok(())
}

fn counted(changes: usize, what: &str) -> String {
    match changes {
        0 => "nothing to change".to_owned(),
        1 => format!("1 change {what}"),
        n => format!("{n} changes {what}"),
    }
}

pub(super) fn apply(setting: &Setting, file: &Path, prune: bool, yes: bool, json: bool) -> Result<(), Failure> {
    let config = setting.load()?;
    let apply = declared(&config, file, prune, true)?;
    let db = setting::existing_or_new(&config)?;
    let plan = apply.plan(&db).map_err(|error| refused(file, error))?;
    if plan.is_empty() {
        if json {
            say(&plan_text::to_json(&plan, false).to_string());
        } else {
            plan_text::warnings(&plan);
            say(&counted(0, ""));
        }
        return Ok(());
    }
    if !json {
        plan_text::print(&plan);
    }
    if !yes {
        confirm(&plan, json)?;
    }
    match apply.apply(&db, &plan) {
        Ok(runs) => {
            say(&if json { plan_text::to_json(&plan, true).to_string() } else { counted(plan.lines.len(), "made") });
            for run in &runs {
                remark(&sync::report_words(run));
            }
            Ok(())
        }
        Err(ApplyError::Moved(now)) => {
            remark("meanwhile the state has changed; now the plan would be:");
            plan_text::print(&now);
            Err(Failure::failed("nothing was written; look at the new plan and run it again"))
        }
        Err(error) => Err(refused(file, error)),
    }
}

/// On a terminal, asks. Elsewhere nobody can answer: what takes nothing from anybody goes through, the rest needs `--yes`.
fn confirm(plan: &crate::apply::Plan, json: bool) -> Result<(), Failure> {
    let terminal = std::io::stdin().is_terminal() && std::io::stderr().is_terminal() && !json;
    if !terminal {
        return if plan.takes_access() {
            Err(Failure::failed(
                "this would take access, a role or a seat from somebody (usher plan shows whom); nothing was written; run it with --yes if that is meant",
            ))
        } else {
            Ok(())
        };
    }
    if ask("Apply this?") { Ok(()) } else { Err(Failure::failed("nothing was written")) }
}

/// Asks a question that only `y` or `yes` answers with yes.
pub(super) fn ask(question: &str) -> bool {
    remark(&format!("{question} [y/N]"));
    let mut answer = String::new();
    let read = std::io::stdin().lock().read_line(&mut answer);
    read.is_ok() && matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes")
}

pub(super) fn export(setting: &Setting, parent: Option<&str>) -> Result<(), Failure> {
    let config = setting.load()?;
    let db = setting::existing(&config)?;
    let only = parent.map(|slug| setting::parent(&db, slug)).transpose()?;
    let declared = db.read(|tx| -> Result<_, Failure> {
        let parents = match only {
            Some(parent) => vec![parent],
            None => store::organizations::parents(tx)?,
        };
        Ok(export_state(tx, &parents, &config.catalog)?)
    })?;
    say(organizations_file::write(&declared).trim_end());
    Ok(())
}
