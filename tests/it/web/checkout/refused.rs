//! What the checkout refuses, and how it says so.

use crate::{
    support::{
        TestShop,
        goods::{self, count},
    },
    web::walk::{filled, put_in_cart, with_mugs},
};

const ORDERS: &str = "SELECT count(*) FROM orders";

#[tokio::test]
async fn bad_input_is_said_at_its_field_and_keeps_the_rest() {
    let (shop, _, mut browser) = with_mugs(10, 1).await;
    let long = "x".repeat(10_000);
    for (field, value) in [
        ("email", "ada"),
        ("email", ""),
        ("name", long.as_str()),
        ("name", "Ada\0Lovelace"),
        ("name", "Ada \u{202e}ecalevoL"),
        ("line1", " "),
        ("postal_code", ""),
        ("phone", "call me"),
        ("delivery", "by owl"),
        ("payment_method", "shells"),
        ("card_number", ""),
        ("card_number", "4242 4242 4242 4241"),
    ] {
        let form = browser.get("/checkout").await;
        let refused = browser.post("/checkout", &filled(&form, &[(field, value)])).await;
        assert_eq!(refused.status, 422, "{field}={value:?}");
        assert!(refused.body.contains("data-error-summary") && refused.body.contains(&format!("href=\"#{field}\"")));
        assert!(refused.body.contains("value=\"Fernhill\""), "the rest is kept");
        assert!(!refused.body.contains("value=\"4242"), "a card number is never shown again");
        let key = "name=\"idempotency_key\" value=\"";
        assert_eq!(form.between(key, "\""), refused.between(key, "\""), "it is still the same placement");
    }
    assert_eq!(count(&shop.database.owner, ORDERS).await, 0);
}

#[tokio::test]
async fn markup_in_a_name_is_shown_as_text() {
    let (_shop, _, mut browser) = with_mugs(10, 1).await;
    let form = browser.get("/checkout").await;
    let name = "<script>alert(1)</script>\"'";
    let refused = browser.post("/checkout", &filled(&form, &[("name", name), ("email", "no")])).await;
    assert!(!refused.body.contains("<script>alert") && refused.body.contains("&#60;script"), "{}", refused.body);
    let thanks = browser.post_and_follow("/checkout", &filled(&refused, &[("name", name)])).await;
    assert!(!thanks.body.contains("<script>alert") && thanks.body.contains("Thank you"));
}

#[tokio::test]
async fn a_form_without_its_hidden_fields_is_shown_anew() {
    let (shop, _, mut browser) = with_mugs(10, 1).await;
    let form = browser.get("/checkout").await;
    for (field, value) in [("idempotency_key", ""), ("idempotency_key", "short"), ("expected_total", "1e9")] {
        let anew = browser.post("/checkout", &filled(&form, &[(field, value)])).await;
        assert_eq!(anew.status, 422, "{field}={value}");
        assert!(anew.body.contains("out of date") && anew.body.contains("Pay $16.90"));
        assert!(anew.between("name=\"idempotency_key\" value=\"", "\"").len() > 20);
    }
    assert_eq!(count(&shop.database.owner, ORDERS).await, 0);
}

#[tokio::test]
async fn the_same_key_for_another_cart_asks_again_with_a_new_one() {
    let (shop, mug, mut browser) = with_mugs(10, 1).await;
    let form = browser.get("/checkout").await;
    assert_eq!(browser.post("/checkout", &filled(&form, &[])).await.status, 303);
    put_in_cart(&mut browser, mug, 1).await;
    let other = filled(&form, &[("line1", "13 Mill Lane")]);
    let again = browser.post("/checkout", &other).await;
    assert_eq!(again.status, 422);
    assert!(again.body.contains("You have ordered with this form already"), "{}", again.body);
    assert_eq!(count(&shop.database.owner, ORDERS).await, 1);
    assert_eq!(browser.post("/checkout", &filled(&again, &[])).await.status, 303);
    assert_eq!(count(&shop.database.owner, ORDERS).await, 2);
}

#[tokio::test]
async fn an_empty_cart_leads_back_to_the_cart() {
    let shop = TestShop::new().await;
    let mut browser = shop.browser();
    assert_eq!(browser.get("/checkout").await.location(), "/cart");
    let sent = browser.post_and_follow("/checkout", &[("email", "ada@example.com")]).await;
    assert!(sent.body.contains("your cart is empty"), "{}", sent.body);
}

#[tokio::test]
async fn too_many_placements_are_asked_to_wait() {
    let shop = TestShop::with(&[("LIMIT_CHECKOUT", "2")]).await;
    let mug = goods::variant(&shop.database.owner, "Enamel mug", 1200, 9).await;
    let mut browser = shop.browser();
    put_in_cart(&mut browser, mug, 1).await;
    let form = browser.get("/checkout").await;
    for _ in 0..2 {
        assert_eq!(browser.post("/checkout", &filled(&form, &[("email", "no")])).await.status, 422);
    }
    let refused = browser.post("/checkout", &filled(&form, &[])).await;
    assert_eq!(refused.status, 429);
    assert!(!refused.header("retry-after").is_empty() && refused.body.contains("You can try again in"));
}
