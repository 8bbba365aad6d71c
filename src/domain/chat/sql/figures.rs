//! Queries that count how support does.

use sqlx::PgExecutor;
use time::{Date, OffsetDateTime};

use crate::{
    domain::chat::figures::{AgentFigures, Counted},
    infra::metrics::timed,
    types::UserId,
};

/// How many wait now, and since when the one who waits longest does.
pub(in crate::domain::chat) async fn waiting_now(
    executor: impl PgExecutor<'_>,
) -> Result<(i64, Option<OffsetDateTime>), sqlx::Error> {
    let query = sqlx::query!(
        r#"SELECT count(*) AS "count!", min(waiting_since) AS "since?: OffsetDateTime" FROM conversations
           WHERE waiting_since IS NOT NULL AND ended_at IS NULL AND status = 'open'"#
    );
    let row = timed("chat.waiting_now", query.fetch_one(executor)).await?;
    Ok((row.count, row.since))
}

/// What is counted by the day in a zone, and in all (without a day).
pub(in crate::domain::chat) async fn figures_by_day(
    executor: impl PgExecutor<'_>,
    from: OffsetDateTime,
    until: OffsetDateTime,
    zone: &str,
) -> Result<Vec<(Option<Date>, Counted)>, sqlx::Error> {
    let query = sqlx::query!(
        r#"WITH asked AS (
               SELECT (first_asked_at AT TIME ZONE $3)::date AS day, rating, first_answered_at, resolved_at,
                      extract(epoch FROM first_answered_at - first_asked_at) AS answered_in,
                      extract(epoch FROM resolved_at - first_asked_at) AS resolved_in
               FROM conversations WHERE first_asked_at >= $1 AND first_asked_at < $2)
           SELECT day AS "day?: Date", count(*) AS "asked!", count(first_answered_at) AS "answered!",
                  round(percentile_cont(0.5) WITHIN GROUP (ORDER BY answered_in))::bigint AS first_answer_median,
                  round(percentile_cont(0.95) WITHIN GROUP (ORDER BY answered_in))::bigint AS first_answer_p95,
                  count(resolved_at) AS "resolved!",
                  round(percentile_cont(0.5) WITHIN GROUP (ORDER BY resolved_in))::bigint AS resolution_median,
                  count(rating) AS "ratings!", round(avg(rating) * 100)::bigint AS rating_hundredths
           FROM asked GROUP BY GROUPING SETS ((day), ()) ORDER BY day"#,
        from as OffsetDateTime,
        until as OffsetDateTime,
        zone
    );
    let rows = timed("chat.figures_by_day", query.fetch_all(executor)).await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let counted = Counted {
                asked: row.asked,
                answered: row.answered,
                first_answer_median: row.first_answer_median,
                first_answer_p95: row.first_answer_p95,
                resolved: row.resolved,
                resolution_median: row.resolution_median,
                ratings: row.ratings,
                rating_hundredths: row.rating_hundredths,
            };
            (row.day, counted)
        })
        .collect())
}

/// The same by the agent who has it, in all and by day.
pub(in crate::domain::chat) async fn figures_by_agent(
    executor: impl PgExecutor<'_>,
    from: OffsetDateTime,
    until: OffsetDateTime,
    zone: &str,
) -> Result<Vec<AgentFigures>, sqlx::Error> {
    let query = sqlx::query!(
        r#"WITH asked AS (
               SELECT u.id AS agent, coalesce(nullif(u.full_name, ''), u.username::text) AS name,
                      (c.first_asked_at AT TIME ZONE $3)::date AS day, c.rating, c.first_answered_at, c.resolved_at,
                      extract(epoch FROM c.first_answered_at - c.first_asked_at) AS answered_in,
                      extract(epoch FROM c.resolved_at - c.first_asked_at) AS resolved_in
               FROM conversations c JOIN users u ON u.id = c.assignee_id
               WHERE c.first_asked_at >= $1 AND c.first_asked_at < $2)
           SELECT agent AS "agent!: UserId", name AS "name!", day AS "day?: Date", count(*) AS "asked!", count(first_answered_at) AS "answered!",
                  round(percentile_cont(0.5) WITHIN GROUP (ORDER BY answered_in))::bigint AS first_answer_median,
                  round(percentile_cont(0.95) WITHIN GROUP (ORDER BY answered_in))::bigint AS first_answer_p95,
                  count(resolved_at) AS "resolved!",
                  round(percentile_cont(0.5) WITHIN GROUP (ORDER BY resolved_in))::bigint AS resolution_median,
                  count(rating) AS "ratings!", round(avg(rating) * 100)::bigint AS rating_hundredths
           FROM asked GROUP BY GROUPING SETS ((agent, name, day), (agent, name)) ORDER BY name, agent, day NULLS FIRST"#,
        from as OffsetDateTime,
        until as OffsetDateTime,
        zone
    );
    let rows = timed("chat.figures_by_agent", query.fetch_all(executor)).await?;
    Ok(rows
        .into_iter()
        .map(|row| AgentFigures {
            id: row.agent,
            name: row.name,
            day: row.day,
            counted: Counted {
                asked: row.asked,
                answered: row.answered,
                first_answer_median: row.first_answer_median,
                first_answer_p95: row.first_answer_p95,
                resolved: row.resolved,
                resolution_median: row.resolution_median,
                ratings: row.ratings,
                rating_hundredths: row.rating_hundredths,
            },
        })
        .collect())
}
