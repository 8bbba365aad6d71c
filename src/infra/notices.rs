//! One of the database's channels, listened to for as long as the process lives, over a connection of its own.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use secrecy::SecretString;
use tokio::sync::mpsc::{self, Receiver, Sender};

use super::notifications::{Heard, Listener};

// How long the connection may be silent before it is asked whether it still lives.
const SILENCE: Duration = Duration::from_secs(1);
const PAUSE: Duration = Duration::from_millis(300);
const BURST: usize = 1_024;

/// What is heard.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Notice {
    /// What a transaction told.
    Payload(String),
    /// From now on all is heard; what came before may have been missed.
    Regained,
}

/// Whether notices are heard now; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Listening(Arc<AtomicBool>);

impl Listening {
    /// Whether notices are heard now.
    #[must_use]
    pub fn is_now(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// Listens on a channel until the receiver is dropped.
#[must_use]
pub fn listen(url: SecretString, channel: &'static str) -> (Listening, Receiver<Notice>) {
    let (sender, receiver) = mpsc::channel(BURST);
    let listening = Listening::default();
    tokio::spawn(follow(url, channel, listening.clone(), sender));
    (listening, receiver)
}

async fn follow(url: SecretString, channel: &'static str, listening: Listening, sender: Sender<Notice>) {
    while !sender.is_closed() {
        let outcome = hear(&url, channel, &listening, &sender).await;
        listening.0.store(false, Ordering::Release);
        if let Err(error) = outcome {
            tracing::warn!(%error, channel, "a channel of the database is not heard; trying again");
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn hear(
    url: &SecretString,
    channel: &str,
    listening: &Listening,
    sender: &Sender<Notice>,
) -> Result<(), sqlx::Error> {
    let mut listener = Listener::open(url, channel, "ecommerce notices").await?;
    listening.0.store(true, Ordering::Release);
    let mut next = Some(Notice::Regained);
    while !sender.is_closed() {
        if let Some(notice) = next.take()
            && sender.send(notice).await.is_err()
        {
            return Ok(());
        }
        match listener.next(SILENCE).await? {
            Heard::Payload(payload) => next = Some(Notice::Payload(payload)),
            Heard::Silence => {}
            Heard::Lost => return Ok(()),
        }
    }
    Ok(())
}
