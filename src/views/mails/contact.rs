//! Mails about messages and calls.

use askama::Template;

use super::{LetterError, Letterhead};
use crate::{
    config::ShopConfig,
    domain::contact::{CallBack, Message},
    infra::mail::Mail,
    types::Email,
};

#[derive(Template)]
#[template(path = "emails/contact.html")]
struct ContactHtml<'a> {
    mail: &'a Facts<'a>,
}

#[derive(Template)]
#[template(path = "emails/contact.txt")]
struct ContactText<'a> {
    mail: &'a Facts<'a>,
}

/// What the templates say.
struct Facts<'a> {
    shop: &'a ShopConfig,
    shop_url: &'a str,
    title: String,
    intro: String,
    rows: Vec<(&'static str, String)>,
    text: &'a str,
    closing: String,
    why: String,
}

/// Where a mail goes, and who is answered.
struct Address {
    id: String,
    to: Email,
    reply_to: (String, Email),
    subject: String,
}

impl Letterhead {
    /// Tells the shop what someone wrote; an answer goes to them.
    ///
    /// # Errors
    /// See [`LetterError`].
    pub fn contact_message(&self, message: &Message) -> Result<Mail, LetterError> {
        let facts = Facts {
            title: format!("{}: {}", message.topic.name(), message.name),
            intro: "Someone wrote on the contact page. Answer this email to answer them.".to_owned(),
            rows: self.message_rows(message),
            text: &message.text,
            closing: String::new(),
            why: "You receive this email because the contact page sends its messages here.".to_owned(),
            ..self.blank()
        };
        let address = Address {
            id: format!("contact-{}", message.reference),
            to: self.contact.email.clone(),
            reply_to: (message.name.clone(), message.email.parse()?),
            subject: format!("{}: {} ({})", message.topic.name(), message.name, message.reference),
        };
        written(address, &facts)
    }

    /// What someone wrote, as a copy for themselves.
    ///
    /// # Errors
    /// See [`LetterError`].
    pub fn contact_copy(&self, message: &Message) -> Result<Mail, LetterError> {
        let facts = Facts {
            title: "We have your message".to_owned(),
            intro: "This is a copy of what you wrote to us. We usually answer within one working day.".to_owned(),
            rows: self.message_rows(message),
            text: &message.text,
            closing: String::new(),
            why: "You receive this email because this address was given on our contact page. If it was not you, you can ignore it.".to_owned(),
            ..self.blank()
        };
        let address = Address {
            id: format!("contact-copy-{}", message.reference),
            to: message.email.parse()?,
            reply_to: self.itself(),
            subject: format!("Your message to {} ({})", self.shop.name, message.reference),
        };
        written(address, &facts)
    }

    /// Tells the shop whom to call and when.
    ///
    /// # Errors
    /// See [`LetterError`].
    pub fn call_back(&self, call: &CallBack) -> Result<Mail, LetterError> {
        let person = call.email.as_deref().map(str::parse).transpose()?.map(|email| (call.name.clone(), email));
        let mut rows = self.call_rows(call);
        rows.extend(call.email.clone().map(|email| ("Email", email)));
        let facts = Facts {
            title: format!("Call {}", call.name),
            intro: format!("They asked to be called back {}.", self.slot(call)),
            rows,
            why: "You receive this email because the contact page sends its messages here.".to_owned(),
            ..self.blank()
        };
        let address = Address {
            id: format!("call-back-{}", call.reference),
            to: self.contact.email.clone(),
            reply_to: person.unwrap_or_else(|| self.itself()),
            subject: format!("Call {} {}", call.name, self.slot(call)),
        };
        written(address, &facts)
    }

    /// Tells the person when the call comes; `None` if they gave no address.
    ///
    /// # Errors
    /// See [`LetterError`].
    pub fn call_back_confirmation(&self, call: &CallBack) -> Result<Option<Mail>, LetterError> {
        let Some(email) = &call.email else { return Ok(None) };
        let phone = &self.contact.phone.shown;
        let facts = Facts {
            title: "We will call you".to_owned(),
            intro: format!("{}.", capitalised(&self.slot(call))),
            rows: self.call_rows(call),
            closing: format!("If something comes up, answer this email or call us: {phone}."),
            why: "You receive this email because this address was given for a call back. If it was not you, please tell us.".to_owned(),
            ..self.blank()
        };
        let address = Address {
            id: format!("call-back-confirmation-{}", call.reference),
            to: email.parse()?,
            reply_to: self.itself(),
            subject: format!("{} calls you {}", self.shop.name, self.slot(call)),
        };
        written(address, &facts).map(Some)
    }

    /// `on Tuesday, November 24 between 9:00 AM and 9:30 AM (America/New York)`
    fn slot(&self, call: &CallBack) -> String {
        let (locale, zone) = (&self.shop.locale, self.contact.hours.zone());
        let day = locale.day(zone.local(call.starts_at).date());
        let (from, until) = (locale.time(call.starts_at), locale.time(call.ends_at));
        format!("on {day} between {from} and {until} ({})", zone.shown())
    }

    fn itself(&self) -> (String, Email) {
        (self.shop.name.clone(), self.contact.email.clone())
    }

    fn message_rows(&self, message: &Message) -> Vec<(&'static str, String)> {
        let from = if message.is_customer { "From, signed in" } else { "From" };
        let mut rows = vec![
            ("Reference", message.reference.clone()),
            (from, format!("{} <{}>", message.name, message.email)),
            ("About", message.topic.name().to_owned()),
        ];
        if !message.order_number.is_empty() {
            rows.push(("Order", message.order_number.clone()));
        }
        rows.push(("Written", self.shop.locale.date_time(message.created_at)));
        rows
    }

    fn call_rows(&self, call: &CallBack) -> Vec<(&'static str, String)> {
        vec![
            ("Reference", call.reference.clone()),
            ("Name", call.name.clone()),
            ("Number", call.phone.clone()),
            ("About", call.topic.name().to_owned()),
        ]
    }

    fn blank(&self) -> Facts<'_> {
        Facts {
            shop: &self.shop,
            shop_url: self.public_url.as_str(),
            title: String::new(),
            intro: String::new(),
            rows: Vec::new(),
            text: "",
            closing: String::new(),
            why: String::new(),
        }
    }
}

fn written(address: Address, facts: &Facts<'_>) -> Result<Mail, LetterError> {
    Ok(Mail {
        id: address.id,
        to: address.to,
        reply_to: Some(address.reply_to),
        subject: address.subject,
        html: ContactHtml { mail: facts }.render()?,
        text: ContactText { mail: facts }.render()?,
    })
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
