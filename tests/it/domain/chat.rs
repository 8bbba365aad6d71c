//! Messages are numbered without gaps, whoever sends them and however often; who is no member learns nothing.

use std::collections::BTreeSet;

use ecommerce::{
    domain::chat::{Chat, ChatError, ChatEvent, Conversation, Mark, NewMessage, Status, Which},
    types::{ClientId, ConversationToken, DisplayName, MessageBody},
};
use futures_util::future::join_all;

use crate::support::{
    TestDb,
    talk::{chat, visitor},
};

fn said(text: &str, client_id: Option<&str>) -> NewMessage {
    let client_id = client_id.map(|id| ClientId::parse(id).unwrap());
    NewMessage { body: MessageBody::parse(text).unwrap(), client_id, attachment: None, card: None }
}

async fn seqs(chat: &Chat, of: &Conversation) -> Vec<i64> {
    chat.messages(of, Which::After(0)).await.unwrap().iter().map(|message| message.seq).collect()
}

#[tokio::test]
async fn a_hundred_messages_at_once_are_numbered_without_a_gap_and_told_in_what_they_say() {
    let test = TestDb::new().await;
    let (chat, mut heard) = chat(&test);
    let me = visitor(&test).await;
    let conversation = chat.open(&me, None, None).await.unwrap();
    let posts = (0..100).map(|n| {
        let (chat, me, token) = (chat.clone(), me.clone(), conversation.token.clone());
        async move { chat.post(&me, &token, said(&format!("word {n}"), Some(&format!("m{n}")))).await.unwrap().message }
    });
    let posted: BTreeSet<i64> = join_all(posts).await.into_iter().map(|message| message.seq).collect();
    assert_eq!(posted, (1..=100).collect());
    assert_eq!(seqs(&chat, &conversation).await, (1..=100).collect::<Vec<_>>());
    let mut told = BTreeSet::new();
    while let Ok(event) = heard.try_recv() {
        if let ChatEvent::Said { message, .. } = event {
            told.insert(message.seq);
        }
    }
    assert_eq!(told, (1..=100).collect(), "each is told once");
}

#[tokio::test]
async fn the_same_client_id_twenty_times_at_once_is_one_message_and_with_another_text_an_error() {
    let test = TestDb::new().await;
    let (chat, _heard) = chat(&test);
    let me = visitor(&test).await;
    let conversation = chat.open(&me, None, None).await.unwrap();
    let again = || chat.post(&me, &conversation.token, said("hello", Some("m1")));
    let posted = join_all((0..20).map(|_| again())).await;
    let new = posted.iter().filter(|posted| !posted.as_ref().unwrap().was_known).count();
    assert_eq!((new, seqs(&chat, &conversation).await), (1, vec![1]));
    let other = chat.post(&me, &conversation.token, said("something else", Some("m1"))).await;
    assert!(matches!(other, Err(ChatError::ClientIdReused)), "{other:?}");
    assert_eq!(seqs(&chat, &conversation).await, [1], "a refused message takes no number");
}

#[tokio::test]
async fn whoever_is_no_member_is_told_that_there_is_nothing() {
    let test = TestDb::new().await;
    let (chat, _heard) = chat(&test);
    let (me, other) = (visitor(&test).await, visitor(&test).await);
    let conversation = chat.open(&me, None, None).await.unwrap();
    let unknown = ConversationToken::parse(&"x".repeat(43)).unwrap();
    for (who, token) in [(&other, &conversation.token), (&me, &unknown)] {
        assert!(matches!(chat.find(who, token).await, Err(ChatError::Unknown)));
        assert!(matches!(chat.post(who, token, said("hi", None)).await, Err(ChatError::Unknown)));
        assert!(matches!(chat.mark(who, token, Mark::Read, 1).await, Err(ChatError::Unknown)));
        assert!(matches!(chat.end(who, token).await, Err(ChatError::Unknown)));
    }
}

#[tokio::test]
async fn two_tabs_share_one_conversation_and_an_ended_one_takes_no_word() {
    let test = TestDb::new().await;
    let (chat, _heard) = chat(&test);
    let me = visitor(&test).await;
    let opened = join_all((0..8).map(|_| chat.open(&me, None, None))).await;
    let tokens: BTreeSet<String> = opened.into_iter().map(|found| found.unwrap().token.to_string()).collect();
    assert_eq!(tokens.len(), 1);
    let first = chat.open(&me, None, None).await.unwrap();
    let ended = chat.end(&me, &first.token).await.unwrap();
    assert!(ended.is_ended && ended.status == Status::Resolved);
    assert!(matches!(chat.post(&me, &first.token, said("late", None)).await, Err(ChatError::Ended)));
    assert_ne!(chat.open(&me, None, None).await.unwrap().token, first.token, "the next word opens a new one");
}

#[tokio::test]
async fn a_visitor_is_never_called_like_an_account() {
    let test = TestDb::new().await;
    let (chat, _heard) = chat(&test);
    sqlx::query("INSERT INTO users (username, email, password_hash) VALUES ('ada', 'ada@example.com', 'x')")
        .execute(&test.owner)
        .await
        .unwrap();
    let me = visitor(&test).await;
    let name = |text: &str| DisplayName::parse(text).unwrap();
    assert!(matches!(chat.open(&me, Some(&name("ADA")), None).await, Err(ChatError::Text(_))));
    assert_eq!(chat.open(&me, Some(&name("Zoë")), None).await.unwrap().display_name, "Zoë");
    assert_eq!(chat.open(&me, Some(&name("Zoe")), None).await.unwrap().display_name, "Zoe", "and may change it");
}

#[tokio::test]
async fn marks_only_move_forward_and_never_past_the_last_message() {
    let test = TestDb::new().await;
    let (chat, _heard) = chat(&test);
    let me = visitor(&test).await;
    let conversation = chat.open(&me, None, None).await.unwrap();
    for n in 0..3 {
        chat.post(&me, &conversation.token, said(&format!("{n}"), None)).await.unwrap();
    }
    for to in [2, 1, 999] {
        chat.mark(&me, &conversation.token, Mark::Read, to).await.unwrap();
    }
    let (now, _) = chat.find(&me, &conversation.token).await.unwrap();
    assert_eq!((now.marks.customer_read, now.marks.customer_delivered, now.marks.support_read), (3, 3, 0));
}
