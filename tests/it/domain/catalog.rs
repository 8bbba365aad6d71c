//! What is for sale: filling the catalogue, and every way to read it.

use ecommerce::{
    domain::{
        accounts::System,
        catalog::{self, CatalogError, CategoryDraft, Detail, ListQuery, PictureDraft, ProductDraft, VariantDraft},
        inventory,
    },
    infra::database::Db,
    types::{BasisPoints, CategoryId, Currency, Money, Page, PerPage, ProductId, VariantId},
};
use sqlx::PgPool;

use crate::support::TestDb;

fn usd(minor: i64) -> Money {
    Money::new(minor, Currency::USD)
}

async fn category(db: &Db, slug: &str, parent: Option<&str>) -> Result<CategoryId, CatalogError> {
    let draft = CategoryDraft {
        slug: slug.parse().unwrap(),
        name: format!("The {slug}"),
        description: String::new(),
        parent: parent.map(|slug| slug.parse().unwrap()),
        position: 0,
    };
    catalog::put_category(db, &System::acting(), draft).await
}

fn variant(sku: &str, price: i64, stock: i32) -> VariantDraft {
    VariantDraft {
        sku: sku.into(),
        name: String::new(),
        price: usd(price),
        compare_at: None,
        tax_rate: BasisPoints(800),
        initial_stock: stock,
    }
}

fn draft(slug: &str, category: &str, variants: Vec<VariantDraft>) -> ProductDraft {
    ProductDraft {
        slug: slug.parse().unwrap(),
        name: format!("A {slug}"),
        description: "Made by hand.".into(),
        details: vec![Detail { name: "Material".into(), value: "Stoneware".into() }],
        category: category.parse().unwrap(),
        pictures: Vec::new(),
        variants,
    }
}

fn picture(stem: &str) -> PictureDraft {
    PictureDraft {
        stem: stem.into(),
        width: 1280,
        height: 960,
        widths: vec![320, 640, 1280],
        alt: format!("Of {stem}"),
    }
}

async fn put(db: &Db, draft: ProductDraft) -> ProductId {
    catalog::put_product(db, &System::acting(), draft).await.unwrap()
}

fn query(category: Option<&str>, page: &str, per_page: &str) -> ListQuery {
    ListQuery {
        category: category.map(str::to_owned),
        page: Page::parse(page).unwrap(),
        per_page: PerPage::parse(per_page).unwrap(),
        ..ListQuery::all()
    }
}

async fn slugs(db: &Db, query: ListQuery) -> Vec<String> {
    catalog::list(db, &query).await.unwrap().items.into_iter().map(|product| product.slug).collect()
}

async fn archive(owner: &PgPool, product: ProductId) {
    sqlx::query("UPDATE products SET archived_at = now() WHERE id = $1").bind(product).execute(owner).await.unwrap();
}

#[tokio::test]
async fn a_product_is_read_as_it_was_stored() {
    let test = TestDb::new().await;
    category(&test, "home", None).await.unwrap();
    category(&test, "kitchen", Some("home")).await.unwrap();
    let reduced = VariantDraft { name: "Blue".into(), compare_at: Some(usd(2_400)), ..variant("MUG-B", 1_990, 7) };
    let other = VariantDraft { name: "Red".into(), ..variant("MUG-R", 2_100, 0) };
    let mut mug = draft("enamel-mug", "kitchen", vec![reduced, other]);
    mug.pictures = vec![picture("products/mug-1"), picture("products/mug-2")];
    let id = put(&test, mug).await;

    let product = catalog::by_slug(&test, "enamel-mug").await.unwrap().unwrap();
    let brief = catalog::brief(&test, id).await.unwrap().unwrap();
    assert_eq!((brief.id, &brief.slug, &brief.name), (product.id, &product.slug, &product.name));
    assert_eq!((&brief.description, &brief.variants), (&product.description, &product.variants));
    assert_eq!((brief.category.as_str(), brief.picture.as_deref()), ("The kitchen", Some("products/mug-1")));
    assert_eq!(product.category_path.iter().map(|c| c.slug.as_str()).collect::<Vec<_>>(), ["home", "kitchen"]);
    assert_eq!(product.details[0].value, "Stoneware");
    assert_eq!(
        product.pictures.iter().map(|p| p.stem.as_str()).collect::<Vec<_>>(),
        ["products/mug-1", "products/mug-2"]
    );
    assert_eq!((product.pictures[0].width, product.pictures[0].alt.as_str()), (1280, "Of products/mug-1"));
    assert_eq!(product.variants.iter().map(|v| v.sku.as_str()).collect::<Vec<_>>(), ["MUG-B", "MUG-R"]);
    let first = product.default_variant().unwrap();
    assert_eq!(
        (first.price, first.compare_at, first.is_default, first.available),
        (usd(1_990), Some(usd(2_400)), true, 7)
    );
    assert_eq!(product.available(), 7);

    let listed = catalog::list(&test, &query(None, "1", "12")).await.unwrap();
    let summary = &listed.items[0];
    assert_eq!((summary.id, summary.price, summary.compare_at), (id, usd(1_990), Some(usd(2_400))));
    assert_eq!((summary.default_variant, summary.variant_count, summary.price_varies), (first.id, 2, true));
    let lowest = product.variants.iter().map(|variant| variant.price.minor()).min();
    assert_eq!(Some(summary.lowest_price.minor()), lowest);
    assert_eq!((summary.available, summary.category.name.as_str()), (7, "The kitchen"));
    assert_eq!(summary.picture.as_ref(), product.pictures.first());
}

#[tokio::test]
async fn initial_stock_goes_through_the_ledger_and_only_once() {
    let test = TestDb::new().await;
    category(&test, "kitchen", None).await.unwrap();
    for _ in 0..2 {
        put(&test, draft("mug", "kitchen", vec![variant("MUG", 1_000, 5)])).await;
    }
    assert_eq!(catalog::by_slug(&test, "mug").await.unwrap().unwrap().available(), 5);
    assert_eq!(inventory::ledger_mismatches(&test).await.unwrap(), []);
    let received: i64 =
        sqlx::query_scalar("SELECT sum(on_hand_delta) FROM stock_ledger").fetch_one(&test.owner).await.unwrap();
    assert_eq!(received, 5);
}

#[tokio::test]
async fn storing_again_changes_variants_in_place_and_archives_those_left_out() {
    let test = TestDb::new().await;
    category(&test, "kitchen", None).await.unwrap();
    put(&test, draft("mug", "kitchen", vec![variant("A", 1_000, 1), variant("B", 1_000, 2)])).await;
    let before = catalog::by_slug(&test, "mug").await.unwrap().unwrap();

    put(&test, draft("mug", "kitchen", vec![variant("C", 900, 4), variant("B", 1_200, 9)])).await;
    let after = catalog::by_slug(&test, "mug").await.unwrap().unwrap();
    let seen: Vec<_> =
        after.variants.iter().map(|v| (v.sku.as_str(), v.price.minor(), v.is_default, v.available)).collect();
    assert_eq!(
        seen,
        [("C", 900, true, 4), ("B", 1_200, false, 2)],
        "the stock of a known variant is not received again"
    );
    assert_eq!(after.variants[1].id, before.variants[1].id);

    put(&test, draft("mug", "kitchen", vec![variant("A", 1_000, 1)])).await;
    let back = catalog::by_slug(&test, "mug").await.unwrap().unwrap();
    assert_eq!(
        (back.variants.len(), back.variants[0].id),
        (1, before.variants[0].id),
        "a variant comes back as itself"
    );
}

#[tokio::test]
async fn drafts_that_break_a_rule_store_nothing() {
    let test = TestDb::new().await;
    category(&test, "kitchen", None).await.unwrap();
    put(&test, draft("mug", "kitchen", vec![variant("A", 1_000, 1)])).await;
    let long = ProductDraft { name: "x".repeat(10_000), ..draft("long", "kitchen", vec![variant("L", 1, 0)]) };
    let bad_stem =
        ProductDraft { pictures: vec![picture("../etc")], ..draft("stem", "kitchen", vec![variant("S", 1, 0)]) };
    for bad in [
        draft("cup", "kitchen", vec![]),
        draft("cup", "kitchen", vec![variant("NEW", 5, 3), variant("A", 1_000, 1)]),
        draft("cup", "kitchen", vec![variant(&"S".repeat(65), 5, 3)]),
        long,
        bad_stem,
    ] {
        let error = catalog::put_product(&test, &System::acting(), bad).await.unwrap_err();
        assert!(matches!(error, CatalogError::BadDraft(_)), "{error:?}");
    }
    let error = catalog::put_product(&test, &System::acting(), draft("cup", "nowhere", vec![variant("N", 1, 0)])).await;
    assert!(matches!(error, Err(CatalogError::UnknownCategory)), "{error:?}");
    assert_eq!(slugs(&test, query(None, "1", "12")).await, ["mug"]);
    assert_eq!(inventory::ledger_mismatches(&test).await.unwrap(), Vec::<VariantId>::new());
}

#[tokio::test]
async fn a_category_keeps_out_of_its_own_children() {
    let test = TestDb::new().await;
    category(&test, "home", None).await.unwrap();
    category(&test, "kitchen", Some("home")).await.unwrap();
    for parent in ["home", "kitchen"] {
        let error = category(&test, "home", Some(parent)).await.unwrap_err();
        assert!(matches!(error, CatalogError::BadDraft(_)), "{error:?}");
    }
    assert!(matches!(category(&test, "garden", Some("nowhere")).await, Err(CatalogError::UnknownCategory)));
    let same_name = CategoryDraft {
        slug: "other".parse().unwrap(),
        name: "The kitchen".into(),
        description: String::new(),
        parent: None,
        position: 0,
    };
    let error = catalog::put_category(&test, &System::acting(), same_name).await.unwrap_err();
    assert!(error.to_string().contains("another category has this name"), "{error}");
}

#[tokio::test]
async fn a_list_shows_a_category_with_all_below_it_newest_first() {
    let test = TestDb::new().await;
    category(&test, "home", None).await.unwrap();
    category(&test, "kitchen", Some("home")).await.unwrap();
    category(&test, "mugs", Some("kitchen")).await.unwrap();
    category(&test, "garden", None).await.unwrap();
    for (slug, place) in [("lamp", "home"), ("pan", "kitchen"), ("mug", "mugs"), ("hose", "garden")] {
        put(&test, draft(slug, place, vec![variant(slug, 1_000, 1)])).await;
    }
    let gone = put(&test, draft("gone", "mugs", vec![variant("gone", 1_000, 1)])).await;
    archive(&test.owner, gone).await;

    assert_eq!(slugs(&test, query(None, "1", "12")).await, ["hose", "mug", "pan", "lamp"]);
    assert_eq!(slugs(&test, query(Some("home"), "1", "12")).await, ["mug", "pan", "lamp"]);
    assert_eq!(slugs(&test, query(Some("The kitchen"), "1", "12")).await, ["mug", "pan"], "by its name as well");
    assert_eq!(slugs(&test, query(Some("home"), "2", "2")).await, ["lamp"]);

    let tree = catalog::category_tree(&test).await.unwrap();
    let counts: Vec<_> = tree.iter().map(|node| (node.slug.as_str(), node.product_count)).collect();
    assert_eq!(counts, [("garden", 1), ("home", 3)]);
    assert_eq!(tree[1].children[0].children[0].slug, "mugs");
    let path = catalog::category_path(&test, "The mugs").await.unwrap();
    assert_eq!(path.iter().map(|c| c.slug.as_str()).collect::<Vec<_>>(), ["home", "kitchen", "mugs"]);
}

#[tokio::test]
async fn beyond_the_last_page_a_list_is_empty_but_knows_how_many_there_are() {
    let test = TestDb::new().await;
    category(&test, "kitchen", None).await.unwrap();
    category(&test, "empty", None).await.unwrap();
    for number in 0..5 {
        put(&test, draft(&format!("mug-{number}"), "kitchen", vec![variant(&format!("M{number}"), 1_000, 1)])).await;
    }
    for category in [None, Some("kitchen")] {
        let page = catalog::list(&test, &query(category, "2", "2")).await.unwrap();
        assert_eq!((page.items.len(), page.total.count, page.pages()), (2, 5, 3));
        let beyond = catalog::list(&test, &query(category, "1000000", "100")).await.unwrap();
        assert_eq!((beyond.items.len(), beyond.total.count), (0, 5));
    }
    assert_eq!(catalog::list(&test, &query(Some("empty"), "1", "12")).await.unwrap().total.count, 0);
}

#[tokio::test]
async fn what_does_not_exist_is_not_there_whatever_it_is_called() {
    let test = TestDb::new().await;
    for name in ["nowhere", "", "a\0b", "<script>", "' OR 1=1 --", &"x".repeat(10_000)] {
        assert_eq!(catalog::by_slug(&test, name).await.unwrap(), None, "{name:?}");
        let list = catalog::list(&test, &query(Some(name), "1", "12")).await;
        assert!(matches!(list, Err(CatalogError::UnknownCategory)), "{name:?}: {list:?}");
        let path = catalog::category_path(&test, name).await;
        assert!(matches!(path, Err(CatalogError::UnknownCategory)), "{name:?}: {path:?}");
    }
    for id in [0, -1, i64::MAX] {
        assert_eq!(catalog::brief(&test, ProductId(id)).await.unwrap(), None);
        assert_eq!(catalog::related(&test, ProductId(id), 4).await.unwrap(), []);
    }
}

#[tokio::test]
async fn an_archived_product_or_variant_is_not_shown() {
    let test = TestDb::new().await;
    category(&test, "kitchen", None).await.unwrap();
    let id = put(&test, draft("mug", "kitchen", vec![variant("A", 1_000, 1), variant("B", 1_500, 2)])).await;
    put(&test, draft("mug", "kitchen", vec![variant("A", 1_000, 1)])).await;
    let summary = catalog::list(&test, &query(None, "1", "12")).await.unwrap().items.remove(0);
    assert_eq!((summary.variant_count, summary.price_varies, summary.available), (1, false, 1));

    archive(&test.owner, id).await;
    assert_eq!(catalog::by_slug(&test, "mug").await.unwrap(), None);
    assert_eq!(catalog::brief(&test, id).await.unwrap(), None);
    put(&test, draft("mug", "kitchen", vec![variant("A", 1_000, 1)])).await;
    assert_eq!(catalog::brief(&test, id).await.unwrap(), None, "filling the catalogue again does not bring it back");
}

#[tokio::test]
async fn reduced_products_come_with_the_largest_share_first_and_only_in_stock() {
    let test = TestDb::new().await;
    category(&test, "kitchen", None).await.unwrap();
    for (slug, price, former, stock) in [
        ("tenth", 9_000, Some(10_000), 1),
        ("half", 500, Some(1_000), 1),
        ("full", 1_000, None, 1),
        ("sold", 1, Some(1_000), 0),
    ] {
        let variant = VariantDraft { compare_at: former.map(usd), ..variant(slug, price, stock) };
        put(&test, draft(slug, "kitchen", vec![variant])).await;
    }
    let reduced = catalog::reduced(&test, 10).await.unwrap();
    assert_eq!(reduced.iter().map(|product| product.slug.as_str()).collect::<Vec<_>>(), ["half", "tenth"]);
    assert_eq!(catalog::reduced(&test, 1).await.unwrap().len(), 1);
    assert_eq!(catalog::reduced(&test, -1).await.unwrap(), []);
}

#[tokio::test]
async fn related_products_are_others_of_the_category_with_those_in_stock_first() {
    let test = TestDb::new().await;
    category(&test, "kitchen", None).await.unwrap();
    category(&test, "garden", None).await.unwrap();
    let mug = put(&test, draft("mug", "kitchen", vec![variant("mug", 1, 1)])).await;
    for (slug, place, stock) in
        [("pan", "kitchen", 1), ("pot", "kitchen", 0), ("cup", "kitchen", 3), ("hose", "garden", 1)]
    {
        put(&test, draft(slug, place, vec![variant(slug, 1_000, stock)])).await;
    }
    let related = catalog::related(&test, mug, 4).await.unwrap();
    assert_eq!(related.iter().map(|product| product.slug.as_str()).collect::<Vec<_>>(), ["cup", "pan", "pot"]);
    assert_eq!(catalog::related(&test, mug, 2).await.unwrap().len(), 2);
}
