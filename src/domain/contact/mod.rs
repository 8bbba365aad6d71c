//! How people reach the shop: messages, and calls that it owes them.

pub mod jobs;
mod rules;
mod sql;
mod types;

use thiserror::Error;
use time::OffsetDateTime;

pub use rules::{Slot, SlotDay, is_reference, reference};
pub use types::{CallBack, FormToken, Message, NewCallBack, NewMessage, Topic};

use self::jobs::{ConfirmCallBack, SendCallBack, SendMessage, SendMessageCopy};
use crate::{
    config::ContactConfig,
    domain::accounts::{Customer, System},
    infra::{
        database::{Db, Tx},
        jobs::enqueue,
    },
    types::{CallBackId, ContactMessageId, UserId},
};

// Anyone may type anyone's address: more copies than this an hour are not sent to one, so that the form is no way to flood a mailbox.
const COPIES_AN_HOUR: i64 = 5;

/// Why no call was noted.
#[derive(Debug, Error)]
pub enum CallBackError {
    /// No slot of the shop's hours begins then, or its day is too far away.
    #[error("there is no such time")]
    NoSuchSlot,
    /// It has begun, or begins too soon.
    #[error("this time has passed")]
    Passed,
    /// Others were quicker.
    #[error("this time is taken")]
    Full,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Keeps a message and enqueues its mails: one to the shop, and a copy if it is wanted. Returns its reference. The same message from the
/// same form is kept and sent once, however often it is submitted.
///
/// # Errors
/// The database failed.
pub async fn send_message(db: &Db, customer: Option<&Customer>, message: NewMessage) -> Result<String, sqlx::Error> {
    let fingerprint = message.fingerprint();
    let mut tx = db.begin().await?;
    let recent = if message.wants_copy { sql::copies_since_an_hour(&mut tx, &message.email).await? } else { 0 };
    let sends_copy = message.wants_copy && recent < COPIES_AN_HOUR;
    let user = customer.map(Customer::id);
    let Some(stored) = sql::insert_message(&mut tx, user, &message, &fingerprint, sends_copy).await? else {
        return sql::message_reference(&mut tx, &fingerprint).await;
    };
    let message_id = ContactMessageId(stored.id);
    enqueue(&mut tx, &SendMessage { message_id }, None).await?;
    if sends_copy {
        enqueue(&mut tx, &SendMessageCopy { message_id }, None).await?;
    }
    tx.commit().await?;
    Ok(stored.reference)
}

/// The slots in which a call can still be asked for, day by day; days without one are left out.
///
/// # Errors
/// The database failed.
pub async fn free_slots(db: &Db, shop: &ContactConfig, now: OffsetDateTime) -> Result<Vec<SlotDay>, sqlx::Error> {
    let days = rules::offered(&shop.hours, &shop.call_back, now);
    let (Some(first), Some(last)) = (days.first(), days.last()) else { return Ok(Vec::new()) };
    let ends = last.slots.last().map_or(now, |slot| slot.ends_at);
    let begins = first.slots.first().map_or(now, |slot| slot.starts_at);
    let taken = sql::taken(db.primary(), begins, ends).await?;
    Ok(rules::free(days, &taken, shop.call_back.per_slot))
}

/// Notes a call in a free place of its slot and enqueues the mails about it. The same request from the same form is noted once.
///
/// # Errors
/// [`CallBackError::Full`] for whoever came second to the last place; a time that is none of the shop's, or has passed.
pub async fn request_call_back(
    db: &Db,
    shop: &ContactConfig,
    customer: Option<&Customer>,
    asked: NewCallBack,
    now: OffsetDateTime,
) -> Result<CallBack, CallBackError> {
    let fingerprint = asked.fingerprint();
    let mut tx = db.begin().await?;
    // First: a repetition is answered as the first time was, also once its slot is full or has begun.
    if let Some(earlier) = sql::call_back_by_fingerprint(&mut tx, &fingerprint).await? {
        return Ok(earlier);
    }
    let slot = rules::slot_at(&shop.hours, &shop.call_back, now, asked.starts_at)?;
    let user = customer.map(Customer::id);
    let call = take_place(&mut tx, user, &asked, slot, &fingerprint, shop.call_back.per_slot).await?;
    enqueue(&mut tx, &SendCallBack { call_back_id: call.id }, None).await?;
    if call.email.is_some() {
        enqueue(&mut tx, &ConfirmCallBack { call_back_id: call.id }, None).await?;
    }
    tx.commit().await?;
    Ok(call)
}

// The insert takes the lowest place that looks free and waits on the unique key if someone else is taking the same one; when that one
// commits, nothing is inserted and the next look sees one place fewer.
async fn take_place(
    tx: &mut Tx,
    user: Option<UserId>,
    asked: &NewCallBack,
    slot: Slot,
    fingerprint: &[u8],
    places: u16,
) -> Result<CallBack, CallBackError> {
    for _ in 0..=places {
        let inserted = sql::insert_call_back(tx, user, asked, slot, fingerprint, places).await;
        if let Some(call) = inserted? {
            return Ok(call);
        }
        // Nothing was inserted: the same form was faster than itself, or another person.
        if let Some(earlier) = sql::call_back_by_fingerprint(tx, fingerprint).await? {
            return Ok(earlier);
        }
    }
    Err(CallBackError::Full)
}

/// A message with all that was written, for its mails.
///
/// # Errors
/// The database failed.
pub async fn message(db: &Db, _: &System, id: ContactMessageId) -> Result<Option<Message>, sqlx::Error> {
    sql::message(db.primary(), id).await
}

/// A call that was asked for, for its mails.
///
/// # Errors
/// The database failed.
pub async fn call_back(db: &Db, _: &System, id: CallBackId) -> Result<Option<CallBack>, sqlx::Error> {
    sql::call_back(db.primary(), id).await
}

/// Deletes messages of two years ago and calls of ninety days ago, as the privacy page says; returns how many.
///
/// # Errors
/// The database failed.
pub async fn forget_old(db: &Db, _: &System) -> Result<u64, sqlx::Error> {
    Ok(sql::forget_messages(db.primary()).await? + sql::forget_call_backs(db.primary()).await?)
}
