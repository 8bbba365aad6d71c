//! The devices' page: signing out from afar.

use crate::{
    support::{Answer, Browser, TestShop},
    web::{HOSTILE, is_clean, walk::register},
};

const PAGE: &str = "/account/sessions";
const FIREFOX: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:142.0) Gecko/20100101 Firefox/142.0";
const IPHONE: &str =
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 Version/18.6 Safari/604.1";

async fn device(shop: &TestShop, user_agent: &str, ip: &str) -> Browser {
    let mut browser = shop.browser();
    browser.set_header("user-agent", user_agent);
    browser.set_header("x-forwarded-for", ip);
    let answer = browser.post("/login", &[("login", "ada"), ("password", "a mug of tea")]).await;
    assert_eq!(answer.status, 303);
    browser
}

/// Where the buttons of the other devices lead.
fn endings(page: &Answer) -> Vec<String> {
    let actions = page.body.split("action=\"/account/sessions/").skip(1);
    let paths = actions.map(|rest| format!("{PAGE}/{}", rest.split('"').next().unwrap()));
    paths.filter(|path| !path.contains("others")).collect()
}

async fn is_in(browser: &mut Browser) -> bool {
    browser.get("/account").await.status == 200
}

#[tokio::test]
async fn devices_are_named_in_words_and_signed_out_one_by_one() {
    let shop = TestShop::new().await;
    register(&mut shop.browser(), "ada").await;
    // The registration's own device is not of interest.
    sqlx::query("UPDATE sessions SET ended_at = now()").execute(&shop.database.owner).await.unwrap();
    let mut desk = device(&shop, FIREFOX, "192.0.2.1").await;
    let alone = desk.get(PAGE).await;
    assert!(alone.body.contains("You are signed in on this device only.") && endings(&alone).is_empty());
    let mut phone = device(&shop, IPHONE, "2001:db8::7").await;
    let page = desk.get(PAGE).await;
    for text in ["Firefox on Windows", "Safari on iPhone", "192.0.2.1", "2001:db8::7", "This device", "Last seen"] {
        assert!(page.body.contains(text), "{text}: {}", page.body);
    }
    assert!(page.body.find("Firefox on Windows") < page.body.find("Safari on iPhone"), "this device comes first");
    let ending = endings(&page).remove(0);
    assert_eq!(endings(&page).len(), 1);

    desk.go_to(shop.another_server("Server-2"));
    let after = desk.post_and_follow(&ending, &[]).await;
    assert!(after.body.contains("Safari on iPhone is signed out.") && endings(&after).is_empty(), "{}", after.body);
    assert!(!is_in(&mut phone).await && is_in(&mut desk).await);
    assert_eq!(desk.post(&ending, &[]).await.status, 303, "twice is once");
}

#[tokio::test]
async fn all_other_devices_are_signed_out_at_once() {
    let shop = TestShop::new().await;
    let mut here = shop.browser();
    register(&mut here, "ada").await;
    let mut others = [device(&shop, FIREFOX, "192.0.2.1").await, device(&shop, IPHONE, "192.0.2.2").await];
    let after = here.post_and_follow("/account/sessions/others/removal", &[]).await;
    assert!(after.body.contains("The other 2 devices are signed out."), "{}", after.body);
    for other in &mut others {
        other.go_to(shop.another_server("Server-2"));
        assert!(!is_in(other).await);
    }
    assert!(is_in(&mut here).await);
}

#[tokio::test]
async fn this_device_can_be_named_too() {
    let shop = TestShop::new().await;
    let mut here = shop.browser();
    register(&mut here, "ada").await;
    let mut there = device(&shop, FIREFOX, "192.0.2.1").await;
    let own: Vec<_> = endings(&there.get(PAGE).await);
    assert!(here.post_and_follow(&own[0], &[]).await.body.contains("You are signed out."));
    assert!(!is_in(&mut here).await && is_in(&mut there).await);
}

#[tokio::test]
async fn a_sign_in_of_someone_else_is_not_there() {
    let shop = TestShop::new().await;
    let (mut ada, mut eve) = (shop.browser(), shop.browser());
    register(&mut ada, "ada").await;
    device(&shop, FIREFOX, "192.0.2.1").await;
    let adas = endings(&ada.get(PAGE).await).remove(0);
    register(&mut eve, "eve").await;
    let page = eve.get(PAGE).await;
    assert!(!page.body.contains("Firefox on Windows"));
    let unknown =
        [uuid::Uuid::nil().to_string(), uuid::Uuid::new_v4().to_string(), "1".into(), "x".into(), "%00".into()];
    for path in unknown.iter().map(|id| format!("{PAGE}/{id}/removal")).chain([adas]) {
        assert_eq!(eve.post(&path, &[]).await.status, 404, "{path}");
    }
    assert!(is_in(&mut ada).await && ada.get(PAGE).await.body.contains("Firefox on Windows"));
}

#[tokio::test]
async fn what_a_browser_says_of_itself_is_never_markup() {
    let shop = TestShop::new().await;
    let mut here = shop.browser();
    register(&mut here, "ada").await;
    device(&shop, HOSTILE, "192.0.2.1").await;
    let page = here.get(PAGE).await;
    assert!(is_clean(&page.body) && page.body.contains("An unknown device"));
}
