//! What agents do from the desk. Each answers htmx with the desk as it is then, and a plain form with a redirect to it.

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use serde::Deserialize;
use time::{Date, Duration, PrimitiveDateTime, Time, Weekday, macros::format_description};

use super::{
    asked::{Asked, Part},
    desk,
    view::Draft,
};
use crate::{
    domain::{
        accounts::Agent,
        chat::{
            ChatError, NewMessage, Speaker,
            desk::{Handover, NewStatus, Taken},
        },
        orders::{self, OrderError},
    },
    infra::clock,
    request::{Actor, AgentActor, App, AppError, Limit, check_limit},
    types::{ClientId, ConversationToken, LabelId, MessageBody, UserId, Zone},
    views::layout::{Flash, Frame},
    web::{PageFrame, flash, form::Form, redirect, too_many, too_much_was_said},
};

/// What an action needs of its request.
type Scene = (State<App>, AgentActor, Actor, PageFrame, Part);

/// Something to be said, or noted.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Words {
    message: String,
    client_id: String,
    next: String,
}

/// To whom it goes: an agent's id, `me`, or nobody. `take` takes only what is free.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ToWhom {
    to: String,
    take: String,
    note: String,
    next: String,
}

/// `open`, `pending` or `resolved`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Where {
    status: String,
    next: String,
}

/// For how long: `hour`, `hours`, `tomorrow`, `week`; or until a moment of the shop's clock.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Until {
    r#for: String,
    until: String,
    next: String,
}

/// A label's name.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Named {
    name: String,
    next: String,
}

/// Why an order is called off.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Reason {
    reason: String,
    next: String,
}

/// `POST /support/conversations/{token}/messages`
pub async fn say(scene: Scene, Path(token): Path<String>, Form(form): Form<Words>) -> Result<Response, AppError> {
    let (act, token) = Act::new(scene, &token, &form.next)?;
    let chat = &act.app.chat;
    chat.at_desk(&act.agent, &token).await?;
    let body = match MessageBody::parse(&form.message) {
        Ok(body) => body,
        Err(problem) => return act.refuse(&form.message, problem.to_string()).await,
    };
    if let Err(error) = act.count().await {
        return act.slow_down(&form.message, error.limit()?).await;
    }
    let client_id = ClientId::parse(&form.client_id).ok();
    let new = NewMessage { body, client_id, attachment: None, card: None };
    match chat.post(&Speaker::customer(act.agent.customer()), &token, new).await {
        Ok(_) => act.done(None).await,
        Err(ChatError::Ended) => act.refuse(&form.message, ENDED.to_owned()).await,
        Err(other) => Err(other.into()),
    }
}

/// `POST /support/conversations/{token}/notes`
pub async fn note(scene: Scene, Path(token): Path<String>, Form(form): Form<Words>) -> Result<Response, AppError> {
    let (act, token) = Act::new(scene, &token, &form.next)?;
    let note = match MessageBody::parse(&form.message) {
        Ok(note) => note,
        Err(problem) => return act.refuse(&form.message, problem.to_string()).await,
    };
    if let Err(error) = act.count().await {
        return act.slow_down(&form.message, error.limit()?).await;
    }
    act.app.chat.note(&act.agent, &token, &note).await?;
    act.done(Some(Flash::good("The note is saved. Only colleagues see it."))).await
}

/// `POST /support/conversations/{token}/assignment`
pub async fn assign(scene: Scene, Path(token): Path<String>, Form(form): Form<ToWhom>) -> Result<Response, AppError> {
    let (act, token) = Act::new(scene, &token, &form.next)?;
    let chat = &act.app.chat;
    if !form.take.is_empty() {
        return match chat.take(&act.agent, &token).await {
            Ok(Taken::Theirs(_)) => act.done(Some(Flash::good("This conversation is yours."))).await,
            Ok(Taken::ByAnother(other)) => {
                act.conflict(Flash::warn(format!("{} has taken this conversation.", other.name))).await
            }
            Err(ChatError::Ended) => act.conflict(Flash::bad(ENDED)).await,
            Err(other) => Err(other.into()),
        };
    }
    let to = match form.to.as_str() {
        "" => None,
        "me" => Some(act.agent.customer().id()),
        id => Some(UserId(id.parse().map_err(|_| AppError::bad_request("bad_agent", "Please choose a colleague."))?)),
    };
    let note =
        if form.note.trim().is_empty() { None } else { Some(MessageBody::parse(&form.note).map_err(ChatError::from)?) };
    if note.is_some() {
        act.count().await?;
    }
    match chat.hand_over(&act.agent, &token, Handover { to, note }).await {
        Ok(now) => {
            let message = match now.assignee {
                None => "The conversation is back in the queue.".to_owned(),
                Some(other) if other.id == act.agent.customer().id() => "This conversation is yours.".to_owned(),
                Some(other) => format!("Handed to {}.", other.name),
            };
            act.done(Some(Flash::good(message))).await
        }
        Err(ChatError::Ended) => act.conflict(Flash::bad(ENDED)).await,
        Err(ChatError::AgentsOnly) => {
            act.conflict(Flash::bad("This person cannot answer here. Please choose another colleague.")).await
        }
        Err(other) => Err(other.into()),
    }
}

/// `POST /support/conversations/{token}/status`
pub async fn set_status(
    scene: Scene,
    Path(token): Path<String>,
    Form(form): Form<Where>,
) -> Result<Response, AppError> {
    let (act, token) = Act::new(scene, &token, &form.next)?;
    let (new, said) = match form.status.as_str() {
        "open" => (NewStatus::Open, "The conversation is open again."),
        "pending" => (NewStatus::Pending, "The conversation waits for the customer."),
        "resolved" => (NewStatus::Resolved, "Resolved. The customer's next message opens it again."),
        _ => return Err(AppError::bad_request("bad_status", "A conversation is open, pending, snoozed or resolved.")),
    };
    act.moved(&token, new, said.to_owned()).await
}

/// `POST /support/conversations/{token}/snooze`
pub async fn snooze(scene: Scene, Path(token): Path<String>, Form(form): Form<Until>) -> Result<Response, AppError> {
    let (act, token) = Act::new(scene, &token, &form.next)?;
    let until = form.moment(act.frame.locale.zone()).map(NewStatus::SnoozedUntil).filter(|new| new.is_sensible());
    match until {
        Some(new @ NewStatus::SnoozedUntil(at)) => {
            let said = format!("Snoozed until {}, or until the customer writes.", act.frame.locale.date_time(at));
            act.moved(&token, new, said).await
        }
        _ => act.conflict(Flash::bad("Please choose a time that is still to come, within a year.")).await,
    }
}

/// `POST /support/conversations/{token}/labels`
pub async fn add_label(scene: Scene, Path(token): Path<String>, Form(form): Form<Named>) -> Result<Response, AppError> {
    let (act, token) = Act::new(scene, &token, &form.next)?;
    match act.app.chat.add_label(&act.agent, &token, &form.name).await {
        Ok(()) => act.done(None).await,
        Err(ChatError::Text(_)) => {
            act.conflict(Flash::bad("A label takes 1 to 40 characters, and there are 200 at most.")).await
        }
        Err(other) => Err(other.into()),
    }
}

/// `POST /support/conversations/{token}/labels/{id}/removal`
pub async fn remove_label(
    scene: Scene,
    Path((token, label)): Path<(String, String)>,
    Form(form): Form<Named>,
) -> Result<Response, AppError> {
    let (act, token) = Act::new(scene, &token, &form.next)?;
    if let Ok(label) = label.parse() {
        act.app.chat.remove_label(&act.agent, &token, LabelId(label)).await?;
    }
    act.done(None).await
}

/// `POST /support/conversations/{token}/orders/{number}/cancellation`
pub async fn cancel_order(
    scene: Scene,
    Path((token, number)): Path<(String, String)>,
    Form(form): Form<Reason>,
) -> Result<Response, AppError> {
    let (act, token) = Act::new(scene, &token, &form.next)?;
    let found = act.app.chat.at_desk(&act.agent, &token).await?;
    let cancelled =
        orders::cancel_for_customer(&act.app.db, &act.agent, found.owner, &number, Some(&form.reason)).await;
    match cancelled {
        Ok(order) => {
            // For colleagues who read the conversation later. The order itself is cancelled by now, whatever becomes of the note.
            let said = format!("Cancelled order {}. {}", order.number, form.reason.trim());
            if let Ok(note) = MessageBody::parse(&said) {
                act.app.chat.note(&act.agent, &token, &note).await?;
            }
            let done = format!("Order {} is cancelled. The customer gets an email.", order.number);
            act.done(Some(Flash::good(done))).await
        }
        Err(OrderError::NotCancellable(status)) => {
            let why = format!("This order is {} and can no longer be cancelled.", status.name().to_lowercase());
            act.conflict(Flash::bad(why)).await
        }
        Err(other) => Err(other.into()),
    }
}

const ENDED: &str = "The customer has ended this conversation. Their next message begins a new one.";

/// An action under way: who acts, and where they come back to.
struct Act {
    app: App,
    agent: Agent,
    actor: Actor,
    frame: Frame,
    part: Part,
    asked: Asked,
}

impl Act {
    fn new(
        (State(app), AgentActor(agent), actor, PageFrame(frame), part): Scene,
        token: &str,
        next: &str,
    ) -> Result<(Self, ConversationToken), AppError> {
        let token = ConversationToken::parse(token).ok_or(ChatError::Unknown)?;
        let asked = Asked { conversation: token.to_string(), ..Asked::of_query(next) };
        Ok((Self { app, agent, actor, frame, part, asked }, token))
    }

    async fn moved(self, token: &ConversationToken, new: NewStatus, said: String) -> Result<Response, AppError> {
        match self.app.chat.set_status(&self.agent, token, new).await {
            Ok(_) => self.done(Some(Flash::good(said))).await,
            Err(ChatError::Ended) => self.conflict(Flash::bad(ENDED)).await,
            Err(other) => Err(other.into()),
        }
    }

    async fn done(self, message: Option<Flash>) -> Result<Response, AppError> {
        self.answer(StatusCode::OK, message).await
    }

    async fn conflict(self, message: Flash) -> Result<Response, AppError> {
        self.answer(StatusCode::CONFLICT, Some(message)).await
    }

    async fn answer(mut self, status: StatusCode, message: Option<Flash>) -> Result<Response, AppError> {
        if self.part == Part::Page {
            if let Some(message) = &message {
                flash::leave(self.actor.cookies(), message);
            }
            return Ok(redirect(&self.asked.url()));
        }
        self.frame.flash = message;
        desk(&self.app, &self.agent, self.frame, Part::Desk, self.asked, Draft::default(), status).await
    }

    // What is said by form counts with what is said over the socket.
    async fn count(&self) -> Result<(), AppError> {
        check_limit(&self.app, &self.actor, Limit::ChatMessage).await
    }

    async fn slow_down(self, text: &str, seconds: u32) -> Result<Response, AppError> {
        let part = (self.part != Part::Page).then_some("#desk");
        let response = self.again(text, too_much_was_said(seconds), StatusCode::TOO_MANY_REQUESTS).await?;
        Ok(too_many(response, seconds, part))
    }

    async fn refuse(self, text: &str, problem: String) -> Result<Response, AppError> {
        self.again(text, problem, StatusCode::UNPROCESSABLE_ENTITY).await
    }

    // What was written stays in its field, with the reason beside it.
    async fn again(self, text: &str, problem: String, status: StatusCode) -> Result<Response, AppError> {
        let draft = Draft { text: text.chars().take(20_000).collect(), problem };
        let part = if self.part == Part::Page { Part::Page } else { Part::Desk };
        desk(&self.app, &self.agent, self.frame, part, self.asked, draft, status).await
    }
}

impl Until {
    fn moment(&self, zone: Zone) -> Option<time::OffsetDateTime> {
        let now = clock::now();
        let morning = |day: Date| zone.first(day, Time::from_hms(9, 0, 0).unwrap_or(Time::MIDNIGHT));
        let today = zone.local(now).date();
        match self.r#for.as_str() {
            "hour" => Some(now + Duration::hours(1)),
            "hours" => Some(now + Duration::hours(3)),
            "tomorrow" => today.next_day().map(morning),
            "week" => Some(morning(today.next_occurrence(Weekday::Monday))),
            _ => {
                let format = format_description!("[year]-[month]-[day]T[hour]:[minute]");
                let at = PrimitiveDateTime::parse(self.until.trim(), format).ok()?;
                Some(zone.first(at.date(), at.time()))
            }
        }
    }
}
