//! What every long-running process does first: stores that answer, a schema that fits, settings that are fit for production.

use std::{
    fmt::Display,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::{
    config::Config,
    domain::{
        accounts,
        chat::{Chat, ChatEvent, ChatPlan, Facts},
    },
    infra::{
        database::{self, Db},
        live::Live,
        pubsub::PubSub,
        redis::{self, Redis},
        schema, service_manager,
    },
    views::{contact_card::ContactCard, urls},
};

const PATIENCE: Duration = Duration::from_secs(30);
const ONE_TRY: Duration = Duration::from_secs(2);

/// A pool, once PostgreSQL answers and has the schema this build was made for.
///
/// # Errors
/// It is away for 30 s, too old, refuses the role, or `ecommerce migrate` has not been run.
pub async fn database(config: &Config) -> anyhow::Result<Db> {
    let url = &config.database.url;
    let pool = database::pool(url, config.database.pool_size).context("DATABASE_URL is malformed")?;
    reachable(url).await?;
    let db = Db::new(pool);
    schema_fits(&db).await?;
    Ok(db)
}

/// The chat as the settings want it.
#[must_use]
pub fn chat(config: &Config, db: &Db, live: Live<ChatEvent>) -> Chat {
    let plan = ChatPlan {
        shop_name: config.shop.name.clone(),
        locale: config.shop.locale,
        hours: config.contact.hours.clone(),
        most_per_agent: config.limits.chat_per_agent,
    };
    let chat = Chat::new(db.clone(), live, plan).keeping_for(config.limits.chat_keep_days);
    if config.limits.chat_automatic { chat.with_facts(facts(config)) } else { chat }
}

// What automatic answers say of the shop, in words.
fn facts(config: &Config) -> Facts {
    let (shop, card) = (&config.shop, ContactCard::of(config));
    let hours = card.hours.iter().map(|line| format!("{} {}", line.days, line.times.join(", ")));
    let [standard, free_from, express] = [shop.shipping_standard, shop.free_shipping_from, shop.shipping_express]
        .map(|amount| shop.locale.money(amount));
    let page = |path: &str| urls::absolute(&config.public.url, path);
    Facts {
        hours: format!("{} ({})", hours.collect::<Vec<_>>().join("; "), card.zone),
        shipping: format!(
            "Standard delivery takes 3 to 5 working days and costs {standard}; from {free_from} it is free. Express comes on the next \
             working day for {express}. More: {}",
            page("/shipping")
        ),
        returns: format!("How to send something back, and how long you have for it: {}", page("/returns")),
        email: card.email,
        orders_url: page("/orders"),
    }
}

/// Waits until PostgreSQL answers this role.
///
/// # Errors
/// It is away for 30 s, too old, or refuses the role.
pub async fn reachable(url: &SecretString) -> anyhow::Result<()> {
    let version = patiently("PostgreSQL", url, PATIENCE, database::is_away, || database::version(url)).await?;
    if version < database::MINIMUM {
        bail!("PostgreSQL is version {version}, this shop needs {} or later", database::MINIMUM);
    }
    Ok(())
}

/// Refuses a schema that is older than this build. A newer one is well: releases overlap, and migrations are made for that.
///
/// # Errors
/// `ecommerce migrate` has not been run.
pub async fn schema_fits(db: &Db) -> anyhow::Result<()> {
    let missing = schema::missing(db.primary()).await.context("the schema's version cannot be read")?;
    match missing.as_slice() {
        [] => Ok(()),
        [first, ..] => bail!(
            "the database lacks {} migration(s) of this release, the first is {first}: run `ecommerce migrate`",
            missing.len()
        ),
    }
}

/// Redis, once it answers.
///
/// # Errors
/// It is away for 30 s, too old, or refuses the password.
pub async fn redis(config: &Config) -> anyhow::Result<Redis> {
    let url = &config.redis_url;
    let redis = patiently("Redis", url, PATIENCE, redis::is_away, || Redis::open(url, ONE_TRY)).await?;
    let version = redis.version().await.context("Redis does not say its version")?;
    if version < redis::MINIMUM {
        let (found, needed) =
            (format!("{}.{}", version.0, version.1), format!("{}.{}", redis::MINIMUM.0, redis::MINIMUM.1));
        bail!("Redis is version {found}, this shop needs {needed} or later");
    }
    Ok(redis)
}

/// The channels on which the shop's processes tell each other what was committed.
///
/// # Errors
/// Redis is away, or refuses the password.
pub async fn pubsub(config: &Config) -> anyhow::Result<PubSub> {
    let url = &config.redis_url;
    patiently("Redis", url, PATIENCE, redis::is_away, || PubSub::open(url, "ecommerce", ONE_TRY)).await
}

/// Refuses what must not meet the public: demo accounts, a key that can be guessed, sign-ins in the clear.
///
/// # Errors
/// One line that names it.
pub async fn fit_for_production(config: &Config, db: &Db) -> anyhow::Result<()> {
    if !config.is_production() {
        return Ok(());
    }
    if let Some(problem) = unfit_settings(config) {
        bail!("{problem}");
    }
    if accounts::has_demo_accounts(db).await? {
        bail!(
            "demo accounts with well-known passwords are in the database: APP_ENV=production refuses to start with them"
        );
    }
    Ok(())
}

/// What a production shop's settings may not be.
#[must_use]
pub fn unfit_settings(config: &Config) -> Option<&'static str> {
    if is_guessable(config.secret_key.expose_secret()) {
        return Some("SECRET_KEY: repeats itself; make one with: openssl rand -hex 32");
    }
    let loopback = matches!(config.public.url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    if !config.is_https() && !loopback {
        return Some("PUBLIC_URL: a production shop is reached over https, or passwords travel in the clear");
    }
    None
}

// 64 random hexadecimal digits hold fewer than 8 different ones about never.
fn is_guessable(key: &str) -> bool {
    let mut letters: Vec<char> = key.chars().collect();
    letters.sort_unstable();
    letters.dedup();
    letters.len() < 8
}

/// Asks until it answers, with growing pauses, and says once that it waits. Errors that waiting does not mend end it at once.
async fn patiently<T, E, F>(
    name: &str,
    url: &SecretString,
    patience: Duration,
    passes: impl Fn(&E) -> bool,
    ask: impl Fn() -> F,
) -> anyhow::Result<T>
where
    E: Display,
    F: Future<Output = Result<T, E>>,
{
    let (started, mut pause, mut said) = (Instant::now(), Duration::from_millis(100), false);
    loop {
        let error = match ask().await {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        let place = place_of(url);
        if !passes(&error) {
            bail!("{name} at {place} cannot be used: {error}");
        }
        if started.elapsed() + pause > patience {
            bail!("{name} at {place} did not answer for {} s: {error}", patience.as_secs());
        }
        // The first moments are silent: stores and servers are often started together.
        if !said && started.elapsed() > Duration::from_millis(500) {
            said = true;
            let text = format!("waiting for {name} at {place}: {error}");
            tracing::warn!("{text}");
            service_manager::status(&text);
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_secs(3));
    }
}

/// Where an address points, without the password in it.
#[must_use]
pub fn place_of(url: &SecretString) -> String {
    let Ok(url) = Url::parse(url.expose_secret()) else { return "a malformed address".to_owned() };
    let host = url.host_str().unwrap_or("localhost").replace("%2F", "/");
    url.port().map_or_else(|| host.clone(), |port| format!("{host}:{port}"))
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use anyhow::anyhow;

    use super::*;

    #[test]
    fn a_place_is_named_without_its_password() {
        let place = |url: &str| place_of(&url.to_owned().into());
        assert_eq!(place("postgres://user:secret@db.example:5432/shop"), "db.example:5432");
        assert_eq!(place("postgres://user@%2Fvar%2Frun:5433/shop"), "/var/run:5433");
        assert_eq!(place("redis://:secret@127.0.0.1:6379/1"), "127.0.0.1:6379");
    }

    #[test]
    fn a_key_of_few_letters_is_guessable() {
        assert!(is_guessable(&"k".repeat(64)) && is_guessable(&"abc".repeat(30)));
        assert!(!is_guessable("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"));
    }

    #[tokio::test]
    async fn a_store_that_is_away_is_waited_for_and_one_that_refuses_is_not() {
        let (url, tries) = ("redis://127.0.0.1:1".to_owned().into(), Cell::new(0));
        let ask = || {
            tries.set(tries.get() + 1);
            let answers = tries.get() == 3;
            async move { if answers { Ok(7) } else { Err(anyhow!("connection refused")) } }
        };
        assert_eq!(patiently("Redis", &url, PATIENCE, |_| true, ask).await.unwrap(), 7);
        let never = || async { Err::<(), _>(anyhow!("wrong password")) };
        let error = patiently("Redis", &url, PATIENCE, |_| false, never).await.unwrap_err();
        assert_eq!(format!("{error:#}"), "Redis at 127.0.0.1:1 cannot be used: wrong password");
    }
}
