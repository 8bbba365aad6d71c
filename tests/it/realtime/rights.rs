//! Who is no member learns nothing, and a right that is gone is gone on every server at once.

use std::time::{Duration, Instant};

use axum::http::Method;
use serde_json::{Value, json};

use crate::support::sockets::{Client, Servers};

const AT_ONCE: Duration = Duration::from_secs(2);

#[tokio::test]
async fn foreign_and_malformed_conversations_are_not_there_and_nothing_is_heard_of_them() {
    let shop = Servers::start(2).await;
    let mut customer = shop.visitor(0).await.greeted().await;
    let token = customer.join(json!({})).await["session_id"].clone();
    let mut thief = shop.visitor(1).await.greeted().await;
    let mut tries = vec![token.clone()];
    tries.extend((0..20).map(|n| json!(format!("{n:0>43}"))));
    for guess in &tries {
        let answer = thief.call("join_chat", json!({"session_id": guess})).await;
        assert_eq!(answer["code"], "not_found", "{guess}");
        if guess == &token {
            for event in ["send_message", "typing", "support_request", "leave_chat", "mark_read", "viewing"] {
                let answer = thief.call(event, json!({"session_id": guess, "message": "x", "id": 1})).await;
                assert_eq!(answer["code"], "not_joined", "{event}");
            }
        }
    }
    for malformed in [json!("x"), json!("' OR 1=1 -- aaaaaaaaaaaaaaaa"), json!("a".repeat(65)), json!(7), json!([])] {
        let answer = thief.call("join_chat", json!({"session_id": malformed})).await;
        assert!(["not_found", "bad_payload"].contains(&answer["code"].as_str().unwrap()), "{answer}");
    }
    customer.call("send_message", json!({"session_id": token, "message": "secret"})).await;
    customer.hears("new_message", |_| true).await;
    assert!(thief.all("new_message").is_empty() && thief.all("chat_joined").is_empty());
    assert_eq!(thief.call("join_desk", json!({})).await["code"], "agents_only");
}

#[tokio::test]
async fn three_hundred_guesses_end_in_a_closed_socket_and_in_nothing_heard() {
    let shop = Servers::with(1, &[("LIMIT_CHAT_JOINS", "1000")], &crate::support::sockets::redis_url()).await;
    let customer = shop.visitor(0).await.greeted().await;
    customer.join(json!({})).await;
    let mut guesses = 0;
    let mut sockets = 0;
    while guesses < 300 {
        let thief = shop.visitor(0).await.greeted().await;
        sockets += 1;
        for _ in 0..60 {
            guesses += 1;
            thief.emit("join_chat", json!({"session_id": format!("{guesses:0>43}")})).await;
        }
        thief.is_closed().await;
        assert!(thief.all("chat_joined").is_empty() && thief.all("new_message").is_empty());
    }
    assert!(sockets >= 5, "{sockets}");
    assert!(customer.is_open());
}

#[tokio::test]
async fn a_payload_makes_nobody_an_agent_and_gives_nobody_anothers_name() {
    let shop = Servers::start(1).await;
    let mut visitor = shop.visitor(0).await.greeted().await;
    for name in ["Support", "the admin", "", "x\ny"] {
        assert_eq!(visitor.call("join_chat", json!({"username": name})).await["code"], "bad_name", "{name:?}");
    }
    let ida = shop.person("ida", &[]).await;
    assert_eq!(visitor.call("join_chat", json!({"username": "ida"})).await["code"], "bad_name");
    let token = visitor.join(json!({"username": "Zed"})).await["session_id"].clone();
    let claims = json!({"session_id": token, "message": "x", "is_support": true, "username": "Support", "sender": "agent",
                        "user_id": 1, "id": 99, "timestamp": "1970-01-01T00:00:00Z"});
    visitor.call("send_message", claims).await;
    let heard = visitor.hears("new_message", |_| true).await["message"].clone();
    assert_eq!((&heard["is_support"], &heard["username"], &heard["id"]), (&json!(false), &json!("Zed"), &json!(1)));
    let ida = shop.socket(0, &ida).await.greeted().await;
    assert_eq!(ida.join(json!({"username": "Somebody else"})).await["username"], "ida");
}

#[tokio::test]
async fn an_ended_conversation_takes_nothing_and_is_not_joined_anew() {
    let shop = Servers::start(1).await;
    let browser = shop.person("lise", &[]).await;
    let mut client = shop.socket(0, &browser).await.greeted().await;
    let token = client.join(json!({})).await["session_id"].clone();
    client.call("send_message", json!({"session_id": token, "message": "x"})).await;
    let statement = "UPDATE conversations SET ended_at = now(), status = 'resolved' WHERE token = $1";
    sqlx::query(statement).bind(token.as_str().unwrap()).execute(&shop.database.owner).await.unwrap();
    let answer = client.call("send_message", json!({"session_id": token, "message": "y"})).await;
    assert_eq!(answer["code"], "ended");
    let mut other = shop.socket(0, &browser).await.greeted().await;
    assert_eq!(other.call("join_chat", json!({"session_id": token})).await["code"], "ended");
    let last_words = other.join(json!({"session_id": token, "after": 0})).await;
    assert_eq!((last_words["state"]["ended"].clone(), last_words["last_id"].clone()), (json!(true), json!(1)));
    assert_ne!(other.join(json!({})).await["session_id"], token);
}

async fn is_out_within_two_seconds(sockets: &[&Client], since: Instant) {
    for socket in sockets {
        socket.is_refused("signed_out").await;
        socket.is_closed().await;
    }
    assert!(since.elapsed() < AT_ONCE, "{:?}", since.elapsed());
}

#[tokio::test]
async fn a_role_that_is_taken_closes_the_agents_sockets_on_every_server() {
    let shop = Servers::start(3).await;
    let customer = shop.visitor(0).await.greeted().await;
    let token = customer.join(json!({})).await["session_id"].clone();
    let browser = shop.person("noor", &["agent"]).await;
    let sockets = [shop.socket(0, &browser).await, shop.socket(1, &browser).await, shop.socket(2, &browser).await];
    for socket in &sockets {
        socket.hears("connection_response", |_| true).await;
        socket.join(json!({"session_id": token})).await;
    }
    let began = Instant::now();
    shop.set_role("noor", "agent", false).await;
    is_out_within_two_seconds(&sockets.each_ref(), began).await;
    let before: Vec<usize> = sockets.iter().map(|socket| socket.all("new_message").len()).collect();
    let mut customer = customer;
    customer.call("send_message", json!({"session_id": token, "message": "to my agent"})).await;
    customer.hears("new_message", |_| true).await;
    let after: Vec<usize> = sockets.iter().map(|socket| socket.all("new_message").len()).collect();
    assert_eq!(before, after);
    let mut back = shop.socket(1, &browser).await.greeted().await;
    assert_eq!(back.call("join_chat", json!({"session_id": token})).await["code"], "not_found");
}

#[tokio::test]
async fn signing_out_and_being_disabled_close_sockets_on_every_server() {
    let shop = Servers::start(2).await;
    let mut browser = shop.person("olga", &[]).await;
    let sockets = [shop.socket(0, &browser).await.greeted().await, shop.socket(1, &browser).await.greeted().await];
    let token = sockets[0].join(json!({})).await["session_id"].clone();
    let began = Instant::now();
    let answer = browser.json(Method::POST, "/auth/logout", Value::Null).await;
    assert!(answer.status.is_success(), "{}", answer.body);
    is_out_within_two_seconds(&sockets.each_ref(), began).await;

    let pina = shop.person("pina", &[]).await;
    let sockets = [shop.socket(0, &pina).await.greeted().await, shop.socket(1, &pina).await.greeted().await];
    let began = Instant::now();
    sqlx::query("UPDATE users SET disabled_at = now() WHERE username = 'pina'")
        .execute(&shop.database.owner)
        .await
        .unwrap();
    is_out_within_two_seconds(&sockets.each_ref(), began).await;
    let mut nobody = shop.socket(0, &pina).await.greeted().await;
    assert_eq!(nobody.call("join_chat", json!({"session_id": token})).await["code"], "not_found", "a visitor by now");
}

#[tokio::test]
async fn a_visitors_sockets_come_back_as_the_person_who_signed_in() {
    let shop = Servers::start(2).await;
    let mut client = shop.visitor(0).await.greeted().await;
    let token = client.join(json!({"username": "Zed"})).await["session_id"].clone();
    client.call("send_message", json!({"session_id": token, "message": "before"})).await;
    let mut browser = shop.person("quin", &[]).await;
    browser.json(Method::POST, "/auth/logout", Value::Null).await;
    let visitor = client.cookies.split_once("visitor=").unwrap().1.to_owned();
    browser.set_cookie("visitor", &visitor);
    let began = Instant::now();
    let fields = json!({"username": "quin", "password": "correct horse 7"});
    let answer = browser.json(Method::POST, "/auth/login", fields).await;
    assert!(answer.status.is_success(), "{}", answer.body);
    is_out_within_two_seconds(&[&client], began).await;
    let back = shop.socket(1, &browser).await.greeted().await;
    let joined = back.join(json!({"session_id": token, "after": 0})).await;
    assert_eq!(joined["messages"][0]["message"], "before");
}

#[tokio::test]
async fn pages_of_other_sites_open_no_socket() {
    let shop = Servers::start(1).await;
    let address = shop.servers[0].address;
    for origin in ["https://evil.example", "null", "http://shop.test.evil.example"] {
        assert!(Client::try_open(address, "", Some(origin)).await.is_err(), "{origin}");
    }
    Client::try_open(address, "", Some("http://shop.test")).await.unwrap().greeted().await;
}
