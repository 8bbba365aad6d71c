//! Amounts of money: whole minor units with their currency, checked arithmetic, never a float, JSON included.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::value::RawValue;
use thiserror::Error;

use super::{Currency, Quantity};

/// An amount in minor units (cents) of a currency.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Money {
    minor: i64,
    currency: Currency,
}

/// Why an amount could not be read or reckoned.
#[derive(Debug, Error, PartialEq, Eq, Clone, Copy)]
pub enum MoneyError {
    /// Not digits with at most two decimals.
    #[error("an amount is written with digits and at most two decimals, like 19.90")]
    Malformed,
    /// Larger than 64 bits of minor units carry.
    #[error("the amount is too large")]
    Overflow,
    /// Two currencies in one sum.
    #[error("amounts of two currencies cannot be added")]
    CurrencyMismatch,
}

/// How a fraction of a minor unit is rounded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rounding {
    /// To the nearest, halves away from zero: what tax offices expect on an invoice.
    HalfUp,
    /// Towards zero.
    Down,
}

/// A rate in hundredths of a percent: 800 is 8 %.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BasisPoints(pub i32);

impl Money {
    /// `minor` units of `currency`.
    #[must_use]
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Nothing, in `currency`.
    #[must_use]
    pub const fn zero(currency: Currency) -> Self {
        Self::new(0, currency)
    }

    /// Reads `19.9`, `19.90` or `1990` as major units with at most two decimals.
    ///
    /// # Errors
    /// [`MoneyError::Malformed`] for anything else (signs, exponents, a third decimal), [`MoneyError::Overflow`] beyond 64 bits.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        let (major, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if major.is_empty() || !digits(major) || !digits(fraction) || fraction.len() > 2 || text.trim().ends_with('.') {
            return Err(MoneyError::Malformed);
        }
        let major: i64 = major.parse().map_err(|_| MoneyError::Overflow)?;
        let cents: i64 = format!("{fraction:0<2}").parse().map_err(|_| MoneyError::Malformed)?;
        let minor = major.checked_mul(100).and_then(|minor| minor.checked_add(cents)).ok_or(MoneyError::Overflow)?;
        Ok(Self::new(minor, currency))
    }

    /// The amount in minor units.
    #[must_use]
    pub const fn minor(self) -> i64 {
        self.minor
    }

    /// The currency.
    #[must_use]
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// Whether the amount is nothing.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.minor == 0
    }

    /// The sum.
    ///
    /// # Errors
    /// Two currencies, or overflow.
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        let minor = self.minor.checked_add(other.minor).ok_or(MoneyError::Overflow)?;
        Ok(Self::new(minor, self.currency))
    }

    /// The difference; may be negative.
    ///
    /// # Errors
    /// Two currencies, or overflow.
    pub fn minus(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        let minor = self.minor.checked_sub(other.minor).ok_or(MoneyError::Overflow)?;
        Ok(Self::new(minor, self.currency))
    }

    /// The amount for several pieces.
    ///
    /// # Errors
    /// Overflow.
    pub fn times(self, quantity: Quantity) -> Result<Self, MoneyError> {
        let minor = self.minor.checked_mul(i64::from(quantity.get())).ok_or(MoneyError::Overflow)?;
        Ok(Self::new(minor, self.currency))
    }

    /// The tax on top of a net amount: `amount × rate`.
    ///
    /// # Errors
    /// Overflow.
    pub fn tax_on_top(self, rate: BasisPoints, rounding: Rounding) -> Result<Self, MoneyError> {
        self.ratio(i128::from(rate.0), 10_000, rounding)
    }

    /// The tax contained in a gross amount: `amount × rate / (1 + rate)`.
    ///
    /// # Errors
    /// Overflow.
    pub fn tax_included(self, rate: BasisPoints, rounding: Rounding) -> Result<Self, MoneyError> {
        self.ratio(i128::from(rate.0), 10_000 + i128::from(rate.0), rounding)
    }

    /// The sum of many amounts of one currency.
    ///
    /// # Errors
    /// Two currencies, or overflow.
    pub fn sum(currency: Currency, amounts: impl IntoIterator<Item = Self>) -> Result<Self, MoneyError> {
        amounts.into_iter().try_fold(Self::zero(currency), Self::plus)
    }

    /// `19.90`: plain digits, a point and two decimals, as JSON and forms carry it.
    #[must_use]
    pub fn to_decimal(self) -> String {
        let sign = if self.minor < 0 { "-" } else { "" };
        let (major, cents) = (self.minor.unsigned_abs() / 100, self.minor.unsigned_abs() % 100);
        format!("{sign}{major}.{cents:02}")
    }

    fn ratio(self, numerator: i128, denominator: i128, rounding: Rounding) -> Result<Self, MoneyError> {
        let product = i128::from(self.minor) * numerator;
        let half = match rounding {
            Rounding::HalfUp => denominator / 2 * product.signum(),
            Rounding::Down => 0,
        };
        let minor = i64::try_from((product + half) / denominator).map_err(|_| MoneyError::Overflow)?;
        Ok(Self::new(minor, self.currency))
    }

    fn same_currency(self, other: Self) -> Result<(), MoneyError> {
        if self.currency == other.currency { Ok(()) } else { Err(MoneyError::CurrencyMismatch) }
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.to_decimal(), self.currency)
    }
}

/// As a JSON number with two decimals, to the digit: `19.90`.
impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let raw = RawValue::from_string(self.to_decimal()).map_err(serde::ser::Error::custom)?;
        raw.serialize(serializer)
    }
}

/// An amount in a JSON body, still without a currency: the digits as they were written, read with [`Money::parse`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DecimalText(pub String);

impl<'de> Deserialize<'de> for DecimalText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let text = raw.get().trim_matches('"');
        if text.len() > 40 {
            return Err(de::Error::custom(MoneyError::Malformed));
        }
        Ok(Self(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const USD: Currency = Currency::USD;

    #[test]
    fn an_amount_is_read_exactly_or_refused() {
        assert_eq!(Money::parse("19.9", USD), Ok(Money::new(1990, USD)));
        assert_eq!(Money::parse("0.05", USD), Ok(Money::new(5, USD)));
        assert_eq!(Money::parse("7", USD), Ok(Money::new(700, USD)));
        for bad in ["", ".5", "1.", "1.234", "-1", "1e3", "1,5", "NaN", "١"] {
            assert_eq!(Money::parse(bad, USD), Err(MoneyError::Malformed), "{bad}");
        }
        assert_eq!(Money::parse("99999999999999999999", USD), Err(MoneyError::Overflow));
    }

    #[test]
    fn included_tax_is_the_part_of_the_gross_amount() {
        let tax = Money::new(10_800, USD).tax_included(BasisPoints(800), Rounding::HalfUp);
        assert_eq!(tax, Ok(Money::new(800, USD)));
    }

    #[test]
    fn json_carries_two_decimals_to_the_digit() {
        assert_eq!(serde_json::to_string(&Money::new(1990, USD)).ok().as_deref(), Some("19.90"));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(minor in 0i64..1_000_000_000_000) {
            let money = Money::new(minor, USD);
            prop_assert_eq!(Money::parse(&money.to_decimal(), USD), Ok(money));
        }

        #[test]
        fn included_tax_and_net_make_the_gross(minor in 0i64..1_000_000_000, rate in 0i32..10_000) {
            let gross = Money::new(minor, USD);
            let tax = gross.tax_included(BasisPoints(rate), Rounding::HalfUp).unwrap();
            let net = gross.minus(tax).unwrap();
            let again = net.tax_on_top(BasisPoints(rate), Rounding::HalfUp).unwrap();
            prop_assert!((again.minor() - tax.minor()).abs() <= 1);
        }
    }
}
