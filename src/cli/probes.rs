//! Whether the process lives, and whether it should be sent requests.

use axum::{
    Router,
    extract::State,
    http::{HeaderValue, StatusCode, header::CACHE_CONTROL},
    response::{IntoResponse, Response},
    routing::get,
};

use crate::{infra::shutdown::Stage, request::App};

/// `/healthz`: the process lives; no dependency is asked. `/readyz`: 503 while starting or draining. Neither asks who it is.
pub fn router() -> Router<App> {
    Router::new().route("/healthz", get(async || answer(StatusCode::OK, "ok"))).route("/readyz", get(ready))
}

async fn ready(State(app): State<App>) -> Response {
    match app.phase.now() {
        Stage::Ready => answer(StatusCode::OK, "ready"),
        Stage::Starting => answer(StatusCode::SERVICE_UNAVAILABLE, "starting"),
        Stage::Draining => answer(StatusCode::SERVICE_UNAVAILABLE, "draining"),
    }
}

fn answer(status: StatusCode, word: &'static str) -> Response {
    (status, [(CACHE_CONTROL, HeaderValue::from_static("no-store"))], format!("{word}\n")).into_response()
}
