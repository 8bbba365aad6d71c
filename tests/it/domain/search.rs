//! Searches; proposals; words for typing errors; what is bought with what.

use ecommerce::{
    cli::{measure, seed},
    domain::catalog::{self, ListQuery, Listing, Sort, Suggestion},
    infra::passwords::PasswordHasher,
    types::{Currency, Money, ProductId, SearchText},
};
use proptest::{
    prelude::any,
    strategy::{Strategy, ValueTree},
};
use sqlx::PgPool;

use super::lists::{crowd, ids_by};
use crate::support::{TestDb, goods};

pub(super) fn usd(minor: i64) -> Money {
    Money::new(minor, Currency::USD)
}

pub(super) fn searching(text: &str) -> ListQuery {
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

pub(super) async fn demo() -> TestDb {
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
        ("steel pna", "steel pan", "Steel Pan"),
        ("apn", "pan", "Steel Pan"),
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
