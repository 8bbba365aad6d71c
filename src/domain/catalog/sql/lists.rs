//! One page of a list with all that is counted beside it, each list in one statement. Texts are put together by what is asked, and
//! planned anew each time where a search, a category or a price decides which index is best: a plan made for any value took thousands
//! of times as long.

use std::collections::HashMap;

use sqlx::{FromRow, PgExecutor, Postgres, QueryBuilder, types::Json};
use time::OffsetDateTime;

use super::{
    counts, prices,
    summaries::{SUMMARIES, SummaryRow},
};
use crate::{
    domain::catalog::{
        ListQuery, MOST_COUNTED, ProductSummary, Sort, Total,
        bands::{PriceCount, Prices},
        hints::{ANCHOR_STEP, Anchor, AnchorKey, Anchors},
    },
    infra::{database::unreadable, metrics::timed},
};

/// What a statement counted beside its page; the rest is known without it.
#[derive(Debug, Default)]
pub(in crate::domain::catalog) struct Counted {
    pub items: Vec<ProductSummary>,
    /// `None` where nothing narrows the list: the tree knows it.
    pub total: Option<Total>,
    pub in_stock: Option<i64>,
    /// Products by category, without those below it.
    pub categories: Option<HashMap<i64, i64>>,
    pub prices: Option<Prices>,
    /// How many products the search alone finds, up to the cap.
    pub found: i64,
}

#[derive(FromRow)]
struct ListRow {
    items: Json<Vec<SummaryRow>>,
    total: Option<i64>,
    in_stock: Option<i64>,
    categories: Option<Json<HashMap<i64, i64>>>,
    prices: Option<Json<Vec<PriceCount>>>,
    lowest: Option<i64>,
    highest: Option<i64>,
    found: i64,
    currency: Option<String>,
}

/// Where a page begins and how long it is.
#[derive(Clone, Copy, Debug)]
pub(in crate::domain::catalog) struct Slice {
    pub anchor: Option<Anchor>,
    pub offset: i64,
    pub limit: i64,
}

/// A list without a search. `categories` are those it may be in; counts are made where a price narrows it.
pub(in crate::domain::catalog) async fn plain(
    executor: impl PgExecutor<'_>,
    query: &ListQuery,
    categories: Option<&[i64]>,
    slice: Slice,
) -> Result<Counted, sqlx::Error> {
    let sort = query.effective_sort();
    let mut sql = QueryBuilder::new("WITH chosen AS (SELECT product_id AS id, row_number() OVER (ORDER BY ");
    sql.push(order(sort)).push(") AS place FROM product_listings WHERE true");
    push_category(&mut sql, categories);
    push_price(&mut sql, query);
    push_stock(&mut sql, query);
    if let Some(anchor) = slice.anchor {
        push_anchor(&mut sql, sort, anchor);
    }
    sql.push(" ORDER BY ").push(order(sort));
    push_slice(&mut sql, slice);
    sql.push("), page AS (").push(SUMMARIES).push(")");
    let is_priced = query.min_price.is_some() || query.max_price.is_some();
    if is_priced {
        counts::push_by_category(&mut sql, query);
        sql.push(" SELECT ").push(ITEMS).push(", ");
        counts::push_totals(&mut sql, query, categories);
    } else {
        sql.push(" SELECT ").push(ITEMS);
        sql.push(", NULL::bigint AS total, NULL::bigint AS in_stock, NULL::json AS categories");
    }
    sql.push(", NULL::json AS prices, NULL::bigint AS lowest, NULL::bigint AS highest, 0::bigint AS found, NULL::text AS currency");
    let is_persistent = !is_priced && categories.is_none();
    let row: ListRow =
        timed("catalog.list", sql.build_query_as().persistent(is_persistent).fetch_one(executor)).await?;
    row.counted()
}

/// A list of what a search finds: the page and every count come from the same few thousand candidates.
pub(in crate::domain::catalog) async fn searched(
    executor: impl PgExecutor<'_>,
    query: &ListQuery,
    text: &str,
    categories: Option<&[i64]>,
    slice: Slice,
) -> Result<Counted, sqlx::Error> {
    let sort = query.effective_sort();
    let is_narrowed = categories.is_some() || query.in_stock || query.min_price.is_some() || query.max_price.is_some();
    let mut sql = QueryBuilder::new("WITH found AS MATERIALIZED (");
    push_candidates(&mut sql, sort, text);
    push_cap(&mut sql, sort);
    // Where nothing narrows it, what matches is what was found, and not a copy of it.
    sql.push(if is_narrowed { "), matching AS MATERIALIZED (" } else { "), matching AS NOT MATERIALIZED (" });
    sql.push("SELECT * FROM found WHERE true");
    if is_narrowed {
        push_category(&mut sql, categories);
        push_price(&mut sql, query);
        push_stock(&mut sql, query);
        // Of too many, those that pass the filters are looked for afresh: the few thousand first may hold none of them.
        sql.push(format!(" AND (SELECT count(*) FROM found) <= {MOST_COUNTED} UNION ALL ("));
        push_candidates(&mut sql, sort, text);
        push_category(&mut sql, categories);
        push_price(&mut sql, query);
        push_stock(&mut sql, query);
        sql.push(format!(" AND (SELECT count(*) FROM found) > {MOST_COUNTED}"));
        push_cap(&mut sql, sort);
        sql.push(")");
    }
    let order = match sort {
        Sort::Relevance => "rank DESC, popularity DESC, product_id DESC",
        _ => order(sort),
    };
    sql.push("), chosen AS (SELECT product_id AS id, row_number() OVER (ORDER BY ").push(order);
    // Numbered after the page is cut: the first few are found without sorting all.
    sql.push(") AS place FROM (SELECT * FROM matching ORDER BY ").push(order);
    push_slice(&mut sql, slice);
    sql.push(") AS cut), page AS (").push(SUMMARIES).push(") SELECT ").push(ITEMS);
    sql.push(
        ", (SELECT count(*) FROM matching) AS total,
         (SELECT count(*) FROM matching WHERE in_stock) AS in_stock, (SELECT count(*) FROM found) AS found,
         (SELECT currency::text FROM found LIMIT 1) AS currency,
         (SELECT json_object_agg(category_id, count) FROM (SELECT category_id, count(*) FROM ",
    );
    // What a filter shows is given all the others: where it is not used itself, that is what matches.
    if categories.is_some() {
        sql.push("found WHERE true");
        push_price(&mut sql, query);
        push_stock(&mut sql, query);
    } else {
        sql.push("matching");
    }
    sql.push(" GROUP BY category_id) AS held) AS categories, ");
    sql.push("priced.* FROM (").push(prices::COUNTED);
    if query.min_price.is_some() || query.max_price.is_some() {
        sql.push("found WHERE true");
        push_category(&mut sql, categories);
        push_stock(&mut sql, query);
    } else {
        sql.push("matching");
    }
    prices::push_counted_end(&mut sql);
    sql.push(") AS priced");
    let row: ListRow = timed("catalog.search", sql.build_query_as().persistent(false).fetch_one(executor)).await?;
    row.counted()
}

fn push_candidates(sql: &mut QueryBuilder<Postgres>, sort: Sort, text: &str) {
    sql.push("SELECT product_id, category_id, price_minor, in_stock, created_at, popularity, currency, ");
    if sort == Sort::Relevance {
        sql.push("ts_rank_cd(document, search_query(").push_bind(text.to_owned()).push("))");
    } else {
        sql.push("0::real");
    }
    sql.push(" AS rank FROM product_listings WHERE document @@ search_query(").push_bind(text.to_owned()).push(")");
}

fn push_cap(sql: &mut QueryBuilder<Postgres>, sort: Sort) {
    // Those with the best ranks would have to be ranked all; the cheapest or the newest are found by sorting.
    if sort != Sort::Relevance {
        sql.push(" ORDER BY ").push(order(sort));
    }
    sql.push(format!(" LIMIT {}", MOST_COUNTED + 1));
}

/// Every so many products of a list without a search or a price, where that product stands.
pub(in crate::domain::catalog) async fn anchors(
    executor: impl PgExecutor<'_>,
    query: &ListQuery,
    categories: Option<&[i64]>,
) -> Result<Anchors, sqlx::Error> {
    let sort = query.effective_sort();
    let (moment, number) = match sort {
        Sort::PriceUp | Sort::PriceDown => ("NULL::timestamptz", "price_minor"),
        Sort::Popular => ("NULL::timestamptz", "popularity::bigint"),
        Sort::Newest | Sort::Relevance => ("created_at", "NULL::bigint"),
    };
    let mut sql = QueryBuilder::new(format!(
        "SELECT {moment}, {number}, product_id FROM (SELECT *, row_number() OVER (ORDER BY "
    ));
    sql.push(order(sort));
    sql.push(
        ") AS place FROM (SELECT product_id, created_at, price_minor, popularity FROM product_listings WHERE true",
    );
    push_category(&mut sql, categories);
    push_stock(&mut sql, query);
    sql.push(format!(") AS l) AS placed WHERE place % {ANCHOR_STEP} = 1 AND place > 1 ORDER BY place"));
    type Row = (Option<OffsetDateTime>, Option<i64>, i64);
    let rows: Vec<Row> = timed("catalog.anchors", sql.build_query_as().persistent(false).fetch_all(executor)).await?;
    let key = |moment: Option<OffsetDateTime>, number: Option<i64>| {
        moment.map(AnchorKey::Moment).or(number.map(AnchorKey::Number))
    };
    let anchors = rows.into_iter().filter_map(|(moment, number, id)| Some(Anchor { key: key(moment, number)?, id }));
    Ok(Anchors(anchors.collect()))
}

const ITEMS: &str = "(SELECT coalesce(json_agg(page ORDER BY page.place), '[]') FROM page) AS items";

// By relevance alone without a search is by date.
const fn order(sort: Sort) -> &'static str {
    match sort {
        Sort::Newest | Sort::Relevance => "created_at DESC, product_id DESC",
        Sort::PriceUp => "price_minor, product_id",
        Sort::PriceDown => "price_minor DESC, product_id DESC",
        Sort::Popular => "popularity DESC, product_id DESC",
    }
}

fn push_anchor(sql: &mut QueryBuilder<Postgres>, sort: Sort, anchor: Anchor) {
    sql.push(match sort {
        Sort::Newest | Sort::Relevance => " AND (created_at, product_id) <= (",
        Sort::PriceUp => " AND (price_minor, product_id) >= (",
        Sort::PriceDown => " AND (price_minor, product_id) <= (",
        Sort::Popular => " AND (popularity, product_id) <= (",
    });
    match anchor.key {
        AnchorKey::Moment(moment) => sql.push_bind(moment),
        AnchorKey::Number(number) => sql.push_bind(number),
    };
    sql.push(", ").push_bind(anchor.id).push(")");
}

fn push_slice(sql: &mut QueryBuilder<Postgres>, slice: Slice) {
    // As a literal: a plan for any length, or for any start, would be one for a tenth of all products. Of the starts the first alone, which
    // is most asked for: each text has a plan of its own, and a plan takes three times as long to make as to follow.
    sql.push(format!(" LIMIT {}", slice.limit.max(0)));
    if slice.offset > 0 {
        sql.push(" OFFSET ").push_bind(slice.offset);
    }
}

pub(super) fn push_category(sql: &mut QueryBuilder<Postgres>, categories: Option<&[i64]>) {
    match categories {
        None => {}
        // An index in the order of the list serves one category, not several.
        Some([one]) => {
            sql.push(" AND category_id = ").push_bind(*one);
        }
        Some(several) => {
            sql.push(" AND category_id = ANY(").push_bind(several.to_vec()).push(")");
        }
    }
}

fn push_price(sql: &mut QueryBuilder<Postgres>, query: &ListQuery) {
    if let Some(price) = query.min_price {
        sql.push(" AND price_minor >= ").push_bind(price.minor());
    }
    if let Some(price) = query.max_price {
        sql.push(" AND price_minor <= ").push_bind(price.minor());
    }
}

pub(super) fn push_stock(sql: &mut QueryBuilder<Postgres>, query: &ListQuery) {
    if query.in_stock {
        sql.push(" AND in_stock");
    }
}

impl ListRow {
    fn counted(self) -> Result<Counted, sqlx::Error> {
        let items: Vec<ProductSummary> =
            self.items.0.into_iter().map(ProductSummary::try_from).collect::<Result<_, _>>()?;
        let currency = self.currency.map(|currency| currency.parse().map_err(unreadable)).transpose()?;
        let ends = (self.lowest, self.highest);
        let prices = self.prices.zip(currency).map(|(counts, currency)| Prices::of(&counts, ends, currency));
        let capped = |count: i64| Total { count: count.min(MOST_COUNTED), is_capped: count > MOST_COUNTED };
        Ok(Counted {
            items,
            total: self.total.map(capped),
            in_stock: self.in_stock.map(|count| count.min(MOST_COUNTED)),
            categories: self.total.map(|_| self.categories.map(|counts| counts.0).unwrap_or_default()),
            prices,
            found: self.found,
        })
    }
}
