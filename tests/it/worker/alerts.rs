//! The mail that something is back, as it arrives.

use ecommerce::domain::alerts;

use super::{Running, eventually, jobs};
use crate::support::{
    TestDb,
    goods::{self, count},
    placing::config,
    postbox::{Postbox, readable},
};

#[tokio::test]
async fn the_mail_links_to_what_is_back_and_to_stop_more() {
    let test = TestDb::new().await;
    let (postbox, port) = Postbox::open();
    let port = port.to_string();
    let config = config(&[
        ("EMAIL_HOST", "127.0.0.1"),
        ("EMAIL_PORT", port.as_str()),
        ("EMAIL_TLS", "none"),
        ("PUBLIC_URL", "https://shop.example/"),
    ]);
    let mug = goods::variant(&test.owner, "Mug <b>&</b>", 1080, 0).await;
    sqlx::query("UPDATE product_variants SET name = 'Navy'").execute(&test.owner).await.unwrap();
    alerts::ask(&test, None, mug, &"ada@example.com".parse().unwrap()).await.unwrap();
    sqlx::query("UPDATE stock_levels SET on_hand = 2").execute(&test.owner).await.unwrap();
    for _ in 0..2 {
        sqlx::query("SELECT graphile_worker.add_job('alerts.notify_back_in_stock', '{}'::json)")
            .execute(&test.owner)
            .await
            .unwrap();
    }
    let running = Running::start(&test, &config);
    eventually("the mail", async || !postbox.mails().is_empty()).await;
    eventually("the end of the jobs", async || jobs(&test).await == 0).await;
    running.stop().await;
    let mails = postbox.mails();
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].to, ["ada@example.com"]);
    let text = readable(&mails[0].raw);
    let token: String = sqlx::query_scalar("SELECT token FROM stock_alerts").fetch_one(&test.owner).await.unwrap();
    for expected in [
        "Message-ID: <back-in-stock-1@fernhill.example>".to_owned(),
        "Mug <b>&</b>, Navy can be ordered again, for $10.80.".to_owned(),
        "Mug &#60;b&#62;&#38;&#60;/b&#62;, Navy".to_owned(),
        format!("https://shop.example/products/mug-b-b?variant={mug}"),
        format!("https://shop.example/stock-alerts/{token}/removal"),
    ] {
        assert!(text.contains(&expected), "{expected} in\n{text}");
    }
}

#[tokio::test]
async fn what_was_taken_off_sale_before_the_mail_left_is_not_told() {
    let test = TestDb::new().await;
    let folder = tempfile::tempdir().unwrap();
    let config = config(&[("MAIL_DIR", folder.path().to_str().unwrap())]);
    let mug = goods::variant(&test.owner, "Mug", 1080, 1).await;
    alerts::ask(&test, None, mug, &"ada@example.com".parse().unwrap()).await.unwrap();
    assert_eq!(alerts::notify_due(&test).await.unwrap(), 1);
    sqlx::query("UPDATE products SET archived_at = now()").execute(&test.owner).await.unwrap();
    let running = Running::start(&test, &config);
    eventually("the end of the job", async || jobs(&test).await == 0).await;
    running.stop().await;
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    assert_eq!(count(&test.owner, "SELECT count(*) FROM stock_alerts WHERE sent_at IS NULL").await, 0);
}
