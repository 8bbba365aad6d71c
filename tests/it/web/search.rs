//! The list by search, filters and order; the search in the header; what is proposed while typing.

use super::{HOSTILE, is_clean};
use crate::support::{Answer, TestShop, catalogue, goods};

async fn shop() -> TestShop {
    let shop = TestShop::new().await;
    catalogue::category(&shop.database, "kitchen", "Kitchen", None).await;
    catalogue::category(&shop.database, "desk", "Desk", None).await;
    for (slug, name, category, price, stock) in [
        ("enamel-mug", "Enamel mug", "kitchen", 1_200, 10),
        ("stone-mug", "Stone mug", "kitchen", 2_400, 0),
        ("desk-mug", "Desk mug", "desk", 1_800, 3),
        ("pen", "Fountain pen", "desk", 4_900, 5),
    ] {
        let variants = vec![catalogue::variant(slug, "", price, stock)];
        catalogue::put(&shop.database, catalogue::draft(slug, name, category, variants)).await;
    }
    shop
}

/// The slugs of the cards, in order.
fn cards(page: &Answer) -> Vec<&str> {
    let grid = page.between("<ul class=\"product-grid\">", "</ul>");
    let links = grid.split(r#"class="product-card-name"><a href="/products/"#).skip(1);
    links.map(|link| link.split('"').next().unwrap()).collect()
}

fn canonical(page: &Answer) -> &str {
    page.between(r#"rel="canonical" href="http://shop.test"#, "\"")
}

fn chips(page: &Answer) -> Vec<&str> {
    let Some(start) = page.body.find(r#"<ul class="chips""#) else { return Vec::new() };
    let list = page.body[start..].split("</ul>").next().unwrap();
    list.split("Remove </span>").skip(1).map(|chip| chip.split(" <svg").next().unwrap()).collect()
}

#[tokio::test]
async fn a_search_is_said_counted_and_kept_in_the_header() {
    let shop = shop().await;
    let page = shop.browser().get("/products?search=mug").await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("<h1 dir=\"auto\">Results for “mug”</h1>") && page.body.contains("3 products"));
    assert!(page.between(r#"id="site-search""#, ">").contains(r#"value="mug""#));
    assert!(
        page.between(r#"<select class="form-select" id="sort""#, "</select>")
            .contains(r#"<option value="" selected>Best match"#)
    );
    assert_eq!(cards(&page).len(), 3);
    let elsewhere = shop.browser().get("/cart").await;
    assert!(
        elsewhere.between("role=\"search\"", ">").contains(r#"action="/products""#),
        "the header searches on every page"
    );
}

#[tokio::test]
async fn filters_narrow_the_list_together() {
    let shop = shop().await;
    let mut browser = shop.browser();
    for (query, found) in [
        ("search=mug&category=kitchen&sort=price_asc", vec!["enamel-mug", "stone-mug"]),
        ("search=mug&in_stock=1&sort=price_desc", vec!["desk-mug", "enamel-mug"]),
        ("min_price=18&max_price=24.00&sort=price_asc", vec!["desk-mug", "stone-mug"]),
        ("category=desk&max_price=%2418", vec!["desk-mug"]),
    ] {
        let page = browser.get(&format!("/products?{query}")).await;
        assert_eq!(cards(&page), found, "{query}");
    }
}

#[tokio::test]
async fn each_filter_that_is_on_is_a_chip_that_takes_it_off() {
    let shop = shop().await;
    let path = "/products?search=mug&category=kitchen&min_price=10&max_price=20&in_stock=1";
    let page = shop.browser().get(path).await;
    assert_eq!(chips(&page), ["Kitchen", "$10.00 to $20.00", "In stock"]);
    assert!(page.body.contains("Filters (3)") && page.body.contains("Show 1 product<"));
    let list = page.between(r#"<ul class="chips""#, "</ul>");
    for left in ["/products?search=mug&#38;category=kitchen&#38;in_stock=1", "/products?search=mug"] {
        assert!(list.contains(&format!(r#"href="{left}""#)), "{left} in {list}");
    }
    assert!(chips(&shop.browser().get("/products?category=kitchen").await).is_empty());
}

#[tokio::test]
async fn the_same_list_has_one_canonical_address() {
    let shop = shop().await;
    let one = shop.browser().get("/products?in_stock=1&search=mug&category=Kitchen&sort=relevance&page=1").await;
    let other = shop.browser().get("/products?category=kitchen&in_stock=1&search=+mug++").await;
    assert_eq!(canonical(&one), "/products?search=mug&#38;category=kitchen&#38;in_stock=1");
    assert_eq!((one.status.as_u16(), canonical(&one)), (200, canonical(&other)));
    assert_eq!(cards(&one), cards(&other));
}

#[tokio::test]
async fn a_form_without_javascript_leaves_no_empty_fields_in_the_address() {
    let shop = shop().await;
    for (asked, address) in [
        ("/products?search=mug&min_price=&max_price=", "/products?search=mug"),
        ("/products?search=", "/products"),
        ("/products?max_price=20&min_price=+&category=kitchen&sort=", "/products?category=kitchen&max_price=20"),
        ("/products?search=%0d%0aX-Evil:+1&sort=", "/products?search=X-Evil%3A+1"),
    ] {
        let answer = shop.browser().get(asked).await;
        assert_eq!((answer.status.as_u16(), answer.location()), (303, address), "{asked}");
    }
    // With a mistake in it, what was typed is worth more than a short address.
    let page = shop.browser().get("/products?min_price=cheap&max_price=").await;
    assert_eq!(page.status, 200);
}

#[tokio::test]
async fn a_price_that_is_none_is_said_at_its_field_kept_and_not_applied() {
    let shop = shop().await;
    for bad in [
        "cheap",
        "-5",
        "1e400",
        "1.999",
        "NaN",
        "99999999999999999999",
        "%00",
        "%FF",
        "%3Cscript%3Ealert(1)%3C/script%3E",
    ] {
        for field in ["min_price", "max_price"] {
            let page = shop.browser().get(&format!("/products?search=mug&{field}={bad}")).await;
            assert_eq!(page.status, 200, "{field}={bad}");
            assert!(page.body.contains(&format!(r#"id="{field}-error""#)), "{field}={bad}");
            assert!(page.between(&format!(r#"id="{field}" "#), ">").contains("aria-invalid"), "{field}={bad}");
            assert_eq!(cards(&page).len(), 3, "the filter is left out");
            assert!(page.body.contains("class=\"filters is-shown\"") && is_clean(&page.body));
            assert_eq!(canonical(&page), "/products?search=mug");
        }
    }
    let kept = shop.browser().get("/products?min_price=30&max_price=10").await;
    assert!(kept.between(r#"id="min_price" "#, ">").contains(r#"value="30""#));
    assert!(kept.between(r#"id="max_price" "#, ">").contains(r#"value="10""#));
    assert!(kept.body.contains("This is below the lowest price.") && cards(&kept).len() == 4);
}

#[tokio::test]
async fn nothing_that_is_searched_for_is_an_error() {
    let shop = shop().await;
    let long = "x".repeat(2_000);
    let hostile = url::form_urlencoded::byte_serialize(HOSTILE.as_bytes()).collect::<String>();
    for words in
        ["%25", "%27+OR+1%3D1+--", "%00", "%FF%FE", "%F0%9F%98%80", "a%26b%7C%21%28%3A*", "%5C", &long, &hostile]
    {
        for path in ["/products", "/products/suggestions"] {
            let page = shop.browser().get(&format!("{path}?search={words}")).await;
            assert_eq!(page.status, 200, "{path} {words}");
            assert!(is_clean(&page.body), "{}", page.body);
        }
    }
    let page = shop.browser().get(&format!("/products?search={long}")).await;
    let heading = page.between("<h1", "</h1>");
    assert!(heading.contains(&format!("“{}…”", "x".repeat(60))), "it is cut: {heading}");
    assert!(page.body.contains(&format!("value=\"{}\"", "x".repeat(200))), "the field keeps more of it");
    assert_eq!(shop.browser().get("/products?search=mug&sort=sideways&in_stock=perhaps").await.status, 200);
    assert_eq!(shop.browser().get("/products?search=mug&category=nope").await.status, 404);
    assert_eq!(shop.browser().get("/products?search=mug&page=0").await.status, 400);
}

#[tokio::test]
async fn counts_beside_the_filters_say_what_they_would_show() {
    let shop = shop().await;
    let page = shop.browser().get("/products?search=mug&in_stock=1").await;
    for (category, count) in [("kitchen", "1"), ("desk", "1")] {
        let link = page.between(&format!(r#"id="category-{category}""#), "</a>");
        assert!(link.contains(&format!(r#"num">{count}<"#)), "{link}");
        assert!(
            link.contains(&format!(r#"href="/products?search=mug&#38;category={category}&#38;in_stock=1""#)),
            "{link}"
        );
    }
    assert!(page.between(r#"for="in_stock""#, "</form>").contains(r#"num">2<"#));
    let all = shop.browser().get("/products").await;
    assert!(all.between(r#"id="category-kitchen""#, "</a>").contains(r#"num">2<"#));
}

#[tokio::test]
async fn a_mistyped_word_is_put_right_and_said() {
    let shop = shop().await;
    ecommerce::domain::catalog::rebuild_words(&shop.database).await.unwrap();
    let page = shop.browser().get("/products?search=founttain").await;
    assert!(
        page.body
            .contains("Next to nothing for “founttain”. Showing “<a href=\"/products?search=fountain\">fountain</a>”.")
    );
    assert_eq!(cards(&page), ["pen"]);
    assert!(
        page.between(r#"id="site-search""#, ">").contains(r#"value="founttain""#),
        "what was typed stays to be put right"
    );
}

#[tokio::test]
async fn an_empty_result_proposes_fewer_filters_and_other_things() {
    let shop = shop().await;
    let page = shop.browser().get("/products?search=mug&min_price=100&in_stock=1").await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("Nothing for “mug” with these filters") && page.body.contains("No products"));
    let empty = page.between(r#"<div class="empty">"#, "</div>");
    assert!(
        empty.contains("Without “From $100.00”") && empty.contains(r#"href="/products?search=mug&#38;in_stock=1""#),
        "{empty}"
    );
    assert!(page.between(r#"id="popular""#, "</section>").contains("product-card"));
    let unknown = shop.browser().get("/products?search=xyzzyplugh").await;
    assert!(unknown.body.contains("Check the spelling") && unknown.body.contains("Popular right now"));
    let bare = TestShop::new().await.browser().get("/products?search=mug").await;
    assert!(bare.body.contains("Nothing for “mug”") && !bare.body.contains("Popular right now"));
}

#[tokio::test]
async fn pages_keep_the_filters_and_name_the_ones_around_them() {
    let shop = TestShop::new().await;
    for number in 0..30 {
        goods::variant(&shop.database.owner, &format!("Mug {number}"), 500, 1).await;
    }
    let page = shop.browser().get("/products?search=mug&in_stock=1&sort=newest&page=2").await;
    let head = page.between("<head>", "</head>");
    assert!(head.contains(r#"<link rel="prev" href="/products?search=mug&#38;in_stock=1&#38;sort=newest">"#), "{head}");
    assert!(
        head.contains(r#"<link rel="next" href="/products?search=mug&#38;in_stock=1&#38;sort=newest&#38;page=3">"#)
    );
    assert!(page.body.contains("30 products, page 2 of 3"));
    let beyond = shop.browser().get("/products?search=mug&page=9").await;
    assert!(beyond.between("class=\"empty\"", "</div>").contains(r#"href="/products?search=mug""#));
}

#[tokio::test]
async fn htmx_gets_the_list_alone_with_its_title_its_way_and_its_address() {
    let shop = shop().await;
    let part = shop.browser().get_fragment("/products?sort=&min_price=&max_price=20&category=kitchen").await;
    assert_eq!((part.status.as_u16(), part.header("hx-push-url")), (200, "/products?category=kitchen&max_price=20"));
    assert!(!part.body.contains("<html") && !part.body.contains("site-header"));
    assert!(part.body.contains("<title>Kitchen · Fernhill</title>") && part.body.contains(r#"data-say="1 product""#));
    assert!(part.between(r#"id="breadcrumbs""#, ">").contains(r#"hx-swap-oob="true""#));
    assert!(part.header("vary").contains("HX-Request"));
    let wrong = shop.browser().get_fragment("/products?min_price=cheap").await;
    assert_eq!((wrong.status.as_u16(), wrong.header("hx-push-url")), (200, ""));
    assert!(wrong.body.contains(r#"data-say="Lowest price: Please write an amount like 20 or 19.90. 4 products""#));
}

#[tokio::test]
async fn suggestions_are_options_that_lead_somewhere() {
    let shop = shop().await;
    let answer = shop.browser().get("/products/suggestions?search=ena").await;
    assert_eq!((answer.status.as_u16(), answer.header("cache-control")), (200, "private, max-age=60"));
    assert_eq!(answer.body.matches(r#"role="option""#).count(), 2, "{}", answer.body);
    assert!(answer.body.contains(r#"href="/products/enamel-mug""#) && answer.body.contains("$12.00"));
    assert!(answer.body.contains(r#"href="/products?search=ena""#) && answer.body.contains("Search for “ena”"));
    let category = shop.browser().get("/products/suggestions?search=kit").await;
    assert!(category.body.contains(r#"href="/products?category=kitchen""#));
    for nothing in ["", "?search=", "?search=e", "?search=+e+", "?other=mug"] {
        let answer = shop.browser().get(&format!("/products/suggestions{nothing}")).await;
        assert_eq!((answer.status.as_u16(), answer.body.trim()), (200, ""), "{nothing}");
    }
}
