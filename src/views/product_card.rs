//! A product as lists show it: `products/_card.html`, in a loop whose variable is `card`.

use super::{stock::Stock, urls};
use crate::{
    domain::catalog::ProductSummary,
    types::{Locale, Money, ProductId},
};

/// What a card shows, ready to be written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProductCard {
    /// Which product.
    pub id: ProductId,
    /// Its page.
    pub url: String,
    /// Its name.
    pub name: String,
    /// The stem of its first picture, or empty.
    pub stem: String,
    /// What it costs.
    pub price: String,
    /// What it cost before, or empty.
    pub compare_at: String,
    /// Whether the price is that of one choice among several prices.
    pub is_from: bool,
    /// How much is left.
    pub stock: Stock,
    /// Whether its picture is in view from the start, so that it should not wait.
    pub is_eager: bool,
}

impl ProductCard {
    /// Of a product, with amounts in the custom of the locale. The price is the default variant's, which lists sort and filter by;
    /// where that is the lowest of several, it is one to start from.
    #[must_use]
    pub fn new(product: &ProductSummary, locale: &Locale) -> Self {
        let is_from = product.price_varies && product.price == product.lowest_price;
        Self {
            id: product.id,
            url: urls::product(&product.slug),
            name: product.name.clone(),
            stem: product.picture.as_ref().map(|picture| picture.stem.clone()).unwrap_or_default(),
            price: locale.money(product.price),
            compare_at: money_or_empty(product.compare_at.filter(|_| !is_from), locale),
            is_from,
            stock: Stock::of(product.available),
            is_eager: false,
        }
    }

    /// A card for each, at the top of a page: the first picture is loaded first.
    #[must_use]
    pub fn all_in_view(products: &[ProductSummary], locale: &Locale) -> Vec<Self> {
        let mut cards = Self::all(products, locale);
        if let Some(first) = cards.first_mut() {
            first.is_eager = true;
        }
        cards
    }

    /// A card for each.
    #[must_use]
    pub fn all(products: &[ProductSummary], locale: &Locale) -> Vec<Self> {
        products.iter().map(|product| Self::new(product, locale)).collect()
    }
}

/// An amount in the custom of the locale, or nothing.
#[must_use]
pub fn money_or_empty(amount: Option<Money>, locale: &Locale) -> String {
    amount.map(|amount| locale.money(amount)).unwrap_or_default()
}
