//! Nobody who waits is forgotten: conversations go to agents who are there, come back from those who left, and are answered by the shop
//! where nobody is.

use std::collections::BTreeMap;

use ecommerce::{
    domain::{
        accounts::{self, Administrator, AnswerEditor, Customer, Device, Owner, Role, RolesError},
        chat::{Chat, ChatEvent, ChatPlan, Conversation, Facts, NewMessage, NewRule, Occasion, Sender, Speaker, Which},
    },
    infra::live::Live,
    types::{Locale, MessageBody, OpeningHours, Page, UserId},
};
use futures_util::future::join_all;
use tokio::sync::mpsc::Receiver;

use crate::support::TestDb;

fn plan(most_per_agent: u32, hours: &str) -> ChatPlan {
    let locale = Locale::new("en-US", "UTC").unwrap();
    let week = std::array::from_fn(|_| if hours.is_empty() { Vec::new() } else { vec![hours.parse().unwrap()] });
    let hours = OpeningHours::new(locale.zone(), week, []).unwrap();
    ChatPlan { shop_name: "Fernhill".to_owned(), locale, hours, most_per_agent }
}

fn facts() -> Facts {
    Facts {
        hours: "Mon–Sun All day".to_owned(),
        shipping: "Standard costs $4.90.".to_owned(),
        returns: "Within 30 days.".to_owned(),
        email: "shop@fernhill.example".to_owned(),
        orders_url: "http://shop.test/orders".to_owned(),
    }
}

fn chat(test: &TestDb, most_per_agent: u32) -> (Chat, Receiver<ChatEvent>) {
    let (live, heard) = Live::pair();
    (Chat::new(test.db.clone(), live, plan(most_per_agent, "00:00-24:00")), heard)
}

// A shop that answers by itself, open all day or never.
fn talking(test: &TestDb, hours: &str) -> (Chat, Receiver<ChatEvent>) {
    let (live, heard) = Live::pair();
    (Chat::new(test.db.clone(), live, plan(6, hours)).with_facts(facts()), heard)
}

async fn person(test: &TestDb, name: &str, roles: &[&str]) -> Customer {
    let statement =
        "INSERT INTO users (username, email, password_hash) VALUES ($1, $1 || '@example.com', 'x') RETURNING id";
    let id: i64 = sqlx::query_scalar(statement).bind(name).fetch_one(&test.owner).await.unwrap();
    for role in roles {
        let statement = "INSERT INTO user_roles (user_id, role) VALUES ($1, $2)";
        sqlx::query(statement).bind(id).bind(role).execute(&test.owner).await.unwrap();
    }
    let mut tx = test.begin().await.unwrap();
    let device = Device { ip: "127.0.0.1".to_owned(), user_agent: String::new() };
    let session = accounts::open_session(&mut tx, UserId(id), &device, false).await.unwrap();
    let customer = accounts::live_customer_in_tx(&mut tx, session).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    customer
}

async fn visitor(test: &TestDb) -> Speaker {
    Speaker::visitor(accounts::new_visitor(test).await.unwrap().0)
}

fn said(text: &str) -> NewMessage {
    NewMessage { body: MessageBody::parse(text).unwrap(), client_id: None, attachment: None, card: None }
}

async fn ask(chat: &Chat, speaker: &Speaker, text: &str) -> Conversation {
    let conversation = chat.open(speaker, None, None).await.unwrap();
    chat.post(speaker, &conversation.token, said(text)).await.unwrap();
    conversation
}

async fn run(test: &TestDb, statement: &'static str) {
    sqlx::query(statement).execute(&test.owner).await.unwrap();
}

// By conversation, who has it.
async fn assigned(test: &TestDb) -> Vec<Option<i64>> {
    sqlx::query_scalar("SELECT assignee_id FROM conversations ORDER BY waiting_since, id")
        .fetch_all(&test.owner)
        .await
        .unwrap()
}

async fn eventually(what: &str, mut is_true: impl AsyncFnMut() -> bool) {
    for _ in 0..200 {
        if is_true().await {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("{what} did not happen");
}

async fn texts(chat: &Chat, of: &Conversation) -> Vec<(i64, Sender, String)> {
    let all = chat.messages(of, Which::After(0)).await.unwrap();
    all.into_iter().map(|message| (message.seq, message.sender, message.body.as_str().to_owned())).collect()
}

fn loads(assigned: &[Option<i64>]) -> BTreeMap<i64, usize> {
    let mut loads = BTreeMap::new();
    for agent in assigned.iter().flatten() {
        *loads.entry(*agent).or_default() += 1;
    }
    loads
}

#[tokio::test]
async fn two_servers_that_distribute_at_once_give_each_one_away_once_and_overload_nobody() {
    let test = TestDb::new().await;
    let (one, mut heard) = chat(&test, 4);
    let (two, _other) = chat(&test, 4);
    for _ in 0..20 {
        let me = visitor(&test).await;
        ask(&one, &me, "hello").await;
    }
    let mut agents = Vec::new();
    for name in ["ann", "bob", "cid"] {
        agents.push(person(&test, name, &["agent"]).await.id());
    }
    run(&test, "INSERT INTO agent_presence (user_id) SELECT user_id FROM user_roles").await;
    let rounds = join_all((0..10).map(|round| if round % 2 == 0 { one.distribute() } else { two.distribute() })).await;
    // What the rounds say they gave is not counted: asking starts some in the background too.
    rounds.into_iter().for_each(|round| _ = round.unwrap());
    let assigned = assigned(&test).await;
    assert!(assigned[..12].iter().all(Option::is_some) && assigned[12..].iter().all(Option::is_none), "{assigned:?}");
    assert_eq!(loads(&assigned).into_values().collect::<Vec<_>>(), [4, 4, 4]);
    let changes: i64 = sqlx::query_scalar("SELECT count(*) FROM chat_changes WHERE kind = 'assignment'")
        .fetch_one(&test.owner)
        .await
        .unwrap();
    assert_eq!(changes, 12, "each is noted once");
    let mut told = 0;
    while let Ok(event) = heard.try_recv() {
        told += usize::from(matches!(event, ChatEvent::Changed { .. }));
    }
    assert!(told <= 12);
}

#[tokio::test]
async fn whoever_comes_to_the_desk_gets_who_waits_and_nobody_gets_their_own() {
    let test = TestDb::new().await;
    let (chat, _heard) = chat(&test, 6);
    let ann = person(&test, "ann", &["agent"]).await;
    ask(&chat, &Speaker::customer(&ann), "I am a customer too").await;
    let me = visitor(&test).await;
    ask(&chat, &me, "hello").await;
    chat.touch_agents(&[ann.id()]).await.unwrap();
    eventually("the visitor is given to ann", async || assigned(&test).await == [None, Some(ann.id().0)]).await;
    let bob = person(&test, "bob", &["lead"]).await;
    chat.touch_agents(&[bob.id(), ann.id()]).await.unwrap();
    eventually("ann's own goes to bob", async || assigned(&test).await == [Some(bob.id().0), Some(ann.id().0)]).await;
}

#[tokio::test]
async fn who_takes_none_or_may_not_answer_is_given_none() {
    let test = TestDb::new().await;
    let (chat, _heard) = chat(&test, 6);
    let ann = person(&test, "ann", &["agent"]).await;
    let buyer = person(&test, "buyer", &["customer", "staff"]).await;
    chat.set_available(&ann.as_agent().unwrap(), false).await.unwrap();
    chat.touch_agents(&[ann.id(), buyer.id(), UserId(999_999)]).await.unwrap();
    assert_eq!(chat.agents_there().await.unwrap().len(), 1, "staff without the role are no agents");
    let me = visitor(&test).await;
    ask(&chat, &me, "hello").await;
    chat.tick().await.unwrap();
    assert_eq!(assigned(&test).await, [None]);
    assert!(!chat.availability().await.unwrap().is_answered);
    chat.set_available(&ann.as_agent().unwrap(), true).await.unwrap();
    eventually("ann has it", async || assigned(&test).await == [Some(ann.id().0)]).await;
    assert!(chat.availability().await.unwrap().is_answered);
}

#[tokio::test]
async fn rounds_that_run_when_an_agent_stops_give_them_nothing_afterwards() {
    let test = TestDb::new().await;
    let (one, _heard) = chat(&test, 1_000);
    let (two, _other) = chat(&test, 1_000);
    let ann = person(&test, "ann", &["agent"]).await;
    let agent = ann.as_agent().unwrap();
    for _ in 0..5 {
        one.touch_agents(&[ann.id()]).await.unwrap();
        for _ in 0..6 {
            let me = visitor(&test).await;
            ask(&one, &me, "hello").await;
        }
        let stop = async {
            two.set_available(&agent, false).await.unwrap();
            loads(&assigned(&test).await)
        };
        let (given, _) = tokio::join!(stop, join_all((0..4).map(|_| one.distribute())));
        let me = visitor(&test).await;
        ask(&one, &me, "after it").await;
        one.tick().await.unwrap();
        assert_eq!(loads(&assigned(&test).await), given);
        assert!(!one.is_available(&agent).await.unwrap());
        two.set_available(&agent, true).await.unwrap();
        assert!(one.is_available(&agent).await.unwrap(), "every server knows");
    }
}

#[tokio::test]
async fn who_waits_for_an_agent_that_left_is_given_back_and_to_the_next() {
    let test = TestDb::new().await;
    let (chat, _heard) = chat(&test, 6);
    let ann = person(&test, "ann", &["agent"]).await;
    chat.touch_agents(&[ann.id()]).await.unwrap();
    let (me, answered) = (visitor(&test).await, visitor(&test).await);
    let waiting = ask(&chat, &me, "hello").await;
    let done = ask(&chat, &answered, "hello").await;
    chat.tick().await.unwrap();
    assert_eq!(assigned(&test).await, [Some(ann.id().0); 2]);
    chat.post(&Speaker::customer(&ann), &done.token, said("here you are")).await.unwrap();
    let bob = person(&test, "bob", &["agent"]).await;
    chat.touch_agents(&[bob.id()]).await.unwrap();
    run(&test, "UPDATE agent_presence SET last_seen_at = now() - interval '59 seconds' WHERE user_id = (SELECT id FROM users WHERE username = 'ann')").await;
    run(&test, "UPDATE conversations SET assigned_at = now() - interval '5 minutes'").await;
    assert_eq!(chat.distribute().await.unwrap().given_back, 0, "a minute is not over");
    run(&test, "UPDATE agent_presence SET last_seen_at = now() - interval '61 seconds' WHERE user_id = (SELECT id FROM users WHERE username = 'ann')").await;
    join_all([chat.distribute(), chat.distribute()]).await.into_iter().for_each(|round| _ = round.unwrap());
    let (now, _) = chat.find(&me, &waiting.token).await.unwrap();
    assert_eq!(now.assignee.as_ref().map(|agent| agent.id), Some(bob.id()));
    let (kept, _) = chat.find(&answered, &done.token).await.unwrap();
    assert_eq!(kept.assignee.map(|agent| agent.id), Some(ann.id()), "who was answered keeps their agent");
    let notes: Vec<String> = chat.changes(&now, 0).await.unwrap().into_iter().map(|change| change.body).collect();
    assert_eq!(notes, ["ann", "Given back: ann is away", "bob"]);
}

#[tokio::test]
async fn a_revoked_right_gives_the_waiting_back_at_once() {
    let test = TestDb::new().await;
    let (chat, _heard) = chat(&test, 6);
    let ann = person(&test, "ann", &["agent"]).await;
    chat.touch_agents(&[ann.id()]).await.unwrap();
    let me = visitor(&test).await;
    let asked = ask(&chat, &me, "hello").await;
    chat.tick().await.unwrap();
    assert_eq!(assigned(&test).await, [Some(ann.id().0)]);
    run(&test, "DELETE FROM user_roles").await;
    // By this round, or by the one that asking has started in the background.
    chat.distribute().await.unwrap();
    assert_eq!(assigned(&test).await, [None]);
    let notes: Vec<String> = chat.changes(&asked, 0).await.unwrap().into_iter().map(|change| change.body).collect();
    assert_eq!(notes, ["ann", "Given back: ann is away"]);
}

#[tokio::test]
async fn with_agents_who_come_and_go_everybody_is_served_in_the_end() {
    let test = TestDb::new().await;
    let (chat, _heard) = chat(&test, 3);
    let mut agents = Vec::new();
    for name in ["ann", "bob"] {
        agents.push(person(&test, name, &["agent"]).await);
    }
    let customers = join_all((0..12).map(|_| visitor(&test))).await;
    let conversations = join_all(customers.iter().map(|me| ask(&chat, me, "help"))).await;
    let mut served = 0;
    for round in 0..20 {
        // One of them leaves in each round, and comes back in the next.
        let there = &agents[round % 2];
        run(&test, "UPDATE agent_presence SET last_seen_at = now() - interval '2 minutes'").await;
        run(&test, "UPDATE conversations SET assigned_at = now() - interval '2 minutes' WHERE assignee_id IS NOT NULL")
            .await;
        chat.touch_agents(&[there.id()]).await.unwrap();
        join_all([chat.tick(), chat.tick(), chat.tick()]).await.into_iter().for_each(|tick| tick.unwrap());
        for (me, conversation) in customers.iter().zip(&conversations) {
            let (now, _) = chat.find(me, &conversation.token).await.unwrap();
            if now.waiting_since.is_some() && now.assignee.as_ref().is_some_and(|agent| agent.id == there.id()) {
                chat.post(&Speaker::customer(there), &now.token, said("done")).await.unwrap();
                run(&test, "UPDATE conversations SET status = 'resolved' WHERE status = 'pending'").await;
                served += 1;
            }
        }
        if served == 12 {
            return;
        }
    }
    panic!("{served} of 12 were served");
}

#[tokio::test]
async fn where_nobody_is_the_shop_answers_in_the_messages_own_transaction_and_once() {
    let test = TestDb::new().await;
    for (hours, agent) in [("", true), ("00:00-24:00", false)] {
        let (chat, mut heard) = talking(&test, hours);
        run(&test, "DELETE FROM agent_presence").await;
        if agent {
            let ann = person(&test, "ann", &["agent"]).await;
            chat.touch_agents(&[ann.id()]).await.unwrap();
        }
        let me = visitor(&test).await;
        let conversation = chat.open(&me, None, None).await.unwrap();
        let posts = join_all((0..8).map(|n| {
            let (chat, me, token) = (chat.clone(), me.clone(), conversation.token.clone());
            async move { chat.post(&me, &token, said(&format!("question {n}"))).await.unwrap().message.seq }
        }));
        assert_eq!(posts.await.len(), 8);
        let all = texts(&chat, &conversation).await;
        assert_eq!(all.iter().map(|(seq, ..)| *seq).collect::<Vec<_>>(), (1..=9).collect::<Vec<_>>());
        let automatic: Vec<i64> =
            all.iter().filter(|(_, sender, _)| *sender == Sender::Automatic).map(|(seq, ..)| *seq).collect();
        assert_eq!(automatic, [2], "it follows the first word");
        let (now, _) = chat.find(&me, &conversation.token).await.unwrap();
        assert!(now.waiting_since.is_some() && !now.was_answered, "and answers nobody");
        let mut told = Vec::new();
        while let Ok(event) = heard.try_recv() {
            if let ChatEvent::Said { message, .. } = event {
                told.push(message.seq);
            }
        }
        told.sort_unstable();
        assert_eq!(told, (1..=9).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn beside_an_agent_only_what_always_answers_does() {
    let test = TestDb::new().await;
    let (chat, _heard) = talking(&test, "00:00-24:00");
    let lead = person(&test, "lead", &["lead"]).await;
    chat.touch_agents(&[lead.id()]).await.unwrap();
    let editor = lead.as_answer_editor().unwrap();
    put(&chat, &editor, &["return"], Occasion::Away, "away").await;
    put(&chat, &editor, &["voucher"], Occasion::Always, "always, {customer}").await;
    let (one, two) = (visitor(&test).await, visitor(&test).await);
    let first = ask(&chat, &one, "a return").await;
    let second = ask(&chat, &two, "Where do I enter my VOUCHER?").await;
    assert_eq!(texts(&chat, &first).await.len(), 1);
    assert_eq!(texts(&chat, &second).await[1].2, "always, Guest");
}

async fn put(chat: &Chat, editor: &AnswerEditor, keywords: &[&str], occasion: Occasion, body: &str) {
    let keywords = keywords.iter().map(|word| (*word).to_owned()).collect();
    let rule = NewRule { position: 0, keywords, occasion, body: body.to_owned(), enabled: true };
    chat.editor(editor).put_rule(None, &rule).await.unwrap();
}

#[tokio::test]
async fn after_a_long_silence_it_answers_again_but_never_twice_while_somebody_waits() {
    let test = TestDb::new().await;
    let (chat, _heard) = talking(&test, "");
    let ann = person(&test, "ann", &["agent"]).await;
    let me = visitor(&test).await;
    let conversation = ask(&chat, &me, "hello").await;
    run(&test, "UPDATE conversations SET last_message_at = now() - interval '3 days'").await;
    chat.post(&me, &conversation.token, said("anybody?")).await.unwrap();
    assert_eq!(texts(&chat, &conversation).await.len(), 3, "who waits was told");
    chat.post(&Speaker::customer(&ann), &conversation.token, said("here")).await.unwrap();
    chat.post(&me, &conversation.token, said("thanks")).await.unwrap();
    assert_eq!(texts(&chat, &conversation).await.len(), 5, "a talk goes on");
    chat.post(&Speaker::customer(&ann), &conversation.token, said("bye")).await.unwrap();
    run(&test, "UPDATE conversations SET last_message_at = now() - interval '13 hours'").await;
    chat.post(&me, &conversation.token, said("another thing")).await.unwrap();
    let all = texts(&chat, &conversation).await;
    assert_eq!((all.len(), all[7].1), (8, Sender::Automatic));
}

#[tokio::test]
async fn a_repeated_message_is_not_answered_again() {
    let test = TestDb::new().await;
    let (chat, _heard) = talking(&test, "");
    let me = visitor(&test).await;
    let conversation = chat.open(&me, None, None).await.unwrap();
    let new = || NewMessage { client_id: Some(ecommerce::types::ClientId::parse("m1").unwrap()), ..said("hello") };
    let posts = join_all((0..10).map(|_| chat.post(&me, &conversation.token, new()))).await;
    assert!(posts.iter().all(|posted| posted.as_ref().unwrap().message.seq == 1));
    assert_eq!(texts(&chat, &conversation).await.len(), 2);
}

#[tokio::test]
async fn an_answer_says_where_ones_own_orders_are_and_nobody_elses() {
    let test = TestDb::new().await;
    let (chat, _heard) = talking(&test, "");
    let lead = person(&test, "lead", &["lead"]).await;
    put(&chat, &lead.as_answer_editor().unwrap(), &["order"], Occasion::Away, "{order_status}").await;
    let ada = person(&test, "ada", &["customer"]).await;
    let mug = crate::support::goods::variant(&test.owner, "Enamel mug", 1200, 10).await;
    crate::support::sales::pending(&test, Owner::Customer(ada.id()), mug, 1).await;
    let number: String = sqlx::query_scalar("SELECT number FROM orders").fetch_one(&test.owner).await.unwrap();
    let mine = ask(&chat, &Speaker::customer(&ada), "where is my order?").await;
    let answer = &texts(&chat, &mine).await[1].2;
    assert!(answer.contains(&number) && answer.contains("pending"), "{answer}");
    let bob = person(&test, "bob", &["customer"]).await;
    let none = ask(&chat, &Speaker::customer(&bob), "my order").await;
    assert_eq!(texts(&chat, &none).await[1].2, "There is no order in your account yet.");
    let me = visitor(&test).await;
    let asked = ask(&chat, &me, "my order").await;
    assert!(texts(&chat, &asked).await[1].2.starts_with("Sign in"), "a visitor is told to sign in");
}

fn administrator(customer: &Customer) -> Administrator {
    customer.as_administrator().unwrap()
}

#[tokio::test]
async fn two_administrators_who_take_the_right_from_each_other_leave_one() {
    let test = TestDb::new().await;
    let (ann, bob) = (person(&test, "ann", &["administrator"]).await, person(&test, "bob", &["administrator"]).await);
    let (first, second) = (administrator(&ann), administrator(&bob));
    let (one, two) = tokio::join!(
        accounts::set_roles(&test, &first, bob.id(), &[]),
        accounts::set_roles(&test, &second, ann.id(), &[Role::Agent])
    );
    assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
    assert!(matches!(one.err().or(two.err()), Some(RolesError::NoLonger)));
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM user_roles WHERE role = 'administrator'")
        .fetch_one(&test.owner)
        .await
        .unwrap();
    assert_eq!(left, 1);
}

#[tokio::test]
async fn the_last_administrator_stays_one_and_each_change_is_written_down() {
    let test = TestDb::new().await;
    let ann = person(&test, "ann", &["customer", "administrator"]).await;
    let bob = person(&test, "bob", &["customer", "lead"]).await;
    let right = administrator(&ann);
    let refused = accounts::set_roles(&test, &right, ann.id(), &[Role::Staff]).await;
    assert!(matches!(refused, Err(RolesError::LastAdministrator)));
    let changed = accounts::set_roles(&test, &right, bob.id(), &[Role::Agent, Role::Staff]).await.unwrap();
    assert_eq!((changed.granted, changed.revoked), (vec![Role::Agent, Role::Staff], vec![Role::Lead]));
    let again = accounts::set_roles(&test, &right, bob.id(), &[Role::Agent, Role::Staff]).await.unwrap();
    assert!(again.granted.is_empty() && again.revoked.is_empty());
    let trail = ecommerce::domain::audit::list(&test, &right, Page::FIRST).await.unwrap();
    let lines: Vec<_> = trail.items.iter().map(|entry| (entry.action.as_str(), entry.subject.as_str())).collect();
    assert_eq!(lines, [("roles.revoked", "bob"), ("roles.granted", "bob")]);
    let person = accounts::person(&test, &right, bob.id()).await.unwrap();
    assert!(person.has(&Role::Customer), "everybody buys");
}
