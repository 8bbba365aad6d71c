//! The OpenAPI document. Each handler says in `#[utoipa::path]` what is its own: summary, parameters, bodies, the answers that are
//! particular to it. What every operation has in common (413, 415, 500, 503, headers, examples) is added here, once.

mod examples;
mod finish;
mod refusals;
mod schemas;

use std::sync::LazyLock;

use axum::{
    body::Bytes,
    extract::Request,
    http::{
        HeaderValue, StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH},
    },
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;
use sha2::{Digest, Sha256};
use utoipa::OpenApi;

pub use refusals::*;
pub use schemas::True;

use finish::SecuritySchemes;

use super::{checkout, shapes};

/// The document, made once: it is the same on every server.
static DOCUMENT: LazyLock<Document> = LazyLock::new(|| Document::of(super::described().into_openapi()));

/// The document as a tree, and as it is sent.
#[derive(Debug)]
pub struct Document {
    /// For those who read it: the page to try the API, tests.
    pub value: Value,
    bytes: Bytes,
    etag: String,
}

/// What the document says beside its operations.
#[derive(Debug, OpenApi)]
#[openapi(
    info(
        title = "The shop's JSON API",
        version = "1",
        description = "Everything that the shop's pages do, for programs. Bodies are JSON, of at most 1 MiB; ids are integers, times RFC 3339 in UTC, prices \
                       JSON numbers with two decimals. A path with or without its last slash is the same. Every answer carries `X-Request-Id`; quote it when \
                       you write to us. Members may be added to answers; clients pass over those they do not know.",
        license(name = "MIT", identifier = "MIT")
    ),
    servers((url = "/", description = "This shop")),
    tags(
        (name = "Accounts", description = "Registering, signing in, the profile."),
        (name = "Products", description = "What is for sale, and for staff: changing it."),
        (name = "Cart", description = "The cart of an account or of a visitor. A visitor's joins the account at sign-in."),
        (name = "Wishlist", description = "What one may want later. A visitor's joins the account at sign-in."),
        (name = "Checkout", description = "Placing orders and looking at them."),
        (name = "About", description = "The API itself.")
    ),
    components(schemas(
        Failure, shapes::CategoryShape, shapes::OrderShape, shapes::TotalsShape, checkout::MissingShape
    )),
    modifiers(&SecuritySchemes)
)]
pub struct Base;

/// The document.
#[must_use]
pub fn document() -> &'static Document {
    &DOCUMENT
}

/// GET `/api/openapi.json`: the same bytes for everyone, so that they may be kept.
#[utoipa::path(
    get, path = "/api/openapi.json", operation_id = "openapi", tag = "About",
    summary = "This document",
    description = "The API in OpenAPI 3.1. To be asked conditionally, with the `ETag` of the answer before.",
    params(("If-None-Match" = Option<String>, Header, description = "The `ETag` of the document that is known already.")),
    responses(
        (status = 200, description = "The document.", content_type = "application/json", body = Value,
         headers(("ETag" = String, description = "Names this state of the document."))),
        (status = 304, description = "It is the one that is known already.")
    )
)]
pub async fn show(request: Request) -> Response {
    document().answer(request.headers().get(IF_NONE_MATCH))
}

impl Document {
    fn of(api: utoipa::openapi::OpenApi) -> Self {
        // A document that cannot be written would be null; a test reads it.
        let mut value = serde_json::to_value(api).unwrap_or_default();
        finish::finish(&mut value);
        let bytes = Bytes::from(value.to_string());
        let etag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(&Sha256::digest(&bytes)[..12]));
        Self { value, bytes, etag }
    }

    fn answer(&self, known: Option<&HeaderValue>) -> Response {
        let known = known.and_then(|value| value.to_str().ok()).unwrap_or_default();
        // A proxy that packs the body makes the tag a weak one.
        let is_known =
            known.split(',').any(|tag| matches!(tag.trim().trim_start_matches("W/"), "*") || tag.contains(&self.etag));
        let headers = [(CACHE_CONTROL, "public, max-age=300"), (ETAG, self.etag.as_str())];
        if is_known {
            return (StatusCode::NOT_MODIFIED, headers).into_response();
        }
        (headers, [(CONTENT_TYPE, "application/json")], self.bytes.clone()).into_response()
    }
}

#[cfg(test)]
mod tests;
