//! Who is there now.

use sqlx::PgExecutor;

use crate::{infra::metrics::timed, types::ConversationId};

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
