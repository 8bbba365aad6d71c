//! Built front-end files and pictures. Nginx serves them too; this keeps a server whole without it.

use axum::{
    Router,
    extract::Request,
    http::{HeaderValue, header::CACHE_CONTROL},
    middleware::{self, Next},
    response::Response,
};
use tower_http::services::ServeDir;

use crate::{config::PathsConfig, request::App};

const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const A_DAY: HeaderValue = HeaderValue::from_static("public, max-age=86400");

/// `/static/` and `/media/`.
pub fn router(paths: &PathsConfig) -> Router<App> {
    let built = ServeDir::new(&paths.static_dir).precompressed_br().precompressed_gzip();
    let pictures = ServeDir::new(&paths.media_dir);
    Router::new()
        .nest_service("/static", built.append_index_html_on_directories(false))
        .nest_service("/media", pictures.append_index_html_on_directories(false))
        .layer(middleware::from_fn(cache))
}

async fn cache(request: Request, next: Next) -> Response {
    let lifetime = if is_hashed(request.uri().path()) { FOR_EVER } else { A_DAY };
    let mut response = next.run(request).await;
    if response.status().is_success() || response.status().as_u16() == 304 {
        response.headers_mut().insert(CACHE_CONTROL, lifetime);
    }
    response
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
    fn only_names_with_a_hash_are_kept_for_ever() {
        assert!(is_hashed("/static/app-1a2b3c4d.css") && is_hashed("/static/js/app-ABCDEFGH.js.map"));
        assert!(!is_hashed("/static/favicon.svg") && !is_hashed("/static/touch-icon.png"));
        assert!(!is_hashed("/media/products/enamel-mug-12345678.webp"));
    }
}
