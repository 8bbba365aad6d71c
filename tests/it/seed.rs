//! The demo shop, stored in a database of its own.

use ecommerce::{
    cli::seed,
    domain::{
        accounts::System,
        catalog::{self, CatalogError, DatedDraft},
        inventory,
    },
    infra::passwords::PasswordHasher,
    types::Currency,
};
use time::macros::datetime;

use crate::support::{
    catalogue::{category, draft, put, variant},
    database::TestDb,
    goods::count,
};

const ROWS: [&str; 9] = [
    "SELECT count(*) FROM categories",
    "SELECT count(*) FROM products WHERE archived_at IS NULL",
    "SELECT count(*) FROM product_variants WHERE archived_at IS NULL",
    "SELECT count(*) FROM media",
    "SELECT count(*) FROM product_images",
    "SELECT count(*) FROM stock_ledger",
    "SELECT sum(on_hand)::bigint FROM stock_levels",
    "SELECT count(*) FROM users",
    "SELECT count(*) FROM user_roles",
];

async fn rows(db: &TestDb) -> Vec<i64> {
    let mut rows = Vec::new();
    for statement in ROWS {
        rows.push(count(&db.owner, statement).await);
    }
    rows
}

#[tokio::test]
async fn seeding_again_changes_nothing_and_receives_no_stock_twice() {
    let db = TestDb::new().await;
    let hasher = PasswordHasher::new(2).unwrap();
    let first = seed::store(&db, &hasher, Currency::USD, None).await.unwrap();
    let after_first = rows(&db).await;
    let second = seed::store(&db, &hasher, Currency::USD, None).await.unwrap();
    assert_eq!(after_first, rows(&db).await);
    assert_eq!((first.new_accounts, second.new_accounts), (4, 0));
    let counted: Vec<usize> = after_first.iter().take(4).map(|rows| usize::try_from(*rows).unwrap()).collect();
    assert_eq!(counted, [first.categories, first.products, first.variants, first.pictures]);
    assert!(first.products >= 60, "{first}");
}

#[tokio::test]
async fn the_demo_shop_has_what_is_sold_out_nearly_gone_and_reduced() {
    let db = TestDb::new().await;
    seed::store(&db, &PasswordHasher::new(2).unwrap(), Currency::USD, None).await.unwrap();
    let sold_out = "SELECT count(*) FROM product_variants v LEFT JOIN stock_levels s ON s.variant_id = v.id WHERE coalesce(s.on_hand, 0) = 0";
    assert!(count(&db.owner, sold_out).await >= 5);
    assert!(count(&db.owner, "SELECT count(*) FROM stock_levels WHERE on_hand BETWEEN 1 AND 3").await >= 8);
    assert!(count(&db.owner, "SELECT count(*) FROM product_variants WHERE compare_at_minor IS NOT NULL").await >= 8);
    let nested = "SELECT count(*) FROM categories WHERE parent_id IS NOT NULL";
    assert!(count(&db.owner, nested).await >= 8);
}

#[tokio::test]
async fn filling_up_adds_what_is_missing_and_nothing_else() {
    let db = TestDb::new().await;
    let hasher = PasswordHasher::new(2).unwrap();
    let demo = seed::store(&db, &hasher, Currency::USD, None).await.unwrap().products;
    let wanted = u32::try_from(demo).unwrap() + 2_300;
    let first = seed::fill_up(&db, Currency::USD, wanted).await.unwrap();
    assert_eq!((first.new, first.products), (2_300, u64::from(wanted)));
    let after_first = rows(&db).await;
    assert_eq!(seed::fill_up(&db, Currency::USD, wanted).await.unwrap().new, 0);
    assert_eq!(seed::fill_up(&db, Currency::USD, 1).await.unwrap().new, 0);
    seed::store(&db, &hasher, Currency::USD, None).await.unwrap();
    assert_eq!(after_first, rows(&db).await);
    assert_eq!(seed::fill_up(&db, Currency::USD, wanted + 5).await.unwrap().new, 5);

    assert!(inventory::ledger_mismatches(&db).await.unwrap().is_empty());
    for (what, statement) in [
        (
            "a level each",
            "SELECT count(*) FROM product_variants v WHERE sku LIKE 'M0%' AND NOT EXISTS (SELECT FROM stock_levels s WHERE s.variant_id = v.id)",
        ),
        (
            "a default each",
            "SELECT count(*) FROM products p WHERE NOT EXISTS (SELECT FROM product_variants v WHERE v.product_id = p.id AND v.is_default)",
        ),
        (
            "a picture each",
            "SELECT count(*) FROM products p WHERE NOT EXISTS (SELECT FROM product_images i WHERE i.product_id = p.id)",
        ),
    ] {
        assert_eq!(count(&db.owner, statement).await, 0, "{what}");
    }
    let days = "SELECT count(DISTINCT created_at::date) FROM products WHERE created_at < now() - interval '1 day'";
    assert!(count(&db.owner, days).await > 600);
    let spread = "SELECT count(DISTINCT category_id) FROM products WHERE slug ~ '-m[0-9]+$'";
    let filled = "SELECT count(DISTINCT category_id) FROM products WHERE slug !~ '-m[0-9]+$'";
    assert_eq!(count(&db.owner, spread).await, count(&db.owner, filled).await);
}

#[tokio::test]
async fn many_are_stored_whole_or_not_at_all() {
    let db = TestDb::new().await;
    category(&db, "kitchen", "Kitchen", None).await;
    put(&db, draft("mug", "Mug", "kitchen", vec![variant("M-1", "", 1200, 5)])).await;
    let dated = |slug: &str, sku: &str, kitchen: &str| {
        let mut draft = draft(slug, slug, kitchen, vec![variant(sku, "", 900, 3)]);
        draft.pictures.iter_mut().for_each(|picture| picture.stem = "products/mug-1".into());
        DatedDraft { created_at: datetime!(2025-01-31 12:00 UTC), draft }
    };
    let put_many = async |drafts: &[DatedDraft]| catalog::put_many(&db, &System::acting(), drafts).await;
    let cup = dated("cup", "C-1", "kitchen");
    let garage = put_many(&[cup.clone(), dated("bowl", "B-1", "garage")]).await.unwrap_err();
    assert!(matches!(garage, CatalogError::UnknownCategory), "{garage}");
    let taken = put_many(&[cup.clone(), dated("bowl", "M-1", "kitchen")]).await.unwrap_err();
    assert!(taken.to_string().contains("product_variants_sku_key"), "{taken}");
    let mut unseen = dated("bowl", "B-1", "kitchen");
    unseen.draft.pictures[0].stem = "products/unseen".into();
    assert!(matches!(put_many(&[cup.clone(), unseen]).await.unwrap_err(), CatalogError::BadDraft(_)));
    let mut empty = dated("bowl", "B-1", "kitchen");
    empty.draft.variants.clear();
    assert!(matches!(put_many(&[cup.clone(), empty]).await.unwrap_err(), CatalogError::BadDraft(_)));
    assert_eq!(count(&db.owner, "SELECT count(*) FROM products").await, 1);

    // One that is there already stays as it is.
    assert_eq!(put_many(&[cup.clone(), dated("mug", "M-9", "kitchen")]).await.unwrap(), 1);
    assert_eq!(put_many(&[cup]).await.unwrap(), 0);
    let stored = catalog::by_slug(&db, "cup").await.unwrap().unwrap();
    assert_eq!((stored.available(), stored.variants[0].price.minor(), stored.pictures.len()), (3, 900, 1));
    let then = "SELECT count(*) FROM products WHERE created_at = '2025-01-31 12:00+00'";
    assert_eq!(count(&db.owner, then).await, 1);
}
