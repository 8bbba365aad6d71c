//! What is said over a socket. What has come meanwhile is said together with the first of it: it was sent in this order, is stored in it by
//! one transaction, and waits for the disk once.

use std::sync::Arc;

use tokio::sync::mpsc::Receiver;

use super::{
    Realtime,
    payload::Asked,
    peer::{Answer, Peer, Waiting},
    refusal::{Code, Refusal},
};
use crate::{
    domain::chat::{NewMessage, Speaker},
    request::{ChatLimit, chat_limits},
    types::ConversationToken,
};

// As much as the room's row is held for at once.
const MOST_TOGETHER: usize = 64;

/// Messages of one socket to one conversation, each with where its answer goes.
pub struct Run {
    token: ConversationToken,
    messages: Vec<NewMessage>,
    answers: Vec<Answer>,
}

impl Run {
    /// A plain text, and those behind it that have come already. A file or a card goes alone: it is looked up while the row is held. What ends
    /// them is put before what waits.
    pub fn of(
        token: ConversationToken,
        first: NewMessage,
        answer: Answer,
        waiting: &mut Receiver<Box<Waiting>>,
        next: &mut Option<Box<Waiting>>,
    ) -> Self {
        let is_plain = first.is_plain();
        let mut run = Self { token, messages: vec![first], answers: vec![answer] };
        while is_plain
            && run.messages.len() < MOST_TOGETHER
            && let Ok(waiting) = waiting.try_recv()
        {
            match *waiting {
                Waiting { asked: Ok(Asked::Say(token, message)), ack, .. }
                    if token == run.token && message.is_plain() =>
                {
                    run.messages.push(message);
                    run.answers.push(ack);
                }
                other => {
                    *next = Some(Box::new(other));
                    break;
                }
            }
        }
        run
    }
}

impl Realtime {
    /// Says them, and answers each.
    pub(super) async fn say(&self, peer: &Arc<Peer>, run: Run) {
        let Run { token, messages, answers } = run;
        let outcomes = match self.say_all(peer, &token, messages).await {
            Ok(outcomes) => outcomes,
            Err(refusal) => answers.iter().map(|_| Err(refusal.clone())).collect(),
        };
        for (outcome, ack) in outcomes.into_iter().zip(answers) {
            match outcome {
                Ok(id) => ack.done(Some(id)),
                Err(refusal) => peer.refuse("send_message", &refusal, Some(ack)),
            }
        }
    }

    // The number of each, or why it was not said.
    async fn say_all(
        &self,
        peer: &Arc<Peer>,
        token: &ConversationToken,
        mut messages: Vec<NewMessage>,
    ) -> Result<Vec<Result<i64, Refusal>>, Refusal> {
        let speaker: Speaker = self.speaker(peer).await?;
        if !peer.has_joined(token) {
            return Err(Code::NotJoined.into());
        }
        let asked = messages.len();
        let uses = u32::try_from(asked).unwrap_or(u32::MAX);
        let (granted, _) = chat_limits(&self.0.app, ChatLimit::Message(speaker.owner()), uses).await;
        messages.truncate(usize::try_from(granted).unwrap_or(usize::MAX));
        let posted = match messages.as_slice() {
            [] => Vec::new(),
            some => self.0.app.chat.post_all(&speaker, token, some).await?,
        };
        let mut said: Vec<_> = posted.into_iter().map(|posted| Ok(posted?.message.seq)).collect();
        said.resize_with(asked, || Err(Code::RateLimited.into()));
        Ok(said)
    }
}
