//! Steps that many tests of pages begin with.

use ecommerce::types::VariantId;

use crate::support::{Answer, Browser, TestShop, goods};

/// The documented card that is approved.
pub const GOOD_CARD: &str = "4242 4242 4242 4242";
/// The documented card that is declined.
pub const DECLINED_CARD: &str = "4000 0000 0000 0002";

/// Puts pieces of a variant into the browser's cart.
pub async fn put_in_cart(browser: &mut Browser, variant: VariantId, pieces: u32) {
    let (variant, pieces) = (variant.to_string(), pieces.to_string());
    let answer = browser.post("/cart/items", &[("variant_id", &variant), ("quantity", &pieces)]).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
}

/// A shop that sells mugs at $12.00, and a browser with `pieces` of them in its cart.
pub async fn with_mugs(stock: i32, pieces: u32) -> (TestShop, VariantId, Browser) {
    let shop = TestShop::new().await;
    let mug = goods::variant(&shop.database.owner, "Enamel mug", 1200, stock).await;
    let mut browser = shop.browser();
    put_in_cart(&mut browser, mug, pieces).await;
    (shop, mug, browser)
}

/// The checkout's form as it stands on a page, filled in by Ada, with some fields changed.
pub fn filled<'a>(page: &'a Answer, changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut fields = vec![
        ("idempotency_key", page.between("name=\"idempotency_key\" value=\"", "\"")),
        ("expected_total", page.between("name=\"expected_total\" value=\"", "\"")),
        ("email", "ada@example.com"),
        ("name", "Ada Lovelace"),
        ("line1", "12 Mill Lane"),
        ("line2", ""),
        ("postal_code", "12345"),
        ("city", "Fernhill"),
        ("region", ""),
        ("country", "United States"),
        ("phone", ""),
        ("delivery", "standard"),
        ("payment_method", "credit_card"),
        ("card_number", GOOD_CARD),
    ];
    for (name, value) in changes {
        match fields.iter_mut().find(|(known, _)| known == name) {
            Some(field) => field.1 = value,
            None => fields.push((name, value)),
        }
    }
    fields
}

/// Buys what is in the cart; the order's page with the thanks.
pub async fn buy(browser: &mut Browser) -> Answer {
    let form = browser.get("/checkout").await;
    browser.post_and_follow("/checkout", &filled(&form, &[])).await
}

/// The number on an order's page.
pub fn number(page: &Answer) -> String {
    page.between("<strong class=\"num\">", "<").to_owned()
}

/// Makes an account for Ada (or anyone) and signs in.
pub async fn register(browser: &mut Browser, name: &str) -> Answer {
    let email = format!("{name}@example.com");
    let fields = [("username", name), ("email", &email), ("full_name", ""), ("password", "a mug of tea")];
    browser.post_and_follow("/register", &fields).await
}
