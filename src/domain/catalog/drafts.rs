//! What is stored in the catalogue, as those who fill it hand it in.

use time::OffsetDateTime;

use super::Detail;
use crate::types::{BasisPoints, Money, Slug};

/// A category to be stored.
#[derive(Clone, Debug)]
pub struct CategoryDraft {
    /// Its part of the address; an existing one is updated.
    pub slug: Slug,
    /// Its name.
    pub name: String,
    /// A line about it.
    pub description: String,
    /// The slug of the one above.
    pub parent: Option<Slug>,
    /// Its place among its siblings.
    pub position: i32,
}

/// A product to be stored.
#[derive(Clone, Debug)]
pub struct ProductDraft {
    /// Its part of the address; an existing one is updated.
    pub slug: Slug,
    /// Its name.
    pub name: String,
    /// Its description.
    pub description: String,
    /// The details table.
    pub details: Vec<Detail>,
    /// The slug of its category.
    pub category: Slug,
    /// In their order.
    pub pictures: Vec<PictureDraft>,
    /// In their order; the first is the default. At least one.
    pub variants: Vec<VariantDraft>,
}

/// A product to be stored as one that has been there since some day.
#[derive(Clone, Debug)]
pub struct DatedDraft {
    /// Since when it is in the shop.
    pub created_at: OffsetDateTime,
    /// What it is.
    pub draft: ProductDraft,
}

/// How far the shop is filled with numbered products, whose slugs end in `-m` and a number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Numbered {
    /// Products in the shop, numbered or not.
    pub products: u64,
    /// The highest number; 0 if there is none.
    pub highest: u32,
}

/// A picture that is already in the media store.
#[derive(Clone, Debug, serde::Serialize)]
pub struct PictureDraft {
    /// Its path without width and ending.
    pub stem: String,
    /// Pixels of the largest size.
    pub width: i32,
    /// Pixels of the largest size.
    pub height: i32,
    /// The widths it was stored in.
    pub widths: Vec<i32>,
    /// What it shows.
    pub alt: String,
}

/// A variant to be stored.
#[derive(Clone, Debug)]
pub struct VariantDraft {
    /// The shop's number for it; an existing one is updated.
    pub sku: String,
    /// Empty where there is no choice.
    pub name: String,
    /// What it costs.
    pub price: Money,
    /// Its former price, if it is reduced.
    pub compare_at: Option<Money>,
    /// Its tax.
    pub tax_rate: BasisPoints,
    /// Received into stock when the variant is new.
    pub initial_stock: i32,
}
