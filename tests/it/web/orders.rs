//! The list of orders, one order, and calling one off.

use ecommerce::{domain::checkout, types::VariantId};

use crate::{
    support::{
        Answer, Browser, TestShop,
        goods::{count, level},
    },
    web::walk::{buy, number, put_in_cart, register, with_mugs},
};

async fn bought(pieces: u32) -> (TestShop, VariantId, Browser, String) {
    let (shop, mug, mut browser) = with_mugs(10, pieces).await;
    let number = number(&buy(&mut browser).await);
    (shop, mug, browser, number)
}

#[tokio::test]
async fn a_foreign_order_is_404() {
    let (shop, _, _, number) = bought(1).await;
    let mut stranger = shop.browser();
    let mut visitor = shop.browser();
    put_in_cart(&mut visitor, VariantId(1), 1).await;
    let mut account = shop.browser();
    register(&mut account, "eve").await;
    for browser in [&mut stranger, &mut visitor, &mut account] {
        for path in
            [format!("/orders/{number}"), format!("/orders/{number}?token=1.x"), "/orders/0000-0000-0000".into()]
        {
            assert_eq!(browser.get(&path).await.status, 404, "{path}");
        }
        let cancelled = browser.post(&format!("/orders/{number}/cancellation"), &[("reason", "")]).await;
        assert_eq!(cancelled.status, 404);
        assert!(!browser.get("/orders").await.body.contains(&number));
    }
    let cancelled = "SELECT count(*) FROM orders WHERE status = 'cancelled'";
    assert_eq!(count(&shop.database.owner, cancelled).await, 0);
}

#[tokio::test]
async fn nonsense_for_a_number_is_404() {
    let (_shop, _, mut browser, _) = bought(1).await;
    for path in ["/orders/%00", "/orders/%F0%9F%8D%B5", "/orders/'--", "/orders/1", "/orders?page=0", "/orders?page=-1"]
    {
        assert_eq!(browser.get(path).await.status, 404, "{path}");
    }
    assert_eq!(browser.get("/orders?page=1000000000").await.status, 404);
    assert_eq!(browser.get("/orders?page=2").await.status, 404, "beyond the last");
}

#[tokio::test]
async fn a_signed_link_shows_a_guests_order_on_another_device_and_cancels_it() {
    let (shop, mug, _, number) = bought(1).await;
    let token = checkout::order_link_token(&shop.app.config.secret_key, &number);
    let mut phone = shop.browser();
    let page = phone.get(&format!("/orders/{number}?token={token}")).await;
    assert!(page.status == 200 && page.body.contains("12 Mill Lane"));
    let fields = [("token", page.between("name=\"token\" value=\"", "\"")), ("reason", "wrong colour")];
    let after = phone.post_and_follow(&format!("/orders/{number}/cancellation"), &fields).await;
    assert!(after.body.contains("is cancelled, and $16.90 goes back to you."), "{}", after.body);
    assert!(after.body.contains("wrong colour"));
    assert_eq!(level(&shop.database.owner, mug).await, (10, 0));
}

#[tokio::test]
async fn cancelling_twice_gives_the_stock_back_once_and_says_so() {
    let (shop, mug, mut browser, number) = bought(3).await;
    assert_eq!(level(&shop.database.owner, mug).await, (7, 0));
    let path = format!("/orders/{number}/cancellation");
    let first = browser.post_and_follow(&path, &[("reason", "a\0b <b>bold</b>")]).await;
    assert!(first.body.contains("Cancelled") && !first.body.contains("<b>bold"));
    assert!(!first.body.contains("/cancellation\""), "nothing is left to cancel");
    let second = browser.post(&path, &[]).await;
    assert_eq!(second.status, 409);
    assert!(second.body.contains("This order is cancelled already."));
    assert_eq!(level(&shop.database.owner, mug).await, (10, 0));
}

#[tokio::test]
async fn an_order_that_left_the_house_cannot_be_cancelled() {
    let (shop, mug, mut browser, number) = bought(1).await;
    sqlx::query("UPDATE orders SET status = 'shipped'").execute(&shop.database.owner).await.unwrap();
    let refused = browser.post(&format!("/orders/{number}/cancellation"), &[]).await;
    assert_eq!(refused.status, 409);
    assert!(refused.body.contains("it is on its way to you"));
    assert_eq!(level(&shop.database.owner, mug).await, (9, 0));
}

#[tokio::test]
async fn guest_orders_come_along_when_an_account_is_made() {
    let (_shop, _, mut browser, number) = bought(1).await;
    let fields = [("username", "ada"), ("email", "ada@example.com"), ("password", "a mug of tea")];
    let next = format!("/orders/{number}");
    let page = browser.post_and_follow("/register", &[&fields[..], &[("next", &next)]].concat()).await;
    assert!(page.status == 200 && page.body.contains(&number));
    assert!(!page.body.contains("Keep this order"), "there is an account now");
    browser.post("/logout", &[]).await;
    assert_eq!(browser.get(&next).await.status, 404, "it is the account's now");
}

#[tokio::test]
async fn orders_are_listed_newest_first_in_pages() {
    let (shop, mug, mut browser) = with_mugs(100, 1).await;
    let mut numbers = vec![number(&buy(&mut browser).await)];
    for _ in 0..12 {
        put_in_cart(&mut browser, mug, 1).await;
        numbers.push(number(&buy(&mut browser).await));
    }
    let shown = |page: &Answer, number: &str| page.body.contains(&format!("href=\"/orders/{number}\""));
    let first = browser.get("/orders").await;
    assert!(first.body.contains("13 orders") && first.body.contains("/orders?page=2"));
    assert!(shown(&first, &numbers[12]) && !shown(&first, &numbers[0]));
    let second = browser.get("/orders?page=2").await;
    assert!(shown(&second, &numbers[0]) && !shown(&second, &numbers[12]));
    let nobody = shop.browser().get("/orders").await;
    assert!(nobody.body.contains("No orders on this device"));
}
