//! Headers that tell browsers what a page of the shop may do. On every answer: pages, JSON, errors, files.

use std::sync::Arc;

use axum::{
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::Response,
};
use url::Url;

use crate::config::Config;

const PERMISSIONS: &str = "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), microphone=(), \
                           midi=(), payment=(), usb=()";
const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");

/// The headers, made once from the configuration. Cheap to clone: layers are cloned for each request.
#[derive(Clone, Debug)]
pub struct SecurityHeaders(Arc<HeaderMap>);

impl SecurityHeaders {
    /// For this shop: with its CDN among the sources, and with HSTS if browsers reach it over TLS.
    #[must_use]
    pub fn of(config: &Config) -> Self {
        let mut headers = HeaderMap::new();
        if let Ok(policy) = HeaderValue::from_str(&content_policy(&config.public.asset_base)) {
            headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        }
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        // Not no-referrer: that would make Origin null on the shop's own forms, and they would be refused.
        headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
        headers.insert(PERMISSIONS_POLICY, HeaderValue::from_static(PERMISSIONS));
        headers.insert(OPENER_POLICY, HeaderValue::from_static("same-origin"));
        // For browsers that do not know frame-ancestors.
        headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
        if config.is_https() {
            let a_year = HeaderValue::from_static("max-age=31536000; includeSubDomains");
            headers.insert(header::STRICT_TRANSPORT_SECURITY, a_year);
        }
        Self(Arc::new(headers))
    }

    /// Puts the headers on an answer. One that a handler has set for itself stays.
    pub fn put_on(&self, response: &mut Response) {
        for (name, value) in self.0.as_ref() {
            response.headers_mut().entry(name).or_insert_with(|| value.clone());
        }
    }
}

fn content_policy(asset_base: &str) -> String {
    let cdn = Url::parse(asset_base).map(|url| format!(" {}", url.origin().ascii_serialization())).unwrap_or_default();
    format!(
        "default-src 'none'; script-src 'self'{cdn}; style-src 'self'{cdn}; img-src 'self' data:{cdn}; connect-src 'self'; \
         font-src 'self'{cdn}; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; manifest-src 'self'{cdn}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cdn_is_a_source_of_files_and_of_nothing_else() {
        let policy = content_policy("https://cdn.example/shop");
        assert!(policy.contains("script-src 'self' https://cdn.example;"), "{policy}");
        assert!(policy.contains("connect-src 'self';"), "{policy}");
        assert!(!content_policy("").contains("http"));
        assert!(!policy.contains("unsafe"));
    }
}
