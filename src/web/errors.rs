//! Errors as pages, in the shop's own look, with the request id to quote.

use askama::Template;
use axum::{
    extract::{FromRequestParts, Request, State},
    http::{
        header::{HOST, REFERER},
        request::Parts,
    },
    middleware::Next,
    response::Response,
};
use url::Url;

use super::{PageFrame, frame, html, redirect};
use crate::{
    request::{App, AppError, Cookies, ErrorKind},
    views::{layout::Frame, urls},
};

#[derive(Template)]
#[template(path = "errors/show.html")]
struct ErrorPage {
    frame: Frame,
    status: u16,
    title: &'static str,
    message: String,
    back: Option<String>,
    can_retry: bool,
}

/// The same for a part of a page.
#[derive(Template)]
#[template(path = "errors/notice.html")]
struct ErrorNotice {
    frame: Frame,
    message: String,
}

/// Renders what handlers, extractors and layers left as an [`AppError`], and logs each unexpected one once.
pub async fn layer(State(app): State<App>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    // The answer is made from what was asked, and the request is gone by then.
    let asked = parts.clone();
    let mut response = next.run(Request::from_parts(parts, body)).await;
    let path = asked.uri.path_and_query().map_or("/", |path| path.as_str());
    let Some(error) = AppError::taken_from(&mut response, path) else {
        return response;
    };
    let wants_fragment = wants_fragment(&asked);
    if error.kind == ErrorKind::NotSignedIn && error.code == "not_signed_in" && !wants_fragment {
        return redirect(&urls::login(if asked.method.is_safe() { path } else { "/account" }));
    }
    let (answered, _) = response.into_parts();
    let mut answer = page(&app, asked, error, wants_fragment).await;
    for (name, value) in &answered.headers {
        if name == "retry-after" || name == "allow" || name == "set-cookie" {
            answer.headers_mut().append(name, value.clone());
        }
    }
    answer
}

async fn page(app: &App, mut asked: Parts, error: AppError, wants_fragment: bool) -> Response {
    let status = error.kind.status();
    // Where something is away nobody knows for how long, and the message says "a few seconds".
    let wait = match (error.kind, error.retry_after) {
        (ErrorKind::TooMany, Some(seconds)) => format!(" {}", wait(seconds)),
        _ => String::new(),
    };
    let message = format!("{}{wait}", error.message);
    let frame = frame_for(app, &mut asked, error.kind, wants_fragment).await;
    if wants_fragment {
        return html(status, &ErrorNotice { frame, message });
    }
    let page = ErrorPage {
        back: back(&asked),
        can_retry: error.retry_after.is_some() && asked.method.is_safe(),
        frame,
        status: status.as_u16(),
        title: title(error.kind),
        message,
    };
    html(status, &page)
}

// With name, cart and categories where the shop is well and the page cheap. What is refused in masses, or happens because something is
// away, must not ask the database; neither can what was refused before it was known who asks.
async fn frame_for(app: &App, asked: &mut Parts, kind: ErrorKind, wants_fragment: bool) -> Frame {
    let is_calm = matches!(
        kind,
        ErrorKind::BadRequest
            | ErrorKind::NotFound
            | ErrorKind::MethodNotAllowed
            | ErrorKind::Conflict
            | ErrorKind::Unprocessable
    );
    let is_known = asked.extensions.get::<Cookies>().is_some();
    if is_calm
        && is_known
        && !wants_fragment
        && let Ok(PageFrame(frame)) = PageFrame::from_request_parts(asked, app).await
    {
        return frame;
    }
    let path = asked.uri.path_and_query().map_or("/", |path| path.as_str());
    let request_id = asked.headers.get("x-request-id").and_then(|value| value.to_str().ok()).unwrap_or_default();
    frame::bare(app, path, request_id.to_owned())
}

fn wants_fragment(asked: &Parts) -> bool {
    let has = |name: &str| asked.headers.get(name).is_some_and(|value| value == "true");
    has("hx-request") && !has("hx-boosted")
}

// The page that led here, if it is one of this shop and not the one that failed: a form's page is worth going back to.
fn back(asked: &Parts) -> Option<String> {
    let referer = Url::parse(asked.headers.get(REFERER)?.to_str().ok()?).ok()?;
    let host = asked.headers.get(HOST)?.to_str().ok()?;
    let from = match referer.port() {
        Some(port) => format!("{}:{port}", referer.host_str()?),
        None => referer.host_str()?.to_owned(),
    };
    let path = &referer[url::Position::BeforePath..url::Position::AfterQuery];
    let is_itself = asked.method.is_safe() && asked.uri.path_and_query().is_some_and(|asked| asked.as_str() == path);
    (from == host && !is_itself).then(|| urls::local_or(path, "/"))
}

/// How long to wait, in words.
fn wait(seconds: u32) -> String {
    match seconds {
        0 | 1 => "You can try again in a second.".to_owned(),
        2..=90 => format!("You can try again in {seconds} seconds."),
        _ => format!("You can try again in {} minutes.", seconds.div_ceil(60)),
    }
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

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn back_from(referer: &str) -> Option<String> {
        let request = Request::builder().uri("/orders/X").header(HOST, "shop.test:8080").header(REFERER, referer);
        back(&request.body(()).unwrap().into_parts().0)
    }

    #[test]
    fn the_way_back_leads_to_a_page_of_the_shop_alone() {
        assert_eq!(back_from("http://shop.test:8080/orders?page=2").as_deref(), Some("/orders?page=2"));
        for other in ["http://evil.test/x", "http://shop.test/x", "http://shop.test:8080/orders/X", "nonsense"] {
            assert_eq!(back_from(other), None, "{other}");
        }
        assert_eq!(back_from("http://shop.test:8080//evil.test").as_deref(), Some("/"));
    }

    #[test]
    fn a_wait_is_said_in_words() {
        assert_eq!(wait(1), "You can try again in a second.");
        assert_eq!(wait(30), "You can try again in 30 seconds.");
        assert_eq!(wait(91), "You can try again in 2 minutes.");
    }
}
