//! Why something was not done: a code for programs and a sentence for people, never a cause.

use serde::Serialize;

use crate::{domain::chat::ChatError, types::ChatTextError};

/// The contract's codes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Code {
    /// Not an object, a field missing or of another type.
    BadPayload,
    /// No such conversation, or someone else's.
    NotFound,
    /// It was not joined on this socket.
    NotJoined,
    /// More than 8 kB.
    TooLong,
    /// Nothing but white space.
    Empty,
    /// Too much in a short time.
    RateLimited,
    /// Too many open sockets of one person.
    TooManySockets,
    /// It has ended.
    Ended,
    /// The same `client_id` for another text.
    ClientIdReused,
    /// For agents alone.
    AgentsOnly,
    /// No event of this name.
    UnknownEvent,
    /// Something we need is away.
    Unavailable,
    /// The sign-in ended, or what the person may do changed.
    SignedOut,
    /// An account's name, or one that looks like the shop's people.
    BadName,
}

/// A refusal as it is sent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refusal {
    /// For programs.
    pub code: Code,
    /// For people.
    pub message: String,
}

/// The `error` event.
#[derive(Serialize)]
pub struct ErrorEvent<'a> {
    message: &'a str,
    code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<&'a str>,
}

/// The answer to an event that asked for one.
#[derive(Serialize)]
pub struct Ack<'a> {
    success: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
}

impl Code {
    /// The word on the wire.
    pub const fn id(self) -> &'static str {
        match self {
            Self::BadPayload => "bad_payload",
            Self::NotFound => "not_found",
            Self::NotJoined => "not_joined",
            Self::TooLong => "too_long",
            Self::Empty => "empty",
            Self::RateLimited => "rate_limited",
            Self::TooManySockets => "too_many_sockets",
            Self::Ended => "ended",
            Self::ClientIdReused => "client_id_reused",
            Self::AgentsOnly => "agents_only",
            Self::UnknownEvent => "unknown_event",
            Self::Unavailable => "unavailable",
            Self::SignedOut => "signed_out",
            Self::BadName => "bad_name",
        }
    }

    const fn sentence(self) -> &'static str {
        match self {
            Self::BadPayload => "This could not be read.",
            Self::NotFound => "There is no such conversation.",
            Self::NotJoined => "Please join the conversation first.",
            Self::TooLong => "This is too long for one message; please send it in parts.",
            Self::Empty => "Please write something first.",
            Self::RateLimited => "Too much in a short time. Please wait a moment.",
            Self::TooManySockets => "The chat is open in too many places. Please close some of them.",
            Self::Ended => "This conversation has ended.",
            Self::ClientIdReused => "This client_id was used for another message.",
            Self::AgentsOnly => "Only support agents may do this.",
            Self::UnknownEvent => "There is no event of this name.",
            Self::Unavailable => "This does not work just now. Please try again in a moment.",
            Self::SignedOut => "Your sign-in has changed. Connecting again.",
            Self::BadName => "Please choose another name.",
        }
    }

    /// With words of its own.
    pub fn says(self, message: impl Into<String>) -> Refusal {
        Refusal { code: self, message: message.into() }
    }
}

impl From<Code> for Refusal {
    fn from(code: Code) -> Self {
        code.says(code.sentence())
    }
}

impl From<ChatTextError> for Refusal {
    fn from(error: ChatTextError) -> Self {
        let code = match error {
            ChatTextError::Empty => Code::Empty,
            ChatTextError::TooLong => Code::TooLong,
            ChatTextError::ClientId => Code::BadPayload,
            ChatTextError::Name | ChatTextError::ReservedName => Code::BadName,
        };
        code.says(error.to_string())
    }
}

impl From<ChatError> for Refusal {
    fn from(error: ChatError) -> Self {
        match error {
            ChatError::Unknown => Code::NotFound.into(),
            ChatError::Ended => Code::Ended.into(),
            ChatError::ClientIdReused => Code::ClientIdReused.into(),
            ChatError::UnknownThing => Code::BadPayload.says("What should be shown is not there."),
            ChatError::Text(error) => error.into(),
            ChatError::AgentsOnly => Code::AgentsOnly.into(),
            other => {
                tracing::warn!(error = %other, "an event could not be served");
                Code::Unavailable.into()
            }
        }
    }
}

impl From<sqlx::Error> for Refusal {
    fn from(error: sqlx::Error) -> Self {
        ChatError::from(error).into()
    }
}

impl Refusal {
    /// As the `error` event.
    pub fn event<'a>(&'a self, event: Option<&'a str>) -> ErrorEvent<'a> {
        ErrorEvent { message: &self.message, code: self.code.id(), event }
    }

    /// As an acknowledgement.
    pub fn ack(&self) -> Ack<'_> {
        Ack { success: false, id: None, code: Some(self.code.id()), message: Some(&self.message) }
    }
}

impl Ack<'_> {
    /// It was done; with the number of the message.
    pub const fn done(id: Option<i64>) -> Self {
        Self { success: true, id, code: None, message: None }
    }
}
