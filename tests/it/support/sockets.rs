//! Servers with sockets on one database and one Redis, and clients that speak Socket.IO over a WebSocket.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use ecommerce::{
    cli,
    infra::{
        metrics::{ChatLabels, METRICS},
        pubsub::PubSub,
        rate_limit::RateLimiter,
        redis::Redis,
    },
    realtime::Realtime,
};
use futures_util::{SinkExt, StreamExt, stream::SplitSink};
use serde_json::{Value, json};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Notify,
};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{self, Message, client::IntoClientRequest},
};
use tower_sessions::MemoryStore;

use super::{
    Browser, TestDb,
    shop::{defaults, telling_app},
};

/// How long anything may take that a test waits for.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// Servers of one shop.
pub struct Servers {
    pub database: TestDb,
    pub servers: Vec<Server>,
}

/// One of them.
pub struct Server {
    pub realtime: Realtime,
    pub address: SocketAddr,
    router: axum::Router,
}

impl Servers {
    /// So many, with limits out of the way.
    pub async fn start(count: usize) -> Self {
        Self::with(count, &[], &redis_url()).await
    }

    /// So many, with environment variables of their own, on a Redis that may be a proxy's.
    pub async fn with(count: usize, variables: &[(&str, &str)], redis: &str) -> Self {
        let database = TestDb::new().await;
        let mut all = defaults(&database);
        // The sockets listen with an address of their own.
        all.extend([("REDIS_URL".to_owned(), redis.to_owned())]);
        all.extend(variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let (sessions, prefix) = (MemoryStore::default(), uuid::Uuid::new_v4().simple().to_string());
        let mut servers = Vec::new();
        for n in 1..=count {
            all.insert("SERVER_NAME".to_owned(), format!("Server-{n}"));
            servers.push(server(&database, &all, &sessions, redis, &prefix).await);
        }
        for server in &servers {
            until("servers hear each other", || server.realtime.is_hearing()).await;
        }
        Self { database, servers }
    }

    /// A browser at the first server that has an account, with these roles.
    pub async fn person(&self, name: &str, roles: &[&str]) -> Browser {
        let mut browser = Browser::at(self.servers[0].router.clone());
        let fields = json!({"username": name, "email": format!("{name}@example.com"), "password": "correct horse 7"});
        let answer = browser.json(axum::http::Method::POST, "/auth/register", fields).await;
        assert!(answer.status.is_success(), "{}", answer.body);
        for role in roles {
            self.set_role(name, role, true).await;
        }
        browser
    }

    /// Gives or takes a role.
    pub async fn set_role(&self, name: &str, role: &str, has: bool) {
        let statement = if has {
            "INSERT INTO user_roles (user_id, role) SELECT id, $2 FROM users WHERE username = $1 ON CONFLICT DO NOTHING"
        } else {
            "DELETE FROM user_roles WHERE user_id = (SELECT id FROM users WHERE username = $1) AND role = $2"
        };
        sqlx::query(statement).bind(name).bind(role).execute(&self.database.owner).await.unwrap();
    }

    /// A socket at a server, as a visitor of its own.
    pub async fn visitor(&self, server: usize) -> Client {
        Client::open(self.servers[server].address, "").await
    }

    /// The first request of a socket by long polling, from a network address.
    pub async fn handshake(&self, server: usize, from: &str) -> reqwest::Response {
        self.polls(server, "").header("x-forwarded-for", from).send().await.unwrap()
    }

    /// A poll of a session (none: its first request).
    pub fn polls(&self, server: usize, sid: &str) -> reqwest::RequestBuilder {
        http().get(self.poll_url(server, sid)).header("host", "shop.test")
    }

    /// Packets sent by polling.
    pub async fn pushes(&self, server: usize, sid: &str, packets: String) -> reqwest::Response {
        http().post(self.poll_url(server, sid)).header("host", "shop.test").body(packets).send().await.unwrap()
    }

    fn poll_url(&self, server: usize, sid: &str) -> String {
        let session = if sid.is_empty() { String::new() } else { format!("&sid={sid}") };
        format!("http://{}/socket.io/?EIO=4&transport=polling{session}", self.servers[server].address)
    }

    /// A socket at a server, with a browser's cookies.
    pub async fn socket(&self, server: usize, browser: &Browser) -> Client {
        Client::open(self.servers[server].address, &cookies(browser)).await
    }
}

fn http() -> reqwest::Client {
    ecommerce::infra::tls::use_ring();
    reqwest::Client::new()
}

fn cookies(browser: &Browser) -> String {
    let cookie = |name: &str| browser.cookie(name).map(|value| format!("{name}={value}"));
    [cookie("session"), cookie("visitor")].into_iter().flatten().collect::<Vec<_>>().join("; ")
}

async fn server(
    database: &TestDb,
    variables: &HashMap<String, String>,
    sessions: &MemoryStore,
    redis: &str,
    prefix: &str,
) -> Server {
    let limits = Redis::open(&redis.to_owned().into(), PATIENCE).await.unwrap();
    let limiter = if variables.contains_key("SHARED_LIMITS") { limits.rate_limiter() } else { RateLimiter::local() };
    let (app, told) = telling_app(database, variables, limiter);
    let pubsub = PubSub::open(&redis.to_owned().into(), prefix, PATIENCE).await.unwrap();
    let (realtime, sockets) = Realtime::open(&app, &pubsub, told).await.unwrap();
    let router = cli::router::with_sockets(&app, sessions.clone(), sockets).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let routes = router.clone();
    tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
    Server { realtime, address, router }
}

/// The tests' Redis, whose channels every test names anew.
pub fn redis_url() -> String {
    std::env::var("TEST_REDIS_URL").expect("TEST_REDIS_URL: run deployment/test.sh, which starts a Redis for the tests")
}

/// How often something of the chat was counted in this process so far, by whichever test.
pub fn counted(what: &'static str, detail: &'static str) -> u64 {
    METRICS.chat.get_or_create(&ChatLabels { what, detail }).get()
}

/// Waits until something is true.
pub async fn until(what: &str, truth: impl Fn() -> bool) {
    let waiting = async {
        while !truth() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    assert!(tokio::time::timeout(PATIENCE, waiting).await.is_ok(), "waited in vain until {what}");
}

type Sink = SplitSink<WebSocketStream<MaybeTlsStream<TcpStream>>, Message>;

/// One socket. What arrives is kept.
pub struct Client {
    sink: Arc<tokio::sync::Mutex<Sink>>,
    heard: Arc<Heard>,
    next_ack: u64,
    /// What its handshake set and was sent.
    pub cookies: String,
}

#[derive(Default)]
struct Heard {
    events: Mutex<Vec<(String, Value)>>,
    acks: Mutex<HashMap<u64, Value>>,
    closed: Mutex<bool>,
    more: Notify,
}

impl Client {
    /// Opens one with these cookies.
    pub async fn open(address: SocketAddr, cookies: &str) -> Self {
        Self::try_open(address, cookies, None).await.unwrap()
    }

    /// The same, with an Origin; or why not.
    pub async fn try_open(address: SocketAddr, cookies: &str, origin: Option<&str>) -> tungstenite::Result<Self> {
        let address = format!("ws://{address}/socket.io/?EIO=4&transport=websocket");
        let mut request = address.into_client_request()?;
        request.headers_mut().insert("host", "shop.test".parse().unwrap());
        if !cookies.is_empty() {
            request.headers_mut().insert("cookie", cookies.parse().unwrap());
        }
        if let Some(origin) = origin {
            request.headers_mut().insert("origin", origin.parse().unwrap());
        }
        let (stream, response) = connect_async(request).await?;
        let set = response.headers().get_all("set-cookie").iter();
        let set = set.map(|line| line.to_str().unwrap().split(';').next().unwrap().to_owned());
        let cookies = [cookies.to_owned()].into_iter().chain(set).filter(|cookie| !cookie.is_empty());
        let cookies = cookies.collect::<Vec<_>>().join("; ");
        let (sink, mut stream) = stream.split();
        let (sink, heard) = (Arc::new(tokio::sync::Mutex::new(sink)), Arc::new(Heard::default()));
        let client = Self { sink: sink.clone(), heard: heard.clone(), next_ack: 1, cookies };
        tokio::spawn(async move {
            while let Some(Ok(message)) = stream.next().await {
                let Message::Text(text) = message else { continue };
                match text.as_bytes() {
                    [b'0', ..] => drop(sink.lock().await.send(Message::text("40")).await),
                    [b'2', ..] => drop(sink.lock().await.send(Message::text("3")).await),
                    _ => heard.take(&text),
                }
                heard.more.notify_waiters();
            }
            *heard.closed.lock().unwrap() = true;
            heard.more.notify_waiters();
        });
        Ok(client)
    }

    /// One that was greeted.
    pub async fn greeted(self) -> Self {
        self.hears("connection_response", |_| true).await;
        self
    }

    /// Sends whatever.
    pub async fn send_raw(&self, message: Message) {
        // A socket that was closed meanwhile takes nothing, which is what some tests are after.
        let _ = self.sink.lock().await.send(message).await;
    }

    /// Sends an event.
    pub async fn emit(&self, event: &str, payload: Value) {
        self.send_raw(Message::text(format!("42{}", json!([event, payload])))).await;
    }

    /// Sends an event and waits for its answer.
    pub async fn call(&mut self, event: &str, payload: Value) -> Value {
        let ack = self.next_ack;
        self.next_ack += 1;
        self.send_raw(Message::text(format!("42{ack}{}", json!([event, payload])))).await;
        self.answer(ack).await
    }

    /// Waits for the answer to an event that was sent with this number.
    pub async fn answer(&self, ack: u64) -> Value {
        self.until(&format!("{ack} is answered"), |heard| heard.acks.lock().unwrap().get(&ack).cloned()).await
    }

    /// Joins a conversation, or opens one; what the answer says.
    pub async fn join(&self, payload: Value) -> Value {
        let before = self.all("chat_joined").len();
        self.emit("join_chat", payload).await;
        let joined = |heard: &Heard| {
            let events = heard.events.lock().unwrap();
            events.iter().filter(|(name, _)| name == "chat_joined").nth(before).map(|(_, payload)| payload.clone())
        };
        self.until("joined", joined).await
    }

    /// Waits for an event that fits, also one that came before.
    pub async fn hears(&self, event: &str, fits: impl Fn(&Value) -> bool) -> Value {
        let find = |heard: &Heard| {
            let events = heard.events.lock().unwrap();
            events.iter().find(|(name, payload)| name == event && fits(payload)).map(|(_, payload)| payload.clone())
        };
        self.until(event, find).await
    }

    /// Waits for an error of this code.
    pub async fn is_refused(&self, code: &str) -> Value {
        self.hears("error", |error| error["code"] == code).await
    }

    /// Every event of this name so far.
    pub fn all(&self, event: &str) -> Vec<Value> {
        let events = self.heard.events.lock().unwrap();
        events.iter().filter(|(name, _)| name == event).map(|(_, payload)| payload.clone()).collect()
    }

    /// The numbers of the messages in the order in which they came, those of the join included.
    pub fn numbers(&self) -> Vec<i64> {
        let events = self.heard.events.lock().unwrap();
        let number = |message: &Value| message["id"].as_i64().unwrap();
        let mut numbers = Vec::new();
        for (name, payload) in events.iter() {
            match name.as_str() {
                "chat_joined" => numbers.extend(payload["messages"].as_array().unwrap().iter().map(number)),
                "new_message" => numbers.push(number(&payload["message"])),
                _ => {}
            }
        }
        numbers
    }

    /// Waits until the socket is closed.
    pub async fn is_closed(&self) {
        self.until("closed", |heard| heard.closed.lock().unwrap().then_some(())).await;
    }

    /// Whether it is open.
    pub fn is_open(&self) -> bool {
        !*self.heard.closed.lock().unwrap()
    }

    /// Cuts the connection, as a network does.
    pub async fn cut(self) {
        let _ = self.sink.lock().await.close().await;
    }

    async fn until<T>(&self, what: &str, find: impl Fn(&Heard) -> Option<T>) -> T {
        let waiting = async {
            loop {
                let more = self.heard.more.notified();
                if let Some(found) = find(&self.heard) {
                    return found;
                }
                // A moment at most, should what is waited for have come between the look and here.
                let _ = tokio::time::timeout(Duration::from_millis(20), more).await;
            }
        };
        match tokio::time::timeout(PATIENCE, waiting).await {
            Ok(found) => found,
            Err(_) => panic!("waited in vain: {what}; heard {:?}", self.heard.events.lock().unwrap()),
        }
    }
}

impl Heard {
    fn take(&self, text: &str) {
        let Some(packet) = text.strip_prefix('4') else { return };
        if packet.starts_with('1') {
            *self.closed.lock().unwrap() = true;
        }
        let Some(start) = packet.find('[') else { return };
        let Ok(Value::Array(parts)) = serde_json::from_str(&packet[start..]) else { return };
        match packet.as_bytes()[0] {
            b'2' => {
                let payload = parts.get(1).cloned().unwrap_or(Value::Null);
                self.events.lock().unwrap().push((parts[0].as_str().unwrap().to_owned(), payload));
            }
            b'3' => {
                let ack = packet[1..start].parse().unwrap();
                self.acks.lock().unwrap().insert(ack, parts.first().cloned().unwrap_or(Value::Null));
            }
            _ => {}
        }
    }
}
