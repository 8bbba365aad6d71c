//! The shapes of the contract that several answers share.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::{
    domain::{accounts, cart, catalog, checkout, orders},
    request::App,
    types::{Address, AddressError, CartLineId, Money, OrderId, OrderLineId, ProductId, UserId, VariantId},
    views::urls,
};

/// A sentence for people.
#[derive(Debug, Serialize)]
pub struct Message<'a> {
    /// The sentence.
    pub message: &'a str,
}

/// An address as it is given back: its parts and the whole as text.
#[derive(Debug, Serialize)]
pub struct AddressShape {
    #[serde(flatten)]
    parts: Address,
    text: String,
}

/// An address as it is taken: a text, or its parts.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum AddressInput {
    /// One text.
    Text(String),
    /// Its parts.
    Parts(Address),
}

/// An account.
#[derive(Debug, Serialize)]
pub struct UserShape {
    id: UserId,
    username: String,
    email: String,
    full_name: String,
    phone: Option<String>,
    address: Option<AddressShape>,
    role: &'static str,
}

/// A product; in a cart or an order with the price of the variant that was chosen.
#[derive(Debug, Serialize)]
pub struct ProductShape {
    id: ProductId,
    name: String,
    slug: String,
    description: String,
    price: Money,
    category: String,
    image_url: Option<String>,
    stock_quantity: i64,
    in_stock: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    variants: Option<Vec<VariantShape>>,
}

/// One choice of a product.
#[derive(Debug, Serialize)]
pub struct VariantShape {
    id: VariantId,
    sku: String,
    name: String,
    price: Money,
    stock_quantity: i64,
    is_default: bool,
}

/// A line of a cart.
#[derive(Debug, Serialize)]
pub struct CartItemShape {
    id: CartLineId,
    product: ProductShape,
    variant_id: VariantId,
    variant: String,
    quantity: i32,
    subtotal: Money,
}

/// An order.
#[derive(Debug, Serialize)]
pub struct OrderShape {
    id: OrderId,
    number: String,
    status: &'static str,
    currency: String,
    subtotal: Money,
    discount: Money,
    shipping: Money,
    tax: Money,
    total_amount: Money,
    shipping_address: AddressShape,
    payment_method: &'static str,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    items: Vec<OrderItemShape>,
}

/// A line of an order: a snapshot.
#[derive(Debug, Serialize)]
pub struct OrderItemShape {
    id: OrderLineId,
    product: OrderedProductShape,
    quantity: i32,
    price: Money,
    subtotal: Money,
}

/// A product as it was when it was ordered.
#[derive(Debug, Serialize)]
pub struct OrderedProductShape {
    id: ProductId,
    name: String,
    slug: Option<String>,
    variant: String,
    sku: String,
    image_url: Option<String>,
}

/// The money parts of an order to be.
#[derive(Debug, Serialize)]
pub struct TotalsShape {
    subtotal: Money,
    discount: Money,
    shipping: Money,
    tax: Money,
    total_amount: Money,
}

impl AddressInput {
    /// The address, if it is one.
    ///
    /// # Errors
    /// The parts that were refused.
    pub fn parsed(self) -> Result<Address, AddressError> {
        match self {
            Self::Text(text) => Address::from_text(&text),
            Self::Parts(parts) => parts.checked(),
        }
    }
}

impl From<Address> for AddressShape {
    fn from(parts: Address) -> Self {
        Self { text: parts.text(), parts }
    }
}

impl From<&accounts::User> for UserShape {
    fn from(user: &accounts::User) -> Self {
        Self {
            id: user.id,
            username: user.username.clone(),
            email: user.email.clone(),
            full_name: user.full_name.clone(),
            phone: user.phone.clone(),
            address: user.address.clone().map(Into::into),
            role: user.role().id(),
        }
    }
}

impl ProductShape {
    /// A product of a list.
    #[must_use]
    pub fn of_summary(app: &App, product: catalog::ProductSummary) -> Self {
        Self {
            id: product.id,
            image_url: image_url(app, product.picture.as_ref().map(|picture| picture.stem.as_str())),
            name: product.name,
            slug: product.slug,
            description: product.description,
            price: product.price,
            category: product.category.name,
            stock_quantity: product.available,
            in_stock: product.available > 0,
            variants: None,
        }
    }

    /// A product with its choices; the price is the default one's.
    #[must_use]
    pub fn of_product(app: &App, product: catalog::Product) -> Option<Self> {
        let price = product.default_variant()?.price;
        let available = product.available();
        Some(Self {
            id: product.id,
            image_url: image_url(app, product.pictures.first().map(|picture| picture.stem.as_str())),
            name: product.name,
            slug: product.slug,
            description: product.description,
            price,
            category: product.category_path.last().map(|category| category.name.clone()).unwrap_or_default(),
            stock_quantity: available,
            in_stock: available > 0,
            variants: Some(product.variants.into_iter().map(Into::into).collect()),
        })
    }
}

impl From<catalog::Variant> for VariantShape {
    fn from(variant: catalog::Variant) -> Self {
        Self {
            id: variant.id,
            sku: variant.sku,
            name: variant.name,
            price: variant.price,
            stock_quantity: variant.available.into(),
            is_default: variant.is_default,
        }
    }
}

impl CartItemShape {
    /// A line as the contract shows it.
    #[must_use]
    pub fn new(app: &App, line: cart::CartLine) -> Self {
        Self {
            id: line.id,
            product: ProductShape {
                id: line.product_id,
                name: line.product_name,
                slug: line.product_slug,
                description: line.description,
                price: line.unit_price,
                category: line.category,
                image_url: image_url(app, line.picture.as_deref()),
                stock_quantity: line.available.into(),
                in_stock: line.available > 0,
                variants: None,
            },
            variant_id: line.variant_id,
            variant: line.variant_name,
            quantity: line.quantity.get(),
            subtotal: line.line_total,
        }
    }
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

fn image_url(app: &App, stem: Option<&str>) -> Option<String> {
    let public = &app.config.public;
    let path = urls::media(&public.asset_base, stem?, 640);
    Some(if path.starts_with('/') { urls::absolute(&public.url, &path) } else { path })
}
