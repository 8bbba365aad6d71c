//! A limit shared by all servers (GCRA in Redis), with a local share while Redis is away.

use std::{
    collections::HashMap,
    fmt,
    num::NonZeroU32,
    sync::{Arc, Mutex, PoisonError},
};

use fred::{
    clients::Client,
    error::{Error as RedisError, ErrorKind},
    interfaces::ClientLike,
    types::scripts::Script,
};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter as Governor, clock::Clock};

/// Whether something may happen now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// It may.
    Allowed,
    /// Not before that many seconds.
    RetryAfter(u32),
}

// While Redis is away each server grants this part of a limit, as if there were three of them.
const SERVERS: u32 = 3;

// The generic cell rate algorithm: one number a key, the time at which the uses so far will have been "paid off". Redis' own clock
// decides, so servers need not agree on the time. Answers 0, or the milliseconds to wait.
const GCRA: &str = r"
local per_minute = tonumber(ARGV[1])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local interval = 60000 / per_minute
local paid_off = math.max(tonumber(redis.call('GET', KEYS[1]) or now), now) + interval
local wait = paid_off - 60000 - now
if wait > 0.5 then return math.ceil(wait) end
redis.call('SET', KEYS[1], paid_off, 'PX', math.ceil(paid_off - now) + 1000)
return 0
";

/// Counts uses by key.
#[derive(Clone)]
pub struct RateLimiter {
    shared: Option<Client>,
    script: Arc<Script>,
    local: Arc<Mutex<HashMap<u32, DefaultKeyedRateLimiter<String>>>>,
}

impl RateLimiter {
    /// Counts in Redis, and with a share of the limit in this process while that is away.
    #[must_use]
    pub fn shared(client: Client) -> Self {
        Self { shared: Some(client), ..Self::local() }
    }

    /// Counts in this process alone.
    #[must_use]
    pub fn local() -> Self {
        Self { shared: None, script: Arc::new(Script::from_lua(GCRA)), local: Arc::default() }
    }

    /// Counts one use of `key`, of which `per_minute` are allowed, all at once or spread. 0 allows none.
    pub async fn check(&self, key: &str, per_minute: u32) -> Verdict {
        let Some(limit) = NonZeroU32::new(per_minute) else { return Verdict::RetryAfter(60) };
        let Some(client) = &self.shared else { return self.check_local(key, limit) };
        match self.check_shared(client, key, per_minute).await {
            Ok(verdict) => verdict,
            Err(error) => {
                tracing::warn!(%error, "Redis is away: each server holds its share of the limit");
                self.check_local(key, NonZeroU32::new(per_minute / SERVERS).unwrap_or(NonZeroU32::MIN))
            }
        }
    }

    async fn check_shared(&self, client: &Client, key: &str, per_minute: u32) -> Result<Verdict, RedisError> {
        // Asked first: while it is away a command would wait for its time-out, and this one stands in the way of a sign-in.
        if !client.is_connected() {
            return Err(RedisError::new(ErrorKind::IO, "not connected"));
        }
        let keys = vec![format!("limit:{key}")];
        let wait_ms: u64 = self.script.evalsha_with_reload(client, keys, vec![i64::from(per_minute)]).await?;
        Ok(verdict(wait_ms))
    }

    fn check_local(&self, key: &str, per_minute: NonZeroU32) -> Verdict {
        let mut local = self.local.lock().unwrap_or_else(PoisonError::into_inner);
        let limiter = local.entry(per_minute.get()).or_insert_with(|| Governor::keyed(Quota::per_minute(per_minute)));
        // Keys that have recovered are forgotten, so that a flood of addresses does not stay in memory.
        if limiter.len() > 10_000 {
            limiter.retain_recent();
        }
        match limiter.check_key(&key.to_owned()) {
            Ok(()) => Verdict::Allowed,
            Err(not_until) => {
                let wait = not_until.wait_time_from(limiter.clock().now());
                verdict(u64::try_from(wait.as_millis()).unwrap_or(u64::MAX).max(1))
            }
        }
    }
}

fn verdict(wait_ms: u64) -> Verdict {
    match wait_ms {
        0 => Verdict::Allowed,
        wait => Verdict::RetryAfter(u32::try_from(wait.div_ceil(1000)).unwrap_or(u32::MAX)),
    }
}

impl fmt::Debug for RateLimiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RateLimiter").field("shared", &self.shared.is_some()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_limit_of_one_process_holds_and_says_when_to_come_back() {
        let limiter = RateLimiter::local();
        for _ in 0..3 {
            assert_eq!(limiter.check("a", 3).await, Verdict::Allowed);
        }
        let Verdict::RetryAfter(seconds) = limiter.check("a", 3).await else { panic!("the fourth is allowed") };
        assert!((1..=20).contains(&seconds), "{seconds}");
        assert_eq!(limiter.check("b", 3).await, Verdict::Allowed);
        assert_eq!(limiter.check("a", 0).await, Verdict::RetryAfter(60));
    }
}
