//! The state that handlers share.

use std::{ops::Deref, sync::Arc};

use super::keep::KeptAnswers;
use crate::{
    config::Config,
    domain::{catalog::Shelf, chat::Chat},
    infra::{
        changes::Changes, database::Db, kept::Kept, media::MediaStore, passwords::PasswordHasher,
        rate_limit::RateLimiter, shutdown::Phase,
    },
    views::{assets::Assets, help::HelpPages},
};

/// What a server is made of, put together in `cli::serve`.
#[derive(Debug)]
pub struct AppParts {
    /// As read at the start.
    pub config: Config,
    /// The database.
    pub db: Db,
    /// The bounded pool that hashes passwords.
    pub hasher: PasswordHasher,
    /// Limits shared by all servers.
    pub limiter: RateLimiter,
    /// Where pictures lie.
    pub media: MediaStore,
    /// Names of the built front-end files.
    pub assets: Assets,
    /// The owner's texts, and how the shop is reached.
    pub help: HelpPages,
    /// Whether the process is starting, ready or draining.
    pub phase: Phase,
    /// What is heard of changes of the catalogue; as long as nobody listens, nothing is kept.
    pub changes: Changes,
    /// Live support.
    pub chat: Chat,
}

/// A cheap handle on [`AppParts`], and on what the process keeps in its memory.
#[derive(Clone, Debug)]
pub struct App(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    parts: AppParts,
    shelf: Shelf,
    answers: KeptAnswers,
}

impl App {
    /// Shares the parts.
    #[must_use]
    pub fn new(parts: AppParts) -> Self {
        let bytes = u64::from(parts.config.server.cache_mb) * 1024 * 1024;
        let shelf = Shelf::new(parts.db.clone(), &parts.changes, bytes > 0);
        let answers = Kept::new("answers", parts.changes.clone(), bytes);
        Self(Arc::new(Shared { parts, shelf, answers }))
    }

    /// The catalogue, read through what is kept of it.
    #[must_use]
    pub fn shelf(&self) -> &Shelf {
        &self.0.shelf
    }

    /// Whole answers that are kept.
    #[must_use]
    pub(super) fn answers(&self) -> &KeptAnswers {
        &self.0.answers
    }
}

impl Deref for App {
    type Target = AppParts;

    fn deref(&self) -> &AppParts {
        &self.0.parts
    }
}
