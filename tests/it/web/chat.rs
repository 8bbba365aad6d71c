//! The chat as a browser without a script sees it: forms, files, and what is said to bad ones.

use axum::{
    body::Body,
    http::{Method, StatusCode},
};
use ecommerce::{domain::chat::resume_token, infra::clock, types::ConversationToken};
use image::{ExtendedColorType, ImageEncoder, codecs::png::PngEncoder};

use super::{HOSTILE, is_clean, walk::register};
use crate::support::{Answer, Browser, TestShop, goods, goods::count, sockets::counted};

const MESSAGES: &str = "SELECT count(*) FROM chat_messages";
const CONVERSATIONS: &str = "SELECT count(*) FROM conversations";

async fn say(browser: &mut Browser, message: &str) -> Answer {
    browser.post_and_follow("/chat", &[("message", message)]).await
}

fn token(page: &Answer) -> String {
    page.between("data-token=\"", "\"").to_owned()
}

fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let pixels = vec![90; (width * height * 3) as usize];
    PngEncoder::new(&mut bytes).write_image(&pixels, width, height, ExtendedColorType::Rgb8).unwrap();
    bytes
}

async fn upload(browser: &mut Browser, token: &str, name: &str, kind: &str, bytes: &[u8], accept: &str) -> Answer {
    let mut body = format!(
        "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: {kind}\r\n\r\n"
    )
    .into_bytes();
    body.extend(bytes);
    body.extend(b"\r\n--edge--\r\n");
    let length = body.len().to_string();
    let headers = [
        ("content-type", "multipart/form-data; boundary=edge"),
        ("content-length", &length),
        ("sec-fetch-site", "same-origin"),
        ("accept", accept),
    ];
    browser.send(Method::POST, &format!("/chat/{token}/attachments"), &headers, Body::from(body)).await
}

#[tokio::test]
async fn a_visitor_asks_without_a_script_and_reads_the_conversation() {
    let shop = TestShop::new().await;
    let mut browser = shop.browser();
    let page = browser.get("/chat").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(
        page.body.contains("Start the conversation")
            && page.header("content-security-policy").contains("connect-src 'self'")
    );
    let id = page.between("name=\"client_id\" value=\"", "\"").to_owned();
    let fields = [
        ("client_id", id.as_str()),
        ("name", "Zoë"),
        ("email", "zoe@example.com"),
        ("message", "Is it safe? https://shop.test/a."),
    ];
    for _ in 0..2 {
        let page = browser.post_and_follow("/chat", &fields).await;
        assert!(page.body.contains("<a href=\"https://shop.test/a\" rel=\"noopener nofollow ugc\""), "{}", page.body);
    }
    let owner = &shop.database.owner;
    assert_eq!((count(owner, CONVERSATIONS).await, count(owner, MESSAGES).await), (1, 1), "sent twice it is one");
    assert!(browser.cookie("visitor").is_some());
    assert!(!shop.browser().get("/chat").await.body.contains("Is it safe"), "nobody else sees it");
}

#[tokio::test]
async fn what_is_wrong_is_said_at_its_field_and_what_was_typed_stays() {
    let shop = TestShop::new().await;
    let mut browser = shop.browser();
    let fields = [("name", "Support"), ("email", "nowhere"), ("message", "  ")];
    let page = browser.post("/chat", &fields).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    for part in ["chat-name-error", "chat-email-error", "chat-message-error", "value=\"Support\"", "value=\"nowhere\""]
    {
        assert!(page.body.contains(part), "{part}: {}", page.body);
    }
    assert_eq!(count(&shop.database.owner, CONVERSATIONS).await, 0);
    register(&mut shop.browser(), "ada").await;
    let page = browser.post("/chat", &[("name", "ADA"), ("message", "hello")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "an account's name is nobody else's");
    assert!(page.body.contains(">hello</textarea>"));
    let long = "x".repeat(8_193);
    assert_eq!(browser.post("/chat", &[("message", long.as_str())]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(count(&shop.database.owner, CONVERSATIONS).await, 0);
}

#[tokio::test]
async fn markup_in_words_and_names_is_text() {
    let shop = TestShop::new().await;
    let mut browser = shop.browser();
    let hostile: String = HOSTILE.chars().take(40).collect();
    let page = browser.post_and_follow("/chat", &[("name", hostile.as_str()), ("message", HOSTILE)]).await;
    assert!(is_clean(&page.body), "{}", page.body);
    let asked = browser.get("/chat?order=%3Cscript%3E&product=%3Cb%3E&conversation=%27&before=x").await;
    assert_eq!(asked.status, StatusCode::OK);
    assert!(is_clean(&asked.body));
}

#[tokio::test]
async fn a_product_and_an_own_order_become_cards_and_anothers_order_does_not() {
    let shop = TestShop::new().await;
    let owner = &shop.database.owner;
    goods::variant(owner, "Enamel mug", 1990, 5).await;
    let mut browser = shop.browser();
    let start = browser.get("/chat?product=enamel-mug").await;
    assert!(start.body.contains("data-product=\"enamel-mug\"") && start.body.contains("$19.90"));
    let page = browser.post_and_follow("/chat", &[("product", "enamel-mug"), ("message", "")]).await;
    assert!(page.body.contains("class=\"chat-card\" href=\"/products/enamel-mug\""), "{}", page.body);
    for gone in [("product", "no-such-thing"), ("order", "7K2M-Q9XT-04HB")] {
        let page = browser.post("/chat", &[gone, ("message", "this one")]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{gone:?}");
        assert!(page.body.contains("not there any more"));
    }
    assert_eq!(count(owner, MESSAGES).await, 1);
}

#[tokio::test]
async fn a_picture_is_made_anew_and_seen_by_its_people_alone() {
    let shop = TestShop::new().await;
    let (mut browser, mut other) = (shop.browser(), shop.browser());
    let token = token(&say(&mut browser, "hello").await);
    let answer = upload(&mut browser, &token, "../mug.png", "image/png", &png(40, 20), "text/html").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let page = browser.get("/chat").await;
    let url = page.between("class=\"chat-picture\" href=\"", "\"").to_owned();
    assert!(url.starts_with(&format!("/chat/{token}/attachments/")) && page.body.contains("alt=\"mug.webp\""));
    let file = browser.get(&url).await;
    assert_eq!((file.status, file.header("content-type")), (StatusCode::OK, "image/webp"));
    assert!(file.header("cache-control").starts_with("private") && file.header("x-content-type-options") == "nosniff");
    say(&mut other, "somebody else").await;
    assert_eq!(other.get(&url).await.status, StatusCode::NOT_FOUND);
    assert_eq!(shop.browser().get(&url).await.status, StatusCode::NOT_FOUND);
    let key: String =
        sqlx::query_scalar("SELECT media_key FROM chat_attachments").fetch_one(&shop.database.owner).await.unwrap();
    for path in [format!("/media/{key}"), format!("/media//{key}"), format!("/media/%63hat/{}", &key[5..])] {
        assert_eq!(browser.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn bad_files_are_refused_with_a_reason_and_leave_nothing() {
    let shop = TestShop::new().await;
    let mut browser = shop.browser();
    let token = token(&say(&mut browser, "hello").await);
    let mut huge = png(1, 1);
    huge[16..20].copy_from_slice(&64_000_u32.to_be_bytes());
    let script = b"%PDF-1.7\n1 0 obj << /OpenAction << /S /JavaScript /JS (x) >> >> endobj\nstartxref\n0\n%%EOF";
    let json = "application/json";
    let reasons = ["type", "pixels", "pdf", "size"];
    let counts = reasons.map(|reason| counted("file_refused", reason));
    for (name, bytes, status, reason) in [
        ("a.png", b"MZ a program".to_vec(), 422, "neither"),
        ("a.png", huge, 422, "picture"),
        ("a.png", png(64_000, 1), 422, "12,000 pixels"),
        ("a.pdf", script.to_vec(), 422, "scripts"),
        ("a.jpg", Vec::new(), 422, "empty"),
        ("a.png", vec![0; 5 * 1024 * 1024 + 1], 413, "too large"),
    ] {
        let answer = upload(&mut browser, &token, name, "image/png", &bytes, json).await;
        assert_eq!(answer.status.as_u16(), status, "{reason}: {}", answer.body);
        assert!(answer.json()["error"].as_str().unwrap().contains(reason), "{reason}: {}", answer.body);
    }
    for (reason, before) in reasons.into_iter().zip(counts) {
        assert!(counted("file_refused", reason) > before, "{reason} is counted");
    }
    let page = upload(&mut browser, &token, "a.png", "image/png", b"MZ", "text/html").await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.body.contains("chat-file-error"));
    let mut other = shop.browser();
    say(&mut other, "somebody else").await;
    assert_eq!(upload(&mut other, &token, "a.png", "image/png", &png(2, 2), json).await.status, StatusCode::NOT_FOUND);
    assert_eq!(count(&shop.database.owner, "SELECT count(*) FROM chat_attachments").await, 0);
}

#[tokio::test]
async fn a_conversation_is_ended_rated_and_mailed_by_its_customer_alone() {
    let shop = TestShop::new().await;
    let (mut browser, mut other) = (shop.browser(), shop.browser());
    let token = token(&say(&mut browser, "hello").await);
    say(&mut other, "somebody else").await;
    let at = |what: &str| format!("/chat/{token}/{what}");
    for what in ["end", "rating", "transcript"] {
        let answer = other.post(&at(what), &[("stars", "5"), ("email", "x@example.com")]).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{what}");
    }
    assert_eq!(
        browser.post(&at("rating"), &[("stars", "5")]).await.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "not over yet"
    );
    let page = browser.post(&at("transcript"), &[("email", "nowhere")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.body.contains("chat-email-error") && page.body.contains("value=\"nowhere\""));
    sqlx::query("UPDATE conversations SET first_answered_at = now()").execute(&shop.database.owner).await.unwrap();
    for _ in 0..2 {
        browser.post_and_follow(&at("transcript"), &[("email", "zoe@example.com")]).await;
    }
    let jobs = "SELECT count(*) FROM graphile_worker.jobs WHERE task_identifier = 'chat.send_transcript'";
    assert_eq!(count(&shop.database.owner, jobs).await, 1, "asked twice it is one mail");
    let page = browser.post_and_follow(&at("end"), &[]).await;
    assert!(page.body.contains("How did we do?") && page.body.contains("data-ended"));
    for stars in ["0", "6", "x", ""] {
        let page = browser.post(&at("rating"), &[("stars", stars)]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{stars:?}");
    }
    let page = browser.post_and_follow(&at("rating"), &[("stars", "4"), ("comment", "quick")]).await;
    assert!(page.body.contains("4 of 5"));
    let page = browser.post("/chat", &[("conversation", token.as_str()), ("message", "one more thing")]).await;
    assert!(page.status == StatusCode::UNPROCESSABLE_ENTITY && page.body.contains("one more thing"), "words are kept");
}

#[tokio::test]
async fn a_conversation_follows_at_sign_in_and_is_on_other_devices() {
    let shop = TestShop::new().await;
    let (mut phone, mut desk) = (shop.browser(), shop.browser());
    register(&mut desk, "ada").await;
    say(&mut phone, "written before").await;
    phone.post_and_follow("/login", &[("login", "ada"), ("password", "a mug of tea")]).await;
    assert!(phone.get("/chat").await.body.contains("written before"));
    assert!(desk.get("/chat").await.body.contains("written before"));
}

#[tokio::test]
async fn a_mails_link_goes_on_elsewhere_and_never_opens_an_accounts_conversation() {
    let shop = TestShop::new().await;
    let (mut first, mut second) = (shop.browser(), shop.browser());
    let token = token(&say(&mut first, "marmalade").await);
    let parsed = ConversationToken::parse(&token).unwrap();
    let link = format!("/chat/resume/{}", resume_token(&shop.app.config.secret_key, &parsed, clock::now()));
    let page = second.get(&link).await;
    assert!(page.body.contains("Continue here") && !page.body.contains("marmalade"), "fetching it opens nothing");
    assert!(first.get("/chat").await.body.contains("marmalade"));
    let page = second.post_and_follow(&link, &[]).await;
    assert!(page.body.contains("marmalade"), "{}", page.body);
    assert!(!first.get("/chat").await.body.contains("marmalade"), "it is in one place");
    assert_eq!(second.get("/chat/resume/bad.1.x").await.status, StatusCode::NOT_FOUND);
    register(&mut second, "ada").await;
    let page = first.get(&link).await;
    assert!(page.body.contains("Sign in") && !page.body.contains("Continue here"));
    first.post(&link, &[]).await;
    assert!(!first.get("/chat").await.body.contains("marmalade"));
}

#[tokio::test]
async fn the_launchers_fragment_reads_nothing_and_holds_no_page() {
    let shop = TestShop::new().await;
    let mut browser = shop.browser();
    let page = browser.get("/").await;
    assert!(page.body.contains("id=\"chat-launcher\"") && page.body.contains("hidden"));
    say(&mut browser, "hello").await;
    sqlx::query("UPDATE conversations SET customer_read = 0").execute(&shop.database.owner).await.unwrap();
    let part = browser.get_fragment("/chat/widget").await;
    assert!(part.body.contains("hello") && !part.body.contains("<html"));
    assert_eq!(count(&shop.database.owner, "SELECT customer_read FROM conversations").await, 0);
    assert!(!browser.get("/chat").await.body.contains("id=\"chat-launcher\""));
    let mut boss = super::people_admin::signed_in(&shop, "boss", &["administrator"]).await;
    assert!(!boss.get("/admin").await.body.contains("id=\"chat-launcher\""), "not among the pages of staff");
}
