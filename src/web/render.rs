//! From a template to an answer: a whole page, the block that htmx asked for, or a redirect.

use std::convert::Infallible;

use askama::Template;
use axum::{
    extract::FromRequestParts,
    http::{
        HeaderName, HeaderValue, StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION, RETRY_AFTER, VARY},
        request::Parts,
    },
    response::{IntoResponse, Response},
};

use crate::request::AppError;

const HX_RETARGET: HeaderName = HeaderName::from_static("hx-retarget");
const HX_RESWAP: HeaderName = HeaderName::from_static("hx-reswap");

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

/// The page of a form that came too often, with the seconds to wait. htmx gives other answers of this status to the place for errors: this
/// one holds what was typed and goes into `part`, where the form is.
#[must_use]
pub fn too_many(mut response: Response, seconds: u32, part: Option<&'static str>) -> Response {
    let headers = response.headers_mut();
    headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    if let Some(part) = part {
        headers.insert(HX_RETARGET, HeaderValue::from_static(part));
        headers.insert(HX_RESWAP, HeaderValue::from_static("outerHTML"));
    }
    response
}

/// What is said of words that came too often.
#[must_use]
pub fn too_much_was_said(seconds: u32) -> String {
    format!("That was a lot in a short time. Nothing was sent yet: please send it again in {seconds} seconds.")
}

/// To another page of the shop, to be fetched with GET.
#[must_use]
pub fn redirect(path: &str) -> Response {
    let location = HeaderValue::from_str(path).unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(LOCATION, location), (CACHE_CONTROL, HeaderValue::from_static("private, no-store"))])
        .into_response()
}
