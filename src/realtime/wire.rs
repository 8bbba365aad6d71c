//! What goes over the wire: the contract's names, made from what the domain says.

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::{
    domain::chat::{Attachment, Card, Change, Marks, Message, State},
    request::App,
    views::urls,
};

const CARD_PICTURE: u32 = 320;

/// A message as clients get it.
#[derive(Serialize)]
pub struct WireMessage<'a> {
    id: i64,
    session_id: &'a str,
    username: &'a str,
    message: &'a str,
    is_support: bool,
    sender: &'static str,
    timestamp: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attachment: Option<WireAttachment<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    card: Option<WireCard<'a>>,
}

/// The `new_message` event.
#[derive(Serialize)]
pub struct NewMessage<'a> {
    /// What was said.
    pub message: WireMessage<'a>,
}

#[derive(Serialize)]
struct WireAttachment<'a> {
    url: String,
    kind: &'static str,
    file_name: &'a str,
    bytes: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    width: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    height: Option<i32>,
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum WireCard<'a> {
    Order {
        number: &'a str,
        status: &'a str,
        total: &'a str,
        url: String,
    },
    Product {
        slug: &'a str,
        name: &'a str,
        price: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        picture: Option<String>,
        url: String,
    },
}

/// How a conversation stands.
#[derive(Serialize)]
pub struct WireState<'a> {
    session_id: &'a str,
    status: &'static str,
    ended: bool,
    agent: Option<WireAgent<'a>>,
    marks: Marks,
    last_id: i64,
    version: i64,
}

#[derive(Serialize)]
struct WireAgent<'a> {
    name: &'a str,
}

/// Something that agents alone see.
#[derive(Serialize)]
pub struct WireChange<'a> {
    id: i64,
    kind: &'a str,
    actor: &'a str,
    body: &'a str,
    at: String,
}

/// The answer to a join.
#[derive(Serialize)]
pub struct Joined<'a> {
    /// Which conversation.
    pub session_id: &'a str,
    /// What the one who joined is called.
    pub username: &'a str,
    /// Those after `after`, or the latest.
    pub messages: Vec<WireMessage<'a>>,
    /// The number of the last of them, or of the conversation.
    pub last_id: i64,
    /// How it stands.
    pub state: WireState<'a>,
    /// Whether there are more after `last_id`, to be asked for by another join.
    pub more: bool,
    /// For agents: what else happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changes: Option<Vec<WireChange<'a>>>,
}

/// A payload that is sent to many is written once.
pub fn raw<T: Serialize>(payload: &T) -> Option<Box<RawValue>> {
    to_raw_value(payload).inspect_err(|error| tracing::error!(%error, "a payload cannot be written")).ok()
}

/// A message, for the wire.
pub fn message<'a>(app: &App, of: &'a Message) -> WireMessage<'a> {
    WireMessage {
        id: of.seq,
        session_id: of.token.as_str(),
        username: &of.username,
        message: of.body.as_str(),
        is_support: of.sender.is_support(),
        sender: of.sender.id(),
        timestamp: rfc3339(of.at),
        client_id: of.client_id.as_ref().map(|id| id.as_str()),
        attachment: of.attachment.as_ref().map(|file| attachment(of.token.as_str(), file)),
        card: of.card.as_ref().map(|shown| card(app, shown)),
    }
}

fn attachment<'a>(token: &str, file: &'a Attachment) -> WireAttachment<'a> {
    WireAttachment {
        url: format!("/chat/{token}/attachments/{}", file.token),
        kind: file.kind.id(),
        file_name: &file.file_name,
        bytes: file.bytes,
        width: file.width,
        height: file.height,
    }
}

fn card<'a>(app: &App, shown: &'a Card) -> WireCard<'a> {
    match shown {
        Card::Order { number, status, total } => WireCard::Order { number, status, total, url: urls::order(number) },
        Card::Product { slug, name, price, picture } => {
            let base = &app.config.public.asset_base;
            let picture = picture.as_ref().map(|stem| urls::media(base, stem, CARD_PICTURE));
            WireCard::Product { slug, name, price, picture, url: urls::product(slug) }
        }
    }
}

/// How a conversation stands, for the wire.
pub fn state(of: &State) -> WireState<'_> {
    WireState {
        session_id: of.token.as_str(),
        status: of.status.id(),
        ended: of.is_ended,
        agent: of.agent.as_ref().map(|agent| WireAgent { name: &agent.name }),
        marks: of.marks,
        last_id: of.last_seq,
        version: of.last_change,
    }
}

/// A change, for the wire.
pub fn change(of: &Change) -> WireChange<'_> {
    WireChange { id: of.n, kind: &of.kind, actor: &of.actor, body: &of.body, at: rfc3339(of.at) }
}

fn rfc3339(at: OffsetDateTime) -> String {
    at.format(&Rfc3339).unwrap_or_default()
}
