//! How many products stand where: counted by the database's triggers as changes that are added up.

use super::sql;
use crate::infra::database::Db;

/// Folds the changes of each count into one; gives back how many rows fewer there are. Counts are right without it, only dearer to read.
///
/// # Errors
/// The database failed.
pub async fn fold_counts(db: &Db) -> Result<u64, sqlx::Error> {
    let mut tx = db.begin().await?;
    let fewer = sql::counts::fold(&mut tx).await?;
    tx.commit().await?;
    Ok(fewer)
}
