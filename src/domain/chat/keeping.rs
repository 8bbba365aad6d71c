//! What is kept of conversations and for how long: a person takes theirs along or has them removed, and a visitor's go by themselves.

use serde::Serialize;
use time::OffsetDateTime;

use super::{Card, Chat, ChatError, ChatEvent, sql};
use crate::domain::accounts::{Customer, Owner, System};

/// What stands in the place of a text that was removed; numbers stay, since a jump in them would be a gap.
pub const REMOVED: &str = "This message was removed.";
const A_ROUND: i64 = 200;

/// A conversation as its customer takes it along.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct ExportedChat {
    /// Its token.
    pub session_id: String,
    /// Where it stands.
    pub status: &'static str,
    /// When it was opened.
    #[serde(with = "time::serde::rfc3339")]
    pub opened_at: OffsetDateTime,
    /// 1 to 5, once rated.
    pub rating: Option<i16>,
    /// What was said, in its order.
    pub messages: Vec<ExportedMessage>,
}

/// A message in it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct ExportedMessage {
    /// Its number.
    pub id: i64,
    /// `customer`, `agent`, `automatic` or `system`.
    pub sender: &'static str,
    /// The name as it was.
    pub username: String,
    /// The text.
    pub message: String,
    /// The name of a file that came with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attachment: Option<String>,
    /// An order or a product shown with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card: Option<Card>,
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    pub timestamp: OffsetDateTime,
}

impl Chat {
    /// All conversations of a person with all that was said in them, the oldest first.
    ///
    /// # Errors
    /// The database failed.
    pub async fn export(&self, customer: &Customer) -> Result<Vec<ExportedChat>, ChatError> {
        let db = self.db.primary();
        let mut all = Vec::new();
        for conversation in sql::all_of(db, Owner::Customer(customer.id())).await? {
            let messages = sql::messages_after(db, conversation.id, &conversation.token, 0, i64::MAX).await?;
            let messages = messages.into_iter().map(|message| ExportedMessage {
                id: message.seq,
                sender: message.sender.id(),
                username: message.username,
                message: message.body.as_str().to_owned(),
                attachment: message.attachment.map(|file| file.file_name),
                card: message.card,
                timestamp: message.at,
            });
            all.push(ExportedChat {
                session_id: conversation.token.to_string(),
                status: conversation.status.id(),
                opened_at: conversation.created_at,
                rating: conversation.rating,
                messages: messages.collect(),
            });
        }
        Ok(all)
    }

    /// How many conversations a person has of which something is left to remove.
    ///
    /// # Errors
    /// The database failed.
    pub async fn kept_of(&self, customer: &Customer) -> Result<i64, ChatError> {
        Ok(sql::count_kept(self.db.primary(), customer.id(), REMOVED).await?)
    }

    /// Removes what was said in all conversations of a person, files and agents' notes included, and ends those that are open. That
    /// there were conversations, when, and how they were rated, stays. Files go from the store with the next tidying. How many.
    ///
    /// # Errors
    /// The database failed; nothing was removed.
    pub async fn erase(&self, customer: &Customer) -> Result<usize, ChatError> {
        let mut tx = self.db.begin().await?;
        let ids = sql::lock_all_of(&mut tx, customer.id()).await?;
        sql::erase(&mut tx, &ids, REMOVED).await?;
        let now = sql::all_of(&mut *tx, Owner::Customer(customer.id())).await?;
        tx.commit().await?;
        for conversation in &now {
            self.live.tell(ChatEvent::State { conversation: conversation.id, state: conversation.state() });
        }
        self.live.tell(ChatEvent::Queues);
        Ok(ids.len())
    }

    /// Removes visitors' conversations in which nobody has said anything for the days that the shop keeps them; how many. Their files
    /// go from the store with the next tidying. What was mailed where is forgotten when it no longer counts.
    ///
    /// # Errors
    /// The database failed; the next run does the rest.
    pub async fn forget_old_visitors(&self, _system: &System) -> Result<u64, ChatError> {
        sql::forget_mailed(self.db.primary()).await?;
        let mut forgotten = 0;
        loop {
            // A transaction a round, so that nobody waits long for a row.
            let round = sql::delete_old_of_visitors(self.db.primary(), i32::from(self.keep_days), A_ROUND).await?;
            forgotten += round;
            if round == 0 {
                return Ok(forgotten);
            }
        }
    }
}
