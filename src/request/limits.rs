//! Limits on what costs: sign-in, registration, checkout, messages; by address (IPv6: by /64), shared by all servers. What is guessed at has a
//! limit of its own for each guesser: nothing counts for an account alone, so nobody locks its owner out.

use std::net::IpAddr;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use super::{Actor, App, AppError, ErrorKind};
use crate::{
    domain::accounts::{Customer, Owner},
    infra::{rate_limit::Verdict, tokens},
};

// One key for what is said, whichever way it comes.
const CHAT_MESSAGE: &str = "chat-message";

/// What is limited.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Limit {
    /// Tries to sign in, whoever's name is given: [`check_sign_in_limit`] counts them.
    SignIn,
    /// New accounts.
    Register,
    /// Placements of orders.
    Checkout,
    /// Messages to the shop and calls asked for.
    Contact,
    /// Wishes to be told when something is back.
    Alert,
    /// What is said in the chat without a socket: one limit a person together with what is said over sockets.
    ChatMessage,
    /// Files sent to the chat, a person.
    ChatFile,
}

/// What is limited in the chat.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ChatLimit<'a> {
    /// Messages of a person.
    Message(Owner),
    /// Joins of a person.
    Join(Owner),
    /// Tries of a conversation that is none of theirs, from an address.
    Guess(&'a str),
    /// Visitors that are made for a socket, from an address.
    Visitor(&'a str),
}

/// Counts one use of the chat, on all servers together; whether it may happen.
pub async fn chat_limit(app: &App, limit: ChatLimit<'_>) -> Verdict {
    chat_limits(app, limit, 1).await.1
}

/// Counts several uses of the chat at once: how many of them may happen, and what the first of the others hears.
pub async fn chat_limits(app: &App, limit: ChatLimit<'_>, uses: u32) -> (u32, Verdict) {
    let limits = &app.config.limits;
    let (key, per_minute) = match limit {
        ChatLimit::Message(owner) => (format!("{CHAT_MESSAGE}:{}", person(owner)), limits.chat_messages),
        ChatLimit::Join(owner) => (format!("chat-join:{}", person(owner)), limits.chat_joins),
        ChatLimit::Guess(ip) => (format!("chat-guess:{}", network_of(ip)), limits.chat_joins),
        ChatLimit::Visitor(ip) => (format!("chat-visitor:{}", network_of(ip)), limits.chat_joins),
    };
    app.limiter.grant(&key, per_minute, uses).await
}

/// Counts one use against the limit of the actor's address; of the chat against the person's, where it is known who that is: colleagues
/// in one office do not count for each other.
///
/// # Errors
/// 429 with Retry-After when the limit is reached.
pub async fn check_limit(app: &App, actor: &Actor, limit: Limit) -> Result<(), AppError> {
    let (name, per_minute) = match limit {
        Limit::SignIn => ("sign-in", app.config.limits.sign_in),
        Limit::Register => ("register", app.config.limits.register),
        Limit::Checkout => ("checkout", app.config.limits.checkout),
        Limit::Contact => ("contact", app.config.limits.contact),
        Limit::Alert => ("alert", app.config.limits.alert),
        Limit::ChatMessage => (CHAT_MESSAGE, app.config.limits.chat_messages),
        // Making a picture anew costs more than a word.
        Limit::ChatFile => ("chat-file", app.config.limits.chat_messages.div_ceil(6)),
    };
    let known = match limit {
        Limit::ChatMessage | Limit::ChatFile => actor.owner().map(person),
        _ => None,
    };
    let who = known.unwrap_or_else(|| network_of(&actor.device().ip));
    count(app, &format!("{name}:{who}"), per_minute).await
}

/// Counts a try to sign in with this name: first against the limit of this name at the actor's address, then against the address's.
/// Refused tries with one name use up nothing of what is left for other people behind the same address.
///
/// # Errors
/// 429 with Retry-After when either limit is reached.
pub async fn check_sign_in_limit(app: &App, actor: &Actor, login: &str) -> Result<(), AppError> {
    let key = format!("sign-in-account:{}:{}", network_of(&actor.device().ip), name_key(login));
    count(app, &key, app.config.limits.sign_in_account).await?;
    check_limit(app, actor, Limit::SignIn).await
}

/// Counts a try of the current password by someone who is signed in. It counts for the sign-in: a thief of one gets no more tries by
/// moving to other addresses, and the owner's other devices are not kept waiting.
///
/// # Errors
/// 429 with Retry-After when the limit is reached.
pub async fn check_password_limit(app: &App, customer: &Customer) -> Result<(), AppError> {
    count(app, &format!("password:{}", customer.session().0), app.config.limits.password).await
}

async fn count(app: &App, key: &str, per_minute: u32) -> Result<(), AppError> {
    match app.limiter.check(key, per_minute).await {
        Verdict::Allowed => Ok(()),
        Verdict::RetryAfter(seconds) => {
            let message = "Too many tries in a short time. Please wait a moment.";
            Err(AppError::new(ErrorKind::TooMany, "too_many_requests", message).retry_after(seconds))
        }
    }
}

// Hashed: what is typed into the field of the name is sometimes the password, and may be of any length.
fn name_key(login: &str) -> String {
    URL_SAFE_NO_PAD.encode(tokens::hash(&login.trim().to_lowercase()))
}

fn person(owner: Owner) -> String {
    match owner {
        Owner::Customer(user) => format!("u{user}"),
        Owner::Visitor(visitor) => format!("v{visitor}"),
    }
}

/// What counts as one address. A household has a whole /64 of IPv6 addresses: limiting one of them limits nobody.
#[must_use]
pub fn network_of(ip: &str) -> String {
    match ip.parse::<IpAddr>().map(|ip| ip.to_canonical()) {
        Ok(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        Ok(address) => address.to_string(),
        Err(_) => ip.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_one_ipv6_network_share_a_limit() {
        assert_eq!(network_of("2001:db8:1:2:3::4"), network_of("2001:db8:1:2:ffff::1"));
        assert_ne!(network_of("10.0.0.1"), network_of("10.0.0.2"));
        // As a socket of both kinds gives IPv4: no network that all of them share.
        assert_ne!(network_of("::ffff:10.0.0.1"), network_of("::ffff:10.0.0.2"));
        assert_eq!(network_of("::ffff:10.0.0.1"), network_of("10.0.0.1"));
    }

    #[test]
    fn a_name_counts_as_one_however_it_is_typed() {
        assert_eq!(name_key(" Ada "), name_key("ada"));
        assert_ne!(name_key("ada"), name_key("bob"));
        assert!(!name_key("my password").contains("password"));
        assert_eq!(name_key(&"x".repeat(100_000)).len(), name_key("").len());
    }
}
