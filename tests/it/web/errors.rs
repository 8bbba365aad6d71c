//! Errors in the shop's own look.

use axum::{body::Body, http::Method};

use crate::{
    support::TestShop,
    web::walk::{put_in_cart, register},
};

#[tokio::test]
async fn every_error_is_a_page_with_a_way_on_and_the_id_to_quote() {
    let shop = TestShop::new().await;
    let mut browser = shop.browser();
    let form = [("content-type", "application/x-www-form-urlencoded"), ("sec-fetch-site", "same-origin")];
    let foreign = [("content-type", "application/x-www-form-urlencoded"), ("sec-fetch-site", "cross-site")];
    let json = [("content-type", "application/json"), ("sec-fetch-site", "same-origin")];
    let large = "x".repeat(20_000_000);
    for (method, path, headers, body, status) in [
        (Method::GET, "/nowhere", &form, "", 404),
        (Method::GET, "/orders/%FF", &form, "", 400),
        (Method::DELETE, "/login", &form, "", 405),
        (Method::POST, "/login", &foreign, "login=a", 403),
        (Method::POST, "/login", &json, "{}", 415),
        (Method::POST, "/login", &form, "login=a&login=b", 400),
        (Method::POST, "/login", &form, large.as_str(), 413),
    ] {
        let answer = browser.send(method.clone(), path, headers, Body::from(body.to_owned())).await;
        assert_eq!(answer.status, status, "{method} {path}");
        let id = answer.header("x-request-id");
        assert!(
            answer.body.contains("error-page") && answer.body.contains(&format!("<code class=\"text-break\">{id}<"))
        );
        assert!(answer.body.contains("href=\"/\"") && answer.body.contains("Served by"), "{method} {path}");
        assert!(!answer.body.contains("axum") && !answer.body.contains("serde"), "no inner words");
    }
}

#[tokio::test]
async fn a_page_that_is_not_there_still_knows_who_asks() {
    let shop = TestShop::new().await;
    let mug = crate::support::goods::variant(&shop.database.owner, "Enamel mug", 1200, 9).await;
    let mut browser = shop.browser();
    register(&mut browser, "ada").await;
    put_in_cart(&mut browser, mug, 3).await;
    let lost = browser.get("/nowhere").await;
    assert_eq!(lost.status, 404);
    assert!(lost.body.contains("Sign out") && lost.body.contains(">3<span"), "{}", lost.body);
}

#[tokio::test]
async fn the_error_page_works_when_the_database_is_away() {
    let shop = TestShop::new().await;
    let mut browser = shop.browser();
    shop.database.db.primary().close().await;
    let answer = browser.get("/orders").await;
    assert_eq!(answer.status, 503);
    assert!(answer.body.contains("We will be right back") && answer.body.contains("Try again"));
    assert!(!answer.header("retry-after").is_empty());
    let lost = browser.get("/nowhere").await;
    assert_eq!(lost.status, 404, "what needs no database goes on");
}

#[tokio::test]
async fn a_part_of_a_page_gets_a_notice_and_no_page() {
    let shop = TestShop::new().await;
    let answer = shop.browser().get_fragment("/nowhere").await;
    assert_eq!(answer.status, 404);
    assert!(answer.body.contains("notice") && !answer.body.contains("<html"));
}
