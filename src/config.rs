//! Configuration: environment variables alone, read once at the start, one small struct a concern.
//!
//! Every variable stands in `.env.example`. A secret may instead be a file, named by the variable with `_FILE` behind it.
//! A missing or malformed one stops the start with one line that names it.

mod mail;
mod media;
mod shop_file;

use std::{env, fs, path::PathBuf, str::FromStr, time::Duration};

use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;
use url::Url;

pub use mail::{MailConfig, MailTls, MailTransport};
pub use media::{MediaPlace, S3Config};
pub use shop_file::{CallBackPlan, ContactConfig, SHOP_FILE, ShopPhone};

use crate::types::{Currency, Locale, Money};

/// Everything a process needs to know to run.
#[derive(Clone, Debug)]
pub struct Config {
    /// Development or production.
    pub app_env: AppEnv,
    /// Where PostgreSQL is.
    pub database: DatabaseConfig,
    /// `REDIS_URL`, with its password if it has one.
    pub redis_url: SecretString,
    /// `SECRET_KEY`: signs cookies and links; at least 64 bytes.
    pub secret_key: SecretString,
    /// What this server is called and where it listens.
    pub server: ServerConfig,
    /// How the outside reaches the shop.
    pub public: PublicConfig,
    /// How mail leaves.
    pub mail: MailConfig,
    /// The shop itself: name, currency, shipping.
    pub shop: ShopConfig,
    /// How the shop is reached and when: `shop.toml` in `SHOP_DIR`.
    pub contact: ContactConfig,
    /// Folders.
    pub paths: PathsConfig,
    /// Where pictures lie.
    pub media: MediaPlace,
    /// Limits a minute and bounds on work.
    pub limits: LimitsConfig,
}

/// `APP_ENV`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AppEnv {
    /// Demo data allowed, assets may be missing.
    Development,
    /// Demo accounts refused, secrets checked.
    Production,
}

/// Where PostgreSQL is.
#[derive(Clone, Debug)]
pub struct DatabaseConfig {
    /// `DATABASE_URL`: the application's role, without DDL.
    pub url: SecretString,
    /// `DATABASE_OWNER_URL`: the owner's role, for `migrate` alone.
    pub owner_url: Option<SecretString>,
    /// `DATABASE_POOL_SIZE`: connections a process (10).
    pub pool_size: u32,
}

/// What this server is called and where it listens.
#[derive(Clone, Debug)]
pub struct ServerConfig {
    /// `SERVER_NAME`: `Server-1`.
    pub name: String,
    /// `PORT` on 127.0.0.1 (5001).
    pub port: u16,
    /// `METRICS_PORT` on 127.0.0.1 (9101).
    pub metrics_port: u16,
    /// `SHUTDOWN_LINGER_SECONDS`: how long open connections may finish (8).
    pub linger: Duration,
    /// Megabytes of whole answers that are kept in memory; with 0 nothing of the catalogue is.
    pub cache_mb: u32,
    /// `REQUEST_TIMEOUT_SECONDS` (9, below Nginx's read timeout).
    pub request_timeout: Duration,
}

/// How the outside reaches the shop.
#[derive(Clone, Debug)]
pub struct PublicConfig {
    /// `PUBLIC_URL`: links are made from it alone.
    pub url: Url,
    /// `ALLOWED_HOSTS`: host names without port; the public one and loopback names are always among them.
    pub allowed_hosts: Vec<String>,
    /// `ASSET_BASE_URL`: a CDN before `/static/` and `/media/`; empty for none.
    pub asset_base: String,
}

/// The shop itself.
#[derive(Clone, Debug)]
pub struct ShopConfig {
    /// `SHOP_NAME`.
    pub name: String,
    /// `SHOP_CURRENCY` (USD).
    pub currency: Currency,
    /// `SHOP_LOCALE` (en-US) with `SHOP_TIME_ZONE` (UTC).
    pub locale: Locale,
    /// `PRICES_INCLUDE_TAX` (true).
    pub prices_include_tax: bool,
    /// `SHIPPING_STANDARD` (4.90).
    pub shipping_standard: Money,
    /// `SHIPPING_EXPRESS` (9.90).
    pub shipping_express: Money,
    /// `FREE_SHIPPING_FROM` (50.00): standard delivery costs nothing from this subtotal on.
    pub free_shipping_from: Money,
}

/// Folders.
#[derive(Clone, Debug)]
pub struct PathsConfig {
    /// `STATIC_DIR` (static/dist).
    pub static_dir: PathBuf,
    /// `LOG_DIR`: access and error logs; without it they go to the standard output alone.
    pub log_dir: Option<PathBuf>,
    /// `SHOP_DIR`: `shop.toml` and the texts of the help pages; what is not in it is as in the demo shop.
    pub shop_dir: Option<PathBuf>,
}

/// Limits a minute and address, and bounds on work.
#[derive(Clone, Debug)]
pub struct LimitsConfig {
    /// `LIMIT_SIGN_IN` (20).
    pub sign_in: u32,
    /// `LIMIT_SIGN_IN_ACCOUNT` (10): with the same name from the same address.
    pub sign_in_account: u32,
    /// `LIMIT_PASSWORD` (10): tries of the current password, a sign-in.
    pub password: u32,
    /// `LIMIT_REGISTER` (10).
    pub register: u32,
    /// `LIMIT_CHECKOUT` (30).
    pub checkout: u32,
    /// `LIMIT_CONTACT` (6): messages and calls asked for.
    pub contact: u32,
    /// `LIMIT_ALERT` (10): wishes to be told when something is back.
    pub alert: u32,
    /// `CHAT_PER_AGENT` (6): conversations that an agent is given at once.
    pub chat_per_agent: u32,
    /// `CHAT_AUTOMATIC_ANSWERS` (true): whether the shop answers a first message by itself where nobody is there.
    pub chat_automatic: bool,
    /// `CHAT_KEEP_DAYS` (180): days after which a visitor's conversation is removed, counted from its last message.
    pub chat_keep_days: u16,
    /// `LIMIT_CHAT_MESSAGES` (60): messages a person.
    pub chat_messages: u32,
    /// `LIMIT_CHAT_JOINS` (120): joins a person, and tries of a session_id an address.
    pub chat_joins: u32,
    /// `LIMIT_CHAT_SOCKETS` (20): open sockets a person and server.
    pub chat_sockets: u32,
    /// `LIMIT_CHAT_SOCKETS_ADDRESS` (200): open sockets a network address (IPv6: a /64) and server.
    pub chat_sockets_address: u32,
    /// `PASSWORD_HASHING_JOBS`: how many hashes at once (2).
    pub password_jobs: usize,
}

/// One line that names the variable and what to do.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("{name}: {problem}")]
pub struct ConfigError {
    name: String,
    problem: String,
}

impl Config {
    /// Reads the process's environment.
    ///
    /// # Errors
    /// The first variable that is missing or malformed.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::from_source(&|name| env::var(name).ok())
    }

    /// Reads variables from any source, which is how tests make one.
    ///
    /// # Errors
    /// The first variable that is missing or malformed.
    pub fn from_source(source: &dyn Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let vars = Vars(source);
        let app_env = vars.app_env()?;
        let currency: Currency = vars.parsed("SHOP_CURRENCY", "USD")?;
        let (shop, paths) = (vars.shop(currency)?, vars.paths());
        Ok(Self {
            app_env,
            database: vars.database()?,
            redis_url: vars.secret("REDIS_URL")?,
            secret_key: vars.secret_key()?,
            server: vars.server()?,
            public: vars.public()?,
            mail: vars.mail()?,
            media: vars.media()?,
            contact: shop_file::read(paths.shop_dir.as_deref(), shop.locale.zone())?,
            shop,
            paths,
            limits: vars.limits()?,
        })
    }

    /// Whether this is a production shop.
    #[must_use]
    pub fn is_production(&self) -> bool {
        self.app_env == AppEnv::Production
    }

    /// Whether browsers reach the shop over TLS, so that cookies are `Secure` and `__Host-`.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.public.url.scheme() == "https"
    }
}

struct Vars<'a>(&'a dyn Fn(&str) -> Option<String>);

impl Vars<'_> {
    fn optional(&self, name: &str) -> Option<String> {
        (self.0)(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
    }

    fn text(&self, name: &str, default: &str) -> String {
        self.optional(name).unwrap_or_else(|| default.to_owned())
    }

    fn parsed<T: FromStr<Err: std::fmt::Display>>(&self, name: &str, default: &str) -> Result<T, ConfigError> {
        self.text(name, default).parse().map_err(|error: T::Err| ConfigError::new(name, error))
    }

    // Nobody who sets nought by mistake loses what is there.
    fn days(&self, name: &str, default: &str) -> Result<u16, ConfigError> {
        match self.parsed(name, default)? {
            0 => Err(ConfigError::new(name, "is at least 1")),
            days => Ok(days),
        }
    }

    fn optional_secret(&self, name: &str) -> Result<Option<SecretString>, ConfigError> {
        let file_name = format!("{name}_FILE");
        let Some(file) = self.optional(&file_name) else { return Ok(self.optional(name).map(Into::into)) };
        let text =
            fs::read_to_string(&file).map_err(|error| ConfigError::new(&file_name, format!("{file}: {error}")))?;
        // An empty file is a secret that is not set: an installed unit names every file there may be.
        Ok(Some(text.trim()).filter(|text| !text.is_empty()).map(|text| text.to_owned().into()))
    }

    fn secret(&self, name: &str) -> Result<SecretString, ConfigError> {
        self.optional_secret(name)?.ok_or_else(|| ConfigError::new(name, "is not set; see .env.example"))
    }

    fn app_env(&self) -> Result<AppEnv, ConfigError> {
        match self.text("APP_ENV", "development").as_str() {
            "development" => Ok(AppEnv::Development),
            "production" => Ok(AppEnv::Production),
            other => Err(ConfigError::new("APP_ENV", format!("'{other}' is neither development nor production"))),
        }
    }

    fn secret_key(&self) -> Result<SecretString, ConfigError> {
        let key = self.secret("SECRET_KEY")?;
        let problem = "needs at least 64 random characters, for example from: openssl rand -hex 32";
        if key.expose_secret().len() < 64 { Err(ConfigError::new("SECRET_KEY", problem)) } else { Ok(key) }
    }

    fn database(&self) -> Result<DatabaseConfig, ConfigError> {
        Ok(DatabaseConfig {
            url: self.secret("DATABASE_URL")?,
            owner_url: self.optional_secret("DATABASE_OWNER_URL")?,
            pool_size: self.parsed("DATABASE_POOL_SIZE", "10")?,
        })
    }

    fn server(&self) -> Result<ServerConfig, ConfigError> {
        Ok(ServerConfig {
            name: self.text("SERVER_NAME", "Server-1"),
            port: self.parsed("PORT", "5001")?,
            metrics_port: self.parsed("METRICS_PORT", "9101")?,
            linger: Duration::from_secs(self.parsed("SHUTDOWN_LINGER_SECONDS", "8")?),
            cache_mb: self.parsed("CACHE_MB", "16")?,
            request_timeout: Duration::from_secs(self.parsed("REQUEST_TIMEOUT_SECONDS", "9")?),
        })
    }

    fn public(&self) -> Result<PublicConfig, ConfigError> {
        let url: Url = self.parsed("PUBLIC_URL", "http://localhost:8080")?;
        let mut allowed_hosts: Vec<String> = ["localhost", "127.0.0.1", "[::1]"].map(str::to_owned).into();
        allowed_hosts.extend(url.host_str().map(str::to_lowercase));
        allowed_hosts.extend(self.text("ALLOWED_HOSTS", "").split(',').map(|host| host.trim().to_lowercase()));
        allowed_hosts.retain(|host| !host.is_empty());
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
            return Err(ConfigError::new("PUBLIC_URL", "is no http or https address"));
        }
        let asset_base = self.text("ASSET_BASE_URL", "").trim_end_matches('/').to_owned();
        Ok(PublicConfig { url, allowed_hosts, asset_base })
    }

    fn shop(&self, currency: Currency) -> Result<ShopConfig, ConfigError> {
        let money = |name: &str, default: &str| {
            Money::parse(&self.text(name, default), currency).map_err(|error| ConfigError::new(name, error))
        };
        let (tag, zone) = (self.text("SHOP_LOCALE", "en-US"), self.text("SHOP_TIME_ZONE", "UTC"));
        Ok(ShopConfig {
            name: self.text("SHOP_NAME", "Fernhill"),
            currency,
            locale: Locale::new(&tag, &zone).map_err(|error| ConfigError::new("SHOP_LOCALE, SHOP_TIME_ZONE", error))?,
            prices_include_tax: self.parsed("PRICES_INCLUDE_TAX", "true")?,
            shipping_standard: money("SHIPPING_STANDARD", "4.90")?,
            shipping_express: money("SHIPPING_EXPRESS", "9.90")?,
            free_shipping_from: money("FREE_SHIPPING_FROM", "50.00")?,
        })
    }

    fn paths(&self) -> PathsConfig {
        PathsConfig {
            static_dir: self.text("STATIC_DIR", "static/dist").into(),
            log_dir: self.optional("LOG_DIR").map(Into::into),
            shop_dir: self.optional("SHOP_DIR").map(Into::into),
        }
    }

    fn limits(&self) -> Result<LimitsConfig, ConfigError> {
        Ok(LimitsConfig {
            sign_in: self.parsed("LIMIT_SIGN_IN", "20")?,
            sign_in_account: self.parsed("LIMIT_SIGN_IN_ACCOUNT", "10")?,
            password: self.parsed("LIMIT_PASSWORD", "10")?,
            register: self.parsed("LIMIT_REGISTER", "10")?,
            checkout: self.parsed("LIMIT_CHECKOUT", "30")?,
            contact: self.parsed("LIMIT_CONTACT", "6")?,
            alert: self.parsed("LIMIT_ALERT", "10")?,
            chat_per_agent: self.parsed("CHAT_PER_AGENT", "6")?,
            chat_automatic: self.parsed("CHAT_AUTOMATIC_ANSWERS", "true")?,
            chat_keep_days: self.days("CHAT_KEEP_DAYS", "180")?,
            chat_messages: self.parsed("LIMIT_CHAT_MESSAGES", "60")?,
            chat_joins: self.parsed("LIMIT_CHAT_JOINS", "120")?,
            chat_sockets: self.parsed("LIMIT_CHAT_SOCKETS", "20")?,
            chat_sockets_address: self.parsed("LIMIT_CHAT_SOCKETS_ADDRESS", "200")?,
            password_jobs: self.parsed("PASSWORD_HASHING_JOBS", "2")?,
        })
    }
}

impl ConfigError {
    fn new(name: &str, problem: impl ToString) -> Self {
        Self { name: name.to_owned(), problem: problem.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(changes: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let key = "k".repeat(64);
        let base = [("DATABASE_URL", "postgres://x"), ("REDIS_URL", "redis://x"), ("SECRET_KEY", key.as_str())];
        let find = |name: &str| {
            let all = changes.iter().chain(&base);
            all.clone().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        };
        Config::from_source(&find)
    }

    #[test]
    fn an_empty_file_is_a_secret_that_is_not_set() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let path = file.path().to_str().unwrap();
        let config = read(&[("DATABASE_OWNER_URL_FILE", path)]).unwrap();
        assert!(config.database.owner_url.is_none());
        assert!(read(&[("SECRET_KEY_FILE", path)]).unwrap_err().to_string().starts_with("SECRET_KEY: is not set"));
    }

    #[test]
    fn a_missing_or_malformed_variable_is_named_in_one_line() {
        for (name, value) in [
            ("PORT", "eighty"),
            ("SECRET_KEY", "short"),
            ("SHOP_CURRENCY", "ABC"),
            ("APP_ENV", "live"),
            ("SHIPPING_STANDARD", "4,90"),
            ("PUBLIC_URL", "ftp://x"),
            ("EMAIL_FROM", "nobody"),
            ("REDIS_URL", ""),
        ] {
            let line = read(&[(name, value)]).unwrap_err().to_string();
            assert!(line.starts_with(name) && !line.contains('\n'), "{line}");
        }
    }

    #[test]
    fn the_defaults_are_a_shop_on_this_machine() {
        let config = read(&[]).unwrap();
        assert_eq!(config.server.port, 5001);
        assert!(!config.is_https() && config.public.allowed_hosts.contains(&"localhost".to_owned()));
    }

    #[test]
    fn secrets_are_not_printed() {
        assert!(!format!("{:?}", read(&[]).unwrap()).contains("kkkk"));
    }
}
