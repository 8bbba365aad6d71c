//! Redis: sessions in one database, limits in the next. Commands fail fast while it is away, and connections come back by themselves.

use std::time::Duration;

use fred::{
    clients::{Client, WithOptions},
    error::{Error as RedisError, ErrorKind},
    interfaces::ClientLike,
    types::{
        Builder, InfoKind,
        config::{Config, Options, ReconnectPolicy, UnresponsiveConfig},
    },
};
use secrecy::{ExposeSecret, SecretString};
use tower_sessions_redis_store::RedisStore;

use super::rate_limit::RateLimiter;

/// The oldest release that has what is used here.
pub const MINIMUM: (u32, u32) = (6, 2);

const COMMAND_TIMEOUT: Duration = Duration::from_millis(500);

/// The session store of every server.
pub type SessionStore = RedisStore<WithOptions<Client>>;

/// Connections to Redis, which come back by themselves after it was away.
#[derive(Clone, Debug)]
pub struct Redis {
    sessions: Client,
    limits: Client,
}

impl Redis {
    /// Connects, for which there is some time; later failures are mended in the background. Sessions live in the database that the
    /// address names, limits in the one after it: the store's keys carry no prefix.
    ///
    /// # Errors
    /// It is away, refuses the password, or has no such database.
    pub async fn open(url: &SecretString, patience: Duration) -> Result<Self, RedisError> {
        let config = Config::from_url(url.expose_secret())?;
        let database = config.database.unwrap_or(0);
        let client = |database| client(Config { database: Some(database), ..config.clone() });
        let redis = Self { sessions: client(database)?, limits: client(database.saturating_add(1))? };
        for client in [&redis.sessions, &redis.limits] {
            let connected = tokio::time::timeout(patience, client.init()).await;
            connected.map_err(|_| RedisError::new(ErrorKind::Timeout, "no answer"))??;
        }
        Ok(redis)
    }

    /// The store for `tower_sessions`.
    #[must_use]
    pub fn session_store(&self) -> SessionStore {
        RedisStore::new(fail_fast(&self.sessions))
    }

    /// A limiter whose counts every server shares.
    #[must_use]
    pub fn rate_limiter(&self) -> RateLimiter {
        RateLimiter::shared(self.limits.clone())
    }

    /// Its version.
    ///
    /// # Errors
    /// It is away, or is something else than Redis.
    pub async fn version(&self) -> Result<(u32, u32), RedisError> {
        let info: String = fail_fast(&self.sessions).info(Some(InfoKind::Server)).await?;
        parse_version(&info).ok_or_else(|| RedisError::new(ErrorKind::Protocol, "it does not say its version"))
    }

    /// Ends the connections.
    pub async fn quit(&self) {
        for client in [&self.sessions, &self.limits] {
            // On the way out nothing can be done about an error.
            let _ = client.quit().await;
        }
    }
}

/// Whether an error says that Redis is away or still loading, so that waiting may mend it.
#[must_use]
pub fn is_away(error: &RedisError) -> bool {
    let is_gone = matches!(error.kind(), ErrorKind::IO | ErrorKind::Timeout | ErrorKind::Canceled);
    is_gone || error.details().starts_with("LOADING")
}

/// A client with the settings of all of them.
pub(super) fn client(config: Config) -> Result<Client, RedisError> {
    builder(config).build()
}

pub(super) fn builder(config: Config) -> Builder {
    let mut builder = Builder::from_config(config);
    builder
        .set_policy(ReconnectPolicy::new_exponential(0, 100, 2000, 2))
        .with_performance_config(|performance| {
            performance.default_command_timeout = COMMAND_TIMEOUT;
        })
        .with_connection_config(|connection| {
            connection.connection_timeout = Duration::from_secs(2);
            connection.internal_command_timeout = Duration::from_secs(2);
            // A frozen Redis keeps its connections open and answers nothing: they are given up and made anew.
            connection.unresponsive =
                UnresponsiveConfig { max_timeout: Some(Duration::from_secs(2)), interval: Duration::from_millis(500) };
        });
    builder
}

/// A client whose commands fail at once while Redis is away.
pub(super) fn fail_fast(client: &Client) -> WithOptions<Client> {
    client.with_options(&Options { fail_fast: true, timeout: Some(COMMAND_TIMEOUT), ..Options::default() })
}

fn parse_version(info: &str) -> Option<(u32, u32)> {
    let version = info.lines().find_map(|line| line.trim().strip_prefix("redis_version:"))?;
    let mut parts = version.split('.').map_while(|part| part.parse().ok());
    Some((parts.next()?, parts.next()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_read_from_what_redis_says_of_itself() {
        assert_eq!(parse_version("# Server\r\nredis_version:7.0.15\r\nredis_git_sha1:0\r\n"), Some((7, 0)));
        assert_eq!(parse_version("redis_version:unknown"), None);
    }
}
