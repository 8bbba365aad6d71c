//! A rule of what the shop says by itself.

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use serde::Deserialize;

use super::{RemovalPage, body, braced, canned::row_id, saved};
use crate::{
    domain::chat::{AnswerError, AutomaticRule, NewRule, Occasion, PLACEHOLDERS},
    request::{Actor, AnswerEditorActor, App, AppError},
    types::line_of,
    views::layout::Frame,
    web::{
        PageFrame,
        form::{FieldErrors, Form},
        html,
    },
};

const MOST_KEYWORDS: usize = 50;
const LONGEST_KEYWORD: usize = 60;
const LAST_POSITION: i32 = 9_999;
const OCCASIONS: [(&str, &str); 2] =
    [("away", "Only when nobody is at the desk"), ("always", "Also beside an agent who is there")];
const LABELS: [(&str, &str); 4] =
    [("keywords", "Words"), ("occasion", "When"), ("body", "Text"), ("position", "Place in the order")];

#[derive(Template)]
#[template(path = "answers/automatic.html")]
struct RulePage {
    frame: Frame,
    /// None for a new one.
    id: Option<i64>,
    typed: RuleForm,
    errors: FieldErrors,
    hint: String,
    crumb: &'static str,
}

/// What was typed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct RuleForm {
    keywords: String,
    occasion: String,
    body: String,
    position: String,
    enabled: String,
}

impl RuleForm {
    fn blank() -> Self {
        let (occasion, position) = (Occasion::Away.id().to_owned(), "10".to_owned());
        Self { occasion, position, enabled: "1".to_owned(), ..Self::default() }
    }

    fn of(rule: AutomaticRule) -> Self {
        Self {
            keywords: rule.keywords.join(", "),
            occasion: rule.occasion.id().to_owned(),
            body: rule.body,
            position: rule.position.to_string(),
            enabled: if rule.enabled { "1".to_owned() } else { String::new() },
        }
    }

    fn is_enabled(&self) -> bool {
        !self.enabled.is_empty()
    }

    fn read(&self, errors: &mut FieldErrors) -> Option<NewRule> {
        let keywords = errors.check("keywords", keywords(&self.keywords));
        let occasion = errors.check("occasion", Occasion::of(&self.occasion).ok_or("Please choose when it answers"));
        let position = match self.position.trim().parse() {
            Ok(number @ 0..=LAST_POSITION) => Some(number),
            _ => {
                errors.add("position", format!("A whole number from 0 to {LAST_POSITION}"));
                None
            }
        };
        let body = errors.check("body", body(&self.body, &PLACEHOLDERS));
        Some(NewRule {
            position: position?,
            keywords: keywords?,
            occasion: occasion?,
            body: body?,
            enabled: self.is_enabled(),
        })
    }
}

impl RulePage {
    fn new(frame: Frame, id: Option<i64>, typed: RuleForm, errors: FieldErrors) -> Self {
        let crumb = if id.is_some() { "Edit" } else { "New" };
        Self { frame, id, typed, errors, crumb, hint: format!("Filled in: {}", braced(&PLACEHOLDERS)) }
    }
}

// Words and phrases, with commas or lines between them; each once.
fn keywords(text: &str) -> Result<Vec<String>, String> {
    let mut all: Vec<String> = Vec::new();
    for part in text.split([',', ';', '\n', '\r']).map(str::trim).filter(|part| !part.is_empty()) {
        let word = line_of(part, LONGEST_KEYWORD)
            .map_err(|_| format!("Each word or phrase takes up to {LONGEST_KEYWORD} characters"))?
            .to_lowercase();
        if !word.chars().any(char::is_alphanumeric) {
            return Err(format!("'{word}' has no letter and no digit, so that nothing can be looked for"));
        }
        if !all.contains(&word) {
            all.push(word);
        }
    }
    if all.len() > MOST_KEYWORDS {
        Err(format!("A rule takes up to {MOST_KEYWORDS} words and phrases"))
    } else {
        Ok(all)
    }
}

/// `GET /support/answers/automatic/new`.
pub async fn new(AnswerEditorActor(_): AnswerEditorActor, PageFrame(frame): PageFrame) -> Result<Response, AppError> {
    Ok(html(StatusCode::OK, &RulePage::new(frame, None, RuleForm::blank(), FieldErrors::default())))
}

/// `POST /support/answers/automatic`.
pub async fn add(
    state: State<App>,
    actor: Actor,
    right: AnswerEditorActor,
    frame: PageFrame,
    form: Form<RuleForm>,
) -> Result<Response, AppError> {
    write(state, actor, right, frame, form, None).await
}

/// `GET /support/answers/automatic/{id}`.
pub async fn edit(
    State(app): State<App>,
    AnswerEditorActor(right): AnswerEditorActor,
    Path(id): Path<String>,
    PageFrame(frame): PageFrame,
) -> Result<Response, AppError> {
    let rule = app.chat.editor(&right).rule(row_id(&id)?).await?;
    Ok(html(StatusCode::OK, &RulePage::new(frame, Some(rule.id), RuleForm::of(rule), FieldErrors::default())))
}

/// `POST /support/answers/automatic/{id}`.
pub async fn change(
    state: State<App>,
    actor: Actor,
    right: AnswerEditorActor,
    Path(id): Path<String>,
    frame: PageFrame,
    form: Form<RuleForm>,
) -> Result<Response, AppError> {
    write(state, actor, right, frame, form, Some(row_id(&id)?)).await
}

/// `GET /support/answers/automatic/{id}/removal`: asks first.
pub async fn confirm(
    State(app): State<App>,
    AnswerEditorActor(right): AnswerEditorActor,
    Path(id): Path<String>,
    PageFrame(frame): PageFrame,
) -> Result<Response, AppError> {
    let rule = app.chat.editor(&right).rule(row_id(&id)?).await?;
    let url = format!("/support/answers/automatic/{}", rule.id);
    Ok(html(
        StatusCode::OK,
        &RemovalPage { frame, name: format!("the answer to: {}", super::words(&rule)), body: rule.body, url },
    ))
}

/// `POST /support/answers/automatic/{id}/removal`.
pub async fn remove(
    State(app): State<App>,
    actor: Actor,
    AnswerEditorActor(right): AnswerEditorActor,
    Path(id): Path<String>,
) -> Result<Response, AppError> {
    app.chat.editor(&right).delete_rule(row_id(&id)?).await?;
    Ok(saved(&actor, "The answer is removed."))
}

async fn write(
    State(app): State<App>,
    actor: Actor,
    AnswerEditorActor(right): AnswerEditorActor,
    PageFrame(frame): PageFrame,
    Form(typed): Form<RuleForm>,
    id: Option<i64>,
) -> Result<Response, AppError> {
    let mut errors = FieldErrors::default();
    if let Some(rule) = typed.read(&mut errors) {
        match app.chat.editor(&right).put_rule(id, &rule).await {
            Ok(()) => return Ok(saved(&actor, "The answer is saved.")),
            Err(AnswerError::Full) => errors.add("body", "There are 200 answers already; please remove one first"),
            Err(other) => return Err(other.into()),
        }
    }
    Ok(html(StatusCode::UNPROCESSABLE_ENTITY, &RulePage::new(frame, id, typed, errors)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_are_read_once_each_and_never_empty() {
        assert_eq!(keywords("Return, send back;\n return,,").unwrap(), ["return", "send back"]);
        assert_eq!(keywords(" ,\n").unwrap(), Vec::<String>::new());
        assert!(keywords("ok, ???").is_err() && keywords(&"x".repeat(61)).is_err());
        let many: Vec<String> = (0..51).map(|n| n.to_string()).collect();
        assert!(keywords(&many.join(",")).is_err());
    }
}
