//! A small catalogue, put together through the domain, for tests of what pages show.

use ecommerce::{
    domain::{
        accounts::System,
        catalog::{self, CategoryDraft, Detail, PictureDraft, ProductDraft, VariantDraft},
    },
    infra::database::Db,
    types::{BasisPoints, Currency, Money, ProductId},
};

/// A category, below another one if that is named.
pub async fn category(db: &Db, slug: &str, name: &str, parent: Option<&str>) {
    let draft = CategoryDraft {
        slug: slug.parse().unwrap(),
        name: name.into(),
        description: format!("All about {name}."),
        parent: parent.map(|slug| slug.parse().unwrap()),
        position: 0,
    };
    catalog::put_category(db, &System::acting(), draft).await.unwrap();
}

/// A variant of this name, price (cents) and stock.
pub fn variant(sku: &str, name: &str, price: i64, stock: i32) -> VariantDraft {
    VariantDraft {
        sku: sku.into(),
        name: name.into(),
        price: Money::new(price, Currency::USD),
        compare_at: None,
        tax_rate: BasisPoints(800),
        initial_stock: stock,
    }
}

/// A product with one picture, as a draft that a test may still change.
pub fn draft(slug: &str, name: &str, category: &str, variants: Vec<VariantDraft>) -> ProductDraft {
    ProductDraft {
        slug: slug.parse().unwrap(),
        name: name.into(),
        description: "Made by hand.\n\nSent with care.".into(),
        details: vec![Detail { name: "Material".into(), value: "Stoneware".into() }],
        category: category.parse().unwrap(),
        pictures: vec![PictureDraft {
            stem: format!("products/{slug}-1"),
            width: 1280,
            height: 1280,
            widths: vec![320, 640, 1280],
            alt: format!("Picture of {name}"),
        }],
        variants,
    }
}

/// Stores a product.
pub async fn put(db: &Db, draft: ProductDraft) -> ProductId {
    catalog::put_product(db, &System::acting(), draft).await.unwrap()
}
