//! Cookies: read from the request, and written by whoever has to while it is answered.

use std::sync::{Arc, Mutex, PoisonError};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, header::SET_COOKIE},
    middleware::Next,
    response::Response,
};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use time::Duration;

use super::App;

/// The session's cookie, without prefix.
pub const SESSION: &str = "session";
/// The visitor's cookie, without prefix.
pub const VISITOR: &str = "visitor";
/// The cookie of the one message that the next page shows, without prefix.
pub const FLASH: &str = "flash";

/// The cookies of one request, and those that its answer will set.
#[derive(Clone, Debug)]
pub struct Cookies {
    jar: CookieJar,
    secure: bool,
    new: Arc<Mutex<Vec<Cookie<'static>>>>,
}

impl Cookies {
    fn of(headers: &HeaderMap, secure: bool) -> Self {
        Self { jar: CookieJar::from_headers(headers), secure, new: Arc::default() }
    }

    /// The value of a cookie that the browser sent.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<String> {
        self.jar.get(&full_name(name, self.secure)).map(|cookie| cookie.value().to_owned())
    }

    /// Sets a cookie for `max_age`, or until the browser closes.
    pub fn set(&self, name: &str, value: String, max_age: Option<Duration>) {
        let mut cookie = Cookie::build((full_name(name, self.secure), value))
            .path("/")
            .http_only(true)
            .secure(self.secure)
            .same_site(SameSite::Lax)
            .build();
        cookie.set_max_age(max_age);
        self.new.lock().unwrap_or_else(PoisonError::into_inner).push(cookie);
    }

    /// Removes a cookie from the browser.
    pub fn remove(&self, name: &str) {
        self.set(name, String::new(), Some(Duration::ZERO));
    }
}

/// The name with the prefix that ties it to this host, which browsers allow under TLS alone.
#[must_use]
pub fn full_name(name: &str, secure: bool) -> String {
    if secure { format!("__Host-{name}") } else { name.to_owned() }
}

/// Gives every request its [`Cookies`] and writes the new ones into the answer.
pub async fn layer(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let cookies = Cookies::of(request.headers(), app.config.is_https());
    request.extensions_mut().insert(cookies.clone());
    let mut response = next.run(request).await;
    for cookie in cookies.new.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
        if let Ok(value) = HeaderValue::from_str(&cookie.to_string()) {
            response.headers_mut().append(SET_COOKIE, value);
        }
    }
    response
}
