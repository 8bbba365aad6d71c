//! Whole answers to people of whom nothing is known, kept in the process: the same for each of them, with an `ETag`, compressed once.
//! Answers that depend on a person never get here: who sends one of the shop's cookies is answered anew.

use std::sync::{Arc, OnceLock};

use anyhow::anyhow;
use axum::{
    body::{Body, Bytes},
    extract::Request,
    http::{
        HeaderMap, HeaderName, HeaderValue, Method, StatusCode,
        header::{
            ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, ETAG,
            IF_NONE_MATCH, SET_COOKIE, VARY,
        },
    },
    response::{IntoResponse, Response},
};
use sha2::{Digest, Sha256};
use url::form_urlencoded;

use super::{App, AppError, cookies};
use crate::{
    infra::{compress, kept::Kept},
    types::ProductId,
};

// Among the extensions of an answer: it may be kept.
#[derive(Clone, Debug)]
struct Keep {
    shows: Arc<[i64]>,
}

/// The same answer for everybody who is not known: it may be kept until one of these products, whose stock or price it shows, changes.
/// Only for what holds nothing of the person besides a page's frame, which is empty then.
#[must_use]
pub fn keepable(mut response: Response, shows: impl IntoIterator<Item = ProductId>) -> Response {
    response.extensions_mut().insert(Keep { shows: shows.into_iter().map(|id| id.0).collect() });
    response
}

/// What is kept of whole answers.
pub type KeptAnswers = Kept<Asked, Arc<Answer>>;

/// What was asked, with its parameters in order: another order is the same page.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Asked {
    path: String,
    query: Vec<(String, String)>,
    htmx: [String; 4],
}

/// An answer, whole and compressed as soon as somebody takes it that way.
#[derive(Debug)]
pub struct Answer {
    headers: HeaderMap,
    plain: Bytes,
    gzip: OnceLock<Bytes>,
    brotli: OnceLock<Bytes>,
}

// Longer queries are somebody's play; they are answered, and forgotten.
const LONGEST_QUERY: usize = 1_000;
const LARGEST: usize = 512 * 1024;
// What htmx says about itself decides which part of a page it gets.
const HX: [HeaderName; 4] = [
    HeaderName::from_static("hx-request"),
    HeaderName::from_static("hx-boosted"),
    HeaderName::from_static("hx-target"),
    HeaderName::from_static("hx-history-restore-request"),
];

/// Answers from what is kept, or keeps of `answer` what the handler allows to.
pub(super) async fn through<F>(app: &App, request: Request, answer: impl FnOnce(Request) -> F + Send) -> Response
where
    F: Future<Output = Response> + Send,
{
    let Some(asked) = Asked::of(app, &request) else { return answer(request).await };
    if let Some(answer) = app.answers().get(&asked) {
        return answer.to(request.headers());
    }
    let moment = app.answers().moment();
    let headers = request.headers().clone();
    let mut response = answer(request).await;
    let Some(keep) = response.extensions_mut().remove::<Keep>() else { return response };
    if response.status() != StatusCode::OK || response.headers().contains_key(SET_COOKIE) {
        return response;
    }
    let (parts, body) = response.into_parts();
    let Ok(plain) = axum::body::to_bytes(body, LARGEST).await else {
        return AppError::internal(anyhow!("an answer to keep is larger than {LARGEST} bytes")).into_response();
    };
    let answer = Arc::new(Answer::new(&parts.headers, plain, &app.config.server.name));
    app.answers().put(asked, answer.clone(), moment, keep.shows, answer.weight());
    answer.to(&headers)
}

impl Asked {
    fn of(app: &App, request: &Request) -> Option<Self> {
        if request.method() != Method::GET || knows_someone(app, request.headers()) {
            return None;
        }
        let query = request.uri().query().unwrap_or_default();
        if query.len() > LONGEST_QUERY {
            return None;
        }
        let mut query: Vec<_> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        // Only the first of several of one name counts, so their order among themselves stays.
        query.sort_by(|(one, _), (other, _)| one.cmp(other));
        let said = |name| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let htmx = HX.map(|name| said(name).to_owned());
        Some(Self { path: request.uri().path().to_owned(), query, htmx })
    }
}

// By the presence of the cookie: whether it is worth anything is for those to find out who answer it.
fn knows_someone(app: &App, headers: &HeaderMap) -> bool {
    if !headers.contains_key(COOKIE) {
        return false;
    }
    let ours = [cookies::SESSION, cookies::VISITOR, cookies::FLASH]
        .map(|name| cookies::full_name(name, app.config.is_https()));
    let lines = headers.get_all(COOKIE).into_iter().filter_map(|line| line.to_str().ok());
    let mut names = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.split('=').next());
    names.any(|name| ours.iter().any(|our| our == name.trim()))
}

impl Answer {
    fn new(given: &HeaderMap, plain: Bytes, server: &str) -> Self {
        let mut headers = given.clone();
        headers.remove(CONTENT_LENGTH);
        headers.append(VARY, HeaderValue::from_static("Accept-Encoding, HX-Boosted, HX-Target"));
        // Kept by browsers, and asked for again each time: a price may have changed.
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
        if let Ok(tag) = HeaderValue::from_str(&tag(&plain, server)) {
            headers.insert(ETAG, tag);
        }
        Self { headers, plain, gzip: OnceLock::new(), brotli: OnceLock::new() }
    }

    fn to(&self, asked: &HeaderMap) -> Response {
        let mut response = Response::new(Body::empty());
        *response.headers_mut() = self.headers.clone();
        if self.is_known(asked) {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            response.headers_mut().remove(CONTENT_TYPE);
            return response;
        }
        let (body, encoding) = self.encoded(asked);
        response.headers_mut().insert(CONTENT_LENGTH, body.len().into());
        if let Some(encoding) = encoding {
            response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
        *response.body_mut() = Body::from(body);
        response
    }

    fn is_known(&self, asked: &HeaderMap) -> bool {
        let Some(tag) = self.headers.get(ETAG).and_then(|tag| tag.to_str().ok()) else { return false };
        let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
        let lines = asked.get_all(IF_NONE_MATCH).into_iter().filter_map(|line| line.to_str().ok());
        lines.flat_map(|line| line.split(',')).any(|known| known.trim() == "*" || opaque(known) == opaque(tag))
    }

    fn encoded(&self, asked: &HeaderMap) -> (Bytes, Option<&'static str>) {
        // Pictures are as small as they get.
        let is_picture = self.headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"image/"));
        if is_picture {
            return (self.plain.clone(), None);
        }
        match compress::preferred(asked.get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok())) {
            Some("br") => (self.brotli.get_or_init(|| compress::brotli(&self.plain)).clone(), Some("br")),
            Some(_) => (self.gzip.get_or_init(|| compress::gzip(&self.plain)).clone(), Some("gzip")),
            None => (self.plain.clone(), None),
        }
    }

    // Compressed it takes about a third more.
    fn weight(&self) -> u32 {
        u32::try_from(self.plain.len() / 2 * 3 + 1_000).unwrap_or(u32::MAX)
    }
}

// Weak, and without the server's name in the footer: what Server-1 sent is known to Server-2 as well.
fn tag(plain: &[u8], server: &str) -> String {
    let name = format!("Served by {server}");
    let mut hash = Sha256::new();
    for part in String::from_utf8_lossy(plain).split(&name) {
        hash.update(part);
    }
    let start = hash.finalize().iter().take(12).fold(0, |bits, byte| bits << 8 | u128::from(*byte));
    format!("W/\"{start:024x}\"")
}
