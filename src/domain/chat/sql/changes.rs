//! Queries on chat_changes: what agents alone see.

use sqlx::PgExecutor;
use time::OffsetDateTime;

use crate::{
    domain::chat::types::Change,
    infra::{database::Tx, metrics::timed},
    types::{ConversationId, UserId},
};

/// Notes a change under the conversation's next number for changes.
pub(in crate::domain::chat) async fn insert_change(
    tx: &mut Tx,
    conversation: ConversationId,
    kind: &str,
    actor: Option<(UserId, &str)>,
    body: &str,
) -> Result<Change, sqlx::Error> {
    let query = sqlx::query_as!(
        Change,
        r#"WITH c AS (UPDATE conversations SET last_change = last_change + 1 WHERE id = $1 RETURNING last_change)
           INSERT INTO chat_changes (conversation_id, n, kind, actor_id, actor_name, body)
           SELECT $1, last_change, $2, $3, $4, $5 FROM c
           RETURNING n, kind, actor_name AS actor, body, created_at AS "at: OffsetDateTime""#,
        conversation.0,
        kind,
        actor.map(|(user, _)| user.0),
        actor.map_or("", |(_, name)| name),
        body
    );
    timed("chat.insert_change", query.fetch_one(&mut **tx)).await
}

/// What changed after a number, in order, at most 500.
pub(in crate::domain::chat) async fn changes_after(
    executor: impl PgExecutor<'_>,
    conversation: ConversationId,
    after: i64,
) -> Result<Vec<Change>, sqlx::Error> {
    let query = sqlx::query_as!(
        Change,
        r#"SELECT n, kind, actor_name AS actor, body, created_at AS "at: OffsetDateTime" FROM chat_changes
           WHERE conversation_id = $1 AND n > $2 ORDER BY n LIMIT 500"#,
        conversation.0,
        after
    );
    timed("chat.changes_after", query.fetch_all(executor)).await
}
