//! The demo gateway: answers at once, in the process, and moves no money.

use super::{CardNumber, GatewayAnswer, PaymentMethod};
use crate::infra::tokens;

/// The card that is always declined; any other number that passes the Luhn check is approved.
pub const DECLINED_CARD: &str = "4000000000000002";

/// What a gateway would say. Cash on delivery is due later; the rest is approved, but for the card that is documented as declined.
#[must_use]
pub fn authorise(method: PaymentMethod, card: Option<&CardNumber>) -> GatewayAnswer {
    match method {
        PaymentMethod::CashOnDelivery => GatewayAnswer::Due,
        method if method.needs_card() && card.is_some_and(|card| card.expose() == DECLINED_CARD) => {
            GatewayAnswer::Declined
        }
        PaymentMethod::CreditCard
        | PaymentMethod::DebitCard
        | PaymentMethod::Paypal
        | PaymentMethod::Upi
        | PaymentMethod::BankTransfer => GatewayAnswer::Approved { reference: format!("demo_{}", tokens::random()) },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_documented_card_is_declined() {
        let declined: CardNumber = "4000 0000 0000 0002".parse().unwrap();
        let good: CardNumber = "4242 4242 4242 4242".parse().unwrap();
        assert_eq!(authorise(PaymentMethod::CreditCard, Some(&declined)), GatewayAnswer::Declined);
        assert_eq!(authorise(PaymentMethod::DebitCard, Some(&declined)), GatewayAnswer::Declined);
        assert!(matches!(authorise(PaymentMethod::CreditCard, Some(&good)), GatewayAnswer::Approved { .. }));
        assert!(matches!(authorise(PaymentMethod::Paypal, Some(&declined)), GatewayAnswer::Approved { .. }));
        assert_eq!(authorise(PaymentMethod::CashOnDelivery, None), GatewayAnswer::Due);
    }
}
