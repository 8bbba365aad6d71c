//! argon2id on a bounded pool: hashing takes a core and 19 MB for some 20 ms, so only a few run at once and none on the async threads.

use std::sync::Arc;

use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::phc::{Output, ParamsString, PasswordHash, Salt},
};
use subtle::ConstantTimeEq;
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
    let (params, salt) = (Params::default(), rand::random::<[u8; 16]>());
    let mut output = [0; Params::DEFAULT_OUTPUT_LEN];
    fill(&params, password, &salt, &mut output)?;
    let hash = PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(&params).map_err(HashingError::new)?,
        salt: Some(Salt::new(&salt).map_err(HashingError::new)?),
        hash: Some(Output::new(&output).map_err(HashingError::new)?),
    };
    Ok(hash.to_string())
}

fn verify_now(password: &Password, stored: &str) -> Result<bool, HashingError> {
    let stored = PasswordHash::new(stored).map_err(HashingError::new)?;
    let (Some(salt), Some(expected)) = (stored.salt, stored.hash) else {
        return Err(HashingError::new("the stored hash is incomplete"));
    };
    if stored.algorithm != Algorithm::Argon2id.ident() {
        return Err(HashingError::new("the stored hash is no argon2id"));
    }
    // With the parameters it was made with, so that they can be raised one day.
    let params = Params::try_from(&stored).map_err(HashingError::new)?;
    let mut output = vec![0; expected.len()];
    fill(&params, password, &salt, &mut output)?;
    Ok(output.ct_eq(expected.as_bytes()).into())
}

fn fill(params: &Params, password: &Password, salt: &[u8], output: &mut [u8]) -> Result<(), HashingError> {
    let mut memory = vec![Block::default(); params.block_count()];
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
    let password = password.expose().as_bytes();
    argon2.hash_password_into_with_memory(password, salt, output, &mut memory).map_err(HashingError::new)
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

    #[test]
    fn a_hash_made_with_other_parameters_still_fits() {
        // By the reference implementation: echo -n password | argon2 somesalt -id -t 2 -m 16 -p 1 -l 32 -e
        let stored = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
        assert!(verify_now(&Password::given("password".into()), stored).unwrap());
        assert!(!verify_now(&Password::given("Password".into()), stored).unwrap());
        assert!(verify_now(&Password::given("password".into()), "$argon2i$v=19$m=8,t=1,p=1$c29tZXNhbHQ$AAAA").is_err());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn sign_ins_leave_no_memory_behind() {
        let hasher = PasswordHasher::new(2).unwrap();
        let verify_some = || async {
            let tries = (0..10).map(|_| hasher.verify(Password::given("wrong".into()), None));
            futures_util::future::join_all(tries).await;
        };
        verify_some().await;
        let before = resident_kilobytes();
        verify_some().await;
        verify_some().await;
        assert!(resident_kilobytes() < before + 40_000, "{before} kB grew to {} kB", resident_kilobytes());
    }

    fn resident_kilobytes() -> u64 {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.split_whitespace().next().unwrap().parse().unwrap()
    }
}
