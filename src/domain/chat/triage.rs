//! What is new of messages that were sent: one that was stored before is answered with what was stored, and one that is refused keeps no
//! other back.

use super::{
    ChatError,
    saying::Words,
    sql,
    types::{Attachment, Card, Conversation, Message, NewMessage, Posted, Sender, Speaker},
};
use crate::{
    infra::database::Tx,
    types::{AttachmentId, ChatTextError, ClientId},
};

/// Where the answer to a message is found.
pub(super) enum Place {
    /// Nothing is to be stored.
    Here(Box<Result<Posted, ChatError>>),
    /// It is so many-th of those that are stored.
    Stored(usize),
    /// It has the name of one of those.
    Again(usize),
}

impl Place {
    /// The answer, with what was stored.
    pub(super) fn outcome(self, stored: &[Message], new: &NewMessage) -> Result<Posted, ChatError> {
        match self {
            Self::Here(outcome) => *outcome,
            Self::Stored(nth) => {
                let message = stored.get(nth).ok_or(ChatError::Unknown)?;
                Ok(Posted { message: message.clone(), was_known: false })
            }
            Self::Again(nth) => known(stored.get(nth).ok_or(ChatError::Unknown)?, new),
        }
    }
}

/// Tells what is to be stored from what is not, in a conversation whose row the transaction holds. A plain text is taken for new unless
/// `is_again`.
pub(super) async fn triage<'a>(
    tx: &mut Tx,
    conversation: &Conversation,
    (sender, speaker): (Sender, &Speaker),
    new: &'a [NewMessage],
    cards: &'a [Option<Option<Card>>],
    is_again: bool,
) -> Result<(Vec<Place>, Vec<Words<'a>>), ChatError> {
    // What was stored before is answered also where it could not be said now.
    let looks = is_again || conversation.is_ended || !new.iter().all(NewMessage::is_plain);
    let client_ids: Vec<String> =
        new.iter().filter_map(|new| Some(new.client_id.as_ref()?.as_str().to_owned())).collect();
    let stored = if looks && !client_ids.is_empty() {
        let (id, token) = (conversation.id, &conversation.token);
        sql::by_client_ids(&mut **tx, id, token, sender, speaker.user(), &client_ids).await?
    } else {
        Vec::new()
    };
    let (mut places, mut words) = (Vec::with_capacity(new.len()), Vec::with_capacity(new.len()));
    for (new, card) in new.iter().zip(cards) {
        let place = if let Some(message) = stored.iter().find(|message| has_name_of(message.client_id.as_ref(), new)) {
            Place::Here(Box::new(known(message, new)))
        } else if let Some(nth) = words.iter().position(|words: &Words<'_>| has_name_of(words.client_id, new)) {
            Place::Again(nth)
        } else {
            match fresh(tx, conversation, new, card.as_ref()).await {
                Ok(fresh) => {
                    words.push(fresh);
                    Place::Stored(words.len() - 1)
                }
                Err(ChatError::Database(error)) => return Err(error.into()),
                Err(refused) => Place::Here(Box::new(Err(refused))),
            }
        };
        places.push(place);
    }
    Ok((places, words))
}

async fn fresh<'a>(
    tx: &mut Tx,
    conversation: &Conversation,
    new: &'a NewMessage,
    card: Option<&'a Option<Card>>,
) -> Result<Words<'a>, ChatError> {
    if conversation.is_ended {
        return Err(ChatError::Ended);
    }
    let attachment = attached(tx, conversation, new.attachment.as_deref()).await?;
    let card = card.map(|card| card.as_ref().ok_or(ChatError::UnknownThing)).transpose()?;
    if new.body.as_str().is_empty() && attachment.is_none() && card.is_none() {
        return Err(ChatTextError::Empty.into());
    }
    Ok(Words { body: &new.body, attachment, card, client_id: new.client_id.as_ref() })
}

// The file of a token, if it was sent to this conversation.
async fn attached(
    tx: &mut Tx,
    conversation: &Conversation,
    token: Option<&str>,
) -> Result<Option<(AttachmentId, Attachment)>, ChatError> {
    let Some(token) = token else { return Ok(None) };
    // What is no token is nobody's, and may hold what PostgreSQL refuses to compare: it must not keep the others back.
    if !token.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')) {
        return Err(ChatError::UnknownThing);
    }
    let found = sql::attachment(&mut **tx, conversation.id, token).await?.ok_or(ChatError::UnknownThing)?;
    Ok(Some((found.id, found.attachment)))
}

fn has_name_of(client_id: Option<&ClientId>, new: &NewMessage) -> bool {
    client_id.is_some() && client_id == new.client_id.as_ref()
}

// A message that was sent before and is sent again, because its answer was lost.
fn known(message: &Message, new: &NewMessage) -> Result<Posted, ChatError> {
    if is_the_same(message, new) {
        Ok(Posted { message: message.clone(), was_known: true })
    } else {
        Err(ChatError::ClientIdReused)
    }
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
