//! Live support: conversations whose messages are numbered, stored, committed, and only then announced.

mod answers;
mod attachments;
mod attendance;
mod automatic;
mod cards;
pub mod desk;
mod distribution;
pub mod figures;
pub mod jobs;
mod keeping;
pub mod letters;
mod mailing;
mod presence;
mod rating;
mod resuming;
mod rules;
mod saying;
mod sql;
mod told;
mod triage;
mod types;

use std::sync::Arc;

use thiserror::Error;

pub use answers::{AnswerError, Editor, MOST_ANSWERS, NewCanned, Shortcut, Tried, WrittenAnswer};
pub use attachments::{AttachError, MOST_FILE_BYTES, NewFile};
pub use automatic::{AutomaticRule, Facts, NewRule, Occasion, PLACEHOLDERS, unknown_placeholder};
pub use distribution::Distributed;
pub use keeping::{ExportedChat, ExportedMessage, REMOVED};
pub use mailing::{MOST_ANSWER_MAILS, MOST_TRANSCRIPTS, stop_address, stop_token};
pub use presence::{AgentThere, Availability};
pub use rating::Rating;
pub use resuming::{resume_token, resumed};
pub use saying::Outcomes;
pub use types::{
    Assignee, Attachment, AttachmentKind, Card, CardRequest, Change, ChatEvent, Conversation, Mark, Marks, Message,
    NewMessage, Posted, Sender, Side, Speaker, State, Status,
};

use crate::{
    domain::accounts::Owner,
    infra::{
        database::{Db, Tx},
        live::Live,
        tokens,
    },
    types::{
        ChatTextError, ConversationId, ConversationToken, DisplayName, Email, Locale, OpeningHours, UserId, VisitorId,
    },
};

/// How many messages one answer holds at most; whoever lacks more asks again.
pub const MOST_AT_ONCE: i64 = 200;
/// How many are shown to whoever asks for no number.
pub const LATEST: i64 = 50;
const KEEP_DAYS: u16 = 180;
const GUEST: &str = "Guest";

/// The chat of a process: the database, who hears of what was committed, and how the shop does support. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Chat {
    db: Db,
    live: Live<ChatEvent>,
    plan: Arc<ChatPlan>,
    // What the shop says by itself; `None`: nothing.
    facts: Option<Arc<Facts>>,
    // After how many days without a word a visitor's conversation goes.
    keep_days: u16,
    rounds: Arc<distribution::Rounds>,
    answering: Arc<presence::Answering>,
}

/// How the shop does support.
#[derive(Clone, Debug)]
pub struct ChatPlan {
    /// What the shop is called.
    pub shop_name: String,
    /// How amounts and times are written.
    pub locale: Locale,
    /// When somebody answers.
    pub hours: OpeningHours,
    /// How many conversations an agent is given at once.
    pub most_per_agent: u32,
}

/// Why something was not done in the chat.
#[derive(Debug, Error)]
pub enum ChatError {
    /// There is no such conversation, or it is none of theirs: which of them is not said.
    #[error("there is no such conversation")]
    Unknown,
    /// It has ended.
    #[error("this conversation has ended")]
    Ended,
    /// The same `client_id` with another text.
    #[error("this client_id was used for another message")]
    ClientIdReused,
    /// There is no such file, order or product to show.
    #[error("what should be shown is not there")]
    UnknownThing,
    /// The text or the name is refused.
    #[error(transparent)]
    Text(#[from] ChatTextError),
    /// Only agents may.
    #[error("only support agents may do this")]
    AgentsOnly,
    /// No mails of the chat go to this address: nobody gave one, or whoever reads it stopped them.
    #[error(
        "No emails from our chat go to this address. Whoever stopped them can allow them again by the link in them."
    )]
    MailsStopped,
    /// A visitor's conversation is mailed once an agent has taken part: the shop mails nobody's own words to anybody.
    #[error("This conversation can be emailed as soon as one of us has answered.")]
    NotAnswered,
    /// As many mails went out today as may.
    #[error("This conversation was emailed often enough for today. Please try again tomorrow.")]
    TooManyMails,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Which messages are asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Which {
    /// The last [`LATEST`].
    Latest,
    /// At most [`MOST_AT_ONCE`] after a number.
    After(i64),
    /// The last [`LATEST`] before a number.
    Before(i64),
}

impl Chat {
    /// Puts the parts together.
    #[must_use]
    pub fn new(db: Db, live: Live<ChatEvent>, plan: ChatPlan) -> Self {
        Self {
            db,
            live,
            plan: Arc::new(plan),
            facts: None,
            keep_days: KEEP_DAYS,
            rounds: Arc::default(),
            answering: Arc::default(),
        }
    }

    /// The same, with a shop that answers by itself where nobody is there.
    #[must_use]
    pub fn with_facts(self, facts: Facts) -> Self {
        Self { facts: Some(Arc::new(facts)), ..self }
    }

    /// The same, with visitors' conversations kept for other than 180 days after their last message.
    #[must_use]
    pub const fn keeping_for(mut self, days: u16) -> Self {
        self.keep_days = days;
        self
    }

    /// How the shop does support.
    #[must_use]
    pub fn plan(&self) -> &ChatPlan {
        &self.plan
    }

    /// Where committed events are told.
    #[must_use]
    pub const fn live(&self) -> &Live<ChatEvent> {
        &self.live
    }

    /// A conversation, and on which side of it the speaker is. Asked at every event: a right may have gone meanwhile.
    ///
    /// # Errors
    /// [`ChatError::Unknown`], also for someone else's.
    pub async fn find(&self, speaker: &Speaker, token: &ConversationToken) -> Result<(Conversation, Side), ChatError> {
        let found = sql::by_token(self.db.primary(), token).await?.ok_or(ChatError::Unknown)?;
        let side = speaker.side_of(found.owner).ok_or(ChatError::Unknown)?;
        Ok((found, side))
    }

    /// The person's open conversation, if there is one.
    ///
    /// # Errors
    /// The database failed.
    pub async fn open_one(&self, owner: Owner) -> Result<Option<Conversation>, ChatError> {
        let mut connection = self.db.primary().acquire().await?;
        Ok(sql::open_one_of(&mut connection, owner).await?)
    }

    /// The person's open conversation, or a new one. A visitor's name is taken as given; an account's is its own.
    ///
    /// # Errors
    /// The name is an account's; [`ChatError::MailsStopped`].
    pub async fn open(
        &self,
        speaker: &Speaker,
        name: Option<&DisplayName>,
        email: Option<&Email>,
    ) -> Result<Conversation, ChatError> {
        let mut tx = self.db.begin().await?;
        if let (None, Some(name)) = (speaker.name(), name) {
            free_name(&mut tx, name).await?;
        }
        if let Some(email) = email {
            takes_mails(&mut tx, email).await?;
        }
        let called = speaker.name().or(name.map(DisplayName::as_str)).unwrap_or(GUEST);
        let called: String = called.chars().take(60).collect();
        let made = sql::insert(&mut tx, &tokens::random(), speaker.owner(), &called, email.map(Email::as_str)).await?;
        let found = sql::open_one_of(&mut tx, speaker.owner()).await?.ok_or(ChatError::Unknown)?;
        let renamed =
            name.filter(|name| made.is_none() && speaker.name().is_none() && name.as_str() != found.display_name);
        if let Some(name) = renamed {
            sql::rename(&mut *tx, found.id, name).await?;
        }
        tx.commit().await?;
        Ok(match renamed {
            Some(name) => Conversation { display_name: name.as_str().to_owned(), ..found },
            None => found,
        })
    }

    /// Messages of a conversation that the caller has found, in their order.
    ///
    /// # Errors
    /// The database failed.
    pub async fn messages(&self, of: &Conversation, which: Which) -> Result<Vec<Message>, ChatError> {
        let db = self.db.primary();
        Ok(match which {
            Which::Latest => sql::latest_messages(db, of.id, &of.token, LATEST).await?,
            Which::After(seq) => sql::messages_after(db, of.id, &of.token, seq, MOST_AT_ONCE).await?,
            Which::Before(seq) => sql::messages_before(db, of.id, &of.token, seq, LATEST).await?,
        })
    }

    /// What agents see of a conversation beside its messages, after a number.
    ///
    /// # Errors
    /// The database failed.
    pub async fn changes(&self, of: &Conversation, after: i64) -> Result<Vec<Change>, ChatError> {
        Ok(sql::changes_after(self.db.primary(), of.id, after).await?)
    }

    /// The conversations of which less was seen than there is, given what was: id, last message, last change. For a server whose
    /// sockets may have missed something.
    ///
    /// # Errors
    /// The database failed.
    pub async fn beyond(&self, seen: &[(ConversationId, i64, i64)]) -> Result<Vec<Conversation>, ChatError> {
        let ids: Vec<i64> = seen.iter().map(|(id, ..)| id.0).collect();
        let seqs: Vec<i64> = seen.iter().map(|(_, seq, _)| *seq).collect();
        let changes: Vec<i64> = seen.iter().map(|(.., change)| *change).collect();
        Ok(sql::beyond(self.db.primary(), &ids, &seqs, &changes).await?)
    }

    /// Moves a mark of the speaker's side forward and tells the room if it moved.
    ///
    /// # Errors
    /// [`ChatError::Unknown`].
    pub async fn mark(
        &self,
        speaker: &Speaker,
        token: &ConversationToken,
        mark: Mark,
        to: i64,
    ) -> Result<(), ChatError> {
        let (conversation, side) = self.find(speaker, token).await?;
        if let Some(marks) = sql::move_mark(self.db.primary(), conversation.id, side, mark, to).await? {
            let state = State { marks, ..conversation.state() };
            self.live.tell(ChatEvent::State { conversation: conversation.id, state });
        }
        Ok(())
    }

    /// Ends one's own conversation: nothing can be said in it any more, and the next word opens a new one. Ending twice is ending once.
    ///
    /// # Errors
    /// [`ChatError::Unknown`], also for an agent: they resolve.
    pub async fn end(&self, speaker: &Speaker, token: &ConversationToken) -> Result<Conversation, ChatError> {
        let mut tx = self.db.begin().await?;
        let conversation = sql::lock(&mut tx, token).await?.ok_or(ChatError::Unknown)?;
        if speaker.side_of(conversation.owner) != Some(Side::Customer) {
            return Err(ChatError::Unknown);
        }
        if conversation.is_ended {
            return Ok(conversation);
        }
        sql::end(&mut tx, conversation.id).await?;
        let change = sql::insert_change(&mut tx, conversation.id, "ended", None, "Ended by the customer").await?;
        let ended = sql::by_id(&mut *tx, conversation.id).await?.ok_or(ChatError::Unknown)?;
        tx.commit().await?;
        self.tell_changed(&ended, change);
        Ok(ended)
    }

    // State for everybody, the change for agents, the queues for the desks.
    fn tell_changed(&self, now: &Conversation, change: Change) {
        self.live.tell(ChatEvent::State { conversation: now.id, state: now.state() });
        self.live.tell(ChatEvent::Changed { conversation: now.id, token: now.token.clone(), change });
        self.live.tell(ChatEvent::Queues);
    }
}

/// Gives a visitor's conversations to the account that signs in. A trigger tells the sockets of the visitor.
///
/// # Errors
/// The database failed.
pub(super) async fn join_in_tx(tx: &mut Tx, visitor: VisitorId, user: UserId) -> Result<(), sqlx::Error> {
    sql::join(tx, visitor, user).await
}

async fn takes_mails(tx: &mut Tx, email: &Email) -> Result<(), ChatError> {
    if sql::is_stopped(&mut **tx, email.as_str()).await? { Err(ChatError::MailsStopped) } else { Ok(()) }
}

async fn free_name(tx: &mut Tx, name: &DisplayName) -> Result<(), ChatError> {
    let taken = sql::is_account_name(&mut **tx, name.as_str()).await?;
    if taken { Err(ChatTextError::ReservedName.into()) } else { Ok(()) }
}
