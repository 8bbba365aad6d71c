//! The form to write in: as it was typed, and read.

use serde::Deserialize;

use crate::{
    domain::chat::CardRequest,
    infra::tokens,
    types::{ClientId, ConversationToken, DisplayName, Email, MessageBody},
    web::form::FieldErrors,
};

/// What the summary of problems calls each field.
pub(super) const LABELS: [(&str, &str); 5] = [
    ("chat-name", "Your name"),
    ("chat-email", "Email"),
    ("chat-message", "Your message"),
    ("chat-file", "File"),
    ("chat-stars", "Rating"),
];

/// As typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct SayForm {
    /// The conversation that the form belongs to; empty to begin one.
    pub conversation: String,
    /// Made with the form: sent twice it is one message.
    pub client_id: String,
    /// What a visitor wants to be called.
    pub name: String,
    /// Where an answer goes.
    pub email: String,
    /// What is said.
    pub message: String,
    /// The number of an order that it is about.
    pub order: String,
    /// The product that it is about.
    pub product: String,
}

/// Held to the rules of its fields.
pub(super) struct Read {
    pub conversation: Option<ConversationToken>,
    pub client_id: ClientId,
    pub name: Option<DisplayName>,
    pub email: Option<Email>,
    pub body: MessageBody,
    pub card: Option<CardRequest>,
}

impl SayForm {
    /// A new form about an order or a product, or about nothing.
    pub(super) fn about(order: &str, product: &str) -> Self {
        let short = |text: &str| text.chars().take(200).collect::<String>();
        let mut form = Self { order: short(order), product: short(product), ..Self::default() };
        form.renew();
        form
    }

    /// The same under a new name for its message.
    pub(super) fn renew(&mut self) {
        self.client_id = format!("form-{}", tokens::random());
    }

    /// What it is about.
    pub(super) fn card(&self) -> Option<CardRequest> {
        let (order, product) = (self.order.trim(), self.product.trim());
        match (order.is_empty(), product.is_empty()) {
            (false, _) => Some(CardRequest::Order(order.to_owned())),
            (true, false) => Some(CardRequest::Product(product.to_owned())),
            (true, true) => None,
        }
    }

    /// Everything held to the rules of its field. Whoever is signed in has a name and an address already.
    pub(super) fn read(&mut self, is_signed_in: bool) -> Result<Read, FieldErrors> {
        let mut errors = FieldErrors::default();
        if ClientId::parse(&self.client_id).is_err() {
            self.renew();
        }
        let is_given = |text: &str| !is_signed_in && !text.trim().is_empty();
        let name = is_given(&self.name).then(|| errors.check("chat-name", DisplayName::parse(&self.name))).flatten();
        let email = is_given(&self.email).then(|| errors.check("chat-email", self.email.trim().parse())).flatten();
        let card = self.card();
        let body = match MessageBody::parse(&self.message) {
            Err(crate::types::ChatTextError::Empty) if card.is_some() => Some(MessageBody::none()),
            parsed => errors.check("chat-message", parsed),
        };
        match (body, ClientId::parse(&self.client_id)) {
            (Some(body), Ok(client_id)) if errors.is_empty() => Ok(Read {
                conversation: ConversationToken::parse(&self.conversation),
                client_id,
                name,
                email,
                body,
                card,
            }),
            _ => Err(errors),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_said_at_its_field() {
        let mut form = SayForm { name: "Support".to_owned(), email: "nowhere".to_owned(), ..SayForm::default() };
        let errors = form.read(false).err().unwrap();
        for field in ["chat-name", "chat-email", "chat-message"] {
            assert!(!errors.of(field).is_empty(), "{field}");
        }
        form.message = "hello".to_owned();
        assert!(form.read(true).is_ok(), "whoever is signed in is asked for neither");
    }

    #[test]
    fn a_card_needs_no_words() {
        let mut form = SayForm::about("7K2M-Q9XT-04HB", "");
        assert!(form.read(false).is_ok_and(|read| read.card.is_some() && read.body.as_str().is_empty()));
    }
}
