//! Searches: what is found, what was meant by a typing error, what is proposed while someone types, and what is kept for all of it.

use std::{collections::HashSet, time::Duration};

use super::{
    ListQuery, Suggestion,
    jobs::RebuildWords,
    lists,
    spelling::{self, begins_with_one_error},
    sql::{self, lists::Counted},
};
use crate::infra::{
    database::{Db, Tx},
    jobs,
};

/// A search that finds fewer products may have been mistyped.
const FEW: i64 = 3;
/// Changes come in bursts; new words may wait a little until errors in them are mended. They are found as they are at once.
const PAUSE: Duration = Duration::from_secs(20);

/// What a search finds; where that is next to nothing, what it finds with mended words, and these.
pub(super) async fn find(
    db: &Db,
    query: &ListQuery,
    text: &str,
    categories: Option<&[i64]>,
) -> Result<(Counted, Option<String>), sqlx::Error> {
    let slice = lists::slice(query, super::MOST_COUNTED);
    let counted = sql::lists::searched(db.read(), query, text, categories, slice).await?;
    if counted.found >= FEW {
        return Ok((counted, None));
    }
    let Some(meant) = correction(db, text, counted.found == 0).await? else { return Ok((counted, None)) };
    let mended = sql::lists::searched(db.read(), query, &meant, categories, slice).await?;
    Ok(if mended.found > counted.found { (mended, Some(meant)) } else { (counted, None) })
}

/// What was likely meant by a text. Words that are all known are left alone unless nothing is found.
async fn correction(db: &Db, text: &str, is_empty: bool) -> Result<Option<String>, sqlx::Error> {
    let words = sql::words::asked(db.read(), text).await?;
    if words.iter().all(|word| word.is_known) && !is_empty {
        return Ok(None);
    }
    let tried = spelling::proposals(&words);
    if tried.is_empty() { Ok(None) } else { sql::words::first_found(db.read(), &tried).await }
}

/// Up to `limit` products, after a few categories, that are proposed for what was typed so far; the last word may go on. What holds an
/// error and finds nothing is mended.
///
/// # Errors
/// The database failed.
pub async fn suggest(db: &Db, text: &str, limit: usize) -> Result<Vec<Suggestion>, sqlx::Error> {
    let text = text.replace('\0', " ");
    let found = proposed(db, &text, limit).await?;
    if !found.is_empty() || text.trim().is_empty() {
        return Ok(found);
    }
    match being_typed(db, &text).await? {
        Some(meant) => proposed(db, &meant, limit).await,
        None => Ok(found),
    }
}

async fn proposed(db: &Db, text: &str, limit: usize) -> Result<Vec<Suggestion>, sqlx::Error> {
    let rows = sql::words::suggestions(db.read(), text, i64::try_from(limit).unwrap_or(i64::MAX)).await?;
    let (mut seen, mut products) = (HashSet::new(), 0);
    Ok(rows
        .into_iter()
        .filter(|row| match row {
            Suggestion::Category { .. } => true,
            Suggestion::Product { slug, .. } => {
                let is_new = products < limit && seen.insert(slug.clone());
                products += usize::from(is_new);
                is_new
            }
        })
        .collect())
}

// The whole words mended; the last one, if no word of the shop is near it, by the words that begin nearly so.
async fn being_typed(db: &Db, text: &str) -> Result<Option<String>, sqlx::Error> {
    if let Some(meant) = correction(db, text, true).await? {
        return Ok(Some(meant));
    }
    let mut words = sql::words::asked(db.read(), text).await?;
    let Some(last) = words.pop().map(|word| word.word) else { return Ok(None) };
    let Some(letter) = last.chars().next().filter(|_| last.chars().count() > 3) else { return Ok(None) };
    let beginning = sql::words::beginning(db.read(), letter).await?;
    let Some(meant) = beginning.into_iter().find(|word| begins_with_one_error(word, &last)) else { return Ok(None) };
    let before = words.into_iter().map(|word| word.word);
    Ok(Some(before.chain([meant]).collect::<Vec<_>>().join(" ")))
}

/// Makes the words that typing errors are mended by what the catalogue says; gives back how many changed. A few seconds at a hundred
/// thousand products.
///
/// # Errors
/// The database failed.
pub async fn rebuild_words(db: &Db) -> Result<u64, sqlx::Error> {
    let mut tx = db.begin().await?;
    let changed = sql::words::rebuild(&mut tx).await?;
    tx.commit().await?;
    Ok(changed)
}

/// Enqueues [`rebuild_words`] in `tx`, to run once for all changes of the next while. The last statement of a change: it waits for others.
pub(super) async fn words_changed_in_tx(tx: &mut Tx) -> Result<(), sqlx::Error> {
    jobs::enqueue_once_after(tx, &RebuildWords {}, RebuildWords::KEY, PAUSE).await
}

/// Counts what was bought lately, by which lists can be sorted; gives back how many products changed.
///
/// # Errors
/// The database failed.
pub async fn count_popularity(db: &Db) -> Result<u64, sqlx::Error> {
    let mut tx = db.begin().await?;
    let changed = sql::words::count_popularity(&mut *tx).await?;
    if changed > 0 {
        sql::words::tell_changed(&mut *tx).await?;
    }
    tx.commit().await?;
    Ok(changed)
}
