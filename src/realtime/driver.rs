//! The Redis adapter's way to Redis. Every driver that comes with it stops delivering after a restart of Redis, and one failed
//! PUBLISH cancels what would have been delivered on this very server.

use std::convert::Infallible;

use socketioxide::adapter::Emitter;
use socketioxide_redis::{
    CustomRedisAdapter,
    drivers::{ChanItem, Driver, MessageStream},
};
use tokio::sync::mpsc;

use crate::infra::pubsub::PubSub;

/// Sockets whose rooms are shared by all servers.
pub type Adapter = CustomRedisAdapter<Emitter, RedisDriver>;

/// Over the shop's channels.
#[derive(Clone, Debug)]
pub struct RedisDriver(pub PubSub);

impl Driver for RedisDriver {
    type Error = Infallible;

    async fn publish(&self, chan: String, val: Vec<u8>) -> Result<(), Infallible> {
        if let Err(error) = self.0.publish(&chan, val).await {
            tracing::debug!(%error, "sockets of other servers were not told");
        }
        Ok(())
    }

    async fn subscribe(&self, chan: String, size: usize) -> Result<MessageStream<ChanItem>, Infallible> {
        let mut messages = self.0.listen(chan.clone(), size);
        let (sender, receiver) = mpsc::channel(size);
        tokio::spawn(async move {
            while let Some(message) = messages.recv().await {
                if sender.send((chan.clone(), message)).await.is_err() {
                    return;
                }
            }
        });
        Ok(MessageStream::new(receiver))
    }

    async fn unsubscribe(&self, chan: String) -> Result<(), Infallible> {
        self.0.forget(&chan).await;
        Ok(())
    }

    // While Redis is away there is this server alone: nobody waits for answers that cannot come.
    async fn num_serv(&self, chan: &str) -> Result<u16, Infallible> {
        Ok(self.0.listeners(chan).await.unwrap_or(1))
    }
}
