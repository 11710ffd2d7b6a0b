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
