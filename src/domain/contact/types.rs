//! Messages and calls: as asked, and as kept.

use std::str::FromStr;

use serde_json::json;
use time::OffsetDateTime;

use crate::{
    infra::tokens,
    types::{CallBackId, ContactMessageId, Email, Phone},
};

/// What a message or a call is about.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Topic {
    /// An order that was placed.
    Order,
    /// Where a parcel is, how it comes.
    Delivery,
    /// Something goes back.
    Return,
    /// A question before buying.
    Product,
    /// Sign-in, data.
    Account,
    /// Anything else.
    Other,
}

/// The random text that a form carries, so that its second submit is known for what it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FormToken(String);

/// A message to the shop, every field held to its rules.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewMessage {
    /// Of the form that it was written in.
    pub token: FormToken,
    /// Who writes: one line, at most 120 letters, no control character.
    pub name: String,
    /// Where the answer goes.
    pub email: Email,
    /// What it is about.
    pub topic: Topic,
    /// The order that it is about, as typed; may be empty.
    pub order_number: String,
    /// What is written, 1 to 5,000 letters.
    pub text: String,
    /// Whether a copy goes to the sender.
    pub wants_copy: bool,
}

/// A call asked for, every field held to its rules.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewCallBack {
    /// Of the form that it was asked with.
    pub token: FormToken,
    /// Whom to ask for.
    pub name: String,
    /// Which number to call.
    pub phone: Phone,
    /// Where a confirmation goes.
    pub email: Option<Email>,
    /// What it is about.
    pub topic: Topic,
    /// When the slot begins.
    pub starts_at: OffsetDateTime,
}

/// A message as it was kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Message {
    /// Its id.
    pub id: ContactMessageId,
    /// What people quote.
    pub reference: String,
    /// Who wrote.
    pub name: String,
    /// Where the answer goes.
    pub email: String,
    /// What it is about.
    pub topic: Topic,
    /// The order that it is about, as typed; may be empty.
    pub order_number: String,
    /// What was written.
    pub text: String,
    /// Whether it was written from an account.
    pub is_customer: bool,
    /// When.
    pub created_at: OffsetDateTime,
}

/// A call as it was noted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CallBack {
    /// Its id.
    pub id: CallBackId,
    /// What people quote.
    pub reference: String,
    /// Whom to ask for.
    pub name: String,
    /// Which number to call.
    pub phone: String,
    /// Where a confirmation goes.
    pub email: Option<String>,
    /// What it is about.
    pub topic: Topic,
    /// When the slot begins.
    pub starts_at: OffsetDateTime,
    /// When it ends.
    pub ends_at: OffsetDateTime,
}

impl Topic {
    /// All of them, in the order in which forms offer them.
    pub const ALL: [Self; 6] = [Self::Order, Self::Delivery, Self::Return, Self::Product, Self::Account, Self::Other];

    /// The id that forms and the database use.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Order => "order",
            Self::Delivery => "delivery",
            Self::Return => "return",
            Self::Product => "product",
            Self::Account => "account",
            Self::Other => "other",
        }
    }

    /// What people read.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Order => "An order",
            Self::Delivery => "Shipping and delivery",
            Self::Return => "Returns and refunds",
            Self::Product => "A product",
            Self::Account => "My account",
            Self::Other => "Something else",
        }
    }
}

impl FromStr for Topic {
    type Err = ();

    fn from_str(id: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|topic| topic.id() == id).ok_or(())
    }
}

impl FormToken {
    /// A new one, for a form that is shown for the first time.
    #[must_use]
    pub fn random() -> Self {
        Self(tokens::random())
    }

    /// As the form carries it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for FormToken {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let plausible = (16..=100).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        if plausible { Ok(Self(text.to_owned())) } else { Err(()) }
    }
}

impl NewMessage {
    /// SHA-256 of the form's token and what was typed.
    pub(super) fn fingerprint(&self) -> [u8; 32] {
        let asked = json!([
            self.token.as_str(),
            self.name,
            self.email.as_str(),
            self.topic.id(),
            self.order_number,
            self.text,
            self.wants_copy
        ]);
        tokens::hash(&asked.to_string())
    }
}

impl NewCallBack {
    /// SHA-256 of the form's token and what was asked.
    pub(super) fn fingerprint(&self) -> [u8; 32] {
        let email = self.email.as_ref().map(Email::as_str);
        let asked = json!([
            self.token.as_str(),
            self.name,
            self.phone.as_str(),
            email,
            self.topic.id(),
            self.starts_at.unix_timestamp()
        ]);
        tokens::hash(&asked.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_is_read_back_from_its_id() {
        for topic in Topic::ALL {
            assert_eq!(topic.id().parse(), Ok(topic));
        }
        assert_eq!("spam".parse::<Topic>(), Err(()));
    }

    #[test]
    fn a_token_of_ours_is_plausible_and_others_are_not() {
        assert!(FormToken::random().as_str().parse::<FormToken>().is_ok());
        for bad in ["", "short", "a token with blanks in it", &"x".repeat(101), "0123456789abcdef\n"] {
            assert_eq!(bad.parse::<FormToken>(), Err(()), "{bad:?}");
        }
    }

    #[test]
    fn a_changed_message_of_the_same_form_is_another_one() {
        let message = NewMessage {
            token: FormToken::random(),
            name: "Ada".into(),
            email: "ada@example.com".parse().unwrap(),
            topic: Topic::Order,
            order_number: String::new(),
            text: "Where is it?".into(),
            wants_copy: false,
        };
        assert_eq!(message.fingerprint(), message.clone().fingerprint());
        let changed = NewMessage { text: "Where is it now?".into(), ..message.clone() };
        assert_ne!(message.fingerprint(), changed.fingerprint());
    }
}
