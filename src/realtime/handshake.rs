//! Who may open a socket, and who it is: asked once, of the first request. What follows names the socket by an id that nobody else
//! knows, and has no cookies to look at.

use anyhow::anyhow;
use axum::{
    extract::{OriginalUri, Request, State},
    http::{
        HeaderMap, HeaderName, HeaderValue,
        header::{HOST, ORIGIN},
        request::Parts,
    },
    middleware::Next,
    response::{IntoResponse, Response},
};
use tower_sessions::Session;
use url::Url;

use super::{Realtime, peer::Handshake};
use crate::{
    domain::accounts::Role,
    infra::{metrics::METRICS, rate_limit::Verdict},
    request::{Actor, AppError, ChatLimit, Cookies, ErrorKind, chat_limit, client_ip, network_of},
};

/// Lets a request pass to the sockets, a first one with its [`Handshake`].
pub async fn layer(State(realtime): State<Realtime>, request: Request, next: Next) -> Response {
    let app = &realtime.0.app;
    if !is_from_here(request.headers(), &app.config.public.url) {
        METRICS.count_chat("refused", "cross_site");
        let message = "Sockets are for pages of this shop.";
        return AppError::new(ErrorKind::Forbidden, "cross_site", message).into_response();
    }
    if has_sid(request.uri().query().unwrap_or_default()) {
        return next.run(request).await;
    }
    if app.phase.is_draining() {
        return AppError::unavailable(anyhow!("a socket was asked for while draining")).into_response();
    }
    match shake(&realtime, request).await {
        Ok(request) => next.run(request).await,
        Err(error) => error.into_response(),
    }
}

async fn shake(realtime: &Realtime, request: Request) -> Result<Request, AppError> {
    let app = &realtime.0.app;
    let (mut parts, body) = request.into_parts();
    let ip = client_ip(&parts.headers).to_string();
    // Before anything is looked up for it.
    let most = app.config.limits.chat_sockets_address;
    let place = realtime.0.networks.take(network_of(&ip), most).ok_or_else(full)?;
    let actor = Actor::who_stays(&mut parts, app).await?;
    if actor.owner().is_none() {
        // Whoever opens the chat has something to keep. Each of them is a row, so an address makes only so many.
        if let Verdict::RetryAfter(seconds) = chat_limit(app, ChatLimit::Visitor(&ip)).await {
            METRICS.count_chat("refused", "visitors");
            let message = "Too many tries in a short time. Please wait a moment.";
            return Err(AppError::new(ErrorKind::TooMany, "too_many_requests", message).retry_after(seconds));
        }
        actor.owner_for_writing(&app.db).await?;
    }
    let speaker = actor.speaker().ok_or_else(|| AppError::internal(anyhow!("nobody connects")))?;
    let session = actor.customer().map(|customer| customer.session());
    let roles: Vec<Role> = actor.customer().map(|customer| customer.user().roles.clone()).unwrap_or_default();
    // The socket keeps the request for as long as it lives: nothing of it that acts for the person.
    parts.extensions.remove::<Actor>();
    parts.extensions.remove::<Cookies>();
    parts.extensions.remove::<Session>();
    parts.headers.remove("cookie");
    copy_out(&mut parts);
    parts.extensions.insert(Handshake { speaker, session, roles, ip, _place: place });
    Ok(Request::from_parts(parts, body))
}

// Headers and address are slices of the buffer that the connection was read into, and would keep it (16 kB) for as long as the socket
// lives; the router has put the address among the extensions as well.
fn copy_out(parts: &mut Parts) {
    parts.extensions.remove::<OriginalUri>();
    let copied = parts.headers.iter().filter_map(|(name, value)| {
        let name = HeaderName::from_bytes(name.as_str().as_bytes()).ok()?;
        Some((name, HeaderValue::from_bytes(value.as_bytes()).ok()?))
    });
    parts.headers = copied.collect();
    if let Ok(uri) = parts.uri.to_string().parse() {
        parts.uri = uri;
    }
}

fn full() -> AppError {
    METRICS.count_chat("refused", "sockets_of_address");
    let message = "The chat is open too often in your network. Please close some of it, or try again in a minute.";
    AppError::new(ErrorKind::TooMany, "too_many_sockets", message).retry_after(60)
}

fn has_sid(query: &str) -> bool {
    query.split('&').any(|pair| pair.starts_with("sid="))
}

// Browsers always send an Origin with a WebSocket's handshake and name the page's; programs send none. A page of another site may not
// speak with the cookies of ours, which WebSockets would allow.
fn is_from_here(headers: &HeaderMap, public: &Url) -> bool {
    let Some(origin) = headers.get(ORIGIN) else { return true };
    let Some(origin) = origin.to_str().ok().and_then(|origin| Url::parse(origin).ok()) else { return false };
    if origin.origin() == public.origin() {
        return true;
    }
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let port = origin.port().map_or_else(String::new, |port| format!(":{port}"));
    origin.host_str().is_some_and(|name| format!("{name}{port}").eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sockets_are_for_pages_of_this_shop_and_for_programs() {
        let public: Url = "https://shop.example".parse().unwrap();
        let passes = |origin: Option<&str>, host: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(HOST, host.parse().unwrap());
            if let Some(origin) = origin {
                headers.insert(ORIGIN, origin.parse().unwrap());
            }
            is_from_here(&headers, &public)
        };
        assert!(passes(None, "127.0.0.1:5001"));
        assert!(passes(Some("https://shop.example"), "anything"));
        assert!(passes(Some("http://localhost:8080"), "localhost:8080"));
        for foreign in
            ["https://evil.example", "null", "http://localhost:9999", "https://shop.example.evil.example", ""]
        {
            assert!(!passes(Some(foreign), "localhost:8080"), "{foreign}");
        }
    }

    #[test]
    fn only_a_first_request_has_no_sid() {
        assert!(has_sid("EIO=4&transport=polling&sid=abc") && !has_sid("EIO=4&transport=polling&t=sid="));
    }
}
