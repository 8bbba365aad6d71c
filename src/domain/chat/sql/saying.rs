//! The statement that says something.

use sqlx::types::Json;
use time::OffsetDateTime;

use super::Row;
use crate::{
    domain::chat::{
        rules::{Moved, Waiting},
        types::{Card, Conversation, Sender},
    },
    infra::{database::Tx, metrics::timed},
    types::{AttachmentId, ConversationId, UserId},
};

/// New messages of one sender, in their order.
pub(in crate::domain::chat) struct NewRows<'a> {
    /// Who says it.
    pub sender: Sender,
    /// The account.
    pub user: Option<UserId>,
    /// The name.
    pub username: &'a str,
    /// What is said.
    pub rows: Vec<NewRow<'a>>,
}

/// What a new message's row holds besides its number and its sender.
#[derive(Clone, Copy)]
pub(in crate::domain::chat) struct NewRow<'a> {
    /// The text.
    pub body: &'a str,
    /// A file of this conversation.
    pub attachment: Option<AttachmentId>,
    /// A card.
    pub card: Option<&'a Card>,
    /// What its sender calls it.
    pub client_id: Option<&'a str>,
}

/// Gives messages the next numbers of their conversation, stores them and moves the conversation; the row is locked by the caller. How it
/// stands then: the numbers end with its last one, and all were said at the moment of the last one. `None`: a `client_id` is taken, and
/// what was done is to be rolled back.
pub(in crate::domain::chat) async fn store(
    tx: &mut Tx,
    id: ConversationId,
    moved: &Moved,
    new: &NewRows<'_>,
) -> Result<Option<Conversation>, sqlx::Error> {
    let bodies: Vec<&str> = new.rows.iter().map(|row| row.body).collect();
    let attachments: Vec<Option<i64>> = new.rows.iter().map(|row| row.attachment.map(|id| id.0)).collect();
    let cards: Vec<Option<Json<&Card>>> = new.rows.iter().map(|row| row.card.map(Json)).collect();
    let client_ids: Vec<Option<&str>> = new.rows.iter().map(|row| row.client_id).collect();
    let query = conversations!(
        @ "WITH c AS (
             UPDATE conversations
             SET last_seq = last_seq + cardinality($6::text[]), last_message_at = clock_timestamp(), status = $2, assignee_id = $3,
                 assigned_at = CASE WHEN assignee_id IS DISTINCT FROM $3 THEN now() ELSE assigned_at END,
                 snoozed_until = CASE WHEN $2 = 'snoozed' THEN snoozed_until END,
                 resolved_at = CASE WHEN $2 = 'resolved' THEN resolved_at END,
                 waiting_since = CASE WHEN $4 THEN coalesce(waiting_since, now()) WHEN $5 THEN NULL ELSE waiting_since END,
                 first_asked_at = CASE WHEN $4 THEN coalesce(first_asked_at, now()) ELSE first_asked_at END,
                 first_answered_at = CASE WHEN $5 THEN coalesce(first_answered_at, now()) ELSE first_answered_at END,
                 customer_seen_at = CASE WHEN $4 THEN now() ELSE customer_seen_at END
             WHERE id = $1 RETURNING *),
         stored AS (
             INSERT INTO chat_messages (conversation_id, seq, sender, user_id, username, body, attachment_id, card, client_id, created_at)
             SELECT c.id, c.last_seq - cardinality($6::text[]) + new.nth, $7, $8, $9, new.body, new.attachment_id, new.card, new.client_id,
                    c.last_message_at
             FROM c, unnest($6::text[], $10::bigint[], $11::jsonb[], $12::text[])
                      WITH ORDINALITY AS new (body, attachment_id, card, client_id, nth)
             ON CONFLICT (conversation_id, sender, (CASE WHEN sender = 'agent' THEN user_id ELSE 0 END), client_id)
                 WHERE client_id IS NOT NULL DO NOTHING
             RETURNING seq) ",
        "FROM c ",
        "WHERE (SELECT count(*) FROM stored) = cardinality($6::text[])",
        id.0,
        moved.status.id(),
        moved.assignee.as_ref().map(|assignee| assignee.id.0),
        moved.waiting == Waiting::Begins,
        moved.waiting == Waiting::Ends,
        &bodies as &[&str],
        new.sender.id(),
        new.user.map(|user| user.0),
        new.username,
        &attachments as &[Option<i64>],
        &cards as &[Option<Json<&Card>>],
        &client_ids as &[Option<&str>],
    );
    timed("chat.store", query.fetch_optional(&mut **tx)).await?.map(Conversation::try_from).transpose()
}
