//! Queries on automatic_answers.

use sqlx::PgExecutor;

use crate::{
    domain::chat::automatic::{AutomaticRule, NewRule, Occasion},
    infra::{database::unreadable, metrics::timed},
};

struct Row {
    id: i64,
    position: i32,
    keywords: Vec<String>,
    occasion: String,
    body: String,
    enabled: bool,
}

impl TryFrom<Row> for AutomaticRule {
    type Error = sqlx::Error;

    fn try_from(row: Row) -> Result<Self, sqlx::Error> {
        let unknown = || unreadable(std::io::Error::other(format!("occasion {}", row.occasion)));
        let occasion = Occasion::of(&row.occasion).ok_or_else(unknown)?;
        let Row { id, position, keywords, body, enabled, .. } = row;
        Ok(Self { id, position, keywords, occasion, body, enabled })
    }
}

/// All, in their order.
pub(in crate::domain::chat) async fn rules(executor: impl PgExecutor<'_>) -> Result<Vec<AutomaticRule>, sqlx::Error> {
    let query = sqlx::query_as!(
        Row,
        "SELECT id, position, keywords, occasion, body, enabled FROM automatic_answers ORDER BY position, id"
    );
    timed("chat.rules", query.fetch_all(executor)).await?.into_iter().map(AutomaticRule::try_from).collect()
}

/// Those that answer, in their order.
pub(in crate::domain::chat) async fn enabled_rules(
    executor: impl PgExecutor<'_>,
) -> Result<Vec<AutomaticRule>, sqlx::Error> {
    let mut rules = rules(executor).await?;
    rules.retain(|rule| rule.enabled);
    Ok(rules)
}

/// One of them.
pub(in crate::domain::chat) async fn rule(
    executor: impl PgExecutor<'_>,
    id: i64,
) -> Result<Option<AutomaticRule>, sqlx::Error> {
    let query = sqlx::query_as!(
        Row,
        "SELECT id, position, keywords, occasion, body, enabled FROM automatic_answers WHERE id = $1",
        id
    );
    timed("chat.rule", query.fetch_optional(executor)).await?.map(AutomaticRule::try_from).transpose()
}

/// Adds one unless there are `most`; whether it was.
pub(in crate::domain::chat) async fn insert_rule(
    executor: impl PgExecutor<'_>,
    rule: &NewRule,
    most: i64,
) -> Result<bool, sqlx::Error> {
    let query = sqlx::query!(
        "INSERT INTO automatic_answers (position, keywords, occasion, body, enabled)
         SELECT $1, $2, $3, $4, $5 WHERE (SELECT count(*) FROM automatic_answers) < $6",
        rule.position,
        &rule.keywords,
        rule.occasion.id(),
        rule.body,
        rule.enabled,
        most
    );
    Ok(timed("chat.insert_rule", query.execute(executor)).await?.rows_affected() == 1)
}

/// Writes one anew; whether it is there.
pub(in crate::domain::chat) async fn update_rule(
    executor: impl PgExecutor<'_>,
    id: i64,
    rule: &NewRule,
) -> Result<bool, sqlx::Error> {
    let query = sqlx::query!(
        "UPDATE automatic_answers SET position = $2, keywords = $3, occasion = $4, body = $5, enabled = $6, updated_at = now()
         WHERE id = $1",
        id,
        rule.position,
        &rule.keywords,
        rule.occasion.id(),
        rule.body,
        rule.enabled
    );
    Ok(timed("chat.update_rule", query.execute(executor)).await?.rows_affected() == 1)
}

/// Removes one.
pub(in crate::domain::chat) async fn delete_rule(executor: impl PgExecutor<'_>, id: i64) -> Result<(), sqlx::Error> {
    let query = sqlx::query!("DELETE FROM automatic_answers WHERE id = $1", id);
    timed("chat.delete_rule", query.execute(executor)).await?;
    Ok(())
}
