//! A browser without a window: keeps cookies, sends what a browser sends, follows redirects when told to.

use std::collections::BTreeMap;

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

/// A browser at one server.
#[derive(Clone)]
pub struct Browser {
    router: Router,
    cookies: BTreeMap<String, String>,
    headers: Vec<(String, String)>,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body as text.
    pub body: String,
}

impl Browser {
    /// One without cookies.
    pub fn at(router: Router) -> Self {
        Self { router, cookies: BTreeMap::new(), headers: Vec::new() }
    }

    /// The routes of its server, for answers that are no text.
    pub fn router(&self) -> Router {
        self.router.clone()
    }

    /// Goes on at another server, with the same cookies, as a load balancer would send it.
    pub fn go_to(&mut self, router: Router) {
        self.router = router;
    }

    /// Sends a header with every request from now on.
    pub fn set_header(&mut self, name: &str, value: &str) {
        self.headers.retain(|(known, _)| known != name);
        self.headers.push((name.to_owned(), value.to_owned()));
    }

    /// A page.
    pub async fn get(&mut self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], Body::empty()).await
    }

    /// A fragment, as htmx asks for it.
    pub async fn get_fragment(&mut self, path: &str) -> Answer {
        self.send(Method::GET, path, &[("hx-request", "true")], Body::empty()).await
    }

    /// A form.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.send_form(path, fields, &[]).await
    }

    /// A form, as htmx sends it.
    pub async fn post_fragment(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.send_form(path, fields, &[("hx-request", "true")]).await
    }

    /// A form, then the page it redirects to. Fails unless it redirects.
    pub async fn post_and_follow(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let answer = self.post(path, fields).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path} did not redirect: {}", answer.body);
        let location = answer.location().to_owned();
        self.get(&location).await
    }

    /// JSON with any method; `Value::Null` sends no body.
    pub async fn json(&mut self, method: Method, path: &str, body: Value) -> Answer {
        self.json_with(method, path, body, &[]).await
    }

    /// JSON with headers, such as `Idempotency-Key`.
    pub async fn json_with(&mut self, method: Method, path: &str, body: Value, headers: &[(&str, &str)]) -> Answer {
        if body.is_null() {
            return self.send(method, path, headers, Body::empty()).await;
        }
        let headers = [&[("content-type", "application/json")], headers].concat();
        self.send(method, path, &headers, Body::from(body.to_string())).await
    }

    /// Any request. Later headers win over the browser's own.
    pub async fn send(&mut self, method: Method, path: &str, headers: &[(&str, &str)], body: Body) -> Answer {
        let mut request = Request::builder().method(method.clone()).uri(path).body(body).unwrap();
        let own = self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        for (name, value) in [("host", "shop.test")].into_iter().chain(own).chain(headers.iter().copied()) {
            let name: header::HeaderName = name.parse().unwrap();
            request.headers_mut().insert(name, value.parse().unwrap());
        }
        if !self.cookies.is_empty() {
            let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request.headers_mut().insert(header::COOKIE, cookies.join("; ").parse().unwrap());
        }
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        self.keep_cookies(&parts.headers);
        let body = String::from_utf8_lossy(&body.collect().await.unwrap().to_bytes()).into_owned();
        super::contract::hold(&method, path, parts.status, &parts.headers, &body);
        Answer { status: parts.status, headers: parts.headers, body }
    }

    /// The value of a cookie.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.get(name).map(String::as_str)
    }

    /// Puts a cookie into the jar, as a thief or a meddler would.
    pub fn set_cookie(&mut self, name: &str, value: &str) {
        self.cookies.insert(name.to_owned(), value.to_owned());
    }

    /// Drops a cookie.
    pub fn forget_cookie(&mut self, name: &str) {
        self.cookies.remove(name);
    }

    async fn send_form(&mut self, path: &str, fields: &[(&str, &str)], headers: &[(&str, &str)]) -> Answer {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        // As a browser says of a form on one of the shop's own pages.
        let own = [("content-type", "application/x-www-form-urlencoded"), ("sec-fetch-site", "same-origin")];
        self.send(Method::POST, path, &[&own[..], headers].concat(), Body::from(body)).await
    }

    fn keep_cookies(&mut self, headers: &HeaderMap) {
        for line in headers.get_all(header::SET_COOKIE) {
            let line = line.to_str().unwrap();
            let (name, value) = line.split(';').next().unwrap().split_once('=').unwrap();
            if line.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

impl Answer {
    /// A header's text; empty without one.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Where it redirects to.
    pub fn location(&self) -> &str {
        self.header("location")
    }

    /// Its body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    /// What stands between two pieces of the body: `answer.between("name=\"key\" value=\"", "\"")`.
    pub fn between(&self, before: &str, after: &str) -> &str {
        let start = self.body.find(before).unwrap_or_else(|| panic!("no {before} in {}", self.body)) + before.len();
        let end = self.body[start..].find(after).unwrap_or_else(|| panic!("no {after} behind {before}"));
        &self.body[start..start + end]
    }
}
