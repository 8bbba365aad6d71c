//! Going on where one was: by the link of a mail, on another device.
//!
//! The link carries a signature that expires. It opens nothing by being fetched: its page has a button. A conversation of an account needs
//! its sign-in all the same. A visitor's moves to the browser that holds the link, since whoever reads the mail is whom the answer was
//! for; it is in one place afterwards, and its old sockets are told at once.

use secrecy::SecretString;
use time::{Duration, OffsetDateTime};

use super::{Chat, ChatError, sql, types::*};
use crate::{
    domain::accounts::Owner,
    infra::tokens,
    types::{ConversationToken, Email},
};

const GOOD_FOR: Duration = Duration::days(14);

/// What the link of a mail carries: the conversation, until when, and the shop's signature.
#[must_use]
pub fn resume_token(key: &SecretString, token: &ConversationToken, now: OffsetDateTime) -> String {
    format!("{token}.{}", tokens::sign(key, &subject(token), now + GOOD_FOR))
}

/// The conversation of a link, if the shop made it and it is still good.
#[must_use]
pub fn resumed(key: &SecretString, link: &str, now: OffsetDateTime) -> Option<ConversationToken> {
    let (token, signature) = link.split_once('.')?;
    let token = ConversationToken::parse(token)?;
    tokens::verify(key, &subject(&token), signature, now).then_some(token)
}

fn subject(token: &ConversationToken) -> String {
    format!("chat:{token}")
}

impl Chat {
    /// The conversation of a link that [`resumed`] has found good.
    ///
    /// # Errors
    /// [`ChatError::Unknown`]: deleted meanwhile.
    pub async fn by_link(&self, token: &ConversationToken) -> Result<Conversation, ChatError> {
        sql::by_token(self.db.primary(), token).await?.ok_or(ChatError::Unknown)
    }

    /// Gives a visitor's conversation to whoever holds the link that [`resumed`] has found good. If they have an open one themselves,
    /// that one ends: what they asked for is what they look at.
    ///
    /// # Errors
    /// [`ChatError::Unknown`], also for one of an account, which takes its sign-in.
    pub async fn take_over(&self, token: &ConversationToken, to: &Speaker) -> Result<Conversation, ChatError> {
        let mut tx = self.db.begin().await?;
        let before = sql::lock(&mut tx, token).await?.ok_or(ChatError::Unknown)?;
        if before.owner == to.owner() {
            return Ok(before);
        }
        let Owner::Visitor(_) = before.owner else { return Err(ChatError::Unknown) };
        if let Some(other) = sql::open_one_of(&mut tx, to.owner()).await?.filter(|_| !before.is_ended) {
            sql::end(&mut tx, other.id).await?;
        }
        sql::take_over(&mut tx, before.id, to.owner(), to.name()).await?;
        let change = sql::insert_change(&mut tx, before.id, "moved", None, "Went on by the link of a mail").await?;
        let moved = sql::by_id(&mut *tx, before.id).await?.ok_or(ChatError::Unknown)?;
        tx.commit().await?;
        self.tell_changed(&moved, change);
        Ok(moved)
    }

    /// Where the answers to one's own conversation go when one is away.
    ///
    /// # Errors
    /// [`ChatError::Unknown`], [`ChatError::MailsStopped`].
    pub async fn answer_to(
        &self,
        speaker: &Speaker,
        token: &ConversationToken,
        email: &Email,
    ) -> Result<(), ChatError> {
        let (conversation, side) = self.find(speaker, token).await?;
        if side != Side::Customer {
            return Err(ChatError::Unknown);
        }
        if !self.takes_mails(email).await? {
            return Err(ChatError::MailsStopped);
        }
        Ok(sql::set_email(self.db.primary(), conversation.id, email.as_str()).await?)
    }

    /// The customer looks at the page: no mail for what they see.
    ///
    /// # Errors
    /// The database failed.
    pub async fn seen(&self, conversation: &Conversation) -> Result<(), ChatError> {
        Ok(sql::seen(self.db.primary(), conversation.id).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_opens_its_own_conversation_for_two_weeks() {
        let key = SecretString::from("k".repeat(64));
        let (one, now) = (ConversationToken::from("a".repeat(43)), OffsetDateTime::UNIX_EPOCH);
        let link = resume_token(&key, &one, now);
        assert_eq!(resumed(&key, &link, now + Duration::days(13)), Some(one));
        assert_eq!(resumed(&key, &link, now + Duration::days(15)), None);
        assert_eq!(resumed(&key, &link.replacen('a', "b", 1), now), None);
        for bad in ["", ".", "x.y", &"a".repeat(43)] {
            assert_eq!(resumed(&key, bad, now), None, "{bad:?}");
        }
    }
}
