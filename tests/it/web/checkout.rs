//! From the cart to an order.

mod refused;

use crate::{
    support::goods::{count, level},
    web::walk::{DECLINED_CARD, buy, filled, number, put_in_cart, register, with_mugs},
};

const ORDERS: &str = "SELECT count(*) FROM orders";

#[tokio::test]
async fn a_guest_buys_without_javascript() {
    let (shop, mug, mut browser) = with_mugs(10, 2).await;
    let form = browser.get("/checkout").await;
    assert_eq!(form.status, 200, "{}", form.body);
    assert!(form.body.contains("Pay $28.90"), "two mugs and standard delivery: {}", form.body);
    let thanks = browser.post_and_follow("/checkout", &filled(&form, &[])).await;
    assert_eq!(thanks.status, 200);
    for said in ["Thank you", "Ada", "$28.90", "ada@example.com", "12 Mill Lane", "Paid", "Create an account"] {
        assert!(thanks.body.contains(said), "{said} is missing: {}", thanks.body);
    }
    let number = number(&thanks);
    assert!(browser.get("/orders").await.body.contains(&number));
    let again = browser.get(&format!("/orders/{number}")).await;
    assert!(again.body.contains("Being packed") && !again.body.contains("Thank you"));
    assert_eq!(level(&shop.database.owner, mug).await, (8, 0));
    assert_eq!(browser.get("/checkout").await.location(), "/cart", "nothing is left to pay");
}

#[tokio::test]
async fn a_double_submit_shows_the_same_order() {
    let (shop, _, mut browser) = with_mugs(10, 1).await;
    let form = browser.get("/checkout").await;
    let fields = filled(&form, &[]);
    let first = browser.post("/checkout", &fields).await;
    browser.go_to(shop.another_server("Server-2"));
    let second = browser.post("/checkout", &fields).await;
    assert_eq!((first.status, first.location()), (second.status, second.location()));
    assert_eq!(count(&shop.database.owner, ORDERS).await, 1);
}

#[tokio::test]
async fn a_declined_card_says_so_keeps_the_cart_and_offers_a_new_try() {
    let (shop, mug, mut browser) = with_mugs(10, 1).await;
    let form = browser.get("/checkout").await;
    let declined = browser.post("/checkout", &filled(&form, &[("card_number", DECLINED_CARD)])).await;
    assert_eq!(declined.status, 402);
    assert!(declined.body.contains("The card was declined") && declined.body.contains("Nothing was charged"));
    assert!(declined.body.contains("value=\"12 Mill Lane\"") && !declined.body.contains("value=\"4000"));
    assert_eq!(level(&shop.database.owner, mug).await, (10, 0));
    let key = "name=\"idempotency_key\" value=\"";
    assert_ne!(form.between(key, "\""), declined.between(key, "\""), "a new try needs a new key");
    let thanks = browser.post_and_follow("/checkout", &filled(&declined, &[])).await;
    assert!(thanks.body.contains("Thank you"));
    assert_eq!(level(&shop.database.owner, mug).await, (9, 0));
}

#[tokio::test]
async fn a_price_rise_is_shown_again_for_consent() {
    let (shop, mug, mut browser) = with_mugs(10, 1).await;
    let form = browser.get("/checkout").await;
    sqlx::query("UPDATE product_variants SET price_minor = 1500 WHERE id = $1")
        .bind(mug.0)
        .execute(&shop.database.owner)
        .await
        .unwrap();
    let asked = browser.post("/checkout", &filled(&form, &[])).await;
    assert_eq!(asked.status, 409);
    assert!(asked.body.contains("The total is $19.90 now. It was $16.90 when you looked."), "{}", asked.body);
    assert!(asked.body.contains("Pay $19.90") && asked.body.contains("value=\"ada@example.com\""));
    assert_eq!(count(&shop.database.owner, ORDERS).await, 0);
    let thanks = browser.post_and_follow("/checkout", &filled(&asked, &[])).await;
    assert!(thanks.body.contains("Thank you") && thanks.body.contains("$19.90"));
}

#[tokio::test]
async fn the_loser_of_the_last_unit_sees_a_sold_out_page() {
    let (shop, mug, mut winner) = with_mugs(1, 1).await;
    let mut loser = shop.browser();
    put_in_cart(&mut loser, mug, 1).await;
    let form = loser.get("/checkout").await;
    buy(&mut winner).await;
    let lost = loser.post("/checkout", &filled(&form, &[])).await;
    assert_eq!(lost.status, 409);
    for said in ["Sold out meanwhile", "Enamel mug is sold out.", "nothing is charged", "href=\"/cart\""] {
        assert!(lost.body.contains(said), "{said} is missing: {}", lost.body);
    }
    assert!(!lost.body.contains("Pay $"), "what is gone cannot be paid");
    assert_eq!(count(&shop.database.owner, ORDERS).await, 1);
    let later = loser.get("/checkout").await;
    assert!(later.status == 200 && later.body.contains("Not everything is there any more"));
}

#[tokio::test]
async fn who_wanted_more_than_is_left_can_go_on_with_the_rest() {
    let (shop, mug, mut first) = with_mugs(3, 2).await;
    let mut second = shop.browser();
    put_in_cart(&mut second, mug, 2).await;
    let form = second.get("/checkout").await;
    buy(&mut first).await;
    let short = second.post("/checkout", &filled(&form, &[])).await;
    assert_eq!(short.status, 409);
    assert!(short.body.contains("Only 1 of Enamel mug left, you wanted 2."), "{}", short.body);
    assert!(short.body.contains("Go on with what is left"));
    let rest = second.post("/checkout", &filled(&short, &[("action", "accept")])).await;
    assert_eq!(rest.status, 200);
    assert!(rest.body.contains("Pay $16.90") && rest.body.contains("value=\"12 Mill Lane\""), "{}", rest.body);
    assert!(second.post_and_follow("/checkout", &filled(&rest, &[])).await.body.contains("Thank you"));
    assert_eq!(level(&shop.database.owner, mug).await, (0, 0));
}

#[tokio::test]
async fn another_delivery_changes_the_total_with_and_without_htmx() {
    let (_shop, _, mut browser) = with_mugs(10, 1).await;
    let form = browser.get("/checkout").await;
    let updated = browser.post("/checkout", &filled(&form, &[("delivery", "express"), ("action", "update")])).await;
    assert_eq!(updated.status, 200);
    assert!(updated.body.contains("Pay $21.90") && updated.body.contains("value=\"Ada Lovelace\""));
    assert!(!updated.body.contains("value=\"4242"), "a card number is never shown again");
    let part = browser.get_fragment("/checkout/summary?delivery=express&payment_method=cod").await;
    assert!(part.body.contains("Place order · $21.90") && !part.body.contains("<html"));
    assert!(part.body.contains("name=\"expected_total\" value=\"21.90\"") && part.body.contains("hx-swap-oob"));
    assert_eq!(browser.get("/checkout/summary").await.location(), "/checkout");
    // Chosen, but not reckoned anew: the higher total is asked for first.
    let asked = browser.post("/checkout", &filled(&form, &[("delivery", "express")])).await;
    assert!(asked.status == 409 && asked.body.contains("The total is $21.90 now."));
}

#[tokio::test]
async fn the_visitors_cart_joins_in_the_middle_of_checkout() {
    let (shop, mug, mut browser) = with_mugs(10, 2).await;
    let mut at_home = shop.browser();
    register(&mut at_home, "ada").await;
    put_in_cart(&mut at_home, mug, 1).await;
    let form = browser.get("/checkout").await;
    assert!(form.body.contains("/login?next=/checkout"));
    let sign_in = [("login", "ada"), ("password", "a mug of tea"), ("next", "/checkout")];
    let joined = browser.post_and_follow("/login", &sign_in).await;
    assert!(joined.body.contains("What was in your cart came along."), "{}", joined.body);
    assert!(joined.body.contains("Pay $40.90"), "three mugs now: {}", joined.body);
    assert!(joined.body.contains("value=\"ada@example.com\""), "filled in from the account");
}

#[tokio::test]
async fn whoever_was_signed_out_meanwhile_is_asked_to_sign_in_and_keeps_the_cart() {
    let (shop, _, mut browser) = with_mugs(10, 1).await;
    register(&mut browser, "ada").await;
    let form = browser.get("/checkout").await;
    sqlx::query("UPDATE sessions SET ended_at = now()").execute(&shop.database.owner).await.unwrap();
    let mut fields = filled(&form, &[]);
    fields.push(("account", form.between("name=\"account\" value=\"", "\"")));
    let sent = browser.post_and_follow("/checkout", &fields).await;
    assert!(sent.body.contains("You were signed out meanwhile"), "{}", sent.body);
    assert_eq!(count(&shop.database.owner, ORDERS).await, 0);
    let back = [("login", "ada"), ("password", "a mug of tea"), ("next", "/checkout")];
    assert!(browser.post_and_follow("/login", &back).await.body.contains("Pay $16.90"));
}
