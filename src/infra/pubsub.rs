//! Plain publish and subscribe through Redis (6.2 and later), which survives that Redis goes away: publishing fails fast, and what was
//! subscribed is subscribed again on every new connection. fred's own subscription manager stops for good at its first error (10.1).

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use fred::{
    clients::{Client, SubscriberClient},
    error::{Error as RedisError, ErrorKind},
    interfaces::{ClientLike, EventInterface, PubsubInterface},
    types::{Message, config::Config},
};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::{Notify, broadcast::error::RecvError, mpsc, watch};

use super::redis;

const PAUSE: Duration = Duration::from_millis(300);
// Beyond so many messages that nobody has read yet the oldest are lost, and what was missed is looked up.
const BURST: usize = 2_048;

/// Channels of one shop, shared by all its processes; cheap to clone.
#[derive(Clone)]
pub struct PubSub(Arc<Inner>);

struct Inner {
    publisher: Client,
    subscriber: SubscriberClient,
    // Channels are not bound to a database of Redis, shops are.
    prefix: String,
    listeners: Mutex<HashMap<String, mpsc::Sender<Vec<u8>>>>,
    wanted: Notify,
    regained: watch::Sender<u64>,
}

impl PubSub {
    /// Connects to the Redis of this address; later failures are mended in the background. Channels carry the prefix and the number
    /// of the database.
    ///
    /// # Errors
    /// It is away or refuses the password.
    pub async fn open(url: &SecretString, prefix: &str, patience: Duration) -> Result<Self, RedisError> {
        let config = Config::from_url(url.expose_secret())?;
        let prefix = format!("{prefix}:{}", config.database.unwrap_or(0));
        let publisher = redis::client(config.clone())?;
        let mut listening = redis::builder(config);
        // What is published comes in bursts. For this client alone: the room is taken at once, five times over.
        listening.with_performance_config(|performance| performance.broadcast_channel_capacity = BURST);
        let subscriber = listening.build_subscriber_client()?;
        let connected = tokio::time::timeout(patience, async {
            publisher.init().await?;
            subscriber.init().await
        });
        connected.await.map_err(|_| RedisError::new(ErrorKind::Timeout, "no answer"))??;
        let inner = Inner {
            publisher,
            subscriber,
            prefix,
            listeners: Mutex::default(),
            wanted: Notify::new(),
            regained: watch::Sender::new(0),
        };
        let pubsub = Self(Arc::new(inner));
        tokio::spawn(pubsub.clone().hand_out());
        tokio::spawn(pubsub.clone().keep_subscribed());
        Ok(pubsub)
    }

    /// A channel's full name.
    #[must_use]
    pub fn channel(&self, name: &str) -> String {
        format!("{}:{name}", self.0.prefix)
    }

    /// Sends to whoever is subscribed now, or fails at once.
    ///
    /// # Errors
    /// Redis is away or does not answer.
    pub async fn publish(&self, channel: &str, value: Vec<u8>) -> Result<(), RedisError> {
        let publisher = &self.0.publisher;
        if !publisher.is_connected() {
            return Err(RedisError::new(ErrorKind::IO, "not connected"));
        }
        redis::fail_fast(publisher).publish(channel, value.as_slice()).await
    }

    /// What is published on a channel from now on, or from when Redis is back; with more than `size` waiting the newest are dropped.
    pub fn listen(&self, channel: String, size: usize) -> mpsc::Receiver<Vec<u8>> {
        let (sender, receiver) = mpsc::channel(size);
        self.0.listeners.lock().unwrap_or_else(PoisonError::into_inner).insert(channel, sender);
        self.0.wanted.notify_one();
        receiver
    }

    /// Hears of a channel no more.
    pub async fn forget(&self, channel: &str) {
        self.0.listeners.lock().unwrap_or_else(PoisonError::into_inner).remove(channel);
        if let Err(error) = self.0.subscriber.unsubscribe(channel).await {
            tracing::debug!(%error, channel, "unsubscribing failed");
        }
    }

    /// How many processes are subscribed to a channel.
    ///
    /// # Errors
    /// Redis is away or does not answer.
    pub async fn listeners(&self, channel: &str) -> Result<u16, RedisError> {
        let counts: HashMap<String, u16> = redis::fail_fast(&self.0.publisher).pubsub_numsub(channel).await?;
        Ok(counts.get(channel).copied().unwrap_or(0))
    }

    /// Changes each time subscriptions were made anew, so that something may have been missed.
    #[must_use]
    pub fn regained(&self) -> watch::Receiver<u64> {
        self.0.regained.subscribe()
    }

    /// Ends the connections.
    pub async fn quit(&self) {
        // On the way out nothing can be done about an error.
        let _ = tokio::join!(self.0.publisher.quit(), self.0.subscriber.quit());
    }

    async fn hand_out(self) {
        let mut messages = self.0.subscriber.message_rx();
        loop {
            match messages.recv().await {
                Ok(message) => self.hand(message),
                Err(RecvError::Lagged(missed)) => {
                    tracing::warn!(missed, "more was published than could be read");
                    self.0.regained.send_modify(|times| *times += 1);
                }
                Err(RecvError::Closed) => return,
            }
        }
    }

    fn hand(&self, message: Message) {
        let Some(bytes) = message.value.into_owned_bytes() else { return };
        let listeners = self.0.listeners.lock().unwrap_or_else(PoisonError::into_inner);
        let full = listeners.get(&*message.channel).is_some_and(|listener| listener.try_send(bytes).is_err());
        if full {
            tracing::debug!(channel = %message.channel, "a listener has too much to read");
        }
    }

    // After each new connection, and when another channel is wanted.
    async fn keep_subscribed(self) {
        let mut reconnected = self.0.subscriber.reconnect_rx();
        loop {
            tokio::select! {
                server = reconnected.recv() => if matches!(server, Err(RecvError::Closed)) { return },
                () = self.0.wanted.notified() => {}
            }
            while let Err(error) = self.subscribe_all().await {
                tracing::warn!(%error, "channels could not be subscribed; trying again");
                tokio::time::sleep(PAUSE).await;
            }
            self.0.regained.send_modify(|times| *times += 1);
        }
    }

    async fn subscribe_all(&self) -> Result<(), RedisError> {
        let channels: Vec<String> =
            self.0.listeners.lock().unwrap_or_else(PoisonError::into_inner).keys().cloned().collect();
        if channels.is_empty() { Ok(()) } else { self.0.subscriber.subscribe(channels).await }
    }
}

impl fmt::Debug for PubSub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PubSub").field("prefix", &self.0.prefix).finish_non_exhaustive()
    }
}
