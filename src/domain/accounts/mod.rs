//! People: accounts, roles, visitors, and the sign-ins they have open.

mod addresses;
mod forms;
mod password_change;
mod people;
mod role;
mod roles;
mod rules;
mod sessions;
mod sql;
mod visitors;

use thiserror::Error;

pub use addresses::{
    AddressBookError, MOST_ADDRESSES, SavedAddress, add_address, address, addresses, change_address, keep_address,
    make_default_address, remove_address,
};
pub use forms::{Device, ProfileChange, Registration};
pub use password_change::{PasswordChangeError, PasswordChanged, change_password};
pub use people::{Administrator, Agent, AnswerEditor, Customer, Lead, Owner, Staff, System, User};
pub use role::Role;
pub use roles::{Person, RolesChanged, RolesError, people, person, set_roles};
pub use sessions::{
    OpenSession, end_other_sessions, end_session, end_session_of, live_customer, live_customer_in_tx, open_session,
    open_sessions,
};
pub use visitors::{new_visitor, visitor_by_token};

use self::rules::Login;
use crate::{
    infra::{
        database::{self, Db, Tx},
        passwords::{HashingError, PasswordHasher},
    },
    types::{Password, UserId},
};

/// Why an account was not made or changed.
#[derive(Debug, Error)]
pub enum AccountError {
    /// Another account has the name.
    #[error("this user name is taken")]
    UsernameTaken,
    /// Another account has the address.
    #[error("this mail address is already in use")]
    EmailTaken,
    /// The hash could not be computed.
    #[error(transparent)]
    Hashing(#[from] HashingError),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Why nobody was signed in.
#[derive(Debug, Error)]
pub enum SignInError {
    /// No such name, or another password: which of them is not said.
    #[error("this name and password do not fit")]
    Wrong,
    /// The hash could not be computed.
    #[error(transparent)]
    Hashing(#[from] HashingError),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Whose name and password were given, and the hash that they fitted.
#[derive(Clone, Debug)]
pub struct Authenticated {
    user: UserId,
    hash: String,
}

/// User names of the demo accounts that `seed` makes, with mail addresses under the reserved domain `example`. Both together are the
/// mark: a shop may well call its own administrator `admin`, but nobody gets mail there.
pub const DEMO_USERNAMES: [&str; 4] = ["admin", "agent", "john_doe", "jane_smith"];

/// Makes an account with the role of a customer.
///
/// # Errors
/// Name or mail address taken.
pub async fn register(db: &Db, hasher: &PasswordHasher, registration: Registration) -> Result<UserId, AccountError> {
    create(db, hasher, &System::acting(), registration, &[Role::Customer]).await
}

/// Makes a new account with these roles. For `admin create`.
///
/// # Errors
/// Name or mail address taken.
pub async fn create(
    db: &Db,
    hasher: &PasswordHasher,
    _system: &System,
    registration: Registration,
    roles: &[Role],
) -> Result<UserId, AccountError> {
    let hash = hasher.hash(registration.password.clone()).await?;
    let mut tx = db.begin().await?;
    let user = create_in_tx(&mut tx, &registration, &hash, roles).await?;
    tx.commit().await?;
    Ok(user)
}

/// The account of a registration whose password was hashed before: no transaction waits for a hash.
///
/// # Errors
/// Name or mail address taken.
pub(super) async fn create_in_tx(
    tx: &mut Tx,
    registration: &Registration,
    password_hash: &str,
    roles: &[Role],
) -> Result<UserId, AccountError> {
    let user = sql::insert_user(tx, registration, password_hash).await.map_err(AccountError::storing)?;
    sql::add_roles(tx, user, roles).await?;
    if let Some(address) = &registration.address {
        sql::put_default_address(tx, user, address).await?;
    }
    Ok(user)
}

/// Whose name (or mail address) and password these are. Takes as long for an unknown name.
///
/// # Errors
/// [`SignInError::Wrong`] for an unknown name, a wrong password, a disabled account.
pub async fn authenticate(
    db: &Db,
    hasher: &PasswordHasher,
    login: &str,
    password: Password,
) -> Result<Authenticated, SignInError> {
    let found = match Login::read(login) {
        Some(login) => sql::credentials(db.primary(), login).await?,
        None => None,
    };
    let fits = hasher.verify(password, found.as_ref().map(|(_, hash)| hash.clone())).await?;
    let (user, hash) = found.filter(|_| fits).ok_or(SignInError::Wrong)?;
    Ok(Authenticated { user, hash })
}

/// Whether the password that was checked is still the account's. A sign-in with the old one must not outlive a change that came between
/// the check and this transaction; from here on a change waits for its end, and then ends the sign-in.
///
/// # Errors
/// The database failed.
pub(super) async fn confirm_in_tx(tx: &mut Tx, authenticated: &Authenticated) -> Result<bool, sqlx::Error> {
    sql::holds_password_hash(tx, authenticated.user, &authenticated.hash).await
}

/// Changes one's own account.
///
/// # Errors
/// Mail address in use.
pub async fn update_profile(db: &Db, customer: &Customer, change: ProfileChange) -> Result<User, AccountError> {
    let mut tx = db.begin().await?;
    sql::update_user(&mut tx, customer.id(), &change).await.map_err(AccountError::storing)?;
    match &change.address {
        None => {}
        Some(Some(address)) => sql::put_default_address(&mut tx, customer.id(), address).await?,
        Some(None) => sql::drop_default_address(&mut tx, customer.id()).await?,
    }
    let user = sql::user(&mut tx, customer.id()).await?;
    tx.commit().await?;
    Ok(user)
}

/// The account of a customer whom an agent is helping.
///
/// # Errors
/// The database failed, or there is no such account.
pub async fn for_agent(db: &Db, _agent: &Agent, user: UserId) -> Result<User, sqlx::Error> {
    let mut connection = db.read().acquire().await?;
    sql::user(&mut connection, user).await
}

/// Makes an account with roles unless one of that name is there (then only missing roles are added); returns whether it is new.
/// For `seed`.
///
/// # Errors
/// Mail address taken by another account.
pub async fn put_account(
    db: &Db,
    hasher: &PasswordHasher,
    system: &System,
    registration: Registration,
    roles: &[Role],
) -> Result<bool, AccountError> {
    let mut tx = db.begin().await?;
    if let Some(user) = sql::user_by_name(&mut tx, &registration.username).await? {
        sql::add_roles(&mut tx, user, roles).await?;
        tx.commit().await?;
        return Ok(false);
    }
    drop(tx);
    create(db, hasher, system, registration, roles).await?;
    Ok(true)
}

/// Whether any of the demo accounts exists, which a production shop must not have.
///
/// # Errors
/// The database failed.
pub async fn has_demo_accounts(db: &Db) -> Result<bool, sqlx::Error> {
    sql::any_demo_account(db.primary(), &DEMO_USERNAMES).await
}

impl Authenticated {
    /// The account.
    #[must_use]
    pub const fn user(&self) -> UserId {
        self.user
    }
}

impl AccountError {
    // The unique indexes decide who was first, also between two registrations at the same moment.
    fn storing(error: sqlx::Error) -> Self {
        match database::constraint(&error) {
            Some("users_username_key") => Self::UsernameTaken,
            Some("users_email_key") => Self::EmailTaken,
            _ => Self::Database(error),
        }
    }
}
