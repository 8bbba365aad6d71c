//! Answers written beforehand and labels, for the demo shop's support desk. What is there already stays as it is: a shop may have changed it.

use crate::domain::{
    accounts::System,
    chat::{Chat, ChatError},
};

// Shortcut, title, text.
const ANSWERS: [[&str; 3]; 6] = [
    ["hello", "Greeting", "Hello {customer}, this is {agent} from {shop}. How can I help you?"],
    ["order", "Asking for the order", "I am looking at order {order}. Is this the one you mean?"],
    [
        "shipping",
        "When it arrives",
        "Standard delivery takes 3 to 5 working days, express arrives on the next working day. You get a mail as soon as your parcel is on its way.",
    ],
    [
        "returns",
        "How to return",
        "You can send things back within 30 days. Tell me which ones, and I will send you what you need for it.",
    ],
    ["moment", "One moment", "One moment please, {customer}, I am looking it up."],
    [
        "bye",
        "Goodbye",
        "Thank you for writing to {shop}, {customer}. If anything else comes up, just write here again.",
    ],
];
const LABELS: [&str; 5] = ["delivery", "return", "payment", "product question", "complaint"];

/// Makes those that are not there; gives back how many answers are new.
///
/// # Errors
/// The database cannot be written to.
pub(super) async fn put(chat: &Chat) -> Result<usize, ChatError> {
    let mut new = 0;
    for [shortcut, title, body] in ANSWERS {
        new += usize::from(chat.put_canned(&System::acting(), shortcut, title, body).await?);
    }
    for name in LABELS {
        chat.put_label(&System::acting(), name).await?;
    }
    Ok(new)
}
