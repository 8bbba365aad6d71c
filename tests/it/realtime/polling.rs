//! Long polling: what comes to the wrong server, or is no packet, is refused and costs the others nothing.

use ecommerce::infra::metrics::{METRICS, RequestLabels};
use serde_json::{Value, json};

use crate::support::sockets::{Servers, counted, until};

// A session by polling that has joined the namespace; its id.
async fn session(shop: &Servers, server: usize) -> String {
    let answer = shop.polls(server, "").send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let opened: Value = serde_json::from_str(&answer.text().await.unwrap()[1..]).unwrap();
    let sid = opened["sid"].as_str().unwrap().to_owned();
    assert_eq!(shop.pushes(server, &sid, "40".to_owned()).await.status(), 200);
    hears(shop, server, &sid, "connection_response").await;
    sid
}

async fn hears(shop: &Servers, server: usize, sid: &str, word: &str) {
    let listening = async {
        loop {
            let text = shop.polls(server, sid).send().await.unwrap().text().await.unwrap();
            if text.contains(word) {
                return;
            }
        }
    };
    assert!(tokio::time::timeout(crate::support::sockets::PATIENCE, listening).await.is_ok(), "waited for {word}");
}

fn bad_requests(method: &'static str) -> u64 {
    METRICS.requests.get_or_create(&RequestLabels { route: "/socket.io".to_owned(), method, status: 400 }).get()
}

#[tokio::test]
async fn a_polling_request_to_the_wrong_server_is_told_so_and_the_session_goes_on() {
    let shop = Servers::start(2).await;
    let sid = session(&shop, 0).await;
    let (gets, posts) = (bad_requests("GET"), bad_requests("POST"));
    for wrong in [sid.as_str(), "AAAAAAAAAAAAAAAA", "x", "%00"] {
        let answer = shop.polls(1, wrong).send().await.unwrap();
        assert_eq!(answer.status(), 400, "{wrong}");
        let body = answer.text().await.unwrap();
        assert!(!body.contains("panicked") && body.len() < 500, "{body}");
    }
    let answer = shop.polls(1, &sid).send().await.unwrap();
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body["message"], "Session ID unknown", "what clients know to begin anew for");
    assert_eq!(shop.pushes(1, &sid, "42[\"join_chat\",{}]".to_owned()).await.status(), 400);
    assert!(bad_requests("GET") >= gets + 5 && bad_requests("POST") > posts, "they are counted");
    assert_eq!(shop.pushes(0, &sid, "42[\"join_chat\",{}]".to_owned()).await.status(), 200);
    hears(&shop, 0, &sid, "chat_joined").await;
}

#[tokio::test]
async fn too_much_or_nonsense_by_polling_ends_that_session_alone_and_is_counted() {
    let shop = Servers::start(1).await;
    let mut other = shop.visitor(0).await.greeted().await;
    let token = other.join(json!({})).await["session_id"].clone();
    let long = format!("42{}", json!(["send_message", {"session_id": token, "message": "x".repeat(70_000)}]));
    for (packets, status) in [(long, 413), ("9nonsense".to_owned(), 400), ("4".repeat(70_000), 413)] {
        let sid = session(&shop, 0).await;
        let before = counted("disconnected", "malformed");
        assert_eq!(shop.pushes(0, &sid, packets).await.status().as_u16(), status);
        until("it is counted", || counted("disconnected", "malformed") > before).await;
        assert_eq!(shop.polls(0, &sid).send().await.unwrap().status(), 400, "the session is gone");
    }
    assert_eq!(other.call("send_message", json!({"session_id": token, "message": "fine"})).await["id"], 1);
}

#[tokio::test]
async fn two_polls_at_once_end_that_session() {
    let shop = Servers::start(1).await;
    let sid = session(&shop, 0).await;
    let before = counted("disconnected", "two_polls");
    let (one, two) = tokio::join!(shop.polls(0, &sid).send(), shop.polls(0, &sid).send());
    let statuses = [one.unwrap().status().as_u16(), two.unwrap().status().as_u16()];
    assert!(statuses.contains(&400), "{statuses:?}");
    until("it is counted", || counted("disconnected", "two_polls") > before).await;
}
