//! What administrators do: who may do what, and what was done with it.

pub mod people;

use askama::Template;
use axum::{extract::Query, http::StatusCode, response::Response};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    domain::audit::{self, Entry},
    infra::database::Db,
    request::{AdministratorActor, AppError},
    types::Page,
    views::{filters, layout::Frame, pagination::Pagination},
    web::{PageFrame, html},
};

#[derive(Template)]
#[template(path = "admin/index.html")]
struct IndexPage {
    frame: Frame,
}

#[derive(Template)]
#[template(path = "admin/audit.html")]
struct AuditPage {
    frame: Frame,
    entries: Vec<Entry>,
    links: Pagination,
    /// How many there are, in words.
    note: String,
}

/// Which page is asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct AuditQuery {
    page: Option<String>,
}

/// `GET /admin`.
pub async fn show(
    AdministratorActor(_): AdministratorActor,
    PageFrame(frame): PageFrame,
) -> Result<Response, AppError> {
    Ok(html(StatusCode::OK, &IndexPage { frame }))
}

/// `GET /admin/audit`.
pub async fn trail(
    db: Db,
    AdministratorActor(administrator): AdministratorActor,
    PageFrame(frame): PageFrame,
    Query(query): Query<AuditQuery>,
) -> Result<Response, AppError> {
    let page = page_of(query.page.as_deref())?;
    let found = audit::list(&db, &administrator, page).await?;
    if found.items.is_empty() && page != Page::FIRST {
        return Err(AppError::not_found());
    }
    let address = |page| if page > 1 { format!("/admin/audit?page={page}") } else { "/admin/audit".to_owned() };
    let links = Pagination::new(page.get(), found.pages(), address);
    let note = match found.total {
        0 => String::new(),
        1 => "1 line".to_owned(),
        total => format!("{} lines", frame.locale.count(total)),
    };
    Ok(html(StatusCode::OK, &AuditPage { frame, entries: found.items, links, note }))
}

/// The page of a list; the first one where none is named.
pub(super) fn page_of(text: Option<&str>) -> Result<Page, AppError> {
    match text {
        None | Some("") => Ok(Page::FIRST),
        Some(text) => Page::parse(text).map_err(|_| AppError::not_found()),
    }
}

// What was done, in words; an action this build does not know is shown as it is.
fn action(id: &str) -> String {
    match id {
        "roles.granted" => "Roles given".to_owned(),
        "roles.revoked" => "Roles taken".to_owned(),
        "orders.cancelled" => "Order cancelled".to_owned(),
        other => other.replace(['.', '_'], " "),
    }
}

// The detail as "name: value" pairs.
fn detail(detail: &Value) -> String {
    let plain = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Array(all) => all
            .iter()
            .map(|value| value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned))
            .collect::<Vec<_>>()
            .join(", "),
        other => other.to_string(),
    };
    let Some(object) = detail.as_object() else { return plain(detail) };
    object
        .iter()
        .map(|(name, value)| format!("{}: {}", name.replace('_', " "), plain(value)))
        .collect::<Vec<_>>()
        .join("; ")
}
