//! The conversation in the middle of the desk.

use time::OffsetDateTime;

use super::{asked::Asked, words};
use crate::{
    domain::{
        accounts::Agent,
        chat::{
            Assignee, AttachmentKind, Card, Change, Conversation, Message, Sender, Status,
            desk::{CannedAnswer, Filled, Label, Piece},
        },
    },
    infra::clock,
    request::{App, AppError},
    types::{Locale, Zone},
    views::{
        chat_text::{self, TextPart},
        layout::Frame,
        urls,
    },
};

/// A conversation as an agent sees it.
pub(super) struct Talk {
    pub token: String,
    pub name: String,
    pub status: &'static str,
    pub badge: &'static str,
    pub status_id: &'static str,
    pub is_ended: bool,
    pub snoozed: String,
    pub wait: Option<(String, &'static str)>,
    pub assignee: String,
    pub is_mine: bool,
    pub is_free: bool,
    pub rating: Option<i16>,
    pub pieces: Vec<Shown>,
    pub earlier: Option<String>,
    pub is_old_part: bool,
    pub last: i64,
    pub last_change: i64,
    pub customer_delivered: i64,
    pub customer_read: i64,
    pub last_day: String,
    pub labels: Vec<Label>,
    pub other_labels: Vec<Label>,
    pub agents: Vec<Assignee>,
    pub canned: Vec<Canned>,
    pub inserted: String,
    pub back: String,
    pub customer: String,
    pub here: String,
}

/// An answer written beforehand, filled for this customer.
pub(super) struct Canned {
    pub shortcut: String,
    pub title: String,
    pub text: String,
    pub url: String,
}

/// One thing in the log.
pub(super) enum Shown {
    /// The day changes.
    Day(String),
    /// Something that was said.
    Said(Box<Bubble>),
    /// Something for colleagues.
    Note(Event),
    /// What became of it.
    Event(Event),
}

/// A message.
pub(super) struct Bubble {
    pub seq: i64,
    pub class: &'static str,
    pub by: String,
    pub minute: i64,
    pub who: String,
    pub is_automatic: bool,
    pub is_own: bool,
    pub text: Vec<TextPart>,
    pub file: Option<File>,
    pub card: Option<(String, String, String)>,
    pub clock: String,
    pub at: String,
    pub mark: &'static str,
}

/// A file of a message.
pub(super) struct File {
    pub url: String,
    pub name: String,
    pub is_picture: bool,
    pub width: i32,
    pub height: i32,
    pub size: String,
}

/// A change that agents alone see.
pub(super) struct Event {
    pub n: i64,
    pub text: String,
    pub actor: String,
    pub clock: String,
    pub at: String,
}

impl Talk {
    pub(super) async fn load(
        app: &App,
        agent: &Agent,
        frame: &Frame,
        asked: &Asked,
        found: &Conversation,
        latest_order: &str,
    ) -> Result<Self, AppError> {
        let (chat, now) = (&app.chat, clock::now());
        let thread = chat.thread(agent, found, asked.before()).await?;
        let (all_labels, labels) = chat.labels(agent, found).await?;
        let me = agent.customer();
        let names = Filled {
            customer: &found.display_name,
            agent: me.user().display_name(),
            shop: &frame.shop_name,
            order: latest_order,
        };
        let canned = canned(chat.canned(agent).await?, &names, asked);
        let (status, badge) = words::status(found.status, found.is_ended);
        let (pieces, last_day) = shown(&thread.pieces, found, frame.locale);
        Ok(Self {
            token: found.token.to_string(),
            name: found.display_name.clone(),
            status,
            badge,
            status_id: found.status.id(),
            is_ended: found.is_ended,
            snoozed: match (found.status, found.snoozed_until) {
                (Status::Snoozed, Some(until)) => frame.locale.date_time(until),
                _ => String::new(),
            },
            wait: found.waiting_since.map(|since| words::waiting(since, now)),
            assignee: found.assignee.as_ref().map_or(String::new(), |assignee| assignee.name.clone()),
            is_mine: found.assignee.as_ref().is_some_and(|assignee| assignee.id == me.id()),
            is_free: found.assignee.is_none(),
            rating: found.rating,
            pieces,
            earlier: thread.earlier.map(|seq| Asked { before: seq.to_string(), ..asked.clone() }.url()),
            is_old_part: asked.before().is_some(),
            last: found.last_seq,
            last_change: found.last_change,
            customer_delivered: found.marks.customer_delivered,
            customer_read: found.marks.customer_read,
            last_day,
            other_labels: all_labels.into_iter().filter(|label| !labels.contains(label)).collect(),
            labels,
            agents: chat.agents(agent).await?.into_iter().filter(|other| other.id != me.id()).collect(),
            inserted: canned
                .iter()
                .find(|one| one.shortcut == asked.answer)
                .map_or(String::new(), |one| one.text.clone()),
            canned,
            back: asked.with_conversation("").url(),
            customer: Asked { show: "customer".to_owned(), ..asked.with_conversation(&asked.conversation) }.url(),
            here: asked.with_conversation(&asked.conversation).to_query(),
        })
    }

    /// Who else answers it; empty if nobody does.
    pub(super) fn another(&self) -> &str {
        if self.is_mine || self.is_free { "" } else { &self.assignee }
    }
}

fn canned(answers: Vec<CannedAnswer>, names: &Filled<'_>, asked: &Asked) -> Vec<Canned> {
    let one = |answer: CannedAnswer| Canned {
        text: answer.filled(names),
        url: Asked { answer: answer.shortcut.clone(), ..asked.clone() }.url(),
        shortcut: answer.shortcut,
        title: answer.title,
    };
    answers.into_iter().map(one).collect()
}

fn shown(pieces: &[Piece], of: &Conversation, locale: Locale) -> (Vec<Shown>, String) {
    let (mut all, mut day) = (Vec::with_capacity(pieces.len() + 4), String::new());
    for piece in pieces {
        let at = match piece {
            Piece::Message(message) => message.at,
            Piece::Change(change) => change.at,
        };
        let on = local(locale.zone(), at).date();
        let key = on.to_string();
        if day != key {
            all.push(Shown::Day(locale.day(on)));
            day = key;
        }
        match piece {
            Piece::Message(message) => {
                let bubble = Bubble::new(message, of, locale, all.last());
                all.push(Shown::Said(Box::new(bubble)));
            }
            Piece::Change(change) if change.kind == "note" => all.push(Shown::Note(Event::new(change, locale))),
            Piece::Change(change) => all.push(Shown::Event(Event::new(change, locale))),
        }
    }
    (all, day)
}

fn local(zone: Zone, at: OffsetDateTime) -> OffsetDateTime {
    zone.local(at)
}

impl Bubble {
    // Bubbles of one speaker in one minute hang together.
    fn new(message: &Message, of: &Conversation, locale: Locale, before: Option<&Shown>) -> Self {
        let is_own = message.sender != Sender::Customer;
        let by = match message.sender {
            Sender::Agent => format!("own:{}", message.username),
            _ if is_own => "own:".to_owned(),
            _ => format!("customer:{}", message.username),
        };
        let minute = message.at.unix_timestamp().div_euclid(60);
        let follows = matches!(before, Some(Shown::Said(last)) if last.by == by && last.minute == minute);
        let class = match (message.sender, is_own, follows) {
            (Sender::System, ..) => "chat-message is-system",
            (_, true, true) => "chat-message is-own is-continued",
            (_, true, false) => "chat-message is-own",
            (_, false, true) => "chat-message is-continued",
            (_, false, false) => "chat-message",
        };
        let mark = match message.seq {
            seq if seq <= of.marks.customer_read => "Read",
            seq if seq <= of.marks.customer_delivered => "Delivered",
            _ => "Sent",
        };
        Self {
            seq: message.seq,
            class,
            by,
            minute,
            who: message.username.clone(),
            is_automatic: message.sender == Sender::Automatic,
            is_own,
            text: chat_text::parts(message.body.as_str()),
            file: message.attachment.as_ref().map(|file| File {
                url: format!("/chat/{}/attachments/{}", of.token, file.token),
                name: file.file_name.clone(),
                is_picture: file.kind == AttachmentKind::Picture,
                width: file.width.unwrap_or(320),
                height: file.height.unwrap_or(240),
                size: format!("{} kB", (file.bytes / 1_000).max(1)),
            }),
            card: message.card.as_ref().map(card),
            clock: locale.clock(local(locale.zone(), message.at).time()),
            at: stamp(message.at),
            mark,
        }
    }
}

// Name, a few words, and where it leads; an order's page is its owner's alone.
fn card(card: &Card) -> (String, String, String) {
    match card {
        Card::Order { number, status, total } => {
            (format!("Order {number}"), format!("{status}, {total}"), String::new())
        }
        Card::Product { slug, name, price, .. } => (name.clone(), price.clone(), urls::product(slug)),
    }
}

impl Event {
    fn new(change: &Change, locale: Locale) -> Self {
        Self {
            n: change.n,
            text: event_words(change),
            actor: change.actor.clone(),
            clock: locale.clock(local(locale.zone(), change.at).time()),
            at: stamp(change.at),
        }
    }
}

// What a change says after who did it; `desk.js` says the same.
fn event_words(change: &Change) -> String {
    let body = change.body.as_str();
    match change.kind.as_str() {
        "note" => body.to_owned(),
        // The shop by itself.
        "assignment" if change.actor.is_empty() && body.starts_with("Given back") => body.to_owned(),
        "assignment" if change.actor.is_empty() => format!("Given to {body}"),
        "assignment" if body.is_empty() => "gave it back to the queue".to_owned(),
        "assignment" if body == change.actor => "took it".to_owned(),
        "assignment" => format!("handed it to {body}"),
        "status" if change.actor.is_empty() && body == "open" => "Open again".to_owned(),
        "status" if change.actor.is_empty() => format!("Marked as {body}"),
        "status" if body == "pending" => "answered".to_owned(),
        "status" if body.starts_with("snoozed") => body.to_owned(),
        "status" => format!("marked it as {body}"),
        "label" => match body.split_at_checked(1) {
            Some(("-", name)) => format!("took off the label {name}"),
            Some(("+", name)) => format!("set the label {name}"),
            _ => body.to_owned(),
        },
        _ => body.to_owned(),
    }
}

fn stamp(at: OffsetDateTime) -> String {
    at.format(&time::format_description::well_known::Rfc3339).unwrap_or_default()
}
