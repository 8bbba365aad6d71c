//! Orders without a cart and a checkout, for what happens to them afterwards.

use ecommerce::{
    domain::{
        accounts::Owner,
        inventory, orders,
        payments::{Gateway, GatewayAnswer, PaymentMethod, demo},
    },
    types::{Address, BasisPoints, Currency, Money, OrderId, ProductId, Quantity, VariantId},
};

use super::TestDb;

/// Dollars and cents.
pub fn usd(minor: i64) -> Money {
    Money::new(minor, Currency::USD)
}

/// An address that every check passes.
pub fn address() -> Address {
    Address {
        name: "Ada Lovelace".into(),
        line1: "12 Mill Lane".into(),
        city: "Fernhill".into(),
        postal_code: "12345".into(),
        country: "United States".into(),
        ..Address::default()
    }
}

/// An order of `pieces` of the variant that waits for its payment; its stock is held.
pub async fn pending(test: &TestDb, owner: Owner, variant: VariantId, pieces: i64) -> OrderId {
    let row: (i64, i64, String, String) = sqlx::query_as(
        "SELECT product_id, price_minor, sku, p.name FROM product_variants v JOIN products p ON p.id = product_id WHERE v.id = $1",
    )
    .bind(variant.0)
    .fetch_one(&test.owner)
    .await
    .unwrap();
    let quantity = Quantity::try_from(pieces).unwrap();
    let total = usd(row.1).times(quantity).unwrap();
    let line = orders::NewLine {
        product_id: ProductId(row.0),
        variant_id: variant,
        product_name: row.3,
        variant_name: String::new(),
        sku: row.2,
        picture: None,
        unit_price: usd(row.1),
        tax_rate: BasisPoints(800),
        quantity,
        line_total: total,
    };
    let new = orders::NewOrder {
        owner,
        subtotal: total,
        discount: usd(0),
        shipping: usd(490),
        tax: usd(80),
        prices_include_tax: true,
        total: total.plus(usd(490)).unwrap(),
        delivery_method: "standard",
        payment_method: PaymentMethod::CreditCard,
        gateway: Gateway::Demo,
        contact_email: "ada@example.com".parse().unwrap(),
        shipping_address: address(),
        lines: vec![line],
    };
    let mut tx = test.begin().await.unwrap();
    let order = orders::place_in_tx(&mut tx, &new).await.unwrap();
    inventory::take_in_tx(&mut tx, order, &[(variant, quantity)]).await.unwrap();
    tx.commit().await.unwrap();
    order
}

/// A gateway's answer arrives.
pub async fn answered(test: &TestDb, order: OrderId, answer: &GatewayAnswer) {
    let mut tx = test.begin().await.unwrap();
    orders::apply_payment_answer_in_tx(&mut tx, order, answer).await.unwrap();
    tx.commit().await.unwrap();
}

/// An order that is paid.
pub async fn paid(test: &TestDb, owner: Owner, variant: VariantId, pieces: i64) -> OrderId {
    let order = pending(test, owner, variant, pieces).await;
    answered(test, order, &demo::authorise(PaymentMethod::CreditCard, None)).await;
    order
}
