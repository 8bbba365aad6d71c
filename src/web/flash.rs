//! One message for the next page, in a short-lived cookie: it works for visitors without a session, and when Redis is away.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use time::Duration;

use crate::{
    request::{Cookies, cookies::FLASH},
    views::layout::Flash,
};

/// Leaves a message for the next page.
pub fn leave(cookies: &Cookies, flash: &Flash) {
    if let Ok(json) = serde_json::to_vec(flash) {
        cookies.set(FLASH, URL_SAFE_NO_PAD.encode(json), Some(Duration::minutes(1)));
    }
}

/// Takes the message that the last page left. Whatever else stands in the cookie is no message.
pub fn take(cookies: &Cookies) -> Option<Flash> {
    let text = cookies.get(FLASH)?;
    cookies.remove(FLASH);
    let flash: Flash = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
    let local = flash.action.as_ref().is_none_or(|action| action.url.starts_with('/') && !action.url.starts_with("//"));
    local.then_some(flash)
}
