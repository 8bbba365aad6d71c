//! How mail leaves the shop.

use std::path::PathBuf;

use secrecy::SecretString;

use super::{ConfigError, Vars};
use crate::types::Email;

/// How mail leaves.
#[derive(Clone, Debug)]
pub struct MailConfig {
    /// Through SMTP, or into a folder as .eml files.
    pub transport: MailTransport,
    /// `EMAIL_FROM`.
    pub from: Email,
}

/// `EMAIL_HOST` and its companions, or `MAIL_DIR`.
#[derive(Clone, Debug)]
pub enum MailTransport {
    /// A mail server.
    Smtp {
        /// `EMAIL_HOST`.
        host: String,
        /// `EMAIL_PORT` (587, 25 without TLS).
        port: u16,
        /// `EMAIL_TLS`: none, starttls (unless said) or tls.
        tls: MailTls,
        /// `EMAIL_HOST_USER` and `EMAIL_HOST_PASSWORD`.
        credentials: Option<(String, SecretString)>,
    },
    /// `MAIL_DIR` (var/mail): nothing leaves the machine.
    Folder(PathBuf),
}

/// `EMAIL_TLS`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MailTls {
    /// In the clear: a relay on this machine.
    None,
    /// Upgraded after the greeting.
    Starttls,
    /// From the first byte.
    Tls,
}

impl Vars<'_> {
    pub(super) fn mail(&self) -> Result<MailConfig, ConfigError> {
        let from = self.parsed("EMAIL_FROM", "shop@fernhill.example")?;
        let Some(host) = self.optional("EMAIL_HOST") else {
            return Ok(MailConfig { transport: MailTransport::Folder(self.text("MAIL_DIR", "var/mail").into()), from });
        };
        let tls = match self.text("EMAIL_TLS", "starttls").as_str() {
            "none" => MailTls::None,
            "starttls" => MailTls::Starttls,
            "tls" => MailTls::Tls,
            other => return Err(ConfigError::new("EMAIL_TLS", format!("'{other}' is none of none, starttls, tls"))),
        };
        let port = self.parsed("EMAIL_PORT", if tls == MailTls::None { "25" } else { "587" })?;
        let password = self.optional_secret("EMAIL_HOST_PASSWORD")?;
        let credentials = self.optional("EMAIL_HOST_USER").zip(password);
        Ok(MailConfig { transport: MailTransport::Smtp { host, port, tls, credentials }, from })
    }
}
