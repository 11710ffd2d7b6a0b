//! What a server needs to find in its data directory, and what it says when it does not.

use std::path::Path;
use std::sync::Arc;

use usher::clock::SystemClock;
use usher::config::{Config, Flags};
use usher::db::{Open, OpenError};
use usher::gateway::{self, Gateway, StartError};
use usher::secrets::SecretError;

fn config(data: &Path) -> Config {
    let source = format!("[server]\nlisten = \"127.0.0.1:0\"\ndata_dir = {data:?}\n");
    Config::parse(&source, std::iter::empty(), &Flags::default()).expect("a configuration")
}

fn serve(data: &Path) -> Result<Gateway, StartError> {
    Gateway::open(config(data), Arc::new(SystemClock))
}

#[test]
fn a_server_whose_key_file_is_gone_or_anothers_is_refused_and_makes_no_new_one() {
    let directory = tempfile::tempdir().expect("a directory");
    let key = directory.path().join("master.key");
    let signing = serve(directory.path()).expect("the first start").header_key.kid.clone();
    let right = std::fs::read(&key).expect("made at the first start");

    std::fs::remove_file(&key).expect("lost");
    for _ in 0..2 {
        let refused = serve(directory.path()).map(drop);
        assert!(matches!(refused, Err(StartError::Secret(SecretError::Missing { .. }))), "{refused:?}");
        let command = gateway::open(&config(directory.path()), &SystemClock, Open::Command).map(drop);
        assert!(matches!(command, Err(StartError::Secret(SecretError::Missing { .. }))), "{command:?}");
    }
    assert!(!key.exists(), "a new one would hide that the right one is missing");

    let elsewhere = tempfile::tempdir().expect("a directory");
    drop(serve(elsewhere.path()).expect("another installation"));
    std::fs::rename(elsewhere.path().join("master.key"), &key).expect("the wrong one");
    let refused = serve(directory.path()).map(drop);
    assert!(matches!(refused, Err(StartError::Secret(SecretError::DoesNotOpen))), "{refused:?}");

    std::fs::write(&key, &right).expect("put back");
    assert_eq!(serve(directory.path()).expect("starts again").header_key.kid, signing, "with the keys it had");
}

#[test]
fn a_database_that_became_empty_is_not_begun_anew() {
    let directory = tempfile::tempdir().expect("a directory");
    let database = directory.path().join("usher.db");
    std::fs::write(&database, "").expect("as a first start that was cut short leaves it");
    drop(serve(directory.path()).expect("the first start"));
    std::fs::write(&database, "").expect("lost");
    let refused = serve(directory.path()).map(drop);
    assert!(matches!(refused, Err(StartError::Emptied { .. })), "{refused:?}");
    let command = gateway::open(&config(directory.path()), &SystemClock, Open::Command).map(drop);
    assert!(matches!(command, Err(StartError::Emptied { .. })), "{command:?}");
    assert_eq!(std::fs::metadata(&database).expect("there").len(), 0, "left untouched");
}

#[test]
fn a_second_server_is_refused_while_commands_work() {
    let directory = tempfile::tempdir().expect("a directory");
    let first = serve(directory.path()).expect("the first");
    let second = serve(directory.path()).map(drop);
    assert!(matches!(second, Err(StartError::Open(OpenError::InUse { .. }))), "{second:?}");
    let command = gateway::open(&config(directory.path()), &SystemClock, Open::Existing).expect("a command");
    command
        .db
        .write_blocking(|tx| usher::store::settings::set(tx, "from", "the shell"))
        .expect("written beside the server");
    drop(command);
    let seen = first.db.read(|tx| usher::store::settings::get(tx, "from")).map_err(|error: usher::db::DbError| error);
    assert_eq!(seen, Ok(Some("the shell".to_owned())), "seen at once");
    drop(first);
    serve(directory.path()).expect("free again");
}

#[test]
fn nobody_else_reads_what_lies_in_the_data_directory() {
    use std::os::unix::fs::PermissionsExt as _;
    let above = tempfile::tempdir().expect("a directory");
    let directory = above.path().join("usher");
    let running = serve(&directory).expect("made");
    assert_eq!(std::fs::metadata(&directory).expect("there").permissions().mode() & 0o777, 0o700);
    let names: Vec<_> = std::fs::read_dir(&directory).expect("listed").map(|entry| entry.expect("an entry")).collect();
    assert!(names.len() >= 4, "database, log, lock and key: {names:?}");
    for entry in names {
        let mode = entry.metadata().expect("there").permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", entry.path().display());
    }
    drop(running);
}
