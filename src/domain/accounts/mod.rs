//! People: accounts, roles, visitors, and the sign-ins they have open.

mod role;
mod sql;

use secrecy::SecretString;
use thiserror::Error;

pub use role::Role;

use crate::{
    infra::{
        database::{Db, Tx},
        passwords::{HashingError, PasswordHasher},
    },
    types::{Address, Email, Password, Phone, SessionId, UserId, Username, VisitorId},
};

/// An account as its owner sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// The name to sign in with.
    pub username: String,
    /// Where mail goes.
    pub email: String,
    /// As it appears on parcels; may be empty.
    pub full_name: String,
    /// For the carrier's questions.
    pub phone: Option<String>,
    /// The default address.
    pub address: Option<Address>,
    /// What its owner may do; additive.
    pub roles: Vec<Role>,
}

/// Someone who is signed in, proven by a live session. Only made here.
#[derive(Clone, Debug)]
pub struct Customer {
    session: SessionId,
    user: User,
}

/// Someone who is signed in and may run catalogue, stock and orders. Only made from a [`Customer`].
#[derive(Clone, Debug)]
pub struct Staff(Customer);

/// The shop acting by itself: command line and worker.
#[derive(Clone, Copy, Debug)]
pub struct System(());

/// To whom a cart or an order belongs.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Owner {
    /// An account.
    Customer(UserId),
    /// A browser that is not signed in.
    Visitor(VisitorId),
}

/// What a registration asks for, already held to the rules of each field.
#[derive(Clone, Debug)]
pub struct Registration {
    /// The name to sign in with.
    pub username: Username,
    /// Where mail goes.
    pub email: Email,
    /// Chosen by its owner.
    pub password: Password,
    /// May be empty.
    pub full_name: String,
    /// Optional.
    pub phone: Option<Phone>,
    /// Becomes the default address.
    pub address: Option<Address>,
}

/// A change of one's own account; what is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct ProfileChange {
    /// New name; may be empty.
    pub full_name: Option<String>,
    /// New number; `Some(None)` removes it.
    pub phone: Option<Option<Phone>>,
    /// New default address; `Some(None)` removes it.
    pub address: Option<Option<Address>>,
    /// New mail address.
    pub email: Option<Email>,
}

/// The device a person signs in from, as it presents itself.
#[derive(Clone, Debug, Default)]
pub struct Device {
    /// Its network address.
    pub ip: String,
    /// What its browser calls itself, cut to 400 letters.
    pub user_agent: String,
}

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

impl User {
    /// The role with the most rights.
    #[must_use]
    pub fn role(&self) -> Role {
        self.roles.iter().copied().max().unwrap_or(Role::Customer)
    }

    /// What to call the person: the full name, else the user name.
    #[must_use]
    pub fn display_name(&self) -> &str {
        if self.full_name.is_empty() { &self.username } else { &self.full_name }
    }
}

impl Customer {
    /// The account.
    #[must_use]
    pub const fn user(&self) -> &User {
        &self.user
    }

    /// The account's id.
    #[must_use]
    pub const fn id(&self) -> UserId {
        self.user.id
    }

    /// The sign-in that proves it.
    #[must_use]
    pub const fn session(&self) -> SessionId {
        self.session
    }

    /// The right to run the shop, if the person has it.
    #[must_use]
    pub fn as_staff(&self) -> Option<Staff> {
        (self.user.role() >= Role::Staff).then(|| Staff(self.clone()))
    }
}

impl Staff {
    /// The person behind it.
    #[must_use]
    pub const fn customer(&self) -> &Customer {
        &self.0
    }
}

impl System {
    /// For `cli` and `worker` alone.
    #[must_use]
    pub const fn acting() -> Self {
        Self(())
    }
}

/// Makes an account with the role of a customer.
///
/// # Errors
/// Name or mail address taken.
pub async fn register(db: &Db, hasher: &PasswordHasher, registration: Registration) -> Result<UserId, AccountError> {
    todo!()
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
) -> Result<UserId, SignInError> {
    todo!()
}

/// Opens a sign-in: its row decides from now on whether the session is live. Ends after 24 h, remembered after 30 days.
///
/// # Errors
/// The database failed.
pub async fn open_session(
    tx: &mut Tx,
    user: UserId,
    device: &Device,
    remembered: bool,
) -> Result<SessionId, sqlx::Error> {
    todo!()
}

/// Who holds this session, if it is live: not ended, not expired, its account not disabled.
///
/// # Errors
/// The database failed.
pub async fn live_customer(db: &Db, session: SessionId) -> Result<Option<Customer>, sqlx::Error> {
    todo!()
}

/// Ends a sign-in on every server at once.
///
/// # Errors
/// The database failed.
pub async fn end_session(db: &Db, customer: &Customer) -> Result<(), sqlx::Error> {
    todo!()
}

/// Changes one's own account.
///
/// # Errors
/// Mail address in use.
pub async fn update_profile(db: &Db, customer: &Customer, change: ProfileChange) -> Result<User, AccountError> {
    todo!()
}

/// Which visitor holds this token; touches `last_seen_at` at most once a day.
///
/// # Errors
/// The database failed.
pub async fn visitor_by_token(db: &Db, token: &str) -> Result<Option<VisitorId>, sqlx::Error> {
    todo!()
}

/// A new visitor and the token for its cookie; the table keeps only the token's hash.
///
/// # Errors
/// The database failed.
pub async fn new_visitor(db: &Db) -> Result<(VisitorId, SecretString), sqlx::Error> {
    todo!()
}

/// Makes an account with roles unless one of that name is there (then only missing roles are added); returns whether it is new.
/// For `seed` and `admin create`.
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
    todo!()
}

/// Whether any of the demo accounts exists, which a production shop must not have.
///
/// # Errors
/// The database failed.
pub async fn has_demo_accounts(db: &Db) -> Result<bool, sqlx::Error> {
    todo!()
}
