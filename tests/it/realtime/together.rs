//! What has come over a socket while its last message was being stored is stored together.

use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use crate::support::{
    sockets::{Servers, until},
    statements::Counting,
};

#[tokio::test]
async fn what_waits_is_stored_together_in_its_order_and_each_is_answered() {
    let shop = Servers::start(1).await;
    let customer = shop.visitor(0).await.greeted().await;
    let token = customer.join(json!({})).await["session_id"].clone();
    let token_text = token.as_str().unwrap();
    // Somebody holds the conversation: the first message waits for it, and the others behind it.
    let mut held = shop.database.owner.begin().await.unwrap();
    let lock = "SELECT id FROM conversations WHERE token = $1 FOR UPDATE";
    sqlx::query(lock).bind(token_text).fetch_one(&mut *held).await.unwrap();
    let statements = Counting::start();
    for n in 1..=40 {
        let said =
            json!(["send_message", {"session_id": token, "message": format!("{n}"), "client_id": format!("{n}")}]);
        customer.send_raw(Message::text(format!("42{}{said}", 100 + n))).await;
    }
    // It is refused out of turn, so that everything before it has come.
    customer.emit("nothing_of_this_name", json!({})).await;
    customer.is_refused("unknown_event").await;
    statements.take();
    held.rollback().await.unwrap();
    until("all are shown", || customer.numbers().len() >= 40).await;
    assert_eq!(customer.numbers(), (1..=40).collect::<Vec<_>>());
    let texts: Vec<_> = customer.all("new_message").into_iter().map(|new| new["message"]["message"].clone()).collect();
    assert_eq!(texts, (1..=40).map(|n| json!(format!("{n}"))).collect::<Vec<_>>());
    for n in 1..=40 {
        assert_eq!(customer.answer(100 + n).await, json!({"success": true, "id": n}));
    }
    let all = statements.take();
    let stored = all.iter().filter(|statement| statement.contains("WITH c AS")).count();
    assert!((1..=2).contains(&stored), "the first and the others, or all: {all:#?}");
    customer.emit("send_message", json!({"session_id": token, "message": "something else", "client_id": "7"})).await;
    customer.is_refused("client_id_reused").await;
    customer.emit("send_message", json!({"session_id": token, "message": "41", "client_id": "41"})).await;
    customer.hears("new_message", |new| new["message"]["id"] == 41).await;
}
