//! Queries on search_words and search_word_deletions, and what is proposed while someone types.

use sqlx::{FromRow, PgExecutor, types::Json};

use crate::{
    domain::catalog::{Suggestion, spelling::AskedWord},
    infra::{
        database::{Tx, unreadable},
        metrics::timed,
    },
    types::Money,
};

// How many categories are proposed at most.
const CATEGORIES: i64 = 3;

/// What the shop knows of each word of a text. Numbers, and words of two letters, have too many neighbours to guess by; of three letters,
/// which share too few to be found by, those with two of them swapped are looked up.
pub(in crate::domain::catalog) async fn asked(
    executor: impl PgExecutor<'_>,
    text: &str,
) -> Result<Vec<AskedWord>, sqlx::Error> {
    let query = sqlx::query!(
        r#"WITH asked AS MATERIALIZED (
               SELECT word, place, lead(word) OVER (ORDER BY place) AS next,
                      ARRAY(SELECT word UNION SELECT overlay(word PLACING '' FROM cut FOR 1)
                            FROM generate_series(1, char_length(word)) AS cut
                            UNION SELECT overlay(word PLACING reverse(substr(word, place, 2)) FROM place FOR 2)
                            FROM generate_series(1, char_length(word) - 1) AS place WHERE char_length(word) = 3) COLLATE "C" AS forms,
                      char_length(word) BETWEEN 3 AND 30 AND word !~ '[0-9]' AS may_be_wrong
               FROM string_to_table(search_key($1), ' ') WITH ORDINALITY AS words (word, place) WHERE word <> '' LIMIT 12)
           SELECT a.word AS "word!",
                  (numnode(search_query(a.word)) = 0 OR search_finds(a.word)) AS "is_known!",
                  EXISTS (SELECT FROM search_words s WHERE s.word = (a.word || a.next) COLLATE "C") AS "joins_next!",
                  (SELECT l.word || ' ' || r.word
                   FROM search_words l JOIN search_words r ON r.word = substr(a.word, char_length(l.word) + 1) COLLATE "C"
                   WHERE a.may_be_wrong AND l.word = ANY (ARRAY(
                       SELECT left(a.word, cut) FROM generate_series(3, char_length(a.word) - 3) AS cut) COLLATE "C")
                   ORDER BY least(l.documents, r.documents) DESC LIMIT 1) AS split,
                  CASE WHEN a.may_be_wrong THEN (
                      SELECT json_agg(json_build_array(s.word, s.documents)) FROM search_words s
                      WHERE s.word = ANY (a.forms) OR s.word = ANY (ARRAY(
                          SELECT word FROM search_word_deletions WHERE deletion = ANY (a.forms)))) END
                      AS "near: Json<Vec<(String, i64)>>"
           FROM asked a ORDER BY a.place"#,
        text
    );
    let rows = timed("catalog.asked_words", query.fetch_all(executor)).await?;
    Ok(rows
        .into_iter()
        .map(|row| AskedWord {
            word: row.word,
            is_known: row.is_known,
            near: row.near.map(|near| near.0).unwrap_or_default(),
            split: row.split,
            joins_next: row.joins_next,
        })
        .collect())
}

/// The first of these texts that finds anything.
pub(in crate::domain::catalog) async fn first_found(
    executor: impl PgExecutor<'_>,
    texts: &[String],
) -> Result<Option<String>, sqlx::Error> {
    let query = sqlx::query_scalar!("SELECT search_first($1)", texts);
    timed("catalog.first_found", query.fetch_one(executor)).await
}

/// Words with this first letter, the commonest first.
pub(in crate::domain::catalog) async fn beginning(
    executor: impl PgExecutor<'_>,
    letter: char,
) -> Result<Vec<String>, sqlx::Error> {
    let query = sqlx::query_scalar!(
        "SELECT word FROM search_words WHERE word >= $1 AND word < $1 || U&'\\+10FFFF' ORDER BY documents DESC, word LIMIT 2000",
        letter.to_string()
    );
    timed("catalog.words_beginning", query.fetch_all(executor)).await
}

#[derive(FromRow)]
struct SuggestedRow {
    slug: String,
    name: String,
    price: Option<i64>,
    currency: Option<String>,
    picture: Option<String>,
}

/// Categories with a word that begins so; then up to `limit` products whose names begin so, and `limit` with words that begin so, the
/// popular first. A product may be there twice.
pub(in crate::domain::catalog) async fn suggestions(
    executor: impl PgExecutor<'_>,
    text: &str,
    limit: i64,
) -> Result<Vec<Suggestion>, sqlx::Error> {
    let limit = limit.max(0);
    let product = "slug, name, price_minor, currency::text, picture FROM product_listings WHERE search_key($1) <> ''";
    let statement = format!(
        "SELECT * FROM (SELECT slug, name, NULL::bigint AS price, NULL::text AS currency, NULL::text AS picture
                        FROM categories WHERE search_key($1) <> '' AND ' ' || name_key LIKE '% ' || search_key($1) || '%'
                        ORDER BY name_key LIMIT {CATEGORIES}) AS categories
         UNION ALL
         SELECT * FROM (SELECT {product} AND name_key >= search_key($1) AND name_key < search_key($1) || U&'\\+10FFFF'
                        ORDER BY name_key, product_id LIMIT {limit}) AS begun
         UNION ALL
         SELECT * FROM (SELECT {product} AND name_words @@ search_prefix($1)
                        ORDER BY popularity DESC, product_id DESC LIMIT {limit}) AS holding"
    );
    // Planned anew: how common the words are decides which index is best.
    let query = sqlx::query_as(sqlx::AssertSqlSafe(statement)).bind(text.to_owned()).persistent(false);
    let rows: Vec<SuggestedRow> = timed("catalog.suggest", query.fetch_all(executor)).await?;
    rows.into_iter().map(Suggestion::try_from).collect()
}

impl TryFrom<SuggestedRow> for Suggestion {
    type Error = sqlx::Error;

    fn try_from(row: SuggestedRow) -> Result<Self, sqlx::Error> {
        let (slug, name, picture) = (row.slug, row.name, row.picture);
        match (row.price, row.currency) {
            (Some(price), Some(currency)) => {
                let price = Money::new(price, currency.parse().map_err(unreadable)?);
                Ok(Self::Product { slug, name, price, picture })
            }
            _ => Ok(Self::Category { slug, name }),
        }
    }
}

/// Makes the words what the catalogue says; gives back how many came, went or are common in another degree.
pub(in crate::domain::catalog) async fn rebuild(tx: &mut Tx) -> Result<u64, sqlx::Error> {
    let lock = sqlx::query!("SELECT pg_advisory_xact_lock(hashtext('search_words'))");
    timed("catalog.lock_words", lock.execute(&mut **tx)).await?;
    // Equal texts are taken apart once: thousands of products share their variants' names and details.
    let query = sqlx::query_scalar!(
        r#"WITH texts AS (
               SELECT name_key AS key, 1::bigint AS count FROM product_listings
               UNION ALL
               SELECT replace(search_plain(name), '-', ''), 1 FROM product_listings WHERE name LIKE '%-%'
               UNION ALL
               SELECT c.name_key, count(*) FROM categories c JOIN product_listings l ON l.category_id = c.id GROUP BY c.id
               UNION ALL
               SELECT search_key(v.name), v.count
               FROM (SELECT v.name, count(*) FROM product_variants v JOIN product_listings l ON l.product_id = v.product_id
                     WHERE v.archived_at IS NULL AND v.name <> '' GROUP BY v.name) AS v
               UNION ALL
               SELECT search_key(d.value), d.count
               FROM (SELECT detail ->> 'value' AS value, count(*)
                     FROM products p JOIN product_listings l ON l.product_id = p.id
                     CROSS JOIN LATERAL jsonb_array_elements(p.details) AS detail GROUP BY 1) AS d),
           counted AS (
               SELECT word COLLATE "C" AS word, least(sum(count), 1000000000)::int AS documents
               FROM texts, string_to_table(key, ' ') AS word
               WHERE char_length(word) BETWEEN 3 AND 30 AND word !~ '[0-9.]' GROUP BY 1),
           fresh AS MATERIALIZED (
               SELECT word, documents FROM counted WHERE ts_lexize('pg_catalog.english_stem', word) <> '{}'),
           gone AS (
               DELETE FROM search_words s WHERE NOT EXISTS (SELECT FROM fresh f WHERE f.word = s.word) RETURNING 1),
           stored AS (
               INSERT INTO search_words AS s (word, documents) SELECT word, documents FROM fresh
               ON CONFLICT (word) DO UPDATE SET documents = EXCLUDED.documents WHERE s.documents <> EXCLUDED.documents
               RETURNING 1),
           cut AS (
               INSERT INTO search_word_deletions (deletion, word)
               SELECT DISTINCT overlay(f.word PLACING '' FROM place FOR 1), f.word
               FROM fresh f CROSS JOIN LATERAL generate_series(1, char_length(f.word)) AS place
               WHERE NOT EXISTS (SELECT FROM search_words s WHERE s.word = f.word) AND char_length(f.word) > 3
               RETURNING 1)
           SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM stored) AS "changed!" FROM (SELECT count(*) FROM cut) AS cut"#
    );
    let changed = timed("catalog.rebuild_words", query.fetch_one(&mut **tx)).await?;
    Ok(u64::try_from(changed).unwrap_or_default())
}

/// Counts the pieces of each product in orders of the last 90 days that were not cancelled; gives back how many products changed.
pub(in crate::domain::catalog) async fn count_popularity(executor: impl PgExecutor<'_>) -> Result<u64, sqlx::Error> {
    // The rows are locked in the order in which all lock them.
    let query = sqlx::query_scalar!(
        r#"WITH sold AS (
               SELECT l.product_id, least(sum(l.quantity), 2000000000)::int AS pieces
               FROM orders o JOIN order_lines l ON l.order_id = o.id
               WHERE o.placed_at > now() - interval '90 days' AND o.status <> 'cancelled' GROUP BY l.product_id),
           other AS MATERIALIZED (
               SELECT p.product_id, coalesce(s.pieces, 0) AS pieces
               FROM product_listings p LEFT JOIN sold s ON s.product_id = p.product_id
               WHERE p.popularity <> coalesce(s.pieces, 0) ORDER BY p.product_id FOR UPDATE OF p),
           changed AS (
               UPDATE product_listings p SET popularity = other.pieces FROM other WHERE p.product_id = other.product_id RETURNING 1)
           SELECT count(*) AS "changed!" FROM changed"#
    );
    let changed = timed("catalog.count_popularity", query.fetch_one(executor)).await?;
    Ok(u64::try_from(changed).unwrap_or_default())
}

/// Tells every server that the catalogue changed.
pub(in crate::domain::catalog) async fn tell_changed(executor: impl PgExecutor<'_>) -> Result<(), sqlx::Error> {
    timed("catalog.tell_changed", sqlx::query!("SELECT pg_notify('catalog', '*')").execute(executor)).await?;
    Ok(())
}
