//! The switch at the desk: who is not available is given nothing, and keeps what they have.

use axum::http::StatusCode;
use ecommerce::types::UserId;

use super::support::{asks, desk, person};
use crate::support::TestShop;

const ADDRESS: &str = "/support/availability";

async fn sams(shop: &TestShop) -> Vec<String> {
    let statement = "SELECT c.display_name FROM conversations c JOIN users u ON u.id = c.assignee_id
                     WHERE u.username = 'sam' ORDER BY c.id";
    sqlx::query_scalar(statement).fetch_all(&shop.database.owner).await.unwrap()
}

async fn comes_to_the_desk(shop: &TestShop) {
    let statement = "SELECT id FROM users WHERE username = 'sam'";
    let id: i64 = sqlx::query_scalar(statement).fetch_one(&shop.database.owner).await.unwrap();
    shop.app.chat.touch_agents(&[UserId(id)]).await.unwrap();
    shop.app.chat.tick().await.unwrap();
}

#[tokio::test]
async fn who_is_not_available_is_given_nothing_on_any_server_until_they_switch_back() {
    let shop = TestShop::new().await;
    let mut sam = person(&shop, "sam", Some("agent")).await;
    let (zoe, _) = asks(&shop, "Zoe", "Hello").await;
    comes_to_the_desk(&shop).await;
    assert_eq!(sams(&shop).await, ["Zoe"]);
    let page = sam.get("/support").await;
    assert!(page.body.contains(">Available</span>") && page.body.contains(">Take a break</button>"), "{}", page.body);

    // A plain form, from a conversation: it leads back there and says what was done.
    let next = format!("queue=mine&conversation={zoe}");
    let answer = sam.post(ADDRESS, &[("available", "no"), ("next", &next)]).await;
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, format!("/support?{next}").as_str()));
    let page = sam.get(answer.location()).await;
    assert!(
        page.body.contains(">Not available</span>") && page.body.contains(">Be available</button>"),
        "{}",
        page.body
    );
    assert!(page.body.contains("New conversations go to colleagues; what you have stays yours."));
    // Twice is once: the button says what is wanted, not the other of what is.
    sam.post(ADDRESS, &[("available", "no")]).await;

    asks(&shop, "Bob", "Anybody there?").await;
    comes_to_the_desk(&shop).await;
    assert_eq!(sams(&shop).await, ["Zoe"], "nothing new, and what they have stays theirs");
    assert!(!shop.app.chat.availability().await.unwrap().is_answered, "customers are not told that somebody answers");

    sam.go_to(shop.another_server("Server-2"));
    assert!(sam.get(&desk(&zoe)).await.body.contains(">Not available</span>"), "on another server too");
    sam.post("/logout", &[]).await;
    sam.post_and_follow("/login", &[("login", "sam"), ("password", "a mug of tea")]).await;
    assert!(sam.get("/support").await.body.contains(">Not available</span>"), "and after a sign-out");

    sam.set_header("hx-target", "desk");
    let part = sam.post_fragment(ADDRESS, &[("available", "yes")]).await;
    assert_eq!(part.status, StatusCode::OK);
    assert!(part.body.trim_start().starts_with("<div class=\"desk") && part.body.contains(">Take a break</button>"));
    assert!(part.body.contains("id=\"toasts\"") && part.body.contains("You are available."), "it is announced");
    comes_to_the_desk(&shop).await;
    assert_eq!(sams(&shop).await, ["Zoe", "Bob"]);
}

#[tokio::test]
async fn the_list_brings_the_switch_along_for_other_windows() {
    let shop = TestShop::new().await;
    let mut sam = person(&shop, "sam", Some("agent")).await;
    sam.set_header("hx-target", "desk-queue");
    let part = sam.get_fragment("/support?queue=all").await;
    let switch = part.between("id=\"desk-availability\"", "</form>");
    assert!(switch.contains("hx-swap-oob=\"true\"") && switch.contains("value=\"queue=all\""), "{switch}");
    sam.set_header("hx-target", "desk");
    let part = sam.get_fragment("/support").await;
    let switch = part.between("id=\"desk-availability\"", "</form>");
    assert!(!switch.contains("hx-swap-oob") && switch.contains("data-key=\"a\""), "{switch}");
    assert_eq!(part.body.matches("id=\"desk-availability\"").count(), 1);
}

#[tokio::test]
async fn what_is_neither_yes_nor_no_changes_nothing() {
    let shop = TestShop::new().await;
    let mut sam = person(&shop, "sam", Some("agent")).await;
    sam.post(ADDRESS, &[("available", "no")]).await;
    for bad in ["", "maybe", "YES", "1"] {
        assert_eq!(sam.post(ADDRESS, &[("available", bad)]).await.status, StatusCode::BAD_REQUEST, "{bad:?}");
    }
    assert_eq!(sam.post(ADDRESS, &[]).await.status, StatusCode::BAD_REQUEST);
    let answer =
        sam.post(ADDRESS, &[("available", "no"), ("next", "//evil.example/?queue=mine&conversation=<b>")]).await;
    assert!(answer.location().starts_with("/support"), "{}", answer.location());
    assert!(sam.get("/support").await.body.contains(">Not available</span>"));
}
