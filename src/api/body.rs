//! Bodies: read with errors that say which field was wrong, and answers in the envelope of the contract.

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Query, Request, rejection::BytesRejection},
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE},
        request::Parts,
    },
    response::{IntoResponse, Response},
};
use serde::{Serialize, de::DeserializeOwned};
use utoipa::ToSchema;

use super::doc::True;
use crate::request::{App, AppError, ErrorKind};

/// A JSON body.
#[derive(Clone, Debug)]
pub struct Body<T>(pub T);

/// A JSON body that may be missing altogether.
#[derive(Clone, Debug)]
pub struct OptionalBody<T>(pub T);

/// The parameters behind the question mark.
#[derive(Clone, Debug)]
pub struct Params<T>(pub T);

/// `{"success": true, …}` around an answer.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Success<T> {
    #[schema(inline)]
    success: True,
    #[serde(flatten)]
    body: T,
}

/// An answer in the envelope.
#[must_use]
pub fn success<T: Serialize>(status: StatusCode, body: T) -> Response {
    // As long as most are: growing into it took longer than filling it.
    let mut json = Vec::with_capacity(2_048);
    if let Err(error) = serde_json::to_writer(&mut json, &Success { success: True, body }) {
        return AppError::internal(error).into_response();
    }
    let headers = [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "private, no-store")];
    (status, headers.map(|(name, value)| (name, HeaderValue::from_static(value))), json).into_response()
}

/// An answer that is only a sentence.
#[must_use]
pub fn message(text: &'static str) -> Response {
    success(StatusCode::OK, super::shapes::Message { message: text })
}

impl<T: DeserializeOwned> FromRequest<App> for Body<T> {
    type Rejection = AppError;

    async fn from_request(request: Request, app: &App) -> Result<Self, AppError> {
        require_json(request.headers())?;
        let bytes = Bytes::from_request(request, app).await.map_err(unreadable)?;
        parse(&bytes).map(Self)
    }
}

impl<T: DeserializeOwned + Default> FromRequest<App> for OptionalBody<T> {
    type Rejection = AppError;

    async fn from_request(request: Request, app: &App) -> Result<Self, AppError> {
        let headers = request.headers().clone();
        let bytes = Bytes::from_request(request, app).await.map_err(unreadable)?;
        if bytes.is_empty() {
            return Ok(Self(T::default()));
        }
        require_json(&headers)?;
        parse(&bytes).map(Self)
    }
}

impl<T: DeserializeOwned> FromRequestParts<App> for Params<T> {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, _app: &App) -> Result<Self, AppError> {
        let params = Query::try_from_uri(&parts.uri).map_err(|error| {
            AppError::bad_request("malformed_query", "The parameters of this address could not be read.").because(error)
        })?;
        Ok(Self(params.0))
    }
}

fn require_json(headers: &HeaderMap) -> Result<(), AppError> {
    let media_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if essence == "application/json" || essence.ends_with("+json") {
        return Ok(());
    }
    let message = "Send the body as JSON, with Content-Type: application/json.";
    Err(AppError::new(ErrorKind::UnsupportedMedia, "not_json", message))
}

fn unreadable(rejection: BytesRejection) -> AppError {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        AppError::new(ErrorKind::TooLarge, "too_large", "This is more than the shop takes at once.")
    } else {
        AppError::bad_request("unreadable", "The body could not be read to its end.").because(rejection)
    }
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, AppError> {
    let malformed = || AppError::bad_request("malformed_json", "The body is not valid JSON.");
    let no_object = || AppError::bad_request("invalid_body", "The body must be a JSON object.");
    // serde would take an array for a structure, its fields in order.
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        let valid = serde_json::from_slice::<serde::de::IgnoredAny>(bytes).is_ok();
        return Err(if valid { no_object() } else { malformed() });
    }
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let body = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let (field, category) = (error.path().to_string(), error.inner().classify());
        if category != serde_json::error::Category::Data {
            return malformed();
        }
        let problem = error.inner().to_string();
        let missing = problem.strip_prefix("missing field `").and_then(|rest| rest.split('`').next());
        match missing {
            Some(name) => invalid_field(name, "This is needed"),
            None if field == "." => no_object(),
            None => invalid_field(&field, "This is not of the right type, or out of range"),
        }
    })?;
    deserializer.end().map_err(|_| malformed())?;
    Ok(body)
}

/// One field was wrong.
#[must_use]
pub fn invalid_field(name: &str, message: impl ToString) -> AppError {
    invalid_fields(vec![(name.to_owned(), message.to_string())])
}

/// Several fields were wrong.
#[must_use]
pub fn invalid_fields(fields: Vec<(String, String)>) -> AppError {
    let message = match fields.as_slice() {
        [(name, message)] => format!("{name}: {message}."),
        _ => "Some fields are not right.".to_owned(),
    };
    AppError::bad_request("invalid_fields", message).with_fields(fields)
}

/// Collects what is wrong with each field, so that a client learns all of it at once.
#[derive(Debug, Default)]
pub struct Problems(Vec<(String, String)>);

impl Problems {
    /// The value, or `None` with its problem kept.
    pub fn check<T, E: ToString>(&mut self, field: &str, result: Result<T, E>) -> Option<T> {
        result.map_err(|error| self.add(field, error)).ok()
    }

    /// Keeps a problem.
    pub fn add(&mut self, field: &str, problem: impl ToString) {
        self.0.push((field.to_owned(), problem.to_string()));
    }

    /// The error that names all of them.
    ///
    /// # Errors
    /// If there is any.
    pub fn none_or_error(self) -> Result<(), AppError> {
        if self.0.is_empty() { Ok(()) } else { Err(invalid_fields(self.0)) }
    }
}
