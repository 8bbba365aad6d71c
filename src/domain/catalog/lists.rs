//! Lists: a page of products, how many there are, and what each filter would show.

use std::collections::HashMap;

use super::{
    Anchors, CatalogError, CategoryCount, CategoryNode, Facets, Hints, ListQuery, Listing, MOST_COUNTED, Prices, Total,
    category_tree, searching,
    sql::{
        self,
        lists::{Counted, Slice},
    },
};
use crate::infra::database::Db;

/// One page of products in the order that is asked for; beyond the last page it is empty.
///
/// # Errors
/// No such category.
pub async fn list(db: &Db, query: &ListQuery) -> Result<Listing, CatalogError> {
    list_with(db, query, Hints::default()).await
}

/// [`list()`], with parts that are known already: with all of them it is one statement, and a deep page is as quick as the first.
///
/// # Errors
/// No such category.
pub async fn list_with(db: &Db, query: &ListQuery, hints: Hints<'_>) -> Result<Listing, CatalogError> {
    let own_tree;
    let tree = match hints.tree {
        Some(tree) => tree,
        None => {
            own_tree = category_tree(db).await?;
            &own_tree
        }
    };
    let place = Place::find(tree, query)?;
    let (counted, corrected) = match &query.search {
        None => (plain(db, query, &place, hints).await?, None),
        Some(search) => searching::find(db, query, search.as_str(), place.ids.as_deref()).await?,
    };
    Ok(place.listing(query, counted, corrected))
}

/// Where the pages of a list begin, to be kept and handed to [`list_with`]; empty for a list that is narrowed to few pages.
///
/// # Errors
/// No such category.
pub async fn anchors(db: &Db, query: &ListQuery, tree: &[CategoryNode]) -> Result<Anchors, CatalogError> {
    let place = Place::find(tree, query)?;
    match query.anchors_key() {
        None => Ok(Anchors::default()),
        Some(query) => Ok(sql::lists::anchors(db.read(), &query, place.ids.as_deref()).await?),
    }
}

/// What the filter of prices shows of a list without a search, to be kept and handed to [`list_with`].
///
/// # Errors
/// No such category.
pub async fn prices(db: &Db, query: &ListQuery, tree: &[CategoryNode]) -> Result<Prices, CatalogError> {
    let place = Place::find(tree, query)?;
    Ok(sql::prices::prices(db.read(), query, place.ids.as_deref()).await?)
}

async fn plain(db: &Db, query: &ListQuery, place: &Place<'_>, hints: Hints<'_>) -> Result<Counted, sqlx::Error> {
    let is_priced = query.min_price.is_some() || query.max_price.is_some();
    let end = if is_priced { MOST_COUNTED } else { place.total(query.in_stock) };
    let slice = match hints.anchors.filter(|_| !is_priced) {
        None => slice(query, end),
        Some(anchors) => {
            let whole = slice(query, end);
            let (anchor, offset) = anchors.before(whole.offset);
            Slice { anchor, offset, ..whole }
        }
    };
    let mut counted = sql::lists::plain(db.read(), query, place.ids.as_deref(), slice).await?;
    counted.prices = match hints.prices {
        Some(prices) => Some(prices.clone()),
        None => Some(sql::prices::prices(db.read(), query, place.ids.as_deref()).await?),
    };
    Ok(counted)
}

/// The page that is asked for, of a list that ends there.
pub(super) fn slice(query: &ListQuery, end: i64) -> Slice {
    let offset = query.per_page.offset(query.page);
    Slice { anchor: None, offset: offset.min(end), limit: i64::from(query.per_page.get()).min(end - offset).max(0) }
}

/// Where in the tree a list stands.
struct Place<'a> {
    tree: &'a [CategoryNode],
    category: Option<&'a CategoryNode>,
    ids: Option<Vec<i64>>,
}

impl<'a> Place<'a> {
    fn find(tree: &'a [CategoryNode], query: &ListQuery) -> Result<Self, CatalogError> {
        let category = match query.category.as_deref() {
            None => None,
            Some(name) => Some(CategoryNode::find(tree, name).ok_or(CatalogError::UnknownCategory)?),
        };
        let ids = category.map(|node| node.ids().into_iter().map(|id| id.0).collect());
        Ok(Self { tree, category, ids })
    }

    // What the tree counts in here.
    fn total(&self, in_stock: bool) -> i64 {
        let count = |node: &CategoryNode| if in_stock { node.in_stock_count } else { node.product_count };
        self.category.map_or_else(|| self.tree.iter().map(count).sum(), count)
    }

    fn listing(&self, query: &ListQuery, counted: Counted, corrected: Option<String>) -> Listing {
        let total = counted.total.unwrap_or_else(|| Total { count: self.total(query.in_stock), is_capped: false });
        let prices = counted.prices.unwrap_or_default();
        let facets = Facets {
            categories: self.categories(counted.categories.as_ref(), query.in_stock),
            prices: prices.bands,
            lowest_price: prices.lowest,
            highest_price: prices.highest,
            in_stock: counted.in_stock.unwrap_or_else(|| self.total(true)),
        };
        let (page, per_page, sort) = (query.page, query.per_page, query.effective_sort());
        Listing { items: counted.items, total, page, per_page, sort, facets, corrected }
    }

    fn categories(&self, counts: Option<&HashMap<i64, i64>>, in_stock: bool) -> Vec<CategoryCount> {
        let count = |node: &CategoryNode| match counts {
            Some(counts) => {
                let held = |id: &crate::types::CategoryId| counts.get(&id.0).copied().unwrap_or(0);
                node.ids().iter().map(held).sum::<i64>().min(MOST_COUNTED)
            }
            None if in_stock => node.in_stock_count,
            None => node.product_count,
        };
        let mut shown = Vec::new();
        self.add_categories(self.tree, 0, &count, &mut shown);
        shown
    }

    fn add_categories(
        &self,
        nodes: &[CategoryNode],
        depth: usize,
        count: &impl Fn(&CategoryNode) -> i64,
        shown: &mut Vec<CategoryCount>,
    ) {
        for node in nodes {
            let (held, is_chosen) = (count(node), self.category.is_some_and(|chosen| chosen.id == node.id));
            if held > 0 || is_chosen {
                shown.push(CategoryCount { slug: node.slug.clone(), name: node.name.clone(), depth, count: held });
            }
            self.add_categories(&node.children, depth + 1, count, shown);
        }
    }
}
