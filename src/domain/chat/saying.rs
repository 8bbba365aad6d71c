//! Saying something: numbered, stored and committed in one transaction, then told.

use super::{Chat, ChatError, rules, sql, types::*};
use crate::{
    infra::{
        database::{self, Tx},
        metrics::METRICS,
    },
    types::{AttachmentId, ConversationToken, MessageBody},
};

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
        // Looked up before the row is held: it takes a connection of its own. Whether it is there matters only for what is new.
        let card = self.card_for(speaker, token, new.card.as_ref()).await?;
        let mut tx = self.db.begin().await?;
        // Locked first: whoever holds the row gives the next number, so that numbers are committed in their order.
        let before = sql::lock(&mut tx, token).await?.ok_or(ChatError::Unknown)?;
        let side = speaker.side_of(before.owner).ok_or(ChatError::Unknown)?;
        let sender = if side == Side::Customer { Sender::Customer } else { Sender::Agent };
        if let Some(known) = known(&mut tx, &before, speaker, sender, &new).await? {
            return Ok(Posted { message: known, was_known: true });
        }
        if before.is_ended {
            return Err(ChatError::Ended);
        }
        let attachment = attached(&mut tx, &before, new.attachment.as_deref()).await?;
        let card = card.map(|card| card.ok_or(ChatError::UnknownThing)).transpose()?;
        if new.body.as_str().is_empty() && attachment.is_none() && card.is_none() {
            return Err(crate::types::ChatTextError::Empty.into());
        }
        let said = Said {
            sender,
            speaker: Some(speaker),
            body: &new.body,
            attachment,
            card,
            client_id: new.client_id.as_ref(),
        };
        let outcome = store(&mut tx, &self.plan.shop_name, &before, &said).await?;
        let answer = self.answer_by_itself(&mut tx, &before, &outcome).await?;
        tx.commit().await?;
        METRICS.count_chat("said", sender.id());
        self.tell_said(&before, &outcome);
        if let Some(answer) = &answer {
            METRICS.count_chat("said", Sender::Automatic.id());
            self.tell_said(&outcome.now, answer);
        }
        self.after(sender, speaker, &outcome).await;
        Ok(Posted { message: outcome.message, was_known: false })
    }

    // What need not be done for the message to be stored, and is made up for by the next tick.
    async fn after(&self, sender: Sender, speaker: &Speaker, outcome: &Outcome) {
        match (sender, speaker.user()) {
            (Sender::Customer, _) if outcome.now.assignee.is_none() => self.distribute_soon(),
            // Whoever answers is there, also without a socket.
            (Sender::Agent, Some(agent)) => {
                if let Err(error) = self.touch_agents(&[agent]).await {
                    tracing::warn!(%error, "an agent who answered is not noted as there");
                }
            }
            _ => {}
        }
    }

    fn tell_said(&self, before: &Conversation, outcome: &Outcome) {
        let now = &outcome.now;
        self.live.tell(ChatEvent::Said { conversation: now.id, message: outcome.message.clone() });
        if let Some(change) = &outcome.change {
            self.tell_changed(now, change.clone());
        } else if before.waiting_since.is_some() != now.waiting_since.is_some() || now.last_seq == 1 {
            self.live.tell(ChatEvent::Queues);
        }
    }
}

/// What is to be stored.
pub(super) struct Said<'a> {
    pub sender: Sender,
    /// `None`: the shop by itself.
    pub speaker: Option<&'a Speaker>,
    pub body: &'a MessageBody,
    pub attachment: Option<(AttachmentId, Attachment)>,
    pub card: Option<Card>,
    pub client_id: Option<&'a crate::types::ClientId>,
}

/// What was stored, and how the conversation stands after it.
pub(super) struct Outcome {
    pub now: Conversation,
    pub message: Message,
    pub change: Option<Change>,
}

/// Stores a message in a conversation whose row the transaction holds, and moves the conversation.
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
    let seq = sql::take_number(tx, before.id, &moved).await?;
    let username = match said.sender {
        Sender::Customer => before.display_name.as_str(),
        Sender::Agent => said.speaker.and_then(Speaker::name).unwrap_or_default(),
        Sender::Automatic | Sender::System => shop_name,
    };
    let user = said.speaker.and_then(Speaker::user);
    let row = sql::NewRow {
        sender: said.sender,
        user,
        username,
        body: said.body,
        attachment: said.attachment.as_ref().map(|(id, _)| *id),
        card: said.card.as_ref(),
        client_id: said.client_id,
    };
    let at = sql::insert_message(tx, before.id, seq, &row).await.map_err(ChatError::storing)?;
    let change = note_move(tx, before, &moved, said).await?;
    let message = Message {
        seq,
        token: before.token.clone(),
        sender: said.sender,
        user,
        username: username.to_owned(),
        body: said.body.clone(),
        attachment: said.attachment.as_ref().map(|(_, file)| file.clone()),
        card: said.card.clone(),
        client_id: said.client_id.cloned(),
        at,
    };
    let now = sql::by_id(&mut **tx, before.id).await?.ok_or(ChatError::Unknown)?;
    Ok(Outcome { now, message, change })
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

// The file of a token, if it was sent to this conversation.
async fn attached(
    tx: &mut Tx,
    conversation: &Conversation,
    token: Option<&str>,
) -> Result<Option<(AttachmentId, Attachment)>, ChatError> {
    let Some(token) = token else { return Ok(None) };
    let found = sql::attachment(&mut **tx, conversation.id, token).await?.ok_or(ChatError::UnknownThing)?;
    Ok(Some((found.id, found.attachment)))
}

fn is_the_same(known: &Message, new: &NewMessage) -> bool {
    let file = known.attachment.as_ref().map(|file| file.token.as_str());
    let card = match (&known.card, &new.card) {
        (None, None) => true,
        (Some(card), Some(request)) => card.is_of(request),
        _ => false,
    };
    known.body == new.body && file == new.attachment.as_deref() && card
}

// A message that was sent before and is sent again, because its answer was lost.
async fn known(
    tx: &mut Tx,
    conversation: &Conversation,
    speaker: &Speaker,
    sender: Sender,
    new: &NewMessage,
) -> Result<Option<Message>, ChatError> {
    let Some(client_id) = &new.client_id else { return Ok(None) };
    let (id, token) = (conversation.id, &conversation.token);
    let found = sql::by_client_id(&mut **tx, id, token, sender, speaker.user(), client_id).await?;
    match found {
        Some(known) if is_the_same(&known, new) => Ok(Some(known)),
        Some(_) => Err(ChatError::ClientIdReused),
        None => Ok(None),
    }
}

impl ChatError {
    fn storing(error: sqlx::Error) -> Self {
        match database::constraint(&error) {
            Some("chat_messages_client_id_key") => Self::ClientIdReused,
            _ => Self::Database(error),
        }
    }
}
