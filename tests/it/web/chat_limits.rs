//! What is said by form counts: with what is said over sockets, a person, and what was typed stays.

use axum::http::{Method, StatusCode};

use super::support::{act, asks, person};
use crate::support::{Answer, Browser, TestShop, goods::count};

const MESSAGES: &str = "SELECT count(*) FROM chat_messages WHERE sender IN ('agent', 'customer')";
const NOTES: &str = "SELECT count(*) FROM chat_changes WHERE kind = 'note'";

fn asks_to_wait(answer: &Answer, kept: &str) {
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS, "{}", answer.body);
    assert!((1..=60).contains(&answer.header("retry-after").parse::<u32>().unwrap()));
    assert!(answer.body.contains("That was a lot in a short time") && answer.body.contains(kept), "{}", answer.body);
}

#[tokio::test]
async fn an_agents_forms_are_limited_and_keep_what_was_written() {
    let shop = TestShop::with(&[("LIMIT_CHAT_MESSAGES", "3")]).await;
    let (token, _) = asks(&shop, "Zoe", "Hello").await;
    let mut sam = person(&shop, "sam", Some("agent")).await;
    let mut robin = person(&shop, "robin", Some("agent")).await;
    sam.post(&act(&token, "messages"), &[("message", "  ")]).await;
    for _ in 0..2 {
        assert_eq!(sam.post(&act(&token, "messages"), &[("message", "Hi")]).await.status, StatusCode::SEE_OTHER);
    }
    assert_eq!(sam.post(&act(&token, "notes"), &[("message", "One note")]).await.status, StatusCode::SEE_OTHER);
    for what in ["messages", "notes"] {
        let answer = sam.post(&act(&token, what), &[("message", "Written with care")]).await;
        asks_to_wait(&answer, "Written with care</textarea>");
        assert!(answer.body.contains("<html") && answer.header("hx-retarget").is_empty());
        // htmx would put an answer of this status to the errors, and the desk with it.
        sam.set_header("hx-target", "desk");
        let part = sam.post_fragment(&act(&token, what), &[("message", "Written with care")]).await;
        asks_to_wait(&part, "Written with care</textarea>");
        assert!(part.body.trim_start().starts_with("<div class=\"desk"), "{}", part.body);
        assert_eq!((part.header("hx-retarget"), part.header("hx-reswap")), ("#desk", "outerHTML"));
    }
    let hands_over = [("to", ""), ("note", "For the next one")];
    let answer = sam.post(&act(&token, "assignment"), &hands_over).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(!answer.header("retry-after").is_empty());
    assert_eq!(sam.post(&act(&token, "status"), &[("status", "resolved")]).await.status, StatusCode::SEE_OTHER);
    // A colleague in the same office has a limit of their own.
    assert_eq!(robin.post(&act(&token, "messages"), &[("message", "Hi")]).await.status, StatusCode::SEE_OTHER);
    let owner = &shop.database.owner;
    assert_eq!((count(owner, MESSAGES).await, count(owner, NOTES).await), (4, 1), "nothing of the rest was stored");
}

#[tokio::test]
async fn a_customers_form_is_limited_a_person_and_keeps_what_was_written() {
    let shop = TestShop::with(&[("LIMIT_CHAT_MESSAGES", "3")]).await;
    let (mut zoe, mut bob) = (shop.browser(), shop.browser());
    // The first word of who is nobody yet counts for the address.
    for _ in 0..4 {
        assert_eq!(zoe.post("/chat", &[("message", "Hello")]).await.status, StatusCode::SEE_OTHER);
    }
    let answer = zoe.post("/chat", &[("message", "And another thing")]).await;
    asks_to_wait(&answer, "And another thing</textarea>");
    let part = zoe.post_fragment("/chat", &[("message", "And another thing")]).await;
    asks_to_wait(&part, "And another thing</textarea>");
    assert_eq!((part.header("hx-retarget"), part.header("hx-reswap")), ("#chat", "outerHTML"));
    assert_eq!(bob.post("/chat", &[("message", "Hello")]).await.status, StatusCode::SEE_OTHER, "a household");
    assert_eq!(count(&shop.database.owner, MESSAGES).await, 5);
    for _ in 0..2 {
        shop.browser().post("/chat", &[("message", "Hello")]).await;
    }
    let answer = shop.browser().post("/chat", &[("message", "Nobody yet")]).await;
    asks_to_wait(&answer, "Nobody yet</textarea>");
}

async fn sends_a_file(browser: &mut Browser, token: &str, accept: &str) -> Answer {
    let body =
        "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\r\nno picture\r\n--edge--\r\n";
    let headers =
        [("content-type", "multipart/form-data; boundary=edge"), ("sec-fetch-site", "same-origin"), ("accept", accept)];
    browser.send(Method::POST, &format!("/chat/{token}/attachments"), &headers, body.into()).await
}

#[tokio::test]
async fn files_are_limited_a_person_and_say_when_to_come_back() {
    let shop = TestShop::with(&[("LIMIT_CHAT_MESSAGES", "12")]).await;
    let (mut zoe, mut bob) = (shop.browser(), shop.browser());
    let token = zoe.post_and_follow("/chat", &[("message", "Hello")]).await.between("data-token=\"", "\"").to_owned();
    for _ in 0..2 {
        let answer = sends_a_file(&mut zoe, &token, "application/json").await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "a sixth of the messages: it is looked at");
    }
    let answer = sends_a_file(&mut zoe, &token, "application/json").await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(!answer.header("retry-after").is_empty() && answer.json()["error"].as_str().unwrap().contains("wait"));
    let page = sends_a_file(&mut zoe, &token, "text/html").await;
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(!page.header("retry-after").is_empty() && page.body.contains("chat-file-error"), "{}", page.body);
    let token = bob.post_and_follow("/chat", &[("message", "Hello")]).await.between("data-token=\"", "\"").to_owned();
    let answer = sends_a_file(&mut bob, &token, "application/json").await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "another person");
}
