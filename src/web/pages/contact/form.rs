//! The form of a message: as it was typed, and read.

use serde::Deserialize;

use crate::{
    domain::{
        accounts::User,
        contact::{FormToken, NewMessage, Topic},
    },
    types::{line_or_empty, lines_of, one_line_of},
    web::form::FieldErrors,
};

/// What the summary of problems calls each field.
pub(super) const LABELS: [(&str, &str); 7] = [
    ("name", "Your name"),
    ("email", "Email"),
    ("phone", "Telephone"),
    ("topic", "Topic"),
    ("order_number", "Order number"),
    ("message", "Your message"),
    ("slot", "Time"),
];

/// The topics as a select offers them.
pub(super) const TOPICS: [(&str, &str); 7] = {
    let mut options = [("", "Please choose"); 7];
    let mut place = 0;
    while place < Topic::ALL.len() {
        options[place + 1] = (Topic::ALL[place].id(), Topic::ALL[place].name());
        place += 1;
    }
    options
};

const LONGEST_MESSAGE: usize = 5_000;

/// As typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct MessageForm {
    pub token: String,
    pub name: String,
    pub email: String,
    pub topic: String,
    pub order_number: String,
    pub message: String,
    pub copy: String,
    /// A field that people do not see: what fills it in is no person.
    pub homepage: String,
}

/// Why a form cannot be used yet.
pub(super) enum Unread {
    /// Something was typed that cannot be taken.
    Fields(FieldErrors),
    /// Its hidden field is not that of a form of ours.
    Hidden,
}

impl MessageForm {
    /// A new form with what is known already.
    pub(super) fn prefilled(user: Option<&User>, topic: &str, order_number: &str) -> Self {
        let known = topic.parse::<Topic>().ok().or((!order_number.is_empty()).then_some(Topic::Order));
        Self {
            token: FormToken::random().as_str().to_owned(),
            name: user.map(|user| user.full_name.clone()).unwrap_or_default(),
            email: user.map(|user| user.email.clone()).unwrap_or_default(),
            topic: known.map_or("", Topic::id).to_owned(),
            order_number: line_or_empty(order_number, 40).unwrap_or_default(),
            copy: "1".to_owned(),
            ..Self::default()
        }
    }

    /// The same under a new token.
    pub(super) fn renewed(self) -> Self {
        Self { token: FormToken::random().as_str().to_owned(), ..self }
    }

    /// Whether it was filled in by a program that fills in every field it finds.
    pub(super) fn is_from_a_machine(&self) -> bool {
        !self.homepage.is_empty()
    }

    pub(super) fn wants_copy(&self) -> bool {
        self.copy == "1"
    }

    /// Everything held to the rules of its field.
    pub(super) fn read(&self) -> Result<NewMessage, Unread> {
        let mut errors = FieldErrors::default();
        let name = errors.check("name", one_line_of(&self.name, 120));
        let email = errors.check("email", self.email.parse());
        let topic = errors.check("topic", read_topic(&self.topic));
        let order_number = errors.check("order_number", line_or_empty(&self.order_number, 40));
        let text = errors.check("message", read_text(&self.message));
        if !errors.is_empty() {
            return Err(Unread::Fields(errors));
        }
        let read = || {
            Some(NewMessage {
                token: self.token.parse().ok()?,
                name: name?,
                email: email?,
                topic: topic?,
                order_number: order_number?,
                text: text?,
                wants_copy: self.wants_copy(),
            })
        };
        read().ok_or(Unread::Hidden)
    }
}

pub(super) fn read_topic(id: &str) -> Result<Topic, &'static str> {
    id.parse().map_err(|()| "Please choose what it is about")
}

fn read_text(text: &str) -> Result<String, String> {
    match lines_of(text, LONGEST_MESSAGE) {
        Ok(text) if text.is_empty() => Err("Please write what it is about".to_owned()),
        Ok(text) => Ok(text),
        // Browsers count a line end as two, people as one; so does this.
        Err(crate::types::TextError::TooLong(_)) => {
            let letters = text.trim().replace("\r\n", "\n").chars().count();
            Err(format!("Please use at most 5,000 characters. These are {letters}"))
        }
        Err(error) => Err(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_topic_is_offered_after_a_question() {
        assert_eq!(TOPICS[0].0, "");
        assert!(TOPICS[1..].iter().zip(Topic::ALL).all(|(option, topic)| option.0 == topic.id()));
    }

    #[test]
    fn an_order_in_the_link_chooses_the_topic() {
        let form = MessageForm::prefilled(None, "", "7K2M-Q9XT-04HB");
        assert_eq!((form.topic.as_str(), form.order_number.as_str()), ("order", "7K2M-Q9XT-04HB"));
        assert_eq!(MessageForm::prefilled(None, "spam", "").topic, "");
        assert_eq!(MessageForm::prefilled(None, "return", &"x".repeat(99)).order_number, "");
    }

    #[test]
    fn a_long_text_is_told_its_length() {
        let text = "é\r\n".repeat(2_600);
        assert_eq!(read_text(&text).unwrap_err(), "Please use at most 5,000 characters. These are 5199");
        assert_eq!(read_text(&"é\r\n".repeat(2_500)).unwrap().chars().count(), 4_999);
    }
}
