//! Pictures that nothing shows any more: a drawing that changed, or was taken off its product, leaves its files behind.

use thiserror::Error;
use time::Duration;

use super::sql;
use crate::{
    domain::accounts::System,
    infra::{
        clock,
        database::Db,
        media::{MediaError, MediaStore},
    },
};

// Files come before the rows that name them: what is younger may be about to be shown.
const REST: Duration = Duration::DAY;
// Where the catalogue's pictures lie. Other folders of the store, and files that are no pictures, are not looked at.
const FOLDER: &str = "products";

/// Why old pictures are still there.
#[derive(Debug, Error)]
pub enum TidyError {
    /// The database failed.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    /// The media store failed.
    #[error(transparent)]
    Media(#[from] MediaError),
}

/// Forgets pictures that no product shows and no order names, and removes files that no picture is stored in, both a day old at
/// least; gives back how many files went. A database without any picture is taken for a new one and removes nothing.
///
/// # Errors
/// The database or the store failed; the next run does the rest.
pub async fn tidy_media(db: &Db, media: &MediaStore, _system: &System) -> Result<usize, TidyError> {
    sql::media::forget_unused(db.primary()).await?;
    let stems = sql::media::stems(db.primary()).await?;
    if stems.is_empty() {
        return Ok(0);
    }
    let before = clock::now() - REST;
    let mut removed = 0;
    for entry in media.list(FOLDER).await? {
        let is_unnamed = entry.key.stem().is_some_and(|stem| !stems.contains(stem));
        if is_unnamed && entry.stored_at < before {
            media.delete(&entry.key).await?;
            removed += 1;
        }
    }
    Ok(removed)
}
