//! Rows of sessions and visitors. Their times are the database's: servers' clocks may differ.

use sqlx::PgExecutor;
use time::OffsetDateTime;

use super::UserRow;
use crate::{
    domain::accounts::{OpenSession, User},
    infra::{database::Tx, metrics::timed},
    types::{SessionId, UserId, VisitorId},
};

/// Who holds this session, if it is live, and whether it was not touched for five minutes.
pub(in crate::domain::accounts) async fn live_user(
    executor: impl PgExecutor<'_>,
    session: SessionId,
) -> Result<Option<(User, bool)>, sqlx::Error> {
    let query = sqlx::query_as!(
        UserRow,
        r#"SELECT u.id, u.username::text AS "username!", u.email::text AS "email!", u.full_name, u.phone,
                  ARRAY(SELECT role FROM user_roles WHERE user_id = u.id) AS "roles!",
                  a.name AS "name?", a.line1 AS "line1?", a.line2 AS "line2?", a.city AS "city?",
                  a.postal_code AS "postal_code?", a.region AS "region?", a.country AS "country?",
                  a.phone AS "address_phone?", s.last_seen_at < now() - interval '5 minutes' AS "stale!"
           FROM sessions s
           JOIN users u ON u.id = s.user_id
           LEFT JOIN addresses a ON a.user_id = u.id AND a.is_default
           WHERE s.id = $1 AND s.ended_at IS NULL AND s.expires_at > now()
             AND u.disabled_at IS NULL AND u.anonymised_at IS NULL"#,
        session.0
    );
    let row = timed("accounts.live_user", query.fetch_optional(executor)).await?;
    Ok(row.map(|row| {
        let stale = row.stale;
        (User::from(row), stale)
    }))
}

/// A sign-in that ends after 24 hours, remembered after 30 days.
pub(in crate::domain::accounts) async fn insert_session(
    tx: &mut Tx,
    id: SessionId,
    user: UserId,
    ip: &str,
    user_agent: &str,
    remembered: bool,
) -> Result<(), sqlx::Error> {
    let query = sqlx::query!(
        "INSERT INTO sessions (id, user_id, ip, user_agent, remembered, expires_at)
         VALUES ($1, $2, $3, $4, $5, now() + CASE WHEN $5 THEN interval '30 days' ELSE interval '24 hours' END)",
        id.0,
        user.0,
        ip,
        user_agent,
        remembered
    );
    timed("accounts.insert_session", query.execute(&mut **tx)).await?;
    Ok(())
}

/// Notes that a session is in use. Asks again whether that is due, so that of many requests at once only one writes.
pub(in crate::domain::accounts) async fn touch_session(
    executor: impl PgExecutor<'_>,
    session: SessionId,
) -> Result<(), sqlx::Error> {
    let query = sqlx::query!(
        "UPDATE sessions SET last_seen_at = now() WHERE id = $1 AND last_seen_at < now() - interval '5 minutes'",
        session.0
    );
    timed("accounts.touch_session", query.execute(executor)).await?;
    Ok(())
}

/// Ends a session now.
pub(in crate::domain::accounts) async fn end_session(
    executor: impl PgExecutor<'_>,
    session: SessionId,
) -> Result<(), sqlx::Error> {
    let query = sqlx::query!("UPDATE sessions SET ended_at = now() WHERE id = $1 AND ended_at IS NULL", session.0);
    timed("accounts.end_session", query.execute(executor)).await?;
    Ok(())
}

/// The hundred sign-ins of a person that were used last, the given one first.
pub(in crate::domain::accounts) async fn open_sessions(
    executor: impl PgExecutor<'_>,
    user: UserId,
    current: SessionId,
) -> Result<Vec<OpenSession>, sqlx::Error> {
    let query = sqlx::query_as!(
        OpenSession,
        r#"SELECT id AS "id: SessionId", id = $2 AS "is_current!", ip, user_agent,
                  created_at AS "opened_at: OffsetDateTime", last_seen_at AS "last_seen_at: OffsetDateTime"
           FROM sessions WHERE user_id = $1 AND ended_at IS NULL AND expires_at > now()
           ORDER BY id = $2 DESC, last_seen_at DESC, id LIMIT 100"#,
        user.0,
        current.0
    );
    timed("accounts.open_sessions", query.fetch_all(executor)).await
}

/// Ends a session of this person, if it has not ended before; what its browser calls itself, or `None` for someone else's.
pub(in crate::domain::accounts) async fn end_session_of(
    executor: impl PgExecutor<'_>,
    user: UserId,
    session: SessionId,
) -> Result<Option<String>, sqlx::Error> {
    let query = sqlx::query_scalar!(
        "UPDATE sessions SET ended_at = coalesce(ended_at, now()) WHERE id = $1 AND user_id = $2 RETURNING user_agent",
        session.0,
        user.0
    );
    timed("accounts.end_session_of", query.fetch_optional(executor)).await
}

/// Ends every live session of a person but one; how many.
pub(in crate::domain::accounts) async fn end_other_sessions(
    tx: &mut Tx,
    user: UserId,
    kept: SessionId,
) -> Result<u64, sqlx::Error> {
    let query = sqlx::query!(
        "UPDATE sessions SET ended_at = now()
         WHERE user_id = $1 AND id <> $2 AND ended_at IS NULL AND expires_at > now()",
        user.0,
        kept.0
    );
    Ok(timed("accounts.end_other_sessions", query.execute(&mut **tx)).await?.rows_affected())
}

/// Ends every live session of a person: which they were, and whether each was remembered.
pub(in crate::domain::accounts) async fn end_every_session(
    tx: &mut Tx,
    user: UserId,
) -> Result<Vec<(SessionId, bool)>, sqlx::Error> {
    let query = sqlx::query!(
        "UPDATE sessions SET ended_at = now() WHERE user_id = $1 AND ended_at IS NULL AND expires_at > now()
         RETURNING id, remembered",
        user.0
    );
    let rows = timed("accounts.end_every_session", query.fetch_all(&mut **tx)).await?;
    Ok(rows.into_iter().map(|row| (SessionId(row.id), row.remembered)).collect())
}

/// The visitor of this token's hash, and whether it was not touched for a day.
pub(in crate::domain::accounts) async fn visitor(
    executor: impl PgExecutor<'_>,
    token_hash: &[u8],
) -> Result<Option<(VisitorId, bool)>, sqlx::Error> {
    let query = sqlx::query!(
        r#"SELECT id, last_seen_at < now() - interval '1 day' AS "stale!" FROM visitors WHERE token_hash = $1"#,
        token_hash
    );
    let row = timed("accounts.visitor", query.fetch_optional(executor)).await?;
    Ok(row.map(|row| (VisitorId(row.id), row.stale)))
}

/// Notes that a visitor was here; of many requests at once only one writes.
pub(in crate::domain::accounts) async fn touch_visitor(
    executor: impl PgExecutor<'_>,
    visitor: VisitorId,
) -> Result<(), sqlx::Error> {
    let query = sqlx::query!(
        "UPDATE visitors SET last_seen_at = now() WHERE id = $1 AND last_seen_at < now() - interval '1 day'",
        visitor.0
    );
    timed("accounts.touch_visitor", query.execute(executor)).await?;
    Ok(())
}

/// A new visitor.
pub(in crate::domain::accounts) async fn insert_visitor(
    executor: impl PgExecutor<'_>,
    token_hash: &[u8],
) -> Result<VisitorId, sqlx::Error> {
    let query = sqlx::query_scalar!("INSERT INTO visitors (token_hash) VALUES ($1) RETURNING id", token_hash);
    timed("accounts.insert_visitor", query.fetch_one(executor)).await.map(VisitorId)
}
