//! Lists with searches, filters and what these show; proposals; words for typing errors; what is bought with what.

use ecommerce::{
    cli::{measure, seed},
    domain::catalog::{self, CategoryNode, Hints, ListQuery, Listing, Sort, Suggestion},
    infra::passwords::PasswordHasher,
    types::{Currency, Money, Page, PerPage, ProductId, SearchText},
};
use proptest::{
    prelude::any,
    strategy::{Strategy, ValueTree},
};
use sqlx::PgPool;

use crate::support::{TestDb, goods};

fn usd(minor: i64) -> Money {
    Money::new(minor, Currency::USD)
}

fn searching(text: &str) -> ListQuery {
    ListQuery { search: SearchText::read(text), ..ListQuery::all() }
}

fn names(listing: &Listing) -> Vec<&str> {
    listing.items.iter().map(|item| item.name.as_str()).collect()
}

async fn found(test: &TestDb, text: &str) -> Vec<String> {
    let listing = catalog::list(&test.db, &searching(text)).await.unwrap();
    assert_eq!(listing.corrected, None, "{text}");
    names(&listing).into_iter().map(str::to_owned).collect()
}

async fn shop(products: &[&str]) -> TestDb {
    let test = TestDb::new().await;
    for name in products {
        goods::variant(&test.owner, name, 1_000, 3).await;
    }
    catalog::rebuild_words(&test.db).await.unwrap();
    test
}

async fn demo() -> TestDb {
    let test = TestDb::new().await;
    seed::store(&test, &PasswordHasher::new(2).unwrap(), Currency::USD, None).await.unwrap();
    catalog::rebuild_words(&test.db).await.unwrap();
    test
}

#[tokio::test]
async fn words_are_found_in_any_form() {
    let test = shop(&[
        "Organic T-Shirt",
        "Café Table",
        "Stainless-Steel Bottle",
        "Carving Knife",
        "Oak Shelf",
        "Wool Scarf",
        "Bread Loaf Pan",
        "Grey Blanket 150 x 200",
        "Women's Gloves",
    ])
    .await;
    for (typed, name) in [
        ("tshirt", "Organic T-Shirt"),
        ("T-Shirts", "Organic T-Shirt"),
        ("t shirt", "Organic T-Shirt"),
        ("cafe", "Café Table"),
        ("CAFÉ tables", "Café Table"),
        ("stainless steel", "Stainless-Steel Bottle"),
        ("stainless-steel bottles", "Stainless-Steel Bottle"),
        ("stainlesssteel", "Stainless-Steel Bottle"),
        ("knives", "Carving Knife"),
        ("shelves", "Oak Shelf"),
        ("scarves", "Wool Scarf"),
        ("loaves", "Bread Loaf Pan"),
        ("gray blankets", "Grey Blanket 150 x 200"),
        ("blanket 150", "Grey Blanket 150 x 200"),
        ("woman glove", "Women's Gloves"),
        ("women\u{2019}s gloves", "Women's Gloves"),
        ("SKU-1", "Organic T-Shirt"),
        ("the table for a café", "Café Table"),
    ] {
        assert_eq!(found(&test, typed).await, [name], "{typed}");
    }
    assert_eq!(found(&test, "oak blanket").await, Vec::<String>::new(), "every word must match");
}

#[tokio::test]
async fn nothing_that_is_typed_breaks_a_search() {
    let test = shop(&["Oak Shelf", "Foo Bar"]).await;
    for (typed, count) in [
        ("' OR 2=2 --", 1),
        ("%", 0),
        ("_", 0),
        ("\"", 0),
        (":*", 0),
        ("foo & | ! (", 1),
        ("foo:* <-> bar", 1),
        ("😀", 0),
        ("\u{202e}oak\u{200f} shelf", 1),
        ("the", 0),
        ("----", 0),
        ("-oak-", 1),
        ("oak\0shelf", 1),
        ("'; DROP TABLE products; --", 0),
        ("\\", 0),
        ("шкаф 日本", 0),
    ] {
        let listing = catalog::list(&test.db, &searching(typed)).await.unwrap();
        assert_eq!((listing.items.len(), listing.total.count), (count, i64::try_from(count).unwrap()), "{typed:?}");
        catalog::suggest(&test.db, typed, 5).await.unwrap();
    }
    for long in ["x".repeat(2_000), "ab ".repeat(700), "-a".repeat(900), "oak' ".repeat(300)] {
        catalog::list(&test.db, &searching(&long)).await.unwrap();
        catalog::suggest(&test.db, &long, 5).await.unwrap();
    }
}

#[tokio::test]
async fn any_letters_are_answered() {
    let test = shop(&["Oak Shelf", "Stainless-Steel Mug"]).await;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    for _ in 0..60 {
        let text: String = any::<String>().new_tree(&mut runner).unwrap().current();
        let marks: String = "[a-c&|!():*<>'\"\\\\%_ .-]{0,20}".new_tree(&mut runner).unwrap().current();
        for typed in [text, marks] {
            catalog::list(&test.db, &searching(&typed)).await.unwrap_or_else(|error| panic!("{typed:?}: {error}"));
            catalog::suggest(&test.db, &typed, 3).await.unwrap_or_else(|error| panic!("{typed:?}: {error}"));
        }
    }
}

#[tokio::test]
async fn a_name_comes_before_a_description() {
    let test = shop(&["Lamp", "Enamel Mug", "Rug"]).await;
    sqlx::query("UPDATE products SET description = 'Stands well beside an enamel mug.' WHERE name <> 'Enamel Mug'")
        .execute(&test.owner)
        .await
        .unwrap();
    assert_eq!(found(&test, "enamel mug").await[0], "Enamel Mug");
    assert_eq!(found(&test, "enamel mug").await.len(), 3);
}

#[tokio::test]
async fn a_typing_error_is_mended_and_said() {
    let test = shop(&["Walnut Board", "Walnut Bowl", "Bookshelf", "Steel Pan", "T-Shirt", "Desk Lamp"]).await;
    for (typed, words, first) in [
        ("walnut baord", "walnut board", "Walnut Board"),
        ("walnut bord", "walnut board", "Walnut Board"),
        ("walnutt bowl", "walnut bowl", "Walnut Bowl"),
        ("wallnut bowll", "walnut bowl", "Walnut Bowl"),
        ("tshrit", "tshirt", "T-Shirt"),
        ("bookshelv", "bookshelf", "Bookshelf"),
        ("book shelf", "bookshelf", "Bookshelf"),
        ("desklamp", "desk lamp", "Desk Lamp"),
    ] {
        let listing = catalog::list(&test.db, &searching(typed)).await.unwrap();
        assert_eq!(
            (names(&listing).first().copied(), listing.corrected.as_deref()),
            (Some(first), Some(words)),
            "{typed}"
        );
    }
    // Right words, however few they find, numbers and short words stay as they are.
    for typed in ["walnut", "bowl", "pan", "pxn", "bowl2", "zzzzzz"] {
        assert_eq!(catalog::list(&test.db, &searching(typed)).await.unwrap().corrected, None, "{typed}");
    }
    // A filter that leaves nothing is no typing error.
    let dear = ListQuery { min_price: Some(usd(90_000)), ..searching("walnut bowl") };
    let listing = catalog::list(&test.db, &dear).await.unwrap();
    assert_eq!((listing.total.count, listing.corrected), (0, None));
}

// Two departments with two categories each, and products of all prices, some sold out, half of them with "oak" in their names.
async fn crowd(owner: &PgPool, count: i32) {
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

async fn ids_by(owner: &PgPool, order: &str) -> Vec<i64> {
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
async fn while_typing_names_are_proposed_and_an_error_is_forgiven() {
    let test = shop(&["Stainless-Steel Kettle", "Kettle Cosy", "Serving Board", "T-Shirt", "Café Table"]).await;
    sqlx::query("INSERT INTO categories (slug, name) VALUES ('kettles', 'Pots & Kettles')")
        .execute(&test.owner)
        .await
        .unwrap();
    let proposed = async |text: &str| -> Vec<String> {
        let suggestions = catalog::suggest(&test.db, text, 4).await.unwrap();
        suggestions
            .into_iter()
            .map(|suggestion| match suggestion {
                Suggestion::Product { name, .. } | Suggestion::Category { name, .. } => name,
            })
            .collect()
    };
    for (typed, names) in [
        ("kett", vec!["Pots & Kettles", "Kettle Cosy", "Stainless-Steel Kettle"]),
        ("stainless-s", vec!["Stainless-Steel Kettle"]),
        ("stainless st", vec!["Stainless-Steel Kettle"]),
        ("kettle st", vec!["Stainless-Steel Kettle"]),
        ("servin", vec!["Serving Board"]),
        ("t-sh", vec!["T-Shirt"]),
        ("cafe", vec!["Café Table"]),
        ("ketle", vec!["Pots & Kettles", "Kettle Cosy", "Stainless-Steel Kettle"]),
        ("stianl", vec!["Stainless-Steel Kettle"]),
        ("qqqqq", vec![]),
        ("", vec![]),
        (" % ", vec![]),
    ] {
        assert_eq!(proposed(typed).await, names, "{typed}");
    }
    assert_eq!(catalog::suggest(&test.db, "kett", 1).await.unwrap().len(), 2, "one product, one category");
}

#[tokio::test]
async fn words_follow_the_catalogue() {
    let test = shop(&["Walnut Board", "Oak Board"]).await;
    let words = async || -> Vec<(String, i32)> {
        sqlx::query_as("SELECT word, documents FROM search_words WHERE word <> 'things' ORDER BY word")
            .fetch_all(&test.owner)
            .await
            .unwrap()
    };
    let words_of =
        |list: &[(&str, i32)]| list.iter().map(|(word, count)| ((*word).to_owned(), *count)).collect::<Vec<_>>();
    assert_eq!(words().await, words_of(&[("board", 2), ("oak", 1), ("walnut", 1)]));
    assert_eq!(catalog::rebuild_words(&test.db).await.unwrap(), 0, "nothing changed, nothing is written");
    sqlx::query("UPDATE products SET name = 'Oak Tray', details = '[{\"name\": \"Finish\", \"value\": \"Oiled, 2 kg\"}]' WHERE name = 'Oak Board'")
        .execute(&test.owner)
        .await
        .unwrap();
    catalog::rebuild_words(&test.db).await.unwrap();
    assert_eq!(words().await, words_of(&[("board", 1), ("oak", 1), ("oiled", 1), ("tray", 1), ("walnut", 1)]));
    let forms = "SELECT count(*) FROM search_word_deletions WHERE word = 'board' AND deletion IN ('oard', 'bard', 'bord', 'boad', 'boar')";
    assert_eq!(goods::count(&test.owner, forms).await, 5);
    let orphans = "SELECT count(*) FROM search_word_deletions d WHERE NOT EXISTS (SELECT FROM search_words w WHERE w.word = d.word)";
    assert_eq!(goods::count(&test.owner, orphans).await, 0);
}

#[tokio::test]
async fn two_rebuilds_at_once_make_one_set_of_words() {
    let test = TestDb::new().await;
    crowd(&test.owner, 50).await;
    let (one, other) = tokio::join!(catalog::rebuild_words(&test.db), catalog::rebuild_words(&test.db));
    assert_eq!(one.unwrap().min(other.unwrap()), 0);
}

// An order of these products' default variants, this many days old.
async fn order(owner: &PgPool, products: &[i64], days: i32, status: &str) {
    let statement = "WITH o AS (
            INSERT INTO orders (number, status, currency, subtotal_minor, shipping_minor, tax_minor, total_minor, prices_include_tax, delivery_method,
                                payment_method, contact_email, shipping_address, placed_at, cancelled_at)
            SELECT upper(substr(md5(random()::text), 1, 4) || '-' || substr(md5(random()::text), 1, 4) || '-' || substr(md5(random()::text), 1, 4)),
                   $3, 'USD', 0, 0, 0, 0, true, 'standard', 'cash', 'a@example.com', '{}', now() - make_interval(days => $2),
                   CASE WHEN $3 = 'cancelled' THEN now() END
            RETURNING id)
        INSERT INTO order_lines (order_id, position, product_id, variant_id, product_name, variant_name, sku, unit_price_minor, tax_rate_bp, quantity,
                                 line_total_minor)
        SELECT o.id, 1, v.product_id, v.id, 'x', '', v.sku, 0, 0, 2, 0 FROM o, product_variants v WHERE v.product_id = ANY($1)";
    sqlx::query(statement).bind(products).bind(days).bind(status).execute(owner).await.unwrap();
}

#[tokio::test]
async fn what_is_bought_together_comes_before_what_stands_beside() {
    let test = shop(&["Mug", "Tray", "Spoon", "Bowl", "Lamp"]).await;
    let ids = ids_by(&test.owner, "product_id").await;
    let [mug, tray, spoon, bowl, lamp] = ids[..] else { panic!("five products") };
    sqlx::query("UPDATE stock_levels SET reserved = on_hand WHERE variant_id = (SELECT id FROM product_variants WHERE product_id = $1)")
        .bind(lamp)
        .execute(&test.owner)
        .await
        .unwrap();
    for products in [vec![mug, spoon], vec![mug, spoon, tray], vec![bowl, lamp]] {
        order(&test.owner, &products, 1, "processing").await;
    }
    let related = async |limit| -> Vec<i64> {
        catalog::related(&test.db, ProductId(mug), limit).await.unwrap().iter().map(|product| product.id.0).collect()
    };
    assert_eq!(related(4).await, [spoon, tray, bowl, lamp]);
    assert_eq!(related(1).await, [spoon]);
    assert_eq!(related(0).await, Vec::<i64>::new());
}

#[tokio::test]
async fn popular_is_what_was_bought_lately() {
    let test = shop(&["Mug", "Tray", "Spoon"]).await;
    let ids = ids_by(&test.owner, "product_id").await;
    order(&test.owner, &ids[1..2], 5, "delivered").await;
    order(&test.owner, &ids[1..3], 80, "processing").await;
    order(&test.owner, &ids[..1], 5, "cancelled").await;
    order(&test.owner, &ids[..1], 100, "delivered").await;
    assert_eq!(catalog::count_popularity(&test.db).await.unwrap(), 2);
    assert_eq!(catalog::count_popularity(&test.db).await.unwrap(), 0, "only what changed is written");
    let listing = catalog::list(&test.db, &ListQuery { sort: Some(Sort::Popular), ..ListQuery::all() }).await.unwrap();
    assert_eq!(names(&listing), ["Tray", "Spoon", "Mug"]);
    let counted: Vec<i32> = sqlx::query_scalar("SELECT popularity FROM product_listings ORDER BY product_id")
        .fetch_all(&test.owner)
        .await
        .unwrap();
    assert_eq!(counted, [0, 4, 2]);
}

#[tokio::test]
async fn one_typing_error_still_finds_what_was_meant_in_the_demo_shop() {
    let test = demo().await;
    let options = measure::search::Options { count: 200, seed: 1, at_least: 95, misses: false };
    let report = measure::search::measure(&test.db, options).await.unwrap();
    assert_eq!(report.mistyped.asked, 200);
    assert!(report.mistyped.permille() >= 950, "{report}\n{:#?}", report.mistyped.missed);
    assert!(report.as_written.permille() >= 990, "{report}\n{:#?}", report.as_written.missed);
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
