//! The catalogue as everybody sees it, kept in the process and current within a moment of every change. No operation here knows who
//! asks, so nothing personal can get in.

use std::sync::Arc;

use super::{
    Anchors, CatalogError, CategoryNode, Hints, ListQuery, Listing, Prices, Product, ProductBrief, ProductSummary, sql,
};
use crate::{
    infra::{
        changes::Changes,
        database::Db,
        kept::Kept,
        loader::{Failed, Loader},
    },
    types::ProductId,
};

/// How many answers of each kind are kept. A list weighs about 12 kB, a product 3 kB.
const LISTS: u64 = 400;
const PRODUCTS: u64 = 1_000;
const ROWS: u64 = 1_000;
const ANCHORS: u64 = 100;

/// From this many products before a page on, it is looked up by its anchor.
const DEEP: i64 = 600;

/// The catalogue, read through what is kept of it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Shelf {
    db: Db,
    tree: Kept<(), Arc<[CategoryNode]>>,
    lists: Kept<ListQuery, Arc<Listing>>,
    anchors: Kept<ListQuery, Arc<Anchors>>,
    prices: Kept<ListQuery, Arc<Prices>>,
    products: Kept<String, Arc<Product>>,
    rows: Kept<Row, Arc<Vec<ProductSummary>>>,
    briefs: Loader<ProductId, ProductBrief>,
    keeps: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Row {
    Reduced(i64),
    Related(ProductId, i64),
}

impl Shelf {
    /// A shelf on that database. Where `keeps` is false, everything is read anew each time.
    #[must_use]
    pub fn new(db: Db, changes: &Changes, keeps: bool) -> Self {
        let capacity = |most: u64| if keeps { most } else { 0 };
        let read = db.clone();
        let briefs = Loader::new(move |ids: Vec<ProductId>| {
            let db = read.clone();
            async move { sql::briefs(db.read(), &ids).await }
        });
        Self {
            db,
            tree: Kept::new("tree", changes.clone(), capacity(1)),
            lists: Kept::new("lists", changes.clone(), capacity(LISTS)),
            anchors: Kept::new("anchors", changes.clone(), capacity(ANCHORS)),
            prices: Kept::new("prices", changes.clone(), capacity(LISTS)),
            products: Kept::new("products", changes.clone(), capacity(PRODUCTS)),
            rows: Kept::new("rows", changes.clone(), capacity(ROWS)),
            briefs,
            keeps,
        }
    }

    /// All categories as a tree, in their order, with their counts.
    ///
    /// # Errors
    /// The database failed.
    pub async fn tree(&self) -> Result<Arc<[CategoryNode]>, sqlx::Error> {
        if let Some(tree) = self.tree.get(&()) {
            return Ok(tree);
        }
        let moment = self.tree.moment();
        let tree: Arc<[_]> = super::category_tree(&self.db).await?.into();
        self.tree.put((), tree.clone(), moment, Arc::default(), 1);
        Ok(tree)
    }

    /// See [`super::list`].
    ///
    /// # Errors
    /// No such category.
    pub async fn list(&self, query: &ListQuery) -> Result<Arc<Listing>, CatalogError> {
        self.list_of(query, None).await
    }

    /// [`Self::list()`] for whoever has just read the tree, which is then not read again where nothing is kept.
    ///
    /// # Errors
    /// No such category.
    pub async fn list_under(
        &self,
        tree: &Arc<[CategoryNode]>,
        query: &ListQuery,
    ) -> Result<Arc<Listing>, CatalogError> {
        self.list_of(query, Some(tree)).await
    }

    async fn list_of(
        &self,
        query: &ListQuery,
        tree: Option<&Arc<[CategoryNode]>>,
    ) -> Result<Arc<Listing>, CatalogError> {
        if let Some(listing) = self.lists.get(query) {
            return Ok(listing);
        }
        let moment = self.lists.moment();
        // What is kept is made of what was read after this moment alone.
        let tree = match tree {
            Some(tree) if !self.keeps => tree.clone(),
            _ => self.tree().await?,
        };
        let listing = Arc::new(self.read_list(query, &tree).await?);
        self.lists.put(query.clone(), listing.clone(), moment, ids(&listing.items), 1);
        Ok(listing)
    }

    // What its filters and its deep pages need is the same for many lists, and read once for all of them.
    async fn read_list(&self, query: &ListQuery, tree: &[CategoryNode]) -> Result<Listing, CatalogError> {
        let anchors = match query.anchors_key() {
            Some(key) if query.per_page.offset(query.page) >= DEEP => Some(self.anchors(key, tree).await?),
            _ => None,
        };
        let prices = match query.prices_key() {
            Some(key) => Some(self.prices(key, tree).await?),
            None => None,
        };
        let hints = Hints { tree: Some(tree), anchors: anchors.as_deref(), prices: prices.as_deref() };
        super::list_with(&self.db, query, hints).await
    }

    async fn anchors(&self, key: ListQuery, tree: &[CategoryNode]) -> Result<Arc<Anchors>, CatalogError> {
        if let Some(anchors) = self.anchors.get(&key) {
            return Ok(anchors);
        }
        let moment = self.anchors.moment();
        let anchors = Arc::new(super::anchors(&self.db, &key, tree).await?);
        self.anchors.put(key, anchors.clone(), moment, Arc::default(), 1);
        Ok(anchors)
    }

    async fn prices(&self, key: ListQuery, tree: &[CategoryNode]) -> Result<Arc<Prices>, CatalogError> {
        if let Some(prices) = self.prices.get(&key) {
            return Ok(prices);
        }
        let moment = self.prices.moment();
        let prices = Arc::new(super::prices(&self.db, &key, tree).await?);
        self.prices.put(key, prices.clone(), moment, Arc::default(), 1);
        Ok(prices)
    }

    /// See [`super::by_slug`].
    ///
    /// # Errors
    /// The database failed.
    pub async fn product(&self, slug: &str) -> Result<Option<Arc<Product>>, sqlx::Error> {
        if let Some(product) = self.products.get(&slug.to_owned()) {
            return Ok(Some(product));
        }
        let moment = self.products.moment();
        let Some(product) = super::by_slug(&self.db, slug).await? else { return Ok(None) };
        let product = Arc::new(product);
        self.products.put(slug.to_owned(), product.clone(), moment, [product.id.0].into(), 1);
        Ok(Some(product))
    }

    /// See [`super::brief`]. Never kept, but read together with others that are asked for at the same moment.
    ///
    /// # Errors
    /// The database failed.
    pub async fn brief(&self, id: ProductId) -> Result<Option<ProductBrief>, sqlx::Error> {
        match self.briefs.load(id).await {
            Ok(brief) => Ok(brief),
            Err(Failed) => super::brief(&self.db, id).await,
        }
    }

    /// See [`super::related`].
    ///
    /// # Errors
    /// The database failed.
    pub async fn related(&self, id: ProductId, limit: i64) -> Result<Arc<Vec<ProductSummary>>, sqlx::Error> {
        self.row(Row::Related(id, limit), super::related(&self.db, id, limit)).await
    }

    /// See [`super::reduced`].
    ///
    /// # Errors
    /// The database failed.
    pub async fn reduced(&self, limit: i64) -> Result<Arc<Vec<ProductSummary>>, sqlx::Error> {
        self.row(Row::Reduced(limit), super::reduced(&self.db, limit)).await
    }

    async fn row(
        &self,
        row: Row,
        read: impl Future<Output = Result<Vec<ProductSummary>, sqlx::Error>>,
    ) -> Result<Arc<Vec<ProductSummary>>, sqlx::Error> {
        if let Some(products) = self.rows.get(&row) {
            return Ok(products);
        }
        let moment = self.rows.moment();
        let products = Arc::new(read.await?);
        self.rows.put(row, products.clone(), moment, ids(&products), 1);
        Ok(products)
    }
}

fn ids(products: &[ProductSummary]) -> Arc<[i64]> {
    products.iter().map(|product| product.id.0).collect()
}
