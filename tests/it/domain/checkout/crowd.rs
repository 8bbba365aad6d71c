//! Many at once: with one key, for one product, in opposite orders.

use ecommerce::domain::{
    accounts::Owner,
    checkout::{self, PlaceError, Placement},
    inventory,
};
#[cfg(feature = "drill")]
use ecommerce::infra::database::{self, Db};
use futures_util::future::join_all;

use super::{JOBS, ORDERS, buyer, place};
use crate::support::{
    TestDb,
    goods::{self, count},
    placing::{config, placement},
};

fn is_sold_out(answer: &Result<checkout::Placed, PlaceError>) -> bool {
    matches!(answer, Err(PlaceError::OutOfStock(lines)) if lines.len() == 1 && lines[0].wanted == 1 && lines[0].available == 0)
}

#[tokio::test]
async fn twenty_placements_with_one_key_are_one_order_with_equal_answers() {
    let test = TestDb::new().await;
    let mug = goods::variant(&test.owner, "Mug", 1000, 50).await;
    let owner = buyer(&test, mug, 2).await;
    let asked = placement();
    let answers = join_all((0..20).map(|_| place(&test, owner, asked.clone()))).await;
    let answers: Vec<_> = answers.into_iter().map(Result::unwrap).collect();
    assert!(answers.iter().all(|answer| answer.order == answers[0].order));
    assert_eq!(answers.iter().filter(|answer| !answer.replayed).count(), 1);
    assert_eq!((count(&test.owner, ORDERS).await, count(&test.owner, JOBS).await), (1, 1));
    assert_eq!(goods::level(&test.owner, mug).await, (48, 0));
}

#[tokio::test]
async fn twenty_placements_with_keys_of_their_own_order_one_cart_once() {
    let test = TestDb::new().await;
    let mug = goods::variant(&test.owner, "Mug", 1000, 50).await;
    let owner = buyer(&test, mug, 2).await;
    let answers = join_all((0..20).map(|_| place(&test, owner, placement()))).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    assert_eq!(answers.iter().filter(|answer| matches!(answer, Err(PlaceError::EmptyCart))).count(), 19);
    assert_eq!(goods::level(&test.owner, mug).await, (48, 0));
}

/// Sixty buyers of a product with ten in stock; how many orders, and how many clean refusals.
async fn rush(test: &TestDb) -> (usize, usize) {
    let mug = goods::variant(&test.owner, "Mug", 1000, 10).await;
    let buyers = join_all((0..60).map(|_| buyer(test, mug, 1))).await;
    let answers = join_all(buyers.into_iter().map(|owner| place(test, owner, placement()))).await;
    (
        answers.iter().filter(|answer| answer.is_ok()).count(),
        answers.iter().filter(|answer| is_sold_out(answer)).count(),
    )
}

#[tokio::test]
async fn of_sixty_buyers_of_ten_pieces_ten_get_one_and_fifty_a_clean_answer() {
    let test = TestDb::new().await;
    assert_eq!(rush(&test).await, (10, 50));
    assert_eq!(count(&test.owner, "SELECT sum(on_hand + reserved) FROM stock_levels").await, 0);
    assert_eq!(inventory::ledger_mismatches(&test).await.unwrap(), []);
    for ten in [
        ORDERS,
        JOBS,
        "SELECT count(*) FROM payments WHERE state = 'captured'",
        "SELECT sum(quantity) FROM order_lines",
    ] {
        assert_eq!(count(&test.owner, ten).await, 10, "{ten}");
    }
}

#[tokio::test]
async fn carts_in_opposite_orders_do_not_deadlock() {
    let test = TestDb::new().await;
    let one = goods::variant(&test.owner, "One", 1000, 15).await;
    let two = goods::variant(&test.owner, "Two", 1000, 15).await;
    let mut owners = Vec::new();
    for index in 0..40 {
        let (first, second) = if index % 2 == 0 { (one, two) } else { (two, one) };
        let owner = buyer(&test, first, 1).await;
        goods::put_in_cart(&test.owner, owner, second, 1).await;
        owners.push(owner);
    }
    let answers = join_all(owners.into_iter().map(|owner| place(&test, owner, placement()))).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 15);
    assert!(!answers.iter().any(|answer| matches!(answer, Err(PlaceError::Database(_) | PlaceError::Cart(_)))));
    assert_eq!(inventory::ledger_mismatches(&test).await.unwrap(), []);
}

#[tokio::test]
async fn declines_in_the_crowd_cost_nobody_a_piece() {
    let test = TestDb::new().await;
    let mug = goods::variant(&test.owner, "Mug", 1000, 10).await;
    let buyers = join_all((0..30).map(|_| buyer(&test, mug, 1))).await;
    let attempt = |(index, owner): (usize, Owner)| {
        let test = &test;
        async move {
            let mut asked = placement();
            if index % 3 == 0 {
                asked.card = Some("4000000000000002".parse().unwrap());
            }
            place(test, owner, asked).await
        }
    };
    let answers = join_all(buyers.into_iter().enumerate().map(attempt)).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 10);
    assert_eq!(count(&test.owner, "SELECT sum(on_hand + reserved) FROM stock_levels").await, 0);
    assert_eq!(inventory::ledger_mismatches(&test).await.unwrap(), []);
}

#[tokio::test]
async fn a_key_that_is_held_too_long_is_still_running() {
    let test = TestDb::new().await;
    let mug = goods::variant(&test.owner, "Mug", 1000, 10).await;
    let owner = buyer(&test, mug, 1).await;
    let asked = placement();
    let Owner::Visitor(visitor) = owner else { panic!("a visitor") };
    let mut holder = test.begin().await.unwrap();
    sqlx::query("INSERT INTO idempotency_keys (owner, key, fingerprint) VALUES ('visitor:' || $1::text, $2, '')")
        .bind(visitor.0)
        .bind(asked.key.as_str())
        .execute(&mut *holder)
        .await
        .unwrap();
    let impatient = test.impatient();
    let refused = checkout::place(&impatient, &config(&[]).shop, owner, asked.clone()).await;
    assert!(matches!(refused, Err(PlaceError::StillRunning)));
    holder.rollback().await.unwrap();
    assert!(!place(&test, owner, asked).await.unwrap().replayed);
}

#[cfg(feature = "drill")]
#[tokio::test]
async fn a_process_killed_around_the_commit_leaves_one_order_after_the_retry() {
    for (point, is_there) in [("checkout.after_stock_before_commit", 0), ("checkout.after_commit", 1)] {
        let test = TestDb::new().await;
        let mug = goods::variant(&test.owner, "Mug", 1000, 10).await;
        let Owner::Visitor(visitor) = buyer(&test, mug, 1).await else { panic!("a visitor") };
        let child = tokio::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "--ignored", "domain::checkout::crowd::a_placement_in_a_process_of_its_own"])
            .envs([("DRILL_KILL_AT", point), ("PLACE_IN", &test.url()), ("PLACE_FOR", &visitor.to_string())])
            .output();
        assert!(!child.await.unwrap().status.success(), "{point}: the process is killed");
        assert_eq!(count(&test.owner, ORDERS).await, is_there, "{point}");
        let again = Placement { key: KEY.parse().unwrap(), ..placement() };
        let placed = place(&test, Owner::Visitor(visitor), again).await.unwrap();
        assert_eq!(placed.replayed, is_there == 1, "{point}");
        assert_eq!((count(&test.owner, ORDERS).await, count(&test.owner, JOBS).await), (1, 1), "{point}");
        assert_eq!(goods::level(&test.owner, mug).await, (9, 0), "{point}");
        assert_eq!(inventory::ledger_mismatches(&test).await.unwrap(), []);
    }
}

#[cfg(feature = "drill")]
const KEY: &str = "a-key-for-two-processes";

#[cfg(feature = "drill")]
#[tokio::test]
#[ignore = "run by the test above, with DRILL_KILL_AT"]
async fn a_placement_in_a_process_of_its_own() {
    let url = std::env::var("PLACE_IN").unwrap();
    let db = Db::new(database::pool(&url.into(), 2).unwrap());
    let visitor = std::env::var("PLACE_FOR").unwrap().parse::<i64>().unwrap().into();
    let asked = Placement { key: KEY.parse().unwrap(), ..placement() };
    checkout::place(&db, &config(&[]).shop, Owner::Visitor(visitor), asked).await.unwrap();
}

#[cfg(feature = "drill")]
#[tokio::test]
async fn the_rush_sees_a_naive_way_of_taking_stock_oversell() {
    // In a process of its own: the choice is an environment variable.
    let child = tokio::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "--ignored", "domain::checkout::crowd::a_naive_rush_oversells"])
        .env("DRILL_NAIVE_STOCK", "1")
        .output()
        .await
        .unwrap();
    let said = String::from_utf8_lossy(&child.stdout);
    assert!(child.status.success() && said.contains("1 passed"), "{said}");
}

#[cfg(feature = "drill")]
#[tokio::test]
#[ignore = "run by the test above, with DRILL_NAIVE_STOCK=1"]
async fn a_naive_rush_oversells() {
    let test = TestDb::new().await;
    let (orders, _) = rush(&test).await;
    assert!(orders > 10, "{orders} orders for 10 pieces");
    assert_ne!(inventory::ledger_mismatches(&test).await.unwrap(), []);
}

#[tokio::test]
async fn placements_broken_off_at_any_moment_come_to_one_order() {
    let test = TestDb::new().await;
    let mug = goods::variant(&test.owner, "Mug", 1000, 10).await;
    let owner = buyer(&test, mug, 1).await;
    let asked = placement();
    for micros in [100, 1_000, 3_000, 6_000, 10_000] {
        let abandoned = place(&test, owner, Placement { key: asked.key.clone(), ..asked.clone() });
        let _ = tokio::time::timeout(std::time::Duration::from_micros(micros), abandoned).await;
    }
    place(&test, owner, asked).await.unwrap();
    assert_eq!((count(&test.owner, ORDERS).await, count(&test.owner, JOBS).await), (1, 1));
    assert_eq!(goods::level(&test.owner, mug).await, (9, 0));
}
