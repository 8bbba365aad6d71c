use std::os::unix::fs::PermissionsExt;

use super::*;

fn key(text: &str) -> MediaKey {
    text.parse().unwrap()
}

async fn content(store: &MediaStore, name: &str) -> Option<Vec<u8>> {
    match store.get(&key(name), None, true).await.unwrap() {
        Found::File(file) => {
            let pieces: Vec<Bytes> = file.content.try_collect().await.unwrap();
            assert_eq!(file.length, pieces.iter().map(|piece| piece.len() as u64).sum::<u64>());
            Some(pieces.concat())
        }
        Found::Nothing => None,
        Found::Unchanged => panic!("nothing was known"),
    }
}

fn stores() -> (tempfile::TempDir, [MediaStore; 2]) {
    let folder = tempfile::tempdir().unwrap();
    let local = MediaStore::open(&MediaPlace::Folder(folder.path().join("media"))).unwrap();
    (folder, [local, MediaStore::in_memory()])
}

#[tokio::test]
async fn what_was_put_is_got_listed_and_deleted_everywhere_alike() {
    let (_folder, stores) = stores();
    for store in stores {
        store.put(&key("products/mug-1-640.webp"), b"first".to_vec()).await.unwrap();
        store.put(&key("products/mug-1-640.webp"), b"second".to_vec()).await.unwrap();
        store.put(&key("files/terms.pdf"), b"other".to_vec()).await.unwrap();
        assert_eq!(content(&store, "products/mug-1-640.webp").await.unwrap(), b"second");
        let listed = store.list("products").await.unwrap();
        assert_eq!(listed.len(), 1, "{store}");
        assert_eq!(listed[0].key, key("products/mug-1-640.webp"));
        assert!((OffsetDateTime::now_utc() - listed[0].stored_at).whole_seconds().abs() < 60);
        store.delete(&key("products/mug-1-640.webp")).await.unwrap();
        store.delete(&key("products/mug-1-640.webp")).await.unwrap();
        assert_eq!(content(&store, "products/mug-1-640.webp").await, None);
        assert!(store.names("products").await.unwrap().is_empty() && store.names("nowhere").await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn who_has_the_file_is_not_sent_it_again_and_headers_come_alone() {
    let (_folder, stores) = stores();
    for store in stores {
        store.put(&key("a.webp"), b"bytes".to_vec()).await.unwrap();
        let Found::File(head) = store.get(&key("a.webp"), None, false).await.unwrap() else { panic!("{store}") };
        assert_eq!(head.length, 5);
        assert_eq!(head.content.count().await, 0);
        let etag = head.etag.unwrap();
        assert!(matches!(store.get(&key("a.webp"), Some(&etag), true).await.unwrap(), Found::Unchanged));
        assert!(matches!(store.get(&key("a.webp"), Some("\"other\""), true).await.unwrap(), Found::File(_)));
    }
}

#[tokio::test]
async fn a_folder_holds_whole_files_that_others_may_read() {
    let (folder, [local, _]) = stores();
    local.put(&key("products/mug-1-640.webp"), b"bytes".to_vec()).await.unwrap();
    let products = folder.path().join("media/products");
    let names: Vec<_> = fs::read_dir(&products).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["mug-1-640.webp"], "no partial file is left");
    let beside = folder.path().join("written-by-hand");
    fs::write(&beside, "").unwrap();
    let mode = |path: &FilePath| fs::metadata(path).unwrap().permissions().mode();
    assert_eq!(mode(&products.join("mug-1-640.webp")), mode(&beside), "as any file that this user makes");
}

#[tokio::test]
async fn a_probe_leaves_nothing_and_a_store_that_refuses_says_so() {
    let (folder, [local, memory]) = stores();
    local.probe().await.unwrap();
    memory.probe().await.unwrap();
    assert_eq!(fs::read_dir(folder.path().join("media")).unwrap().count(), 0);
    let file = folder.path().join("a-file");
    fs::write(&file, "").unwrap();
    let error = MediaStore::open(&MediaPlace::Folder(file)).unwrap_err();
    assert!(error.to_string().contains("a-file"), "{error}");
}

fn bucket(endpoint: &str, path_style: bool) -> S3Config {
    S3Config {
        bucket: "pictures".into(),
        prefix: "shop".into(),
        endpoint: Some(endpoint.parse().unwrap()),
        region: "us-east-1".into(),
        key_id: "key".into(),
        secret: "hush-hush".to_owned().into(),
        path_style,
    }
}

#[test]
fn the_bucket_is_in_the_path_or_in_the_hosts_name() {
    assert_eq!(endpoint(&bucket("http://127.0.0.1:9000", true)).unwrap(), "http://127.0.0.1:9000");
    assert_eq!(endpoint(&bucket("https://s3.example:9000", false)).unwrap(), "https://pictures.s3.example:9000");
}

#[tokio::test]
async fn a_bucket_that_is_away_is_an_error_in_a_moment_without_its_secret() {
    let store = MediaStore::open(&MediaPlace::S3(bucket("http://127.0.0.1:1", true))).unwrap();
    assert_eq!(store.to_string(), "s3://pictures/shop at http://127.0.0.1:1/");
    let started = std::time::Instant::now();
    let error = store.probe().await.unwrap_err();
    assert!(started.elapsed() < Duration::from_secs(9));
    assert!(!format!("{error:?} {store:?}").contains("hush-hush"));
}
