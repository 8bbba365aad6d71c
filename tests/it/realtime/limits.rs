//! How many sockets there may be, and that forms and sockets count together.

use std::time::Duration;

use serde_json::json;

use crate::support::sockets::{Client, Servers, counted, redis_url};

// A server with room for three sockets an address.
async fn narrow() -> Servers {
    Servers::with(1, &[("LIMIT_CHAT_SOCKETS_ADDRESS", "3")], &redis_url()).await
}

async fn has_room_again(shop: &Servers, from: &str, within: Duration) {
    let room = async {
        while shop.handshake(0, from).await.status() != 200 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    assert!(tokio::time::timeout(within, room).await.is_ok(), "no place is free again");
}

#[tokio::test]
async fn an_address_has_so_many_sockets_whoever_they_are_and_a_closed_one_makes_room() {
    let shop = narrow().await;
    let before = counted("refused", "sockets_of_address");
    let mut open = Vec::new();
    for _ in 0..3 {
        open.push(shop.visitor(0).await.greeted().await);
    }
    assert!(Client::try_open(shop.servers[0].address, "", None).await.is_err());
    let refused = shop.handshake(0, "127.0.0.1").await;
    assert_eq!((refused.status().as_u16(), refused.headers()["retry-after"].to_str().unwrap()), (429, "60"));
    let body: serde_json::Value = refused.json().await.unwrap();
    assert_eq!((&body["success"], &body["code"]), (&json!(false), &json!("too_many_sockets")));
    assert!(counted("refused", "sockets_of_address") >= before + 2, "it is counted");
    // Everybody else is served, and those that are open as well.
    assert_eq!(shop.handshake(0, "192.0.2.7").await.status(), 200);
    assert!(open.iter().all(Client::is_open));
    // Its memory is free when its place is: a socket that is closed leaves nothing behind.
    open.pop().unwrap().cut().await;
    has_room_again(&shop, "127.0.0.1", Duration::from_secs(8)).await;
    let mut last = open.pop().unwrap();
    assert!(last.join(json!({})).await["session_id"].is_string());
    assert_eq!(last.call("leave_desk", json!({})).await["success"], true);
}

#[tokio::test]
async fn a_network_of_ipv6_is_one_address_and_what_never_speaks_frees_its_place() {
    let shop = narrow().await;
    for host in 1..=3 {
        assert_eq!(shop.handshake(0, &format!("2001:db8:1:2::{host}")).await.status(), 200);
    }
    assert_eq!(shop.handshake(0, "2001:db8:1:2:ffff::1").await.status(), 429);
    assert_eq!(shop.handshake(0, "2001:db8:1:3::1").await.status(), 200);
    // What has not joined within ten seconds is dropped.
    has_room_again(&shop, "2001:db8:1:2::9", Duration::from_secs(20)).await;
}

#[tokio::test]
async fn of_a_hundred_sockets_of_one_person_twenty_stay_and_others_are_served() {
    let shop = Servers::start(1).await;
    let mut other = shop.visitor(0).await.greeted().await;
    let token = other.join(json!({})).await["session_id"].clone();
    let browser = shop.person("crowd", &[]).await;
    let before = counted("refused", "too_many_sockets");
    let mut open = Vec::new();
    for _ in 0..20 {
        open.push(shop.socket(0, &browser).await.greeted().await);
    }
    for _ in 20..100 {
        let refused = shop.socket(0, &browser).await;
        refused.is_refused("too_many_sockets").await;
        refused.is_closed().await;
        assert!(refused.all("connection_response").is_empty());
    }
    assert!(counted("refused", "too_many_sockets") >= before + 80);
    assert!(open.iter().all(Client::is_open));
    assert_eq!(other.call("send_message", json!({"session_id": token, "message": "fine"})).await["id"], 1);
}

#[tokio::test]
async fn what_is_said_by_form_and_over_sockets_is_one_limit() {
    let shop = Servers::with(1, &[("LIMIT_CHAT_MESSAGES", "4")], &redis_url()).await;
    let mut browser = shop.person("both", &[]).await;
    let mut socket = shop.socket(0, &browser).await.greeted().await;
    let token = socket.join(json!({})).await["session_id"].clone();
    let say = json!({"session_id": token, "message": "over the socket"});
    let form = [("conversation", token.as_str().unwrap()), ("message", "by form")];
    for _ in 0..2 {
        assert_eq!(socket.call("send_message", say.clone()).await["success"], true);
        assert_eq!(browser.post("/chat", &form).await.status, 303);
    }
    assert_eq!(socket.call("send_message", say).await["code"], "rate_limited");
    assert_eq!(browser.post("/chat", &form).await.status, 429);
}
