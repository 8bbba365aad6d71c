//! An answer that agents insert by its shortcut.

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use serde::Deserialize;

use super::{RemovalPage, body, braced, saved};
use crate::{
    domain::chat::{AnswerError, NewCanned, Shortcut, WrittenAnswer},
    request::{Actor, AnswerEditorActor, App, AppError},
    types::line_of,
    views::layout::Frame,
    web::{
        PageFrame,
        form::{FieldErrors, Form},
        html,
    },
};

const PLACEHOLDERS: [&str; 4] = ["customer", "agent", "shop", "order"];
const LABELS: [(&str, &str); 3] = [("shortcut", "Shortcut"), ("title", "Title"), ("body", "Text")];

#[derive(Template)]
#[template(path = "answers/canned.html")]
struct CannedPage {
    frame: Frame,
    /// None for a new one.
    id: Option<i64>,
    typed: CannedForm,
    errors: FieldErrors,
    hint: String,
    crumb: &'static str,
}

/// What was typed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct CannedForm {
    shortcut: String,
    title: String,
    body: String,
}

impl CannedForm {
    fn of(answer: WrittenAnswer) -> Self {
        Self { shortcut: answer.shortcut, title: answer.title, body: answer.body }
    }

    fn read(&self, errors: &mut FieldErrors) -> Option<NewCanned> {
        let shortcut = errors.check("shortcut", Shortcut::parse(&self.shortcut));
        let title = errors.check("title", line_of(&self.title, 80).map_err(|_| "A title takes 1 to 80 characters"));
        let body = errors.check("body", body(&self.body, &PLACEHOLDERS));
        Some(NewCanned { shortcut: shortcut?, title: title?, body: body? })
    }
}

impl CannedPage {
    fn new(frame: Frame, id: Option<i64>, typed: CannedForm, errors: FieldErrors) -> Self {
        let crumb = if id.is_some() { "Edit" } else { "New" };
        Self { frame, id, typed, errors, crumb, hint: format!("Filled in: {}", braced(&PLACEHOLDERS)) }
    }
}

/// `GET /support/answers/canned/new`.
pub async fn new(AnswerEditorActor(_): AnswerEditorActor, PageFrame(frame): PageFrame) -> Result<Response, AppError> {
    Ok(html(StatusCode::OK, &CannedPage::new(frame, None, CannedForm::default(), FieldErrors::default())))
}

/// `POST /support/answers/canned`.
pub async fn add(
    state: State<App>,
    actor: Actor,
    right: AnswerEditorActor,
    frame: PageFrame,
    form: Form<CannedForm>,
) -> Result<Response, AppError> {
    write(state, actor, right, frame, form, None).await
}

/// `GET /support/answers/canned/{id}`.
pub async fn edit(
    State(app): State<App>,
    AnswerEditorActor(right): AnswerEditorActor,
    Path(id): Path<String>,
    PageFrame(frame): PageFrame,
) -> Result<Response, AppError> {
    let answer = app.chat.editor(&right).canned(row_id(&id)?).await?;
    Ok(html(StatusCode::OK, &CannedPage::new(frame, Some(answer.id), CannedForm::of(answer), FieldErrors::default())))
}

/// `POST /support/answers/canned/{id}`.
pub async fn change(
    state: State<App>,
    actor: Actor,
    right: AnswerEditorActor,
    Path(id): Path<String>,
    frame: PageFrame,
    form: Form<CannedForm>,
) -> Result<Response, AppError> {
    write(state, actor, right, frame, form, Some(row_id(&id)?)).await
}

/// `GET /support/answers/canned/{id}/removal`: asks first.
pub async fn confirm(
    State(app): State<App>,
    AnswerEditorActor(right): AnswerEditorActor,
    Path(id): Path<String>,
    PageFrame(frame): PageFrame,
) -> Result<Response, AppError> {
    let answer = app.chat.editor(&right).canned(row_id(&id)?).await?;
    let url = format!("/support/answers/canned/{}", answer.id);
    Ok(html(StatusCode::OK, &RemovalPage { frame, name: format!("/{}", answer.shortcut), body: answer.body, url }))
}

/// `POST /support/answers/canned/{id}/removal`.
pub async fn remove(
    State(app): State<App>,
    actor: Actor,
    AnswerEditorActor(right): AnswerEditorActor,
    Path(id): Path<String>,
) -> Result<Response, AppError> {
    app.chat.editor(&right).delete_canned(row_id(&id)?).await?;
    Ok(saved(&actor, "The answer is removed."))
}

async fn write(
    State(app): State<App>,
    actor: Actor,
    AnswerEditorActor(right): AnswerEditorActor,
    PageFrame(frame): PageFrame,
    Form(typed): Form<CannedForm>,
    id: Option<i64>,
) -> Result<Response, AppError> {
    let mut errors = FieldErrors::default();
    if let Some(new) = typed.read(&mut errors) {
        match app.chat.editor(&right).put_canned(id, &new).await {
            Ok(()) => return Ok(saved(&actor, "The answer is saved.")),
            Err(AnswerError::ShortcutTaken) => errors.add("shortcut", "Another answer has this shortcut"),
            Err(AnswerError::Full) => errors.add("title", "There are 200 answers already; please remove one first"),
            Err(other) => return Err(other.into()),
        }
    }
    Ok(html(StatusCode::UNPROCESSABLE_ENTITY, &CannedPage::new(frame, id, typed, errors)))
}

/// The id of a row in an address.
pub(super) fn row_id(text: &str) -> Result<i64, AnswerError> {
    text.parse().map_err(|_| AnswerError::Unknown)
}
