//! One line in the access log and one count in the metrics a request.

use std::time::Instant;

use axum::{
    body::HttpBody,
    extract::{MatchedPath, Request},
    http::{Method, header::CONTENT_LENGTH},
    response::Response,
};
use tracing::Instrument;

use crate::{
    infra::{
        metrics::{METRICS, RequestInFlight, RequestLabels, RouteLabels},
        telemetry::ACCESS,
    },
    request::client_ip,
};

/// Logs and counts a request; every line that is logged while it is answered carries its id.
pub async fn observe<F>(request: Request, answer: impl FnOnce(Request) -> F + Send) -> Response
where
    F: Future<Output = Response> + Send,
{
    let started = Instant::now();
    let _running = RequestInFlight::enter();
    let asked = Asked::of(&request);
    let span = tracing::info_span!("request", request_id = asked.request_id);
    let response = answer(request).instrument(span.clone()).await;
    let _entered = span.enter();
    asked.answered(&response, started);
    response
}

// Of a longer one the log has the beginning.
const LONGEST_PATH: usize = 300;

struct Asked {
    request_id: String,
    method: &'static str,
    path: String,
    route: String,
    ip: String,
}

impl Asked {
    fn of(request: &Request) -> Self {
        let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let path = request.uri().path();
        let route = request.extensions().get::<MatchedPath>().map_or_else(|| group(path), |matched| matched.as_str());
        Self {
            request_id: header("x-request-id").to_owned(),
            method: known(request.method()),
            path: masked(path, route),
            route: route.to_owned(),
            ip: client_ip(request.headers()).to_string(),
        }
    }

    fn answered(self, response: &Response, started: Instant) {
        let (status, seconds) = (response.status().as_u16(), started.elapsed().as_secs_f64());
        let in_header = response.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
        let bytes: u64 = in_header.or_else(|| response.body().size_hint().exact()).unwrap_or(0);
        let ms = u64::try_from(started.elapsed().as_micros()).map_or(u64::MAX, |micros| micros.div_ceil(1000));
        let Self { method, path, route, ip, .. } = self;
        tracing::info!(target: ACCESS, method, path, route, status, ms, bytes, ip);
        let labels = RouteLabels { route, method };
        METRICS.request_seconds.get_or_create(&labels).observe(seconds);
        METRICS.requests.get_or_create(&RequestLabels { route: labels.route, method, status }).inc();
    }
}

// Labels come from a fixed set, or a scanner's imagination would fill the memory.
fn known(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}

fn group(path: &str) -> &'static str {
    match path.split('/').nth(1) {
        Some("static") => "/static/{*file}",
        Some("media") => "/media/{*file}",
        Some("socket.io") => "/socket.io",
        _ => "unmatched",
    }
}

// What stands in a path in the place of `{token}`, or is as long as one, acts for whoever has it: it belongs in no log.
fn masked(path: &str, route: &str) -> String {
    if route.contains("{token}") {
        return route.to_owned();
    }
    let secretive = route == "unmatched" && path.split('/').any(|segment| segment.len() >= 40);
    if !secretive {
        return path.chars().take(LONGEST_PATH).collect();
    }
    let mask = |segment: &str| if segment.len() >= 40 { "***".to_owned() } else { segment.to_owned() };
    path.split('/').map(mask).collect::<Vec<_>>().join("/").chars().take(LONGEST_PATH).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_in_paths_are_masked() {
        let token = "q".repeat(43);
        assert_eq!(masked(&format!("/reset-password/{token}"), "/reset-password/{token}"), "/reset-password/{token}");
        assert_eq!(masked(&format!("/reset-pasword/{token}"), "unmatched"), "/reset-pasword/***");
        assert_eq!(masked("/products/enamel-mug", "/products/{slug}"), "/products/enamel-mug");
        let long = format!("/products/{}", "é".repeat(400));
        assert_eq!(masked(&long, "/products/{slug}"), format!("/products/{}", "é".repeat(290)));
    }
}
