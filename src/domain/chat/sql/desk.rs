//! Queries of the agents' desk that read: queues, counts, the search, and what is shown beside a conversation.

use sqlx::PgExecutor;
use time::OffsetDateTime;

use crate::{
    domain::chat::{
        desk::{CannedAnswer, Entry, Label, LastWord, Note, Queue, QueueCounts, Whereabouts},
        types::{Assignee, Change, Conversation, Sender, Status},
    },
    infra::{database::unreadable, metrics::timed},
    types::{CannedAnswerId, ConversationId, LabelId, UserId},
};

struct Row {
    token: String,
    name: String,
    has_account: bool,
    status: String,
    is_ended: bool,
    assignee_id: Option<i64>,
    assignee_name: Option<String>,
    waiting_since: Option<OffsetDateTime>,
    snoozed_until: Option<OffsetDateTime>,
    last_message_at: OffsetDateTime,
    seen_at: Option<OffsetDateTime>,
    unread: i64,
    last_sender: Option<String>,
    last_body: Option<String>,
    labels: Vec<String>,
    rating: Option<i16>,
}

// One list of columns for every queue. What is said to nobody (opened, and nothing written) is no conversation yet; one's own is
// answered by a colleague.
macro_rules! entries {
    ($from:literal, $tail:literal $(, $argument:expr)* $(,)?) => {
        sqlx::query_as!(
            Row,
            $from + r#"SELECT c.token, c.display_name AS name, c.user_id IS NOT NULL AS "has_account!", c.status,
                      c.ended_at IS NOT NULL AS "is_ended!", c.assignee_id,
                      (SELECT coalesce(nullif(u.full_name, ''), u.username::text) FROM users u WHERE u.id = c.assignee_id) AS "assignee_name?",
                      c.waiting_since AS "waiting_since?: OffsetDateTime", c.snoozed_until AS "snoozed_until?: OffsetDateTime",
                      c.last_message_at AS "last_message_at: OffsetDateTime", c.customer_seen_at AS "seen_at?: OffsetDateTime",
                      (SELECT count(*) FROM chat_messages m
                       WHERE m.conversation_id = c.id AND m.seq > c.support_read AND m.sender = 'customer') AS "unread!",
                      said.sender AS "last_sender?", left(said.body, 200) AS "last_body?",
                      ARRAY(SELECT l.name::text FROM conversation_labels k JOIN chat_labels l ON l.id = k.label_id
                            WHERE k.conversation_id = c.id ORDER BY l.name) AS "labels!", c.rating AS "rating?"
               "# + $tail
            $(, $argument)*
        )
    };
}

impl TryFrom<Row> for Entry {
    type Error = sqlx::Error;

    fn try_from(row: Row) -> Result<Self, sqlx::Error> {
        let unknown = |word: &str| unreadable(std::io::Error::other(format!("'{word}' of a conversation")));
        let last = match (row.last_sender, row.last_body) {
            (Some(sender), Some(text)) => {
                Some(LastWord { sender: Sender::of(&sender).ok_or_else(|| unknown(&sender))?, text })
            }
            _ => None,
        };
        Ok(Self {
            status: Status::of(&row.status).ok_or_else(|| unknown(&row.status))?,
            token: row.token.into(),
            name: row.name,
            has_account: row.has_account,
            is_ended: row.is_ended,
            assignee: row
                .assignee_id
                .map(|id| Assignee { id: UserId(id), name: row.assignee_name.unwrap_or_default() }),
            waiting_since: row.waiting_since,
            snoozed_until: row.snoozed_until,
            last_message_at: row.last_message_at,
            seen_at: row.seen_at,
            unread: row.unread,
            last,
            labels: row.labels,
            rating: row.rating,
        })
    }
}

/// A part of a queue, in its own order.
pub(in crate::domain::chat) async fn queue(
    executor: impl PgExecutor<'_>,
    queue: Queue,
    agent: UserId,
    limit: i64,
    offset: i64,
) -> Result<Vec<Entry>, sqlx::Error> {
    let me = agent.0;
    let rows = match queue {
        Queue::Waiting => {
            let query = entries!(
                "",
                "FROM conversations c LEFT JOIN chat_messages said ON said.conversation_id = c.id AND said.seq = c.last_seq
                 WHERE c.waiting_since IS NOT NULL AND c.ended_at IS NULL AND c.status <> 'snoozed' AND c.user_id IS DISTINCT FROM $1
                 ORDER BY c.waiting_since, c.id LIMIT $2 OFFSET $3",
                me,
                limit,
                offset
            );
            timed("chat.queue_waiting", query.fetch_all(executor)).await?
        }
        Queue::Mine => {
            let query = entries!(
                "",
                "FROM conversations c LEFT JOIN chat_messages said ON said.conversation_id = c.id AND said.seq = c.last_seq
                 WHERE c.assignee_id = $1 AND c.status IN ('open', 'pending') AND c.last_seq > 0 AND c.user_id IS DISTINCT FROM $1
                 ORDER BY c.waiting_since NULLS LAST, c.last_message_at DESC, c.id DESC LIMIT $2 OFFSET $3",
                me,
                limit,
                offset
            );
            timed("chat.queue_mine", query.fetch_all(executor)).await?
        }
        Queue::All => {
            let query = entries!(
                "",
                "FROM conversations c LEFT JOIN chat_messages said ON said.conversation_id = c.id AND said.seq = c.last_seq
                 WHERE c.status IN ('open', 'pending', 'snoozed') AND c.last_seq > 0 AND c.user_id IS DISTINCT FROM $1
                 ORDER BY c.last_message_at DESC, c.id DESC LIMIT $2 OFFSET $3",
                me,
                limit,
                offset
            );
            timed("chat.queue_all", query.fetch_all(executor)).await?
        }
        Queue::Resolved => {
            let query = entries!(
                "",
                "FROM conversations c LEFT JOIN chat_messages said ON said.conversation_id = c.id AND said.seq = c.last_seq
                 WHERE c.status = 'resolved' AND c.last_seq > 0 AND c.user_id IS DISTINCT FROM $1
                 ORDER BY c.last_message_at DESC, c.id DESC LIMIT $2 OFFSET $3",
                me,
                limit,
                offset
            );
            timed("chat.queue_resolved", query.fetch_all(executor)).await?
        }
        Queue::Snoozed => {
            let query = entries!(
                "",
                "FROM conversations c LEFT JOIN chat_messages said ON said.conversation_id = c.id AND said.seq = c.last_seq
                 WHERE c.status = 'snoozed' AND c.last_seq > 0 AND c.user_id IS DISTINCT FROM $1
                 ORDER BY c.snoozed_until, c.id LIMIT $2 OFFSET $3",
                me,
                limit,
                offset
            );
            timed("chat.queue_snoozed", query.fetch_all(executor)).await?
        }
    };
    rows.into_iter().map(Entry::try_from).collect()
}

/// What was said with all of these words, or by someone of this name or address, the latest first; the last word may be half typed. The
/// entry shows the message that was found. The words come out of a subquery: what the planner cannot see it takes for rare, so that every
/// plan goes through the index, a generic one as well.
pub(in crate::domain::chat) async fn search(
    executor: impl PgExecutor<'_>,
    words: &str,
    agent: UserId,
    limit: i64,
    offset: i64,
) -> Result<Vec<Entry>, sqlx::Error> {
    let query = entries!(
        r#"WITH asked AS (
               SELECT CASE WHEN numnode(plainto_tsquery('simple', $1)) > 0 THEN (plainto_tsquery('simple', $1)::text || ':*')::tsquery END AS words
           ), said_so AS MATERIALIZED (
               SELECT conversation_id AS id, seq, created_at FROM chat_messages
               WHERE search @@ (SELECT words FROM asked) ORDER BY created_at DESC LIMIT 2000
           ), called_so AS MATERIALIZED (
               SELECT id, last_seq AS seq, last_message_at AS created_at FROM conversations
               WHERE to_tsvector('simple'::regconfig, display_name || ' ' || coalesce(email::text, '')) @@ (SELECT words FROM asked)
               ORDER BY last_message_at DESC LIMIT 500
           ), found AS (
               SELECT DISTINCT ON (id) id, seq, created_at FROM (TABLE said_so UNION ALL TABLE called_so) f ORDER BY id, created_at DESC
           ) "#,
        "FROM found JOIN conversations c ON c.id = found.id
              LEFT JOIN chat_messages said ON said.conversation_id = c.id AND said.seq = found.seq
         WHERE c.last_seq > 0 AND c.user_id IS DISTINCT FROM $2 ORDER BY found.created_at DESC, c.id DESC LIMIT $3 OFFSET $4",
        words,
        agent.0,
        limit,
        offset
    );
    let rows = timed("chat.search", query.fetch_all(executor)).await?;
    rows.into_iter().map(Entry::try_from).collect()
}

/// How many are in each queue; nobody counts beyond a thousand.
pub(in crate::domain::chat) async fn counts(
    executor: impl PgExecutor<'_>,
    agent: UserId,
) -> Result<QueueCounts, sqlx::Error> {
    let query = sqlx::query_as!(
        QueueCounts,
        r#"SELECT
           (SELECT count(*) FROM (SELECT FROM conversations WHERE waiting_since IS NOT NULL AND ended_at IS NULL AND status <> 'snoozed'
                                  AND user_id IS DISTINCT FROM $1 LIMIT 1000) w) AS "waiting!",
           (SELECT count(*) FROM (SELECT FROM conversations WHERE assignee_id = $1 AND status IN ('open', 'pending') AND last_seq > 0
                                  AND user_id IS DISTINCT FROM $1 LIMIT 1000) m) AS "mine!",
           (SELECT count(*) FROM (SELECT FROM conversations WHERE status IN ('open', 'pending', 'snoozed') AND last_seq > 0
                                  AND user_id IS DISTINCT FROM $1 LIMIT 1000) a) AS "all!",
           (SELECT count(*) FROM (SELECT FROM conversations WHERE status = 'resolved' AND last_seq > 0
                                  AND user_id IS DISTINCT FROM $1 LIMIT 1000) r) AS "resolved!",
           (SELECT count(*) FROM (SELECT FROM conversations WHERE status = 'snoozed' AND last_seq > 0
                                  AND user_id IS DISTINCT FROM $1 LIMIT 1000) s) AS "snoozed!""#,
        agent.0
    );
    timed("chat.queue_counts", query.fetch_one(executor)).await
}

/// The person's other conversations, latest first.
pub(in crate::domain::chat) async fn others_of(
    executor: impl PgExecutor<'_>,
    conversation: &Conversation,
    limit: i64,
) -> Result<Vec<Entry>, sqlx::Error> {
    let query = entries!(
        "",
        "FROM conversations c LEFT JOIN chat_messages said ON said.conversation_id = c.id AND said.seq = c.last_seq
              JOIN conversations this ON this.id = $1
         WHERE c.id <> $1 AND c.last_seq > 0 AND (c.user_id = this.user_id OR c.visitor_id = this.visitor_id)
         ORDER BY c.id DESC LIMIT $2",
        conversation.id.0,
        limit
    );
    let rows = timed("chat.others_of", query.fetch_all(executor)).await?;
    rows.into_iter().map(Entry::try_from).collect()
}

/// What agents wrote to each other about this person, latest first.
pub(in crate::domain::chat) async fn notes_of(
    executor: impl PgExecutor<'_>,
    conversation: ConversationId,
    limit: i64,
) -> Result<Vec<Note>, sqlx::Error> {
    let query = sqlx::query_as!(
        Note,
        r#"SELECT n.actor_name AS author, n.body AS text, n.created_at AS "at: OffsetDateTime"
           FROM conversations this
           JOIN conversations c ON c.user_id = this.user_id OR c.visitor_id = this.visitor_id
           JOIN chat_changes n ON n.conversation_id = c.id AND n.kind = 'note'
           WHERE this.id = $1 ORDER BY n.created_at DESC LIMIT $2"#,
        conversation.0,
        limit
    );
    timed("chat.notes_of", query.fetch_all(executor)).await
}

/// What changed since a moment, in order, the last 200.
pub(in crate::domain::chat) async fn changes_since(
    executor: impl PgExecutor<'_>,
    conversation: ConversationId,
    since: Option<OffsetDateTime>,
    until: Option<OffsetDateTime>,
) -> Result<Vec<Change>, sqlx::Error> {
    let query = sqlx::query_as!(
        Change,
        r#"SELECT n, kind, actor_name AS actor, body, created_at AS "at: OffsetDateTime" FROM chat_changes
           WHERE conversation_id = $1 AND ($2::timestamptz IS NULL OR created_at >= $2) AND ($3::timestamptz IS NULL OR created_at < $3)
           ORDER BY n DESC LIMIT 200"#,
        conversation.0,
        since as Option<OffsetDateTime>,
        until as Option<OffsetDateTime>
    );
    let mut changes = timed("chat.changes_since", query.fetch_all(executor)).await?;
    changes.reverse();
    Ok(changes)
}

/// Where the customer is in the shop.
pub(in crate::domain::chat) async fn whereabouts(
    executor: impl PgExecutor<'_>,
    conversation: ConversationId,
) -> Result<Whereabouts, sqlx::Error> {
    let query = sqlx::query_as!(
        Whereabouts,
        r#"SELECT page_path AS path, page_title AS title, customer_seen_at AS "seen_at?: OffsetDateTime" FROM conversations WHERE id = $1"#,
        conversation.0
    );
    timed("chat.whereabouts", query.fetch_one(executor)).await
}

/// All labels, by name.
pub(in crate::domain::chat) async fn labels(executor: impl PgExecutor<'_>) -> Result<Vec<Label>, sqlx::Error> {
    let query = sqlx::query_as!(
        Label,
        r#"SELECT id AS "id: LabelId", name::text AS "name!" FROM chat_labels ORDER BY name LIMIT 200"#
    );
    timed("chat.labels", query.fetch_all(executor)).await
}

/// The labels of a conversation, by name.
pub(in crate::domain::chat) async fn labels_of(
    executor: impl PgExecutor<'_>,
    conversation: ConversationId,
) -> Result<Vec<Label>, sqlx::Error> {
    let query = sqlx::query_as!(
        Label,
        r#"SELECT l.id AS "id: LabelId", l.name::text AS "name!" FROM conversation_labels k JOIN chat_labels l ON l.id = k.label_id
           WHERE k.conversation_id = $1 ORDER BY l.name"#,
        conversation.0
    );
    timed("chat.labels_of", query.fetch_all(executor)).await
}

/// Who may be handed a conversation, by name.
pub(in crate::domain::chat) async fn agents(executor: impl PgExecutor<'_>) -> Result<Vec<Assignee>, sqlx::Error> {
    let query = sqlx::query_as!(
        Assignee,
        r#"SELECT u.id AS "id: UserId", coalesce(nullif(u.full_name, ''), u.username::text) AS "name!" FROM users u
           WHERE u.disabled_at IS NULL AND u.anonymised_at IS NULL
                 AND EXISTS (SELECT FROM user_roles r WHERE r.user_id = u.id AND r.role IN ('agent', 'lead', 'administrator'))
           ORDER BY 2, u.id LIMIT 500"#
    );
    timed("chat.agents", query.fetch_all(executor)).await
}

/// Answers that are written beforehand, by shortcut.
pub(in crate::domain::chat) async fn canned(executor: impl PgExecutor<'_>) -> Result<Vec<CannedAnswer>, sqlx::Error> {
    let query = sqlx::query_as!(
        CannedAnswer,
        r#"SELECT id AS "id: CannedAnswerId", shortcut::text AS "shortcut!", title, body FROM canned_answers ORDER BY shortcut LIMIT 500"#
    );
    timed("chat.canned", query.fetch_all(executor)).await
}
