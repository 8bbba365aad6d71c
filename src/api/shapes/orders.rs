//! Orders, and what they cost.

use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;

use super::{AddressShape, image_url};
use crate::{
    domain::{checkout, orders},
    request::App,
    types::{Money, OrderId, OrderLineId, ProductId},
};

/// An order.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Order)]
pub struct OrderShape {
    id: OrderId,
    /// What people see.
    #[schema(example = "FH-7K2M9Q")]
    number: String,
    #[schema(example = "processing", pattern = "^(pending|processing|shipped|delivered|cancelled|refunded)$")]
    status: &'static str,
    #[schema(example = "USD", min_length = 3, max_length = 3)]
    currency: String,
    subtotal: Money,
    discount: Money,
    shipping: Money,
    tax: Money,
    total_amount: Money,
    shipping_address: AddressShape,
    #[schema(example = "credit_card")]
    payment_method: &'static str,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    items: Vec<OrderItemShape>,
}

/// A line of an order: a snapshot.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OrderItem)]
pub struct OrderItemShape {
    id: OrderLineId,
    product: OrderedProductShape,
    #[schema(minimum = 1, maximum = 999, example = 2)]
    quantity: i32,
    price: Money,
    subtotal: Money,
}

/// A product as it was when it was ordered.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OrderedProduct)]
pub struct OrderedProductShape {
    id: ProductId,
    #[schema(example = "Enamel mug")]
    name: String,
    #[schema(required, example = "enamel-mug")]
    slug: Option<String>,
    #[schema(example = "Blue")]
    variant: String,
    #[schema(example = "FH-0012-BLU")]
    sku: String,
    #[schema(required, example = "http://localhost:8080/media/products/enamel-mug-1-640.webp")]
    image_url: Option<String>,
}

/// The money parts of an order to be.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Totals)]
pub struct TotalsShape {
    subtotal: Money,
    discount: Money,
    shipping: Money,
    tax: Money,
    total_amount: Money,
}

impl OrderShape {
    /// An order as the contract shows it.
    #[must_use]
    pub fn new(app: &App, order: orders::Order) -> Self {
        Self {
            id: order.id,
            number: order.number,
            status: order.status.id(),
            currency: order.total.currency().to_string(),
            subtotal: order.subtotal,
            discount: order.discount,
            shipping: order.shipping,
            tax: order.tax,
            total_amount: order.total,
            shipping_address: order.shipping_address.into(),
            payment_method: order.payment_method.id(),
            created_at: order.placed_at,
            items: order.lines.into_iter().map(|line| OrderItemShape::new(app, line)).collect(),
        }
    }
}

impl OrderItemShape {
    fn new(app: &App, line: orders::OrderLine) -> Self {
        Self {
            id: line.id,
            product: OrderedProductShape {
                id: line.product_id,
                image_url: image_url(app, line.picture.as_deref()),
                name: line.product_name,
                slug: line.product_slug,
                variant: line.variant_name,
                sku: line.sku,
            },
            quantity: line.quantity.get(),
            price: line.unit_price,
            subtotal: line.line_total,
        }
    }
}

impl From<&checkout::Totals> for TotalsShape {
    fn from(totals: &checkout::Totals) -> Self {
        Self {
            subtotal: totals.subtotal,
            discount: totals.discount,
            shipping: totals.shipping,
            tax: totals.tax,
            total_amount: totals.total,
        }
    }
}
