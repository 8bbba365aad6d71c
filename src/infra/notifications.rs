//! A connection of its own to one of the database's channels, for those who listen as long as the process lives.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use sqlx::{
    ConnectOptions, PgPool,
    postgres::{PgConnectOptions, PgListener, PgPoolOptions},
};

/// An open ear.
#[derive(Debug)]
pub(super) struct Listener(PgListener);

/// What came of listening for a while.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Heard {
    /// What a transaction told.
    Payload(String),
    /// Nothing, and the connection lives.
    Silence,
    /// The connection is gone; what is told from now on is missed.
    Lost,
}

impl Listener {
    /// Listens on a channel; `name` is what the database calls the connection. It does not come back by itself: whoever listens has to
    /// know that something may have been missed.
    pub(super) async fn open(url: &SecretString, channel: &str, name: &str) -> Result<Self, sqlx::Error> {
        let options: PgConnectOptions = url.expose_secret().parse()?;
        let options = options.application_name(name).disable_statement_logging();
        let pool: PgPool = PgPoolOptions::new()
            .max_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .acquire_timeout(Duration::from_secs(3))
            .connect_lazy_with(options);
        let mut listener = PgListener::connect_with(&pool).await?;
        listener.eager_reconnect(false);
        listener.listen(channel).await?;
        Ok(Self(listener))
    }

    /// Waits for the next notification, at most for so long; then asks whether the connection still lives, for as long at most.
    pub(super) async fn next(&mut self, patience: Duration) -> Result<Heard, sqlx::Error> {
        match tokio::time::timeout(patience, self.0.try_recv()).await {
            Ok(Ok(Some(notification))) => Ok(Heard::Payload(notification.payload().to_owned())),
            Ok(Ok(None)) => Ok(Heard::Lost),
            Ok(Err(error)) => Err(error),
            // A connection that was cut without a word looks silent.
            Err(_) => {
                let asked = sqlx::query("SELECT 1").execute(&mut self.0);
                let asked = tokio::time::timeout(patience, asked).await;
                asked.map_err(|_| sqlx::Error::PoolTimedOut)??;
                Ok(Heard::Silence)
            }
        }
    }
}
