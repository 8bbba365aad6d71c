//! What search engines ask for: which pages there are, and which are nobody's business.

use std::fmt::Write;

use axum::{
    extract::{Path, State},
    http::{
        HeaderValue, StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE},
    },
    response::{IntoResponse, Response},
};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::{
    config::Config,
    domain::catalog::{self, CategoryNode},
    infra::{compress, database::Db},
    request::{App, AppError},
    views::urls,
    web::keepable,
};

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
const NAMESPACE: &str = "http://www.sitemaps.org/schemas/sitemap/0.9";
/// Pages that do not hang on the catalogue.
const PAGES: [&str; 9] =
    ["/", "/products", "/contact", "/help", "/shipping", "/returns", "/privacy", "/terms", "/about"];

/// `GET /robots.txt`
pub async fn robots(State(app): State<App>) -> Response {
    let mut text = String::from("User-agent: *\n");
    for path in [
        "/account",
        "/api/",
        "/auth/",
        "/cart",
        "/chat",
        "/checkout",
        "/login",
        "/orders",
        "/register",
        "/support",
        "/wishlist",
    ] {
        let _ = writeln!(text, "Disallow: {path}");
    }
    let _ = write!(text, "\nSitemap: {}\n", urls::absolute(&app.config.public.url, "/sitemap.xml"));
    keepable(file("text/plain; charset=utf-8", text), [])
}

/// `GET /sitemap.xml`: the index of the others.
///
/// # Errors
/// The database failed.
pub async fn index(State(app): State<App>, db: Db) -> Result<Response, AppError> {
    let parts = catalog::sitemap_parts(&db).await?.map(|part| format!("products-{part}.xml.gz"));
    let mut xml = format!("{HEAD}<sitemapindex xmlns=\"{NAMESPACE}\">\n");
    for name in std::iter::once("pages.xml.gz".to_owned()).chain(parts) {
        let url = urls::absolute(&app.config.public.url, &format!("/sitemaps/{name}"));
        let _ = writeln!(xml, "<sitemap><loc>{url}</loc></sitemap>");
    }
    xml.push_str("</sitemapindex>\n");
    Ok(keepable(file("application/xml; charset=utf-8", xml), []))
}

/// `GET /sitemaps/{name}`: `pages.xml.gz`, or `products-N.xml.gz` for a range of ids, which stays the same when products come and go.
///
/// # Errors
/// There is no such part.
pub async fn part(State(app): State<App>, db: Db, Path(name): Path<String>) -> Result<Response, AppError> {
    let config = &app.config;
    if name == "pages.xml.gz" {
        return Ok(zipped(pages(config, &app.shelf().tree().await?)));
    }
    let number = name.strip_prefix("products-").and_then(|rest| rest.strip_suffix(".xml.gz"));
    let number = number.and_then(|number| number.parse().ok()).ok_or_else(AppError::not_found)?;
    let products = catalog::sitemap(&db, number).await?;
    if products.is_empty() {
        return Err(AppError::not_found());
    }
    let entries = products.into_iter().map(|(slug, changed)| (urls::product(&slug), Some(changed)));
    Ok(zipped(urlset(config, entries)))
}

fn pages(config: &Config, tree: &[CategoryNode]) -> String {
    let fixed = PAGES.iter().map(|path| ((*path).to_owned(), None));
    let mut categories = Vec::new();
    collect(tree, &mut categories);
    let categories = categories.into_iter().map(|slug| (urls::list(Some(slug), 1), None));
    urlset(config, fixed.chain(categories))
}

fn collect<'a>(tree: &'a [CategoryNode], slugs: &mut Vec<&'a str>) {
    for node in tree.iter().filter(|node| node.product_count > 0) {
        slugs.push(&node.slug);
        collect(&node.children, slugs);
    }
}

// Addresses hold no letter that XML would take for its own: slugs are plain, and the one parameter needs no `&`.
fn urlset(config: &Config, entries: impl Iterator<Item = (String, Option<OffsetDateTime>)>) -> String {
    let mut xml = format!("{HEAD}<urlset xmlns=\"{NAMESPACE}\">\n");
    for (path, changed) in entries {
        let _ = write!(xml, "<url><loc>{}</loc>", urls::absolute(&config.public.url, &path));
        if let Some(changed) = changed.and_then(|at| at.format(&Rfc3339).ok()) {
            let _ = write!(xml, "<lastmod>{changed}</lastmod>");
        }
        xml.push_str("</url>\n");
    }
    xml.push_str("</urlset>\n");
    xml
}

fn zipped(xml: String) -> Response {
    let mut response = (StatusCode::OK, compress::gzip(xml.as_bytes())).into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/gzip"));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600"));
    response
}

fn file(content_type: &'static str, text: String) -> Response {
    let mut response = (StatusCode::OK, text).into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}
