//! What the shop says by itself: an answer chosen by the words of a customer's first message when nobody is there, stored in the
//! transaction of that message under the next number.

use time::{Duration, OffsetDateTime};

use super::{
    Chat, ChatError,
    saying::{self, Outcome, Said, Words},
    sql,
    types::{Conversation, Sender},
};
use crate::{
    domain::{accounts::Owner, orders},
    infra::{clock, database::Tx},
    types::{Locale, MessageBody, OpeningHours},
};

/// After so long a silence the next word is a first one again.
const SILENCE: Duration = Duration::hours(12);
const ORDERS_NAMED: i64 = 3;
// Fits into a message whatever it holds: a control character is replaced by its picture of three bytes.
const CUT_BYTES: usize = 2_700;
pub(super) const FALLBACK: &str =
    "Thank you for writing to {shop}. Nobody is at the desk right now; we answer {next_opening}. {mail}";

/// What automatic answers know of the shop. Texts for people.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Facts {
    /// When somebody answers: `Mon–Fri 9:00 AM – 5:00 PM`.
    pub hours: String,
    /// What delivery costs and takes, with a link.
    pub shipping: String,
    /// What can be sent back, with a link.
    pub returns: String,
    /// The shop's mail address.
    pub email: String,
    /// The address of the person's orders.
    pub orders_url: String,
}

/// When a rule may answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Occasion {
    /// Outside the hours, or with nobody there.
    Away,
    /// Also beside an agent.
    Always,
}

/// What the shop answers by itself, and to what.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AutomaticRule {
    /// Its row.
    pub id: i64,
    /// The smaller one is looked at first.
    pub position: i32,
    /// Words or phrases, one of which has to be in the message; none: fits anything.
    pub keywords: Vec<String>,
    /// When it may answer.
    pub occasion: Occasion,
    /// What it says, with `{placeholders}`.
    pub body: String,
    /// Whether it answers at all.
    pub enabled: bool,
}

/// A rule as it is written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewRule {
    /// The smaller one is looked at first.
    pub position: i32,
    /// Words or phrases; none: fits anything.
    pub keywords: Vec<String>,
    /// When it may answer.
    pub occasion: Occasion,
    /// What it says.
    pub body: String,
    /// Whether it answers at all.
    pub enabled: bool,
}

impl Occasion {
    /// The word that the database and forms use.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Away => "away",
            Self::Always => "always",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn of(id: &str) -> Option<Self> {
        [Self::Away, Self::Always].into_iter().find(|occasion| occasion.id() == id)
    }
}

impl Chat {
    // Whether an answer may be due to the next message.
    pub(super) fn may_answer_by_itself(&self, before: &Conversation, sender: Sender) -> bool {
        self.facts.is_some() && sender == Sender::Customer && is_first_word(before, clock::now())
    }

    // The answer to what was just stored, where one is due.
    pub(super) async fn answer_by_itself(
        &self,
        tx: &mut Tx,
        before: &Conversation,
        sender: Sender,
        outcome: &Outcome,
    ) -> Result<Option<Outcome>, ChatError> {
        let (Some(facts), Some(first)) = (&self.facts, outcome.messages.first()) else { return Ok(None) };
        if !self.may_answer_by_itself(before, sender) {
            return Ok(None);
        }
        let is_away = !self.plan.hours.is_open(clock::now()) || !sql::is_anyone_there(&mut **tx).await?;
        let text = first.body.as_str();
        let body = match choose(sql::enabled_rules(&mut **tx).await?, text, is_away) {
            Some(rule) => rule.body,
            None if is_away => FALLBACK.to_owned(),
            None => return Ok(None),
        };
        let orders = if body.contains("{order_status}") {
            order_status(tx, facts, &outcome.now, &self.plan.locale).await?
        } else {
            String::new()
        };
        let filled =
            self.fill(&body, facts, Some(&outcome.now), |name| (name == "order_status").then(|| orders.clone()));
        let Some(body) = message(&filled) else { return Ok(None) };
        let words = [Words { body: &body, attachment: None, card: None, client_id: None }];
        let said = Said { sender: Sender::Automatic, speaker: None, words: &words };
        Ok(Some(saying::store(tx, &self.plan.shop_name, &outcome.now, &said).await?))
    }

    pub(super) fn fill(
        &self,
        body: &str,
        facts: &Facts,
        conversation: Option<&Conversation>,
        more: impl Fn(&str) -> Option<String>,
    ) -> String {
        let email = conversation.and_then(|conversation| conversation.email.as_deref());
        let mail = email.map_or_else(
            || "Leave your email address below, and the answer comes there too.".to_owned(),
            |email| format!("If you have left by then, the answer goes to {email}."),
        );
        fill(body, |name| match name {
            "shop" => Some(self.plan.shop_name.clone()),
            "customer" => {
                Some(conversation.map_or("there", |conversation| conversation.display_name.as_str()).to_owned())
            }
            "hours" => Some(facts.hours.clone()),
            "next_opening" => Some(next_opening(&self.plan.hours, &self.plan.locale, clock::now())),
            "shipping" => Some(facts.shipping.clone()),
            "returns" => Some(facts.returns.clone()),
            "email" => Some(facts.email.clone()),
            "mail" => Some(mail.clone()),
            other => more(other),
        })
    }
}

/// The placeholders that an automatic answer may hold.
pub const PLACEHOLDERS: [&str; 9] =
    ["shop", "customer", "hours", "next_opening", "shipping", "returns", "order_status", "email", "mail"];

/// The one `{placeholder}` of a text that no answer knows, so that a typing mistake is not sent to customers.
#[must_use]
pub fn unknown_placeholder<'a>(body: &'a str, known: &[&str]) -> Option<&'a str> {
    placeholders(body).find(|name| !known.contains(name))
}

fn placeholders(body: &str) -> impl Iterator<Item = &str> {
    body.split('{')
        .skip(1)
        .filter_map(|part| part.split_once('}'))
        .map(|(name, _)| name)
        .filter(|name| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'))
}

// The first message of a conversation, or of a customer who waits for nothing and has not written for half a day. Whoever waits already
// was told: one answer for each time of waiting.
fn is_first_word(before: &Conversation, now: OffsetDateTime) -> bool {
    before.waiting_since.is_none() && (before.last_seq == 0 || now - before.last_message_at >= SILENCE)
}

/// The first rule that fits, in their order.
pub(super) fn choose(rules: Vec<AutomaticRule>, text: &str, is_away: bool) -> Option<AutomaticRule> {
    let said = words(text);
    let fits = |rule: &AutomaticRule| {
        (is_away || rule.occasion == Occasion::Always)
            && (rule.keywords.is_empty() || rule.keywords.iter().any(|keyword| contains(&said, &words(keyword))))
    };
    rules.into_iter().find(fits)
}

// A phrase stands word by word beside each other; half a word is none: "art" is not in "cart".
fn contains(said: &[String], phrase: &[String]) -> bool {
    !phrase.is_empty() && said.windows(phrase.len()).any(|part| part == phrase)
}

fn words(text: &str) -> Vec<String> {
    let apart = |letter: char| !letter.is_alphanumeric();
    // Quotes within a word do not part it: "don't" and "dont" are one.
    let text = text.replace(['\'', '’'], "").to_lowercase();
    text.split(apart).filter(|word| !word.is_empty()).map(ToOwned::to_owned).collect()
}

// One pass: what is filled in is never looked through again, whatever a name or an order may hold.
fn fill(body: &str, value: impl Fn(&str) -> Option<String>) -> String {
    let mut filled = String::with_capacity(body.len() + 200);
    let mut rest = body;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        match after.split_once('}').and_then(|(name, behind)| Some((value(name)?, behind))) {
            Some((text, behind)) => {
                filled.push_str(&text);
                rest = behind;
            }
            None => {
                filled.push('{');
                rest = after;
            }
        }
    }
    filled.push_str(rest);
    filled
}

// Too long a text is cut rather than not said.
fn message(text: &str) -> Option<MessageBody> {
    MessageBody::parse(text).or_else(|_| MessageBody::parse(&text[..text.floor_char_boundary(CUT_BYTES)])).ok()
}

/// When somebody is there again, as the end of a sentence: `tomorrow at 9:00 AM`.
fn next_opening(hours: &OpeningHours, locale: &Locale, now: OffsetDateTime) -> String {
    if hours.is_open(now) {
        return "as soon as somebody is back at the desk".to_owned();
    }
    let today = hours.zone().local(now).date();
    hours.next_opening(now).map_or_else(
        || "as soon as we can".to_owned(),
        |at| match hours.zone().local(at).date() {
            date if date == today => format!("today from {}", locale.time(at)),
            date if Some(date) == today.next_day() => format!("tomorrow from {}", locale.time(at)),
            date => format!("on {} from {}", locale.day(date), locale.time(at)),
        },
    )
}

pub(super) fn sign_in_for_orders(facts: &Facts) -> String {
    format!(
        "Sign in to see where your orders are, or tell us the order's number and the name on it: {}",
        facts.orders_url
    )
}

async fn order_status(
    tx: &mut Tx,
    facts: &Facts,
    conversation: &Conversation,
    locale: &Locale,
) -> Result<String, sqlx::Error> {
    // A visitor's orders are for whoever has the browser; where they stand is told to who is signed in.
    let Owner::Customer(_) = conversation.owner else { return Ok(sign_in_for_orders(facts)) };
    let latest = orders::latest_in_tx(tx, conversation.owner, ORDERS_NAMED).await?;
    if latest.is_empty() {
        return Ok("There is no order in your account yet.".to_owned());
    }
    let line = |order: &orders::Order| {
        let (date, total) = (locale.date(order.placed_at), locale.money(order.total));
        format!("Order {} of {date} over {total}: {}", order.number, order.status.name().to_lowercase())
    };
    let lines: Vec<String> = latest.iter().map(line).collect();
    Ok(format!("{}\n{}", lines.join("\n"), facts.orders_url))
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    fn rule(id: i64, keywords: &[&str], occasion: Occasion) -> AutomaticRule {
        let keywords = keywords.iter().map(|word| (*word).to_owned()).collect();
        AutomaticRule { id, position: 0, keywords, occasion, body: String::new(), enabled: true }
    }

    #[test]
    fn the_first_rule_with_a_whole_word_or_phrase_answers() {
        let rules = || {
            vec![
                rule(1, &["send back", "Return"], Occasion::Away),
                rule(2, &["art"], Occasion::Always),
                rule(3, &[], Occasion::Away),
            ]
        };
        let chosen = |text: &str, away: bool| choose(rules(), text, away).map(|rule| rule.id);
        for (text, away, id) in [
            ("Can I SEND, back this?", true, Some(1)),
            ("a return?", true, Some(1)),
            ("I returned to my cart", true, Some(3)),
            ("back send", true, Some(3)),
            ("Where is the ART?", true, Some(2)),
            ("Where is the ART?", false, Some(2)),
            ("a return?", false, None),
            ("", true, Some(3)),
        ] {
            assert_eq!(chosen(text, away), id, "{text:?} {away}");
        }
    }

    #[test]
    fn what_is_filled_in_is_not_filled_again_and_what_nobody_knows_stays() {
        let value = |name: &str| match name {
            "customer" => Some("{shop}".to_owned()),
            "shop" => Some("Fernhill".to_owned()),
            _ => None,
        };
        assert_eq!(fill("Hi {customer} of {shop}, {what} {", value), "Hi {shop} of Fernhill, {what} {");
        assert_eq!(unknown_placeholder("Hi {customer}, {ordr} {0}", &PLACEHOLDERS), Some("ordr"));
        assert_eq!(unknown_placeholder("{hours} {mail} {", &PLACEHOLDERS), None);
    }

    #[test]
    fn a_text_that_is_too_long_is_cut_and_said() {
        let long = message(&"ä".repeat(8_000)).unwrap();
        assert_eq!(long.as_str().chars().count(), 1_350);
        assert!(message(&"\u{1}".repeat(8_000)).is_some());
    }

    #[test]
    fn the_next_opening_is_right_across_the_change_of_clocks() {
        let week = std::array::from_fn(|_| vec!["09:00-17:00".parse().unwrap()]);
        let hours = OpeningHours::new("Europe/Berlin".parse().unwrap(), week, []).unwrap();
        let locale = Locale::new("en-GB", "Europe/Berlin").unwrap();
        for (now, says) in [
            // Winter: nine is 8:00 UTC.
            (datetime!(2027-03-27 07:59 UTC), "today from 09:00"),
            (datetime!(2027-03-27 08:00 UTC), "as soon as somebody is back at the desk"),
            (datetime!(2027-03-27 16:00 UTC), "tomorrow from 09:00"),
            // Summer time begins this night: nine is 7:00 UTC.
            (datetime!(2027-03-28 06:59 UTC), "today from 09:00"),
            (datetime!(2027-03-28 07:00 UTC), "as soon as somebody is back at the desk"),
            (datetime!(2027-03-28 15:00 UTC), "tomorrow from 09:00"),
            // And ends in October.
            (datetime!(2027-10-31 07:30 UTC), "today from 09:00"),
            (datetime!(2027-10-31 15:59 UTC), "as soon as somebody is back at the desk"),
        ] {
            assert_eq!(next_opening(&hours, &locale, now), says, "{now}");
        }
    }
}
