//! The store on threads of its own: one writer, a few readers.

use crate::contract::{Code, Fault};
use domain::Timestamp;
use std::sync::{Arc, Mutex, PoisonError};
use store::{Durability, Reader, StoreError, Tx, Writer, Written};
use tokio::sync::{Notify, Semaphore, mpsc, oneshot};

/// Writes that wait for the writer. When it is full, whoever wants to write waits.
const WRITES: usize = 64;

/// Connections that read: one for the page that is being read, one for what the bell dirtied meanwhile, one for a search,
/// which may take its time.
const READERS: usize = 3;

enum Job {
    Write(Box<dyn FnOnce(&mut Writer) + Send>),
    /// Let go of the history, and say when.
    Close(oneshot::Sender<()>),
}

/// The one writer's queue.
#[derive(Clone)]
pub(crate) struct Disk {
    jobs: mpsc::Sender<Job>,
    readers: Arc<Readers>,
    clock: fn() -> Timestamp,
    /// Told of each write.
    pub(crate) written: Arc<Notify>,
}

struct Readers {
    free: Mutex<Vec<Reader>>,
    permits: Arc<Semaphore>,
}

/// Why nothing was written or read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DiskError {
    /// The store's own words.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The program is ending.
    #[error("the history is closed")]
    Closed,
}

impl DiskError {
    /// Trying the same again can help.
    pub(crate) fn is_passing(&self) -> bool {
        match self {
            Self::Store(error) => error.is_disk() || error.is_busy(),
            Self::Closed => false,
        }
    }
}

impl From<DiskError> for Fault {
    fn from(error: DiskError) -> Self {
        let code = if error.is_passing() { Code::Disk } else { Code::Internal };
        Self { code, text: error.to_string() }
    }
}

impl Disk {
    /// Takes the writer onto a thread of its own and opens the readers.
    ///
    /// # Errors
    /// When a reader cannot be opened, or the system gives no thread.
    pub(crate) fn start(mut writer: Writer, clock: fn() -> Timestamp) -> Result<Self, Fault> {
        let free =
            (0..READERS).map(|_| writer.reader()).collect::<Result<Vec<_>, _>>().map_err(DiskError::from)?;
        let (jobs, mut queue) = mpsc::channel::<Job>(WRITES);
        let body = move || {
            let mut closed = None;
            while let Some(job) = queue.blocking_recv() {
                match job {
                    Job::Write(job) => job(&mut writer),
                    Job::Close(answer) => {
                        closed = Some(answer);
                        break;
                    }
                }
            }
            drop(queue);
            if let Err(error) = writer.close() {
                tracing::warn!(%error, "closing the history");
            }
            if let Some(closed) = closed {
                let _ = closed.send(());
            }
        };
        std::thread::Builder::new()
            .name("store-writer".into())
            .spawn(body)
            .map_err(|error| Fault { code: Code::Internal, text: error.to_string() })?;
        let readers =
            Arc::new(Readers { free: Mutex::new(free), permits: Arc::new(Semaphore::new(READERS)) });
        Ok(Self { jobs, readers, clock, written: Arc::default() })
    }

    /// One write transaction; answers after its commit.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        durability: Durability,
        job: impl FnOnce(&mut Tx<'_>) -> store::Result<T> + Send + 'static,
    ) -> Result<Written<T>, DiskError> {
        let clock = self.clock;
        let written = self.on_writer(move |writer| writer.write(durability, clock(), job)).await?;
        self.written.notify_one();
        Ok(written)
    }

    /// The time that a write is given now.
    pub(crate) fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// Brings the write-ahead log into the file, as far as readers allow.
    pub(crate) async fn checkpoint(&self) -> Result<(), DiskError> {
        self.on_writer(Writer::checkpoint).await
    }

    /// Writes what waits, and lets go of the history; whoever wants to write after that is told so.
    pub(crate) async fn close(&self) {
        let (answer, closed) = oneshot::channel();
        if self.jobs.send(Job::Close(answer)).await.is_ok() {
            let _ = closed.await;
        }
    }

    /// Reads on a thread that may block.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Reader) -> store::Result<T> + Send + 'static,
    ) -> Result<T, DiskError> {
        let readers = Arc::clone(&self.readers);
        let permit =
            Arc::clone(&self.readers.permits).acquire_owned().await.map_err(|_| DiskError::Closed)?;
        let run = move || {
            // Kept for as long as the reader is out, also when nobody waits for the answer any more.
            let _permit = permit;
            let mut reader = readers.lock().pop().ok_or(DiskError::Closed)?;
            let value = job(&mut reader);
            readers.lock().push(reader);
            Ok(value?)
        };
        tokio::task::spawn_blocking(run).await.map_err(|_| DiskError::Closed)?
    }

    async fn on_writer<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Writer) -> store::Result<T> + Send + 'static,
    ) -> Result<T, DiskError> {
        let (answer, answered) = oneshot::channel();
        let job: Box<dyn FnOnce(&mut Writer) + Send> = Box::new(move |writer| {
            let _ = answer.send(job(writer));
        });
        self.jobs.send(Job::Write(job)).await.map_err(|_| DiskError::Closed)?;
        Ok(answered.await.map_err(|_| DiskError::Closed)??)
    }
}

impl Readers {
    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Reader>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Barrier;

    /// A reader that is out for somebody who has gone comes back; whoever reads meanwhile waits for it.
    #[tokio::test]
    async fn a_reading_that_nobody_waits_for_takes_no_reader_away() {
        let folder = tempfile::tempdir().unwrap();
        let writer = store::open(&folder.path().join("history.db"), Timestamp(0)).unwrap().writer;
        let disk = Disk::start(writer, || Timestamp(1)).unwrap();
        let gate = Arc::new(Barrier::new(READERS + 1));
        for _ in 0..READERS {
            let gate = Arc::clone(&gate);
            let slow = disk.read(move |_| {
                gate.wait();
                Ok(())
            });
            tokio::pin!(slow);
            // Begun, and left.
            assert!(futures_util::poll!(slow.as_mut()).is_pending());
        }
        let reading = disk.read(|reader| reader.sidebar());
        tokio::pin!(reading);
        assert!(futures_util::poll!(reading.as_mut()).is_pending());
        tokio::task::spawn_blocking(move || gate.wait()).await.unwrap();
        assert!(reading.await.is_ok());
        disk.close().await;
    }
}
