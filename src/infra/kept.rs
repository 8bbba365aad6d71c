//! Answers that a process keeps in its memory, bounded, and shown only while they are current ([`Changes`]).

use std::{hash::Hash, sync::Arc, time::Duration};

use moka::{policy::EvictionPolicy, sync::Cache};

use super::{
    changes::{Changes, Moment},
    metrics::METRICS,
};

// A safety belt: what no notification tells of (a clock, a file of the owner's) is seen after this long at the latest.
const LONGEST: Duration = Duration::from_mins(10);

/// A bounded store of values by key.
#[derive(Clone, Debug)]
pub struct Kept<K: Hash + Eq + Send + Sync + 'static, V: Clone + Send + Sync + 'static> {
    name: &'static str,
    changes: Changes,
    entries: Cache<K, Entry<V>>,
}

#[derive(Clone, Debug)]
struct Entry<V> {
    read: Moment,
    shows: Arc<[i64]>,
    value: V,
    weight: u32,
}

impl<K: Hash + Eq + Send + Sync + 'static, V: Clone + Send + Sync + 'static> Kept<K, V> {
    /// A store that holds values of at most `capacity` together, in the unit in which they are weighed. Zero keeps nothing.
    #[must_use]
    pub fn new(name: &'static str, changes: Changes, capacity: u64) -> Self {
        let entries = Cache::builder()
            .max_capacity(capacity)
            .weigher(|_: &K, entry: &Entry<V>| entry.weight)
            // What is asked for now matters more than what was asked for often: a crawler must not fill it for good.
            .eviction_policy(EvictionPolicy::tiny_lfu())
            .time_to_live(LONGEST)
            .build();
        Self { name, changes, entries }
    }

    /// The moment before a read, for [`Self::put`].
    #[must_use]
    pub fn moment(&self) -> Moment {
        self.changes.moment()
    }

    /// The value of that key, if it is there and current.
    #[must_use]
    pub fn get(&self, key: &K) -> Option<V> {
        let found = self.entries.get(key).filter(|entry| self.changes.is_current(entry.read, &entry.shows));
        METRICS.count_kept(self.name, found.is_some());
        found.map(|entry| entry.value)
    }

    /// Keeps a value that was read at that moment and shows these things, unless one of them has changed since.
    pub fn put(&self, key: K, value: V, read: Moment, shows: Arc<[i64]>, weight: u32) {
        if self.changes.is_current(read, &shows) {
            self.entries.insert(key, Entry { read, shows, value, weight });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::infra::changes::Change;

    #[test]
    fn a_value_is_given_again_until_what_it_shows_changes() {
        let changes = Changes::default();
        changes.regained();
        let kept = Kept::new("test", changes.clone(), 10);
        kept.put("key", 1, kept.moment(), [7].into(), 1);
        assert_eq!(kept.get(&"key"), Some(1));
        changes.tell(Change::One(7));
        assert_eq!(kept.get(&"key"), None);
    }

    #[test]
    fn what_changed_while_it_was_read_is_not_kept() {
        let changes = Changes::default();
        changes.regained();
        let kept = Kept::new("test", changes.clone(), 10);
        let before = kept.moment();
        changes.tell(Change::All);
        kept.put("key", 1, before, [].into(), 1);
        assert_eq!(kept.get(&"key"), None);
    }

    #[test]
    fn it_never_holds_more_than_its_capacity() {
        let changes = Changes::default();
        changes.regained();
        let kept = Kept::new("test", changes, 100);
        (0..1_000).for_each(|key| kept.put(key, key, kept.moment(), [].into(), 10));
        kept.entries.run_pending_tasks();
        assert!(kept.entries.weighted_size() <= 100);
    }
}
