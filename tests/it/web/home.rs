use ecommerce::types::{Currency, Money};

use super::{HOSTILE, is_clean};
use crate::support::{TestShop, catalogue};

#[tokio::test]
async fn an_empty_shop_has_a_home_page() {
    let shop = TestShop::new().await;
    let page = shop.browser().get("/").await;
    assert_eq!(page.status, 200);
    assert_eq!(page.body.matches("<h1").count(), 1);
    assert!(!page.body.contains("New in the shop"), "a row without products is not shown");
}

#[tokio::test]
async fn the_home_page_leads_to_categories_and_to_new_and_reduced_products() {
    let shop = TestShop::new().await;
    catalogue::category(&shop.database, "kitchen", "Kitchen", None).await;
    catalogue::category(&shop.database, "mugs", "Mugs", Some("kitchen")).await;
    catalogue::category(&shop.database, "empty", "Empty", None).await;
    for number in 1..=3 {
        let variants = vec![catalogue::variant(&format!("M{number}"), "", 1200, 10)];
        let mut draft = catalogue::draft(&format!("mug-{number}"), &format!("Mug {number}"), "mugs", variants);
        draft.variants[0].compare_at = (number == 1).then(|| Money::new(2000, Currency::USD));
        catalogue::put(&shop.database, draft).await;
    }
    let page = shop.browser().get("/").await;
    assert!(page.body.contains("/products?category=kitchen") && page.body.contains("3 products"));
    assert!(!page.body.contains(r#"class="tile" href="/products?category=empty""#), "an empty category is no tile");
    assert_eq!(page.body.matches(r#"class="hero-picture""#).count(), 1);
    assert!(page.between("Reduced while they last", "</section>").contains("Mug 1"));
    assert!(page.between("New in the shop", "</section>").contains("Mug 2"));
}

#[tokio::test]
async fn markup_in_names_is_shown_as_text() {
    let shop = TestShop::new().await;
    catalogue::category(&shop.database, "things", HOSTILE, None).await;
    for slug in ["one", "two"] {
        let variants = vec![catalogue::variant(slug, HOSTILE, 1200, 2)];
        catalogue::put(&shop.database, catalogue::draft(slug, HOSTILE, "things", variants)).await;
    }
    let page = shop.browser().get("/").await;
    assert_eq!(page.status, 200);
    assert!(is_clean(&page.body), "{}", page.body);
}

#[tokio::test]
async fn one_kind_does_not_fill_a_row_and_only_the_topmost_categories_are_tiles() {
    let shop = TestShop::new().await;
    catalogue::category(&shop.database, "kitchen", "Kitchen", None).await;
    for slug in ["mugs", "pans", "knives"] {
        catalogue::category(&shop.database, slug, slug, Some("kitchen")).await;
    }
    for number in 1..=30 {
        let kind = ["pans", "knives"].get(number - 1).copied().unwrap_or("mugs");
        let variants = vec![catalogue::variant(&format!("K{number}"), "", 1200, 10)];
        let draft = catalogue::draft(&format!("thing-{number}"), &format!("Thing {number}."), kind, variants);
        catalogue::put(&shop.database, draft).await;
    }
    let page = shop.browser().get("/").await;
    assert_eq!(page.body.matches("class=\"tile\"").count(), 1);
    let newest = page.between("New in the shop", "</section>");
    assert_eq!(newest.matches("class=\"product-card\"").count(), 8);
    assert!(newest.contains("Thing 1.") && newest.contains("Thing 2."), "older ones of another kind");
    let popular = page.between("Bought often", "</section>");
    for number in 1..=30 {
        let name = format!("Thing {number}.<");
        assert!(!(newest.contains(&name) && popular.contains(&name)), "{name} once");
    }
    assert!(page.body.contains("href=\"/contact\""));
}
