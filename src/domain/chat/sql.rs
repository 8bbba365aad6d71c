//! Queries on conversations: finding, opening, moving. Messages, marks and what agents see have files of their own.

mod answers;
mod attachments;
mod attendance;
mod automatic;
mod away;
mod changes;
pub(super) mod desk;
pub(super) mod desk_moves;
mod distribution;
mod figures;
mod keeping;
mod mailing;
mod marks;
mod messages;
mod presence;

use sqlx::{PgConnection, PgExecutor};
use time::OffsetDateTime;

pub(super) use answers::{canned, canned_answers, delete_canned, insert_canned, update_canned};
pub(super) use attachments::{attachment, attachment_count, forget_loose, insert_attachment, media_keys};
pub(super) use attendance::{set_page, touch_customers};
pub(super) use automatic::{delete_rule, enabled_rules, insert_rule, rule, rules, update_rule};
pub(super) use away::{answers, claim_away, mail_address, rate, seen, set_email, take_over};
pub(super) use changes::{changes_after, insert_change};
pub(super) use distribution::{count_waiting, give, is_anything_to_do, take_back, waiting};
pub(super) use figures::{figures_by_agent, figures_by_day, waiting_now};
pub(super) use keeping::{count_kept, delete_old_of_visitors, erase, lock_all_of};
pub(super) use mailing::{allow_mails, forget_mailed, is_stopped, note_transcript, stop_mails};
pub(super) use marks::move_mark;
pub(super) use messages::{by_client_ids, latest_messages, messages_after, messages_before};
pub(super) use presence::{agents_there, is_anyone_there, is_available, lock_distribution, note_agents, put_available};
pub(super) use saying::{NewRow, NewRows, store};

use super::types::{Assignee, Conversation, Marks, Status};
use crate::{
    domain::accounts::Owner,
    infra::{
        database::{Tx, unreadable},
        metrics::timed,
    },
    types::{ConversationId, ConversationToken, DisplayName, UserId, VisitorId},
};

struct Row {
    id: i64,
    token: String,
    user_id: Option<i64>,
    visitor_id: Option<i64>,
    display_name: String,
    email: Option<String>,
    status: String,
    is_ended: bool,
    assignee_id: Option<i64>,
    assignee_name: Option<String>,
    last_seq: i64,
    last_change: i64,
    customer_delivered: i64,
    customer_read: i64,
    support_delivered: i64,
    support_read: i64,
    waiting_since: Option<OffsetDateTime>,
    was_answered: bool,
    snoozed_until: Option<OffsetDateTime>,
    rating: Option<i16>,
    created_at: OffsetDateTime,
    last_message_at: OffsetDateTime,
}

// One list of columns for every way of finding one. Those that are never null say so: of a CTE's row nobody else knows.
macro_rules! conversations {
    ($tail:literal $(, $argument:expr)* $(,)?) => {
        conversations!(@ "", "FROM conversations c ", $tail $(, $argument)*)
    };
    (@ $head:literal, $from:literal, $tail:literal $(, $argument:expr)* $(,)?) => {
        sqlx::query_as!(
            Row,
            $head + r#"SELECT c.id AS "id!", c.token AS "token!", c.user_id, c.visitor_id, c.display_name AS "display_name!",
                      c.email::text AS "email?", c.status AS "status!", c.ended_at IS NOT NULL AS "is_ended!", c.assignee_id,
                      (SELECT coalesce(nullif(u.full_name, ''), u.username::text) FROM users u WHERE u.id = c.assignee_id) AS "assignee_name?",
                      c.last_seq AS "last_seq!", c.last_change AS "last_change!", c.customer_delivered AS "customer_delivered!",
                      c.customer_read AS "customer_read!", c.support_delivered AS "support_delivered!", c.support_read AS "support_read!",
                      c.waiting_since AS "waiting_since?: OffsetDateTime", c.first_answered_at IS NOT NULL AS "was_answered!",
                      c.snoozed_until AS "snoozed_until?: OffsetDateTime", c.rating AS "rating?", c.created_at AS "created_at!: OffsetDateTime",
                      c.last_message_at AS "last_message_at!: OffsetDateTime" "# + $from + $tail
            $(, $argument)*
        )
    };
}

// After the list of columns, which it reads as well.
mod saying;

impl TryFrom<Row> for Conversation {
    type Error = sqlx::Error;

    fn try_from(row: Row) -> Result<Self, sqlx::Error> {
        let owner = match (row.user_id, row.visitor_id) {
            (Some(user), _) => Owner::Customer(UserId(user)),
            (None, Some(visitor)) => Owner::Visitor(VisitorId(visitor)),
            (None, None) => return Err(sqlx::Error::RowNotFound),
        };
        let unknown = || unreadable(std::io::Error::other(format!("status {}", row.status)));
        Ok(Self {
            id: ConversationId(row.id),
            status: Status::of(&row.status).ok_or_else(unknown)?,
            token: row.token.into(),
            owner,
            display_name: row.display_name,
            email: row.email,
            is_ended: row.is_ended,
            assignee: row
                .assignee_id
                .map(|id| Assignee { id: UserId(id), name: row.assignee_name.unwrap_or_default() }),
            last_seq: row.last_seq,
            last_change: row.last_change,
            marks: Marks {
                customer_delivered: row.customer_delivered,
                customer_read: row.customer_read,
                support_delivered: row.support_delivered,
                support_read: row.support_read,
            },
            waiting_since: row.waiting_since,
            was_answered: row.was_answered,
            snoozed_until: row.snoozed_until,
            rating: row.rating,
            created_at: row.created_at,
            last_message_at: row.last_message_at,
        })
    }
}

/// The conversation of a token, whoever's it is: the caller asks for membership.
pub(super) async fn by_token(
    executor: impl PgExecutor<'_>,
    token: &ConversationToken,
) -> Result<Option<Conversation>, sqlx::Error> {
    let query = conversations!("WHERE c.token = $1", token.as_str());
    timed("chat.by_token", query.fetch_optional(executor)).await?.map(Conversation::try_from).transpose()
}

/// The same, held until the transaction ends: numbers are given in this order.
pub(super) async fn lock(tx: &mut Tx, token: &ConversationToken) -> Result<Option<Conversation>, sqlx::Error> {
    let query = conversations!("WHERE c.token = $1 FOR NO KEY UPDATE OF c", token.as_str());
    timed("chat.lock", query.fetch_optional(&mut **tx)).await?.map(Conversation::try_from).transpose()
}

/// The conversation of an id.
pub(super) async fn by_id(
    executor: impl PgExecutor<'_>,
    id: ConversationId,
) -> Result<Option<Conversation>, sqlx::Error> {
    let query = conversations!("WHERE c.id = $1", id.0);
    timed("chat.by_id", query.fetch_optional(executor)).await?.map(Conversation::try_from).transpose()
}

/// The open conversation of a person.
pub(super) async fn open_one_of(
    connection: &mut PgConnection,
    owner: Owner,
) -> Result<Option<Conversation>, sqlx::Error> {
    let (user, visitor) = parts(owner);
    let query = conversations!(
        "WHERE c.ended_at IS NULL AND (c.user_id = $1 OR c.visitor_id = $2) ORDER BY c.id DESC LIMIT 1",
        user,
        visitor
    );
    timed("chat.open_one_of", query.fetch_optional(connection)).await?.map(Conversation::try_from).transpose()
}

/// All conversations of a person, the oldest first.
pub(super) async fn all_of(executor: impl PgExecutor<'_>, owner: Owner) -> Result<Vec<Conversation>, sqlx::Error> {
    let (user, visitor) = parts(owner);
    let query = conversations!("WHERE c.user_id = $1 OR c.visitor_id = $2 ORDER BY c.id", user, visitor);
    timed("chat.all_of", query.fetch_all(executor)).await?.into_iter().map(Conversation::try_from).collect()
}

/// The conversations of these ids of which a server's sockets have seen less than there is.
pub(super) async fn beyond(
    executor: impl PgExecutor<'_>,
    ids: &[i64],
    seqs: &[i64],
    changes: &[i64],
) -> Result<Vec<Conversation>, sqlx::Error> {
    let query = conversations!(
        "JOIN unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS seen (id, seq, change) ON seen.id = c.id
         WHERE c.last_seq > seen.seq OR c.last_change > seen.change",
        ids,
        seqs,
        changes
    );
    timed("chat.beyond", query.fetch_all(executor)).await?.into_iter().map(Conversation::try_from).collect()
}

/// Opens a conversation unless the person has one; `None` if they have.
pub(super) async fn insert(
    tx: &mut Tx,
    token: &str,
    owner: Owner,
    name: &str,
    email: Option<&str>,
) -> Result<Option<i64>, sqlx::Error> {
    let (user, visitor) = parts(owner);
    let query = sqlx::query_scalar!(
        "INSERT INTO conversations (token, user_id, visitor_id, display_name, email) VALUES ($1, $2, $3, $4, ($5::text)::citext)
         ON CONFLICT DO NOTHING RETURNING id",
        token,
        user,
        visitor,
        name,
        email
    );
    timed("chat.insert", query.fetch_optional(&mut **tx)).await
}

/// What a visitor is called from now on.
pub(super) async fn rename(
    executor: impl PgExecutor<'_>,
    id: ConversationId,
    name: &DisplayName,
) -> Result<(), sqlx::Error> {
    let query = sqlx::query!("UPDATE conversations SET display_name = $2 WHERE id = $1", id.0, name.as_str());
    timed("chat.rename", query.execute(executor)).await?;
    Ok(())
}

/// Whether an account is called this, by its user name or its full name.
pub(super) async fn is_account_name(executor: impl PgExecutor<'_>, name: &str) -> Result<bool, sqlx::Error> {
    let query = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM users WHERE username = ($1::text)::citext) AS "exists!""#,
        name
    );
    timed("chat.is_account_name", query.fetch_one(executor)).await
}

/// Nothing can be said any more.
pub(super) async fn end(tx: &mut Tx, id: ConversationId) -> Result<(), sqlx::Error> {
    let query = sqlx::query!(
        "UPDATE conversations
         SET ended_at = coalesce(ended_at, now()), status = 'resolved', resolved_at = coalesce(resolved_at, now()),
             waiting_since = NULL, snoozed_until = NULL
         WHERE id = $1",
        id.0
    );
    timed("chat.end", query.execute(&mut **tx)).await?;
    Ok(())
}

/// Gives a visitor's conversations to an account. If both have an open one, the visitor's stays open, since it is what the person
/// looks at, and the account's is ended.
pub(super) async fn join(tx: &mut Tx, visitor: VisitorId, user: UserId) -> Result<(), sqlx::Error> {
    // In the order of their ids, so that two joins never wait for each other.
    let locked = sqlx::query!(
        "SELECT id FROM conversations WHERE visitor_id = $1 OR (user_id = $2 AND ended_at IS NULL) ORDER BY id FOR NO KEY UPDATE",
        visitor.0,
        user.0
    );
    timed("chat.lock_both", locked.fetch_all(&mut **tx)).await?;
    let ended = sqlx::query!(
        "UPDATE conversations
         SET ended_at = now(), status = 'resolved', resolved_at = coalesce(resolved_at, now()), waiting_since = NULL, snoozed_until = NULL
         WHERE user_id = $2 AND ended_at IS NULL AND EXISTS (SELECT FROM conversations WHERE visitor_id = $1 AND ended_at IS NULL)",
        visitor.0,
        user.0
    );
    timed("chat.end_for_join", ended.execute(&mut **tx)).await?;
    let moved = sqlx::query!(
        "UPDATE conversations c
         SET visitor_id = NULL, user_id = u.id, display_name = left(coalesce(nullif(u.full_name, ''), u.username::text), 60),
             email = coalesce(c.email, u.email)
         FROM users u WHERE c.visitor_id = $1 AND u.id = $2",
        visitor.0,
        user.0
    );
    timed("chat.join", moved.execute(&mut **tx)).await?;
    Ok(())
}

fn parts(owner: Owner) -> (Option<i64>, Option<i64>) {
    match owner {
        Owner::Customer(user) => (Some(user.0), None),
        Owner::Visitor(visitor) => (None, Some(visitor.0)),
    }
}
