//! Queries that remove what is no longer kept.

use sqlx::PgExecutor;

use crate::{
    infra::{database::Tx, metrics::timed},
    types::UserId,
};

/// The conversations of a person, held until the transaction ends.
pub(in crate::domain::chat) async fn lock_all_of(tx: &mut Tx, user: UserId) -> Result<Vec<i64>, sqlx::Error> {
    let query =
        sqlx::query_scalar!("SELECT id FROM conversations WHERE user_id = $1 ORDER BY id FOR NO KEY UPDATE", user.0);
    timed("chat.lock_all_of", query.fetch_all(&mut **tx)).await
}

/// How many conversations of a person hold something besides what stands for what was removed.
pub(in crate::domain::chat) async fn count_kept(
    executor: impl PgExecutor<'_>,
    user: UserId,
    removed: &str,
) -> Result<i64, sqlx::Error> {
    let query = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM conversations c
           WHERE c.user_id = $1 AND EXISTS (SELECT FROM chat_messages m WHERE m.conversation_id = c.id AND m.body <> $2)"#,
        user.0,
        removed
    );
    timed("chat.count_kept", query.fetch_one(executor)).await
}

/// Removes texts, names, files, notes and addresses of these conversations, and ends them. Their rows are locked by the caller.
pub(in crate::domain::chat) async fn erase(tx: &mut Tx, ids: &[i64], removed: &str) -> Result<(), sqlx::Error> {
    let query = sqlx::query!(
        "UPDATE chat_messages SET body = $2, attachment_id = NULL, card = NULL, client_id = NULL,
                username = CASE WHEN sender = 'customer' THEN 'Customer' ELSE username END
         WHERE conversation_id = ANY($1)",
        ids,
        removed
    );
    timed("chat.erase_messages", query.execute(&mut **tx)).await?;
    let query = sqlx::query!("DELETE FROM chat_attachments WHERE conversation_id = ANY($1)", ids);
    timed("chat.erase_attachments", query.execute(&mut **tx)).await?;
    let query = sqlx::query!(
        "UPDATE chat_changes SET body = $2 WHERE conversation_id = ANY($1) AND kind IN ('note', 'rating')",
        ids,
        removed
    );
    timed("chat.erase_notes", query.execute(&mut **tx)).await?;
    let query = sqlx::query!(
        "UPDATE conversations
         SET display_name = 'Customer', email = NULL, page_path = '', page_title = '', rating_comment = '',
             ended_at = coalesce(ended_at, now()), status = 'resolved', resolved_at = coalesce(resolved_at, now()),
             waiting_since = NULL, snoozed_until = NULL
         WHERE id = ANY($1)",
        ids
    );
    timed("chat.erase_conversations", query.execute(&mut **tx)).await?;
    Ok(())
}

/// Removes visitors' conversations that are older than so many days, at most so many; how many.
pub(in crate::domain::chat) async fn delete_old_of_visitors(
    executor: impl PgExecutor<'_>,
    days: i32,
    most: i64,
) -> Result<u64, sqlx::Error> {
    let query = sqlx::query!(
        "DELETE FROM conversations WHERE id IN (
             SELECT id FROM conversations WHERE visitor_id IS NOT NULL AND last_message_at < now() - make_interval(days => $1)
             ORDER BY last_message_at LIMIT $2 FOR UPDATE SKIP LOCKED)",
        days,
        most
    );
    Ok(timed("chat.delete_old_of_visitors", query.execute(executor)).await?.rows_affected())
}
