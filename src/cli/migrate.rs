//! `ecommerce migrate`: the newest schema, made as its owner. Servers never migrate.

use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use clap::Args;
use secrecy::{ExposeSecret, SecretString};
use sqlx::PgPool;
use url::Url;

use super::{output, start};
use crate::{
    config::Config,
    infra::{
        database,
        schema::{self, SchemaError},
    },
};

// Between two tries for a lock: what waited behind the migration gets its turn.
const PAUSE: Duration = Duration::from_secs(2);

/// What to do.
#[derive(Args)]
pub struct Options {
    /// Changes nothing: says what would be applied, and whether the database still carries this release.
    #[arg(long)]
    check: bool,
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
    let owner = database::owner_pool(url).context("DATABASE_OWNER_URL is malformed")?;
    carries_this_release(&owner).await?;
    let missing = schema::missing(&owner).await.context("the schema's version cannot be read")?;
    apply(&owner, &role, Duration::from_secs(options.patience)).await?;
    owner.close().await;
    for version in &missing {
        output::line(format!("applied {version} {}", schema::name_of(*version)));
    }
    let newest = schema::newest();
    output::line(match missing.len() {
        0 => format!("The schema is at {newest}; nothing to apply. Rights of {role} are in place."),
        count => format!("{count} migration(s) applied; the schema is at {newest}. Rights of {role} are in place."),
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
async fn apply(owner: &PgPool, role: &str, patience: Duration) -> anyhow::Result<()> {
    let started = Instant::now();
    loop {
        match schema::migrate(owner, role).await {
            Err(error) if error.is_lock_timeout() => step_back(owner, &error, started, patience).await?,
            outcome => return Ok(outcome?),
        }
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
