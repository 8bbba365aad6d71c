//! The shapes of the contract that several answers share.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::{
    domain::{accounts, cart, catalog, checkout, orders, wishlist},
    request::App,
    types::{
        Address, AddressError, CartLineId, CategoryId, Money, OrderId, OrderLineId, ProductId, UserId, VariantId,
        WishlistItemId,
    },
    views::urls,
};

/// A sentence for people.
#[derive(Debug, Serialize, ToSchema)]
pub struct Message {
    /// The sentence.
    #[schema(example = "Your cart is empty.")]
    pub message: &'static str,
}

/// An address as it is given back: its parts and the whole as text.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Address)]
pub struct AddressShape {
    #[serde(flatten)]
    #[schema(value_type = AddressParts)]
    parts: Address,
    /// The whole as one line.
    #[schema(example = "Ada Lovelace, 12 Mill Lane, 12345 Fernhill, US")]
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

/// The parts of an address as they are taken, for the document.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "`Address` is what is read; this says what it must hold")]
pub struct AddressGiven {
    #[schema(min_length = 1, max_length = 120, example = "Ada Lovelace")]
    name: String,
    #[schema(min_length = 1, max_length = 120, example = "12 Mill Lane")]
    line1: String,
    #[schema(max_length = 120, example = "Flat 3")]
    #[serde(default)]
    line2: String,
    #[schema(min_length = 1, max_length = 80, example = "Fernhill")]
    city: String,
    #[schema(min_length = 1, max_length = 16, example = "12345")]
    postal_code: String,
    #[schema(max_length = 80, example = "Oregon")]
    #[serde(default)]
    region: String,
    #[schema(min_length = 1, max_length = 60, example = "US")]
    country: String,
    #[schema(max_length = 32, example = "+1 555 0100")]
    #[serde(default)]
    phone: String,
}

/// The parts of an address as they are given back, for the document: those that are not known are empty.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "`Address` is what is written")]
pub struct AddressParts {
    #[schema(example = "Ada Lovelace")]
    name: String,
    #[schema(example = "12 Mill Lane")]
    line1: String,
    #[schema(example = "")]
    line2: String,
    #[schema(example = "Fernhill")]
    city: String,
    #[schema(example = "12345")]
    postal_code: String,
    #[schema(example = "")]
    region: String,
    #[schema(example = "US")]
    country: String,
    #[schema(example = "")]
    phone: String,
}

/// An account.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = User)]
pub struct UserShape {
    id: UserId,
    #[schema(example = "ada")]
    username: String,
    #[schema(example = "ada@example.com")]
    email: String,
    #[schema(example = "Ada Lovelace")]
    full_name: String,
    #[schema(required, example = "+1 555 0100")]
    phone: Option<String>,
    #[schema(required)]
    address: Option<AddressShape>,
    #[schema(example = "customer", pattern = "^(customer|agent|lead|staff|administrator)$")]
    role: &'static str,
}

/// A product; in a cart or an order with the price of the variant that was chosen.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Product)]
pub struct ProductShape {
    id: ProductId,
    #[schema(example = "Enamel mug")]
    name: String,
    #[schema(example = "enamel-mug")]
    slug: String,
    #[schema(example = "Holds half a litre and survives the camp fire.")]
    description: String,
    price: Money,
    #[schema(example = "Kitchen")]
    category: String,
    #[schema(required, example = "http://localhost:8080/media/products/enamel-mug-1-640.webp")]
    image_url: Option<String>,
    /// Pieces that can be sold now, over all variants.
    #[schema(minimum = 0, example = 12)]
    stock_quantity: i64,
    in_stock: bool,
    /// What there is to choose from; where one product is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    variants: Option<Vec<VariantShape>>,
}

/// One choice of a product.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Variant)]
pub struct VariantShape {
    id: VariantId,
    #[schema(example = "FH-0012-BLU")]
    sku: String,
    /// Empty where there is no choice.
    #[schema(example = "Blue")]
    name: String,
    price: Money,
    #[schema(minimum = 0, example = 12)]
    stock_quantity: i64,
    is_default: bool,
}

/// A category that has products, in it or below it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Category)]
pub struct CategoryShape {
    id: CategoryId,
    #[schema(example = "Kitchen")]
    name: String,
    #[schema(example = "kitchen")]
    slug: String,
    /// Products in it and below it.
    #[schema(minimum = 1, example = 24)]
    product_count: i64,
    #[schema(no_recursion, example = json!([]))]
    children: Vec<CategoryShape>,
}

/// A line of a cart.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CartItem)]
pub struct CartItemShape {
    id: CartLineId,
    product: ProductShape,
    variant_id: VariantId,
    /// Empty where there is no choice.
    #[schema(example = "Blue")]
    variant: String,
    #[schema(minimum = 1, maximum = 999, example = 2)]
    quantity: i32,
    subtotal: Money,
}

/// A product on a wishlist.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WishlistItem)]
pub struct WishlistItemShape {
    id: WishlistItemId,
    product: ProductShape,
}

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

impl WishlistItemShape {
    /// A wish.
    #[must_use]
    pub fn new(app: &App, item: wishlist::WishlistItem) -> Self {
        Self { id: item.id, product: ProductShape::of_summary(app, item.product) }
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

impl CategoryShape {
    /// The categories of a tree that have products.
    #[must_use]
    pub fn with_products(tree: Vec<catalog::CategoryNode>) -> Vec<Self> {
        tree.into_iter().filter(|node| node.product_count > 0).map(Self::from).collect()
    }

    /// Its name, and those of all below it.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        std::iter::once(self.name.clone()).chain(self.children.iter().flat_map(Self::names)).collect()
    }
}

impl From<catalog::CategoryNode> for CategoryShape {
    fn from(node: catalog::CategoryNode) -> Self {
        Self {
            id: node.id,
            name: node.name,
            slug: node.slug,
            product_count: node.product_count,
            children: Self::with_products(node.children),
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
