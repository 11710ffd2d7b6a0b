use std::io::IsTerminal as _;

use super::organizations::ask;
use super::output::{Failure, chain, remark, say};
use super::setting::{self, Setting};
use crate::db::DbError;
use crate::membership::{Forget, ForgetError, Forgetting, Runs, forgetting};

impl From<ForgetError> for Failure {
    fn from(error: ForgetError) -> Self {
        Self::failed(chain(&error))
    }
}

/// Takes a directory away, after saying what that means.
pub(super) fn forget(setting: &Setting, parent: &str, how: Forget, yes: bool) -> Result<(), Failure> {
    let config = setting.load()?;
    let db = setting::existing(&config)?;
    let parent = setting::parent(&db, parent)?;
    let seen = db.read(|tx| -> Result<_, DbError> { forgetting(tx, parent.id) })?;
    preview(&seen, how).iter().for_each(|line| remark(line));
    if !yes {
        let terminal = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
        if !terminal {
            return Err(Failure::failed("nothing was taken away; run it with --yes if that is meant"));
        }
        if !ask("Take it away?") {
            return Err(Failure::failed("nothing was taken away"));
        }
    }
    let runs = Runs { db, catalog: config.catalog, actor: setting::actor(), from: None, clock: setting::clock() };
    let gone = runs.forget_directory(parent.id, how)?;
    let tokens = match how {
        Forget::Contents => String::new(),
        Forget::Everything => format!(" and {} tokens", gone.tokens),
    };
    say(&format!(
        "{}: {} users, {} groups{tokens} of the directory are gone; every membership stands",
        parent.slug, gone.users, gone.groups
    ));
    Ok(())
}

fn preview(seen: &Forgetting, how: Forget) -> Vec<String> {
    let tokens = match how {
        Forget::Contents => format!("{} tokens stay, and what is pushed with them counts again", seen.tokens),
        Forget::Everything => format!("{} tokens are revoked", seen.tokens),
    };
    let mut lines = vec![format!("{} users and {} groups go; {tokens}", seen.users, seen.groups)];
    for one in &seen.organizations {
        let slug = &one.organization;
        lines.push(format!(
            "{slug}: {} members stay, with role and seat; they cannot sign in until the identity provider has pushed them again",
            one.members
        ));
        if !one.by_name.is_empty() {
            lines.push(format!("{slug}: mappings of these wait for a group of that name: {}", one.by_name.join(", ")));
        }
        if !one.by_id.is_empty() {
            lines.push(format!(
                "{slug}: mappings of these name a group by its id, which does not come again; write them anew: {}",
                one.by_id.join(", ")
            ));
        }
    }
    lines
}
