//! Sign-ins: a row each, asked wherever authority is used.

use super::{Customer, Device, rules, sql};
use crate::{
    infra::database::{Db, Tx},
    types::{SessionId, UserId},
};

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
