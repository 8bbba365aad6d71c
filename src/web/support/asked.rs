//! Which queue, conversation and page an agent looks at: the desk's address, and what is asked of it.

use std::convert::Infallible;

use axum::{extract::FromRequestParts, http::request::Parts};
use serde::Deserialize;

use crate::{
    domain::{
        accounts::Agent,
        chat::{ChatError, desk::Queue},
    },
    request::{App, AppError},
    types::{ConversationToken, Page, SearchText},
    web::Hx,
};

/// The desk's address in its parts, as they were typed. What cannot be meant falls back instead of failing.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    pub queue: String,
    pub search: String,
    pub page: String,
    pub conversation: String,
    pub before: String,
    pub answer: String,
    /// On phones: `customer` shows the third column.
    pub show: String,
}

/// Which part of the desk htmx asks for, by what it will replace.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Part {
    /// All, in its frame.
    Page,
    /// The three columns.
    Desk,
    /// The list.
    Queue,
    /// What stands above a conversation.
    Head,
    /// The customer's column.
    Customer,
}

impl<S: Sync> FromRequestParts<S> for Part {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        if !Hx::from_request_parts(parts, state).await?.wants_fragment {
            return Ok(Self::Page);
        }
        Ok(match parts.headers.get("hx-target").and_then(|target| target.to_str().ok()) {
            Some("desk-queue") => Self::Queue,
            Some("desk-head") => Self::Head,
            Some("desk-customer") => Self::Customer,
            _ => Self::Desk,
        })
    }
}

impl Asked {
    /// What a form's hidden field says of the page it stands on.
    pub fn of_query(query: &str) -> Self {
        let mut asked = Self::default();
        for (name, value) in url::form_urlencoded::parse(query.trim_start_matches('?').as_bytes()) {
            let field = match name.as_ref() {
                "queue" => &mut asked.queue,
                "search" => &mut asked.search,
                "page" => &mut asked.page,
                "conversation" => &mut asked.conversation,
                "show" => &mut asked.show,
                _ => continue,
            };
            *field = value.into_owned();
        }
        asked
    }

    pub fn queue(&self) -> Queue {
        self.queue.parse().unwrap_or_default()
    }

    pub fn search(&self) -> Option<SearchText> {
        SearchText::read(&self.search)
    }

    pub fn page(&self) -> Page {
        Page::parse(&self.page).unwrap_or(Page::FIRST)
    }

    pub fn token(&self) -> Option<ConversationToken> {
        ConversationToken::parse(&self.conversation)
    }

    pub fn before(&self) -> Option<i64> {
        self.before.parse().ok().filter(|seq| *seq > 1)
    }

    /// Whether a conversation is asked for that is not there.
    pub async fn misses(&self, app: &App, agent: &Agent) -> Result<bool, AppError> {
        if self.conversation.is_empty() {
            return Ok(false);
        }
        let Some(token) = self.token() else { return Ok(true) };
        match app.chat.at_desk(agent, &token).await {
            Ok(_) => Ok(false),
            Err(ChatError::Unknown) => Ok(true),
            Err(other) => Err(other.into()),
        }
    }

    /// The same desk with another conversation in it; none if empty.
    pub fn with_conversation(&self, token: &str) -> Self {
        Self {
            conversation: token.to_owned(),
            before: String::new(),
            answer: String::new(),
            show: String::new(),
            ..self.clone()
        }
    }

    /// Its address.
    pub fn url(&self) -> String {
        match self.to_query() {
            query if query.is_empty() => "/support".to_owned(),
            query => format!("/support?{query}"),
        }
    }

    /// The address without its path; parameters in one order, what is empty or meant anyway left out.
    pub fn to_query(&self) -> String {
        let page = if self.page() == Page::FIRST { "" } else { self.page.trim() };
        let queue = if self.queue() == Queue::default() { "" } else { self.queue().id() };
        let search = self.search();
        let fields = [
            ("queue", queue),
            ("search", search.as_ref().map_or("", SearchText::as_str)),
            ("page", page),
            ("conversation", self.token().map_or("", |_| self.conversation.as_str())),
            ("before", self.before().map_or("", |_| self.before.as_str())),
            ("answer", self.answer.as_str()),
            ("show", if self.show == "customer" { "customer" } else { "" }),
        ];
        let said = fields.into_iter().filter(|(_, value)| !value.is_empty());
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(said).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_what_is_not_meant_anyway_and_reads_back() {
        let token = "t".repeat(43);
        let asked = Asked {
            queue: "mine".into(),
            search: " two  words ".into(),
            page: "1".into(),
            conversation: token.clone(),
            ..Asked::default()
        };
        assert_eq!(asked.url(), format!("/support?queue=mine&search=two+words&conversation={token}"));
        assert_eq!(Asked::of_query(&asked.to_query()).url(), asked.url());
        let nonsense = Asked {
            queue: "x".into(),
            page: "-1".into(),
            conversation: "';--".into(),
            before: "z".into(),
            ..Asked::default()
        };
        assert_eq!(nonsense.url(), "/support");
    }
}
