//! How amounts and dates are written for people.

use std::str::FromStr;

use thiserror::Error;
use time::OffsetDateTime;
use time_tz::{OffsetDateTimeExt, Tz};

use super::Money;

/// A language and region, with the shop's time zone: what the money and date filters take.
#[derive(Clone, Copy, Debug)]
pub struct Locale {
    style: Style,
    zone: &'static Tz,
}

/// Why a locale or a zone was refused.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum LocaleError {
    /// Formats are known for these alone.
    #[error("'{0}' is no locale this shop knows: use en-US, en-GB or de-DE")]
    Unknown(String),
    /// Not in the time zone database.
    #[error("'{0}' is no time zone: use a name like Europe/Berlin")]
    Zone(String),
}

#[derive(Clone, Copy, Debug)]
struct Style {
    tag: &'static str,
    group: char,
    decimal: char,
    symbol_first: bool,
    month_first: bool,
}

const STYLES: [Style; 3] = [
    Style { tag: "en-US", group: ',', decimal: '.', symbol_first: true, month_first: true },
    Style { tag: "en-GB", group: ',', decimal: '.', symbol_first: true, month_first: false },
    Style { tag: "de-DE", group: '.', decimal: ',', symbol_first: false, month_first: false },
];

impl Locale {
    /// A locale such as `en-US` in a zone such as `Europe/Berlin`.
    ///
    /// # Errors
    /// The tag or the zone is not known.
    pub fn new(tag: &str, zone: &str) -> Result<Self, LocaleError> {
        let style = STYLES.iter().find(|style| style.tag == tag).ok_or_else(|| LocaleError::Unknown(tag.to_owned()))?;
        let zone = time_tz::timezones::get_by_name(zone).ok_or_else(|| LocaleError::Zone(zone.to_owned()))?;
        Ok(Self { style: *style, zone })
    }

    /// The language of the texts, whatever the region of the formats: English so far.
    #[must_use]
    pub const fn language(&self) -> &'static str {
        "en"
    }

    /// The tag, as `lang` attributes carry it.
    #[must_use]
    pub const fn tag(&self) -> &'static str {
        self.style.tag
    }

    /// `$1,234.50`, or `1.234,50 €` where that is the custom.
    #[must_use]
    pub fn money(&self, money: Money) -> String {
        let decimal = money.to_decimal();
        let (sign, digits) = decimal.strip_prefix('-').map_or(("", decimal.as_str()), |digits| ("-", digits));
        let (major, cents) = digits.split_once('.').unwrap_or((digits, "00"));
        let number = format!("{}{}{cents}", grouped(major, self.style.group), self.style.decimal);
        let currency = money.currency();
        let symbol = currency.symbol();
        match (self.style.symbol_first, symbol.len() == 3 && symbol.is_ascii()) {
            (true, true) => format!("{sign}{symbol}\u{a0}{number}"),
            (true, false) => format!("{sign}{symbol}{number}"),
            (false, _) => format!("{sign}{number}\u{a0}{symbol}"),
        }
    }

    /// `2,000`, or `2.000` where that is the custom.
    #[must_use]
    pub fn count(&self, number: i64) -> String {
        let sign = if number < 0 { "-" } else { "" };
        format!("{sign}{}", grouped(&number.unsigned_abs().to_string(), self.style.group))
    }

    /// `Nov 21, 2026` or `21 Nov 2026`, in the shop's zone.
    #[must_use]
    pub fn date(&self, at: OffsetDateTime) -> String {
        let local = at.to_timezone(self.zone);
        let month = &local.month().to_string()[..3];
        if self.style.month_first {
            format!("{month} {}, {}", local.day(), local.year())
        } else {
            format!("{} {month} {}", local.day(), local.year())
        }
    }

    /// The date with the time of day, in the shop's zone.
    #[must_use]
    pub fn date_time(&self, at: OffsetDateTime) -> String {
        let local = at.to_timezone(self.zone);
        let clock = if self.style.month_first {
            let half = if local.hour() < 12 { "AM" } else { "PM" };
            format!("{}:{:02} {half}", (local.hour() + 11) % 12 + 1, local.minute())
        } else {
            format!("{:02}:{:02}", local.hour(), local.minute())
        };
        format!("{}, {clock}", self.date(at))
    }
}

impl FromStr for Locale {
    type Err = LocaleError;

    fn from_str(tag: &str) -> Result<Self, Self::Err> {
        Self::new(tag, "UTC")
    }
}

fn grouped(digits: &str, group: char) -> String {
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(group);
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::types::Currency;

    #[test]
    fn amounts_follow_the_custom_of_the_place() {
        let amount = Money::new(123_450, Currency::USD);
        assert_eq!(Locale::new("en-US", "UTC").unwrap().money(amount), "$1,234.50");
        assert_eq!(Locale::new("de-DE", "UTC").unwrap().money(amount), "1.234,50\u{a0}$");
    }

    #[test]
    fn large_numbers_are_grouped() {
        let locale = Locale::new("en-US", "UTC").unwrap();
        assert_eq!([0, 999, 2_000, -1_234_567].map(|number| locale.count(number)), ["0", "999", "2,000", "-1,234,567"]);
    }

    #[test]
    fn times_are_shown_in_the_zone_of_the_shop() {
        let at = datetime!(2026-11-21 23:30 UTC);
        let berlin = Locale::new("en-GB", "Europe/Berlin").unwrap();
        assert_eq!(berlin.date_time(at), "22 Nov 2026, 00:30");
    }
}
