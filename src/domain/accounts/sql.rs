//! Queries on users, user_roles, addresses, visitors and sessions.

mod addresses;
mod roles;
mod sessions;

use sqlx::{PgConnection, PgExecutor};

pub(super) use addresses::{
    address, addresses, clear_default_address, delete_address, drop_default_address, insert_address,
    put_default_address, set_default_address, update_address,
};
pub(super) use roles::{administrators, lock_roles, people, person, remove_roles};
pub(super) use sessions::{
    end_every_session, end_other_sessions, end_session, end_session_of, insert_session, insert_visitor, live_user,
    open_sessions, touch_session, touch_visitor, visitor,
};

use super::{ProfileChange, Registration, Role, User, rules::Login};
use crate::{
    infra::{database::Tx, metrics::timed},
    types::{Address, Phone, UserId, Username},
};

/// A user with roles and the parts of the default address, as every query here gives one.
struct UserRow {
    id: i64,
    username: String,
    email: String,
    full_name: String,
    phone: Option<String>,
    roles: Vec<String>,
    name: Option<String>,
    line1: Option<String>,
    line2: Option<String>,
    city: Option<String>,
    postal_code: Option<String>,
    region: Option<String>,
    country: Option<String>,
    address_phone: Option<String>,
    /// Whether the session that proves it was not touched for a while.
    stale: bool,
}

impl From<UserRow> for User {
    fn from(row: UserRow) -> Self {
        // A role this build does not know gives no right here.
        let roles = Role::ALL.into_iter().filter(|role| row.roles.iter().any(|name| name == role.id())).collect();
        let address = row.line1.map(|line1| Address {
            name: row.name.unwrap_or_default(),
            line1,
            line2: row.line2.unwrap_or_default(),
            city: row.city.unwrap_or_default(),
            postal_code: row.postal_code.unwrap_or_default(),
            region: row.region.unwrap_or_default(),
            country: row.country.unwrap_or_default(),
            phone: row.address_phone.unwrap_or_default(),
        });
        Self {
            id: UserId(row.id),
            username: row.username,
            email: row.email,
            full_name: row.full_name,
            phone: row.phone,
            address,
            roles,
        }
    }
}

/// The account as its owner sees it.
pub(super) async fn user(connection: &mut PgConnection, id: UserId) -> Result<User, sqlx::Error> {
    let query = sqlx::query_as!(
        UserRow,
        r#"SELECT u.id, u.username::text AS "username!", u.email::text AS "email!", u.full_name, u.phone,
                  ARRAY(SELECT role FROM user_roles WHERE user_id = u.id) AS "roles!",
                  a.name AS "name?", a.line1 AS "line1?", a.line2 AS "line2?", a.city AS "city?",
                  a.postal_code AS "postal_code?", a.region AS "region?", a.country AS "country?",
                  a.phone AS "address_phone?", false AS "stale!"
           FROM users u LEFT JOIN addresses a ON a.user_id = u.id AND a.is_default
           WHERE u.id = $1"#,
        id.0
    );
    timed("accounts.user", query.fetch_one(connection)).await.map(User::from)
}

/// The account and its hash, if there is one that may sign in.
pub(super) async fn credentials(
    executor: impl PgExecutor<'_>,
    login: Login<'_>,
) -> Result<Option<(UserId, String)>, sqlx::Error> {
    let (username, email) = match login {
        Login::Username(name) => (Some(name), None),
        Login::Email(address) => (None, Some(address)),
    };
    let query = sqlx::query!(
        "SELECT id, password_hash FROM users
         WHERE (username = ($1::text)::citext OR email = ($2::text)::citext)
           AND disabled_at IS NULL AND anonymised_at IS NULL",
        username,
        email
    );
    let row = timed("accounts.credentials", query.fetch_optional(executor)).await?;
    Ok(row.map(|row| (UserId(row.id), row.password_hash)))
}

/// The hash of an account that may sign in.
pub(super) async fn password_hash(executor: impl PgExecutor<'_>, user: UserId) -> Result<Option<String>, sqlx::Error> {
    let query = sqlx::query_scalar!(
        "SELECT password_hash FROM users WHERE id = $1 AND disabled_at IS NULL AND anonymised_at IS NULL",
        user.0
    );
    timed("accounts.password_hash", query.fetch_optional(executor)).await
}

/// Whether the account still has this hash, which until the transaction ends nobody changes.
pub(super) async fn holds_password_hash(tx: &mut Tx, user: UserId, hash: &str) -> Result<bool, sqlx::Error> {
    let query =
        sqlx::query_scalar!("SELECT id FROM users WHERE id = $1 AND password_hash = $2 FOR SHARE", user.0, hash);
    Ok(timed("accounts.holds_password_hash", query.fetch_optional(&mut **tx)).await?.is_some())
}

/// Puts another hash in the place of the one that was verified; whether that was still there.
pub(super) async fn replace_password_hash(
    tx: &mut Tx,
    user: UserId,
    verified: &str,
    hash: &str,
) -> Result<bool, sqlx::Error> {
    let query = sqlx::query!(
        "UPDATE users SET password_hash = $3, updated_at = now() WHERE id = $1 AND password_hash = $2",
        user.0,
        verified,
        hash
    );
    Ok(timed("accounts.replace_password_hash", query.execute(&mut **tx)).await?.rows_affected() == 1)
}

/// Makes other changes of the same account wait until the transaction ends. Orders and carts of it do not wait.
pub(super) async fn lock_user(tx: &mut Tx, user: UserId) -> Result<(), sqlx::Error> {
    let query = sqlx::query_scalar!("SELECT id FROM users WHERE id = $1 FOR NO KEY UPDATE", user.0);
    timed("accounts.lock_user", query.fetch_one(&mut **tx)).await?;
    Ok(())
}

/// Whose user name this is.
pub(super) async fn user_by_name(tx: &mut Tx, name: &Username) -> Result<Option<UserId>, sqlx::Error> {
    let query = sqlx::query_scalar!("SELECT id FROM users WHERE username = ($1::text)::citext", name.as_str());
    Ok(timed("accounts.user_by_name", query.fetch_optional(&mut **tx)).await?.map(UserId))
}

/// Whether one of these names is an account with a mail address under the reserved domain.
pub(super) async fn any_demo_account(executor: impl PgExecutor<'_>, names: &[&str]) -> Result<bool, sqlx::Error> {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let query = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM users WHERE username = ANY(($1::text[])::citext[])
                                              AND email LIKE '%.example') AS "any!""#,
        &names
    );
    timed("accounts.any_demo_account", query.fetch_one(executor)).await
}

/// A new account, still without roles and address.
pub(super) async fn insert_user(
    tx: &mut Tx,
    registration: &Registration,
    password_hash: &str,
) -> Result<UserId, sqlx::Error> {
    let query = sqlx::query_scalar!(
        "INSERT INTO users (username, email, password_hash, full_name, phone)
         VALUES (($1::text)::citext, ($2::text)::citext, $3, $4, $5) RETURNING id",
        registration.username.as_str(),
        registration.email.as_str(),
        password_hash,
        registration.full_name,
        registration.phone.as_ref().map(Phone::as_str)
    );
    timed("accounts.insert_user", query.fetch_one(&mut **tx)).await.map(UserId)
}

/// Gives roles to an account that it does not have yet.
pub(super) async fn add_roles(tx: &mut Tx, user: UserId, roles: &[Role]) -> Result<(), sqlx::Error> {
    let names: Vec<String> = roles.iter().map(|role| role.id().to_owned()).collect();
    let query = sqlx::query!(
        "INSERT INTO user_roles (user_id, role) SELECT $1, UNNEST($2::text[]) ON CONFLICT DO NOTHING",
        user.0,
        &names
    );
    timed("accounts.add_roles", query.execute(&mut **tx)).await?;
    Ok(())
}

/// Changes what the change names.
pub(super) async fn update_user(tx: &mut Tx, user: UserId, change: &ProfileChange) -> Result<(), sqlx::Error> {
    let query = sqlx::query!(
        "UPDATE users
         SET full_name = coalesce($2, full_name), email = coalesce(($3::text)::citext, email),
             phone = CASE WHEN $4 THEN $5 ELSE phone END, updated_at = now()
         WHERE id = $1",
        user.0,
        change.full_name,
        change.email.as_ref().map(|email| email.as_str()),
        change.phone.is_some(),
        change.phone.as_ref().and_then(Option::as_ref).map(Phone::as_str)
    );
    timed("accounts.update_user", query.execute(&mut **tx)).await?;
    Ok(())
}
