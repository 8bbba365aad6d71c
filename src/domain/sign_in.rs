//! Signing in joins what the visitor did with the account, in one operation above accounts, cart and orders.

use crate::{
    domain::{
        accounts::{AccountError, Customer, Device, Registration, SignInError},
        cart::JoinReport,
    },
    infra::{database::Db, passwords::PasswordHasher},
    types::{Password, VisitorId},
};

/// A name and password from a device.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// User name or mail address.
    pub login: String,
    /// As typed.
    pub password: Password,
    /// Stay signed in for 30 days.
    pub remember: bool,
}

/// Who signed in, and what came along.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The person, with the session that was opened.
    pub customer: Customer,
    /// What happened to the visitor's cart.
    pub joined: JoinReport,
}

/// Signs in, opens a session, and gives the account what the visitor had: cart (summed, held to the stock) and guest orders.
/// One transaction after the password was checked.
///
/// # Errors
/// Name and password do not fit, or the database failed.
pub async fn sign_in(
    db: &Db,
    hasher: &PasswordHasher,
    credentials: Credentials,
    device: &Device,
    visitor: Option<VisitorId>,
) -> Result<SignedIn, SignInError> {
    todo!()
}

/// Makes an account and signs it in, with everything that [`sign_in`] does.
///
/// # Errors
/// Name or mail address taken, or the database failed.
pub async fn register(
    db: &Db,
    hasher: &PasswordHasher,
    registration: Registration,
    device: &Device,
    visitor: Option<VisitorId>,
) -> Result<SignedIn, AccountError> {
    todo!()
}
