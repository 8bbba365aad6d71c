//! The agents' desk as pages: who may see it, and everything it does without JavaScript.

use axum::http::StatusCode;
use ecommerce::{
    domain::{
        accounts::{self, Owner},
        chat::{NewMessage, Speaker},
    },
    types::{ConversationToken, DisplayName, MessageBody, VisitorId},
};

use super::{HOSTILE, is_clean, walk::register};
use crate::support::{Browser, TestShop, goods, sales};

// Somebody with a role (none: a customer), signed in.
pub(super) async fn person(shop: &TestShop, name: &str, role: Option<&str>) -> Browser {
    let mut browser = shop.browser();
    register(&mut browser, name).await;
    if let Some(role) = role {
        let grant = "INSERT INTO user_roles (user_id, role) SELECT id, $2 FROM users WHERE username = $1";
        sqlx::query(grant).bind(name).bind(role).execute(&shop.database.owner).await.unwrap();
    }
    browser
}

pub(super) async fn asks(shop: &TestShop, name: &str, text: &str) -> (ConversationToken, VisitorId) {
    let visitor = accounts::new_visitor(&shop.database.db).await.unwrap().0;
    let (me, chat) = (Speaker::visitor(visitor), &shop.app.chat);
    let opened = chat.open(&me, Some(&DisplayName::parse(name).unwrap()), None).await.unwrap();
    let body = MessageBody::parse(text).unwrap();
    chat.post(&me, &opened.token, NewMessage { body, client_id: None, attachment: None, card: None }).await.unwrap();
    (opened.token, visitor)
}

pub(super) fn desk(token: &ConversationToken) -> String {
    format!("/support?conversation={token}")
}

pub(super) fn act(token: &ConversationToken, what: &str) -> String {
    format!("/support/conversations/{token}/{what}")
}

#[tokio::test]
async fn the_desk_is_open_to_agents_leads_and_administrators_alone() {
    let shop = TestShop::new().await;
    let (token, _) = asks(&shop, "Zoe", "Hello").await;
    let posts = [
        ("messages", ("message", "Hi")),
        ("notes", ("message", "Hi")),
        ("assignment", ("take", "1")),
        ("status", ("status", "resolved")),
        ("snooze", ("for", "hour")),
        ("labels", ("name", "x")),
        ("labels/1/removal", ("name", "")),
        ("orders/X/cancellation", ("reason", "")),
    ];
    for (name, role, may) in [
        ("visitor", None, false),
        ("customer", None, false),
        ("agent", Some("agent"), true),
        ("lead", Some("lead"), true),
        ("staff", Some("staff"), false),
        ("boss", Some("administrator"), true),
    ] {
        let mut browser =
            if name == "visitor" { shop.browser() } else { person(&shop, &format!("the.{name}"), role).await };
        let refused = if name == "visitor" { StatusCode::SEE_OTHER } else { StatusCode::FORBIDDEN };
        for path in ["/support".to_owned(), desk(&token), act(&token, "customer")] {
            let answer = browser.get(&path).await;
            let expected = if may { StatusCode::OK } else { refused };
            assert_eq!(answer.status, expected, "{name} {path}");
            assert!(may || !answer.body.contains("Zoe"), "{name} {path}");
        }
        if may {
            continue;
        }
        for (what, field) in posts {
            let answer = browser.post(&act(&token, what), &[field]).await;
            assert_eq!(answer.status, refused, "{name} {what}");
        }
        assert_eq!(browser.post("/support/availability", &[("available", "no")]).await.status, refused, "{name}");
    }
    let said = goods::count(&shop.database.owner, "SELECT count(*) FROM chat_messages").await;
    let changed = goods::count(&shop.database.owner, "SELECT count(*) FROM chat_changes").await;
    assert_eq!((said, changed), (1, 0), "nothing was done by those who may not");
    let there = goods::count(&shop.database.owner, "SELECT count(*) FROM agent_presence").await;
    assert_eq!(there, 0, "and nobody is at the desk by trying");
}

#[tokio::test]
async fn an_agent_answers_notes_hands_over_and_resolves_without_javascript() {
    let shop = TestShop::new().await;
    let mut sam = person(&shop, "sam", Some("agent")).await;
    person(&shop, "robin", Some("agent")).await;
    let (token, _) = asks(&shop, "Zoe", "Where is my parcel?").await;
    let page = sam.get("/support").await;
    assert!(page.body.contains("Zoe") && page.body.contains("is-unread"), "{}", page.body);
    let page = sam.get(&desk(&token)).await;
    assert!(page.body.contains("Where is my parcel?") && page.body.contains("Nobody answers yet"));
    assert!(!sam.get("/support").await.body.contains("is-unread"), "who opens it reads it");
    let page = sam.post_and_follow(&act(&token, "assignment"), &[("take", "1"), ("next", "queue=mine")]).await;
    assert!(page.body.contains("You answer") && page.body.contains("This conversation is yours."));
    assert!(
        page.body.contains(r#"id="queue-mine""#) && page.body.contains("queue=mine&#38;conversation=")
            || page.body.contains("queue=mine&amp;conversation=")
    );
    let page = sam.post_and_follow(&act(&token, "messages"), &[("message", "It is on its way")]).await;
    assert!(page.body.contains("It is on its way") && page.body.contains("Waiting for the customer"));
    let page = sam.post_and_follow(&act(&token, "notes"), &[("message", "Parcel 77 was late")]).await;
    assert!(page.body.contains("Note by") && page.body.contains("Parcel 77 was late"));
    let empty = sam.post(&act(&token, "messages"), &[("message", "  ")]).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(empty.body.contains("Please write something first") && empty.body.contains(r#"aria-invalid="true""#));
    let robin: i64 = sqlx::query_scalar("SELECT id FROM users WHERE username = 'robin'")
        .fetch_one(&shop.database.owner)
        .await
        .unwrap();
    let fields = [("to", robin.to_string()), ("note", "Please go on".to_owned())];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let page = sam.post_and_follow(&act(&token, "assignment"), &fields).await;
    assert!(page.body.contains("answers this conversation. Both of you can write."), "{}", page.body);
    let late = sam.post(&act(&token, "assignment"), &[("take", "1")]).await;
    assert_eq!(late.status, StatusCode::SEE_OTHER);
    assert!(sam.get(late.location()).await.body.contains("has taken this conversation"));
    for (what, field, said) in [
        ("snooze", ("for", "hour"), "Snoozed until"),
        ("snooze", ("until", "1999-01-01T10:00"), "still to come"),
        ("snooze", ("until", "nonsense"), "still to come"),
        ("status", ("status", "open"), "open again"),
        ("labels", ("name", "delivery"), "Take off the label"),
        ("status", ("status", "resolved"), "Resolved"),
    ] {
        let page = sam.post_and_follow(&act(&token, what), &[field]).await;
        assert!(page.body.contains(said), "{what} {field:?}: {}", page.body);
    }
    assert_eq!(sam.post(&act(&token, "status"), &[("status", "burnt")]).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn htmx_gets_the_part_that_it_will_replace() {
    let shop = TestShop::new().await;
    let mut sam = person(&shop, "sam", Some("agent")).await;
    let (token, _) = asks(&shop, "Zoe", "Hello").await;
    for (target, begins, lacks) in [
        ("desk", r#"<div class="desk shows-talk""#, "<html"),
        ("desk-queue", r#"<div id="desk-queue""#, "desk-log"),
        ("desk-head", r#"<header class="desk-head""#, "desk-queues"),
        ("desk-customer", r#"<aside class="desk-column desk-customer""#, "desk-queues"),
    ] {
        sam.set_header("hx-target", target);
        let part = sam.get_fragment(&desk(&token)).await;
        assert!(part.body.trim_start().starts_with(begins), "{target}: {}", part.body);
        assert!(!part.body.contains(lacks), "{target}");
    }
    sam.set_header("hx-target", "desk");
    let part = sam.post_fragment(&act(&token, "status"), &[("status", "resolved")]).await;
    assert!(part.body.contains(r#"hx-swap-oob="true""#) && part.body.contains("Resolved."), "{}", part.body);
}

#[tokio::test]
async fn the_customer_stands_beside_the_conversation_and_their_order_is_cancelled_from_there() {
    let shop = TestShop::new().await;
    let mut sam = person(&shop, "sam", Some("agent")).await;
    let mug = goods::variant(&shop.database.owner, "Enamel mug", 1200, 10).await;
    let (token, visitor) = asks(&shop, "Zoe", "Please cancel my order").await;
    let owner = Owner::Visitor(visitor);
    goods::put_in_cart(&shop.database.owner, owner, mug, 3).await;
    sales::paid(&shop.database, owner, mug, 1).await;
    sqlx::query("UPDATE conversations SET page_path = '//evil.example/x', page_title = 'A page'")
        .execute(&shop.database.owner)
        .await
        .unwrap();
    let page = sam.get(&desk(&token)).await;
    assert!(page.body.contains("3 × ") && page.body.contains("$36.00"), "the cart");
    assert!(page.body.contains("Looks at") && !page.body.contains("evil.example"), "no link out of the shop");
    let cancel =
        format!("/support/conversations/{token}/orders/{}/cancellation", page.between("orders/", "/cancellation"));
    let page = sam.post_and_follow(&cancel, &[("reason", "Ordered twice")]).await;
    assert!(page.body.contains("is cancelled. The customer gets an email.") && page.body.contains("Ordered twice"));
    let again = sam.post_and_follow(&cancel, &[]).await;
    assert!(again.body.contains("can no longer be cancelled"));
    assert_eq!(goods::count(&shop.database.owner, "SELECT count(*) FROM audit_log").await, 1);
    let (other, _) = asks(&shop, "Bob", "Hi").await;
    let foreign = cancel.replace(token.as_str(), other.as_str());
    assert_eq!(sam.post(&foreign, &[]).await.status, StatusCode::NOT_FOUND, "somebody else's order");
}

#[tokio::test]
async fn nothing_that_is_said_or_asked_for_is_markup_or_a_fault() {
    let shop = TestShop::new().await;
    let mut sam = person(&shop, "sam", Some("agent")).await;
    let (token, _) = asks(&shop, "Zoe", HOSTILE).await;
    sqlx::query("INSERT INTO canned_answers (shortcut, title, body) VALUES ('hi', left($1, 80), $1 || ' {customer}')")
        .bind(HOSTILE)
        .execute(&shop.database.owner)
        .await
        .unwrap();
    for what in ["notes", "messages"] {
        sam.post(&act(&token, what), &[("message", HOSTILE)]).await;
    }
    sam.post(&act(&token, "labels"), &[("name", "<script>alert(1)")]).await;
    let query: String = url::form_urlencoded::byte_serialize(HOSTILE.as_bytes()).collect();
    for path in [
        desk(&token),
        format!("{}&answer=hi", desk(&token)),
        format!("/support?search={query}"),
        format!("/support?queue={query}&page={query}&before={query}"),
    ] {
        let page = sam.get(&path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(is_clean(&page.body), "{path}: {}", page.body);
    }
    for (path, status) in [
        ("/support?conversation=nothing", 404),
        ("/support?conversation=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", 404),
        ("/support?page=99999&queue=all", 200),
        ("/support?search=%00%FF", 200),
    ] {
        assert_eq!(sam.get(path).await.status, status, "{path}");
    }
    let nowhere = "/support/conversations/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/messages";
    assert_eq!(sam.post(nowhere, &[("message", "x")]).await.status, StatusCode::NOT_FOUND);
    assert_eq!(sam.post(&act(&token, "messages"), &[("message", &"x".repeat(9_000))]).await.status, 422);
}

#[tokio::test]
async fn the_account_menu_leads_agents_to_the_desk_and_nobody_else() {
    let shop = TestShop::new().await;
    let link = r#"href="/support""#;
    assert!(person(&shop, "sam", Some("agent")).await.get("/").await.body.contains(link));
    assert!(!person(&shop, "ada", None).await.get("/").await.body.contains(link));
    assert!(!shop.browser().get("/").await.body.contains(link));
}
