//! Queries on chat_messages.

use sqlx::{PgExecutor, types::Json};
use time::OffsetDateTime;

use crate::{
    domain::chat::types::{Attachment, AttachmentKind, Card, Message, Sender},
    infra::{database::unreadable, metrics::timed},
    types::{ClientId, ConversationId, ConversationToken, UserId},
};

struct Row {
    seq: i64,
    sender: String,
    user_id: Option<i64>,
    username: String,
    body: String,
    card: Option<Json<Card>>,
    client_id: Option<String>,
    at: OffsetDateTime,
    file_token: Option<String>,
    file_kind: Option<String>,
    file_name: Option<String>,
    file_bytes: Option<i64>,
    file_width: Option<i32>,
    file_height: Option<i32>,
}

macro_rules! messages {
    ($tail:literal $(, $argument:expr)* $(,)?) => {
        sqlx::query_as!(
            Row,
            r#"SELECT m.seq AS "seq!", m.sender AS "sender!", m.user_id, m.username AS "username!", m.body AS "body!",
                      m.card AS "card?: Json<Card>", m.client_id, m.created_at AS "at!: OffsetDateTime", a.token AS "file_token?", a.kind AS "file_kind?",
                      a.file_name AS "file_name?", a.bytes AS "file_bytes?", a.width AS "file_width?", a.height AS "file_height?"
               FROM chat_messages m LEFT JOIN chat_attachments a ON a.id = m.attachment_id "# + $tail
            $(, $argument)*
        )
    };
}

impl Row {
    fn into_message(self, token: &ConversationToken) -> Result<Message, sqlx::Error> {
        let unknown = |what: &str| unreadable(std::io::Error::other(what.to_owned()));
        let attachment = match (self.file_token, self.file_kind.as_deref().and_then(AttachmentKind::of)) {
            (Some(file), Some(kind)) => Some(Attachment {
                token: file,
                kind,
                file_name: self.file_name.unwrap_or_default(),
                bytes: self.file_bytes.unwrap_or_default(),
                width: self.file_width,
                height: self.file_height,
            }),
            _ => None,
        };
        Ok(Message {
            seq: self.seq,
            token: token.clone(),
            sender: Sender::of(&self.sender).ok_or_else(|| unknown(&self.sender))?,
            user: self.user_id.map(UserId),
            username: self.username,
            body: self.body.into(),
            attachment,
            card: self.card.map(|card| card.0),
            client_id: self.client_id.map(|id| ClientId::parse(&id)).transpose().map_err(unreadable)?,
            at: self.at,
        })
    }
}

fn all(rows: Vec<Row>, token: &ConversationToken) -> Result<Vec<Message>, sqlx::Error> {
    rows.into_iter().map(|row| row.into_message(token)).collect()
}

/// The messages that a sender has called by one of these before.
pub(in crate::domain::chat) async fn by_client_ids(
    executor: impl PgExecutor<'_>,
    conversation: ConversationId,
    token: &ConversationToken,
    sender: Sender,
    user: Option<UserId>,
    client_ids: &[String],
) -> Result<Vec<Message>, sqlx::Error> {
    let query = messages!(
        "WHERE m.conversation_id = $1 AND m.sender = $2 AND CASE WHEN m.sender = 'agent' THEN m.user_id ELSE 0 END = $3
           AND m.client_id = ANY($4)",
        conversation.0,
        sender.id(),
        user.filter(|_| sender == Sender::Agent).map_or(0, |user| user.0),
        client_ids
    );
    all(timed("chat.by_client_ids", query.fetch_all(executor)).await?, token)
}

/// At most so many messages after a number, in their order.
pub(in crate::domain::chat) async fn messages_after(
    executor: impl PgExecutor<'_>,
    conversation: ConversationId,
    token: &ConversationToken,
    after: i64,
    limit: i64,
) -> Result<Vec<Message>, sqlx::Error> {
    let query =
        messages!("WHERE m.conversation_id = $1 AND m.seq > $2 ORDER BY m.seq LIMIT $3", conversation.0, after, limit);
    all(timed("chat.messages_after", query.fetch_all(executor)).await?, token)
}

/// The last so many messages, in their order.
pub(in crate::domain::chat) async fn latest_messages(
    executor: impl PgExecutor<'_>,
    conversation: ConversationId,
    token: &ConversationToken,
    limit: i64,
) -> Result<Vec<Message>, sqlx::Error> {
    messages_before(executor, conversation, token, i64::MAX, limit).await
}

/// The last so many messages before a number, in their order.
pub(in crate::domain::chat) async fn messages_before(
    executor: impl PgExecutor<'_>,
    conversation: ConversationId,
    token: &ConversationToken,
    before: i64,
    limit: i64,
) -> Result<Vec<Message>, sqlx::Error> {
    let query = messages!(
        "WHERE m.conversation_id = $1 AND m.seq < $2 ORDER BY m.seq DESC LIMIT $3",
        conversation.0,
        before,
        limit
    );
    let mut rows = timed("chat.messages_before", query.fetch_all(executor)).await?;
    rows.reverse();
    all(rows, token)
}

/// What agents said after one number and up to another, at most 50.
pub(in crate::domain::chat) async fn answers_between(
    executor: impl PgExecutor<'_>,
    conversation: ConversationId,
    token: &ConversationToken,
    after: i64,
    up_to: i64,
) -> Result<Vec<Message>, sqlx::Error> {
    let query = messages!(
        "WHERE m.conversation_id = $1 AND m.seq > $2 AND m.seq <= $3 AND m.sender = 'agent' ORDER BY m.seq LIMIT 50",
        conversation.0,
        after,
        up_to
    );
    all(timed("chat.answers_between", query.fetch_all(executor)).await?, token)
}
