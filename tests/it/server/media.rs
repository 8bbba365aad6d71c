//! `/media/`: pictures from a folder and from a store that is none.

use std::fs;

use axum::{body::Body, http::Method};
use ecommerce::{
    domain::{
        accounts::System,
        catalog::{self, PictureDraft},
    },
    infra::media::{MediaKey, MediaStore},
};

use crate::support::{
    Answer, TestDb, TestShop,
    catalogue::{category, draft, put, variant},
    goods::{self, count},
    sales,
};

const NAME: &str = "products/enamel-mug-1-3fa9c2d10b-640.webp";

async fn shop_with_a_picture() -> TestShop {
    let shop = TestShop::new().await;
    shop.app.media.put(&NAME.parse().unwrap(), b"a picture".to_vec()).await.unwrap();
    shop
}

async fn get(shop: &TestShop, path: &str, headers: &[(&str, &str)]) -> Answer {
    shop.browser().send(Method::GET, path, headers, Body::empty()).await
}

#[tokio::test]
async fn a_picture_of_the_store_is_kept_for_ever_and_sent_once() {
    let shop = shop_with_a_picture().await;
    let path = format!("/media/{NAME}");
    let first = get(&shop, &path, &[]).await;
    assert_eq!((first.status.as_u16(), first.body.as_str()), (200, "a picture"));
    assert_eq!((first.header("content-type"), first.header("content-length")), ("image/webp", "9"));
    assert_eq!(first.header("cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(first.header("x-content-type-options"), "nosniff");
    let again = get(&shop, &path, &[("if-none-match", first.header("etag"))]).await;
    assert_eq!((again.status.as_u16(), again.body.as_str()), (304, ""));
    assert_eq!(again.header("cache-control"), first.header("cache-control"));
    let head = shop.browser().send(Method::HEAD, &path, &[], Body::empty()).await;
    assert_eq!((head.status.as_u16(), head.header("content-length"), head.body.as_str()), (200, "9", ""));
}

#[tokio::test]
async fn what_is_not_in_the_store_or_leads_out_of_it_is_a_page_that_says_so() {
    let shop = shop_with_a_picture().await;
    for path in [
        "/media/products/other-640.webp",
        "/media/",
        "/media",
        "/media/../Cargo.toml",
        "/media/%2e%2e/Cargo.toml",
        "/media/products/..%2f..%2fCargo.toml",
        "/media/products/Enamel.webp",
        "/media/products/a%00.webp",
        "/media/products/%ff.webp",
        "/media//etc/passwd",
    ] {
        let answer = get(&shop, path, &[]).await;
        assert_eq!(answer.status.as_u16(), 404, "{path}");
        assert_eq!(answer.header("content-type"), "text/html; charset=utf-8", "{path}");
        assert!(!answer.header("cache-control").contains("immutable"), "{path}");
    }
}

#[tokio::test]
async fn a_picture_of_a_folder_is_served_with_the_same_lifetime() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("products")).unwrap();
    fs::write(folder.path().join(NAME), "a picture").unwrap();
    let shop = TestShop::with(&[("MEDIA_DIR", folder.path().to_str().unwrap())]).await;
    let answer = get(&shop, &format!("/media/{NAME}"), &[]).await;
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, "a picture"));
    assert_eq!(answer.header("content-type"), "image/webp");
    assert_eq!(answer.header("cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(get(&shop, "/media/products/../../Cargo.toml", &[]).await.status.as_u16(), 404);
}

#[tokio::test]
async fn a_store_that_is_away_asks_to_come_back() {
    let variables = [
        ("MEDIA_STORE", "s3://pictures"),
        ("MEDIA_S3_ENDPOINT", "http://127.0.0.1:1"),
        ("MEDIA_S3_KEY_ID", "key"),
        ("MEDIA_S3_SECRET", "secret"),
    ];
    let shop = TestShop::with(&variables).await;
    let answer = get(&shop, &format!("/media/{NAME}"), &[]).await;
    assert_eq!((answer.status.as_u16(), answer.header("retry-after")), (503, "5"));
}

fn picture(stem: &str) -> PictureDraft {
    PictureDraft { stem: stem.into(), width: 1280, height: 1280, widths: vec![320], alt: "A mug".into() }
}

async fn mug(db: &TestDb, stem: &str) {
    category(db, "kitchen", "Kitchen", None).await;
    let mut mug = draft("mug", "Mug", "kitchen", vec![variant("M-1", "", 1200, 5)]);
    mug.pictures = vec![picture(stem)];
    put(db, mug).await;
}

// A folder with these files, a day and an hour old.
fn old_files(names: &[&str]) -> (tempfile::TempDir, MediaStore) {
    let folder = tempfile::tempdir().unwrap();
    let then = std::time::SystemTime::now() - std::time::Duration::from_secs(25 * 3_600);
    for name in names {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "bytes").unwrap();
        fs::File::options().write(true).open(&path).unwrap().set_modified(then).unwrap();
    }
    let place = ecommerce::config::MediaPlace::Folder(folder.path().to_owned());
    (folder, MediaStore::open(&place).unwrap())
}

#[tokio::test]
async fn old_drawings_go_and_all_that_is_shown_ordered_young_or_foreign_stays() {
    let db = TestDb::new().await;
    let names = [
        "products/shown-1-aa-320.webp",
        "products/changed-1-bb-320.webp",
        "products/ordered-1-cc-320.webp",
        "products/nobodys-1-dd-320.webp",
        "products/notes.txt",
        "files/other-1-ee-320.webp",
    ];
    let (folder, store) = old_files(&names);
    let young = MediaKey::picture("products/young-1-ff", 320).unwrap();
    store.put(&young, b"bytes".to_vec()).await.unwrap();
    for stem in ["products/changed-1-bb", "products/ordered-1-cc", "products/shown-1-aa"] {
        mug(&db, stem).await;
    }
    let sold = goods::variant(&db.owner, "Cup", 900, 3).await;
    let buyer = ecommerce::domain::accounts::Owner::Visitor(goods::visitor(&db.owner).await);
    sales::pending(&db, buyer, sold, 1).await;
    for statement in [
        "UPDATE order_lines SET picture = 'products/ordered-1-cc'",
        "UPDATE media SET created_at = now() - interval '2 days'",
    ] {
        sqlx::query(statement).execute(&db.owner).await.unwrap();
    }
    assert_eq!(catalog::tidy_media(&db, &store, &System::acting()).await.unwrap(), 2);
    assert_eq!(catalog::tidy_media(&db, &store, &System::acting()).await.unwrap(), 0);
    assert_eq!(count(&db.owner, "SELECT count(*) FROM media").await, 2);
    let there = |name: &str| folder.path().join(name).is_file();
    let left: Vec<&str> = names.into_iter().filter(|name| there(name)).collect();
    let expected = [names[0], names[2], names[4], names[5]];
    assert_eq!(left, expected);
    assert!(there(young.as_str()));
}

#[tokio::test]
async fn a_database_without_pictures_removes_none() {
    let (_folder, store) = old_files(&["products/shown-1-aa-320.webp"]);
    let db = TestDb::new().await;
    assert_eq!(catalog::tidy_media(&db, &store, &System::acting()).await.unwrap(), 0);
    assert_eq!(store.list("products").await.unwrap().len(), 1);
}
