//! A data loader: reads of one kind that are asked for at the same moment, made together in one statement. Nothing is kept: what somebody is
//! answered was read after they asked.

use std::{collections::HashMap, hash::Hash, time::Duration};

use tokio::sync::{
    mpsc::{Receiver, Sender, channel},
    oneshot,
};

/// At most so many things are read by one statement.
const MOST: usize = 64;
/// Whoever has waited this long asks alone: one statement that hangs must not keep all others waiting.
const PATIENCE: Duration = Duration::from_secs(1);
/// Beyond this many that wait, the next waits to be heard.
const QUEUE: usize = 1_024;

struct Wanted<K, V> {
    key: K,
    answer: oneshot::Sender<Option<V>>,
}

/// Reads things by their keys; cheap to clone.
#[derive(Debug)]
pub struct Loader<K, V> {
    queue: Sender<Wanted<K, V>>,
}

// Not derived: neither the keys nor the values need to be cloned for it.
impl<K, V> Clone for Loader<K, V> {
    fn clone(&self) -> Self {
        Self { queue: self.queue.clone() }
    }
}

/// The statement failed or takes long; whoever asked may ask alone, to learn why.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Failed;

impl<K, V> Loader<K, V>
where
    K: Copy + Eq + Hash + Send + 'static,
    V: Clone + Send + 'static,
{
    /// Reads by `read`, one statement at a time, so that what is asked for meanwhile is together in the next. It is given different keys and
    /// gives back what it found, in any order. Ends when the last handle is dropped. Must be called within a runtime.
    pub fn new<R, F, E>(read: R) -> Self
    where
        R: Fn(Vec<K>) -> F + Send + Sync + 'static,
        F: Future<Output = Result<HashMap<K, V>, E>> + Send + 'static,
        E: Send + 'static,
    {
        let (queue, wanted) = channel(QUEUE);
        tokio::spawn(serve(wanted, read));
        Self { queue }
    }

    /// What is there under that key.
    ///
    /// # Errors
    /// The statement failed, or takes too long.
    pub async fn load(&self, key: K) -> Result<Option<V>, Failed> {
        let (answer, answered) = oneshot::channel();
        let asking = async {
            self.queue.send(Wanted { key, answer }).await.map_err(|_| Failed)?;
            answered.await.map_err(|_| Failed)
        };
        tokio::time::timeout(PATIENCE, asking).await.unwrap_or(Err(Failed))
    }
}

async fn serve<K, V, R, F, E>(mut queue: Receiver<Wanted<K, V>>, read: R)
where
    K: Copy + Eq + Hash,
    V: Clone,
    R: Fn(Vec<K>) -> F,
    F: Future<Output = Result<HashMap<K, V>, E>>,
{
    let mut wanted = Vec::with_capacity(MOST);
    loop {
        queue.recv_many(&mut wanted, MOST).await;
        if wanted.is_empty() {
            return;
        }
        // Who has gone meanwhile needs no answer.
        wanted.retain(|one| !one.answer.is_closed());
        if wanted.is_empty() {
            continue;
        }
        let mut keys: Vec<K> = Vec::with_capacity(wanted.len());
        for one in &wanted {
            if !keys.contains(&one.key) {
                keys.push(one.key);
            }
        }
        let is_each_once = keys.len() == wanted.len();
        // A statement that hangs is given up: whoever waits for it asks alone by then, and the next is made anew.
        let found = tokio::time::timeout(PATIENCE, read(keys)).await;
        if let Ok(Ok(mut found)) = found {
            for one in wanted.drain(..) {
                let value = if is_each_once { found.remove(&one.key) } else { found.get(&one.key).cloned() };
                let _ = one.answer.send(value);
            }
        }
        // After an error they hear that there is none, by what is dropped here.
        wanted.clear();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc, Mutex as Log,
        atomic::{AtomicBool, Ordering},
    };

    use futures_util::future::join_all;
    use tokio::sync::Semaphore;

    use super::*;

    type Noted = Arc<Log<Vec<Vec<u32>>>>;

    /// Reads the double of each number below 100, once `gate` lets it, and notes what was read together.
    fn doubles(gate: &Arc<Semaphore>) -> (Loader<u32, u32>, Noted) {
        let (gate, log) = (gate.clone(), Arc::new(Log::new(Vec::new())));
        let noted = log.clone();
        let loader = Loader::new(move |keys: Vec<u32>| {
            let (gate, noted) = (gate.clone(), noted.clone());
            async move {
                noted.lock().unwrap().push(keys.clone());
                gate.acquire().await.map_err(|_| ())?.forget();
                Ok::<_, ()>(keys.into_iter().filter(|key| *key < 100).map(|key| (key, key * 2)).collect())
            }
        });
        (loader, log)
    }

    #[tokio::test]
    async fn what_is_asked_for_while_others_are_read_is_read_together_and_each_once() {
        let gate = Arc::new(Semaphore::new(0));
        let (loader, log) = doubles(&gate);
        let first = tokio::spawn({
            let loader = loader.clone();
            async move { loader.load(1).await }
        });
        while log.lock().unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
        let rest = join_all([7, 8, 7, 200].map(|key| loader.load(key)));
        let open = async { gate.add_permits(100) };
        let (rest, ()) = tokio::join!(rest, open);
        assert_eq!(rest, [Ok(Some(14)), Ok(Some(16)), Ok(Some(14)), Ok(None)]);
        assert_eq!(first.await.unwrap(), Ok(Some(2)));
        assert_eq!(*log.lock().unwrap(), [vec![1], vec![7, 8, 200]]);
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_for_long_behind_a_statement_that_hangs() {
        let gate = Arc::new(Semaphore::new(0));
        let (loader, _log) = doubles(&gate);
        let answers = join_all([1, 2].map(|key| loader.load(key))).await;
        assert_eq!(answers, [Err(Failed); 2]);
        assert_eq!(loader.load(3).await, Err(Failed), "the one behind it waits no longer than they did");
        gate.add_permits(100);
        assert_eq!(loader.load(4).await, Ok(Some(8)));
    }

    #[tokio::test]
    async fn nothing_is_kept_between_two_reads() {
        let gate = Arc::new(Semaphore::new(100));
        let (loader, log) = doubles(&gate);
        for _ in 0..3 {
            assert_eq!(loader.load(5).await, Ok(Some(10)));
        }
        assert_eq!(log.lock().unwrap().len(), 3);
    }

    #[tokio::test]
    async fn a_failed_statement_is_told_to_all_that_waited_for_it_and_the_next_works() {
        let fails = Arc::new(AtomicBool::new(true));
        let failing = fails.clone();
        let loader: Loader<u32, u32> = Loader::new(move |keys: Vec<u32>| {
            let fails = failing.load(Ordering::Relaxed);
            async move { if fails { Err(()) } else { Ok(keys.into_iter().map(|key| (key, key)).collect()) } }
        });
        assert_eq!(join_all([1, 2, 3].map(|key| loader.load(key))).await, [Err(Failed); 3]);
        fails.store(false, Ordering::Relaxed);
        assert_eq!(loader.load(1).await, Ok(Some(1)));
    }

    #[tokio::test]
    async fn one_who_goes_away_costs_the_others_nothing() {
        let gate = Arc::new(Semaphore::new(0));
        let (loader, _log) = doubles(&gate);
        let gone = tokio::time::timeout(Duration::from_millis(20), loader.load(1)).await;
        assert!(gone.is_err());
        gate.add_permits(100);
        assert_eq!(loader.load(1).await, Ok(Some(2)));
    }
}
