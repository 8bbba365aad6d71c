//! The agents' desk: who may, what is in which queue, and what two agents do at the same moment.

use std::collections::BTreeMap;

use ecommerce::{
    domain::{
        accounts::{self, Agent, Owner, System},
        chat::{
            Chat, ChatError, ChatEvent, Conversation, NewMessage, Speaker, Status,
            desk::{Handover, NewStatus, Piece, Queue, Taken},
        },
        orders::{self, OrderError, OrderStatus},
    },
    infra::{clock, database::Db, live::Live},
    types::{ConversationToken, DisplayName, MessageBody, Page, SearchText, UserId},
};
use futures_util::future::join_all;
use sqlx::postgres::PgPoolOptions;
use time::Duration;

use crate::support::{TestDb, goods, sales, talk::chat};

async fn customer(test: &TestDb, name: &str, role: Option<&str>) -> accounts::Customer {
    let user = goods::user(&test.owner, name).await;
    if let Some(role) = role {
        let grant = "INSERT INTO user_roles (user_id, role) VALUES ($1, $2)";
        sqlx::query(grant).bind(user.0).bind(role).execute(&test.owner).await.unwrap();
    }
    signed_in(test, user).await
}

async fn signed_in(test: &TestDb, user: UserId) -> accounts::Customer {
    let statement = "INSERT INTO sessions (id, user_id, expires_at) VALUES (gen_random_uuid(), $1, now() + interval '1 day') RETURNING id";
    let session: uuid::Uuid = sqlx::query_scalar(statement).bind(user.0).fetch_one(&test.owner).await.unwrap();
    accounts::live_customer(&test.db, ecommerce::types::SessionId(session)).await.unwrap().unwrap()
}

async fn agent(test: &TestDb, name: &str) -> Agent {
    customer(test, name, Some("agent")).await.as_agent().unwrap()
}

fn said(text: &str) -> NewMessage {
    NewMessage { body: MessageBody::parse(text).unwrap(), client_id: None, attachment: None, card: None }
}

// A visitor of this name who has said something.
async fn asks(test: &TestDb, chat: &Chat, name: &str, text: &str) -> (Speaker, Conversation) {
    let me = Speaker::visitor(accounts::new_visitor(test).await.unwrap().0);
    let name = DisplayName::parse(name).unwrap();
    let opened = chat.open(&me, Some(&name), None).await.unwrap();
    chat.post(&me, &opened.token, said(text)).await.unwrap();
    (me, opened)
}

async fn names(chat: &Chat, agent: &Agent, queue: Queue) -> Vec<String> {
    chat.queue(agent, queue, Page::FIRST).await.unwrap().entries.into_iter().map(|entry| entry.name).collect()
}

#[tokio::test]
async fn a_conversation_is_in_the_queues_that_it_belongs_to() {
    let test = TestDb::new().await;
    let (chat, _heard) = chat(&test);
    let (sam, robin) = (agent(&test, "sam").await, agent(&test, "robin").await);
    // Whoever answers is there, and would be given Bob as well.
    chat.set_available(&sam, false).await.unwrap();
    let (ada, first) = asks(&test, &chat, "Ada", "Where is my parcel?").await;
    asks(&test, &chat, "Bob", "Is the mug blue?").await;
    assert_eq!(names(&chat, &sam, Queue::Waiting).await, ["Ada", "Bob"], "the longest first");
    chat.post(&Speaker::customer(sam.customer()), &first.token, said("On its way")).await.unwrap();
    assert_eq!(names(&chat, &sam, Queue::Waiting).await, ["Bob"]);
    assert_eq!(
        (names(&chat, &sam, Queue::Mine).await, names(&chat, &robin, Queue::Mine).await),
        (vec!["Ada".to_owned()], vec![])
    );
    let later = NewStatus::SnoozedUntil(clock::now() + Duration::hours(1));
    chat.set_status(&sam, &first.token, later).await.unwrap();
    assert_eq!(names(&chat, &sam, Queue::Snoozed).await, ["Ada"]);
    chat.set_status(&sam, &first.token, NewStatus::Resolved).await.unwrap();
    assert_eq!(names(&chat, &sam, Queue::Resolved).await, ["Ada"]);
    assert_eq!(names(&chat, &sam, Queue::All).await, ["Bob"]);
    chat.post(&ada, &first.token, said("Thank you")).await.unwrap();
    let counts = chat.queue_counts(&sam).await.unwrap();
    assert_eq!((counts.waiting, counts.mine, counts.all, counts.resolved, counts.snoozed), (2, 1, 2, 0, 0));
}

#[tokio::test]
async fn of_agents_who_take_it_at_once_one_has_it_and_the_others_hear_who() {
    let test = TestDb::new().await;
    let (chat, _heard) = chat(&test);
    let (_, asked) = asks(&test, &chat, "Ada", "Hello").await;
    let mut agents = Vec::new();
    for number in 0..6 {
        agents.push(agent(&test, &format!("agent{number}")).await);
    }
    let taken = join_all(agents.iter().map(|agent| chat.take(agent, &asked.token))).await;
    let winners = taken.iter().filter(|taken| matches!(taken, Ok(Taken::Theirs(_)))).count();
    let others = taken.iter().filter(|taken| matches!(taken, Ok(Taken::ByAnother(_)))).count();
    assert_eq!((winners, others), (1, 5), "{taken:?}");
}

#[tokio::test]
async fn every_change_is_numbered_told_and_stands_between_the_messages() {
    let test = TestDb::new().await;
    let (chat, mut heard) = chat(&test);
    let (sam, robin) = (agent(&test, "sam").await, agent(&test, "robin").await);
    let (_, asked) = asks(&test, &chat, "Ada", "Hello").await;
    chat.take(&sam, &asked.token).await.unwrap();
    let note = Some(MessageBody::parse("Wants a refund").unwrap());
    let to = Some(robin.customer().id());
    let now = chat.hand_over(&sam, &asked.token, Handover { to, note }).await.unwrap();
    assert_eq!(now.assignee.unwrap().name, "robin");
    for _ in 0..2 {
        chat.add_label(&robin, &asked.token, " Refund ").await.unwrap();
    }
    chat.add_label(&robin, &asked.token, "REFUND").await.unwrap();
    let (_, labels) = chat.labels(&robin, &asked).await.unwrap();
    assert_eq!(labels.len(), 1, "{labels:?}");
    chat.remove_label(&robin, &asked.token, labels[0].id).await.unwrap();
    chat.remove_label(&robin, &asked.token, labels[0].id).await.unwrap();
    chat.hand_over(&robin, &asked.token, Handover { to: None, note: None }).await.unwrap();
    let mut told = Vec::new();
    while let Ok(event) = heard.try_recv() {
        if let ChatEvent::Changed { change, .. } = event {
            told.push((change.n, change.kind, change.body));
        }
    }
    let expected = [
        ("assignment", "sam"),
        ("assignment", "robin"),
        ("note", "Wants a refund"),
        ("label", "+Refund"),
        ("label", "-Refund"),
        ("assignment", ""),
    ];
    let expected: Vec<_> = (1..).zip(expected).map(|(n, (kind, body))| (n, kind.to_owned(), body.to_owned())).collect();
    assert_eq!(told, expected);
    let thread = chat.thread(&robin, &asked, None).await.unwrap();
    assert!(matches!(thread.pieces.first(), Some(Piece::Message(_))) && thread.pieces.len() == 7);
    assert_eq!(chat.beside(&robin, &asked).await.unwrap().notes.len(), 1);
}

#[tokio::test]
async fn ones_own_conversation_and_one_that_is_not_there_are_none_at_the_desk() {
    let test = TestDb::new().await;
    let (chat, _heard) = chat(&test);
    let (sam, robin) = (agent(&test, "sam").await, agent(&test, "robin").await);
    let me = Speaker::customer(sam.customer());
    let own = chat.open(&me, None, None).await.unwrap();
    chat.post(&me, &own.token, said("I bought a mug here")).await.unwrap();
    assert!(names(&chat, &sam, Queue::All).await.is_empty());
    assert_eq!(names(&chat, &robin, Queue::All).await, ["sam"]);
    let search = SearchText::read("mug").unwrap();
    assert!(chat.search(&sam, &search, Page::FIRST).await.unwrap().entries.is_empty());
    let nothing = ConversationToken::parse(&"x".repeat(43)).unwrap();
    for token in [&own.token, &nothing] {
        assert!(matches!(chat.at_desk(&sam, token).await, Err(ChatError::Unknown)));
        assert!(matches!(chat.take(&sam, token).await, Err(ChatError::Unknown)));
        assert!(matches!(chat.set_status(&sam, token, NewStatus::Resolved).await, Err(ChatError::Unknown)));
        let note = MessageBody::parse("x").unwrap();
        assert!(matches!(chat.note(&sam, token, &note).await, Err(ChatError::Unknown)));
        assert!(matches!(chat.add_label(&sam, token, "x").await, Err(ChatError::Unknown)));
    }
    // Nor is it handed to whoever asks in it, or to somebody who is no agent.
    let to_owner = Handover { to: Some(sam.customer().id()), note: None };
    assert!(matches!(chat.hand_over(&robin, &own.token, to_owner).await, Err(ChatError::AgentsOnly)));
    let to_customer = Handover { to: Some(goods::user(&test.owner, "zoe").await), note: None };
    assert!(matches!(chat.hand_over(&robin, &own.token, to_customer).await, Err(ChatError::AgentsOnly)));
}

#[tokio::test]
async fn what_ended_moves_no_more_but_takes_notes() {
    let test = TestDb::new().await;
    let (chat, _heard) = chat(&test);
    let sam = agent(&test, "sam").await;
    let (ada, asked) = asks(&test, &chat, "Ada", "Hello").await;
    chat.end(&ada, &asked.token).await.unwrap();
    assert!(matches!(chat.take(&sam, &asked.token).await, Err(ChatError::Ended)));
    assert!(matches!(chat.set_status(&sam, &asked.token, NewStatus::Open).await, Err(ChatError::Ended)));
    chat.note(&sam, &asked.token, &MessageBody::parse("Called back").unwrap()).await.unwrap();
}

#[tokio::test]
async fn what_is_put_aside_wakes_at_its_time_once() {
    let test = TestDb::new().await;
    let (chat, _heard) = chat(&test);
    let sam = agent(&test, "sam").await;
    let mut tokens = Vec::new();
    for name in ["Ada", "Bob"] {
        let (_, asked) = asks(&test, &chat, name, "Hello").await;
        let later = NewStatus::SnoozedUntil(clock::now() + Duration::hours(1));
        chat.set_status(&sam, &asked.token, later).await.unwrap();
        tokens.push(asked.token);
    }
    assert_eq!(chat.wake_snoozed(&System::acting()).await.unwrap(), 0);
    sqlx::query("UPDATE conversations SET snoozed_until = now() - interval '1 second' WHERE token = $1")
        .bind(tokens[0].as_str())
        .execute(&test.owner)
        .await
        .unwrap();
    let system = System::acting();
    let woken = join_all([chat.wake_snoozed(&system), chat.wake_snoozed(&system)]).await;
    assert_eq!(woken.into_iter().map(Result::unwrap).sum::<usize>(), 1);
    assert_eq!(chat.at_desk(&sam, &tokens[0]).await.unwrap().status, Status::Open);
    assert_eq!(chat.at_desk(&sam, &tokens[1]).await.unwrap().status, Status::Snoozed);
    assert!(!NewStatus::SnoozedUntil(clock::now() - Duration::hours(1)).is_sensible());
}

#[tokio::test]
async fn a_search_finds_what_was_said_and_who_said_it() {
    let test = TestDb::new().await;
    let (chat, _heard) = chat(&test);
    let sam = agent(&test, "sam").await;
    let (ada, asked) = asks(&test, &chat, "Ada Lovelace", "The teapot arrived broken").await;
    chat.post(&ada, &asked.token, said("Something else")).await.unwrap();
    asks(&test, &chat, "Bob", "A teapot in blue?").await;
    let found = async |text: &str| {
        let search = SearchText::read(text).unwrap();
        let found = chat.search(&sam, &search, Page::FIRST).await.unwrap();
        found.entries.into_iter().map(|entry| (entry.name, entry.last.unwrap().text)).collect::<Vec<_>>()
    };
    assert_eq!(found("TEAPOT brok").await, [("Ada Lovelace".to_owned(), "The teapot arrived broken".to_owned())]);
    assert_eq!(found("teapot").await.len(), 2);
    assert_eq!(found("lovel").await, [("Ada Lovelace".to_owned(), "Something else".to_owned())]);
    for nothing in ["nowhere", "%", "'", "😀", "a & | ! ( :*", "<->"] {
        let _ = found(nothing).await;
    }
    assert!(found("nowhere").await.is_empty() && found("%").await.is_empty());
}

#[tokio::test]
async fn an_agent_cancels_the_order_of_whom_they_help_and_it_is_written_down() {
    let test = TestDb::new().await;
    let sam = agent(&test, "sam").await;
    let mug = goods::variant(&test.owner, "Enamel mug", 1200, 10).await;
    let ada = Owner::Visitor(goods::visitor(&test.owner).await);
    let other = Owner::Visitor(goods::visitor(&test.owner).await);
    let order = sales::paid(&test, ada, mug, 2).await;
    let number = orders::by_id(&test.db, &orders::Viewer::System, order).await.unwrap().number;
    let cancel = async |owner| orders::cancel_for_customer(&test.db, &sam, owner, &number, Some("broken")).await;
    assert!(matches!(cancel(other).await, Err(OrderError::Unknown)));
    let own = Owner::Customer(sam.customer().id());
    assert!(matches!(cancel(own).await, Err(OrderError::Unknown)));
    assert_eq!(cancel(ada).await.unwrap().status, OrderStatus::Cancelled);
    assert!(matches!(cancel(ada).await, Err(OrderError::NotCancellable(_))));
    assert_eq!(goods::level(&test.owner, mug).await.0, 10, "the stock is back, once");
    let log: Vec<(String, String, String)> =
        sqlx::query_as("SELECT actor_name, action, subject FROM audit_log").fetch_all(&test.owner).await.unwrap();
    assert_eq!(log, [("sam".to_owned(), "orders.cancelled".to_owned(), number.clone())]);
    let actor: String = sqlx::query_scalar("SELECT actor FROM order_events WHERE to_status = 'cancelled'")
        .fetch_one(&test.owner)
        .await
        .unwrap();
    assert_eq!(actor, format!("agent:{}", sam.customer().id()));
}

// What the search finds through, on a table large enough that it matters; seen by PostgreSQL's own counters, so that it is the real
// statement that is held to it.
#[tokio::test]
async fn searches_and_queues_go_through_their_indexes() {
    let test = TestDb::new().await;
    let sam = agent(&test, "sam").await;
    let mut owner = test.owner.acquire().await.unwrap();
    for statement in [
        "INSERT INTO visitors (token_hash) SELECT sha256(n::text::bytea) FROM generate_series(1, 20000) n",
        "INSERT INTO conversations (token, visitor_id, display_name, status, last_seq, ended_at, waiting_since, last_message_at)
         SELECT 'conversation-number-' || id, id, 'Name' || id % 9000, CASE WHEN id % 50 = 0 THEN 'open' ELSE 'resolved' END, 3,
                CASE WHEN id % 50 > 0 THEN now() END, CASE WHEN id % 200 = 0 THEN now() END, now() - id * interval '1 minute' FROM visitors",
        "INSERT INTO chat_messages (conversation_id, seq, sender, username, body)
         SELECT c.id, s, 'customer', 'x', 'rare' || c.id % 4000 || ' often' || s || ' words of a message' FROM conversations c, generate_series(1, 3) s",
        "VACUUM ANALYZE conversations, chat_messages, visitors",
        // Gathered, and not in the index yet.
        "INSERT INTO chat_messages (conversation_id, seq, sender, username, body)
         SELECT id, 4, 'customer', 'x', 'recent' || id || ' words of a message' FROM conversations ORDER BY id LIMIT 2000",
        "SELECT pg_stat_force_next_flush()",
        "SELECT 1",
    ] {
        sqlx::query(statement).execute(&mut *owner).await.unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
    let one = PgPoolOptions::new().max_connections(1).connect(&test.url()).await.unwrap();
    let (live, _heard) = Live::pair();
    let chat = Chat::new(Db::new(one.clone()), live, chat(&test).0.plan().clone());
    let counters = async || -> BTreeMap<String, i64> {
        sqlx::query("SELECT pg_stat_force_next_flush()").execute(&one).await.unwrap();
        sqlx::query("SELECT 1").execute(&one).await.unwrap();
        let statement = "SELECT indexrelname::text, coalesce(idx_scan, 0) FROM pg_stat_user_indexes
                         UNION ALL SELECT relname::text, coalesce(seq_scan, 0) FROM pg_stat_user_tables";
        sqlx::query_as(statement).fetch_all(&test.owner).await.unwrap().into_iter().collect()
    };
    let held = |what: &str, before: &BTreeMap<String, i64>, after: &BTreeMap<String, i64>, indexes: &[&str]| {
        let rose = |name: &str| after.get(name) > before.get(name);
        for table in ["conversations", "chat_messages"] {
            assert!(!rose(table), "{what} reads all of {table}");
        }
        assert!(indexes.iter().all(|index| rose(index)), "{what} does not use {indexes:?}");
    };
    // Often enough that a statement that is kept would have got its generic plan.
    for text in ["rare77", "rare78", "often1 rare79", "name4711", "rare", "words", "rare80", "rare81", "recent77"] {
        let search = SearchText::read(text).unwrap();
        let before = counters().await;
        let found = chat.search(&sam, &search, Page::FIRST).await.unwrap();
        assert!(!found.entries.is_empty(), "{text}");
        held(text, &before, &counters().await, &["chat_messages_search_idx", "conversations_person_search_idx"]);
    }
    for (queue, index) in
        [(Queue::Waiting, "conversations_waiting_idx"), (Queue::Resolved, "conversations_last_message_idx")]
    {
        let before = counters().await;
        let page = chat.queue(&sam, queue, Page::FIRST).await.unwrap();
        assert!(page.has_more, "{queue:?}");
        held(queue.id(), &before, &counters().await, &[index]);
    }
}
