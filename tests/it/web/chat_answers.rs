//! Prepared answers: written, tried and removed by leads and staff.

use axum::http::StatusCode;

use super::{HOSTILE, is_clean, people_admin::signed_in};
use crate::support::TestShop;

async fn shop() -> TestShop {
    TestShop::with(&[("CHAT_AUTOMATIC_ANSWERS", "true")]).await
}

async fn row(shop: &TestShop, table: &str) -> i64 {
    let statement = format!("SELECT id FROM {table} ORDER BY id DESC LIMIT 1");
    sqlx::query_scalar(sqlx::AssertSqlSafe(statement)).fetch_one(&shop.database.owner).await.unwrap()
}

#[tokio::test]
async fn a_canned_answer_is_written_changed_and_removed_after_asking() {
    let shop = shop().await;
    let mut staff = signed_in(&shop, "staff", &["staff"]).await;
    assert!(staff.get("/support/answers").await.body.contains("No answers yet"));
    let long = HOSTILE.repeat(2);
    let fields = [("shortcut", "/Hello"), ("title", &long), ("body", "Hello {customer}, {agent} here.")];
    let hostile = staff.post("/support/answers/canned", &fields).await;
    assert_eq!(hostile.status, StatusCode::UNPROCESSABLE_ENTITY, "81 letters and more are no title");
    assert!(is_clean(&hostile.body) && hostile.body.contains("value=\"/Hello\""), "what was typed stays");
    let fields = [("shortcut", "/Hello"), ("title", "<b>Greeting</b>"), ("body", "Hello {customer}, {agent} here.")];
    let list = staff.post_and_follow("/support/answers/canned", &fields).await;
    assert!(list.body.contains("/hello") && !list.body.contains("<b>Greeting"));
    let again = staff.post("/support/answers/canned", &fields).await;
    assert!(
        again.status == StatusCode::UNPROCESSABLE_ENTITY && again.body.contains("Another answer has this shortcut")
    );
    let page = format!("/support/answers/canned/{}", row(&shop, "canned_answers").await);
    let changed = staff.post_and_follow(&page, &[("shortcut", "hi"), ("title", "Hi"), ("body", "Hi")]).await;
    assert!(changed.body.contains("/hi"));
    assert!(staff.get(&format!("{page}/removal")).await.body.contains("Remove /hi?"));
    assert!(staff.post_and_follow(&format!("{page}/removal"), &[]).await.body.contains("The answer is removed."));
    assert_eq!(staff.get(&page).await.status, StatusCode::NOT_FOUND);
    assert_eq!(
        staff.post(&page, &[("shortcut", "hi"), ("title", "Hi"), ("body", "Hi")]).await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn bad_input_is_said_by_the_field() {
    let shop = shop().await;
    let mut lead = signed_in(&shop, "lead", &["lead"]).await;
    let long = "x".repeat(4_001);
    for (fields, field) in [
        ([("shortcut", "a b"), ("title", "t"), ("body", "b")], "shortcut"),
        ([("shortcut", ""), ("title", "t"), ("body", "b")], "shortcut"),
        ([("shortcut", "a"), ("title", " "), ("body", "b")], "title"),
        ([("shortcut", "a"), ("title", "t"), ("body", "")], "body"),
        ([("shortcut", "a"), ("title", "t"), ("body", &long)], "body"),
        ([("shortcut", "a"), ("title", "t"), ("body", "{custmer}")], "body"),
        ([("shortcut", "a"), ("title", "t"), ("body", "nul \0")], "body"),
    ] {
        let answer = lead.post("/support/answers/canned", &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{fields:?}");
        assert!(answer.body.contains(&format!("id=\"{field}-error\"")), "{field}: {}", answer.body);
    }
    for (change, field) in [
        (("position", "-1"), "position"),
        (("position", "1e3"), "position"),
        (("occasion", "never"), "occasion"),
        (("keywords", "ok, ???"), "keywords"),
        (("body", "{orders}"), "body"),
    ] {
        let mut fields = vec![("keywords", "a"), ("occasion", "away"), ("body", "b"), ("position", "1")];
        fields.retain(|(name, _)| *name != change.0);
        fields.push(change);
        let answer = lead.post("/support/answers/automatic", &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{change:?}");
        assert!(answer.body.contains(&format!("id=\"{field}-error\"")), "{field}: {}", answer.body);
    }
}

#[tokio::test]
async fn trying_shows_which_rule_would_answer_and_what() {
    let shop = shop().await;
    let mut lead = signed_in(&shop, "lead", &["lead"]).await;
    for (position, keywords, occasion, enabled) in
        [("20", "return, send back", "away", "1"), ("10", "voucher", "always", "1"), ("5", "return", "away", "")]
    {
        let body = format!("At {{shop}}: {keywords}. {{order_status}}");
        let fields = [
            ("position", position),
            ("keywords", keywords),
            ("occasion", occasion),
            ("body", &body),
            ("enabled", enabled),
        ];
        assert_eq!(
            lead.post("/support/answers/automatic", &fields[..if enabled.is_empty() { 4 } else { 5 }]).await.status,
            StatusCode::SEE_OTHER
        );
    }
    let tried = lead.get("/support/answers?text=I+want+to+SEND+back").await.body;
    assert!(tried.contains("At Fernhill: return, send back. Sign in to see"), "{tried}");
    let present = lead.get("/support/answers?text=my+return&present=1").await.body;
    assert!(present.contains("would say nothing by itself"));
    assert!(lead.get("/support/answers?text=voucher&present=1").await.body.contains("At Fernhill: voucher"));
    assert!(lead.get("/support/answers?text=hm").await.body.contains("No words fit, so the shop says:"));
    let hostile: String = url::form_urlencoded::byte_serialize(HOSTILE.as_bytes()).collect();
    assert!(is_clean(&lead.get(&format!("/support/answers?text={hostile}")).await.body));
    let page = format!("/support/answers/automatic/{}", row(&shop, "automatic_answers").await);
    assert!(lead.get(&page).await.body.contains("value=\"5\""));
    lead.post_and_follow(&format!("{page}/removal"), &[]).await;
    assert_eq!(lead.get(&format!("{page}/removal")).await.status, StatusCode::NOT_FOUND);
}
