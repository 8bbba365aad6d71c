//! Messages and calls on a real PostgreSQL.

use ecommerce::{
    config::ContactConfig,
    domain::{
        accounts::System,
        contact::{self, CallBack, CallBackError, FormToken, NewCallBack, NewMessage, Topic},
    },
};
use time::{Duration, OffsetDateTime, macros::datetime};

use crate::support::{TestDb, goods::count, placing::config};

// A Tuesday; the demo shop is open from nine to half past twelve, and slots are half hours with two places.
const NOW: OffsetDateTime = datetime!(2026-11-24 08:00 UTC);
const TEN: OffsetDateTime = datetime!(2026-11-24 10:00 UTC);

fn shop() -> ContactConfig {
    config(&[]).contact
}

fn message(text: &str) -> NewMessage {
    NewMessage {
        token: FormToken::random(),
        name: "Ada Lovelace".into(),
        email: "ada@example.com".parse().unwrap(),
        topic: Topic::Order,
        order_number: "7K2M-Q9XT-04HB".into(),
        text: text.into(),
        wants_copy: true,
    }
}

fn call(starts_at: OffsetDateTime) -> NewCallBack {
    NewCallBack {
        token: FormToken::random(),
        name: "Ada Lovelace".into(),
        phone: "+1 555 0100".parse().unwrap(),
        email: Some("ada@example.com".parse().unwrap()),
        topic: Topic::Product,
        starts_at,
    }
}

async fn ask(test: &TestDb, asked: NewCallBack) -> Result<CallBack, CallBackError> {
    contact::request_call_back(test, &shop(), None, asked, NOW).await
}

async fn jobs(test: &TestDb, name: &str) -> i64 {
    let statement = "SELECT count(*) FROM graphile_worker.jobs WHERE task_identifier = $1";
    sqlx::query_scalar(statement).bind(name).fetch_one(&test.owner).await.unwrap()
}

#[tokio::test]
async fn a_message_is_kept_with_its_mails_and_a_repetition_is_not() {
    let test = TestDb::new().await;
    let first = message("Where is it?");
    let reference = contact::send_message(&test, None, first.clone()).await.unwrap();
    assert!(contact::is_reference(&reference));
    assert_eq!(contact::send_message(&test, None, first.clone()).await.unwrap(), reference);
    let (one, other) = tokio::join!(
        contact::send_message(&test, None, first.clone()),
        contact::send_message(&test, None, first.clone())
    );
    assert_eq!((one.unwrap(), other.unwrap()), (reference.clone(), reference.clone()));
    assert_eq!((jobs(&test, "contact.send_message").await, jobs(&test, "contact.send_message_copy").await), (1, 1));
    let changed = NewMessage { text: "Found it.".into(), ..first };
    assert_ne!(
        contact::send_message(&test, None, changed).await.unwrap(),
        reference,
        "other words are another message"
    );
    let id: i64 = sqlx::query_scalar("SELECT min(id) FROM contact_messages").fetch_one(&test.owner).await.unwrap();
    let kept = contact::message(&test, &System::acting(), id.into()).await.unwrap().unwrap();
    assert_eq!((kept.reference, kept.text.as_str(), kept.is_customer), (reference, "Where is it?", false));
}

#[tokio::test]
async fn two_submits_of_a_new_form_at_once_are_one_message() {
    let test = TestDb::new().await;
    for round in 0..5 {
        let asked = message(&format!("round {round}"));
        let sending = (0..6).map(|_| contact::send_message(&test, None, asked.clone()));
        let references = futures_util::future::join_all(sending).await;
        let first = references[0].as_ref().unwrap();
        assert!(references.iter().all(|other| other.as_ref().unwrap() == first));
    }
    assert_eq!(count(&test.owner, "SELECT count(*) FROM contact_messages").await, 5);
    assert_eq!(jobs(&test, "contact.send_message").await, 5);
}

#[tokio::test]
async fn the_form_cannot_flood_a_mailbox_with_copies() {
    let test = TestDb::new().await;
    for number in 0..8 {
        contact::send_message(&test, None, message(&format!("spam {number}"))).await.unwrap();
    }
    assert_eq!(jobs(&test, "contact.send_message").await, 8, "the shop hears all of them");
    assert_eq!(jobs(&test, "contact.send_message_copy").await, 5);
}

#[tokio::test]
async fn a_slot_has_as_many_places_as_the_shop_says_and_then_is_gone() {
    let test = TestDb::new().await;
    let is_free = async || {
        let days = contact::free_slots(&test, &shop(), NOW).await.unwrap();
        days[0].slots.iter().any(|slot| slot.starts_at == TEN)
    };
    assert!(is_free().await);
    let first = call(TEN);
    let noted = ask(&test, first.clone()).await.unwrap();
    assert_eq!((noted.starts_at, noted.ends_at), (TEN, TEN + Duration::minutes(30)));
    assert!(is_free().await);
    ask(&test, call(TEN)).await.unwrap();
    assert!(!is_free().await);
    assert!(matches!(ask(&test, call(TEN)).await, Err(CallBackError::Full)));
    assert_eq!(ask(&test, first).await.unwrap().reference, noted.reference, "a repetition finds its own place");
    assert_eq!((jobs(&test, "contact.send_call_back").await, jobs(&test, "contact.confirm_call_back").await), (2, 2));
}

#[tokio::test]
async fn of_a_crowd_exactly_as_many_get_the_slot_as_it_has_places() {
    let test = TestDb::new().await;
    let asking = (0..12).map(|_| ask(&test, call(TEN)));
    let outcomes = futures_util::future::join_all(asking).await;
    let noted = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    let full = outcomes.iter().filter(|outcome| matches!(outcome, Err(CallBackError::Full))).count();
    assert_eq!((noted, full), (2, 10), "{outcomes:?}");
    let places = "SELECT count(DISTINCT place) FROM call_back_requests WHERE place IN (1, 2)";
    assert_eq!(count(&test.owner, places).await, 2);
    assert_eq!(jobs(&test, "contact.send_call_back").await, 2);
}

#[tokio::test]
async fn one_form_sent_twice_at_once_takes_one_place() {
    let test = TestDb::new().await;
    let asked = call(TEN);
    let outcomes = futures_util::future::join_all((0..6).map(|_| ask(&test, asked.clone()))).await;
    let first = outcomes[0].as_ref().unwrap();
    assert!(outcomes.iter().all(|outcome| outcome.as_ref().unwrap() == first), "{outcomes:?}");
    assert_eq!(count(&test.owner, "SELECT count(*) FROM call_back_requests").await, 1);
}

#[tokio::test]
async fn times_that_are_none_of_the_shops_are_refused_and_leave_nothing() {
    let test = TestDb::new().await;
    for (passed, starts_at) in [
        (true, datetime!(2026-11-24 08:00 UTC)),
        (true, datetime!(2026-11-23 10:00 UTC)),
        (false, datetime!(2026-11-24 10:10 UTC)),
        (false, datetime!(2026-11-24 20:00 UTC)),
        (false, datetime!(2027-11-24 10:00 UTC)),
    ] {
        match ask(&test, call(starts_at)).await {
            Err(CallBackError::Passed) => assert!(passed, "{starts_at}"),
            Err(CallBackError::NoSuchSlot) => assert!(!passed, "{starts_at}"),
            other => panic!("{starts_at}: {other:?}"),
        }
    }
    let thanksgiving = contact::free_slots(&test, &shop(), NOW).await.unwrap();
    assert!(thanksgiving.iter().all(|day| day.date.day() != 26), "closed");
    assert_eq!(count(&test.owner, "SELECT count(*) FROM call_back_requests").await, 0);
    assert_eq!(jobs(&test, "contact.send_call_back").await, 0);
}

#[tokio::test]
async fn what_is_old_is_forgotten_and_what_is_not_stays() {
    let test = TestDb::new().await;
    for text in ["old", "new"] {
        contact::send_message(&test, None, message(text)).await.unwrap();
    }
    ask(&test, call(TEN)).await.unwrap();
    for statement in [
        "UPDATE contact_messages SET created_at = now() - interval '731 days' WHERE message = 'old'",
        "UPDATE call_back_requests SET starts_at = now() - interval '91 days 30 minutes', ends_at = now() - interval '91 days'",
    ] {
        sqlx::query(statement).execute(&test.owner).await.unwrap();
    }
    assert_eq!(contact::forget_old(&test, &System::acting()).await.unwrap(), 2);
    assert_eq!(count(&test.owner, "SELECT count(*) FROM contact_messages WHERE message = 'new'").await, 1);
}
