//! Orders: who sees them, and what happens when they are called off.

use ecommerce::{
    domain::{
        accounts::Owner,
        inventory,
        orders::{self, OrderError, OrderStatus, Viewer},
        payments::PaymentState,
    },
    types::{OrderId, Page},
};
use futures_util::future::join_all;

use crate::support::{
    TestDb,
    goods::{self, count},
    sales::{self, usd},
};

const MAILS: &str = "SELECT count(*) FROM graphile_worker.jobs WHERE task_identifier = 'orders.send_cancellation'";

#[tokio::test]
async fn an_order_reads_the_same_after_its_product_has_changed() {
    let test = TestDb::new().await;
    let mug = goods::variant(&test.owner, "Enamel mug", 1200, 5).await;
    let owner = Owner::Visitor(goods::visitor(&test.owner).await);
    let id = sales::paid(&test, owner, mug, 2).await;
    for change in [
        "UPDATE products SET name = 'Cup', archived_at = now()",
        "UPDATE product_variants SET price_minor = 1, tax_rate_bp = 0, sku = 'OTHER'",
    ] {
        sqlx::query(change).execute(&test.owner).await.unwrap();
    }
    let order = orders::by_id(&test, &Viewer::Owner(owner), id).await.unwrap();
    let line = &order.lines[0];
    assert_eq!((line.product_name.as_str(), line.unit_price, line.line_total), ("Enamel mug", usd(1200), usd(2400)));
    assert_eq!((line.product_slug.as_deref(), order.total, order.is_guest), (None, usd(2890), true));
    assert_eq!((order.status, order.payment_state), (OrderStatus::Processing, PaymentState::Captured));
    assert_eq!(order.shipping_address, sales::address());
    let steps: Vec<_> = order.events.iter().map(|event| (event.to, event.note.as_str())).collect();
    assert_eq!(steps, [(OrderStatus::Pending, ""), (OrderStatus::Processing, "Payment received")]);
}

#[tokio::test]
async fn an_order_is_shown_to_its_owner_alone() {
    let test = TestDb::new().await;
    let mug = goods::variant(&test.owner, "Mug", 1200, 5).await;
    let (mine, other) = (
        Owner::Customer(goods::user(&test.owner, "ada").await),
        Owner::Customer(goods::user(&test.owner, "bob").await),
    );
    let visitor = Owner::Visitor(goods::visitor(&test.owner).await);
    let id = sales::paid(&test, mine, mug, 1).await;
    let order = orders::by_id(&test, &Viewer::Owner(mine), id).await.unwrap();
    let found = orders::by_number(&test, &Viewer::Owner(mine), &order.number.to_lowercase()).await.unwrap();
    assert_eq!(found, order);
    assert_eq!(orders::by_number(&test, &Viewer::Link, &order.number).await.unwrap(), order);
    for stranger in [other, visitor] {
        let viewer = Viewer::Owner(stranger);
        assert!(matches!(orders::by_id(&test, &viewer, id).await, Err(OrderError::Unknown)));
        assert!(matches!(orders::by_number(&test, &viewer, &order.number).await, Err(OrderError::Unknown)));
        assert!(matches!(orders::cancel(&test, &viewer, id, None).await, Err(OrderError::Unknown)));
        assert_eq!(orders::list(&test, stranger, Page::FIRST).await.unwrap().total, 0);
    }
    for nonsense in ["", "nope", "\0", "' OR true --", &"A".repeat(10_000)] {
        assert!(matches!(orders::by_number(&test, &Viewer::Link, nonsense).await, Err(OrderError::Unknown)));
    }
}

#[tokio::test]
async fn a_list_has_the_newest_first_and_whole_orders_on_every_page() {
    let test = TestDb::new().await;
    let mug = goods::variant(&test.owner, "Mug", 1200, 50).await;
    let owner = Owner::Customer(goods::user(&test.owner, "ada").await);
    let mut placed = Vec::new();
    for pieces in 1..=14 {
        placed.push(sales::paid(&test, owner, mug, 1 + pieces % 3).await);
    }
    placed.reverse();
    let first = orders::list(&test, owner, Page::FIRST).await.unwrap();
    let second = orders::list(&test, owner, Page::parse("2").unwrap()).await.unwrap();
    let ids: Vec<OrderId> = first.items.iter().chain(&second.items).map(|order| order.id).collect();
    assert_eq!((ids, first.total, first.items.len()), (placed, 14, 12));
    assert!(first.items.iter().all(|order| order.lines.len() == 1 && order.events.len() == 2));
    let beyond = orders::list(&test, owner, Page::parse("1000000").unwrap()).await.unwrap();
    assert_eq!((beyond.items.len(), beyond.total), (0, 14));
}

#[tokio::test]
async fn a_visitors_orders_become_the_accounts() {
    let test = TestDb::new().await;
    let mug = goods::variant(&test.owner, "Mug", 1200, 5).await;
    let (visitor, user) = (goods::visitor(&test.owner).await, goods::user(&test.owner, "ada").await);
    let id = sales::paid(&test, Owner::Visitor(visitor), mug, 1).await;
    let mut tx = test.begin().await.unwrap();
    assert_eq!(orders::join_in_tx(&mut tx, visitor, user).await.unwrap(), 1);
    tx.commit().await.unwrap();
    assert!(!orders::by_id(&test, &Viewer::Owner(Owner::Customer(user)), id).await.unwrap().is_guest);
    let gone = orders::by_id(&test, &Viewer::Owner(Owner::Visitor(visitor)), id).await;
    assert!(matches!(gone, Err(OrderError::Unknown)));
}

#[tokio::test]
async fn of_a_hundred_cancellations_at_once_one_wins_and_the_stock_comes_back_once() {
    let test = TestDb::new().await;
    let mug = goods::variant(&test.owner, "Mug", 1200, 5).await;
    let owner = Owner::Visitor(goods::visitor(&test.owner).await);
    let id = sales::paid(&test, owner, mug, 3).await;
    assert_eq!(goods::level(&test.owner, mug).await, (2, 0));
    let viewer = Viewer::Owner(owner);
    let answers = join_all((0..100).map(|_| orders::cancel(&test, &viewer, id, Some("ordered twice")))).await;
    let won: Vec<_> = answers.iter().filter_map(|answer| answer.as_ref().ok()).collect();
    assert_eq!(won.len(), 1);
    assert_eq!((won[0].status, won[0].payment_state), (OrderStatus::Cancelled, PaymentState::Refunded));
    assert!(won[0].cancelled_at.is_some() && won[0].events[2].note == "ordered twice");
    let late = |answer: &Result<_, _>| matches!(answer, Err(OrderError::NotCancellable(OrderStatus::Cancelled)));
    assert_eq!(answers.iter().filter(|answer| late(answer)).count(), 99);
    assert_eq!(goods::level(&test.owner, mug).await, (5, 0));
    assert_eq!(inventory::ledger_mismatches(&test).await.unwrap(), []);
    assert_eq!(count(&test.owner, MAILS).await, 1);
}

#[tokio::test]
async fn what_was_shipped_is_not_cancelled() {
    let test = TestDb::new().await;
    let mug = goods::variant(&test.owner, "Mug", 1200, 5).await;
    let owner = Owner::Visitor(goods::visitor(&test.owner).await);
    let id = sales::paid(&test, owner, mug, 3).await;
    sqlx::query("UPDATE orders SET status = 'shipped'").execute(&test.owner).await.unwrap();
    let refused = orders::cancel(&test, &Viewer::Owner(owner), id, None).await;
    assert!(matches!(refused, Err(OrderError::NotCancellable(OrderStatus::Shipped))));
    assert_eq!(goods::level(&test.owner, mug).await, (2, 0));
    assert_eq!(count(&test.owner, MAILS).await, 0);
}

#[tokio::test]
async fn an_order_that_is_not_paid_in_time_is_cancelled_and_one_that_is_paid_is_not() {
    let test = TestDb::new().await;
    let mug = goods::variant(&test.owner, "Mug", 1200, 9).await;
    let owner = Owner::Visitor(goods::visitor(&test.owner).await);
    let forgotten = sales::pending(&test, owner, mug, 2).await;
    let paid = sales::paid(&test, owner, mug, 3).await;
    sqlx::query("UPDATE stock_reservations SET expires_at = now() - interval '1 second'")
        .execute(&test.owner)
        .await
        .unwrap();
    let fresh = sales::pending(&test, owner, mug, 1).await;
    assert_eq!(orders::cancel_expired(&test).await.unwrap(), 1);
    assert_eq!(orders::cancel_expired(&test).await.unwrap(), 0);
    let expired = orders::by_id(&test, &Viewer::System, forgotten).await.unwrap();
    assert_eq!((expired.status, expired.payment_state), (OrderStatus::Cancelled, PaymentState::Voided));
    for (id, status) in [(paid, OrderStatus::Processing), (fresh, OrderStatus::Pending)] {
        assert_eq!(orders::by_id(&test, &Viewer::System, id).await.unwrap().status, status);
    }
    assert_eq!(goods::level(&test.owner, mug).await, (6, 1));
    assert_eq!(inventory::ledger_mismatches(&test).await.unwrap(), []);
}
