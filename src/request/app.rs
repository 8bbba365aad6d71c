//! The state that handlers share.

use std::{ops::Deref, sync::Arc};

use crate::{
    config::Config,
    infra::{database::Db, passwords::PasswordHasher, rate_limit::RateLimiter, shutdown::Phase},
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
    /// Names of the built front-end files.
    pub assets: Assets,
    /// The owner's texts, and how the shop is reached.
    pub help: HelpPages,
    /// Whether the process is starting, ready or draining.
    pub phase: Phase,
}

/// A cheap handle on [`AppParts`].
#[derive(Clone, Debug)]
pub struct App(Arc<AppParts>);

impl App {
    /// Shares the parts.
    #[must_use]
    pub fn new(parts: AppParts) -> Self {
        Self(Arc::new(parts))
    }
}

impl Deref for App {
    type Target = AppParts;

    fn deref(&self) -> &AppParts {
        &self.0
    }
}
