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
// decides, so servers need not agree on the time. Answers how many of the uses may happen, and the milliseconds that the next one after
// them has to wait, or 0 if all may.
const GCRA: &str = r"
local per_minute = tonumber(ARGV[1])
local uses = tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local interval = 60000 / per_minute
local paid_off = math.max(tonumber(redis.call('GET', KEYS[1]) or now), now)
local granted, wait = 0, 0
while granted < uses do
  wait = paid_off + interval - 60000 - now
  if wait > 0.5 then break end
  wait = 0
  paid_off = paid_off + interval
  granted = granted + 1
end
if granted > 0 then redis.call('SET', KEYS[1], paid_off, 'PX', math.ceil(paid_off - now) + 1000) end
return {granted, math.ceil(wait)}
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
        self.grant(key, per_minute, 1).await.1
    }

    /// Counts as many of these uses of `key` as may happen, and no more: how many, and what the first of the others hears. One look for all.
    pub async fn grant(&self, key: &str, per_minute: u32, uses: u32) -> (u32, Verdict) {
        let Some(limit) = NonZeroU32::new(per_minute) else { return (0, Verdict::RetryAfter(60)) };
        let Some(client) = &self.shared else { return self.grant_local(key, limit, uses) };
        match self.grant_shared(client, key, per_minute, uses).await {
            Ok(granted) => granted,
            Err(error) => {
                tracing::warn!(%error, "Redis is away: each server holds its share of the limit");
                self.grant_local(key, NonZeroU32::new(per_minute / SERVERS).unwrap_or(NonZeroU32::MIN), uses)
            }
        }
    }

    async fn grant_shared(
        &self,
        client: &Client,
        key: &str,
        per_minute: u32,
        uses: u32,
    ) -> Result<(u32, Verdict), RedisError> {
        // Asked first: while it is away a command would wait for its time-out, and this one stands in the way of a sign-in.
        if !client.is_connected() {
            return Err(RedisError::new(ErrorKind::IO, "not connected"));
        }
        let keys = vec![format!("limit:{key}")];
        let arguments = vec![i64::from(per_minute), i64::from(uses)];
        let (granted, wait_ms): (u32, u64) = self.script.evalsha_with_reload(client, keys, arguments).await?;
        Ok((granted, verdict(wait_ms)))
    }

    fn grant_local(&self, key: &str, per_minute: NonZeroU32, uses: u32) -> (u32, Verdict) {
        let mut local = self.local.lock().unwrap_or_else(PoisonError::into_inner);
        let limiter = local.entry(per_minute.get()).or_insert_with(|| Governor::keyed(Quota::per_minute(per_minute)));
        // Keys that have recovered are forgotten, so that a flood of addresses does not stay in memory.
        if limiter.len() > 10_000 {
            limiter.retain_recent();
        }
        let key = key.to_owned();
        for granted in 0..uses {
            if let Err(not_until) = limiter.check_key(&key) {
                let wait = not_until.wait_time_from(limiter.clock().now());
                return (granted, verdict(u64::try_from(wait.as_millis()).unwrap_or(u64::MAX).max(1)));
            }
        }
        (uses, Verdict::Allowed)
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

    #[tokio::test]
    async fn of_several_uses_at_once_as_many_happen_as_one_after_the_other() {
        let limiter = RateLimiter::local();
        assert_eq!(limiter.grant("a", 5, 3).await, (3, Verdict::Allowed));
        let (granted, Verdict::RetryAfter(_)) = limiter.grant("a", 5, 3).await else { panic!("the sixth is allowed") };
        assert_eq!(granted, 2);
    }
}
