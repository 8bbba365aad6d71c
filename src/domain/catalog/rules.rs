//! The tree of categories, and what a draft must be.

use std::collections::HashSet;

use super::{CategoryNode, ProductDraft, VariantDraft};
use crate::types::CategoryId;

/// The highest price a variant may have, in minor units; the database holds the same.
pub const HIGHEST_PRICE: i64 = 100_000_000_000;

/// A category as it is stored, with what stands directly in it.
#[derive(Clone, Debug)]
pub(super) struct CategoryRow {
    pub id: CategoryId,
    pub parent: Option<CategoryId>,
    pub slug: String,
    pub name: String,
    pub description: String,
    pub products: i64,
    pub in_stock: i64,
    pub picture: Option<String>,
}

/// The rows as trees: siblings keep the order of the rows, counts include what lies below, and a category without a picture of
/// its own shows the first of those below.
pub(super) fn tree(rows: &[CategoryRow]) -> Vec<CategoryNode> {
    children_of(None, rows)
}

// What is not reached from the top (a ring of parents, which put_category refuses) is left out instead of walked for ever.
fn children_of(parent: Option<CategoryId>, rows: &[CategoryRow]) -> Vec<CategoryNode> {
    rows.iter().filter(|row| row.parent == parent).map(|row| node(row, rows)).collect()
}

fn node(row: &CategoryRow, rows: &[CategoryRow]) -> CategoryNode {
    let children = children_of(Some(row.id), rows);
    CategoryNode {
        id: row.id,
        slug: row.slug.clone(),
        name: row.name.clone(),
        description: row.description.clone(),
        product_count: row.products + children.iter().map(|child| child.product_count).sum::<i64>(),
        in_stock_count: row.in_stock + children.iter().map(|child| child.in_stock_count).sum::<i64>(),
        picture: row.picture.clone().or_else(|| children.iter().find_map(|child| child.picture.clone())),
        children,
    }
}

/// Whether a product can be stored as drafted, else why not, for whoever wrote the draft.
pub(super) fn check(draft: &ProductDraft) -> Result<(), String> {
    let Some(first) = draft.variants.first() else {
        return Err(format!("{} has no variant", draft.slug));
    };
    let (mut skus, mut stems) = (HashSet::new(), HashSet::new());
    for variant in &draft.variants {
        check_variant(variant).map_err(|problem| format!("{}: {problem}", variant.sku))?;
        if variant.price.currency() != first.price.currency() {
            return Err(format!("{}: the variants of a product have one currency", variant.sku));
        }
        if !skus.insert(&variant.sku) {
            return Err(format!("{}: the SKU is there twice", variant.sku));
        }
    }
    match draft.pictures.iter().find(|picture| !stems.insert(&picture.stem)) {
        Some(picture) => Err(format!("{}: the picture {} is there twice", draft.slug, picture.stem)),
        None => Ok(()),
    }
}

fn check_variant(variant: &VariantDraft) -> Result<(), &'static str> {
    let price = variant.price.minor();
    if !(0..=HIGHEST_PRICE).contains(&price) {
        return Err("the price is out of range");
    }
    if variant.compare_at.is_some_and(|former| former.currency() != variant.price.currency()) {
        return Err("the former price has another currency");
    }
    if variant.compare_at.is_some_and(|former| former.minor() <= price) {
        return Err("the former price must be higher than the price");
    }
    if variant.initial_stock < 0 { Err("the initial stock is negative") } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::types::{BasisPoints, Currency, Money};

    fn draft(variants: Vec<VariantDraft>) -> ProductDraft {
        let (slug, category) = ("enamel-mug".parse().unwrap(), "kitchen".parse().unwrap());
        ProductDraft {
            slug,
            name: "Enamel mug".into(),
            description: String::new(),
            details: Vec::new(),
            category,
            pictures: Vec::new(),
            variants,
        }
    }

    fn variant(sku: &str, price: i64, compare_at: Option<i64>) -> VariantDraft {
        VariantDraft {
            sku: sku.into(),
            name: String::new(),
            price: Money::new(price, Currency::USD),
            compare_at: compare_at.map(|minor| Money::new(minor, Currency::USD)),
            tax_rate: BasisPoints(800),
            initial_stock: 3,
        }
    }

    #[test]
    fn a_draft_that_cannot_be_sold_is_refused_with_the_reason() {
        assert_eq!(check(&draft(vec![variant("A", 100, Some(120)), variant("B", 0, None)])), Ok(()));
        let euro = VariantDraft { price: Money::new(100, "EUR".parse().unwrap()), ..variant("B", 100, None) };
        let short = VariantDraft { initial_stock: -1, ..variant("A", 100, None) };
        for (variants, reason) in [
            (vec![], "enamel-mug has no variant"),
            (vec![variant("A", 100, None), variant("A", 100, None)], "A: the SKU is there twice"),
            (vec![variant("A", 100, None), euro], "B: the variants of a product have one currency"),
            (vec![variant("A", -1, None)], "A: the price is out of range"),
            (vec![variant("A", 100, Some(100))], "A: the former price must be higher than the price"),
            (vec![short], "A: the initial stock is negative"),
        ] {
            assert_eq!(check(&draft(variants)).unwrap_err(), reason);
        }
    }

    fn row(id: i64, parent: Option<i64>, products: i64) -> CategoryRow {
        CategoryRow {
            id: CategoryId(id),
            parent: parent.map(CategoryId),
            slug: format!("c-{id}"),
            name: format!("C {id}"),
            description: String::new(),
            products,
            in_stock: products / 2,
            picture: (products > 0).then(|| format!("products/{id}")),
        }
    }

    #[test]
    fn a_category_counts_and_shows_what_lies_below_it() {
        let tree =
            tree(&[row(1, None, 0), row(2, Some(1), 0), row(3, Some(2), 4), row(4, Some(1), 1), row(5, None, 2)]);
        assert_eq!(tree.iter().map(|node| node.product_count).collect::<Vec<_>>(), [5, 2]);
        assert_eq!(tree[0].children.iter().map(|node| node.id.0).collect::<Vec<_>>(), [2, 4]);
        assert_eq!(tree[0].picture.as_deref(), Some("products/3"));
    }

    #[test]
    fn a_ring_of_parents_is_left_out() {
        assert_eq!(tree(&[row(1, Some(2), 1), row(2, Some(1), 1), row(3, None, 1)]).len(), 1);
    }

    proptest! {
        // Each category's parent is one of those before it, or none: any forest.
        #[test]
        fn every_product_is_counted_once_at_the_top(forest in prop::collection::vec((any::<prop::sample::Index>(), 0i64..50), 1..40)) {
            let rows: Vec<_> = forest.iter().enumerate().map(|(place, (parent, products))| {
                let parent = parent.index(place + 1);
                row(place as i64 + 1, (parent > 0).then_some(parent as i64), *products)
            }).collect();
            let top: i64 = tree(&rows).iter().map(|node| node.product_count).sum();
            prop_assert_eq!(top, rows.iter().map(|row| row.products).sum::<i64>());
        }
    }
}
