//! What is told after a commit: to the rooms, the desks and the other servers.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::types::{Assignee, Conversation, Marks, Message, Status};
use crate::types::{ConversationId, ConversationToken};

/// What everybody in a conversation may know of how it stands; sent whole, so that a missed one is mended by the next.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct State {
    /// Whose.
    pub token: ConversationToken,
    /// Where it stands.
    pub status: Status,
    /// Whether nothing can be said any more.
    pub is_ended: bool,
    /// Who answers.
    pub agent: Option<Assignee>,
    /// How far each side has read.
    pub marks: Marks,
    /// The number of its last message.
    pub last_seq: i64,
    /// The number of its last change; a smaller one is older news.
    pub last_change: i64,
}

/// Something that agents alone see, numbered apart from the messages.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Change {
    /// 1, 2, 3 … within its conversation.
    pub n: i64,
    /// What it is: `note`, `status`, `assignment`, `label`, `rating`, `ended`, `moved`.
    pub kind: String,
    /// Who did it; empty: the shop by itself.
    pub actor: String,
    /// The note, or a few words.
    pub body: String,
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
}

/// What the sockets hear of after a commit.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum ChatEvent {
    /// Something was said.
    Said {
        /// Where.
        conversation: ConversationId,
        /// What.
        message: Message,
    },
    /// Status, assignment or marks moved.
    State {
        /// Where.
        conversation: ConversationId,
        /// How it stands now.
        state: State,
    },
    /// Agents alone: a note, a status, an assignment.
    Changed {
        /// Where.
        conversation: ConversationId,
        /// Its token.
        token: ConversationToken,
        /// What.
        change: Change,
    },
    /// A customer asks for support: agents are alerted.
    Alert {
        /// Where.
        token: ConversationToken,
        /// The customer's name.
        username: String,
        /// The first words.
        message: String,
    },
    /// The queues of the desk are not what they were.
    Queues,
}

impl Conversation {
    /// What everybody in it may know of how it stands.
    #[must_use]
    pub fn state(&self) -> State {
        State {
            token: self.token.clone(),
            status: self.status,
            is_ended: self.is_ended,
            agent: self.assignee.clone(),
            marks: self.marks,
            last_seq: self.last_seq,
            last_change: self.last_change,
        }
    }
}
