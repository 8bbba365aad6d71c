//! How amounts and dates are written for people.

use std::str::FromStr;

use thiserror::Error;
use time::{Date, OffsetDateTime, Time};

use super::{Money, Zone};

/// A language and region, with the shop's time zone: what the money and date filters take.
#[derive(Clone, Copy, Debug)]
pub struct Locale {
    style: Style,
    zone: Zone,
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
        Ok(Self { style: *style, zone: zone.parse()? })
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
        let local = self.zone.local(at);
        let month = &local.month().to_string()[..3];
        if self.style.month_first {
            format!("{month} {}, {}", local.day(), local.year())
        } else {
            format!("{} {month} {}", local.day(), local.year())
        }
    }

    /// The shop's zone.
    #[must_use]
    pub const fn zone(&self) -> Zone {
        self.zone
    }

    /// A day of the near future or past: `Tuesday, November 24` or `Tuesday 24 November`.
    #[must_use]
    pub fn day(&self, date: Date) -> String {
        if self.style.month_first {
            format!("{}, {} {}", date.weekday(), date.month(), date.day())
        } else {
            format!("{} {} {}", date.weekday(), date.day(), date.month())
        }
    }

    /// A time of day: `1:30 PM` or `13:30`. The space does not break: a line never begins with `PM`.
    #[must_use]
    pub fn clock(&self, time: Time) -> String {
        if self.style.month_first {
            let half = if time.hour() < 12 { "AM" } else { "PM" };
            format!("{}:{:02}\u{a0}{half}", (time.hour() + 11) % 12 + 1, time.minute())
        } else {
            format!("{:02}:{:02}", time.hour(), time.minute())
        }
    }

    /// The time of day of a moment, in the shop's zone.
    #[must_use]
    pub fn time(&self, at: OffsetDateTime) -> String {
        self.clock(self.zone.local(at).time())
    }

    /// The date with the time of day, in the shop's zone.
    #[must_use]
    pub fn date_time(&self, at: OffsetDateTime) -> String {
        format!("{}, {}", self.date(at), self.time(at))
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
    use time::macros::{date, datetime, time};

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
    #[test]
    fn days_and_times_follow_the_custom_of_the_place() {
        let [us, gb] = ["en-US", "en-GB"].map(|tag| Locale::new(tag, "UTC").unwrap());
        let (day, noon) = (date!(2026 - 11 - 24), time!(12:05));
        assert_eq!((us.day(day), gb.day(day)), ("Tuesday, November 24".into(), "Tuesday 24 November".into()));
        assert_eq!((us.clock(noon), gb.clock(noon)), ("12:05\u{a0}PM".into(), "12:05".into()));
        assert_eq!(us.clock(time!(0:00)), "12:00\u{a0}AM");
    }
}
