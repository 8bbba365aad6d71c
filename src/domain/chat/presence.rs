//! Which agents are there: each server touches the rows of those whose desk is connected to it, and nobody who was not seen for a
//! minute is there.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use time::OffsetDateTime;

use super::{Chat, ChatError, ChatEvent, sql};
use crate::{
    domain::accounts::Agent,
    infra::{clock, metrics::METRICS},
    types::UserId,
};

// Whoever answers is noted as there, and not again within this time: a twelfth of the minute after which they would be away.
const NOTED: Duration = Duration::from_secs(5);
// More agents than that, and those who were noted long ago are forgotten.
const MOST_REMEMBERED: usize = 1_000;

/// When this process noted agents who answered.
#[derive(Debug, Default)]
pub(super) struct Answering(Mutex<HashMap<UserId, Instant>>);

impl Answering {
    // Whether someone is to be noted now.
    fn is_due(&self, agent: UserId) -> bool {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if noted.get(&agent).is_some_and(|at| at.elapsed() < NOTED) {
            return false;
        }
        if noted.len() >= MOST_REMEMBERED {
            noted.retain(|_, at| at.elapsed() < NOTED);
        }
        noted.insert(agent, Instant::now());
        true
    }

    fn forget(&self, agent: UserId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&agent);
    }
}

/// An agent whose desk is open.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AgentThere {
    /// The account.
    pub id: UserId,
    /// What to call them.
    pub name: String,
    /// Whether they take new conversations.
    pub available: bool,
    /// How many they are busy with.
    pub open: i64,
}

/// Whether somebody answers now, and from when on if not.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Availability {
    /// It is within the hours, and somebody is there who takes new conversations.
    pub is_answered: bool,
    /// When the hours begin next; `None` while they last, or where none are known within three months.
    pub next_opening: Option<OffsetDateTime>,
}

impl Chat {
    /// Says of these people that they are at their desk; to be repeated every 15 s. Whoever may not answer is left out. Customers who
    /// wait are given to those who just came.
    ///
    /// # Errors
    /// The database failed.
    pub async fn touch_agents(&self, users: &[UserId]) -> Result<(), ChatError> {
        if users.is_empty() {
            return Ok(());
        }
        let ids: Vec<i64> = users.iter().map(|user| user.0).collect();
        if sql::note_agents(self.db.primary(), &ids).await? > 0 {
            self.distribute_soon();
            self.live.tell(ChatEvent::Queues);
        }
        Ok(())
    }

    // Whoever answers is there. It can fail: the next answer does it, and the answer itself is stored.
    pub(super) async fn note_answering(&self, agent: UserId) {
        if self.answering.is_due(agent)
            && let Err(error) = self.touch_agents(&[agent]).await
        {
            self.answering.forget(agent);
            tracing::warn!(%error, "an agent who answered is not noted as there");
        }
    }

    /// Whether an agent takes new conversations, on every server and over reloads and sign-outs until they say otherwise. What they have
    /// stays theirs. Once this has returned, nothing more is given to who takes none.
    ///
    /// # Errors
    /// The database failed.
    pub async fn set_available(&self, agent: &Agent, available: bool) -> Result<(), ChatError> {
        let mut tx = self.db.begin().await?;
        // A round that runs has read already who takes conversations: this waits for its end.
        sql::lock_distribution(&mut tx).await?;
        sql::put_available(&mut *tx, agent.customer().id(), available).await?;
        tx.commit().await?;
        if available {
            self.distribute_soon();
        }
        self.live.tell(ChatEvent::Queues);
        Ok(())
    }

    /// Whether an agent takes new conversations; whoever never said otherwise does.
    ///
    /// # Errors
    /// The database failed.
    pub async fn is_available(&self, agent: &Agent) -> Result<bool, ChatError> {
        Ok(sql::is_available(self.db.primary(), agent.customer().id()).await?)
    }

    /// Who is there, the least busy first.
    ///
    /// # Errors
    /// The database failed.
    pub async fn agents_there(&self) -> Result<Vec<AgentThere>, ChatError> {
        let mut connection = self.db.primary().acquire().await?;
        Ok(sql::agents_there(&mut connection).await?)
    }

    /// Whether somebody answers now.
    ///
    /// # Errors
    /// The database failed.
    pub async fn availability(&self) -> Result<Availability, ChatError> {
        let (now, hours) = (clock::now(), &self.plan.hours);
        let is_open = hours.is_open(now);
        let next_opening = if is_open { None } else { hours.next_opening(now) };
        let is_answered = is_open && sql::is_anyone_there(self.db.primary()).await?;
        Ok(Availability { is_answered, next_opening })
    }

    /// What every server does every 5 s: gives back, distributes, and sets the gauges. Several at once do no harm.
    ///
    /// # Errors
    /// The database failed; the next one does the same work.
    pub async fn tick(&self) -> Result<(), ChatError> {
        let distributed = self.distribute().await;
        let there = self.agents_there().await?.iter().filter(|agent| agent.available).count();
        let waiting = sql::count_waiting(self.db.primary()).await?;
        METRICS.chat_waiting.set(waiting);
        METRICS.chat_agents.set(i64::try_from(there).unwrap_or(i64::MAX));
        distributed.map(|_| ())
    }
}
