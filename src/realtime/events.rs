//! What clients ask for, one event after the other of each socket. Membership is asked of the database at every event.

use std::sync::Arc;

use serde_json::json;
use tokio::sync::mpsc::Receiver;

use super::{
    Realtime,
    payload::{self, Asked, Join},
    peer::{Peer, Waiting},
    refusal::{Code, Refusal},
    room_service::Known,
    saying::Run,
};
use crate::{
    domain::chat::{ChatError, ChatEvent, Conversation, Side, Speaker},
    infra::rate_limit::Verdict,
    request::{ChatLimit, chat_limit},
    types::ConversationToken,
};

impl Realtime {
    /// Serves the events of a socket until it is closed, and then those that came before.
    pub(super) async fn serve(self, peer: Arc<Peer>, mut waiting: Receiver<Box<Waiting>>) {
        // What ended a run of messages.
        let mut next = None;
        loop {
            if next.is_none() {
                next = tokio::select! {
                    biased;
                    next = waiting.recv() => next,
                    () = peer.gone.cancelled() => None,
                };
            }
            let Some(Waiting { event, asked, ack }) = next.take().map(|next| *next) else { return };
            // In a box: an idle socket would otherwise hold the room of the largest of all answers, 18 kB.
            let done = match asked {
                Ok(Asked::Say(token, message)) => {
                    let run = Run::of(token, message, ack, &mut waiting, &mut next);
                    Box::pin(self.say(&peer, run)).await;
                    continue;
                }
                Ok(asked) => Box::pin(self.answer(&peer, asked)).await,
                Err(refusal) => Err(refusal),
            };
            match done {
                Ok(()) => ack.done(None),
                Err(refusal) => peer.refuse(event, &refusal, Some(ack)),
            }
        }
    }

    async fn answer(&self, peer: &Arc<Peer>, asked: Asked) -> Result<(), Refusal> {
        let speaker = self.speaker(peer).await?;
        match asked {
            Asked::Join(join) => self.join(peer, &speaker, join).await?,
            // Said with what came behind it, and never by way of here.
            Asked::Say(..) => return Err(Code::Unavailable.into()),
            Asked::Typing(token, is_typing) => self.typing(peer, &speaker, &token, is_typing).await?,
            Asked::Support(token, words) => self.ask_support(peer, &speaker, &token, words).await?,
            Asked::Leave(token) => self.say_goodbye(peer, &speaker, &token).await?,
            Asked::Mark(token, mark, to) => {
                let token = self.small(peer, &token)?;
                self.0.app.chat.mark(&speaker, token, mark, to).await?;
            }
            Asked::Viewing(token, path, title) => self.viewing(peer, &speaker, &token, (&path, &title)).await?,
            Asked::JoinDesk => self.join_desk(peer, &speaker).await?,
            Asked::LeaveDesk => {
                peer.set_desk(false);
                peer.socket.leave("agents");
            }
        }
        Ok(())
    }

    async fn join(&self, peer: &Arc<Peer>, speaker: &Speaker, join: Join) -> Result<(), Refusal> {
        self.count(ChatLimit::Join(speaker.owner())).await?;
        let (conversation, side) = match &join.token {
            Some(token) => self.guess(peer, speaker, token).await?,
            None => (self.open_one(speaker, &join).await?, Side::Customer),
        };
        // Whoever knows it may have missed its last words; to anyone else it is over.
        if conversation.is_ended && side == Side::Customer && join.after.is_none() {
            return Err(Code::Ended.into());
        }
        let known = Known { after: join.after, changes_after: join.changes_after };
        let username = called(&conversation, side, speaker).to_owned();
        self.enter(peer, &conversation, side, &username, known).await
    }

    async fn open_one(&self, speaker: &Speaker, join: &Join) -> Result<Conversation, Refusal> {
        // An account is called what it is called, whatever a payload says.
        let name = match (speaker.name(), &join.name) {
            (None, Some(name)) => Some(payload::name(name)?),
            _ => None,
        };
        Ok(self.0.app.chat.open(speaker, name.as_ref(), None).await?)
    }

    // Tries of what is none of theirs are counted by address: nobody guesses for long.
    async fn guess(
        &self,
        peer: &Arc<Peer>,
        speaker: &Speaker,
        token: &ConversationToken,
    ) -> Result<(Conversation, Side), Refusal> {
        match self.0.app.chat.find(speaker, token).await {
            Err(ChatError::Unknown) => {
                self.count(ChatLimit::Guess(&peer.handshake.ip)).await?;
                Err(Code::NotFound.into())
            }
            found => Ok(found?),
        }
    }

    // Only in what was joined, and only while it is still theirs.
    async fn joined(
        &self,
        peer: &Arc<Peer>,
        speaker: &Speaker,
        token: &ConversationToken,
    ) -> Result<(Conversation, Side), Refusal> {
        if !peer.has_joined(token) {
            return Err(Code::NotJoined.into());
        }
        match self.0.app.chat.find(speaker, token).await {
            Err(ChatError::Unknown) => {
                self.leave(peer, token).await;
                Err(Code::NotFound.into())
            }
            found => Ok(found?),
        }
    }

    fn small<'a>(&self, peer: &Arc<Peer>, token: &'a ConversationToken) -> Result<&'a ConversationToken, Refusal> {
        if !peer.may_fidget() {
            return Err(Code::RateLimited.into());
        }
        if peer.has_joined(token) { Ok(token) } else { Err(Code::NotJoined.into()) }
    }

    async fn typing(
        &self,
        peer: &Arc<Peer>,
        speaker: &Speaker,
        token: &ConversationToken,
        is_typing: bool,
    ) -> Result<(), Refusal> {
        self.small(peer, token)?;
        let (conversation, side) = self.joined(peer, speaker, token).await?;
        let payload = json!({
            "session_id": token, "username": called(&conversation, side, speaker), "is_typing": is_typing,
            "is_support": side == Side::Support,
        });
        // Worth nothing later: whoever has too much to read does without.
        let _ = peer.socket.to(format!("c:{token}")).volatile().emit("user_typing", &payload).await;
        Ok(())
    }

    async fn ask_support(
        &self,
        peer: &Arc<Peer>,
        speaker: &Speaker,
        token: &ConversationToken,
        words: String,
    ) -> Result<(), Refusal> {
        let (conversation, _) = self.joined(peer, speaker, token).await?;
        if conversation.is_ended {
            return Err(Code::Ended.into());
        }
        self.count(ChatLimit::Message(speaker.owner())).await?;
        let username = conversation.display_name;
        self.0.app.chat.live().tell(ChatEvent::Alert { token: token.clone(), username, message: words });
        peer.emit("support_notified", &json!({ "session_id": token, "message": "We have told our support team." }));
        Ok(())
    }

    async fn say_goodbye(&self, peer: &Arc<Peer>, speaker: &Speaker, token: &ConversationToken) -> Result<(), Refusal> {
        let (conversation, side) = self.joined(peer, speaker, token).await?;
        self.leave(peer, token).await;
        let username = called(&conversation, side, speaker);
        let payload = json!({ "session_id": token, "username": username, "message": format!("{username} has left") });
        let _ = peer.socket.to(format!("c:{token}")).emit("user_left", &payload).await;
        Ok(())
    }

    async fn viewing(
        &self,
        peer: &Arc<Peer>,
        speaker: &Speaker,
        token: &ConversationToken,
        (path, title): (&str, &str),
    ) -> Result<(), Refusal> {
        self.small(peer, token)?;
        let (conversation, side) = self.joined(peer, speaker, token).await?;
        if side == Side::Customer {
            let (path, title) = self.0.app.chat.looks_at(&conversation, path, title).await?;
            self.tell_presence(token, true, Some((&path, &title))).await;
        }
        Ok(())
    }

    async fn join_desk(&self, peer: &Arc<Peer>, speaker: &Speaker) -> Result<(), Refusal> {
        let agent = speaker.agent().ok_or(Code::AgentsOnly)?;
        self.count(ChatLimit::Join(speaker.owner())).await?;
        self.0.app.chat.touch_agents(&[agent.customer().id()]).await?;
        peer.set_desk(true);
        peer.socket.join("agents");
        self.tell_availability().await;
        Ok(())
    }

    async fn count(&self, limit: ChatLimit<'_>) -> Result<(), Refusal> {
        match chat_limit(&self.0.app, limit).await {
            Verdict::Allowed => Ok(()),
            Verdict::RetryAfter(_) => Err(Code::RateLimited.into()),
        }
    }
}

// What the one who speaks is called in this conversation.
fn called<'a>(conversation: &'a Conversation, side: Side, speaker: &'a Speaker) -> &'a str {
    match side {
        Side::Customer => &conversation.display_name,
        Side::Support => speaker.name().unwrap_or_default(),
    }
}
