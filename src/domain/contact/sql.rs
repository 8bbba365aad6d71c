//! Queries on contact_messages and call_back_requests.

use std::collections::HashMap;

use sqlx::PgExecutor;
use time::OffsetDateTime;

use super::{CallBack, Message, NewCallBack, NewMessage, Slot, Topic, rules};
use crate::{
    infra::{
        database::{self, Tx},
        metrics::timed,
    },
    types::{CallBackId, ContactMessageId, Email, UserId},
};

pub(super) struct Stored {
    pub id: i64,
    pub reference: String,
}

struct CallBackRow {
    id: i64,
    reference: String,
    name: String,
    phone: String,
    email: Option<String>,
    topic: String,
    starts_at: OffsetDateTime,
    ends_at: OffsetDateTime,
}

impl TryFrom<CallBackRow> for CallBack {
    type Error = sqlx::Error;

    fn try_from(row: CallBackRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            id: CallBackId(row.id),
            reference: row.reference,
            name: row.name,
            phone: row.phone,
            email: row.email,
            topic: topic(&row.topic)?,
            starts_at: row.starts_at,
            ends_at: row.ends_at,
        })
    }
}

fn topic(id: &str) -> Result<Topic, sqlx::Error> {
    id.parse().map_err(|()| database::unreadable(std::io::Error::other(format!("no topic '{id}'"))))
}

/// How many copies went to an address in the last hour.
pub(super) async fn copies_since_an_hour(tx: &mut Tx, email: &Email) -> Result<i64, sqlx::Error> {
    let query = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM contact_messages
           WHERE email = ($1::text)::citext AND sends_copy AND created_at > now() - interval '1 hour'"#,
        email.as_str()
    );
    timed("contact.copies_since_an_hour", query.fetch_one(&mut **tx)).await
}

/// Keeps a message; `None` if one of the same form and words is there, or is just being kept.
pub(super) async fn insert_message(
    tx: &mut Tx,
    user: Option<UserId>,
    message: &NewMessage,
    fingerprint: &[u8],
    sends_copy: bool,
) -> Result<Option<Stored>, sqlx::Error> {
    let query = sqlx::query_as!(
        Stored,
        "INSERT INTO contact_messages
             (reference, fingerprint, user_id, name, email, topic, order_number, message, sends_copy)
         VALUES ($1, $2, $3, $4, ($5::text)::citext, $6, $7, $8, $9)
         ON CONFLICT (fingerprint) DO NOTHING RETURNING id, reference",
        rules::reference(rand::random()),
        fingerprint,
        user.map(|user| user.0),
        message.name,
        message.email.as_str(),
        message.topic.id(),
        message.order_number,
        message.text,
        sends_copy
    );
    timed("contact.insert_message", query.fetch_optional(&mut **tx)).await
}

pub(super) async fn message_reference(tx: &mut Tx, fingerprint: &[u8]) -> Result<String, sqlx::Error> {
    let query = sqlx::query_scalar!("SELECT reference FROM contact_messages WHERE fingerprint = $1", fingerprint);
    timed("contact.message_reference", query.fetch_one(&mut **tx)).await
}

pub(super) async fn message(
    executor: impl PgExecutor<'_>,
    id: ContactMessageId,
) -> Result<Option<Message>, sqlx::Error> {
    let query = sqlx::query!(
        r#"SELECT id, reference, name, email::text AS "email!", topic, order_number, message,
                  user_id IS NOT NULL AS "is_customer!", created_at AS "created_at: OffsetDateTime"
           FROM contact_messages WHERE id = $1"#,
        id.0
    );
    let Some(row) = timed("contact.message", query.fetch_optional(executor)).await? else { return Ok(None) };
    Ok(Some(Message {
        id: ContactMessageId(row.id),
        reference: row.reference,
        name: row.name,
        email: row.email,
        topic: topic(&row.topic)?,
        order_number: row.order_number,
        text: row.message,
        is_customer: row.is_customer,
        created_at: row.created_at,
    }))
}

/// How many places are taken in each slot that begins between two moments.
pub(super) async fn taken(
    executor: impl PgExecutor<'_>,
    from: OffsetDateTime,
    until: OffsetDateTime,
) -> Result<HashMap<OffsetDateTime, i64>, sqlx::Error> {
    let query = sqlx::query!(
        r#"SELECT starts_at AS "starts_at: OffsetDateTime", count(*) AS "calls!" FROM call_back_requests
           WHERE starts_at >= $1 AND starts_at < $2 GROUP BY starts_at"#,
        from as OffsetDateTime,
        until as OffsetDateTime
    );
    let rows = timed("contact.taken", query.fetch_all(executor)).await?;
    Ok(rows.into_iter().map(|row| (row.starts_at, row.calls)).collect())
}

/// Takes the lowest free place of a slot; `None` if none is left, or someone took it at this moment.
pub(super) async fn insert_call_back(
    tx: &mut Tx,
    user: Option<UserId>,
    asked: &NewCallBack,
    slot: Slot,
    fingerprint: &[u8],
    places: u16,
) -> Result<Option<CallBack>, sqlx::Error> {
    let query = sqlx::query_as!(
        CallBackRow,
        r#"INSERT INTO call_back_requests
               (reference, fingerprint, user_id, name, phone, email, topic, starts_at, ends_at, place)
           SELECT $1, $2, $3::bigint, $4, $5, ($6::text)::citext, $7, $8::timestamptz, $9::timestamptz, place
           FROM generate_series(1, $10::int) AS place
           WHERE NOT EXISTS (SELECT FROM call_back_requests r WHERE r.starts_at = $8 AND r.place = place.place)
           ORDER BY place LIMIT 1
           ON CONFLICT DO NOTHING
           RETURNING id, reference, name, phone, email::text, topic,
                     starts_at AS "starts_at: OffsetDateTime", ends_at AS "ends_at: OffsetDateTime""#,
        rules::reference(rand::random()),
        fingerprint,
        user.map(|user| user.0),
        asked.name,
        asked.phone.as_str(),
        asked.email.as_ref().map(Email::as_str),
        asked.topic.id(),
        slot.starts_at as OffsetDateTime,
        slot.ends_at as OffsetDateTime,
        i32::from(places)
    );
    timed("contact.insert_call_back", query.fetch_optional(&mut **tx)).await?.map(CallBack::try_from).transpose()
}

pub(super) async fn call_back_by_fingerprint(tx: &mut Tx, fingerprint: &[u8]) -> Result<Option<CallBack>, sqlx::Error> {
    let query = sqlx::query_as!(
        CallBackRow,
        r#"SELECT id, reference, name, phone, email::text, topic,
                  starts_at AS "starts_at: OffsetDateTime", ends_at AS "ends_at: OffsetDateTime"
           FROM call_back_requests WHERE fingerprint = $1"#,
        fingerprint
    );
    timed("contact.call_back_by_fingerprint", query.fetch_optional(&mut **tx))
        .await?
        .map(CallBack::try_from)
        .transpose()
}

pub(super) async fn call_back(executor: impl PgExecutor<'_>, id: CallBackId) -> Result<Option<CallBack>, sqlx::Error> {
    let query = sqlx::query_as!(
        CallBackRow,
        r#"SELECT id, reference, name, phone, email::text, topic,
                  starts_at AS "starts_at: OffsetDateTime", ends_at AS "ends_at: OffsetDateTime"
           FROM call_back_requests WHERE id = $1"#,
        id.0
    );
    timed("contact.call_back", query.fetch_optional(executor)).await?.map(CallBack::try_from).transpose()
}

pub(super) async fn forget_messages(executor: impl PgExecutor<'_>) -> Result<u64, sqlx::Error> {
    let query = sqlx::query!("DELETE FROM contact_messages WHERE created_at < now() - interval '2 years'");
    Ok(timed("contact.forget_messages", query.execute(executor)).await?.rows_affected())
}

pub(super) async fn forget_call_backs(executor: impl PgExecutor<'_>) -> Result<u64, sqlx::Error> {
    let query = sqlx::query!("DELETE FROM call_back_requests WHERE ends_at < now() - interval '90 days'");
    Ok(timed("contact.forget_call_backs", query.execute(executor)).await?.rows_affected())
}
