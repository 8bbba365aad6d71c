//! From a template to an answer: a whole page, the block that htmx asked for, or a redirect.

use std::convert::Infallible;

use askama::Template;
use axum::{
    extract::FromRequestParts,
    http::{
        HeaderValue, StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION, VARY},
        request::Parts,
    },
    response::{IntoResponse, Response},
};

use crate::request::AppError;

/// Whether htmx asks for a part of the page. A boosted link wants the whole page, as a plain browser does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Hx {
    /// The answer should be the template's block alone.
    pub wants_fragment: bool,
}

impl<S: Sync> FromRequestParts<S> for Hx {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        let has = |name: &str| parts.headers.get(name).is_some_and(|value| value == "true");
        Ok(Self { wants_fragment: has("hx-request") && !has("hx-boosted") && !has("hx-history-restore-request") })
    }
}

/// A template as an answer: the page, or one of its blocks (askama's `as_…()`).
#[must_use]
pub fn html(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(body) => {
            let mut response = (status, body).into_response();
            let headers = response.headers_mut();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
            headers.append(VARY, HeaderValue::from_static("HX-Request, Cookie"));
            response
        }
        Err(error) => AppError::internal(error).into_response(),
    }
}

/// To another page of the shop, to be fetched with GET.
#[must_use]
pub fn redirect(path: &str) -> Response {
    let location = HeaderValue::from_str(path).unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(LOCATION, location), (CACHE_CONTROL, HeaderValue::from_static("private, no-store"))])
        .into_response()
}
