//! Where a process stands, and stopping it without a failed request: close the listener first, then drain what is connected.
//!
//! A refused connection is tried at the next server by Nginx, even for a POST, because nothing was sent. So on a signal the answers
//! begin to carry `Connection: close`, what the kernel has queued is still accepted, the listening socket is dropped, and the process
//! ends when the last connection is gone.

use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use tokio::{
    signal::unix::{SignalKind, signal},
    sync::watch,
};

/// A process's way from start to end.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub enum Stage {
    /// Not yet ready for requests.
    #[default]
    Starting,
    /// Serving.
    Ready,
    /// Finishing what runs, taking nothing new.
    Draining,
}

/// Where a process stands. Clones share it.
#[derive(Clone, Debug)]
pub struct Phase(Arc<watch::Sender<Stage>>);

impl Default for Phase {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(Stage::Starting)))
    }
}

impl Phase {
    /// Where the process stands now.
    #[must_use]
    pub fn now(&self) -> Stage {
        *self.0.borrow()
    }

    /// Whether nothing new should come.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.now() == Stage::Draining
    }

    /// Goes on to a later stage; there is no way back.
    pub fn advance(&self, stage: Stage) {
        self.0.send_if_modified(|now| {
            let moves = *now < stage;
            if moves {
                *now = stage;
            }
            moves
        });
    }

    /// Waits until the process drains.
    pub async fn draining(&self) {
        // The sender lives in `self`, so the channel cannot close before.
        let _ = self.0.subscribe().wait_for(|stage| *stage == Stage::Draining).await;
    }
}

/// Starts draining at the first SIGTERM or SIGINT, and ends the process at the second.
///
/// # Errors
/// The signals cannot be listened to.
pub fn drain_on_signal(phase: Phase) -> std::io::Result<()> {
    let (mut term, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    tokio::spawn(async move {
        for earlier in 0..2 {
            tokio::select! { _ = term.recv() => (), _ = interrupt.recv() => () }
            if earlier > 0 {
                tracing::warn!("a second signal: stopping at once");
                std::process::exit(130);
            }
            tracing::info!("stopping: no new connections, finishing what runs");
            phase.advance(Stage::Draining);
        }
    });
    Ok(())
}

/// How many connections are open, and whether the listening socket is closed.
#[derive(Clone, Debug, Default)]
pub struct Connections(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    open: AtomicUsize,
    changed: tokio::sync::Notify,
    closed: AtomicBool,
}

/// One open connection; counted until it is dropped.
#[derive(Debug)]
pub struct OpenConnection(Arc<Counts>);

impl Connections {
    /// Counts one more.
    #[must_use]
    pub fn open(&self) -> OpenConnection {
        self.0.open.fetch_add(1, Ordering::AcqRel);
        OpenConnection(self.0.clone())
    }

    /// Notes that no more will come.
    pub fn close(&self) {
        self.0.closed.store(true, Ordering::Release);
        self.0.changed.notify_waiters();
    }

    /// How many are open now.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.open.load(Ordering::Acquire)
    }

    /// Waits until no more can come.
    pub async fn closed(&self) {
        loop {
            let mut changed = pin!(self.0.changed.notified());
            changed.as_mut().enable();
            if self.0.closed.load(Ordering::Acquire) {
                return;
            }
            changed.await;
        }
    }

    /// Waits until no more can come and the last is gone.
    pub async fn gone(&self) {
        loop {
            let mut changed = pin!(self.0.changed.notified());
            // Waiting begins before the look, so that a change between them is not missed.
            changed.as_mut().enable();
            if self.0.closed.load(Ordering::Acquire) && self.count() == 0 {
                return;
            }
            changed.await;
        }
    }
}

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::AcqRel);
        self.0.changed.notify_waiters();
    }
}
