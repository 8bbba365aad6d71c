//! Joining and leaving conversations, and what is sent into them.

use std::sync::{Arc, atomic::Ordering};

use serde_json::{json, value::RawValue};

use super::{
    Realtime,
    peer::Peer,
    refusal::{Code, Refusal},
    rooms::{Inside, Place, Room, is_full},
    wire::{self, Joined},
};
use crate::{
    domain::{
        accounts::Owner,
        chat::{Change, Conversation, MOST_AT_ONCE, Message, Side, State, Which},
    },
    infra::metrics::METRICS,
    types::{ConversationId, ConversationToken},
};

// As many changes as the domain gives at once.
const CHANGES_AT_ONCE: usize = 500;

/// What one who joins knows already.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// The last message.
    pub after: Option<i64>,
    /// The last change.
    pub changes_after: Option<i64>,
}

impl Realtime {
    /// The room of a person.
    pub(super) fn room_of(&self, owner: Owner) -> String {
        match owner {
            Owner::Customer(user) => format!("u:{user}"),
            Owner::Visitor(visitor) => format!("v:{visitor}"),
        }
    }

    /// Lets a socket into a conversation and tells it what it does not know, with nothing said twice or in between.
    ///
    /// # Errors
    /// The database failed, or the socket is in too many.
    pub(super) async fn enter(
        &self,
        peer: &Arc<Peer>,
        of: &Conversation,
        side: Side,
        username: &str,
        known: Known,
    ) -> Result<(), Refusal> {
        if !peer.note_joined(&of.token, of.id) {
            return Err(Code::RateLimited.into());
        }
        loop {
            let room = self.0.rooms.get_or_open(of);
            let mut inside = room.inside.lock().await;
            if inside.is_closed {
                continue;
            }
            let was_in = inside.has(peer.sid());
            let told = self.tell_joined(peer, of, &room, &mut inside, (side, username), known).await;
            if told.is_err() {
                self.0.rooms.close(&room, &mut inside);
                peer.note_left(&of.token);
                return told;
            }
            drop(inside);
            if !was_in {
                self.announce(peer, of, side, username).await;
            }
            // Closed while it joined: nobody would let it out again.
            if peer.gone.is_cancelled() {
                self.leave_rooms(peer).await;
            }
            return Ok(());
        }
    }

    async fn tell_joined(
        &self,
        peer: &Arc<Peer>,
        of: &Conversation,
        room: &Room,
        inside: &mut Inside,
        (side, username): (Side, &str),
        known: Known,
    ) -> Result<(), Refusal> {
        let chat = &self.0.app.chat;
        // First those who are in it, so that what is read next is new to nobody but the one who joins.
        self.send_missing(room, inside).await?;
        let which = known.after.map_or(Which::Latest, Which::After);
        let messages = chat.messages(of, which).await?;
        let last_id = messages.last().map_or(known.after.unwrap_or(0).min(of.last_seq), |message| message.seq);
        let more = known.after.is_some() && messages.len() >= usize::try_from(MOST_AT_ONCE).unwrap_or(usize::MAX);
        let changes = match side {
            Side::Support => Some(chat.changes(of, known.changes_after.unwrap_or(0)).await?),
            Side::Customer => None,
        };
        for message in messages.iter().filter(|message| room.messages.place(message.seq) == Place::Next) {
            self.send_message(room, inside, message);
        }
        let state = State { last_seq: of.last_seq.max(last_id), ..of.state() };
        let joined = Joined {
            session_id: of.token.as_str(),
            username,
            messages: messages.iter().map(|message| wire::message(&self.0.app, message)).collect(),
            last_id,
            state: wire::state(&state),
            more,
            changes: changes.as_ref().map(|changes| changes.iter().map(wire::change).collect()),
        };
        if !peer.emit("chat_joined", &joined) {
            return Err(Code::Unavailable.into());
        }
        if known.after.is_some() && !messages.is_empty() {
            METRICS.count_chat("caught_up", "join");
        }
        if more {
            room.has_late.store(true, Ordering::Release);
        }
        inside.enter(peer.socket.clone(), side, more.then_some(last_id));
        let mut rooms = vec![format!("c:{}", of.token)];
        rooms.push(if side == Side::Support { format!("a:{}", of.token) } else { format!("p:{}", of.token) });
        peer.socket.join(rooms);
        Ok(())
    }

    // To the others, on all servers.
    async fn announce(&self, peer: &Peer, of: &Conversation, side: Side, username: &str) {
        let payload = json!({
            "session_id": of.token, "username": username, "is_support": side == Side::Support,
            "message": format!("{username} is here"),
        });
        let _ = peer.socket.to(format!("c:{}", of.token)).emit("user_joined", &payload).await;
        if side == Side::Customer {
            self.tell_presence(&of.token, true, None).await;
        }
    }

    /// Lets a socket out of a conversation; whether it was in it.
    pub(super) async fn leave(&self, peer: &Arc<Peer>, token: &ConversationToken) -> bool {
        let Some(id) = peer.note_left(token) else { return false };
        self.leave_room(peer, token, id).await;
        true
    }

    /// Lets a socket out of all.
    pub(super) async fn leave_rooms(&self, peer: &Arc<Peer>) {
        for (token, id) in peer.leave_all() {
            self.leave_room(peer, &token, id).await;
        }
    }

    async fn leave_room(&self, peer: &Arc<Peer>, token: &ConversationToken, id: ConversationId) {
        peer.socket.leave(vec![format!("c:{token}"), format!("a:{token}"), format!("p:{token}")]);
        let Some(room) = self.0.rooms.get(id) else { return };
        let mut inside = room.inside.lock().await;
        let side = inside.leave(peer.sid());
        let was_last_customer = side == Some(Side::Customer) && !inside.has_customer();
        self.0.rooms.close(&room, &mut inside);
        drop(inside);
        if was_last_customer {
            self.watch_absence(room);
        }
    }

    /// A message was committed somewhere.
    pub(super) fn said(&self, conversation: ConversationId, message: &Message) {
        let Some(room) = self.0.rooms.get(conversation) else { return };
        if let Ok(mut inside) = room.inside.try_lock() {
            match room.messages.place(message.seq) {
                Place::Old => return,
                Place::Next => return self.send_message(&room, &mut inside, message),
                Place::Gap => {}
            }
        }
        self.catch_up_soon(&room, "gap");
    }

    /// A change was committed somewhere.
    pub(super) fn changed(&self, conversation: ConversationId, change: &Change) {
        let Some(room) = self.0.rooms.get(conversation) else { return };
        if let Ok(inside) = room.inside.try_lock() {
            match room.changes.place(change.n) {
                Place::Old => return,
                Place::Next => return self.send_change(&room, &inside, change),
                Place::Gap => {}
            }
        }
        self.catch_up_soon(&room, "gap");
    }

    /// How a conversation stands, to all who are in it.
    pub(super) async fn send_state(&self, conversation: ConversationId, state: &State) {
        let Some(room) = self.0.rooms.get(conversation) else { return };
        let Some(payload) = wire::raw(&json!({ "state": wire::state(state) })) else { return };
        room.inside.lock().await.emit("conversation_state", &payload, None);
    }

    /// Reads what is missing, unless somebody is about to.
    pub(super) fn catch_up_soon(&self, room: &Arc<Room>, why: &'static str) {
        if room.catching_up.swap(true, Ordering::AcqRel) {
            return;
        }
        METRICS.count_chat("caught_up", why);
        let (realtime, room) = (self.clone(), room.clone());
        tokio::spawn(async move {
            let mut inside = room.inside.lock().await;
            // Before it reads: whatever comes from here on asks again.
            room.catching_up.store(false, Ordering::Release);
            if let Err(error) = realtime.send_missing(&room, &mut inside).await {
                tracing::warn!(%error, "what a conversation lacks cannot be read; trying again");
            }
        });
    }

    // Everything between what was sent and what is stored.
    async fn send_missing(&self, room: &Room, inside: &mut Inside) -> Result<(), sqlx::Error> {
        if inside.is_empty() {
            return Ok(());
        }
        let chat = &self.0.app.chat;
        loop {
            let messages = chat.messages_of(room.id, &room.token, room.messages.last()).await?;
            for message in &messages {
                self.send_message(room, inside, message);
            }
            if messages.len() < usize::try_from(MOST_AT_ONCE).unwrap_or(usize::MAX) {
                break;
            }
        }
        loop {
            let changes = chat.changes_of(room.id, room.changes.last()).await?;
            for change in &changes {
                self.send_change(room, inside, change);
            }
            if changes.len() < CHANGES_AT_ONCE {
                return Ok(());
            }
        }
    }

    fn send_message(&self, room: &Room, inside: &mut Inside, message: &Message) {
        if let Some(payload) = self.message_payload(message)
            && inside.emit_message(message.seq, &payload)
        {
            METRICS.count_chat("late", "full");
            room.has_late.store(true, Ordering::Release);
        }
        room.messages.set(message.seq);
    }

    fn send_change(&self, room: &Room, inside: &Inside, change: &Change) {
        if let Some(payload) = wire::raw(&json!({ "session_id": room.token, "change": wire::change(change) })) {
            inside.emit("conversation_change", &payload, Some(Side::Support));
        }
        room.changes.set(change.n);
    }

    fn message_payload(&self, message: &Message) -> Option<Box<RawValue>> {
        wire::raw(&wire::NewMessage { message: wire::message(&self.0.app, message) })
    }

    /// Sends on to those who could not take all they were sent, from where they stopped.
    pub(super) async fn serve_late(&self, room: &Room) -> Result<(), sqlx::Error> {
        let mut inside = room.inside.lock().await;
        room.has_late.store(false, Ordering::Release);
        for (socket, mut sent) in inside.late() {
            let mut is_late = true;
            'reading: while sent < room.messages.last() {
                let messages = self.0.app.chat.messages_of(room.id, &room.token, sent).await?;
                if messages.is_empty() {
                    break;
                }
                for message in messages.iter().filter(|message| message.seq <= room.messages.last()) {
                    let Some(payload) = self.message_payload(message) else { continue };
                    if is_full(socket.emit("new_message", &payload)) {
                        break 'reading;
                    }
                    sent = message.seq;
                }
            }
            if sent >= room.messages.last() {
                is_late = false;
            }
            inside.set_late(socket.id, is_late.then_some(sent));
            if is_late {
                room.has_late.store(true, Ordering::Release);
            }
        }
        Ok(())
    }
}
