//! Saying something: numbered, stored and committed in one transaction, then told. What waits together is committed together.

use super::{
    Chat, ChatError, rules, sql,
    triage::{Place, triage},
    types::*,
};
use crate::{
    infra::{database::Tx, metrics::METRICS},
    types::{AttachmentId, ClientId, ConversationToken, MessageBody},
};

/// What becomes of each of several messages.
pub type Outcomes = Vec<Result<Posted, ChatError>>;

impl Chat {
    /// Stores a message and tells of it. The same `client_id` from the same person is one message: the second answer is the first.
    ///
    /// # Errors
    /// No such conversation or none of theirs, ended, a `client_id` used for another text, an attachment or card that is not there.
    pub async fn post(
        &self,
        speaker: &Speaker,
        token: &ConversationToken,
        new: NewMessage,
    ) -> Result<Posted, ChatError> {
        self.post_all(speaker, token, &[new]).await?.pop().unwrap_or(Err(ChatError::Unknown))
    }

    /// The same of several messages at once, in their order: they take one transaction, and one that is refused keeps no other back.
    ///
    /// # Errors
    /// No such conversation or none of theirs, or the database failed: nothing was stored then.
    pub async fn post_all(
        &self,
        speaker: &Speaker,
        token: &ConversationToken,
        new: &[NewMessage],
    ) -> Result<Outcomes, ChatError> {
        // Looked up before the row is held: it takes a connection of its own. Whether they are there matters only for what is new.
        let mut cards = Vec::with_capacity(new.len());
        for message in new {
            cards.push(self.card_for(speaker, token, message.card.as_ref()).await?);
        }
        // Almost always a client_id is new, and the index refuses one that is not: only then it is looked up.
        match self.try_to_post(speaker, token, new, &cards, false).await {
            Err(ChatError::ClientIdReused) => self.try_to_post(speaker, token, new, &cards, true).await,
            done => done,
        }
    }

    async fn try_to_post(
        &self,
        speaker: &Speaker,
        token: &ConversationToken,
        new: &[NewMessage],
        cards: &[Option<Option<Card>>],
        is_again: bool,
    ) -> Result<Outcomes, ChatError> {
        let mut tx = self.db.begin().await?;
        // Locked first: whoever holds the row gives the next number, so that numbers are committed in their order.
        let before = sql::lock(&mut tx, token).await?.ok_or(ChatError::Unknown)?;
        let side = speaker.side_of(before.owner).ok_or(ChatError::Unknown)?;
        let sender = if side == Side::Customer { Sender::Customer } else { Sender::Agent };
        let (places, words) = triage(&mut tx, &before, (sender, speaker), new, cards, is_again).await?;
        if words.is_empty() {
            return Ok(answers(places, &[], new));
        }
        let steps = self.store_all(&mut tx, before, (sender, speaker), &words).await?;
        tx.commit().await?;
        METRICS.count_chat_by("said", sender.id(), words.len());
        for step in &steps {
            self.tell_said(&step.before, &step.outcome);
            if let Some(answer) = &step.answer {
                METRICS.count_chat("said", Sender::Automatic.id());
                self.tell_said(&step.outcome.now, answer);
            }
        }
        if let Some(last) = steps.last() {
            self.after(sender, speaker, &last.outcome).await;
        }
        let stored: Vec<Message> = steps.into_iter().flat_map(|step| step.outcome.messages).collect();
        Ok(answers(places, &stored, new))
    }

    // All in one statement, unless the shop answers the first of them by itself: its answer comes before the second.
    async fn store_all(
        &self,
        tx: &mut Tx,
        before: Conversation,
        (sender, speaker): (Sender, &Speaker),
        words: &[Words<'_>],
    ) -> Result<Vec<Step>, ChatError> {
        let first = if self.may_answer_by_itself(&before, sender) { 1 } else { words.len() };
        let (first, rest) = words.split_at(first);
        let (mut before, mut steps) = (before, Vec::new());
        for words in [first, rest].into_iter().filter(|words| !words.is_empty()) {
            let said = Said { sender, speaker: Some(speaker), words };
            let outcome = store(tx, &self.plan.shop_name, &before, &said).await?;
            let answer = self.answer_by_itself(tx, &before, sender, &outcome).await?;
            let now = answer.as_ref().unwrap_or(&outcome).now.clone();
            steps.push(Step { before: std::mem::replace(&mut before, now), outcome, answer });
        }
        Ok(steps)
    }

    // What need not be done for the message to be stored, and is made up for by the next tick.
    async fn after(&self, sender: Sender, speaker: &Speaker, outcome: &Outcome) {
        match (sender, speaker.user()) {
            (Sender::Customer, _) if outcome.now.assignee.is_none() => self.distribute_soon(),
            // Whoever answers is there, also without a socket.
            (Sender::Agent, Some(agent)) => self.note_answering(agent).await,
            _ => {}
        }
    }

    fn tell_said(&self, before: &Conversation, outcome: &Outcome) {
        let now = &outcome.now;
        for message in &outcome.messages {
            self.live.tell(ChatEvent::Said { conversation: now.id, message: message.clone() });
        }
        if let Some(change) = &outcome.change {
            self.tell_changed(now, change.clone());
        } else if before.waiting_since.is_some() != now.waiting_since.is_some() || before.last_seq == 0 {
            self.live.tell(ChatEvent::Queues);
        }
    }
}

// What was stored by one statement, and what the shop answered by itself.
struct Step {
    before: Conversation,
    outcome: Outcome,
    answer: Option<Outcome>,
}

/// What is to be stored.
pub(super) struct Said<'a> {
    pub sender: Sender,
    /// `None`: the shop by itself.
    pub speaker: Option<&'a Speaker>,
    /// At least one.
    pub words: &'a [Words<'a>],
}

/// One message that is to be stored.
pub(super) struct Words<'a> {
    pub body: &'a MessageBody,
    pub attachment: Option<(AttachmentId, Attachment)>,
    pub card: Option<&'a Card>,
    pub client_id: Option<&'a ClientId>,
}

impl<'a> Words<'a> {
    fn row(&'a self) -> sql::NewRow<'a> {
        sql::NewRow {
            body: self.body.as_str(),
            attachment: self.attachment.as_ref().map(|(id, _)| *id),
            card: self.card,
            client_id: self.client_id.map(ClientId::as_str),
        }
    }
}

/// What was stored, and how the conversation stands after it.
pub(super) struct Outcome {
    pub now: Conversation,
    pub messages: Vec<Message>,
    pub change: Option<Change>,
}

/// Stores messages in a conversation whose row the transaction holds, and moves the conversation.
///
/// # Errors
/// [`ChatError::ClientIdReused`]: a `client_id` is taken, and what was done is to be rolled back.
pub(super) async fn store(
    tx: &mut Tx,
    shop_name: &str,
    before: &Conversation,
    said: &Said<'_>,
) -> Result<Outcome, ChatError> {
    let me = said.speaker.filter(|_| said.sender == Sender::Agent);
    let agent = me.and_then(|speaker| {
        Some(Assignee { id: speaker.user()?, name: speaker.name().unwrap_or_default().to_owned() })
    });
    let moved = rules::said(before, said.sender, agent);
    let username = match said.sender {
        Sender::Customer => before.display_name.as_str(),
        Sender::Agent => said.speaker.and_then(Speaker::name).unwrap_or_default(),
        Sender::Automatic | Sender::System => shop_name,
    };
    let user = said.speaker.and_then(Speaker::user);
    let new = sql::NewRows { sender: said.sender, user, username, rows: said.words.iter().map(Words::row).collect() };
    let mut now = sql::store(tx, before.id, &moved, &new).await?.ok_or(ChatError::ClientIdReused)?;
    let messages = (before.last_seq + 1..).zip(said.words).map(|(seq, words)| Message {
        seq,
        token: before.token.clone(),
        sender: said.sender,
        user,
        username: username.to_owned(),
        body: words.body.clone(),
        attachment: words.attachment.as_ref().map(|(_, file)| file.clone()),
        card: words.card.cloned(),
        client_id: words.client_id.cloned(),
        at: now.last_message_at,
    });
    let messages = messages.collect();
    let change = note_move(tx, before, &moved, said).await?;
    now.last_change = change.as_ref().map_or(now.last_change, |change| change.n);
    Ok(Outcome { now, messages, change })
}

// The agents' own trail: who took it, and that it was opened again.
async fn note_move(
    tx: &mut Tx,
    before: &Conversation,
    moved: &rules::Moved,
    said: &Said<'_>,
) -> Result<Option<Change>, ChatError> {
    let actor = said.speaker.and_then(|speaker| Some((speaker.user()?, speaker.name()?)));
    let actor = actor.filter(|_| said.sender == Sender::Agent);
    let (kind, body) = if moved.assignee != before.assignee {
        ("assignment", moved.assignee.as_ref().map_or(String::new(), |assignee| assignee.name.clone()))
    } else if moved.status != before.status {
        ("status", moved.status.id().to_owned())
    } else {
        return Ok(None);
    };
    Ok(Some(sql::insert_change(tx, before.id, kind, actor, &body).await?))
}

fn answers(places: Vec<Place>, stored: &[Message], new: &[NewMessage]) -> Outcomes {
    places.into_iter().zip(new).map(|(place, new)| place.outcome(stored, new)).collect()
}
