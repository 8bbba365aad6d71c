//! Built front-end files and pictures. Nginx serves them too; this keeps a server whole without it.

use axum::{
    Router,
    body::Body,
    extract::{Path, Request, State, rejection::PathRejection},
    http::{
        HeaderMap, HeaderValue, Method, StatusCode,
        header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_NONE_MATCH},
    },
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use futures_util::TryStreamExt;
use tower_http::services::ServeDir;

use crate::{
    infra::media::{self, Found, MediaFile, MediaKey},
    request::{App, AppError},
};

const FOR_EVER: HeaderValue = HeaderValue::from_static(media::CACHE_CONTROL);
const A_DAY: HeaderValue = HeaderValue::from_static("public, max-age=86400");

/// `/static/` and `/media/`.
pub fn router(app: &App) -> Router<App> {
    let built = ServeDir::new(&app.config.paths.static_dir).precompressed_br().precompressed_gzip();
    let router = Router::new().nest_service("/static", built.append_index_html_on_directories(false));
    let router = match app.media.folder() {
        Some(folder) => router.nest_service("/media", ServeDir::new(folder).append_index_html_on_directories(false)),
        None => router.route("/media/{*file}", get(from_store)),
    };
    router.layer(middleware::from_fn(cache))
}

// A store that is no folder is not seen by Nginx: what it does not find comes here, and goes through piece by piece.
async fn from_store(
    State(app): State<App>,
    method: Method,
    name: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, AppError> {
    let key: Option<MediaKey> = name.ok().and_then(|Path(name)| name.parse().ok());
    let key = key.ok_or_else(AppError::not_found)?;
    let known = headers.get(IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    match app.media.get(&key, known, method != Method::HEAD).await {
        Ok(Found::File(file)) => Ok(whole(&key, file)),
        Ok(Found::Unchanged) => Ok(StatusCode::NOT_MODIFIED.into_response()),
        Ok(Found::Nothing) => Err(AppError::not_found()),
        Err(error) => Err(AppError::unavailable(error)),
    }
}

fn whole(key: &MediaKey, file: MediaFile) -> Response {
    let name = key.clone();
    let content = file.content.inspect_err(move |error| tracing::warn!(%name, %error, "a file broke off"));
    let mut response = Response::new(Body::from_stream(content));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(key.content_type()));
    headers.insert(CONTENT_LENGTH, file.length.into());
    if let Some(etag) = file.etag.and_then(|etag| HeaderValue::try_from(etag).ok()) {
        headers.insert(ETAG, etag);
    }
    response
}

async fn cache(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    // Files of conversations lie in the same store, and are served to who takes part in them alone (pages::chat::files).
    if is_private(path) {
        return AppError::not_found().into_response();
    }
    let lifetime = if is_hashed(path) || path.starts_with("/media/") { FOR_EVER } else { A_DAY };
    let mut response = next.run(request).await;
    if response.status().is_success() || response.status().as_u16() == 304 {
        response.headers_mut().insert(CACHE_CONTROL, lifetime);
    }
    response
}

// However it is written: what the file server makes of a path is decoded first, and a folder is one with two slashes before it as well.
fn is_private(path: &str) -> bool {
    let Some(rest) = path.strip_prefix("/media") else { return false };
    let decoded = percent_decoded(rest);
    decoded
        .split(['/', '\\'])
        .find(|part| !part.is_empty() && *part != ".")
        .is_none_or(|first| first.eq_ignore_ascii_case("chat") || first == "..")
}

fn percent_decoded(text: &str) -> String {
    let (mut out, bytes) = (Vec::new(), text.as_bytes());
    let mut at = 0;
    while let Some(byte) = bytes.get(at).copied() {
        let pair = (byte == b'%').then(|| bytes.get(at + 1..at + 3)).flatten();
        let decoded = pair.and_then(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
        out.push(decoded.unwrap_or(byte));
        at += if decoded.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&out).into_owned()
}

// `app-1a2b3c4d.css`: another content has another name.
fn is_hashed(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    let hash = name.split('.').next().and_then(|stem| stem.rsplit_once('-')).map_or("", |(_, hash)| hash);
    path.starts_with("/static/") && hash.len() >= 8 && hash.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_conversations_are_private_however_their_folder_is_written() {
        for path in [
            "/media/chat/a.webp",
            "/media//chat/a.webp",
            "/media/%63hat/a.webp",
            "/media/./chat/a.webp",
            "/media/CHAT/a",
            "/media/products/../chat",
        ] {
            assert_eq!(is_private(path), path != "/media/products/../chat", "{path}");
        }
        assert!(is_private("/media/%2e%2e/x") && is_private("/media/%2fchat/a.webp"));
        assert!(!is_private("/media/products/chat-1-640.webp") && !is_private("/static/chat-1234.css"));
    }

    #[test]
    fn only_names_with_a_hash_are_kept_for_ever() {
        assert!(is_hashed("/static/app-1a2b3c4d.css") && is_hashed("/static/js/app-ABCDEFGH.js.map"));
        assert!(!is_hashed("/static/favicon.svg") && !is_hashed("/static/touch-icon.png"));
    }
}
