//! The commands of `usher`: read arguments and configuration, call one room, print, and answer with the right exit status.
//! Owns what a shell sees; knows no SQL and no rule.

mod arguments;
mod check;
mod connection;
mod directory;
mod directory_forget;
mod directory_requests;
mod doctor;
mod domain;
mod events;
mod explain;
mod health;
mod incident;
mod keep;
mod keys;
mod operate;
mod organizations;
mod output;
mod plan_text;
mod serve;
mod setting;
mod sync;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser as _};

use arguments::{Arguments, Command, DirectoryCommand, SyncCommand, TokenCommand};
use output::{Failure, say};
use setting::Setting;

use crate::membership::Forget;

/// Runs the command that this process was started with.
pub fn run() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are no errors; everything else is wrong usage, status 2.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    match dispatch(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output::complain(&failure.to_string());
            ExitCode::from(failure.status())
        }
    }
}

fn dispatch(Arguments { config, data_dir, command }: Arguments) -> Result<(), Failure> {
    let setting = Setting { config, data_dir };
    match command {
        Command::Serve { listen, public_url } => serve::serve(&setting, listen, public_url),
        Command::Demo { port, data } => serve::demo(port, data),
        Command::Check { json } => check::check(&setting, json),
        Command::Doctor { json } => doctor::doctor(&setting, json),
        Command::Plan { file, prune, json } => organizations::plan(&setting, &file, prune, json),
        Command::Apply { file, prune, yes, json } => organizations::apply(&setting, &file, prune, yes, json),
        Command::Export { parent } => organizations::export(&setting, parent.as_deref()),
        Command::Recover { email, json } => operate::recover(&setting, email.as_deref(), json),
        Command::Domain { command } => domain::run(&setting, command),
        Command::Connection { command } => connection::run(&setting, command),
        Command::Keys { command } => keys::run(&setting, command),
        Command::ScimToken { command } => match command {
            TokenCommand::New { parent, name, expires, json } => {
                operate::new_token(&setting, &parent, &name, expires.as_deref(), json)
            }
            TokenCommand::List { parent, json } => operate::list_tokens(&setting, parent.as_deref(), json),
            TokenCommand::Revoke { id } => operate::revoke_token(&setting, id),
        },
        Command::Sync { command } => match command {
            SyncCommand::Now { organization, json } => sync::now(&setting, &organization, json),
            SyncCommand::Runs { organization, json } => sync::runs(&setting, organization.as_deref(), json),
            SyncCommand::Show { run, json } => sync::show(&setting, run, json),
            SyncCommand::Approve { run, json } => sync::approve(&setting, run, json),
            SyncCommand::Dismiss { run } => sync::dismiss(&setting, run),
            SyncCommand::Undo { run, json } => sync::undo(&setting, run, json),
        },
        Command::Directory { command } => match command {
            DirectoryCommand::Users { parent, json } => directory::users(&setting, &parent, json),
            DirectoryCommand::Groups { parent, json } => directory::groups(&setting, &parent, json),
            DirectoryCommand::Mismatches { parent, json } => directory::mismatches(&setting, &parent, json),
            DirectoryCommand::Reset { parent, yes } => {
                directory_forget::forget(&setting, &parent, Forget::Contents, yes)
            }
            DirectoryCommand::Delete { parent, yes } => {
                directory_forget::forget(&setting, &parent, Forget::Everything, yes)
            }
            DirectoryCommand::Requests { parent, since, limit, failed, json } => {
                let wanted = directory_requests::Wanted { since: since.as_deref(), limit, failed };
                directory_requests::requests(&setting, &parent, &wanted, json)
            }
        },
        Command::Explain { organization, email, groups, json } => {
            explain::explain(&setting, &organization, &email, groups.as_deref(), json)
        }
        Command::Incident { code, json } => incident::incident(&setting, &code, json),
        Command::Events { follow, json, since } => events::events(&setting, follow, json, since.as_deref()),
        Command::Backup { file } => keep::backup(&setting, &file),
        Command::Restore { file, yes } => keep::restore(&setting, &file, yes),
        Command::Health => health::health(&setting),
        Command::Completions { shell } => {
            let mut text = Vec::new();
            clap_complete::generate(shell, &mut Arguments::command(), "usher", &mut text);
            say(String::from_utf8_lossy(&text).trim_end());
            Ok(())
        }
        Command::Man => man(),
    }
}

/// One page with every command on it.
fn man() -> Result<(), Failure> {
    let mut text = Vec::new();
    let failed = |error: std::io::Error| Failure::failed(format!("the page cannot be written: {error}"));
    let mut command = Arguments::command();
    command.build();
    clap_mangen::Man::new(command.clone()).render(&mut text).map_err(failed)?;
    for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
        let (page, mut part) = (clap_mangen::Man::new(sub.clone()), Vec::new());
        page.render_synopsis_section(&mut part).map_err(failed)?;
        page.render_description_section(&mut part).map_err(failed)?;
        page.render_options_section(&mut part).map_err(failed)?;
        // Each command is one section here, and has no preamble of its own.
        let part = String::from_utf8_lossy(&part)
            .replace(".SH SYNOPSIS", &format!(".SH USHER {}", sub.get_name().to_uppercase()))
            .replace(".SH DESCRIPTION", ".PP")
            .replace(".SH OPTIONS\n", "");
        let lines = part.lines().filter(|line| !line.starts_with(".ie ") && !line.starts_with(".el "));
        text.extend(lines.flat_map(|line| [line.as_bytes(), b"\n"].concat()));
    }
    say(String::from_utf8_lossy(&text).trim_end());
    Ok(())
}
