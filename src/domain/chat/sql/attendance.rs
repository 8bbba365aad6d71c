//! Who is there now.

use sqlx::PgExecutor;

use crate::{infra::metrics::timed, types::ConversationId};

/// These agents were seen now.
pub(in crate::domain::chat) async fn touch_agents(
    executor: impl PgExecutor<'_>,
    agents: &[i64],
) -> Result<(), sqlx::Error> {
    // In the order of their ids, so that two servers never wait for each other.
    let query = sqlx::query!(
        "INSERT INTO agent_presence (user_id, last_seen_at) SELECT id, now() FROM unnest($1::bigint[]) AS there (id) ORDER BY id
         ON CONFLICT (user_id) DO UPDATE SET last_seen_at = now()",
        agents
    );
    timed("chat.touch_agents", query.execute(executor)).await?;
    Ok(())
}

/// Whether an agent was seen within a minute and takes conversations.
pub(in crate::domain::chat) async fn any_agent(executor: impl PgExecutor<'_>) -> Result<bool, sqlx::Error> {
    let query = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM agent_presence WHERE available AND last_seen_at > now() - interval '60 seconds') AS "there!""#
    );
    timed("chat.any_agent", query.fetch_one(executor)).await
}

/// The customers of these conversations were seen now.
pub(in crate::domain::chat) async fn touch_customers(
    executor: impl PgExecutor<'_>,
    conversations: &[i64],
) -> Result<(), sqlx::Error> {
    // What a message holds is let be: it notes the same by itself.
    let query = sqlx::query!(
        "UPDATE conversations SET customer_seen_at = now()
         WHERE id IN (SELECT id FROM conversations WHERE id = ANY ($1::bigint[]) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED)",
        conversations
    );
    timed("chat.touch_customers", query.execute(executor)).await?;
    Ok(())
}

/// The page that the customer looks at.
pub(in crate::domain::chat) async fn set_page(
    executor: impl PgExecutor<'_>,
    conversation: ConversationId,
    path: &str,
    title: &str,
) -> Result<(), sqlx::Error> {
    let query = sqlx::query!(
        "UPDATE conversations SET page_path = $2, page_title = $3, customer_seen_at = now() WHERE id = $1",
        conversation.0,
        path,
        title
    );
    timed("chat.set_page", query.execute(executor)).await?;
    Ok(())
}
