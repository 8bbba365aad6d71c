//! Which addresses take mails of the chat. Anybody may type anybody's: what goes out a day is limited by conversation and by address,
//! each mail says why it came, and its link stops all of them. The link carries the address and a signature, so nothing is kept of who
//! only received a mail.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::SecretString;
use time::{Duration, OffsetDateTime};

use super::{Chat, ChatError, sql};
use crate::{infra::tokens, types::Email};

/// How many mails with answers go out a day, from one conversation and to one address. Beyond that answers wait and are one mail later.
pub const MOST_ANSWER_MAILS: i64 = 20;
/// How many transcripts a day, from one conversation and to one address.
pub const MOST_TRANSCRIPTS: i64 = 5;
const GOOD_FOR: Duration = Duration::days(400);

/// What the link of a mail carries that stops such mails: the address, until when, and the shop's signature.
#[must_use]
pub fn stop_token(key: &SecretString, email: &str, now: OffsetDateTime) -> String {
    format!("{}.{}", URL_SAFE_NO_PAD.encode(email), tokens::sign(key, &subject(email), now + GOOD_FOR))
}

/// The address of such a link, if the shop made it and it is still good.
#[must_use]
pub fn stop_address(key: &SecretString, link: &str, now: OffsetDateTime) -> Option<Email> {
    let (email, signature) = link.split_once('.')?;
    let email = String::from_utf8(URL_SAFE_NO_PAD.decode(email).ok()?).ok()?;
    tokens::verify(key, &subject(&email), signature, now).then(|| email.parse().ok()).flatten()
}

fn subject(email: &str) -> String {
    format!("chat-mails:{}", email.to_lowercase())
}

impl Chat {
    /// Whether mails of the chat go to this address.
    ///
    /// # Errors
    /// The database failed.
    pub async fn takes_mails(&self, email: &Email) -> Result<bool, ChatError> {
        Ok(!sql::is_stopped(self.db.primary(), email.as_str()).await?)
    }

    /// No more mails of the chat to an address whose link [`stop_address`] has found good, whoever gives it; what waits is not sent.
    ///
    /// # Errors
    /// The database failed.
    pub async fn stop_mails(&self, email: &Email) -> Result<(), ChatError> {
        Ok(sql::stop_mails(self.db.primary(), email.as_str()).await?)
    }

    /// Mails of the chat again, by the same link.
    ///
    /// # Errors
    /// The database failed.
    pub async fn allow_mails(&self, email: &Email) -> Result<(), ChatError> {
        Ok(sql::allow_mails(self.db.primary(), email.as_str()).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_stops_the_mails_of_its_own_address() {
        let (key, now) = (SecretString::from("k".repeat(64)), OffsetDateTime::UNIX_EPOCH);
        let link = stop_token(&key, "Zoe@example.com", now);
        assert_eq!(stop_address(&key, &link, now).unwrap().as_str(), "Zoe@example.com");
        assert_eq!(stop_address(&key, &link, now + Duration::days(401)), None);
        let (_, signature) = link.split_once('.').unwrap();
        let other = format!("{}.{signature}", URL_SAFE_NO_PAD.encode("ada@example.com"));
        for bad in [other.as_str(), "", ".", "x.y", "_.1.x"] {
            assert_eq!(stop_address(&key, bad, now), None, "{bad:?}");
        }
    }
}
