//! Lists with filters and what these show, page by page.

use ecommerce::{
    domain::catalog::{self, CategoryNode, Hints, ListQuery, Sort},
    types::{Money, Page, PerPage, SearchText},
};
use sqlx::PgPool;

use super::search::{demo, searching, usd};
use crate::support::{TestDb, goods};

// Two departments with two categories each, and products of all prices, some sold out, half of them with "oak" in their names.
pub(super) async fn crowd(owner: &PgPool, count: i32) {
    for statement in [
        "INSERT INTO categories (slug, name) VALUES ('home', 'Home'), ('garden', 'Garden'), ('none', 'Nothing')",
        "INSERT INTO categories (slug, name, parent_id)
         SELECT p.slug || '-' || n, p.name || ' ' || n, p.id FROM categories p, generate_series(1, 2) n WHERE p.slug <> 'none'",
    ] {
        sqlx::query(statement).execute(owner).await.unwrap();
    }
    let statement = "WITH p AS (
            INSERT INTO products (slug, name, description, category_id, created_at)
            SELECT 'p-' || n, (ARRAY['Oak', 'Beech'])[1 + n % 2] || ' ' || (ARRAY['Chair', 'Table', 'Shelf'])[1 + n % 3] || ' ' || n, 'Made by hand.',
                   (ARRAY(SELECT id FROM categories WHERE parent_id IS NOT NULL ORDER BY id))[1 + n % 4], now() - n % 50 * interval '1 minute'
            FROM generate_series(1, $1) n RETURNING id),
        v AS (INSERT INTO product_variants (product_id, sku, is_default, currency, price_minor)
              SELECT id, 'S-' || id, true, 'USD', 500 + id * 7919 % 400 * 25 FROM p RETURNING id)
        INSERT INTO stock_levels (variant_id, on_hand) SELECT id, CASE WHEN id % 5 = 0 THEN 0 ELSE 4 END FROM v";
    sqlx::query(statement).bind(count).execute(owner).await.unwrap();
}

// Every filter shows what choosing it would find.
async fn assert_filters_say_what_they_find(test: &TestDb, query: &ListQuery) {
    let listing = catalog::list(&test.db, query).await.unwrap();
    assert!(!listing.total.is_capped);
    let total = async |query: ListQuery| catalog::list(&test.db, &query).await.unwrap().total.count;
    for category in &listing.facets.categories {
        let chosen = ListQuery { category: Some(category.slug.clone()), ..query.clone() };
        assert_eq!(total(chosen).await, category.count, "{query:?} {category:?}");
    }
    for band in &listing.facets.prices {
        let chosen = ListQuery { min_price: band.from, max_price: band.to, ..query.clone() };
        assert_eq!(total(chosen).await, band.count, "{query:?} {band:?}");
    }
    let bands: i64 = listing.facets.prices.iter().map(|band| band.count).sum();
    assert_eq!(bands, total(ListQuery { min_price: None, max_price: None, ..query.clone() }).await, "{query:?}");
    assert_eq!(listing.facets.in_stock, total(ListQuery { in_stock: true, ..query.clone() }).await, "{query:?}");
}

#[tokio::test]
async fn every_filter_shows_how_many_it_would_find() {
    let test = TestDb::new().await;
    crowd(&test.owner, 300).await;
    for search in [None, SearchText::read("oak"), SearchText::read("chair")] {
        for category in [None, Some("home"), Some("garden-2"), Some("none")] {
            for (in_stock, min_price, max_price) in
                [(false, None, None), (true, None, None), (true, Some(usd(3_000)), Some(usd(6_000)))]
            {
                let category = category.map(str::to_owned);
                let query =
                    ListQuery { search: search.clone(), category, in_stock, min_price, max_price, ..ListQuery::all() };
                assert_filters_say_what_they_find(&test, &query).await;
            }
        }
    }
    let listing =
        catalog::list(&test.db, &ListQuery { category: Some("none".into()), ..searching("oak") }).await.unwrap();
    let shown: Vec<_> =
        listing.facets.categories.iter().map(|category| (category.slug.as_str(), category.depth)).collect();
    assert!(
        shown.contains(&("none", 0)) && shown.contains(&("home", 0)) && shown.contains(&("home-1", 1)),
        "{shown:?}"
    );
    let all = catalog::list(&test.db, &ListQuery::all()).await.unwrap().facets;
    let ends: (i64, i64) = sqlx::query_as("SELECT min(price_minor), max(price_minor) FROM product_listings")
        .fetch_one(&test.owner)
        .await
        .unwrap();
    assert!((3..=5).contains(&all.prices.len()), "{:?}", all.prices);
    assert_eq!((all.lowest_price, all.highest_price), (Some(usd(ends.0)), Some(usd(ends.1))));
}

#[tokio::test]
async fn bands_and_both_ends_are_exact_whatever_prices_are() {
    let test = TestDb::new().await;
    crowd(&test.owner, 240).await;
    // From nothing to the highest; the cheapest and the dearest of each category are sold out, or not there at all.
    let spread =
        "UPDATE product_variants SET price_minor = least((id * 7919 % 1000) * (10::numeric ^ (id % 9)), 100000000000)";
    sqlx::query(spread).execute(&test.owner).await.unwrap();
    let empty = "UPDATE stock_levels SET on_hand = 0 FROM product_listings l JOIN product_variants v USING (product_id)
                 WHERE v.id = stock_levels.variant_id AND (l.price_minor < 5000 OR l.price_minor > 500000)";
    sqlx::query(empty).execute(&test.owner).await.unwrap();
    for category in [None, Some("home"), Some("garden"), Some("garden-2"), Some("none")] {
        for in_stock in [false, true] {
            let query = ListQuery { category: category.map(str::to_owned), in_stock, ..ListQuery::all() };
            assert_filters_say_what_they_find(&test, &query).await;
            let facets = catalog::list(&test.db, &query).await.unwrap().facets;
            let ends: (Option<i64>, Option<i64>) = sqlx::query_as(
                "SELECT min(l.price_minor), max(l.price_minor) FROM product_listings l JOIN categories c ON c.id = l.category_id
                 WHERE ($1::text IS NULL OR c.slug = $1 OR c.slug LIKE $1 || '-%') AND (l.in_stock OR NOT $2)",
            )
            .bind(category)
            .bind(in_stock)
            .fetch_one(&test.owner)
            .await
            .unwrap();
            let shown = (facets.lowest_price.map(Money::minor), facets.highest_price.map(Money::minor));
            assert_eq!(shown, ends, "{query:?}");
            assert!(facets.prices.len() >= 3 || category == Some("none"), "{query:?} {:?}", facets.prices);
        }
    }
}

#[tokio::test]
async fn what_a_price_narrows_is_counted_exactly_wherever_its_limits_are() {
    let test = TestDb::new().await;
    crowd(&test.owner, 240).await;
    let spread = "UPDATE product_variants SET price_minor = (id * 7919 % 1000) * (10 ^ (id % 3))::int";
    sqlx::query(spread).execute(&test.owner).await.unwrap();
    let prices: Vec<i64> = sqlx::query_scalar("SELECT DISTINCT price_minor FROM product_listings ORDER BY 1")
        .fetch_all(&test.owner)
        .await
        .unwrap();
    let some = |nth: usize| prices[nth * prices.len() / 7];
    let limits = [
        (None, Some(0)),
        (Some(2_000), Some(6_000)),
        (Some(2_000), Some(5_999)),
        (Some(some(2)), Some(some(2))),
        (Some(some(1)), Some(some(5))),
        (Some(some(3) + 1), Some(some(4) - 1)),
        (Some(some(4)), None),
        (None, Some(some(6) + 1)),
    ];
    for (from, to) in limits {
        for (category, in_stock) in [(None, false), (None, true), (Some("home"), false), (Some("garden-2"), true)] {
            let (min_price, max_price) = (from.map(usd), to.map(usd));
            let query =
                ListQuery { min_price, max_price, in_stock, category: category.map(str::to_owned), ..ListQuery::all() };
            let listing = catalog::list(&test.db, &query).await.unwrap();
            let counted: (i64, i64) = sqlx::query_as(
                "SELECT count(*) FILTER (WHERE l.in_stock OR NOT $2), count(*) FILTER (WHERE l.in_stock)
                 FROM product_listings l JOIN categories c ON c.id = l.category_id
                 WHERE ($1::text IS NULL OR c.slug = $1 OR c.slug LIKE $1 || '-%') AND price_minor >= coalesce($3, 0) AND price_minor <= coalesce($4, price_minor)",
            )
            .bind(category)
            .bind(in_stock)
            .bind(from)
            .bind(to)
            .fetch_one(&test.owner)
            .await
            .unwrap();
            assert_eq!((listing.total.count, listing.facets.in_stock), counted, "{query:?}");
            assert_filters_say_what_they_find(&test, &query).await;
        }
    }
}

async fn all_ids(test: &TestDb, query: &ListQuery, hints: Hints<'_>) -> Vec<i64> {
    let mut ids = Vec::new();
    for page in 1..=100 {
        let query = ListQuery { page: Page::parse(&page.to_string()).unwrap(), ..query.clone() };
        let listing = catalog::list_with(&test.db, &query, hints).await.unwrap();
        if listing.items.is_empty() {
            assert_eq!(i64::try_from(ids.len()).unwrap(), listing.total.count);
            break;
        }
        ids.extend(listing.items.iter().map(|item| item.id.0));
    }
    ids
}

pub(super) async fn ids_by(owner: &PgPool, order: &str) -> Vec<i64> {
    let statement = format!("SELECT product_id FROM product_listings ORDER BY {order}");
    sqlx::query_scalar(sqlx::AssertSqlSafe(statement)).fetch_all(owner).await.unwrap()
}

#[tokio::test]
async fn pages_hold_each_product_once_in_every_order_with_anchors_or_without() {
    let test = TestDb::new().await;
    crowd(&test.owner, 650).await;
    sqlx::query("UPDATE product_listings SET popularity = product_id % 4").execute(&test.owner).await.unwrap();
    let tree = catalog::category_tree(&test.db).await.unwrap();
    for (sort, order) in [
        (Sort::Newest, "created_at DESC, product_id DESC"),
        (Sort::PriceUp, "price_minor, product_id"),
        (Sort::PriceDown, "price_minor DESC, product_id DESC"),
        (Sort::Popular, "popularity DESC, product_id DESC"),
    ] {
        let query = ListQuery { sort: Some(sort), per_page: PerPage::parse("90").unwrap(), ..ListQuery::all() };
        let expected = ids_by(&test.owner, order).await;
        let anchors = catalog::anchors(&test.db, &query, &tree).await.unwrap();
        assert_eq!(all_ids(&test, &query, Hints::default()).await, expected);
        let prices = catalog::prices(&test.db, &query, &tree).await.unwrap();
        let hints = Hints { tree: Some(&tree), anchors: Some(&anchors), prices: Some(&prices) };
        assert_eq!(all_ids(&test, &query, hints).await, expected, "{sort:?}");
        let one = catalog::list_with(&test.db, &query, hints).await.unwrap();
        assert_eq!(one, catalog::list(&test.db, &query).await.unwrap(), "what is kept changes nothing");
    }
    for search in ["oak", "chair made"] {
        for sort in [Sort::Relevance, Sort::Newest, Sort::PriceUp] {
            let query = ListQuery { sort: Some(sort), per_page: PerPage::parse("45").unwrap(), ..searching(search) };
            let ids = all_ids(&test, &query, Hints::default()).await;
            let different: std::collections::HashSet<_> = ids.iter().collect();
            assert!(different.len() == ids.len() && ids.len() > 100, "{search} {sort:?}");
        }
    }
}

#[tokio::test]
async fn what_matches_too_often_is_counted_up_to_a_cap_and_its_pages_end_there() {
    let test = TestDb::new().await;
    crowd(&test.owner, 2_300).await;
    let cheap = ListQuery { max_price: Some(usd(90_000)), ..ListQuery::all() };
    for query in [searching("made"), cheap] {
        let listing = catalog::list(&test.db, &query).await.unwrap();
        assert_eq!((listing.total.count, listing.total.is_capped, listing.items.len()), (2_000, true, 12), "{query:?}");
        let last =
            ListQuery { page: Page::parse("20").unwrap(), per_page: PerPage::parse("100").unwrap(), ..query.clone() };
        assert_eq!(catalog::list(&test.db, &last).await.unwrap().items.len(), 100);
        let beyond = ListQuery { page: Page::parse("21").unwrap(), ..last };
        assert_eq!(catalog::list(&test.db, &beyond).await.unwrap().items, []);
        // Narrowed, everything is found, also what lies behind the first few thousand.
        let rare = ListQuery { category: Some("garden-2".into()), in_stock: true, ..query.clone() };
        let narrowed = catalog::list(&test.db, &rare).await.unwrap();
        let expected = "SELECT count(*) FROM product_listings l JOIN categories c ON c.id = l.category_id WHERE c.slug = 'garden-2' AND in_stock";
        assert_eq!(narrowed.total.count, goods::count(&test.owner, expected).await);
        assert!(!narrowed.total.is_capped);
        let cheapest = ListQuery { sort: Some(Sort::PriceUp), ..query };
        let first = catalog::list(&test.db, &cheapest).await.unwrap().items[0].id.0;
        assert_eq!(first, ids_by(&test.owner, "price_minor, product_id").await[0]);
    }
    let listing = catalog::list(&test.db, &ListQuery::all()).await.unwrap();
    assert_eq!(
        (listing.total.count, listing.total.is_capped),
        (2_300, false),
        "what nothing narrows is counted exactly"
    );
}

#[tokio::test]
async fn in_the_demo_shop_every_filter_is_true() {
    let test = demo().await;
    let tree = catalog::category_tree(&test.db).await.unwrap();
    let slugs = tree.iter().map(|node: &CategoryNode| Some(node.slug.clone())).chain([None]);
    for category in slugs {
        assert_filters_say_what_they_find(&test, &ListQuery { category, ..ListQuery::all() }).await;
    }
}
