//! Queries of the agents' desk that move a conversation whose row the transaction holds.

use time::OffsetDateTime;

use crate::{
    domain::chat::types::{Assignee, Status},
    infra::{database::Tx, metrics::timed},
    types::{ConversationId, ConversationToken, LabelId, UserId},
};

/// Gives it to someone, or to nobody.
pub(in crate::domain::chat) async fn assign(
    tx: &mut Tx,
    conversation: ConversationId,
    to: Option<UserId>,
) -> Result<(), sqlx::Error> {
    let query = sqlx::query!(
        "UPDATE conversations SET assignee_id = $2, assigned_at = CASE WHEN $2::bigint IS NULL THEN NULL ELSE now() END WHERE id = $1",
        conversation.0,
        to.map(|user| user.0)
    );
    timed("chat.assign", query.execute(&mut **tx)).await?;
    Ok(())
}

/// The agent of that id, if they are one.
pub(in crate::domain::chat) async fn agent(tx: &mut Tx, user: UserId) -> Result<Option<Assignee>, sqlx::Error> {
    let query = sqlx::query_as!(
        Assignee,
        r#"SELECT u.id AS "id: UserId", coalesce(nullif(u.full_name, ''), u.username::text) AS "name!" FROM users u
           WHERE u.id = $1 AND u.disabled_at IS NULL AND u.anonymised_at IS NULL
                 AND EXISTS (SELECT FROM user_roles r WHERE r.user_id = u.id AND r.role IN ('agent', 'lead', 'administrator'))"#,
        user.0
    );
    timed("chat.agent", query.fetch_optional(&mut **tx)).await
}

/// Moves it. What was answered or done has nobody waiting in it; what is put aside or taken up again keeps who waits.
pub(in crate::domain::chat) async fn set_status(
    tx: &mut Tx,
    conversation: ConversationId,
    status: Status,
    until: Option<OffsetDateTime>,
) -> Result<(), sqlx::Error> {
    let query = sqlx::query!(
        "UPDATE conversations
         SET status = $2, snoozed_until = $3, resolved_at = CASE WHEN $2 = 'resolved' THEN now() END,
             waiting_since = CASE WHEN $2 NOT IN ('resolved', 'pending') THEN waiting_since END
         WHERE id = $1",
        conversation.0,
        status.id(),
        until as Option<OffsetDateTime>
    );
    timed("chat.set_status", query.execute(&mut **tx)).await?;
    Ok(())
}

/// The conversations whose time has come, with that time; at most 100.
pub(in crate::domain::chat) async fn due(
    executor: impl sqlx::PgExecutor<'_>,
) -> Result<Vec<(ConversationToken, OffsetDateTime)>, sqlx::Error> {
    let query = sqlx::query!(
        r#"SELECT token, snoozed_until AS "until!: OffsetDateTime" FROM conversations
           WHERE status = 'snoozed' AND snoozed_until <= now() ORDER BY snoozed_until LIMIT 100"#
    );
    let rows = timed("chat.due", query.fetch_all(executor)).await?;
    Ok(rows.into_iter().map(|row| (row.token.into(), row.until)).collect())
}

/// The label of that name, made if there is none.
pub(in crate::domain::chat) async fn put_label(tx: &mut Tx, name: &str) -> Result<LabelId, sqlx::Error> {
    let query = sqlx::query_scalar!(
        r#"INSERT INTO chat_labels (name) VALUES (($1::text)::citext)
           ON CONFLICT (name) DO UPDATE SET name = chat_labels.name RETURNING id AS "id: LabelId""#,
        name
    );
    timed("chat.put_label", query.fetch_one(&mut **tx)).await
}

/// Sets a label; whether it was not there.
pub(in crate::domain::chat) async fn add_label(
    tx: &mut Tx,
    conversation: ConversationId,
    label: LabelId,
) -> Result<bool, sqlx::Error> {
    let query = sqlx::query!(
        "INSERT INTO conversation_labels (conversation_id, label_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        conversation.0,
        label.0
    );
    Ok(timed("chat.add_label", query.execute(&mut **tx)).await?.rows_affected() > 0)
}

/// Takes a label off; its name if it was there.
pub(in crate::domain::chat) async fn remove_label(
    tx: &mut Tx,
    conversation: ConversationId,
    label: LabelId,
) -> Result<Option<String>, sqlx::Error> {
    let query = sqlx::query_scalar!(
        r#"WITH gone AS (DELETE FROM conversation_labels WHERE conversation_id = $1 AND label_id = $2 RETURNING label_id)
           SELECT l.name::text AS "name!" FROM gone JOIN chat_labels l ON l.id = gone.label_id"#,
        conversation.0,
        label.0
    );
    timed("chat.remove_label", query.fetch_optional(&mut **tx)).await
}

/// How many labels there are.
pub(in crate::domain::chat) async fn count_labels(tx: &mut Tx) -> Result<i64, sqlx::Error> {
    let query = sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM chat_labels"#);
    timed("chat.count_labels", query.fetch_one(&mut **tx)).await
}

/// Makes an answer written beforehand unless its shortcut is taken; whether it is new.
pub(in crate::domain::chat) async fn insert_canned(
    tx: &mut Tx,
    shortcut: &str,
    title: &str,
    body: &str,
) -> Result<bool, sqlx::Error> {
    let query = sqlx::query!(
        "INSERT INTO canned_answers (shortcut, title, body) VALUES (($1::text)::citext, $2, $3) ON CONFLICT (shortcut) DO NOTHING",
        shortcut,
        title,
        body
    );
    Ok(timed("chat.insert_canned", query.execute(&mut **tx)).await?.rows_affected() > 0)
}
