//! Queries that give conversations to agents, and take them back from those who left.

use sqlx::PgExecutor;

use crate::{
    domain::chat::distribution::{Given, Waits},
    infra::{database::Tx, metrics::timed},
    types::{ConversationId, UserId},
};

/// A conversation of someone who left.
pub(in crate::domain::chat) struct Left {
    pub id: ConversationId,
    /// What they are called.
    pub name: String,
}

/// Whether distributing would move anything: somebody waits for nobody, or for somebody who left.
pub(in crate::domain::chat) async fn is_anything_to_do(executor: impl PgExecutor<'_>) -> Result<bool, sqlx::Error> {
    let query = sqlx::query_scalar!(
        r#"SELECT EXISTS (
               SELECT FROM conversations c LEFT JOIN agent_presence p ON p.user_id = c.assignee_id
               WHERE c.waiting_since IS NOT NULL AND c.ended_at IS NULL AND c.status = 'open'
                 AND (c.assignee_id IS NULL OR p.last_seen_at IS NULL OR p.last_seen_at <= now() - interval '60 seconds'
                      OR NOT EXISTS (SELECT FROM user_roles r
                                     WHERE r.user_id = c.assignee_id AND r.role IN ('agent', 'lead', 'administrator')))
           ) AS "is!""#
    );
    timed("chat.is_anything_to_do", query.fetch_one(executor)).await
}

/// Takes waiting customers back from those who are gone for a minute, or may not answer any more. Whoever took one within the last
/// minute is there, though no socket says so.
pub(in crate::domain::chat) async fn take_back(tx: &mut Tx) -> Result<Vec<Left>, sqlx::Error> {
    // In the order of their ids, as a sign-in takes the two that it joins.
    let query = sqlx::query_as!(
        Left,
        r#"WITH gone AS (
               SELECT c.id, c.assignee_id FROM conversations c
               WHERE c.waiting_since IS NOT NULL AND c.ended_at IS NULL AND c.status = 'open' AND c.assignee_id IS NOT NULL
                 AND (coalesce(c.assigned_at, c.created_at) <= now() - interval '60 seconds'
                      AND NOT EXISTS (SELECT FROM agent_presence p
                                      WHERE p.user_id = c.assignee_id AND p.last_seen_at > now() - interval '60 seconds')
                      OR NOT EXISTS (SELECT FROM user_roles r
                                     WHERE r.user_id = c.assignee_id AND r.role IN ('agent', 'lead', 'administrator'))
                      OR EXISTS (SELECT FROM users u WHERE u.id = c.assignee_id AND u.disabled_at IS NOT NULL))
               ORDER BY c.id LIMIT 500 FOR NO KEY UPDATE OF c)
           UPDATE conversations c SET assignee_id = NULL, assigned_at = now()
           FROM gone JOIN users u ON u.id = gone.assignee_id WHERE c.id = gone.id
           RETURNING c.id AS "id: ConversationId", coalesce(nullif(u.full_name, ''), u.username::text) AS "name!""#
    );
    timed("chat.take_back", query.fetch_all(&mut **tx)).await
}

/// Who waits without anybody to answer, the longest first.
pub(in crate::domain::chat) async fn waiting(tx: &mut Tx, limit: i64) -> Result<Vec<Waits>, sqlx::Error> {
    let query = sqlx::query_as!(
        Waits,
        r#"SELECT id AS "id: ConversationId", user_id AS "user: UserId" FROM conversations
           WHERE waiting_since IS NOT NULL AND ended_at IS NULL AND status = 'open' AND assignee_id IS NULL
           ORDER BY waiting_since, id LIMIT $1"#,
        limit
    );
    timed("chat.waiting", query.fetch_all(&mut **tx)).await
}

/// Gives conversations to agents, those alone that still wait for one; which were given.
pub(in crate::domain::chat) async fn give(tx: &mut Tx, given: &[Given]) -> Result<Vec<ConversationId>, sqlx::Error> {
    let ids: Vec<i64> = given.iter().map(|given| given.conversation.0).collect();
    let agents: Vec<i64> = given.iter().map(|given| given.agent.0).collect();
    let query = sqlx::query_scalar!(
        r#"WITH still AS (
               SELECT id FROM conversations
               WHERE id = ANY($1) AND waiting_since IS NOT NULL AND ended_at IS NULL AND status = 'open' AND assignee_id IS NULL
               ORDER BY id FOR NO KEY UPDATE)
           UPDATE conversations c SET assignee_id = given.agent, assigned_at = now()
           FROM still JOIN unnest($1::bigint[], $2::bigint[]) AS given (id, agent) ON given.id = still.id
           WHERE c.id = still.id RETURNING c.id AS "id: ConversationId""#,
        &ids,
        &agents
    );
    timed("chat.give", query.fetch_all(&mut **tx)).await
}

/// How many customers wait, answered by nobody yet or again.
pub(in crate::domain::chat) async fn count_waiting(executor: impl PgExecutor<'_>) -> Result<i64, sqlx::Error> {
    let query = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM conversations WHERE waiting_since IS NOT NULL AND ended_at IS NULL AND status = 'open'"#
    );
    timed("chat.count_waiting", query.fetch_one(executor)).await
}
