//! Answers that are written beforehand: those that agents insert, and what the shop says by itself, with a field to try that.

pub mod automatic;
pub mod canned;

use askama::Template;
use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::Response,
};
use serde::Deserialize;

use crate::{
    domain::chat::{AutomaticRule, Occasion, Tried, WrittenAnswer, unknown_placeholder},
    request::{Actor, AnswerEditorActor, App, AppError},
    types::lines_of,
    views::layout::{Flash, Frame},
    web::{PageFrame, flash, html, redirect},
};

const ANSWERS: &str = "/support/answers";
const LONGEST_TRY: usize = 500;
const LONGEST_BODY: usize = 4_000;

#[derive(Template)]
#[template(path = "answers/index.html")]
struct IndexPage {
    frame: Frame,
    canned: Vec<WrittenAnswer>,
    rules: Vec<AutomaticRule>,
    /// Whether the shop answers by itself at all.
    is_on: bool,
    tried: Option<TriedText>,
}

/// What was tried, and what came of it.
struct TriedText {
    text: String,
    is_away: bool,
    outcome: Option<Tried>,
}

#[derive(Template)]
#[template(path = "answers/removal.html")]
struct RemovalPage {
    frame: Frame,
    /// What it is called in a sentence.
    name: String,
    body: String,
    /// Its page; the removal posts to `{url}/removal`.
    url: String,
}

/// What is tried.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct TryQuery {
    text: Option<String>,
    present: String,
}

/// `GET /support/answers`.
pub async fn show(
    State(app): State<App>,
    AnswerEditorActor(right): AnswerEditorActor,
    PageFrame(frame): PageFrame,
    Query(query): Query<TryQuery>,
) -> Result<Response, AppError> {
    let editor = app.chat.editor(&right);
    let (canned, rules) = (editor.canned_answers().await?, editor.rules().await?);
    let tried = match query.text {
        Some(text) => {
            let (text, is_away) = (text.chars().take(LONGEST_TRY).collect::<String>(), query.present.is_empty());
            let outcome = editor.try_rules(&text, is_away).await?;
            Some(TriedText { text, is_away, outcome })
        }
        None => None,
    };
    let is_on = editor.answers_by_itself();
    Ok(html(StatusCode::OK, &IndexPage { frame, canned, rules, is_on, tried }))
}

impl IndexPage {
    fn tried_text(&self) -> &str {
        self.tried.as_ref().map_or("", |tried| tried.text.as_str())
    }

    fn tried_present(&self) -> bool {
        self.tried.as_ref().is_some_and(|tried| !tried.is_away)
    }
}

fn is_always(rule: &AutomaticRule) -> bool {
    rule.occasion == Occasion::Always
}

// What a rule looks for, in words.
fn words(rule: &AutomaticRule) -> String {
    if rule.keywords.is_empty() { "Anything".to_owned() } else { rule.keywords.join(", ") }
}

fn saved(actor: &Actor, text: &str) -> Response {
    flash::leave(actor.cookies(), &Flash::good(text));
    redirect(ANSWERS)
}

// The text of an answer: something, not too much, and no placeholder that nobody fills in.
fn body(text: &str, known: &[&str]) -> Result<String, String> {
    let text = lines_of(text, LONGEST_BODY)
        .map_err(|_| format!("A text takes up to {LONGEST_BODY} characters, and none that cannot be seen"))?;
    match unknown_placeholder(&text, known) {
        _ if text.is_empty() => Err("Please write the answer".to_owned()),
        Some(name) => Err(format!("Nothing is filled in for {{{name}}}; there are {}", braced(known))),
        None => Ok(text),
    }
}

fn braced(names: &[&str]) -> String {
    names.iter().map(|name| format!("{{{name}}}")).collect::<Vec<_>>().join(", ")
}
