//! Random tokens and signed links.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use time::OffsetDateTime;

/// 256 random bits as 43 letters for a cookie or a link.
#[must_use]
pub fn random() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}

/// What is stored of a token: its SHA-256. The token has 256 bits of its own, so no salt is needed.
#[must_use]
pub fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// `expiry.signature` for a subject such as `order:ABCD-…`, good until `expires`.
#[must_use]
pub fn sign(key: &SecretString, subject: &str, expires: OffsetDateTime) -> String {
    let expires = expires.unix_timestamp();
    format!("{expires}.{}", URL_SAFE_NO_PAD.encode(mac(key, subject, expires)))
}

/// Whether `token` was made by [`sign`] for this subject and has not expired.
#[must_use]
pub fn verify(key: &SecretString, subject: &str, token: &str, now: OffsetDateTime) -> bool {
    let Some((expires, signature)) = token.split_once('.') else { return false };
    let (Ok(expires), Ok(signature)) = (expires.parse::<i64>(), URL_SAFE_NO_PAD.decode(signature)) else {
        return false;
    };
    let genuine: bool = mac(key, subject, expires).ct_eq(&signature).into();
    genuine && expires > now.unix_timestamp()
}

fn mac(key: &SecretString, subject: &str, expires: i64) -> Vec<u8> {
    // HMAC takes a key of any length; the error of `new_from_slice` cannot occur and would only make signatures that fit nothing.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.expose_secret().as_bytes()) else {
        return random().into_bytes();
    };
    mac.update(format!("link:{subject}:{expires}").as_bytes());
    mac.finalize().into_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use time::Duration;

    use super::*;

    #[test]
    fn a_link_is_good_for_its_subject_until_it_expires() {
        let (key, now) = (SecretString::from("k".repeat(64)), OffsetDateTime::UNIX_EPOCH + Duration::days(20_000));
        let token = sign(&key, "order:A", now + Duration::hours(1));
        assert!(verify(&key, "order:A", &token, now));
        assert!(!verify(&key, "order:B", &token, now));
        assert!(!verify(&key, "order:A", &token, now + Duration::hours(2)));
        assert!(!verify(&"x".repeat(64).into(), "order:A", &token, now));
        for garbage in ["", ".", "1.", "x.y", "99999999999999999999.AAAA"] {
            assert!(!verify(&key, "order:A", garbage, now), "{garbage}");
        }
    }
}
