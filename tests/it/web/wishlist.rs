//! Hearts, the wishlist, its link, and what is saved for later: with and without JavaScript.

use axum::http::StatusCode;
use ecommerce::types::{ProductId, VariantId};
use sqlx::PgPool;

use super::{
    HOSTILE, is_clean, mug_shop,
    walk::{filled, register},
};
use crate::support::{Answer, Browser, TestShop, catalogue, goods};

async fn product_id(owner: &PgPool, variant: VariantId) -> ProductId {
    let statement = "SELECT product_id FROM product_variants WHERE id = $1";
    ProductId(sqlx::query_scalar(statement).bind(variant).fetch_one(owner).await.unwrap())
}

// A shop with one mug, and the product's id as text.
async fn shop() -> (TestShop, VariantId, String) {
    let (shop, mug) = mug_shop().await;
    let id = product_id(&shop.database.owner, mug).await.to_string();
    (shop, mug, id)
}

async fn wish(browser: &mut Browser, product: &str) -> Answer {
    browser.post("/wishlist/items", &[("product_id", product), ("next", "/products")]).await
}

fn item(page: &Answer) -> String {
    format!("/wishlist/items/{}", page.between(r#"<li class="product-card" id="wish-"#, "\""))
}

fn badge(page: &Answer) -> &str {
    page.between(r#"id="wish-count""#, "<span")
}

const ADD: &str = r#"aria-pressed="false" aria-label="Add Enamel mug to your wishlist""#;
const REMOVE: &str = r#"aria-pressed="true" aria-label="Remove Enamel mug from your wishlist""#;

#[tokio::test]
async fn a_heart_is_filled_and_emptied_without_javascript() {
    let (shop, _, mug) = shop().await;
    let mut browser = shop.browser();
    for path in ["/", "/products", "/products/enamel-mug"] {
        let page = browser.get(path).await;
        // The newest thing is the picture beside the promise on the home page, where it has no card.
        assert!(page.body.contains(ADD) || !page.body.contains("product-card-name"), "{path}");
        assert!(badge(&page).contains(">0"), "{path}");
    }
    assert_eq!(browser.cookie("visitor"), None);
    let answer = wish(&mut browser, &mug).await;
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/products"));
    let page = browser.get("/products").await;
    assert!(page.body.contains(REMOVE) && page.body.contains("Added Enamel mug to your wishlist."));
    assert!(badge(&page).contains(">1"));
    assert!(browser.get("/products/enamel-mug").await.body.contains(REMOVE));
    let off = format!("/wishlist/products/{mug}/removal");
    let page = browser.post_and_follow(&off, &[("next", "/products/enamel-mug")]).await;
    assert!(page.body.contains(ADD) && page.body.contains("Removed Enamel mug from your wishlist."));
}

#[tokio::test]
async fn with_htmx_the_heart_alone_is_swapped_and_the_number_follows() {
    let (shop, _, mug) = shop().await;
    let mut browser = shop.browser();
    // Pressed twice in two tabs: wanted, and there.
    for _ in 0..2 {
        let answer =
            browser.post_fragment("/wishlist/items", &[("product_id", &mug), ("next", "/products?page=1")]).await;
        assert_eq!(answer.status, 200);
        assert!(answer.body.starts_with(r#"<form class="heart""#) && answer.body.contains(REMOVE), "{}", answer.body);
        assert!(answer.body.contains(r#"data-say="Added Enamel mug to your wishlist.""#));
        assert!(answer.body.contains(r#"name="next" value="/products?page=1""#) && answer.body.contains(" autofocus>"));
        assert!(badge(&answer).contains(r#"hx-swap-oob="true">1"#), "{}", answer.body);
    }
    for _ in 0..2 {
        let answer = browser.post_fragment(&format!("/wishlist/products/{mug}/removal"), &[("next", "/")]).await;
        assert!(answer.body.contains(ADD) && badge(&answer).contains(">0"), "{}", answer.body);
    }
}

#[tokio::test]
async fn nobody_is_led_to_another_site_and_what_is_not_sold_makes_no_visitor() {
    let (shop, _, mug) = shop().await;
    let mut browser = shop.browser();
    for unknown in ["", "0", "-1", "x", "999999", "99999999999999999999"] {
        assert_eq!(wish(&mut browser, unknown).await.status, 404, "{unknown}");
        assert_eq!(browser.post(&format!("/wishlist/products/{unknown}/removal"), &[]).await.status, 404, "{unknown}");
    }
    assert_eq!(browser.cookie("visitor"), None);
    for evil in ["https://evil.example/", "//evil.example", "/\\evil.example", ""] {
        let answer = browser.post("/wishlist/items", &[("product_id", &mug), ("next", evil)]).await;
        assert_eq!(answer.location(), "/wishlist", "{evil}");
    }
}

#[tokio::test]
async fn hearts_of_two_people_never_cross_through_what_is_kept() {
    let (shop, _, mug) = shop().await;
    let second = goods::variant(&shop.database.owner, "Bread knife", 900, 3).await;
    let knife = product_id(&shop.database.owner, second).await.to_string();
    shop.listen().await;
    let (mut ada, mut visitor, mut nobody) = (shop.browser(), shop.browser(), shop.browser());
    register(&mut ada, "ada.l").await;
    for path in ["/products", "/products/enamel-mug"] {
        nobody.get(path).await;
    }
    wish(&mut ada, &mug).await;
    wish(&mut visitor, &knife).await;
    for browser in [&mut ada, &mut visitor] {
        browser.get("/cart").await;
    }
    for _ in 0..2 {
        for path in ["/products", "/products/enamel-mug"] {
            let (hers, theirs, everyones) = (ada.get(path).await, visitor.get(path).await, nobody.get(path).await);
            assert!(hers.body.contains(REMOVE) && !hers.body.contains("Remove Bread knife"), "{path}");
            assert!(!theirs.body.contains(REMOVE) && theirs.body.contains("Remove Bread knife"), "{path}");
            assert!(!everyones.body.contains(r#"aria-pressed="true""#) && badge(&everyones).contains(">0"), "{path}");
            assert_eq!(everyones.header("cache-control"), "private, no-cache");
            assert_eq!(hers.header("cache-control"), "private, no-store");
        }
    }
}

#[tokio::test]
async fn the_list_shows_removes_and_brings_back() {
    let (shop, _, mug) = shop().await;
    let mut browser = shop.browser();
    assert!(browser.get("/wishlist").await.body.contains("Nothing on your wishlist yet"));
    assert_eq!(browser.cookie("visitor"), None);
    wish(&mut browser, &mug).await;
    let page = browser.get("/wishlist").await;
    for said in ["Enamel mug", "$12.00", "In stock", "Add to cart", "noindex", "Create a link"] {
        assert!(page.body.contains(said), "{said}");
    }
    let path = format!("{}/removal", item(&page));
    let fragment = browser.post_fragment(&path, &[]).await;
    assert!(fragment.body.starts_with(r#"<div id="wishlist">"#), "{}", fragment.body);
    assert!(fragment.body.contains("Removed Enamel mug from your wishlist.") && fragment.body.contains("Undo"));
    assert!(badge(&fragment).contains(r#"hx-swap-oob="true">0"#));
    assert_eq!(browser.post(&path, &[]).await.location(), "/wishlist", "twice is no error");
    let back = browser.post_and_follow("/wishlist/items", &[("product_id", &mug), ("next", "/wishlist")]).await;
    assert!(back.body.contains("Your wishlist</h1>") && back.body.contains("Enamel mug"));
}

#[tokio::test]
async fn a_wish_moves_to_the_cart_and_undo_takes_it_back() {
    let (shop, _, mug) = shop().await;
    let mut browser = shop.browser();
    wish(&mut browser, &mug).await;
    let path = format!("{}/cart", item(&browser.get("/wishlist").await));
    let fragment = browser.post_fragment(&path, &[]).await;
    assert_eq!(fragment.status, 200);
    assert!(
        fragment.body.contains("Moved Enamel mug to your cart.") && fragment.body.contains("Nothing on your wishlist")
    );
    assert!(fragment.between(r#"id="cart-count""#, "</span>").contains(">1<"));
    let undo = fragment.between(r#"<form method="post" action=""#, "\"").to_owned();
    assert!(undo.starts_with("/cart/items/") && undo.ends_with("/wishlist"), "{undo}");
    let page = browser.post_and_follow(&undo, &[("pieces", "1"), ("next", "/wishlist")]).await;
    assert!(page.body.contains("Moved Enamel mug to your wishlist.") && badge(&page).contains(">1"));
    assert!(browser.get("/cart").await.body.contains("Your cart is empty"));
    assert_eq!(browser.post(&path, &[]).await.status, 404, "that wish is gone; it is a new one");
}

#[tokio::test]
async fn a_product_with_choices_leads_to_its_page() {
    let shop = TestShop::new().await;
    let db = &shop.database.db;
    catalogue::category(db, "kitchen", "Kitchen", None).await;
    let variants = vec![catalogue::variant("B", "Blue", 900, 3), catalogue::variant("R", "Red", 900, 0)];
    let id = catalogue::put(db, catalogue::draft("bowl", HOSTILE, "kitchen", variants)).await.to_string();
    let mut browser = shop.browser();
    wish(&mut browser, &id).await;
    for path in ["/wishlist", "/products", "/products/bowl"] {
        assert!(is_clean(&browser.get(path).await.body), "{path}");
    }
    let page = browser.get("/wishlist").await;
    assert!(page.body.contains(r#"href="/products/bowl">Choose"#) && !page.body.contains("Add to cart"));
    let path = format!("{}/cart", item(&page));
    assert_eq!(browser.post(&path, &[]).await.location(), "/products/bowl");
    assert_eq!(browser.post_fragment(&path, &[]).await.status, 422);
}

#[tokio::test]
async fn anothers_wishes_and_lines_do_not_move() {
    let (shop, mug_variant, mug) = shop().await;
    let (mut ada, mut eve) = (shop.browser(), shop.browser());
    wish(&mut ada, &mug).await;
    let fields = [("variant_id", &*mug_variant.to_string()), ("quantity", "2")];
    ada.post("/cart/items", &fields).await;
    eve.post("/cart/items", &fields).await;
    let line = format!("/cart/items/{}", ada.get("/cart").await.between(r#"id="line-"#, "\""));
    let wished = item(&ada.get("/wishlist").await);
    for mut stranger in [eve.clone(), shop.browser()] {
        stranger.post(&format!("{wished}/removal"), &[]).await;
        assert_eq!(stranger.post(&format!("{wished}/cart"), &[]).await.status, 404);
        assert_eq!(stranger.post(&format!("{line}/later"), &[]).await.status, 303);
        assert_eq!(stranger.post(&format!("{line}/wishlist"), &[]).await.status, 303);
        stranger.post("/wishlist/sharing/removal", &[]).await;
    }
    ada.post(&format!("{line}/later"), &[]).await;
    let saved = format!("/cart/saved/{}", ada.get("/cart").await.between(r#"id="saved-"#, "\""));
    for mut stranger in [eve.clone(), shop.browser()] {
        assert_eq!(stranger.post(&format!("{saved}/cart"), &[]).await.status, 404);
        assert_eq!(stranger.post(&format!("{saved}/removal"), &[]).await.location(), "/cart");
    }
    assert!(ada.get("/cart").await.body.contains("Saved for later"));
    assert!(ada.get("/wishlist").await.body.contains("Enamel mug"));
    assert!(!eve.get("/cart").await.body.contains("Saved for later"));
}

#[tokio::test]
async fn a_link_shows_the_list_to_others_until_sharing_stops() {
    let (shop, _, mug) = shop().await;
    let (mut ada, mut bob) = (shop.browser(), shop.browser());
    register(&mut ada, "ada.l").await;
    wish(&mut ada, &mug).await;
    let page = ada.post_and_follow("/wishlist/sharing", &[]).await;
    let path = page.between("value=\"http://shop.test/wishlist/shared/", "\"").to_owned();
    let path = format!("/wishlist/shared/{path}");
    let seen = bob.get(&path).await;
    assert!(seen.status == 200 && seen.body.contains("Enamel mug") && seen.body.contains("noindex"));
    assert!(!seen.body.contains("ada.l") && !seen.body.contains("Stop sharing") && seen.body.contains(ADD));
    assert_eq!(seen.header("etag"), "", "not kept: it may be taken back at any time");
    for unknown in [format!("{path}x"), "/wishlist/shared/x".to_owned(), "/wishlist/shared/%00".to_owned()] {
        assert_eq!(bob.get(&unknown).await.status, 404, "{unknown}");
    }
    ada.post("/wishlist/sharing/removal", &[]).await;
    assert_eq!(bob.get(&path).await.status, 404);
}

#[tokio::test]
async fn saved_for_later_survives_signing_in_and_a_checkout() {
    let (shop, mug, _) = shop().await;
    let pan = goods::variant(&shop.database.owner, "Frying pan", 4_500, 5).await;
    let mut browser = shop.browser();
    for variant in [mug, pan] {
        browser.post("/cart/items", &[("variant_id", &*variant.to_string()), ("quantity", "2")]).await;
    }
    let line = browser.get("/cart").await.between(r#"id="line-"#, "\"").to_owned();
    let fragment = browser.post_fragment(&format!("/cart/items/{line}/later"), &[]).await;
    assert!(
        fragment.body.contains("Saved Enamel mug for later.") && fragment.body.contains("Undo"),
        "{}",
        fragment.body
    );
    assert!(fragment.between(r#"id="cart-count""#, "</span>").contains(">2<"));
    register(&mut browser, "ada.l").await;
    let cart = browser.get("/cart").await;
    assert!(cart.body.contains("Saved for later") && cart.body.contains("$90.00") && !cart.body.contains("$114.00"));
    let form = browser.get("/checkout").await;
    assert!(!form.body.contains("Enamel mug"), "it is not paid for");
    let thanks = browser.post_and_follow("/checkout", &filled(&form, &[])).await;
    assert!(thanks.body.contains("Thank you") && !thanks.body.contains("Enamel mug"));
    assert_eq!(goods::level(&shop.database.owner, mug).await, (10, 0));
    let cart = browser.get("/cart").await;
    assert!(cart.body.contains("Your cart is empty") && cart.body.contains("Saved for later"));
    let saved = cart.between(r#"id="saved-"#, "\"").to_owned();
    let back = browser.post_and_follow(&format!("/cart/saved/{saved}/cart"), &[]).await;
    assert!(back.body.contains("Moved Enamel mug to your cart.") && !back.body.contains("Saved for later"));
    assert!(back.body.contains("$24.00"));
}

#[tokio::test]
async fn a_line_moves_to_the_wishlist_and_undo_brings_all_of_it_back() {
    let (shop, mug, _) = shop().await;
    let mut browser = shop.browser();
    browser.post("/cart/items", &[("variant_id", &*mug.to_string()), ("quantity", "3")]).await;
    let line = browser.get("/cart").await.between(r#"id="line-"#, "\"").to_owned();
    let fragment = browser.post_fragment(&format!("/cart/items/{line}/wishlist"), &[]).await;
    assert!(
        fragment.body.contains("Moved Enamel mug to your wishlist.") && fragment.body.contains("Your cart is empty")
    );
    assert!(badge(&fragment).contains(r#"hx-swap-oob="true">1"#));
    let undo = fragment.between(r#"<form method="post" action="/wishlist/items/"#, "\"").to_owned();
    let fields = [("variant_id", &*mug.to_string()), ("quantity", "3"), ("next", "/cart")];
    let cart = browser.post_and_follow(&format!("/wishlist/items/{undo}"), &fields).await;
    assert!(cart.body.contains("$36.00") && badge(&cart).contains(">0"));
}

#[tokio::test]
async fn a_wish_that_is_sold_out_stays_and_says_so() {
    let (shop, _, mug) = shop().await;
    let mut browser = shop.browser();
    wish(&mut browser, &mug).await;
    let path = format!("{}/cart", item(&browser.get("/wishlist").await));
    sqlx::query("UPDATE stock_levels SET on_hand = 0").execute(&shop.database.owner).await.unwrap();
    let fragment = browser.post_fragment(&path, &[]).await;
    assert_eq!(fragment.status, 422);
    assert!(fragment.body.contains("Enamel mug is sold out.") && fragment.body.contains("Sold out</p>"));
    let page = browser.post_and_follow(&path, &[]).await;
    assert!(page.body.contains("Enamel mug is sold out.") && badge(&page).contains(">1"));
}
