//! Queries on chat_attachments.

use std::collections::HashSet;

use sqlx::PgExecutor;

use crate::{
    domain::chat::types::{Attachment, AttachmentKind},
    infra::{database::unreadable, metrics::timed},
    types::{AttachmentId, ConversationId},
};

/// A file with its row's id and its place in the media store.
pub(in crate::domain::chat) struct Stored {
    /// The row.
    pub id: AttachmentId,
    /// What everybody in the conversation may know of it.
    pub attachment: Attachment,
    /// Where it lies.
    pub media_key: String,
}

/// How many files a conversation has.
pub(in crate::domain::chat) async fn attachment_count(
    executor: impl PgExecutor<'_>,
    conversation: ConversationId,
) -> Result<i64, sqlx::Error> {
    let query = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM chat_attachments WHERE conversation_id = $1"#,
        conversation.0
    );
    timed("chat.attachment_count", query.fetch_one(executor)).await
}

/// Notes a file that lies in the store.
pub(in crate::domain::chat) async fn insert_attachment(
    executor: impl PgExecutor<'_>,
    conversation: ConversationId,
    file: &Attachment,
    media_key: &str,
) -> Result<(), sqlx::Error> {
    let query = sqlx::query!(
        "INSERT INTO chat_attachments (token, conversation_id, kind, file_name, media_key, bytes, width, height)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        file.token,
        conversation.0,
        file.kind.id(),
        file.file_name,
        media_key,
        file.bytes,
        file.width,
        file.height
    );
    timed("chat.insert_attachment", query.execute(executor)).await?;
    Ok(())
}

/// The file of a token in this conversation.
pub(in crate::domain::chat) async fn attachment(
    executor: impl PgExecutor<'_>,
    conversation: ConversationId,
    token: &str,
) -> Result<Option<Stored>, sqlx::Error> {
    let query = sqlx::query!(
        "SELECT id, token, kind, file_name, media_key, bytes, width, height FROM chat_attachments
         WHERE conversation_id = $1 AND token = $2",
        conversation.0,
        token
    );
    let Some(row) = timed("chat.attachment", query.fetch_optional(executor)).await? else { return Ok(None) };
    let kind =
        AttachmentKind::of(&row.kind).ok_or_else(|| unreadable(std::io::Error::other(format!("kind {}", row.kind))))?;
    let attachment = Attachment {
        token: row.token,
        kind,
        file_name: row.file_name,
        bytes: row.bytes,
        width: row.width,
        height: row.height,
    };
    Ok(Some(Stored { id: AttachmentId(row.id), attachment, media_key: row.media_key }))
}

/// Forgets files that no message has carried for a day.
pub(in crate::domain::chat) async fn forget_loose(executor: impl PgExecutor<'_>) -> Result<u64, sqlx::Error> {
    let query = sqlx::query!(
        "DELETE FROM chat_attachments a
         WHERE a.created_at < now() - interval '1 day'
           AND NOT EXISTS (SELECT FROM chat_messages m WHERE m.conversation_id = a.conversation_id AND m.attachment_id = a.id)"
    );
    Ok(timed("chat.forget_loose_files", query.execute(executor)).await?.rows_affected())
}

/// The names of all files that rows know.
pub(in crate::domain::chat) async fn media_keys(executor: impl PgExecutor<'_>) -> Result<HashSet<String>, sqlx::Error> {
    let query = sqlx::query_scalar!("SELECT media_key FROM chat_attachments");
    Ok(timed("chat.media_keys", query.fetch_all(executor)).await?.into_iter().collect())
}
