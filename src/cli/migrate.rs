//! `ecommerce migrate`: the newest schema, made as its owner. Servers never migrate.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use clap::Args;
use secrecy::{ExposeSecret, SecretString};
use sqlx::{PgPool, migrate::Migrator};
use url::Url;

use super::{output, start};
use crate::{
    config::Config,
    infra::{
        database,
        schema::{self, SchemaError},
    },
};

// How long the first try waits for a lock, and the later ones at most. It must be longer than the shop's own transactions take, for a busy
// table is never free of them: a try of 1 s under transactions of 1.5 s would be in vain for ever. And shorter than the 3 s that a request
// waits for a connection of the pool (infra::database::pool), since all of them soon wait behind the migration: with 4 s, one request in a
// hundred failed under 200 a second.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_millis(2_500);
// Between two tries: what waited behind the migration gets its turn.
const PAUSE: Duration = Duration::from_secs(2);

/// What to do.
#[derive(Args)]
pub struct Options {
    /// Changes nothing: says what would be applied, and whether the database still carries this release.
    #[arg(long)]
    check: bool,
    /// Applies the migrations of this folder in place of the built-in ones: a release brings both.
    #[arg(long, value_name = "FOLDER", conflicts_with = "check")]
    from: Option<PathBuf>,
    /// How long to go on trying for a lock that somebody holds.
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    patience: u64,
}

/// Waits for the database, applies what is missing, gives the application's role its rights, and says what was done.
///
/// # Errors
/// `DATABASE_OWNER_URL` is missing, the database does not answer, it no longer carries this release, or a migration failed.
pub async fn run(config: &Config, options: Options) -> anyhow::Result<()> {
    if options.check {
        return check(&config.database.url).await;
    }
    let Some(url) = &config.database.owner_url else {
        bail!("DATABASE_OWNER_URL: is not set; migrations run as the owner of the database, see .env.example");
    };
    let role =
        Url::parse(config.database.url.expose_secret()).context("DATABASE_URL is malformed")?.username().to_owned();
    if role.is_empty() {
        bail!("DATABASE_URL: names no role, and migrate gives that role its rights");
    }
    start::reachable(url).await?;
    let owner = database::owner_pool(url, FIRST_WAIT).context("DATABASE_OWNER_URL is malformed")?;
    carries_this_release(&owner).await?;
    let outcome = apply(&owner, url, &role, &options).await;
    owner.close().await;
    outcome
}

// What was applied is said even when a later one failed: each is a transaction of its own and stays.
async fn apply(owner: &PgPool, url: &SecretString, role: &str, options: &Options) -> anyhow::Result<()> {
    let read = async || match &options.from {
        Some(folder) => schema::of_folder(folder).await.with_context(|| folder.display().to_string()),
        None => Ok(schema::built_in()),
    };
    let migrations = read().await?;
    let missing = async || schema::missing_of(owner, &migrations).await.context("the schema's version cannot be read");
    let before = missing().await?;
    let outcome = patiently(url, role, Duration::from_secs(options.patience), read).await;
    let after = missing().await?;
    let applied: Vec<i64> = before.into_iter().filter(|version| !after.contains(version)).collect();
    for version in &applied {
        output::line(format!("applied {version} {}", schema::name_of(&migrations, *version)));
    }
    outcome?;
    let at = schema::at(owner).await?.unwrap_or_default();
    output::line(match applied.len() {
        0 => format!("The schema is at {at}; nothing to apply. Rights of {role} are in place."),
        count => format!("{count} migration(s) applied; the schema is at {at}. Rights of {role} are in place."),
    });
    Ok(())
}

// As any role that may read: the rollout asks for releases that it has not started yet.
async fn check(url: &SecretString) -> anyhow::Result<()> {
    start::reachable(url).await?;
    let pool = database::pool(url, 1).context("DATABASE_URL is malformed")?;
    carries_this_release(&pool).await?;
    let missing = schema::missing(&pool).await.context("the schema's version cannot be read")?;
    let newest = schema::newest();
    output::line(match missing.len() {
        0 => match schema::at(&pool).await?.filter(|at| *at > newest) {
            Some(at) => format!("The database is at {at}, beyond this release's {newest}, and still carries it."),
            None => format!("The schema is at {newest}; nothing to apply."),
        },
        count => format!("{count} migration(s) to apply, up to {newest}."),
    });
    Ok(())
}

async fn carries_this_release(pool: &PgPool) -> anyhow::Result<()> {
    match schema::contracted_beyond(pool).await.context("the schema's notes cannot be read")? {
        None => Ok(()),
        Some(reason) => bail!("{reason}"),
    }
}

// A migration that waits for a lock holds up everybody who comes after it. So it waits briefly, steps back, and tries again.
async fn patiently(
    url: &SecretString,
    role: &str,
    patience: Duration,
    read: impl AsyncFn() -> anyhow::Result<Migrator>,
) -> anyhow::Result<()> {
    let (started, mut wait) = (Instant::now(), FIRST_WAIT);
    loop {
        let owner = database::owner_pool(url, wait)?;
        match schema::migrate(&owner, role, read().await?).await {
            Err(error) if error.is_lock_timeout() => step_back(&owner, &error, started, patience).await?,
            outcome => return Ok(outcome?),
        }
        wait = (wait * 2).min(LONGEST_WAIT);
    }
}

async fn step_back(owner: &PgPool, error: &SchemaError, started: Instant, patience: Duration) -> anyhow::Result<()> {
    let holders = schema::lock_holders(owner).await.unwrap_or_default();
    let holders =
        if holders.is_empty() { String::new() } else { format!("; open transactions: {}", holders.join(", ")) };
    let seconds = started.elapsed().as_secs();
    if started.elapsed() + PAUSE > patience {
        bail!("a migration waited for a lock in vain, gave up after {seconds} s and was undone{holders} ({error})");
    }
    output::complain(format!("a migration waits for a lock that somebody holds, for {seconds} s now{holders}"));
    tokio::time::sleep(PAUSE).await;
    Ok(())
}
