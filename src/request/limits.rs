//! Limits on what costs: sign-in, registration, checkout, messages; by address (IPv6: by /64), shared by all servers.

use std::net::IpAddr;

use super::{Actor, App, AppError, ErrorKind};
use crate::infra::rate_limit::Verdict;

/// What is limited.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Limit {
    /// Tries to sign in.
    SignIn,
    /// New accounts.
    Register,
    /// Placements of orders.
    Checkout,
    /// Messages to the shop and calls asked for.
    Contact,
}

/// Counts one use against the limit of the actor's address.
///
/// # Errors
/// 429 with Retry-After when the limit is reached.
pub async fn check_limit(app: &App, actor: &Actor, limit: Limit) -> Result<(), AppError> {
    let (name, per_minute) = match limit {
        Limit::SignIn => ("sign-in", app.config.limits.sign_in),
        Limit::Register => ("register", app.config.limits.register),
        Limit::Checkout => ("checkout", app.config.limits.checkout),
        Limit::Contact => ("contact", app.config.limits.contact),
    };
    match app.limiter.check(&format!("{name}:{}", network_of(&actor.device().ip)), per_minute).await {
        Verdict::Allowed => Ok(()),
        Verdict::RetryAfter(seconds) => {
            let message = "Too many tries in a short time. Please wait a moment.";
            Err(AppError::new(ErrorKind::TooMany, "too_many_requests", message).retry_after(seconds))
        }
    }
}

// A household has a whole /64 of IPv6 addresses: limiting one of them limits nobody.
fn network_of(ip: &str) -> String {
    match ip.parse() {
        Ok(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        _ => ip.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_one_ipv6_network_share_a_limit() {
        assert_eq!(network_of("2001:db8:1:2:3::4"), network_of("2001:db8:1:2:ffff::1"));
        assert_ne!(network_of("10.0.0.1"), network_of("10.0.0.2"));
    }
}
