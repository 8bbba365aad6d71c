//! Queries on agent_presence: who is there to answer.

use sqlx::{PgConnection, PgExecutor};

use crate::{
    domain::chat::presence::AgentThere,
    infra::{database::Tx, metrics::timed},
    types::UserId,
};

/// Says of these people that they are there; whoever may not answer is left out. How many of them were not there before.
pub(in crate::domain::chat) async fn note_agents(
    executor: impl PgExecutor<'_>,
    users: &[i64],
) -> Result<i64, sqlx::Error> {
    // In the order of their ids, so that two servers never wait for each other.
    let query = sqlx::query_scalar!(
        r#"WITH there AS (SELECT user_id FROM agent_presence WHERE user_id = ANY($1) AND last_seen_at > now() - interval '60 seconds'),
                touched AS (
                    INSERT INTO agent_presence (user_id, last_seen_at)
                    SELECT DISTINCT r.user_id, now() FROM user_roles r
                    WHERE r.user_id = ANY($1) AND r.role IN ('agent', 'lead', 'administrator') ORDER BY r.user_id
                    ON CONFLICT (user_id) DO UPDATE SET last_seen_at = now() RETURNING user_id)
           SELECT count(*) AS "count!" FROM touched WHERE user_id NOT IN (SELECT user_id FROM there)"#,
        users
    );
    timed("chat.note_agents", query.fetch_one(executor)).await
}

/// Whether someone takes new conversations.
pub(in crate::domain::chat) async fn put_available(
    executor: impl PgExecutor<'_>,
    user: UserId,
    available: bool,
) -> Result<(), sqlx::Error> {
    let query = sqlx::query!(
        "INSERT INTO agent_presence (user_id, available) VALUES ($1, $2)
         ON CONFLICT (user_id) DO UPDATE SET available = $2, last_seen_at = now()",
        user.0,
        available
    );
    timed("chat.put_available", query.execute(executor)).await?;
    Ok(())
}

/// Whether someone takes new conversations.
pub(in crate::domain::chat) async fn is_available(
    executor: impl PgExecutor<'_>,
    user: UserId,
) -> Result<bool, sqlx::Error> {
    let query = sqlx::query_scalar!(
        r#"SELECT coalesce((SELECT available FROM agent_presence WHERE user_id = $1), true) AS "is_available!""#,
        user.0
    );
    timed("chat.is_available", query.fetch_one(executor)).await
}

/// Who is there, the least busy first. Busy with: what is open, and what was answered within the last quarter of an hour and may go on;
/// an older one whose customer never came back holds nobody's place.
pub(in crate::domain::chat) async fn agents_there(
    connection: &mut PgConnection,
) -> Result<Vec<AgentThere>, sqlx::Error> {
    let query = sqlx::query_as!(
        AgentThere,
        r#"SELECT p.user_id AS "id: UserId", coalesce(nullif(u.full_name, ''), u.username::text) AS "name!", p.available,
                  (SELECT count(*) FROM conversations c
                   WHERE c.assignee_id = p.user_id AND c.ended_at IS NULL
                     AND (c.status = 'open' OR c.status = 'pending' AND c.last_message_at > now() - interval '15 minutes')) AS "open!"
           FROM agent_presence p JOIN users u ON u.id = p.user_id
           WHERE p.last_seen_at > now() - interval '60 seconds' AND u.disabled_at IS NULL AND u.anonymised_at IS NULL
             AND EXISTS (SELECT FROM user_roles r WHERE r.user_id = p.user_id AND r.role IN ('agent', 'lead', 'administrator'))
           ORDER BY 4, p.user_id"#
    );
    timed("chat.agents_there", query.fetch_all(connection)).await
}

/// Whether somebody is there who takes new conversations.
pub(in crate::domain::chat) async fn is_anyone_there(executor: impl PgExecutor<'_>) -> Result<bool, sqlx::Error> {
    let query = sqlx::query_scalar!(
        r#"SELECT EXISTS (
               SELECT FROM agent_presence p JOIN users u ON u.id = p.user_id
               WHERE p.available AND p.last_seen_at > now() - interval '60 seconds' AND u.disabled_at IS NULL AND u.anonymised_at IS NULL
                 AND EXISTS (SELECT FROM user_roles r WHERE r.user_id = p.user_id AND r.role IN ('agent', 'lead', 'administrator'))
           ) AS "is_there!""#
    );
    timed("chat.is_anyone_there", query.fetch_one(executor)).await
}

/// Makes other distributions wait until this transaction ends, whichever server they run on.
pub(in crate::domain::chat) async fn lock_distribution(tx: &mut Tx) -> Result<(), sqlx::Error> {
    let query = sqlx::query!("SELECT pg_advisory_xact_lock(hashtext('chat.distribution')) AS locked");
    timed("chat.lock_distribution", query.execute(&mut **tx)).await?;
    Ok(())
}
