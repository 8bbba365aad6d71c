//! One's own account.

use crate::{
    support::TestShop,
    web::walk::{put_in_cart, register},
};

const ADDRESS: [(&str, &str); 4] =
    [("line1", "12 Mill Lane"), ("postal_code", "12345"), ("city", "Fernhill"), ("country", "United States")];

#[tokio::test]
async fn the_account_asks_to_sign_in_and_comes_back() {
    let shop = TestShop::new().await;
    let mut browser = shop.browser();
    assert_eq!(browser.get("/account").await.location(), "/login?next=%2Faccount");
    assert_eq!(browser.post("/account", &[("email", "x@example.com")]).await.location(), "/login?next=%2Faccount");
}

#[tokio::test]
async fn what_is_saved_fills_in_the_next_checkout() {
    let shop = TestShop::new().await;
    let mug = crate::support::goods::variant(&shop.database.owner, "Enamel mug", 1200, 9).await;
    let mut browser = shop.browser();
    register(&mut browser, "ada").await;
    let profile = [("full_name", "Ada Lovelace"), ("email", "ada@lovelace.example"), ("phone", "+1 555 0100")];
    let saved = browser.post_and_follow("/account", &[&profile[..], &ADDRESS].concat()).await;
    assert!(saved.body.contains("Your account is saved."), "{}", saved.body);
    put_in_cart(&mut browser, mug, 1).await;
    let checkout = browser.get("/checkout").await;
    for value in ["ada@lovelace.example", "Ada Lovelace", "12 Mill Lane", "12345", "United States", "+1 555 0100"] {
        assert!(checkout.body.contains(&format!("value=\"{}\"", value)), "{value}: {}", checkout.body);
    }
    let emptied = browser.post_and_follow("/account", &profile).await;
    assert!(!emptied.body.contains("12 Mill Lane"), "an emptied address is removed");
}

#[tokio::test]
async fn a_bad_profile_changes_nothing_and_keeps_what_was_typed() {
    let shop = TestShop::new().await;
    register(&mut shop.browser(), "bob").await;
    let mut browser = shop.browser();
    register(&mut browser, "ada").await;
    let long = "x".repeat(10_000);
    for (field, value) in [
        ("email", "nobody"),
        ("email", "bob@example.com"),
        ("full_name", long.as_str()),
        ("phone", "call me"),
        ("line1", long.as_str()),
        ("postal_code", ""),
        ("city", "Fern\0hill"),
    ] {
        let base = [("full_name", "Ada"), ("email", "ada@example.com"), ("phone", ""), ("name", "Countess")];
        let mut fields = [&base[..], &ADDRESS].concat();
        fields.iter_mut().filter(|(name, _)| *name == field).for_each(|typed| typed.1 = value);
        let refused = browser.post("/account", &fields).await;
        assert_eq!(refused.status, 422, "{field}={value:.20}");
        assert!(refused.body.contains(&format!("href=\"#{field}\"")), "{field}={value:.20}: {}", refused.body);
        assert!(refused.body.contains("value=\"Countess\""));
    }
    let now = browser.get("/account").await;
    assert!(now.body.contains("value=\"ada@example.com\"") && !now.body.contains("Mill Lane"));
}
