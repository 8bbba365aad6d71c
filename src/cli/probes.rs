//! Whether the process lives, whether it should be sent requests, and what it is shown of them.

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header::CACHE_CONTROL},
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::{Map, Value};
use time::OffsetDateTime;

use crate::{
    infra::{shutdown::Stage, tokens},
    request::App,
};

/// Where `ecommerce doctor` asks what a server is shown of a request.
pub const SEEN_PATH: &str = "/healthz/seen";
/// The header with its token, which only somebody with `SECRET_KEY` can make.
pub const SEEN_HEADER: &str = "X-Doctor";
/// What the token is signed for.
pub const SEEN_SUBJECT: &str = "doctor";
// Those that proxies set, rightly or wrongly.
const SHOWN: [&str; 6] = ["host", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "forwarded", "x-real-ip"];

/// `/healthz`: the process lives; no dependency is asked. `/readyz`: 503 while starting or draining. Neither asks who it is.
/// `/healthz/seen` is for the doctor alone.
pub fn router() -> Router<App> {
    let alive = get(async || answer(StatusCode::OK, "ok"));
    Router::new().route("/healthz", alive).route("/readyz", get(ready)).route(SEEN_PATH, get(seen))
}

async fn ready(State(app): State<App>) -> Response {
    match app.phase.now() {
        Stage::Ready => answer(StatusCode::OK, "ready"),
        Stage::Starting => answer(StatusCode::SERVICE_UNAVAILABLE, "starting"),
        Stage::Draining => answer(StatusCode::SERVICE_UNAVAILABLE, "draining"),
    }
}

async fn seen(State(app): State<App>, headers: HeaderMap) -> Response {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !tokens::verify(&app.config.secret_key, SEEN_SUBJECT, text(SEEN_HEADER), OffsetDateTime::now_utc()) {
        return answer(StatusCode::NOT_FOUND, "not found");
    }
    let shown: Map<String, Value> = SHOWN.iter().map(|name| ((*name).to_owned(), text(name).into())).collect();
    ([(CACHE_CONTROL, HeaderValue::from_static("no-store"))], Json(shown)).into_response()
}

fn answer(status: StatusCode, word: &'static str) -> Response {
    (status, [(CACHE_CONTROL, HeaderValue::from_static("no-store"))], format!("{word}\n")).into_response()
}
