//! Queries on canned_answers.

use sqlx::PgExecutor;

use crate::{
    domain::chat::answers::{NewCanned, WrittenAnswer},
    infra::metrics::timed,
};

/// All, by their shortcut.
pub(in crate::domain::chat) async fn canned_answers(
    executor: impl PgExecutor<'_>,
) -> Result<Vec<WrittenAnswer>, sqlx::Error> {
    let query = sqlx::query_as!(
        WrittenAnswer,
        r#"SELECT id, shortcut::text AS "shortcut!", title, body FROM canned_answers ORDER BY shortcut"#
    );
    timed("chat.canned_answers", query.fetch_all(executor)).await
}

/// One of them.
pub(in crate::domain::chat) async fn canned(
    executor: impl PgExecutor<'_>,
    id: i64,
) -> Result<Option<WrittenAnswer>, sqlx::Error> {
    let query = sqlx::query_as!(
        WrittenAnswer,
        r#"SELECT id, shortcut::text AS "shortcut!", title, body FROM canned_answers WHERE id = $1"#,
        id
    );
    timed("chat.canned", query.fetch_optional(executor)).await
}

/// Adds one unless there are `most`; whether it was. Another one's shortcut breaks `canned_answers_shortcut_key`.
pub(in crate::domain::chat) async fn insert_canned(
    executor: impl PgExecutor<'_>,
    new: &NewCanned,
    most: i64,
) -> Result<bool, sqlx::Error> {
    let query = sqlx::query!(
        "INSERT INTO canned_answers (shortcut, title, body)
         SELECT ($1::text)::citext, $2, $3 WHERE (SELECT count(*) FROM canned_answers) < $4",
        new.shortcut.as_str(),
        new.title,
        new.body,
        most
    );
    Ok(timed("chat.insert_canned", query.execute(executor)).await?.rows_affected() == 1)
}

/// Writes one anew; whether it is there.
pub(in crate::domain::chat) async fn update_canned(
    executor: impl PgExecutor<'_>,
    id: i64,
    new: &NewCanned,
) -> Result<bool, sqlx::Error> {
    let query = sqlx::query!(
        "UPDATE canned_answers SET shortcut = ($2::text)::citext, title = $3, body = $4, updated_at = now() WHERE id = $1",
        id,
        new.shortcut.as_str(),
        new.title,
        new.body
    );
    Ok(timed("chat.update_canned", query.execute(executor)).await?.rows_affected() == 1)
}

/// Removes one.
pub(in crate::domain::chat) async fn delete_canned(executor: impl PgExecutor<'_>, id: i64) -> Result<(), sqlx::Error> {
    let query = sqlx::query!("DELETE FROM canned_answers WHERE id = $1", id);
    timed("chat.delete_canned", query.execute(executor)).await?;
    Ok(())
}
