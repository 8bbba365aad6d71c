use std::{fs, path::Path};

use super::*;

fn config(dir: Option<&Path>) -> Config {
    let key = "k".repeat(64);
    Config::from_source(&|name| match name {
        "DATABASE_URL" => Some("postgres://x".into()),
        "REDIS_URL" => Some("redis://x".into()),
        "SECRET_KEY" => Some(key.clone()),
        "SHIPPING_EXPRESS" => Some("12.34".into()),
        "SHOP_DIR" => dir.map(|dir| dir.display().to_string()),
        _ => None,
    })
    .unwrap()
}

#[test]
fn the_built_in_texts_are_whole_and_leave_no_placeholder() {
    let pages = HelpPages::open(&config(None)).unwrap();
    for topic in HelpTopic::ALL {
        let page = pages.page(topic);
        let body = page.body.as_str();
        assert!(!page.title.is_empty() && page.summary.len() > 40, "{topic:?}: {}", page.summary);
        assert!(!body.contains("{{") && !body.contains("<h1") && !body.contains('!'), "{topic:?}: {body}");
    }
    assert!(pages.page(HelpTopic::Shipping).body.as_str().contains("$12.34"), "prices are those of the configuration");
    assert!(pages.own_files().is_empty());
}

#[test]
fn an_edit_shows_without_a_restart_and_a_removed_file_falls_back() {
    let folder = tempfile::tempdir().unwrap();
    let pages = HelpPages::open(&config(Some(folder.path()))).unwrap();
    let built_in = pages.page(HelpTopic::Terms);
    let file = folder.path().join("terms.md");
    fs::write(&file, "# Our terms\n\nShort.").unwrap();
    assert_eq!(pages.page(HelpTopic::Terms).title, "Our terms");
    assert_eq!(pages.own_files(), ["terms.md"]);
    fs::write(&file, "Shorter, of {{shop_name}}").unwrap();
    let page = pages.page(HelpTopic::Terms);
    assert_eq!((page.title.as_str(), page.body.as_str()), ("Terms", "<p>Shorter, of Fernhill</p>\n"));
    fs::remove_file(&file).unwrap();
    assert_eq!(pages.page(HelpTopic::Terms), built_in);
}

#[test]
fn a_text_that_breaks_stays_as_it_was_and_stops_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("terms.md");
    fs::write(&file, "# Our terms").unwrap();
    let pages = HelpPages::open(&config(Some(folder.path()))).unwrap();
    fs::write(&file, b"Caf\xe9 terms").unwrap();
    assert_eq!(pages.page(HelpTopic::Terms).title, "Our terms");
    let error = HelpPages::open(&config(Some(folder.path()))).unwrap_err();
    assert!(error.to_string().starts_with("terms.md: "), "{error}");
}
