//! The conversations that sockets of this server are in, and the order in which they hear of them: messages go out one after the other
//! without a gap, whichever way and in whichever order this server learns of them. What is missing between two is read from the database.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
};

use serde_json::value::RawValue;
use socketioxide::{SendError, SocketError, extract::SocketRef, socket::Sid};

use super::driver::Adapter;
use crate::{
    domain::chat::{Conversation, Side},
    types::{ConversationId, ConversationToken},
};

/// What a number is, after those that were sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// The next one.
    Next,
    /// There are others before it.
    Gap,
    /// It was sent before.
    Old,
}

/// How far a conversation was sent to the sockets of this server.
#[derive(Debug, Default)]
pub struct Sequence(AtomicI64);

impl Sequence {
    /// The last number that was sent.
    pub fn last(&self) -> i64 {
        self.0.load(Ordering::Acquire)
    }

    /// What a number is.
    pub fn place(&self, number: i64) -> Place {
        match number.cmp(&(self.last() + 1)) {
            std::cmp::Ordering::Less => Place::Old,
            std::cmp::Ordering::Equal => Place::Next,
            std::cmp::Ordering::Greater => Place::Gap,
        }
    }

    /// It was sent up to here.
    pub fn set(&self, number: i64) {
        self.0.store(number, Ordering::Release);
    }
}

/// A conversation with sockets on this server.
#[derive(Debug)]
pub struct Room {
    /// Which conversation.
    pub id: ConversationId,
    /// Its token.
    pub token: ConversationToken,
    /// Messages that were sent.
    pub messages: Sequence,
    /// Changes that were sent to agents.
    pub changes: Sequence,
    /// Who is in it. Held while something is sent, so that everybody hears everything in one order.
    pub inside: tokio::sync::Mutex<Inside>,
    /// Whether somebody is about to read what is missing.
    pub catching_up: AtomicBool,
    /// Whether a socket could not take all it was sent.
    pub has_late: AtomicBool,
}

/// Who is in a room.
#[derive(Debug, Default)]
pub struct Inside {
    /// Nobody, and nobody may come in: it is no longer among the rooms.
    pub is_closed: bool,
    members: HashMap<Sid, Member>,
}

#[derive(Debug)]
struct Member {
    socket: SocketRef<Adapter>,
    side: Side,
    // Up to where it was sent messages, if it could not take all of them.
    late: Option<i64>,
}

/// A socket that could not take all it was sent, and up to where it could.
pub type Late = (SocketRef<Adapter>, i64);

impl Inside {
    /// Lets a socket in, which was sent messages up to `late` only, if that is given.
    pub fn enter(&mut self, socket: SocketRef<Adapter>, side: Side, late: Option<i64>) {
        self.members.insert(socket.id, Member { socket, side, late });
    }

    /// Whether a socket is in it.
    pub fn has(&self, sid: Sid) -> bool {
        self.members.contains_key(&sid)
    }

    /// Lets a socket out; on which side it was.
    pub fn leave(&mut self, sid: Sid) -> Option<Side> {
        self.members.remove(&sid).map(|member| member.side)
    }

    /// Whether nobody is in it.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Whether a socket of the customer is in it.
    pub fn has_customer(&self) -> bool {
        self.members.values().any(|member| member.side == Side::Customer)
    }

    /// Sends to everybody, or to one side; what cannot be taken is lost.
    pub fn emit(&self, event: &str, payload: &RawValue, to: Option<Side>) {
        for member in self.members.values().filter(|member| to.is_none_or(|side| member.side == side)) {
            let _ = member.socket.emit(event, payload);
        }
    }

    /// Sends a message to everybody who was sent all before it; whether somebody could not take it.
    pub fn emit_message(&mut self, number: i64, payload: &RawValue) -> bool {
        let mut some_late = false;
        for member in self.members.values_mut().filter(|member| member.late.is_none()) {
            if is_full(member.socket.emit("new_message", payload)) {
                member.late = Some(number - 1);
                some_late = true;
            }
        }
        some_late
    }

    /// The sockets that could not take all they were sent.
    pub fn late(&self) -> Vec<Late> {
        let late = self.members.values().filter_map(|member| Some((member.socket.clone(), member.late?)));
        late.collect()
    }

    /// Up to where a socket was sent messages now; `None`: all.
    pub fn set_late(&mut self, sid: Sid, late: Option<i64>) {
        if let Some(member) = self.members.get_mut(&sid) {
            member.late = late;
        }
    }
}

/// Whether what waits for a socket leaves no room for more.
pub fn is_full(sent: Result<(), SendError>) -> bool {
    matches!(sent, Err(SendError::Socket(SocketError::InternalChannelFull)))
}

/// All rooms of this server.
#[derive(Debug, Default)]
pub struct Rooms(Mutex<HashMap<ConversationId, Arc<Room>>>);

impl Rooms {
    /// The room of a conversation, if a socket of this server is in it.
    pub fn get(&self, id: ConversationId) -> Option<Arc<Room>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }

    /// The same, opened if need be. What it was sent counts from where the conversation stands.
    pub fn get_or_open(&self, of: &Conversation) -> Arc<Room> {
        let mut rooms = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let open = || {
            let room = Room {
                id: of.id,
                token: of.token.clone(),
                messages: Sequence::default(),
                changes: Sequence::default(),
                inside: tokio::sync::Mutex::default(),
                catching_up: AtomicBool::new(false),
                has_late: AtomicBool::new(false),
            };
            room.messages.set(of.last_seq);
            room.changes.set(of.last_change);
            Arc::new(room)
        };
        rooms.entry(of.id).or_insert_with(open).clone()
    }

    /// Takes a room away that nobody is in.
    pub fn close(&self, room: &Room, inside: &mut Inside) {
        if inside.is_empty() && !inside.is_closed {
            inside.is_closed = true;
            self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&room.id);
        }
    }

    /// All rooms.
    pub fn all(&self) -> Vec<Arc<Room>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_the_next_one_or_old_or_leaves_a_gap() {
        let sequence = Sequence::default();
        sequence.set(7);
        assert_eq!(sequence.place(8), Place::Next);
        assert_eq!((sequence.place(7), sequence.place(1)), (Place::Old, Place::Old));
        assert_eq!(sequence.place(9), Place::Gap);
        sequence.set(8);
        assert_eq!((sequence.place(8), sequence.place(9)), (Place::Old, Place::Next));
    }
}
