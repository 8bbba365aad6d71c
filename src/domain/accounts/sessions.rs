//! Sign-ins: a row each, asked wherever authority is used.

use time::OffsetDateTime;

use super::{Customer, Device, rules, sql};
use crate::{
    infra::database::{Db, Tx},
    types::{SessionId, UserId},
};

/// A live sign-in, as its owner sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OpenSession {
    /// Its row. It signs nobody in: the browser holds another, secret id.
    pub id: SessionId,
    /// Whether it is the one that asks.
    pub is_current: bool,
    /// The network address it was opened from.
    pub ip: String,
    /// What its browser calls itself.
    pub user_agent: String,
    /// When it was opened.
    pub opened_at: OffsetDateTime,
    /// When it was last used, to five minutes.
    pub last_seen_at: OffsetDateTime,
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
    let id = SessionId(uuid::Uuid::new_v4());
    let user_agent = rules::user_agent(&device.user_agent);
    sql::insert_session(tx, id, user, &device.ip, &user_agent, remembered).await?;
    Ok(id)
}

/// Who holds this session, if it is live: not ended, not expired, its account not disabled.
///
/// # Errors
/// The database failed.
pub async fn live_customer(db: &Db, session: SessionId) -> Result<Option<Customer>, sqlx::Error> {
    let Some((user, stale)) = sql::live_user(db.primary(), session).await? else { return Ok(None) };
    if stale {
        sql::touch_session(db.primary(), session).await?;
    }
    Ok(Some(Customer::of(session, user)))
}

/// The same inside the transaction that opened the session.
///
/// # Errors
/// The database failed.
pub async fn live_customer_in_tx(tx: &mut Tx, session: SessionId) -> Result<Option<Customer>, sqlx::Error> {
    Ok(sql::live_user(&mut **tx, session).await?.map(|(user, _)| Customer::of(session, user)))
}

/// Ends a sign-in on every server at once.
///
/// # Errors
/// The database failed.
pub async fn end_session(db: &Db, customer: &Customer) -> Result<(), sqlx::Error> {
    sql::end_session(db.primary(), customer.session()).await
}

/// A person's live sign-ins: the one that asks first, then those used last; at most a hundred.
///
/// # Errors
/// The database failed.
pub async fn open_sessions(db: &Db, customer: &Customer) -> Result<Vec<OpenSession>, sqlx::Error> {
    sql::open_sessions(db.primary(), customer.id(), customer.session()).await
}

/// Ends one of a person's own sign-ins on every server at once, and gives what its browser calls itself; `None` if there is no such
/// sign-in of theirs. One that has ended before stays ended.
///
/// # Errors
/// The database failed.
pub async fn end_session_of(db: &Db, customer: &Customer, session: SessionId) -> Result<Option<String>, sqlx::Error> {
    sql::end_session_of(db.primary(), customer.id(), session).await
}

/// Ends every other sign-in of a person on every server at once; how many.
///
/// # Errors
/// The database failed.
pub async fn end_other_sessions(db: &Db, customer: &Customer) -> Result<u64, sqlx::Error> {
    let mut tx = db.begin().await?;
    // Two devices that end each other would else take the rows in different orders.
    sql::lock_user(&mut tx, customer.id()).await?;
    let ended = sql::end_other_sessions(&mut tx, customer.id(), customer.session()).await?;
    tx.commit().await?;
    Ok(ended)
}
