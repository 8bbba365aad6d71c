//! The state machine of a payment, methods, card numbers.

use std::{fmt, str::FromStr};

use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;

/// How an order is paid.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum PaymentMethod {
    /// `credit_card`.
    CreditCard,
    /// `debit_card`.
    DebitCard,
    /// `paypal`.
    Paypal,
    /// `upi`.
    Upi,
    /// `bank_transfer`.
    BankTransfer,
    /// `cod`: cash on delivery.
    CashOnDelivery,
}

/// Where a payment stands.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum PaymentState {
    /// Asked of the gateway, no answer yet.
    Pending,
    /// To be paid on delivery.
    Due,
    /// Paid.
    Captured,
    /// Refused by the gateway.
    Declined,
    /// Given up before it was paid.
    Voided,
    /// Paid back.
    Refunded,
}

/// What a gateway says of a payment, at once or later through its webhook.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum GatewayAnswer {
    /// The money is here; the gateway's own name for it.
    Approved {
        /// Unique, so that one capture is not booked on two orders.
        reference: String,
    },
    /// Nothing to capture: paid on delivery.
    Due,
    /// Refused.
    Declined,
}

/// A card number as typed: 12 to 19 digits that pass the Luhn check. Never stored, never printed.
#[derive(Clone, Debug)]
pub struct CardNumber(SecretString);

/// Why a text is no card number.
#[derive(Debug, Error, PartialEq, Eq, Clone, Copy)]
#[error("Please check the card number")]
pub struct CardError;

impl PaymentMethod {
    /// All, in the order they are offered.
    pub const ALL: [Self; 6] =
        [Self::CreditCard, Self::DebitCard, Self::Paypal, Self::Upi, Self::BankTransfer, Self::CashOnDelivery];

    /// The id that forms, JSON and the database use.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::CreditCard => "credit_card",
            Self::DebitCard => "debit_card",
            Self::Paypal => "paypal",
            Self::Upi => "upi",
            Self::BankTransfer => "bank_transfer",
            Self::CashOnDelivery => "cod",
        }
    }

    /// What people read.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::CreditCard => "Credit card",
            Self::DebitCard => "Debit card",
            Self::Paypal => "PayPal",
            Self::Upi => "UPI",
            Self::BankTransfer => "Bank transfer",
            Self::CashOnDelivery => "Cash on delivery",
        }
    }

    /// The name of its icon in the sprite.
    #[must_use]
    pub const fn icon(self) -> &'static str {
        match self {
            Self::CreditCard | Self::DebitCard => "credit-card",
            Self::Paypal => "paypal",
            Self::Upi => "phone",
            Self::BankTransfer => "bank",
            Self::CashOnDelivery => "cash",
        }
    }

    /// Whether a card number belongs to it.
    #[must_use]
    pub const fn needs_card(self) -> bool {
        matches!(self, Self::CreditCard | Self::DebitCard)
    }
}

impl PaymentState {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Pending, Self::Due, Self::Captured, Self::Declined, Self::Voided, Self::Refunded];

    /// The id that the database uses.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Due => "due",
            Self::Captured => "captured",
            Self::Declined => "declined",
            Self::Voided => "voided",
            Self::Refunded => "refunded",
        }
    }

    /// What people read.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "Payment open",
            Self::Due => "To be paid on delivery",
            Self::Captured => "Paid",
            Self::Declined => "Declined",
            Self::Voided => "Nothing to pay",
            Self::Refunded => "Paid back",
        }
    }

    /// Where a gateway's answer leads; `None` where it changes nothing, such as the same answer told twice.
    #[must_use]
    pub const fn after(self, answer: &GatewayAnswer) -> Option<Self> {
        match (self, answer) {
            (Self::Pending, GatewayAnswer::Due) => Some(Self::Due),
            (Self::Pending, GatewayAnswer::Declined) => Some(Self::Declined),
            (Self::Pending | Self::Due, GatewayAnswer::Approved { .. }) => Some(Self::Captured),
            (Self::Due | Self::Captured | Self::Declined | Self::Voided | Self::Refunded, _) => None,
        }
    }

    /// Where it ends when its order is called off: unpaid is voided, paid is paid back; `None` where it has ended already.
    #[must_use]
    pub const fn called_off(self) -> Option<Self> {
        match self {
            Self::Pending | Self::Due => Some(Self::Voided),
            Self::Captured => Some(Self::Refunded),
            Self::Declined | Self::Voided | Self::Refunded => None,
        }
    }
}

impl FromStr for PaymentState {
    type Err = ();

    fn from_str(id: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|state| state.id() == id).ok_or(())
    }
}

impl fmt::Display for PaymentState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

impl FromStr for PaymentMethod {
    type Err = ();

    fn from_str(id: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|method| method.id() == id).ok_or(())
    }
}

impl CardNumber {
    /// The digits, for the gateway alone.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl FromStr for CardNumber {
    type Err = CardError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() > 40 {
            return Err(CardError);
        }
        let digits: String = text.chars().filter(|letter| !matches!(letter, ' ' | '-')).collect();
        let numeric = digits.bytes().all(|byte| byte.is_ascii_digit());
        if numeric && (12..=19).contains(&digits.len()) && luhn(&digits) {
            Ok(Self(digits.into()))
        } else {
            Err(CardError)
        }
    }
}

impl fmt::Display for PaymentMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

fn luhn(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(index, byte)| {
            let digit = u32::from(byte - b'0');
            let doubled = if index % 2 == 1 { digit * 2 } else { digit };
            if doubled > 9 { doubled - 9 } else { doubled }
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Clone, Debug)]
    enum Told {
        Answer(GatewayAnswer),
        CalledOff,
    }

    fn told() -> impl Strategy<Value = Told> {
        let approved = GatewayAnswer::Approved { reference: "r".into() };
        prop::sample::select(vec![
            Told::Answer(approved),
            Told::Answer(GatewayAnswer::Due),
            Told::Answer(GatewayAnswer::Declined),
            Told::CalledOff,
        ])
    }

    #[test]
    fn only_digits_that_pass_the_luhn_check_are_a_card_number() {
        for good in ["4242 4242 4242 4242", "4000-0000-0000-0002", "378282246310005"] {
            assert!(good.parse::<CardNumber>().is_ok(), "{good}");
        }
        for bad in ["", "4242 4242 4242 4241", "42", "4242x4242x4242x4242", "٤٢٤٢٤٢٤٢٤٢٤٢٤٢٤٢"] {
            assert_eq!(bad.parse::<CardNumber>().err(), Some(CardError), "{bad}");
        }
    }

    #[test]
    fn a_card_number_is_not_printed() {
        let card: CardNumber = "4242424242424242".parse().unwrap();
        assert!(!format!("{card:?}").contains("4242"));
    }

    #[test]
    fn methods_and_states_are_read_back_from_their_ids() {
        for method in PaymentMethod::ALL {
            assert_eq!(method.id().parse(), Ok(method));
        }
        for state in PaymentState::ALL {
            assert_eq!(state.id().parse(), Ok(state));
        }
    }

    proptest! {
        #[test]
        fn money_is_captured_once_and_paid_back_once(told in prop::collection::vec(told(), 0..20)) {
            let mut state = PaymentState::Pending;
            let (mut captured, mut refunded) = (0, 0);
            for word in told {
                let next = match word {
                    Told::Answer(answer) => state.after(&answer),
                    Told::CalledOff => state.called_off(),
                };
                let Some(next) = next else { continue };
                captured += i32::from(next == PaymentState::Captured);
                refunded += i32::from(next == PaymentState::Refunded);
                state = next;
            }
            prop_assert!(captured <= 1 && refunded <= captured);
        }
    }
}
