//! Browsers that did something worth keeping without signing in.

use secrecy::SecretString;

use super::sql;
use crate::{
    infra::{database::Db, tokens},
    types::VisitorId,
};

/// Which visitor holds this token; touches `last_seen_at` at most once a day.
///
/// # Errors
/// The database failed.
pub async fn visitor_by_token(db: &Db, token: &str) -> Result<Option<VisitorId>, sqlx::Error> {
    // From the primary: a visitor of a moment ago must not be taken for a stranger and given a second cart.
    let Some((visitor, stale)) = sql::visitor(db.primary(), &tokens::hash(token)).await? else { return Ok(None) };
    if stale {
        sql::touch_visitor(db.primary(), visitor).await?;
    }
    Ok(Some(visitor))
}

/// A new visitor and the token for its cookie; the table keeps only the token's hash.
///
/// # Errors
/// The database failed.
pub async fn new_visitor(db: &Db) -> Result<(VisitorId, SecretString), sqlx::Error> {
    let token = tokens::random();
    let visitor = sql::insert_visitor(db.primary(), &tokens::hash(&token)).await?;
    Ok((visitor, token.into()))
}
