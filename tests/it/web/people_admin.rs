//! Who may do what: found, confirmed, changed and written down by administrators alone.

use axum::http::{Method, StatusCode};
use serde_json::json;

use super::{HOSTILE, is_clean};
use crate::support::{Browser, TestShop};

/// A browser that is signed in as somebody with these roles.
pub(super) async fn signed_in(shop: &TestShop, name: &str, roles: &[&str]) -> Browser {
    let mut browser = shop.browser();
    let body = json!({"username": name, "email": format!("{name}@example.com"), "password": "correct horse battery"});
    let answer = browser.json(Method::POST, "/auth/register", body).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
    for role in roles {
        let statement = "INSERT INTO user_roles (user_id, role) SELECT id, $2 FROM users WHERE username = $1";
        sqlx::query(statement).bind(name).bind(role).execute(&shop.database.owner).await.unwrap();
    }
    browser
}

async fn id_of(shop: &TestShop, name: &str) -> i64 {
    let statement = "SELECT id FROM users WHERE username = ($1::text)::citext";
    sqlx::query_scalar(statement).bind(name).fetch_one(&shop.database.owner).await.unwrap()
}

async fn roles_of(shop: &TestShop, name: &str) -> Vec<String> {
    let statement =
        "SELECT role FROM user_roles JOIN users ON id = user_id WHERE username = ($1::text)::citext ORDER BY role";
    sqlx::query_scalar(statement).bind(name).fetch_all(&shop.database.owner).await.unwrap()
}

#[tokio::test]
async fn each_page_opens_for_its_roles_alone() {
    let shop = TestShop::new().await;
    let pages =
        ["/admin", "/admin/people", "/admin/audit", "/support/answers", "/support/figures", "/support/figures.csv"];
    for (role, opens) in [
        ("customer", [false; 6]),
        ("agent", [false; 6]),
        ("lead", [false, false, false, true, true, true]),
        ("staff", [false, false, false, true, false, false]),
        ("administrator", [true; 6]),
    ] {
        let roles: &[&str] = if role == "customer" { &[] } else { &[role] };
        let mut browser = signed_in(&shop, role, roles).await;
        for (page, opens) in pages.iter().zip(opens) {
            let status = if opens { StatusCode::OK } else { StatusCode::FORBIDDEN };
            assert_eq!(browser.get(page).await.status, status, "{role} at {page}");
        }
        let id = id_of(&shop, role).await;
        let granting =
            browser.post(&format!("/admin/people/{id}"), &[("administrator", "1"), ("confirmed", "1")]).await;
        let changed = granting.status == StatusCode::SEE_OTHER;
        assert_eq!(changed, role == "administrator", "{role} gives rights: {}", granting.status);
    }
    let mut nobody = shop.browser();
    for page in pages {
        let answer = nobody.get(page).await;
        assert!(
            answer.status == StatusCode::SEE_OTHER && answer.location().starts_with("/login"),
            "{page}: {}",
            answer.status
        );
    }
}

#[tokio::test]
async fn roles_are_given_after_a_confirmation_hold_at_once_and_are_written_down() {
    let shop = TestShop::new().await;
    let mut boss = signed_in(&shop, "boss", &["administrator"]).await;
    let mut ada = signed_in(&shop, "ada", &[]).await;
    let page = format!("/admin/people/{}", id_of(&shop, "ada").await);
    let asked = boss.post(&page, &[("lead", "1"), ("agent", "1")]).await;
    assert!(
        asked.status == StatusCode::OK
            && asked.body.contains("Agent, Lead")
            && roles_of(&shop, "ada").await == ["customer"]
    );
    let done = boss.post_and_follow(&page, &[("lead", "1"), ("agent", "1"), ("confirmed", "1")]).await;
    assert!(done.body.contains("The roles of ada are changed."), "{}", done.body);
    assert_eq!(roles_of(&shop, "ada").await, ["agent", "customer", "lead"]);
    assert_eq!(ada.get("/support/figures").await.status, StatusCode::OK, "without signing in again");
    boss.post(&page, &[("confirmed", "1")]).await;
    assert_eq!(roles_of(&shop, "ada").await, ["customer"]);
    assert_eq!(ada.get("/support/figures").await.status, StatusCode::FORBIDDEN);
    let trail = boss.get("/admin/audit").await.body;
    assert!(
        trail.contains("Roles given: ada") && trail.contains("Roles taken: ada") && trail.contains("2 lines"),
        "{trail}"
    );
}

#[tokio::test]
async fn the_last_administrator_is_told_why_they_stay_one() {
    let shop = TestShop::new().await;
    let mut boss = signed_in(&shop, "boss", &["administrator"]).await;
    let page = format!("/admin/people/{}", id_of(&shop, "boss").await);
    let asked = boss.post(&page, &[("staff", "1")]).await;
    assert!(asked.body.contains("This is your own account."));
    let refused = boss.post(&page, &[("staff", "1"), ("confirmed", "1")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.body.contains("id=\"administrator-error\"") && refused.body.contains("value=\"1\" checked"),
        "{}",
        refused.body
    );
    assert_eq!(roles_of(&shop, "boss").await, ["administrator", "customer"]);
}

#[tokio::test]
async fn people_are_searched_by_parts_and_in_pages_whatever_is_typed() {
    let shop = TestShop::new().await;
    let mut boss = signed_in(&shop, "boss", &["administrator"]).await;
    sqlx::query(
        "INSERT INTO users (username, email, password_hash, full_name)
         SELECT 'shopper' || n, 'shopper' || n || '@example.com', 'x', repeat('Long', 25) || n FROM generate_series(1, 30) n",
    )
    .execute(&shop.database.owner)
    .await
    .unwrap();
    let all = boss.get("/admin/people").await.body;
    assert!(all.contains("1 with rights") && !all.contains("shopper1"), "only those with rights");
    let found = boss.get("/admin/people?search=SHOPPER").await.body;
    assert!(
        found.contains("30 found") && found.contains("search=SHOPPER&#38;page=3")
            || found.contains("search=SHOPPER&amp;page=3"),
        "{found}"
    );
    assert_eq!(boss.get("/admin/people?search=shopper&page=3").await.status, StatusCode::OK);
    assert_eq!(boss.get("/admin/people?search=shopper&page=4").await.status, StatusCode::NOT_FOUND);
    assert!(boss.get("/admin/people?search=%25").await.body.contains("Nobody found"));
    let hostile: String = url::form_urlencoded::byte_serialize(HOSTILE.as_bytes()).collect();
    assert!(is_clean(&boss.get(&format!("/admin/people?search={hostile}")).await.body));
    for bad in ["0", "x", "99999999999999999999"] {
        assert_eq!(boss.get(&format!("/admin/people/{bad}")).await.status, StatusCode::NOT_FOUND);
    }
}
