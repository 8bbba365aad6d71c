//! What sockets need: which customers are there and what they look at, written down here, and what a room lacks.

use super::{Change, Chat, Conversation, MOST_AT_ONCE, Message, sql};
use crate::types::{ConversationId, ConversationToken};

const LONGEST_PATH: usize = 500;
const LONGEST_TITLE: usize = 200;

impl Chat {
    /// Messages after a number, for sockets that were let into the conversation; at most [`MOST_AT_ONCE`].
    ///
    /// # Errors
    /// The database failed.
    pub async fn messages_of(
        &self,
        conversation: ConversationId,
        token: &ConversationToken,
        after: i64,
    ) -> Result<Vec<Message>, sqlx::Error> {
        sql::messages_after(self.db.primary(), conversation, token, after, MOST_AT_ONCE).await
    }

    /// Changes after a number, for agents' sockets that were let into the conversation; at most 500.
    ///
    /// # Errors
    /// The database failed.
    pub async fn changes_of(&self, conversation: ConversationId, after: i64) -> Result<Vec<Change>, sqlx::Error> {
        sql::changes_after(self.db.primary(), conversation, after).await
    }

    /// Customers who look at their conversations on this server.
    ///
    /// # Errors
    /// The database failed.
    pub async fn customers_seen(&self, conversations: &[ConversationId]) -> Result<(), sqlx::Error> {
        let ids: Vec<i64> = conversations.iter().map(|conversation| conversation.0).collect();
        sql::touch_customers(self.db.primary(), &ids).await
    }

    /// The page that the customer looks at, for the agent; a path of this shop and its title, cut to what is kept.
    ///
    /// # Errors
    /// The database failed.
    pub async fn looks_at(&self, of: &Conversation, path: &str, title: &str) -> Result<(String, String), sqlx::Error> {
        let cut = |text: &str, most: usize| -> String {
            text.chars().filter(|letter| !letter.is_control()).take(most).collect()
        };
        // Of an address the path alone: what stands behind the question mark is often what people typed.
        let path = cut(path.split(['?', '#']).next().unwrap_or_default(), LONGEST_PATH);
        let (path, title) = (if path.starts_with('/') { path } else { String::new() }, cut(title, LONGEST_TITLE));
        sql::set_page(self.db.primary(), of.id, &path, &title).await?;
        Ok((path, title))
    }
}
