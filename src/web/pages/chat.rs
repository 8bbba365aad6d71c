//! The customer's side of the chat: a page of its own and the launcher's panel. Everything but the live part is forms.

pub mod files;
mod form;
pub mod mails;
pub mod over;
pub mod resume;
mod view;

use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::Response,
};
use form::{LABELS, SayForm};
use serde::Deserialize;
use view::{ChatPage, Earlier, Screen};

use crate::{
    domain::chat::{CardRequest, ChatError, Conversation, Mark, NewMessage, Side, Speaker, Which},
    infra::database::Db,
    request::{Actor, App, AppError, Limit, check_limit},
    types::{ChatTextError, ConversationToken},
    views::layout::Frame,
    web::{
        Hx, PageFrame,
        form::{FieldErrors, Form},
        html, redirect, too_many, too_much_was_said,
    },
};

// The part of the page that htmx swaps.
const ROOM: &str = "#chat";

/// What the address asks for: one conversation, earlier messages of it, and what a new message is about.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    conversation: String,
    before: String,
    order: String,
    product: String,
}

/// `GET /chat`.
pub async fn show(
    State(app): State<App>,
    actor: Actor,
    PageFrame(frame): PageFrame,
    Query(asked): Query<Asked>,
) -> Result<Response, AppError> {
    let found = wanted(&app, &actor, &asked).await?;
    if let (Some(conversation), Some(speaker)) = (&found, actor.speaker()) {
        // Without JavaScript nobody else says that it was read.
        app.chat.mark(&speaker, &conversation.token, Mark::Read, conversation.last_seq).await?;
        app.chat.seen(conversation).await?;
    }
    let typed = SayForm::about(&asked.order, &asked.product);
    let page = page(&app, &actor, frame, found, &asked, Screen::new(typed)).await?;
    Ok(html(StatusCode::OK, &page))
}

/// `GET /chat/widget`: the same without the page around it. Fetching it reads nothing: the launcher does so before it is opened.
pub async fn widget(
    State(app): State<App>,
    actor: Actor,
    PageFrame(frame): PageFrame,
    Query(asked): Query<Asked>,
) -> Result<Response, AppError> {
    let found = wanted(&app, &actor, &asked).await?;
    let typed = SayForm::about(&asked.order, &asked.product);
    let page = page(&app, &actor, frame, found, &asked, Screen::new(typed)).await?;
    Ok(html(StatusCode::OK, &page.as_room()))
}

/// `POST /chat`: says something, and opens the conversation where there is none.
pub async fn say(
    State(app): State<App>,
    db: Db,
    actor: Actor,
    PageFrame(frame): PageFrame,
    hx: Hx,
    Form(typed): Form<SayForm>,
) -> Result<Response, AppError> {
    let mut screen = Screen::new(typed);
    if let Err(error) = check_limit(&app, &actor, Limit::ChatMessage).await {
        let seconds = error.limit()?;
        screen.notice = too_much_was_said(seconds);
        let response = again(&app, &actor, frame, hx, screen, StatusCode::TOO_MANY_REQUESTS).await?;
        return Ok(too_many(response, seconds, hx.wants_fragment.then_some(ROOM)));
    }
    match post(&app, &db, &actor, &mut screen).await? {
        Some(conversation) if hx.wants_fragment => shown(&app, &actor, frame, conversation).await,
        Some(_) => Ok(redirect("/chat#chat-end")),
        None => again(&app, &actor, frame, hx, screen, StatusCode::UNPROCESSABLE_ENTITY).await,
    }
}

// The conversation in which it was said; `None`: the screen says why it was not.
async fn post(app: &App, db: &Db, actor: &Actor, screen: &mut Screen) -> Result<Option<Conversation>, AppError> {
    let read = screen.typed.read(actor.customer().is_some());
    let new = match read {
        Ok(new) => new,
        Err(errors) => {
            screen.errors = errors;
            return Ok(None);
        }
    };
    actor.owner_for_writing(db).await?;
    let speaker = actor.speaker().ok_or_else(|| AppError::internal(anyhow::anyhow!("nobody speaks")))?;
    let message = NewMessage { body: new.body, client_id: Some(new.client_id), attachment: None, card: new.card };
    let posted = async {
        let conversation = match &new.conversation {
            Some(token) => app.chat.find(&speaker, token).await?.0,
            None => {
                usable_card(app, &speaker, message.card.as_ref()).await?;
                app.chat.open(&speaker, new.name.as_ref(), new.email.as_ref()).await?
            }
        };
        app.chat.post(&speaker, &conversation.token, message).await?;
        Ok(conversation)
    };
    match posted.await {
        Ok(conversation) => Ok(Some(conversation)),
        Err(error) => screen.refused(error).map(|()| None),
    }
}

// Before a conversation is opened for it.
async fn usable_card(app: &App, speaker: &Speaker, card: Option<&CardRequest>) -> Result<(), ChatError> {
    let Some(request) = card else { return Ok(()) };
    app.chat.card(speaker.owner(), request).await?.map(|_| ()).ok_or(ChatError::UnknownThing)
}

impl Screen {
    // What a refusal means to whoever filled in the form; what it does not explain is an error page.
    fn refused(&mut self, error: ChatError) -> Result<(), AppError> {
        match error {
            ChatError::Text(ChatTextError::Name | ChatTextError::ReservedName) => {
                self.errors.add("chat-name", error);
            }
            ChatError::Text(_) => self.errors.add("chat-message", error),
            ChatError::Ended | ChatError::Unknown => {
                self.typed.conversation.clear();
                self.notice = "This conversation is over. Send it again to begin a new one.".to_owned();
            }
            ChatError::ClientIdReused => {
                self.notice = "This form was used before. Nothing was sent yet: please send it once more.".to_owned();
            }
            ChatError::UnknownThing => {
                self.typed.order.clear();
                self.typed.product.clear();
                self.notice =
                    "What you asked about is not there any more. You can send your message without it.".to_owned();
            }
            ChatError::MailsStopped => self.errors.add("chat-email", error),
            ChatError::AgentsOnly | ChatError::NotAnswered | ChatError::TooManyMails | ChatError::Database(_) => {
                return Err(error.into());
            }
        }
        self.typed.renew();
        Ok(())
    }
}

async fn again(
    app: &App,
    actor: &Actor,
    frame: Frame,
    hx: Hx,
    screen: Screen,
    status: StatusCode,
) -> Result<Response, AppError> {
    let asked = Asked { conversation: screen.typed.conversation.clone(), ..Asked::default() };
    let found = wanted(app, actor, &asked).await?;
    let page = page(app, actor, frame, found, &asked, screen).await?;
    Ok(if hx.wants_fragment { html(status, &page.as_room()) } else { html(status, &page) })
}

// The conversation as it stands now, for htmx.
async fn shown(app: &App, actor: &Actor, frame: Frame, of: Conversation) -> Result<Response, AppError> {
    let asked = Asked { conversation: of.token.as_str().to_owned(), ..Asked::default() };
    let found = wanted(app, actor, &asked).await?;
    let page = page(app, actor, frame, found, &asked, Screen::default()).await?;
    Ok(html(StatusCode::OK, &page.as_room()))
}

// The conversation of the address if it is theirs, else their open one. Nobody learns whether another's exists.
async fn wanted(app: &App, actor: &Actor, asked: &Asked) -> Result<Option<Conversation>, AppError> {
    let Some(speaker) = actor.speaker() else { return Ok(None) };
    if let Some(token) = ConversationToken::parse(&asked.conversation) {
        match app.chat.find(&speaker, &token).await {
            Ok((found, Side::Customer)) => return Ok(Some(found)),
            Ok(_) | Err(ChatError::Unknown) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(app.chat.open_one(speaker.owner()).await?)
}

async fn page(
    app: &App,
    actor: &Actor,
    frame: Frame,
    found: Option<Conversation>,
    asked: &Asked,
    screen: Screen,
) -> Result<ChatPage, AppError> {
    let before = asked.before.parse::<i64>().ok().filter(|before| *before > 1);
    let messages = match &found {
        Some(conversation) => app.chat.messages(conversation, before.map_or(Which::Latest, Which::Before)).await?,
        None => Vec::new(),
    };
    let card = match (screen.typed.card(), actor.speaker()) {
        (Some(request), Some(speaker)) => app.chat.card(speaker.owner(), &request).await?,
        (Some(CardRequest::Product(slug)), None) => app.chat.product_card(&slug).await?,
        _ => None,
    };
    let mail = match &found {
        Some(conversation) => app.chat.mail_address(conversation).await?,
        None => None,
    };
    let earlier = Earlier::of(&messages, before.is_some());
    Ok(ChatPage::new(app, frame, found, messages, (screen, card, mail, earlier)))
}

fn named(errors: &FieldErrors) -> Vec<(String, String)> {
    errors.named(LABELS.as_slice())
}
