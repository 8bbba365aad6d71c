use ecommerce::domain::catalog::Detail;

use super::{HOSTILE, is_clean, mug_shop, variant_id};
use crate::support::{TestShop, catalogue};

async fn pot_shop() -> TestShop {
    let shop = TestShop::new().await;
    catalogue::category(&shop.database, "kitchen", "Kitchen", None).await;
    let variants = vec![
        catalogue::variant("POT-R", "Red", 12_900, 20),
        catalogue::variant("POT-B", "Blue", 13_900, 2),
        catalogue::variant("POT-G", "Green", 12_900, 0),
    ];
    catalogue::put(&shop.database, catalogue::draft("pot", "Dutch oven", "kitchen", variants)).await;
    let other = vec![catalogue::variant("PAN", "", 2900, 5)];
    catalogue::put(&shop.database, catalogue::draft("pan", "Pan", "kitchen", other)).await;
    shop
}

#[tokio::test]
async fn a_product_page_shows_what_there_is_to_know() {
    let shop = pot_shop().await;
    let page = shop.browser().get("/products/pot").await;
    assert_eq!(page.status, 200);
    for text in [
        "Dutch oven · Fernhill</title>",
        "$129.00",
        "Including tax",
        "In stock",
        "Made by hand.",
        "Sent with care.",
        "Stoneware",
    ] {
        assert!(page.body.contains(text), "{text}");
    }
    assert!(page.body.contains(r#"content="Made by hand. Sent with care.""#));
    assert!(page.between("More from", "</section>").contains("Pan"));
    assert!(page.between("breadcrumbs", "</nav>").contains(r#"href="/products?category=kitchen""#));
    assert_eq!(page.body.matches("<h1").count(), 1);
}

#[tokio::test]
async fn choosing_a_variant_changes_price_and_stock() {
    let shop = pot_shop().await;
    let blue = variant_id(&shop.database.owner, "POT-B").await;
    let page = shop.browser().get(&format!("/products/pot?variant={blue}")).await;
    let form = page.between(r#"id="buy""#, "</form>");
    assert!(form.contains(&format!(r#"name="variant_id" value="{blue}""#)) && form.contains("Only 2 left"));
    assert!(form.contains(r#"max="2""#));
    assert!(page.between(r#"class="product-price""#, "</p>").contains("$139.00"));
}

#[tokio::test]
async fn a_sold_out_product_says_so_and_cannot_be_added() {
    let shop = pot_shop().await;
    let green = variant_id(&shop.database.owner, "POT-G").await;
    let mut browser = shop.browser();
    let page = browser.get(&format!("/products/pot?variant={green}")).await;
    let form = page.between(r#"id="buy""#, "</form>");
    assert!(form.contains("Sold out") && form.contains("disabled aria-describedby=\"stock-reason\""));
    assert!(form.contains("Another one is still in stock"));
    let id = green.to_string();
    let refused = browser.post("/cart/items", &[("product", "pot"), ("variant_id", &id), ("quantity", "1")]).await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("Sold out"));
    assert!(browser.get("/cart").await.body.contains("Your cart is empty"));
}

#[tokio::test]
async fn without_a_choice_the_first_in_stock_is_offered() {
    let shop = TestShop::new().await;
    catalogue::category(&shop.database, "kitchen", "Kitchen", None).await;
    let variants = vec![catalogue::variant("A", "Red", 100, 0), catalogue::variant("B", "Blue", 100, 4)];
    catalogue::put(&shop.database, catalogue::draft("pot", "Pot", "kitchen", variants)).await;
    let blue = variant_id(&shop.database.owner, "B").await;
    let page = shop.browser().get("/products/pot").await;
    assert!(page.body.contains(&format!(r#"name="variant_id" value="{blue}""#)));
}

#[tokio::test]
async fn an_unknown_product_or_a_variant_of_another_is_a_404_page() {
    let shop = pot_shop().await;
    let pan = variant_id(&shop.database.owner, "PAN").await;
    let foreign = format!("/products/pot?variant={pan}");
    let long = format!("/products/{}", "x".repeat(5_000));
    let paths =
        ["/products/nope", "/products/POT", "/products/a%00b", "/products/%3Cscript%3E", "/products/pot?variant=0"];
    let more = [
        "/products/pot?variant=-1",
        "/products/pot?variant=",
        "/products/pot?variant=red",
        "/products/pot?variant=1.5",
    ];
    for path in paths.into_iter().chain(more).chain([
        foreign.as_str(),
        long.as_str(),
        "/products/pot?variant=99999999999999999999",
    ]) {
        let page = shop.browser().get(path).await;
        assert_eq!(page.status, 404, "{path}");
        assert!(page.body.contains("<h1"), "{path}");
    }
}

#[tokio::test]
async fn an_archived_product_is_not_there() {
    let (shop, _) = mug_shop().await;
    sqlx::query("UPDATE products SET archived_at = now()").execute(&shop.database.owner).await.unwrap();
    assert_eq!(shop.browser().get("/products/enamel-mug").await.status, 404);
}

#[tokio::test]
async fn the_fragment_is_part_of_the_page() {
    let shop = pot_shop().await;
    let blue = variant_id(&shop.database.owner, "POT-B").await;
    let path = format!("/products/pot?variant={blue}");
    let page = shop.browser().get(&path).await;
    let fragment = shop.browser().get_fragment(&path).await;
    assert!(fragment.body.starts_with(r#"<div id="product">"#), "{}", fragment.body);
    assert!(page.body.contains(fragment.body.trim()));
    assert!(fragment.header("vary").contains("HX-Request") && page.header("vary").contains("HX-Request"));
}

#[tokio::test]
async fn a_boosted_visit_and_a_way_back_get_the_whole_page() {
    let shop = pot_shop().await;
    for header in ["hx-boosted", "hx-history-restore-request"] {
        let mut browser = shop.browser();
        browser.set_header(header, "true");
        assert!(browser.get_fragment("/products/pot").await.body.contains("<!doctype html>"), "{header}");
    }
}

#[tokio::test]
async fn markup_in_every_text_is_shown_as_text() {
    let shop = TestShop::new().await;
    catalogue::category(&shop.database, "things", HOSTILE, None).await;
    let variants =
        vec![catalogue::variant("A", HOSTILE, 100, 1), catalogue::variant("B", &format!("{HOSTILE}2"), 200, 0)];
    let mut draft = catalogue::draft("thing", HOSTILE, "things", variants);
    draft.description = HOSTILE.repeat(3);
    draft.details = vec![Detail { name: HOSTILE.into(), value: HOSTILE.into() }];
    draft.pictures[0].alt = HOSTILE.into();
    catalogue::put(&shop.database, draft).await;
    let page = shop.browser().get("/products/thing").await;
    assert_eq!(page.status, 200);
    assert!(is_clean(&page.body), "{}", page.body);
}
