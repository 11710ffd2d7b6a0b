use super::*;

const FIRST: Migration = (1, "first", "CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT;");
const SECOND: Migration = (2, "second", "ALTER TABLE note ADD COLUMN more TEXT;");

fn directory() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary directory")
}

fn note(tx: &mut dyn Tx, text: &str) -> Result<(), DbError> {
    tx.exec("INSERT INTO note (text) VALUES (?1)", &[V::T(text)])?;
    Ok(())
}

fn notes(db: &Db) -> Vec<String> {
    db.read(|tx| tx.all("SELECT text FROM note ORDER BY id", &[], |row| row.text(0))).expect("readable")
}

#[tokio::test]
async fn what_is_answered_is_written_and_what_failed_is_not() {
    let db = Db::temporary(&[FIRST]).expect("a database");
    let writes = (0..200).map(|n| {
        let db = db.clone();
        tokio::spawn(async move {
            let answer: Result<(), DbError> = db
                .write(move |tx| {
                    note(tx, &format!("note {n}"))?;
                    match n % 10 {
                        7 => Err(DbError::Other("changed my mind".to_owned())),
                        8 => panic!("in the middle of it"),
                        _ => Ok(()),
                    }
                })
                .await;
            (n, answer)
        })
    });
    let mut kept = 0;
    for write in writes.collect::<Vec<_>>() {
        let (n, answer) = write.await.expect("no task panics");
        match n % 10 {
            7 => assert_eq!(answer, Err(DbError::Other("changed my mind".to_owned()))),
            8 => assert_eq!(answer, Err(DbError::Panicked)),
            _ => {
                answer.expect("written");
                kept += 1;
            }
        }
    }
    assert_eq!(notes(&db).len(), kept);
    assert_eq!(
        db.write(|tx| {
            note(tx, "x")?;
            note(tx, "x")
        })
        .await,
        Err(DbError::Unique)
    );
    assert!(!notes(&db).contains(&"x".to_owned()), "a failed transaction leaves nothing");
}

#[test]
fn a_newer_an_edited_a_foreign_and_a_damaged_file_are_refused_and_left_alone() {
    let directory = directory();
    let path = directory.path().join("usher.db");
    let make = |migrations: &[Migration]| Db::open(&path, migrations, Open::Serve).map(drop);
    make(&[FIRST, SECOND]).expect("made");
    let before = std::fs::read(&path).expect("the file");
    assert!(matches!(make(&[FIRST]), Err(OpenError::Newer { found: 2, known: 1, .. })));
    let edited = (1, "first", "CREATE TABLE note (id INTEGER PRIMARY KEY) STRICT;");
    assert!(matches!(make(&[edited, SECOND]), Err(OpenError::EditedMigration { number: 1, .. })));
    assert_eq!(std::fs::read(&path).expect("the file"), before, "left as it was");

    std::fs::write(&path, "PNG, say, and not a database at all; long enough to be looked at").expect("written");
    assert!(matches!(make(&[FIRST]), Err(OpenError::NotOurs { .. })));
    assert!(std::fs::read_to_string(&path).expect("the file").starts_with("PNG"));

    let foreign = directory.path().join("foreign.db");
    rusqlite::Connection::open(&foreign).expect("opened").execute_batch("CREATE TABLE theirs (x)").expect("made");
    assert!(matches!(Db::open(&foreign, &[FIRST], Open::Serve), Err(OpenError::NotOurs { .. })));

    std::fs::write(&path, &before[..before.len() / 2]).expect("cut in half");
    assert!(make(&[FIRST, SECOND]).is_err());
    assert_eq!(std::fs::read(&path).expect("the file").len(), before.len() / 2);
    let nowhere = directory.path().join("none").join("usher.db");
    assert!(matches!(Db::open(&nowhere, &[FIRST], Open::Serve), Err(OpenError::Unusable { .. })));
    assert!(matches!(Db::open(&nowhere, &[FIRST], Open::Existing), Err(OpenError::Missing { .. })));
}

#[test]
fn a_migration_keeps_a_copy_and_a_failing_one_changes_nothing() {
    let directory = directory();
    let path = directory.path().join("usher.db");
    let db = Db::open(&path, &[FIRST], Open::Serve).expect("made");
    db.write_blocking(|tx| note(tx, "kept")).expect("written");
    drop(db);
    assert!(matches!(Db::open(&path, &[FIRST, SECOND], Open::Command), Err(OpenError::Older { found: 1, .. })));
    let broken = (2, "broken", "ALTER TABLE note ADD COLUMN more TEXT; CREATE TABLE note (again TEXT) STRICT;");
    let failed = Db::open(&path, &[FIRST, broken], Open::Serve).map(drop);
    assert!(matches!(failed, Err(OpenError::MigrationFailed { number: 2, .. })), "{failed:?}");
    let db = Db::open(&path, &[FIRST], Open::Serve).expect("as before");
    assert_eq!(notes(&db), ["kept"]);
    drop(db);
    let db = Db::open(&path, &[FIRST, SECOND], Open::Serve).expect("migrated");
    assert_eq!(notes(&db), ["kept"]);
    let copy = Db::open(&directory.path().join("usher.db.before-2"), &[FIRST], Open::Serve).expect("the copy");
    assert_eq!(notes(&copy), ["kept"]);
}

#[test]
fn two_processes_share_a_file_but_only_one_serves() {
    let directory = directory();
    let path = directory.path().join("usher.db");
    let server = Db::open(&path, &[FIRST], Open::Serve).expect("made");
    let lock_path = directory.path().join("usher.lock");
    let lock = Lock::take(&lock_path).expect("the first server");
    assert!(matches!(Lock::take(&lock_path), Err(OpenError::InUse { .. })));
    let command = Db::open(&path, &[FIRST], Open::Existing).expect("a command");
    command.write_blocking(|tx| note(tx, "from the shell")).expect("written");
    assert_eq!(notes(&server), ["from the shell"], "seen at once");
    drop(lock);
    Lock::take(&lock_path).expect("free again");
}

#[test]
fn work_lets_go_of_what_it_holds_before_it_is_answered() {
    let db = Db::temporary(&[FIRST]).expect("a database");
    let held = std::sync::Arc::new(());
    for n in 0..200 {
        let inside = std::sync::Arc::clone(&held);
        db.write_blocking(move |tx| {
            let _inside = &inside;
            note(tx, &format!("kept {n}"))
        })
        .expect("written");
        assert_eq!(std::sync::Arc::strong_count(&held), 1);
    }
}

#[test]
fn a_backup_is_whole_and_private() {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = directory();
    let db = Db::open(&directory.path().join("usher.db"), &[FIRST], Open::Serve).expect("made");
    db.write_blocking(|tx| note(tx, "kept")).expect("written");
    let target = directory.path().join("backup.db");
    db.backup_to(&target).expect("copied");
    db.backup_to(&target).expect("and again over the old one");
    assert_eq!(std::fs::metadata(&target).expect("there").permissions().mode() & 0o777, 0o600);
    assert_eq!(check_integrity(&target).expect("readable"), Vec::<String>::new());
    assert_eq!(notes(&Db::open(&target, &[FIRST], Open::Existing).expect("a database")), ["kept"]);
}

#[test]
fn a_file_that_is_not_ours_is_not_changed_by_looking_at_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = directory();
    for journal in ["DELETE", "WAL"] {
        let path = directory.path().join(format!("{journal}.db"));
        let theirs = rusqlite::Connection::open(&path).expect("opened");
        theirs.pragma_update(None, "journal_mode", journal).expect("a journal");
        theirs.execute_batch("CREATE TABLE theirs (x)").expect("made");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).expect("chmod");
        // In WAL mode they are still at it: their table is in the log only.
        let before = std::fs::read(&path).expect("the file");
        let opened = Db::open(&path, &[FIRST], Open::Serve).map(drop);
        assert!(matches!(opened, Err(OpenError::NotOurs { .. })), "{journal}: {opened:?}");
        assert!(std::fs::read(&path).expect("the file") == before, "{journal}: changed");
        assert_eq!(std::fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o644, "{journal}");
    }
}

#[test]
fn the_engine_is_set_as_it_was_measured() {
    let db = Db::temporary(&[FIRST]).expect("a database");
    let number = |tx: &mut dyn Tx, sql| Ok::<_, DbError>(tx.one(sql, &[], |row| row.int(0))?.expect("a value"));
    db.write_blocking(move |tx| {
        assert_eq!(number(tx, "PRAGMA synchronous")?, 2, "FULL: what is acknowledged is on disk");
        assert_eq!(number(tx, "PRAGMA foreign_keys")?, 1);
        assert_eq!(number(tx, "PRAGMA trusted_schema")?, 0);
        let journal = tx.one("PRAGMA journal_mode", &[], |row| row.text(0))?;
        assert_eq!(journal.as_deref(), Some("wal"));
        let orphan = tx.exec("PRAGMA writable_schema = ON", &[]);
        let edited = tx.exec("UPDATE sqlite_master SET sql = 'x'", &[]);
        assert!(edited.is_err(), "defensive: {orphan:?}, {edited:?}");
        Ok::<_, DbError>(())
    })
    .expect("as measured");
    db.read(|tx| {
        assert_eq!(number(tx, "PRAGMA query_only")?, 1);
        assert_eq!(note(tx, "written by a reader"), Err(DbError::ReadOnly));
        Ok::<_, DbError>(())
    })
    .expect("readable");
    assert_eq!(notes(&db), Vec::<String>::new());
    file::with_reader(db.path(), |connection| {
        use rusqlite::config::DbConfig;
        assert!(connection.db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG)?, "a look-up is prepared once");
        Ok::<_, DbError>(())
    })
    .expect("readable");
}

#[test]
fn damage_in_the_middle_is_found_before_the_server_starts() {
    let directory = directory();
    let path = directory.path().join("usher.db");
    let db = Db::open(&path, &[FIRST], Open::Serve).expect("made");
    for n in 0..4 {
        db.write_blocking(move |tx| note(tx, &format!("{n}{}", "x".repeat(6000)))).expect("written");
    }
    drop(db);
    let mut bytes = std::fs::read(&path).expect("the file");
    // The end of the last note: nothing looks there when the file is opened.
    let last = bytes.len() - 4096;
    bytes[last..last + 4].fill(0xee);
    std::fs::write(&path, &bytes).expect("damaged");
    let opened = Db::open(&path, &[FIRST], Open::Serve).map(drop);
    assert!(matches!(opened, Err(OpenError::Damaged { .. })), "{opened:?}");
    assert!(!check_integrity(&path).is_ok_and(|found| found.is_empty()));
}

/// Keeps the writer busy until it is told to go on.
struct Held {
    go: std::sync::mpsc::Sender<()>,
    done: tokio::sync::oneshot::Receiver<Result<(), DbError>>,
}

impl Held {
    fn at(db: &Db) -> Self {
        let (go, wait) = std::sync::mpsc::channel();
        let (started, running) = std::sync::mpsc::channel();
        let done = db.inner.writer.send(move |_| {
            let _ = started.send(());
            let _ = wait.recv();
            Ok::<_, DbError>(())
        });
        running.recv().expect("the writer took it");
        Self { go, done: done.expect("sent") }
    }

    fn go_on(self) {
        self.go.send(()).expect("the writer waits");
        self.done.blocking_recv().expect("answered").expect("done");
    }
}

#[test]
fn work_that_waits_together_is_committed_together() {
    let db = Db::temporary(&[FIRST]).expect("a database");
    let held = Held::at(&db);
    let answers: Vec<_> = (0..100)
        .map(|n| {
            let reader = db.path().to_owned();
            let sent = db.inner.writer.send(move |tx| {
                note(tx, &format!("note {n}"))?;
                let here = tx.all("SELECT id FROM note", &[], |row| row.int(0))?.len();
                let elsewhere = file::with_reader(&reader, |connection| {
                    tx::SqliteTx::new(connection, false).all("SELECT id FROM note", &[], |row| row.int(0))
                });
                Ok::<_, DbError>((here, elsewhere?.len()))
            });
            sent.expect("there is room")
        })
        .collect();
    held.go_on();
    for (n, answer) in answers.into_iter().enumerate() {
        // The hundredth sees 99 rows before its own, and nobody else sees any: one commit comes after them all.
        assert_eq!(answer.blocking_recv().expect("answered"), Ok((n + 1, 0)));
    }
    assert_eq!(notes(&db).len(), 100);
}

#[test]
fn large_work_has_a_transaction_of_its_own_and_whoever_came_before_does_not_wait_for_it() {
    let db = Db::temporary(&[FIRST]).expect("a database");
    let held = Held::at(&db);
    let path = db.path().to_owned();
    let elsewhere = move |_: &mut dyn Tx| {
        let seen = file::with_reader(&path, |connection| {
            tx::SqliteTx::new(connection, false).all("SELECT text FROM note", &[], |row| row.text(0))
        });
        seen.map(|seen| seen.len())
    };
    let writer = &db.inner.writer;
    let before = writer.send(|tx| note(tx, "before")).expect("there is room");
    let look = elsewhere.clone();
    let alone = writer.send_alone(move |tx| {
        note(tx, "alone")?;
        look(tx)
    });
    let failing = writer.send_alone(|tx| {
        note(tx, "failing")?;
        Err::<(), _>(DbError::Other("turned away".to_owned()))
    });
    let after = writer.send(elsewhere).expect("there is room");
    held.go_on();
    assert_eq!(before.blocking_recv().expect("answered"), Ok(()));
    assert_eq!(alone.expect("room").blocking_recv().expect("answered"), Ok(1), "what came before is there for all");
    let turned_away = failing.expect("room").blocking_recv().expect("answered");
    assert_eq!(turned_away, Err(DbError::Other("turned away".to_owned())));
    assert_eq!(after.blocking_recv().expect("answered"), Ok(2));
    assert_eq!(notes(&db), ["before", "alone"], "what failed alone is gone alone");
}

#[test]
fn a_full_queue_says_so_at_once_and_loses_nothing() {
    let db = Db::temporary(&[FIRST]).expect("a database");
    let held = Held::at(&db);
    let mut waiting = Vec::new();
    let refused = loop {
        let n = waiting.len();
        match db.inner.writer.send(move |tx| note(tx, &format!("note {n}"))) {
            Ok(answer) => waiting.push(answer),
            Err(error) => break error,
        }
        assert!(waiting.len() <= 1024, "the queue has no end");
    };
    assert_eq!(refused, DbError::Stopped);
    held.go_on();
    let written = waiting.into_iter().map(|answer| answer.blocking_recv().expect("answered").expect("written")).count();
    assert_eq!(notes(&db).len(), written);
    db.write_blocking(|tx| note(tx, "room again")).expect("written");
}

#[test]
fn a_full_disk_is_told_to_everybody_in_the_group_and_passes() {
    let db = Db::temporary(&[FIRST]).expect("a database");
    let limit = |tx: &mut dyn Tx, sql| tx.all(sql, &[], |row| row.int(0)).map(drop);
    db.write_blocking(move |tx| limit(tx, "PRAGMA max_page_count = 16")).expect("set");
    let held = Held::at(&db);
    let send = |text: String| db.inner.writer.send(move |tx| note(tx, &text)).expect("there is room");
    let small = send("small".to_owned());
    // Somebody who carries on after a failed statement must not have the rest kept alone.
    let careless = db.inner.writer.send(|tx| {
        let failed = note(tx, &"x".repeat(1 << 20));
        assert_eq!(failed, Err(DbError::Full));
        let _ = note(tx, "written after the transaction was given up");
        Ok::<_, DbError>(())
    });
    let late = send("late".to_owned());
    held.go_on_anyway();
    for answer in [small, careless.expect("there is room"), late] {
        assert_eq!(answer.blocking_recv().expect("answered"), Err(DbError::Full));
    }
    assert_eq!(notes(&db), Vec::<String>::new());
    db.write_blocking(move |tx| limit(tx, "PRAGMA max_page_count = 100000")).expect("room was made");
    db.write_blocking(|tx| note(tx, "small")).expect("written");
    assert_eq!(notes(&db), ["small"]);
}

impl Held {
    /// As [`Held::go_on`], where the group it belongs to may fail.
    fn go_on_anyway(self) {
        self.go.send(()).expect("the writer waits");
        let _ = self.done.blocking_recv().expect("answered");
    }
}

#[test]
fn a_backup_while_others_write_is_one_moment_of_it_all() {
    let directory = directory();
    let db = Db::open(&directory.path().join("usher.db"), &[FIRST], Open::Serve).expect("made");
    let target = directory.path().join("backup.db");
    // Always two notes at once: a copy with an odd number would be torn.
    let writer = |db: Db, of: usize| {
        std::thread::spawn(move || {
            for n in 0..60 {
                db.write_blocking(move |tx| {
                    note(tx, &format!("{of}/{n} first {}", "x".repeat(2000)))?;
                    note(tx, &format!("{of}/{n} second"))
                })
                .expect("written");
            }
        })
    };
    let writers: Vec<_> = (0..4).map(|of| writer(db.clone(), of)).collect();
    for _ in 0..3 {
        db.backup_to(&target).expect("copied");
        assert_eq!(check_integrity(&target).expect("readable"), Vec::<String>::new());
        let copy = rusqlite::Connection::open(&target).expect("opened");
        let count: i64 = copy.query_row("SELECT COUNT(*) FROM note", [], |row| row.get(0)).expect("counted");
        assert_eq!(count % 2, 0, "a transaction was torn");
    }
    writers.into_iter().for_each(|writer| writer.join().expect("no writer panics"));
    assert_eq!(notes(&db).len(), 4 * 60 * 2);
}

#[test]
fn a_backup_never_takes_the_place_of_the_database() {
    let directory = directory();
    let path = directory.path().join("usher.db");
    let db = Db::open(&path, &[FIRST], Open::Serve).expect("made");
    let link = directory.path().join("link.db");
    std::os::unix::fs::symlink(&path, &link).expect("a link");
    for target in [&path, &link] {
        assert!(matches!(db.backup_to(target), Err(OpenError::Unusable { .. })), "{}", target.display());
    }
    assert!(db.backup_to(&directory.path().join("none/backup.db")).is_err());
    db.write_blocking(|tx| note(tx, "kept")).expect("written");
    assert_eq!(notes(&Db::open(&path, &[FIRST], Open::Existing).expect("the same file")), ["kept"]);
    let left: Vec<_> = std::fs::read_dir(directory.path()).expect("listed").filter_map(Result::ok).collect();
    assert!(left.iter().all(|entry| !entry.file_name().to_string_lossy().contains("partial")), "{left:?}");
}

// What follows needs a second process: this test program starts itself again with one of the tests that are ignored otherwise.

const CHILD_DATABASE: &str = "USHER_TEST_DATABASE";
const CHILD_LABEL: &str = "USHER_TEST_LABEL";

fn child(test: &str, path: &Path, label: &str) -> std::process::Command {
    let mut command = std::process::Command::new(std::env::current_exe().expect("this program"));
    command
        .args(["--ignored", "--exact", "--nocapture", &format!("db::tests::{test}")])
        .env(CHILD_DATABASE, path)
        .env(CHILD_LABEL, label)
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null());
    command
}

/// Eight threads write notes as fast as they are acknowledged, and say each on a line of its own.
#[test]
#[ignore = "started by other tests, in a process of its own"]
fn child_writes_and_says_what_was_acknowledged() {
    use std::io::Write as _;
    let Some(path) = std::env::var_os(CHILD_DATABASE) else { return };
    let label = std::env::var(CHILD_LABEL).expect("a label");
    let db = Db::open(Path::new(&path), &[FIRST], Open::Command).expect("opened");
    let writers: Vec<_> = (0..8)
        .map(|of| {
            let (db, label) = (db.clone(), label.clone());
            std::thread::spawn(move || {
                for n in 0..100 {
                    let text = format!("{label}-{of}-{n}");
                    let written = text.clone();
                    db.write_blocking(move |tx| note(tx, &written)).expect("written");
                    let line = format!("acknowledged {text}\n");
                    std::io::stdout().lock().write_all(line.as_bytes()).expect("said");
                }
            })
        })
        .collect();
    writers.into_iter().for_each(|writer| writer.join().expect("no writer panics"));
}

#[test]
fn nothing_acknowledged_is_lost_when_the_process_is_killed() {
    use std::io::BufRead as _;
    let directory = directory();
    let path = directory.path().join("usher.db");
    let mut acknowledged = Vec::new();
    for round in 0..4 {
        let mut running = child("child_writes_and_says_what_was_acknowledged", &path, &format!("round{round}"))
            .spawn()
            .expect("started");
        let said = std::io::BufReader::new(running.stdout.take().expect("piped"));
        let mut this_round = 0;
        for line in said.lines() {
            // What was said before the kill is still in the pipe and is read to its end; the last line may be cut.
            let Ok(line) = line else { break };
            let Some(text) = line.rsplit_once("acknowledged ").map(|(_, text)| text) else { continue };
            acknowledged.push(text.to_owned());
            this_round += 1;
            if this_round == 40 + 30 * round {
                running.kill().expect("killed");
            }
        }
        let ended = running.wait().expect("waited for");
        assert!(!ended.success(), "round {round} came to its end before it was killed");
        let db = Db::open(&path, &[FIRST], Open::Serve).expect("opens again");
        let kept: std::collections::BTreeSet<String> = notes(&db).into_iter().collect();
        let lost: Vec<&String> = acknowledged.iter().filter(|text| !kept.contains(*text)).collect();
        assert!(lost.is_empty(), "round {round}: {lost:?}");
        assert_eq!(check_integrity(&path).expect("readable"), Vec::<String>::new());
    }
    assert!(acknowledged.len() >= 40 + 70 + 100 + 130);
}

#[test]
fn a_server_and_commands_write_to_one_file_and_nobody_is_turned_away() {
    let directory = directory();
    let path = directory.path().join("usher.db");
    let db = Db::open(&path, &[FIRST], Open::Serve).expect("made");
    let mut commands: Vec<_> = ["a", "b"]
        .map(|label| child("child_writes_and_says_what_was_acknowledged", &path, label).spawn().expect("started"))
        .into();
    for n in 0..100 {
        db.write_blocking(move |tx| note(tx, &format!("server-{n}"))).expect("written");
    }
    for command in &mut commands {
        std::io::copy(&mut command.stdout.take().expect("piped"), &mut std::io::sink()).expect("read");
        assert!(command.wait().expect("waited for").success());
    }
    assert_eq!(notes(&db).len(), 100 + 2 * 800);
}

#[test]
fn processes_that_make_the_database_at_the_same_moment_make_one() {
    let directory = directory();
    let path = directory.path().join("usher.db");
    let commands: Vec<_> = (0..4)
        .map(|n| child("child_writes_and_says_what_was_acknowledged", &path, &n.to_string()).spawn().expect("started"))
        .collect();
    for mut command in commands {
        std::io::copy(&mut command.stdout.take().expect("piped"), &mut std::io::sink()).expect("read");
        assert!(command.wait().expect("waited for").success());
    }
    assert_eq!(notes(&Db::open(&path, &[FIRST], Open::Serve).expect("made")).len(), 4 * 800);
}

/// Says how opening went, for a parent that has taken rights away.
#[test]
#[ignore = "started by other tests, in a process of its own"]
fn child_opens() {
    let Some(path) = std::env::var_os(CHILD_DATABASE) else { return };
    let opened = Db::open(Path::new(&path), &[FIRST], Open::Serve).map(drop);
    println!("\nopened: {}", opened.map_or_else(|error| error.to_string(), |()| "well".to_owned()));
}

#[test]
fn a_directory_that_cannot_be_written_is_named_with_what_to_do() {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    use std::os::unix::process::CommandExt as _;
    let directory = directory();
    let inner = directory.path().join("data");
    std::fs::create_dir(&inner).expect("made");
    let mode =
        |path: &Path, mode| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("chmod");
    mode(directory.path(), 0o755);
    mode(&inner, 0o555);
    let path = inner.join("usher.db");
    let mut command = child("child_opens", &path, "");
    if std::fs::metadata(&inner).expect("there").uid() == 0 {
        // Nothing is forbidden to root, so the child is somebody else; where that one may not even run this program, it says so.
        command.uid(65534);
    }
    let Ok(said) = command.output() else { return };
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    assert!(said.contains("usher.db cannot be used; it must belong to, and be writable by"), "{said}");
    mode(&inner, 0o755);
    assert!(std::fs::read_dir(&inner).expect("listed").next().is_none(), "nothing is left there");
}
