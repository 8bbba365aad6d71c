//! What is sold, and what stands in carts and on wishlists.

use serde::Serialize;
use utoipa::ToSchema;

use super::image_url;
use crate::{
    domain::{cart, catalog, wishlist},
    request::App,
    types::{CartLineId, CategoryId, Money, ProductId, VariantId, WishlistItemId},
};

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
    pub fn of_brief(app: &App, product: catalog::ProductBrief) -> Option<Self> {
        let price = product.default_variant()?.price;
        let available = product.variants.iter().map(|variant| i64::from(variant.available)).sum();
        Some(Self {
            id: product.id,
            image_url: image_url(app, product.picture.as_deref()),
            name: product.name,
            slug: product.slug,
            description: product.description,
            price,
            category: product.category,
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
