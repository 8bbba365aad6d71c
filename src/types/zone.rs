//! The shop's time zone: what the clock on its wall says, and when that is.

use std::str::FromStr;

use time::{Date, Duration, OffsetDateTime, PrimitiveDateTime, Time};
use time_tz::{OffsetDateTimeExt, OffsetResult, PrimitiveDateTimeExt, TimeZone, Tz};

use super::LocaleError;

// Longer than any change of clocks; even the day that Samoa left out fits.
const LONGEST_GAP_MINUTES: i64 = 26 * 60;

/// A zone of the time zone database.
#[derive(Clone, Copy, Debug)]
pub struct Zone(&'static Tz);

impl Zone {
    /// Its name, such as `Europe/Berlin`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// Its name as people read it: `America/New York`, `UTC`.
    #[must_use]
    pub fn shown(self) -> String {
        self.name().trim_start_matches("Etc/").replace('_', " ")
    }

    /// What the clock on the wall says at a moment.
    #[must_use]
    pub fn local(self, at: OffsetDateTime) -> OffsetDateTime {
        at.to_timezone(self.0)
    }

    /// When the clock on the wall first says this: in the hour that spring takes away, the moment of the change.
    #[must_use]
    pub fn first(self, date: Date, time: Time) -> OffsetDateTime {
        self.find(date, time).0
    }

    /// When it says this for the last time: in the hour that autumn gives twice, the second one.
    #[must_use]
    pub fn last(self, date: Date, time: Time) -> OffsetDateTime {
        self.find(date, time).1
    }

    fn find(self, date: Date, time: Time) -> (OffsetDateTime, OffsetDateTime) {
        let wanted = PrimitiveDateTime::new(date, time);
        for minutes in 0..LONGEST_GAP_MINUTES {
            let Some(local) = wanted.checked_add(Duration::minutes(minutes)) else { break };
            match local.assume_timezone(self.0) {
                OffsetResult::Some(at) => return (at, at),
                OffsetResult::Ambiguous(one, other) => return (one.min(other), one.max(other)),
                OffsetResult::None => {}
            }
        }
        // No zone leaves out more than a day.
        (wanted.assume_utc(), wanted.assume_utc())
    }
}

impl FromStr for Zone {
    type Err = LocaleError;

    fn from_str(name: &str) -> Result<Self, LocaleError> {
        time_tz::timezones::get_by_name(name).map(Self).ok_or_else(|| LocaleError::Zone(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use time::macros::{date, datetime, time};

    use super::*;

    #[test]
    fn the_hour_that_spring_takes_away_begins_with_the_change() {
        let berlin: Zone = "Europe/Berlin".parse().unwrap();
        assert_eq!(berlin.first(date!(2027 - 03 - 28), time!(02:30)), datetime!(2027-03-28 01:00 UTC));
        assert_eq!(berlin.first(date!(2027 - 03 - 28), time!(03:00)), datetime!(2027-03-28 01:00 UTC));
    }

    #[test]
    fn the_hour_that_autumn_gives_twice_has_a_first_and_a_last() {
        let berlin: Zone = "Europe/Berlin".parse().unwrap();
        assert_eq!(berlin.first(date!(2026 - 10 - 25), time!(02:30)), datetime!(2026-10-25 00:30 UTC));
        assert_eq!(berlin.last(date!(2026 - 10 - 25), time!(02:30)), datetime!(2026-10-25 01:30 UTC));
    }

    #[test]
    fn a_zone_is_known_by_its_name() {
        assert_eq!("America/New_York".parse::<Zone>().unwrap().name(), "America/New_York");
        assert_eq!("America/New_York".parse::<Zone>().unwrap().shown(), "America/New York");
        assert!("Mars/Base".parse::<Zone>().is_err());
    }
}
