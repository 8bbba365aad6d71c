//! Mails about conversations: answers for who has gone, and the whole of it on request.

use askama::Template;

use super::{LetterError, Letterhead};
use crate::{
    config::ShopConfig,
    domain::chat::{
        Card, Message, Sender,
        letters::{Letter, SendAnswers, SendTranscript},
        resume_token, stop_token,
    },
    infra::{clock, mail::Mail},
    views::urls,
};

#[derive(Template)]
#[template(path = "emails/chat.html")]
struct ChatHtml<'a> {
    mail: &'a Facts<'a>,
}

#[derive(Template)]
#[template(path = "emails/chat.txt")]
struct ChatText<'a> {
    mail: &'a Facts<'a>,
}

struct Facts<'a> {
    shop: &'a ShopConfig,
    shop_url: &'a str,
    title: String,
    intro: String,
    lines: Vec<Line>,
    url: String,
    why: &'static str,
    stop_url: String,
}

struct Line {
    who: String,
    at: String,
    text: String,
}

impl Letterhead {
    /// What agents answered while the customer was away.
    ///
    /// # Errors
    /// See [`LetterError`].
    pub fn chat_answers(&self, letter: &Letter, job: &SendAnswers) -> Result<Mail, LetterError> {
        let facts = Facts {
            title: "You have an answer".to_owned(),
            intro: "You were away when we answered in the chat.".to_owned(),
            why: "You receive this email because this address was left in our chat for the answer. Please answer there, and not to this email. If it was not you, you can ignore it.",
            ..self.chat_facts(letter)
        };
        let id = format!("chat-{}-answers-{}", job.conversation_id, job.up_to);
        chat_mail(id, letter, format!("Answer from {}", self.shop.name), &facts)
    }

    /// A whole conversation.
    ///
    /// # Errors
    /// See [`LetterError`].
    pub fn chat_transcript(&self, letter: &Letter, job: &SendTranscript) -> Result<Mail, LetterError> {
        let begun = self.shop.locale.date(letter.conversation.created_at);
        let facts = Facts {
            title: "Your conversation with us".to_owned(),
            intro: format!("As you asked: what was said since {begun}. Files are not part of this email."),
            why: "You receive this email because it was asked for in the chat, with this address. If it was not you, you can ignore it.",
            ..self.chat_facts(letter)
        };
        let id = format!("chat-{}-transcript-{}", job.conversation_id, job.up_to);
        chat_mail(id, letter, format!("Your conversation with {}", self.shop.name), &facts)
    }

    fn chat_facts(&self, letter: &Letter) -> Facts<'_> {
        let now = clock::now();
        let link = resume_token(&self.secret_key, &letter.conversation.token, now);
        let stop = stop_token(&self.secret_key, &letter.email, now);
        Facts {
            shop: &self.shop,
            shop_url: self.public_url.as_str(),
            title: String::new(),
            intro: String::new(),
            lines: letter.messages.iter().map(|message| self.line(message)).collect(),
            url: urls::absolute(&self.public_url, &urls::chat_resume(&link)),
            why: "",
            stop_url: urls::absolute(&self.public_url, &urls::stop_chat_mails(&stop)),
        }
    }

    fn line(&self, message: &Message) -> Line {
        let mut text = message.body.as_str().to_owned();
        let mut add = |more: String| {
            let gap = if text.is_empty() { "" } else { "\n" };
            text.push_str(gap);
            text.push_str(&more);
        };
        if let Some(file) = &message.attachment {
            add(format!("[{}]", file.file_name));
        }
        match &message.card {
            Some(Card::Order { number, status, total }) => add(format!("[Order {number}: {status}, {total}]")),
            Some(Card::Product { name, price, .. }) => add(format!("[{name}, {price}]")),
            None => {}
        }
        let who = match message.sender {
            Sender::Automatic => format!("{} (automatic answer)", message.username),
            Sender::Customer | Sender::Agent | Sender::System => message.username.clone(),
        };
        Line { who, at: self.shop.locale.date_time(message.at), text }
    }
}

fn chat_mail(id: String, letter: &Letter, subject: String, facts: &Facts<'_>) -> Result<Mail, LetterError> {
    Ok(Mail {
        id,
        to: letter.email.parse()?,
        reply_to: None,
        subject,
        html: ChatHtml { mail: facts }.render()?,
        text: ChatText { mail: facts }.render()?,
    })
}
