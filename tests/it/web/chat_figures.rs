//! Figures for leads, and what a person may take along or have removed.

use axum::http::StatusCode;
use ecommerce::domain::{accounts::System, chat::REMOVED};

use super::people_admin::signed_in;
use crate::support::{Browser, TestShop};

async fn run(shop: &TestShop, statement: &str) {
    sqlx::query(sqlx::AssertSqlSafe(statement.to_owned())).execute(&shop.database.owner).await.unwrap();
}

// Four conversations of one day in New York, on both sides of midnight UTC, and one of the day after the clocks changed.
async fn talks(shop: &TestShop) {
    run(shop, "INSERT INTO users (username, email, password_hash, full_name) VALUES ('cmd', 'cmd@example.com', 'x', '=cmd|''/C calc''!A0')").await;
    run(shop, "INSERT INTO visitors (token_hash) SELECT sha256(n::text::bytea) FROM generate_series(1, 5) n").await;
    run(
        shop,
        "INSERT INTO conversations (token, visitor_id, display_name, assignee_id, status, first_asked_at, first_answered_at, resolved_at, rating)
         SELECT repeat('t', 42) || n, v.id, 'Guest', (SELECT id FROM users WHERE username = 'cmd'), 'resolved', at, at + wait, at + wait * 10, rating
         FROM (VALUES (1, timestamptz '2027-03-13 05:00Z', interval '10 s', 5), (2, '2027-03-13 18:00Z', '20 s', 4),
                      (3, '2027-03-14 04:59Z', '30 s', NULL), (4, '2027-03-14 04:59:59Z', NULL, NULL),
                      (5, '2027-03-15 03:59Z', '1 h', 1)) AS c (n, at, wait, rating)
         JOIN (SELECT id, row_number() OVER (ORDER BY id) AS n FROM visitors) v USING (n)",
    )
    .await;
}

#[tokio::test]
async fn figures_count_by_the_shops_days_also_when_the_clocks_change() {
    let shop = TestShop::with(&[("SHOP_TIME_ZONE", "America/New_York")]).await;
    talks(&shop).await;
    let mut lead = signed_in(&shop, "lead", &["lead"]).await;
    let csv = lead.get("/support/figures.csv?from=2027-03-13&to=2027-03-15").await;
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    let lines: Vec<&str> = csv.body.lines().collect();
    assert!(lines[0].starts_with("day,conversations,answered,"));
    assert_eq!(
        lines[1..],
        ["2027-03-13,4,3,20,29,3,200,2,4.50", "2027-03-14,1,1,3600,3600,1,36000,1,1.00", "2027-03-15,0,0,,,0,,0,"]
    );
    let agents = lead.get("/support/figures.csv?from=2027-03-13&to=2027-03-15&by=agent").await.body;
    assert!(agents.contains("\"'=cmd|'/C calc'!A0\",2027-03-13,4,3,"), "{agents}");
    let page = lead.get("/support/figures?from=2027-03-13&to=2027-03-15").await;
    assert_eq!(page.status, StatusCode::OK);
    for seen in ["25 s", "3.33 of 5 (3)", "<rect class=\"figures-bar\"", "viewBox=\"0 0 30 100\"", "Saturday, March 13"]
    {
        assert!(page.body.contains(seen), "{seen}: {}", page.body);
    }
}

#[tokio::test]
async fn a_range_that_is_none_is_said_by_its_field_and_kept() {
    let shop = TestShop::new().await;
    let mut lead = signed_in(&shop, "lead", &["lead"]).await;
    for (query, field) in [
        ("from=yesterday", "from"),
        ("to=2027-02-30", "to"),
        ("from=2027-02-02&to=2027-02-01", "from"),
        ("from=2000-01-01&to=2027-01-01", "from"),
    ] {
        let answer = lead.get(&format!("/support/figures?{query}")).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
        assert!(answer.body.contains(&format!("id=\"{field}-error\"")), "{query}: {}", answer.body);
        assert_eq!(lead.get(&format!("/support/figures.csv?{query}")).await.status, StatusCode::BAD_REQUEST);
    }
    assert!(lead.get("/support/figures").await.body.contains("Nobody wrote on these days"));
}

async fn chatted(shop: &TestShop, browser: &mut Browser, name: &str) {
    let _ = browser.get("/account").await;
    run(
        shop,
        &format!(
            "WITH c AS (INSERT INTO conversations (token, user_id, display_name, email, last_seq)
                        SELECT repeat('c', 40) || id, id, 'Ada', 'ada@example.com', 2 FROM users WHERE username = '{name}' RETURNING id),
                  f AS (INSERT INTO chat_attachments (token, conversation_id, kind, file_name, media_key, bytes)
                        SELECT 'file-{name}', id, 'pdf', 'bill.pdf', 'chat/{name}.pdf', 9 FROM c RETURNING id, conversation_id),
                  n AS (INSERT INTO chat_changes (conversation_id, n, kind, body) SELECT id, 1, 'note', 'secret note' FROM c)
             INSERT INTO chat_messages (conversation_id, seq, sender, username, body, attachment_id)
             SELECT conversation_id, seq, 'customer', 'Ada', 'secret ' || seq, CASE WHEN seq = 1 THEN f.id END FROM f, generate_series(1, 2) seq"
        ),
    )
    .await;
}

#[tokio::test]
async fn a_person_takes_their_chats_along_and_has_them_removed_without_a_gap() {
    let shop = TestShop::new().await;
    let mut ada = signed_in(&shop, "ada", &[]).await;
    let mut eve = signed_in(&shop, "eve", &[]).await;
    assert!(ada.get("/account/chats").await.body.contains("Nothing is kept"));
    chatted(&shop, &mut ada, "ada").await;
    chatted(&shop, &mut eve, "eve").await;
    let all = ada.get("/account/chats.json").await;
    assert_eq!(all.header("content-disposition"), "attachment; filename=\"chats.json\"");
    let chats = all.json();
    assert_eq!(chats["chats"].as_array().unwrap().len(), 1);
    assert_eq!(chats["chats"][0]["messages"][1]["message"], "secret 2");
    assert_eq!(chats["chats"][0]["messages"][0]["attachment"], "bill.pdf");
    assert!(!all.body.contains("secret note"), "notes are the agents' own");
    let unsure = ada.post("/account/chats/removal", &[]).await;
    assert!(unsure.status == StatusCode::UNPROCESSABLE_ENTITY && unsure.body.contains("id=\"sure-error\""));
    assert!(
        ada.post_and_follow("/account/chats/removal", &[("sure", "1")]).await.body.contains("Your chats are removed.")
    );
    let left: Vec<(i64, String)> =
        sqlx::query_as("SELECT seq, body FROM chat_messages m JOIN conversations c ON c.id = m.conversation_id JOIN users u ON u.id = c.user_id WHERE u.username = 'ada' ORDER BY seq")
            .fetch_all(&shop.database.owner)
            .await
            .unwrap();
    assert_eq!(left, [(1, REMOVED.to_owned()), (2, REMOVED.to_owned())]);
    for (statement, hers) in [
        ("SELECT count(*) FROM chat_attachments", 1),
        ("SELECT count(*) FROM chat_changes WHERE body = 'secret note'", 1),
        ("SELECT count(*) FROM conversations WHERE email IS NOT NULL AND ended_at IS NULL", 1),
        ("SELECT count(*) FROM chat_messages WHERE search @@ 'secret'::tsquery", 2),
    ] {
        let count: i64 = sqlx::query_scalar(statement).fetch_one(&shop.database.owner).await.unwrap();
        assert_eq!(count, hers, "{statement}: eve's alone are left");
    }
    assert!(ada.get("/account/chats").await.body.contains("Nothing is kept"));
}

#[tokio::test]
async fn a_visitors_old_conversation_goes_and_nothing_else_does() {
    let shop = TestShop::with(&[("CHAT_KEEP_DAYS", "30")]).await;
    talks(&shop).await;
    let mut ada = signed_in(&shop, "ada", &[]).await;
    chatted(&shop, &mut ada, "ada").await;
    run(&shop, "INSERT INTO chat_messages (conversation_id, seq, sender, username, body) SELECT id, 1, 'customer', 'Guest', 'x' FROM conversations WHERE visitor_id IS NOT NULL").await;
    run(&shop, "UPDATE conversations SET last_message_at = now() - interval '31 days'").await;
    run(&shop, "UPDATE conversations SET last_message_at = now() - interval '29 days' WHERE token LIKE '%t1'").await;
    assert_eq!(shop.app.chat.forget_old_visitors(&System::acting()).await.unwrap(), 4);
    assert_eq!(shop.app.chat.forget_old_visitors(&System::acting()).await.unwrap(), 0);
    let left: i64 =
        sqlx::query_scalar("SELECT count(*) FROM conversations").fetch_one(&shop.database.owner).await.unwrap();
    let messages: i64 =
        sqlx::query_scalar("SELECT count(*) FROM chat_messages").fetch_one(&shop.database.owner).await.unwrap();
    assert_eq!((left, messages), (2, 3));
}
