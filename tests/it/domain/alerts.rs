//! Who is told that something is back, and how often.

use ecommerce::{
    domain::alerts::{self, AlertError},
    types::{Email, VariantId},
};
use futures_util::future::join_all;
use sqlx::PgPool;

use crate::support::{
    TestDb,
    goods::{self, count},
};

const WAITING: &str = "SELECT count(*) FROM stock_alerts WHERE sent_at IS NULL";
const MAILS: &str = "SELECT count(*) FROM graphile_worker.jobs WHERE task_identifier = 'alerts.send_back_in_stock'";

fn email(text: &str) -> Email {
    text.parse().unwrap()
}

async fn receive(owner: &PgPool, variant: VariantId, pieces: i32) {
    let statement = "UPDATE stock_levels SET on_hand = $2 WHERE variant_id = $1";
    sqlx::query(statement).bind(variant.0).bind(pieces).execute(owner).await.unwrap();
}

#[tokio::test]
async fn each_who_waits_is_told_once_when_it_can_be_sold_and_not_before() {
    let test = TestDb::new().await;
    let (mug, lamp) =
        (goods::variant(&test.owner, "Mug", 1200, 0).await, goods::variant(&test.owner, "Lamp", 900, 0).await);
    for (variant, address) in [(mug, "ada@example.com"), (mug, "bob@example.com"), (lamp, "ada@example.com")] {
        alerts::ask(&test, None, variant, &email(address)).await.unwrap();
    }
    assert_eq!(alerts::notify_due(&test).await.unwrap(), 0, "nothing is back");
    receive(&test.owner, mug, 3).await;
    assert_eq!(alerts::notify_due(&test).await.unwrap(), 2);
    assert_eq!(alerts::notify_due(&test).await.unwrap(), 0, "told already");
    assert_eq!((count(&test.owner, WAITING).await, count(&test.owner, MAILS).await), (1, 2));
    // Asking again is a new wish.
    alerts::ask(&test, None, mug, &email("ada@example.com")).await.unwrap();
    assert_eq!(alerts::notify_due(&test).await.unwrap(), 1);
}

#[tokio::test]
async fn what_is_promised_to_others_is_not_back() {
    let test = TestDb::new().await;
    let mug = goods::variant(&test.owner, "Mug", 1200, 2).await;
    sqlx::query("UPDATE stock_levels SET reserved = 2").execute(&test.owner).await.unwrap();
    alerts::ask(&test, None, mug, &email("ada@example.com")).await.unwrap();
    assert_eq!(alerts::notify_due(&test).await.unwrap(), 0);
    sqlx::query("UPDATE stock_levels SET reserved = 1").execute(&test.owner).await.unwrap();
    assert_eq!(alerts::notify_due(&test).await.unwrap(), 1);
}

#[tokio::test]
async fn several_workers_at_once_make_one_mail_for_each() {
    let test = TestDb::new().await;
    let mug = goods::variant(&test.owner, "Mug", 1200, 0).await;
    sqlx::query(
        "INSERT INTO stock_alerts (variant_id, email, token)
         SELECT $1, 'person' || n || '@example.com', lpad(n::text, 43, 'x') FROM generate_series(1, 450) n",
    )
    .bind(mug.0)
    .execute(&test.owner)
    .await
    .unwrap();
    receive(&test.owner, mug, 1).await;
    let told = join_all((0..4).map(|_| alerts::notify_due(&test))).await;
    assert_eq!(told.into_iter().map(Result::unwrap).sum::<u64>(), 450);
    assert_eq!((count(&test.owner, WAITING).await, count(&test.owner, MAILS).await), (0, 450));
}

#[tokio::test]
async fn asking_twice_is_asking_once_however_the_address_is_written() {
    let test = TestDb::new().await;
    let mug = goods::variant(&test.owner, "Mug", 1200, 0).await;
    let asked = ["ada@example.com", "ADA@Example.com", "ada@example.com"];
    for result in join_all(asked.map(|text| {
        let test = &test;
        async move { alerts::ask(test, None, mug, &email(text)).await }
    }))
    .await
    {
        result.unwrap();
    }
    assert_eq!(count(&test.owner, WAITING).await, 1);
    let unknown = alerts::ask(&test, None, VariantId(999_999), &email("ada@example.com")).await;
    assert!(matches!(unknown, Err(AlertError::UnknownVariant)));
}

#[tokio::test]
async fn nobody_fills_a_strangers_mailbox() {
    let test = TestDb::new().await;
    for number in 0..55 {
        let variant = goods::variant(&test.owner, &format!("Mug {number}"), 1200, 0).await;
        alerts::ask(&test, None, variant, &email("ada@example.com")).await.unwrap();
    }
    assert_eq!(count(&test.owner, WAITING).await, 50);
}

#[tokio::test]
async fn whoever_stops_is_told_nothing_more_and_the_link_goes_on_to_work() {
    let test = TestDb::new().await;
    let (mug, lamp) =
        (goods::variant(&test.owner, "Mug", 1200, 1).await, goods::variant(&test.owner, "Lamp", 900, 0).await);
    for (variant, address) in [(mug, "ada@example.com"), (lamp, "ada@example.com"), (lamp, "bob@example.com")] {
        alerts::ask(&test, None, variant, &email(address)).await.unwrap();
    }
    assert_eq!(alerts::notify_due(&test).await.unwrap(), 1);
    let statement = "SELECT token FROM stock_alerts WHERE sent_at IS NOT NULL";
    let token: String = sqlx::query_scalar(statement).fetch_one(&test.owner).await.unwrap();
    assert_eq!(alerts::address_of(&test, &token).await.unwrap().as_deref(), Some("ada@example.com"));
    for _ in 0..2 {
        assert_eq!(alerts::stop(&test, &token).await.unwrap().as_deref(), Some("ada@example.com"));
    }
    for none in ["", "nope", "a\0b", &"x".repeat(5_000)] {
        assert_eq!(alerts::stop(&test, none).await.unwrap(), None);
        assert_eq!(alerts::address_of(&test, none).await.unwrap(), None);
    }
    receive(&test.owner, lamp, 1).await;
    assert_eq!(alerts::notify_due(&test).await.unwrap(), 1, "bob's alone");
}

#[tokio::test]
async fn old_alerts_are_forgotten() {
    let test = TestDb::new().await;
    let mug = goods::variant(&test.owner, "Mug", 1200, 0).await;
    sqlx::query(
        "INSERT INTO stock_alerts (variant_id, email, token, created_at, sent_at) VALUES
         ($1, 'a@example.com', repeat('a', 43), now() - interval '100 days', now() - interval '91 days'),
         ($1, 'b@example.com', repeat('b', 43), now() - interval '100 days', now() - interval '80 days'),
         ($1, 'c@example.com', repeat('c', 43), now() - interval '366 days', NULL),
         ($1, 'd@example.com', repeat('d', 43), now() - interval '300 days', NULL)",
    )
    .bind(mug.0)
    .execute(&test.owner)
    .await
    .unwrap();
    assert_eq!(alerts::forget_old(&test).await.unwrap(), 2);
}
