//! Queries on what the chat has mailed where, and on who wants no such mails.

use sqlx::PgExecutor;

use crate::{
    infra::{database::Tx, metrics::timed},
    types::ConversationId,
};

/// Notes a transcript, unless so many have gone out within a day from this conversation or to this address; whether it was noted.
pub(in crate::domain::chat) async fn note_transcript(
    tx: &mut Tx,
    conversation: ConversationId,
    email: &str,
    most: i64,
) -> Result<bool, sqlx::Error> {
    let query = sqlx::query!(
        "WITH today AS (SELECT conversation_id, email FROM chat_mails
                        WHERE kind = 'transcript' AND created_at > now() - interval '1 day'
                          AND (conversation_id = $1 OR email = ($2::text)::citext))
         INSERT INTO chat_mails (conversation_id, kind, email)
         SELECT $1, 'transcript', ($2::text)::citext
         WHERE (SELECT count(*) FROM today WHERE conversation_id = $1) < $3
           AND (SELECT count(*) FROM today WHERE email = ($2::text)::citext) < $3",
        conversation.0,
        email,
        most
    );
    Ok(timed("chat.note_transcript", query.execute(&mut **tx)).await?.rows_affected() == 1)
}

/// Whether somebody wants no mails of the chat at this address.
pub(in crate::domain::chat) async fn is_stopped(
    executor: impl PgExecutor<'_>,
    email: &str,
) -> Result<bool, sqlx::Error> {
    let query = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM chat_mail_stops WHERE email = ($1::text)::citext) AS "is_stopped!""#,
        email
    );
    timed("chat.is_stopped", query.fetch_one(executor)).await
}

/// No mails of the chat to this address from now on.
pub(in crate::domain::chat) async fn stop_mails(executor: impl PgExecutor<'_>, email: &str) -> Result<(), sqlx::Error> {
    let query = sqlx::query!(
        "INSERT INTO chat_mail_stops (email) VALUES (($1::text)::citext) ON CONFLICT (email) DO NOTHING",
        email
    );
    timed("chat.stop_mails", query.execute(executor)).await?;
    Ok(())
}

/// Mails of the chat to this address again.
pub(in crate::domain::chat) async fn allow_mails(
    executor: impl PgExecutor<'_>,
    email: &str,
) -> Result<(), sqlx::Error> {
    let query = sqlx::query!("DELETE FROM chat_mail_stops WHERE email = ($1::text)::citext", email);
    timed("chat.allow_mails", query.execute(executor)).await?;
    Ok(())
}

/// Forgets what was mailed before the day that counts.
pub(in crate::domain::chat) async fn forget_mailed(executor: impl PgExecutor<'_>) -> Result<u64, sqlx::Error> {
    let query = sqlx::query!("DELETE FROM chat_mails WHERE created_at < now() - interval '1 day'");
    Ok(timed("chat.forget_mailed", query.execute(executor)).await?.rows_affected())
}
