//! `/api/docs`: the JSON API to read and to try. An own page: Swagger UI and its like need inline styles, which no page here may have.

mod schema;
mod view;

use std::sync::Arc;

use askama::Template;
use axum::{
    Extension, Router,
    http::{
        HeaderValue, StatusCode,
        header::{CONTENT_SECURITY_POLICY, LINK},
    },
    response::Response,
    routing::get,
};
use serde_json::Value;
use url::Url;

use self::view::{Section, Shape};
use crate::{
    request::{App, AppError},
    views::layout::Frame,
    web::{PageFrame, html},
};

#[derive(Template)]
#[template(path = "api_docs/show.html")]
struct ApiDocsPage {
    frame: Frame,
    docs: Arc<ApiDocs>,
}

/// What the page shows, made once from the document.
#[derive(Clone, Debug)]
pub struct ApiDocs {
    sections: Vec<Section>,
    shapes: Vec<Shape>,
    about: Vec<view::Part>,
    policy: HeaderValue,
}

/// The page's route; `document` is the API's OpenAPI document.
pub fn router(app: &App, document: &Value) -> Router<App> {
    let public = &app.config.public;
    let docs = ApiDocs::of(document, &public.url, &public.asset_base);
    Router::new().route("/api/docs", get(show)).layer(Extension(Arc::new(docs)))
}

/// `GET /api/docs`
///
/// # Errors
/// The database failed.
pub async fn show(PageFrame(frame): PageFrame, Extension(docs): Extension<Arc<ApiDocs>>) -> Result<Response, AppError> {
    let policy = docs.policy.clone();
    let mut response = html(StatusCode::OK, &ApiDocsPage { frame, docs });
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    response.headers_mut().insert(LINK, HeaderValue::from_static("</api/openapi.json>; rel=\"service-desc\""));
    Ok(response)
}

impl ApiDocs {
    fn of(document: &Value, public: &Url, asset_base: &str) -> Self {
        let origin = public.as_str().trim_end_matches('/').to_owned();
        Self {
            sections: view::sections(document, &origin),
            shapes: view::shapes(document),
            about: view::parts(document["info"]["description"].as_str().unwrap_or_default()),
            policy: policy(asset_base),
        }
    }
}

// Narrower than the shop's: no picture is shown here but the icon.
fn policy(asset_base: &str) -> HeaderValue {
    let cdn = Url::parse(asset_base).map(|url| format!(" {}", url.origin().ascii_serialization())).unwrap_or_default();
    let policy = format!(
        "default-src 'none'; script-src 'self'{cdn}; style-src 'self'{cdn}; img-src 'self'{cdn}; connect-src 'self'; \
         form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    );
    HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
}
