//! What agents do with a conversation: take it, hand it over, set it aside, note, label. Each is one transaction behind the row's lock,
//! leaves a numbered change, and is told after the commit.

use time::{Duration, OffsetDateTime};

use super::is_own;
use crate::{
    domain::{
        accounts::{Agent, Owner, System},
        chat::{
            Chat, ChatError, sql,
            types::{Assignee, Change, Conversation, Status},
        },
    },
    infra::{clock, database::Tx, metrics::METRICS},
    types::{ChatTextError, ConversationToken, LabelId, MessageBody, UserId, line_of},
};

/// More than this nobody finds again.
const MOST_LABELS: i64 = 200;
const MOST_LABEL_LETTERS: usize = 40;
const LONGEST_SNOOZE: Duration = Duration::days(366);

/// What became of taking a conversation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Taken {
    /// It is theirs, now or before.
    Theirs(Box<Conversation>),
    /// A colleague has it, who was perhaps a moment sooner.
    ByAnother(Assignee),
}

/// To whom a conversation goes, and what they should know.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Handover {
    /// Another agent, oneself, or nobody: whoever takes it.
    pub to: Option<UserId>,
    /// For colleagues alone.
    pub note: Option<MessageBody>,
}

/// Where a conversation should stand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NewStatus {
    /// To be done.
    Open,
    /// The customer's turn.
    Pending,
    /// Done.
    Resolved,
    /// Put aside until this moment, or until the customer writes.
    SnoozedUntil(OffsetDateTime),
}

impl NewStatus {
    const fn parts(self) -> (Status, Option<OffsetDateTime>) {
        match self {
            Self::Open => (Status::Open, None),
            Self::Pending => (Status::Pending, None),
            Self::Resolved => (Status::Resolved, None),
            Self::SnoozedUntil(at) => (Status::Snoozed, Some(at)),
        }
    }

    /// Whether it can be meant: a time to come, within a year.
    #[must_use]
    pub fn is_sensible(self) -> bool {
        match self {
            Self::SnoozedUntil(at) => at > clock::now() && at < clock::now() + LONGEST_SNOOZE,
            _ => true,
        }
    }
}

impl Chat {
    /// Takes what nobody has. Of two who press the button at once one has it, and the other hears who.
    ///
    /// # Errors
    /// [`ChatError::Unknown`], [`ChatError::Ended`].
    pub async fn take(&self, agent: &Agent, token: &ConversationToken) -> Result<Taken, ChatError> {
        let (mut tx, before) = self.hold(agent, token).await?;
        let me = agent.customer().id();
        match &before.assignee {
            Some(assignee) if assignee.id == me => return Ok(Taken::Theirs(Box::new(before))),
            Some(assignee) => return Ok(Taken::ByAnother(assignee.clone())),
            None => {}
        }
        open(&before)?;
        sql::desk_moves::assign(&mut tx, before.id, Some(me)).await?;
        let change = sql::insert_change(&mut tx, before.id, "assignment", actor(agent), name(agent)).await?;
        self.done(tx, before, vec![change]).await.map(|taken| Taken::Theirs(Box::new(taken)))
    }

    /// Gives it to a colleague, to oneself although a colleague has it, or to nobody. The note goes with it.
    ///
    /// # Errors
    /// [`ChatError::Unknown`]; [`ChatError::Ended`]; [`ChatError::AgentsOnly`] where the other is no agent, or the customer of it.
    pub async fn hand_over(
        &self,
        agent: &Agent,
        token: &ConversationToken,
        handover: Handover,
    ) -> Result<Conversation, ChatError> {
        let (mut tx, before) = self.hold(agent, token).await?;
        open(&before)?;
        let to = match handover.to {
            Some(user) => Some(sql::desk_moves::agent(&mut tx, user).await?.ok_or(ChatError::AgentsOnly)?),
            None => None,
        };
        if to.as_ref().is_some_and(|to| before.owner == Owner::Customer(to.id)) {
            return Err(ChatError::AgentsOnly);
        }
        let mut changes = Vec::new();
        if before.assignee.as_ref().map(|assignee| assignee.id) != to.as_ref().map(|to| to.id) {
            sql::desk_moves::assign(&mut tx, before.id, to.as_ref().map(|to| to.id)).await?;
            let called = to.as_ref().map_or("", |to| to.name.as_str());
            changes.push(sql::insert_change(&mut tx, before.id, "assignment", actor(agent), called).await?);
        }
        if let Some(note) = &handover.note {
            changes.push(sql::insert_change(&mut tx, before.id, "note", actor(agent), note.as_str()).await?);
        }
        self.done(tx, before, changes).await
    }

    /// Moves it. What stands there already stays as it is, without a change.
    ///
    /// # Errors
    /// [`ChatError::Unknown`], [`ChatError::Ended`].
    pub async fn set_status(
        &self,
        agent: &Agent,
        token: &ConversationToken,
        new: NewStatus,
    ) -> Result<Conversation, ChatError> {
        let (mut tx, before) = self.hold(agent, token).await?;
        open(&before)?;
        let (status, until) = new.parts();
        if before.status == status && before.snoozed_until == until {
            return Ok(before);
        }
        sql::desk_moves::set_status(&mut tx, before.id, status, until).await?;
        let change = sql::insert_change(&mut tx, before.id, "status", actor(agent), &self.words(new)).await?;
        let now = self.done(tx, before, vec![change]).await?;
        METRICS.count_chat("moved", status.id());
        Ok(now)
    }

    /// Writes something for colleagues; also in what has ended.
    ///
    /// # Errors
    /// [`ChatError::Unknown`].
    pub async fn note(
        &self,
        agent: &Agent,
        token: &ConversationToken,
        note: &MessageBody,
    ) -> Result<Change, ChatError> {
        let (mut tx, before) = self.hold(agent, token).await?;
        let change = sql::insert_change(&mut tx, before.id, "note", actor(agent), note.as_str()).await?;
        self.done(tx, before, vec![change.clone()]).await?;
        Ok(change)
    }

    /// Sets a label, made if there is none of that name (letters of either case are one). Setting it twice is setting it once.
    ///
    /// # Errors
    /// [`ChatError::Unknown`]; the name is empty, too long or one too many.
    pub async fn add_label(&self, agent: &Agent, token: &ConversationToken, label: &str) -> Result<(), ChatError> {
        let label = line_of(label, MOST_LABEL_LETTERS).map_err(|_| ChatTextError::Name)?;
        let (mut tx, before) = self.hold(agent, token).await?;
        let id = sql::desk_moves::put_label(&mut tx, &label).await?;
        if sql::desk_moves::count_labels(&mut tx).await? > MOST_LABELS {
            return Err(ChatTextError::TooLong.into());
        }
        if !sql::desk_moves::add_label(&mut tx, before.id, id).await? {
            return Ok(());
        }
        let change = sql::insert_change(&mut tx, before.id, "label", actor(agent), &format!("+{label}")).await?;
        self.done(tx, before, vec![change]).await?;
        Ok(())
    }

    /// Takes a label off; one that is not there is no error.
    ///
    /// # Errors
    /// [`ChatError::Unknown`].
    pub async fn remove_label(
        &self,
        agent: &Agent,
        token: &ConversationToken,
        label: LabelId,
    ) -> Result<(), ChatError> {
        let (mut tx, before) = self.hold(agent, token).await?;
        let Some(gone) = sql::desk_moves::remove_label(&mut tx, before.id, label).await? else { return Ok(()) };
        let change = sql::insert_change(&mut tx, before.id, "label", actor(agent), &format!("-{gone}")).await?;
        self.done(tx, before, vec![change]).await?;
        Ok(())
    }

    /// Opens again what was put aside until now; returns how many. One transaction each, looked at again behind its lock.
    ///
    /// # Errors
    /// The database failed; what was opened before stays so.
    pub async fn wake_snoozed(&self, _system: &System) -> Result<usize, ChatError> {
        let mut woken = 0;
        for (token, due) in sql::desk_moves::due(self.db.primary()).await? {
            let mut tx = self.db.begin().await?;
            let Some(before) = sql::lock(&mut tx, &token).await? else { continue };
            if before.status != Status::Snoozed || before.snoozed_until != Some(due) {
                continue;
            }
            sql::desk_moves::set_status(&mut tx, before.id, Status::Open, None).await?;
            let change = sql::insert_change(&mut tx, before.id, "status", None, Status::Open.id()).await?;
            self.done(tx, before, vec![change]).await?;
            woken += 1;
        }
        Ok(woken)
    }

    /// Makes a label unless there is one. For `seed`.
    ///
    /// # Errors
    /// The database failed.
    pub async fn put_label(&self, _system: &System, name: &str) -> Result<(), ChatError> {
        let mut tx = self.db.begin().await?;
        sql::desk_moves::put_label(&mut tx, name).await?;
        tx.commit().await?;
        Ok(())
    }

    // The row, held: whatever an agent sees here is still so when the transaction ends.
    async fn hold(&self, agent: &Agent, token: &ConversationToken) -> Result<(Tx, Conversation), ChatError> {
        let mut tx = self.db.begin().await?;
        let held = sql::lock(&mut tx, token).await?.filter(|held| !is_own(agent, held));
        Ok((tx, held.ok_or(ChatError::Unknown)?))
    }

    async fn done(&self, mut tx: Tx, before: Conversation, changes: Vec<Change>) -> Result<Conversation, ChatError> {
        let now = sql::by_id(&mut *tx, before.id).await?.ok_or(ChatError::Unknown)?;
        tx.commit().await?;
        for change in changes {
            self.tell_changed(&now, change);
        }
        Ok(now)
    }

    fn words(&self, new: NewStatus) -> String {
        match new {
            NewStatus::SnoozedUntil(at) => format!("snoozed until {}", self.plan.locale.date_time(at)),
            other => other.parts().0.id().to_owned(),
        }
    }
}

fn open(conversation: &Conversation) -> Result<(), ChatError> {
    if conversation.is_ended { Err(ChatError::Ended) } else { Ok(()) }
}

fn actor(agent: &Agent) -> Option<(UserId, &str)> {
    Some((agent.customer().id(), name(agent)))
}

fn name(agent: &Agent) -> &str {
    agent.customer().user().display_name()
}
