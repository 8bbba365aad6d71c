//! `ecommerce migrate`: the newest schema, made as its owner. Servers never migrate.

use anyhow::{Context, bail};
use secrecy::ExposeSecret;
use url::Url;

use super::{output, start};
use crate::{
    config::Config,
    infra::{database, schema},
};

/// Waits for the database, applies what is missing, gives the application's role its rights, and says what was done.
///
/// # Errors
/// `DATABASE_OWNER_URL` is missing, the database does not answer, or a migration failed.
pub async fn run(config: &Config) -> anyhow::Result<()> {
    let Some(url) = &config.database.owner_url else {
        bail!("DATABASE_OWNER_URL: is not set; migrations run as the owner of the database, see .env.example");
    };
    let role =
        Url::parse(config.database.url.expose_secret()).context("DATABASE_URL is malformed")?.username().to_owned();
    if role.is_empty() {
        bail!("DATABASE_URL: names no role, and migrate gives that role its rights");
    }
    start::reachable(url).await?;
    let owner = database::pool(url, 2).context("DATABASE_OWNER_URL is malformed")?;
    let missing = schema::missing(&owner).await.context("the schema's version cannot be read")?;
    schema::migrate(&owner, &role).await?;
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
