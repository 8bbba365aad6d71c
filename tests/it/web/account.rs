//! One's own account: the profile.

use crate::{
    support::TestShop,
    web::walk::{put_in_cart, register},
};

#[tokio::test]
async fn the_account_asks_to_sign_in_and_comes_back() {
    let shop = TestShop::new().await;
    let mut browser = shop.browser();
    for path in [
        "/account",
        "/account/addresses",
        "/account/addresses/new",
        "/account/addresses/1",
        "/account/password",
        "/account/sessions",
    ] {
        let login = format!("/login?next={}", path.replace('/', "%2F"));
        assert_eq!(browser.get(path).await.location(), login);
    }
    let nobody = uuid::Uuid::nil();
    for path in [
        "/account",
        "/account/addresses",
        "/account/addresses/1",
        "/account/addresses/1/default",
        "/account/addresses/1/removal",
        "/account/password",
        "/account/sessions/others/removal",
        &format!("/account/sessions/{nobody}/removal"),
    ] {
        assert_eq!(
            browser.post(path, &[("email", "x@example.com")]).await.location(),
            "/login?next=%2Faccount",
            "{path}"
        );
    }
}

#[tokio::test]
async fn what_is_saved_fills_in_the_next_checkout() {
    let shop = TestShop::new().await;
    let mug = crate::support::goods::variant(&shop.database.owner, "Enamel mug", 1200, 9).await;
    let mut browser = shop.browser();
    register(&mut browser, "ada").await;
    let profile = [("full_name", "Ada Lovelace"), ("email", "ada@lovelace.example"), ("phone", "+1 555 0100")];
    let saved = browser.post_and_follow("/account", &profile).await;
    assert!(saved.body.contains("Your account is saved."), "{}", saved.body);
    put_in_cart(&mut browser, mug, 1).await;
    let checkout = browser.get("/checkout").await;
    for value in ["ada@lovelace.example", "Ada Lovelace", "+1 555 0100"] {
        assert!(checkout.body.contains(&format!("value=\"{value}\"")), "{value}: {}", checkout.body);
    }
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
        ("full_name", "Ada\0"),
        ("phone", "call me"),
    ] {
        let mut fields = [("full_name", "Countess"), ("email", "ada@example.com"), ("phone", "+1 555 0100")];
        fields.iter_mut().filter(|(name, _)| *name == field).for_each(|typed| typed.1 = value);
        let refused = browser.post("/account", &fields).await;
        assert_eq!(refused.status, 422, "{field}={value:.20}");
        assert!(refused.body.contains(&format!("href=\"#{field}\"")), "{field}={value:.20}: {}", refused.body);
        let kept = if field == "full_name" { "value=\"ada@example.com\"" } else { "value=\"Countess\"" };
        assert!(refused.body.contains(kept), "{field}={value:.20}");
    }
    let now = browser.get("/account").await;
    assert!(now.body.contains("value=\"ada@example.com\"") && !now.body.contains("Countess"));
}
