//! Idempotency: one placement, however often it is asked for.

use serde_json::json;

use super::{IdempotencyKey, PlaceError, Placement, sql};
use crate::{
    domain::accounts::Owner,
    infra::{
        database::{self, Tx},
        tokens,
    },
    types::{Money, OrderId},
};

/// What an earlier request with the key came to.
pub(super) struct Earlier {
    pub order: OrderId,
    pub declined: bool,
}

/// Claims the key for this transaction: `None`, and the way is free. While another request with it is running this waits, on the
/// unique index and up to `lock_timeout`, for that one's outcome.
pub(super) async fn claim(tx: &mut Tx, owner: Owner, placement: &Placement) -> Result<Option<Earlier>, PlaceError> {
    let (owner, fingerprint) = (owner_text(owner), fingerprint(placement));
    let claimed = sql::claim(tx, &owner, placement.key.as_str(), &fingerprint).await;
    if claimed.map_err(still_running)? {
        return Ok(None);
    }
    // Gone again or without an outcome: deleted just now. A new try finds the way free.
    let row = sql::find(tx, &owner, placement.key.as_str()).await?.ok_or(PlaceError::StillRunning)?;
    if row.fingerprint != fingerprint {
        return Err(PlaceError::KeyReused);
    }
    let (order, outcome) = row.order_id.zip(row.outcome).ok_or(PlaceError::StillRunning)?;
    Ok(Some(Earlier { order: OrderId(order), declined: outcome == "declined" }))
}

/// Writes the outcome beside the key, to be replayed from now on.
pub(super) async fn record(
    tx: &mut Tx,
    owner: Owner,
    key: &IdempotencyKey,
    order: OrderId,
    declined: bool,
) -> Result<(), sqlx::Error> {
    let outcome = if declined { "declined" } else { "placed" };
    sql::record(tx, &owner_text(owner), key.as_str(), order, outcome).await
}

fn still_running(error: sqlx::Error) -> PlaceError {
    if database::is_lock_timeout(&error) { PlaceError::StillRunning } else { error.into() }
}

// Nobody replays another's key.
fn owner_text(owner: Owner) -> String {
    match owner {
        Owner::Customer(user) => format!("user:{user}"),
        Owner::Visitor(visitor) => format!("visitor:{visitor}"),
    }
}

/// SHA-256 of what was asked. The card's number is no part of it: not even its hash is stored, since numbers can be tried out.
fn fingerprint(placement: &Placement) -> [u8; 32] {
    let asked = json!({
        "contact_email": placement.contact_email,
        "shipping_address": placement.shipping_address,
        "delivery": placement.delivery.id(),
        "payment_method": placement.payment_method.id(),
        "expected_total": placement.expected_total.map(Money::minor),
    });
    tokens::hash(&asked.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{domain::checkout::Delivery, types::Address};

    fn placement() -> Placement {
        Placement {
            key: IdempotencyKey::random(),
            contact_email: "ada@example.com".parse().unwrap(),
            shipping_address: Address { line1: "12 Mill Lane".into(), ..Address::default() },
            delivery: Delivery::Standard,
            payment_method: "cod".parse().unwrap(),
            card: None,
            expected_total: None,
        }
    }

    #[test]
    fn a_fingerprint_tells_requests_apart_but_not_cards() {
        let (one, mut other) = (placement(), placement());
        other.card = Some("4242424242424242".parse().unwrap());
        assert_eq!(fingerprint(&one), fingerprint(&other));
        let total = Some(Money::new(1, crate::types::Currency::USD));
        for changed in [
            Placement { contact_email: "bob@example.com".parse().unwrap(), ..placement() },
            Placement { shipping_address: Address::default(), ..placement() },
            Placement { delivery: Delivery::Express, ..placement() },
            Placement { payment_method: "upi".parse().unwrap(), ..placement() },
            Placement { expected_total: total, ..placement() },
        ] {
            assert_ne!(fingerprint(&one), fingerprint(&changed));
        }
    }
}
