//! The demo shop's prepared answers: what agents insert, and what the shop says by itself.

use crate::{
    domain::{
        accounts::System,
        chat::{Chat, ChatError, NewCanned, NewRule, Occasion, Shortcut},
    },
    infra::database::Db,
};

// Shortcut, title, text.
const CANNED: [[&str; 3]; 6] = [
    ["hello", "Greeting", "Hello {customer}, this is {agent} from {shop}. How can I help?"],
    ["moment", "One moment", "One moment please, I am looking into it."],
    [
        "order",
        "Ask for the order",
        "Could you tell me the number of your order? It stands in the email that confirmed it.",
    ],
    [
        "damaged",
        "Arrived damaged",
        "I am sorry to hear that. Could you send me a picture of it? Then I can put it right at once.",
    ],
    ["size", "Change of size", "We gladly change it for another size. Which one would fit?"],
    ["bye", "Goodbye", "You are welcome, {customer}. Write again whenever something comes up."],
];

// Words, text; the last one fits anything.
const RULES: [(&[&str], &str); 5] = [
    (
        &["order", "orders", "tracking", "package", "parcel", "where is my", "arrive", "arrived", "late"],
        "Hello {customer}. {order_status}\nWe are back {next_opening} and look into everything else then. {mail}",
    ),
    (
        &["return", "returns", "send back", "refund", "exchange", "money back"],
        "Hello {customer}. {returns}\nIf anything is left open, we answer {next_opening}. {mail}",
    ),
    (
        &["shipping", "ship", "delivery", "deliver", "express", "postage"],
        "Hello {customer}. {shipping}\nIf anything is left open, we answer {next_opening}. {mail}",
    ),
    (
        &["open", "hours", "opening hours", "when are you", "phone", "call"],
        "Somebody is at {shop}'s desk {hours}. We answer {next_opening}. {mail}",
    ),
    (&[], "Thank you for writing to {shop}. Nobody is at the desk right now; we answer {next_opening}. {mail}"),
];

// How conversations are sorted.
const LABELS: [&str; 5] = ["delivery", "return", "payment", "product question", "complaint"];

/// Makes the labels that are not there.
///
/// # Errors
/// They cannot be stored.
pub(super) async fn put_labels(chat: &Chat) -> Result<(), ChatError> {
    for name in LABELS {
        chat.put_label(&System::acting(), name).await?;
    }
    Ok(())
}

/// Writes them where there are none; how many.
///
/// # Errors
/// They cannot be stored.
pub(super) async fn put(db: &Db) -> anyhow::Result<usize> {
    let canned = CANNED.iter().map(|[shortcut, title, body]| {
        let shortcut = Shortcut::parse(shortcut)?;
        Ok(NewCanned { shortcut, title: (*title).to_owned(), body: (*body).to_owned() })
    });
    let rules = RULES.iter().zip(1..).map(|((keywords, body), place)| NewRule {
        position: place * 10,
        keywords: keywords.iter().map(|word| (*word).to_owned()).collect(),
        occasion: Occasion::Away,
        body: (*body).to_owned(),
        enabled: true,
    });
    let (canned, rules) = (canned.collect::<anyhow::Result<Vec<_>>>()?, rules.collect::<Vec<_>>());
    Ok(Chat::put_first_answers(db, &System::acting(), &canned, &rules).await?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::chat::{PLACEHOLDERS, unknown_placeholder};

    #[test]
    fn the_demo_answers_hold_no_placeholder_that_nobody_fills_in() {
        for (_, body) in RULES {
            assert_eq!(unknown_placeholder(body, &PLACEHOLDERS), None);
        }
        for [shortcut, _, body] in CANNED {
            assert!(Shortcut::parse(shortcut).is_ok());
            assert_eq!(unknown_placeholder(body, &["customer", "agent", "shop", "order"]), None);
        }
    }
}
