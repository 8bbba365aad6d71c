//! The address book's pages, and checkout with it.

use ecommerce::domain::accounts::MOST_ADDRESSES;

use crate::{
    support::{Answer, Browser, TestShop, goods},
    web::{
        HOSTILE, is_clean,
        walk::{GOOD_CARD, filled, put_in_cart, register},
    },
};

const MILL: [(&str, &str); 5] = [
    ("name", "Ada Lovelace"),
    ("line1", "12 Mill Lane"),
    ("postal_code", "12345"),
    ("city", "Fernhill"),
    ("country", "United States"),
];

const BOOK: &str = "/account/addresses";

fn with<'a>(changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut fields = MILL.to_vec();
    for (name, value) in changes {
        match fields.iter_mut().find(|(known, _)| known == name) {
            Some(field) => field.1 = value,
            None => fields.push((name, value)),
        }
    }
    fields
}

async fn add(browser: &mut Browser, street: &str) -> Answer {
    browser.post_and_follow(BOOK, &with(&[("line1", street)])).await
}

/// The ids in the order of the list.
fn ids(book: &Answer) -> Vec<String> {
    book.body.split("id=\"address-").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
}

fn streets(book: &Answer) -> Vec<&str> {
    book.body.split("<address").skip(1).filter_map(|rest| rest.split("<br>").nth(1)).collect()
}

#[tokio::test]
async fn addresses_are_added_changed_chosen_and_removed() {
    let shop = TestShop::new().await;
    let mut browser = shop.browser();
    register(&mut browser, "ada").await;
    assert!(browser.get(BOOK).await.body.contains("No addresses yet"));
    let form = browser.get("/account/addresses/new").await;
    assert!(!form.body.contains("make_default"), "the first one is the default without being asked");
    let book = add(&mut browser, "1 A Street").await;
    assert!(book.body.contains("The address is saved.") && book.body.contains(">Default<"));
    let book = add(&mut browser, "2 B Street").await;
    assert_eq!(streets(&book), ["1 A Street", "2 B Street"]);

    let second = ids(&book)[1].clone();
    let edit = browser.get(&format!("{BOOK}/{second}")).await;
    assert!(edit.body.contains("value=\"2 B Street\"") && edit.body.contains("name=\"make_default\""));
    let book = browser.post_and_follow(&format!("{BOOK}/{second}"), &with(&[("line1", "22 B Street")])).await;
    assert_eq!(streets(&book), ["1 A Street", "22 B Street"]);
    let book = browser.post_and_follow(&format!("{BOOK}/{second}/default"), &[]).await;
    assert_eq!(streets(&book), ["22 B Street", "1 A Street"]);
    assert!(browser.get("/account").await.body.contains("22 B Street"));
    assert!(!browser.get(&format!("{BOOK}/{second}")).await.body.contains("name=\"make_default\""));

    let book = browser.post_and_follow(&format!("{BOOK}/{second}/removal"), &[]).await;
    assert!(book.body.contains("22 B Street is removed.") && book.body.contains(">Undo<"), "{}", book.body);
    assert_eq!(streets(&book), ["1 A Street"]);
    assert!(book.body.contains(">Default<"), "the one that is left is the default");
    let undo: Vec<_> = ["name", "line1", "postal_code", "city", "country", "make_default"]
        .map(|field| (field, book.between(&format!("name=\"{field}\" value=\""), "\"")))
        .into();
    let book = browser.post_and_follow(BOOK, &undo).await;
    assert_eq!(streets(&book), ["22 B Street", "1 A Street"], "back, and the default again");
}

#[tokio::test]
async fn a_bad_address_is_said_at_its_fields_and_keeps_what_was_typed() {
    let shop = TestShop::new().await;
    let mut browser = shop.browser();
    register(&mut browser, "ada").await;
    let known = ids(&add(&mut browser, "1 A Street").await).remove(0);
    let long = "x".repeat(10_000);
    for path in [BOOK, &format!("{BOOK}/{known}")] {
        for (field, value) in [
            ("name", " "),
            ("line1", ""),
            ("line1", long.as_str()),
            ("line2", long.as_str()),
            ("postal_code", ""),
            ("city", "Fern\0hill"),
            ("region", long.as_str()),
            ("country", ""),
            ("phone", "call me"),
        ] {
            let refused = browser.post(path, &with(&[("line2", "Kept"), ("region", "kept"), (field, value)])).await;
            assert_eq!(refused.status, 422, "{path} {field}={value:.20}");
            assert!(refused.body.contains(&format!("href=\"#{field}\"")), "{field}={value:.20}: {}", refused.body);
            assert!(refused.body.contains("value=\"Kept\"") || refused.body.contains("value=\"kept\""));
        }
        assert_eq!(browser.post(path, &[]).await.status, 422);
    }
    assert_eq!(streets(&browser.get(BOOK).await), ["1 A Street"]);
}

#[tokio::test]
async fn what_was_typed_is_text_everywhere() {
    let shop = TestShop::new().await;
    let mug = goods::variant(&shop.database.owner, "Enamel mug", 1200, 9).await;
    let mut browser = shop.browser();
    register(&mut browser, "ada").await;
    let hostile = with(&[("name", HOSTILE), ("line1", HOSTILE), ("city", HOSTILE)]);
    let book = browser.post_and_follow(BOOK, &hostile).await;
    let id = ids(&book).remove(0);
    let book = browser.post_and_follow(BOOK, &hostile).await;
    put_in_cart(&mut browser, mug, 1).await;
    let pages = [
        book,
        browser.get(&format!("{BOOK}/{id}")).await,
        browser.get("/account").await,
        browser.get("/checkout").await,
        browser.post_and_follow(&format!("{BOOK}/{id}/removal"), &[]).await,
    ];
    for page in pages {
        assert!(is_clean(&page.body), "{}", page.body);
    }
}

#[tokio::test]
async fn an_address_of_someone_else_is_not_there() {
    let shop = TestShop::new().await;
    let mug = goods::variant(&shop.database.owner, "Enamel mug", 1200, 9).await;
    let (mut ada, mut eve) = (shop.browser(), shop.browser());
    register(&mut ada, "ada").await;
    register(&mut eve, "eve").await;
    put_in_cart(&mut eve, mug, 1).await;
    let adas = ids(&add(&mut ada, "12 Mill Lane").await).remove(0);
    for id in [adas.as_str(), "0", "-1", "x", "1e9", "99999999999999999999", "%00", "new%20"] {
        assert_eq!(eve.get(&format!("{BOOK}/{id}")).await.status, 404, "{id}");
        assert_eq!(eve.post(&format!("{BOOK}/{id}"), &with(&[])).await.status, 404, "{id}");
        assert_eq!(eve.post(&format!("{BOOK}/{id}"), &[]).await.status, 404, "{id}");
        assert_eq!(eve.post(&format!("{BOOK}/{id}/default"), &[]).await.status, 404, "{id}");
        assert_eq!(eve.post(&format!("{BOOK}/{id}/removal"), &[]).await.status, 404, "{id}");
        let checkout = eve.get(&format!("/checkout?address={id}")).await;
        assert!(checkout.status == 404 && !checkout.body.contains("Mill Lane"), "{id}");
    }
    assert_eq!(streets(&ada.get(BOOK).await), ["12 Mill Lane"]);
    let mut visitor = shop.browser();
    put_in_cart(&mut visitor, mug, 1).await;
    let checkout = visitor.get(&format!("/checkout?address={adas}")).await;
    assert!(checkout.status == 200 && !checkout.body.contains("Mill Lane") && !checkout.body.contains("save_address"));
}

#[tokio::test]
async fn a_full_book_says_so_and_takes_no_more() {
    let shop = TestShop::new().await;
    let mug = goods::variant(&shop.database.owner, "Enamel mug", 1200, 9).await;
    let mut browser = shop.browser();
    register(&mut browser, "ada").await;
    for number in 0..MOST_ADDRESSES {
        add(&mut browser, &format!("{number} Mill Lane")).await;
    }
    let book = browser.get(BOOK).await;
    assert!(book.body.contains("Your address book is full.") && !book.body.contains("/account/addresses/new"));
    assert!(browser.get("/account/addresses/new").await.body.contains("You can save up to 20 addresses."));
    let refused = browser.post(BOOK, &with(&[("line1", "One too many")])).await;
    assert_eq!(refused.status, 422);
    assert!(
        refused.body.contains("You can save up to 20 addresses.") && refused.body.contains("value=\"One too many\"")
    );
    put_in_cart(&mut browser, mug, 1).await;
    let checkout = browser.get("/checkout").await;
    assert!(checkout.body.contains("17 more") && !checkout.body.contains("save_address"));
    // From a form that was made when there was room.
    let form = filled(&checkout, &[("account", "1"), ("line1", "One too many"), ("save_address", "1")]);
    let placed = browser.post_and_follow("/checkout", &form).await;
    assert!(placed.body.contains("Thank you") && placed.body.contains("was not saved"), "{}", placed.body);
}

#[tokio::test]
async fn checkout_fills_in_the_default_and_offers_the_others() {
    let shop = TestShop::new().await;
    let mug = goods::variant(&shop.database.owner, "Enamel mug", 1200, 9).await;
    let mut browser = shop.browser();
    register(&mut browser, "ada").await;
    put_in_cart(&mut browser, mug, 1).await;
    add(&mut browser, "1 A Street").await;
    let single = browser.get("/checkout").await;
    assert!(single.body.contains("value=\"1 A Street\"") && !single.body.contains("/checkout?address="));
    let ids = ids(&add(&mut browser, "2 B Street").await);
    let checkout = browser.get("/checkout").await;
    assert!(checkout.body.contains("value=\"1 A Street\""));
    for id in &ids {
        assert!(checkout.body.contains(&format!("href=\"/checkout?address={id}\"")));
    }
    let chosen = browser.get(&format!("/checkout?address={}", ids[1])).await;
    assert!(chosen.body.contains("value=\"2 B Street\"") && !chosen.body.contains("value=\"1 A Street\""));
    assert!(chosen.body.contains(&format!("href=\"/checkout?address={}\" aria-current=\"true\"", ids[1])));
    let blank = browser.get("/checkout?address=new").await;
    assert!(!blank.body.contains("value=\"1 A Street\"") && !blank.body.contains("value=\"2 B Street\""));
    assert!(!blank.between("aria-label=\"Saved addresses\"", "</nav>").contains("aria-current"));
    // A form that comes back keeps the choice in view.
    let typed = filled(&chosen, &[("account", "1"), ("line1", "2 B Street"), ("card_number", "1")]);
    let refused = browser.post("/checkout", &typed).await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains(&format!("href=\"/checkout?address={}\" aria-current=\"true\"", ids[1])));
}

#[tokio::test]
async fn an_order_keeps_its_new_address_only_when_asked_and_once() {
    let shop = TestShop::new().await;
    let mug = goods::variant(&shop.database.owner, "Enamel mug", 1200, 9).await;
    let mut browser = shop.browser();
    register(&mut browser, "ada").await;
    for (save, street, known) in [
        ("", "12 Mill Lane", vec![]),
        ("1", "12 Mill Lane", vec!["12 Mill Lane"]),
        ("1", "12 Mill Lane", vec!["12 Mill Lane"]),
        ("1", "2 B Street", vec!["12 Mill Lane", "2 B Street"]),
    ] {
        put_in_cart(&mut browser, mug, 1).await;
        let checkout = browser.get("/checkout").await;
        assert!(checkout.body.contains("name=\"save_address\""));
        let form =
            filled(&checkout, &[("account", "1"), ("line1", street), ("save_address", save), ("card_number", "1")]);
        let refused = browser.post("/checkout", &form).await;
        assert_eq!(refused.status, 422);
        let is_kept = refused.between("name=\"save_address\"", ">").contains("checked");
        assert_eq!(is_kept, save == "1", "the tick is kept");
        let form = filled(
            &refused,
            &[("account", "1"), ("line1", street), ("save_address", save), ("card_number", GOOD_CARD)],
        );
        let placed = browser.post_and_follow("/checkout", &form).await;
        assert!(placed.body.contains("Thank you"), "{}", placed.body);
        assert_eq!(streets(&browser.get(BOOK).await), known);
    }
}
