//! Which request this is, and which server answers it.

use axum::{
    extract::Request,
    http::{
        HeaderName, HeaderValue, StatusCode,
        header::{CONNECTION, HeaderMap},
    },
    response::Response,
};

use crate::request::App;

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const X_SERVED_BY: HeaderName = HeaderName::from_static("x-served-by");

/// The id of a request, which its answer carries as well.
#[derive(Debug)]
pub struct Identity(HeaderValue);

impl Identity {
    /// The id that Nginx gave the request, or a new one, which it then has.
    pub fn given_to(request: &mut Request) -> Self {
        let id = well_formed_id(request.headers()).unwrap_or_else(new_id);
        request.headers_mut().insert(X_REQUEST_ID, id.clone());
        Self(id)
    }

    /// Sends it back with the answer, which names the server as well.
    ///
    /// Once the process drains, the answer asks for the connection to be closed, so that Nginx sends the next request elsewhere. One that
    /// becomes a WebSocket's is left alone.
    pub fn put_on(self, response: &mut Response, app: &App) {
        let closes = app.phase.is_draining() && response.status() != StatusCode::SWITCHING_PROTOCOLS;
        let headers = response.headers_mut();
        headers.insert(X_REQUEST_ID, self.0);
        if let Ok(name) = HeaderValue::from_str(&app.config.server.name) {
            headers.insert(X_SERVED_BY, name);
        }
        if closes {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
    }
}

// It ends up in logs and pages, so it is held to letters that mean nothing there.
fn well_formed_id(headers: &HeaderMap) -> Option<HeaderValue> {
    let id = headers.get(X_REQUEST_ID)?;
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
    ((8..=64).contains(&id.len()) && id.as_bytes().iter().all(plain)).then(|| id.clone())
}

fn new_id() -> HeaderValue {
    // It names a request, and opens nothing: the thread's own generator will do.
    HeaderValue::try_from(format!("{:032x}", rand::random::<u128>())).unwrap_or(HeaderValue::from_static("unknown"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_id_is_taken_over() {
        let taken = |id: &'static str| {
            let headers = HeaderMap::from_iter([(X_REQUEST_ID, HeaderValue::from_static(id))]);
            well_formed_id(&headers).is_some()
        };
        assert!(taken("0123456789abcdef0123456789abcdef"));
        assert!(!taken("short") && !taken("<script>alert(1)</script>") && !taken("with space in it"));
        assert!(well_formed_id(&HeaderMap::new()).is_none());
    }
}
