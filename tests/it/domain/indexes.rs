//! Each query of lists, searches and proposals goes through its index, on a table large enough that it matters. Seen by PostgreSQL's own
//! counters, so that it is the real statement that is held to it, with the plan it really gets.

use std::collections::BTreeMap;

use ecommerce::{
    domain::catalog::{self, Hints, ListQuery, Prices, Sort},
    infra::database::Db,
    types::{Currency, Money, Page, ProductId, SearchText},
};
use sqlx::{PgPool, postgres::PgPoolOptions};

use crate::support::TestDb;

const PRODUCTS: i32 = 20_000;

// Written past the triggers: what is tested here reads.
async fn fill(owner: &PgPool) {
    let mut connection = owner.acquire().await.unwrap();
    for statement in [
        "INSERT INTO categories (slug, name) SELECT 'c-' || n, 'Category ' || n FROM generate_series(1, 40) n",
        "ALTER TABLE products DISABLE TRIGGER USER",
        "INSERT INTO products (slug, name, category_id) SELECT 'p-' || n, 'P', 1 FROM generate_series(1, $1) n",
        "ALTER TABLE products ENABLE TRIGGER USER",
        "INSERT INTO product_variants (product_id, sku, is_default, currency, price_minor) SELECT id, 'S', true, 'USD', 5 FROM products LIMIT 1",
        "DELETE FROM product_listings",
        "INSERT INTO product_listings (product_id, category_id, slug, name, name_key, created_at, currency, variant_id, price_minor, compare_at_minor,
                                       lowest_minor, highest_minor, variant_count, in_stock, popularity, document)
         SELECT p.id, 1 + p.id % 40, p.slug, 'P', 'word' || p.id % 5000 || ' thing', now() - p.id * interval '1 minute', 'USD', 1,
                100 + p.id % 900 * 50, CASE WHEN p.id % 20 = 0 THEN 90000 END, 5, 5, 1, p.id % 10 > 0, p.id % 300,
                array_to_tsvector(ARRAY['rare' || p.id % 4000, 'often' || p.id % 8, 'made'])
         FROM products p",
        "INSERT INTO search_words SELECT 'word' || chr(97 + n % 26) || chr(97 + n / 26 % 26) || chr(97 + n / 676), 5 FROM generate_series(0, 9999) n",
        "INSERT INTO search_word_deletions SELECT DISTINCT overlay(word PLACING '' FROM n FOR 1), word FROM search_words, generate_series(1, 7) n",
        "INSERT INTO orders (number, status, currency, subtotal_minor, shipping_minor, tax_minor, total_minor, prices_include_tax, delivery_method,
                             payment_method, contact_email, shipping_address, placed_at)
         SELECT 'AAAA-AAAA-' || lpad(n::text, 4, '0'), 'delivered', 'USD', 0, 0, 0, 0, true, 's', 'c', 'a@example.com', '{}', now() - n * interval '1 day'
         FROM generate_series(1, 5000) n",
        "INSERT INTO order_lines (order_id, position, product_id, variant_id, product_name, variant_name, sku, unit_price_minor, tax_rate_bp, quantity,
                                  line_total_minor)
         SELECT o.id, 1, p.id, v.id, 'x', '', 'S', 0, 0, 1, 0 FROM orders o JOIN products p ON p.id = 1 + o.id * 7 % 500 CROSS JOIN product_variants v",
        "VACUUM ANALYZE product_listings, products, categories, search_words, search_word_deletions, orders, order_lines",
        // What it did is counted now, not while something else is watched.
        "SELECT pg_stat_force_next_flush()",
        "SELECT 1",
    ] {
        let query = sqlx::query(statement);
        let query = if statement.contains("$1") { query.bind(PRODUCTS) } else { query };
        query.execute(&mut *connection).await.unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
}

/// One connection, so that what it did is counted when it says so.
async fn single(test: &TestDb) -> Db {
    Db::new(PgPoolOptions::new().max_connections(1).connect(&test.url()).await.unwrap())
}

async fn counters(db: &Db, owner: &PgPool) -> BTreeMap<String, i64> {
    sqlx::query("SELECT pg_stat_force_next_flush()").execute(db.primary()).await.unwrap();
    sqlx::query("SELECT 1").execute(db.primary()).await.unwrap();
    let statement = "SELECT indexrelname::text, coalesce(idx_scan, 0) FROM pg_stat_user_indexes
                     UNION ALL SELECT relname::text, coalesce(seq_scan, 0) FROM pg_stat_user_tables";
    sqlx::query_as(statement).fetch_all(owner).await.unwrap().into_iter().collect()
}

// Runs it, and holds that it used one of these indexes and read none of the large tables from end to end.
async fn uses(db: &Db, owner: &PgPool, what: &str, indexes: &[&str], run: impl AsyncFnOnce()) {
    let before = counters(db, owner).await;
    run().await;
    let after = counters(db, owner).await;
    let rose: Vec<&str> =
        after.iter().filter(|(name, count)| before.get(*name) < Some(count)).map(|(name, _)| name.as_str()).collect();
    for table in ["product_listings", "search_words", "search_word_deletions", "orders", "order_lines", "products"] {
        assert!(!rose.contains(&table), "{what} reads all of {table}: {rose:?}");
    }
    assert!(indexes.iter().any(|index| rose.contains(index)), "{what} uses none of {indexes:?} but {rose:?}");
}

#[tokio::test]
async fn every_list_search_and_proposal_uses_its_index() {
    let test = TestDb::new().await;
    fill(&test.owner).await;
    let (db, owner) = (single(&test).await, &test.owner);
    let tree = catalog::category_tree(&db).await.unwrap();
    let none = Prices::default();
    let category = || Some("c-7".to_owned());
    // Neither ends where a cell of prices does.
    let (low, high) = (Some(Money::new(1_010, Currency::USD)), Some(Money::new(1_220, Currency::USD)));
    let search = |text: &str| ListQuery { search: SearchText::read(text), ..ListQuery::all() };
    let sorted = |sort| ListQuery { sort: Some(sort), ..ListQuery::all() };
    let newest = ["product_listings_newest_idx"];
    let by_category = ["product_listings_category_newest_idx"];
    let by_category_price = ["product_listings_category_price_idx"];
    let document = ["product_listings_document_idx"];
    for (what, query, indexes) in [
        ("the newest", ListQuery::all(), newest),
        ("what is there", ListQuery { in_stock: true, ..ListQuery::all() }, newest),
        ("a category", ListQuery { category: category(), ..ListQuery::all() }, by_category),
        ("the cheapest", sorted(Sort::PriceUp), ["product_listings_price_idx"]),
        ("the dearest", sorted(Sort::PriceDown), ["product_listings_price_idx"]),
        ("the popular", sorted(Sort::Popular), ["product_listings_popular_idx"]),
        ("the cheapest of a category", ListQuery { category: category(), ..sorted(Sort::PriceUp) }, by_category_price),
        ("prices", ListQuery { min_price: low, max_price: high, ..ListQuery::all() }, ["product_listings_price_idx"]),
        (
            "prices of a category",
            ListQuery { category: category(), min_price: low, ..ListQuery::all() },
            by_category_price,
        ),
        ("a rare word", search("rare77"), document),
        ("two words", search("rare77 often5"), document),
        ("a word of a category", ListQuery { category: category(), ..search("often6") }, document),
    ] {
        let hints = Hints { tree: Some(&tree), prices: Some(&none), anchors: None };
        uses(&db, owner, what, &indexes, async || {
            catalog::list_with(&db, &query, hints).await.unwrap();
        })
        .await;
    }

    let deep = ListQuery { page: Page::parse("1500").unwrap(), ..ListQuery::all() };
    let anchors = catalog::anchors(&db, &deep, &tree).await.unwrap();
    uses(&db, owner, "a deep page", &newest, async || {
        let hints = Hints { tree: Some(&tree), prices: Some(&none), anchors: Some(&anchors) };
        assert_eq!(catalog::list_with(&db, &deep, hints).await.unwrap().total.count, i64::from(PRODUCTS));
    })
    .await;
    uses(&db, owner, "a typing error", &["search_word_deletions_pkey"], async || {
        catalog::list_with(&db, &search("wordaba wrodabb"), Hints { tree: Some(&tree), ..Hints::default() })
            .await
            .unwrap();
    })
    .await;
    uses(&db, owner, "reduced products", &["product_listings_reduced_idx"], async || {
        catalog::reduced(&db, 8).await.unwrap();
    })
    .await;
    for (typed, index) in [("word77", "product_listings_name_idx"), ("thing word77", "product_listings_name_words_idx")]
    {
        uses(&db, owner, typed, &[index], async || {
            catalog::suggest(&db, typed, 8).await.unwrap();
        })
        .await;
    }
    uses(&db, owner, "bought together", &["order_lines_product_idx"], async || {
        catalog::related(&db, ProductId(8), 4).await.unwrap();
    })
    .await;
}

// How many entries and rows of the listings were read, in whatever way.
async fn listings_read(db: &Db, owner: &PgPool) -> i64 {
    sqlx::query("SELECT pg_stat_force_next_flush()").execute(db.primary()).await.unwrap();
    sqlx::query("SELECT 1").execute(db.primary()).await.unwrap();
    let statement =
        "SELECT (SELECT sum(idx_tup_read) FROM pg_stat_user_indexes WHERE relname = 'product_listings')::bigint
                            + (SELECT seq_tup_read FROM pg_stat_user_tables WHERE relname = 'product_listings')";
    sqlx::query_scalar(statement).fetch_one(owner).await.unwrap()
}

#[tokio::test]
async fn a_list_with_nothing_kept_reads_a_few_hundred_of_many_thousand_listings() {
    let test = TestDb::new().await;
    fill(&test.owner).await;
    let (db, owner) = (single(&test).await, &test.owner);
    for statement in [
        "UPDATE categories SET parent_id = 1 WHERE id BETWEEN 2 AND 20",
        // Nothing of whole cells at both ends is there, and half of the categories show no picture.
        "UPDATE product_listings SET in_stock = false WHERE price_minor < 1000 OR price_minor >= 35000",
        "UPDATE product_listings SET picture = 'a' WHERE category_id % 2 = 0 AND product_id > 10000",
        "VACUUM ANALYZE product_listings, categories, listing_counts",
    ] {
        sqlx::query(statement).execute(owner).await.unwrap();
    }
    let of = |category: &str| ListQuery { category: Some(category.to_owned()), ..ListQuery::all() };
    for query in [
        ListQuery::all(),
        ListQuery { in_stock: true, ..ListQuery::all() },
        ListQuery { sort: Some(Sort::PriceUp), ..ListQuery::all() },
        ListQuery { sort: Some(Sort::Popular), ..ListQuery::all() },
        of("c-7"),
        ListQuery { in_stock: true, ..of("c-7") },
        of("c-1"),
        ListQuery { in_stock: true, ..of("c-1") },
    ] {
        let before = listings_read(&db, owner).await;
        let listing = catalog::list(&db, &query).await.unwrap();
        assert!(
            listing.items.len() == 12 && listing.facets.prices.len() >= 3 && listing.facets.highest_price.is_some()
        );
        let read = listings_read(&db, owner).await - before;
        assert!((1..400).contains(&read), "{query:?} reads {read} of {PRODUCTS}");
    }
}

#[tokio::test]
async fn what_was_bought_lately_is_counted_from_the_latest_orders_alone() {
    let test = TestDb::new().await;
    fill(&test.owner).await;
    let db = single(&test).await;
    let before = counters(&db, &test.owner).await;
    catalog::count_popularity(&db).await.unwrap();
    let after = counters(&db, &test.owner).await;
    assert_eq!(before["orders"], after["orders"], "no order of earlier years is read");
    assert!(before["orders_placed_idx"] < after["orders_placed_idx"]);
}
