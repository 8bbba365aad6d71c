//! Queries on customers who have gone: where mails go, which are due, and who goes on with a conversation.

use sqlx::PgExecutor;

use super::{messages, parts};
use crate::{
    domain::{
        accounts::Owner,
        chat::{letters::SendAnswers, types::Message},
    },
    infra::{database::Tx, metrics::timed},
    types::{ConversationId, ConversationToken},
};

/// Marks the answers of up to `limit` conversations as mailed whose customers have not been seen for two minutes, and says which.
/// Nothing older than a week: whoever is written to then has forgotten the question. Nothing to who stopped it, nor more than
/// `a_day` from one conversation or to one address: what is over waits.
pub(in crate::domain::chat) async fn claim_away(
    tx: &mut Tx,
    limit: i64,
    a_day: i64,
) -> Result<Vec<SendAnswers>, sqlx::Error> {
    let query = sqlx::query!(
        r#"WITH due AS (
             SELECT c.id, greatest(c.mailed_seq, c.customer_read) AS after, c.last_seq AS up_to, coalesce(c.email, u.email) AS email
             FROM conversations c LEFT JOIN users u ON u.id = c.user_id
             WHERE c.last_message_at > now() - interval '7 days' AND c.last_seq > c.mailed_seq AND c.last_seq > c.customer_read
               AND coalesce(c.customer_seen_at, c.created_at) < now() - interval '2 minutes'
               AND coalesce(c.email, u.email) IS NOT NULL AND u.anonymised_at IS NULL
               AND EXISTS (SELECT FROM chat_messages m WHERE m.conversation_id = c.id AND m.sender = 'agent'
                             AND m.seq > greatest(c.mailed_seq, c.customer_read))
               -- An agent who is still writing: all of it in one mail.
               AND NOT EXISTS (SELECT FROM chat_messages m WHERE m.conversation_id = c.id AND m.seq = c.last_seq
                                 AND m.created_at > now() - interval '2 minutes')
               AND NOT EXISTS (SELECT FROM chat_mail_stops s WHERE s.email = coalesce(c.email, u.email))
               AND (SELECT count(*) FROM chat_mails m WHERE m.conversation_id = c.id
                      AND m.kind = 'answers' AND m.created_at > now() - interval '1 day') < $2
               AND (SELECT count(*) FROM chat_mails m WHERE m.email = coalesce(c.email, u.email)
                      AND m.kind = 'answers' AND m.created_at > now() - interval '1 day') < $2
             ORDER BY c.id LIMIT $1 FOR NO KEY UPDATE OF c SKIP LOCKED),
           noted AS (INSERT INTO chat_mails (conversation_id, kind, email) SELECT id, 'answers', email FROM due)
           UPDATE conversations c SET mailed_seq = due.up_to FROM due WHERE c.id = due.id
           RETURNING c.id, due.after AS "after!", due.up_to AS "up_to!""#,
        limit,
        a_day
    );
    let rows = timed("chat.claim_away", query.fetch_all(&mut **tx)).await?;
    let job = |(id, after, up_to)| SendAnswers { conversation_id: ConversationId(id), after, up_to };
    Ok(rows.into_iter().map(|row| job((row.id, row.after, row.up_to))).collect())
}

/// Where mails to the customer go; nowhere if they are stopped there.
pub(in crate::domain::chat) async fn mail_address(
    executor: impl PgExecutor<'_>,
    id: ConversationId,
) -> Result<Option<String>, sqlx::Error> {
    let query = sqlx::query_scalar!(
        r#"SELECT coalesce(c.email, u.email)::text AS "email?" FROM conversations c LEFT JOIN users u ON u.id = c.user_id
           WHERE c.id = $1 AND u.anonymised_at IS NULL
             AND NOT EXISTS (SELECT FROM chat_mail_stops s WHERE s.email = coalesce(c.email, u.email))"#,
        id.0
    );
    Ok(timed("chat.mail_address", query.fetch_optional(executor)).await?.flatten())
}

/// What agents said after one message and up to another.
pub(in crate::domain::chat) async fn answers(
    executor: impl PgExecutor<'_>,
    id: ConversationId,
    token: &ConversationToken,
    after: i64,
    up_to: i64,
) -> Result<Vec<Message>, sqlx::Error> {
    messages::answers_between(executor, id, token, after, up_to).await
}

/// The customer looks.
pub(in crate::domain::chat) async fn seen(
    executor: impl PgExecutor<'_>,
    id: ConversationId,
) -> Result<(), sqlx::Error> {
    let query = sqlx::query!("UPDATE conversations SET customer_seen_at = now() WHERE id = $1", id.0);
    timed("chat.seen", query.execute(executor)).await?;
    Ok(())
}

/// Notes where answers go.
pub(in crate::domain::chat) async fn set_email(
    executor: impl PgExecutor<'_>,
    id: ConversationId,
    email: &str,
) -> Result<(), sqlx::Error> {
    let query = sqlx::query!("UPDATE conversations SET email = ($2::text)::citext WHERE id = $1", id.0, email);
    timed("chat.set_email", query.execute(executor)).await?;
    Ok(())
}

/// Notes what the customer thinks of it.
pub(in crate::domain::chat) async fn rate(
    tx: &mut Tx,
    id: ConversationId,
    stars: i16,
    comment: &str,
) -> Result<(), sqlx::Error> {
    let query = sqlx::query!(
        "UPDATE conversations SET rating = $2, rating_comment = $3, rated_at = now() WHERE id = $1",
        id.0,
        stars,
        comment
    );
    timed("chat.rate", query.execute(&mut **tx)).await?;
    Ok(())
}

/// Gives a conversation to another owner, whose account's name it takes.
pub(in crate::domain::chat) async fn take_over(
    tx: &mut Tx,
    id: ConversationId,
    to: Owner,
    name: Option<&str>,
) -> Result<(), sqlx::Error> {
    let (user, visitor) = parts(to);
    let query = sqlx::query!(
        "UPDATE conversations SET user_id = $2, visitor_id = $3, display_name = coalesce(left($4, 60), display_name) WHERE id = $1",
        id.0,
        user,
        visitor,
        name
    );
    timed("chat.take_over", query.execute(&mut **tx)).await?;
    Ok(())
}
