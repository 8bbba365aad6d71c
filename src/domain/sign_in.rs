//! Signing in joins what the visitor did with the account, in one operation above accounts, cart and orders.

use crate::{
    domain::{
        accounts::{self, AccountError, Customer, Device, Registration, Role, SignInError},
        cart::{self, JoinReport},
        chat, orders, wishlist,
    },
    infra::{
        database::{Db, Tx},
        passwords::PasswordHasher,
    },
    types::{Password, UserId, VisitorId},
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

/// Signs in, opens a session, and gives the account what the visitor had: cart (summed, held to the stock), guest orders, wishlist and
/// conversations.
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
    let proven = accounts::authenticate(db, hasher, &credentials.login, credentials.password).await?;
    let mut tx = db.begin().await?;
    if !accounts::confirm_in_tx(&mut tx, &proven).await? {
        return Err(SignInError::Wrong);
    }
    // Nobody: the account was disabled between the two statements.
    let signed_in =
        open(&mut tx, proven.user(), device, credentials.remember, visitor).await?.ok_or(SignInError::Wrong)?;
    tx.commit().await?;
    Ok(signed_in)
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
    // Before the transaction: no connection waits for a hash.
    let hash = hasher.hash(registration.password.clone()).await?;
    let mut tx = db.begin().await?;
    let user = accounts::create_in_tx(&mut tx, &registration, &hash, &[Role::Customer]).await?;
    let signed_in = open(&mut tx, user, device, false, visitor).await?.ok_or(sqlx::Error::RowNotFound)?;
    tx.commit().await?;
    Ok(signed_in)
}

// The cart before the orders: joining the cart waits for a checkout that holds it, whose order then comes along.
async fn open(
    tx: &mut Tx,
    user: UserId,
    device: &Device,
    remember: bool,
    visitor: Option<VisitorId>,
) -> Result<Option<SignedIn>, sqlx::Error> {
    let joined = match visitor {
        Some(visitor) => {
            let report = cart::join_in_tx(tx, visitor, user).await?;
            orders::join_in_tx(tx, visitor, user).await?;
            wishlist::join_in_tx(tx, visitor, user).await?;
            chat::join_in_tx(tx, visitor, user).await?;
            report
        }
        None => JoinReport::default(),
    };
    let session = accounts::open_session(tx, user, device, remember).await?;
    let customer = accounts::live_customer_in_tx(tx, session).await?;
    Ok(customer.map(|customer| SignedIn { customer, joined }))
}
