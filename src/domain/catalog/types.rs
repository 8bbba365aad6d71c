//! What the catalogue shows.

use crate::types::{CategoryId, Money, ProductId, VariantId};

/// A category with those below it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CategoryNode {
    /// Its id.
    pub id: CategoryId,
    /// Its part of the address.
    pub slug: String,
    /// Its name, unique in the shop.
    pub name: String,
    /// A line about it.
    pub description: String,
    /// How many products it and those below it show.
    pub product_count: i64,
    /// How many of them can be bought now.
    pub in_stock_count: i64,
    /// The stem of a picture of one of its products.
    pub picture: Option<String>,
    /// Those below it, in their order.
    pub children: Vec<CategoryNode>,
}

/// A category as products name it.
#[derive(Clone, PartialEq, Eq, Debug, serde::Deserialize)]
pub struct CategoryRef {
    /// Its part of the address.
    pub slug: String,
    /// Its name.
    pub name: String,
}

/// A picture in the media store; `{stem}-{width}.webp` for each of its widths.
#[derive(Clone, PartialEq, Eq, Debug, serde::Deserialize)]
pub struct Picture {
    /// Its path without width and ending.
    pub stem: String,
    /// Pixels of the largest size.
    pub width: i32,
    /// Pixels of the largest size.
    pub height: i32,
    /// What it shows, for those who cannot see it.
    pub alt: String,
}

/// A product in a list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProductSummary {
    /// Its id.
    pub id: ProductId,
    /// Its part of the address.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// Its description, whole.
    pub description: String,
    /// Where it stands.
    pub category: CategoryRef,
    /// What is put into the cart where no choice was made.
    pub default_variant: VariantId,
    /// Price of the default variant.
    pub price: Money,
    /// Its former price, if it is reduced.
    pub compare_at: Option<Money>,
    /// Whether another variant costs something else ("from …").
    pub price_varies: bool,
    /// Price of the cheapest variant: what "from" stands before.
    pub lowest_price: Money,
    /// How many variants there are to choose from.
    pub variant_count: i64,
    /// Its first picture.
    pub picture: Option<Picture>,
    /// Pieces that can be sold now, over all variants.
    pub available: i64,
}

/// A product with all that its page shows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Product {
    /// Its id.
    pub id: ProductId,
    /// Its part of the address.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// Paragraphs, separated by empty lines.
    pub description: String,
    /// The details table.
    pub details: Vec<Detail>,
    /// From the topmost category to the product's own.
    pub category_path: Vec<CategoryRef>,
    /// In their order.
    pub pictures: Vec<Picture>,
    /// In their order, at least one; the default one is marked.
    pub variants: Vec<Variant>,
}

/// A product as programs are told of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProductBrief {
    /// Its id.
    pub id: ProductId,
    /// Its part of the address.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// Paragraphs, separated by empty lines.
    pub description: String,
    /// The name of the category that it stands in.
    pub category: String,
    /// The stem of its first picture.
    pub picture: Option<String>,
    /// In their order, at least one; the default one is marked.
    pub variants: Vec<Variant>,
}

/// What is bought.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Variant {
    /// Its id.
    pub id: VariantId,
    /// The shop's number for it.
    pub sku: String,
    /// `Blue, large`; empty where there is no choice.
    pub name: String,
    /// What it costs.
    pub price: Money,
    /// Its former price, if it is reduced.
    pub compare_at: Option<Money>,
    /// Whether it is what is bought without a choice.
    pub is_default: bool,
    /// Pieces that can be sold now.
    pub available: i32,
}

/// A row of the details table.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Detail {
    /// `Material`.
    pub name: String,
    /// `Stoneware`.
    pub value: String,
}

impl Product {
    /// The variant that is bought without a choice.
    #[must_use]
    pub fn default_variant(&self) -> Option<&Variant> {
        default_of(&self.variants)
    }

    /// The variant with that id, if it is one of this product's.
    #[must_use]
    pub fn variant(&self, id: VariantId) -> Option<&Variant> {
        self.variants.iter().find(|variant| variant.id == id)
    }

    /// Pieces that can be sold now, over all variants.
    #[must_use]
    pub fn available(&self) -> i64 {
        self.variants.iter().map(|variant| i64::from(variant.available)).sum()
    }
}

impl ProductBrief {
    /// The variant that is bought without a choice.
    #[must_use]
    pub fn default_variant(&self) -> Option<&Variant> {
        default_of(&self.variants)
    }
}

fn default_of(variants: &[Variant]) -> Option<&Variant> {
    variants.iter().find(|variant| variant.is_default).or_else(|| variants.first())
}

impl CategoryNode {
    /// The ids of it and of all below it.
    #[must_use]
    pub fn ids(&self) -> Vec<CategoryId> {
        std::iter::once(self.id).chain(self.children.iter().flat_map(Self::ids)).collect()
    }

    /// The category of that slug, else of that name, in a tree.
    #[must_use]
    pub fn find<'a>(tree: &'a [Self], slug_or_name: &str) -> Option<&'a Self> {
        let by = |fits: &dyn Fn(&Self) -> bool| Self::first(tree, fits);
        by(&|node| node.slug == slug_or_name).or_else(|| by(&|node| node.name == slug_or_name))
    }

    fn first<'a>(tree: &'a [Self], fits: &dyn Fn(&Self) -> bool) -> Option<&'a Self> {
        tree.iter().find_map(|node| if fits(node) { Some(node) } else { Self::first(&node.children, fits) })
    }
}
