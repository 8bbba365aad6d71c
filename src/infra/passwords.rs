//! argon2id on a bounded pool: hashing takes a core and 19 MB for some 20 ms, so only a few run at once and none on the async threads.

use std::sync::Arc;

use argon2::{Argon2, PasswordHasher as _, PasswordVerifier as _, password_hash::phc::PasswordHash};
use thiserror::Error;
use tokio::sync::Semaphore;

use crate::types::Password;

/// Hashes and verifies passwords.
#[derive(Clone, Debug)]
pub struct PasswordHasher {
    permits: Arc<Semaphore>,
    // What an unknown name is verified against, so that it takes as long as a known one.
    decoy: Arc<str>,
}

/// Hashing did not come to an end.
#[derive(Debug, Error)]
#[error("password hashing failed: {0}")]
pub struct HashingError(String);

impl PasswordHasher {
    /// A pool that runs at most `jobs` hashes at once.
    ///
    /// # Errors
    /// The decoy could not be hashed: no memory or no randomness.
    pub fn new(jobs: usize) -> Result<Self, HashingError> {
        let decoy = hash_now(&Password::given("no account has this".to_owned()))?;
        Ok(Self { permits: Arc::new(Semaphore::new(jobs.max(1))), decoy: decoy.into() })
    }

    /// The hash to store, with its parameters and salt in it.
    ///
    /// # Errors
    /// The hash could not be computed.
    pub async fn hash(&self, password: Password) -> Result<String, HashingError> {
        self.run(move || hash_now(&password)).await?
    }

    /// Whether the password fits the stored hash. Without one (an unknown name) the answer is no, after the same work.
    ///
    /// # Errors
    /// The hash could not be computed.
    pub async fn verify(&self, password: Password, stored: Option<String>) -> Result<bool, HashingError> {
        let known = stored.is_some();
        let stored = stored.unwrap_or_else(|| self.decoy.to_string());
        let fits = self.run(move || verify_now(&password, &stored)).await??;
        Ok(fits && known)
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, HashingError> {
        let _permit = self.permits.acquire().await.map_err(HashingError::new)?;
        tokio::task::spawn_blocking(work).await.map_err(HashingError::new)
    }
}

impl HashingError {
    fn new(error: impl ToString) -> Self {
        Self(error.to_string())
    }
}

// m = 19456 KiB, t = 2, p = 1: the library's default, and the least that the project promises.
fn hash_now(password: &Password) -> Result<String, HashingError> {
    let hash = Argon2::default().hash_password(password.expose().as_bytes()).map_err(HashingError::new)?;
    Ok(hash.to_string())
}

fn verify_now(password: &Password, stored: &str) -> Result<bool, HashingError> {
    let hash = PasswordHash::new(stored).map_err(HashingError::new)?;
    Ok(Argon2::default().verify_password(password.expose().as_bytes(), &hash).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_fits_its_own_hash_alone() {
        let hasher = PasswordHasher::new(2).unwrap();
        let hash = hasher.hash(Password::given("correct horse".into())).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(hasher.verify(Password::given("correct horse".into()), Some(hash.clone())).await.unwrap());
        assert!(!hasher.verify(Password::given("wrong".into()), Some(hash)).await.unwrap());
        assert!(!hasher.verify(Password::given("no account has this".into()), None).await.unwrap());
    }
}
