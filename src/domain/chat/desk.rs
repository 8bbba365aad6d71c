//! The agents' desk: which conversations there are for whom, and one of them as an agent sees it. One's own conversation is not there:
//! a colleague answers it.

mod acting;
mod canned;
pub mod jobs;

use std::str::FromStr;

use time::OffsetDateTime;

pub use acting::{Handover, NewStatus, Taken};
pub use canned::{CannedAnswer, Filled};

use super::{
    Chat, ChatError, sql,
    types::{Assignee, Change, Conversation, Message, Sender, Status},
};
use crate::{
    domain::accounts::{Agent, Owner},
    types::{ConversationToken, LabelId, Page, SearchText},
};

/// How many conversations a page of a queue has.
pub const PER_PAGE: i64 = 30;
/// How many are counted in a queue; there may be more.
pub const MOST_COUNTED: i64 = 1_000;
const MOST_EARLIER: i64 = 10;
const MOST_NOTES: i64 = 20;

/// The lists of the desk.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
pub enum Queue {
    /// Customers who wait for an answer, the longest first, whoever it should come from.
    #[default]
    Waiting,
    /// What the agent has taken or was given, and is not done.
    Mine,
    /// Everything that is not done.
    All,
    /// What is done.
    Resolved,
    /// What is put aside until a time.
    Snoozed,
}

/// How many conversations are in each queue, up to [`MOST_COUNTED`].
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct QueueCounts {
    /// [`Queue::Waiting`].
    pub waiting: i64,
    /// [`Queue::Mine`].
    pub mine: i64,
    /// [`Queue::All`].
    pub all: i64,
    /// [`Queue::Resolved`].
    pub resolved: i64,
    /// [`Queue::Snoozed`].
    pub snoozed: i64,
}

/// A conversation in a list of the desk.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// Its part of the address.
    pub token: ConversationToken,
    /// What the customer is called.
    pub name: String,
    /// Whether the customer is signed in to an account.
    pub has_account: bool,
    /// Where it stands.
    pub status: Status,
    /// Whether nothing can be said any more.
    pub is_ended: bool,
    /// Who answers.
    pub assignee: Option<Assignee>,
    /// Since when the customer waits.
    pub waiting_since: Option<OffsetDateTime>,
    /// Until when it is put aside.
    pub snoozed_until: Option<OffsetDateTime>,
    /// When something was last said.
    pub last_message_at: OffsetDateTime,
    /// When the customer last looked or wrote.
    pub seen_at: Option<OffsetDateTime>,
    /// How many messages of the customer no agent has read.
    pub unread: i64,
    /// The last message, or the one that a search found.
    pub last: Option<LastWord>,
    /// Its labels, by name.
    pub labels: Vec<String>,
    /// 1 to 5, once rated.
    pub rating: Option<i16>,
}

/// The beginning of a message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LastWord {
    /// Who said it.
    pub sender: Sender,
    /// At most 200 letters.
    pub text: String,
}

/// A page of a queue.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entries {
    /// At most [`PER_PAGE`].
    pub entries: Vec<Entry>,
    /// Whether there is another page.
    pub has_more: bool,
}

/// What stands in a conversation as an agent reads it, by time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Piece {
    /// Something that was said.
    Message(Box<Message>),
    /// Something that agents alone see.
    Change(Change),
}

/// A stretch of a conversation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Thread {
    /// Messages and changes, oldest first.
    pub pieces: Vec<Piece>,
    /// The number of its first message, if there are earlier ones.
    pub earlier: Option<i64>,
}

/// A word that agents sort conversations by.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Label {
    /// Its id.
    pub id: LabelId,
    /// The word.
    pub name: String,
}

/// What an agent wrote for colleagues.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Note {
    /// Who wrote it.
    pub author: String,
    /// What.
    pub text: String,
    /// When.
    pub at: OffsetDateTime,
}

/// Where a customer is in the shop, as their browser said last. Anyone can say anything: it is text, and its path may lead nowhere.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Whereabouts {
    /// The page's path; empty where nothing is known.
    pub path: String,
    /// Its title.
    pub title: String,
    /// When the customer last looked or wrote.
    pub seen_at: Option<OffsetDateTime>,
}

/// What is known of the customer besides cart and orders.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Beside {
    /// Where they are.
    pub whereabouts: Whereabouts,
    /// Their other conversations, latest first.
    pub earlier: Vec<Entry>,
    /// What agents wrote about them, latest first.
    pub notes: Vec<Note>,
}

impl Queue {
    /// All, in the order of the desk.
    pub const ALL: [Self; 5] = [Self::Waiting, Self::Mine, Self::All, Self::Snoozed, Self::Resolved];

    /// The word in addresses.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Mine => "mine",
            Self::All => "all",
            Self::Resolved => "resolved",
            Self::Snoozed => "snoozed",
        }
    }
}

impl FromStr for Queue {
    type Err = ();

    fn from_str(id: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|queue| queue.id() == id).ok_or(())
    }
}

impl QueueCounts {
    /// Of one queue.
    #[must_use]
    pub const fn of(&self, queue: Queue) -> i64 {
        match queue {
            Queue::Waiting => self.waiting,
            Queue::Mine => self.mine,
            Queue::All => self.all,
            Queue::Resolved => self.resolved,
            Queue::Snoozed => self.snoozed,
        }
    }
}

impl Piece {
    const fn at(&self) -> OffsetDateTime {
        match self {
            Self::Message(message) => message.at,
            Self::Change(change) => change.at,
        }
    }
}

/// Whether the agent is the customer of it themselves.
fn is_own(agent: &Agent, conversation: &Conversation) -> bool {
    conversation.owner == Owner::Customer(agent.customer().id())
}

impl Chat {
    /// A page of a queue.
    ///
    /// # Errors
    /// The database failed.
    pub async fn queue(&self, agent: &Agent, queue: Queue, page: Page) -> Result<Entries, ChatError> {
        let me = agent.customer().id();
        Ok(cut(sql::desk::queue(self.db.primary(), queue, me, PER_PAGE + 1, offset(page)).await?))
    }

    /// A page of the conversations in which something was said with all of these words, or whose customer is called so.
    ///
    /// # Errors
    /// The database failed.
    pub async fn search(&self, agent: &Agent, search: &SearchText, page: Page) -> Result<Entries, ChatError> {
        let me = agent.customer().id();
        Ok(cut(sql::desk::search(self.db.read(), search.as_str(), me, PER_PAGE + 1, offset(page)).await?))
    }

    /// How many there are in each queue.
    ///
    /// # Errors
    /// The database failed.
    pub async fn queue_counts(&self, agent: &Agent) -> Result<QueueCounts, ChatError> {
        Ok(sql::desk::counts(self.db.primary(), agent.customer().id()).await?)
    }

    /// A conversation, for an agent.
    ///
    /// # Errors
    /// [`ChatError::Unknown`], also for the agent's own.
    pub async fn at_desk(&self, agent: &Agent, token: &ConversationToken) -> Result<Conversation, ChatError> {
        let found = sql::by_token(self.db.primary(), token).await?.filter(|found| !is_own(agent, found));
        found.ok_or(ChatError::Unknown)
    }

    /// The end of a conversation that an agent has found, or what stands before a message of it: what was said and what agents did,
    /// merged by time.
    ///
    /// # Errors
    /// The database failed.
    pub async fn thread(&self, _agent: &Agent, of: &Conversation, before: Option<i64>) -> Result<Thread, ChatError> {
        let which = before.map_or(super::Which::Latest, super::Which::Before);
        let messages = self.messages(of, which).await?;
        let earlier = messages.first().map(|first| first.seq).filter(|first| *first > 1);
        let since = earlier.and_then(|_| messages.first()).map(|first| first.at);
        let until = match before {
            Some(seq) => self.messages(of, super::Which::After(seq - 1)).await?.first().map(|next| next.at),
            None => None,
        };
        let changes = sql::desk::changes_since(self.db.primary(), of.id, since, until).await?;
        let mut pieces: Vec<Piece> = messages.into_iter().map(|message| Piece::Message(Box::new(message))).collect();
        pieces.extend(changes.into_iter().map(Piece::Change));
        // Stable: of the same moment, what was said stands before what became of it.
        pieces.sort_by_key(Piece::at);
        Ok(Thread { pieces, earlier })
    }

    /// What is known of the customer of a conversation that an agent has found.
    ///
    /// # Errors
    /// The database failed.
    pub async fn beside(&self, _agent: &Agent, of: &Conversation) -> Result<Beside, ChatError> {
        let db = self.db.primary();
        Ok(Beside {
            whereabouts: sql::desk::whereabouts(db, of.id).await?,
            earlier: sql::desk::others_of(db, of, MOST_EARLIER).await?,
            notes: sql::desk::notes_of(db, of.id, MOST_NOTES).await?,
        })
    }

    /// All labels there are, and those of a conversation.
    ///
    /// # Errors
    /// The database failed.
    pub async fn labels(&self, _agent: &Agent, of: &Conversation) -> Result<(Vec<Label>, Vec<Label>), ChatError> {
        Ok((sql::desk::labels(self.db.read()).await?, sql::desk::labels_of(self.db.primary(), of.id).await?))
    }

    /// Everyone who may answer, by name.
    ///
    /// # Errors
    /// The database failed.
    pub async fn agents(&self, _agent: &Agent) -> Result<Vec<Assignee>, ChatError> {
        Ok(sql::desk::agents(self.db.primary()).await?)
    }

    /// The answers that are written beforehand, by shortcut.
    ///
    /// # Errors
    /// The database failed.
    pub async fn canned(&self, _agent: &Agent) -> Result<Vec<CannedAnswer>, ChatError> {
        Ok(sql::desk::canned(self.db.read()).await?)
    }
}

fn offset(page: Page) -> i64 {
    i64::from(page.get() - 1) * PER_PAGE
}

// One more is read than is shown, to know whether there is another page.
fn cut(mut entries: Vec<Entry>) -> Entries {
    let most = usize::try_from(PER_PAGE).unwrap_or(usize::MAX);
    let has_more = entries.len() > most;
    entries.truncate(most);
    Entries { entries, has_more }
}
