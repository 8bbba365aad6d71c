//! A new password, which ends every sign-in that was made with the old one.

use thiserror::Error;

use super::{Customer, Device, open_session, sql};
use crate::{
    infra::{
        database::Db,
        passwords::{HashingError, PasswordHasher},
    },
    types::{Password, SessionId},
};

/// Why the password stayed as it was.
#[derive(Debug, Error)]
pub enum PasswordChangeError {
    /// The current password is another one, or was changed a moment ago.
    #[error("this is not the current password")]
    Wrong,
    /// The new one is the current one.
    #[error("the new password is the current one")]
    Unchanged,
    /// The sign-in that asked was ended meanwhile.
    #[error("this sign-in has ended")]
    SignedOut,
    /// The hash could not be computed.
    #[error(transparent)]
    Hashing(#[from] HashingError),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// What a change of the password left.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PasswordChanged {
    /// The sign-in that takes the place of the one that asked.
    pub session: SessionId,
    /// Whether it lasts 30 days, as that one did.
    pub remembered: bool,
    /// How many other sign-ins ended.
    pub ended: usize,
}

/// Changes the password of someone who knows the current one. In the same transaction every sign-in of the account ends, and a new one
/// is opened for the device that asked.
///
/// # Errors
/// Wrong current password, no new one, signed out meanwhile.
pub async fn change_password(
    db: &Db,
    hasher: &PasswordHasher,
    customer: &Customer,
    device: &Device,
    current: Password,
    new: Password,
) -> Result<PasswordChanged, PasswordChangeError> {
    let Some(verified) = sql::password_hash(db.primary(), customer.id()).await? else {
        return Err(PasswordChangeError::SignedOut);
    };
    let is_unchanged = current.expose() == new.expose();
    if !hasher.verify(current, Some(verified.clone())).await? {
        return Err(PasswordChangeError::Wrong);
    }
    if is_unchanged {
        return Err(PasswordChangeError::Unchanged);
    }
    // Before the transaction: no connection waits for a hash.
    let hash = hasher.hash(new).await?;
    let mut tx = db.begin().await?;
    if !sql::replace_password_hash(&mut tx, customer.id(), &verified, &hash).await? {
        return Err(PasswordChangeError::Wrong);
    }
    let ended = sql::end_every_session(&mut tx, customer.id()).await?;
    let own = ended.iter().find(|(session, _)| *session == customer.session());
    let Some(&(_, remembered)) = own else { return Err(PasswordChangeError::SignedOut) };
    let session = open_session(&mut tx, customer.id(), device, remembered).await?;
    tx.commit().await?;
    Ok(PasswordChanged { session, remembered, ended: ended.len() - 1 })
}
