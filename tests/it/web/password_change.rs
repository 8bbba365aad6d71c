//! The password's page.

use crate::{
    support::{Browser, TestShop},
    web::walk::register,
};

const OLD: &str = "a mug of tea";
const NEW: &str = "a pot of coffee";
const PAGE: &str = "/account/password";

fn typed<'a>(current: &'a str, new: &'a str) -> [(&'static str, &'a str); 2] {
    [("current_password", current), ("new_password", new)]
}

async fn sign_in(shop: &TestShop, password: &str) -> Option<Browser> {
    let mut browser = shop.browser();
    let answer = browser.post("/login", &[("login", "ada"), ("password", password)]).await;
    (answer.status == 303).then_some(browser)
}

async fn is_in(browser: &mut Browser) -> bool {
    browser.get("/account").await.status == 200
}

#[tokio::test]
async fn a_new_password_signs_every_other_device_out_on_every_server() {
    let shop = TestShop::new().await;
    let mut here = shop.browser();
    register(&mut here, "ada").await;
    let mut elsewhere = sign_in(&shop, OLD).await.unwrap();
    let page = here.get(PAGE).await;
    assert!(page.body.contains("8 to 128 characters"), "the rules stand there before anything is typed");
    let before = here.cookie("session").unwrap().to_owned();
    let mut stolen = here.clone();

    elsewhere.go_to(shop.another_server("Server-2"));
    assert!(is_in(&mut elsewhere).await);
    let after = here.post_and_follow(PAGE, &typed(OLD, NEW)).await;
    assert!(after.body.contains("Your password is changed. One other device was signed out."), "{}", after.body);
    assert!(!is_in(&mut elsewhere).await);
    assert_ne!(here.cookie("session").unwrap(), before, "the session id changes");
    assert!(!is_in(&mut stolen).await, "and the old one is worth nothing");
    assert!(is_in(&mut here).await);
    here.go_to(shop.another_server("Server-3"));
    assert!(is_in(&mut here).await);
    assert!(sign_in(&shop, OLD).await.is_none() && sign_in(&shop, NEW).await.is_some());
}

#[tokio::test]
async fn what_is_refused_is_said_at_its_field_and_never_sent_back() {
    let shop = TestShop::new().await;
    let mut browser = shop.browser();
    register(&mut browser, "ada").await;
    let mut elsewhere = sign_in(&shop, OLD).await.unwrap();
    let long = "x".repeat(10_000);
    for (current, new, field, message) in [
        ("wrong guess", NEW, "current_password", "This is not your current password"),
        ("", NEW, "current_password", "Please fill this in"),
        (&long, NEW, "current_password", "This is not your current password"),
        (OLD, "", "new_password", "at least 8 characters"),
        (OLD, "short", "new_password", "at least 8 characters"),
        (OLD, &long, "new_password", "at most 128 characters"),
        (OLD, OLD, "new_password", "This is the password you have now"),
    ] {
        let refused = browser.post(PAGE, &typed(current, new)).await;
        assert_eq!(refused.status, 422, "{current:.20}, {new:.20}");
        assert!(refused.body.contains(&format!("href=\"#{field}\"")), "{field}: {}", refused.body);
        assert!(refused.body.contains(message), "{message}: {}", refused.body);
        assert!(!refused.body.contains("wrong guess") && !refused.body.contains(NEW) && !refused.body.contains(OLD));
    }
    let refused = browser.post(PAGE, &[]).await;
    assert!(refused.body.contains("href=\"#current_password\"") && refused.body.contains("href=\"#new_password\""));
    assert!(is_in(&mut elsewhere).await && sign_in(&shop, OLD).await.is_some(), "nothing changed");
}

#[tokio::test]
async fn guesses_are_limited_for_the_device_that_guesses_alone() {
    let shop = TestShop::with(&[("LIMIT_PASSWORD", "2")]).await;
    let mut thief = shop.browser();
    register(&mut thief, "ada").await;
    let mut owner = sign_in(&shop, OLD).await.unwrap();
    assert_eq!(thief.post(PAGE, &typed("", "short")).await.status, 422, "what is no try does not count");
    for number in 0..2 {
        // Another address is the same guesser.
        thief.set_header("x-forwarded-for", &format!("192.0.2.{number}"));
        assert_eq!(thief.post(PAGE, &typed("a guess", NEW)).await.status, 422);
    }
    let refused = thief.post(PAGE, &typed(OLD, NEW)).await;
    assert_eq!(refused.status, 429);
    assert!(!refused.header("retry-after").is_empty() && refused.body.contains("One moment, please"));
    assert!(owner.post_and_follow(PAGE, &typed(OLD, NEW)).await.body.contains("Your password is changed."));
    assert!(!is_in(&mut thief).await);
}

#[tokio::test]
async fn a_form_of_another_site_changes_no_password() {
    let shop = TestShop::new().await;
    let mut browser = shop.browser();
    register(&mut browser, "ada").await;
    let body = axum::body::Body::from("current_password=a+mug+of+tea&new_password=a+pot+of+coffee");
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("sec-fetch-site", "cross-site")];
    let answer = browser.send(axum::http::Method::POST, PAGE, &headers, body).await;
    assert_eq!(answer.status, 403);
    assert!(sign_in(&shop, NEW).await.is_none());
}
