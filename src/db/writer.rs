use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, TrySendError, channel, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::tx::SqliteTx;
use super::{DbError, OpenError, Tx};

/// How much work may wait; beyond that a request is told so at once.
const QUEUE: usize = 1024;
/// How many transactions share a commit at most.
const GROUP: usize = 128;
const CHECKPOINT_EVERY: Duration = Duration::from_millis(500);

/// The one thread that writes. A fair queue, where SQLite's own busy handler would be a lottery.
pub(super) struct Writer {
    queue: Option<SyncSender<Box<dyn Job>>>,
    thread: Option<JoinHandle<()>>,
    checkpoints: Option<(Sender<()>, JoinHandle<()>)>,
}

/// Work on its way: run on the writer, answered after the commit.
trait Job: Send {
    /// Runs the work; `false` asks for its changes to be rolled back.
    fn run(&mut self, tx: &mut dyn Tx) -> bool;
    /// Whether it has a transaction of its own.
    fn is_alone(&self) -> bool;
    /// Answers whoever waits: with what the work returned, or with why it could not be committed.
    fn answer(self: Box<Self>, committed: Result<(), DbError>);
}

struct Work<T, E, F> {
    work: F,
    alone: bool,
    returned: Option<Result<T, E>>,
    answer: oneshot::Sender<Result<T, E>>,
}

impl<T, E, F> Job for Work<T, E, F>
where
    T: Send,
    E: From<DbError> + Send,
    F: FnMut(&mut dyn Tx) -> Result<T, E> + Send,
{
    fn run(&mut self, tx: &mut dyn Tx) -> bool {
        let returned =
            catch_unwind(AssertUnwindSafe(|| (self.work)(tx))).unwrap_or_else(|_| Err(DbError::Panicked.into()));
        let keep = returned.is_ok();
        self.returned = Some(returned);
        keep
    }

    fn is_alone(&self) -> bool {
        self.alone
    }

    fn answer(self: Box<Self>, committed: Result<(), DbError>) {
        let Self { work, returned, answer, .. } = *self;
        // What the work holds is let go before anybody goes on: it may be the database itself, whose end waits for this thread.
        drop(work);
        let returned = match (returned, committed) {
            // What the work itself refused stands, whatever became of the others.
            (Some(Err(error)), _) => Err(error),
            (Some(Ok(value)), Ok(())) => Ok(value),
            (_, Err(error)) => Err(error.into()),
            (None, Ok(())) => Err(DbError::Stopped.into()),
        };
        // Whoever asked may have gone away; the work stands all the same.
        let _ = answer.send(returned);
    }
}

impl Writer {
    /// `serves`: folds the log into the file, now and then and at the end. A command leaves that to the server, whose readers
    /// and writers it would hold up.
    pub(super) fn start(connection: Connection, path: &Path, serves: bool) -> Result<Self, OpenError> {
        let unusable = |source| OpenError::Unusable { path: path.to_owned(), source };
        let (queue, jobs) = sync_channel::<Box<dyn Job>>(QUEUE);
        let thread = std::thread::Builder::new()
            .name("writer".to_owned())
            .spawn(move || {
                write_all(&connection, &jobs);
                if serves {
                    let _ = connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)");
                }
            })
            .map_err(unusable)?;
        let checkpoints = if serves { Some(checkpoint_now_and_then(path)?) } else { None };
        Ok(Self { queue: Some(queue), thread: Some(thread), checkpoints })
    }

    /// Queues work that may share a commit.
    pub(super) fn send<T, E, F>(&self, work: F) -> Result<oneshot::Receiver<Result<T, E>>, DbError>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
        F: FnMut(&mut dyn Tx) -> Result<T, E> + Send + 'static,
    {
        self.enqueue(work, false)
    }

    /// Queues work in a transaction of its own, which nobody who came before has to wait for.
    pub(super) fn send_alone<T, E, F>(&self, work: F) -> Result<oneshot::Receiver<Result<T, E>>, DbError>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
        F: FnMut(&mut dyn Tx) -> Result<T, E> + Send + 'static,
    {
        self.enqueue(work, true)
    }

    fn enqueue<T, E, F>(&self, work: F, alone: bool) -> Result<oneshot::Receiver<Result<T, E>>, DbError>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
        F: FnMut(&mut dyn Tx) -> Result<T, E> + Send + 'static,
    {
        let (answer, receiver) = oneshot::channel();
        let job = Box::new(Work { work, alone, returned: None, answer });
        let queue = self.queue.as_ref().ok_or(DbError::Stopped)?;
        match queue.try_send(job) {
            Ok(()) => Ok(receiver),
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => Err(DbError::Stopped),
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if let Some((stop, thread)) = self.checkpoints.take() {
            drop(stop);
            let _ = thread.join();
        }
        drop(self.queue.take());
        // The last to let go may be work whose asker has gone away, on this very thread: it ends by itself.
        if let Some(thread) = self.thread.take().filter(|thread| thread.thread().id() != std::thread::current().id()) {
            let _ = thread.join();
        }
    }
}

fn write_all(connection: &Connection, jobs: &Receiver<Box<dyn Job>>) {
    let mut next = None;
    loop {
        let Some(first) = next.take().or_else(|| jobs.recv().ok()) else { return };
        let mut group = vec![first];
        while group.len() < GROUP
            && !group[0].is_alone()
            && next.is_none()
            && let Ok(job) = jobs.try_recv()
        {
            if job.is_alone() {
                next = Some(job);
            } else {
                group.push(job);
            }
        }
        let committed = commit(connection, &mut group);
        for job in group {
            job.answer(committed.clone());
        }
    }
}

/// Runs a group in one transaction. Where there are several, each is in a savepoint of its own; one alone needs none, and large work
/// is far cheaper without: SQLite keeps every page that changes under a savepoint, and walks over them at the end of each statement.
fn commit(connection: &Connection, group: &mut [Box<dyn Job>]) -> Result<(), DbError> {
    let run = |sql: &'static str| -> Result<(), DbError> {
        connection.prepare_cached(sql)?.execute([])?;
        Ok(())
    };
    let several = group.len() > 1;
    run("BEGIN IMMEDIATE")?;
    let mut kept = !several;
    let ran = group.iter_mut().try_for_each(|job| {
        if several {
            run("SAVEPOINT job")?;
        }
        let mut tx = SqliteTx::new(connection, true);
        let keep = job.run(&mut tx);
        // With the transaction, everybody's work in it is gone; they are all told why.
        if let Some(lost) = tx.lost() {
            return Err(lost);
        }
        if !several {
            kept = keep;
            return Ok(());
        }
        if !keep {
            run("ROLLBACK TO job")?;
        }
        run("RELEASE job")
    });
    let committed = ran.and_then(|()| run(if several || kept { "COMMIT" } else { "ROLLBACK" }));
    if committed.is_err() && !connection.is_autocommit() {
        let _ = run("ROLLBACK");
    }
    committed
}

/// Folds the log into the file in the background, so that no writer has to do it while somebody waits.
fn checkpoint_now_and_then(path: &Path) -> Result<(Sender<()>, JoinHandle<()>), OpenError> {
    let unusable = |source| OpenError::Unusable { path: path.to_owned(), source };
    let (stop, stopped) = channel::<()>();
    let wal = super::file::log_of(path);
    let connection = Connection::open(path).map_err(|error| super::file::open_error(path, error))?;
    let thread = std::thread::Builder::new()
        .name("checkpoint".to_owned())
        .spawn(move || {
            let mut seen = None;
            while stopped.recv_timeout(CHECKPOINT_EVERY) == Err(RecvTimeoutError::Timeout) {
                // An idle gateway touches nothing.
                let changed = std::fs::metadata(&wal).and_then(|wal| wal.modified()).ok();
                if changed != seen {
                    seen = changed;
                    let _ = connection.execute_batch("PRAGMA wal_checkpoint(PASSIVE)");
                }
            }
        })
        .map_err(unusable)?;
    Ok((stop, thread))
}
