//! A limit shared by all servers (GCRA in Redis), with a local share while Redis is away.

/// Whether something may happen now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// It may.
    Allowed,
    /// Not before that many seconds.
    RetryAfter(u32),
}

/// Counts uses by key.
#[derive(Clone, Debug)]
pub struct RateLimiter {}

impl RateLimiter {
    /// Counts one use of `key`, of which `per_minute` are allowed, all at once or spread.
    pub async fn check(&self, key: &str, per_minute: u32) -> Verdict {
        todo!()
    }
}
