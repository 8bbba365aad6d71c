//! Errors as pages, in the shop's own look, with the request id to quote.

use askama::Template;
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};

use super::{frame, html, redirect};
use crate::{
    request::{App, AppError, ErrorKind},
    views::{layout::Frame, urls},
};

#[derive(Template)]
#[template(path = "errors/show.html", blocks = ["notice"])]
struct ErrorPage {
    frame: Frame,
    status: u16,
    title: &'static str,
    message: String,
}

// What an error page needs of the request, which is gone when the answer is there.
struct Asked {
    path: String,
    request_id: String,
    is_safe: bool,
    wants_fragment: bool,
}

impl Asked {
    fn of(request: &Request) -> Self {
        let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        Self {
            path: request.uri().path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string),
            request_id: header("x-request-id").to_owned(),
            is_safe: request.method().is_safe(),
            wants_fragment: header("hx-request") == "true" && header("hx-boosted") != "true",
        }
    }
}

/// Renders what handlers, extractors and layers left as an [`AppError`], and logs each unexpected one once.
pub async fn layer(State(app): State<App>, request: Request, next: Next) -> Response {
    let asked = Asked::of(&request);
    let mut response = next.run(request).await;
    let Some(error) = AppError::taken_from(&mut response, &asked.path) else {
        return response;
    };
    if error.kind == ErrorKind::NotSignedIn && error.code == "not_signed_in" && !asked.wants_fragment {
        return redirect(&urls::login(if asked.is_safe { &asked.path } else { "/account" }));
    }
    let (parts, _) = response.into_parts();
    let page = ErrorPage {
        frame: frame::bare(&app, &asked.path, asked.request_id),
        status: error.kind.status().as_u16(),
        title: title(error.kind),
        message: error.message,
    };
    let status = error.kind.status();
    let mut answer = if asked.wants_fragment { html(status, &page.as_notice()) } else { html(status, &page) };
    for (name, value) in &parts.headers {
        if name == "retry-after" || name == "allow" || name == "set-cookie" {
            answer.headers_mut().append(name, value.clone());
        }
    }
    answer
}

const fn title(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::BadRequest | ErrorKind::UnsupportedMedia => "That did not work",
        ErrorKind::NotSignedIn => "Please sign in",
        ErrorKind::PaymentDeclined => "The payment was declined",
        ErrorKind::Forbidden => "This is not allowed",
        ErrorKind::NotFound => "We could not find that",
        ErrorKind::MethodNotAllowed => "Not like this",
        ErrorKind::Conflict => "Something changed meanwhile",
        ErrorKind::TooLarge => "That is too much at once",
        ErrorKind::Unprocessable => "Please check what you entered",
        ErrorKind::TooMany => "One moment, please",
        ErrorKind::Internal => "Something went wrong",
        ErrorKind::Unavailable => "We will be right back",
    }
}
