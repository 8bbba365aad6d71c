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
    sum % 10 == 0
}
