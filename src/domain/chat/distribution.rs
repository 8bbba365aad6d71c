//! Who waits is given to who is there: first come, first served, to the agent with the least to do. One transaction under a lock that
//! all servers share, so that none gives away what another just gave, and no agent more than they take.

use std::sync::atomic::{AtomicBool, Ordering};

use super::{Change, Chat, ChatError, Conversation, presence::AgentThere, sql};
use crate::{
    infra::{database::Tx, metrics::METRICS},
    types::{ConversationId, UserId},
};

// More wait for the next round, a moment later.
const MOST_A_ROUND: i64 = 200;

/// What a round moved.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Distributed {
    /// Conversations of agents who left that wait for another one.
    pub given_back: usize,
    /// Conversations that have an agent now.
    pub given: usize,
}

/// Someone who waits for an answer and has nobody to give it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Waits {
    pub id: ConversationId,
    /// Their account: nobody answers themselves.
    pub user: Option<UserId>,
}

/// Which conversation is to go to whom.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Given {
    pub conversation: ConversationId,
    pub agent: UserId,
}

/// At most one round at a time in a process, and one more after it for all who asked meanwhile: however many write at once, they never
/// take the connections that others need.
#[derive(Debug, Default)]
pub(super) struct Rounds {
    asked: AtomicBool,
    runs: AtomicBool,
}

impl Chat {
    /// Gives waiting customers to agents who are there, and takes those back whose agent is gone for a minute.
    ///
    /// # Errors
    /// The database failed; nothing was moved.
    pub async fn distribute(&self) -> Result<Distributed, ChatError> {
        // Mostly there is nothing to do, and then no lock is asked for.
        if !sql::is_anything_to_do(self.db.primary()).await? {
            return Ok(Distributed::default());
        }
        let mut tx = self.db.begin().await?;
        sql::lock_distribution(&mut tx).await?;
        let mut moved = self.give_back(&mut tx).await?;
        let given_back = moved.len();
        let given = self.give(&mut tx).await?;
        let done = Distributed { given_back, given: given.len() };
        moved.extend(given);
        tx.commit().await?;
        METRICS.count_chat_by("distributed", "given", done.given);
        METRICS.count_chat_by("distributed", "given_back", done.given_back);
        for (now, change) in moved {
            self.tell_changed(&now, change);
        }
        Ok(done)
    }

    /// The same in the background, for whoever cannot wait: a round that runs already is followed by one more.
    pub(super) fn distribute_soon(&self) {
        self.rounds.asked.store(true, Ordering::SeqCst);
        if self.rounds.runs.swap(true, Ordering::SeqCst) {
            return;
        }
        let chat = self.clone();
        tokio::spawn(async move {
            loop {
                while chat.rounds.asked.swap(false, Ordering::SeqCst) {
                    if let Err(error) = chat.distribute().await {
                        tracing::warn!(%error, "conversations were not distributed; the next round does it");
                    }
                }
                chat.rounds.runs.store(false, Ordering::SeqCst);
                // Asked between the last look and the line above: whoever asked left it to this task.
                if !chat.rounds.asked.load(Ordering::SeqCst) || chat.rounds.runs.swap(true, Ordering::SeqCst) {
                    return;
                }
            }
        });
    }

    async fn give_back(&self, tx: &mut Tx) -> Result<Vec<(Conversation, Change)>, ChatError> {
        let mut moved = Vec::new();
        for left in sql::take_back(tx).await? {
            let body = format!("Given back: {} is away", left.name);
            moved.push(noted(tx, left.id, &body).await?);
        }
        Ok(moved)
    }

    async fn give(&self, tx: &mut Tx) -> Result<Vec<(Conversation, Change)>, ChatError> {
        let mut agents = sql::agents_there(tx).await?;
        agents.retain(|agent| agent.available);
        let waiting = if agents.is_empty() { Vec::new() } else { sql::waiting(tx, MOST_A_ROUND).await? };
        let wanted = plan(&waiting, agents.clone(), i64::from(self.plan.most_per_agent));
        let given = if wanted.is_empty() { Vec::new() } else { sql::give(tx, &wanted).await? };
        let mut moved = Vec::new();
        // In the order in which they waited.
        for given in wanted.iter().filter(|wanted| given.contains(&wanted.conversation)) {
            let name = agents.iter().find(|agent| agent.id == given.agent).map_or("", |agent| agent.name.as_str());
            moved.push(noted(tx, given.conversation, name).await?);
        }
        Ok(moved)
    }
}

async fn noted(tx: &mut Tx, id: ConversationId, body: &str) -> Result<(Conversation, Change), ChatError> {
    let change = sql::insert_change(tx, id, "assignment", None, body).await?;
    let now = sql::by_id(&mut **tx, id).await?.ok_or(ChatError::Unknown)?;
    Ok((now, change))
}

/// Each in turn to whoever has the least to do and a place left; who finds only themselves keeps waiting and holds nobody up.
fn plan(waiting: &[Waits], mut agents: Vec<AgentThere>, most: i64) -> Vec<Given> {
    let mut given = Vec::new();
    for waits in waiting {
        let free = agents.iter_mut().filter(|agent| agent.open < most && Some(agent.id) != waits.user);
        let Some(agent) = free.min_by_key(|agent| (agent.open, agent.id.0)) else { continue };
        agent.open += 1;
        given.push(Given { conversation: waits.id, agent: agent.id });
    }
    given
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn agent(id: i64, open: i64) -> AgentThere {
        AgentThere { id: UserId(id), name: id.to_string(), available: true, open }
    }

    fn waits(id: i64, user: Option<i64>) -> Waits {
        Waits { id: ConversationId(id), user: user.map(UserId) }
    }

    #[test]
    fn nobody_answers_themselves_and_who_waits_behind_them_is_served() {
        let given = plan(&[waits(1, Some(7)), waits(2, None)], vec![agent(7, 0)], 6);
        assert_eq!(given, [Given { conversation: ConversationId(2), agent: UserId(7) }]);
    }

    proptest! {
        #[test]
        fn nobody_is_overloaded_passed_over_or_given_twice(
            opens in prop::collection::vec(0i64..8, 0..6), users in prop::collection::vec(prop::option::of(0i64..6), 0..40), most in 1i64..8,
        ) {
            let agents: Vec<_> = opens.iter().zip(0..).map(|(open, id)| agent(id, *open)).collect();
            let waiting: Vec<_> = users.iter().zip(0..).map(|(user, id)| waits(id, *user)).collect();
            let given = plan(&waiting, agents.clone(), most);
            let load = |id: UserId| agents.iter().find(|agent| agent.id == id).unwrap().open
                + i64::try_from(given.iter().filter(|given| given.agent == id).count()).unwrap();
            for agent in &agents {
                prop_assert!(load(agent.id) <= most.max(agent.open));
            }
            let ids: Vec<_> = given.iter().map(|given| given.conversation.0).collect();
            prop_assert!(ids.windows(2).all(|pair| pair[0] < pair[1]), "first come, first served, and once");
            for waits in waiting.iter().filter(|waits| !ids.contains(&waits.id.0)) {
                let place = agents.iter().find(|agent| load(agent.id) < most && Some(agent.id) != waits.user);
                prop_assert!(place.is_none(), "{waits:?} waits beside a free {place:?}");
            }
            for free in agents.iter().filter(|agent| !users.contains(&Some(agent.id.0))) {
                prop_assert!(given.iter().all(|given| load(given.agent) <= load(free.id) + 1), "the load is even");
            }
        }
    }
}
