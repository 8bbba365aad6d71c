//! A whole server without a socket: the routes with every layer, on a database of the test's own.

use std::collections::HashMap;

use ecommerce::{
    cli,
    config::Config,
    domain::chat::ChatEvent,
    infra::{
        changes::Changes,
        live::Live,
        media::MediaStore,
        passwords::PasswordHasher,
        rate_limit::RateLimiter,
        shutdown::{Phase, Stage},
    },
    request::{App, AppParts},
    views::{assets::Assets, help::HelpPages},
};
use tokio::sync::mpsc::Receiver;
use tower_sessions::MemoryStore;

use super::{Browser, TestDb};

/// One server, or several on one database and session store ([`TestShop::another_server`]).
pub struct TestShop {
    /// Its database; `shop.database.owner` is a pool that may do anything.
    pub database: TestDb,
    /// What handlers share.
    pub app: App,
    sessions: MemoryStore,
    variables: HashMap<String, String>,
    router: axum::Router,
}

impl TestShop {
    /// A shop with an empty database, sessions in memory, limits out of the way.
    pub async fn new() -> Self {
        Self::with(&[]).await
    }

    /// A shop with environment variables of its own: `TestShop::with(&[("LIMIT_SIGN_IN", "3")])`.
    pub async fn with(variables: &[(&str, &str)]) -> Self {
        let database = TestDb::new().await;
        let mut all = defaults(&database);
        all.extend(variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let app = app(&database, &all);
        let sessions = MemoryStore::default();
        let router = cli::router::service(&app, sessions.clone()).unwrap();
        Self { database, app, sessions, variables: all, router }
    }

    /// From now on it hears of changes, and keeps what it may, as a running server does.
    pub async fn listen(&self) {
        listen(&self.app, &self.database).await;
    }

    /// A browser at this server, without cookies.
    pub fn browser(&self) -> Browser {
        Browser::at(self.router.clone())
    }

    /// The routes of another server of the same shop, for [`Browser::go_to`].
    pub fn another_server(&self, name: &str) -> axum::Router {
        let mut variables = self.variables.clone();
        variables.insert("SERVER_NAME".to_owned(), name.to_owned());
        cli::router::service(&app(&self.database, &variables), self.sessions.clone()).unwrap()
    }

    /// The same, hearing of changes.
    pub async fn another_listening_server(&self, name: &str) -> axum::Router {
        let mut variables = self.variables.clone();
        variables.insert("SERVER_NAME".to_owned(), name.to_owned());
        let app = app(&self.database, &variables);
        listen(&app, &self.database).await;
        cli::router::service(&app, self.sessions.clone()).unwrap()
    }

    /// The routes, for a test that binds them to a real socket.
    pub fn router(&self) -> axum::Router {
        self.router.clone()
    }
}

async fn listen(app: &App, database: &TestDb) {
    tokio::spawn(
        app.changes.clone().follow(database.url().as_str().to_owned().into(), ecommerce::domain::catalog::CHANNEL),
    );
    while !app.changes.is_listening() {
        tokio::task::yield_now().await;
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}

/// A configuration for the test's database.
pub fn config(variables: &HashMap<String, String>) -> Config {
    Config::from_source(&|name| variables.get(name).cloned()).unwrap()
}

/// What [`config`] needs at least.
pub fn defaults(database: &TestDb) -> HashMap<String, String> {
    [
        ("DATABASE_URL", database.url().as_str()),
        ("REDIS_URL", "redis://127.0.0.1:1"),
        ("SECRET_KEY", "a key that is long enough for tests and for nothing else at all."),
        ("PUBLIC_URL", "http://shop.test"),
        ("LIMIT_SIGN_IN", "1000"),
        ("LIMIT_SIGN_IN_ACCOUNT", "1000"),
        ("LIMIT_PASSWORD", "1000"),
        ("LIMIT_REGISTER", "1000"),
        ("LIMIT_CHECKOUT", "1000"),
        ("LIMIT_CONTACT", "1000"),
        ("LIMIT_ALERT", "1000"),
        ("LIMIT_CHAT_MESSAGES", "10000"),
        ("LIMIT_CHAT_JOINS", "10000"),
        // Tests count messages; those of the automatic answers switch them on.
        ("CHAT_AUTOMATIC_ANSWERS", "false"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into()
}

fn app(database: &TestDb, variables: &HashMap<String, String>) -> App {
    telling_app(database, variables, RateLimiter::local()).0
}

/// What handlers share, and what is told of the chat.
pub fn telling_app(
    database: &TestDb,
    variables: &HashMap<String, String>,
    limiter: RateLimiter,
) -> (App, Receiver<ChatEvent>) {
    let phase = Phase::default();
    phase.advance(Stage::Ready);
    let config = config(variables);
    // Named by the test or kept in memory: no test writes into the checkout.
    let named = ["MEDIA_DIR", "MEDIA_STORE"].iter().any(|name| variables.contains_key(*name));
    let media = if named { MediaStore::open(&config.media).unwrap() } else { MediaStore::in_memory() };
    let (live, told) = Live::pair();
    let chat = cli::start::chat(&config, &database.db, live);
    let app = App::new(AppParts {
        chat,
        help: HelpPages::open(&config).unwrap(),
        config,
        media,
        db: database.db.clone(),
        hasher: PasswordHasher::new(2).unwrap(),
        limiter,
        assets: Assets::unbuilt(),
        phase,
        changes: Changes::default(),
    });
    (app, told)
}
