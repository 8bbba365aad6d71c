//! What is known of changes in the database, for everything that a process keeps in its memory: an entry is shown again only while
//! nothing that it shows has changed since it was read, and only while changes are heard of at all.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use secrecy::SecretString;

use super::notifications::{Heard as Told, Listener};

/// Changes of single things that are remembered one by one; beyond them everything counts as changed.
const MOST_REMEMBERED: usize = 10_000;
/// How long the connection may be silent before it is asked whether it still lives.
const SILENCE: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(500);

/// What changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Change {
    /// Anything.
    All,
    /// The thing of this id.
    One(i64),
}

/// When something was read, in the order of the changes. Nothing that was read while changes were not heard of may be kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Moment(Option<u64>);

/// The changes that this process has heard of; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Changes(Arc<RwLock<Heard>>);

#[derive(Debug, Default)]
struct Heard {
    listening: bool,
    now: u64,
    all: u64,
    ones: HashMap<i64, u64>,
}

impl Changes {
    /// The moment before a read. To be taken before the database is asked.
    #[must_use]
    pub fn moment(&self) -> Moment {
        let heard = self.0.read().unwrap_or_else(PoisonError::into_inner);
        Moment(heard.listening.then_some(heard.now))
    }

    /// Whether what was read at that moment, and shows these things, is still what the database says.
    #[must_use]
    pub fn is_current(&self, moment: Moment, shows: &[i64]) -> bool {
        let Moment(Some(read)) = moment else { return false };
        let heard = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let untouched = |id: &i64| heard.ones.get(id).is_none_or(|changed| *changed <= read);
        heard.listening && heard.all <= read && (read == heard.now || shows.iter().all(untouched))
    }

    /// Whether changes are heard of now.
    #[must_use]
    pub fn is_listening(&self) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).listening
    }

    /// Keeps a change in mind.
    pub fn tell(&self, change: Change) {
        let mut heard = self.0.write().unwrap_or_else(PoisonError::into_inner);
        heard.now += 1;
        let now = heard.now;
        match change {
            Change::One(id) if heard.ones.len() < MOST_REMEMBERED => {
                heard.ones.insert(id, now);
            }
            _ => {
                heard.all = now;
                heard.ones.clear();
            }
        }
    }

    /// From now on changes are heard of. What was read before counts as changed.
    pub fn regained(&self) {
        self.tell(Change::All);
        self.0.write().unwrap_or_else(PoisonError::into_inner).listening = true;
    }

    /// Changes may be missed from now on: nothing kept is shown.
    pub fn lost(&self) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).listening = false;
    }

    /// Listens on a channel of the database for as long as the process lives, over a connection of its own. Each notification names
    /// the id of what changed; anything else means everything.
    pub async fn follow(self, url: SecretString, channel: &'static str) {
        loop {
            let outcome = self.listen(&url, channel).await;
            self.lost();
            if let Err(error) = outcome {
                tracing::warn!(%error, channel, "changes are not heard of: pages are made anew each time until they are");
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn listen(&self, url: &SecretString, channel: &str) -> Result<(), sqlx::Error> {
        let mut listener = Listener::open(url, channel, "ecommerce changes").await?;
        self.regained();
        loop {
            match listener.next(SILENCE).await? {
                Told::Payload(payload) => self.tell(change_of(&payload)),
                Told::Silence => {}
                Told::Lost => return Ok(()),
            }
        }
    }
}

fn change_of(payload: &str) -> Change {
    payload.parse().map_or(Change::All, Change::One)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_is_current_until_something_it_shows_changes() {
        let changes = Changes::default();
        assert!(!changes.is_current(changes.moment(), &[]), "nobody listens yet");
        changes.regained();
        let read = changes.moment();
        changes.tell(change_of("7"));
        assert!(changes.is_current(read, &[5, 6]) && !changes.is_current(read, &[6, 7]));
        assert!(changes.is_current(changes.moment(), &[7]), "read after the change");
        changes.tell(change_of("*"));
        assert!(!changes.is_current(read, &[5, 6]));
    }

    #[test]
    fn what_was_read_before_or_while_nobody_listened_is_never_current() {
        let changes = Changes::default();
        let deaf = changes.moment();
        changes.regained();
        assert!(!changes.is_current(deaf, &[]));
        let read = changes.moment();
        changes.lost();
        assert!(!changes.is_current(read, &[]));
        changes.regained();
        assert!(!changes.is_current(read, &[]), "a change may have been missed in between");
    }

    #[test]
    fn more_changes_than_are_remembered_count_as_all() {
        let changes = Changes::default();
        changes.regained();
        let read = changes.moment();
        (0..=MOST_REMEMBERED as i64).for_each(|id| changes.tell(Change::One(id)));
        assert!(!changes.is_current(read, &[-1]));
    }
}
