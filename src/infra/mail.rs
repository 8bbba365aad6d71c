//! Sending mail: through a mail server, or into a folder as .eml files where none is configured.
//!
//! Mail is sent at least once: a worker that dies between the server's "accepted" and its own note of it sends again. The repetition
//! carries the same Message-ID, by which mail programs recognise it; in a folder it takes the place of the first.

use std::{path::PathBuf, time::Duration};

use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{
        Mailbox, MultiPart,
        header::{HeaderName, HeaderValue},
    },
    transport::smtp::{
        PoolConfig,
        authentication::Credentials,
        response::{Category, Severity},
    },
};
use secrecy::ExposeSecret;
use thiserror::Error;

use crate::{
    config::{MailConfig, MailTls, MailTransport},
    types::Email,
};

// A server that says nothing for this long is away; the job comes back later.
const TIMEOUT: Duration = Duration::from_secs(15);

/// A mail, ready to leave.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mail {
    /// What it is about, such as `order-confirmation-7K2M-Q9XT-04HB`: the same for a repetition, and the left part of its Message-ID.
    pub id: String,
    /// Where it goes.
    pub to: Email,
    /// Where an answer goes, with a name, if not to the sender.
    pub reply_to: Option<(String, Email)>,
    /// Its subject.
    pub subject: String,
    /// For programs that show HTML.
    pub html: String,
    /// For those that do not.
    pub text: String,
}

/// Why a mail did not leave.
#[derive(Debug, Error)]
pub enum MailError {
    /// The server will not take it, however often it is asked: there is no such mailbox.
    #[error("the mail was refused for good: {0}")]
    Refused(String),
    /// The server is away, busy or wrongly configured: worth another try.
    #[error("the mail could not be sent: {0}")]
    Failed(String),
}

/// The way out. Clones share the connections.
#[derive(Clone, Debug)]
pub struct Mailer {
    from: Mailbox,
    way: Way,
}

#[derive(Clone, Debug)]
enum Way {
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
    Folder(PathBuf),
}

impl Mailer {
    /// A way out as configured, without connecting yet. `name` stands beside the sender's address.
    ///
    /// # Errors
    /// The server's name or the sender's address cannot be used.
    pub fn new(config: &MailConfig, name: &str) -> Result<Self, MailError> {
        let address = config.from.as_str().parse().map_err(MailError::failed)?;
        let way = match &config.transport {
            MailTransport::Folder(folder) => Way::Folder(folder.clone()),
            MailTransport::Smtp { host, port, tls, credentials } => {
                let builder = match tls {
                    MailTls::None => AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host),
                    MailTls::Starttls => {
                        AsyncSmtpTransport::<Tokio1Executor>::starttls_relay(host).map_err(MailError::failed)?
                    }
                    MailTls::Tls => AsyncSmtpTransport::<Tokio1Executor>::relay(host).map_err(MailError::failed)?,
                };
                let builder = builder.port(*port).timeout(Some(TIMEOUT)).pool_config(PoolConfig::new().max_size(4));
                let builder = match credentials {
                    Some((user, password)) => {
                        builder.credentials(Credentials::new(user.clone(), password.expose_secret().to_owned()))
                    }
                    None => builder,
                };
                Way::Smtp(builder.build())
            }
        };
        Ok(Self { from: Mailbox::new(Some(one_line(name)), address), way })
    }

    /// Sends one mail.
    ///
    /// # Errors
    /// Whether another try makes sense.
    pub async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let message = self.message(mail)?;
        match &self.way {
            Way::Smtp(transport) => transport.send(message).await.map(drop).map_err(MailError::from),
            Way::Folder(folder) => {
                write(folder, &file_name(&mail.id), &message.formatted()).await.map_err(MailError::failed)
            }
        }
    }

    /// Signs in to the mail server and leaves again; a folder is always well.
    ///
    /// # Errors
    /// The server is away, or refuses TLS or the password.
    pub async fn greet(&self) -> Result<(), MailError> {
        match &self.way {
            Way::Smtp(transport) => match transport.test_connection().await.map_err(MailError::failed)? {
                true => Ok(()),
                false => Err(MailError::Failed("the server does not answer NOOP".to_owned())),
            },
            Way::Folder(_) => Ok(()),
        }
    }

    fn message(&self, mail: &Mail) -> Result<Message, MailError> {
        let to = mail.to.as_str().parse().map_err(MailError::refused)?;
        let message_id = format!("<{}@{}>", file_name(&mail.id), self.from.email.domain());
        // So that holiday notices are not sent back.
        let automatic = HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned());
        let builder = match &mail.reply_to {
            Some((name, address)) => {
                let address = address.as_str().parse().map_err(MailError::refused)?;
                Message::builder().reply_to(Mailbox::new(Some(one_line(name)), address))
            }
            None => Message::builder(),
        };
        builder
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(one_line(&mail.subject))
            .message_id(Some(message_id))
            .raw_header(automatic)
            .multipart(MultiPart::alternative_plain_html(mail.text.clone(), mail.html.clone()))
            .map_err(MailError::refused)
    }
}

impl MailError {
    fn failed(error: impl ToString) -> Self {
        Self::Failed(error.to_string())
    }

    fn refused(error: impl ToString) -> Self {
        Self::Refused(error.to_string())
    }
}

impl From<lettre::transport::smtp::Error> for MailError {
    // Of the final answers only those about the mailbox (55x) are the mail's fault; 53x, for one, is a wrong password of ours.
    fn from(error: lettre::transport::smtp::Error) -> Self {
        let final_for_the_mail = error.status().is_some_and(|code| {
            code.severity == Severity::PermanentNegativeCompletion && code.category == Category::MailSystem
        });
        if final_for_the_mail { Self::refused(error) } else { Self::failed(error) }
    }
}

/// A header's value: no line can be smuggled in.
fn one_line(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

/// The id as a name that is safe in a folder and in a Message-ID.
fn file_name(id: &str) -> String {
    let safe = |letter: char| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '-' };
    id.chars().take(100).map(safe).collect()
}

/// Whole or not at all: whoever reads the folder never sees half a mail.
async fn write(folder: &std::path::Path, name: &str, content: &[u8]) -> std::io::Result<()> {
    tokio::fs::create_dir_all(folder).await?;
    let half = folder.join(format!(".{name}.{}", super::tokens::random()));
    tokio::fs::write(&half, content).await?;
    tokio::fs::rename(&half, folder.join(format!("{name}.eml"))).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mailer(name: &str) -> Mailer {
        let transport = MailTransport::Folder("unused".into());
        Mailer::new(&MailConfig { transport, from: "shop@fernhill.example".parse().unwrap() }, name).unwrap()
    }

    fn mail(id: &str, subject: &str) -> Mail {
        let to = "ada@example.com".parse().unwrap();
        let reply_to = Some((subject.to_owned(), "ada@example.com".parse().unwrap()));
        Mail { id: id.into(), to, reply_to, subject: subject.into(), html: "<p>Hallo</p>".into(), text: "Hallo".into() }
    }

    fn headers(message: &Message) -> Vec<String> {
        let text = String::from_utf8(message.formatted()).unwrap();
        let head = text.split("\r\n\r\n").next().unwrap().replace("\r\n ", " ");
        head.split("\r\n").map(str::to_owned).collect()
    }

    #[test]
    fn nothing_can_be_smuggled_into_the_headers() {
        let evil = "Hi\r\nBcc: victim@example.com\r\n\r\nbody";
        let message = mailer(evil).message(&mail(evil, evil)).unwrap();
        let names: Vec<_> =
            headers(&message).iter().filter_map(|line| Some(line.split_once(':')?.0.to_owned())).collect();
        let allowed = [
            "From",
            "To",
            "Reply-To",
            "Subject",
            "Message-ID",
            "Auto-Submitted",
            "MIME-Version",
            "Date",
            "Content-Type",
        ];
        assert!(names.iter().all(|name| allowed.contains(&name.as_str())), "{names:?}");
        assert_eq!(message.envelope().to().len(), 1);
    }

    #[test]
    fn a_repetition_carries_the_same_message_id() {
        let id = |id: &str| {
            let message = mailer("Fernhill").message(&mail(id, "Hi")).unwrap();
            headers(&message).into_iter().find(|line| line.starts_with("Message-ID")).unwrap()
        };
        assert_eq!(id("order-confirmation-7K2M"), "Message-ID: <order-confirmation-7k2m@fernhill.example>");
        assert_ne!(id("order-confirmation-7K2M"), id("order-cancellation-7K2M"));
    }
}
