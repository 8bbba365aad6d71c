//! One neutral error. It becomes a page or JSON by the router it leaves through: `web::errors` and `api::errors` each have a layer
//! that finds it in the response's extensions.

use std::{fmt, sync::Arc};

use axum::{
    http::{
        HeaderValue, StatusCode,
        header::{CONTENT_TYPE, RETRY_AFTER},
    },
    response::{IntoResponse, Response},
};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

/// What kind of thing went wrong, which decides the status.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ErrorKind {
    /// Malformed, or a rule broken: 400.
    BadRequest,
    /// Not signed in: 401.
    NotSignedIn,
    /// The payment was declined: 402.
    PaymentDeclined,
    /// Signed in, but without the right: 403.
    Forbidden,
    /// Not there, or someone else's: 404.
    NotFound,
    /// The route is there, the method is not: 405.
    MethodNotAllowed,
    /// In conflict with the present state: 409.
    Conflict,
    /// The body is too large: 413.
    TooLarge,
    /// Not the media type that the route takes: 415.
    UnsupportedMedia,
    /// The same idempotency key with another body, or a form with errors: 422.
    Unprocessable,
    /// Too many requests: 429 with Retry-After.
    TooMany,
    /// A fault of ours: 500.
    Internal,
    /// Something we need is away: 503 with Retry-After.
    Unavailable,
}

/// An error as the outside may see it, with its cause for the log.
#[derive(Clone)]
pub struct AppError {
    /// Decides the status.
    pub kind: ErrorKind,
    /// For programs: `insufficient_stock`.
    pub code: &'static str,
    /// For people, in plain words; never a cause.
    pub message: String,
    /// Messages by field.
    pub fields: Vec<(String, String)>,
    /// More members of the JSON answer, such as `available`.
    pub extra: Vec<(&'static str, Box<RawValue>)>,
    /// Seconds until another try makes sense.
    pub retry_after: Option<u32>,
    /// Why, for the log alone.
    pub cause: Option<Arc<anyhow::Error>>,
}

impl ErrorKind {
    /// The HTTP status.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        match self {
            Self::BadRequest => StatusCode::BAD_REQUEST,
            Self::NotSignedIn => StatusCode::UNAUTHORIZED,
            Self::PaymentDeclined => StatusCode::PAYMENT_REQUIRED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Conflict => StatusCode::CONFLICT,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMedia => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Unprocessable => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

impl AppError {
    /// An error with its code and message.
    #[must_use]
    pub fn new(kind: ErrorKind, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            kind,
            code,
            message: message.into(),
            fields: Vec::new(),
            extra: Vec::new(),
            retry_after: None,
            cause: None,
        }
    }

    /// Not there, or someone else's.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(ErrorKind::NotFound, "not_found", "There is nothing at this address.")
    }

    /// A rule broken, said in one sentence.
    #[must_use]
    pub fn bad_request(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(ErrorKind::BadRequest, code, message)
    }

    /// Nobody is signed in.
    #[must_use]
    pub fn not_signed_in() -> Self {
        Self::new(ErrorKind::NotSignedIn, "not_signed_in", "Please sign in first.")
    }

    /// A dependency is away; another try makes sense in some seconds.
    #[must_use]
    pub fn unavailable(cause: impl Into<anyhow::Error>) -> Self {
        let message = "The shop cannot do this right now. Please try again in a few seconds.";
        Self::new(ErrorKind::Unavailable, "unavailable", message).retry_after(5).because(cause)
    }

    /// A fault of ours.
    #[must_use]
    pub fn internal(cause: impl Into<anyhow::Error>) -> Self {
        Self::new(ErrorKind::Internal, "internal", "Something went wrong on our side.").because(cause)
    }

    /// More than the shop takes at once.
    #[must_use]
    pub fn too_large() -> Self {
        Self::new(ErrorKind::TooLarge, "too_large", "This is more than the shop takes at once.")
    }

    /// What a handler, an extractor or a layer left in the response, logged once if it is unexpected; `None` if all went well.
    pub fn taken_from(response: &mut Response, path: &str) -> Option<Self> {
        let error = response.extensions_mut().remove::<Self>().or_else(|| Self::of_plain(response))?;
        let path = path.split('?').next().unwrap_or("/");
        match error.kind {
            ErrorKind::Internal => tracing::error!(?error, path, "a request failed"),
            ErrorKind::Unavailable => tracing::warn!(?error, path, "a request could not be served"),
            _ => tracing::debug!(?error, path, "a request was refused"),
        }
        Some(error)
    }

    // Answers that the router and the libraries' layers give, which know nothing of AppError.
    fn of_plain(response: &Response) -> Option<Self> {
        let media_type = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        // A handler that made a page or JSON of its own has said what there is to say.
        if media_type.starts_with("text/html") || media_type.starts_with("application/json") {
            return None;
        }
        let new = |kind, code, message: &str| Some(Self::new(kind, code, message));
        match response.status() {
            StatusCode::NOT_FOUND => Some(Self::not_found()),
            StatusCode::METHOD_NOT_ALLOWED => new(
                ErrorKind::MethodNotAllowed,
                "method_not_allowed",
                "This address does not take that kind of request.",
            ),
            StatusCode::FORBIDDEN => {
                let message = "This request did not come from a page of this shop. Please go back and try again.";
                new(ErrorKind::Forbidden, "forbidden", message)
            }
            StatusCode::PAYLOAD_TOO_LARGE => Some(Self::too_large()),
            StatusCode::REQUEST_TIMEOUT | StatusCode::GATEWAY_TIMEOUT | StatusCode::SERVICE_UNAVAILABLE => {
                let message = "This took too long. Please try again in a few seconds.";
                new(ErrorKind::Unavailable, "timeout", message).map(|error| error.retry_after(5))
            }
            StatusCode::BAD_REQUEST => {
                new(ErrorKind::BadRequest, "bad_request", "The shop could not make sense of this request.")
            }
            status if status.is_server_error() => Some(Self::internal(anyhow::anyhow!("a layer answered {status}"))),
            _ => None,
        }
    }

    /// With messages by field.
    #[must_use]
    pub fn with_fields(mut self, fields: impl IntoIterator<Item = (impl Into<String>, impl Into<String>)>) -> Self {
        self.fields.extend(fields.into_iter().map(|(name, message)| (name.into(), message.into())));
        self
    }

    /// With another member of the JSON answer.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Serialize) -> Self {
        match to_raw_value(&value) {
            Ok(value) => self.extra.push((name, value)),
            Err(error) => tracing::error!(%error, name, "a member of an error answer could not be written"),
        }
        self
    }

    /// With seconds until another try makes sense.
    #[must_use]
    pub const fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// The seconds to wait, where a limit was reached; anything else as it is, for `?`.
    ///
    /// # Errors
    /// It was no limit.
    pub fn limit(self) -> Result<u32, Self> {
        match (self.kind, self.retry_after) {
            (ErrorKind::TooMany, Some(seconds)) => Ok(seconds),
            _ => Err(self),
        }
    }

    /// With its cause, for the log.
    #[must_use]
    pub fn because(mut self, cause: impl Into<anyhow::Error>) -> Self {
        self.cause = Some(Arc::new(cause.into()));
        self
    }
}

/// An empty answer that carries the error to the layer which gives it a shape.
impl IntoResponse for AppError {
    fn into_response(self) -> Response {
        let mut response = self.kind.status().into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(self);
        response
    }
}

impl fmt::Debug for AppError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {}: {}", self.kind, self.code, self.message)?;
        self.cause.as_ref().map_or(Ok(()), |cause| write!(f, " ({cause:#})"))
    }
}
