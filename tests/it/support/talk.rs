//! Support that is open around the clock, and somebody who asks.

use ecommerce::{
    domain::{
        accounts,
        chat::{Chat, ChatEvent, ChatPlan, Speaker},
    },
    infra::live::Live,
    types::{Locale, OpeningHours},
};
use tokio::sync::mpsc::Receiver;

use super::TestDb;

/// The chat, and what it tells.
pub fn chat(test: &TestDb) -> (Chat, Receiver<ChatEvent>) {
    let (live, heard) = Live::pair();
    let locale = Locale::new("en-US", "UTC").unwrap();
    let hours = OpeningHours::new(locale.zone(), std::array::from_fn(|_| vec!["00:00-24:00".parse().unwrap()]), []);
    let plan = ChatPlan { shop_name: "Fernhill".to_owned(), locale, hours: hours.unwrap(), most_per_agent: 6 };
    (Chat::new(test.db.clone(), live, plan), heard)
}

/// A visitor of whom nothing is known.
pub async fn visitor(test: &TestDb) -> Speaker {
    Speaker::visitor(accounts::new_visitor(test).await.unwrap().0)
}
