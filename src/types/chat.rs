//! What people say in the chat, parsed once at the edge.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The most bytes of one message.
pub const MOST_BODY_BYTES: usize = 8_192;
const MOST_NAME_LETTERS: usize = 40;
const MOST_CLIENT_ID: usize = 64;

// Nobody may look like the shop.
const RESERVED: [&str; 13] = [
    "support",
    "agent",
    "admin",
    "administrator",
    "staff",
    "moderator",
    "system",
    "server",
    "helpdesk",
    "service",
    "official",
    "owner",
    "bot",
];

/// The contract's `session_id`: whoever knows it still has to be a member.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ConversationToken(String);

/// What is said: text and nothing else, not empty, at most 8 kB.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MessageBody(String);

/// What a client calls its message, so that sending it again is no second one.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ClientId(String);

/// What a visitor wants to be called.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DisplayName(String);

/// Why something said is refused; the message is for whoever said it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum ChatTextError {
    /// Nothing but white space.
    #[error("Please write something first")]
    Empty,
    /// More than 8 kB.
    #[error("This is too long for one message; please send it in parts")]
    TooLong,
    /// Not 1 to 64 letters, digits, `-`, `_`, `.` or `:`.
    #[error("client_id takes 1 to 64 letters, digits, '-', '_', '.' and ':'")]
    ClientId,
    /// Not 1 to 40 letters.
    #[error("A name takes 1 to 40 characters")]
    Name,
    /// Looks like the shop's people.
    #[error("Please choose another name; this one looks like the shop's own")]
    ReservedName,
}

impl ConversationToken {
    /// What may be a token; what cannot be one was never given out, and never reaches the database.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        ((20..=64).contains(&text.len()) && text.bytes().all(fits)).then(|| Self(text.to_owned()))
    }

    /// As it stands in addresses and events.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl MessageBody {
    /// Cleans and bounds what is said: control characters are replaced by their pictures, marks that reorder what is read by a
    /// question mark, so that they are seen and do nothing.
    ///
    /// # Errors
    /// Empty or too long.
    pub fn parse(text: &str) -> Result<Self, ChatTextError> {
        if text.len() > MOST_BODY_BYTES {
            return Err(ChatTextError::TooLong);
        }
        let text: String = text.replace("\r\n", "\n").chars().map(harmless).collect();
        let text = text.trim();
        match text.len() {
            0 => Err(ChatTextError::Empty),
            // A picture of a control character takes three bytes.
            length if length > MOST_BODY_BYTES => Err(ChatTextError::TooLong),
            _ => Ok(Self(text.to_owned())),
        }
    }

    /// No words: for a message that is its attachment or its card.
    #[must_use]
    pub const fn none() -> Self {
        Self(String::new())
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl ClientId {
    /// Parses what a client sent.
    ///
    /// # Errors
    /// Empty, too long, or other characters.
    pub fn parse(text: &str) -> Result<Self, ChatTextError> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte);
        let ok = (1..=MOST_CLIENT_ID).contains(&text.len()) && text.bytes().all(fits);
        if ok { Ok(Self(text.to_owned())) } else { Err(ChatTextError::ClientId) }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl DisplayName {
    /// Parses what a visitor wants to be called. Whether an account has the name is asked of the database.
    ///
    /// # Errors
    /// Empty, too long, unprintable, or one that looks like the shop's people.
    pub fn parse(text: &str) -> Result<Self, ChatTextError> {
        let name = super::text::one_line_of(text, MOST_NAME_LETTERS).map_err(|_| ChatTextError::Name)?;
        if looks_like_the_shop(&name) { Err(ChatTextError::ReservedName) } else { Ok(Self(name)) }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ConversationToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<String> for MessageBody {
    /// What the database holds was parsed before.
    fn from(stored: String) -> Self {
        Self(stored)
    }
}

impl From<String> for ConversationToken {
    /// What the database holds was made here.
    fn from(stored: String) -> Self {
        Self(stored)
    }
}

// A word of the name, or the whole of it without what stands between its letters; "Abbot" is nobody's bot.
fn looks_like_the_shop(name: &str) -> bool {
    let name = name.to_lowercase();
    let squeezed: String = name.chars().filter(|letter| letter.is_alphanumeric()).collect();
    let words = name.split(|letter: char| !letter.is_alphanumeric());
    words.chain([squeezed.as_str()]).any(|word| RESERVED.contains(&word)) || squeezed.contains("support")
}

fn harmless(letter: char) -> char {
    match letter {
        '\n' | '\t' => letter,
        '\r' => '\n',
        '\u{7F}' => '\u{2421}',
        control @ '\0'..='\u{1F}' => char::from_u32(0x2400 + u32::from(control)).unwrap_or('\u{FFFD}'),
        '\u{80}'..='\u{9F}'
        | '\u{202A}'..='\u{202E}'
        | '\u{2066}'..='\u{2069}'
        | '\u{FEFF}'
        | '\u{FFFE}'
        | '\u{FFFF}' => '\u{FFFD}',
        _ => letter,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_is_bounded_and_harmless() {
        assert_eq!(MessageBody::parse(" a\r\nb ").map(|body| body.0), Ok("a\nb".to_owned()));
        assert_eq!(MessageBody::parse("a\0b\u{202E}c\u{1b}").map(|body| body.0), Ok("a␀b\u{FFFD}c␛".to_owned()));
        assert_eq!(MessageBody::parse(" \n "), Err(ChatTextError::Empty));
        assert_eq!(MessageBody::parse(&"x".repeat(8_193)), Err(ChatTextError::TooLong));
        assert_eq!(MessageBody::parse(&"\u{1}".repeat(8_000)), Err(ChatTextError::TooLong));
        assert!(MessageBody::parse(&"x".repeat(8_192)).is_ok());
    }

    #[test]
    fn nobody_is_called_like_the_shops_people() {
        for bad in ["Support", "S u p p o r t", "the.admin", "AGENT 7", "", "x\ny"] {
            assert!(DisplayName::parse(bad).is_err(), "{bad:?}");
        }
        assert!(DisplayName::parse("Zoë O'Hara").is_ok() && DisplayName::parse("Abbot Badminton").is_ok());
    }

    #[test]
    fn tokens_and_client_ids_are_what_they_can_be() {
        assert!(ConversationToken::parse(&"aB3-_".repeat(8)).is_some());
        for bad in ["", "short", "' OR 1=1 -- aaaaaaaaaaaaaaaa", &"a".repeat(65)] {
            assert!(ConversationToken::parse(bad).is_none(), "{bad:?}");
        }
        assert!(
            ClientId::parse("m-1:a.B_c").is_ok() && ClientId::parse("").is_err() && ClientId::parse("a b").is_err()
        );
    }
}
