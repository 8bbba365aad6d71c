use ecommerce::types::VariantId;

use super::{HOSTILE, is_clean, mug_shop, variant_id};
use crate::support::{Answer, Browser, TestShop, catalogue, goods};

// What people and scripts send instead of a quantity.
const NO_QUANTITIES: [&str; 9] = ["0", "-1", "1.5", "two", "", "1000", "99999999999999999999", "1e3", "<b>1</b>"];

async fn add(browser: &mut Browser, variant: VariantId, quantity: &str) -> Answer {
    browser.post("/cart/items", &[("variant_id", &variant.to_string()), ("quantity", quantity)]).await
}

// The address of the first line of the cart.
fn line(cart: &Answer) -> String {
    format!("/cart/items/{}", cart.between(r#"id="line-"#, "\""))
}

fn badge(answer: &Answer) -> &str {
    answer.between(r#"id="cart-count""#, "</span>")
}

#[tokio::test]
async fn adding_leads_to_the_cart_and_says_so() {
    let (shop, mug) = mug_shop().await;
    let mut browser = shop.browser();
    let fields = [("variant_id", &*mug.to_string()), ("quantity", "2")];
    let cart = browser.post_and_follow("/cart/items", &fields).await;
    assert!(cart.body.contains("Added Enamel mug to your cart.") && cart.body.contains("$24.00"));
    assert!(badge(&cart).contains(">2<"), "{}", badge(&cart));
    assert!(cart.body.contains("$26.00 more for free shipping") && cart.body.contains("$28.90"));
    assert!(!browser.get("/cart").await.body.contains("Added Enamel mug"), "a message is shown once");
}

#[tokio::test]
async fn with_htmx_the_page_stays_and_the_badge_counts() {
    let (shop, mug) = mug_shop().await;
    let mut browser = shop.browser();
    let fields = [("product", "enamel-mug"), ("variant_id", &*mug.to_string()), ("quantity", "3")];
    let answer = browser.post_fragment("/cart/items", &fields).await;
    assert_eq!(answer.status, 200);
    assert!(answer.body.starts_with(r#"<form class="buy" id="buy""#), "{}", answer.body);
    assert!(badge(&answer).contains(r#"hx-swap-oob="true">3"#));
    assert!(
        answer.body.contains("Added Enamel mug to your cart.") && answer.body.contains(r#"href="/cart">View cart"#)
    );
}

#[tokio::test]
async fn what_is_no_quantity_is_told_at_the_field_and_changes_nothing() {
    let (shop, mug) = mug_shop().await;
    let mut browser = shop.browser();
    for quantity in NO_QUANTITIES {
        let fields = [("product", "enamel-mug"), ("variant_id", &*mug.to_string()), ("quantity", quantity)];
        let page = browser.post("/cart/items", &fields).await;
        assert_eq!(page.status, 422, "{quantity}");
        assert!(
            page.body.contains("<!doctype html>") && page.body.contains("Please choose a whole number from 1 to 999.")
        );
        assert!(page.body.contains(r#"aria-invalid="true" aria-describedby="quantity-error""#));
        let fragment = browser.post_fragment("/cart/items", &fields).await;
        assert_eq!(fragment.status, 422, "{quantity}");
        let (form, beside) = fragment.body.split_once(r#"<span id="cart-count""#).unwrap();
        assert!(page.body.contains(form.trim()), "the fragment is part of the page");
        assert!(beside.trim_end().ends_with(r#"hx-swap-oob="true"></div>"#), "what an earlier try said is gone");
        assert_eq!(add(&mut browser, mug, quantity).await.status, 422, "{quantity}, from elsewhere");
    }
    assert_eq!(goods::count(&shop.database.owner, "SELECT count(*) FROM cart_lines").await, 0);
    assert_eq!(browser.cookie("visitor"), None, "who adds nothing is nobody yet");
}

#[tokio::test]
async fn more_than_there_is_is_refused_with_what_was_typed() {
    let (shop, mug) = mug_shop().await;
    let mut browser = shop.browser();
    add(&mut browser, mug, "4").await;
    let fields = [("product", "enamel-mug"), ("variant_id", &*mug.to_string()), ("quantity", "7")];
    let page = browser.post("/cart/items", &fields).await;
    assert_eq!(page.status, 422);
    assert!(page.body.contains("Only 10 of Enamel mug left, and 4 in your cart already."));
    assert!(page.body.contains(r#"name="quantity" type="number" inputmode="numeric" value="7""#));
    assert!(
        page.body.contains("/login?next=%2Fproducts%2Fenamel-mug"),
        "signing in comes back to a page, not to a form's address"
    );
    assert!(badge(&page).contains(">4<"));
}

#[tokio::test]
async fn an_unknown_variant_is_a_404_page() {
    let (shop, _) = mug_shop().await;
    for variant in ["0", "-1", "999999", "99999999999999999999", "mug", "", "1.5"] {
        let fields = [("variant_id", variant), ("quantity", "1")];
        assert_eq!(shop.browser().post("/cart/items", &fields).await.status, 404, "{variant}");
    }
    assert_eq!(shop.browser().post("/cart/items", &[("quantity", "1")]).await.status, 400);
}

#[tokio::test]
async fn a_quantity_is_changed_in_its_line() {
    let (shop, mug) = mug_shop().await;
    let mut browser = shop.browser();
    add(&mut browser, mug, "1").await;
    let line = line(&browser.get("/cart").await);
    let plain = browser.post_and_follow(&line, &[("quantity", "5")]).await;
    assert!(plain.body.contains("$60.00") && plain.body.contains("Free"));
    let fragment = browser.post_fragment(&line, &[("quantity", "2")]).await;
    assert_eq!(fragment.status, 200);
    assert!(fragment.body.starts_with(r#"<div id="cart" data-say="2 items in your cart, total $28.90">"#));
    assert!(badge(&fragment).contains(r#"hx-swap-oob="true">2"#));
}

#[tokio::test]
async fn a_bad_quantity_in_the_cart_is_told_in_the_line_with_the_way_out() {
    let (shop, mug) = mug_shop().await;
    let mut browser = shop.browser();
    add(&mut browser, mug, "2").await;
    let line = line(&browser.get("/cart").await);
    for quantity in NO_QUANTITIES {
        let page = browser.post(&line, &[("quantity", quantity)]).await;
        assert_eq!(page.status, 422, "{quantity}");
        assert!(page.body.contains("Please choose a whole number from 1 to 999, or remove it from your cart."));
        assert!(is_clean(&page.body));
    }
    let page = browser.post(&line, &[("quantity", "11")]).await;
    assert_eq!(page.status, 422);
    assert!(page.body.contains("Only 10 of Enamel mug left") && page.body.contains(r#"value="11""#));
    assert!(page.body.contains("/login?next=%2Fcart"));
    assert!(browser.get("/cart").await.body.contains("$24.00"), "nothing changed");
}

#[tokio::test]
async fn removing_offers_undo_and_undo_restores_the_line() {
    let (shop, mug) = mug_shop().await;
    let mut browser = shop.browser();
    add(&mut browser, mug, "3").await;
    let removal = format!("{}/removal", line(&browser.get("/cart").await));
    let cart = browser.post_and_follow(&removal, &[]).await;
    assert!(cart.body.contains("Your cart is empty") && cart.body.contains("Removed Enamel mug."));
    let undo = cart.between(r#"<form method="post" action="/cart/items" data-once>"#, "</form>");
    assert!(
        undo.contains(&format!(r#"name="variant_id" value="{mug}""#)) && undo.contains(r#"name="quantity" value="3""#)
    );
    add(&mut browser, mug, "3").await;
    assert!(browser.get("/cart").await.body.contains("$36.00"));
}

#[tokio::test]
async fn removing_with_htmx_answers_with_cart_badge_and_undo() {
    let (shop, mug) = mug_shop().await;
    let mut browser = shop.browser();
    add(&mut browser, mug, "3").await;
    let removal = format!("{}/removal", line(&browser.get("/cart").await));
    let fragment = browser.post_fragment(&removal, &[]).await;
    assert_eq!(fragment.status, 200);
    assert!(fragment.body.starts_with(r#"<div id="cart">"#) && fragment.body.contains("autofocus"));
    assert!(fragment.body.contains("Undo") && fragment.between(r#"id="toasts""#, ">").contains("hx-swap-oob"));
    assert!(badge(&fragment).contains(">0<"), "{}", badge(&fragment));
    let again = browser.post(&removal, &[]).await;
    assert_eq!((again.status.as_u16(), again.location()), (303, "/cart"), "what is gone is gone");
}

#[tokio::test]
async fn what_cannot_come_back_offers_no_undo() {
    let (shop, mug) = mug_shop().await;
    let mut browser = shop.browser();
    add(&mut browser, mug, "3").await;
    sqlx::query("UPDATE products SET archived_at = now()").execute(&shop.database.owner).await.unwrap();
    let cart = browser.get("/cart").await;
    assert!(cart.body.contains("No longer sold."));
    let after = browser.post_and_follow(&format!("{}/removal", line(&cart)), &[]).await;
    assert!(after.body.contains("Removed Enamel mug.") && !after.body.contains("Undo"));
}

#[tokio::test]
async fn the_line_of_someone_else_is_neither_changed_nor_removed() {
    let (shop, mug) = mug_shop().await;
    let mut owner = shop.browser();
    add(&mut owner, mug, "3").await;
    let line = line(&owner.get("/cart").await);
    let mut thief = shop.browser();
    for stranger in 0..2 {
        if stranger == 1 {
            add(&mut thief, mug, "1").await;
        }
        for quantity in ["1", "0", "two"] {
            assert_eq!(thief.post(&line, &[("quantity", quantity)]).await.status, 404, "{quantity}");
        }
        for target in
            [line.as_str(), "/cart/items/999999", "/cart/items/0", "/cart/items/x", "/cart/items/99999999999999999999"]
        {
            let removed = thief.post(&format!("{target}/removal"), &[]).await;
            assert_eq!((removed.status.as_u16(), removed.location()), (303, "/cart"), "{target}");
        }
    }
    assert!(owner.get("/cart").await.body.contains("$36.00"));
}

#[tokio::test]
async fn changes_since_the_last_visit_are_said_in_the_line_and_can_be_accepted() {
    let (shop, mug) = mug_shop().await;
    let owner = &shop.database.owner;
    let lamp = goods::variant(owner, "Lamp", 5000, 4).await;
    let book = goods::variant(owner, "Book", 2000, 4).await;
    let mut browser = shop.browser();
    for (variant, quantity) in [(mug, "1"), (lamp, "3"), (book, "1")] {
        add(&mut browser, variant, quantity).await;
    }
    sqlx::query("UPDATE product_variants SET price_minor = 1500 WHERE id = $1")
        .bind(mug.0)
        .execute(owner)
        .await
        .unwrap();
    for (variant, left) in [(lamp, 2), (book, 0)] {
        let statement = "UPDATE stock_levels SET on_hand = $2 WHERE variant_id = $1";
        sqlx::query(statement).bind(variant.0).bind(left).execute(owner).await.unwrap();
    }
    let cart = browser.get("/cart").await;
    for text in [
        "Now $15.00, up from $12.00.",
        "Only 2 left, you wanted 3.",
        "Sold out since you put it in.",
        "OK, accept changes",
    ] {
        assert!(cart.body.contains(text), "{text}");
    }
    assert!(cart.body.contains(r#"disabled aria-describedby="not-buyable""#));
    let fragment = browser.post_fragment("/cart/changes/acceptance", &[]).await;
    assert_eq!(fragment.status, 200);
    let cart = browser.get("/cart").await;
    assert!(
        !cart.body.contains("accept changes")
            && !cart.body.contains("Book")
            && cart.body.contains(r#"href="/checkout""#)
    );
    assert!(cart.body.contains("$115.00"), "one mug at its new price and two lamps");
}

#[tokio::test]
async fn a_visitor_without_a_cart_can_press_every_button() {
    let (shop, _) = mug_shop().await;
    let mut browser = shop.browser();
    for path in ["/cart/changes/acceptance", "/cart/items/1/removal"] {
        assert_eq!(browser.post(path, &[]).await.status, 303, "{path}");
        assert_eq!(
            browser.post_fragment(path, &[]).await.status.as_u16() / 100,
            if path.ends_with("removal") { 2 } else { 3 }
        );
    }
    assert_eq!(browser.post("/cart/items/1", &[("quantity", "1")]).await.status, 404);
    assert_eq!(goods::count(&shop.database.owner, "SELECT count(*) FROM visitors").await, 0);
}

#[tokio::test]
async fn the_fragment_is_part_of_the_page() {
    let (shop, mug) = mug_shop().await;
    let mut browser = shop.browser();
    add(&mut browser, mug, "2").await;
    let page = browser.get("/cart").await;
    let fragment = browser.get_fragment("/cart").await;
    let shared = |body: &str| {
        let from_heading = &body[body.find(r#"<div class="page-head">"#).unwrap()..];
        from_heading[..from_heading.find("</aside>").unwrap()].to_owned()
    };
    assert_eq!(shared(&page.body), shared(&fragment.body));
}

#[tokio::test]
async fn without_included_tax_the_cart_adds_it() {
    let shop = TestShop::with(&[("PRICES_INCLUDE_TAX", "false")]).await;
    let mug = goods::variant(&shop.database.owner, "Enamel mug", 10_000, 10).await;
    let mut browser = shop.browser();
    assert!(browser.get("/products/enamel-mug").await.body.contains("Plus tax and shipping"));
    add(&mut browser, mug, "1").await;
    let cart = browser.get("/cart").await;
    assert!(cart.body.contains("<dt>Tax</dt><dd>$8.00</dd>") && cart.body.contains("$108.00"), "{}", cart.body);
}

#[tokio::test]
async fn markup_in_names_and_in_what_was_typed_is_shown_as_text() {
    let shop = TestShop::new().await;
    catalogue::category(&shop.database, "things", HOSTILE, None).await;
    let variants = vec![catalogue::variant("A", HOSTILE, 100, 5)];
    catalogue::put(&shop.database, catalogue::draft("thing", HOSTILE, "things", variants)).await;
    let variant = variant_id(&shop.database.owner, "A").await;
    let mut browser = shop.browser();
    let fields = [("product", "thing"), ("variant_id", &*variant.to_string()), ("quantity", "1")];
    assert!(is_clean(&browser.post_fragment("/cart/items", &fields).await.body));
    let cart = browser.get("/cart").await;
    assert!(is_clean(&cart.body), "{}", cart.body);
    let line = line(&cart);
    assert!(is_clean(&browser.post(&line, &[("quantity", HOSTILE)]).await.body));
    assert!(is_clean(&browser.post("/cart/items", &[fields[0], fields[1], ("quantity", HOSTILE)]).await.body));
    assert!(is_clean(&browser.post_and_follow(&format!("{line}/removal"), &[]).await.body));
}
