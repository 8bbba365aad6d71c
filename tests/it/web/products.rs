use super::{HOSTILE, is_clean};
use crate::support::{TestShop, catalogue, goods};

async fn kitchen(shop: &TestShop) {
    catalogue::category(&shop.database, "kitchen", "Kitchen", None).await;
    catalogue::category(&shop.database, "mugs", "Mugs & cups", Some("kitchen")).await;
    catalogue::category(&shop.database, "desk", "Desk", None).await;
    for (slug, category) in [("pan", "kitchen"), ("mug", "mugs"), ("pen", "desk")] {
        let variants = vec![catalogue::variant(slug, "", 1200, 10)];
        catalogue::put(&shop.database, catalogue::draft(slug, &format!("The {slug}"), category, variants)).await;
    }
}

#[tokio::test]
async fn a_category_shows_its_own_products_and_those_below_it() {
    let shop = TestShop::new().await;
    kitchen(&shop).await;
    let page = shop.browser().get("/products?category=kitchen").await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("The pan") && page.body.contains("The mug") && !page.body.contains("The pen"));
    assert!(page.body.contains("2 products") && page.body.contains("All about Kitchen."));
    let current = page.between(r#"id="category-kitchen""#, ">");
    assert!(current.contains(r#"href="/products?category=kitchen""#) && current.contains("aria-current"), "{current}");
    let below = shop.browser().get("/products?category=mugs").await;
    let crumbs = below.between("breadcrumbs", "</nav>");
    assert!(crumbs.contains(r#"href="/products?category=kitchen""#) && crumbs.contains("Mugs &#38; cups"), "{crumbs}");
    assert_eq!(shop.browser().get("/products?category=Mugs+%26+cups").await.status, 200, "a name will do as well");
}

#[tokio::test]
async fn an_unknown_category_is_a_404_page() {
    let shop = TestShop::new().await;
    kitchen(&shop).await;
    for category in ["nope", "KITCHEN", "%00", "%FF", "<script>alert(1)</script>", &"x".repeat(10_000)] {
        let page = shop
            .browser()
            .get(&format!("/products?category={}", category.replace('<', "%3C").replace('>', "%3E")))
            .await;
        assert_eq!(page.status, 404, "{category}");
        assert!(page.body.contains("<h1") && is_clean(&page.body));
    }
}

#[tokio::test]
async fn a_page_of_zero_is_a_400_page() {
    let shop = TestShop::new().await;
    for number in ["0", "-1", "1.5", "two", "", "1000000000", "99999999999999999999", "%00"] {
        let page = shop.browser().get(&format!("/products?page={number}")).await;
        assert_eq!(page.status, 400, "{number}");
        assert!(page.body.contains("A page is a whole number"), "{}", page.body);
    }
}

#[tokio::test]
async fn a_page_beyond_the_end_is_empty_and_leads_to_the_first() {
    let shop = TestShop::new().await;
    kitchen(&shop).await;
    let page = shop.browser().get("/products?category=kitchen&page=999").await;
    assert_eq!(page.status, 200);
    let main = page.between("<main", "</main>");
    assert!(main.contains(r#"class="btn btn-primary" href="/products?category=kitchen""#), "{main}");
    assert!(!main.contains("product-card"));
}

#[tokio::test]
async fn pages_are_linked_and_keep_the_category() {
    let shop = TestShop::new().await;
    for number in 0..30 {
        goods::variant(&shop.database.owner, &format!("Thing {number}"), 500, 1).await;
    }
    let page = shop.browser().get("/products?category=things&page=2&sort=price&utm_source=mail").await;
    assert_eq!(page.status, 200, "what the page does not know is ignored");
    let pages = page.between("aria-label=\"Pages\"", "</nav>");
    for link in [r#"href="/products?category=things""#, r#"href="/products?category=things&#38;page=3""#] {
        assert!(pages.contains(link), "{link} in {pages}");
    }
    assert!(page.body.contains("30 products, page 2 of 3"));
    assert!(page.body.contains(r#"rel="canonical" href="http://shop.test/products?category=things&#38;page=2""#));
    assert_eq!(page.body.matches(r#"class="product-card""#).count(), 12);
    assert_eq!(page.header("cache-control"), "private, no-cache", "the same for everybody who is not known");
}

#[tokio::test]
async fn cards_say_what_matters_about_stock_and_price() {
    let shop = TestShop::new().await;
    goods::variant(&shop.database.owner, "Plenty", 500, 50).await;
    goods::variant(&shop.database.owner, "Scarce", 500, 2).await;
    goods::variant(&shop.database.owner, "Gone", 500, 0).await;
    let page = shop.browser().get("/products").await;
    let card = |name: &str| page.between(&format!(r#"href="/products/{name}" dir"#), "</li>").to_owned();
    assert!(card("scarce").contains("Only 2 left"));
    assert!(card("gone").contains("Sold out"));
    assert!(!card("plenty").contains("left") && card("plenty").contains("$5.00"));
}

#[tokio::test]
async fn markup_in_names_is_shown_as_text() {
    let shop = TestShop::new().await;
    catalogue::category(&shop.database, "things", HOSTILE, None).await;
    catalogue::category(&shop.database, "below", &format!("{HOSTILE} 2"), Some("things")).await;
    let variants = vec![catalogue::variant("one", HOSTILE, 1200, 2)];
    catalogue::put(&shop.database, catalogue::draft("one", HOSTILE, "below", variants)).await;
    for path in ["/products", "/products?category=things", "/products?category=below", "/products?page=9"] {
        let page = shop.browser().get(path).await;
        assert_eq!(page.status, 200);
        assert!(is_clean(&page.body), "{}", page.body);
    }
}
