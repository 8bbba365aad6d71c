//! How far each side has got and read.

use sqlx::PgExecutor;

use crate::{
    domain::chat::types::{Mark, Marks, Side},
    infra::metrics::timed,
    types::ConversationId,
};

/// Moves a mark forward, never back and never past the last message; a read message was delivered. `None` if nothing moved.
pub(in crate::domain::chat) async fn move_mark(
    executor: impl PgExecutor<'_>,
    conversation: ConversationId,
    side: Side,
    mark: Mark,
    to: i64,
) -> Result<Option<Marks>, sqlx::Error> {
    let (customer, read) = (side == Side::Customer, mark == Mark::Read);
    let query = sqlx::query_as!(
        Marks,
        "UPDATE conversations SET
             customer_delivered = CASE WHEN $2 THEN greatest(customer_delivered, least($4, last_seq)) ELSE customer_delivered END,
             customer_read = CASE WHEN $2 AND $3 THEN greatest(customer_read, least($4, last_seq)) ELSE customer_read END,
             support_delivered = CASE WHEN NOT $2 THEN greatest(support_delivered, least($4, last_seq)) ELSE support_delivered END,
             support_read = CASE WHEN NOT $2 AND $3 THEN greatest(support_read, least($4, last_seq)) ELSE support_read END,
             customer_seen_at = CASE WHEN $2 THEN now() ELSE customer_seen_at END
         WHERE id = $1 AND least($4, last_seq) > CASE WHEN $2 AND $3 THEN customer_read WHEN $2 THEN customer_delivered
                                                      WHEN $3 THEN support_read ELSE support_delivered END
         RETURNING customer_delivered, customer_read, support_delivered, support_read",
        conversation.0,
        customer,
        read,
        to
    );
    timed("chat.move_mark", query.fetch_optional(executor)).await
}
