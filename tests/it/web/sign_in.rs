//! Registering, signing in and out.

use std::time::Instant;

use crate::{
    support::{TestShop, goods},
    web::walk::{put_in_cart, register},
};

const RIGHT: [(&str, &str); 2] = [("login", "ada"), ("password", "a mug of tea")];

#[tokio::test]
async fn sign_in_returns_only_to_pages_of_the_shop() {
    let shop = TestShop::new().await;
    register(&mut shop.browser(), "ada").await;
    for (next, to) in [
        ("/orders?page=2", "/orders?page=2"),
        ("", "/account"),
        ("https://evil.example/", "/account"),
        ("//evil.example", "/account"),
        ("/\\evil.example", "/account"),
        ("/a\r\nSet-Cookie: x=y", "/account"),
        ("javascript:alert(1)", "/account"),
    ] {
        let mut browser = shop.browser();
        let answer = browser.post("/login", &[&RIGHT[..], &[("next", next)]].concat()).await;
        assert_eq!((answer.status.as_u16(), answer.location()), (303, to), "{next:?}");
        let query: String = url::form_urlencoded::Serializer::new(String::new()).append_pair("next", next).finish();
        assert_eq!(browser.get(&format!("/login?{query}")).await.location(), to, "signed in already");
    }
}

#[tokio::test]
async fn name_or_mail_signs_in_and_every_server_knows_it() {
    let shop = TestShop::new().await;
    register(&mut shop.browser(), "ada").await;
    for login in ["ada", "ADA", " ada@example.com ", "Ada@Example.com"] {
        let mut browser = shop.browser();
        let fields = [("login", login), ("password", "a mug of tea"), ("remember", "1")];
        assert_eq!(browser.post("/login", &fields).await.status, 303, "{login}");
        browser.go_to(shop.another_server("Server-2"));
        assert!(browser.get("/account").await.body.contains("Signed in as ada"));
        let out = browser.post_and_follow("/logout", &[]).await;
        assert!(out.body.contains("You are signed out."));
        assert_eq!(browser.get("/account").await.location(), "/login?next=%2Faccount");
    }
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_name_look_the_same() {
    let shop = TestShop::new().await;
    register(&mut shop.browser(), "ada").await;
    let mut bodies = Vec::new();
    for login in ["ada", "bob"] {
        let started = Instant::now();
        let answer = shop.browser().post("/login", &[("login", login), ("password", "a guess")]).await;
        assert!(started.elapsed().as_millis() > 5, "no hash was computed for {login}");
        assert_eq!(answer.status, 401);
        assert!(answer.body.contains("The name and password do not match.") && !answer.body.contains("a guess"));
        assert!(answer.body.contains(&format!("value=\"{login}\"")), "the name is kept");
        let body = answer.body.replace(&format!("value=\"{login}\""), "value=\"\"");
        bodies.push(body.replace(answer.header("x-request-id"), ""));
    }
    assert_eq!(bodies[0], bodies[1]);
}

#[tokio::test]
async fn an_empty_field_is_said_at_the_field() {
    let shop = TestShop::new().await;
    let answer = shop.browser().post("/login", &[("login", " "), ("password", "")]).await;
    assert_eq!(answer.status, 422);
    assert!(answer.body.contains("href=\"#login\"") && answer.body.contains("href=\"#password\""));
}

#[tokio::test]
async fn a_registration_is_held_to_its_rules_and_keeps_what_was_typed() {
    let shop = TestShop::new().await;
    register(&mut shop.browser(), "ada").await;
    let long = "x".repeat(10_000);
    for (field, value) in [
        ("username", "ada"),
        ("username", "ADA"),
        ("username", "a"),
        ("username", "a b"),
        ("username", "a@b"),
        ("email", "ada@example.com"),
        ("email", "bob"),
        ("full_name", long.as_str()),
        ("full_name", "Bob\0"),
        ("password", "short"),
        ("password", long.as_str()),
    ] {
        let mut fields =
            vec![("username", "bob"), ("email", "bob@example.com"), ("full_name", "Bob"), ("password", "secret words")];
        fields.iter_mut().filter(|(name, _)| *name == field).for_each(|typed| typed.1 = value);
        let mut browser = shop.browser();
        let refused = browser.post("/register", &fields).await;
        assert_eq!(refused.status, 422, "{field}={:.20}", value);
        assert!(refused.body.contains(&format!("href=\"#{field}\"")), "{field}={:.20}", value);
        assert!(!refused.body.contains("secret words"), "a password is never sent back");
        let kept = if field == "email" { "value=\"Bob\"" } else { "value=\"bob@example.com\"" };
        assert!(refused.body.contains(kept));
        assert!(browser.get("/account").await.status == 303, "nobody was signed in");
    }
}

#[tokio::test]
async fn too_many_tries_are_asked_to_wait() {
    let shop = TestShop::with(&[("LIMIT_SIGN_IN", "2"), ("LIMIT_REGISTER", "1")]).await;
    let mut browser = shop.browser();
    for _ in 0..2 {
        assert_eq!(browser.post("/login", &RIGHT).await.status, 401);
    }
    let refused = browser.post("/login", &RIGHT).await;
    assert_eq!(refused.status, 429);
    assert!(!refused.header("retry-after").is_empty() && refused.body.contains("One moment, please"));
    assert_eq!(browser.post("/register", &[("username", "x")]).await.status, 422);
    assert_eq!(browser.post("/register", &[("username", "x")]).await.status, 429);
}

#[tokio::test]
async fn guesses_at_one_account_lock_out_neither_its_owner_nor_the_neighbours() {
    let shop = TestShop::with(&[("LIMIT_SIGN_IN", "8"), ("LIMIT_SIGN_IN_ACCOUNT", "3")]).await;
    register(&mut shop.browser(), "ada").await;
    register(&mut shop.browser(), "bob").await;
    let at = |ip: &str| {
        let mut browser = shop.browser();
        browser.set_header("x-forwarded-for", ip);
        browser
    };
    let guess = async |ip: &str, login: &str| {
        let fields = [("login", login), ("password", "a guess")];
        at(ip).post("/login", &fields).await.status.as_u16()
    };
    for login in ["ada", " ADA ", "Ada"] {
        assert_eq!(guess("192.0.2.1", login).await, 401);
    }
    for _ in 0..20 {
        assert_eq!(guess("192.0.2.1", "ada").await, 429, "however long they go on");
    }
    assert_eq!(at("192.0.2.2").post("/login", &RIGHT).await.status, 303, "the owner, somewhere else");
    let neighbour = [("login", "bob"), ("password", "a mug of tea")];
    assert_eq!(at("192.0.2.1").post("/login", &neighbour).await.status, 303, "someone else, behind the same address");
    // Names are many, so the address has a limit too.
    let mut answers = Vec::new();
    for number in 0..6 {
        answers.push(guess("192.0.2.1", &format!("name{number}")).await);
    }
    assert_eq!(answers, [401, 401, 401, 401, 429, 429]);
}

#[tokio::test]
async fn who_registers_on_the_way_keeps_the_cart() {
    let shop = TestShop::new().await;
    let mug = goods::variant(&shop.database.owner, "Enamel mug", 1200, 9).await;
    let mut browser = shop.browser();
    put_in_cart(&mut browser, mug, 2).await;
    let page = register(&mut browser, "ada").await;
    assert!(page.body.contains("Welcome, ada. What was in your cart came along."), "{}", page.body);
    assert!(browser.get("/cart").await.body.contains("Enamel mug"));
    let mut elsewhere = shop.browser();
    put_in_cart(&mut elsewhere, mug, 9).await;
    let joined = elsewhere.post_and_follow("/login", &RIGHT).await;
    assert!(joined.body.contains("There are fewer left than you asked for of Enamel mug."), "{}", joined.body);
}

#[tokio::test]
async fn a_form_of_another_site_signs_nobody_in() {
    let shop = TestShop::new().await;
    register(&mut shop.browser(), "ada").await;
    let mut browser = shop.browser();
    let body = axum::body::Body::from("login=ada&password=a+mug+of+tea");
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("sec-fetch-site", "cross-site")];
    let answer = browser.send(axum::http::Method::POST, "/login", &headers, body).await;
    assert_eq!(answer.status, 403);
    assert!(answer.body.contains("This is not allowed") && browser.cookie("session").is_none());
}
