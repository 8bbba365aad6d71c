//! Stock under many hands: nothing is taken that is not there, and every number can be explained by the ledger.

use ecommerce::{
    domain::inventory::{self, Shortage, StockError},
    types::{OrderId, Quantity, VariantId},
};
use futures_util::future::join_all;
use sqlx::PgPool;

use crate::support::{TestDb, goods};

/// An order without lines, for stock to be taken for.
async fn order(owner: &PgPool) -> OrderId {
    let visitor = goods::visitor(owner).await;
    let id = sqlx::query_scalar(
        "INSERT INTO orders (number, visitor_id, status, currency, subtotal_minor, shipping_minor, tax_minor, total_minor,
                             prices_include_tax, delivery_method, payment_method, contact_email, shipping_address)
         VALUES ('AAAA-BBBB-' || lpad($1::text, 4, '0'), $1, 'pending', 'USD', 0, 0, 0, 0, true, 'standard', 'cod', 'a@b.example', '{}')
         RETURNING id",
    );
    OrderId(id.bind(visitor.0).fetch_one(owner).await.unwrap())
}

fn pieces(number: i64) -> Quantity {
    number.try_into().unwrap()
}

async fn take(test: &TestDb, order: OrderId, lines: &[(VariantId, Quantity)]) -> Result<(), StockError> {
    let mut tx = test.begin().await.unwrap();
    inventory::take_in_tx(&mut tx, order, lines).await?;
    tx.commit().await.unwrap();
    Ok(())
}

#[tokio::test]
async fn what_is_reserved_sold_and_given_back_is_explained_by_the_ledger() {
    let test = TestDb::new().await;
    let mug = goods::variant(&test.owner, "Mug", 1200, 5).await;
    let order = order(&test.owner).await;
    take(&test, order, &[(mug, pieces(1)), (mug, pieces(2))]).await.unwrap();
    assert_eq!(goods::level(&test.owner, mug).await, (5, 3));
    let mut tx = test.begin().await.unwrap();
    inventory::sell_in_tx(&mut tx, order).await.unwrap();
    inventory::sell_in_tx(&mut tx, order).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(goods::level(&test.owner, mug).await, (2, 0));
    for _ in 0..2 {
        let mut tx = test.begin().await.unwrap();
        inventory::give_back_in_tx(&mut tx, order).await.unwrap();
        tx.commit().await.unwrap();
    }
    assert_eq!(goods::level(&test.owner, mug).await, (5, 0));
    assert_eq!(inventory::ledger_mismatches(&test).await.unwrap(), []);
    let kinds: Vec<String> =
        sqlx::query_scalar("SELECT kind FROM stock_ledger ORDER BY id").fetch_all(&test.owner).await.unwrap();
    assert_eq!(kinds, ["received", "reserved", "sold", "returned"]);
}

#[tokio::test]
async fn a_reservation_that_was_never_sold_is_released() {
    let test = TestDb::new().await;
    let mug = goods::variant(&test.owner, "Mug", 1200, 5).await;
    let order = order(&test.owner).await;
    take(&test, order, &[(mug, pieces(3))]).await.unwrap();
    let mut tx = test.begin().await.unwrap();
    inventory::give_back_in_tx(&mut tx, order).await.unwrap();
    inventory::sell_in_tx(&mut tx, order).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(goods::level(&test.owner, mug).await, (5, 0));
    assert_eq!(inventory::ledger_mismatches(&test).await.unwrap(), []);
}

#[tokio::test]
async fn a_shortage_names_every_short_line_and_takes_nothing() {
    let test = TestDb::new().await;
    let plenty = goods::variant(&test.owner, "Plenty", 100, 50).await;
    let few = goods::variant(&test.owner, "Few", 100, 1).await;
    let unheard_of = VariantId(999_999);
    let order = order(&test.owner).await;
    let mut tx = test.begin().await.unwrap();
    let lines = [(few, pieces(2)), (plenty, pieces(5)), (unheard_of, pieces(1))];
    let Err(StockError::Short(short)) = inventory::take_in_tx(&mut tx, order, &lines).await else { panic!("short") };
    let missing = |variant_id, available| Shortage { variant_id, available };
    assert_eq!(short, [missing(few, 1), missing(unheard_of, 0)]);
    tx.commit().await.unwrap();
    assert_eq!(goods::level(&test.owner, plenty).await, (50, 0));
}

#[tokio::test]
async fn pieces_that_arrive_are_added_and_written_down() {
    let test = TestDb::new().await;
    let mug = goods::variant(&test.owner, "Mug", 1200, 0).await;
    for arriving in [4, 0, 6] {
        let mut tx = test.begin().await.unwrap();
        inventory::receive_in_tx(&mut tx, mug, arriving, "from the pottery").await.unwrap();
        tx.commit().await.unwrap();
    }
    assert_eq!(goods::level(&test.owner, mug).await, (10, 0));
    assert_eq!(inventory::ledger_mismatches(&test).await.unwrap(), []);
    sqlx::query("UPDATE stock_levels SET on_hand = 11").execute(&test.owner).await.unwrap();
    assert_eq!(inventory::ledger_mismatches(&test).await.unwrap(), [mug]);
}

#[tokio::test]
async fn takers_and_givers_of_the_same_things_in_any_order_neither_deadlock_nor_oversell() {
    let test = TestDb::new().await;
    let (one, two) =
        (goods::variant(&test.owner, "One", 100, 20).await, goods::variant(&test.owner, "Two", 100, 20).await);
    let orders = join_all((0..60).map(|_| order(&test.owner))).await;
    let buyer = |index: usize, order: OrderId| {
        let test = &test;
        async move {
            let mut lines = [(one, pieces(1)), (two, pieces(1))];
            if index % 2 == 1 {
                lines.reverse();
            }
            let mut tx = test.begin().await.unwrap();
            let taken = inventory::take_in_tx(&mut tx, order, &lines).await;
            match taken {
                Ok(()) => inventory::sell_in_tx(&mut tx, order).await.unwrap(),
                Err(StockError::Short(_)) => return 0,
                Err(error) => panic!("{error}"),
            }
            tx.commit().await.unwrap();
            if index.is_multiple_of(3) {
                let mut tx = test.begin().await.unwrap();
                inventory::give_back_in_tx(&mut tx, order).await.unwrap();
                tx.commit().await.unwrap();
                return 0;
            }
            1
        }
    };
    let kept: i32 =
        join_all(orders.into_iter().enumerate().map(|(index, order)| buyer(index, order))).await.iter().sum();
    assert_eq!(goods::level(&test.owner, one).await, (20 - kept, 0));
    assert_eq!(goods::level(&test.owner, two).await, (20 - kept, 0));
    assert_eq!(inventory::ledger_mismatches(&test).await.unwrap(), []);
}
