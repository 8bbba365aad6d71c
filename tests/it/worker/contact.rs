//! Mails about messages and calls, as they arrive.

use ecommerce::domain::contact::{self, FormToken, NewCallBack, NewMessage, Topic};
use time::macros::datetime;

use super::{Running, eventually, jobs};
use crate::support::{
    TestDb,
    placing::config,
    postbox::{Arrived, Postbox, readable},
};

fn by_smtp(port: u16) -> ecommerce::config::Config {
    let port = port.to_string();
    config(&[
        ("EMAIL_HOST", "127.0.0.1"),
        ("EMAIL_PORT", port.as_str()),
        ("EMAIL_TLS", "none"),
        ("SHOP_TIME_ZONE", "America/New_York"),
    ])
}

fn message() -> NewMessage {
    NewMessage {
        token: FormToken::random(),
        name: "Ada \"Byron\" Lovelace, née <Gordon>".into(),
        email: "ada@example.com".parse().unwrap(),
        topic: Topic::Return,
        order_number: "7K2M-Q9XT-04HB".into(),
        text: "The mug <b>broke</b>.\nWhat now?\n.\nBcc: victim@example.com".into(),
        wants_copy: true,
    }
}

async fn arrived(test: &TestDb, config: &ecommerce::config::Config, postbox: &Postbox) -> Vec<Arrived> {
    let running = Running::start(test, config);
    eventually("the end of the jobs", async || jobs(test).await == 0).await;
    running.stop().await;
    postbox.mails()
}

fn to<'a>(mails: &'a [Arrived], address: &str) -> &'a Arrived {
    let found: Vec<_> = mails.iter().filter(|mail| mail.to == [address]).collect();
    assert_eq!(found.len(), 1, "one mail to {address} of {mails:?}");
    found[0]
}

#[tokio::test]
async fn a_message_reaches_the_shop_which_answers_its_writer_and_a_copy_the_writer() {
    let test = TestDb::new().await;
    let (postbox, port) = Postbox::open();
    let reference = contact::send_message(&test, None, message()).await.unwrap();
    let mails = arrived(&test, &by_smtp(port), &postbox).await;
    assert_eq!(mails.len(), 2);
    let (shop, copy) = (to(&mails, "hello@fernhill.example"), to(&mails, "ada@example.com"));
    let text = readable(&shop.raw);
    let headers = text.split("\r\n\r\n").next().unwrap().replace("\r\n ", " ");
    let reply_to = headers.lines().find(|line| line.starts_with("Reply-To: ")).unwrap();
    assert!(reply_to.ends_with("<ada@example.com>"), "{reply_to}");
    assert!(
        headers.contains("From: \"Fernhill\" <shop@fernhill.example>")
            || headers.contains("From: Fernhill <shop@fernhill.example>"),
        "{headers}"
    );
    assert!(!headers.contains("victim") && text.contains("What now?"), "{text}");
    for expected in
        ["7K2M-Q9XT-04HB", "Returns and refunds", reference.as_str(), "The mug &#60;b&#62;broke&#60;/b&#62;."]
    {
        assert!(text.contains(expected), "{expected} in {text}");
    }
    let copy = readable(&copy.raw);
    assert!(copy.contains("<hello@fernhill.example>") && copy.contains("If it was not you"), "{copy}");
    assert!(
        copy.contains(&format!("Message-ID: <contact-copy-{}@fernhill.example>", reference.to_lowercase())),
        "{copy}"
    );
}

#[tokio::test]
async fn a_writer_whose_mailbox_does_not_exist_is_heard_nevertheless() {
    let test = TestDb::new().await;
    let (postbox, port) = Postbox::open();
    let asked = NewMessage { email: "nobody@example.com".parse().unwrap(), ..message() };
    contact::send_message(&test, None, asked).await.unwrap();
    let mails = arrived(&test, &by_smtp(port), &postbox).await;
    assert_eq!(mails.len(), 1);
    to(&mails, "hello@fernhill.example");
}

#[tokio::test]
async fn a_call_is_told_to_the_shop_and_confirmed_in_the_shops_zone() {
    let test = TestDb::new().await;
    let (postbox, port) = Postbox::open();
    let config = by_smtp(port);
    let asked = NewCallBack {
        token: FormToken::random(),
        name: "Ada Lovelace".into(),
        phone: "+1 555 0100".parse().unwrap(),
        email: Some("ada@example.com".parse().unwrap()),
        topic: Topic::Product,
        starts_at: datetime!(2026-11-24 15:00 UTC),
    };
    let now = datetime!(2026-11-24 08:00 UTC);
    contact::request_call_back(&test, &config.contact, None, asked.clone(), now).await.unwrap();
    let unnamed = NewCallBack { token: FormToken::random(), email: None, ..asked };
    contact::request_call_back(&test, &config.contact, None, unnamed, now).await.unwrap();
    let mails = arrived(&test, &config, &postbox).await;
    assert_eq!(mails.len(), 3, "nobody is confirmed without an address");
    let confirmation = readable(&to(&mails, "ada@example.com").raw);
    let when = "Tuesday, November 24 between 10:00\u{a0}AM and 10:30\u{a0}AM (America/New York)";
    assert!(confirmation.contains(when) && confirmation.contains("+1 202 555 0143"), "{confirmation}");
    for mail in mails.iter().filter(|mail| mail.to == ["hello@fernhill.example"]) {
        let text = readable(&mail.raw);
        assert!(text.contains("+1 555 0100") && text.contains(when), "{text}");
    }
}
