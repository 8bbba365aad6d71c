//! What clients send, parsed once. Who they are is never in it: claims like `is_support` are not even read.

use serde_json::{Map, Value};

use super::refusal::{Code, Refusal};
use crate::{
    domain::chat::{CardRequest, Mark, NewMessage},
    types::{ClientId, ConversationToken, DisplayName, MessageBody},
};

const LONGEST_ALERT: usize = 200;

/// One event of a client.
#[derive(Debug)]
pub enum Asked {
    /// `join_chat`.
    Join(Join),
    /// `send_message`.
    Say(ConversationToken, NewMessage),
    /// `typing`.
    Typing(ConversationToken, bool),
    /// `support_request`, with some words.
    Support(ConversationToken, String),
    /// `leave_chat`.
    Leave(ConversationToken),
    /// `mark_delivered` and `mark_read`.
    Mark(ConversationToken, Mark, i64),
    /// `viewing`: path and title.
    Viewing(ConversationToken, String, String),
    /// `join_desk`.
    JoinDesk,
    /// `leave_desk`.
    LeaveDesk,
}

/// What `join_chat` says.
#[derive(Debug)]
pub struct Join {
    /// Which conversation; `None`: the person's open one, or a new one.
    pub token: Option<ConversationToken>,
    /// What a visitor wants to be called.
    pub name: Option<String>,
    /// The last message that is known.
    pub after: Option<i64>,
    /// The last change that is known.
    pub changes_after: Option<i64>,
}

/// Every event that is understood.
pub const EVENTS: [&str; 10] = [
    "join_chat",
    "send_message",
    "typing",
    "support_request",
    "leave_chat",
    "mark_delivered",
    "mark_read",
    "viewing",
    "join_desk",
    "leave_desk",
];

/// Reads an event's payload.
///
/// # Errors
/// Which rule it breaks.
pub fn read(event: &str, payload: &Value) -> Result<Asked, Refusal> {
    let none = Map::new();
    let fields = match payload {
        Value::Object(fields) => Fields(fields),
        // Nothing at all is an object without members.
        Value::Null if matches!(event, "join_chat" | "join_desk" | "leave_desk") => Fields(&none),
        _ => return Err(Code::BadPayload.says("the payload must be an object")),
    };
    Ok(match event {
        "join_chat" => Asked::Join(fields.join()?),
        "send_message" => Asked::Say(fields.token()?, fields.new_message()?),
        "typing" => Asked::Typing(fields.token()?, fields.flag("is_typing")?),
        "support_request" => {
            let words = fields.optional_text("message")?.unwrap_or_default();
            let clean = MessageBody::parse(words).unwrap_or(MessageBody::none());
            Asked::Support(fields.token()?, clean.as_str().chars().take(LONGEST_ALERT).collect())
        }
        "leave_chat" => Asked::Leave(fields.token()?),
        "mark_delivered" => Asked::Mark(fields.token()?, Mark::Delivered, fields.number("id")?),
        "mark_read" => Asked::Mark(fields.token()?, Mark::Read, fields.number("id")?),
        "viewing" => {
            let text = |name| Ok::<_, Refusal>(fields.optional_text(name)?.unwrap_or_default().to_owned());
            Asked::Viewing(fields.token()?, text("path")?, text("title")?)
        }
        "join_desk" => Asked::JoinDesk,
        "leave_desk" => Asked::LeaveDesk,
        _ => return Err(Code::UnknownEvent.into()),
    })
}

struct Fields<'a>(&'a Map<String, Value>);

impl<'a> Fields<'a> {
    fn get(&self, name: &str) -> Option<&'a Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    fn optional_text(&self, name: &str) -> Result<Option<&'a str>, Refusal> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(Code::BadPayload.says(format!("{name} must be a text"))),
        }
    }

    fn optional_number(&self, name: &str) -> Result<Option<i64>, Refusal> {
        match self.get(name) {
            None => Ok(None),
            Some(value) => match value.as_i64().filter(|number| *number >= 0) {
                Some(number) => Ok(Some(number)),
                None => Err(Code::BadPayload.says(format!("{name} must be a whole number"))),
            },
        }
    }

    fn number(&self, name: &str) -> Result<i64, Refusal> {
        self.optional_number(name)?.ok_or_else(|| Code::BadPayload.says(format!("{name} is missing")))
    }

    fn flag(&self, name: &str) -> Result<bool, Refusal> {
        match self.get(name) {
            // Whoever says no more than "typing" is typing.
            None => Ok(true),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(_) => Err(Code::BadPayload.says(format!("{name} must be true or false"))),
        }
    }

    // What cannot be a token is nobody's conversation.
    fn token(&self) -> Result<ConversationToken, Refusal> {
        let text = self.optional_text("session_id")?;
        let text = text.ok_or_else(|| Code::BadPayload.says("session_id is missing"))?;
        ConversationToken::parse(text).ok_or_else(|| Code::NotFound.into())
    }

    fn join(&self) -> Result<Join, Refusal> {
        let token = self.get("session_id").map(|_| self.token()).transpose()?;
        let name = self.optional_text("username")?.map(str::to_owned);
        let (after, changes_after) = (self.optional_number("after")?, self.optional_number("changes_after")?);
        Ok(Join { token, name, after, changes_after })
    }

    fn new_message(&self) -> Result<NewMessage, Refusal> {
        let attachment = self.optional_text("attachment")?.map(str::to_owned);
        let card = self.card()?;
        let text = self.optional_text("message")?.unwrap_or_default();
        let body = match text.trim() {
            "" if attachment.is_some() || card.is_some() => MessageBody::none(),
            _ => MessageBody::parse(text)?,
        };
        let client_id = match self.optional_text("client_id")? {
            None => None,
            Some(text) => Some(ClientId::parse(text).map_err(|error| Code::BadPayload.says(error.to_string()))?),
        };
        Ok(NewMessage { body, client_id, attachment, card })
    }

    fn card(&self) -> Result<Option<CardRequest>, Refusal> {
        let Some(card) = self.get("card") else { return Ok(None) };
        let malformed = || Code::BadPayload.says("card must be {order: number} or {product: slug}");
        let fields = card.as_object().ok_or_else(malformed)?;
        let text = |name: &str| fields.get(name).and_then(Value::as_str);
        match (text("order"), text("product")) {
            (Some(number), None) => Ok(Some(CardRequest::Order(number.chars().take(64).collect()))),
            (None, Some(slug)) => Ok(Some(CardRequest::Product(slug.chars().take(200).collect()))),
            _ => Err(malformed()),
        }
    }
}

/// What a visitor wants to be called.
///
/// # Errors
/// `bad_name`.
pub fn name(text: &str) -> Result<DisplayName, Refusal> {
    DisplayName::parse(text).map_err(Refusal::from)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refused(event: &str, payload: Value) -> Code {
        read(event, &payload).unwrap_err().code
    }

    #[test]
    fn malformed_payloads_are_refused_by_their_code() {
        let token = "t".repeat(43);
        for payload in [json!([1]), json!("x"), json!(7), Value::Null, json!({}), json!({"session_id": 7})] {
            assert_eq!(refused("send_message", payload.clone()), Code::BadPayload, "{payload}");
        }
        assert_eq!(refused("send_message", json!({"session_id": "' OR 1=1", "message": "x"})), Code::NotFound);
        assert_eq!(refused("send_message", json!({"session_id": token, "message": " "})), Code::Empty);
        assert_eq!(refused("send_message", json!({"session_id": token, "message": "x".repeat(8_193)})), Code::TooLong);
        for client_id in [json!(""), json!("a b"), json!(7), json!("x".repeat(65))] {
            let payload = json!({"session_id": token, "message": "x", "client_id": client_id});
            assert_eq!(refused("send_message", payload), Code::BadPayload);
        }
        assert_eq!(refused("mark_read", json!({"session_id": token, "id": -1})), Code::BadPayload);
        assert_eq!(refused("join_chat", json!({"after": "1"})), Code::BadPayload);
        assert_eq!(refused("typing", json!({"session_id": token, "is_typing": "yes"})), Code::BadPayload);
    }

    #[test]
    fn nothing_but_the_events_fields_is_read() {
        let token = "t".repeat(43);
        let claims = json!({"session_id": token, "message": "x", "is_support": true, "username": "Support", "id": 9});
        let Asked::Say(_, new) = read("send_message", &claims).unwrap() else { panic!("something else") };
        assert_eq!(new.body.as_str(), "x");
        assert!(matches!(read("join_chat", &Value::Null), Ok(Asked::Join(Join { token: None, after: None, .. }))));
        let shown = json!({"session_id": token, "card": {"product": "mug"}});
        let Asked::Say(_, new) = read("send_message", &shown).unwrap() else { panic!("something else") };
        assert_eq!((new.body.as_str(), new.card), ("", Some(CardRequest::Product("mug".into()))));
    }
}
