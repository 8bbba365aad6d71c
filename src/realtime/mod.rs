//! Live support over sockets: who connects is known by the handshake's cookies, what is said is stored before anyone hears of it, and
//! each conversation reaches each socket in one order, without gaps, whichever server said it.

mod driver;
mod events;
mod handshake;
mod hub;
mod networks;
mod payload;
mod peer;
mod presence;
mod refusal;
mod rights;
mod room_service;
mod rooms;
mod saying;
mod wire;

use std::{
    fmt,
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use anyhow::Context;
use axum::{Router, middleware::from_fn_with_state};
use serde_json::{Value, json};
use socketioxide::{
    ParserConfig, SocketIo, SocketIoBuilder,
    extract::{AckSender, Event, MaybeHttpExtension, SocketRef, TryData},
    handler::ConnectHandler,
    socket::DisconnectReason,
};
use socketioxide_redis::{RedisAdapterConfig, RedisAdapterCtr};
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio_util::sync::CancellationToken;

use self::{
    driver::{Adapter, RedisDriver},
    networks::Networks,
    peer::{Answer, Handshake, MOST_WAITING, Peer, People, Waiting},
    refusal::Code,
    rooms::Rooms,
};
use crate::{
    domain::chat::ChatEvent,
    infra::{
        broadcast::Broadcast,
        metrics::METRICS,
        notices::{self, Listening},
        pubsub::PubSub,
    },
    request::App,
};

/// The path of the sockets, without the last slash.
pub const PATH: &str = "/socket.io";
/// The channel on which processes tell each other what was said.
pub const CHANNEL: &str = "chat";

// The largest packet: eight times a message, for one that is all escapes.
const MOST_BYTES: usize = 64 * 1024;
// A message is seldom longer; each idle socket holds so much, and more is read in several steps.
const READ_BYTES: usize = 1024;
// Clients that are told to leave do so within this time, each at a moment of its own.
const LEAVING: Duration = Duration::from_millis(1_000);

/// The sockets of this server; cheap to clone.
#[derive(Clone)]
pub struct Realtime(Arc<Inner>);

struct Inner {
    app: App,
    io: SocketIo<Adapter>,
    rooms: Rooms,
    people: People,
    networks: Arc<Networks>,
    broadcast: Broadcast<ChatEvent>,
    rights: Listening,
    somebody_there: AtomicBool,
    closing: CancellationToken,
}

impl Realtime {
    /// Opens the sockets of a server. `told` is what this process itself commits.
    ///
    /// # Errors
    /// The namespace could not be opened.
    pub async fn open(app: &App, pubsub: &PubSub, told: Receiver<ChatEvent>) -> anyhow::Result<(Self, Router<App>)> {
        let (broadcast, heard) = Broadcast::join(pubsub, CHANNEL);
        let (rights, notices) = notices::listen(app.config.database.url.clone(), "rights");
        let prefix = pubsub.channel("sockets");
        let adapter = RedisAdapterConfig::new().with_prefix(prefix).with_request_timeout(Duration::from_secs(1));
        let adapter = RedisAdapterCtr::new_with_driver(RedisDriver(pubsub.clone()), adapter);
        let parser = ParserConfig::common().max_incoming_binaries(4).max_incoming_binary_buf_size(MOST_BYTES);
        let (service, io) = SocketIoBuilder::new()
            .req_path(PATH)
            .max_payload(MOST_BYTES as u64)
            .ws_max_message_size(MOST_BYTES)
            .ws_max_frame_size(MOST_BYTES)
            .ws_read_buffer_size(READ_BYTES)
            .ping_interval(Duration::from_secs(20))
            .ping_timeout(Duration::from_secs(15))
            .connect_timeout(Duration::from_secs(10))
            .with_parser(parser)
            .with_adapter::<Adapter>(adapter)
            .build_svc();
        let realtime = Self(Arc::new(Inner {
            app: app.clone(),
            io: io.clone(),
            rooms: Rooms::default(),
            people: People::default(),
            networks: Arc::default(),
            broadcast,
            rights,
            somebody_there: AtomicBool::new(false),
            closing: CancellationToken::new(),
        }));
        let (registering, connecting) = (realtime.clone(), realtime.clone());
        // Handlers are there before the client hears that it is connected: its first event finds them.
        let connected = move |socket: SocketRef<Adapter>, MaybeHttpExtension(handshake)| {
            connecting.connected(&socket, handshake);
            async {}
        };
        let prepared = async move |socket: SocketRef<Adapter>| {
            registering.prepare(&socket);
            Ok::<(), std::convert::Infallible>(())
        };
        io.ns("/", connected.with(prepared)).await.context("the sockets cannot be opened")?;
        realtime.start(told, heard, notices);
        let router = Router::new().fallback_service(service);
        Ok((realtime.clone(), router.layer(from_fn_with_state(realtime, handshake::layer))))
    }

    /// Whether what other servers tell is heard.
    #[must_use]
    pub fn is_hearing(&self) -> bool {
        self.0.broadcast.is_hearing() && self.0.rights.is_now()
    }

    /// Tells every client to go to another server, gives them a moment, and closes what is left. To be called once nobody new can come.
    pub async fn close(&self) {
        let peers = self.0.people.all();
        tracing::info!(sockets = peers.len(), "sockets are asked to move to another server");
        let payload = json!({ "after_ms": u64::try_from(LEAVING.as_millis()).unwrap_or(u64::MAX) });
        for peer in &peers {
            peer.emit("server_leaving", &payload);
        }
        let moved = async {
            while !self.0.people.all().is_empty() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        // Those that did not understand see their connection end, which every client understands.
        let _ = tokio::time::timeout(LEAVING + Duration::from_millis(500), moved).await;
        self.0.closing.cancel();
        self.0.io.close().await;
        // Closing calls no handlers.
        for peer in self.0.people.all() {
            peer.gone.cancel();
            self.0.people.remove(&peer);
        }
    }

    // What a client sends is read at once and then waits for its turn: events of one socket are served in the order in which they came.
    fn prepare(&self, socket: &SocketRef<Adapter>) {
        // Boxed, since a channel has room for 32 from the start.
        let (queue, waiting) = mpsc::channel::<Box<Waiting>>(MOST_WAITING);
        socket.extensions.insert(Queue(Arc::new(std::sync::Mutex::new(Some(waiting)))));
        let realtime = self.clone();
        // One handler for all events: each of them would be held by each socket.
        let heard =
            move |socket: SocketRef<Adapter>, Event(name), TryData(payload): TryData<Value>, ack: AckSender<_>| {
                realtime.heard(&socket, &queue, &name, payload.ok(), ack);
                async {}
            };
        socket.on_fallback(heard);
        let realtime = self.clone();
        socket.on_disconnect(async move |socket: SocketRef<Adapter>, reason: DisconnectReason| {
            METRICS.count_chat("disconnected", word_of(reason));
            realtime.disconnected(&socket).await;
        });
    }

    fn heard(
        &self,
        socket: &SocketRef<Adapter>,
        queue: &Sender<Box<Waiting>>,
        name: &str,
        payload: Option<Value>,
        ack: AckSender<Adapter>,
    ) {
        let Some(event) = payload::EVENTS.into_iter().find(|event| *event == name) else {
            return self.refuse(socket, name, Code::UnknownEvent);
        };
        // No payload at all looks the same as one that cannot be read.
        let asked = payload::read(event, &payload.unwrap_or_default());
        if queue.try_send(Box::new(Waiting { event, asked, ack: Answer(ack) })).is_err() {
            self.refuse(socket, event, Code::RateLimited);
        }
    }

    fn connected(&self, socket: &SocketRef<Adapter>, handshake: Option<Handshake>) {
        let (Some(handshake), Some(Queue(queue))) = (handshake, socket.extensions.remove::<Queue>()) else {
            tracing::error!("a socket came without a handshake");
            let _ = socket.clone().disconnect();
            return;
        };
        let Some(waiting) = queue.lock().ok().and_then(|mut queue| queue.take()) else { return };
        let peer = Arc::new(Peer::new(socket.clone(), handshake));
        if !self.0.people.add(&peer, self.0.app.config.limits.chat_sockets) {
            METRICS.count_chat("refused", Code::TooManySockets.id());
            peer.close(&Code::TooManySockets.into());
            return;
        }
        socket.extensions.insert(peer.clone());
        socket.join(self.room_of(peer.owner()));
        let server = &self.0.app.config.server.name;
        peer.emit("connection_response", &json!({ "status": "connected", "sid": peer.sid(), "server": server }));
        METRICS.count_chat("connected", if peer.handshake.session.is_some() { "account" } else { "visitor" });
        tokio::spawn(self.clone().serve(peer, waiting));
    }

    async fn disconnected(&self, socket: &SocketRef<Adapter>) {
        // Taken out: the peer holds its socket and the socket its peer, and neither would ever leave memory.
        if let Some(peer) = socket.extensions.remove::<Arc<Peer>>() {
            peer.gone.cancel();
            self.0.people.remove(&peer);
            self.leave_rooms(&peer).await;
        }
    }

    fn refuse(&self, socket: &SocketRef<Adapter>, event: &str, code: Code) {
        if let Some(peer) = socket.extensions.get::<Arc<Peer>>() {
            peer.refuse(event, &code.into(), None);
        }
    }
}

// For the metrics. What is too large or no packet at all is `malformed` by polling; a WebSocket's error is `broken`, whatever broke it.
const fn word_of(reason: DisconnectReason) -> &'static str {
    match reason {
        DisconnectReason::TransportClose => "closed",
        DisconnectReason::MultipleHttpPollingError => "two_polls",
        DisconnectReason::PacketParsingError => "malformed",
        DisconnectReason::TransportError => "broken",
        DisconnectReason::HeartbeatTimeout => "silent",
        DisconnectReason::ClientNSDisconnect => "left",
        DisconnectReason::ServerNSDisconnect => "put_out",
        DisconnectReason::ClosingServer => "closing",
    }
}

// Taken by the one who serves it.
#[derive(Clone)]
struct Queue(Arc<std::sync::Mutex<Option<Receiver<Box<Waiting>>>>>);

impl fmt::Debug for Realtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Realtime").finish_non_exhaustive()
    }
}
