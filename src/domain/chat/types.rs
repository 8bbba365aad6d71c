//! What the chat speaks of.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

pub use super::told::{Change, ChatEvent, State};
use crate::{
    domain::accounts::{Agent, Customer, Owner},
    types::{ClientId, ConversationId, ConversationToken, MessageBody, UserId, VisitorId},
};

/// Who takes part, proven by the cookies of the handshake or the request, never by a payload.
#[derive(Clone, Debug)]
pub struct Speaker {
    owner: Owner,
    agent: Option<Agent>,
    name: Option<String>,
}

/// On which side of a conversation someone is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// Whose conversation it is.
    Customer,
    /// The shop's people.
    Support,
}

/// Who said a message.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sender {
    /// Whose conversation it is.
    Customer,
    /// An agent.
    Agent,
    /// The shop by itself.
    Automatic,
    /// What happened, said by nobody: "Ada is here to help".
    System,
}

/// Where a conversation stands.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// The shop's people have to do something.
    Open,
    /// The customer was answered.
    Pending,
    /// Put aside until a time, or until the customer writes.
    Snoozed,
    /// Done; the customer's next word opens it again.
    Resolved,
}

/// A conversation, as the domain knows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Conversation {
    /// Its id.
    pub id: ConversationId,
    /// The contract's `session_id`.
    pub token: ConversationToken,
    /// Whose it is.
    pub owner: Owner,
    /// What the customer is called.
    pub display_name: String,
    /// Where an answer goes when the customer has gone.
    pub email: Option<String>,
    /// Where it stands.
    pub status: Status,
    /// Whether nothing can be said any more.
    pub is_ended: bool,
    /// Who answers.
    pub assignee: Option<Assignee>,
    /// The number of its last message; 0 without one.
    pub last_seq: i64,
    /// The number of its last change that agents see.
    pub last_change: i64,
    /// How far each side has got and read the other's messages.
    pub marks: Marks,
    /// Since when the customer waits.
    pub waiting_since: Option<OffsetDateTime>,
    /// Whether an agent has ever answered.
    pub was_answered: bool,
    /// Until when it is put aside.
    pub snoozed_until: Option<OffsetDateTime>,
    /// 1 to 5, once rated.
    pub rating: Option<i16>,
    /// When it was opened.
    pub created_at: OffsetDateTime,
    /// When something was last said.
    pub last_message_at: OffsetDateTime,
}

/// The agent who answers a conversation.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Assignee {
    /// The account.
    pub id: UserId,
    /// What to call them.
    pub name: String,
}

/// How far each side has got and read what the other said; numbers of messages.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct Marks {
    /// What reached the customer.
    pub customer_delivered: i64,
    /// What the customer read.
    pub customer_read: i64,
    /// What reached an agent.
    pub support_delivered: i64,
    /// What an agent read.
    pub support_read: i64,
}

/// Which mark moves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mark {
    /// It reached them.
    Delivered,
    /// They looked at it.
    Read,
}

/// A message as it is stored and shown.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Message {
    /// 1, 2, 3 … within its conversation: its order.
    pub seq: i64,
    /// Whose conversation.
    pub token: ConversationToken,
    /// Who said it.
    pub sender: Sender,
    /// The agent's account, or the customer's.
    pub user: Option<UserId>,
    /// The name as it was.
    pub username: String,
    /// Text and nothing else.
    pub body: MessageBody,
    /// A file that came with it.
    pub attachment: Option<Attachment>,
    /// An order or a product shown with it.
    pub card: Option<Card>,
    /// What its sender calls it.
    pub client_id: Option<ClientId>,
    /// When it was stored.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
}

/// A file of a conversation; private, by its token and membership.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Attachment {
    /// Its part of the address.
    pub token: String,
    /// What it is.
    pub kind: AttachmentKind,
    /// As its sender called it, cleaned.
    pub file_name: String,
    /// Its size.
    pub bytes: i64,
    /// In pixels, of a picture.
    pub width: Option<i32>,
    /// In pixels, of a picture.
    pub height: Option<i32>,
}

/// What a file is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AttachmentKind {
    /// Decoded and encoded anew as WebP.
    Picture,
    /// Looked through for scripts, sent as an attachment.
    Pdf,
}

/// An order or a product in a message, as it was when it was sent.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Card {
    /// An order of the customer.
    Order {
        /// Its number.
        number: String,
        /// Where it stood, in words.
        status: String,
        /// As it is written.
        total: String,
    },
    /// A product.
    Product {
        /// Its part of the address.
        slug: String,
        /// Its name.
        name: String,
        /// As it is written.
        price: String,
        /// The stem of its picture.
        picture: Option<String>,
    },
}

/// What a client sends: an order's number, or a product's part of the address.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CardRequest {
    /// An order of the customer.
    Order(String),
    /// A product.
    Product(String),
}

/// Something to be said.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewMessage {
    /// The text.
    pub body: MessageBody,
    /// What its sender calls it.
    pub client_id: Option<ClientId>,
    /// The token of a file that was sent before, to this conversation.
    pub attachment: Option<String>,
    /// To be shown with it.
    pub card: Option<CardRequest>,
}

impl NewMessage {
    /// Whether it is a text and nothing else: to store it, nothing has to be looked up.
    #[must_use]
    pub const fn is_plain(&self) -> bool {
        self.attachment.is_none() && self.card.is_none()
    }
}

/// A message that was stored, now or before under the same `client_id`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Posted {
    /// The message.
    pub message: Message,
    /// Whether it was there before.
    pub was_known: bool,
}

impl Speaker {
    /// Someone who is signed in.
    #[must_use]
    pub fn customer(customer: &Customer) -> Self {
        let name = customer.user().display_name().to_owned();
        Self { owner: Owner::Customer(customer.id()), agent: customer.as_agent(), name: Some(name) }
    }

    /// A browser that is not signed in.
    #[must_use]
    pub const fn visitor(visitor: VisitorId) -> Self {
        Self { owner: Owner::Visitor(visitor), agent: None, name: None }
    }

    /// Whose conversations are theirs.
    #[must_use]
    pub const fn owner(&self) -> Owner {
        self.owner
    }

    /// The right to answer, if they have it.
    #[must_use]
    pub const fn agent(&self) -> Option<&Agent> {
        self.agent.as_ref()
    }

    /// The account, if there is one.
    #[must_use]
    pub const fn user(&self) -> Option<UserId> {
        match self.owner {
            Owner::Customer(user) => Some(user),
            Owner::Visitor(_) => None,
        }
    }

    /// The account's name; a visitor has only what each conversation calls them.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// On which side of a conversation they are; `None`: it is none of theirs. An agent's own conversation is a customer's.
    #[must_use]
    pub fn side_of(&self, owner: Owner) -> Option<Side> {
        if owner == self.owner {
            return Some(Side::Customer);
        }
        self.agent.as_ref().map(|_| Side::Support)
    }
}

impl Sender {
    /// The word that the database uses.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Agent => "agent",
            Self::Automatic => "automatic",
            Self::System => "system",
        }
    }

    /// Reads the database's word.
    #[must_use]
    pub fn of(id: &str) -> Option<Self> {
        [Self::Customer, Self::Agent, Self::Automatic, Self::System].into_iter().find(|sender| sender.id() == id)
    }

    /// The contract's `is_support`.
    #[must_use]
    pub const fn is_support(self) -> bool {
        !matches!(self, Self::Customer)
    }
}

impl Status {
    /// All, in the order of a form.
    pub const ALL: [Self; 4] = [Self::Open, Self::Pending, Self::Snoozed, Self::Resolved];

    /// The word that JSON and the database use.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Pending => "pending",
            Self::Snoozed => "snoozed",
            Self::Resolved => "resolved",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn of(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.id() == id)
    }
}

impl AttachmentKind {
    /// The word that JSON and the database use.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Picture => "picture",
            Self::Pdf => "pdf",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn of(id: &str) -> Option<Self> {
        [Self::Picture, Self::Pdf].into_iter().find(|kind| kind.id() == id)
    }
}
