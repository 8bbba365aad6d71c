//! Answers by mail for customers who have gone, each once.

use ecommerce::{
    domain::{
        accounts::System,
        chat::{Chat, ChatPlan, MOST_ANSWER_MAILS, NewMessage, Speaker, letters::SendAnswers},
    },
    infra::live::Live,
    types::{ConversationId, Locale, MessageBody, OpeningHours},
};

use super::{Running, eventually, jobs};
use crate::support::{
    TestDb,
    placing::config,
    postbox::{Postbox, readable},
};

fn chat(test: &TestDb) -> Chat {
    let locale = Locale::new("en-US", "UTC").unwrap();
    let hours = OpeningHours::new(locale.zone(), std::array::from_fn(|_| Vec::new()), []).unwrap();
    Chat::new(
        test.db.clone(),
        Live::pair().0,
        ChatPlan { shop_name: "Fernhill".to_owned(), locale, hours, most_per_agent: 6 },
    )
}

async fn asked(test: &TestDb, chat: &Chat) -> i64 {
    let me = Speaker::visitor(ecommerce::domain::accounts::new_visitor(test).await.unwrap().0);
    let email = "zoe@example.com".parse().unwrap();
    let conversation = chat.open(&me, None, Some(&email)).await.unwrap();
    let body = MessageBody::parse("Is it safe?").unwrap();
    let new = NewMessage { body, client_id: None, attachment: None, card: None };
    chat.post(&me, &conversation.token, new).await.unwrap();
    conversation.id.0
}

async fn answered(test: &TestDb, id: i64, text: &str, minutes_ago: i32) {
    sqlx::query(
        "WITH c AS (UPDATE conversations SET last_seq = last_seq + 1, customer_seen_at = now() - interval '9 minutes' WHERE id = $1 RETURNING last_seq)
         INSERT INTO chat_messages (conversation_id, seq, sender, username, body, created_at)
         SELECT $1, last_seq, 'agent', 'Ada <b>', $2, now() - make_interval(mins => $3) FROM c",
    )
    .bind(id)
    .bind(text)
    .bind(minutes_ago)
    .execute(&test.owner)
    .await
    .unwrap();
}

#[tokio::test]
async fn answers_go_out_once_and_not_to_who_looks_or_while_an_agent_writes() {
    let test = TestDb::new().await;
    let chat = chat(&test);
    let id = asked(&test, &chat).await;
    let system = System::acting();
    answered(&test, id, "It is", 5).await;
    sqlx::query("UPDATE conversations SET customer_seen_at = now()").execute(&test.owner).await.unwrap();
    assert_eq!(chat.notify_away(&system).await.unwrap(), 0, "they are looking");
    answered(&test, id, "Really", 0).await;
    assert_eq!(chat.notify_away(&system).await.unwrap(), 0, "the agent is still writing");
    sqlx::query("UPDATE chat_messages SET created_at = now() - interval '5 minutes'")
        .execute(&test.owner)
        .await
        .unwrap();
    let (one, other) = tokio::join!(chat.notify_away(&system), chat.notify_away(&system));
    assert_eq!(one.unwrap() + other.unwrap(), 1, "two workers, one mail");
    assert_eq!(chat.notify_away(&system).await.unwrap(), 0);
    answered(&test, id, "And one more", 5).await;
    sqlx::query("UPDATE conversations SET customer_read = last_seq").execute(&test.owner).await.unwrap();
    assert_eq!(chat.notify_away(&system).await.unwrap(), 0, "it was read");
}

#[tokio::test]
async fn the_mail_holds_the_answers_and_a_link_that_goes_on() {
    let test = TestDb::new().await;
    let (postbox, port) = Postbox::open();
    let port = port.to_string();
    let config = config(&[
        ("EMAIL_HOST", "127.0.0.1"),
        ("EMAIL_PORT", port.as_str()),
        ("EMAIL_TLS", "none"),
        ("PUBLIC_URL", "https://shop.example/"),
    ]);
    let chat = chat(&test);
    let id = asked(&test, &chat).await;
    answered(&test, id, "It is <i>safe</i>", 5).await;
    sqlx::query("SELECT graphile_worker.add_job('chat.notify_away', '{}'::json)").execute(&test.owner).await.unwrap();
    let running = Running::start(&test, &config);
    eventually("the mail", async || !postbox.mails().is_empty()).await;
    eventually("the end of the jobs", async || jobs(&test).await == 0).await;
    running.stop().await;
    let mails = postbox.mails();
    assert_eq!((mails.len(), mails[0].to.clone()), (1, vec!["zoe@example.com".to_owned()]));
    let text = readable(&mails[0].raw);
    assert!(text.contains("https://shop.example/chat/resume/") && text.contains("safe"), "{text}");
    assert!(text.contains("this address was left in our chat"), "it says why it came: {text}");
    assert!(text.contains("https://shop.example/chat/mails/"), "and how to stop it: {text}");
    assert!(!text.contains("Is it safe?"), "answers alone");
    assert!(!text.contains("<i>safe</i></p>"), "text in the HTML part");
}

#[tokio::test]
async fn nobodys_mailbox_is_filled_and_who_stopped_the_mails_gets_none() {
    let test = TestDb::new().await;
    let chat = chat(&test);
    let (id, other) = (asked(&test, &chat).await, asked(&test, &chat).await);
    let system = System::acting();
    let noted =
        "INSERT INTO chat_mails (conversation_id, kind, email) SELECT $1, 'answers', $2 FROM generate_series(1, $3)";
    let note = async |conversation: i64, email: &str, times: i64| {
        sqlx::query(noted).bind(conversation).bind(email).bind(times).execute(&test.owner).await.unwrap();
    };
    let forget = async || sqlx::query("DELETE FROM chat_mails").execute(&test.owner).await.unwrap();
    // As many as may from this conversation, to wherever.
    note(id, "elsewhere@example.com", MOST_ANSWER_MAILS).await;
    answered(&test, id, "It is", 5).await;
    assert_eq!(chat.notify_away(&system).await.unwrap(), 0, "the conversation had its share");
    forget().await;
    // As many as may to this address, from others.
    note(other, "ZOE@example.com", MOST_ANSWER_MAILS).await;
    assert_eq!(chat.notify_away(&system).await.unwrap(), 0, "the address had its share");
    sqlx::query("UPDATE chat_mails SET created_at = now() - interval '25 hours'").execute(&test.owner).await.unwrap();
    chat.stop_mails(&"Zoe@Example.com".parse().unwrap()).await.unwrap();
    assert_eq!(chat.notify_away(&system).await.unwrap(), 0, "stopped");
    chat.allow_mails(&"zoe@example.com".parse().unwrap()).await.unwrap();
    assert_eq!(chat.notify_away(&system).await.unwrap(), 1, "a day later what waited is one mail");
    let job = SendAnswers { conversation_id: ConversationId(id), after: 1, up_to: 2 };
    assert!(chat.answers(&system, &job).await.unwrap().is_some());
    chat.stop_mails(&"zoe@example.com".parse().unwrap()).await.unwrap();
    assert!(chat.answers(&system, &job).await.unwrap().is_none(), "stopped between the note and the mail");
    chat.forget_old_visitors(&system).await.unwrap();
    let kept: i64 = sqlx::query_scalar("SELECT count(*) FROM chat_mails").fetch_one(&test.owner).await.unwrap();
    assert_eq!(kept, 1, "what no longer counts is forgotten");
}
