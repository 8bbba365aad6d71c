//! Malformed things and floods end in an error of their code or in a closed socket, and cost the others nothing.

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::support::sockets::{Servers, counted, redis_url, until};

#[tokio::test]
async fn malformed_events_are_refused_and_the_socket_stays() {
    let shop = Servers::start(1).await;
    let mut client = shop.visitor(0).await.greeted().await;
    let token = client.join(json!({})).await["session_id"].clone();
    let code = |answer: Value| answer["code"].as_str().unwrap().to_owned();
    let codes = ["empty", "too_long", "bad_payload", "unknown_event"];
    let counts = codes.map(|code| counted("refused", code));
    assert_eq!(code(client.call("send_message", json!({"session_id": token, "message": " "})).await), "empty");
    let long = json!({"session_id": token, "message": "x".repeat(8_193)});
    assert_eq!(code(client.call("send_message", long).await), "too_long");
    for payload in [json!(7), json!([]), json!("x"), Value::Null, json!({"message": "x"}), json!({"session_id": {}})] {
        assert_eq!(code(client.call("send_message", payload.clone()).await), "bad_payload", "{payload}");
    }
    client.emit("drop_tables", json!({})).await;
    let error = client.is_refused("unknown_event").await;
    assert_eq!(error["event"], "drop_tables");
    // An event with a binary part.
    let before = client.all("error").len();
    client.send_raw(Message::text(r#"451-["send_message",{"_placeholder":true,"num":0}]"#)).await;
    client.send_raw(Message::binary(vec![1, 2, 3])).await;
    until("it is refused", || client.all("error").len() > before).await;
    for (code, before) in codes.into_iter().zip(counts) {
        assert!(counted("refused", code) > before, "{code} is counted");
    }
    assert_eq!(client.call("send_message", json!({"session_id": token, "message": "fine"})).await["id"], 1);
}

#[tokio::test]
async fn what_is_no_packet_or_too_large_closes_that_socket_alone() {
    let shop = Servers::start(1).await;
    let other = shop.visitor(0).await.greeted().await;
    let token = other.join(json!({})).await["session_id"].clone();
    let ended = || counted("disconnected", "malformed") + counted("disconnected", "broken");
    for message in [
        Message::text("4nonsense"),
        Message::text(r#"42["send_message",{"session_id":]"#),
        Message::text("42{\"not\": \"an event\"}"),
        Message::binary(vec![0; 16]),
        Message::text(format!("42{}", json!(["send_message", {"session_id": token, "message": "x".repeat(70_000)}]))),
    ] {
        let (client, before) = (shop.visitor(0).await.greeted().await, ended());
        client.send_raw(message).await;
        client.is_closed().await;
        until("it is counted", || ended() > before).await;
    }
    let mut other = other;
    assert_eq!(other.call("send_message", json!({"session_id": token, "message": "fine"})).await["success"], true);
}

#[tokio::test]
async fn a_persons_messages_are_counted_on_all_servers_together() {
    let limits = [("LIMIT_CHAT_MESSAGES", "12"), ("SHARED_LIMITS", "yes")];
    let shop = Servers::with(2, &limits, &redis_url()).await;
    let browser = shop.person(&format!("limit-{}", std::process::id()), &[]).await;
    // A person's number may have been another test's a minute ago: its own limit's key is spent first.
    let mut sockets = [shop.socket(0, &browser).await.greeted().await, shop.socket(1, &browser).await.greeted().await];
    let token = sockets[0].join(json!({})).await["session_id"].clone();
    sockets[1].join(json!({})).await;
    let mut answers = Vec::new();
    for n in 0..26 {
        let text = json!({"session_id": token, "message": "x", "client_id": format!("{n}")});
        answers.push(sockets[n % 2].call("send_message", text).await);
    }
    let done = answers.iter().filter(|answer| answer["success"] == true).count();
    assert!(done <= 14, "{done} of 26 messages were taken");
    assert!(answers.iter().any(|answer| answer["code"] == "rate_limited"));
}

#[tokio::test]
async fn a_flood_is_refused_then_closed_and_others_are_served() {
    let shop = Servers::start(1).await;
    let flood = shop.visitor(0).await.greeted().await;
    let mut calm = shop.visitor(0).await.greeted().await;
    let token = calm.join(json!({})).await["session_id"].clone();
    for _ in 0..2_000 {
        flood.emit("typing", json!({"session_id": "x"})).await;
        if !flood.is_open() {
            break;
        }
    }
    flood.is_closed().await;
    flood.is_refused("rate_limited").await;
    assert!(counted("closed", "flood") > 0);
    assert_eq!(calm.call("send_message", json!({"session_id": token, "message": "fine"})).await["id"], 1);
}

#[tokio::test]
async fn a_person_has_so_many_sockets_and_no_more() {
    let shop = Servers::with(1, &[("LIMIT_CHAT_SOCKETS", "3")], &redis_url()).await;
    let browser = shop.person("many", &[]).await;
    let mut open = Vec::new();
    for _ in 0..3 {
        open.push(shop.socket(0, &browser).await.greeted().await);
    }
    let fourth = shop.socket(0, &browser).await;
    fourth.is_refused("too_many_sockets").await;
    fourth.is_closed().await;
    open.pop().unwrap().cut().await;
    let free = async {
        loop {
            let again = shop.socket(0, &browser).await;
            let greeted = async { again.hears("connection_response", |_| true).await };
            if tokio::time::timeout(std::time::Duration::from_millis(200), greeted).await.is_ok() {
                return again;
            }
        }
    };
    assert!(tokio::time::timeout(std::time::Duration::from_secs(8), free).await.unwrap().is_open());
    assert!(open.iter().all(|client| client.is_open()));
}

#[tokio::test]
async fn an_address_makes_only_so_many_visitors() {
    let shop = Servers::with(1, &[("LIMIT_CHAT_JOINS", "5")], &redis_url()).await;
    let address = shop.servers[0].address;
    for _ in 0..5 {
        crate::support::sockets::Client::open(address, "").await.greeted().await;
    }
    assert!(crate::support::sockets::Client::try_open(address, "", None).await.is_err());
}
