//! What stands around a product: the wish to be told, what was looked at before, delivery, the picture for links elsewhere.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use ecommerce::{domain::catalog::PictureDraft, infra::pictures};
use http_body_util::BodyExt;
use tower::ServiceExt;

use super::{HOSTILE, is_clean, variant_id};
use crate::support::{
    Browser, TestShop,
    catalogue::{category, draft, put, variant},
    goods::count,
};

const ALERTS: &str = "SELECT count(*) FROM stock_alerts";

async fn shop_with(variables: &[(&str, &str)]) -> TestShop {
    let shop = TestShop::with(variables).await;
    category(&shop.database, "kitchen", "Kitchen", None).await;
    let mut pot = draft(
        "pot",
        "Dutch oven",
        "kitchen",
        vec![variant("POT-R", "Red", 2_900, 20), variant("POT-N", "Navy, large", 2_900, 0)],
    );
    pot.pictures = ["Red pot on a stove", "The pot in navy"]
        .into_iter()
        .zip(1..)
        .map(|(alt, number)| PictureDraft { stem: format!("products/pot-{number}"), alt: alt.into(), ..picture() })
        .collect();
    put(&shop.database, pot).await;
    put(&shop.database, draft("pan", "Pan", "kitchen", vec![variant("PAN", "", 6_000, 5)])).await;
    shop
}

fn picture() -> PictureDraft {
    PictureDraft { stem: String::new(), width: 1280, height: 1280, widths: vec![320, 640, 1280], alt: String::new() }
}

async fn shop() -> TestShop {
    shop_with(&[]).await
}

async fn signed_in(shop: &TestShop) -> Browser {
    let mut browser = shop.browser();
    let fields = [
        ("username", "ada"),
        ("email", "ada@example.com"),
        ("full_name", "Ada Lovelace"),
        ("password", "analytical engine 1843"),
    ];
    assert_eq!(browser.post("/register", &fields).await.status, StatusCode::SEE_OTHER);
    browser
}

#[tokio::test]
async fn whoever_finds_it_sold_out_can_ask_to_be_told_and_twice_is_once() {
    let shop = shop().await;
    let navy = variant_id(&shop.database.owner, "POT-N").await.to_string();
    let mut browser = shop.browser();
    let page = browser.get(&format!("/products/pot?variant={navy}")).await;
    assert!(page.body.contains("Tell me when it is back") && page.body.contains("/products/pot/stock-alert"));
    assert!(
        !browser.get("/products/pan").await.body.contains("Tell me when it is back"),
        "what is there can be bought"
    );
    let bought = [("product", "pot"), ("variant_id", navy.as_str()), ("quantity", "1")];
    let refused = browser.post_fragment("/cart/items", &bought).await;
    assert!(refused.between("id=\"stock-alert\"", ">").contains("hx-swap-oob"), "also when it went meanwhile");
    let fields = [("variant_id", navy.as_str()), ("email", "bob@example.com")];
    for _ in 0..2 {
        let page = browser.post_and_follow("/products/pot/stock-alert", &fields).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.body.contains("We will write to bob@example.com when it is back."));
    }
    let fragment = browser.post_fragment("/products/pot/stock-alert", &fields).await;
    assert!(!fragment.body.contains("<html") && fragment.between("data-say=\"", "\"").contains("bob@example.com"));
    assert_eq!(count(&shop.database.owner, ALERTS).await, 1);
}

#[tokio::test]
async fn a_bad_address_is_said_beside_the_field_and_stays_in_it() {
    let shop = shop().await;
    let navy = variant_id(&shop.database.owner, "POT-N").await.to_string();
    let mut browser = shop.browser();
    for bad in ["", "bob", "bob@localhost", HOSTILE] {
        let fields = [("variant_id", navy.as_str()), ("email", bad)];
        let page = browser.post("/products/pot/stock-alert", &fields).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{bad}");
        assert!(
            page.body.contains("id=\"email-error\"") && page.body.contains("<html") && is_clean(&page.body),
            "{bad}"
        );
        let fragment = browser.post_fragment("/products/pot/stock-alert", &fields).await;
        assert_eq!(fragment.status, StatusCode::UNPROCESSABLE_ENTITY, "{bad}");
        assert!(fragment.body.contains("id=\"email-error\"") && !fragment.body.contains("<html"), "{bad}");
    }
    let page = browser.post("/products/pot/stock-alert", &[("variant_id", &navy), ("email", "bob@")]).await;
    assert!(page.between("id=\"stock-alert\"", "</form>").contains("value=\"bob@\""));
    assert_eq!(count(&shop.database.owner, ALERTS).await, 0);
}

#[tokio::test]
async fn nobody_can_be_told_of_what_is_not_sold() {
    let shop = shop().await;
    let pan = variant_id(&shop.database.owner, "PAN").await.to_string();
    let mut browser = shop.browser();
    for (slug, id) in [("nope", pan.as_str()), ("pot", pan.as_str()), ("pot", "0"), ("pot", "red"), ("%00", "1")] {
        let fields = [("variant_id", id), ("email", "bob@example.com")];
        let answer = browser.post(&format!("/products/{slug}/stock-alert"), &fields).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{slug} {id}");
    }
    assert_eq!(count(&shop.database.owner, ALERTS).await, 0);
}

#[tokio::test]
async fn an_address_asks_a_few_times_a_minute() {
    let shop = shop_with(&[("LIMIT_ALERT", "2")]).await;
    let navy = variant_id(&shop.database.owner, "POT-N").await.to_string();
    let mut browser = shop.browser();
    let mut statuses = Vec::new();
    for number in 0..3 {
        let email = format!("person{number}@example.com");
        let fields = [("variant_id", navy.as_str()), ("email", email.as_str())];
        statuses.push(browser.post_fragment("/products/pot/stock-alert", &fields).await.status.as_u16());
    }
    assert_eq!(statuses, [200, 200, 429]);
}

#[tokio::test]
async fn the_field_holds_the_address_of_whoever_is_signed_in_and_of_nobody_else() {
    let shop = shop().await;
    shop.listen().await;
    let navy = variant_id(&shop.database.owner, "POT-N").await.to_string();
    let path = format!("/products/pot?variant={navy}");
    let (mut ada, mut nobody) = (signed_in(&shop).await, shop.browser());
    for _ in 0..2 {
        assert!(ada.get(&path).await.between("id=\"stock-alert\"", "</form>").contains("value=\"ada@example.com\""));
        let page = nobody.get(&path).await;
        assert!(!page.header("etag").is_empty() && !page.body.contains("ada@example.com"));
    }
    ada.post("/products/pot/stock-alert", &[("variant_id", &navy), ("email", "ada@example.com")]).await;
    let hers = "SELECT count(*) FROM stock_alerts a JOIN users u ON u.id = a.user_id WHERE u.username = 'ada'";
    assert_eq!(count(&shop.database.owner, hers).await, 1);
}

#[tokio::test]
async fn the_link_in_the_mail_asks_before_it_stops_anything() {
    let shop = shop().await;
    let navy = variant_id(&shop.database.owner, "POT-N").await.to_string();
    let mut browser = shop.browser();
    browser.post("/products/pot/stock-alert", &[("variant_id", &navy), ("email", "bob@example.com")]).await;
    let token: String =
        sqlx::query_scalar("SELECT token FROM stock_alerts").fetch_one(&shop.database.owner).await.unwrap();
    let path = format!("/stock-alerts/{token}/removal");
    let page = browser.get(&path).await;
    assert!(page.status == StatusCode::OK && page.body.contains("bob@example.com") && page.body.contains("noindex"));
    assert_eq!(page.header("cache-control"), "private, no-store");
    assert_eq!(count(&shop.database.owner, ALERTS).await, 1, "a program that opens links stops nothing");
    assert!(browser.post(&path, &[]).await.body.contains("No more emails"));
    assert_eq!(count(&shop.database.owner, ALERTS).await, 0);
    assert_eq!(browser.get("/stock-alerts/nope/removal").await.status, StatusCode::NOT_FOUND);
    assert_eq!(browser.post("/stock-alerts/nope/removal", &[]).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_was_looked_at_comes_as_a_row_and_pages_stay_everybodys() {
    let shop = shop().await;
    shop.listen().await;
    let mut browser = shop.browser();
    let page = browser.get("/products/pot").await;
    let row = page.between("id=\"recently-viewed\" hx-get=\"", "\"").to_owned();
    assert_eq!(row, "/recently-viewed?current=pot");
    let first = browser.get_fragment(&row).await;
    assert_eq!((first.status, first.body.trim()), (StatusCode::OK, ""), "nothing before it");
    let cookie = first.header("set-cookie");
    for part in ["viewed=", "HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=2592000"] {
        assert!(cookie.contains(part), "{part} in {cookie}");
    }
    let second = browser.get_fragment("/recently-viewed?current=pan").await;
    assert!(second.body.contains("Recently viewed") && second.body.contains("Dutch oven"));
    assert!(!second.body.contains(">Pan<"), "not the one on the page");
    let again = browser.get_fragment("/recently-viewed?current=pot").await;
    assert!(again.body.contains(">Pan<") && !again.body.contains("Dutch oven"));
    // The cookie makes nobody known: the page comes from what is kept.
    let (known, stranger) = (browser.get("/products/pot").await, shop.browser().get("/products/pot").await);
    assert!(!known.header("etag").is_empty() && known.header("etag") == stranger.header("etag"));
    assert_eq!(known.body, stranger.body);
    assert_eq!(browser.get_fragment("/recently-viewed").await.header("etag"), "", "the row is one person's");
}

#[tokio::test]
async fn whatever_stands_in_the_cookie_is_survived() {
    let shop = shop().await;
    for value in ["", "....", "<script>", "-1.0.99999999999999999999", "999999.888888", &"1.".repeat(1_500)] {
        let mut browser = shop.browser();
        browser.set_cookie("viewed", value);
        for path in ["/recently-viewed?current=pan", "/recently-viewed?current=nope", "/recently-viewed?current=%00"] {
            assert_eq!(browser.get_fragment(path).await.status, StatusCode::OK, "{value} {path}");
        }
    }
}

#[tokio::test]
async fn the_page_says_how_it_comes_and_what_that_costs() {
    let shop =
        shop_with(&[("SHIPPING_STANDARD", "3.30"), ("SHIPPING_EXPRESS", "12.00"), ("FREE_SHIPPING_FROM", "45.00")])
            .await;
    let pot = shop.browser().get("/products/pot").await;
    let delivery = pot.between("class=\"delivery\"", "</ul>");
    for text in ["$3.30", "3 to 5 working days, free from $45.00", "$12.00", "the next working day"] {
        assert!(delivery.contains(text), "{text} in {delivery}");
    }
    let pan = shop.browser().get("/products/pan").await;
    assert!(pan.between("class=\"delivery\"", "</ul>").contains("free</strong>"), "above the threshold");
    assert!(pot.body.contains("href=\"/shipping\"") && pot.body.contains("href=\"/returns\""));
}

#[tokio::test]
async fn the_chosen_variants_picture_comes_first() {
    let shop = shop().await;
    let navy = variant_id(&shop.database.owner, "POT-N").await;
    let mut browser = shop.browser();
    let red = browser.get("/products/pot").await;
    assert!(red.between("id=\"picture-1\"", "</li>").contains("Red pot on a stove"));
    let page = browser.get(&format!("/products/pot?variant={navy}")).await;
    assert!(page.between("id=\"picture-1\"", "</li>").contains("The pot in navy"));
    assert!(page.between("id=\"picture-2\"", "</li>").contains("Red pot on a stove"));
}

async fn bytes(shop: &TestShop, path: &str) -> (StatusCode, String, Vec<u8>) {
    let request = Request::get(path).header("host", "shop.test").header("accept-encoding", "gzip, br");
    let response = shop.router().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let headers = response.headers();
    assert!(
        !headers.contains_key("content-encoding") || !response.status().is_success(),
        "pictures are sent as they are"
    );
    let kind = headers.get("content-type").map(|kind| kind.to_str().unwrap().to_owned()).unwrap_or_default();
    let tag = headers.contains_key("etag");
    assert!(tag || !response.status().is_success(), "kept");
    (response.status(), kind, response.into_body().collect().await.unwrap().to_bytes().to_vec())
}

#[tokio::test]
async fn a_link_elsewhere_is_shown_with_a_jpeg_of_its_usual_size() {
    let shop = shop().await;
    shop.listen().await;
    for file in pictures::draw(r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><rect width="10" height="10" fill="#204060"/></svg>"##).unwrap() {
        let key = format!("products/pot-1-{}.webp", file.width).parse().unwrap();
        shop.app.media.put(&key, file.bytes).await.unwrap();
    }
    let page = shop.browser().get("/products/pot").await;
    assert!(page.body.contains(r#"property="og:image" content="http://shop.test/share/pot.jpg""#));
    assert!(page.body.contains(r#"property="og:image:width" content="1200""#));
    for _ in 0..2 {
        let (status, kind, jpeg) = bytes(&shop, "/share/pot.jpg").await;
        assert_eq!((status, kind.as_str()), (StatusCode::OK, "image/jpeg"));
        let read = image::load_from_memory_with_format(&jpeg, image::ImageFormat::Jpeg).unwrap();
        assert_eq!((read.width(), read.height()), (1200, 630));
    }
}

#[tokio::test]
async fn there_is_no_picture_of_what_has_none() {
    let shop = shop().await;
    let mut bare = draft("bare", "Bare", "kitchen", vec![variant("BARE", "", 100, 1)]);
    bare.pictures.clear();
    put(&shop.database, bare).await;
    let page = shop.browser().get("/products/bare").await;
    assert!(!page.body.contains("og:image"));
    for path in
        ["/share/bare.jpg", "/share/nope.jpg", "/share/pot.png", "/share/pot", "/share/%00.jpg", "/share/pan.jpg"]
    {
        assert_eq!(bytes(&shop, path).await.0, StatusCode::NOT_FOUND, "{path}");
    }
}
