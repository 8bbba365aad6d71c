//! Errors as JSON: `{"success": false, "message", "code", "errors"?, "request_id"}`, never a cause.

use std::collections::BTreeMap;

use axum::{
    Json,
    extract::Request,
    http::{HeaderName, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde::{Serialize, Serializer, ser::SerializeMap};

use crate::request::AppError;

const KEPT: [HeaderName; 3] = [header::RETRY_AFTER, header::ALLOW, header::SET_COOKIE];

struct Failure<'a> {
    error: &'a AppError,
    request_id: &'a str,
}

impl Serialize for Failure<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("success", &false)?;
        map.serialize_entry("message", &self.error.message)?;
        map.serialize_entry("code", self.error.code)?;
        if !self.error.fields.is_empty() {
            let fields: BTreeMap<_, _> = self.error.fields.iter().map(|(name, message)| (name, message)).collect();
            map.serialize_entry("errors", &fields)?;
        }
        for (name, value) in &self.error.extra {
            map.serialize_entry(name, value)?;
        }
        map.serialize_entry("request_id", self.request_id)?;
        map.end()
    }
}

/// Gives every error that leaves through the API its shape.
pub async fn layer(request: Request, next: Next) -> Response {
    let (uri, id) = (request.uri().clone(), request.headers().get("x-request-id").cloned());
    let mut response = next.run(request).await;
    let Some(error) = AppError::taken_from(&mut response, uri.path()) else { return response };
    let request_id = id.as_ref().and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut answer = (error.kind.status(), Json(Failure { error: &error, request_id })).into_response();
    for (name, value) in response.headers().iter().filter(|(name, _)| KEPT.contains(name)) {
        answer.headers_mut().append(name, value.clone());
    }
    answer
}
