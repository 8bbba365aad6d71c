//! One channel on which all processes of a shop tell each other what was committed. Nothing on it is kept: who listens is told when
//! it may have missed something, and then asks the database.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures_util::future::join_all;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use tokio::{
    sync::mpsc::{self, Receiver, Sender},
    time::{MissedTickBehavior, interval, timeout},
};
use uuid::Uuid;

use super::{metrics::METRICS, pubsub::PubSub};

// As much as may wait to be published or read; beyond it listeners are left to ask the database.
const BURST: usize = 4_096;
// So many are published without waiting for each other's answer: as many as are certainly sent in their order.
const AT_ONCE: usize = 30;
// Each process that listens publishes a beat this often and should hear it: a Redis that is frozen, or a subscription that was lost
// without a word, shows in nothing else.
const BEAT: Duration = Duration::from_secs(1);
const SILENCE: Duration = Duration::from_millis(2_500);

/// What is heard.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Heard<T> {
    /// Something that another process told.
    Event(T),
    /// The channel is heard again after a time in which something may have been missed.
    Regained,
}

/// A way to tell all other processes; cheap to clone.
#[derive(Debug)]
pub struct Broadcast<T> {
    out: Sender<T>,
    hearing: Arc<AtomicBool>,
}

impl<T> Clone for Broadcast<T> {
    fn clone(&self) -> Self {
        Self { out: self.out.clone(), hearing: self.hearing.clone() }
    }
}

#[derive(Serialize, Deserialize)]
struct Envelope<T> {
    from: Uuid,
    // None: a beat.
    event: Option<T>,
}

impl<T: Serialize + DeserializeOwned + Send + 'static> Broadcast<T> {
    /// Publishes without listening.
    #[must_use]
    pub fn speaking(pubsub: &PubSub, channel: &str) -> Self {
        let (out, queue) = mpsc::channel(BURST);
        tokio::spawn(publish(pubsub.clone(), pubsub.channel(channel), queue, Uuid::new_v4(), false));
        Self { out, hearing: Arc::default() }
    }

    /// Publishes, and hears what others publish.
    #[must_use]
    pub fn join(pubsub: &PubSub, channel: &str) -> (Self, Receiver<Heard<T>>) {
        let (channel, me) = (pubsub.channel(channel), Uuid::new_v4());
        let (out, queue) = mpsc::channel(BURST);
        let (sender, heard) = mpsc::channel(BURST);
        let hearing = Arc::new(AtomicBool::new(false));
        let listener = Listener { me, hearing: hearing.clone(), sender };
        tokio::spawn(listener.listen(pubsub.clone(), channel.clone()));
        tokio::spawn(publish(pubsub.clone(), channel, queue, me, true));
        (Self { out, hearing }, heard)
    }

    /// Tells the others, now or never.
    pub fn tell(&self, event: T) {
        if self.out.try_send(event).is_err() {
            METRICS.count_live_dropped();
        }
    }

    /// Whether what others tell is heard now.
    #[must_use]
    pub fn is_hearing(&self) -> bool {
        self.hearing.load(Ordering::Acquire)
    }
}

async fn publish<T: Serialize>(pubsub: PubSub, channel: String, mut queue: Receiver<T>, from: Uuid, beats: bool) {
    let mut beat = interval(BEAT);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut failing = false;
    loop {
        let mut events = Vec::new();
        tokio::select! {
            count = queue.recv_many(&mut events, AT_ONCE) => if count == 0 { return },
            _ = beat.tick(), if beats => {}
        };
        let is_beat = events.is_empty();
        let mut envelopes: Vec<Option<T>> = events.into_iter().map(Some).collect();
        if is_beat {
            envelopes.push(None);
        }
        // One after the other on the connection, without waiting for the answer to each.
        let published = join_all(envelopes.into_iter().filter_map(|event| {
            let bytes = serde_json::to_vec(&Envelope { from, event }).ok()?;
            Some(pubsub.publish(&channel, bytes))
        }));
        for published in published.await {
            if let (Err(error), false) = (&published, failing) {
                tracing::warn!(%error, channel, "nothing can be told to the other servers: they ask the database until it can");
            }
            if published.is_err() && !is_beat {
                METRICS.count_live_dropped();
            }
            failing = published.is_err();
        }
    }
}

struct Listener<T> {
    me: Uuid,
    hearing: Arc<AtomicBool>,
    sender: Sender<Heard<T>>,
}

impl<T: DeserializeOwned> Listener<T> {
    async fn listen(self, pubsub: PubSub, channel: String) {
        let mut regained = pubsub.regained();
        let mut messages = pubsub.listen(channel, BURST);
        while !self.sender.is_closed() {
            tokio::select! {
                message = timeout(SILENCE, messages.recv()) => match message {
                    Ok(Some(bytes)) => self.heard(&bytes).await,
                    Ok(None) => return,
                    Err(_) => self.hearing.store(false, Ordering::Release),
                },
                changed = regained.changed() => match changed {
                    Ok(()) => self.hearing.store(false, Ordering::Release),
                    Err(_) => return,
                },
            }
        }
    }

    async fn heard(&self, bytes: &[u8]) {
        let Ok(envelope) = serde_json::from_slice::<Envelope<T>>(bytes) else {
            // A process of another release may tell what this one does not know: the database has it.
            tracing::debug!("what was told is not understood");
            return;
        };
        // Also the own beat: it came the whole way.
        if !self.hearing.swap(true, Ordering::AcqRel) {
            let _ = self.sender.send(Heard::Regained).await;
        }
        if let Some(event) = envelope.event.filter(|_| envelope.from != self.me) {
            let _ = self.sender.send(Heard::Event(event)).await;
        }
    }
}
