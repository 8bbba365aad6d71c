//! Asking for a call, in a slot of the shop's hours.

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};
use serde::Deserialize;
use time::OffsetDateTime;

use super::{
    OUT_OF_DATE,
    form::{LABELS, TOPICS, read_topic},
    later, thanks, too_many,
};
use crate::{
    domain::{
        accounts::User,
        contact::{self, CallBackError, FormToken, NewCallBack},
    },
    infra::{clock, database::Db},
    request::{Actor, App, AppError, Limit, check_limit},
    types::{Email, Phone, one_line_of},
    views::layout::Frame,
    web::{
        PageFrame,
        form::{FieldErrors, Form},
        html, redirect,
    },
};

// How many days are open before someone asks for more.
const DAYS_IN_VIEW: usize = 2;

#[derive(Template)]
#[template(path = "contact/call_back.html")]
struct CallBackPage {
    frame: Frame,
    typed: CallBackForm,
    errors: FieldErrors,
    notice: String,
    days: Vec<DayView>,
}

struct DayView {
    name: String,
    is_open: bool,
    slots: Vec<SlotView>,
}

struct SlotView {
    value: String,
    label: String,
    is_chosen: bool,
}

/// As typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct CallBackForm {
    token: String,
    name: String,
    phone: String,
    email: String,
    topic: String,
    slot: String,
    homepage: String,
}

impl CallBackForm {
    fn prefilled(user: Option<&User>) -> Self {
        Self {
            token: FormToken::random().as_str().to_owned(),
            name: user.map(|user| user.full_name.clone()).unwrap_or_default(),
            phone: user.and_then(|user| user.phone.clone()).unwrap_or_default(),
            email: user.map(|user| user.email.clone()).unwrap_or_default(),
            ..Self::default()
        }
    }

    fn read(&self, errors: &mut FieldErrors) -> Option<NewCallBack> {
        let starts_at = errors.check("slot", self.starts_at().ok_or("Please choose a time"));
        let name = errors.check("name", one_line_of(&self.name, 120));
        let phone = errors.check("phone", self.phone.parse::<Phone>());
        let email = match self.email.trim() {
            "" => Some(None),
            text => errors.check("email", text.parse::<Email>()).map(Some),
        };
        let topic = errors.check("topic", read_topic(&self.topic));
        Some(NewCallBack {
            token: self.token.parse().ok()?,
            name: name?,
            phone: phone?,
            email: email?,
            topic: topic?,
            starts_at: starts_at?,
        })
    }

    fn starts_at(&self) -> Option<OffsetDateTime> {
        OffsetDateTime::from_unix_timestamp(self.slot.parse().ok()?).ok()
    }
}

/// `GET /contact/call-back`.
pub async fn show(
    State(app): State<App>,
    db: Db,
    actor: Actor,
    PageFrame(frame): PageFrame,
) -> Result<Response, AppError> {
    let typed = CallBackForm::prefilled(actor.customer().map(|customer| customer.user()));
    Ok(html(StatusCode::OK, &page(&app, &db, frame, typed, FieldErrors::default(), "").await?))
}

/// `POST /contact/call-back`.
pub async fn request(
    State(app): State<App>,
    db: Db,
    actor: Actor,
    PageFrame(frame): PageFrame,
    Form(typed): Form<CallBackForm>,
) -> Result<Response, AppError> {
    let mut errors = FieldErrors::default();
    if let Err(error) = check_limit(&app, &actor, Limit::Contact).await {
        let (seconds, notice) = too_many(error)?;
        let page = page(&app, &db, frame, typed, errors, &notice).await?;
        return Ok(later(html(StatusCode::TOO_MANY_REQUESTS, &page), seconds));
    }
    let asked = typed.read(&mut errors);
    if let (false, Some(starts_at)) = (typed.homepage.is_empty(), typed.starts_at()) {
        return Ok(redirect(&thanks::of_call(&contact::reference(rand::random()), starts_at)));
    }
    let Some(asked) = asked else { return refused(&app, &db, frame, typed, errors).await };
    match contact::request_call_back(&db, &app.config.contact, actor.customer(), asked, clock::now()).await {
        Ok(call) => Ok(redirect(&thanks::of_call(&call.reference, call.starts_at))),
        Err(CallBackError::Database(error)) => Err(error.into()),
        Err(refusal) => {
            let status = if matches!(refusal, CallBackError::Full) {
                StatusCode::CONFLICT
            } else {
                StatusCode::UNPROCESSABLE_ENTITY
            };
            errors.add("slot", why(&refusal));
            Ok(html(status, &page(&app, &db, frame, typed, errors, "").await?))
        }
    }
}

// Fields to mend, or a form whose hidden field is not one of ours.
async fn refused(
    app: &App,
    db: &Db,
    frame: Frame,
    mut typed: CallBackForm,
    errors: FieldErrors,
) -> Result<Response, AppError> {
    let notice = if errors.is_empty() { OUT_OF_DATE } else { "" };
    if errors.is_empty() {
        typed.token = FormToken::random().as_str().to_owned();
    }
    Ok(html(StatusCode::UNPROCESSABLE_ENTITY, &page(app, db, frame, typed, errors, notice).await?))
}

const fn why(refusal: &CallBackError) -> &'static str {
    match refusal {
        CallBackError::Full => "Someone was quicker: this time is taken. Please choose another",
        CallBackError::Passed => "This time has passed. Please choose another",
        CallBackError::NoSuchSlot | CallBackError::Database(_) => "Please choose one of the times below",
    }
}

async fn page(
    app: &App,
    db: &Db,
    frame: Frame,
    typed: CallBackForm,
    errors: FieldErrors,
    notice: &str,
) -> Result<CallBackPage, AppError> {
    let free = contact::free_slots(db, &app.config.contact, clock::now()).await?;
    let mut days: Vec<DayView> = Vec::with_capacity(free.len());
    for day in free {
        let slots: Vec<_> = day.slots.iter().map(|slot| SlotView::new(slot.starts_at, &frame, &typed.slot)).collect();
        let is_open = days.len() < DAYS_IN_VIEW || slots.iter().any(|slot| slot.is_chosen);
        days.push(DayView { name: frame.locale.day(day.date), is_open, slots });
    }
    Ok(CallBackPage { frame, typed, errors, notice: notice.to_owned(), days })
}

impl SlotView {
    fn new(starts_at: OffsetDateTime, frame: &Frame, chosen: &str) -> Self {
        let value = starts_at.unix_timestamp().to_string();
        Self { is_chosen: value == chosen, label: frame.locale.time(starts_at), value }
    }
}
