//! What has just been committed and others should hear of at once. Telling never waits and never fails: whoever must not miss anything
//! asks the database, and hears sooner through this.

use tokio::sync::mpsc::{self, Receiver, Sender, error::TrySendError};

use super::metrics::METRICS;

/// As much as a burst may hold before listeners are left to ask the database.
const BURST: usize = 4_096;

/// Where committed events are told; cheap to clone.
#[derive(Clone, Debug)]
pub struct Live<T>(Sender<T>);

impl<T> Live<T> {
    /// A pair: what tells, and what hears in the same order. `cli` decides who hears: in a server the sockets, in the worker Redis.
    #[must_use]
    pub fn pair() -> (Self, Receiver<T>) {
        let (sender, receiver) = mpsc::channel(BURST);
        (Self(sender), receiver)
    }

    /// Tells that something was committed. To be called after the commit alone.
    pub fn tell(&self, event: T) {
        match self.0.try_send(event) {
            Ok(()) => {}
            // Nobody listens: a test, or a process on its way out.
            Err(TrySendError::Closed(_)) => {}
            Err(TrySendError::Full(_)) => METRICS.count_live_dropped(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn telling_nobody_or_too_many_never_waits() {
        let (live, heard) = Live::pair();
        drop(heard);
        live.tell(1);
        let (live, mut heard) = Live::pair();
        (0..=BURST).for_each(|number| live.tell(number));
        assert_eq!(heard.try_recv(), Ok(0));
    }
}
