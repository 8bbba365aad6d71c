//! The picture that a link to a product is shown with elsewhere.

use axum::{
    extract::{Path, State},
    http::header::CONTENT_TYPE,
    response::{IntoResponse, Response},
};
use futures_util::TryStreamExt;

use crate::{
    domain::catalog::Picture,
    infra::{
        media::{Found, MediaKey},
        pictures::share,
    },
    request::{App, AppError},
    web::keepable,
};

/// `GET /share/{slug}.jpg`
pub async fn show(State(app): State<App>, Path(file): Path<String>) -> Result<Response, AppError> {
    let slug = file.strip_suffix(".jpg").ok_or_else(AppError::not_found)?;
    let product = app.shelf().product(slug).await?.ok_or_else(AppError::not_found)?;
    let picture = product.pictures.first().ok_or_else(AppError::not_found)?;
    let webp = stored(&app, picture).await?;
    let jpeg = share::jpeg(webp).await.map_err(AppError::internal)?;
    Ok(keepable(([(CONTENT_TYPE, "image/jpeg")], jpeg).into_response(), [product.id]))
}

// The smallest width that fills the picture; the others would only be scaled down.
async fn stored(app: &App, picture: &Picture) -> Result<Vec<u8>, AppError> {
    let width = if picture.width > picture.height { 1280 } else { 640 };
    let key = MediaKey::picture(&picture.stem, width).map_err(AppError::internal)?;
    match app.media.get(&key, None, true).await.map_err(AppError::unavailable)? {
        Found::File(file) => {
            let pieces: Vec<_> = file.content.try_collect().await.map_err(AppError::unavailable)?;
            Ok(pieces.concat())
        }
        Found::Unchanged | Found::Nothing => Err(AppError::not_found()),
    }
}
