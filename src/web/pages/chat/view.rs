//! What the templates of the chat show.

use askama::Template;
use time::OffsetDateTime;

use super::{form::SayForm, named};
use crate::{
    domain::chat::{AttachmentKind, Card, Conversation, Marks, Message, Sender, Status},
    infra::clock,
    request::App,
    types::Locale,
    views::{
        chat_text::{self, TextPart},
        contact_card,
        layout::Frame,
        urls,
    },
    web::form::FieldErrors,
};

#[derive(Template)]
#[template(path = "chat/show.html", blocks = ["room"])]
pub(super) struct ChatPage {
    frame: Frame,
    room: Option<Room>,
    typed: SayForm,
    card: Option<CardView>,
    errors: FieldErrors,
    notice: String,
    good: String,
    is_open: bool,
    hours: String,
    zone: &'static str,
}

/// A form as it comes back, with what is wrong with it.
#[derive(Default)]
pub(super) struct Screen {
    pub typed: SayForm,
    pub errors: FieldErrors,
    pub notice: String,
    pub good: String,
}

/// Whether there are messages before those that are shown.
pub(super) struct Earlier {
    first: i64,
    is_page: bool,
}

/// A conversation on the page.
struct Room {
    token: String,
    items: Vec<Item>,
    last_id: i64,
    read: i64,
    agent: Option<String>,
    is_ended: bool,
    is_over: bool,
    rating: Option<i16>,
    mail: Option<String>,
    earlier: Option<String>,
    is_part: bool,
    last_day: String,
}

/// A line of the log.
enum Item {
    Day(String),
    Message(Box<Bubble>),
}

/// A message.
struct Bubble {
    id: i64,
    by: String,
    minute: i64,
    who: String,
    is_own: bool,
    is_system: bool,
    is_automatic: bool,
    is_continued: bool,
    is_followed: bool,
    text: Vec<TextPart>,
    file: Option<FileView>,
    card: Option<CardView>,
    time: String,
    at: String,
    mark: &'static str,
}

struct FileView {
    url: String,
    name: String,
    size: String,
    picture: Option<(i32, i32)>,
}

/// An order or a product.
pub(super) struct CardView {
    url: String,
    title: String,
    note: String,
    picture: Option<String>,
    order: String,
    product: String,
}

impl Screen {
    pub(super) fn new(typed: SayForm) -> Self {
        Self { typed, ..Self::default() }
    }
}

impl Earlier {
    pub(super) fn of(messages: &[Message], is_page: bool) -> Self {
        Self { first: messages.first().map_or(0, |message| message.seq), is_page }
    }
}

impl ChatPage {
    pub(super) fn new(
        app: &App,
        frame: Frame,
        found: Option<Conversation>,
        messages: Vec<Message>,
        (mut screen, card, mail, earlier): (Screen, Option<Card>, Option<String>, Earlier),
    ) -> Self {
        let locale = app.config.shop.locale;
        let (is_open, hours) = contact_card::open_now(&app.chat.plan().hours, &locale, clock::now());
        if screen.typed.client_id.is_empty() {
            screen.typed.renew();
        }
        if card.is_none() {
            screen.typed.order.clear();
            screen.typed.product.clear();
        }
        let asset_base = frame.asset_base.clone();
        Self {
            room: found.map(|found| Room::new(&asset_base, locale, found, messages, mail, &earlier)),
            card: card.map(|card| CardView::of(&asset_base, &card)),
            typed: screen.typed,
            errors: screen.errors,
            notice: screen.notice,
            good: screen.good,
            zone: locale.zone().name(),
            frame,
            is_open,
            hours,
        }
    }

    fn problems(&self) -> Vec<(String, String)> {
        named(&self.errors)
    }
}

impl Room {
    fn new(
        asset_base: &str,
        locale: Locale,
        of: Conversation,
        messages: Vec<Message>,
        mail: Option<String>,
        earlier: &Earlier,
    ) -> Self {
        let token = of.token.as_str().to_owned();
        let more = earlier.first > 1;
        let last = messages.last().map(|message| locale.zone().local(message.at).date().to_string());
        Self {
            items: items(asset_base, locale, &messages, of.marks),
            // A page of earlier ones ends before the last: the live part would find a gap there.
            last_id: messages.last().map_or(0, |message| message.seq),
            read: of.marks.customer_read,
            agent: of.assignee.map(|agent| agent.name),
            is_ended: of.is_ended,
            is_over: of.is_ended || of.status == Status::Resolved,
            rating: of.rating,
            earlier: more.then(|| format!("/chat?conversation={token}&before={}", earlier.first)),
            is_part: earlier.is_page,
            last_day: last.unwrap_or_default(),
            token,
            mail,
        }
    }
}

fn items(asset_base: &str, locale: Locale, messages: &[Message], marks: Marks) -> Vec<Item> {
    let mut items = Vec::new();
    let mut day = None;
    for message in messages {
        let bubble = Bubble::of(asset_base, locale, message, marks);
        let date = locale.zone().local(message.at).date();
        if day != Some(date) {
            day = Some(date);
            items.push(Item::Day(locale.day(date)));
            items.push(Item::Message(Box::new(bubble)));
            continue;
        }
        let mut bubble = bubble;
        if let Some(Item::Message(previous)) = items.last_mut()
            && previous.by == bubble.by
            && previous.minute == bubble.minute
        {
            (previous.is_followed, bubble.is_continued) = (true, true);
        }
        items.push(Item::Message(Box::new(bubble)));
    }
    items
}

impl Bubble {
    fn of(asset_base: &str, locale: Locale, message: &Message, marks: Marks) -> Self {
        let is_own = message.sender == Sender::Customer;
        Self {
            id: message.seq,
            by: if is_own { "own:".to_owned() } else { format!("{}:{}", message.sender.id(), message.username) },
            minute: message.at.unix_timestamp().div_euclid(60),
            who: message.username.clone(),
            is_own,
            is_system: message.sender == Sender::System,
            is_automatic: message.sender == Sender::Automatic,
            is_continued: false,
            is_followed: false,
            text: chat_text::parts(message.body.as_str()),
            file: message.attachment.as_ref().map(|file| FileView {
                url: urls::chat_file(message.token.as_str(), &file.token),
                name: file.file_name.clone(),
                size: size(file.bytes),
                picture: (file.kind == AttachmentKind::Picture)
                    .then(|| (file.width.unwrap_or(320), file.height.unwrap_or(240))),
            }),
            card: message.card.as_ref().map(|card| CardView::of(asset_base, card)),
            time: locale.time(message.at),
            at: iso(message.at),
            mark: match message.seq {
                seq if seq <= marks.support_read => "Read",
                seq if seq <= marks.support_delivered => "Delivered",
                _ => "Sent",
            },
        }
    }
}

impl CardView {
    fn of(asset_base: &str, card: &Card) -> Self {
        match card {
            Card::Order { number, status, total } => Self {
                url: urls::order(number),
                title: format!("Order {number}"),
                note: format!("{status}, {total}"),
                picture: None,
                order: number.clone(),
                product: String::new(),
            },
            Card::Product { slug, name, price, picture } => Self {
                url: urls::product(slug),
                title: name.clone(),
                note: price.clone(),
                picture: picture.as_ref().map(|stem| urls::media(asset_base, stem, 320)),
                order: String::new(),
                product: slug.clone(),
            },
        }
    }
}

fn size(bytes: i64) -> String {
    if bytes >= 1_000_000 {
        format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000)
    } else {
        format!("{} kB", (bytes / 1_000).max(1))
    }
}

fn iso(at: OffsetDateTime) -> String {
    at.format(&time::format_description::well_known::Rfc3339).unwrap_or_default()
}
