//! Placing orders: one order a key, nothing sold that is not there, nothing charged that was not agreed.

mod crowd;

use ecommerce::{
    domain::{
        accounts::Owner,
        cart,
        checkout::{self, Delivery, PlaceError, Placement},
        inventory,
        orders::{OrderStatus, Viewer},
        payments::{PaymentMethod, PaymentState},
    },
    types::{Money, Quantity, VariantId},
};

use crate::support::{
    TestDb,
    goods::{self, count},
    placing::{config, placement},
    sales::usd,
};

const JOBS: &str = "SELECT count(*) FROM graphile_worker.jobs";
const ORDERS: &str = "SELECT count(*) FROM orders";

/// A visitor with this in the cart.
async fn buyer(test: &TestDb, variant: VariantId, pieces: i32) -> Owner {
    let owner = Owner::Visitor(goods::visitor(&test.owner).await);
    goods::put_in_cart(&test.owner, owner, variant, pieces).await;
    owner
}

async fn place(test: &TestDb, owner: Owner, placement: Placement) -> Result<checkout::Placed, PlaceError> {
    checkout::place(test, &config(&[]).shop, owner, placement).await
}

#[tokio::test]
async fn an_order_is_what_was_quoted_and_empties_the_cart() {
    let test = TestDb::new().await;
    let mug = goods::variant(&test.owner, "Mug", 1080, 5).await;
    let owner = buyer(&test, mug, 2).await;
    let quote = checkout::quote(&test, &config(&[]).shop, Some(owner), Delivery::Express).await.unwrap();
    let asked = Placement { delivery: Delivery::Express, expected_total: Some(quote.totals.total), ..placement() };
    let placed = place(&test, owner, asked).await.unwrap();
    let order = placed.order;
    assert_eq!((order.subtotal, order.shipping, order.tax, order.total), (usd(2160), usd(990), usd(160), usd(3150)));
    assert_eq!((order.total, placed.replayed), (quote.totals.total, false));
    assert_eq!((order.status, order.payment_state), (OrderStatus::Processing, PaymentState::Captured));
    assert_eq!((order.delivery_method.as_str(), order.lines.len(), order.events.len()), ("express", 1, 2));
    assert!(cart::load(&test, Some(owner)).await.unwrap().is_empty());
    assert_eq!(goods::level(&test.owner, mug).await, (3, 0));
    assert_eq!(inventory::ledger_mismatches(&test).await.unwrap(), []);
    let read = ecommerce::domain::orders::by_id(&test, &Viewer::Owner(owner), order.id).await.unwrap();
    assert_eq!(read, order);
}

#[tokio::test]
async fn a_card_number_is_nowhere_in_the_database() {
    let test = TestDb::new().await;
    let mug = goods::variant(&test.owner, "Mug", 1080, 5).await;
    let owner = buyer(&test, mug, 1).await;
    place(&test, owner, placement()).await.unwrap();
    for table in ["orders", "payments", "idempotency_keys", "order_events", "graphile_worker._private_jobs"] {
        let statement = format!("SELECT count(*) FROM {table} t WHERE t::text LIKE '%4242%'");
        let found: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(statement)).fetch_one(&test.owner).await.unwrap();
        assert_eq!(found, 0, "{table}");
    }
}

#[tokio::test]
async fn a_decline_is_remembered_gives_the_stock_back_and_keeps_the_cart() {
    let test = TestDb::new().await;
    let mug = goods::variant(&test.owner, "Mug", 1080, 5).await;
    let owner = buyer(&test, mug, 2).await;
    let asked = Placement { card: Some("4000 0000 0000 0002".parse().unwrap()), ..placement() };
    for again in [false, true] {
        let Err(PlaceError::Declined { order, replayed }) = place(&test, owner, asked.clone()).await else {
            panic!("declined")
        };
        assert_eq!((order.status, order.payment_state), (OrderStatus::Cancelled, PaymentState::Declined));
        assert_eq!(replayed, again);
    }
    assert_eq!(goods::level(&test.owner, mug).await, (5, 0));
    assert_eq!(inventory::ledger_mismatches(&test).await.unwrap(), []);
    assert_eq!(cart::load(&test, Some(owner)).await.unwrap().item_count(), 2);
    assert_eq!((count(&test.owner, ORDERS).await, count(&test.owner, JOBS).await), (1, 0));
    place(&test, owner, placement()).await.unwrap();
    assert_eq!((count(&test.owner, ORDERS).await, count(&test.owner, JOBS).await), (2, 1));
}

#[tokio::test]
async fn a_rise_since_the_review_is_asked_again_and_a_fall_is_not() {
    let test = TestDb::new().await;
    let mug = goods::variant(&test.owner, "Mug", 1000, 5).await;
    let owner = buyer(&test, mug, 1).await;
    let seen = Some(usd(1490));
    sqlx::query("UPDATE product_variants SET price_minor = 1100").execute(&test.owner).await.unwrap();
    let asked = Placement { expected_total: seen, ..placement() };
    let Err(PlaceError::PriceChanged(quote)) = place(&test, owner, asked.clone()).await else { panic!("dearer") };
    assert_eq!((quote.totals.total, quote.cart.lines[0].unit_price), (usd(1590), usd(1100)));
    for nothing in [ORDERS, JOBS, "SELECT count(*) FROM idempotency_keys"] {
        assert_eq!(count(&test.owner, nothing).await, 0, "{nothing}");
    }
    assert_eq!(goods::level(&test.owner, mug).await, (5, 0));
    sqlx::query("UPDATE product_variants SET price_minor = 900").execute(&test.owner).await.unwrap();
    assert_eq!(place(&test, owner, asked).await.unwrap().order.total, usd(1390));
}

#[tokio::test]
async fn what_is_sold_out_or_archived_is_named_and_nothing_is_changed() {
    let test = TestDb::new().await;
    let mug = goods::variant(&test.owner, "Mug", 1000, 1).await;
    let bowl = goods::variant(&test.owner, "Bowl", 1000, 9).await;
    let owner = buyer(&test, mug, 2).await;
    goods::put_in_cart(&test.owner, owner, bowl, 3).await;
    let archive = "UPDATE products SET archived_at = now() WHERE name = 'Bowl'";
    sqlx::query(archive).execute(&test.owner).await.unwrap();
    let Err(PlaceError::OutOfStock(lines)) = place(&test, owner, placement()).await else { panic!("sold out") };
    let named: Vec<_> = lines.iter().map(|line| (line.name.as_str(), line.wanted, line.available)).collect();
    assert_eq!(named, [("Mug", 2, 1), ("Bowl", 3, 0)]);
    assert_eq!((count(&test.owner, ORDERS).await, count(&test.owner, JOBS).await), (0, 0));
    assert_eq!(cart::load(&test, Some(owner)).await.unwrap().item_count(), 5);
}

#[tokio::test]
async fn an_empty_cart_orders_nothing() {
    let test = TestDb::new().await;
    let owner = Owner::Visitor(goods::visitor(&test.owner).await);
    assert!(matches!(place(&test, owner, placement()).await, Err(PlaceError::EmptyCart)));
    assert_eq!(count(&test.owner, "SELECT count(*) FROM idempotency_keys").await, 0);
}

#[tokio::test]
async fn a_key_stands_for_one_request_of_one_owner() {
    let test = TestDb::new().await;
    let mug = goods::variant(&test.owner, "Mug", 1000, 9).await;
    let (one, other) = (buyer(&test, mug, 1).await, buyer(&test, mug, 2).await);
    let asked = Placement { payment_method: PaymentMethod::CashOnDelivery, card: None, ..placement() };
    let first = place(&test, one, asked.clone()).await.unwrap();
    assert_eq!(first.order.payment_state, PaymentState::Due);
    let again = place(&test, one, asked.clone()).await.unwrap();
    assert_eq!((again.order, again.replayed), (first.order.clone(), true));
    let changed = Placement { delivery: Delivery::Express, ..asked.clone() };
    assert!(matches!(place(&test, one, changed).await, Err(PlaceError::KeyReused)));
    let theirs = place(&test, other, asked).await.unwrap();
    assert!(!theirs.replayed && theirs.order.id != first.order.id);
}

#[tokio::test]
async fn totals_too_large_to_reckon_are_refused() {
    let test = TestDb::new().await;
    let gold = goods::variant(&test.owner, "Gold", 100_000_000_000, 999).await;
    let owner = buyer(&test, gold, 999).await;
    let total = place(&test, owner, placement()).await.unwrap().order.total;
    let one = Money::new(100_000_000_000, total.currency());
    assert_eq!(total, one.times(Quantity::MAX).unwrap());
}

#[tokio::test]
async fn keys_are_forgotten_after_thirty_days() {
    let test = TestDb::new().await;
    sqlx::query(
        "INSERT INTO idempotency_keys (owner, key, fingerprint, created_at)
         SELECT 'user:1', 'key-number-' || n, '', now() - n * interval '1 day' FROM generate_series(1, 60) AS n",
    )
    .execute(&test.owner)
    .await
    .unwrap();
    assert_eq!(checkout::forget_old_keys(&test).await.unwrap(), 31);
    assert_eq!(count(&test.owner, "SELECT count(*) FROM idempotency_keys").await, 29);
}
