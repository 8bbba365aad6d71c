//! One open socket, and those that are open on this server.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use serde::Serialize;
use socketioxide::{
    extract::{AckSender, SocketRef},
    socket::Sid,
};
use tokio_util::sync::CancellationToken;

use super::{
    driver::Adapter,
    networks::Place,
    payload::Asked,
    refusal::{Ack, Code, Refusal},
};
use crate::{
    domain::{
        accounts::{Owner, Role},
        chat::Speaker,
    },
    infra::metrics::METRICS,
    types::{ConversationId, ConversationToken, SessionId, UserId},
};

/// How many events of one socket may wait; more is a flood.
pub const MOST_WAITING: usize = 256;
/// How many conversations one socket may be in.
pub const MOST_JOINED: usize = 200;
// Beside messages and joins, which all servers count together: marks, typing, viewing.
const SMALL_EVENTS_A_SECOND: u32 = 30;
// So many refusals in a minute, and the socket is closed.
const MOST_STRIKES: u32 = 40;

/// Who a socket is, by the cookies of its handshake.
#[derive(Clone, Debug)]
pub struct Handshake {
    /// Who takes part.
    pub speaker: Speaker,
    /// The sign-in that proves it, if there is one.
    pub session: Option<SessionId>,
    /// What the person may do.
    pub roles: Vec<Role>,
    /// The network address.
    pub ip: String,
    /// Its place among the sockets of that address, held for as long as anything of the socket is.
    pub _place: Arc<Place>,
}

/// An event that waits for its turn.
#[derive(Debug)]
pub struct Waiting {
    /// Its name.
    pub event: &'static str,
    /// What it asks for.
    pub asked: Result<Asked, Refusal>,
    /// Where its answer goes.
    pub ack: Answer,
}

/// Where an event's answer goes.
pub struct Answer(pub AckSender<Adapter>);

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Answer")
    }
}

/// One open socket.
#[derive(Debug)]
pub struct Peer {
    /// The socket.
    pub socket: SocketRef<Adapter>,
    /// Who it is.
    pub handshake: Handshake,
    /// Cancelled when it is closed.
    pub gone: CancellationToken,
    desk: AtomicBool,
    speaker: RwLock<(Speaker, Instant)>,
    joined: Mutex<HashMap<ConversationToken, ConversationId>>,
    strikes: Mutex<Counter>,
    small: Mutex<Counter>,
}

#[derive(Debug)]
struct Counter {
    since: Instant,
    count: u32,
}

impl Counter {
    fn new() -> Self {
        Self { since: Instant::now(), count: 0 }
    }

    fn add(&mut self, window: Duration) -> u32 {
        if self.since.elapsed() > window {
            *self = Self::new();
        }
        self.count += 1;
        self.count
    }
}

impl Peer {
    /// A socket that was just opened.
    pub fn new(socket: SocketRef<Adapter>, handshake: Handshake) -> Self {
        let speaker = RwLock::new((handshake.speaker.clone(), Instant::now()));
        Self {
            socket,
            handshake,
            gone: CancellationToken::new(),
            desk: AtomicBool::new(false),
            speaker,
            joined: Mutex::default(),
            strikes: Mutex::new(Counter::new()),
            small: Mutex::new(Counter::new()),
        }
    }

    /// Its id.
    pub fn sid(&self) -> Sid {
        self.socket.id
    }

    /// Whose conversations are theirs.
    pub const fn owner(&self) -> Owner {
        self.handshake.speaker.owner()
    }

    /// Who speaks, unless that was proven longer ago than `freshness`.
    pub fn speaker_within(&self, freshness: Duration) -> Option<Speaker> {
        let speaker = self.speaker.read().unwrap_or_else(PoisonError::into_inner);
        (speaker.1.elapsed() < freshness).then(|| speaker.0.clone())
    }

    /// Who speaks was proven now.
    pub fn proven(&self, speaker: Speaker) {
        *self.speaker.write().unwrap_or_else(PoisonError::into_inner) = (speaker, Instant::now());
    }

    /// Sends an event; whether it could be sent.
    pub fn emit<T: Serialize + ?Sized>(&self, event: &str, payload: &T) -> bool {
        self.socket.emit(event, payload).is_ok()
    }

    /// Answers an event that was not done: by the `error` event, and to whoever asked for an answer. Too many of them close the socket.
    pub fn refuse(&self, event: &str, refusal: &Refusal, ack: Option<Answer>) {
        METRICS.count_chat("refused", refusal.code.id());
        let event: String = event.chars().take(64).collect();
        self.emit("error", &refusal.event(Some(&event)));
        if let Some(Answer(ack)) = ack {
            let _ = ack.send(&refusal.ack());
        }
        // What is away on our side is no fault of the client's.
        if refusal.code == Code::Unavailable {
            return;
        }
        if self.strikes.lock().unwrap_or_else(PoisonError::into_inner).add(Duration::from_secs(60)) > MOST_STRIKES {
            METRICS.count_chat("closed", "flood");
            self.close(&Code::RateLimited.into());
        }
    }

    /// Says why and closes the socket.
    pub fn close(&self, why: &Refusal) {
        if self.gone.is_cancelled() {
            return;
        }
        self.gone.cancel();
        self.emit("error", &why.event(None));
        // From here on nothing reaches it, even if what waits for it leaves no room for the last packet.
        self.socket.leave_all();
        if self.socket.clone().disconnect().is_err() {
            let socket = self.socket.clone();
            tokio::spawn(async move {
                for _ in 0..60 {
                    tokio::time::sleep(Duration::from_secs(1)).await;
                    if socket.clone().disconnect().is_ok() {
                        return;
                    }
                }
            });
        }
    }

    /// Whether another small event may be served.
    pub fn may_fidget(&self) -> bool {
        let mut small = self.small.lock().unwrap_or_else(PoisonError::into_inner);
        small.add(Duration::from_secs(1)) <= SMALL_EVENTS_A_SECOND
    }

    /// Notes that a conversation was joined; false with too many of them.
    pub fn note_joined(&self, token: &ConversationToken, id: ConversationId) -> bool {
        let mut joined = self.joined.lock().unwrap_or_else(PoisonError::into_inner);
        if joined.len() >= MOST_JOINED && !joined.contains_key(token) {
            return false;
        }
        joined.insert(token.clone(), id);
        true
    }

    /// Whether a conversation was joined.
    pub fn has_joined(&self, token: &ConversationToken) -> bool {
        self.joined.lock().unwrap_or_else(PoisonError::into_inner).contains_key(token)
    }

    /// Notes that a conversation was left; which one it is.
    pub fn note_left(&self, token: &ConversationToken) -> Option<ConversationId> {
        self.joined.lock().unwrap_or_else(PoisonError::into_inner).remove(token)
    }

    /// Leaves all; which they were.
    pub fn leave_all(&self) -> Vec<(ConversationToken, ConversationId)> {
        self.joined.lock().unwrap_or_else(PoisonError::into_inner).drain().collect()
    }

    /// Whether its desk is open.
    pub fn set_desk(&self, open: bool) {
        self.desk.store(open, Ordering::Release);
    }
}

impl Answer {
    /// It was done.
    pub fn done(self, id: Option<i64>) {
        let _ = self.0.send(&Ack::done(id));
    }
}

/// The sockets that are open on this server, by person.
#[derive(Debug, Default)]
pub struct People(Mutex<HashMap<Owner, HashMap<Sid, Arc<Peer>>>>);

impl People {
    /// One more; false if the person has as many as they may.
    pub fn add(&self, peer: &Arc<Peer>, most: u32) -> bool {
        let mut people = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let theirs = people.entry(peer.owner()).or_default();
        if theirs.len() >= most as usize {
            return false;
        }
        if theirs.insert(peer.sid(), peer.clone()).is_none() {
            METRICS.sockets.inc();
        }
        true
    }

    /// One fewer.
    pub fn remove(&self, peer: &Peer) {
        let mut people = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(theirs) = people.get_mut(&peer.owner()) else { return };
        if theirs.remove(&peer.sid()).is_some() {
            METRICS.sockets.dec();
        }
        if theirs.is_empty() {
            people.remove(&peer.owner());
        }
    }

    /// The sockets of a person.
    pub fn of(&self, owner: Owner) -> Vec<Arc<Peer>> {
        let people = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        people.get(&owner).map(|theirs| theirs.values().cloned().collect()).unwrap_or_default()
    }

    /// All sockets.
    pub fn all(&self) -> Vec<Arc<Peer>> {
        let people = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        people.values().flat_map(HashMap::values).cloned().collect()
    }

    /// Agents whose desks are open.
    pub fn at_desks(&self) -> Vec<UserId> {
        let people = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let open = people.iter().filter(|(_, theirs)| theirs.values().any(|peer| peer.desk.load(Ordering::Acquire)));
        let users = open.filter_map(|(owner, _)| match owner {
            Owner::Customer(user) => Some(*user),
            Owner::Visitor(_) => None,
        });
        users.collect::<HashSet<_>>().into_iter().collect()
    }
}
