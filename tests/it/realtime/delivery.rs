//! What is said reaches everybody, once and in one order, on whichever server they are.

use serde_json::json;

use crate::support::{
    Proxy,
    sockets::{Servers, counted, redis_url, until},
};

#[tokio::test]
async fn a_conversation_goes_on_across_servers() {
    let shop = Servers::start(2).await;
    let mut customer = shop.visitor(0).await.greeted().await;
    let joined = customer.join(json!({"username": "Zoë"})).await;
    let token = joined["session_id"].clone();
    assert_eq!((&joined["username"], &joined["last_id"], &joined["more"]), (&json!("Zoë"), &json!(0), &json!(false)));
    let agent = shop.person("ada", &["agent"]).await;
    let mut agent = shop.socket(1, &agent).await.greeted().await;
    agent.emit("join_desk", json!({})).await;
    let seen = agent.join(json!({"session_id": token})).await;
    assert_eq!((&seen["username"], seen["changes"].is_array()), (&json!("ada"), true));
    customer.hears("user_joined", |who| who["username"] == "ada").await;

    let sent = customer.call("send_message", json!({"session_id": token, "message": "Hello", "client_id": "a"})).await;
    assert_eq!(sent, json!({"success": true, "id": 1}));
    let heard = agent.hears("new_message", |new| new["message"]["id"] == 1).await;
    let message = &heard["message"];
    assert_eq!(
        (&message["message"], &message["is_support"], &message["username"]),
        (&json!("Hello"), &json!(false), &json!("Zoë"))
    );
    assert_eq!((&message["sender"], &message["client_id"]), (&json!("customer"), &json!("a")));

    agent.emit("typing", json!({"session_id": token, "is_typing": true})).await;
    let typing = customer.hears("user_typing", |_| true).await;
    assert_eq!((&typing["username"], &typing["is_support"]), (&json!("ada"), &json!(true)));
    let answered = agent.call("send_message", json!({"session_id": token, "message": "How can I help?"})).await;
    assert_eq!(answered["id"], 2);
    customer.hears("new_message", |new| new["message"]["id"] == 2 && new["message"]["is_support"] == true).await;
    customer.hears("conversation_state", |new| new["state"]["agent"]["name"] == "ada").await;
    agent.hears("conversation_change", |new| new["change"]["kind"] == "assignment").await;
    assert!(customer.all("conversation_change").is_empty(), "agents alone see changes");

    customer.emit("mark_read", json!({"session_id": token, "id": 2})).await;
    agent.hears("conversation_state", |new| new["state"]["marks"]["customer_read"] == 2).await;
    customer.emit("viewing", json!({"session_id": token, "path": "/products/mug?q=secret", "title": "Mug"})).await;
    let page = agent.hears("presence", |new| new["title"] == "Mug").await;
    assert_eq!((&page["path"], &page["online"]), (&json!("/products/mug"), &json!(true)));
    customer.emit("support_request", json!({"session_id": token, "message": "Please"})).await;
    customer.hears("support_notified", |_| true).await;
    agent.hears("support_alert", |alert| alert["username"] == "Zoë" && alert["message"] == "Please").await;
    customer.emit("leave_chat", json!({"session_id": token})).await;
    agent.hears("user_left", |who| who["username"] == "Zoë").await;
    agent.hears("presence", |new| new["online"] == false).await;
}

#[tokio::test]
async fn everybody_hears_everything_in_one_order_wherever_it_was_said() {
    let shop = Servers::start(3).await;
    let browser = shop.person("grace", &[]).await;
    let mut devices = Vec::new();
    for server in [0, 1, 2, 0, 1, 2] {
        devices.push(shop.socket(server, &browser).await.greeted().await);
    }
    let token = devices[0].join(json!({})).await["session_id"].clone();
    for device in &devices[1..] {
        assert_eq!(device.join(json!({})).await["session_id"], token, "one open conversation a person");
    }
    for round in 0..20 {
        for (n, device) in devices.iter().enumerate() {
            let text =
                json!({"session_id": token, "message": format!("{round}.{n}"), "client_id": format!("{round}.{n}")});
            device.emit("send_message", text).await;
        }
    }
    let expected: Vec<i64> = (1..=120).collect();
    for device in &devices {
        until("all have come", || device.numbers().len() >= 120).await;
        assert_eq!(device.numbers(), expected);
    }
    // What one socket sent stands in the order in which it sent it.
    let texts: Vec<String> = devices[0]
        .all("new_message")
        .iter()
        .map(|new| new["message"]["message"].as_str().unwrap().to_owned())
        .collect();
    for n in 0..6 {
        let own: Vec<&String> = texts.iter().filter(|text| text.ends_with(&format!(".{n}"))).collect();
        assert_eq!(own, (0..20).map(|round| format!("{round}.{n}")).collect::<Vec<_>>().iter().collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn who_comes_back_gets_what_came_after_their_last() {
    let shop = Servers::start(2).await;
    let browser = shop.person("joan", &[]).await;
    let mut phone = shop.socket(0, &browser).await.greeted().await;
    let token = phone.join(json!({})).await["session_id"].clone();
    for n in 1..=450 {
        assert_eq!(phone.call("send_message", json!({"session_id": token, "message": format!("{n}")})).await["id"], n);
    }
    let laptop = shop.socket(1, &browser).await.greeted().await;
    let fresh = laptop.join(json!({"session_id": token})).await;
    assert_eq!(fresh["messages"].as_array().unwrap().len(), 50, "the latest");
    assert_eq!(fresh["last_id"], 450);

    let late = shop.socket(1, &browser).await.greeted().await;
    let mut after = 100;
    let mut got = Vec::new();
    loop {
        let page = late.join(json!({"session_id": token, "after": after})).await;
        got.extend(page["messages"].as_array().unwrap().iter().map(|message| message["id"].as_i64().unwrap()));
        after = page["last_id"].as_i64().unwrap();
        if page["more"] == false {
            break;
        }
    }
    assert_eq!(got, (101..=450).collect::<Vec<_>>());
    // The same client_id is the same message, on whichever server it is sent again.
    let first = phone.call("send_message", json!({"session_id": token, "message": "x", "client_id": "again"})).await;
    let mut late = late;
    let second = late.call("send_message", json!({"session_id": token, "message": "x", "client_id": "again"})).await;
    assert_eq!((first.clone(), first["id"].as_i64()), (second, Some(451)));
    let before = counted("refused", "client_id_reused");
    let other = late.call("send_message", json!({"session_id": token, "message": "y", "client_id": "again"})).await;
    assert_eq!(other["code"], "client_id_reused");
    assert!(counted("refused", "client_id_reused") > before);
}

#[tokio::test]
async fn a_page_after_the_last_is_whole_also_for_who_does_not_ask_again() {
    let shop = Servers::start(1).await;
    let browser = shop.person("mary", &[]).await;
    let mut phone = shop.socket(0, &browser).await.greeted().await;
    let token = phone.join(json!({})).await["session_id"].clone();
    for n in 1..=250 {
        phone.call("send_message", json!({"session_id": token, "message": format!("{n}")})).await;
    }
    let lazy = shop.socket(0, &browser).await.greeted().await;
    assert_eq!(lazy.join(json!({"session_id": token, "after": 0})).await["more"], true);
    until("the rest has come by itself", || lazy.numbers().len() >= 250).await;
    assert_eq!(lazy.numbers(), (1..=250).collect::<Vec<_>>());
}

#[tokio::test]
async fn while_redis_is_away_nothing_is_lost_and_afterwards_all_is_quick_again() {
    let (mut proxy, url) = Proxy::before(&redis_url()).await;
    let shop = Servers::with(2, &[], &url).await;
    let browser = shop.person("edith", &[]).await;
    let mut here = shop.socket(0, &browser).await.greeted().await;
    let mut there = shop.socket(1, &browser).await.greeted().await;
    let token = here.join(json!({})).await["session_id"].clone();
    there.join(json!({})).await;
    let say = |n: i64| json!({"session_id": token, "message": format!("{n}")});
    here.call("send_message", say(1)).await;
    there.hears("new_message", |new| new["message"]["id"] == 1).await;

    proxy.stop();
    for n in 2..=20 {
        let (from, to) = if n % 2 == 0 { (&mut here, &mut there) } else { (&mut there, &mut here) };
        assert_eq!(from.call("send_message", say(n)).await["id"], n);
        // On the same server at once, on the other one from the database.
        from.hears("new_message", |new| new["message"]["id"] == n).await;
        to.hears("new_message", |new| new["message"]["id"] == n).await;
    }
    proxy.start().await;
    until("servers hear each other again", || shop.servers.iter().all(|server| server.realtime.is_hearing())).await;
    let began = std::time::Instant::now();
    for n in 21..=40 {
        here.call("send_message", say(n)).await;
        there.hears("new_message", |new| new["message"]["id"] == n).await;
    }
    assert!(began.elapsed().as_secs() < 4, "twenty messages took {:?}", began.elapsed());
    for client in [&here, &there] {
        assert_eq!(client.numbers(), (1..=40).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn what_is_committed_without_being_told_is_found() {
    let shop = Servers::start(1).await;
    let browser = shop.person("ruth", &[]).await;
    let mut client = shop.socket(0, &browser).await.greeted().await;
    let token = client.join(json!({})).await["session_id"].clone();
    client.call("send_message", json!({"session_id": token, "message": "1"})).await;
    // As by a process that was killed between its commit and its telling.
    let statement =
        "WITH c AS (UPDATE conversations SET last_seq = last_seq + 2 WHERE token = $1 RETURNING id, last_seq)
                     INSERT INTO chat_messages (conversation_id, seq, sender, username, body)
                     SELECT id, last_seq - n, 'automatic', 'Shop', 'quietly' FROM c, generate_series(0, 1) AS n";
    sqlx::query(statement).bind(token.as_str().unwrap()).execute(&shop.database.owner).await.unwrap();
    client.hears("new_message", |new| new["message"]["id"] == 3).await;
    // And told out of order: the gap is read first.
    assert_eq!(client.numbers(), [1, 2, 3]);
}

#[tokio::test]
async fn a_server_that_goes_says_so_and_closes_its_sockets() {
    let shop = Servers::start(2).await;
    let browser = shop.person("vera", &[]).await;
    let client = shop.socket(0, &browser).await.greeted().await;
    let token = client.join(json!({})).await["session_id"].clone();
    let other = shop.socket(1, &browser).await.greeted().await;
    other.join(json!({})).await;
    let began = std::time::Instant::now();
    shop.servers[0].realtime.close().await;
    client.hears("server_leaving", |leaving| leaving["after_ms"] == 1000).await;
    client.is_closed().await;
    assert!(began.elapsed().as_secs() < 5);
    let mut back = shop.socket(1, &browser).await.greeted().await;
    back.join(json!({"session_id": token, "after": 0})).await;
    assert_eq!(back.call("send_message", json!({"session_id": token, "message": "still here"})).await["id"], 1);
    other.hears("new_message", |new| new["message"]["id"] == 1).await;
}
