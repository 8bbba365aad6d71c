//! Several messages at once take one transaction, and each has the outcome that it would have had alone.

use std::time::Duration;

use ecommerce::{
    domain::{
        accounts::{self, Device},
        chat::{Chat, ChatError, ChatEvent, Conversation, Facts, NewMessage, Sender, Speaker, Which},
    },
    types::{ClientId, MessageBody, UserId},
};
use futures_util::future::join_all;

use crate::support::{
    TestDb,
    statements::Counting,
    talk::{chat, visitor},
};

async fn agent(test: &TestDb) -> Speaker {
    let statement = "WITH ann AS (INSERT INTO users (username, email, password_hash) VALUES ('ann', 'ann@example.com', 'x') RETURNING id)
                     INSERT INTO user_roles (user_id, role) SELECT id, 'agent' FROM ann RETURNING user_id";
    let id: i64 = sqlx::query_scalar(statement).fetch_one(&test.owner).await.unwrap();
    let mut tx = test.begin().await.unwrap();
    let device = Device { ip: "127.0.0.1".to_owned(), user_agent: String::new() };
    let session = accounts::open_session(&mut tx, UserId(id), &device, false).await.unwrap();
    let customer = accounts::live_customer_in_tx(&mut tx, session).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    Speaker::customer(&customer)
}

fn said(text: &str, client_id: &str) -> NewMessage {
    let client_id = (!client_id.is_empty()).then(|| ClientId::parse(client_id).unwrap());
    NewMessage { body: MessageBody::parse(text).unwrap(), client_id, attachment: None, card: None }
}

async fn texts(chat: &Chat, of: &Conversation) -> Vec<(i64, String)> {
    let all = chat.messages(of, Which::After(0)).await.unwrap();
    all.into_iter().map(|message| (message.seq, message.body.as_str().to_owned())).collect()
}

#[tokio::test]
async fn each_of_several_has_the_outcome_it_would_have_had_alone() {
    let test = TestDb::new().await;
    let (chat, mut heard) = chat(&test);
    let me = visitor(&test).await;
    let conversation = chat.open(&me, None, None).await.unwrap();
    chat.post(&me, &conversation.token, said("before", "old")).await.unwrap();
    // A file that is not there, and one that cannot be.
    for (round, file) in [None, Some("x".repeat(43)), Some("a\0b".to_owned())].into_iter().enumerate() {
        let name = |name: &str| format!("{name}-{round}");
        let mut all = vec![
            said("one", &name("a")),
            said("before", "old"),
            said("other words", "old"),
            said("one", &name("a")),
            said("two", &name("a")),
            said("three", ""),
            said("four", &name("b")),
        ];
        if file.is_some() {
            all.insert(5, NewMessage { attachment: file.clone(), ..said("lost", &name("c")) });
        }
        while heard.try_recv().is_ok() {}
        let first = texts(&chat, &conversation).await.len();
        let mut outcomes = chat.post_all(&me, &conversation.token, &all).await.unwrap();
        if file.is_some() {
            assert!(matches!(outcomes.remove(5), Err(ChatError::UnknownThing)));
        }
        let numbers: Vec<Option<(i64, bool)>> = outcomes
            .iter()
            .map(|posted| posted.as_ref().ok().map(|posted| (posted.message.seq, posted.was_known)))
            .collect();
        let new = |n: i64| Some((i64::try_from(first).unwrap() + n, false));
        let again = |posted: Option<(i64, bool)>| posted.map(|(seq, _)| (seq, true));
        assert_eq!(numbers, [new(1), Some((1, true)), None, again(new(1)), None, new(2), new(3)]);
        for refused in [2, 4] {
            assert!(matches!(outcomes[refused], Err(ChatError::ClientIdReused)));
        }
        let mut told = Vec::new();
        while let Ok(event) = heard.try_recv() {
            if let ChatEvent::Said { message, .. } = event {
                told.push(message.body.as_str().to_owned());
            }
        }
        assert_eq!(told, ["one", "three", "four"], "what is new is told once");
    }
    let expected = ["before"].into_iter().chain(["one", "three", "four"].repeat(3));
    let expected: Vec<(i64, String)> = (1..).zip(expected.map(ToOwned::to_owned)).collect();
    assert_eq!(texts(&chat, &conversation).await, expected);
    chat.end(&me, &conversation.token).await.unwrap();
    let late = chat.post_all(&me, &conversation.token, &[said("before", "old"), said("late", "")]).await.unwrap();
    assert!(late[0].as_ref().is_ok_and(|posted| posted.was_known && posted.message.seq == 1), "what was said is known");
    assert!(matches!(late[1], Err(ChatError::Ended)));
}

#[tokio::test]
async fn several_senders_of_several_messages_leave_no_gap_and_keep_their_order() {
    let test = TestDb::new().await;
    let (chat, mut heard) = chat(&test);
    let (me, ann) = (visitor(&test).await, agent(&test).await);
    let conversation = chat.open(&me, None, None).await.unwrap();
    let posts = (0..20).map(|sender| {
        let (chat, conversation) = (&chat, &conversation);
        let who = if sender % 2 == 0 { &me } else { &ann };
        // The names of one are the names of the next one of that side as well: of each pair one is stored.
        let all: Vec<_> = (0..10).map(|n| said(&format!("{n}"), &format!("{}.{n}", sender / 4))).collect();
        async move { chat.post_all(who, &conversation.token, &all).await.unwrap() }
    });
    let outcomes: Vec<_> = join_all(posts).await.into_iter().flatten().map(|posted| posted.unwrap()).collect();
    assert_eq!((outcomes.len(), outcomes.iter().filter(|posted| !posted.was_known).count()), (200, 100));
    let all = texts(&chat, &conversation).await;
    let expected = (1..=100).map(|seq| (seq, ((seq - 1) % 10).to_string()));
    assert_eq!(all, expected.collect::<Vec<_>>(), "each sender's in one piece");
    let mut told = Vec::new();
    while let Ok(event) = heard.try_recv() {
        if let ChatEvent::Said { message, .. } = event {
            told.push(message.seq);
        }
    }
    told.sort_unstable();
    assert_eq!(told, (1..=100).collect::<Vec<_>>());
}

#[tokio::test]
async fn the_shops_own_answer_follows_the_first_of_several() {
    let test = TestDb::new().await;
    let (chat, _heard) = chat(&test);
    let text = String::new;
    let facts = Facts { hours: text(), shipping: text(), returns: text(), email: text(), orders_url: text() };
    let chat = chat.with_facts(facts);
    let me = visitor(&test).await;
    let conversation = chat.open(&me, None, None).await.unwrap();
    let all = [said("one", "a"), said("two", "b"), said("three", "c")];
    let outcomes = chat.post_all(&me, &conversation.token, &all).await.unwrap();
    let numbers: Vec<i64> = outcomes.into_iter().map(|posted| posted.unwrap().message.seq).collect();
    assert_eq!(numbers, [1, 3, 4]);
    let senders = chat.messages(&conversation, Which::After(0)).await.unwrap();
    let senders: Vec<Sender> = senders.into_iter().map(|message| message.sender).collect();
    assert_eq!(senders, [Sender::Customer, Sender::Automatic, Sender::Customer, Sender::Customer]);
}

#[tokio::test]
async fn a_message_takes_two_statements_and_a_commit_and_thirty_take_no_more() {
    let test = TestDb::new().await;
    let (chat, _heard) = chat(&test);
    let (me, ann) = (visitor(&test).await, agent(&test).await);
    let conversation = chat.open(&me, None, None).await.unwrap();
    let statements = Counting::start();
    chat.post(&ann, &conversation.token, said("Hello", "1")).await.unwrap();
    // Who comes is given those who wait, in the background: one look that finds nobody.
    let looked = async {
        while !statements.take().iter().any(|statement| statement.contains("EXISTS")) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    assert!(tokio::time::timeout(Duration::from_secs(10), looked).await.is_ok(), "nobody looks who waits");
    // Moves it back to open, which agents are told of; from here on nothing moves.
    chat.post(&me, &conversation.token, said("A question", "2")).await.unwrap();
    statements.take();
    chat.post(&me, &conversation.token, said("And another", "3")).await.unwrap();
    let one = statements.take();
    assert_eq!(one.len(), 3, "{one:#?}");
    let thirty: Vec<_> = (0..30).map(|n| said("more", &format!("more.{n}"))).collect();
    chat.post_all(&me, &conversation.token, &thirty).await.unwrap();
    let all = statements.take();
    assert_eq!(all.len(), 3, "{all:#?}");
    // The answer moves it, which is one more; that the agent is there was noted a moment ago.
    chat.post(&ann, &conversation.token, said("An answer", "4")).await.unwrap();
    let moving = statements.take();
    assert_eq!(moving.len(), 4, "{moving:#?}");
    chat.post(&ann, &conversation.token, said("And more", "5")).await.unwrap();
    let answer = statements.take();
    assert_eq!(answer.len(), 3, "{answer:#?}");
}
