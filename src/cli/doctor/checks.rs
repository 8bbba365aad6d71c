//! The looks themselves. None waits for long or changes more than making a folder that servers would make too.

use std::{fs, path::Path, time::Duration};

use sqlx::PgPool;
use time::OffsetDateTime;
use tokio::{net::TcpStream, time::timeout};

use super::{Finding, machine, outside};
use crate::{
    cli::start,
    config::{Config, MailTransport, MediaPlace},
    domain::{accounts, inventory},
    infra::{
        database::{self, Db},
        mail::Mailer,
        media::{MediaError, MediaStore},
        redis::{self, Redis},
        schema,
    },
    views::{assets::Assets, help::HelpPages},
};

const PATIENCE: Duration = Duration::from_secs(3);

type Findings = Vec<(&'static str, Finding)>;

/// Every look.
pub async fn all(config: &Config) -> Findings {
    let version = Finding::good(format!("{} with schema {}", env!("CARGO_PKG_VERSION"), schema::newest()));
    let mut findings = vec![("Version", version), ("Configuration", settings(config))];
    findings.extend(database(config).await);
    findings.push(("Redis", redis(config).await));
    findings.extend(folders(config));
    findings.push(("Pictures", pictures(config).await));
    findings.push(("Mail", mail(config).await));
    findings.extend(machine::disks(config).into_iter().map(|finding| ("Disk", finding)));
    findings.extend(
        machine::backups(config, OffsetDateTime::now_utc()).into_iter().flatten().map(|finding| ("Backup", finding)),
    );
    findings.push(("Proxy", outside::proxy(config).await));
    findings
}

fn settings(config: &Config) -> Finding {
    let place = format!("{} on port {}", config.server.name, config.server.port);
    match (config.is_production(), start::unfit_settings(config)) {
        (true, Some(problem)) => Finding::bad(problem, "servers will refuse to start"),
        (true, None) => Finding::good(format!("production, {place}, reached at {}", config.public.url)),
        (false, _) => Finding::good(format!("development, {place}, reached at {}", config.public.url)),
    }
}

async fn database(config: &Config) -> Findings {
    let url = &config.database.url;
    let place = start::place_of(url);
    let reached = match database::version(url).await {
        Ok(version) if version < database::MINIMUM => {
            Finding::bad(format!("version {version} at {place}"), "this shop needs PostgreSQL 15 or later")
        }
        Ok(version) => Finding::good(format!("version {version} at {place}")),
        Err(error) => Finding::bad(format!("{place}: {error}"), "is it running, and is DATABASE_URL right?"),
    };
    let is_reached = matches!(reached, Finding::Good(_));
    let mut findings = vec![("PostgreSQL", reached)];
    if let (true, Ok(pool)) = (is_reached, database::pool(url, 2)) {
        findings.push(("Schema", migrations(&pool).await));
        findings.push(("Rights", rights(&pool).await));
        findings.push(("Clock", machine::clock(&pool).await));
        findings.push(("Jobs", machine::jobs(&pool).await));
        let db = Db::new(pool);
        findings.push(("Stock", stock(&db).await));
        findings.push(("Accounts", demo_accounts(config, &db).await));
    }
    findings
}

async fn migrations(pool: &PgPool) -> Finding {
    match schema::contracted_beyond(pool).await {
        Ok(None) => {}
        Ok(Some(reason)) => return Finding::bad(reason, "servers of this release refuse to start"),
        Err(error) => return Finding::bad(error, "run `ecommerce migrate`, which gives the role its rights too"),
    }
    match schema::missing(pool).await {
        Ok(missing) if missing.is_empty() => Finding::good(format!("at {}", schema::newest())),
        Ok(missing) => Finding::bad(format!("{} migration(s) missing", missing.len()), "run `ecommerce migrate`"),
        Err(error) => Finding::bad(error, "run `ecommerce migrate`, which gives the role its rights too"),
    }
}

async fn rights(pool: &PgPool) -> Finding {
    match schema::may_alter(pool).await {
        Ok(false) => Finding::good("the application's role cannot alter the schema"),
        Ok(true) => Finding::bad(
            "the role of DATABASE_URL may alter the schema",
            "give servers a role of their own that owns nothing, and the owner's to `ecommerce migrate` alone",
        ),
        Err(error) => Finding::bad(error, "can the role connect and read?"),
    }
}

async fn stock(db: &Db) -> Finding {
    match inventory::ledger_mismatches(db).await {
        Ok(variants) if variants.is_empty() => Finding::good("the ledger explains every level"),
        Ok(variants) => Finding::bad(
            format!(
                "the ledger does not explain the stock of {} variant(s), the first of them {:?}",
                variants.len(),
                variants.iter().take(5).collect::<Vec<_>>()
            ),
            "somebody changed stock_levels by hand; book the difference with a correction",
        ),
        Err(error) => Finding::bad(error, "run `ecommerce migrate` first"),
    }
}

async fn demo_accounts(config: &Config, db: &Db) -> Finding {
    match accounts::has_demo_accounts(db).await {
        Ok(true) if config.is_production() => {
            Finding::bad("demo accounts with well-known passwords", "remove them: servers refuse to start")
        }
        Ok(true) => Finding::good("with the demo accounts, which production would refuse"),
        Ok(false) => Finding::good("no demo accounts"),
        Err(error) => Finding::bad(error, "run `ecommerce migrate` first"),
    }
}

async fn redis(config: &Config) -> Finding {
    let place = start::place_of(&config.redis_url);
    let found = async {
        let redis = Redis::open(&config.redis_url, PATIENCE).await?;
        let version = redis.version().await;
        redis.quit().await;
        version
    };
    match found.await {
        Ok(version) if version < redis::MINIMUM => Finding::bad(
            format!("version {}.{} at {place}", version.0, version.1),
            "this shop needs Redis 6.2 or later",
        ),
        Ok((major, minor)) => Finding::good(format!("version {major}.{minor} at {place}")),
        Err(error) => Finding::bad(format!("{place}: {error}"), "is it running, and is REDIS_URL right?"),
    }
}

fn folders(config: &Config) -> Findings {
    let paths = &config.paths;
    let front_end = match Assets::read(&paths.static_dir, &config.public.asset_base) {
        Ok(_) => Finding::good(paths.static_dir.display().to_string()),
        Err(error) => Finding::bad(format!("{error:#}"), "build the front end, or set STATIC_DIR"),
    };
    let mut findings = vec![("Front end", front_end), ("Shop texts", shop_texts(config))];
    if let Some(dir) = &paths.log_dir {
        findings.push(("Logs", writable(dir, "set LOG_DIR to a folder this user may write")));
    }
    findings
}

async fn pictures(config: &Config) -> Finding {
    let advice = match config.media {
        MediaPlace::Folder(_) => "set MEDIA_DIR to a folder this user may write",
        MediaPlace::S3(_) => "are MEDIA_STORE and MEDIA_S3_… right, and may this key read, write and delete?",
    };
    let found = async {
        let store = MediaStore::open(&config.media)?;
        store.probe().await?;
        Ok::<_, MediaError>(store)
    };
    match found.await {
        Ok(store) => Finding::good(format!("{store} can be written and read")),
        Err(error) => Finding::bad(error, advice),
    }
}

// shop.toml itself was read with the configuration.
fn shop_texts(config: &Config) -> Finding {
    let Some(dir) = &config.paths.shop_dir else { return Finding::good("the built-in ones; SHOP_DIR is not set") };
    match HelpPages::open(config) {
        Ok(pages) => match pages.own_files() {
            own if own.is_empty() => Finding::good(format!("no help text in {}, so the built-in ones", dir.display())),
            own => Finding::good(format!("{} in {}", own.join(", "), dir.display())),
        },
        Err(error) => Finding::bad(
            format!("{}: {error}", dir.display()),
            "give this user the right to read SHOP_DIR, and save its texts as UTF-8",
        ),
    }
}

// Trying is the only answer that counts: rights, read-only mounts and full disks all show.
fn writable(dir: &Path, advice: &'static str) -> Finding {
    let probe = dir.join(format!(".doctor-{}", std::process::id()));
    match fs::create_dir_all(dir).and_then(|()| fs::write(&probe, b"?")).and_then(|()| fs::remove_file(&probe)) {
        Ok(()) => Finding::good(format!("{} can be written", dir.display())),
        Err(error) => Finding::bad(format!("{}: {error}", dir.display()), advice),
    }
}

async fn mail(config: &Config) -> Finding {
    match &config.mail.transport {
        MailTransport::Folder(dir) => writable(dir, "set MAIL_DIR to a folder this user may write, or EMAIL_HOST"),
        MailTransport::Smtp { host, port, .. } => {
            let advice = "mails wait in the queue meanwhile; are EMAIL_HOST and EMAIL_PORT right?";
            match timeout(PATIENCE, TcpStream::connect((host.as_str(), *port))).await {
                Ok(Ok(_)) => greeting(config, &format!("{host}:{port}")).await,
                Ok(Err(error)) => Finding::bad(format!("{host}:{port}: {error}"), advice),
                Err(_) => Finding::bad(format!("{host}:{port}: no answer"), advice),
            }
        }
    }
}

// TLS and the password too, as a mail would need them; nothing is sent.
async fn greeting(config: &Config, place: &str) -> Finding {
    let advice = "mails wait in the queue meanwhile; do EMAIL_TLS, EMAIL_HOST_USER and EMAIL_HOST_PASSWORD suit it?";
    let found = async { Mailer::new(&config.mail, &config.shop.name)?.greet().await };
    match timeout(PATIENCE * 3, found).await {
        Ok(Ok(())) => Finding::good(format!("{place} lets this shop in")),
        Ok(Err(error)) => Finding::bad(format!("{place}: {error}"), advice),
        Err(_) => Finding::bad(format!("{place}: connected, but no greeting"), advice),
    }
}
