//! What a cart shows.

use crate::types::{BasisPoints, CartLineId, Money, ProductId, Quantity, SavedLineId, VariantId};

/// A cart as it stands, at today's prices. Someone who never put anything in has an empty one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cart {
    /// In the order they were added.
    pub lines: Vec<CartLine>,
    /// The sum of the lines' totals.
    pub subtotal: Money,
    /// What was put aside: neither counted nor priced nor ordered.
    pub saved: Vec<SavedLine>,
}

/// One variant in a cart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CartLine {
    /// Its id.
    pub id: CartLineId,
    /// The product.
    pub product_id: ProductId,
    /// The product's part of the address.
    pub product_slug: String,
    /// The product's name.
    pub product_name: String,
    /// The product's description.
    pub description: String,
    /// The name of the product's category.
    pub category: String,
    /// The variant.
    pub variant_id: VariantId,
    /// `Blue, large`, or empty.
    pub variant_name: String,
    /// The shop's number for it.
    pub sku: String,
    /// The stem of the product's first picture.
    pub picture: Option<String>,
    /// What that picture shows.
    pub picture_alt: String,
    /// How many.
    pub quantity: Quantity,
    /// Today's price of one.
    pub unit_price: Money,
    /// `unit_price × quantity`.
    pub line_total: Money,
    /// The variant's tax.
    pub tax_rate: BasisPoints,
    /// Pieces that can be sold now; 0 also when the product is archived.
    pub available: i32,
    /// What changed since the owner last touched the line.
    pub notices: Vec<LineNotice>,
}

/// One variant that was put aside for later.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SavedLine {
    /// Its id.
    pub id: SavedLineId,
    /// The product's part of the address.
    pub product_slug: String,
    /// The product's name.
    pub product_name: String,
    /// The variant.
    pub variant_id: VariantId,
    /// `Blue, large`, or empty.
    pub variant_name: String,
    /// The stem of the product's first picture.
    pub picture: Option<String>,
    /// How many there were in the cart.
    pub quantity: Quantity,
    /// Today's price of one.
    pub unit_price: Money,
    /// Pieces that can be sold now; 0 also when the product is archived.
    pub available: i32,
    /// Whether the product is not sold any more.
    pub archived: bool,
}

/// A change that the owner of a cart should see in the line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LineNotice {
    /// It costs more than when it was put in.
    PriceRose {
        /// The price then.
        was: Money,
    },
    /// It costs less.
    PriceFell {
        /// The price then.
        was: Money,
    },
    /// Fewer are left than the line asks for.
    OnlyLeft {
        /// How many are left.
        available: i32,
    },
    /// None is left.
    SoldOut,
    /// The product is not sold any more.
    Archived,
}

/// What to put into a cart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NewItem {
    /// Which thing.
    pub item: Item,
    /// How many more.
    pub quantity: Quantity,
}

/// A variant, or a product's default one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Item {
    /// This variant.
    Variant(VariantId),
    /// The default variant of this product.
    Product(ProductId),
}

/// A line that was taken out, with what is needed to put it back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Removed {
    /// The product.
    pub product_id: ProductId,
    /// The variant.
    pub variant_id: VariantId,
    /// How many there were.
    pub quantity: Quantity,
    /// The product's name, with the variant's.
    pub name: String,
}

/// A line that came back into the cart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BroughtBack {
    /// The product's name.
    pub name: String,
    /// How many came back.
    pub quantity: Quantity,
    /// Whether fewer are left than were put aside.
    pub reduced: bool,
}

/// What happened to a visitor's cart at sign-in.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct JoinReport {
    /// Lines that came along.
    pub moved: usize,
    /// Names of the products of which fewer are left than both carts asked for.
    pub reduced: Vec<String>,
    /// Names of the products for which the account's cart had no room; they wait in the visitor's.
    pub left_behind: Vec<String>,
}

impl Cart {
    /// How many pieces are in it.
    #[must_use]
    pub fn item_count(&self) -> i64 {
        self.lines.iter().map(|line| i64::from(line.quantity.get())).sum()
    }

    /// Whether nothing is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Whether every line can be bought as it stands.
    #[must_use]
    pub fn is_buyable(&self) -> bool {
        !self.is_empty() && self.lines.iter().all(|line| line.available >= line.quantity.get())
    }
}
