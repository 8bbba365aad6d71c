//! Anybody may type anybody's address: who reads it can stop the mails, and the shop mails nobody's own words to strangers.

use axum::http::StatusCode;
use ecommerce::{domain::chat::stop_token, infra::clock};

use super::{
    support::{act, person},
    walk::register,
};
use crate::support::{Browser, TestShop, goods::count};

const TRANSCRIPTS: &str = "SELECT count(*) FROM chat_mails WHERE kind = 'transcript'";

async fn begins(browser: &mut Browser, email: &str) -> String {
    let page = browser.post_and_follow("/chat", &[("message", "hello"), ("email", email)]).await;
    page.between("data-token=\"", "\"").to_owned()
}

fn transcript(token: &str) -> String {
    format!("/chat/{token}/transcript")
}

#[tokio::test]
async fn a_link_stops_the_mails_to_its_address_and_allows_them_again() {
    let shop = TestShop::new().await;
    let link = format!("/chat/mails/{}", stop_token(&shop.app.config.secret_key, "zoe@example.com", clock::now()));
    let (mut reader, mut stranger) = (shop.browser(), shop.browser());
    let page = reader.get(&link).await;
    assert!(page.body.contains("zoe@example.com") && page.body.contains("Stop the emails"), "{}", page.body);
    let token = begins(&mut stranger, "zoe@example.com").await;
    let conversation = "SELECT count(*) FROM conversations WHERE email = 'zoe@example.com'";
    assert_eq!(count(&shop.database.owner, conversation).await, 1, "fetching the link stops nothing");

    let page = reader.post_and_follow(&link, &[("allow", "no")]).await;
    assert!(page.body.contains("No more emails") && page.body.contains("Allow them again"), "{}", page.body);
    let room = stranger.get("/chat").await;
    assert!(!room.body.contains("now zoe@example.com"), "the room no longer promises a mail");
    let mut other = shop.browser();
    for typed in ["zoe@example.com", "ZOE@Example.com"] {
        let page = other.post("/chat", &[("message", "hello"), ("email", typed)]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{typed}");
        assert!(
            page.body.contains("chat-email-error") && page.body.contains("No emails from our chat go to this address")
        );
        assert!(page.body.contains(">hello</textarea>"), "what was typed stays");
        let page = stranger.post(&transcript(&token), &[("email", typed)]).await;
        assert!(page.status == StatusCode::UNPROCESSABLE_ENTITY && page.body.contains("chat-email-error"), "{typed}");
    }
    let page = reader.post_and_follow(&link, &[("allow", "yes")]).await;
    assert!(page.body.contains("Stop the emails"));
    assert_eq!(
        other.post("/chat", &[("message", "x"), ("email", "zoe@example.com")]).await.status,
        StatusCode::SEE_OTHER
    );
    for bad in ["x", "em9lQGV4YW1wbGUuY29t.99999999999.AAAA", "."] {
        let bad = format!("/chat/mails/{bad}");
        assert_eq!(reader.get(&bad).await.status, StatusCode::NOT_FOUND, "{bad}");
        assert_eq!(reader.post(&bad, &[]).await.status, StatusCode::NOT_FOUND, "{bad}");
    }
}

#[tokio::test]
async fn a_visitors_conversation_is_mailed_once_an_agent_has_answered_and_so_often_a_day() {
    let shop = TestShop::new().await;
    let mut sam = person(&shop, "sam", Some("agent")).await;
    let mut visitor = shop.browser();
    let token = begins(&mut visitor, "").await;
    let parsed = ecommerce::types::ConversationToken::parse(&token).unwrap();
    let page = visitor.post(&transcript(&token), &[("email", "stranger@example.com")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.body.contains("as soon as one of us has answered"), "{}", page.body);
    let jobs = "SELECT count(*) FROM graphile_worker.jobs WHERE task_identifier = 'chat.send_transcript'";
    let owner = &shop.database.owner;
    assert_eq!((count(owner, jobs).await, count(owner, TRANSCRIPTS).await), (0, 0));

    sam.post(&act(&parsed, "messages"), &[("message", "Here you are")]).await;
    for _ in 0..5 {
        let page = visitor.post_and_follow(&transcript(&token), &[]).await;
        assert!(page.body.contains("on its way to stranger@example.com"), "{}", page.body);
    }
    let page = visitor.post(&transcript(&token), &[]).await;
    assert!(page.status == StatusCode::UNPROCESSABLE_ENTITY && page.body.contains("often enough for today"));
    // Nor to the same address from another conversation.
    let mut other = shop.browser();
    let elsewhere = begins(&mut other, "").await;
    let parsed = ecommerce::types::ConversationToken::parse(&elsewhere).unwrap();
    sam.post(&act(&parsed, "messages"), &[("message", "Here you are")]).await;
    let page = other.post(&transcript(&elsewhere), &[("email", "Stranger@example.com")]).await;
    assert!(page.body.contains("often enough for today"), "{}", page.body);
    let page = other.post_and_follow(&transcript(&elsewhere), &[("email", "me@example.com")]).await;
    assert!(page.body.contains("on its way to me@example.com"));
    sqlx::query("UPDATE chat_mails SET created_at = now() - interval '25 hours'").execute(owner).await.unwrap();
    let page = visitor.post_and_follow(&transcript(&token), &[]).await;
    assert!(page.body.contains("on its way to stranger@example.com"), "a day later");
}

#[tokio::test]
async fn an_accounts_conversation_is_mailed_to_its_own_address_without_an_answer() {
    let shop = TestShop::new().await;
    let mut ada = shop.browser();
    register(&mut ada, "ada").await;
    let token = begins(&mut ada, "").await;
    let page = ada.post_and_follow(&transcript(&token), &[("email", "stranger@example.com")]).await;
    assert!(page.body.contains("on its way to ") && !page.body.contains("on its way to stranger"), "{}", page.body);
}
