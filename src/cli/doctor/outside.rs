//! The shop as its visitors reach it: asked at `PUBLIC_URL`, it tells what came through of the request.

use std::{net::Ipv4Addr, time::Duration};

use reqwest::{Client, Url};
use secrecy::SecretString;
use serde_json::Value;
use time::OffsetDateTime;

use super::Finding;
use crate::{
    cli::probes::{SEEN_HEADER, SEEN_PATH, SEEN_SUBJECT},
    config::Config,
    infra::{tls, tokens},
};

const PATIENCE: Duration = Duration::from_secs(5);
// An address that nobody has (RFC 5737): if a server believes it, anybody may pretend to be anybody.
const FORGED: &str = "192.0.2.66";

/// Asks a server, through whatever stands before it, which headers it was given.
pub async fn proxy(config: &Config) -> Finding {
    tls::use_ring();
    let url = &config.public.url;
    let by_name = ask(config, Client::builder()).await;
    // Inside a network the shop's own name often leads nowhere, or its certificate is known to browsers alone.
    let (seen, note) = match by_name {
        Ok(seen) => (seen, String::new()),
        Err(by_name) => {
            let here = (Ipv4Addr::LOCALHOST, url.port_or_known_default().unwrap_or(80)).into();
            let host = url.host_str().unwrap_or_default();
            let client = Client::builder().resolve(host, here).tls_danger_accept_invalid_certs(true);
            match ask(config, client).await {
                Ok(seen) => (seen, format!(" (asked on this machine: by its name {by_name})")),
                Err(_) => {
                    let advice = "is Nginx running, does PUBLIC_URL name it, and are the servers up?";
                    return Finding::bad(format!("{url} {by_name}"), advice);
                }
            }
        }
    };
    match fault(url, &seen) {
        Some((problem, advice)) => Finding::bad(problem, advice),
        None => Finding::good(format!("Host and address arrive as they should at {url}{note}")),
    }
}

// What a server saw of the request, or in a few words why nothing came back.
async fn ask(config: &Config, client: reqwest::ClientBuilder) -> Result<Value, String> {
    let client = client.timeout(PATIENCE).no_proxy().build().map_err(|error| error.to_string())?;
    let url = config.public.url.join(SEEN_PATH).map_err(|error| error.to_string())?;
    let request = client.get(url).header(SEEN_HEADER, token(&config.secret_key)).header("X-Forwarded-For", FORGED);
    let request = request.header("X-Forwarded-Proto", "forged").header("X-Forwarded-Host", "forged.example");
    let answer = request.send().await.map_err(|error| in_words(&error))?;
    match answer.status().as_u16() {
        200 => serde_json::from_str(&answer.text().await.map_err(|error| in_words(&error))?)
            .map_err(|_| "is answered by something else".to_owned()),
        404 => Err("is not answered by this shop (or by one with another SECRET_KEY)".to_owned()),
        status => Err(format!("answers {status}")),
    }
}

fn token(key: &SecretString) -> String {
    tokens::sign(key, SEEN_SUBJECT, OffsetDateTime::now_utc() + time::Duration::MINUTE)
}

fn in_words(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    format!("does not answer: {cause}")
}

// What is not as it should be, and what to do.
fn fault(url: &Url, seen: &Value) -> Option<(String, &'static str)> {
    let header = |name: &str| seen.get(name).and_then(Value::as_str).unwrap_or_default();
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    let host = format!("{}{port}", url.host_str().unwrap_or_default());
    if !header("host").eq_ignore_ascii_case(&host) {
        let problem = format!("servers see Host {:?} and not {host:?}", header("host"));
        return Some((problem, "Nginx must say proxy_set_header Host $http_host, or forms are refused as foreign"));
    }
    if header("x-forwarded-for").is_empty() || header("x-forwarded-for").contains(FORGED) {
        let problem = format!("servers see X-Forwarded-For {:?}", header("x-forwarded-for"));
        let advice = "Nginx must say proxy_set_header X-Forwarded-For $remote_addr, or limits can be gone round";
        return Some((problem, advice));
    }
    if header("x-forwarded-proto") != url.scheme() {
        let problem = format!("servers see X-Forwarded-Proto {:?}", header("x-forwarded-proto"));
        return Some((problem, "Nginx must say proxy_set_header X-Forwarded-Proto $scheme, as PUBLIC_URL has it"));
    }
    if !header("x-forwarded-host").is_empty() {
        let problem = format!("servers are shown a visitor's X-Forwarded-Host {:?}", header("x-forwarded-host"));
        return Some((problem, "Nginx must drop it: proxy_set_header X-Forwarded-Host \"\""));
    }
    None
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_header_that_is_wrong_is_named() {
        let url: Url = "https://shop.example:8443/".parse().unwrap();
        let good =
            json!({"host": "shop.example:8443", "x-forwarded-for": "198.51.100.7", "x-forwarded-proto": "https"});
        assert_eq!(fault(&url, &good), None);
        for (name, value) in [
            ("host", "ecommerce_backend"),
            ("x-forwarded-for", FORGED),
            ("x-forwarded-for", "192.0.2.66, 198.51.100.7"),
            ("x-forwarded-for", ""),
            ("x-forwarded-proto", "http"),
            ("x-forwarded-host", "forged.example"),
        ] {
            let mut seen = good.clone();
            seen[name] = value.into();
            let (problem, _) = fault(&url, &seen).unwrap();
            assert!(problem.to_lowercase().contains(name), "{name}: {problem}");
        }
    }
}
