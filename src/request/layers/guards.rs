//! What a request must pass before a handler sees it. A refusal is an [`AppError`], which the adapter's error layer gives its shape.

use std::{any::Any, time::Duration};

use anyhow::anyhow;
use axum::{
    body::Body,
    extract::{Request, State},
    http::header::{CONTENT_LENGTH, HOST},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures_util::StreamExt;
use tower_http::csrf::{ConfigError, CsrfLayer, ProtectionError};

use crate::{
    config::Config,
    request::{App, AppError, ErrorKind, cookies, keep},
};

/// What a body may hold, in bytes: forms and JSON are far smaller.
pub const BODY_LIMIT: usize = 1024 * 1024;

/// What a file sent to the chat may hold with the form around it, in bytes: 5 MB of file and a little.
pub const UPLOAD_LIMIT: usize = 5 * 1024 * 1024 + 64 * 1024;

// Of a body that is refused, this much is read and dropped: a client that is still sending would otherwise see a reset instead of 413.
const READ_BEFORE_REFUSING: usize = 32 * 1024 * 1024;

/// Refuses a request that names a host which is not ours: links and cookies would be made for it.
pub async fn allowed_hosts(State(app): State<App>, request: Request, next: Next) -> Response {
    if is_ours(&app, &request) { next.run(request).await } else { unknown_host() }
}

/// [`allowed_hosts`], and two bounds: a body that says it is larger than [`BODY_LIMIT`], or [`UPLOAD_LIMIT`] where files arrive, is refused
/// (one that does not say is held to it by the extractors), and a request that takes too long is ended before Nginx gives it up: its
/// transaction is rolled back. Then [`keep::through`], before anything asks who it is, and [`cookies::layer`]. One layer for all of it:
/// each of axum's costs a request about a microsecond.
pub async fn entrance(State(app): State<App>, request: Request, next: Next) -> Response {
    if !is_ours(&app, &request) {
        return unknown_host();
    }
    if is_too_large(&request) {
        let dropping = drop_body(request.into_body());
        // Whether it was read in time or not, the answer is the same.
        let _ = tokio::time::timeout(Duration::from_secs(5), dropping).await;
        return AppError::too_large().into_response();
    }
    let answer = keep::through(&app, request, |request| cookies::layer(State(app.clone()), request, next));
    match tokio::time::timeout(app.config.server.request_timeout, answer).await {
        Ok(response) => response,
        Err(_) => too_long(),
    }
}

fn is_ours(app: &App, request: &Request) -> bool {
    let from_target = request.uri().authority().map(|authority| authority.as_str());
    let from_header = request.headers().get(HOST).and_then(|value| value.to_str().ok());
    let host = without_port(from_target.or(from_header).unwrap_or_default()).to_ascii_lowercase();
    app.config.public.allowed_hosts.contains(&host)
}

fn unknown_host() -> Response {
    AppError::bad_request("unknown_host", "This shop is not at home at the address you asked for.").into_response()
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

fn is_too_large(request: &Request) -> bool {
    let length = request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    let most = if takes_files(request.uri().path()) { UPLOAD_LIMIT } else { BODY_LIMIT };
    length.is_some_and(|length| length > most as u64)
}

// The one place where files arrive.
fn takes_files(path: &str) -> bool {
    path.strip_prefix("/chat/").is_some_and(|rest| rest.trim_end_matches('/').ends_with("/attachments"))
}

async fn drop_body(body: Body) {
    let mut chunks = body.into_data_stream();
    let mut seen = 0;
    while let Some(Ok(chunk)) = chunks.next().await {
        seen += chunk.len();
        if seen > READ_BEFORE_REFUSING {
            return;
        }
    }
}

fn too_long() -> Response {
    let message = "This took too long. Please try again in a few seconds.";
    let error = AppError::new(ErrorKind::Unavailable, "timeout", message).retry_after(5);
    error.because(anyhow!("REQUEST_TIMEOUT_SECONDS passed")).into_response()
}

/// A handler that panicked, as an error of ours.
#[must_use]
pub fn on_panic(cause: Box<dyn Any + Send + 'static>) -> Response {
    let text = cause.downcast_ref::<String>().map(String::as_str).or_else(|| cause.downcast_ref::<&str>().copied());
    AppError::internal(anyhow!("panicked: {}", text.unwrap_or("without words"))).into_response()
}

/// How a request of another site is answered.
pub type Refusal = fn(ProtectionError) -> Response;

/// Refuses what other sites make a browser send here, by Fetch metadata and Origin. GET and HEAD pass: none may change anything.
///
/// # Errors
/// `PUBLIC_URL` has no origin.
pub fn csrf(config: &Config) -> Result<CsrfLayer<Refusal>, ConfigError> {
    let ours = config.public.url.origin().ascii_serialization();
    Ok(CsrfLayer::new().add_trusted_origin(ours)?.with_rejection_response(from_elsewhere))
}

fn from_elsewhere(_error: ProtectionError) -> Response {
    let message = "This request did not come from a page of this shop. Please go back and try again.";
    AppError::new(ErrorKind::Forbidden, "cross_site", message).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_a_fault_of_ours_whose_words_stay_in_the_log() {
        for cause in [Box::new("boom") as Box<dyn Any + Send>, Box::new("boom".to_owned()), Box::new(7)] {
            let response = on_panic(cause);
            let error = response.extensions().get::<AppError>().unwrap();
            assert_eq!(error.kind, ErrorKind::Internal);
            assert!(!error.message.contains("boom"));
        }
    }

    #[test]
    fn a_host_is_compared_without_its_port() {
        for (given, name) in [
            ("shop.example:8080", "shop.example"),
            ("[::1]:80", "[::1]"),
            ("[::1]", "[::1]"),
            ("localhost", "localhost"),
        ] {
            assert_eq!(without_port(given), name);
        }
    }
}
