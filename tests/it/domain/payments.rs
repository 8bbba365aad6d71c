//! A gateway's answers: each counts once, in whatever order they come.

use ecommerce::domain::{
    accounts::Owner,
    inventory,
    orders::{self, OrderStatus, Viewer},
    payments::{GatewayAnswer, PaymentMethod, PaymentState, demo},
};
use futures_util::future::join_all;

use crate::support::{
    TestDb,
    goods::{self, count},
    sales,
};

#[tokio::test]
async fn the_same_answer_told_ten_times_at_once_sells_once() {
    let test = TestDb::new().await;
    let mug = goods::variant(&test.owner, "Mug", 1200, 5).await;
    let owner = Owner::Visitor(goods::visitor(&test.owner).await);
    let id = sales::pending(&test, owner, mug, 2).await;
    let answer = demo::authorise(PaymentMethod::CreditCard, None);
    join_all((0..10).map(|_| sales::answered(&test, id, &answer))).await;
    let order = orders::by_id(&test, &Viewer::System, id).await.unwrap();
    assert_eq!((order.status, order.payment_state), (OrderStatus::Processing, PaymentState::Captured));
    assert_eq!((order.events.len(), goods::level(&test.owner, mug).await), (2, (3, 0)));
    let mails = "SELECT count(*) FROM graphile_worker.jobs WHERE task_identifier = 'orders.send_confirmation'";
    assert_eq!(count(&test.owner, mails).await, 1);
}

#[tokio::test]
async fn a_decline_gives_the_stock_back_and_a_later_answer_changes_nothing() {
    let test = TestDb::new().await;
    let mug = goods::variant(&test.owner, "Mug", 1200, 5).await;
    let owner = Owner::Visitor(goods::visitor(&test.owner).await);
    let id = sales::pending(&test, owner, mug, 2).await;
    sales::answered(&test, id, &GatewayAnswer::Declined).await;
    sales::answered(&test, id, &GatewayAnswer::Due).await;
    sales::answered(&test, id, &demo::authorise(PaymentMethod::Paypal, None)).await;
    let order = orders::by_id(&test, &Viewer::System, id).await.unwrap();
    assert_eq!((order.status, order.payment_state), (OrderStatus::Cancelled, PaymentState::Declined));
    assert_eq!(goods::level(&test.owner, mug).await, (5, 0));
    assert_eq!(inventory::ledger_mismatches(&test).await.unwrap(), []);
    assert_eq!(count(&test.owner, "SELECT count(*) FROM graphile_worker.jobs").await, 0);
}

#[tokio::test]
async fn cash_on_delivery_is_due_and_voided_when_called_off() {
    let test = TestDb::new().await;
    let mug = goods::variant(&test.owner, "Mug", 1200, 5).await;
    let owner = Owner::Visitor(goods::visitor(&test.owner).await);
    let id = sales::pending(&test, owner, mug, 2).await;
    sales::answered(&test, id, &demo::authorise(PaymentMethod::CashOnDelivery, None)).await;
    let order = orders::by_id(&test, &Viewer::System, id).await.unwrap();
    assert_eq!((order.status, order.payment_state), (OrderStatus::Processing, PaymentState::Due));
    let order = orders::cancel(&test, &Viewer::Owner(owner), id, None).await.unwrap();
    assert_eq!(order.payment_state, PaymentState::Voided);
}

#[tokio::test]
async fn one_capture_is_not_booked_on_two_orders() {
    let test = TestDb::new().await;
    let mug = goods::variant(&test.owner, "Mug", 1200, 5).await;
    let owner = Owner::Visitor(goods::visitor(&test.owner).await);
    let answer = GatewayAnswer::Approved { reference: "capture-1".into() };
    let (one, two) = (sales::pending(&test, owner, mug, 1).await, sales::pending(&test, owner, mug, 1).await);
    sales::answered(&test, one, &answer).await;
    let mut tx = test.begin().await.unwrap();
    let error = orders::apply_payment_answer_in_tx(&mut tx, two, &answer).await.unwrap_err();
    assert_eq!(ecommerce::infra::database::constraint(&error), Some("payments_reference_key"));
}
